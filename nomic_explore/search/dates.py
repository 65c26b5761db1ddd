"""Dates as people write them in conditions and filters: a year, a month, a day or a moment, each a span of time."""

import re
from typing import TYPE_CHECKING

import numpy as np

from nomic_explore.search.exact_numbers import ExactNumbers

if TYPE_CHECKING:
    import pyarrow as pa

_WRITTEN = re.compile(
    r"(?P<date>[0-9]{4}(-[0-9]{2}(?P<day>-[0-9]{2})?)?)(?P<time>[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?)?"
)
_ISO_DATE = re.compile(r"\d{4}-\d{2}(-\d{2})?([T ].*)?$")
_HEAD = 200  # strings that must all look like dates before the rest of a column is read
_MIN_SHARE = 0.95  # of the strings of a column of dates must be dates
_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_DAY = 86_400


def parse_span(written: str) -> tuple[int, int] | None:
    """Returns when a date begins and when it is over, in microseconds since 1970; None if it is not written so.

    Args:
        written: "2020", "2020-02", "2020-02-01", "2020-02-01 10:30" or "2020-02-01T10:30:00".

    Example:
        >>> start, end = parse_span("2020-02")
        >>> (end - start) // 86_400_000_000
        29
        >>> parse_span("01.02.2020") is None
        True
    """
    found = _WRITTEN.fullmatch(written)
    if found is None or (found["time"] and not found["day"]) or written.startswith("0000"):
        return None
    try:
        start = np.datetime64(written.replace(" ", "T"))
    except ValueError:
        return None
    end = start + 1  # a unit of its own: a year, a month, a day, a minute, a second
    return _microseconds(start), _microseconds(end)


def is_date(kind: "pa.DataType") -> bool:
    """Returns whether an Arrow type is one of dates or moments.

    Example:
        >>> import pyarrow as pa
        >>> is_date(pa.date32()), is_date(pa.time32("s"))
        (True, False)
    """
    import pyarrow as pa

    return bool(pa.types.is_timestamp(kind) or pa.types.is_date(kind))


def read_moments(column: "pa.ChunkedArray | pa.Array") -> ExactNumbers:
    """Returns the moments of a column of dates in microseconds since 1970; those with a time zone as clocks show them there.

    Example:
        >>> import datetime, pyarrow as pa
        >>> read_moments(pa.array([datetime.date(1970, 1, 2), None])).values.tolist()
        [86400000000, 0]
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if getattr(kind, "tz", None):
        column = _local(column)
        kind = column.type
    if pa.types.is_date32(kind):
        numbers, per_second = column.cast(pa.int32()).cast(pa.int64()), 1
    elif pa.types.is_date64(kind):
        numbers, per_second = column.cast(pa.int64()), 10**3
    else:
        numbers, per_second = column.cast(pa.int64()), _PER_SECOND[kind.unit]
    values = np.asarray(pc.fill_null(numbers, 0).to_numpy(zero_copy_only=False)).astype(np.int64)
    is_known = np.asarray(column.is_valid().to_numpy(zero_copy_only=False), dtype=bool)
    factor = 10**6 * (_DAY if pa.types.is_date32(kind) else 1)
    if factor >= per_second:
        return ExactNumbers(_times(values, factor // per_second), is_known)
    return ExactNumbers(values, is_known, scale=3)  # nanoseconds: thousandths of a microsecond


def read_iso_dates(column: "pa.ChunkedArray | pa.Array") -> ExactNumbers | None:
    """Returns the moments of a column of strings, in microseconds since 1970; None if they are not ISO dates.

    At least 95 % of the strings must be dates; the others have none. A time with an offset is given in UTC.

    Example:
        >>> import pyarrow as pa
        >>> read_iso_dates(pa.array(["1970-01-02", None])).is_known.tolist()
        [True, False]
        >>> read_iso_dates(pa.array(["01.02.2020"])) is None
        True
    """
    import pandas as pd

    head = [value for value in column.slice(0, _HEAD).to_pylist() if value and value.strip()]
    if not head or not all(_ISO_DATE.match(value) for value in head):
        return None
    series = column.to_pandas()
    parsed = pd.to_datetime(series, errors="coerce", utc=True, format="ISO8601")
    has_text = series.notna() & (series.str.strip() != "")
    if parsed.notna().sum() < _MIN_SHARE * has_text.sum():
        return None
    moments = parsed.dt.tz_localize(None).astype("datetime64[us]").to_numpy()
    is_known = ~np.isnat(moments)
    return ExactNumbers(np.where(is_known, moments, np.datetime64(0, "us")).astype(np.int64), is_known)


def _microseconds(moment: np.datetime64) -> int:
    return int(moment.astype("datetime64[us]").astype(np.int64))


def _local(column: "pa.ChunkedArray | pa.Array") -> "pa.ChunkedArray | pa.Array":
    """Returns moments with a time zone as clocks show them there; in UTC where the machine does not know the zone."""
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        return pc.local_timestamp(column)
    except pa.ArrowInvalid:
        return column.cast(pa.timestamp(column.type.unit))


def _times(values: np.ndarray, factor: int) -> np.ndarray:
    """Returns whole numbers times a factor, as Python integers where int64 is too small."""
    if factor == 1:
        return values
    limit = (2**63 - 1) // factor
    is_small = not len(values) or (int(values.max()) <= limit and int(values.min()) >= -limit)
    return values * factor if is_small else values.astype(object) * factor
