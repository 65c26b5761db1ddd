"""The index of distinct texts: which text each row holds, and the first row that holds each text."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nomic_explore.arrays import first_of


@dataclass(frozen=True, eq=False)
class DistinctTexts:
    """Which of d distinct texts each of n rows holds, named as in `numpy.unique`.

    Attributes:
        first: (d,) int64: the first row that holds each text.
        inverse: (n,) int64: the text of each row, -1 for a row without text.
    """

    first: np.ndarray
    inverse: np.ndarray

    def __len__(self) -> int:
        return len(self.first)

    @property
    def has_text(self) -> np.ndarray:
        """(n,) bool: whether a row holds a text."""
        return self.inverse >= 0

    def to_rows(self, values: np.ndarray, missing: float) -> np.ndarray:
        """Returns the values (n, ...) of the rows from those (d, ...) of the texts.

        Args:
            values: one entry for each distinct text.
            missing: the value of rows without text.

        Example:
            >>> distinct = index_texts(["b", None, "a", "b"])
            >>> distinct.to_rows(np.array([0.5, 2.0]), missing=-1.0).tolist()
            [2.0, -1.0, 0.5, 2.0]
        """
        rows = np.full((len(self.inverse), *values.shape[1:]), missing, dtype=values.dtype)
        rows[self.has_text] = values[self.inverse[self.has_text]]
        return rows

    def first_among(self, allowed: np.ndarray) -> np.ndarray:
        """Returns (d,) int64: the first allowed row that holds each text, n for a text that no allowed row holds.

        Example:
            >>> index_texts(["a", "b", "a"]).first_among(np.array([False, True, True])).tolist()
            [2, 1]
        """
        rows = np.flatnonzero(allowed & self.has_text)
        return np.append(rows, len(self.inverse))[first_of(self.inverse[rows], len(self))]


def index_texts(texts: Sequence[str | None], order: Sequence[str] | None = None) -> DistinctTexts:
    """Returns the index of the distinct texts of n rows.

    Args:
        texts: n texts, or names of texts; None for a row without text.
        order: the distinct texts in the order in which they are numbered; None sorts them.

    Example:
        >>> distinct = index_texts(["b", None, "a", "b"])
        >>> distinct.first.tolist(), distinct.inverse.tolist()
        ([2, 0], [1, -1, 0, 1])
    """
    listed = sorted({text for text in texts if text is not None}) if order is None else order
    numbers = {text: number for number, text in enumerate(listed)}
    inverse = np.array([-1 if text is None else numbers[text] for text in texts], dtype=np.int64)
    rows = np.flatnonzero(inverse >= 0)
    first = np.append(rows, len(inverse))[first_of(inverse[rows], len(numbers))]
    return DistinctTexts(first.astype(np.int64), inverse)
