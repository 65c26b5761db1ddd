"""What all tests and doctests share: threads, explorations that are built once, and where Chromium and Node are.

A doctest finds an exploration of the 300 lesson sentences, a copy of its own with vectors of `HashEmbedder`, under the
name `exploration`, and runs in an empty folder.
"""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

# A busy machine is no fault, and in CI a law is tried on the same examples each time; elsewhere on new ones.
settings.register_profile(
    "house", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=bool(os.environ.get("CI"))
)
settings.load_profile("house")

if "PYTEST_XDIST_WORKER" in os.environ:
    # One process a core: more threads in each only wait for one another. Kernels and commands inherit this.
    for library in ("OMP", "MKL", "OPENBLAS", "NUMBA"):
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")

if TYPE_CHECKING:
    from nomic_explore import Exploration

collect_ignore_glob = ["tests/data/*"]
ROOT = Path(__file__).parent
LESSON = ROOT / "data" / "lesson_sentences.csv"
# Files that take longest are started first, so that no process works on one alone at the end.
LONGEST_FIRST = (
    "test_notebooks",
    "test_site",
    "test_browser_notebook",
    "test_browser_selecting",
    "test_browser",
    "test_pages",
    "test_graph_and_projection",
    "test_exploration",
    "test_embedder",
    "test_edits",
    "test_topic_edits",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the longest files first; the order within a file stays."""

    def place(item: pytest.Item) -> int:
        return next(
            (at for at, name in enumerate(LONGEST_FIRST) if item.path.stem.startswith(name)), len(LONGEST_FIRST)
        )

    items.sort(key=place)


@pytest.fixture(scope="session")
def build_once(tmp_path_factory: pytest.TempPathFactory) -> "Callable[..., Exploration]":
    """Returns a function like `explore`, whose folder is a name: what one process has built, the others only open."""
    from filelock import FileLock

    from nomic_explore import explore

    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "built_once"
    shared.mkdir(exist_ok=True)

    def build(place: str, /, *source: object, **options: object) -> "Exploration":
        with FileLock(shared / f"{place}.lock"):
            return explore(*source, folder=shared / place, show_progress=False, **options)

    return build


@pytest.fixture(scope="session")
def lesson(build_once: "Callable[..., Exploration]") -> "Exploration":
    """An exploration of the 300 lesson sentences; tests must not change its folder."""
    return build_once("lesson", LESSON, "text", id="id")


@pytest.fixture
def lesson_copy(lesson: "Exploration", tmp_path: Path) -> "Exploration":
    """A copy of `lesson` that a test may change."""
    from nomic_explore import open_exploration

    return open_exploration(shutil.copytree(lesson.folder, tmp_path / "lesson"))


@pytest.fixture(scope="session")
def hashed(build_once: "Callable[..., Exploration]") -> "Exploration":
    """The lesson sentences with vectors that no model made; tests must not change its folder."""
    from nomic_explore.testing import HashEmbedder

    return build_once("hashed", LESSON, "text", id="id", model=HashEmbedder())


@pytest.fixture
def hashed_copy(hashed: "Exploration", tmp_path: Path) -> "Exploration":
    """A copy of `hashed` that a test may change."""
    from nomic_explore import open_exploration

    return open_exploration(shutil.copytree(hashed.folder, tmp_path / "hashed"))


@pytest.fixture(autouse=True)
def doctest_surroundings(request: pytest.FixtureRequest) -> None:
    """Gives a doctest an empty folder, and an exploration if it speaks of one."""
    test = getattr(request.node, "dtest", None)
    if test is None:
        return
    request.getfixturevalue("monkeypatch").chdir(request.getfixturevalue("tmp_path"))
    if any("exploration" in example.source for example in test.examples):
        test.globs["exploration"] = request.getfixturevalue("hashed_copy")


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Chromium; tests that ask for it are skipped where there is none, but not in CI."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        message = "no Chromium; install it (Debian: apt install chromium) or set CHROMIUM to its path"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(message)
    return path


@pytest.fixture(scope="session")
def node() -> str:
    """The path of the Node that playwright brings along, which reads TypeScript; the packages of package.json have to be there."""
    import playwright

    if not (Path(__file__).parent / "node_modules" / "lit-html").is_dir():
        message = "the packages of package.json are missing; run npm install"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(message)
    return str(Path(playwright.__file__).parent / "driver" / "node")
