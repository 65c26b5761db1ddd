"""Records of JSON become Arrow columns that write back the same JSON.

A column has a type where all its values have one: numbers, truth values, texts, lists or objects of one shape. Everything else
becomes text in which each cell is JSON, and is noted to be so (see `nomic_explore.cells`).
"""

import gc
import json
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from nomic_explore.cells import note_written_as, recognize, write_cells
from nomic_explore.cells.key_layouts import COLUMN, KeyLayouts
from nomic_explore.cells.recognition import NUMBERS, TIMES
from nomic_explore.cells.writing import JSON, encode_json_cell
from nomic_explore.corpus.audit import Finding
from nomic_explore.corpus.stacking import mixed_types

NULL, TRUTH, WHOLE, FLOAT, NUMBER, TEXT, NESTED = "null", "truth", "whole", "float", "number", "text", "nested"
Record = dict[str, object]


@dataclass(frozen=True)
class ExactNumber:
    """A number of JSON that a float does not hold, or that Python would write in another way.

    Attributes:
        written: as it stood in the file.
    """

    written: str

    @classmethod
    def parse(cls, written: str) -> "float | ExactNumber":
        """Returns a float where Python writes it as it is written, else the text of it.

        Example:
            >>> ExactNumber.parse("0.5"), ExactNumber.parse("0.1234567890123456789")
            (0.5, ExactNumber(written='0.1234567890123456789'))
        """
        value = float(written)
        return value if repr(value) == written else cls(written)

    @classmethod
    def parse_whole(cls, written: str) -> "int | ExactNumber":
        """Returns a whole number; -0 is none.

        Example:
            >>> ExactNumber.parse_whole("7"), ExactNumber.parse_whole("-0")
            (7, ExactNumber(written='-0'))
        """
        return cls(written) if written == "-0" else int(written)


@dataclass(frozen=True)
class _Part:
    """What a batch of records has under one key.

    Attributes:
        kind: what all values are.
        values: a column of them; the literals of numbers that are of both kinds, and JSON where there is no one kind.
        types: the names of their Python types, for messages.
    """

    kind: str
    values: pa.Array
    types: frozenset[str] = frozenset()


def table_from_records(
    batches: Iterable[Sequence[Record]], *, kept_as_text: Collection[str] = ()
) -> tuple[pa.Table, list[Finding]]:
    """Returns the records as a table, and findings about columns that have no type of their own.

    A column for the keys of each record, in their order, stands behind the others; `split_layouts` takes it off.

    Args:
        batches: records as `json.loads` returns them; one batch is held in memory at a time.
        kept_as_text: names of columns whose texts do not become dates.

    Example:
        >>> table, _ = table_from_records([[{"a": 1, "b": {"x": 1}}, {"b": {"y": 2}}]])
        >>> table.select(["a", "b"]).to_pylist()
        [{'a': 1, 'b': '{"x": 1}'}, {'a': None, 'b': '{"y": 2}'}]
    """
    parts: dict[str, list[_Part]] = {}
    numbers: dict[tuple[str, ...], int] = {}
    codes, lengths = [np.zeros(0, dtype=np.int32)], list[int]()
    with _collecting_paused():
        for records in batches:
            layouts = list(map(tuple, records))
            codes.append(np.array([numbers.setdefault(layout, len(numbers)) for layout in layouts], np.int32))
            for name, values in _columns(records, list(dict.fromkeys(layouts))):
                column = parts.setdefault(name, [])
                column += _missing(lengths[len(column) :])
                column.append(_part(values))
            lengths.append(len(records))
    columns, fields, notes = [], [], list[Finding]()
    for name, found in parts.items():
        column, how, types = _merge([*found, *_missing(lengths[len(found) :])], name in kept_as_text)
        columns.append(column)
        fields.append(note_written_as(pa.field(name, column.type), how))
        if how == JSON:
            notes.append(mixed_types(name, types))
    if not parts:
        return pa.table({}), []
    keys = KeyLayouts(tuple(numbers), np.concatenate(codes), frozenset(parts)).to_column()
    table = pa.table([*columns, keys], schema=pa.schema([*fields, pa.field(COLUMN, keys.type)]))
    return table, notes


@contextmanager
def _collecting_paused() -> Iterator[None]:
    """Pauses the search for cycles, of which records have none: it would take half of the time (CPython 3.11)."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _columns(records: Sequence[Record], layouts: Sequence[tuple[str, ...]]) -> Iterator[tuple[str, Sequence[object]]]:
    """Yields each key of some records and its values, None where it is absent."""
    if len(layouts) == 1:
        yield from zip(layouts[0], zip(*(record.values() for record in records), strict=True), strict=True)
        return
    for name in dict.fromkeys(chain.from_iterable(layouts)):
        yield name, [record.get(name) for record in records]


def _missing(lengths: Sequence[int]) -> list[_Part]:
    return [_Part(NULL, pa.nulls(n)) for n in lengths]


def _part(values: Sequence[object]) -> _Part:
    """Returns the values of one key as a column of one kind."""
    types = set(map(type, values)) - {type(None)}
    names = frozenset("float" if kind is ExactNumber else kind.__name__ for kind in types)
    if not types:
        return _Part(NULL, pa.nulls(len(values)))
    if types == {bool}:
        return _Part(TRUTH, pa.array(values, pa.bool_()), names)
    if types == {str}:
        return _Part(TEXT, pa.array(values, pa.string()), names)
    if types <= {int, float, ExactNumber}:
        return _numbers(values, types, names)
    if types == {list}:
        values = _with_floats(values)
    if len(types) == 1 and _is_uniform(values):
        try:
            return _Part(NESTED, pa.array(values), names)
        except (pa.ArrowInvalid, OverflowError):
            pass
    return _Part(JSON, _as_json(values), names)


def _numbers(values: Sequence[object], types: set[type], names: frozenset[str]) -> _Part:
    """Returns numbers as a column; as literals if one type does not hold them."""
    if types == {int}:
        try:
            return _Part(WHOLE, pa.array(values, pa.int64()), names)
        except OverflowError:
            pass
    elif types == {float}:
        floats = pa.array(values, pa.float64())
        if pc.all(pc.is_finite(floats)).as_py():
            return _Part(FLOAT, floats, names)
    literals = [None if value is None else _encode(value) for value in values]
    return _Part(NUMBER, pa.array(literals, pa.string()), names)


def _with_floats(values: Sequence[object]) -> Sequence[object]:
    """Returns lists of nothing but numbers with a point as lists of floats, such as vectors, if floats hold their values."""
    lists = [value for value in values if isinstance(value, list)]
    items = list(chain.from_iterable(lists))
    if set(map(type, items)) != {float, ExactNumber} and set(map(type, items)) != {ExactNumber}:
        return values
    exact = [item.written for item in items if isinstance(item, ExactNumber)]
    if any("." not in written or Decimal(written) != Decimal(repr(float(written))) for written in exact):
        return values
    return [
        [float(item.written) if isinstance(item, ExactNumber) else item for item in value]
        if isinstance(value, list)
        else value
        for value in values
    ]


def _is_uniform(values: Sequence[object]) -> bool:
    """Whether nested values have one shape, so that Arrow gives them back as they are: no key absent, no 1 beside a 1.0."""
    types = set(map(type, values)) - {type(None)}
    if len(types) > 1 or ExactNumber in types:
        return False
    if types == {list}:
        return _is_uniform(list(chain.from_iterable(value for value in values if isinstance(value, list))))
    if types == {dict}:
        objects = [value for value in values if isinstance(value, dict)]
        layouts = set(map(tuple, objects))
        return len(layouts) == 1 and all(_is_uniform([each[key] for each in objects]) for key in layouts.pop())
    return True


def _as_json(values: Iterable[object]) -> pa.Array:
    return pa.array([None if value is None else _encode(value) for value in values], pa.string())


def _encode(value: object) -> str:
    """Returns a value as a cell of JSON text, with the literals of exact numbers."""
    if isinstance(value, str):
        return encode_json_cell(value)
    written = _ENCODER.encode(value)
    return _LITERAL.sub(r"\1", written) if "\\u0000" in written else written


def _mark(value: object) -> str:
    """Returns what stands for an exact number until its quotes are taken off; any other value as text."""
    return f"\0{value.written}\0" if isinstance(value, ExactNumber) else str(value)


_ENCODER = json.JSONEncoder(ensure_ascii=False, default=_mark)
_LITERAL = re.compile(r'"\\u0000([-+.0-9eE]+)\\u0000"')


def _merge(parts: Sequence[_Part], is_kept_as_text: bool) -> tuple[pa.ChunkedArray, str | None, str]:
    """Returns the column of all batches, how it was written, and the types of its values."""
    kinds = {part.kind for part in parts} - {NULL}
    types = " and ".join(sorted(frozenset().union(*(part.types for part in parts))))
    if not kinds:
        return _chunked(parts, pa.null()), None, types
    if len(kinds) > 1 and kinds <= {WHOLE, FLOAT, NUMBER}:
        kinds = {NUMBER}
    if kinds == {NUMBER}:
        literals = _chunked([_literals(part) for part in parts], pa.string())
        column, how = recognize(literals, (NUMBERS,))
        return column, JSON if column is literals else how, f"{types} that no one number type gives back as written"
    if kinds == {TEXT}:
        return (*recognize(_chunked(parts, pa.string()), () if is_kept_as_text else (TIMES,)), types)
    if len(kinds) == 1:
        merged = pa.null()
        for part in parts:
            merged = None if merged is None or JSON in kinds else _merge_types(merged, part.values.type)
        if merged is not None and not (kinds == {NESTED} and _has_gap(merged)):
            return _chunked(parts, merged), "repr" if kinds == {FLOAT} else None, types
        types += "" if " and " in types else " of several shapes"
    as_json = [part if part.kind in (NULL, JSON) else _Part(JSON, _as_json(part.values.to_pylist())) for part in parts]
    return _chunked(as_json, pa.string()), JSON, types


def _literals(part: _Part) -> _Part:
    """Returns numbers as they are written in JSON."""
    if part.kind in (NULL, NUMBER):
        return part
    return _Part(NUMBER, write_cells(part.values, "repr" if part.kind == FLOAT else None))


def _chunked(parts: Sequence[_Part], kind: pa.DataType) -> pa.ChunkedArray:
    return pa.chunked_array([part.values.cast(kind) for part in parts], kind)


def _merge_types(first: pa.DataType, second: pa.DataType) -> pa.DataType | None:
    """Returns the type that holds the values of both unchanged; None if there is none."""
    if first == second or pa.types.is_null(second):
        return first
    if pa.types.is_null(first):
        return second
    if pa.types.is_list(first) and pa.types.is_list(second):
        inner = _merge_types(first.value_type, second.value_type)
        return None if inner is None else pa.list_(inner)
    if pa.types.is_struct(first) and pa.types.is_struct(second):
        pairs = list(zip(first, second, strict=False))
        merged = [_merge_types(own.type, other.type) for own, other in pairs]
        if first.num_fields == second.num_fields and all(own.name == other.name for own, other in pairs):
            return (
                None
                if None in merged
                else pa.struct([own.with_type(kind) for (own, _), kind in zip(pairs, merged, strict=True)])
            )
    return None


def _has_gap(kind: pa.DataType) -> bool:
    """Whether a nested type holds values of no type, or objects without keys, which few formats store."""
    if pa.types.is_list(kind):
        return _has_gap(kind.value_type)
    if pa.types.is_struct(kind):
        return kind.num_fields == 0 or any(_has_gap(field.type) for field in kind)
    return bool(pa.types.is_null(kind))
