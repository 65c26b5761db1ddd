"""Dates cut into days, months or years, or as many years as leave few enough bins."""

from dataclasses import dataclass

import numpy as np

from nomic_explore.view.data.bins import round_steps

MAX_BINS = 60
_MAX_TICKS = 12
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class DateBins:
    """Bins of dates, the earliest first; none is missing between the first and the last.

    Attributes:
        unit: "day", "month" or "year".
        names: (b,) such as "2015-03-01", "2015-03", "2015" or "1980–1989".
        edges: (b + 1,) float64: where each begins, and where the last ends, in milliseconds since 1970.
    """

    unit: str
    names: list[str]
    edges: np.ndarray

    def tick_names(self) -> list[tuple[int, str, bool]]:
        """Returns the bins that an axis names, the words for it, and whether it names them only where there is room.

        Example:
            >>> ends = [float(np.datetime64(day, "ms").astype(int)) for day in ("2019-11-30", "2021-02-01")]
            >>> [(at, name) for at, name, is_fine in date_bins(*ends).tick_names() if not is_fine]
            [(2, '2020'), (14, '2021')]
        """
        if self.unit == "year":
            starts = [int(name.split("–")[0]) for name in self.names]
            step = next(step for step in round_steps() if starts[-1] // step - starts[0] // step < _MAX_TICKS)
            named = [(at, str(start), start % step != 0) for at, start in enumerate(starts)]
            return named if not all(is_fine for *_, is_fine in named) else [(0, str(starts[0]), False)]
        months = [_MONTHS[int(name[5:7]) - 1] for name in self.names]
        years = [f" {name[:4]}" if at == 0 else "" for at, name in enumerate(self.names)]
        written = [
            f"{name[8:].lstrip('0')} {month}{year}".strip()
            for name, month, year in zip(self.names, months, years, strict=True)
        ]
        januaries = [name[5:] == "01" for name in self.names]
        if sum(januaries) > 1:
            return [
                (at, name[:4] if is_january else text, not is_january)
                for at, (name, text, is_january) in enumerate(zip(self.names, written, januaries, strict=True))
            ]
        return [(at, text, False) for at, text in enumerate(written)]


def date_bins(low: float, high: float) -> DateBins:
    """Returns the bins of dates between two moments, in milliseconds since 1970.

    Dates of up to two months are counted by days, of up to five years by months, all others by years, or by as many
    years as leave 60 bins.
    """
    first, last = (np.datetime64(int(np.floor(moment)), "ms") for moment in (low, high))
    for unit, code in (("day", "D"), ("month", "M")):
        begin, end = (int(moment.astype(f"datetime64[{code}]").astype(np.int64)) for moment in (first, last))
        if end - begin < MAX_BINS:
            starts = np.arange(begin, end + 2).astype(f"datetime64[{code}]")
            return DateBins(unit, starts[:-1].astype(str).tolist(), _milliseconds(starts))
    begin, end = (int(moment.astype("datetime64[Y]").astype(np.int64)) + 1970 for moment in (first, last))
    years, names = year_bins(begin, end)
    return DateBins("year", names, _milliseconds((years - 1970).astype("datetime64[Y]")))


def year_bins(low: int, high: int) -> tuple[np.ndarray, list[str]]:
    """Returns the years (b + 1,) at which bins begin, and after the last; and what each is called.

    Example:
        >>> starts, names = year_bins(1895, 2021)
        >>> starts[:3].tolist(), names[0], names[-1]
        ([1895, 1900, 1905], '1895–1899', '2020–2024')
    """
    step = next(int(step) for step in round_steps() if high // step - low // step < MAX_BINS)
    starts = np.arange(low // step, high // step + 2) * step
    names = [str(start) if step == 1 else f"{start}–{start + step - 1}" for start in starts[:-1].tolist()]
    return starts, names


def _milliseconds(moments: np.ndarray) -> np.ndarray:
    return moments.astype("datetime64[ms]").astype(np.int64).astype(np.float64)
