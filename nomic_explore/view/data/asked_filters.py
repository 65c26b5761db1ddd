"""What people ask of columns in Python, `filter(stars=(4, None))`, as filters that the map takes."""

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from decimal import Decimal
from numbers import Integral, Real

import numpy as np

from nomic_explore.search.dates import parse_span
from nomic_explore.search.exact_numbers import parse_number
from nomic_explore.view.data.channels import Channel
from nomic_explore.view.data.filters import ColumnFilter, find_channel

_EXACT_INTEGERS = 2**53
_YEARS = (1, 9999)  # whole numbers in between that are asked of dates are years; others are milliseconds since 1970
_FORMS = "expected a value, a list of values, a (low, high) tuple with None for an open end, or None for rows without a value"


def filters_of(columns: Mapping[str, object], channels: Mapping[str, Channel]) -> list[ColumnFilter]:
    """Returns filters of columns.

    Args:
        columns: for each a value, a list of values, a (low, high) tuple with None for an open end, or None for the rows
            without a value. A list may hold None too.
        channels: what the columns hold.

    Raises:
        ValueError: there is no such column, or a value cannot be understood for what it holds.

    Example:
        >>> from nomic_explore.view.data.channels import number_channel
        >>> filters_of({"stars": (4, None)}, {"stars": number_channel("stars", np.array([3.0, 5.0]))})
        [{'column': 'stars', 'low': 4, 'high': None}]
    """
    return [_filter(find_channel(channels, name), wanted) for name, wanted in columns.items()]


def _filter(channel: Channel, wanted: object) -> ColumnFilter:
    name = channel.name
    if isinstance(wanted, tuple) and len(wanted) == 2:
        if channel.values is None:
            return {"column": name, "low": None, "high": None}  # which the map refuses, and says why
        low, high = _end(channel, wanted[0], is_high=False), _end(channel, wanted[1], is_high=True)
        if low is not None and high is not None and _number(low) > _number(high):
            raise ValueError(f"{name}={wanted!r}: the lower end comes first.")
        return {"column": name, "low": low, "high": high}
    if isinstance(wanted, Mapping | slice | bytes):
        raise ValueError(f"{name}={wanted!r:.100}; {_FORMS}.")
    listed = list(wanted) if isinstance(wanted, Iterable) and not isinstance(wanted, str) else [wanted]
    if channel.kind == "dates" and len(listed) == 1 and not _is_missing(listed[0]):
        return {
            "column": name,
            "low": _end(channel, listed[0], is_high=False),
            "high": _end(channel, listed[0], is_high=True),
        }
    return {"column": name, "values": [_value(value) for value in listed]}


def _value(value: object) -> str | None:
    """Returns a value by its name; None for the ways in which Python says that there is none."""
    if _is_missing(value):
        return None
    if isinstance(value, bool | np.bool_):
        return str(bool(value)).lower()
    if isinstance(value, Real) and not isinstance(value, Integral) and math.isfinite(value) and float(value) % 1 == 0:
        return str(int(float(value)))
    return str(value)


def _is_missing(value: object) -> bool:
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    if isinstance(value, np.datetime64):
        return bool(np.isnat(value))
    return isinstance(value, Real) and math.isnan(value)


def _end(channel: Channel, end: object, *, is_high: bool) -> float | str | None:
    """Returns an end of a range as JSON and JavaScript can hold it: large whole numbers and decimals are strings."""
    if _is_missing(end):
        return None
    if channel.kind == "dates":
        return _moment(channel, end, is_high=is_high)
    if isinstance(end, str):
        if parse_number(end) is None:
            raise ValueError(f"{channel.name}={end!r}; column {channel.name!r} holds {channel.kind}, {_FORMS}.")
        return end
    if isinstance(end, Integral):
        return int(end) if abs(int(end)) <= _EXACT_INTEGERS else str(int(end))
    if isinstance(end, Decimal):
        return str(end)
    if isinstance(end, Real):
        return float(end) if math.isfinite(end) else None
    if isinstance(end, dt.date | np.datetime64):
        raise ValueError(f"{channel.name}={end!r}; column {channel.name!r} holds {channel.kind}, no dates.")
    raise ValueError(f"{channel.name}={end!r:.60}; {_FORMS}.")


def _moment(channel: Channel, end: object, *, is_high: bool) -> float:
    """Returns a moment in milliseconds since 1970; a day, a month or a year that ends a range belongs to it."""
    if isinstance(end, Integral) and not isinstance(end, bool) and not _YEARS[0] <= int(end) <= _YEARS[1]:
        return int(end)
    written = f"{int(end):04d}" if isinstance(end, Integral) else str(end)
    if isinstance(end, dt.datetime | np.datetime64):
        import pandas as pd

        moment = pd.Timestamp(end)
        if moment.tzinfo is not None:
            moment = moment.tz_convert(channel.zone or "UTC").tz_localize(None)
        return int(moment.to_datetime64().astype("datetime64[us]").astype(np.int64)) / 1000
    if isinstance(end, Real) and not isinstance(end, Integral):
        return float(end)
    span = parse_span(written)
    if span is None:
        raise ValueError(
            f"{channel.name}={end!r:.60}; column {channel.name!r} holds dates, expected year-month-day, such as "
            "'2020-02-01', '2020-02', 2020, or a date."
        )
    return (span[1] - 1) / 1000 if is_high else span[0] / 1000


def _number(end: float | str) -> Decimal:
    return Decimal(end) if isinstance(end, str) else Decimal(repr(end))
