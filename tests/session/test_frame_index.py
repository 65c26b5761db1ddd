"""The index of a pandas frame, and the kind of any frame, survive an exploration."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from nomic_explore import Exploration, deduplicate, explore, open_exploration
from nomic_explore.testing import HashEmbedder

TEXTS = ["a cat sat", "a dog ran", "the sea is deep", "a cat sat", "trains are late", "bread and butter"]
FRAME = pd.DataFrame({"text": TEXTS, "stars": [5, 1, 4, 2, 3, 5]})
INDEXES = {
    "filtered": pd.Index([9, 4, 5, 0, 2, 7]),
    "strings": pd.Index(list("dbcafe")),
    "named": pd.Index(list("dbcafe"), name="key"),
    "named as a column": pd.Index(list("dbcafe"), name="stars"),
    "levels": pd.MultiIndex.from_product([["x", "y"], [1, 2, 3]], names=["letter", None]),
    "zoned times": pd.date_range("2024-01-01", periods=6, tz="Europe/Berlin", name="when")[[3, 0, 5, 1, 2, 4]],
    "days": pd.date_range("2024-01-01", periods=6).as_unit("s")[[3, 0, 5, 1, 2, 4]],
    "periods": pd.period_range("2024-01", periods=6, freq="M"),
    "categories": pd.CategoricalIndex(list("dbcafe"), categories=list("fedcba"), ordered=True),
    "intervals": pd.interval_range(0, 6),
    "mixed": pd.Index([1, "a", 2.5, None, "z", (1, "b")], dtype=object),
    "duplicate labels": pd.Index(list("aabbcd")),
    "all the same": pd.Index(["a"] * 6),
}

Build = Callable[..., Exploration]


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Returns a function that explores a frame in a new folder, or in one that is named."""

    def run(frame: Any, folder: str = "built", **options: Any) -> Exploration:
        folder_path = tmp_path / folder
        return explore(frame, "text", folder=folder_path, model=HashEmbedder(), show_progress=False, **options)

    return run


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Exploration:
    """An exploration of rows labelled 9, 4, 5, 0, 2, 7: each label that is also a row number names another row."""
    frame = FRAME.set_axis(INDEXES["filtered"], axis=0)
    folder = tmp_path_factory.mktemp("labelled") / "x"
    return explore(frame, "text", folder=folder, model=HashEmbedder(), show_progress=False)


def expected_frame(index: pd.Index) -> pd.DataFrame:
    return FRAME.set_axis(index, axis=0)


@pytest.mark.parametrize("index", INDEXES.values(), ids=INDEXES.keys())
def test_the_index_of_a_frame_survives(build: Build, tmp_path: Path, index: pd.Index) -> None:
    exploration = build(FRAME.set_axis(index, axis=0), name="labelled")
    part = exploration.subset([4, 0], tmp_path / "part", show_progress=False)
    for opened, rows in (
        (exploration, range(6)),
        (open_exploration(tmp_path / "built"), range(6)),
        (part, [4, 0]),
        (open_exploration(tmp_path / "part"), [4, 0]),
    ):
        frame = opened.to_pandas()
        pd.testing.assert_index_equal(frame.index, index.take(list(rows)))
        assert frame["text"].tolist() == [TEXTS[row] for row in rows]
        assert list(opened.to_native().columns) == list(frame.columns)
        back = opened.corpus.to_native()
        pd.testing.assert_index_equal(back.index, index.take(list(rows)))
        assert list(back.columns) == ["text", "stars"]
    exploration.select([2, 1])
    pd.testing.assert_index_equal(exploration.selected.index, index.take([1, 2]))


def test_a_result_assigned_to_the_frame_reaches_its_own_row(build: Build) -> None:
    whole = pd.DataFrame({"text": [text for text in TEXTS for _ in range(2)], "n": range(12)})
    part = whole[whole["n"] % 3 != 1].sort_values("n", ascending=False).copy()
    result = build(part).to_pandas()
    part["topic"], part["role"], part["n_there"] = result["topic_name"], result["duplicate_role"], result["n"]
    assert part["n_there"].tolist() == part["n"].tolist()
    assert part["topic"].tolist() == result["topic_name"].tolist()
    assert part["role"].tolist() == result["duplicate_role"].tolist()


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow", "list"])
def test_rows_come_back_in_the_kind_of_frame_that_came(build: Build, kind: str) -> None:
    frames = {
        "pandas": FRAME,
        "polars": pl.DataFrame(FRAME),
        "pyarrow": pa.table(FRAME),
        "list": FRAME.to_dict("records"),
    }
    kinds = {"polars": pl.DataFrame, "pyarrow": pa.Table}
    exploration = build(frames[kind], name="rows")
    for opened in (exploration, open_exploration(exploration.folder)):
        native = opened.to_native()
        assert type(native) is kinds.get(kind, pd.DataFrame)
        assert list(native["text"].to_pylist() if kind == "pyarrow" else native["text"]) == TEXTS
        assert "topic_name" in (native.column_names if kind == "pyarrow" else native.columns)
    assert exploration.to_pandas().index.equals(pd.RangeIndex(6))


def test_the_same_rows_in_another_kind_of_frame_make_nothing_anew(build: Build) -> None:
    first = build(FRAME, name="rows").manifest["stages"]
    again = build(pl.DataFrame(FRAME), name="rows")
    assert isinstance(again.to_native(), pl.DataFrame)
    for stage in first.keys() - {"documents"}:
        assert again.manifest["stages"][stage] == first[stage]


def test_another_index_is_stored_and_no_other_stage_is_made_anew(build: Build, tmp_path: Path) -> None:
    before = build(FRAME, name="rows").manifest["stages"]
    frame = FRAME.set_axis(INDEXES["strings"], axis=0)
    after = build(frame, name="rows")
    pd.testing.assert_index_equal(after.to_pandas().index, INDEXES["strings"])
    assert {stage for stage in before if after.manifest["stages"][stage] != before[stage]} == {"documents"}
    manifest = (tmp_path / "built" / "manifest.json").read_bytes()
    build(frame, name="rows")
    assert (tmp_path / "built" / "manifest.json").read_bytes() == manifest


def test_a_source_without_a_frame_leaves_no_trace_of_one_in_the_manifest(build: Build) -> None:
    assert "frame" not in build(FRAME.to_dict("records"), name="rows").manifest["stages"]["documents"]
    assert build(FRAME, "other", name="rows").manifest["stages"]["documents"]["frame"] == {"kind": "pandas"}


def test_the_index_is_no_column_of_the_tables_that_have_none(build: Build, tmp_path: Path) -> None:
    exploration = build(FRAME.set_axis(INDEXES["strings"], axis=0))
    names = exploration.to_arrow().column_names
    assert names == exploration.to_polars().columns == list(exploration.to_pandas().columns)
    assert list(pd.read_parquet(exploration.save_table(tmp_path / "rows.parquet")).columns) == names


# --- which rows are meant --------------------------------------------------------------------------------------------


def test_rows_of_the_frame_are_found_by_their_labels(labelled: Exploration) -> None:
    frame = labelled.to_pandas()
    given = FRAME.set_axis(INDEXES["filtered"], axis=0)
    expected = [0, 2, 5]
    good = given["stars"] > 3
    for rows in (
        frame[frame["stars"] > 3],
        given[good],
        given[good].index,
        good,
        good.astype("boolean"),
        good.sample(frac=1, random_state=3),
        good.to_numpy(),
        good.tolist(),
        pd.Series(good.tolist()),
        pd.Series([0, 2, 5]),
        np.array([0, 2, 5]),
        [0, 2, 5],
    ):
        assert labelled._state.rows_of(rows).tolist() == expected
        assert labelled.map(panels=False).select(rows).tolist() == expected
    assert labelled._state.rows_of(given.loc[[7, 9]]).tolist() == [5, 0]
    assert labelled._state.rows_of(frame.iloc[:0]).tolist() == []
    hits = labelled.search("cat", n=3)
    assert labelled._state.rows_of(hits).tolist() == hits["row"].tolist()


def test_tags_pins_and_files_take_the_rows_that_their_labels_name(build: Build, tmp_path: Path) -> None:
    exploration = build(FRAME.set_axis(INDEXES["filtered"], axis=0))
    frame = exploration.to_pandas()
    exploration.tags.add(frame[frame["stars"] > 3], "good")
    assert exploration.tags["good"].tolist() == [0, 2, 5]
    assert frame.assign(tags=exploration.to_pandas()["tags"]).loc[7, "tags"] == ["good"]
    exploration.pins.add(frame.loc[[0]])
    assert exploration.pins.rows.tolist() == [3]
    saved = exploration.save_table(tmp_path / "some.csv", rows=frame.loc[[7, 4]])
    assert pd.read_csv(saved)["text"].tolist() == ["bread and butter", "a dog ran"]
    part = exploration.subset(frame.loc[[7, 4]], tmp_path / "part", show_progress=False)
    assert part.to_pandas().index.tolist() == [7, 4]
    protected = exploration.duplicates.at(protect=frame.loc[[0]])
    assert protected.roles.tolist()[3] == "keep"


@pytest.mark.parametrize("name", ["strings", "levels", "zoned times", "mixed", "categories", "intervals"])
def test_labels_of_every_type_are_found(build: Build, name: str) -> None:
    exploration = build(FRAME.set_axis(INDEXES[name], axis=0))
    frame = exploration.to_pandas()
    assert exploration._state.rows_of(frame.iloc[[4, 1]]).tolist() == [4, 1]
    assert exploration._state.rows_of(frame["stars"].sort_values() > 3).tolist() == [0, 2, 5]


def test_labels_that_repeat_are_refused_where_they_cannot_tell_rows_apart(build: Build) -> None:
    exploration = build(FRAME.set_axis(INDEXES["duplicate labels"], axis=0))
    frame, rows_of = exploration.to_pandas(), exploration._state.rows_of
    assert rows_of(frame).tolist() == [0, 1, 2, 3, 4, 5]
    assert rows_of(frame["stars"] > 3).tolist() == [0, 2, 5]
    assert rows_of((frame["stars"] > 3).to_numpy()).tolist() == [0, 2, 5]
    assert rows_of(frame.loc[["d", "c"]]).tolist() == [5, 4]
    with pytest.raises(ValueError, match="label 'a' names several rows.*a mask with one value per row"):
        rows_of(frame[frame["stars"] > 3])
    with pytest.raises(ValueError, match="labels of the mask cannot be aligned"):
        rows_of((frame["stars"] > 3).sort_values())


@pytest.mark.parametrize(
    ("rows", "error", "words"),
    [
        (FRAME.iloc[[1]], IndexError, "no row with the label 1; expected labels of to_pandas"),
        (pd.Index(["x"]), IndexError, "no row with the label 'x'"),
        (pd.MultiIndex.from_tuples([(1, 2)]), IndexError, r"no row with the label \("),
        (pd.Series([True, False], index=[9, 4]), IndexError, r"mask has shape \(2,\); expected \(6,\)"),
        (pd.Series(True, index=list("abcdef")), ValueError, "labels of the mask cannot be aligned"),
        (FRAME["text"], IndexError, "no row has the id 'a cat sat'; expected ids such as"),
        ([1.5], TypeError, "rows hold 1.5"),
        ([9], IndexError, "row 9 is outside the corpus; expected 0 to 5"),
    ],
)
def test_labels_that_no_row_has_are_refused(
    labelled: Exploration, rows: object, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        labelled.select(rows)


# --- without an exploration ------------------------------------------------------------------------------------------


def test_deduplicated_rows_keep_their_index() -> None:
    frame = FRAME.set_axis(INDEXES["filtered"], axis=0)
    result = deduplicate(frame, "text", exact_only=True)
    assert result.kept().to_native().index.tolist() == [9, 4, 5, 2, 7]
    pd.testing.assert_frame_equal(result.kept().to_native(), frame.drop(index=0))
    protected = result.at(protect=frame.loc[[0]]).kept().to_native()  # and so row 9, its duplicate, is dropped
    assert protected.index.tolist() == [4, 5, 0, 2, 7]


def test_a_folder_names_the_index_in_its_manifest(build: Build, tmp_path: Path) -> None:
    build(FRAME.set_axis(INDEXES["zoned times"], axis=0))
    record = json.loads((tmp_path / "built" / "manifest.json").read_text(encoding="utf-8"))["stages"]["documents"]
    assert record["frame"]["kind"] == "pandas"
    assert record["frame"]["index"] == [{"name": "when", "dtype": "datetime64[us, Europe/Berlin]"}]
    assert record["frame"]["index_columns"] == ["when"]
