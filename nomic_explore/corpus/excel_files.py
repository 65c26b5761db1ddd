"""Sheets of Excel and OpenDocument files, through `python-calamine` where it is installed."""

import datetime
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from nomic_explore.corpus.audit import Finding
from nomic_explore.corpus.formats import Read, ReadOptions, archive_of, read_whole
from nomic_explore.corpus.stacking import mixed_types

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

Cell = float | str | bool | datetime.time | datetime.date | datetime.datetime | datetime.timedelta

_TYPES: dict[frozenset[type], pa.DataType] = {
    frozenset({str}): pa.string(),
    frozenset({bool}): pa.bool_(),
    frozenset({datetime.date}): pa.date32(),
    frozenset({datetime.datetime}): pa.timestamp("ms"),
    frozenset({datetime.date, datetime.datetime}): pa.timestamp("ms"),
    frozenset({datetime.time}): pa.time64("us"),
    frozenset({datetime.timedelta}): pa.duration("ms"),
}


def read_excel(path: Path, options: ReadOptions) -> Read:
    """Returns the rows of the first sheet that has any, and findings about the other sheets.

    Dates and numbers keep their types; a column of whole numbers is one of integers. The first row names the columns.

    Raises:
        ImportError: `python-calamine` is not installed.
        ValueError: the file is damaged or encrypted.
    """
    book = _open(path)
    names = book.sheet_names
    rows: list[Sequence[Cell]] = []
    chosen = names[0] if names else ""
    for name in names:
        found = [row for row in book.get_sheet_by_name(name).to_python() if any(cell != "" for cell in row)]
        if len(found) > len(rows):
            rows, chosen = list(found), name
        if len(rows) > 1:
            break
    notes = []
    others = [name for name in names if name != chosen]
    if others:
        message = f"{path.name}: sheet {chosen!r} was read; not {', '.join(map(repr, others))}"
        notes.append(Finding("other sheet", len(others), (), message, is_carried=True))
    if not rows:
        return pa.table({}), notes
    header = [_as_text(cell).strip() for cell in rows[0]]
    body = rows[1:] if options.limit is None else rows[1 : 1 + options.limit]
    columns = []
    for place, name in enumerate(header):
        column, kinds = _column([row[place] if place < len(row) else "" for row in body], name in options.kept_as_text)
        columns.append(column)
        if kinds:
            notes.append(mixed_types(name, kinds))
    return pa.Table.from_arrays(columns, names=header), notes


def _open(path: Path) -> "CalamineWorkbook":
    try:
        from python_calamine import CalamineError, CalamineWorkbook
    except ImportError:
        raise ImportError(
            f"Reading {path} needs the package python-calamine. Install it: pip install 'nomic-explore[excel]'"
        ) from None
    try:
        if archive_of(path) is not None:
            return CalamineWorkbook.from_filelike(io.BytesIO(read_whole(path)))
        return CalamineWorkbook.from_path(path)
    except CalamineError as error:
        raise ValueError(
            f"{path} is not a whole Excel or OpenDocument file ({str(error).rstrip('.')}). It may be cut off, encrypted or of "
            'another format: open it and save it again, or pass format="csv" if it is text.'
        ) from None


def _column(cells: list[Cell], is_kept_as_text: bool) -> tuple[pa.Array, str | None]:
    """Returns the cells of a column; where they have several types as text, and which types they have."""
    values = [None if cell == "" else cell for cell in cells]
    kinds = frozenset(type(value) for value in values if value is not None)
    if kinds and kinds <= {int, float} and not is_kept_as_text:
        numbers = [float(value) for value in values if isinstance(value, int | float)]
        is_whole = all(number.is_integer() and abs(number) < 2**53 for number in numbers)
        whole = [int(value) if isinstance(value, int | float) else None for value in values] if is_whole else values
        return pa.array(whole, pa.int64() if is_whole else pa.float64()), None
    if not kinds:
        return pa.nulls(len(values)), None
    if kinds in _TYPES and not is_kept_as_text:
        if datetime.datetime in kinds:
            values = [_as_time(value) for value in values]
        return pa.array(values, _TYPES[kinds]), None
    texts = pa.array([None if value is None else _as_text(value) for value in values], pa.string())
    is_mixed = len(kinds) > 1 and not is_kept_as_text
    return texts, " and ".join(sorted(kind.__name__ for kind in kinds)) if is_mixed else None


def _as_time(cell: Cell | None) -> Cell | None:
    if isinstance(cell, datetime.date) and not isinstance(cell, datetime.datetime):
        return datetime.datetime(cell.year, cell.month, cell.day)
    return cell


def _as_text(cell: Cell) -> str:
    """Returns a cell as a sheet shows it: whole numbers without decimals."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    return str(cell)
