"""Vectors of rows without a map: embedded now, or given; rows with the same text share one."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nomic_explore.corpus.distinct import DistinctTexts, index_texts
from nomic_explore.models.refused_texts import TextsRefused, excerpt
from nomic_explore.models.user_encoder import open_encoder
from nomic_explore.progress import Progress
from nomic_explore.vectors import check_vectors, to_matrix, unit_rows

if TYPE_CHECKING:
    from nomic_explore.graph import NeighborGraph
    from nomic_explore.models.encoder import EncoderLike

TASK = "clustering"
_SEED = 42


@dataclass(frozen=True)
class RowVectors:
    """The vectors of m rows with k distinct texts.

    Attributes:
        vectors: (k, d) float32, unit length, in the order of the sorted texts.
        distinct: which of the texts each row holds.
        provenance: what made them, ready for JSON.
        duplicate_similarity: the model's default threshold for duplicates; None if unknown.
    """

    vectors: np.ndarray
    distinct: DistinctTexts
    provenance: dict[str, object]
    duplicate_similarity: float | None

    @property
    def of_rows(self) -> np.ndarray:
        """(m, d) float32."""
        return self.distinct.to_rows(self.vectors, 0.0)

    def graph(self) -> "NeighborGraph":
        """Returns the nearest rows that hold another text, of each row."""
        from nomic_explore.graph import build_graph

        return build_graph(self.vectors)._to_rows(self.distinct.inverse, self.distinct.first)


def embed_rows(
    texts: Sequence[str], vectors: np.ndarray | None, model: "EncoderLike | None", progress: Progress
) -> RowVectors:
    """Returns the vectors of m rows: those given, of equal texts the first, or else new ones, each text embedded once.

    Args:
        texts: m strings.
        vectors: (m, d), from `choose_vectors`; None embeds the texts.
        model: a name, a folder, an `Embedder` or an encoder of one's own; None is "minilm". With vectors it only names
            what made them.
        progress: shows what is embedded.

    Warns:
        UserWarning: a service refused some texts, which get vectors that are similar to no others.

    Raises:
        ValueError: there is no such model.
        OSError: the weights cannot be reached.
    """
    distinct = index_texts(texts)
    if vectors is not None:
        given = vectors[distinct.first]
        return RowVectors(given, distinct, *_describe_given(given, model))
    embedder = open_encoder("minilm" if model is None else model, name="model")
    progress.start("vectors", len(distinct))
    embedded = np.zeros((len(distinct), embedder.dimensions), dtype=np.float32)
    n_done, different = 0, [texts[row] for row in distinct.first]
    try:
        for rows, chunk in embedder.encode_chunks(different, TASK):
            embedded[rows] = chunk
            n_done += len(rows)
            progress.advance(n_done)
    except TextsRefused as error:
        refused = sorted(error.reasons)
        if len(refused) == len(different):
            raise
        embedded[refused] = _unrelated_vectors(len(refused), embedder.dimensions)
        warnings.warn(
            f"{len(refused):,} texts have no vector and are compared by their shared text alone; the first is "
            f"{excerpt(different[refused[0]])}: {error.reasons[refused[0]]}",
            stacklevel=4,
        )
    provenance = embedder.provenance(TASK)
    progress.finish(f"{len(distinct):,} distinct texts embedded with {provenance['model']}")
    default = getattr(getattr(embedder, "model", None), "duplicate_similarity", None)
    return RowVectors(check_vectors(embedded), distinct, provenance, default)


def _unrelated_vectors(n: int, width: int) -> np.ndarray:
    """Returns (n, width) float32, unit length: random, so that they are similar to no other vectors."""
    vectors = np.random.default_rng(_SEED).standard_normal((n, width)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def choose_vectors(vectors: object, n_rows: int, rows: np.ndarray) -> np.ndarray:
    """Returns the vectors (m, d) of some rows (m,) out of those given, at unit length.

    Raises:
        TypeError: they are no numbers.
        ValueError: there is not one for each of `n_rows`, or one of these rows has none, or none that can be compared.

    Example:
        >>> choose_vectors([[2.0, 0.0], None, [0.0, 3.0]], 3, np.array([0, 2])).tolist()
        [[1.0, 0.0], [0.0, 1.0]]
    """
    matrix, has_vector = to_matrix(vectors, n_rows=n_rows)
    if not has_vector[rows].all():
        row = int(rows[~has_vector[rows]][0])
        raise ValueError(
            f"vectors[{row}] has no vector, and its row has text; expected one for each row with text. "
            "Embed that row, or leave it out of both the source and the vectors."
        )
    return unit_rows(matrix, rows)


def _describe_given(vectors: np.ndarray, model: "EncoderLike | None") -> tuple[dict[str, object], float | None]:
    """Returns what is known of given vectors, and the default threshold of the model that made them."""
    import hashlib

    from nomic_explore.models.catalog import find_model, is_known

    info: dict[str, object] = {"model": None if model is None else str(model), "dimensions": vectors.shape[1]}
    info["vectors_sha256"] = hashlib.sha256(vectors.tobytes()).hexdigest()
    if not isinstance(model, str) or not is_known(model):
        return info, None
    return info, find_model(model).duplicate_similarity
