"""Columns of any Arrow type become columns of types that every export, pandas, Polars and the map can take.

A type that all of them take stays. Another becomes one of the same meaning: a view a string, a list view a list, run-end encoding
its values. Where there is none it becomes text, which a finding reports.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from nomic_explore.corpus.audit import Finding
from nomic_explore.corpus.extension_types import restore_extension, storage_of
from nomic_explore.corpus.object_columns import JSON_TEXT
from nomic_explore.corpus.plain_scalars import is_plain_scalar, plain_scalars, texts_of
from nomic_explore.corpus.plain_values import text_of

Plain = tuple[pa.Array, bool]  # the values, and whether a finding reports what became of them
_FOREIGN = (b"ARROW:", b"PARQUET:", b"lance")  # metadata about how others store a column


def with_plain_types(table: pa.Table) -> tuple[pa.Table, list[Finding]]:
    """Returns a table whose types survive every export, and a finding for each column whose type has another meaning now.

    Args:
        table: of columns of any types, in any chunks.

    Example:
        >>> table, notes = with_plain_types(pa.table({"awards": pa.array([{}, None], pa.struct([]))}))
        >>> table["awards"].to_pylist(), notes[0].message
        (['{}', None], "column 'awards' of type struct<> is kept as JSON text")
    """
    notes = []
    for place, field in enumerate(table.schema):
        metadata = {key: value for key, value in (field.metadata or {}).items() if not key.startswith(_FOREIGN)}
        column = restore_extension(field, table.column(place))
        if is_plain(column.type) and metadata == (field.metadata or {}):
            continue
        plain, kept_as = _plain_column(column)
        if kept_as == "JSON text":
            metadata |= JSON_TEXT
        if plain is not table.column(place) or metadata != (field.metadata or {}):
            table = table.set_column(place, pa.field(field.name, plain.type, metadata=metadata or None), plain)
        if kept_as:
            message = f"column {field.name!r} of type {_short(column.type)} is kept as {kept_as}"
            notes.append(Finding("unusual type", 1, (), message, is_carried=True))
    return table, notes


def is_plain(kind: pa.DataType) -> bool:
    """Returns whether values of a type stay as they are, whatever they are.

    Example:
        >>> is_plain(pa.list_(pa.string())), is_plain(pa.list_(pa.string_view())), is_plain(pa.struct([]))
        (True, False, False)
    """
    if pa.types.is_struct(kind):
        names = [child.name for child in kind]
        return 0 < len(names) == len(set(names)) and all(is_plain(child.type) for child in kind)
    if pa.types.is_map(kind):
        return is_plain(kind.key_type) and is_plain(kind.item_type)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return is_plain(kind.value_type)
    if pa.types.is_fixed_size_list(kind):
        return kind.list_size > 0 and is_plain(kind.value_type)
    return is_plain_scalar(kind)


def _plain_column(column: pa.ChunkedArray) -> tuple[pa.ChunkedArray, str]:
    """Returns a column with plain types, and what a finding says that it is kept as; "" without a finding."""
    chunks = column.chunks or [pa.nulls(0, column.type)]
    made = [_plain(chunk) for chunk in chunks]
    arrays, is_reported = [array for array, _ in made], any(reported for _, reported in made)
    if any(_has_empty_struct(array.type) for array in arrays):
        return pa.chunked_array([texts_of(array) for array in arrays], pa.large_string()), "JSON text"
    if all(array is chunk for array, chunk in zip(arrays, chunks, strict=True)):
        return column, ""
    if len({array.type for array in arrays}) > 1:
        arrays = [array.dictionary_decode() if pa.types.is_dictionary(array.type) else array for array in arrays]
    if len({array.type for array in arrays}) > 1:  # some chunks hold values that only text can hold
        kept_as = "JSON text" if any(pa.types.is_nested(array.type) for array in arrays) else "text"
        return pa.chunked_array([texts_of(array) for array in arrays], pa.large_string()), kept_as
    kind = arrays[0].type
    return pa.chunked_array(arrays, kind), _described(kind) if is_reported else ""


def _plain(array: pa.Array) -> Plain:
    """Returns an array with plain types; the same object if nothing is to be done."""
    kind = array.type
    if is_plain(kind):
        return array, False
    if isinstance(kind, pa.BaseExtensionType):
        storage, is_reported = storage_of(array)
        plain, is_changed = _plain(storage)
        return plain, is_reported or is_changed
    if pa.types.is_run_end_encoded(kind):
        values, is_reported = _plain(array.values)
        runs = np.searchsorted(array.run_ends.to_numpy(), array.offset + np.arange(len(array)), side="right")
        return values.take(pa.array(runs)), is_reported
    if pa.types.is_dictionary(kind):
        return _plain_dictionary(array)
    if pa.types.is_union(kind):
        return pa.array([_text_of_scalar(value) for value in array], pa.large_string()), True
    if pa.types.is_struct(kind):
        return _plain_struct(array)
    if pa.types.is_map(kind):
        return _plain_map(array)
    if pa.types.is_nested(kind):
        return _plain_list(array)
    return plain_scalars(array)


def _plain_dictionary(array: pa.DictionaryArray) -> Plain:
    """Returns categories that pandas and Parquet take: each there once, none null, nothing nested; else the values."""
    values, is_reported = _plain(array.dictionary)
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    kind = values.type
    if _are_categories(values):
        if kind == array.type.value_type:
            return array, False
        return pa.DictionaryArray.from_arrays(array.indices, values, ordered=array.type.ordered), is_reported
    decoded = values.take(array.indices)
    is_text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    return (decoded.dictionary_encode() if is_text else decoded), is_reported


def _are_categories(values: pa.Array) -> bool:
    kind = values.type
    if pa.types.is_nested(kind) or pa.types.is_null(kind) or pa.types.is_binary(kind) or values.null_count:
        return False
    has_nan = pa.types.is_floating(kind) and pc.any(pc.is_nan(values)).as_py()
    return not has_nan and bool(pc.count_distinct(values).as_py() == len(values))


def _plain_struct(array: pa.StructArray) -> Plain:
    own = [child.name for child in array.type]
    names = distinct_names(own)
    children = array.flatten()
    made = [_plain(child) for child in children]
    if names == own and all(plain is child for (plain, _), child in zip(made, children, strict=True)):
        return array, False
    fields = [pa.field(name, plain.type) for name, (plain, _) in zip(names, made, strict=True)]
    plain = pa.StructArray.from_arrays([plain for plain, _ in made], fields=fields, mask=array.is_null())
    return plain, names != own or any(reported for _, reported in made)


def _plain_list(array: pa.Array) -> Plain:
    """Returns lists and list views of any kind as lists; those of one size keep it, unless it is 0."""
    kind, mask = array.type, array.is_null()
    if pa.types.is_fixed_size_list(kind) and kind.list_size:
        inner = array.values.slice(array.offset * kind.list_size, len(array) * kind.list_size)
        values, is_reported = _plain(inner)
        if values is inner:
            return array, False
        return pa.FixedSizeListArray.from_arrays(values, kind.list_size, mask=mask), is_reported
    inner = array.flatten()
    values, is_reported = _plain(inner)
    if values is inner and (pa.types.is_list(kind) or pa.types.is_large_list(kind)):
        return array, False
    lengths = pc.fill_null(pc.list_value_length(array), 0).to_numpy()
    offsets = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
    if pa.types.is_large_list(kind) or pa.types.is_large_list_view(kind):
        return pa.LargeListArray.from_arrays(pa.array(offsets), values, mask=mask), is_reported
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), values, mask=mask), is_reported


def _plain_map(array: pa.MapArray) -> Plain:
    offsets = array.offsets.to_numpy() if len(array) else np.zeros(1, dtype=np.int32)
    start, length = int(offsets[0]), int(offsets[-1] - offsets[0])
    parts = array.keys.slice(start, length), array.items.slice(start, length)
    (keys, keys_reported), (items, items_reported) = map(_plain, parts)
    if keys is parts[0] and items is parts[1]:
        return array, False
    moved = pa.array(offsets - start, pa.int32())
    return pa.MapArray.from_arrays(moved, keys, items, mask=array.is_null()), keys_reported or items_reported


def distinct_names(names: Sequence[str]) -> list[str]:
    """Returns names of which no two are equal: the second "a" becomes "a.1".

    Example:
        >>> distinct_names(["a", "b", "a"])
        ['a', 'b', 'a.1']
    """
    taken, distinct = set(names), []
    seen: set[str] = set()
    for name in names:
        candidate, number = name, 0
        while candidate in seen or (number and candidate in taken):
            number += 1
            candidate = f"{name}.{number}"
        seen.add(candidate)
        distinct.append(candidate)
    return distinct


def _has_empty_struct(kind: pa.DataType) -> bool:
    if pa.types.is_struct(kind) and not kind.num_fields:
        return True
    return pa.types.is_nested(kind) and any(
        _has_empty_struct(kind.field(place).type) for place in range(kind.num_fields)
    )


def _text_of_scalar(value: pa.Scalar) -> str | None:
    try:
        found = value.as_py()
    except (ValueError, OverflowError):  # beyond what Python holds
        return str(value)
    return None if found is None else text_of(found)


def _described(kind: pa.DataType) -> str:
    """Returns what a finding calls a type."""
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return "text"
    return "categories of text" if pa.types.is_dictionary(kind) else _short(kind)


def _short(kind: pa.DataType) -> str:
    return str(kind) if len(str(kind)) <= 80 else f"{str(kind)[:77]}..."
