"""When documents are from: a column of dates or years cut into as many bins as a small chart can show."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from nomic_explore.view.data.bins import bins_of
from nomic_explore.view.data.channels import Channel
from nomic_explore.view.data.date_bins import date_bins, year_bins

_YEARS = (1800, 2100)  # whole numbers in between are taken for years, whatever their column is called
_NAMED_YEARS = (1000, 2999)  # if it is called so


@dataclass(frozen=True)
class TimeBins:
    """A column of dates or years in bins, the earliest first.

    Attributes:
        column: its name.
        unit: "day", "month" or "year".
        names: of the bins, such as "2015-03", "2015" or "1980–1989"; none is missing between the first and the last.
        places: (n,) int64: the bin of each row, -1 for none.
        n_left_out: how many dates no bin holds, since they stand for no begin or no end, such as 9999-12-31.
    """

    column: str
    unit: str
    names: list[str]
    places: np.ndarray
    n_left_out: int = 0


def find_time(channels: Mapping[str, Channel], columns: Iterable[str]) -> str | None:
    """Returns the first of some columns that holds dates, else the first that holds years, else None."""
    known = [channels[name] for name in columns if name in channels]
    dated = next((channel.name for channel in known if channel.kind == "dates"), None)
    return dated or next((channel.name for channel in known if _years(channel) is not None), None)


def time_bins(channel: Channel) -> TimeBins | None:
    """Returns the bins of a column; None if it holds neither dates nor years.

    Dates of up to two months are counted by days, of up to five years by months, all others by years, or by as many
    years as leave 60 bins.
    """
    if channel.kind != "dates":
        years = _years(channel)
        return None if years is None else _year_bins(channel.name, years)
    values = channel.values if channel.values is not None else np.zeros(0)
    bins = date_bins(channel.low, channel.high)
    places = np.where(values <= channel.high, bins_of(values, bins.edges), -1)
    n_left_out = int((~np.isnan(values) & (places < 0)).sum())
    return TimeBins(channel.name, bins.unit, bins.names, places, n_left_out)


def _year_bins(column: str, years: np.ndarray) -> TimeBins:
    known = years[np.isfinite(years)]
    starts, names = year_bins(int(known.min()), int(known.max()))
    return TimeBins(column, "year", names, bins_of(years, starts))


def _years(channel: Channel) -> np.ndarray | None:
    """Returns the years (n,) of a column, NaN for none; None if it holds something else."""
    values = channel.values
    if values is None:
        if (
            channel.members is not None
            or not channel.names
            or not all(name.isdecimal() and len(name) == 4 for name in channel.names)
        ):
            return None
        values = np.array([np.nan, *map(float, channel.names)])[channel.codes]
    if channel.kind == "dates" or channel.exact is not None:
        return None
    found = values[np.isfinite(values)]
    low, high = _NAMED_YEARS if "year" in channel.name.lower() else _YEARS
    is_year = len(found) and (found % 1 == 0).all() and found.min() >= low and found.max() <= high
    return values if is_year else None
