"""Which rows meet a condition of a query: numbers, dates, truth values, lists and text are compared as what they are."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from nomic_explore.search.dates import is_date, parse_span, read_iso_dates, read_moments
from nomic_explore.search.exact_numbers import Bound, ExactNumbers, is_number, parse_number, read_numbers
from nomic_explore.search.query import Condition
from nomic_explore.search.text_kinds import advise_dtype, compares_as_text, text_kind

if TYPE_CHECKING:
    import pyarrow as pa

Column: TypeAlias = "pa.ChunkedArray | pa.Array"

_DASHED = re.compile(r"(.+?)(?:-|–|—|…|\.{3,})(.+)")  # how a range is written elsewhere
_HEAD = 32  # characters; few strings are blank so far and not after
_DAY_FIRST = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")


def meets(condition: Condition, column: Column) -> np.ndarray:
    """Returns a mask (n,) of the rows that meet a condition; a row without a value meets only a negated one, or `:none`.

    Numbers are compared exactly. A date stands for all of its span: `day:2015` is all of that year, `day:..2015` ends with
    it. Text is compared without case: with the whole of a cell, or, if no cell is equal, with a part of it. A list meets a
    condition if it holds the value. Blank text, NaN and an empty list are no value.

    Args:
        condition: of a query.
        column: (n,) the column that the condition is about.

    Raises:
        ValueError: the condition cannot be understood for such a column; the message names what can be.

    Example:
        >>> import pyarrow as pa
        >>> meets(Condition("year", low="2010"), pa.array([2009, 2010, None])).tolist()
        [False, True, False]
    """
    column = decode(column)
    fits = _without_value(condition, column) if condition.is_missing else _fits(condition, column)
    return ~fits if condition.negated else fits


def has_value(column: Column) -> np.ndarray:
    """Returns a mask (n,) of the rows that have a value: no null, NaN, blank text or empty list.

    Example:
        >>> import pyarrow as pa
        >>> has_value(pa.array(["a", " ", None])).tolist()
        [True, False, False]
    """
    import pyarrow.compute as pc

    column = decode(column)
    kind = column.type
    if is_number(kind):
        return read_numbers(column).is_known
    known = np.asarray(column.is_valid().to_numpy(zero_copy_only=False), dtype=bool)
    if is_text(kind):
        return known & _is_filled(column)
    if is_list(kind):
        filled = pc.fill_null(pc.greater(pc.list_value_length(column), 0), False)
        return known & np.asarray(filled.to_numpy(zero_copy_only=False), dtype=bool)
    return known


def decode(column: Column) -> Column:
    """Returns a column in the plain type of its values: no dictionary, runs, views or extension.

    Example:
        >>> import pyarrow as pa
        >>> decode(pa.array(["a", "a"]).dictionary_encode()).type
        DataType(string)
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        return decode(column.cast(kind.storage_type))
    if pa.types.is_dictionary(kind):
        return decode(column.cast(kind.value_type))
    if pa.types.is_run_end_encoded(kind):
        return decode(pc.run_end_decode(column))
    if pa.types.is_string_view(kind):
        return column.cast(pa.string())
    if pa.types.is_list_view(kind) or pa.types.is_large_list_view(kind):
        return pa.chunked_array([column.to_pylist()], pa.list_(kind.value_type))  # a cast of pyarrow 26 loses lengths
    return column


def _is_filled(column: Column) -> np.ndarray:
    """Returns a mask (n,) of the strings that are not blank; of long ones the beginning is looked at first."""
    import pyarrow.compute as pc

    heads = pc.utf8_trim_whitespace(pc.utf8_slice_codeunits(column, 0, _HEAD))
    filled = np.array(pc.fill_null(pc.not_equal(heads, ""), False).to_numpy(zero_copy_only=False), dtype=bool)
    is_long = pc.fill_null(pc.greater(pc.binary_length(column), _HEAD), False).to_numpy(zero_copy_only=False)
    for row in np.flatnonzero(~filled & np.asarray(is_long, dtype=bool)).tolist():
        filled[row] = bool(column[row].as_py().strip())
    return filled


def is_text(kind: "pa.DataType") -> bool:
    """Returns whether an Arrow type is one of strings.

    Example:
        >>> import pyarrow as pa
        >>> is_text(pa.large_string())
        True
    """
    import pyarrow as pa

    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def is_list(kind: "pa.DataType") -> bool:
    """Returns whether an Arrow type is one of lists.

    Example:
        >>> import pyarrow as pa
        >>> is_list(pa.list_(pa.string()))
        True
    """
    import pyarrow as pa

    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind))


def _without_value(condition: Condition, column: Column) -> np.ndarray:
    """Returns a mask of the rows without a value, and of those whose text is the word "none"."""
    missing = ~has_value(column)
    return missing | _equal("none", _as_strings(column)) if is_text(column.type) else missing


def _fits(condition: Condition, column: Column) -> np.ndarray:
    import pyarrow as pa

    kind = column.type
    if is_number(kind):
        return _number_fits(condition, read_numbers(column))
    if is_date(kind):
        return _date_fits(condition, read_moments(column))
    if pa.types.is_boolean(kind):
        return _truth_fits(condition, column)
    if is_list(kind):
        return _list_fits(condition, column)
    if is_text(kind) and (dates := read_iso_dates(column)) is not None:
        return _date_fits(condition, dates)
    strings = _as_strings(column)
    return _range_fits(condition, strings) if condition.value is None else _text_fits(condition.value, strings)


def _number_fits(condition: Condition, numbers: ExactNumbers) -> np.ndarray:
    if condition.value is not None:
        wanted = _number(condition, condition.value)
        return numbers.within(wanted, wanted)
    low, high = (None if end is None else _number(condition, end) for end in (condition.low, condition.high))
    _check_order(condition, low, high)
    return numbers.within(low, high, strict=condition.strict)


def _number(condition: Condition, written: str) -> Bound:
    number = parse_number(written)
    if number is None:
        name = condition.column
        raise ValueError(
            f"{condition}: column {name!r} holds numbers; expected a number or a range, such as {name}:5, {name}:>5, "
            f"{name}:2..5 or {name}:none.{_suggest(condition)}"
        )
    return number


def _date_fits(condition: Condition, moments: ExactNumbers) -> np.ndarray:
    if condition.value is not None:
        start, end = _span(condition, condition.value)
        return moments.within(_exact(start), None) & ~moments.within(_exact(end), None)
    low, high = (None if end is None else _span(condition, end) for end in (condition.low, condition.high))
    _check_order(condition, low and low[0], high and high[0])
    fits = moments.is_known.copy()
    if low is not None:
        fits &= moments.within(_exact(low[condition.strict]), None)
    if high is not None:
        fits &= ~moments.within(_exact(high[not condition.strict]), None)
    return fits


def _exact(microseconds: int) -> Bound:
    number = parse_number(str(microseconds))
    assert number is not None
    return number


def _span(condition: Condition, written: str) -> tuple[int, int]:
    span = parse_span(written)
    if span is None:
        name = condition.column
        raise ValueError(
            f"{condition}: column {name!r} holds dates; expected year-month-day, such as {name}:2020-02-01, {name}:2020-02, "
            f"{name}:2020, {name}:>2020-02-01, {name}:2020-01..2020-03 or {name}:none.{_suggest(condition)}"
        )
    return span


def _suggest(condition: Condition) -> str:
    """Returns a sentence with the condition as it should be written; "" if it cannot be guessed."""
    name = condition.column
    written = str(condition).removeprefix("-").removeprefix(f"{name}:")
    if (day := _DAY_FIRST.fullmatch(written)) and parse_span(iso := f"{day[3]}-{day[2]:0>2}-{day[1]:0>2}"):
        return f" Did you mean {name}:{iso}?"
    if (ends := _DASHED.fullmatch(written)) and all(parse_number(end) is not None for end in ends.groups()):
        return f" Did you mean {name}:{ends[1]}..{ends[2]}?"
    return ""


def _check_order(condition: Condition, low: Bound | None, high: Bound | None) -> None:
    if low is not None and high is not None and low > high:
        name = condition.column
        raise ValueError(f"{condition}: the lower end comes first, {name}:{condition.high}..{condition.low}.")


def _truth_fits(condition: Condition, column: Column) -> np.ndarray:
    wanted = (condition.value or "").casefold()
    if wanted not in ("true", "false"):
        name = condition.column
        raise ValueError(
            f"{condition}: column {name!r} is true or false; expected {name}:true, {name}:false or {name}:none."
        )
    return _equal(wanted, _as_strings(column))


def _list_fits(condition: Condition, column: Column) -> np.ndarray:
    if condition.value is None:
        name = condition.column
        raise ValueError(
            f"{condition}: column {name!r} holds lists; expected one of their values, such as {name}:value."
        )
    folded = condition.value.casefold()
    listed = [[str(part).casefold() for part in value or ()] for value in column.to_pylist()]
    return np.array([folded in parts for parts in listed], dtype=bool)


def _text_fits(wanted: str, strings: Sequence[str | None]) -> np.ndarray:
    folded = wanted.casefold()
    equal = _equal(folded, strings)
    if equal.any() or not folded.strip():
        return equal
    return np.array([value is not None and folded in value.casefold() for value in strings], dtype=bool)


def _equal(folded: str, strings: Sequence[str | None]) -> np.ndarray:
    return np.array([value is not None and value.casefold() == folded for value in strings], dtype=bool)


def _range_fits(condition: Condition, strings: Sequence[str | None]) -> np.ndarray:
    """Compares as strings; an upper bound includes what begins with it: ..2015 is all of 2015."""
    kind = text_kind(strings)
    if kind is not None and not compares_as_text(strings):
        raise ValueError(f"{condition}: {advise_dtype(condition.column, kind)} to compare them.")
    low, high, strict = condition.low or "", condition.high, condition.strict

    def fits(value: str | None) -> bool:
        if value is None or not value.strip() or (value <= low if strict and low else value < low):
            return False
        if strict and low and value.startswith(low):
            return False
        return high is None or value < high or (not strict and value.startswith(high))

    return np.fromiter((fits(value) for value in strings), dtype=bool, count=len(strings))


def _as_strings(column: Column) -> list[str | None]:
    try:
        return [None if value is None else str(value) for value in column.to_pylist()]
    except (OverflowError, ValueError):  # a moment that Python cannot hold
        import pyarrow as pa

        return column.cast(pa.string()).to_pylist()
