"""Encoders that users supply, in the place of an `Embedder`: functions, objects with `encode`, `SentenceTransformer`."""

import inspect
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from nomic_explore.checks import check_texts
from nomic_explore.models.embedder import Embedder
from nomic_explore.models.encoder import EncoderLike, TextModel
from nomic_explore.models.places import public_name
from nomic_explore.vectors import to_matrix, unit_rows

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

_CHUNK_TEXTS = 256  # a service is asked for so many at a time, and each chunk is on disk before the next is asked for
_QUERY = "search_query"


def open_encoder(encoder: EncoderLike, dimensions: int | None = None, *, name: str = "encoder") -> TextModel:
    """Returns what embeds texts: an `Embedder` for a name or a folder, a user's encoder in its place otherwise.

    Args:
        encoder: a name of the catalog, a folder, "SERVICE:MODEL", an `Embedder`, an `Encoder` or a function.
        dimensions: vector length for models of the catalog that allow several.
        name: of the argument, for messages.

    Raises:
        TypeError: it is nothing of the kind.
        ValueError: the name is unknown, or `dimensions` is given with an encoder that is no name.

    Example:
        >>> open_encoder(lambda texts: [[len(text), 1.0] for text in texts]).encode(["a cat"]).round(2).tolist()
        [[0.9800000190734863, 0.20000000298023224]]
    """
    if isinstance(encoder, str | Path):
        return Embedder(encoder, dimensions=dimensions)
    if dimensions is not None:
        raise ValueError(
            f"dimensions={dimensions} goes with the name of a model, and {name} is a {type(encoder).__name__}. "
            "Leave dimensions out, and let the encoder return vectors of that length."
        )
    is_object = not isinstance(encoder, type)
    if is_object and hasattr(encoder, "encode_chunks") and hasattr(encoder, "provenance"):
        return cast(TextModel, encoder)
    if not is_object or not (callable(getattr(encoder, "encode", None)) or callable(encoder)):
        raise TypeError(
            f"{name} is {encoder!r:.60}; expected the name of a model, an object with a method encode(texts), or a "
            "function of a list of texts that returns one vector for each."
        )
    return UserEncoder(encoder)


class UserEncoder:
    """A user's encoder in the place of an `Embedder`; it has one way to embed texts, and perhaps one for questions.

    Args:
        encoder: an `Encoder`, a `SentenceTransformer`, or a function.
    """

    source = None

    def __init__(self, encoder: object) -> None:
        self._encoder = encoder
        self._texts: Callable[[list[str]], ArrayLike] = getattr(encoder, "encode", None) or cast(
            "Callable[[list[str]], ArrayLike]", encoder
        )
        self._queries: Callable[[list[str]], ArrayLike] = getattr(encoder, "encode_query", self._texts)
        self.name = _name_of(encoder)

    def __repr__(self) -> str:
        return f"UserEncoder({self.name!r})"

    @cached_property
    def dimensions(self) -> int:
        """The entries of a vector; learned by embedding one short text."""
        return int(self._call(self._texts, ["one short text"]).shape[1])

    @property
    def max_tokens(self) -> int:
        """The most tokens of one text that are read; 1 if it is not known."""
        return int(getattr(self._encoder, "max_seq_length", None) or 1)

    def tasks(self) -> tuple[str, ...]:
        """Returns the one task: texts are embedded in one way only."""
        return ("clustering",)

    def query_task(self, task: str) -> str:
        """Returns the task for embedding a query."""
        return _QUERY

    def provenance(self, task: str = "clustering") -> dict[str, object]:
        """Returns the name of the encoder and the size of its vectors; more is not known."""
        return {"model": self.name, "task": task, "dimensions": self.dimensions, "backend": "an encoder of the user"}

    def count_tokens(self, texts: Sequence[str], task: str = "clustering") -> np.ndarray | None:
        """Returns the number of tokens of each text, (n,) int64; None unless the encoder is a `SentenceTransformer`."""
        from tokenizers import Tokenizer

        own = getattr(getattr(self._encoder, "tokenizer", None), "backend_tokenizer", None)
        if not isinstance(own, Tokenizer) or not getattr(self._encoder, "max_seq_length", None):
            return None
        tokenizer = Tokenizer.from_str(own.to_str())  # a copy: the encoder keeps its truncation
        tokenizer.no_truncation()
        return np.array([len(each.ids) for each in tokenizer.encode_batch(list(texts))], dtype=np.int64)

    def encode(self, texts: Sequence[str], task: str = "clustering") -> np.ndarray:
        """Returns the vectors of texts, (n, d) float32, each of length 1."""
        listed = check_texts(texts)
        vectors = np.zeros((len(listed), self.dimensions), dtype=np.float32)
        for rows, chunk in self.encode_chunks(listed, task):
            vectors[rows] = chunk
        return vectors

    def encode_chunks(
        self, texts: Sequence[str], task: str = "clustering", done: np.ndarray | None = None
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yields row numbers (k,) and their vectors (k, d), the longest texts first, without the rows that are `done`."""
        missing = np.arange(len(texts)) if done is None else np.flatnonzero(~done)
        missing = missing[np.argsort([-len(texts[row]) for row in missing.tolist()], kind="stable")]
        embed = self._queries if task == _QUERY else self._texts
        for start in range(0, len(missing), _CHUNK_TEXTS):
            rows = missing[start : start + _CHUNK_TEXTS]
            vectors = self._call(embed, [texts[row] for row in rows.tolist()])
            if vectors.shape[1] != self.dimensions:
                raise ValueError(f"{self.name} made vectors of {self.dimensions} entries, then of {vectors.shape[1]}.")
            yield rows, vectors

    def _call(self, embed: "Callable[[list[str]], ArrayLike]", texts: list[str]) -> np.ndarray:
        """Returns the vectors (k, d) float32 of length 1 that the encoder makes of k texts."""
        made = embed(texts)
        if inspect.isawaitable(made):
            if inspect.iscoroutine(made):
                made.close()
            raise TypeError(
                f"{self.name} is asynchronous; expected a function that returns vectors. Wrap it: asyncio.run."
            )
        said = f"what {self.name} returned"
        matrix, has_vector = to_matrix(made, said)
        if len(matrix) != len(texts) or not has_vector.all():
            raise ValueError(
                f"{self.name} returned {int(has_vector.sum())} vectors for {len(texts)} texts; expected one for each."
            )
        return unit_rows(matrix, np.arange(len(matrix)), said)


def _name_of(encoder: object) -> str:
    """Returns what to call an encoder: the model a `SentenceTransformer` was loaded from, else its own name or its type's."""
    config = getattr(getattr(encoder, "transformers_model", None), "config", None)
    for name in (
        getattr(config, "name_or_path", None),
        getattr(encoder, "name", None),
        getattr(encoder, "__qualname__", None),
    ):
        if isinstance(name, str) and name:
            return Path(name).name if Path(name).is_dir() else public_name(name)
    return type(encoder).__qualname__
