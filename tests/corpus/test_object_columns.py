"""One odd column never stops the others: it is kept as it is, repaired, or read as text, and the audit says so."""

import collections
import datetime as dt
import enum
import fractions
import pathlib
import uuid
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from nomic_explore import explore, open_exploration, read_corpus
from nomic_explore.corpus.object_columns import make_column
from nomic_explore.testing import HashEmbedder

UTC = dt.UTC
HALF = "x\ud83d"
SELF: list[Any] = []
SELF.append(SELF)
DEEP: list[Any] = []
for _ in range(100):
    DEEP = [DEEP]


class Color(enum.Enum):
    RED = 1


class Unknown:
    pass


KEPT: dict[str, tuple[list[Any], list[Any]]] = {  # without a finding
    "whole and broken numbers": ([1, 2.5], [1.0, 2.5]),
    "unsigned": ([2**64 - 1, 1, None], [2**64 - 1, 1, None]),
    "missing numbers": ([pd.NA, 1, None], [None, 1, None]),
    "missing texts": ([pd.NA, "a", float("nan"), pd.NaT], [None, "a", None, None]),
    "missing in lists": ([[1, pd.NA], None], [[1, None], None]),
    "missing in dicts": ([{"a": pd.NA}, {"a": 1}], [{"a": None}, {"a": 1}]),
    "missing dates": ([pd.NaT, dt.date(2020, 1, 1)], [None, dt.date(2020, 1, 1)]),
    "decimals and numbers": ([Decimal("1.1"), 1], [Decimal("1.1"), Decimal("1.0")]),
    "numbers of numpy": ([np.int64(1), np.float32(2.5)], [1.0, 2.5]),
    "tuples": ([(1, 2), (3,)], [[1, 2], [3]]),
    "moments of two zones": (
        [dt.datetime(2020, 1, 1, 5, tzinfo=UTC), dt.datetime(2020, 1, 1, 5, tzinfo=dt.timezone(dt.timedelta(hours=2)))],
        [dt.datetime(2020, 1, 1, 5, tzinfo=UTC), dt.datetime(2020, 1, 1, 3, tzinfo=UTC)],
    ),
}
CHANGED: dict[str, tuple[list[Any], list[Any], str]] = {  # with a finding
    "numbers and texts": ([1234, "SW1A"], ["1234", "SW1A"], "int and str, the first str in row 1"),
    "missing, numbers and texts": ([None, 1, "a"], [None, "1", "a"], "int and str, the first str in row 2"),
    "numbers and booleans": ([1, True], ["1", "True"], "bool and int, the first bool in row 1"),
    "broken numbers and booleans": ([1.5, False], ["1.5", "False"], "bool and float"),
    "booleans of numpy and numbers": ([np.bool_(True), 1], ["True", "1"], "the first int in row 1"),
    "texts and bytes": (["a", b"b", b"\xff"], ["a", "b", "b'\\xff'"], "bytes and str"),
    "days and moments": (
        [dt.date(2020, 1, 1), dt.datetime(2020, 1, 1, 5)],
        ["2020-01-01", "2020-01-01T05:00:00"],
        "date and datetime",
    ),
    "days and moments of pandas": (
        [dt.date(2020, 1, 1), pd.Timestamp("2020-01-01 05:00")],
        ["2020-01-01", "2020-01-01T05:00:00"],
        "Timestamp and date",
    ),
    "moments with a zone and without": (
        [dt.datetime(2020, 1, 1, 5), dt.datetime(2020, 1, 1, 5, tzinfo=UTC)],
        ["2020-01-01T05:00:00", "2020-01-01T05:00:00+00:00"],
        "datetime values",
    ),
    "nanoseconds": ([pd.Timestamp(1)], ["1970-01-01T00:00:00.000000001"], "Timestamp values"),
    "times with a zone": ([dt.time(1, tzinfo=UTC)], ["01:00:00+00:00"], "time values"),
    "large numbers": ([2**70, 1], [str(2**70), "1"], "int values"),
    "large and negative numbers": ([2**63, -1], [str(2**63), "-1"], "int values"),
    "numbers that floats cannot hold": ([2**53 + 1, 0.5], [str(2**53 + 1), "0.5"], "float and int"),
    "decimals and floats": ([Decimal("1.10"), 1.5], ["1.10", "1.5"], "Decimal and float"),
    "dicts of mixed values": ([{"x": 1}, {"x": "s"}], ['{"x": 1}', '{"x": "s"}'], "dict values that no one type holds"),
    "booleans and numbers in dicts": ([{"x": True}, {"x": 1.5}], ['{"x": true}', '{"x": 1.5}'], "JSON text"),
    "days and moments in lists": (
        [[dt.date(2020, 1, 1)], [dt.datetime(2020, 1, 1, 5)]],
        ['["2020-01-01"]', '["2020-01-01T05:00:00"]'],
        "JSON text",
    ),
    "keys in their order": ([{"b": 1, "a": 2}, {"b": "s"}], ['{"b": 1, "a": 2}', '{"b": "s"}'], "dict"),
    "dicts and texts": ([{"a": 1}, "x"], ['{"a": 1}', "x"], "dict and str, the first str in row 1"),
    "lists and numbers": ([[1, "a"], 1], ['[1, "a"]', "1"], "int and list"),
    "arrays of two dimensions": ([np.zeros((1, 2)), np.ones((2, 2))], [[[0, 0]], [[1, 1], [1, 1]]], "ndarray values"),
    "sets of pandas": ([frozenset([1])], [[1]], "frozenset values"),
    "deque": ([collections.deque([1, 2])], [[1, 2]], "deque values"),
    "series": ([pd.Series([1, 2])], [[1, 2]], "Series values"),
    "uuid and text": ([uuid.UUID(int=1), "a"], ["00000000-0000-0000-0000-000000000001", "a"], "UUID and str"),
    "paths": ([pathlib.PurePosixPath("a/b")], ["a/b"], "PurePosixPath values"),
    "enum": ([Color.RED], ["Color.RED"], "Color values"),
    "fractions": ([fractions.Fraction(1, 2)], ["1/2"], "Fraction values"),
    "complex": ([1 + 2j, None], ["(1+2j)", None], "complex values"),
    "periods": ([pd.Period("2020-01"), None], ["2020-01", None], "Period values"),
    "intervals": ([pd.Interval(0, 1)], ["(0, 1]"], "Interval values"),
    "objects": ([Unknown(), object()], ["<Unknown object>", "<object object>"], "Unknown and object values"),
    "functions": ([len, None], ["<built-in function len>", None], "builtin_function_or_method values"),
    "keys that become one": ([{1: 2, "1": 3}], ["{1: 2, '1': 3}"], "dict values"),
    "a list that holds itself": ([SELF], ["list that is nested too deep"], "list values"),
    "a hundred levels": ([DEEP], ["[" * 101 + "]" * 101], "kept as JSON text"),
    "half a character": ([HALF, "y"], ["x\ufffd", "y"], "half a character (a lone surrogate), first in row 0"),
    "half a character in a list": ([["a"], [HALF]], [["a"], ["x\ufffd"]], "first in row 1"),
    "half a character in a key": ([{HALF: 1}], [{"x\ufffd": 1}], "first in row 0"),
    "two halves of one": (["\ud83d\ude00"], ["\U0001f600"], "half a character"),
}


def names_without_meaning(values: list[Any]) -> list[Any]:
    return [
        value.replace("tests.corpus.", "").replace("test_object_columns.", "") if isinstance(value, str) else value
        for value in values
    ]


@pytest.mark.parametrize("name", KEPT)
def test_values_with_one_type_are_kept_without_a_finding(name: str) -> None:
    given, wanted = KEPT[name]
    _, column, notes = make_column("odd", given)
    assert column.to_pylist() == wanted
    assert notes == []


@pytest.mark.parametrize("name", CHANGED)
def test_values_without_one_type_become_text_that_loses_nothing(name: str) -> None:
    given, wanted, words = CHANGED[name]
    _, column, notes = make_column("odd", given)
    assert names_without_meaning(column.to_pylist()) == wanted
    assert "column 'odd'" in notes[0].message
    assert words in notes[0].message


def frames_of(values: list[Any]) -> dict[str, Any]:
    texts = ["a text", "another text", "a third"][: len(values)]
    series = pd.Series(np.fromiter(values, object, len(values)), dtype=object)
    made: dict[str, Any] = {
        "pandas": pd.DataFrame({"text": texts, "odd": series, "n": range(len(values))}),
        "columns": {"text": texts, "odd": values, "n": list(range(len(values)))},
        "rows": [
            {"text": text, "odd": value, "n": row} for row, (text, value) in enumerate(zip(texts, values, strict=True))
        ],
    }
    return made


@pytest.mark.parametrize("kind", ["pandas", "columns", "rows"])
@pytest.mark.parametrize("name", [*KEPT, *CHANGED])
def test_one_odd_column_stops_no_other(name: str, kind: str) -> None:
    values = (KEPT.get(name) or CHANGED[name])[0][:3]
    corpus = read_corpus(frames_of(values)[kind], "text")
    assert corpus.table["n"].to_pylist() == list(range(len(values)))
    assert corpus.table["text"].to_pylist() == ["a text", "another text", "a third"][: len(values)]
    assert corpus.table.column_names == ["text", "odd", "n"]
    assert any("column 'odd'" in finding.message for finding in corpus.audit) == (name in CHANGED)


PANDAS: dict[str, tuple[Any, list[Any]]] = {
    "sparse numbers": (pd.arrays.SparseArray([0, 0, 1]), [0, 0, 1]),
    "sparse booleans": (pd.arrays.SparseArray([True, False, False]), [True, False, False]),
    "sparse texts": (pd.arrays.SparseArray(["a", None, "b"], dtype=pd.SparseDtype(object)), ["a", None, "b"]),
    "complex": (np.array([1j, 2, 0]), ["1j", "(2+0j)", "0j"]),
    "long floats": (np.array([1, 2, 3], dtype=np.longdouble), ["1.0", "2.0", "3.0"]),
    "nullable numbers": (pd.array([1, None, 2], dtype="Int64"), [1, None, 2]),
    "nullable booleans": (pd.array([True, None, False], dtype="boolean"), [True, None, False]),
    "arrow lists": (pd.array([[1], None, []], dtype=pd.ArrowDtype(pa.list_(pa.int64()))), [[1], None, []]),
    "categories of mixed values": (pd.Categorical([1, "a", 1]), ["1", "a", "1"]),
    "categories of periods": (
        pd.Categorical(pd.period_range("2020-01", periods=3, freq="M")),
        ["2020-01", "2020-02", "2020-03"],
    ),
    "categories of tuples": (pd.Categorical([(1, 2), (3, 4), (1, 2)]), [[1, 2], [3, 4], [1, 2]]),
    "bands": (pd.cut([1, 2, 3], [0, 1, 3]), ["(0, 1]", "(1, 3]", "(1, 3]"]),
    "periods": (pd.period_range("2020Q1", periods=3, freq="Q"), ["2020Q1", "2020Q2", "2020Q3"]),
    "spans": (pd.to_timedelta([1, None, 2], unit="s"), [dt.timedelta(seconds=1), None, dt.timedelta(seconds=2)]),
    "texts of Python": (pd.array(["a", HALF, None], dtype=pd.StringDtype("python")), ["a", "x\ufffd", None]),
}


@pytest.mark.parametrize("name", PANDAS)
def test_columns_of_every_pandas_type_are_read(name: str) -> None:
    values, wanted = PANDAS[name]
    corpus = read_corpus(pd.DataFrame({"odd": values, "text": ["a", "b", "c"]}), "text")
    assert corpus.table["odd"].to_pylist() == wanted
    assert corpus.to_native()["text"].tolist() == ["a", "b", "c"]


POLARS: dict[str, tuple[pl.Series, list[Any]]] = {
    "objects": (pl.Series([Unknown(), None], dtype=pl.Object), ["<Unknown object>", None]),
    "objects that are sets": (pl.Series([{1}, {2}], dtype=pl.Object), [[1], [2]]),
    "128 bits": (pl.Series([2**100, None], dtype=pl.Int128), [str(2**100), None]),
    "128 bits that 64 hold": (pl.Series([-5, None], dtype=pl.Int128), [-5, None]),
    "lists of 128 bits": (pl.Series([[1], None], dtype=pl.List(pl.Int128)), [[1], None]),
    "decimals": (pl.Series([Decimal("1.10"), None], dtype=pl.Decimal(38, 2)), [Decimal("1.10"), None]),
    "categories": (pl.Series(["a", None], dtype=pl.Categorical), ["a", None]),
    "enum": (pl.Series(["b", None], dtype=pl.Enum(["a", "b"])), ["b", None]),
    "times": (pl.Series([dt.time(1), None]), [dt.time(1), None]),
    "spans": (pl.Series([dt.timedelta(1), None]), [dt.timedelta(1), None]),
    "arrays": (pl.Series([[1, 2], None], dtype=pl.Array(pl.Int64, 2)), [[1, 2], None]),
    "arrays of size 0": (pl.Series([[], []], dtype=pl.Array(pl.Int64, 0)), [[], []]),
    "structs without fields": (pl.Series([{}, {}], dtype=pl.Struct([])), ["{}", "{}"]),
    "bytes": (pl.Series([b"a", None]), [b"a", None]),
    "nothing": (pl.Series([None, None]), [None, None]),
}


@pytest.mark.parametrize("name", POLARS)
def test_columns_of_every_polars_type_are_read(name: str) -> None:
    values, wanted = POLARS[name]
    frame = pl.DataFrame({"odd": values, "text": ["a", "b"]})
    for source in (frame, frame.lazy()):
        corpus = read_corpus(source, "text")
        assert names_without_meaning(corpus.table["odd"].to_pylist()) == wanted
        assert corpus.to_native()["text"].to_list() == ["a", "b"]


def test_half_a_character_in_the_text_is_repaired_and_its_row_named() -> None:
    for source in (["whole", HALF, None], pd.DataFrame({"text": pd.Series(["whole", HALF, None], dtype=object)})):
        corpus = read_corpus(source, "text")
        assert corpus.texts == ["whole", "x\ufffd", None]
        assert corpus.audit["half character"].rows.tolist() == [1]
        assert "first in row 1; U+FFFD stands for it" in corpus.audit["half character"].message


def test_a_list_of_texts_may_hold_any_missing_value() -> None:
    assert read_corpus(["a", pd.NA, float("nan"), None, pd.NaT]).texts == ["a", None, None, None, None]


def test_the_text_of_an_object_is_the_same_in_every_process() -> None:
    _, column, _ = make_column("odd", [Unknown(), lambda: None])
    assert "0x" not in "".join(column.to_pylist())


def test_an_odd_column_goes_through_a_folder(tmp_path: Any) -> None:
    frame = pd.DataFrame({"text": [f"text {row}" for row in range(12)], "odd": pd.Series([1, "a", {"b": 1}, None] * 3)})
    explore(frame, "text", HashEmbedder(), tmp_path / "x", show_progress=False)
    opened = open_exploration(tmp_path / "x")
    assert opened.corpus.table["odd"].to_pylist() == ["1", "a", '{"b": 1}', None] * 3
    assert "the first str in row 1" in opened.corpus.audit["mixed types"].message


def test_labels_that_are_categories_are_kept_though_they_look_like_row_numbers() -> None:
    index = pd.CategoricalIndex(pd.cut(range(4), 2))
    corpus = read_corpus(pd.DataFrame({"text": list("abcd")}, index=index), "text")
    pd.testing.assert_index_equal(corpus.to_native().index, index)
