import errno
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from nomic_explore.store import tables, vector_tables
from nomic_explore.store.database import Store
from nomic_explore.store.errors import explaining_disk_errors
from nomic_explore.store.stage_tables import StageTables, StageWriter


def make_store(folder: Path, n: int = 6) -> Store:
    store = Store(folder)
    with store.writing():
        store.write_table("texts", pa.table({"key": [str(row) for row in range(n)], "text": ["some words"] * n}))
        vector_tables.append_vectors(store, "vectors_a", [str(row) for row in range(n)], np.eye(n, dtype=np.float32))
    return store


def test_what_was_appended_is_read_back_in_the_order_asked_for(tmp_path: Path) -> None:
    store = make_store(tmp_path / "x")
    with store.writing():
        vector_tables.append_vectors(store, "vectors_a", ["late"], np.full((1, 6), 0.5, np.float32))
    assert vector_tables.stored_keys(Store(store.folder), "vectors_a") == {*"012345", "late"}
    found = vector_tables.read_vectors(Store(store.folder), "vectors_a", ["late", "2", "0"])
    np.testing.assert_array_equal(found, [np.full(6, 0.5), np.eye(6)[2], np.eye(6)[0]])


def test_a_missing_vector_is_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="1 vectors are missing"):
        vector_tables.read_vectors(make_store(tmp_path / "x"), "vectors_a", ["0", "nowhere"])


def test_a_table_is_replaced_as_a_whole(tmp_path: Path) -> None:
    store = make_store(tmp_path / "x")
    with store.writing():
        store.write_table("texts", pa.table({"other": [1, 2]}))
    assert Store(store.folder).read_table("texts").to_pydict() == {"other": [1, 2]}


def test_words_are_found_in_any_script(tmp_path: Path) -> None:
    store = Store(tmp_path / "x")
    texts = ["Müller läuft schnell", "東京都の天気", "running late", 'a "quoted (odd) AND: text']
    with store.writing():
        store.write_table("texts", pa.table({"key": list("abcd"), "text": texts}))
        store.index_words("texts", "text")
    for query, key in {"muller": "a", "東京": "b", "run": "c", '"quoted" (odd': "d"}.items():
        assert store.search_words("texts", "text", query, 5)["key"].to_pylist() == [key], query


def test_a_second_writer_is_told_to_wait(tmp_path: Path) -> None:
    store = make_store(tmp_path / "x")
    with (
        store.writing(),
        pytest.raises(BlockingIOError, match="Another process is building"),
        Store(store.folder).writing(),
    ):
        pass


def test_a_new_folder_is_removed_when_the_work_fails_before_any_vector(tmp_path: Path) -> None:
    store = Store(tmp_path / "deep" / "x")
    with pytest.raises(RuntimeError), store.writing():
        store.write_table("texts", pa.table({"key": ["a"]}))
        raise RuntimeError
    assert not store.folder.exists()


def test_vectors_survive_work_that_fails(tmp_path: Path) -> None:
    store = Store(tmp_path / "x")
    with pytest.raises(RuntimeError), store.writing():
        vector_tables.append_vectors(store, "vectors_a", ["a"], np.ones((1, 2), np.float32))
        raise RuntimeError
    assert vector_tables.stored_keys(Store(store.folder), "vectors_a") == {"a"}


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"x")
    with pytest.raises(ValueError, match=r"not an exploration \(it holds photo.jpg"), Store(tmp_path).writing():
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["photo.jpg"]
    with pytest.raises(ValueError, match="is not an exploration: it has no manifest"):
        Store(tmp_path).read_manifest()


def test_a_build_that_was_killed_while_it_wrote_its_first_manifest_can_start_again(tmp_path: Path) -> None:
    folder = tmp_path / "x"
    folder.mkdir()
    for name in ("lock", "manifest.json.part", f".nomic-explore-{'0' * 32}.part"):
        (folder / name).touch()
    make_store(folder)
    left = ["building.json", "lock", "manifest.json.part", "tables"]
    assert sorted(path.name for path in folder.iterdir()) == left


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="No folder"):
        Store(tmp_path / "nowhere").read_manifest()


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match="is a file"), Store(tmp_path / "file").writing():
        pass


@pytest.mark.parametrize("content", ['{"format": 1, "stages"', "[]", '{"stages": {}}', ""])
def test_a_damaged_manifest_is_told_and_kept(tmp_path: Path, content: str) -> None:
    store = make_store(tmp_path / "x")
    store.write_manifest({"stages": {}})
    store.end_building()
    path, copy = store.folder / "manifest.json", store.folder / "manifest.copy.json"
    path.write_text(content)
    assert store.read_manifest()["stages"] == {}  # from the copy
    copy.write_text(content)
    with pytest.raises(ValueError, match=r"manifest.json is damaged .* Nothing was changed"), store.writing():
        pass
    assert path.read_text() == copy.read_text() == content


def test_a_newer_format_is_refused(tmp_path: Path) -> None:
    store = make_store(tmp_path / "x")
    (store.folder / "manifest.json").write_text(json.dumps({"format": 99, "stages": {}}))
    with pytest.raises(ValueError, match="has format 99; this version reads up to 2"):
        store.read_manifest()


def test_a_missing_table_is_told(tmp_path: Path) -> None:
    store = make_store(tmp_path / "x")
    shutil.rmtree(store.folder / "tables" / "texts.lance")
    with pytest.raises(ValueError, match="'texts' of .* cannot be read"):
        Store(store.folder).read_table("texts")


def test_a_cut_off_table_is_told(tmp_path: Path) -> None:
    store = make_store(tmp_path / "x")
    for path in (store.folder / "tables" / "texts.lance" / "data").iterdir():
        path.write_bytes(path.read_bytes()[:20])
    with pytest.raises(ValueError, match="'texts' of .* cannot be read"):
        Store(store.folder).read_table("texts")


def test_a_folder_marked_read_only_is_refused(tmp_path: Path) -> None:
    shut = tmp_path / "shut"
    shut.mkdir(mode=0o555)
    with pytest.raises(PermissionError, match="is read-only"), Store(shut / "x").writing():
        pass
    with pytest.raises(PermissionError, match="is read-only"), Store(shut).writing():
        pass
    assert list(shut.iterdir()) == []


def test_too_little_space_is_told_before_anything_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9, 10**6))
    with pytest.raises(OSError, match="needs about 5 MB and its disk has 1 MB left") as raised:
        Store(tmp_path / "x").check_space(5 * 10**6)
    assert raised.value.errno == errno.ENOSPC
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "x"), RuntimeError("lance error: LanceError(IO): No space left on device")]
)
def test_a_full_disk_is_told_in_one_way(tmp_path: Path, error: Exception) -> None:
    with (
        pytest.raises(OSError, match="The disk of .* is full. What was reported done is kept"),
        explaining_disk_errors(tmp_path),
    ):
        raise error


def test_lists_of_any_width_come_back_equal(tmp_path: Path) -> None:
    from nomic_explore.graph import NeighborGraph

    store = Store(tmp_path / "x")
    for width in (0, 1, 3):
        shape = (4, width)
        graph = NeighborGraph(
            np.arange(4 * width, dtype=np.int32).reshape(shape), np.zeros(shape, np.float32), 1.0, True
        )
        writer = StageWriter(store, f"digest{width}")
        with store.writing():
            tables.write_graph(writer, graph)
        read = tables.read_graph(StageTables(store, {"tables": writer.notes, "recall": 1.0, "is_exact": True}))
        np.testing.assert_array_equal(read.neighbors, graph.neighbors)
        assert read.similarities.shape == shape


def test_columns_that_the_database_refuses_come_back_with_their_names(tmp_path: Path) -> None:
    from nomic_explore import read_corpus

    odd = pa.table({"a.b": [1, None], "": ["x", "y"], "_rowid": [True, None], 'q"`': [1.5, 2.5], "a_b": [1, 2]})
    corpus = read_corpus(odd.append_column("text", pa.array(["one", "two"])), "text")
    store = Store(tmp_path / "x")
    writer = StageWriter(store, "something")
    with store.writing():
        columns = tables.write_documents(writer, corpus, ["k1", "k2"])
    stored = StageTables(Store(store.folder), {"tables": writer.notes, "columns": columns})
    table, ids, keys, _ = tables.read_documents(stored)
    assert table.equals(corpus.table)
    assert (ids, keys) == (list(corpus.ids), ["k1", "k2"])


def test_a_table_whose_end_the_disk_did_not_keep_is_not_reported_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lancedb.db import LanceDBConnection

    create = LanceDBConnection.create_table

    def create_cut(*arguments: Any, **options: Any) -> Any:
        made = create(*arguments, **options)
        for file in (tmp_path / "x" / "tables").rglob("data/*.lance"):
            file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
        return made

    store = make_store(tmp_path / "x")
    with store.writing():
        store.write_table("whole", pa.table({"n": range(1000)}))
        monkeypatch.setattr(LanceDBConnection, "create_table", create_cut)
        with pytest.raises(OSError, match="'cut' of .* cannot be read right after it was written"):
            store.write_table("cut", pa.table({"n": range(1000)}))


@pytest.mark.parametrize("address", ["s3://bucket/x", Path("gs://bucket/x"), "https://example.org/x"])
def test_an_address_is_no_folder(address: str | Path) -> None:
    with pytest.raises(ValueError, match="is an address; expected a path on this machine"):
        Store(address)
