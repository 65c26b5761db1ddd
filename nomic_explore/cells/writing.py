"""Cells become text again, exactly as they stood in the file that they were read from.

How the cells of a column were written is kept in the metadata of its Arrow field under `written_as`:

* "fixed 2": numbers with two decimals each; "shortest": 1 and 2.5; "repr": 1.0, 2.5 and 1e-05, as Python writes them
* "true/false", "True/False" or "TRUE/FALSE"
* "%Y-%m-%d", "%Y-%m-%dT%H:%M:%S.%3f+02:00" and the like for dates and times; times with an offset are stored in UTC
* "json": text in which each cell is a JSON value; a cell that is no JSON is a string as it stands

Whole numbers and text need no note.
"""

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

Column: TypeAlias = pa.Array | pa.ChunkedArray

WRITTEN_AS = b"written_as"
JSON = "json"
TRUTHS = ("true/false", "True/False", "TRUE/FALSE")
_TIME = re.compile(
    r"(?P<date>%Y-%m-%d)(?:(?P<mark>[ T])%H:%M(?P<seconds>:%S)?(?:\.%(?P<digits>[1-9])f)?(?P<zone>Z|[+-]\d\d:?\d\d)?)?"
)
_PLAIN = (1e-4, 1e15)  # between these sizes Arrow and Python write floats without an exponent


def written_as(field: pa.Field) -> str | None:
    """Returns how the cells of a column were written; None if nothing is noted.

    Example:
        >>> written_as(note_written_as(pa.field("price", pa.float64()), "fixed 2"))
        'fixed 2'
    """
    how = (field.metadata or {}).get(WRITTEN_AS)
    return None if how is None else how.decode()


def note_written_as(field: pa.Field, how: str | None) -> pa.Field:
    """Returns the field of a column with a note how its cells were written; None takes the note away."""
    kept = {key: value for key, value in (field.metadata or {}).items() if key != WRITTEN_AS}
    return field.with_metadata(kept if how is None else {**kept, WRITTEN_AS: how.encode()})


def carry_notes(columns: Mapping[str, Column], given: pa.Schema) -> pa.Table:
    """Returns columns as a table in which the first, which may be renamed, are noted to be written as those given.

    Args:
        columns: by name; the first of them are those of `given`, in its order.
        given: the schema that they come from.

    Example:
        >>> given = pa.schema([note_written_as(pa.field("price", pa.float64()), "fixed 2")])
        >>> table = carry_notes({"price_input": pa.array([1.1]), "n": pa.array([1])}, given)
        >>> [written_as(field) for field in table.schema]
        ['fixed 2', None]
    """
    table = pa.table(dict(columns))
    noted = [note_written_as(field, written_as(old)) for field, old in zip(table.schema, given, strict=False)]
    return pa.table(table.columns, schema=pa.schema([*noted, *list(table.schema)[len(noted) :]]))


def write_cells(column: Column, how: str | None = None) -> Column:
    """Returns the cells of a column as text.

    Args:
        column: of any type but nested, binary and extension types.
        how: what `written_as` says of it; None, or what does not fit the type, writes as Arrow does.

    Returns:
        As many strings, null where the cell is null.

    Raises:
        pa.ArrowInvalid: a value cannot be written in this way.

    Example:
        >>> write_cells(pa.array([1.1, 1.5]), "fixed 2").to_pylist()
        ['1.10', '1.50']
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        return write_cells(column.cast(kind.value_type), how)
    if is_text(kind):
        return column
    if pa.types.is_boolean(kind) and how in TRUTHS:
        true, false = how.split("/")
        return pc.if_else(column, pa.scalar(true), pa.scalar(false))
    if pa.types.is_floating(kind) and how is not None:
        if how.startswith("fixed "):
            return _write_fixed(column, int(how.removeprefix("fixed ")))
        if how == "repr":
            return write_floats(column)
    if (pa.types.is_timestamp(kind) or pa.types.is_date32(kind)) and how is not None and _TIME.fullmatch(how):
        return _write_times(column, how)
    if pa.types.is_duration(kind):
        return _write_durations(column)
    return column.cast(pa.string())


def is_text(kind: pa.DataType) -> bool:
    """Whether a type is that of strings."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def write_floats(column: Column) -> Column:
    """Returns floats as Python writes them: the shortest digits, and a point in every number without an exponent.

    Example:
        >>> write_floats(pa.array([1.0, 0.25, 1e-7])).to_pylist()
        ['1.0', '0.25', '1e-07']
    """
    size = pc.abs(column)
    is_plain = pc.or_(pc.equal(size, 0), pc.and_(pc.greater_equal(size, _PLAIN[0]), pc.less(size, _PLAIN[1])))
    if pc.all(is_plain).as_py() is False:
        return pa.array([None if value is None else repr(value) for value in column.to_pylist()], pa.string())
    texts = column.cast(pa.string())
    return pc.if_else(pc.match_substring(texts, "."), texts, pc.binary_join_element_wise(texts, ".0", ""))


def _write_fixed(column: Column, n_decimals: int) -> Column:
    """Returns floats with a fixed number of decimals, at least one."""
    digits = pc.round(pc.multiply(pc.abs(column), 10.0**n_decimals)).cast(pa.int64()).cast(pa.string())
    digits = pc.utf8_lpad(digits, n_decimals + 1, "0")
    whole = pc.utf8_slice_codeunits(digits, 0, -n_decimals)
    written = pc.binary_join_element_wise(whole, pc.utf8_slice_codeunits(digits, -n_decimals), ".")
    return pc.if_else(pc.less(column, 0), pc.binary_join_element_wise("-", written, ""), written)


def _write_times(column: Column, pattern: str) -> Column:
    """Returns dates or times by a pattern; its offset is added to the time, which is in UTC."""
    found = _TIME.fullmatch(pattern)
    assert found is not None
    if found["mark"] is None or pa.types.is_date32(column.type):
        return column.cast(pa.string())
    if column.type.tz is not None:
        column = column.cast(pa.timestamp(column.type.unit))
    if offset := offset_seconds(found["zone"]):
        column = pc.add(column, pa.scalar(timedelta(seconds=offset)).cast(pa.duration(column.type.unit)))
    length = 19 + 1 + int(found["digits"]) if found["digits"] else 19 if found["seconds"] else 16
    written = pc.utf8_slice_codeunits(column.cast(pa.string()), 0, length)
    if found["mark"] == "T":
        written = pc.utf8_replace_slice(written, 10, 11, "T")
    return pc.binary_join_element_wise(written, found["zone"], "") if found["zone"] else written


def offset_seconds(zone: str | None) -> int:
    """Returns how many seconds an offset such as "+02:00" lies before UTC.

    Example:
        >>> offset_seconds("-0530"), offset_seconds("Z"), offset_seconds(None)
        (-19800, 0, 0)
    """
    if not zone or zone == "Z":
        return 0
    seconds = int(zone[1:3]) * 3600 + int(zone[-2:]) * 60
    return -seconds if zone[0] == "-" else seconds


def _write_durations(column: Column) -> Column:
    """Returns durations in ISO 8601, in seconds: PT90S, PT0.25S."""
    per_second = {"s": 0, "ms": 3, "us": 6, "ns": 9}[column.type.unit]
    written: list[str | None] = []
    for count in column.cast(pa.int64()).to_pylist():
        if count is None:
            written.append(None)
            continue
        whole, part = divmod(abs(count), 10**per_second)
        decimals = f".{part:0{per_second}d}".rstrip("0") if part else ""
        written.append(f"{'-' if count < 0 else ''}PT{whole}{decimals}S")
    return pa.array(written, pa.string())


def decode_json_cell(cell: str) -> object:
    """Returns the value of a cell of JSON text; what is no JSON is a string as it stands.

    Example:
        >>> decode_json_cell('{"a": 1}'), decode_json_cell("1"), decode_json_cell('"1"'), decode_json_cell("a cat")
        ({'a': 1}, 1, '1', 'a cat')
    """
    try:
        return json.loads(cell)
    except (ValueError, RecursionError):
        return cell


def encode_json_cell(value: object) -> str:
    """Returns a value as a cell of JSON text; a string stays as it is, unless it would be read as something else.

    Example:
        >>> encode_json_cell({"a": 1}), encode_json_cell("1"), encode_json_cell("a cat")
        ('{"a": 1}', '"1"', 'a cat')
    """
    if isinstance(value, str) and decode_json_cell(value) == value:
        return value
    return json.dumps(value, ensure_ascii=False, default=str)
