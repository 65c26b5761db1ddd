"""Every Arrow type is shown on a map, or said not to be; conditions on it find rows or say what they expect."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from nomic_explore.search.conditions import meets
from nomic_explore.search.query import parse_query
from nomic_explore.view.data.channel_readers import column_channel, explain_unshown
from nomic_explore.view.data.column_summaries import summarize
from nomic_explore.view.data.summaries import cell_text

N = 30
HALF = N // 2
TAGS = pa.array(["a"] * N).dictionary_encode()
# What is shown as: categories, lists, numbers, dates, or None.
COLUMNS: dict[str, tuple[pa.Array, str | None]] = {
    "struct": (pa.array([{"a": 1}] * N), None),
    "empty struct": (pa.array([{}] * N, pa.struct([])), None),
    "list of empty structs": (pa.array([[{}]] * N, pa.list_(pa.struct([]))), None),
    "map": (pa.array([[("k", 1)]] * N, pa.map_(pa.string(), pa.int64())), None),
    "binary": (pa.array([b"x"] * N), None),
    "large binary": (pa.array([b"x"] * N, pa.large_binary()), None),
    "binary of fixed size": (pa.array([b"xy"] * N, pa.binary(2)), None),
    "binary view": (pa.array([b"a"] * N, pa.binary_view()), None),
    "uuid": (pa.ExtensionArray.from_storage(pa.uuid(), pa.array([b"x" * 16] * N, pa.binary(16))), None),
    "union": (
        pa.UnionArray.from_dense(pa.array([0] * N, pa.int8()), pa.array(range(N), pa.int32()), [pa.array(range(N))]),
        None,
    ),
    "time": (pa.array([dt.time(1)] * N, pa.time32("s")), None),
    "long time": (pa.array([dt.time(1)] * N, pa.time64("ns")), None),
    "duration": (pa.array([dt.timedelta(1)] * N), None),
    "month, day, nanosecond": (pa.array([pa.MonthDayNano([1, 2, 3])] * N), None),
    "list of numbers, fixed size": (pa.array([[1, 2]] * N, pa.list_(pa.int64(), 2)), None),
    "list of lists": (pa.array([[["a"]]] * N), None),
    "list of nulls": (pa.array([[None]] * N), None),
    "list of dates": (pa.array([[dt.date(2020, 1, 1)]] * N), None),
    "list": (pa.array([[None, "a", ""]] * N), "lists"),
    "large list": (pa.array([["a", "b"]] * N, pa.large_list(pa.string())), "lists"),
    "list view": (pa.array([["a"], None] * HALF, pa.list_view(pa.string())), "lists"),
    "list of fixed size": (pa.array([["a", "b"], None] * HALF, pa.list_(pa.string(), 2)), "lists"),
    "list of numbers": (pa.array([[1, 2], [3]] * HALF), "lists"),
    "list of truth": (pa.array([[True]] * N), "lists"),
    "list of large strings": (pa.array([["a"]] * N, pa.list_(pa.large_string())), "lists"),
    "list of string views": (pa.array([["a"]] * N, pa.list_(pa.string_view())), "lists"),
    "list of a dictionary": (pa.ListArray.from_arrays(list(range(N + 1)), TAGS), "lists"),
    "dictionary of numbers": (pa.array([1, 2, 3] * 10).dictionary_encode(), "numbers"),
    "dictionary of dates": (pa.array([dt.date(2020, 1, 1)] * N).dictionary_encode(), "dates"),
    "dictionary": (TAGS, "categories"),
    "string view": (pa.array(["a", "b"] * HALF, pa.string_view()), "categories"),
    "large string": (pa.array(["a", "b"] * HALF, pa.large_string()), "categories"),
    "JSON": (pa.ExtensionArray.from_storage(pa.json_(), pa.array(["{}"] * N)), "categories"),
    "runs of numbers": (pa.RunEndEncodedArray.from_arrays([10, N], [1, 2]), "numbers"),
    "runs of strings": (pa.RunEndEncodedArray.from_arrays([10, N], ["a", "b"]), "categories"),
    "float16": (pa.array(np.arange(N, dtype=np.float16)), "numbers"),
    "int8": (pa.array(np.arange(N, dtype=np.int8)), "numbers"),
    "uint8": (pa.array(np.arange(N, dtype=np.uint8)), "numbers"),
    "decimal32": (pa.array([Decimal("1.5")] * N, pa.decimal32(5, 2)), "numbers"),
    "decimal64": (pa.array([Decimal("1.5")] * N, pa.decimal64(12, 2)), "numbers"),
    "decimal of thousands": (pa.array([Decimal("1500")] * N, pa.decimal128(5, -2)), "numbers"),
    "decimal of 30 places": (pa.array([Decimal("1.5")] * N, pa.decimal128(38, 30)), "numbers"),
    "decimal256": (pa.array([Decimal("1.5")] * N, pa.decimal256(60, 30)), "numbers"),
    "date64": (pa.array([dt.date(2020, 1, 1)] * N, pa.date64()), "dates"),
    "unknown zone": (pa.array([1] * N, pa.timestamp("us", "Mars/Base")), "dates"),
    "nanoseconds as text": (pa.array(["2020-01-01T00:00:00.123456789Z"] * N), "dates"),
    "zones as text": (pa.array(["2020-01-01T00:00:00+02:00"] * N), "dates"),
    "dates and mistakes as text": (pa.array(["2020-01-01", "2020-13-01"] * HALF), "categories"),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_of_any_type_is_shown_or_said_not_to_be(name: str) -> None:
    array, kind = COLUMNS[name]
    column = pa.chunked_array([array])
    found = column_channel(name, column)
    assert (found.kind if found else None) == kind
    if found is None:
        reason = "is empty" if name == "list of nulls" and not array[0].as_py() else "holds values of type"
        assert f"Column '{name}' {reason}" in explain_unshown(name, column)
    else:
        rows = np.arange(N)
        assert found.codes.shape == (N,)
        assert found.sizes_of(rows)[0] == (HALF if array.null_count else 0)
        assert found.legend(rows)["column"] == summarize(found, rows)["name"] == name
    cell_text(column[0])
    for part in (column.slice(0, 0), column.slice(7, 3)):
        column_channel(name, part)


@pytest.mark.parametrize("name", COLUMNS)
@pytest.mark.parametrize("query", ["c:1", "c:>1", "c:none", "-c:none", "c:2020", "c:a"])
def test_a_condition_on_a_column_of_any_type_finds_rows_or_says_what_it_expects(name: str, query: str) -> None:
    (condition,) = parse_query(query, ["c"]).conditions
    refused = None
    try:
        found = meets(condition, pa.chunked_array([COLUMNS[name][0]]))
    except ValueError as error:  # Arrow's own errors are of kinds below it
        refused = error
    if refused is not None:
        assert type(refused) is ValueError
        assert "expected" in str(refused) or "read the table with dtype=" in str(refused)
    else:
        assert found.shape == (N,)
        assert found.dtype == bool
