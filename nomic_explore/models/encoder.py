"""`Encoder`: the protocol that a model of your own fulfills to be used by `explore()`."""

from collections.abc import Iterator, Sequence
from typing import Protocol, runtime_checkable

import numpy as np


class VectorSource(Protocol):
    """What a build needs of a model: token counts, and vectors chunk by chunk.

    Attributes:
        dimensions: entries of a vector.
    """

    dimensions: int

    @property
    def source(self) -> str:
        """The name with which `Embedder` opens this model again."""

    @property
    def max_tokens(self) -> int:
        """The most tokens of one text that are read."""

    def provenance(self, task: str = "clustering") -> dict[str, object]:
        """Returns how vectors are made, ready for JSON; it has at least the keys "model" and "dimensions"."""

    def count_tokens(self, texts: Sequence[str], task: str = "clustering") -> np.ndarray:
        """Returns the number of tokens of each text, (n,) int64."""

    def encode_chunks(
        self, texts: Sequence[str], task: str = "clustering", done: np.ndarray | None = None
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yields row numbers (k,) and their vectors (k, d), without the rows that are `done`, (n,) bool."""


@runtime_checkable
class Encoder(VectorSource, Protocol):
    """Anything that turns texts into vectors as `Embedder` does.

    Attributes:
        source: the name with which `Embedder` opens the model again when an exploration is opened.
        dimensions: entries of a vector.
        max_tokens: the most tokens of one text that are read.

    Example:
        >>> from nomic_explore.testing import HashEmbedder
        >>> isinstance(HashEmbedder(), Encoder)
        True
    """

    def query_task(self, task: str) -> str:
        """Returns the task for embedding a query that is compared with vectors of `task`."""

    def encode(self, texts: Sequence[str], task: str = "clustering") -> np.ndarray:
        """Returns the vectors of texts, (n, d) float32, each of length 1."""
