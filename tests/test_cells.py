"""Cells of text become numbers, booleans and dates only where they write back identically."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nomic_explore.cells import type_columns, write_cells, written_as

TYPED = {
    "whole numbers": (["1", "-20", "0", None], "int64"),
    "the largest whole number": (["9223372036854775807", "1"], "int64"),
    "two decimals each": (["1.10", "-0.05", "1234.50", None], "double"),
    "one decimal each": (["1.0", "2.5"], "double"),
    "numbers with and without decimals": (["1", "2.5", "0.25"], "double"),
    "numbers as Python writes them": (["1.0", "0.25", "1e-05"], "double"),
    "many digits": (["0.1234567890123456", "2.5"], "double"),
    "true": (["true", "false", None], "bool"),
    "True": (["True", "True"], "bool"),
    "TRUE": (["FALSE", "TRUE"], "bool"),
    "days": (["2024-02-29", None, "1066-10-14", "9999-12-31"], "date32[day]"),
    "minutes": (["2024-02-29 10:00", "2024-02-29 23:59"], "timestamp[s]"),
    "seconds": (["2024-02-29T10:00:01", "1850-02-28T23:59:59"], "timestamp[s]"),
    "tenths of a second": (["2024-02-29 10:00:01.5", "1950-02-28 23:59:59.0"], "timestamp[ms]"),
    "microseconds": (["2024-02-29 10:00:01.123456", "1950-02-28 23:59:59.000000"], "timestamp[us]"),
    "nanoseconds": (["2024-02-29 10:00:01.123456789"], "timestamp[ns]"),
    "times in UTC": (["2024-02-29T10:00:00Z", "2024-02-29T10:00:01Z"], "timestamp[s, tz=UTC]"),
    "times of one offset": (["2024-02-29T10:00:00+02:00", "2023-12-31T23:00:00+02:00"], "timestamp[s, tz=UTC]"),
    "times west of Greenwich": (["2024-02-29 10:00:00.250-0530", None], "timestamp[ms, tz=UTC]"),
}


@pytest.mark.parametrize(("cells", "kind"), TYPED.values(), ids=TYPED)
def test_a_column_that_writes_back_has_a_type(cells: list[str | None], kind: str) -> None:
    table, notes = type_columns(pa.table({"a": cells}))
    assert str(table.schema.field("a").type) == kind
    assert write_cells(table["a"], written_as(table.schema.field("a"))).to_pylist() == cells
    assert notes[0].endswith(": 'a'")


TEXT = {
    "postcodes": ["01234", "00501"],
    "one leading zero in many": [*map(str, range(1, 500)), "007"],
    "ISBN": ["0306406152", "030640615X"],
    "telephone": ["+491234", "+491235"],
    "versions": ["1.10", "1.2.3"],
    "decimals of different length beside a trailing zero": ["1.10", "1.5"],
    "whole and not, both with a point": ["1", "1.0", "2.5"],
    "an exponent": ["1e5", "2e5"],
    "hexadecimal": ["0x1F", "0x2A"],
    "20 digits": ["12345678901234567890", "12345678901234567891"],
    "more decimals than a float has": ["0.12345678901234567890"],
    "thousands": ["1,000", "2,000"],
    "comma": ["3,14", "2,50"],
    "currency": ["€5", "$6"],
    "percent": ["5%", "6%"],
    "minus zero": ["-0", "1"],
    "minus zero with decimals": ["-0.00", "1.00"],
    "a point without digits": ["1.", ".5"],
    "spaces": [" 1", "2 "],
    "not numbers": ["nan", "inf", "NaN"],
    "missing values spelled out": ["NA", "1", "2"],
    "null spelled out": ["NULL", "true"],
    "truth in two ways": ["True", "true"],
    "yes and no": ["yes", "no"],
    "t and f": ["t", "f"],
    "true and 1": ["true", "1"],
    "times of day": ["10:30:00", "11:30:00"],
    "days without zeros": ["2024-2-9", "2024-10-10"],
    "days and times": ["2024-02-29", "2024-02-29 10:00:00"],
    "no such day": ["2023-02-29"],
    "several offsets": ["2024-01-01T10:00:00+02:00", "2024-07-01T10:00:00-05:00"],
    "with and without offset": ["2024-01-01T10:00:00Z", "2024-07-01T10:00:00"],
    "seconds and none": ["2024-01-01 10:00", "2024-07-01 10:00:00"],
    "the 24th hour": ["2024-01-01 24:00:00"],
    "too early for nanoseconds": ["1024-01-01 20:00:00.123456789"],
    "German days": ["31.12.2023", "01.01.2024"],
    "digits of other scripts": ["١٢", "٣"],
    "emoji": ["👍", "1"],
    "an empty string that is not null": ["", "1"],
}


@pytest.mark.parametrize("cells", TEXT.values(), ids=TEXT)
def test_a_column_that_would_not_write_back_stays_text(cells: list[str]) -> None:
    table, notes = type_columns(pa.table({"a": cells}))
    assert table["a"].to_pylist() == cells
    assert notes == []


def test_columns_named_to_stay_text_do_so() -> None:
    table, _ = type_columns(pa.table({"id": ["1"], "n": ["1"]}), kept_as_text={"id"})
    assert table.to_pylist() == [{"id": "1", "n": 1}]


def test_a_column_without_any_cell_has_no_type() -> None:
    table, _ = type_columns(pa.table({"a": pa.array([None, None], pa.string())}))
    assert pa.types.is_null(table.schema.field("a").type)


def test_columns_of_other_types_are_left_alone() -> None:
    given_table = pa.table({"a": [1.5], "b": [["01"]]})
    assert type_columns(given_table) == (given_table, [])


def test_how_cells_were_written_survives_selecting_rows() -> None:
    table, _ = type_columns(pa.table({"a": pa.chunked_array([["1.10"], ["1.50", "2.00"]])}))
    kept = table.take(pa.array([2, 0])).filter(pa.array([True, True]))
    assert write_cells(kept["a"], written_as(kept.schema.field("a"))).to_pylist() == ["2.00", "1.10"]


CELLS = st.one_of(
    st.integers(-(10**20), 10**20).map(str),
    st.floats().map(str),
    st.floats(-1e6, 1e6).map("{:.2f}".format),
    st.floats(-1e18, 1e18).map("{:.3f}".format),
    st.booleans().map(str),
    st.dates().map(str),
    st.datetimes().map(str),
    st.datetimes(timezones=st.timezones()).map(lambda moment: moment.isoformat()),
    st.text("0123456789.-+eE:T Z,€%", min_size=1),
)
COLUMNS = st.lists(CELLS, min_size=1) | st.one_of(*(st.lists(one, min_size=1) for one in CELLS.original_strategies))


@given(COLUMNS)
def test_any_column_writes_back_as_it_was(cells: list[str]) -> None:
    table, _ = type_columns(pa.table({"a": cells}))
    assert write_cells(table["a"], written_as(table.schema.field("a"))).to_pylist() == cells
