"""Channels: what points can be colored, sized and filtered by. One column becomes codes, colors and, if it counts, values."""

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from nomic_explore.search.exact_numbers import ExactNumbers
from nomic_explore.search.text_kinds import compares_as_text, text_kind
from nomic_explore.view.data.bars import Axis, Bars, Tick, date_axis, number_axis
from nomic_explore.view.data.bins import Scale, bins_of, choose_scale
from nomic_explore.view.data.colors import MAX_CATEGORIES, N_STEPS, NO_TOPIC, category_colors, scale_colors
from nomic_explore.view.data.legend import LegendEntry, legend_steps

MAX_SHADES = 80  # whole numbers of such a span have a color each


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
        scale: the axis along which colors change; None for categories and lists.
        exact: numbers that float64 cannot tell apart, as they are; None for all others.
        base: what `values` are counted from; 0 unless there are `exact` numbers. In the unit of their whole values.
        members: the values of each row of lists; `codes` are then those that color a row.
        missing: what rows without a value are called.
        zone: the time zone whose clocks dates are read from; "" for none.
        is_ordered: the names have an order, and their colors lie along a scale.
    """

    name: str
    kind: str
    codes: np.ndarray
    palettes: dict[str, list[str]]
    names: list[str] = field(default_factory=list)
    values: np.ndarray | None = None
    scale: Scale | None = None
    exact: ExactNumbers | None = None
    base: int = 0
    members: Members | None = None
    missing: str = "no value"
    zone: str = ""
    is_ordered: bool = False

    @property
    def low(self) -> float:
        """The least value that a scale shows; 0 without any."""
        return 0.0 if self.scale is None else self.scale.low

    @property
    def high(self) -> float:
        """The greatest value that a scale shows; 0 without any."""
        return 0.0 if self.scale is None else self.scale.high

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
        value, whose codes are 0. `textKind` tells why categories cannot be compared: they are "number" or "date" as text.
        """
        sizes = self.sizes_of(rows)
        is_log = self.scale is not None and self.scale.is_log
        facts = {**self.facts(), "palettes": self.palettes, "isLog": is_log, "names": self.names}
        facts["column"] = facts.pop("name")
        facts["missing"] = int(sizes[0])
        if self.values is not None:
            facts["beyond"] = self._n_beyond(rows)
        if self.kind == "categories" and not compares_as_text(self.names):
            facts["textKind"] = text_kind(self.names)
        return facts | {"entries": self._entries(sizes) if self.names else []}

    def _entries(self, sizes: np.ndarray) -> list[LegendEntry]:
        n_names, n_left = len(self.names), 0
        if self.is_ordered:
            steps = legend_steps(self.names)
        else:
            shown = n_names if n_names <= MAX_CATEGORIES + 1 or self._colors_differ else MAX_CATEGORIES
            steps, n_left = [(name, code, code) for code, name in enumerate(self.names[:shown], 1)], n_names - shown
        if n_left:
            steps.append((f"other ({n_left:,})", n_names - n_left + 1, n_names))
        entries: list[LegendEntry] = [
            {"name": name, "codes": [first, last], "size": int(sizes[first : last + 1].sum())}
            for name, first, last in steps
        ]
        if sizes[0]:
            entries.append({"name": self.missing, "codes": [0, 0], "size": int(sizes[0])})
        return entries

    @property
    def _colors_differ(self) -> bool:
        return self.palettes["light"][-1] != NO_TOPIC["light"]

    def facts(self) -> dict[str, object]:
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

    @cached_property
    def axis(self) -> Axis:
        """The bars of the values, and the names below them."""
        assert self.values is not None
        assert self.scale is not None
        if self.kind == "dates":
            return date_axis(self.scale)
        axis = number_axis(self.scale, is_whole=self.is_whole)
        if self.exact is None:
            return axis
        ends: list[Tick] = [
            {"at": at, "text": self.exact_text(end), "isFine": False} for at, end in ((0.0, self.low), (1.0, self.high))
        ]
        return replace(axis, ticks=ends)

    @cached_property
    def bar_of(self) -> np.ndarray:
        """(n,) int64: the bar of each row, -1 for none."""
        assert self.values is not None
        return bins_of(self.values, self.axis.edges)

    def bars(self, rows: np.ndarray) -> Bars:
        """Returns a histogram of some rows."""
        axis = self.axis
        return {
            "edges": axis.edges.tolist(),
            "counts": self.bar_counts(rows).tolist(),
            "ticks": axis.ticks,
            "beyond": self._n_beyond(rows),
            "isWhole": self.is_whole,
            "isLog": axis.is_log,
        }

    def bar_counts(self, rows: np.ndarray) -> np.ndarray:
        """Returns (b,) int64: how many of some rows each bar holds."""
        return np.bincount(self.bar_of[rows] + 1, minlength=len(self.axis.edges))[1:]

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
    scale = choose_scale(values, kind)
    known = ~np.isnan(values)
    codes = np.zeros(len(values), dtype=np.uint16)
    codes[known] = 1 + np.minimum(N_STEPS - 1, (scale.places(values[known]) * N_STEPS).astype(np.int64))
    palettes = {theme: [NO_TOPIC[theme], *scale_colors(theme)] for theme in NO_TOPIC}
    return Channel(name, kind, codes, palettes, values=values, scale=scale, exact=exact, base=base, zone=zone)


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
    made = category_channel(name, codes, names, ordered_palettes(_places(values)))
    scale = choose_scale(values, "numbers")
    return replace(made, kind="numbers", values=values, scale=scale, exact=exact, base=base, is_ordered=True)


def ordered_years(name: str, codes: np.ndarray, names: list[str]) -> Channel:
    """Returns the channel of years that are written as text: categories in their order, with colors along a scale."""
    return replace(
        category_channel(name, codes, names, ordered_palettes(_places(np.array(names, dtype=np.float64)))),
        is_ordered=True,
    )


def _places(values: np.ndarray) -> np.ndarray:
    """Returns where the distinct values lie on a scale, 0 to 1: by what they are if they lie close together, else by rank."""
    distinct = np.unique(values[~np.isnan(values)])
    if has_short_span(distinct):
        return choose_scale(values, "numbers").places(distinct)
    return np.linspace(0.0, 1.0, len(distinct))


def has_short_span(distinct: np.ndarray) -> bool:
    """Returns whether values, ascending, are whole numbers that lie so close together that each can have a color."""
    are_whole = bool(np.isfinite(distinct).all() and (distinct % 1 == 0).all())
    return are_whole and len(distinct) > 0 and bool(distinct[-1] < distinct[0] + MAX_SHADES)


def ordered_palettes(places: np.ndarray) -> dict[str, list[str]]:
    """Returns the palettes of ordered values: the color of no value, and that of each place on the scale, 0 to 1."""
    steps = (places * (N_STEPS - 1)).round().astype(int).tolist()
    colors = {theme: scale_colors(theme) for theme in NO_TOPIC}
    return {theme: [NO_TOPIC[theme], *(colors[theme][step] for step in steps)] for theme in NO_TOPIC}


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
