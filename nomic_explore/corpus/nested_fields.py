"""Columns by name, and fields inside them: "user.name" of a column of structs, or of JSON written as text."""

import json
from collections.abc import Iterator, Mapping

import pyarrow as pa
import pyarrow.compute as pc

_N_SAMPLE = 200  # rows in which the names of JSON fields are looked for
_MAX_NAMES = 40  # of nested fields that a message lists


def find_column(table: pa.Table, name: str) -> pa.ChunkedArray | None:
    """Returns a column of a table, or a field inside one; None if there is neither.

    A column whose name has a dot in it goes before a field.

    Args:
        table: n rows.
        name: of a column, or of a field such as "user.name": behind the name of a column of structs, or of JSON objects
            written as text.

    Returns:
        (n,) values, null where the field is missing. Fields of JSON are strings; numbers and other values are JSON.

    Example:
        >>> find_column(pa.table({"user": [{"name": "Ada"}, None]}), "user.name").to_pylist()
        ['Ada', None]
    """
    if name in table.column_names:
        return table[name]
    parts = name.split(".")
    for n_parts in range(len(parts) - 1, 0, -1):
        outer, path = ".".join(parts[:n_parts]), parts[n_parts:]
        if outer in table.column_names and (found := _inside(table[outer], path)) is not None:
            return found
    return None


def column_names(table: pa.Table) -> list[str]:
    """Returns the names by which columns and fields inside them can be read.

    Example:
        >>> column_names(pa.table({"user": [{"name": "Ada", "id": 1}], "text": ["a"]}))
        ['user.name', 'user.id', 'text']
    """
    names: list[str] = []
    for field in table.schema:
        inner = list(_struct_names(field.type, field.name)) or _json_names(table[field.name], field.name)
        names += inner[:_MAX_NAMES] or [field.name]
    return names


def _struct_names(kind: pa.DataType, name: str) -> Iterator[str]:
    if not pa.types.is_struct(kind):
        return
    for field in kind:
        inner = f"{name}.{field.name}"
        yield from list(_struct_names(field.type, inner)) or [inner]


def _json_names(column: pa.ChunkedArray, name: str) -> list[str]:
    """Returns the names of the fields of a column of JSON objects; none if it holds anything else."""
    if not _is_text(column.type):
        return []
    names: dict[str, None] = {}
    for text in column.slice(0, 10 * _N_SAMPLE).drop_null().slice(0, _N_SAMPLE).to_pylist():
        found = _parse(text)
        if found is None:
            return []
        names |= dict.fromkeys(f"{name}.{key}" for key in found)
    return list(names)


def _inside(column: pa.ChunkedArray, path: list[str]) -> pa.ChunkedArray | None:
    if pa.types.is_struct(column.type):
        for n_parts in range(len(path), 0, -1):
            name, rest = ".".join(path[:n_parts]), path[n_parts:]
            if column.type.get_field_index(name) >= 0:
                inner = pc.struct_field(column, [name])
                return _inside(inner, rest) if rest else inner
        return None
    if _is_text(column.type) and _json_names(column, ""):
        values = [None if text is None else _value(_parse(text), path) for text in column.to_pylist()]
        return pa.chunked_array([pa.array(values, pa.large_string())]) if any(values) else None
    return None


def _value(found: object, path: list[str]) -> str | None:
    """Returns what lies at a path in a JSON value, as text; None if there is nothing."""
    if not path:
        return found if isinstance(found, str) or found is None else json.dumps(found, ensure_ascii=False)
    if not isinstance(found, Mapping):
        return None
    for n_parts in range(len(path), 0, -1):
        if (name := ".".join(path[:n_parts])) in found:
            return _value(found[name], path[n_parts:])
    return None


def _parse(text: str) -> Mapping[str, object] | None:
    if not text.lstrip().startswith("{"):
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))
