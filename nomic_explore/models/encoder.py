"""What turns texts into vectors: `Encoder`, which users supply, and the two protocols that the package works with."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@runtime_checkable
class Encoder(Protocol):
    """Any object that turns texts into vectors; `model=` and `encoder=` take one.

    A function that does the same is taken as well, and so is a `SentenceTransformer`. A second method
    `encode_query(texts)` is called for questions if there is one.

    Example:
        >>> from nomic_explore.testing import HashEmbedder
        >>> isinstance(HashEmbedder(), Encoder)
        True
    """

    def encode(self, texts: list[str]) -> "ArrayLike":
        """Returns the vectors of texts, (n, d) numbers of any kind; their lengths do not matter."""


EncoderLike: TypeAlias = str | Path | Encoder | Callable[[list[str]], "ArrayLike"]


class VectorSource(Protocol):
    """What a build needs to have a vector for each text.

    Attributes:
        dimensions: entries of a vector.
    """

    @property
    def dimensions(self) -> int:
        """The entries of a vector."""

    @property
    def source(self) -> str | None:
        """The name with which `Embedder` opens this model again; None if there is no such name."""

    @property
    def max_tokens(self) -> int:
        """The most tokens of one text that are read."""

    def provenance(self, task: str = "clustering") -> dict[str, object]:
        """Returns how vectors are made, ready for JSON; it has at least the keys "model" and "dimensions"."""

    def count_tokens(self, texts: Sequence[str], task: str = "clustering") -> np.ndarray | None:
        """Returns the number of tokens of each text, (n,) int64; None if it is not known."""

    def encode_chunks(
        self, texts: Sequence[str], task: str = "clustering", done: np.ndarray | None = None
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yields row numbers (k,) and their vectors (k, d), without the rows that are `done`, (n,) bool."""


class TextModel(VectorSource, Protocol):
    """A model that embeds texts for a task, and questions about them: `Embedder`, or a user's encoder in its place."""

    def query_task(self, task: str) -> str:
        """Returns the task for embedding a query that is compared with vectors of `task`."""

    def encode(self, texts: Sequence[str], task: str = "clustering") -> np.ndarray:
        """Returns the vectors of texts, (n, d) float32, each of length 1."""

    def tasks(self) -> tuple[str, ...]:
        """Returns one task for each way in which the model embeds texts."""
