"""A model without weights, named "hash:DIMENSIONS": a text's vector is the sum of random vectors of its words.

It needs no file and no time to load, and gives the same vectors on every machine. Texts that share words are near each
other, and that is all it knows; it stands in for a model in tests and examples (`nomic_explore.testing.HashEmbedder`).
"""

import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from nomic_explore.models.catalog import TASKS, ModelRow
from nomic_explore.models.images import Picture
from nomic_explore.models.tokens import Plan

_ENCODER_VERSION = 1  # rises when texts get other vectors
_CHUNK_TOKENS = 65536
_MAX_TOKENS = 512
_START_OF_TEXT, _END_OF_TEXT = 1, 2
_FIRST_WORD = 3
_WORD = re.compile(r"\w+")


def is_hashed(name: object) -> bool:
    """Returns whether a name stands for this model, such as "hash:256".

    Example:
        >>> is_hashed("hash:256"), is_hashed("minilm")
        (True, False)
    """
    return isinstance(name, str) and re.fullmatch(r"hash:[1-9]\d*", name) is not None


class HashedWords:
    """The model "hash:DIMENSIONS" (a `Backend` of `Embedder`).

    Args:
        name: "hash:64" makes vectors of 64 entries.
    """

    chunk_tokens = _CHUNK_TOKENS

    def __init__(self, name: str):
        dimensions = int(name.partition(":")[2])
        self.source = name
        self.tokenizer = _WordNumbers()
        self.model = ModelRow(
            name=name,
            hub_id=name,
            description="hashed words, for tests and examples",
            width=dimensions,
            dimensions=(dimensions,),
            max_tokens=_MAX_TOKENS,
            prefixes=dict.fromkeys(TASKS, ""),
            pooling="sum",
            post_processing=("l2",),
            n_parameters=0,
            size_mb=0,
            license="Apache-2.0",
        )
        self._word_vectors: dict[int, np.ndarray] = {}

    def embed(
        self, plan: Plan, numbers: np.ndarray, task: str, dimensions: int
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yields once: the numbers of distinct texts as given and their vectors (k, d)."""
        tokens = plan.tokens
        vectors = np.empty((len(numbers), dimensions), dtype=np.float32)
        for at, number in enumerate(numbers.tolist()):
            ids = tokens.ids[tokens.starts[number] : tokens.starts[number + 1]]
            words = ids[ids >= _FIRST_WORD].tolist() or [_START_OF_TEXT]  # a text without a word has a vector, too
            total = np.sum([self._word_vector(word) for word in words], axis=0)
            vectors[at] = total / np.linalg.norm(total)
        yield numbers, vectors

    def embed_images(self, pictures: Sequence[Picture], dimensions: int) -> Iterator[np.ndarray]:
        """Raises ValueError: this model reads words only."""
        raise ValueError(f"{self.source} reads text only; pictures are read by nomic-embed-vision-v1.5.")

    def provenance(self) -> dict[str, object]:
        """Returns how the vectors were made, ready for JSON."""
        return {"backend": "hashed words", "encoder_version": _ENCODER_VERSION}

    def _word_vector(self, word: int) -> np.ndarray:
        """Returns the (d,) random direction of a word, the same on every machine."""
        vector = self._word_vectors.get(word)
        if vector is None:
            vector = np.random.default_rng(word).standard_normal(self.model.width)
            self._word_vectors[word] = vector = vector / np.linalg.norm(vector)
        return vector


@dataclass(frozen=True)
class _Encoding:
    ids: list[int]


class _WordNumbers:
    """A tokenizer that splits texts into words and hashes them."""

    def encode(self, text: str) -> _Encoding:
        """Returns a number for each word of a text, between the two that begin and end it."""
        return _Encoding([_START_OF_TEXT, *map(_hash_word, _WORD.findall(text.lower())), _END_OF_TEXT])

    def encode_batch(self, texts: Sequence[str]) -> list[_Encoding]:
        """Returns the numbers of several texts."""
        return [self.encode(text) for text in texts]


def _hash_word(word: str) -> int:
    return _FIRST_WORD + zlib.crc32(word.encode("utf-8", "surrogatepass")) % (2**31 - 1 - _FIRST_WORD)
