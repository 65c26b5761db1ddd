"""Filters: which rows fit what is asked of columns. The rest turns gray on the map; nothing vanishes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Required, TypedDict

import numpy as np

from nomic_explore.view.data.channels import Channel

if TYPE_CHECKING:
    import datetime as dt

    import pandas as pd


class ColumnFilter(TypedDict, total=False):
    """What is asked of a column: names of categories, or a range with both ends inclusive, None for an open one."""

    column: Required[str]
    values: Sequence[str]
    low: float | None
    high: float | None


def filter_mask(channels: Mapping[str, Channel], filters: Sequence[ColumnFilter]) -> np.ndarray | None:
    """Returns a mask (n,) of the rows that fit all filters; None if there is no filter.

    Args:
        channels: the columns that can be filtered, by name.
        filters: each names its `column`, and either `values` (names of categories, "none" for rows without one) or
            `low` and `high`, both inclusive, None for an open end; dates are milliseconds since 1970.

    Raises:
        ValueError: there is no such column, or it does not hold what is asked for.
    """
    mask = None
    for wanted in filters:
        channel = channels.get(wanted["column"])
        if channel is None:
            raise ValueError(f"There is no column {wanted['column']!r} to filter by; there are {', '.join(channels)}.")
        fits = _category_mask(channel, wanted["values"]) if "values" in wanted else _range_mask(channel, wanted)
        mask = fits if mask is None else mask & fits
    return mask


def filters_of(columns: Mapping[str, object]) -> list[ColumnFilter]:
    """Returns filters of columns: for each a value, a list of values, or a (low, high) tuple, None for an open end."""
    filters: list[ColumnFilter] = []
    for name, wanted in columns.items():
        if isinstance(wanted, tuple):
            filters.append({"column": name, "low": _moment(wanted[0]), "high": _moment(wanted[1])})
        else:
            filters.append({"column": name, "values": [str(value) for value in _listed(wanted)]})
    return filters


def follow_topics(
    filters: Sequence[ColumnFilter],
    before: Mapping[str, Channel],
    after: Mapping[str, Channel],
    names: Mapping[str, str],
) -> list[ColumnFilter]:
    """Returns filters of topics for topics that were edited: each goes to those that hold mostly rows that passed it.

    Args:
        filters: as they were.
        before: the columns they were made for.
        after: the columns there are now.
        names: of the columns of topics before -> after; other filters stay as they are.
    """
    followed: list[ColumnFilter] = []
    for wanted in filters:
        if "values" not in wanted or wanted["column"] not in names:
            followed.append({**wanted})
            continue
        passed = _category_mask(before[wanted["column"]], wanted["values"])
        channel = after[names[wanted["column"]]]
        sizes = np.bincount(channel.codes, minlength=len(channel.names) + 1)
        kept = np.bincount(channel.codes, weights=passed, minlength=len(channel.names) + 1)
        values = [name for code, name in enumerate(["none", *channel.names]) if 2 * kept[code] > sizes[code]]
        if values:
            followed.append({**wanted, "column": channel.name, "values": values})
    return followed


def _category_mask(channel: Channel, values: Sequence[str]) -> np.ndarray:
    if channel.values is not None:
        raise ValueError(f"Column {channel.name!r} holds {channel.kind}; filter it by a range (low, high).")
    code_of = {"none": 0, **{name: code for code, name in enumerate(channel.names, start=1)}}
    unknown = [value for value in values if value not in code_of]
    if unknown:
        some = ", ".join(channel.names[:8])
        raise ValueError(f"Column {channel.name!r} has no value {unknown[0]!r}; it has {some}{_more(channel.names)}.")
    wanted = np.zeros(len(channel.names) + 1, dtype=bool)
    wanted[[code_of[value] for value in values]] = True
    return wanted[channel.codes]


def _range_mask(channel: Channel, wanted: ColumnFilter) -> np.ndarray:
    if channel.values is None:
        raise ValueError(f"Column {channel.name!r} holds categories; filter it by a list of values.")
    fits = np.isfinite(channel.values)
    with np.errstate(invalid="ignore"):
        if (low := wanted.get("low")) is not None:
            fits &= channel.values >= low
        if (high := wanted.get("high")) is not None:
            fits &= channel.values <= high
    return fits


def _more(names: Sequence[str]) -> str:
    return f" and {len(names) - 8:,} more" if len(names) > 8 else ""


def _listed(wanted: object) -> Iterable[object]:
    return wanted if isinstance(wanted, Iterable) and not isinstance(wanted, str) else [wanted]


def _moment(bound: "float | str | dt.date | pd.Timestamp | None") -> float | None:
    """Returns a bound as a number; dates become milliseconds since 1970."""
    if bound is None or isinstance(bound, int | float):
        return bound
    import pandas as pd

    return float(pd.Timestamp(bound).timestamp() * 1000)
