"""Columns of Python objects become Arrow columns: by their types where these agree, else as text, with a finding."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa

from nomic_explore.corpus.audit import Finding
from nomic_explore.corpus.plain_values import has_surrogates, is_missing, plain_value, text_of
from nomic_explore.corpus.stacking import mixed_types

REFUSALS = (pa.ArrowException, ValueError, TypeError, OverflowError, NotImplementedError, RecursionError)
MAX_NESTING = 60  # levels; a file of Arrow holds at most 64
JSON_TEXT = {b"written_as": b"json"}  # metadata of a field whose strings are the JSON of lists and objects
_CONTAINERS = (list, tuple, set, frozenset, Mapping)
_USUAL = {"str", "int", "float", "bool", "list", "dict"}

Made = tuple[pa.Field, pa.Array, list[Finding]]


def make_column(name: str, values: Iterable[object]) -> Made:
    """Returns the field of a column, its values, and findings about what had to be changed.

    Args:
        name: of the column.
        values: one for each row, of any kind; None, NaN among other things, NA and NaT are nulls.

    Example:
        >>> field, column, notes = make_column("zip", [1234, "SW1A"])
        >>> column.to_pylist(), notes[0].message
        (['1234', 'SW1A'], "column 'zip' holds int and str, the first str in row 1; read as text")
    """
    listed = values if isinstance(values, np.ndarray | pa.Array | pa.ChunkedArray) else list(values)
    if isinstance(listed, pa.Array | pa.ChunkedArray):
        return pa.field(name, listed.type), listed, []
    if _is_too_deep(listed):  # Arrow would end the process
        return _make_text(name, list(listed), _kinds(list(listed)))
    for made_with in ({}, {"from_pandas": True}):
        try:
            column = pa.array(listed, **made_with)
        except REFUSALS:
            continue
        if not _is_altered(listed):
            return pa.field(name, column.type), column, []
        break
    return _make_from_objects(name, list(listed))


def _make_from_objects(name: str, values: list[object]) -> Made:
    """Returns a column of values that Arrow does not take as they are."""
    kinds = _kinds(values)
    try:
        plain = [plain_value(value) for value in values]
        halves = [row for row, value in enumerate(values) if has_surrogates(value)]
        column = _integers(plain) if kinds == ["int"] else pa.array(plain)
    except REFUSALS:
        return _make_text(name, values, kinds)
    if _is_altered(plain) or (kinds == ["int"] and pa.types.is_string(column.type)):
        return _make_text(name, values, kinds)
    notes = [_half_character(name, halves)] if halves else []
    is_text = pa.types.is_string(column.type)
    if not halves and (set(kinds) - _USUAL or (is_text and kinds != ["str"])):
        kept = "text" if is_text else str(column.type)
        notes.append(_changed(name, f"{' and '.join(kinds)} values", kept))
    return pa.field(name, column.type), column, notes


def _make_text(name: str, values: list[object], kinds: list[str]) -> Made:
    texts = [None if is_missing(value) else _safe_text(value) for value in values]
    there = [row for row, text in enumerate(texts) if text is not None]
    odd = next((row for row in there if type(values[row]) is not type(values[there[0]])), there[0] if there else 0)
    types = " and ".join(kinds)
    is_json = bool(there) and all(isinstance(_plain(values[row]), list | dict) for row in there)
    if len(kinds) > 1:
        notes = [mixed_types(name, f"{types}, the first {type(values[odd]).__name__} in row {odd:,}")]
    else:
        notes = [_changed(name, f"{types} values that no one type holds", "JSON text" if is_json else "text")]
    halves = [] if _is_too_deep(values) else [row for row in there if has_surrogates(values[row])]
    notes += [_half_character(name, halves)] if halves else []
    field = pa.field(name, pa.large_string(), metadata=JSON_TEXT if is_json else None)
    return field, pa.array(texts, pa.large_string()), notes


def _plain(value: object) -> object:
    try:
        return plain_value(value)
    except RecursionError:  # a list that holds itself
        return None


def _safe_text(value: object) -> str:
    try:
        return text_of(value)
    except RecursionError:
        return f"{type(value).__name__} that is nested too deep"


def _integers(values: list[object]) -> pa.Array:
    """Returns whole numbers beyond 64 bits with a sign as unsigned ones; as text if these do not hold them either."""
    for kind in (pa.int64(), pa.uint64()):
        try:
            return pa.array(values, kind)
        except (pa.ArrowInvalid, OverflowError):
            continue
    return pa.array([None if value is None else str(value) for value in values], pa.string())


def _kinds(values: list[object]) -> list[str]:
    return sorted({type(value).__name__ for value in values if not is_missing(value)})


def _changed(name: str, what: str, kept: str) -> Finding:
    return Finding("unusual type", 1, (), f"column {name!r} of {what} is kept as {kept}", is_carried=True)


def _half_character(name: str, rows: list[int]) -> Finding:
    message = (
        f"column {name!r} holds half a character (a lone surrogate), first in row {rows[0]:,}; U+FFFD stands for it"
    )
    return Finding("half character", len(rows), rows, message, is_carried=True)


def _is_too_deep(values: Sequence[object] | np.ndarray) -> bool:
    """Returns whether lists and dicts are nested deeper than Arrow files hold; one that holds itself is."""
    if isinstance(values, np.ndarray) and values.dtype != object:
        return False
    parts = list(values)
    for _ in range(MAX_NESTING + 1):
        containers = {kind for kind in set(map(type, parts)) if issubclass(kind, _CONTAINERS)}
        found = {id(part): part for part in parts if type(part) in containers} if containers else {}
        if not found:
            return False
        parts = list(chain.from_iterable(map(_parts, found.values())))
    return True


def _parts(container: Any) -> Iterable[object]:
    """Returns the elements of a list, or the values of a dict."""
    return container.values() if isinstance(container, Mapping) else container


def _is_altered(values: Sequence[object] | np.ndarray) -> bool:
    """Returns whether Arrow gives values one type silently that does not hold all of them, such as dates and times."""
    if isinstance(values, np.ndarray):
        if values.dtype != object:
            return False
        values = values.tolist()
    kinds = {kind for kind in set(map(type, values)) if kind.__name__ not in ("NoneType", "NAType", "NaTType")}
    if kinds <= {str}:
        return False
    if _mixes(kinds, (bool, np.bool_), (int, float, np.number)) or _mixes(kinds, (str,), (bytes, bytearray)):
        return True
    if any(issubclass(kind, dt.date | dt.time | dt.timedelta) for kind in kinds):
        return _loses_time([value for value in values if not is_missing(value)])
    inner: dict[object, list[object]] = defaultdict(list)
    for value in values if any(issubclass(kind, Mapping) for kind in kinds) else ():
        for key, part in value.items() if isinstance(value, Mapping) else ():
            inner[key].append(part)
    lists = {kind for kind in kinds if issubclass(kind, list | tuple | set)}
    in_lists = list(chain.from_iterable(_parts(value) for value in values if type(value) in lists)) if lists else []
    if np.ndarray in kinds:
        in_lists += chain.from_iterable(
            each for each in values if isinstance(each, np.ndarray) and each.dtype == object and each.ndim
        )
    return any(map(_is_altered, [*inner.values(), in_lists]))


def _mixes(kinds: set[type], one: tuple[type, ...], other: tuple[type, ...]) -> bool:
    return any(issubclass(kind, one) for kind in kinds) and any(
        issubclass(kind, other) and not issubclass(kind, one) for kind in kinds
    )


def _loses_time(values: list[object]) -> bool:
    """Returns whether dates, times or durations differ in kind, or hold a zone or nanoseconds that would be lost."""
    if len({isinstance(value, dt.datetime) for value in values if isinstance(value, dt.date)}) > 1:
        return True
    if len({value.tzinfo is None for value in values if isinstance(value, dt.datetime)}) > 1:
        return True
    has_zone = any(isinstance(value, dt.time) and value.tzinfo is not None for value in values)
    return has_zone or any(getattr(value, "nanosecond", 0) or getattr(value, "nanoseconds", 0) for value in values)
