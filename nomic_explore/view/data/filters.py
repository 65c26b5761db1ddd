"""Filters: which rows fit what is asked of columns. The rest turns gray on the map; nothing vanishes."""

from collections.abc import Mapping, Sequence
from typing import Required, TypedDict

import numpy as np

from nomic_explore.search.exact_numbers import Bound, parse_number
from nomic_explore.search.text_kinds import advise_dtype, text_kind
from nomic_explore.view.data.channel_map import Channels
from nomic_explore.view.data.channels import Channel


class ColumnFilter(TypedDict, total=False):
    """What is asked of a column: values, or a range with both ends inclusive, None for an open one.

    A value is the name of a category, a value of lists, or a number; None is for the rows without a value. Numbers that
    float64 cannot tell apart are strings.
    """

    column: Required[str]
    values: list[str | None]
    low: float | str | None
    high: float | str | None


def filter_mask(channels: Mapping[str, Channel], filters: Sequence[ColumnFilter]) -> np.ndarray | None:
    """Returns a mask (n,) of the rows that fit all filters; None if there is no filter.

    Args:
        channels: the columns that can be filtered, by name.
        filters: see `ColumnFilter`; dates are milliseconds since 1970. "none" stands for rows without a value as well,
            where no value is called so.

    Raises:
        ValueError: there is no such column, or it does not hold what is asked for.
    """
    mask = None
    for wanted in filters:
        channel = find_channel(channels, wanted["column"])
        fits = _value_mask(channel, wanted["values"]) if "values" in wanted else _range_mask(channel, wanted)
        mask = fits if mask is None else mask & fits
    return mask


def find_channel(channels: Mapping[str, Channel], name: str) -> Channel:
    """Returns the channel of a column.

    Raises:
        ValueError: there is none; the message tells why.
    """
    channel = channels.get(name)
    if channel is None:
        reason = channels.explain(name) if isinstance(channels, Channels) else ""
        known = f"there are {', '.join(channels)}"
        raise ValueError(f"{reason}; {known}." if reason else f"There is no column {name!r} to filter by; {known}.")
    return channel


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
        passed = _value_mask(before[wanted["column"]], wanted["values"])
        channel = after[names[wanted["column"]]]
        sizes = np.bincount(channel.codes, minlength=len(channel.names) + 1)
        kept = np.bincount(channel.codes, weights=passed, minlength=len(channel.names) + 1)
        values = [name for code, name in enumerate([None, *channel.names]) if 2 * kept[code] > sizes[code]]
        if values:
            followed.append({**wanted, "column": channel.name, "values": values})
    return followed


def _value_mask(channel: Channel, values: Sequence[str | None]) -> np.ndarray:
    if channel.kind == "dates":
        if any(value is not None for value in values):
            raise ValueError(f"Column {channel.name!r} holds dates; filter it by a range (low, high).")
        return np.asarray(np.isnan(_values(channel)))
    code_of: dict[str | None, int] = {"none": 0, **{name: code for code, name in enumerate(channel.names, 1)}, None: 0}
    if channel.values is not None and any(value not in code_of for value in values):
        return _number_mask(channel, values)
    unknown = [value for value in values if value not in code_of]
    if unknown:
        some = ", ".join(channel.names[:8])
        raise ValueError(f"Column {channel.name!r} has no value {unknown[0]!r}; it has {some}{_more(channel.names)}.")
    wanted = np.zeros(len(channel.names) + 1, dtype=bool)
    wanted[[code_of[value] for value in values]] = True
    if channel.members is None:
        return np.isnan(channel.values) if channel.values is not None and not channel.names else wanted[channel.codes]
    fits = np.diff(channel.members.starts) == 0 if wanted[0] else np.zeros(len(channel.codes), dtype=bool)
    fits[channel.members.rows[wanted[channel.members.codes]]] = True
    return fits


def _number_mask(channel: Channel, values: Sequence[str | None]) -> np.ndarray:
    """Returns a mask of the rows that have one of some numbers."""
    fits = np.zeros(len(channel.codes), dtype=bool)
    for value in values:
        if value in (None, "none"):
            fits |= np.isnan(_values(channel))
        else:
            number = _bound(channel, value)
            fits |= _within(channel, number, number)
    if channel.names and not fits.any():
        some = ", ".join(channel.names[:8])
        raise ValueError(f"Column {channel.name!r} has no value {values[0]!r}; it has {some}{_more(channel.names)}.")
    return fits


def _range_mask(channel: Channel, wanted: ColumnFilter) -> np.ndarray:
    if channel.values is None:
        kind = text_kind(channel.names) if channel.members is None else None
        if kind is not None:
            raise ValueError(
                f"{advise_dtype(channel.name, kind)} to filter it by a range, or filter it by a list of values."
            )
        raise ValueError(f"Column {channel.name!r} holds {channel.kind}; filter it by a list of values.")
    low, high = (None if end is None else _bound(channel, end) for end in (wanted.get("low"), wanted.get("high")))
    return _within(channel, low, high)


def _within(channel: Channel, low: Bound | None, high: Bound | None) -> np.ndarray:
    if channel.exact is not None:
        return channel.exact.within(low, high)
    values = _values(channel)
    fits = ~np.isnan(values)
    if low is not None:
        fits &= values >= float(low)
    if high is not None:
        fits &= values <= float(high)
    return fits


def _bound(channel: Channel, value: float | str | None) -> Bound:
    """Returns an end of a range, or a value, as the exact number that it is."""
    number = parse_number(value if isinstance(value, str) else repr(value))
    if number is None:
        raise ValueError(
            f"Column {channel.name!r} holds numbers, and {value!r} is none; filter it by numbers, or by a range such as "
            "(4, None)."
        )
    return number


def _values(channel: Channel) -> np.ndarray:
    assert channel.values is not None
    return channel.values


def _more(names: Sequence[str]) -> str:
    return f" and {len(names) - 8:,} more" if len(names) > 8 else ""
