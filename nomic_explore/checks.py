"""Argument checks, and the wording of every argument error.

Each check says what was expected, what came, and what to do. They return the argument in the shape the stages use.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from nomic_explore.graph import NeighborGraph


def check_texts(texts: Sequence[str], name: str = "texts") -> list[str]:
    """Returns the texts as a list of strings.

    Raises:
        TypeError: a single string came, or an element is not a string; the message holds its row number.
    """
    if isinstance(texts, str):
        raise TypeError(f"{name} is one string; expected a list of strings. Wrap it: [{name}].")
    listed = list(texts)
    for row, text in enumerate(listed):
        if not isinstance(text, str):
            raise TypeError(
                f"{name}[{row}] is {text!r:.60}; expected a string. "
                "read_corpus() sets empty rows aside and turns other types into text."
            )
    return listed


def check_vectors(vectors: Any, name: str = "vectors") -> np.ndarray:
    """Returns the vectors as a C-contiguous (n, d) float32 array of unit rows; never the caller's own memory changed.

    Raises:
        ValueError: not two-dimensional, no columns, or a value that is not finite; the message holds the row number.
    """
    array = np.asarray(vectors)
    if array.ndim != 2 or array.shape[1] == 0:
        raise ValueError(f"{name} has shape {array.shape}; expected (n, d): one row per document.")
    array = np.ascontiguousarray(array, dtype=np.float32)
    finite = np.isfinite(array).all(axis=1)
    if not finite.all():
        row = int(np.flatnonzero(~finite)[0])
        raise ValueError(f"{name}[{row}] holds a value that is not finite. Embed that document again or leave it out.")
    norms = np.linalg.norm(array, axis=1, keepdims=True)
    if np.allclose(norms, 1.0, atol=1e-4):
        return array
    return array / np.maximum(norms, np.finfo(np.float32).tiny)


def check_positive(value: int, name: str, *, at_least: int = 1) -> int:
    """Returns the value if it is a whole number of at least `at_least`.

    Raises:
        ValueError: it is not.
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < at_least:
        raise ValueError(f"{name}={value!r}; expected a whole number of at least {at_least}.")
    return int(value)


def check_fraction(value: float, name: str) -> float:
    """Returns the value if it lies between 0 and 1.

    Raises:
        ValueError: it does not.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | np.floating) or not 0.0 <= value <= 1.0:
        raise ValueError(f"{name}={value!r}; expected a number from 0 to 1.")
    return float(value)


def check_choice(value: Any, name: str, choices: Sequence[str]) -> str:
    """Returns the value if it is one of the choices.

    Raises:
        ValueError: it is not; the message lists them.
    """
    if value not in choices:
        raise ValueError(f"{name}={value!r}; expected one of {', '.join(map(repr, choices))}.")
    return str(value)


def check_same_rows(n_rows: int, **others: int) -> None:
    """Raises ValueError unless every named count equals `n_rows`.

    Example:
        >>> check_same_rows(3, texts=3, graph=2)
        Traceback (most recent call last):
        ...
        ValueError: graph has 2 rows, vectors have 3; row i must be document i in both.
    """
    for name, count in others.items():
        if count != n_rows:
            raise ValueError(f"{name} has {count} rows, vectors have {n_rows}; row i must be document i in both.")


def check_stage_input(texts: Sequence[str] | None, vectors: Any, graph: "NeighborGraph") -> np.ndarray:
    """Returns the checked vectors of a stage, once texts, vectors and graph are known to have the same rows."""
    checked = check_vectors(vectors)
    counts = {"graph": len(graph.neighbors)}
    if texts is not None:
        counts["texts"] = len(texts)
    check_same_rows(len(checked), **counts)
    return checked
