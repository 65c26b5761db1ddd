"""Rows can be named by their ids wherever rows are taken, and folders and files lie on this machine."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nomic_explore import Exploration, deduplicate, explore, open_exploration
from nomic_explore.checks import check_columns, check_local, check_rows
from nomic_explore.testing import HashEmbedder

TEXTS = ["a cat sat", "a dog ran", "the sea is deep", "a cat sat", "trains are late", "bread and butter"]
IDS = ["r5", "r3", "r1", "r0", "r2", "r4"]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Exploration:
    frame = pd.DataFrame({"key": IDS, "text": TEXTS})
    folder = tmp_path_factory.mktemp("built") / "x"
    return explore(frame, "text", id="key", folder=folder, model=HashEmbedder(), n_topics=2, show_progress=False)


@pytest.fixture
def named(built: Exploration, tmp_path: Path) -> Exploration:
    return open_exploration(shutil.copytree(built.folder, tmp_path / "named"))


@pytest.mark.parametrize(
    "rows",
    [
        ["r1", "r5"],
        ("r1", "r5"),
        np.array(["r1", "r5"]),
        pd.Series(["r1", "r5"]),
        pd.Series(["r1", "r5"], dtype="category"),
        ["r1", "r5", "r1"],
    ],
    ids=lambda rows: type(rows).__name__,
)
def test_ids_of_every_form_name_rows(named: Exploration, rows: object) -> None:
    assert named._state.rows_of(rows).tolist() == [2, 0]


def test_every_method_that_takes_rows_takes_ids(named: Exploration, tmp_path: Path) -> None:
    named.select(["r1", "r5"])
    assert named.selected.index.tolist() == [0, 2]
    assert named.more_like(["r5"], n=2)["row"].tolist() == named.more_like([0], n=2)["row"].tolist()
    assert (
        named.more_like("r5", n=2, negative=["r1"])["row"].tolist()
        == named.more_like([0], n=2, negative=[2])["row"].tolist()
    )
    assert 2 not in named.search("sea", mode="semantic", negative=["r1"])["row"].tolist()
    assert named.neighbors("r5", n=2)["row"].tolist() == named.neighbors(0, n=2)["row"].tolist()
    named.tags.add(["r1", "r4"], "t")
    named.tags.remove(["r4"], "t")
    assert named.tags["t"].tolist() == [2]
    named.pins.add("r4")
    assert named.pins.rows.tolist() == [5]
    saved = named.save_table(tmp_path / "some.csv", rows=["r4", "r1"])
    assert pd.read_csv(saved)["key"].tolist() == ["r4", "r1"]
    part = named.subset(["r4", "r1"], tmp_path / "part", show_progress=False)
    assert part.corpus.ids == ["r4", "r1"]
    named.topics.move(["r4"], 0, 0)
    assert named.topics.layers[0][5] == 0
    named.duplicates.label("r5", "distinct", other="r0")
    assert named.duplicates.labels[["row", "other"]].to_numpy().tolist() == [[0, 3]]
    assert named.duplicates.at(protect=["r0"]).roles[3] == "keep"
    atlas = named.map(panels=False)
    assert atlas.select(["r4", "r1"]).tolist() == [2, 5]
    atlas.highlight(["r4"])
    assert atlas.data.rows[np.frombuffer(atlas.hits, np.uint32)].tolist() == [5]
    atlas.focus_on("r4")
    assert atlas.data.rows[atlas.focus] == 5


def test_deduplication_protects_rows_by_id() -> None:
    frame = pd.DataFrame({"key": IDS, "text": TEXTS})
    result = deduplicate(frame, "text", id="key", exact_only=True)
    assert result.kept().ids == ["r5", "r3", "r1", "r2", "r4"]
    assert result.at(protect=["r0"]).kept().ids == ["r3", "r1", "r0", "r2", "r4"]


def test_ids_that_no_row_or_several_rows_have_are_refused(named: Exploration) -> None:
    with pytest.raises(IndexError, match="no row has the id 'r9'; expected ids such as 'r5', or row numbers"):
        named.select(["r1", "r9"])
    with pytest.raises(IndexError, match="no row has the id 'nobody'"):
        named.neighbors("nobody")
    with pytest.raises(ValueError, match="the id 'a' names several rows, 0 and 2; pass row numbers"):
        check_rows(["a"], 3, ids=lambda: ["a", "b", "a"])
    with pytest.raises(TypeError, match="rows hold 'a' .*expected row numbers, ids, a mask"):
        check_rows(["a", 1], 3, ids=lambda: ["a", "b", "c"])


def test_labels_in_a_list_are_found_where_no_row_has_such_an_id() -> None:
    index = pd.Index(["x", "y", "z"])
    assert check_rows(["z", "x"], 3, index, lambda: ["1", "2", "3"]).tolist() == [2, 0]
    assert check_rows(["z", "x"], 3, index, lambda: ["z", "x", "3"]).tolist() == [0, 1]
    with pytest.raises(IndexError, match="no row has the id 'z'"):
        check_rows(["z", "w"], 3, index, lambda: ["1", "2", "3"])


ADDRESSES = [
    "s3://bucket/reviews",
    "gs://bucket/x",
    "hf://datasets/x",
    "https://example.org/x",
    "file:///tmp/x",
    "memory://x",
]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("kind", [str, Path])
def test_an_address_is_no_folder(
    hashed: Exploration, address: str, kind: type, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = kind(address)
    for make in (
        lambda: explore(TEXTS, folder=folder, model=HashEmbedder(), show_progress=False),
        lambda: open_exploration(folder),
        lambda: hashed.subset([0, 1], folder, show_progress=False),
        lambda: hashed.save_html(f"{folder}/map.html"),
        lambda: hashed.save_png(f"{folder}/map.png"),
        lambda: hashed.save_parquet(f"{folder}/map.parquet"),
        lambda: hashed.save_table(f"{folder}/map.csv"),
        lambda: hashed.save_edits(f"{folder}/map.jsonl"),
    ):
        with pytest.raises(ValueError, match="is an address; expected a path on this machine"):
            make()
    assert list(tmp_path.iterdir()) == []


def test_paths_of_every_machine_are_no_addresses() -> None:
    for path in ("reviews", "C:/reviews", "C:\\reviews", "/tmp/a:b/c", "./a:/b", "a:b"):
        check_local(path)


def test_a_single_string_is_one_column() -> None:
    assert check_columns("title", "hover", ["title", "body"]) == ["title"]
    assert check_columns(None, "hover", ["title"]) == []
    with pytest.raises(ValueError, match="hover='titel': there is no such column; there are title, body"):
        check_columns(["title", "titel"], "hover", ["title", "body"])
