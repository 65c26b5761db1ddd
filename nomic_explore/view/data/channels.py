"""Channels: what points can be colored, sized and filtered by. One column becomes codes, colors and, if it counts, values."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import TypedDict

import numpy as np

from nomic_explore.search.exact_numbers import ExactNumbers
from nomic_explore.view.data.bins import count_bins, scale_between, usual_ends
from nomic_explore.view.data.colors import MAX_CATEGORIES, N_STEPS, NO_TOPIC, category_colors, scale_colors

N_BARS = 48
_MAX_WHOLE_BARS = 60  # whole numbers of such a span have a bar each
_LOG_BELOW = 0.05  # of the scale: where the median lies lower, colors follow the logarithm


class Bars(TypedDict):
    """A histogram: `counts` of equal bars from `low` to `high`, how many values lie `beyond`, whether all are whole."""

    low: float
    high: float
    counts: list[int]
    beyond: int
    isWhole: bool


@dataclass(frozen=True, eq=False)
class Members:
    """The values of each row of a column of lists: those of row r are `codes[starts[r] : starts[r + 1]]`.

    Attributes:
        starts: (n + 1,) int64.
        codes: (m,) int64, each 1 or more.
    """

    starts: np.ndarray
    codes: np.ndarray

    @cached_property
    def rows(self) -> np.ndarray:
        """(m,) int64: the row of each value."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))

    def sizes(self, rows: np.ndarray, n_names: int) -> np.ndarray:
        """Returns (n_names + 1,): how many of some rows have each value; first, how many have none."""
        is_counted = np.zeros(len(self.starts) - 1, dtype=bool)
        is_counted[rows] = True
        sizes = np.bincount(self.codes[is_counted[self.rows]], minlength=n_names + 1)
        sizes[0] = int((np.diff(self.starts)[rows] == 0).sum())
        return sizes


@dataclass(frozen=True, eq=False)
class Channel:
    """A column as the map needs it.

    Attributes:
        name: of the column.
        kind: "categories", "lists", "numbers" or "dates".
        codes: (n,) uint16, by row: the place of each row's color in the palettes; 0 is no value.
        palettes: "light" and "dark": a color "#rrggbb" for each code.
        names: what each code from 1 on is called; empty for dates, and for numbers that have many values.
        values: (n,) float64, by row: numbers, less `base`, or milliseconds since 1970; NaN is no value. None for categories
            and lists.
        is_log: colors follow the logarithm, since most values lie close to the lowest.
        exact: numbers that float64 cannot tell apart, as they are; None for all others.
        base: what `values` are counted from; 0 unless there are `exact` numbers. In the unit of their whole values.
        members: the values of each row of lists; `codes` are then those that color a row.
        missing: what rows without a value are called.
        zone: the time zone whose clocks dates are read from; "" for none.
    """

    name: str
    kind: str
    codes: np.ndarray
    palettes: dict[str, list[str]]
    names: list[str] = field(default_factory=list)
    values: np.ndarray | None = None
    is_log: bool = False
    exact: ExactNumbers | None = None
    base: int = 0
    members: Members | None = None
    missing: str = "no value"
    zone: str = ""

    @cached_property
    def ends(self) -> tuple[float, float]:
        """The least and the greatest value that a scale shows; 0 and 0 without any."""
        return (0.0, 0.0) if self.values is None else usual_ends(self.values, self.kind)

    @property
    def low(self) -> float:
        """The least value that a scale shows."""
        return self.ends[0]

    @property
    def high(self) -> float:
        """The greatest value that a scale shows."""
        return self.ends[1]

    @cached_property
    def is_whole(self) -> bool:
        """Whether all values are whole numbers."""
        if self.values is None or self.kind == "dates":
            return False
        finite = self.values[np.isfinite(self.values)]
        return bool((finite % 1 == 0).all()) and not (self.exact is not None and self.exact.scale)

    def exact_text(self, value: float) -> str:
        """Returns one of `values`, or an end of a range of them, as the exact number that it stands for."""
        assert self.exact is not None
        known = self.exact.values[self.exact.is_known]
        number = self.base + round(value * 10**self.exact.scale)
        return self.exact.text(min(max(number, int(known.min())), int(known.max())))

    def sizes_of(self, rows: np.ndarray) -> np.ndarray:
        """Returns (names + 1,): how many of some rows have each value; first, how many have none."""
        if self.members is not None:
            return self.members.sizes(rows, len(self.names))
        return np.bincount(self.codes[rows], minlength=len(self.palettes["light"]))

    def legend(self, rows: np.ndarray) -> dict[str, object]:
        """Returns what the map's legend shows of these rows, as JSON can hold it.

        `entries` have a `name`, the first and last of their `codes`, and a `size`; the last may be "other" or that of no
        value, whose codes are 0.
        """
        sizes = self.sizes_of(rows)
        facts = self._facts() | {"palettes": self.palettes, "isLog": self.is_log, "names": self.names}
        facts["column"] = facts.pop("name")
        facts["missing"] = int(sizes[0])
        if self.values is not None:
            facts["beyond"] = self._n_beyond(rows)
        if not self.names:
            return {**facts, "entries": []}
        shown = len(self.names) if len(self.names) <= MAX_CATEGORIES + 1 or self._colors_differ else MAX_CATEGORIES
        entries = [
            {"name": name, "codes": [code, code], "size": int(sizes[code])}
            for code, name in enumerate(self.names[:shown], start=1)
        ]
        if shown < len(self.names):
            rest = {"name": f"other ({len(self.names) - shown:,})", "codes": [shown + 1, len(self.names)]}
            entries.append({**rest, "size": int(sizes[shown + 1 :].sum())})
        if sizes[0]:
            entries.append({"name": self.missing, "codes": [0, 0], "size": int(sizes[0])})
        return {**facts, "entries": entries}

    @property
    def _colors_differ(self) -> bool:
        return self.palettes["light"][-1] != NO_TOPIC["light"]

    def _facts(self) -> dict[str, object]:
        """Returns name, kind and, of what counts, the ends of the scale."""
        facts: dict[str, object] = {"name": self.name, "kind": self.kind}
        if self.values is not None:
            facts |= {"low": self.low, "high": self.high}
        if self.exact is not None:
            ends = {"lowText": self.exact_text(self.low), "highText": self.exact_text(self.high)}
            facts |= {"base": str(self.base), "scale": self.exact.scale, **ends}
        return facts

    def _n_beyond(self, rows: np.ndarray) -> int:
        """Returns how many of some rows have a value that the scale does not reach."""
        found = np.zeros(0) if self.values is None else self.values[rows]
        return int(((found < self.low) | (found > self.high)).sum())

    def summary(self, rows: np.ndarray) -> dict[str, object]:
        """Returns what a filter of this column offers, as JSON can hold it: values with sizes, a histogram, or both."""
        sizes = self.sizes_of(rows)
        facts = self._facts() | {"missing": int(sizes[0]), "missingName": self.missing}
        if self.names or self.values is None:
            facts["values"] = [
                {"name": name, "code": code, "size": int(sizes[code])} for code, name in enumerate(self.names, 1)
            ]
        return facts if self.values is None else facts | {"bars": self.bars(rows)}

    def bars(self, rows: np.ndarray, n_bars: int = N_BARS) -> Bars:
        """Returns a histogram of some rows; whole numbers that lie close together have a bar each."""
        assert self.values is not None
        low, high = self.ends
        if self.is_whole and high - low < _MAX_WHOLE_BARS:
            n_bars, low, high = int(high - low) + 1, low - 0.5, high + 0.5
        counts = count_bins(self.values[rows], low, high, n_bars).tolist()
        beyond = self._n_beyond(rows)
        return {"low": low, "high": high, "counts": counts, "beyond": beyond, "isWhole": self.is_whole}

    def sizes(self) -> np.ndarray:
        """Returns (n,) uint8: how large each row's point is, by rank of its value; 0 is the smallest.

        Raises:
            ValueError: the column holds no numbers.
        """
        if self.values is None:
            raise ValueError(f"Column {self.name!r} holds no numbers; only numbers and dates can be sizes.")
        known = ~np.isnan(self.values)
        ranks = np.zeros(len(self.values))
        distinct, places = np.unique(self.values[known], return_inverse=True)
        ranks[known] = places / max(len(distinct) - 1, 1)
        return (255 * ranks**2).astype(np.uint8)


def number_channel(
    name: str,
    values: np.ndarray,
    *,
    kind: str = "numbers",
    exact: ExactNumbers | None = None,
    base: int = 0,
    zone: str = "",
) -> Channel:
    """Returns the channel of numbers or of dates (milliseconds since 1970), colored along a scale; see `Channel`."""
    low, high = usual_ends(values, kind)
    known = ~np.isnan(values)
    places = scale_between(values[known], low, high)
    usual = places[(values[known] >= low) & (values[known] <= high)]
    is_log = bool(kind == "numbers" and low >= 0 and len(usual) and np.median(usual) < _LOG_BELOW and high > low)
    if is_log:
        above = np.clip(values[known], low, high) - low
        places = scale_between(np.log1p(above), 0.0, float(np.log1p(high - low)))
    codes = np.zeros(len(values), dtype=np.uint16)
    codes[known] = 1 + np.minimum(N_STEPS - 1, (places * N_STEPS).astype(np.int64))
    palettes = {theme: [NO_TOPIC[theme], *scale_colors(theme)] for theme in NO_TOPIC}
    return Channel(name, kind, codes, palettes, values=values, is_log=is_log, exact=exact, base=base, zone=zone)


def ordered_channel(
    name: str,
    values: np.ndarray,
    codes: np.ndarray,
    names: list[str],
    *,
    exact: ExactNumbers | None = None,
    base: int = 0,
) -> Channel:
    """Returns the channel of numbers that have few values: each has a name and, along a scale, a color of its own.

    Args:
        name: of the column.
        values: (n,) as of `Channel`.
        codes: (n,) the place of each value among the names, the least is 1; 0 is none.
        names: the values, ascending.
        exact: as of `Channel`.
        base: as of `Channel`.
    """
    chosen = np.linspace(0, N_STEPS - 1, max(len(names), 1)).round().astype(int).tolist()
    palettes = {theme: [NO_TOPIC[theme], *(scale_colors(theme)[at] for at in chosen)] for theme in NO_TOPIC}
    return Channel(name, "numbers", codes.astype(np.uint16), palettes, names, values, exact=exact, base=base)


def category_channel(
    name: str,
    codes: np.ndarray,
    names: list[str],
    palettes: dict[str, list[str]] | None = None,
    *,
    members: Members | None = None,
    missing: str = "no value",
) -> Channel:
    """Returns the channel of categories, or of lists if there are `members`: code 0 is none, code c is `names[c - 1]`."""
    if palettes is None:
        palettes = {theme: [NO_TOPIC[theme], *category_colors(len(names), theme)] for theme in NO_TOPIC}
    kind = "categories" if members is None else "lists"
    return Channel(name, kind, codes.astype(np.uint16), palettes, names, members=members, missing=missing)


def one_each(codes: np.ndarray) -> Members:
    """Returns rows that have one value each, or, where the code is 0, none, as lists."""
    return Members(np.concatenate([[0], (codes > 0).cumsum()]), codes[codes > 0].astype(np.int64))
