"""Search queries: words, and conditions on columns such as `year:2010..2015` or `tags:spam`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_PART = re.compile(r'(-?)("(?P<quoted>[^"]+)"|(?P<plain>[^\s:"]+)):("(?P<string>[^"]*)"|(?P<value>[^\s"]+))(?=\s|$)')
_LEFT = re.compile(r'(?<!\S)-?("(?P<quoted>[^"]+)"|(?P<plain>[^\s:"]+)):(?P<value>\S*)')
_BOUND = re.compile(r"(?P<sign>>=|<=|>|<)(?P<value>.+)$")
_RANGE = re.compile(r"(?P<low>.*?)\.\.(?!\.)(?P<high>.*)$")


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
        is_missing: whether it is met by the rows without a value (`year:none`).
    """

    column: str
    value: str | None = None
    low: str | None = None
    high: str | None = None
    strict: bool = False
    negated: bool = False
    is_missing: bool = False

    def __str__(self) -> str:
        signs = (">", "<") if self.strict else (">=", "<=")
        written = self.value
        if self.is_missing:
            written = "none"
        elif self.low is not None and self.high is not None:
            written = f"{self.low}..{self.high}"
        elif written is None:
            written = f"{signs[0]}{self.low}" if self.low is not None else f"{signs[1]}{self.high or ''}"
        return f"{'-' if self.negated else ''}{self.column}:{written}"


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

    A condition is `column:value`, `"a column":"a value"`, `year:>2010`, `year:2010..2015` or `year:..2015`; `year:none`
    is met by the rows without a value, `year:"none"` by those that hold this word; a minus before a condition excludes the
    rows that fit. Where the part before a colon names no column, it is a word like any other.

    Args:
        query: as somebody typed it.
        columns: names that conditions may use; upper and lower case are the same, unless they tell two names apart.

    Raises:
        ValueError: a condition has no value right after its colon, or a quotation mark too few.

    Example:
        >>> parse_query("cats year:>2010", ["year"]).words
        'cats'
        >>> [str(condition) for condition in parse_query("cats year:>2010 -year:none", ["year"]).conditions]
        ['year:>2010', '-year:none']
    """
    names = list(columns)
    by_name = {name.casefold(): name for name in names} | {name: name for name in names}
    conditions: list[Condition] = []

    def column_of(match: re.Match[str]) -> str | None:
        name = match["quoted"] or match["plain"]
        return by_name.get(name) or by_name.get(name.casefold())

    def take(match: re.Match[str]) -> str:
        column = column_of(match)
        if column is None:
            return match[0]
        conditions.append(_condition(column, match["string"], match["value"], negated=bool(match[1])))
        return " "

    words = _PART.sub(take, query)
    for match in _LEFT.finditer(words):
        if column_of(match):
            raise ValueError(
                f"{match[0]} is no condition: expected a value right after the colon, such as {match[0].split(':')[0]}:value "
                f'or {match[0].split(":")[0]}:"two words". To search for the words, leave the colon out.'
            )
    return Query(" ".join(words.split()), tuple(conditions))


def _condition(column: str, string: str | None, value: str | None, *, negated: bool) -> Condition:
    if string is not None:
        return Condition(column, value=string, negated=negated)
    assert value is not None
    bound = _BOUND.match(value)
    if bound:
        low, high = (bound["value"], None) if bound["sign"].startswith(">") else (None, bound["value"])
        return Condition(column, low=low, high=high, strict=len(bound["sign"]) == 1, negated=negated)
    if (ends := _RANGE.match(value)) and value != "..":
        return Condition(column, low=ends["low"] or None, high=ends["high"] or None, negated=negated)
    if value.casefold() == "none":
        return Condition(column, is_missing=True, negated=negated)
    return Condition(column, value=value, negated=negated)
