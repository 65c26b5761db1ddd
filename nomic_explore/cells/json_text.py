"""Tables become JSON Lines: numbers as they were written, records with the keys they had."""

import json
import math
from collections.abc import Iterator

import pyarrow as pa

from nomic_explore.cells.key_layouts import KeyLayouts
from nomic_explore.cells.writing import JSON, Column, is_text, write_cells, written_as

_BATCH = 1_000  # rows that are Python objects at a time


def json_lines(table: pa.Table, layouts: KeyLayouts | None = None) -> Iterator[str]:
    """Yields the rows of a table as JSON objects, with a line feed behind each.

    Numbers that are not finite become null; dates are ISO 8601; text that is noted to be JSON is written as what it holds.

    Args:
        table: n rows.
        layouts: the keys of each of them, in order; None writes all keys in all rows.

    Example:
        >>> print(*json_lines(pa.table({"n": [1, None], "tags": [["x"], []]})), sep="", end="")
        {"n": 1, "tags": ["x"]}
        {"n": null, "tags": []}
    """
    keys = [f"{json.dumps(name, ensure_ascii=False)}: " for name in table.column_names]
    hows = [written_as(field) for field in table.schema]
    places = None if layouts is None else layouts.places(table.column_names)
    for start in range(0, table.num_rows, _BATCH):
        part = table.slice(start, _BATCH)
        columns = [
            [key + cell for cell in json_cells(column, how)]
            for key, column, how in zip(keys, part.columns, hows, strict=True)
        ]
        rows = list(zip(*columns, strict=True)) if columns else [()] * part.num_rows
        if layouts is None or places is None:
            yield from (f"{{{', '.join(row)}}}\n" for row in rows)
            continue
        for row, number in zip(rows, layouts.of_row[start : start + _BATCH].tolist(), strict=True):
            yield f"{{{', '.join([row[place] for place in places[number]])}}}\n"


def encode_json(value: object) -> str:
    """Returns a value as JSON on one line; what JSON cannot represent becomes text, numbers that are not finite null.

    Example:
        >>> import datetime
        >>> encode_json([datetime.date(2024, 2, 29), float("nan"), "é"])
        '["2024-02-29", null, "é"]'
    """
    try:
        return _ENCODER.encode(value)
    except ValueError:
        return _ENCODER.encode(_without_nan(value))


def json_cells(column: Column, how: str | None = None) -> list[str]:
    """Returns the values of a column as JSON.

    Args:
        column: n values.
        how: they were written; see `nomic_explore.cells.writing`.

    Example:
        >>> json_cells(pa.array([1.5, None]), "fixed 2")
        ['1.50', 'null']
    """
    kind = column.type
    if how == JSON and is_text(kind):
        return [_null if cell is None else _verbatim(cell) for cell in column.to_pylist()]
    if is_text(kind):
        return [_null if text is None else _quote(text) for text in column.to_pylist()]
    if pa.types.is_boolean(kind) or pa.types.is_integer(kind):
        return [cell or _null for cell in write_cells(column).to_pylist()]
    if pa.types.is_floating(kind) and how is not None:
        return [cell or _null for cell in write_cells(column, how).to_pylist()]
    if (pa.types.is_temporal(kind) and how is not None) or pa.types.is_duration(kind):
        return [_null if cell is None else _quote(cell) for cell in write_cells(column, how).to_pylist()]
    return [encode_json(value) for value in column.to_pylist()]


def _verbatim(cell: str) -> str:
    """Returns a cell of JSON text as it is, on one line; what is no JSON is a string."""
    try:
        value = json.loads(cell)
    except (ValueError, RecursionError):
        return _quote(cell)
    return encode_json(value) if "\n" in cell or "\r" in cell else cell


def _without_nan(value: object) -> object:
    """Returns a value with null in place of numbers that are not finite."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _without_nan(inner) for key, inner in value.items()}
    return [_without_nan(inner) for inner in value] if isinstance(value, list | tuple) else value


def _as_text(value: object) -> str:
    """Returns a value that JSON cannot represent as text: dates as ISO 8601, the rest as Python writes it."""
    return str(value.isoformat()) if hasattr(value, "isoformat") else str(value)


_null = "null"
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, default=_as_text)
_quote = json.encoder.encode_basestring
