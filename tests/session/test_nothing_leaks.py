"""No password, key or path of this machine is in any file that an exploration, its exports or its reports write."""

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from nomic_explore import Exploration, OpenAINamer, deduplicate, explore, open_exploration
from nomic_explore.models.random_models import random_embedder

TEXTS = [f"text {number} of {('cats', 'dogs', 'rain')[number % 3]} and {number % 7} things" for number in range(40)]
PASSWORD, KEY = "pass-7f3a9c", "sk-key-51d2e8"


class TinyModel(BaseHTTPRequestHandler):
    """Answers vectors and names of topics."""

    def log_message(self, *_: Any) -> None: ...

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        vectors = [[float(len(text)), float(text.count("a")), 1.0 + text.count("o")] for text in asked.get("input", ())]
        chat = {"message": {"content": json.dumps({"topics": [{"id": 1, "name": "A name", "description": "Words."}]})}}
        body = json.dumps({"data": [{"embedding": vector} for vector in vectors], "choices": [chat]}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def host() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), TinyModel)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def write_everything(exploration: Exploration, folder: Path) -> None:
    """Writes every kind of file that leaves an exploration."""
    folder.mkdir()
    exploration.tags.add([0, 1], "some")
    exploration.save_html(folder / "map.html")
    exploration.save_png(folder / "map.png")
    exploration.save_svg(folder / "map.svg")
    for ending in ("parquet", "csv", "jsonl"):
        exploration.save_table(folder / f"table.{ending}")
    exploration.save_parquet(folder / "rows.parquet")
    exploration.duplicates.report(folder / "duplicates.html")
    exploration.subset(range(20), folder=folder / "part", show_progress=False)


def assert_nothing_leaks(root: Path, secrets: list[str]) -> None:
    """Looks for secrets in the bytes of every file below a folder."""
    files = [path for path in root.rglob("*") if path.is_file()]
    assert len(files) > 20
    for path in files:
        content = path.read_bytes()
        for secret in secrets:
            assert secret.encode() not in content, f"{path} holds {secret}"


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_no_file_holds_the_password_of_a_server(host: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    address = f"http://ann:{PASSWORD}@{host}/v1"
    exploration = explore(TEXTS, model=f"openai:tiny@{address}", folder=tmp_path / "map", show_progress=False)
    exploration.topics.name_with(OpenAINamer("tiny", url=address, key=KEY))
    assert len(open_exploration(tmp_path / "map").search("cats", mode="semantic"))
    write_everything(exploration, tmp_path / "exports")
    deduplicate(TEXTS, model=f"openai:tiny@{address}", show_progress=False).report(tmp_path / "exports" / "dedup.html")
    login = base64.b64encode(f"ann:{PASSWORD}".encode()).decode()
    assert_nothing_leaks(tmp_path, [PASSWORD, KEY, login, "ann:", str(tmp_path)])


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_no_file_holds_the_path_of_a_source_or_a_folder(tmp_path: Path) -> None:
    source = tmp_path / "source.csv"
    source.write_text("text\n" + "\n".join(TEXTS), encoding="utf-8")
    exploration = explore(source, "text", "hash:8", folder=tmp_path / "map", show_progress=False)
    write_everything(exploration, tmp_path / "exports")
    assert_nothing_leaks(tmp_path, [str(tmp_path), str(Path.home()), str(Path.cwd())])


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_no_file_holds_the_path_of_a_model(tmp_path: Path) -> None:
    source = random_embedder("nomic-embed-text-v1.5", tmp_path / "model").source
    exploration = explore(TEXTS, model=source, folder=tmp_path / "maps" / "map", show_progress=False)
    assert len(open_exploration(tmp_path / "maps" / "map").search("cats", mode="semantic"))
    write_everything(exploration, tmp_path / "maps" / "exports")
    part = open_exploration(tmp_path / "maps" / "exports" / "part")
    assert len(part.search("cats", mode="semantic"))
    assert_nothing_leaks(tmp_path / "maps", [str(tmp_path), str(Path.home())])
