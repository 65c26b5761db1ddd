"""Filters: which rows fit what is asked of columns. The rest turns grey on the map; nothing vanishes."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nomic_explore.view.channels import Channel


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
