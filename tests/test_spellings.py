"""Numbers, dates and truth values as people write them are read on request, and recognized for a hint."""

import datetime

import pyarrow as pa
import pytest

from nomic_explore.cells import convert_columns, type_columns
from nomic_explore.cells.spellings import suggest

DAY = datetime.date
UTC = datetime.UTC


def at(*parts: int, zone: datetime.tzinfo | None = None) -> datetime.datetime:
    return datetime.datetime(*parts, tzinfo=zone)  # type: ignore[arg-type, misc]


READ = {
    "decimal comma": ("number", ["3,14", "2,5", None], [3.14, 2.5, None]),
    "German thousands": ("number", ["1.234,56", "-1.000,00", "12"], [1234.56, -1000.0, 12.0]),
    "English thousands": ("number", ["1,234,567", "1,234.5"], [1234567.0, 1234.5]),
    "spaces": ("number", ["1 000", "12 345 678", "5"], [1000, 12345678, 5]),
    "narrow spaces": ("number", ["1\u202f000,5", "2\u00a0000,25"], [1000.5, 2000.25]),
    "apostrophes": ("number", ["1'000.50", "1’000’000.25"], [1000.5, 1000000.25]),
    "dollars": ("number", ["$5", "$1,000.50", "-$3"], [5.0, 1000.5, -3.0]),
    "euros behind": ("number", ["5 €", "3,50 €"], [5.0, 3.5]),
    "codes of currencies": ("number", ["USD 5", "USD 2.50"], [5.0, 2.5]),
    "percent": ("number", ["5%", "7.5 %"], [5.0, 7.5]),
    "signs": ("number", ["+5", "\u22123", "(7)"], [5, -3, -7]),
    "exponents": ("number", ["1e5", "2.5E-3"], [100000.0, 0.0025]),
    "missing ones": ("number", ["NA", "$5", "n/a", "-", ""], [None, 5, None, None, None]),
    "beyond 53 bits": ("number", ["9,007,199,254,740,993", "1"], [9007199254740993, 1]),
    "German days": ("date", ["31.12.2023", "1.2.2024", None], [DAY(2023, 12, 31), DAY(2024, 2, 1), None]),
    "American days": ("date", ["12/31/2023", "1/2/2024"], [DAY(2023, 12, 31), DAY(2024, 1, 2)]),
    "British days": ("date", ["31/12/2023", "1/2/2024"], [DAY(2023, 12, 31), DAY(2024, 2, 1)]),
    "years first": ("date", ["2023/12/31", "2024/1/2"], [DAY(2023, 12, 31), DAY(2024, 1, 2)]),
    "eight digits": ("date", ["20231231", "20240102"], [DAY(2023, 12, 31), DAY(2024, 1, 2)]),
    "months in words": ("date", ["10 October 2018", "1 Jan 2019"], [DAY(2018, 10, 10), DAY(2019, 1, 1)]),
    "American words": ("date", ["October 10, 2018", "Jan 1, 2019"], [DAY(2018, 10, 10), DAY(2019, 1, 1)]),
    "Twitter": ("date", ["Wed Oct 10 20:19:24 +0000 2018"], [at(2018, 10, 10, 20, 19, 24, zone=UTC)]),
    "mails": ("date", ["Wed, 10 Oct 2018 22:19:24 +0200"], [at(2018, 10, 10, 20, 19, 24, zone=UTC)]),
    "several offsets": (
        "date",
        ["2020-01-05T10:00:00+02:00", "2020-01-05 10:00:00-05:00"],
        [at(2020, 1, 5, 8, zone=UTC), at(2020, 1, 5, 15, zone=UTC)],
    ),
    "German times": ("date", ["31.12.2023 23:59", "1.1.2024"], [at(2023, 12, 31, 23, 59), at(2024, 1, 1)]),
    "afternoons": (
        "date",
        ["12/31/2023 11:59 PM", "1/1/2024 12:05 am"],
        [at(2023, 12, 31, 23, 59), at(2024, 1, 1, 0, 5)],
    ),
    "seconds since 1970": ("date", ["1539202764"], [at(2018, 10, 10, 20, 19, 24, zone=UTC)]),
    "milliseconds since 1970": ("date", ["1539202764500"], [at(2018, 10, 10, 20, 19, 24, 500000, zone=UTC)]),
    "missing days": ("date", ["n/a", "31.12.2023"], [None, DAY(2023, 12, 31)]),
    "truth": ("boolean", ["yes", "No", "y", None], [True, False, True, None]),
    "truth as digits": ("boolean", ["1", "0"], [True, False]),
}


@pytest.mark.parametrize(("kind", "cells", "values"), READ.values(), ids=READ)
def test_spellings_are_read_on_request(kind: str, cells: list[str], values: list[object]) -> None:
    table, _ = convert_columns(pa.table({"a": cells}), {"a": kind})
    assert table["a"].to_pylist() == values
    in_chunks = pa.table({"a": pa.chunked_array([cells[:1], cells[1:]], pa.string())})
    assert convert_columns(in_chunks, {"a": kind})[0]["a"].to_pylist() == values


REFUSED = {
    "a word": ("number", ["1", "two"], r"row 1 of column 'a' is 'two'; expected a number \(1 rows are none\)"),
    "decimals or thousands": ("number", ["1,234", "5,678"], "'1,234' may have decimals or thousands"),
    "two currencies": ("number", ["$5", "€5"], "several units"),
    "percent and none": ("number", ["5%", "0.05"], "several units"),
    "day or month": ("date", ["1/2/2024", "3/4/2024"], "nothing tells whether '1/2/2024' starts with the day"),
    "no such day": ("date", ["31.12.2023", "31.2.2023"], "row 1 of column 'a' is '31.2.2023'; expected a date"),
    "a time of day": ("date", ["10:30"], "expected a date"),
    "perhaps": ("boolean", ["yes", "perhaps"], "expected a boolean"),
}


@pytest.mark.parametrize(("kind", "cells", "words"), REFUSED.values(), ids=REFUSED)
def test_a_cell_that_is_none_is_named_with_its_row(kind: str, cells: list[str], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        convert_columns(pa.table({"a": cells}), {"a": kind})


def test_columns_of_any_type_are_converted() -> None:
    table = pa.table({"epoch": [1539202764], "flag": [1], "code": [7], "price": [1.5], "list": [[1]]})
    converted, _ = convert_columns(table, {"epoch": "date", "flag": "boolean", "code": "category", "price": "text"})
    assert converted["epoch"].to_pylist() == [at(2018, 10, 10, 20, 19, 24, zone=UTC)]
    assert converted["flag"].to_pylist() == [True]
    assert pa.types.is_dictionary(converted.schema.field("code").type)
    assert converted["price"].to_pylist() == ["1.5"]
    with pytest.raises(ValueError, match=r"column 'list' holds list<.*>, which cannot be read as 'date'"):
        convert_columns(table, {"list": "date"})


def test_unknown_kinds_and_columns_are_refused() -> None:
    with pytest.raises(ValueError, match=r"dtype\['a'\]='float'; expected one of 'text', 'number'"):
        type_columns(pa.table({"a": ["1"]}), dtype={"a": "float"})
    with pytest.raises(ValueError, match="dtype names 'b', which is no column; there are a"):
        type_columns(pa.table({"a": ["1"]}), dtype={"b": "text"})


def test_what_was_asked_for_is_not_looked_at_again() -> None:
    table, notes = type_columns(pa.table({"a": ["1"], "b": ["$1,000"]}), dtype={"a": "text", "b": "number"})
    assert table.to_pylist() == [{"a": "1", "b": 1000}]
    assert notes == ["column 'b' was read as number, in $"]


SUGGESTED = {
    "decimal comma": (["3,14", "2,50"], "number"),
    "prices": (["$5", "$6", "NA"], "number"),
    "German days": (["31.12.2023", "01.02.2024"], "date"),
    "seconds since 1970": (["1539202764", "1539202765"], "date"),
    "yes and no": (["yes", "no"], "boolean"),
    "postcodes": (["01234", "00501"], None),
    "telephone": (["+493012345", "+493012346"], None),
    "identifiers of 20 digits": (["12345678901234567890"], None),
    "six digits": (["012345", "123456"], None),
    "words": (["a cat", "a dog"], None),
    "nothing": ([None, "NA"], None),
    "days and words": (["31.12.2023", "last week"], None),
}


@pytest.mark.parametrize(("cells", "kind"), SUGGESTED.values(), ids=SUGGESTED)
def test_a_column_is_recognized_for_a_hint(cells: list[str | None], kind: str | None) -> None:
    assert suggest(pa.array(cells, pa.string())) == kind
