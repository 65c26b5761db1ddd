"""A column of every Arrow type, each with a null, and a strategy that makes columns of random types."""

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from hypothesis import strategies as st

DAY = dt.date(2020, 1, 2)
MOMENTS = [dt.datetime(2020, 1, 2, 3, 4, 5), None, dt.datetime(1970, 1, 1), dt.datetime(2200, 1, 1)]
LISTS = [[1, 2], None, [], [None]]
STRINGS = ["a", None, "", "a string of more than twelve bytes"]
BYTES = [b"a\xff", None, b"", b"more than twelve bytes"]
AMOUNTS = [Decimal("1.10"), None, Decimal("-3.00"), Decimal("0.00")]
PAIRS = [{"a": 1, "b": True}, None, {"a": None, "b": None}, {"a": 2, "b": False}]
OFFSETS = pa.array([0, 1, 1, 2, 4], pa.int32())


def _scalars() -> dict[str, Any]:
    made: dict[str, Any] = {"null": pa.nulls(4), "bool": pa.array([True, None, False, True])}
    for name in ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64"):
        made[name] = pa.array([1, None, 3, 100], getattr(pa, name)())
    made["float16"] = pa.array([np.float16(1.5), None, np.float16(2), np.float16("inf")])
    made["unsigned"] = pa.array([2**64 - 1, None, 0, 5], pa.uint64())
    for kind in (pa.decimal32(5, 2), pa.decimal64(12, 2), pa.decimal128(30, 2), pa.decimal256(60, 2)):
        made[str(kind)] = pa.array(AMOUNTS, kind)
    made["decimal of hundreds"] = pa.array([Decimal(1100), None, Decimal(-300), Decimal(0)], pa.decimal128(5, -2))
    made["decimal of 76 digits"] = pa.array([Decimal(10**75), None, Decimal(-3), Decimal(0)], pa.decimal256(76, 0))
    for kind in (pa.string(), pa.large_string(), pa.string_view()):
        made[str(kind)] = pa.array(STRINGS, kind)
    for kind in (pa.binary(), pa.large_binary(), pa.binary_view()):
        made[str(kind)] = pa.array(BYTES, kind)
    made["bytes of 3"] = pa.array([b"abc", None, b"\xff\x00\x01", b"zzz"], pa.binary(3))
    made["bytes of 0"] = pa.array([b"", None, b"", b""], pa.binary(0))
    for kind in (pa.date32(), pa.date64()):
        made[str(kind)] = pa.array([DAY, None, dt.date(2000, 2, 29), dt.date(1969, 1, 1)], kind)
    times = [dt.time(1, 2, 3), None, dt.time(0), dt.time(23, 59, 59)]
    for kind in (pa.time32("s"), pa.time32("ms"), pa.time64("us"), pa.time64("ns")):
        made[str(kind)] = pa.array(times, kind)
    made["time of nanoseconds"] = pa.array([1, None, 86_399_999_999_999, 0], pa.int64()).cast(pa.time64("ns"))
    for unit in ("s", "ms", "us", "ns"):
        for zone in (None, "UTC", "Europe/Berlin", "+05:30"):
            made[f"moment {unit} {zone}"] = pa.array(MOMENTS, pa.timestamp(unit, zone))
        made[f"duration {unit}"] = pa.array([1, None, -5, 10**9], pa.duration(unit))
    made["moments too far"] = pa.array([10**12, None, -(10**12), 0], pa.int64()).cast(pa.timestamp("s"))
    made["days too far"] = pa.array([2**30, None, -(2**30), 0], pa.int32()).cast(pa.date32())
    made["durations too long"] = pa.array([2**62, None, -(2**62), 0], pa.duration("s"))
    made["no zone"] = pa.array([1, None, 2, 3], pa.timestamp("us", "Mars/Phobos"))
    made["months"] = pa.array(
        [pa.MonthDayNano([1, 2, 3]), None, pa.MonthDayNano([0, 0, 0]), pa.MonthDayNano([-1, 2, 3])]
    )
    return made


def _nested() -> dict[str, Any]:
    made: dict[str, Any] = {}
    for kind in (pa.list_, pa.large_list, pa.list_view, pa.large_list_view):
        made[str(kind(pa.int64()))] = pa.array(LISTS, kind(pa.int64()))
    made["pairs"] = pa.array([[1, 2], None, [3, None], [4, 5]], pa.list_(pa.int64(), 2))
    made["pairs of text"] = pa.array([["a", "b"], None, ["c", None], ["d", ""]], pa.list_(pa.string(), 2))
    made["lists of size 0"] = pa.array([[], None, [], []], pa.list_(pa.int64(), 0))
    made["lists of nulls"] = pa.array([[None], None, [], [None, None]], pa.list_(pa.null()))
    made["lists of views"] = pa.array([["a"], None, [], ["b"]], pa.list_(pa.string_view()))
    made["struct"] = pa.array(PAIRS)
    made["struct of nulls"] = pa.array([{"a": None}, None, {"a": None}, {}], pa.struct([("a", pa.null())]))
    made["struct in struct"] = pa.array([{"a": {"b": 1}}, None, {"a": None}, {"a": {"b": None}}])
    made["empty struct"] = pa.array([{}, None, {}, {}], pa.struct([]))
    made["lists of empty structs"] = pa.array([[{}], None, [], [{}, {}]])
    made["empty struct in struct"] = pa.array([{"a": 1, "e": {}}, None, {"a": None, "e": None}, {"a": 2, "e": {}}])
    twice = [pa.array([1, 2, 3, 4]), pa.array(["a", "b", "c", "d"])]
    made["struct of one name"] = pa.StructArray.from_arrays(twice, names=["a", "a"])
    map_values = [[("a", 1)], None, [], [("b", None), ("c", 2)]]
    made["map"] = pa.array(map_values, pa.map_(pa.string(), pa.int64()))
    made["sorted map"] = pa.array(map_values, pa.map_(pa.string(), pa.int64(), keys_sorted=True))
    made["map of views"] = pa.array(
        [[("a", "x")], None, [], [("b", None)]], pa.map_(pa.string_view(), pa.string_view())
    )
    return made


def _encoded(scalars: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name in ("string", "large_string", "int64", "float64", "bool", "date32[day]", "binary", "moment us UTC"):
        made[f"categories of {name}"] = scalars[name].dictionary_encode()
    codes = pa.array([0, None, 1, 0], pa.int8())
    for name, values in {
        "structs": pa.array([{"l": 1.0}, {"l": 2.0}]),
        "lists": pa.array([[1], [2, 3]]),
        "nulls": pa.nulls(2),
        "text and null": pa.array(["a", None]),
        "text twice": pa.array(["a", "a"]),
        "views": pa.array(["a", "b"], pa.string_view()),
        "categories": pa.array(["a", "b"]).dictionary_encode(),
    }.items():
        made[f"categories of {name}"] = pa.DictionaryArray.from_arrays(codes, values)
    made["categories in order"] = pa.DictionaryArray.from_arrays(codes, pa.array(["low", "high"]), ordered=True)
    made["categories of two files"] = pa.chunked_array(
        [pa.array(["a", None]).dictionary_encode(), pa.array(["b", "a"]).dictionary_encode()]
    )
    runs = pa.array([2, 4], pa.int32())
    for name, values in {"text": pa.array(["z", None]), "lists": pa.array([[1], None])}.items():
        made[f"runs of {name}"] = pa.RunEndEncodedArray.from_arrays(runs, values)
    made["lists of runs"] = pa.ListArray.from_arrays(OFFSETS, made["runs of text"])
    kinds, places = pa.array([0, 1, 0, 1], pa.int8()), pa.array([0, 0, 1, 1], pa.int32())
    made["dense union"] = pa.UnionArray.from_dense(kinds, places, [pa.array([1, None]), pa.array(["a", "b"])])
    made["sparse union"] = pa.UnionArray.from_sparse(kinds, [pa.array([1, 2, None, 3]), pa.array(list("abcd"))])
    made["lists of unions"] = pa.ListArray.from_arrays(OFFSETS, made["dense union"])
    return made


def _extensions() -> dict[str, Any]:
    ids = [uuid.UUID(int=5), None, uuid.UUID(int=6), uuid.UUID(int=7)]
    tensors = pa.array([[1, 2, 3, 4], None, [5, 6, 7, 8], [0, 0, 0, 0]], pa.list_(pa.int32(), 4))
    wrapped = {
        "json": (pa.json_(), pa.array(['{"a":1}', None, "2", "[]"])),
        "bool8": (pa.bool8(), pa.array([1, None, 0, 1], pa.int8())),
        "tensors": (pa.fixed_shape_tensor(pa.int32(), [2, 2]), tensors),
        "opaque": (pa.opaque(pa.binary(), "geometry", "postgis"), pa.array([b"a", None, b"b", b"c"])),
    }
    made: dict[str, Any] = {name: pa.ExtensionArray.from_storage(*parts) for name, parts in wrapped.items()}
    made["uuid"] = pa.array(ids, pa.uuid())
    made["lists of uuid"] = pa.ListArray.from_arrays(OFFSETS, made["uuid"])
    frame = pd.DataFrame(
        {
            "periods": pd.PeriodIndex(["2020-01", None, "2020-03", "2021-01"], freq="M"),
            "intervals": pd.arrays.IntervalArray.from_tuples([(0, 1), None, (1, 2), (0, 1)]),
            "bands": pd.cut(pd.Series([1, None, 2, 4.0]), 2),
        }
    )
    made |= {name: pa.Table.from_pandas(frame)[name] for name in frame}
    return made


def columns_of_all_types() -> dict[str, pa.ChunkedArray]:
    """A column of 4 rows of every type, by name; the second row is null in nearly all of them."""
    scalars = _scalars()
    made = {**scalars, **_nested(), **_encoded(scalars), **_extensions()}
    return {
        name: column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column])
        for name, column in made.items()
    }


_LEAVES: dict[pa.DataType, st.SearchStrategy[Any]] = {
    pa.int64(): st.integers(-(2**63), 2**63 - 1),
    pa.uint64(): st.integers(0, 2**64 - 1),
    pa.bool_(): st.booleans(),
    pa.float64(): st.floats(allow_nan=False),
    pa.string(): st.text(max_size=5),
    pa.string_view(): st.text(max_size=20),
    pa.binary(): st.binary(max_size=4),
    pa.binary(2): st.binary(min_size=2, max_size=2),
    pa.decimal128(8, 2): st.decimals(-99999, 99999, places=2),
    pa.decimal256(60, 0): st.integers(-(10**59), 10**59).map(Decimal),
    pa.date32(): st.dates(),
    pa.date64(): st.dates(),
    pa.time64("ns"): st.times(),
    pa.timestamp("us", "Europe/Berlin"): st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2100, 1, 1)),
    pa.timestamp("s"): st.integers(-(10**13), 10**13),
    pa.duration("ms"): st.integers(-(10**12), 10**12),
    pa.null(): st.none(),
}


def _types() -> st.SearchStrategy[pa.DataType]:
    def wrap(inner: st.SearchStrategy[pa.DataType]) -> st.SearchStrategy[pa.DataType]:
        structs = st.lists(inner, max_size=3).map(lambda kinds: pa.struct([*zip("abc", kinds, strict=False)]))
        lists = [inner.map(kind) for kind in (pa.list_, pa.large_list, pa.list_view)]
        vectors = st.tuples(inner, st.integers(0, 2)).map(lambda both: pa.list_(*both))
        return st.one_of(structs, *lists, vectors, inner.map(lambda kind: pa.map_(pa.string(), kind)))

    return st.recursive(st.sampled_from(list(_LEAVES)), wrap, max_leaves=4)


def _values(kind: pa.DataType) -> st.SearchStrategy[Any]:
    if pa.types.is_struct(kind):
        made: Any = st.fixed_dictionaries({child.name: _values(child.type) for child in kind})
    elif pa.types.is_map(kind):
        made = st.dictionaries(st.text(max_size=2), _values(kind.item_type), max_size=2).map(
            lambda each: [*each.items()]
        )
    elif pa.types.is_fixed_size_list(kind):
        made = st.lists(_values(kind.value_type), min_size=kind.list_size, max_size=kind.list_size)
    elif pa.types.is_nested(kind):
        made = st.lists(_values(kind.value_type), max_size=3)
    else:
        made = _LEAVES[kind]
    return st.none() | made


@st.composite
def tables(draw: st.DrawFn) -> pa.Table:
    """Tables of one to four columns of random types, in chunks, some of them slices."""
    n_rows = draw(st.integers(1, 6))
    columns: dict[str, pa.ChunkedArray] = {}
    for place in range(draw(st.integers(1, 4))):
        kind = draw(_types())
        values = draw(st.lists(_values(kind), min_size=n_rows, max_size=n_rows))
        cut = draw(st.integers(0, n_rows))
        column = pa.array(values, kind)
        if draw(st.booleans()) and not pa.types.is_nested(kind) and kind not in (pa.string_view(), pa.null()):
            column = column.dictionary_encode()
        columns[f"c{place}"] = pa.chunked_array([column.slice(0, cut), column.slice(cut)])
    return pa.table(columns)
