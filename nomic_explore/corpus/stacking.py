"""Tables of one source put below one another, and columns whose values have no common type."""

import json
from collections.abc import Sequence

import pyarrow as pa

from nomic_explore.corpus.audit import Finding

MISFITS = (pa.ArrowTypeError, pa.ArrowInvalid, OverflowError)


def stack_tables(tables: Sequence[pa.Table], labels: Sequence[str]) -> tuple[pa.Table, list[Finding]]:
    """Returns the tables one below the other, and a finding for each column that had to become text.

    Args:
        tables: at least one; a column that one of them lacks is null there.
        labels: what messages call them.

    Raises:
        ValueError: a column has types that cannot be put together, such as text and lists.
    """
    try:
        return pa.concat_tables(tables, promote_options="permissive"), []
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        pass
    notes, stacked = [], list(tables)
    for column in dict.fromkeys(name for table in tables for name in table.column_names):
        holders = [number for number, table in enumerate(tables) if column in table.column_names]
        fields = [pa.schema([tables[number].schema.field(column)]) for number in holders]
        try:
            pa.unify_schemas(fields, promote_options="permissive")
        except (pa.ArrowTypeError, pa.ArrowInvalid):
            first = {
                str(field.field(column).type): labels[number]
                for field, number in reversed(list(zip(fields, holders, strict=True)))
            }
            types = " and ".join(f"{kind} in {label}" for kind, label in reversed(first.items()))
            for number in holders:
                stacked[number] = _with_text_column(stacked[number], column, types)
            notes.append(mixed_types(column, types))
    return pa.concat_tables(stacked, promote_options="permissive"), notes


def mixed_types(column: str, types: str) -> Finding:
    """Returns the finding for a column that became text because its values have no common type."""
    return Finding("mixed types", 1, (), f"column {column!r} holds {types}; read as text", is_carried=True)


def column_or_text(values: Sequence[object]) -> tuple[pa.Array, str | None]:
    """Returns the values as a column; if they have no common type, as text, and which types they have."""
    try:
        return pa.array(values), None
    except MISFITS:
        kinds = sorted({type(value).__name__ for value in values if value is not None})
        texts = [
            value if value is None or isinstance(value, str) else json.dumps(value, default=str) for value in values
        ]
        return pa.array(texts, pa.large_string()), " and ".join(kinds)


def _with_text_column(table: pa.Table, column: str, types: str) -> pa.Table:
    place = table.column_names.index(column)
    try:
        return table.set_column(place, column, table[column].cast(pa.large_string()))
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        raise ValueError(f"column {column!r} is {types}; these cannot be put together. Give it one type.") from None
