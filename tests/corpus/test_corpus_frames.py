"""Frames of every kind come in, and the same kind goes out with its index."""

from typing import Any

import narwhals as nw
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from nomic_explore import read_corpus

COLUMNS = {"text": ["one", None, "three", "four"], "n": [1, 2, 3, 4]}
FRAME = pd.DataFrame(COLUMNS)
INDEXES = {
    "filtered": pd.Index([7, 3, 9, 4]),
    "strings": pd.Index(list("dbca")),
    "named": pd.Index(list("dbca"), name="key"),
    "duplicate labels": pd.Index(list("aabb")),
    "dates": pd.date_range("2024-01-01", periods=4, tz="Europe/Berlin"),
    "levels": pd.MultiIndex.from_product([["x", "y"], [1, 2]], names=["letter", "number"]),
    "levels half named": pd.MultiIndex.from_product([["x", "y"], [1, 2]], names=["letter", None]),
    "named as a column": pd.Index(list("dbca"), name="n"),
}


@pytest.mark.parametrize("index", INDEXES.values(), ids=INDEXES.keys())
def test_a_pandas_frame_comes_back_with_its_index(index: pd.Index) -> None:
    frame = FRAME.set_axis(index, axis=0)
    corpus = read_corpus(frame, "text")
    back = corpus.to_native()
    pd.testing.assert_index_equal(back.index, index)
    assert back["n"].tolist() == [1, 2, 3, 4]
    assert list(back.columns) == ["text", "n"]
    pd.testing.assert_index_equal(corpus.take([2, 0]).to_native().index, index.take([2, 0]))
    pd.testing.assert_index_equal(read_corpus(frame, "text", limit=3).to_native().index, index[:3])
    pd.testing.assert_index_equal(read_corpus(frame, "text", drop_empty=True).to_native().index, index[[0, 2, 3]])


def test_an_index_that_counts_from_0_is_not_kept() -> None:
    corpus = read_corpus(FRAME, "text")
    assert corpus.origin is not None
    assert corpus.origin.index is None
    assert corpus.take([3]).to_native().index.tolist() == [0]


@pytest.mark.parametrize(
    ("frame", "kind"),
    [
        (FRAME, pd.DataFrame),
        (pl.DataFrame(FRAME), pl.DataFrame),
        (pl.DataFrame(FRAME).lazy(), pl.DataFrame),
        (pa.table(FRAME), pa.Table),
        (pa.table(FRAME).to_batches()[0], pa.Table),
        (nw.from_native(pl.DataFrame(FRAME)), pl.DataFrame),
        (nw.from_native(FRAME), pd.DataFrame),
        (dict(COLUMNS), pd.DataFrame),
        ([dict(zip(COLUMNS, row, strict=True)) for row in zip(*COLUMNS.values(), strict=True)], pd.DataFrame),
    ],
    ids=["pandas", "polars", "lazy", "arrow", "batch", "narwhals polars", "narwhals pandas", "columns", "rows"],
)
def test_the_same_kind_of_frame_comes_back(frame: Any, kind: type) -> None:
    corpus = read_corpus(frame, "text")
    assert corpus.texts == ["one", None, "three", "four"]
    assert isinstance(corpus.to_native(), kind)


def test_an_arrow_stream_of_another_library_is_a_frame() -> None:
    class Stream:
        def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
            return pa.table({"text": ["a", "b"]}).__arrow_c_stream__(requested_schema)

    assert read_corpus(Stream()).texts == ["a", "b"]


def test_a_notebook_shows_rows_columns_and_audit_without_markup_of_the_corpus() -> None:
    shown = read_corpus({"text": ["a", None], "<b>": ["x", "y"]}, "text", name="<i>mine</i>")._repr_html_()
    assert "&lt;i&gt;mine&lt;/i&gt;" in shown
    assert "text, &lt;b&gt;" in shown
    assert "<i>" not in shown
