"""Tables of one source put below one another, and columns whose values have no common type.

Cells of CSV and JSON files stay as they were written: a column that the files do not write in one way goes back to text, and has
a type again if all of its cells together write back as they were.
"""

from collections.abc import Collection, Mapping, Sequence

import pyarrow as pa

from nomic_explore.cells import note_written_as, recognize, write_cells, written_as
from nomic_explore.cells.json_text import json_cells
from nomic_explore.cells.key_layouts import COLUMN
from nomic_explore.cells.recognition import EVERYTHING, NUMBERS, TIMES
from nomic_explore.cells.writing import JSON, Column, encode_json_cell, is_text
from nomic_explore.corpus.audit import Finding

# What becomes of a column: it stays, Arrow finds a common type, or its cells become text, strings of JSON, values of JSON.
_STAYS, _PROMOTED, _TEXT, _STRINGS, _JSON = "stays", "promoted", "text", "strings", "json"
_LOOKED_FOR: dict[str, Collection[str]] = {_TEXT: EVERYTHING, _STRINGS: (TIMES,), _JSON: (NUMBERS,)}


def stack_tables(tables: Sequence[pa.Table], labels: Sequence[str]) -> tuple[pa.Table, list[Finding]]:
    """Returns the tables one below the other, and a finding for each column that had to become text.

    Args:
        tables: at least one; a column that one of them lacks is null there.
        labels: what messages call them.

    Raises:
        ValueError: a column has types that cannot be put together, such as text and lists.

    Example:
        >>> tables = [pa.table({"n": [1]}), pa.table({"n": ["x2"]})]
        >>> stack_tables(tables, ["1.csv", "2.csv"])[0]["n"].to_pylist()
        ['1', 'x2']
    """
    if len(tables) == 1:
        return tables[0], []
    stacked, written, types = list(tables), dict[str, str](), dict[str, str]()
    for name in dict.fromkeys(name for table in tables for name in table.column_names):
        fields = {at: table.schema.field(name) for at, table in enumerate(tables) if name in table.column_names}
        known = {at: field for at, field in fields.items() if not pa.types.is_null(field.type)}
        plan = _plan(list(known.values()), any(COLUMN in tables[at].column_names for at in known))
        types[name] = _describe(known, labels)
        for at in fields if known else ():
            stacked[at] = _prepare(stacked[at], name, plan, next(iter(known.values())), types[name])
        if plan in _LOOKED_FOR:
            written[name] = plan
    table, notes = pa.concat_tables(stacked, promote_options="permissive"), list[Finding]()
    for name, plan in written.items():
        place = table.column_names.index(name)
        column, how = recognize(table.column(place), _LOOKED_FOR[plan])
        if is_text(column.type):
            how = JSON if plan == _JSON else None
            notes.append(mixed_types(name, types[name]))
        table = table.set_column(place, note_written_as(pa.field(name, column.type), how), column)
    return table, notes


def mixed_types(column: str, types: str) -> Finding:
    """Returns the finding for a column that became text because its values have no common type."""
    return Finding("mixed types", 1, (), f"column {column!r} holds {types}; read as text", is_carried=True)


def _plan(fields: Sequence[pa.Field], is_json: bool) -> str:
    """Returns what becomes of a column with these fields in different tables; `is_json` if one of them was JSON."""
    hows = {written_as(field) for field in fields}
    if len({str(field.type).removeprefix("large_") for field in fields}) < 2 and len(hows) < 2:
        return _STAYS
    texts = [is_text(field.type) and written_as(field) != JSON for field in fields]
    if is_json or JSON in hows:
        times = [pa.types.is_temporal(field.type) and written_as(field) is not None for field in fields]
        return _STRINGS if all(a or b for a, b in zip(texts, times, strict=True)) else _JSON
    if all(
        text or written_as(field) or pa.types.is_int64(field.type) for text, field in zip(texts, fields, strict=True)
    ):
        return _TEXT
    try:
        pa.unify_schemas([pa.schema([field.with_name("")]) for field in fields], promote_options="permissive")
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        return _TEXT
    return _PROMOTED


def _prepare(table: pa.Table, name: str, plan: str, known: pa.Field, types: str) -> pa.Table:
    """Returns a table with a column as it is put below those of other tables, of which one has the field `known`."""
    place = table.column_names.index(name)
    field, column = table.schema.field(place), table.column(place)
    how = written_as(field)
    if plan == _PROMOTED:
        field = note_written_as(field, None)
    elif plan == _STAYS:
        if pa.types.is_null(column.type):
            field, column = known, column.cast(known.type)
    else:
        try:
            column = _as_json(column, how) if plan == _JSON else write_cells(column, how).cast(pa.large_string())
        except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
            raise ValueError(f"column {name!r} is {types}; these cannot be put together. Give it one type.") from None
        field = pa.field(name, column.type)
    return table.set_column(place, field, column)


def _as_json(column: Column, how: str | None) -> Column:
    """Returns the values of a column as cells of JSON text."""
    if is_text(column.type) and how == JSON:
        return column.cast(pa.large_string())
    if is_text(column.type) or (pa.types.is_temporal(column.type) and how is not None):
        texts = write_cells(column, how).to_pylist()
        return pa.array([None if text is None else encode_json_cell(text) for text in texts], pa.large_string())
    cells = json_cells(column, how)
    return pa.array([None if cell == "null" else cell for cell in cells], pa.large_string())


def _describe(fields: Mapping[int, pa.Field], labels: Sequence[str]) -> str:
    """Returns the types of a column and the first table that has each."""
    first: dict[str, str] = {}
    for at, field in fields.items():
        first.setdefault(str(field.type), labels[at])
    return " and ".join(f"{kind} in {label}" for kind, label in first.items())
