"""Numbers on a scale and in bars, whatever they are: all equal, infinite, as large as numbers can be, or dates without an end."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

_NO_BEGIN = float(np.datetime64("0002-01-01", "ms").astype(np.int64))  # earlier dates stand for "since ever"
_NO_END = float(np.datetime64("9000-01-01", "ms").astype(np.int64))  # later ones, such as 9999-12-31, for "no end"
_LOG_BELOW = 0.1  # of the scale: where the median lies lower, a linear axis shows one bar and a row of empty ones
_SMALLEST = 0.05  # share of the positive values below which a logarithm of zero and more does not look


@dataclass(frozen=True)
class Scale:
    """An axis from one value to another.

    Attributes:
        low: the value at its start.
        high: the value at its end.
        offset: added to each value before its logarithm is taken; None for a linear axis.
    """

    low: float
    high: float
    offset: float | None = None

    @property
    def is_log(self) -> bool:
        """Whether the axis is logarithmic."""
        return self.offset is not None

    def places(self, values: np.ndarray) -> np.ndarray:
        """Returns where values lie on the axis, 0 to 1; what lies beyond is 0 or 1, NaN stays NaN."""
        if self.offset is None:
            return scale_between(values, self.low, self.high)
        inside = np.clip(values, self.low, self.high)
        return scale_between(np.log(inside + self.offset), *np.log([self.low + self.offset, self.high + self.offset]))

    def edges(self, n_bars: int) -> np.ndarray:
        """Returns the edges (n_bars + 1,) of bars that are equally wide on the axis."""
        at = np.linspace(0.0, 1.0, n_bars + 1)
        if self.offset is None:
            return self.low * (1 - at) + self.high * at  # the difference of the ends may be infinite
        first, last = np.log([self.low + self.offset, self.high + self.offset])
        edges = np.exp(first * (1 - at) + last * at) - self.offset
        edges[0], edges[-1] = self.low, self.high
        return np.maximum.accumulate(edges)


def choose_scale(values: np.ndarray, kind: str) -> Scale:
    """Returns the axis on which values can be distinguished: logarithmic where most lie close to the lowest.

    Args:
        values: (n,) float64; dates are milliseconds since 1970.
        kind: "dates" or "numbers"; dates are linear.

    Example:
        >>> choose_scale(np.array([1.0, 2.0, 3.0, 4000.0]), "numbers").is_log
        True
        >>> choose_scale(np.array([1.0, 2.0, 3.0, 4.0]), "numbers").is_log
        False
    """
    low, high = usual_ends(values, kind)
    shown = values[(values >= low) & (values <= high)]
    if kind == "dates" or low < 0 or high <= low or np.median(scale_between(shown, low, high)) >= _LOG_BELOW:
        return Scale(low, high)
    if low > 0:
        return Scale(low, high, 0.0)
    is_whole = bool((shown % 1 == 0).all())
    return Scale(low, high, 1.0 if is_whole else float(np.quantile(shown[shown > 0], _SMALLEST)))


def usual_ends(values: np.ndarray, kind: str) -> tuple[float, float]:
    """Returns the least and the greatest value that a scale shows; 0 and 0 without any.

    Infinities are left out, and so are dates of the year 1 and from the year 9000 on, unless there are no others.

    Args:
        values: (n,) float64; dates are milliseconds since 1970.
        kind: "dates" or "numbers".

    Example:
        >>> usual_ends(np.array([1.0, np.nan, 5.0, np.inf]), "numbers")
        (1.0, 5.0)
    """
    shown = values[np.isfinite(values)]
    if kind == "dates":
        usual = shown[(shown >= _NO_BEGIN) & (shown < _NO_END)]
        shown = usual if len(usual) else shown
    return (float(shown.min()), float(shown.max())) if len(shown) else (0.0, 0.0)


def scale_between(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Returns where values lie between two ends, 0 to 1; what lies beyond is 0 or 1, NaN stays NaN.

    Example:
        >>> scale_between(np.array([1.0, 2.0, 9.0, -np.inf]), 1.0, 3.0).tolist()
        [0.0, 0.5, 1.0, 0.0]
    """
    with np.errstate(over="ignore", invalid="ignore"):
        if high <= low:
            return np.where(np.isnan(values), np.nan, (values > high).astype(np.float64))
        part = 1.0 if np.isfinite(high - low) else 0.25  # else the difference of the ends would be infinite
        return np.clip((values * part - low * part) / (high * part - low * part), 0.0, 1.0)


def whole_edges(low: float, high: float, max_bars: int) -> np.ndarray:
    """Returns the edges of bars of whole numbers, each halfway between two of them: 1, 2, 5, 10 and so on to a bar.

    Example:
        >>> whole_edges(3.0, 5.0, 60).tolist(), whole_edges(1990.0, 2003.0, 8).tolist()
        ([2.5, 3.5, 4.5, 5.5], [1989.5, 1991.5, 1993.5, 1995.5, 1997.5, 1999.5, 2001.5, 2003.5])
    """
    step = next(step for step in round_steps() if high // step - low // step < max_bars)
    n_bars = int(high // step - low // step) + 1
    return (low // step + np.arange(n_bars + 1)) * step - 0.5


def round_steps(start: float = 1.0) -> Iterator[float]:
    """Yields 1, 2, 5, 10, 20, 50 and so on, times `start`.

    Example:
        >>> steps = round_steps()
        >>> [next(steps) for _ in range(4)]
        [1.0, 2.0, 5.0, 10.0]
    """
    step = start
    while True:
        yield from (step, 2 * step, 5 * step)
        step *= 10


def bins_of(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Returns the bin (n,) int64 of each value, -1 for none; the last bin holds its upper edge too.

    Example:
        >>> bins_of(np.array([0.0, 4.9, 5.0, 10.0, np.nan, 11.0]), np.array([0.0, 5.0, 10.0])).tolist()
        [0, 0, 1, 1, -1, -1]
    """
    places = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 2)
    return np.where((values >= edges[0]) & (values <= edges[-1]), places, -1)


def describe_beyond(kind: str) -> str:
    """Returns what the values are that a scale of dates or numbers does not reach; see `usual_ends`.

    Example:
        >>> describe_beyond("numbers")
        'infinite'
    """
    return "dates of the year 1 or from 9000 on" if kind == "dates" else "infinite"
