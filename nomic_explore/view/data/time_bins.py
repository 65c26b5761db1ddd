"""When documents are from: a column of dates or years cut into as many bins as a small chart can show."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from nomic_explore.view.data.channels import Channel

_MAX_BINS = 60
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
    has_value = np.isfinite(values) & (values >= channel.low) & (values <= channel.high)
    n_left_out = int((~np.isnan(values) & ~has_value).sum())
    moments = np.where(has_value, values, 0).astype(np.int64).astype("datetime64[ms]")
    months = moments.astype("datetime64[M]").astype(np.int64)
    days = moments.astype("datetime64[D]").astype(np.int64)
    for unit, numbers in (("day", days), ("month", months)):
        span = np.ptp(numbers[has_value]) + 1 if has_value.any() else 1
        if span <= _MAX_BINS:
            low = int(numbers[has_value].min()) if has_value.any() else 0
            names = (np.arange(span) + low).astype(f"datetime64[{unit[0].upper()}]").astype(str).tolist()
            return TimeBins(channel.name, unit, names, np.where(has_value, numbers - low, -1), n_left_out)
    years = np.floor_divide(months, 12) + 1970
    return _year_bins(channel.name, np.where(has_value, years, np.nan), n_left_out)


def _year_bins(column: str, years: np.ndarray, n_left_out: int = 0) -> TimeBins:
    has_year = np.isfinite(years)
    low, high = int(years[has_year].min()), int(years[has_year].max())
    step = next(step for step in _year_steps() if high // step - low // step < _MAX_BINS)
    starts = np.arange(low // step * step, high + 1, step).tolist()
    names = [str(start) if step == 1 else f"{start}–{start + step - 1}" for start in starts]
    places = np.where(has_year, np.where(has_year, years, 0) // step - low // step, -1).astype(np.int64)
    return TimeBins(column, "year", names, places, n_left_out)


def _year_steps() -> Iterator[int]:
    """Yields 1, 2, 5, 10, 20, 50 and so on."""
    step = 1
    while True:
        yield from (step, 2 * step, 5 * step)
        step *= 10


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
