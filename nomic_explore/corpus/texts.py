"""From columns to texts: one column, several joined, or a template."""

import re
from collections.abc import Sequence
from difflib import get_close_matches
from string import Formatter
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from nomic_explore.corpus.nested_fields import column_names, find_column

# White space, separators, control characters, and format characters such as the zero-width space.
BLANK = r"^[\s\p{Z}\p{Cc}\p{Cf}\x{115F}\x{1160}\x{3164}\x{FFA0}\x{2800}]*$"
# A value without white space is an id, an address, a file or a label, and one without letters a date or a number. Languages
# that write without spaces have letters beyond ASCII.
NAME = re.compile(r"[!-~]{1,64}|\w+://\S+|[\d\s.,:;/+\-()TZ]+")
_N_SAMPLE = 1_000  # values that are looked at
_MIN_NAMES = 0.95  # share of the values


def text_source(table: pa.Table, text: str | Sequence[str] | None, name: str) -> str | list[str]:
    """Returns the column, the columns or the template that make the text, once they are known to exist.

    A column whose name has commas, dots or braces in it goes before columns joined by commas, fields and templates.

    Raises:
        ValueError: there is no such column, or none is given and more than one could be meant.
        TypeError: `text` is neither a string nor a list of strings.
    """
    if text is None:
        return _obvious_column(table, name)
    if isinstance(text, str):
        if find_column(table, text) is not None:
            return text
        if "{" in text:
            for _, field in _template_parts(text, table.column_names):
                if field is not None:
                    check_column(table, field, "text", name)
            return text
        parts = [part.strip() for part in text.split(",")]
        if len(parts) < 2 or not any(find_column(table, part) is not None for part in parts):
            check_column(table, text, "text", name)
        return text_source(table, parts, name)
    try:
        columns = list(text)
    except TypeError:
        columns = [None]  # type: ignore[list-item]
    if not columns or not all(isinstance(column, str) for column in columns):
        raise TypeError(
            f"text={text!r}; expected a column, a list of columns, or a template like '{{title}}. {{body}}'."
        )
    for column in columns:
        check_column(table, column, "text", name)
    return columns


def make_texts(table: pa.Table, text: str | list[str], name: str) -> pa.ChunkedArray:
    """Returns the text of each row, (n,) large_string, null where it is null or blank.

    Raises:
        ValueError: a column holds no strings, or strings that are not valid UTF-8.
    """
    if isinstance(text, list):
        made = _joined([_string_column(table, column, name) for column in text])
    elif is_template(table, text):
        made = _filled(table, text, name)
    else:
        made = _string_column(table, text, name)
    return _null_if_blank(made)


def is_template(table: pa.Table, text: str) -> bool:
    """Whether a text is a template such as "{title}. {body}", not a column with braces in its name."""
    return "{" in text and find_column(table, text) is None


def columns_of(text: str | list[str]) -> str:
    """Returns how a message names the source of the text."""
    if isinstance(text, list) and len(text) > 1:
        return "columns " + ", ".join(map(repr, text))
    return (
        f"template {text!r}"
        if isinstance(text, str) and "{" in text
        else f"column {text if isinstance(text, str) else text[0]!r}"
    )


def check_column(table: pa.Table, column: str, argument: str, name: str) -> pa.ChunkedArray:
    """Returns a column, or a field inside one.

    Raises:
        ValueError: the table has neither; the message lists what it has and proposes the closest.
    """
    if (found := find_column(table, column)) is not None:
        return found
    known = column_names(table)
    lowered = {each.lower(): each for each in known}
    close = [lowered[match] for match in get_close_matches(column.lower(), lowered, n=1, cutoff=0.6)]
    proposal = f" Did you mean {close[0]!r}?" if close else ""
    raise ValueError(f"{name} has no column {column!r} ({argument}=).{proposal} It has: {', '.join(known) or 'none'}.")


def _obvious_column(table: pa.Table, name: str) -> str:
    strings = [field.name for field in table.schema if _is_string(field.type)]
    if "text" in strings:
        return "text"
    described = ", ".join(f"{field.name} ({_type_name(field.type)})" for field in table.schema)
    if len(strings) == 1:
        example = _example_of_names(table[strings[0]])
        if example is None:
            return strings[0]
        problem = f"one column of strings, {strings[0]!r}, which seems to hold ids or labels ({example!r}), no texts"
    else:
        problem = f"{len(strings)} columns of strings" if strings else "no column of strings"
    nested = [each for each in column_names(table) if each not in table.column_names]
    fields = f" Fields inside them: {', '.join(nested)}." if nested else ""
    raise ValueError(f"{name} has {problem}; say which make the text: text='COLUMN'. Columns: {described}.{fields}")


def _example_of_names(column: pa.ChunkedArray) -> str | None:
    """Returns the first of the values if they are ids, addresses, dates or labels rather than texts."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    values = column.drop_null().slice(0, _N_SAMPLE).to_pylist()
    filled = [value.strip() for value in values if value.strip()]
    if filled and sum(bool(NAME.fullmatch(value)) for value in filled) >= _MIN_NAMES * len(filled):
        return str(filled[0])
    return None


def _string_column(table: pa.Table, column: str, name: str) -> pa.ChunkedArray:
    values = check_column(table, column, "text", name)
    if pa.types.is_null(values.type):
        return pa.chunked_array([pa.nulls(len(values), pa.large_string())])
    if not _is_string(values.type):
        strings = [known for known in column_names(table) if _is_string(check_column(table, known, "text", name).type)]
        raise ValueError(
            f"column {column!r} of {name} holds {_type_name(values.type)} values; expected text. "
            f"Columns of text: {', '.join(strings) or 'none'}. A template makes text of numbers: text='{{{column}}}'."
        )
    return values.cast(pa.large_string())


def _joined(parts: list[pa.ChunkedArray]) -> pa.ChunkedArray:
    """Joins the parts of each row by ". ", without null and blank ones, and without a second full stop."""
    if len(parts) == 1:
        return parts[0]
    first, *others = [_null_if_blank(pc.utf8_trim_whitespace(part)) for part in parts]
    joined, stop = first, pa.scalar(". ", pa.large_string())
    for part in others:
        # Null where either is null. Not null_handling="skip": for a row whose parts are all null the kernel emits
        # no element at all, and all rows behind it shift (pyarrow 26; narwhals-dev/narwhals#3965).
        both = pc.binary_join_element_wise(pc.replace_substring_regex(joined, r"\.$", ""), part, stop)
        joined = pc.coalesce(both, joined, part)
    return joined


def _filled(table: pa.Table, template: str, name: str) -> pa.ChunkedArray:
    """Fills the template; a null or blank field is empty, a row whose fields are all empty is null."""
    pieces: list[Any] = []
    any_field: Any = pa.scalar(False)
    for literal, field in _template_parts(template, table.column_names):
        pieces.append(pa.scalar(literal, pa.large_string()))
        if field is not None:
            values = _null_if_blank(_field_column(table, field, name))
            any_field = pc.or_(any_field, values.is_valid())
            pieces.append(pc.fill_null(values, pa.scalar("", pa.large_string())))
    filled = pc.binary_join_element_wise(*pieces, pa.scalar("", pa.large_string()))
    trimmed = pc.utf8_trim_whitespace(filled)
    return pc.if_else(any_field, trimmed, pa.scalar(None, pa.large_string()))


def _template_parts(template: str, columns: Sequence[str]) -> list[tuple[str, str | None]]:
    """Returns (literal, field) pairs; a field may be a column with a colon or an exclamation mark in its name.

    Raises:
        ValueError: a brace is not closed, a field has no name or a format, or there is no field.
    """
    try:
        parsed = list(Formatter().parse(template))
    except ValueError as error:
        raise ValueError(f"text={template!r} is not a template: {error}. Write {{{{ for a brace.") from None
    parts: list[tuple[str, str | None]] = []
    for literal, field, form, conversion in parsed:
        whole = f"{field}{f'!{conversion}' if conversion else ''}{f':{form}' if form else ''}"
        if field is not None and whole not in columns and (not field or form or conversion):
            raise ValueError(f"text={template!r}; expected plain fields such as '{{title}}. {{abstract}}'.")
        parts.append((literal, None if field is None else whole))
    if all(field is None for _, field in parts):
        raise ValueError(f"text={template!r} has no field; expected one such as '{{title}}. {{abstract}}'.")
    return parts


def _field_column(table: pa.Table, column: str, name: str) -> pa.ChunkedArray:
    values = check_column(table, column, "text", name)
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    if _is_string(values.type) or pa.types.is_null(values.type):
        return _string_column(table, column, name)
    try:
        return values.cast(pa.large_string())
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        raise ValueError(
            f"column {column!r} of {name} holds {_type_name(values.type)} values, which a template cannot write."
        ) from None


def _null_if_blank(values: pa.ChunkedArray) -> pa.ChunkedArray:
    blank = pc.fill_null(pc.match_substring_regex(values, BLANK), True)
    return pc.if_else(blank, pa.scalar(None, pa.large_string()), values)


def _is_string(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)


def _type_name(kind: pa.DataType) -> str:
    if pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind):
        return f"number ({kind})"
    return "text" if _is_string(kind) else str(kind) if len(str(kind)) < 40 else str(kind)[:37] + "..."
