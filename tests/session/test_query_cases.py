"""What conditions find: the cases that Python and the JavaScript of the exported page share."""

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from nomic_explore.search.conditions import meets
from nomic_explore.search.query import parse_query

SHARED = json.loads((Path(__file__).parents[1] / "data" / "query_cases.json").read_text(encoding="utf-8"))


def read_cell(kind: str, value: Any) -> Any:
    if value is None or kind in ("string", "bool", "list<string>"):
        return value
    if kind.startswith("decimal"):
        return Decimal(value)
    if kind == "date32":
        return dt.date.fromisoformat(value)
    if kind.startswith("timestamp"):
        return dt.datetime.fromisoformat(value)
    return float(value) if kind.startswith("float") else int(value)


def arrow_type(kind: str) -> pa.DataType:
    if kind.startswith("decimal"):
        precision, scale = kind.removeprefix("decimal128(").removesuffix(")").split(",")
        return pa.decimal128(int(precision), int(scale))
    named = {"list<string>": pa.list_(pa.string()), "timestamp[us]": pa.timestamp("us"), "date32": pa.date32()}
    return named.get(kind) or pa.type_for_alias(kind)


COLUMNS = {
    name: pa.array([read_cell(column["type"], value) for value in column["values"]], arrow_type(column["type"]))
    for name, column in SHARED["columns"].items()
}


def rows_meeting(query: str) -> list[int]:
    asked = parse_query(query, COLUMNS)
    assert asked.conditions
    assert not asked.words
    masks = [meets(condition, COLUMNS[condition.column]) for condition in asked.conditions]
    return np.flatnonzero(np.logical_and.reduce(masks)).tolist()


@pytest.mark.parametrize("case", SHARED["cases"], ids=lambda case: case["query"])
def test_a_condition_finds_what_it_says_or_says_what_was_expected(case: dict[str, Any]) -> None:
    if "error" in case:
        with pytest.raises(ValueError) as caught:
            rows_meeting(case["query"])
        assert case["error"] in str(caught.value)
    else:
        assert rows_meeting(case["query"]) == case["rows"]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_moments_of_every_unit_are_compared_alike(unit: str) -> None:
    written = ["2020-02-01T10:30:00", "2020-02-01T10:30:59", "2020-02-01T10:31:00", None]
    column = pa.array([None if one is None else np.datetime64(one, unit) for one in written], pa.timestamp(unit))
    for query, rows in (("c:2020-02-01T10:30", [0, 1]), ("c:>2020-02-01T10:30", [2]), ("c:..2020", [0, 1, 2])):
        (condition,) = parse_query(query, ["c"]).conditions
        assert np.flatnonzero(meets(condition, column)).tolist() == rows


def test_moments_beyond_those_of_python_are_compared_too() -> None:
    column = pa.array([2**62, -(2**62), 0], pa.int64()).cast(pa.timestamp("s"))
    for query, rows in (("c:>2020", [0]), ("c:<0001", [1]), ("c:1970", [2])):
        (condition,) = parse_query(query, ["c"]).conditions
        assert np.flatnonzero(meets(condition, column)).tolist() == rows


def test_moments_with_a_zone_are_those_that_clocks_show_there() -> None:
    column = pa.array(np.array(["2020-05-31T23:30", "2020-06-01T22:30"], "datetime64[us]")).cast(
        pa.timestamp("us", "Europe/Berlin")
    )
    (condition,) = parse_query("c:2020-06-01", ["c"]).conditions
    assert meets(condition, column).tolist() == [True, False]


def test_upper_and_lower_case_matter_where_they_tell_two_columns_apart() -> None:
    assert parse_query("Year:1 year:2 YEAR:3", ["Year", "year"]).columns == ("Year", "year")
    assert [one.column for one in parse_query("Year:1 year:2", ["year", "Year"]).conditions] == ["Year", "year"]
