"""The rules of the house: who imports what, what agrees with what, what must not be committed."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "nomic_explore"
MODULES = sorted(PACKAGE.rglob("*.py"))

# A package and the places that may import it, anywhere in their code.
OWNERS = {
    "torch": ("models/", "training/", "graph.py"),
    "transformers": ("models/", "training/"),
    "tokenizers": ("models/", "training/"),
    "pynndescent": ("graph.py",),
    "umap": ("projection.py",),
    "lancedb": ("store.py",),
    "plotly": ("view/figures.py", "view/topic_figures.py"),
    "ipywidgets": ("view/", "lab/"),
    "anywidget": ("view/", "lab/"),
}
# Rooms from the door inwards; a room may import from those at its own height or below.
HEIGHTS = {
    "checks": 0,
    "corpus": 1,
    "models": 1,
    "graph": 1,
    "projection": 2,
    "topics": 3,
    "duplicates": 3,
    "search": 1,
    "queries": 1,
    "searching": 5,
    "arguments": 0,
    "edits": 2,
    "renames": 3,
    "annotations": 4,
    "topic_names": 5,
    "topic_edits": 4,
    "reviewing": 5,
    "assigning": 4,
    "subsets": 5,
    "exports": 1,
    "store": 1,
    "progress": 1,
    "records": 4,
    "embedding": 4,
    "cleaning": 4,
    "leakage": 4,
    "stages": 5,
    "building": 5,
    "exploration": 5,
    "view": 6,
    "lab": 6,
    "training": 6,
    "terminal": 0,
    "cli_dedup": 7,
    "cli": 7,
}
# Imports against the slope, inside a function: what shows an exploration loads only when it is to be shown.
SHOWN_LATE = {("exploration", "view"), ("progress", "view")}
HEAVY = (
    "torch",
    "transformers",
    "pandas",
    "pyarrow",
    "sklearn",
    "scipy",
    "umap",
    "lancedb",
    "plotly",
    "ipywidgets",
    "rich",
)


def room_of(path: Path) -> str:
    inside = path.relative_to(PACKAGE)
    return inside.parts[0].removesuffix(".py")


def imports_of(path: Path) -> list[str]:
    """All modules a file imports, also inside functions, but not those only for type checkers."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            node.body = []
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [name.name for name in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [f"{node.module}.{name.name}" for name in node.names]
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_heavy_packages_stay_in_their_rooms(path: Path) -> None:
    place = path.relative_to(PACKAGE).as_posix()
    for name in imports_of(path):
        owners = OWNERS.get(name.split(".")[0])
        assert owners is None or place.startswith(owners), f"{place} imports {name}; only {owners} may"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_one_way(path: Path) -> None:
    room = room_of(path)
    if room == "__init__":
        return
    for name in imports_of(path):
        parts = name.split(".")
        if parts[0] != "nomic_explore" or len(parts) < 2 or parts[1] not in HEIGHTS:
            continue
        goes_down = HEIGHTS[parts[1]] <= HEIGHTS[room]
        assert goes_down or (room, parts[1]) in SHOWN_LATE, f"{path.name} imports {name}, which lies above it"


def test_every_room_has_a_height() -> None:
    assert {room_of(path) for path in MODULES} <= {*HEIGHTS, "__init__", "__main__"}


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = f"import sys, nomic_explore; print([name for name in {HEAVY} if name in sys.modules])"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "[]"


def test_every_public_name_can_be_imported() -> None:
    import nomic_explore

    for name in nomic_explore.__all__:
        assert getattr(nomic_explore, name).__doc__, name
    assert set(nomic_explore.__all__) <= set(dir(nomic_explore))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = nomic_explore.nothing


def read_lock() -> dict[str, str]:
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    pinned = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in pinned}


def read_project() -> dict[str, Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    return {canonicalize_name(Requirement(line).name): Requirement(line) for line in wanted}


def test_the_lock_satisfies_pyproject() -> None:
    lock = read_lock()
    assert lock["torch"] == "2.13.0"
    for name, requirement in read_project().items():
        assert name in lock, f"{name} is not in requirements.lock"
        assert requirement.specifier.contains(lock[name]), f"{name}: {lock[name]} is outside {requirement.specifier}"


def test_the_conda_environment_agrees_with_the_lock() -> None:
    import yaml

    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    pip = next(entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict))
    pinned = {canonicalize_name(line.split("==")[0]): line.split("==")[1] for line in pip if "==" in line}
    assert pinned == {name: read_lock()[name] for name in read_project()}


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_no_file_names_a_registry_or_a_machine() -> None:
    forbidden = re.compile(
        r"pypi\.org|registry\.npmjs|files\.pythonhosted|--(extra-)?index-url|/work/(main|shared)|lilacai/lilac"
    )
    for path in tracked_files():
        if path.suffix in {".png", ".ico"} or path == Path(__file__):
            continue
        match = forbidden.search(path.read_text(encoding="utf-8", errors="replace"))
        assert match is None, f"{path.relative_to(ROOT)} holds {match.group(0)!r}"


def test_no_committed_file_is_large() -> None:
    assert [path.name for path in tracked_files() if path.stat().st_size > 2_000_000] == []


def test_the_readme_shows_the_two_commands_and_every_room() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "make demo" in readme
    assert "make test" in readme
    for place in {path.relative_to(PACKAGE).parts[0] for path in MODULES if room_of(path) != "__init__"}:
        assert place in readme, f"the file tree in README.md does not show {place}"
