"""Tables of text become tables with numbers, booleans and dates, as far as every cell writes back as it was."""

import re
from collections.abc import Collection, Mapping

import pyarrow as pa

from nomic_explore.cells.conversion import convert_columns
from nomic_explore.cells.recognition import recognize
from nomic_explore.cells.writing import is_text, note_written_as, offset_seconds


def type_columns(
    table: pa.Table, *, kept_as_text: Collection[str] = (), dtype: Mapping[str, str] | None = None
) -> tuple[pa.Table, list[str]]:
    """Returns a table of text columns with numbers, booleans and dates where every cell writes back identically.

    How cells were written is noted in the metadata of the field; `write_cells` writes them so again. What does not write
    back stays text: leading zeros, plus signs, exponents such as 1e5, separators of thousands, whole numbers beyond
    64 bits, several offsets in one column, and "nan", "inf" or "NA". A column without any cell becomes a null column.

    Args:
        table: n rows; columns that are not text stay as they are.
        kept_as_text: names of columns that stay text.
        dtype: kind by name of a column, "text", "number", "date", "boolean" or "category"; see `convert_column`.

    Returns:
        The table, and lines that say which columns were taken as what.

    Raises:
        ValueError: there is no such kind or column, or a cell cannot be read as the kind asked for.

    Example:
        >>> table = pa.table({"zip": ["01234", "00501"], "price": ["1.10", "2.00"], "day": ["2024-02-29", None]})
        >>> typed, notes = type_columns(table)
        >>> [str(kind) for kind in typed.schema.types]
        ['string', 'double', 'date32[day]']
        >>> notes
        ["read as numbers with 2 decimals: 'price'", "read as dates: 'day'"]
    """
    table, notes = convert_columns(table, dtype or {})
    columns, fields, found = [], [], dict[str, list[str]]()
    for field, column in zip(table.schema, table.columns, strict=True):
        if is_text(field.type) and field.name not in kept_as_text and field.name not in (dtype or {}):
            column, how = recognize(column)
            field = note_written_as(field.with_type(column.type), how)
            if not is_text(column.type):
                found.setdefault(_describe(column.type, how), []).append(repr(field.name))
        columns.append(column)
        fields.append(field)
    lines = [f"read as {what}: {', '.join(names)}" for what, names in found.items()]
    return pa.table(columns, schema=pa.schema(fields, table.schema.metadata)), [*notes, *lines]


def _describe(kind: pa.DataType, how: str | None) -> str:
    """Returns what a column was taken as, for a message."""
    if pa.types.is_null(kind):
        return "empty"
    if pa.types.is_boolean(kind):
        return "true or false"
    if pa.types.is_integer(kind):
        return "whole numbers"
    if pa.types.is_floating(kind):
        return f"numbers with {how[6:]} decimals" if how and how.startswith("fixed") else "numbers"
    if pa.types.is_date32(kind):
        return "dates"
    offset = (re.search(r"([+-]\d\d:?\d\d)$", how or "") or [""])[0]
    return f"times (offset {offset}, stored in UTC)" if offset_seconds(offset) else "times"
