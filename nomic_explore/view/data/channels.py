"""Channels: what points can be colored, sized and filtered by. One column becomes codes, colors and, if it counts, values."""

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from nomic_explore.view.data.colors import MAX_CATEGORIES, N_STEPS, NO_TOPIC, category_colors, scale_colors

if TYPE_CHECKING:
    import pyarrow as pa

_MAX_VALUES = 4000  # distinct values of a column that can be filtered one by one
_FEW_NUMBERS = 12  # whole numbers with as few values, each of them often, are names rather than amounts
_N_BINS = 48
_ISO_DATE = re.compile(r"\d{4}-\d{2}(-\d{2})?([T ].*)?$")


@dataclass(frozen=True)
class Channel:
    """A column as the map needs it.

    Attributes:
        name: of the column.
        kind: "categories", "numbers" or "dates".
        codes: (n,) uint16, by row: the place of each row's color in the palettes; 0 is no value.
        palettes: "light" and "dark": a color "#rrggbb" for each code.
        names: what each code from 1 on is called; empty for numbers and dates.
        values: (n,) float64, by row: numbers, or milliseconds since 1970; NaN is no value. None for categories.
        is_log: colors follow the logarithm, since most values lie close to the lowest.
    """

    name: str
    kind: str
    codes: np.ndarray
    palettes: dict[str, list[str]]
    names: list[str] = field(default_factory=list)
    values: np.ndarray | None = None
    is_log: bool = False

    @property
    def low(self) -> float:
        """The least value; 0 without values."""
        return float(self._finite.min(initial=np.inf)) if len(self._finite) else 0.0

    @property
    def high(self) -> float:
        """The greatest value; 0 without values."""
        return float(self._finite.max(initial=-np.inf)) if len(self._finite) else 0.0

    @property
    def _finite(self) -> np.ndarray:
        return np.zeros(0) if self.values is None else self.values[np.isfinite(self.values)]

    def legend(self, rows: np.ndarray) -> dict[str, object]:
        """Returns what the map's legend shows of these rows, as JSON can hold it.

        `entries` have a `name`, the first and last of their `codes`, and a `size`; the last may be "other" or "none".
        """
        sizes = np.bincount(self.codes[rows], minlength=len(self.palettes["light"]))
        facts = {
            "column": self.name,
            "kind": self.kind,
            "palettes": self.palettes,
            "isLog": self.is_log,
            "names": self.names,
        }
        if self.kind != "categories":
            return {**facts, "entries": [], "low": self.low, "high": self.high, "missing": int(sizes[0])}
        shown = len(self.names) if len(self.names) <= MAX_CATEGORIES + 1 or self._colors_differ else MAX_CATEGORIES
        entries = [
            {"name": name, "codes": [code, code], "size": int(sizes[code])}
            for code, name in enumerate(self.names[:shown], start=1)
        ]
        if shown < len(self.names):
            rest = {"name": f"other ({len(self.names) - shown:,})", "codes": [shown + 1, len(self.names)]}
            entries.append({**rest, "size": int(sizes[shown + 1 :].sum())})
        if sizes[0]:
            entries.append({"name": "none", "codes": [0, 0], "size": int(sizes[0])})
        return {**facts, "entries": entries, "missing": int(sizes[0])}

    @property
    def _colors_differ(self) -> bool:
        return self.palettes["light"][-1] != NO_TOPIC["light"]

    def summary(self, rows: np.ndarray) -> dict[str, object]:
        """Returns what a filter of this column offers, as JSON can hold it: values with sizes, or a histogram."""
        if self.values is None:
            sizes = np.bincount(self.codes[rows], minlength=len(self.names) + 1)
            values = [{"name": name, "code": code, "size": int(sizes[code])} for code, name in enumerate(self.names, 1)]
            return {"name": self.name, "kind": self.kind, "values": values}
        low, high = self.low, self.high
        found = self.values[rows]
        counts = np.histogram(found[np.isfinite(found)], bins=_N_BINS, range=(low, high if high > low else low + 1))[0]
        is_whole = bool((found[np.isfinite(found)] % 1 == 0).all())
        facts = {"name": self.name, "kind": self.kind, "low": low, "high": high}
        return {**facts, "counts": counts.tolist(), "isWhole": is_whole}

    def sizes(self) -> np.ndarray:
        """Returns (n,) uint8: how large each row's point is, by rank of its value; 0 is the smallest.

        Raises:
            ValueError: the column holds no numbers.
        """
        if self.values is None:
            raise ValueError(f"Column {self.name!r} holds no numbers; only numbers and dates can be sizes.")
        finite = np.isfinite(self.values)
        ranks = np.zeros(len(self.values))
        distinct, places = np.unique(self.values[finite], return_inverse=True)
        ranks[finite] = places / max(len(distinct) - 1, 1)
        return (255 * ranks**2).astype(np.uint8)


def column_channel(name: str, column: "pa.ChunkedArray") -> Channel | None:
    """Returns the channel of a table's column; None if it is free text, nested or empty."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.cast(kind.value_type), kind.value_type
    if column.null_count == len(column):
        return None
    if pa.types.is_boolean(kind):
        return _categories(name, column.cast(pa.string()))
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        values = column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False).astype(np.float64)
        n_distinct = len(np.unique(values[np.isfinite(values)]))
        few = pa.types.is_integer(kind) and n_distinct <= _FEW_NUMBERS and len(values) >= 10 * n_distinct
        return _categories(name, column.cast(pa.string()), by_value=True) if few else number_channel(name, values)
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return number_channel(name, _milliseconds(column), kind="dates")
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return _string_channel(name, column)
    return None


def number_channel(name: str, values: np.ndarray, *, kind: str = "numbers") -> Channel:
    """Returns the channel of numbers or of dates (milliseconds since 1970)."""
    finite = np.isfinite(values)
    low, high = (values[finite].min(), values[finite].max()) if finite.any() else (0.0, 0.0)
    middle = np.median(values[finite]) if finite.any() else 0.0
    is_log = bool(kind == "numbers" and low >= 0 and middle < low + 0.05 * (high - low))
    scaled = np.log1p(values - low) if is_log else values - low
    top = np.log1p(high - low) if is_log else high - low
    codes = np.zeros(len(values), dtype=np.uint16)
    codes[finite] = 1 + np.minimum(N_STEPS - 1, (scaled[finite] / (top or 1.0) * N_STEPS).astype(np.int64))
    palettes = {theme: [NO_TOPIC[theme], *scale_colors(theme)] for theme in NO_TOPIC}
    return Channel(name, kind, codes, palettes, values=np.where(finite, values, np.nan), is_log=is_log)


def category_channel(
    name: str, codes: np.ndarray, names: list[str], palettes: dict[str, list[str]] | None = None
) -> Channel:
    """Returns the channel of categories: code 0 is none, code c is `names[c - 1]`."""
    if palettes is None:
        palettes = {theme: [NO_TOPIC[theme], *category_colors(len(names), theme)] for theme in NO_TOPIC}
    return Channel(name, "categories", codes.astype(np.uint16), palettes, names)


def _string_channel(name: str, column: "pa.ChunkedArray") -> Channel | None:
    import pyarrow.compute as pc

    head = [value for value in column.slice(0, 200).to_pylist() if value]
    if head and all(_ISO_DATE.match(value) for value in head):
        dates = _parsed_dates(column)
        if dates is not None:
            return number_channel(name, dates, kind="dates")
    n_distinct = pc.count_distinct(column).as_py()
    if n_distinct > _MAX_VALUES or n_distinct > 0.6 * (len(column) - column.null_count):
        return None
    return _categories(name, column)


def _categories(name: str, column: "pa.ChunkedArray", *, by_value: bool = False) -> Channel:
    """Returns categories, the most frequent first, or in the order of their numbers."""
    coded = column.combine_chunks().dictionary_encode()
    names = [str(value) for value in coded.dictionary.to_pylist()]
    numbers = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    sizes = np.bincount(numbers[numbers >= 0], minlength=len(names))
    order = np.array(
        sorted(range(len(names)), key=lambda at: float(names[at]) if by_value else (-sizes[at], names[at]))
    )
    place = np.zeros(len(names) + 1, dtype=np.int64)  # the last entry, reached by -1, is none
    place[order] = np.arange(1, len(names) + 1)
    return category_channel(name, place[numbers], [names[at] for at in order])


def _milliseconds(column: "pa.ChunkedArray") -> np.ndarray:
    import pyarrow as pa

    numbers = column.cast(pa.timestamp("ms"), safe=False).cast(pa.int64())
    return numbers.cast(pa.float64()).to_numpy(zero_copy_only=False).astype(np.float64)


def _parsed_dates(column: "pa.ChunkedArray") -> np.ndarray | None:
    """Returns milliseconds since 1970 if at least 95 % of the strings are ISO dates."""
    import pandas as pd

    series = column.to_pandas()
    parsed = pd.to_datetime(series, errors="coerce", utc=True, format="ISO8601")
    if parsed.notna().sum() < 0.95 * series.notna().sum():
        return None
    moments = parsed.dt.tz_localize(None).astype("datetime64[ms]").to_numpy()
    return np.where(np.isnat(moments), np.nan, moments.astype(np.int64).astype(np.float64))
