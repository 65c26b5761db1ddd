"""A promise to the folders that users have: what version 0.1.0 wrote stays readable, and is not made again.

`data/exploration-format1/` holds an exploration that version 0.1.0 made (format 1, described in
docs/exploration-format.md), the source it was made from, its table, and its state after each undo. It is never made
again; `data/make_exploration_format1.py` is the record of how it was.
"""

import hashlib
import json
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any

import lancedb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nomic_explore import Exploration, TopicProfile, explore, open_exploration
from nomic_explore.topics.llm.naming import OllamaNamer, OpenAINamer, name_topics_with

GOLDEN = Path(__file__).parents[1] / "data" / "exploration-format1"
MANIFEST = GOLDEN / "exploration" / "manifest.json"
SOURCE = GOLDEN / "source.csv"
WIDTH = 24
BUILT_WITH: dict[str, Any] = {
    "text": ["title", "body"],
    "id": "id",
    "n_neighbors": 8,
    "n_topics": 14,
    "n_layers": 3,
    "stability": True,
    "min_similarity": 0.9,
    "keep": "longest",
    "seed": 42,
}
MEANS = {  # what the server takes for one word
    **{"doctors": "physicians", "recommend": "prescribe", "pills": "tablets", "fight": "against"},
    **{"headache": "migraine", "kids": "children", "traverse": "crossing", "cars": "automobiles", "stop": "halt"},
    **{"when": "before", "road": "", "greens": "vegetables", "harvest": "autumn", "season": "", "they": ""},
    **{"stew": "simmer", "gently": "quietly"},
}
KINDS = {
    *("tag", "untag", "create_tag", "rename_tag", "color_tag", "delete_tag", "rename_topic", "pin", "unpin"),
    *("save_view", "delete_view", "merge_topics", "split_topic", "move_rows", "lock_topic", "unlock_topic"),
    *("judge_duplicate", "decide_duplicates", "undo", "redo"),
}


class VectorServer:
    """Speaks OpenAI's protocol on this machine; a text's vector is the sum of those of its longer words."""

    def __init__(self, port: int = 0) -> None:
        self.asked: list[str] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: Any) -> None: ...

            def do_POST(self) -> None:
                texts = json.loads(self.rfile.read(int(self.headers["content-length"])))["input"]
                server.asked += texts
                data = [{"index": at, "embedding": vector_of(text)} for at, text in enumerate(texts)]
                body = json.dumps({"data": data}).encode()
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self._http = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.model = f"openai:word-sums@http://127.0.0.1:{self._http.server_port}/v1"
        threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True).start()

    def __enter__(self) -> "VectorServer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.shutdown()
        self._http.server_close()


def vector_of(text: str) -> list[float]:
    """Returns WIDTH numbers: equal for texts whose words of four letters and more mean the same."""
    total = np.full(WIDTH, 1e-3)
    words = [MEANS.get(word, word) for word in re.findall(r"\w{4,}", text.lower())]
    for word in filter(None, words or [text]):
        seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big")
        total += np.random.default_rng(seed).standard_normal(WIDTH)
    return np.round(total, 4).tolist()


def digest_state(exploration: Exploration) -> dict[str, str]:
    """Returns a short digest of each part of the state that edits change; numbers that are computed are left out.

    This is the one place here that reads the public names of an exploration's state.
    """
    topics, duplicates = exploration.topics, exploration.duplicates
    verdicts = duplicates.labels.replace({"verdict": {"distinct": "apart"}})  # as the log holds it
    tags = exploration.tags.to_pandas()
    state: dict[str, Any] = {
        "tags": [
            [tag, color, exploration.tags.rows(tag).tolist()]
            for tag, color in zip(tags["tag"], tags["color"], strict=True)
        ],
        "pins": exploration.pins.rows.tolist(),
        "views": list(exploration.views.items()),
        "topic_names": topics.names,
        "topic_layers": [layer.tolist() for layer in topics.layers],
        "locked": exploration.topics.locked,
        "verdicts": verdicts[["row", "other", "verdict", "kind"]].to_numpy().tolist(),
        "duplicate_roles": duplicates.roles.tolist(),
        "duplicate_of": duplicates.keepers.tolist(),
    }
    return {part: hashlib.sha256(json.dumps(held).encode()).hexdigest()[:8] for part, held in state.items()}


def read_log(folder: Path) -> list[dict[str, Any]]:
    """Returns the rows of the edit log in the order of their times, read without the package."""
    rows = lancedb.connect(folder / "tables").open_table("edits").to_arrow().to_pylist()
    return sorted(rows, key=lambda row: (row["time"], row["edit"]))


def standing_edits(folder: Path) -> list[str]:
    """Returns the names of the edits that are not undone, in order."""
    undone: set[str] = set()
    rows = read_log(folder)
    for row in rows:
        if row["kind"] in ("undo", "redo"):
            (undone.add if row["kind"] == "undo" else undone.discard)(json.loads(row["details"])["edit"])
    return [row["edit"] for row in rows if row["kind"] not in ("undo", "redo") and row["edit"] not in undone]


def append_to_log(folder: Path, kind: str, edit: str) -> None:
    """Appends that an edit is undone or redone, as another session would, without the package."""
    table = lancedb.connect(folder / "tables").open_table("edits")
    last = max(table.to_arrow()["time"].to_pylist())
    time = (datetime.fromisoformat(last) + timedelta(milliseconds=1)).isoformat(timespec="milliseconds")
    name = hashlib.sha256(f"{kind} {edit} {time}".encode()).hexdigest()[:32]
    row = {"edit": name, "session": "0" * 32, "time": time, "kind": kind, "ids": []}
    table.add(pa.Table.from_pylist([{**row, "details": json.dumps({"edit": edit})}], schema=table.schema))


def digest_files(folder: Path) -> dict[str, str]:
    """Returns a digest of each file of a folder, the lock left out."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "lock")
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def assert_equal_tables(found: pa.Table, expected: pa.Table) -> None:
    """Compares two tables cell by cell; computed numbers may differ in their last digits."""
    assert found.schema.remove_metadata() == expected.schema.remove_metadata()
    for name in expected.column_names:
        ours, theirs = found[name].to_pylist(), expected[name].to_pylist()
        if pa.types.is_floating(expected[name].type):
            assert [value is None for value in ours] == [value is None for value in theirs], name
            ours, theirs = found[name].drop_null().to_pylist(), expected[name].drop_null().to_pylist()
            np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6, err_msg=name)
        elif name == "neighbors":
            assert [cell["ids"] for cell in ours] == [cell["ids"] for cell in theirs]
            for one, other in zip(ours, theirs, strict=True):
                np.testing.assert_allclose(one["distances"], other["distances"], atol=1e-6)
        else:
            assert ours == theirs, name


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shutil.copytree(GOLDEN / "exploration", tmp_path / "exploration")


@pytest.fixture
def server() -> Iterator[VectorServer]:
    with VectorServer() as server:
        yield server


def test_the_golden_folder_is_small_and_names_no_place_on_a_machine() -> None:
    files = [path for path in GOLDEN.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 300_000
    for path in files:
        assert not re.search(rb"/(home|tmp|work|root|Users)/", path.read_bytes()), path


def test_the_golden_log_holds_every_kind_of_edit(folder: Path) -> None:
    log = read_log(folder)
    assert {row["kind"] for row in log} == KINDS
    judged = [json.loads(row["details"])["verdict"] for row in log if row["kind"] == "judge_duplicate"]
    assert set(judged) == {"keep", "drop", "apart"}
    split = [json.loads(row["details"])["documents"] for row in log if row["kind"] == "split_topic"]
    assert 0 in split  # into parts
    assert max(split) > 0  # by rows


def test_an_exploration_of_format_1_has_the_table_it_had(folder: Path, tmp_path: Path) -> None:
    exploration = open_exploration(folder)
    assert_equal_tables(
        pq.read_table(exploration.save_parquet(tmp_path / "found.parquet")),
        pq.read_table(GOLDEN / "expected.parquet"),
    )


def test_its_frame_holds_the_same_cells(folder: Path) -> None:
    frame, expected = open_exploration(folder).to_pandas(), pq.read_table(GOLDEN / "expected.parquet")
    added = [name for name in expected.column_names if name == "neighbors" or name.startswith("topic_layer_")]
    assert list(frame.columns) == [name for name in expected.column_names if name not in added]
    for name in frame.columns:
        column, cells = frame[name], expected[name].to_pylist()
        if pa.types.is_floating(expected[name].type):
            numbers = np.array([np.nan if cell is None else cell for cell in cells])
            np.testing.assert_allclose(column.to_numpy(), numbers, rtol=1e-5, atol=1e-6, err_msg=name)
        else:
            found = [
                cell if isinstance(cell, list) else None if is_null else cell
                for cell, is_null in zip(column, column.isna(), strict=True)
            ]
            assert found == cells, name


def test_each_undo_brings_the_state_back_that_was_there_before_the_edit(folder: Path) -> None:
    expected = json.loads((GOLDEN / "undo.json").read_text(encoding="utf-8"))
    exploration, edits = open_exploration(folder), standing_edits(folder)
    assert len(edits) == len(expected) - 1
    assert digest_state(exploration) == expected[0]["state"]
    for edit, step in zip(reversed(edits), expected[1:], strict=True):
        append_to_log(folder, "undo", edit)
        assert exploration.refresh()
        assert digest_state(exploration) == step["state"], f"after undoing: {step['undone']['description']}"
    assert digest_state(open_exploration(folder)) == expected[-1]["state"]
    for edit in edits:
        append_to_log(folder, "redo", edit)
    assert digest_state(open_exploration(folder)) == expected[0]["state"]


def test_a_new_edit_of_an_old_folder_can_be_undone(folder: Path) -> None:
    exploration = open_exploration(folder)
    before = digest_state(exploration)
    exploration.pins.add([100])
    assert digest_state(exploration) != before
    exploration.undo()
    assert digest_state(exploration) == before


def test_building_again_from_the_same_source_makes_nothing_anew(folder: Path, server: VectorServer) -> None:
    files = digest_files(folder)
    exploration = explore(SOURCE, model=server.model, folder=folder, show_progress=False, **BUILT_WITH)
    made_from = json.loads(MANIFEST.read_text(encoding="utf-8"))["stages"]
    for stage, record in made_from.items():
        assert exploration.manifest["stages"][stage]["made_from"] == record["made_from"], stage
    changed = {name for name, digest in digest_files(folder).items() if files.get(name) != digest}
    assert changed == {"manifest.json", "manifest.copy.json"}  # which name the tables now, and their checksums
    assert not set(files) - set(digest_files(folder))
    assert set(server.asked) <= {"size"}  # a model that the catalog lacks is asked for its width


def test_it_is_searched_by_words_and_by_meaning(folder: Path, server: VectorServer) -> None:
    manifest = (folder / "manifest.json").read_text(encoding="utf-8")
    (folder / "manifest.json").write_text(re.sub(r"http://127[^\"]*", server.model.partition("@")[2], manifest))
    exploration = open_exploration(folder)
    for mode in ("keyword", "semantic"):
        hits = exploration.search("lighthouse on the northern cape", 5, mode=mode)
        assert "lighthouse" in exploration.corpus.texts[int(hits["row"].iloc[0])].lower(), mode
    assert "lighthouse on the northern cape" in server.asked


def test_names_that_a_language_model_gave_are_not_asked_for_again(folder: Path) -> None:
    class Namer:
        """Has the name and the identity of the namer that the folder was made with."""

        identity = "keywords, format 1"

        def __call__(self, evidence: Any) -> tuple[str, str]:
            raise AssertionError("was asked")

    Namer.__module__, Namer.__qualname__ = "__main__", "KeywordNamer"
    exploration = open_exploration(folder)
    before = exploration.topics.names
    report = exploration.topics.name_with(Namer())
    assert report.n_cached == report.n_named == sum(json.loads(MANIFEST.read_text())["stages"]["topics"]["layers"])
    assert exploration.topics.names == before


@pytest.mark.parametrize(
    ("make", "key"),
    [
        (lambda: OllamaNamer("llama3.2"), "13f6d0aec42d107459929b5f79a6241b5989abf3408437313ac117d4e017a2ab"),
        (
            lambda: OpenAINamer("gpt-4o-mini", url="http://127.0.0.1:9/v1"),
            "ec6b707493e0cefc292b059defa9b35e08b08bd656ba64a026a778240d4f298f",
        ),
    ],
)
def test_the_cache_keys_of_the_namers_that_are_shipped_stay(
    monkeypatch: pytest.MonkeyPatch, make: Callable[[], Any], key: str
) -> None:
    monkeypatch.delenv("OLLAMA_HOST", raising=False)
    stars = TopicProfile(0, 0, "star, planet", 9, 0.5, ["star", "planet"], [1.0, 0.8])
    report = name_topics_with(make(), [stars], cache={key: ("Stars", "")})
    assert (report.n_cached, report.names) == (1, {(0, 0): ("Stars", "")})


def test_its_repr_says_what_it_holds(folder: Path) -> None:
    assert re.fullmatch(
        r"Exploration\('source', [\d,]+ rows, .* topics, word-sums, .*\)", repr(open_exploration(folder))
    )
