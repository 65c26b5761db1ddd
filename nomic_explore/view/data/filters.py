"""Filters: which rows fit what is asked of columns. The rest turns gray on the map; nothing vanishes."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nomic_explore.view.data.channels import Channel


def filter_mask(channels: Mapping[str, Channel], filters: Sequence[Mapping[str, Any]]) -> np.ndarray | None:
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


def filters_of(columns: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Returns filters of columns: for each a value, a list of values, or a (low, high) tuple, None for an open end."""
    filters: list[dict[str, Any]] = []
    for name, wanted in columns.items():
        if isinstance(wanted, tuple):
            filters.append({"column": name, "low": _moment(wanted[0]), "high": _moment(wanted[1])})
        else:
            filters.append({"column": name, "values": [str(value) for value in _listed(wanted)]})
    return filters


def follow_topics(
    filters: Sequence[Mapping[str, Any]],
    before: Mapping[str, Channel],
    after: Mapping[str, Channel],
    names: Mapping[str, str],
) -> list[dict[str, Any]]:
    """Returns filters of topics for topics that were edited: each goes to those that hold mostly rows that passed it.

    Args:
        filters: as they were.
        before: the columns they were made for.
        after: the columns there are now.
        names: of the columns of topics before -> after; other filters stay as they are.
    """
    followed = []
    for wanted in filters:
        if "values" not in wanted or wanted["column"] not in names:
            followed.append(dict(wanted))
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


def _range_mask(channel: Channel, wanted: Mapping[str, Any]) -> np.ndarray:
    if channel.values is None:
        raise ValueError(f"Column {channel.name!r} holds categories; filter it by a list of values.")
    fits = np.isfinite(channel.values)
    with np.errstate(invalid="ignore"):
        if wanted.get("low") is not None:
            fits &= channel.values >= wanted["low"]
        if wanted.get("high") is not None:
            fits &= channel.values <= wanted["high"]
    return fits


def _more(names: Sequence[str]) -> str:
    return f" and {len(names) - 8:,} more" if len(names) > 8 else ""


def _listed(wanted: Any) -> Sequence[Any]:
    return [wanted] if isinstance(wanted, str | int | float | bool) else list(wanted)


def _moment(bound: Any) -> float | None:
    """Returns a bound as a number; dates become milliseconds since 1970."""
    if bound is None or isinstance(bound, int | float):
        return bound
    import pandas as pd

    return float(pd.Timestamp(bound).timestamp() * 1000)
