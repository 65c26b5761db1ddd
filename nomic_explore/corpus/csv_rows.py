"""The records of a CSV text, one by one, with quotes that no fast reader understands."""

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

_LINE_END = re.compile(r"\r\n|\n|\r")
_ESCAPED = re.compile(r'\\(["\\])|""')


class Record(NamedTuple):
    """One record of a CSV text.

    Attributes:
        fields: as they are meant: without the quotes around them.
        start: where it begins in the text.
        end: where the next one begins.
        has_stray_quote: whether a field starts with a double quote that does not enclose it, and is therefore part of it.
        is_unclosed: whether such a field has an odd number of them.
    """

    fields: list[str]
    start: int
    end: int
    has_stray_quote: bool = False
    is_unclosed: bool = False


def split_records(text: str, delimiter: str, *, start: int = 0, escapes: bool = False) -> Iterator[Record]:
    r"""Yields the records of a text, without empty lines.

    A field is quoted if it starts with a double quote and a later one is followed by a delimiter or the end of a line;
    otherwise its quotes are ordinary characters, and it ends with its line. So one stray quote damages no other record.

    Args:
        text: of a whole file, or a part that ends with a record.
        delimiter: one character.
        start: where the first record begins.
        escapes: whether a backslash before a double quote makes it part of the field.

    Example:
        >>> [record.fields for record in split_records('"a, b",1\n"c" d,2\n', ",")]
        [['a, b', '1'], ['"c" d', '2']]
    """
    end = len(text)
    while start < end:
        line = _LINE_END.search(text, start)
        line_end, following = (line.start(), line.end()) if line else (end, end)
        if line_end > start:
            if text.find('"', start, line_end) < 0:
                yield Record(text[start:line_end].split(delimiter), start, following)
            else:
                record = _split_quoted(text, delimiter, start, escapes)
                following = record.end
                yield record
        start = following


def _split_quoted(text: str, delimiter: str, start: int, escapes: bool) -> Record:
    field = _field_pattern(delimiter, escapes)
    fields: list[str] = []
    has_stray_quote = is_unclosed = False
    at = start
    while True:
        found = field.match(text, at)
        assert found is not None  # an empty field is a field
        quoted, plain = found.groups()
        if quoted is None:
            if plain.lstrip().startswith('"'):
                has_stray_quote = True
                is_unclosed |= bool(plain.count('"') % 2)
            fields.append(plain.replace('\\"', '"') if escapes else plain)
        else:
            fields.append(_unescape(quoted) if escapes else quoted.replace('""', '"'))
        at = found.end()
        if text[at : at + 1] != delimiter:
            break
        at += 1
    line = _LINE_END.match(text, at)
    return Record(fields, start, line.end() if line else at, has_stray_quote, is_unclosed)


@cache
def _field_pattern(delimiter: str, escapes: bool) -> re.Pattern[str]:
    """Returns the pattern of a field: group 1 is what stands between quotes, group 2 a field without."""
    mark = re.escape(delimiter)
    inner = r'[^"\\]*+(?:(?:\\.|"")[^"\\]*+)*+' if escapes else r'[^"]*+(?:""[^"]*+)*+'
    return re.compile(rf' *+"({inner})" *+(?=[{mark}\r\n]|\Z)|([^{mark}\r\n]*+)', re.DOTALL)


def _unescape(quoted: str) -> str:
    return _ESCAPED.sub(lambda found: found.group(1) or '"', quoted)
