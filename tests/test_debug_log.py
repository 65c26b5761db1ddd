"""The log is silent by default, can be turned up in four ways, and names neither texts nor secrets."""

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from model_server import Server, serving
from typer.testing import CliRunner

from nomic_explore import Embedder, debug_log
from nomic_explore.cli.main import app

ROOT = Path(__file__).parent.parent
START = "from nomic_explore.cli import run; run()"


@pytest.fixture(autouse=True)
def usual_level() -> Iterator[None]:
    yield
    logging.getLogger("nomic_explore").setLevel(logging.NOTSET)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Server]:
    with serving(monkeypatch, tmp_path) as server:
        server.width = 8
        yield server


def run(code: str, **variables: str) -> str:
    """What a process prints on standard error."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    ).stderr


EMBED = "from nomic_explore import Embedder; Embedder('minilm').encode(['a secret text'])"


def test_by_default_nothing_is_printed() -> None:
    assert run(EMBED) == ""


@pytest.mark.parametrize("way", ["variable", "level"])
def test_the_log_shows_model_device_and_batches_but_no_text(way: str) -> None:
    set_level = "import logging; logging.getLogger('nomic_explore').setLevel('DEBUG'); "
    printed = run(EMBED, NOMIC_EXPLORE_LOG="debug") if way == "variable" else run(set_level + EMBED)
    assert "minilm: weights of " in printed
    assert " on cpu" in printed
    assert "minilm: chunk of 1 rows" in printed
    assert "secret" not in printed


def test_requests_are_logged_without_texts_and_secrets(
    server: Server, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    caplog.set_level("DEBUG", "nomic_explore")
    server.troubles = [503]
    server.faults = {"bad": 400}
    embedder = Embedder(f"openai:small@{server.url.replace('//', '//ann:secret@')}")
    with pytest.raises(OSError, match="1 of 2 texts"):
        embedder.encode(["a secret text", "a bad text"])
    assert "status 503, asked again" in caplog.text
    assert "request of 2 texts refused" in caplog.text
    assert "request of 1 texts embedded" in caplog.text
    assert "secret" not in caplog.text
    assert "bad text" not in caplog.text


def test_handlers_of_the_application_get_each_line_once(capsys: pytest.CaptureFixture[str]) -> None:
    logging.getLogger("nomic_explore").setLevel("DEBUG")
    Embedder("hash:8").encode(["a cat"])
    assert capsys.readouterr().err == ""  # pytest has handlers of its own


def test_an_unknown_level_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    debug_log.get_log.cache_clear()
    monkeypatch.setenv("NOMIC_EXPLORE_LOG", "loud")
    with pytest.raises(ValueError, match="NOMIC_EXPLORE_LOG='loud'; expected debug, info, warning or error"):
        debug_log.get_log()
    monkeypatch.delenv("NOMIC_EXPLORE_LOG")
    debug_log.get_log()


def test_the_command_line_shows_the_log_with_debug(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text\n" + "".join(f"note {n}\n" for n in range(20)), encoding="utf-8")
    code = (
        f"import sys; sys.argv[1:] = ['dedup', {str(tmp_path / 'a.csv')!r}, '--text', 'text', '--model', 'hash:8', '-q'"
    )
    assert run(f"{code}]; {START}") == ""
    assert "hash:8: chunk of 20 rows" in run(f"{code}, '--debug']; {START}")


def test_an_unknown_level_ends_a_command_with_one_line() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NOMIC_EXPLORE_LOG": "loud"}
    code = f"import sys; sys.argv[1:] = ['models']; {START}"
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "error: NOMIC_EXPLORE_LOG='loud'; expected debug, info, warning or error.\n"


def test_the_version_is_printed_alone() -> None:
    import nomic_explore

    done = CliRunner().invoke(app, ["--version"])
    assert (done.exit_code, done.output) == (0, f"{nomic_explore.__version__}\n")
