"""Numbers, bytes and moments of any Arrow type as ones that Python, pandas, Parquet and CSV can hold."""

import re
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from nomic_explore.corpus.plain_values import json_of, text_of

_OFFSET = re.compile(r"[+-]\d\d:?\d\d")
_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_MIN_DAY, _MAX_DAY = -719_162, 2_932_896  # of Python's dates, the years 1 to 9999, counted from 1970
_MAX_SECONDS = 999_999_999 * 86_400  # of Python's durations
_MAX_DIGITS = 38  # of a decimal128


def is_plain_scalar(kind: pa.DataType) -> bool:
    """Returns whether values of a type that is not nested stay as they are, whatever they are."""
    types = pa.types
    if types.is_decimal128(kind):
        return 0 <= kind.scale <= kind.precision
    return bool(
        types.is_null(kind)
        or types.is_boolean(kind)
        or types.is_integer(kind)
        or types.is_floating(kind)
        or types.is_string(kind)
        or types.is_large_string(kind)
        or types.is_binary(kind)
        or types.is_time32(kind)
        or kind == pa.time64("us")
    )


def plain_scalars(array: pa.Array) -> tuple[pa.Array, bool]:
    """Returns an array that is not nested with a plain type, and whether its meaning is another one.

    Example:
        >>> plain_scalars(pa.array([pa.MonthDayNano([1, 2, 3])]))[0].to_pylist()
        ['P1M2DT0.000000003S']
    """
    kind, types = array.type, pa.types
    if types.is_string_view(kind):
        return array.cast(pa.large_string()), False
    if types.is_large_binary(kind) or types.is_binary_view(kind) or types.is_fixed_size_binary(kind):
        return _bytes(array), False
    if types.is_decimal(kind):
        return _decimals(array)
    if types.is_date64(kind):
        return _dates(array)
    if types.is_date32(kind):
        return (array, False) if _lies_within(array, pa.int32(), _MIN_DAY, _MAX_DAY) else (_moment_texts(array), True)
    if types.is_timestamp(kind):
        return _timestamps(array)
    if types.is_time64(kind):
        return _cast_or_text(array, pa.time64("us"))
    if types.is_duration(kind):
        limit = _MAX_SECONDS * _PER_SECOND[kind.unit]
        if _lies_within(array, pa.int64(), -limit, limit):
            return array, False
        counts = array.cast(pa.int64()).to_pylist()
        return pa.array([None if n is None else f"{n} {kind.unit}" for n in counts], pa.string()), True
    if types.is_interval(kind):
        texts = [None if value is None else _iso_period(value) for value in array.to_pylist()]
        return pa.array(texts, pa.string()), True
    return texts_of(array), True


def texts_of(array: pa.Array) -> pa.Array:
    """Returns the values of an array as text, lists and structs as JSON.

    Example:
        >>> texts_of(pa.array([[1], None])).to_pylist()
        ['[1]', None]
    """
    write = json_of if pa.types.is_nested(array.type) else text_of
    return pa.array([None if value is None else write(value) for value in array.to_pylist()], pa.large_string())


def _bytes(array: pa.Array) -> pa.Array:
    try:
        return array.cast(pa.binary())
    except pa.ArrowInvalid:  # more than 2 GB
        return array.cast(pa.large_binary())


def _decimals(array: pa.Array) -> tuple[pa.Array, bool]:
    kind = array.type
    scale = max(kind.scale, 0)
    precision = min(max(kind.precision - kind.scale + scale, scale), _MAX_DIGITS)
    if scale <= _MAX_DIGITS:
        try:
            return array.cast(pa.decimal128(precision, scale)), False
        except pa.ArrowInvalid:
            pass
    return texts_of(array), True


def _dates(array: pa.Array) -> tuple[pa.Array, bool]:
    for kind in (pa.date32(), pa.timestamp("ms")):
        try:
            return plain_scalars(array.cast(kind))
        except pa.ArrowInvalid:  # a time of day
            continue
    return texts_of(array), True


def _timestamps(array: pa.Array) -> tuple[pa.Array, bool]:
    kind = array.type
    is_known = kind.tz is None or _is_zone(kind.tz)
    if not is_known:
        array = array.cast(pa.timestamp(kind.unit, "UTC"))
    day = 86_400 * _PER_SECOND[kind.unit]
    margin = 0 if kind.tz is None else 1  # in another zone it is another day
    if kind.unit == "ns" or _lies_within(
        array, pa.int64(), (_MIN_DAY + margin) * day, (_MAX_DAY + 1 - margin) * day - 1
    ):
        return array, not is_known
    return _moment_texts(array), True


def _is_zone(name: str) -> bool:
    if _OFFSET.fullmatch(name):
        return True
    try:
        ZoneInfo(name)
    except (ValueError, KeyError, OSError):  # not the name of a zone, not a known one, or one of a folder of zones
        return False
    return True


def _lies_within(array: pa.Array, kind: pa.DataType, low: int, high: int) -> bool:
    extremes = pc.min_max(array.cast(kind)).as_py()
    return extremes["min"] is None or (extremes["min"] >= low and extremes["max"] <= high)


def _moment_texts(array: pa.Array) -> pa.Array:
    """Returns dates and timestamps that Python cannot hold as ISO 8601; those that Arrow cannot write as numbers."""
    texts = [
        None if text is None else text.replace("<value out of range: ", "").replace(">", "").replace(" ", "T", 1)
        for text in array.cast(pa.string()).to_pylist()
    ]
    return pa.array(texts, pa.large_string())


def _cast_or_text(array: pa.Array, kind: pa.DataType) -> tuple[pa.Array, bool]:
    try:
        return array.cast(kind), False
    except pa.ArrowInvalid:
        return array.cast(pa.string()), True


def _iso_period(value: pa.MonthDayNano) -> str:
    """Returns months, days and nanoseconds as ISO 8601 writes them."""
    months, days, nanoseconds = value
    sign = "-" if nanoseconds < 0 else ""
    seconds = f"{sign}{abs(nanoseconds) // 10**9}.{abs(nanoseconds) % 10**9:09d}".rstrip("0").rstrip(".")
    return f"P{months}M{days}DT{seconds}S"
