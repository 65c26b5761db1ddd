"""What people type into the search box: words, and conditions on columns such as `year:2010..2015` or `tags:spam`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa

_PART = re.compile(r'(-?)("(?P<quoted>[^"]+)"|(?P<plain>[^\s:"]+)):("(?P<string>[^"]*)"|(?P<value>[^\s"]+))(?=\s|$)')
_BOUND = re.compile(r"(?P<sign>>=|<=|>|<)(?P<value>.+)$")


@dataclass(frozen=True)
class Condition:
    """One `column:value`.

    Attributes:
        column: its name.
        value: what a cell must equal, or hold if no cell equals it; None for a range.
        low: the least value of a range; None is open.
        high: the greatest; None is open.
        strict: a bound itself does not count (`>`, `<`).
        negated: rows that fit are left out.
    """

    column: str
    value: str | None = None
    low: str | None = None
    high: str | None = None
    strict: bool = False
    negated: bool = False


def parse_query(query: str, columns: Iterable[str]) -> tuple[str, list[Condition]]:
    """Returns the words of a query and its conditions.

    `column:value`, `"a column":"a value"`, `year:>2010`, `year:2010..2015`, `year:..2015`, and `-column:value` for what
    must not be. What stands before a colon and names no column is a word like any other. Case of columns is ignored.

    Example:
        >>> parse_query("cats year:>2010", ["year"])
        ('cats', [Condition(column='year', value=None, low='2010', high=None, strict=True, negated=False)])
    """
    by_name = {name.casefold(): name for name in columns}
    conditions: list[Condition] = []

    def take(found: re.Match[str]) -> str:
        column = by_name.get((found["quoted"] or found["plain"]).casefold())
        if column is None:
            return found[0]
        conditions.append(_condition(column, found["string"], found["value"], negated=bool(found[1])))
        return " "

    words = _PART.sub(take, query)
    return " ".join(words.split()), conditions


def rows_matching(condition: Condition, column: "pa.ChunkedArray | pa.Array") -> np.ndarray:
    """Returns a mask (n,) of the rows that meet a condition; rows without a value meet none.

    Raises:
        ValueError: a bound is no number or date where the column holds numbers or dates.
    """
    import pyarrow as pa

    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.cast(kind.value_type), kind.value_type
    is_number = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    if is_number:
        fits = _numbers_matching(condition, column)
    elif condition.value is None:
        fits = _within(condition, _as_strings(column))
    else:
        fits = _strings_matching(condition.value, column)
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


def _numbers_matching(condition: Condition, column: Any) -> np.ndarray:
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
    """Compares as strings, which is right for ISO dates; an upper bound holds what begins with it: ..2015 is all of 2015."""
    low, high, strict = condition.low or "", condition.high, condition.strict

    def fits(value: str | None) -> bool:
        if value is None or (value <= low if strict and low and not value.startswith(low) else value < low):
            return False
        if strict and low and value.startswith(low):
            return False
        return high is None or value < high or (not strict and value.startswith(high))

    return np.fromiter((fits(value) for value in strings), dtype=bool, count=len(strings))


def _strings_matching(wanted: str, column: Any) -> np.ndarray:
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


def _as_strings(column: Any) -> list[str | None]:
    return [None if value is None else str(value) for value in column.to_pylist()]
