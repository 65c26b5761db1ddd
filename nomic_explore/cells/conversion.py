"""Columns become the kind that was asked for."""

from collections.abc import Mapping

import pyarrow as pa

from nomic_explore.cells.recognition import NUMBERS, TIMES, TRUTH, recognize
from nomic_explore.cells.writing import Column, is_text, note_written_as, write_cells

KINDS = ("text", "number", "date", "boolean", "category")
_LOOKED_FOR = {"number": NUMBERS, "date": TIMES, "boolean": TRUTH}


def convert_columns(table: pa.Table, dtype: Mapping[str, str]) -> tuple[pa.Table, list[str]]:
    """Returns a table in which some columns have the kind asked for, and lines that say what was done.

    Args:
        table: n rows.
        dtype: kind by name of a column, one of `KINDS`.

    Raises:
        ValueError: there is no such column or kind, or a cell cannot be read as it; the message has its row.

    Example:
        >>> convert_columns(pa.table({"n": [7]}), {"n": "text"})[0].to_pylist()
        [{'n': '7'}]
    """
    notes: list[str] = []
    for name, kind in dtype.items():
        if name not in table.column_names:
            raise ValueError(f"dtype names {name!r}, which is no column; there are {', '.join(table.column_names)}.")
        if kind not in KINDS:
            raise ValueError(f"dtype[{name!r}]={kind!r}; expected one of {', '.join(map(repr, KINDS))}.")
        place = table.column_names.index(name)
        column, how = _convert(table.column(place), kind, name)
        field = table.schema.field(place).with_type(column.type)
        table = table.set_column(place, note_written_as(field, how), column)
    return table, notes


def _convert(column: Column, kind: str, name: str) -> tuple[Column, str | None]:
    if kind == "text":
        return write_cells(column), None
    if kind == "category":
        return write_cells(column).dictionary_encode(), None
    if not is_text(column.type):
        return column, None
    typed, how = recognize(column, (_LOOKED_FOR[kind],))
    if is_text(typed.type):
        raise ValueError(f"column {name!r} cannot be read as {kind!r}.")
    return typed, how
