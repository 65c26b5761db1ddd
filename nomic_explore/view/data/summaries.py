"""Summaries of a document in one line."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa

    from nomic_explore.topics import Topics

LINE_LENGTH = 160


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
