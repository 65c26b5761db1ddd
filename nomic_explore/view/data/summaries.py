"""Summaries of a document in one line."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
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
