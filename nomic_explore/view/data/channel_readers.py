"""Channels from the columns of a table: what each type of column can be colored, sized and filtered by."""

from typing import TYPE_CHECKING

import numpy as np

from nomic_explore.arrays import inverse_index
from nomic_explore.search.conditions import decode, has_value, is_list, is_text
from nomic_explore.search.dates import is_date, read_iso_dates, read_moments
from nomic_explore.search.exact_numbers import ExactNumbers, is_number, read_numbers
from nomic_explore.search.text_kinds import advise_dtype, text_kind
from nomic_explore.view.data.channels import (
    MAX_SHADES,
    Channel,
    Members,
    category_channel,
    has_short_span,
    number_channel,
    ordered_channel,
    ordered_years,
)
from nomic_explore.view.data.colors import MAX_CATEGORIES

if TYPE_CHECKING:
    import pyarrow as pa

_MAX_VALUES = 4000  # distinct values of a column that can be filtered one by one
_HEAD = 10_000  # numbers that are looked at before all are
_FEW_NUMBERS = 12  # numbers with as few values are shown one by one, whole numbers also if they lie close together
_MIN_REPEATS = {True: 2, False: 10}  # how often each is there on average, whole numbers or others
_MAX_SHARE_DISTINCT = 0.6  # of strings; where more differ they are free text
_MAX_MEAN_LENGTH = 50  # of lists; longer ones are vectors or tokens rather than tags
_MAX_MILLISECONDS = 8.64e15  # beyond, JavaScript has no dates


def column_channel(name: str, column: "pa.ChunkedArray") -> Channel | None:
    """Returns the channel of a table's column; None if it is free text, nested or empty (`explain_unshown` tells which)."""
    import pyarrow as pa

    column = decode(column)
    kind = column.type
    if not has_value(column).any():
        return None
    if pa.types.is_boolean(kind):
        return _categories(name, column.cast(pa.string()))
    if is_number(kind):
        return _numbers(name, read_numbers(column))
    if is_date(kind):
        return number_channel(
            name, _milliseconds(read_moments(column)), kind="dates", zone=getattr(kind, "tz", None) or ""
        )
    if is_text(kind):
        return _strings(name, column)
    return _lists(name, column) if is_list(kind) else None


def explain_unshown(name: str, column: "pa.ChunkedArray") -> str:
    """Returns why a column has no channel, and what to do, as a sentence without its full stop.

    Example:
        >>> import pyarrow as pa
        >>> explain_unshown("note", pa.chunked_array([["a b", "c d"]]))
        "Column 'note' holds free text"
    """
    import pyarrow as pa

    shown, column = column.type, decode(column)
    if not has_value(column).any():
        return f"Column {name!r} is empty"
    if is_text(column.type):
        kind = text_kind(column.cast(pa.string()).to_pylist())
        return f"Column {name!r} holds free text" if kind is None else advise_dtype(name, kind)
    return f"Column {name!r} holds values of type {shown}, which are not shown on a map"


def _numbers(name: str, exact: ExactNumbers) -> Channel:
    """Returns numbers: along a scale, or one by one if they have few values."""
    known = exact.values[exact.is_known]
    if exact.fits_float64:
        values, kept, base = _readable(exact), None, 0
    else:
        base = int(known.min())
        values, kept = _offsets(exact, base), exact
    if len(np.unique(known[:_HEAD])) > MAX_SHADES:
        return number_channel(name, values, exact=kept, base=base)
    distinct = np.unique(known)
    is_short = kept is None and has_short_span(np.unique(values[~np.isnan(values)]))
    is_whole = bool(exact.is_whole and not exact.scale) or bool((values[np.isfinite(values)] % 1 == 0).all())
    is_few = len(distinct) <= _FEW_NUMBERS or is_short
    if not is_few or len(known) < _MIN_REPEATS[is_whole] * len(distinct):
        return number_channel(name, values, exact=kept, base=base)
    codes = np.where(exact.is_known, np.searchsorted(distinct, exact.values) + 1, 0)
    names = [exact.text(value) for value in distinct] if exact.is_whole else [_short(value) for value in distinct]
    return ordered_channel(name, values, codes, names, exact=kept, base=base)


def _readable(exact: ExactNumbers) -> np.ndarray:
    """Returns (n,) float64; floats of 32 or 16 bits become the numbers that they are written as, 0.1 and not 0.100000001."""
    import pyarrow as pa

    if exact.values.dtype.kind != "f" or exact.values.dtype == np.float64:
        return exact.as_floats()
    written = pa.array(exact.values.astype(np.float32)).cast(pa.string())
    return np.where(exact.is_known, written.cast(pa.float64()).to_numpy(zero_copy_only=False), np.nan)


def _offsets(exact: ExactNumbers, base: int) -> np.ndarray:
    """Returns (n,) float64: how far each number lies above the least."""
    if exact.values.dtype == object:
        above = np.array([int(value) - base for value in exact.values], dtype=object)
    else:  # the difference of two int64 may need uint64, whose arithmetic wraps around
        above = exact.values.astype(np.uint64) - np.array(base % 2**64, dtype=np.uint64)
    return np.where(exact.is_known, above.astype(np.float64) / 10.0**exact.scale, np.nan)


def _short(value: np.floating) -> str:
    return str(int(value)) if np.isfinite(value) and value % 1 == 0 else str(value)


def _milliseconds(moments: ExactNumbers) -> np.ndarray:
    values = moments.as_floats() / 1000
    return np.where(np.abs(values) > _MAX_MILLISECONDS, np.copysign(np.inf, values), values)


def _strings(name: str, column: "pa.ChunkedArray") -> Channel | None:
    import pyarrow.compute as pc

    dates = read_iso_dates(column)
    if dates is not None:
        return number_channel(name, _milliseconds(dates), kind="dates")
    n_distinct = pc.count_distinct(column).as_py()
    if n_distinct > _MAX_VALUES or n_distinct > _MAX_SHARE_DISTINCT * has_value(column).sum():
        return None
    return _categories(name, column)


def _categories(name: str, column: "pa.ChunkedArray") -> Channel:
    """Returns categories, the most frequent first, or years in their order; blank strings are no value."""
    numbers, names = _encode(column)
    if are_years(names):
        order = np.argsort(names)
        place = np.append(inverse_index(order, len(names)) + 1, 0)  # the last entry, reached by -1, is no value
        return ordered_years(name, place[numbers], [names[at] for at in order])
    sizes = np.bincount(numbers[numbers >= 0], minlength=len(names))
    place, named = _by_frequency(sizes, names)
    return category_channel(name, place[numbers], named)


def are_years(names: list[str]) -> bool:
    """Returns whether all names are years, close enough together for a color each.

    Example:
        >>> are_years(["2015", "1999"]), are_years(["2015", "9999"]), are_years(["15"])
        (True, False, False)
    """
    years = [int(name) if len(name) == 4 and name.isdecimal() else 0 for name in names]
    return bool(years) and min(years) >= 1000 and max(years) < 3000 and max(years) - min(years) < MAX_SHADES


def _lists(name: str, column: "pa.ChunkedArray") -> Channel | None:
    """Returns lists of tags: a row is colored by the first of its values that has a color of its own."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type.value_type
    is_tag = is_text(kind) or pa.types.is_dictionary(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind)
    if not is_tag or (pa.types.is_fixed_size_list(column.type) and not is_text(kind)):
        return None
    array = pa.concat_arrays([chunk.cast(pa.list_(kind)) for chunk in column.chunks])
    lengths = pc.fill_null(pc.list_value_length(array), 0).to_numpy(zero_copy_only=False)
    rows = np.repeat(np.arange(len(array)), lengths)
    numbers, names = _encode(pc.list_flatten(array).cast(pa.string()))
    if not len(names) or len(rows) > _MAX_MEAN_LENGTH * len(column):
        return None
    is_free = len(names) > _FEW_NUMBERS and len(names) > _MAX_SHARE_DISTINCT * len(rows)
    return None if is_free else list_channel(name, rows[numbers >= 0], numbers[numbers >= 0], names, len(column))


def list_channel(name: str, rows: np.ndarray, numbers: np.ndarray, names: list[str], n_rows: int) -> Channel:
    """Returns the channel of values that rows have several of, the most frequent value first.

    Args:
        name: of the column.
        rows: (m,) ascending: the row of each value.
        numbers: (m,) the place of each value among the names.
        names: of the values.
        n_rows: how many rows there are.
    """
    _, first = np.unique(rows * len(names) + numbers, return_index=True)  # what a list names twice counts once
    rows, numbers = rows[np.sort(first)], numbers[np.sort(first)]
    place, named = _by_frequency(np.bincount(numbers, minlength=len(names)), names)
    codes = place[numbers]
    is_kept = codes <= _MAX_VALUES
    rows, codes = rows[is_kept], codes[is_kept]
    starts = np.concatenate([[0], np.bincount(rows, minlength=n_rows).cumsum()])
    colors = np.zeros(n_rows, dtype=np.int64)
    for shown in (codes > MAX_CATEGORIES, codes <= MAX_CATEGORIES):  # the second has the last word
        own, at = np.unique(rows[shown], return_index=True)
        colors[own] = codes[shown][at]
    return category_channel(name, colors, named[:_MAX_VALUES], members=Members(starts, codes))


def _encode(column: "pa.ChunkedArray | pa.Array") -> tuple[np.ndarray, list[str]]:
    """Returns the place (n,) of each string among the distinct ones, -1 for null and blank, and those."""
    import pyarrow as pa

    chunked = column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column])
    coded = chunked.cast(pa.string()).combine_chunks().dictionary_encode()
    names = [str(value) for value in coded.dictionary.to_pylist()]
    numbers = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    filled = [at for at, name in enumerate(names) if name.strip()]
    renumbered = np.full(len(names) + 1, -1)  # the last entry, reached by -1, is none
    renumbered[filled] = np.arange(len(filled))
    return renumbered[numbers], [names[at] for at in filled]


def _by_frequency(sizes: np.ndarray, names: list[str]) -> tuple[np.ndarray, list[str]]:
    """Returns the code of each name, the most frequent is 1, and last 0 for no value; and the names in that order."""
    order = np.array(sorted(range(len(names)), key=lambda at: (-sizes[at], names[at])), dtype=np.int64)
    place = np.zeros(len(names) + 1, dtype=np.int64)
    place[order] = np.arange(1, len(names) + 1)
    return place, [names[at] for at in order]
