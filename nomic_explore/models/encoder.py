"""`Encoder`: what `explore()` asks of a model, for those who bring one of their own."""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np


@runtime_checkable
class Encoder(Protocol):
    """Anything that turns texts into vectors as `Embedder` does.

    Attributes:
        source: what to give `Embedder` to get it again when an exploration is opened.
        dimensions: entries of a vector.
        max_tokens: the most tokens of one text that are read.

    Example:
        >>> from nomic_explore.testing import HashEmbedder
        >>> isinstance(HashEmbedder(), Encoder)
        True
    """

    dimensions: int

    @property
    def source(self) -> str:
        """What to give `Embedder` to get it again."""

    @property
    def max_tokens(self) -> int:
        """The most tokens of one text that are read."""

    def provenance(self, task: str = "clustering") -> dict[str, Any]:
        """Returns what makes vectors comparable, ready for JSON; it holds at least "model" and "dimensions"."""

    def query_task(self, task: str) -> str:
        """Returns the task to embed a question with that is asked against vectors of `task`."""

    def count_tokens(self, texts: Sequence[str], task: str = "clustering") -> np.ndarray:
        """Returns (n,) int64: tokens of each text."""

    def encode(self, texts: Sequence[str], task: str = "clustering") -> np.ndarray:
        """Returns (n, d) float32: the vectors of texts, each of length 1."""

    def encode_chunks(
        self, texts: Sequence[str], task: str = "clustering", done: np.ndarray | None = None
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yields rows (k,) and their vectors (k, d), but for rows that are `done` (n,) bool."""
