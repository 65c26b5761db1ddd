"""Columns become the kind that was asked for."""

from collections.abc import Callable, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from nomic_explore.cells.recognition import NUMBERS, TIMES, TRUTH, recognize
from nomic_explore.cells.spellings import AmbiguousSpellingError, is_missing, read_dates, read_numbers, read_truths
from nomic_explore.cells.writing import Column, is_text, note_written_as, write_cells, written_as

KINDS = ("text", "number", "date", "boolean", "category")
_LOOKED_FOR = {"number": NUMBERS, "date": TIMES, "boolean": TRUTH}
_IS_KIND: dict[str, Callable[[pa.DataType], bool]] = {
    "text": lambda kind: False,
    "number": lambda kind: pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind),
    "date": lambda kind: pa.types.is_date(kind) or pa.types.is_timestamp(kind),
    "boolean": pa.types.is_boolean,
    "category": pa.types.is_dictionary,
}


def convert_columns(table: pa.Table, dtype: Mapping[str, str]) -> tuple[pa.Table, list[str]]:
    """Returns a table in which some columns have the kind asked for, and lines that say what was done.

    A number may be written as 1,234.5 or 1.234,5, 1 000, $5 or 5%; a date as ISO 8601, 31.12.2023, 12/31/2023, as Twitter writes
    it, or in seconds since 1970. Cells such as "NA" become null. All cells of a column are read in one way.

    Args:
        table: n rows of any types.
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
        field = table.schema.field(place)
        column, how, note = _convert(table.column(place), written_as(field), kind, name)
        notes += [note] * bool(note)
        field = field.with_type(column.type)
        table = table.set_column(place, note_written_as(field, how), column)
    return table, notes


def _convert(column: Column, how: str | None, kind: str, name: str) -> tuple[Column, str | None, str]:
    """Returns a column of the kind, how it is written, and a line that says what was done, if it is not obvious."""
    if pa.types.is_null(column.type) or _IS_KIND[kind](column.type):
        return column, how, ""
    try:
        cells = write_cells(column, how).cast(pa.string())
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        raise ValueError(f"column {name!r} holds {column.type}, which cannot be read as {kind!r}.") from None
    if kind == "text":
        return cells, None, ""
    if kind == "category":
        return cells.dictionary_encode(), None, ""
    typed, pattern = recognize(cells, (_LOOKED_FOR[kind],))
    if not is_text(typed.type):
        return typed, pattern, ""
    missing = pc.or_(pc.is_null(cells), is_missing(cells))
    unit = ""
    try:
        if kind == "number":
            typed, unit = read_numbers(pc.if_else(missing, None, cells))
        else:
            typed = (read_dates if kind == "date" else read_truths)(pc.if_else(missing, None, cells))
    except AmbiguousSpellingError as error:
        raise ValueError(
            f"column {name!r} cannot be read as {kind!r}: {error}. Write it in one way, or without."
        ) from None
    _check_all_read(cells, typed, missing, kind, name)
    n_missing = (pc.sum(missing).as_py() or 0) - cells.null_count
    how = "shortest" if pa.types.is_floating(typed.type) else None
    details = [f"in {unit}"] * bool(unit) + [f"{n_missing:,} cells such as 'NA' are null"] * bool(n_missing)
    return typed, how, f"column {name!r} was read as {kind}" + "".join(f", {part}" for part in details)


def _check_all_read(cells: Column, typed: Column, missing: Column, kind: str, name: str) -> None:
    """Raises ValueError with the first row whose cell is not of the kind asked for."""
    is_odd = pc.and_(pc.is_null(typed), pc.invert(missing))
    if not pc.any(is_odd).as_py():
        return
    row = pc.index(is_odd, True).as_py()
    raise ValueError(
        f"row {row} of column {name!r} is {cells[row].as_py()!r:.60}; expected a {kind} "
        f"({pc.sum(is_odd).as_py():,} rows are none). Correct them, or leave {name!r} out of dtype."
    )
