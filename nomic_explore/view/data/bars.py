"""Histograms: the bars of a column of numbers or dates, and the round numbers on their axis."""

from dataclasses import dataclass
from typing import TypedDict

import numpy as np

from nomic_explore.view.data.bins import Scale, round_steps, whole_edges
from nomic_explore.view.data.date_bins import date_bins

N_BARS = 48
MAX_WHOLE_BARS = 80  # whole numbers of such a span have a bar each
_MAX_TICKS = 6
_FINER = {1: 0.5, 2: 1.0, 5: 1.0}  # the step between the finer names of an axis, where those of 1, 2 or 5 leave room


class Tick(TypedDict):
    """A name on an axis; `at` is its place, 0 to 1, and `isFine` tells that it is shown only where there is room."""

    at: float
    text: str
    isFine: bool


class Bars(TypedDict):
    """A histogram whose bars are equally wide on the screen.

    Bar b counts the values from `edges[b]` to `edges[b + 1]`; `beyond` tells how many values no bar holds.
    """

    edges: list[float]
    counts: list[int]
    ticks: list[Tick]
    beyond: int
    isWhole: bool
    isLog: bool


@dataclass(frozen=True, eq=False)
class Axis:
    """The bars of a column, and what is written below them.

    Attributes:
        edges: (b + 1,) where each bar begins, and where the last ends.
        ticks: names of round numbers or dates.
        is_log: the bars are equally wide for the logarithm of the values.
    """

    edges: np.ndarray
    ticks: list[Tick]
    is_log: bool = False


def number_axis(scale: Scale, *, is_whole: bool, n_bars: int = N_BARS) -> Axis:
    """Returns the bars of numbers; whole numbers that lie close together have a bar each.

    Example:
        >>> axis = number_axis(Scale(1.0, 5.0), is_whole=True)
        >>> axis.edges.tolist(), [tick["text"] for tick in axis.ticks]
        ([0.5, 1.5, 2.5, 3.5, 4.5, 5.5], ['1', '2', '3', '4', '5'])
    """
    if scale.high <= scale.low:
        return Axis(np.array([scale.low, scale.high]), [{"at": 0.5, "text": short_number(scale.low), "isFine": False}])
    if is_whole and (not scale.is_log or scale.high - scale.low < MAX_WHOLE_BARS):
        scale = Scale(scale.low, scale.high)
        edges = whole_edges(scale.low, scale.high, MAX_WHOLE_BARS)
    elif is_whole:
        between = np.floor(scale.edges(n_bars)[1:-1]) + 0.5
        edges = np.unique([scale.low - 0.5, *between, scale.high + 0.5])
    else:
        edges = scale.edges(n_bars)
    is_finite = bool(np.isfinite(scale.high - scale.low))
    coarse, fine = _round_values(scale, is_whole=is_whole) if is_finite else ([scale.low, scale.high], [])
    values = sorted({*coarse, *fine})
    places = np.interp(values, edges, np.arange(len(edges)) / (len(edges) - 1)).tolist()
    ticks: list[Tick] = [
        {"at": round(at, 4), "text": short_number(value), "isFine": value not in coarse}
        for at, value in zip(places, values, strict=True)
    ]
    return Axis(edges, ticks, scale.is_log)


def date_axis(scale: Scale) -> Axis:
    """Returns the bars of dates: days, months or years, each named below its middle, or several years below their begin."""
    bins = date_bins(scale.low, scale.high)
    middle = 0.0 if "–" in bins.names[0] else 0.5
    ticks: list[Tick] = [
        {"at": round((at + middle) / len(bins.names), 4), "text": name, "isFine": is_fine}
        for at, name, is_fine in bins.tick_names()
    ]
    return Axis(bins.edges, ticks)


def short_number(value: float) -> str:
    """Returns a number as an axis shows it.

    Example:
        >>> short_number(2015.0), short_number(20000.0), short_number(2.5e6), short_number(0.25)
        ('2015', '20k', '2.5M', '0.25')
    """
    if abs(value) >= 1e9:
        return f"{value:.3g}"
    if abs(value) >= 1e4:
        return f"{value / 1e6:g}M" if abs(value) >= 1e6 else f"{value / 1e3:g}k"
    return f"{value:.0f}" if value % 1 == 0 else f"{value:.3g}"


def _round_values(scale: Scale, *, is_whole: bool) -> tuple[list[float], list[float]]:
    """Returns the round numbers between the ends of an axis, few and more; its ends if there are none."""
    low, high = scale.low, scale.high
    if scale.offset is not None:
        coarse, fine = (_round_on_log(low, high, n) for n in (_MAX_TICKS, 2 * _MAX_TICKS))
    else:
        start = float(10.0 ** np.floor(np.log10((high - low) / _MAX_TICKS)))
        start = max(start, 1.0) if is_whole else start
        step = next(step for step in round_steps(start) if (high - low) / step < _MAX_TICKS)
        power = 10.0 ** np.floor(np.log10(step) + 1e-9)
        finer = float(_FINER[round(step / power)] * power)
        coarse = _multiples(step, low, high)
        fine = _multiples(finer, low, high) if finer >= 1 or not is_whole else []
    return (coarse, fine) if coarse else ([low, high], [])


def _multiples(step: float, low: float, high: float) -> list[float]:
    return [round(float(at * step), 12) for at in np.arange(np.ceil(low / step), np.floor(high / step) + 1)]


def _round_on_log(low: float, high: float, n_max: int) -> list[float]:
    """Returns powers of ten, with 2 and 5 times each while they are few, from `low` to `high`; before them 0."""
    least = max(low, high * 1e-12)
    powers = 10.0 ** np.arange(np.floor(np.log10(least)), np.floor(np.log10(high)) + 1)
    for factors in ((1, 2, 5), (1, 3), (1,)):
        found = [float(factor * power) for power in powers for factor in factors if low <= factor * power <= high]
        if len(found) <= n_max:
            break
    found = found[:: -(-len(found) // n_max)] if found else found
    return [0.0, *found] if low == 0 and found else found
