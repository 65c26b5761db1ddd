"""The package works where it is put: read-only, without a home, in a forked process, and when it is interrupted."""

import multiprocessing
import os
import pickle
import signal
import stat
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from nomic_explore import Embedder, Exploration, explore, numba_cache, open_exploration
from nomic_explore.http import RefusedError, StatusError
from nomic_explore.models.random_models import random_embedder
from nomic_explore.models.refused_texts import TextsRefused
from nomic_explore.store.connection import ForkedProcessError
from nomic_explore.store.errors import DamagedTableError

ROOT = Path(__file__).parent.parent
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


@pytest.fixture
def nothing_writable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Neither the packages nor the user's folders can be written; the folder for temporary files can."""
    may_write = numba_cache._can_write
    monkeypatch.setattr(numba_cache, "_can_write", lambda path: path.is_relative_to(tmp_path) and may_write(path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("NUMBA_CACHE_DIR", "")
    monkeypatch.setattr("numba.config.CACHE_DIR", "")
    return tmp_path


def test_where_packages_can_be_written_numba_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setattr(numba_cache, "_are_packages_writable", lambda: True)
    numba_cache.prepare_numba()
    assert "NUMBA_CACHE_DIR" not in os.environ


def test_a_folder_that_the_user_names_for_numba_stays(nothing_writable: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", "/mine")
    numba_cache.prepare_numba()
    assert os.environ["NUMBA_CACHE_DIR"] == "/mine"


def test_read_only_packages_and_no_home_give_numba_a_folder_of_its_own(nothing_writable: Path) -> None:
    from numba import config

    numba_cache.prepare_numba()
    folder = Path(os.environ["NUMBA_CACHE_DIR"])
    assert folder.parent == nothing_writable
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert str(folder) == config.CACHE_DIR
    os.environ["NUMBA_CACHE_DIR"] = ""
    numba_cache.prepare_numba()
    assert os.environ["NUMBA_CACHE_DIR"] == str(folder)  # what was compiled is found again


@pytest.mark.parametrize("trap", ["a link", "writable by all", "a file"])
def test_a_folder_that_others_can_change_is_not_used(nothing_writable: Path, trap: str) -> None:
    folder = nothing_writable / f"nomic_explore-numba-{os.getuid()}"
    if trap == "a link":
        (nothing_writable / "elsewhere").mkdir()
        folder.symlink_to(nothing_writable / "elsewhere")
    elif trap == "a file":
        folder.touch()
    else:
        folder.mkdir()
        folder.chmod(0o777)
    numba_cache.prepare_numba()
    chosen = Path(os.environ["NUMBA_CACHE_DIR"])
    assert chosen != folder
    assert stat.S_IMODE(chosen.stat().st_mode) == 0o700


def test_without_a_home_a_map_is_made(tmp_path: Path) -> None:
    code = (
        "from nomic_explore import explore; from nomic_explore.testing import HashEmbedder\n"
        "texts = [f'text {n} of {n % 7}' for n in range(40)]\n"
        "exploration = explore(texts, model=HashEmbedder(8), folder='map', show_progress=False)\n"
        "print(len(exploration.search('text')), exploration.save_html('map.html').name)"
    )
    bare = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": "/proc/nowhere"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=bare, capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == ["20", "map.html"], done.stderr


_EMBEDDERS: list[Embedder] = []


def embed_in_child(number: int) -> tuple[int, ...]:
    return _EMBEDDERS[0].encode([f"text {number} " * 50] * 3).shape


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_embeds_after_its_parent_has(tmp_path: Path) -> None:
    embedder = random_embedder("nomic-embed-text-v1.5", tmp_path)
    embedder.encode(["a text to warm up " * 50] * 3)
    _EMBEDDERS[:] = [embedder]
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("fork")) as pool:
        try:
            assert pool.submit(embed_in_child, 1).result(timeout=60) == (3, embedder.dimensions)
        finally:
            for process in pool._processes.values():
                process.kill()


def explore_in_child(folder: str) -> int:
    return len(explore([f"text {n} of {n % 7}" for n in range(40)], folder=folder, show_progress=False).search("text"))


_EXPLORATIONS: list[Exploration] = []
IN_CHILD = {
    "a new exploration": lambda folder: explore_in_child(str(folder / "child")),
    "one on disk": lambda folder: len(open_exploration(folder / "parent").corpus.texts),
    "one that the parent opened": lambda folder: len(_EXPLORATIONS[0].search("text")),
    "an edit": lambda folder: _EXPLORATIONS[0].tags.add([1], "read"),
}


def in_child(step: str, folder: Path) -> object:
    return IN_CHILD[step](folder)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*")
def test_a_process_forked_from_one_that_explored_is_stopped_with_a_sentence(tmp_path: Path) -> None:
    explore_in_child(str(tmp_path / "parent"))
    _EXPLORATIONS[:] = [open_exploration(tmp_path / "parent")]
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("fork")) as pool:
        for step in IN_CHILD:
            with pytest.raises(RuntimeError, match="Start it with multiprocessing.get_context\\('spawn'\\)"):
                pool.submit(in_child, step, tmp_path).result(timeout=60)
    assert not (tmp_path / "child").exists()
    assert open_exploration(tmp_path / "parent").tags.to_pandas().empty


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_process_forked_from_one_that_only_imported_the_package_explores(tmp_path: Path) -> None:
    code = (
        "import os, warnings; from nomic_explore import explore; from nomic_explore.testing import HashEmbedder; warnings.simplefilter('ignore')\n"
        "child = os.fork()\n"
        "if child: raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
        "texts = [f'text {n} of {n % 7}' for n in range(40)]\n"
        "print(len(explore(texts, model=HashEmbedder(8), folder='map', show_progress=False).search('text')))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, "20"), done.stderr


START = "from nomic_explore.cli import run; run()"


def interrupt(command: list[str], folder: Path, pattern: str, seconds: float) -> subprocess.CompletedProcess[str]:
    """Runs the command line and interrupts it some time after a file is there, if there is a pattern."""
    child = subprocess.Popen([sys.executable, "-c", START, *command], env=ENVIRONMENT, stdout=-1, stderr=-1, text=True)
    until = time.monotonic() + 60
    while pattern and not any(folder.glob(pattern)) and child.poll() is None and time.monotonic() < until:
        time.sleep(0.005)
    time.sleep(seconds)
    child.send_signal(signal.SIGINT)
    printed, errors = child.communicate(timeout=60)
    return subprocess.CompletedProcess(command, child.returncode, printed, errors)


@pytest.mark.parametrize("stage", ["at the start", "tables", "tables/texts*.lance", "building.json"])
def test_an_interrupt_ends_a_command_with_one_line(stage: str, tmp_path: Path) -> None:
    source, folder = tmp_path / "a.csv", tmp_path / "map"
    source.write_text("text\n" + "".join(f"text {n} about {n % 9} things\n" for n in range(3_000)), encoding="utf-8")
    command = ["build", str(source), "--text", "text", "--out", str(folder), "--model", "hash:16", "-q"]
    at_start = stage == "at the start"
    done = interrupt(command, folder, "" if at_start else stage, 0.2 if at_start else 0.0)
    assert done.returncode == 130, done.stderr
    assert done.stderr.strip() == "error: Stopped. Finished stages are kept; run the same command again to continue."
    assert done.stdout == ""
    assert not [path for path in tmp_path.rglob("*.part")]


def test_an_interrupted_export_leaves_no_half_file(tmp_path: Path, hashed: object) -> None:
    target = tmp_path / "map.html"
    target.write_text("the old page", encoding="utf-8")
    done = interrupt(["export", str(hashed.folder), "--html", str(target)], tmp_path, "", 1.5)  # type: ignore[attr-defined]
    assert done.returncode in (0, 130)
    page = target.read_text(encoding="utf-8")
    assert page == "the old page" if done.returncode else page.endswith("</html>\n") or "</html>" in page[-99:]
    assert [path.name for path in tmp_path.iterdir()] == ["map.html"]


ERRORS = [
    DamagedTableError(Path("map"), "edits", "bad magic\nand more"),
    ForkedProcessError("it was forked"),
    TextsRefused.of({1: "too long"}, ["a cat", "a dog"]),
    RefusedError("answered 400", 400, "too long"),
    StatusError(429, "busy", "3"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_comes_whole_out_of_another_process(error: Exception) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))
