"""Search queries: words, and conditions on columns such as `year:2010..2015` or `tags:spam`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa

_PART = re.compile(r'(-?)("(?P<quoted>[^"]+)"|(?P<plain>[^\s:"]+)):("(?P<string>[^"]*)"|(?P<value>[^\s"]+))(?=\s|$)')
_BOUND = re.compile(r"(?P<sign>>=|<=|>|<)(?P<value>.+)$")


@dataclass(frozen=True)
class Condition:
    """A condition on one column, such as `year:2010..2015`.

    Attributes:
        column: its name.
        value: what a cell must equal, or contain if no cell equals it; None for a range.
        low: the lower bound of a range; None is open.
        high: the upper bound; None is open.
        strict: whether a bound itself is outside the range (`>`, `<`).
        negated: whether the condition is met by the rows that do not fit.
    """

    column: str
    value: str | None = None
    low: str | None = None
    high: str | None = None
    strict: bool = False
    negated: bool = False


@dataclass(frozen=True)
class Query:
    """A parsed search query: words, and conditions on columns.

    Attributes:
        words: to search for, without the conditions; "" if there are none.
        conditions: all of which a row must meet.
    """

    words: str
    conditions: tuple[Condition, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns that the conditions need, each once, in the order of the query.

        Example:
            >>> parse_query("cats year:>2010 -year:2015 kind:pet", ["kind", "year"]).columns
            ('year', 'kind')
        """
        return tuple(dict.fromkeys(condition.column for condition in self.conditions))


def parse_query(query: str, columns: Iterable[str]) -> Query:
    """Returns the words of a query and its conditions on columns.

    A condition is `column:value`, `"a column":"a value"`, `year:>2010`, `year:2010..2015` or `year:..2015`; a minus
    before it excludes the rows that fit. Where the part before a colon names no column, it is a word like any other.

    Args:
        query: as somebody typed it.
        columns: names that conditions may use; upper and lower case are the same.

    Example:
        >>> parse_query("cats year:>2010", ["year"]).words
        'cats'
        >>> parse_query("cats year:>2010", ["year"]).conditions
        (Condition(column='year', value=None, low='2010', high=None, strict=True, negated=False),)
    """
    by_name = {name.casefold(): name for name in columns}
    conditions: list[Condition] = []

    def take(match: re.Match[str]) -> str:
        column = by_name.get((match["quoted"] or match["plain"]).casefold())
        if column is None:
            return match[0]
        conditions.append(_condition(column, match["string"], match["value"], negated=bool(match[1])))
        return " "

    words = _PART.sub(take, query)
    return Query(" ".join(words.split()), tuple(conditions))


def meets(condition: Condition, column: "pa.ChunkedArray | pa.Array") -> np.ndarray:
    """Returns a mask (n,) of the rows that meet a condition; a row without a value meets only a negated one.

    Args:
        condition: of a query.
        column: (n,) the column that the condition is about.

    Raises:
        ValueError: the column holds numbers and the condition names something else.

    Example:
        >>> import pyarrow as pa
        >>> meets(Condition("year", low="2010"), pa.array([2009, 2010, None])).tolist()
        [False, True, False]
    """
    import pyarrow as pa

    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.cast(kind.value_type), kind.value_type
    is_number = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    if is_number:
        fits = _numbers_fit(condition, column)
    elif condition.value is None:
        fits = _within(condition, _as_strings(column))
    else:
        fits = _strings_fit(condition.value, column)
    return ~fits if condition.negated else fits


def _condition(column: str, string: str | None, value: str | None, *, negated: bool) -> Condition:
    if string is not None:
        return Condition(column, value=string, negated=negated)
    assert value is not None
    bound = _BOUND.match(value)
    if bound:
        side = {"low": bound["value"]} if bound["sign"].startswith(">") else {"high": bound["value"]}
        return Condition(column, **side, strict=len(bound["sign"]) == 1, negated=negated)
    low, dots, high = value.partition("..")
    if dots:
        return Condition(column, low=low or None, high=high or None, negated=negated)
    return Condition(column, value=value, negated=negated)


def _numbers_fit(condition: Condition, column: "pa.ChunkedArray") -> np.ndarray:
    import pyarrow as pa

    numbers = column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False).astype(np.float64)
    if condition.value is not None:
        return numbers == _number(condition.value, condition.column)
    fits = np.isfinite(numbers)
    if condition.low is not None:
        low = _number(condition.low, condition.column)
        fits &= numbers > low if condition.strict else numbers >= low
    if condition.high is not None:
        high = _number(condition.high, condition.column)
        fits &= numbers < high if condition.strict else numbers <= high
    return fits


def _number(written: str, column: str) -> float:
    try:
        return float(written)
    except ValueError:
        raise ValueError(
            f"{column}:{written}: column {column!r} holds numbers; expected one, such as {column}:>10."
        ) from None


def _within(condition: Condition, strings: list[str | None]) -> np.ndarray:
    """Compares as strings, which is right for ISO dates; an upper bound includes what begins with it: ..2015 is all of 2015."""
    low, high, strict = condition.low or "", condition.high, condition.strict

    def fits(value: str | None) -> bool:
        if value is None or (value <= low if strict and low and not value.startswith(low) else value < low):
            return False
        if strict and low and value.startswith(low):
            return False
        return high is None or value < high or (not strict and value.startswith(high))

    return np.fromiter((fits(value) for value in strings), dtype=bool, count=len(strings))


def _strings_fit(wanted: str, column: "pa.ChunkedArray") -> np.ndarray:
    import pyarrow as pa

    folded = wanted.casefold()
    if pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
        listed = [[str(part).casefold() for part in value or ()] for value in column.to_pylist()]
        return np.array([folded in parts for parts in listed], dtype=bool)
    strings = [value.casefold() if value is not None else None for value in _as_strings(column)]
    equal = np.array([value == folded for value in strings], dtype=bool)
    if equal.any():
        return equal
    return np.array([value is not None and folded in value for value in strings], dtype=bool)


def _as_strings(column: "pa.ChunkedArray") -> list[str | None]:
    return [None if value is None else str(value) for value in column.to_pylist()]
