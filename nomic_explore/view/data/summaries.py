"""What a document and its cells say, as lists, cards and the reader show it."""

import datetime as dt
import re
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa

    from nomic_explore.topics import Topics

LINE_LENGTH = 160
_MIN_LARGE, _MAX_EXACT = 1000, 2**53


def summarize_text(text: str) -> str:
    r"""Returns the beginning of a text in one line of at most LINE_LENGTH characters.

    Example:
        >>> summarize_text("Two lines,\n  now one.")
        'Two lines, now one.'
    """
    return shorten(" ".join(text[: 4 * LINE_LENGTH].split()), LINE_LENGTH)


def shorten(text: str, length: int) -> str:
    """Returns the text, cut where it is longer.

    Example:
        >>> shorten("a long story", 6)
        'a long …'
    """
    return text if len(text) <= length else text[:length].rstrip() + " …"


def topic_name(topics: "Topics", row: int) -> str:
    """Returns the name of a row's topic in the finest layer."""
    topic = topics.layers[-1][row]
    return topics.names[-1][topic] if topic >= 0 else "no topic"


def cell_text(cell: "pa.Scalar") -> str:
    """Returns what a cell of a table says, also if it is a moment that Python cannot hold; lists have their values only.

    Example:
        >>> import pyarrow as pa
        >>> cell_text(pa.scalar(["a", "b"])), cell_text(pa.scalar(2**62).cast(pa.timestamp("s")))
        ('a, b', '146138514283-06-19T07:45:04')
    """
    try:
        value = cell.as_py()
    except (OverflowError, ValueError):
        return str(np.datetime64(cell.value, cell.type.unit))
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return ", ".join(value)
    return "" if value is None else str(value)


def read_cell(cell: "pa.Scalar") -> tuple[str, list[str]]:
    """Returns what a cell holds ("text", "number", "date" or "list") and its values as people read them; none if it is empty.

    Example:
        >>> import pyarrow as pa
        >>> read_cell(pa.scalar(["a", "b"])), read_cell(pa.scalar(0.1 + 0.2))
        (('list', ['a', 'b']), ('number', ['0.3']))
    """
    try:
        value = cell.as_py()
    except (OverflowError, ValueError):
        return "date", [cell_text(cell)]
    if isinstance(value, list) and value and all(isinstance(part, str | int) for part in value):
        return "list", [str(part) for part in value]
    if isinstance(value, dt.date):
        return "date", [date_text(value)]
    if isinstance(value, float):
        return "number", [number_text(value)]
    if isinstance(value, bool):
        return "text", [str(value).lower()]
    text = cell_text(cell)
    return "number" if isinstance(value, int) else "text", [text] if text.strip() and value != [] else []


def number_text(value: float) -> str:
    """Returns a number with the digits that say something: six, or two behind the point of a large one.

    Example:
        >>> number_text(2.0), number_text(12345.678), number_text(0.000123456789), number_text(1e-9)
        ('2', '12345.68', '0.000123457', '1e-9')
    """
    if value != value:
        return ""
    if abs(value) == np.inf:
        return "∞" if value > 0 else "-∞"
    if value % 1 == 0 and abs(value) < _MAX_EXACT:
        return str(int(value))
    if _MIN_LARGE <= abs(value) < _MAX_EXACT:
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return re.sub(r"e\+?(-?)0*", r"e\1", f"{value:.6g}")


def date_text(value: dt.date) -> str:
    """Returns a date, with the time of day if it has one.

    Example:
        >>> date_text(dt.datetime(2020, 2, 1)), date_text(dt.datetime(2020, 2, 1, 10, 30))
        ('2020-02-01', '2020-02-01 10:30')
    """
    if not isinstance(value, dt.datetime):
        return value.isoformat()
    moment = value.replace(tzinfo=None)
    if moment.time() == dt.time(0):
        return moment.date().isoformat()
    return moment.isoformat(" ", "seconds" if moment.second else "minutes")
