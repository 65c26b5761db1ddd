"""Vectors of rows without a map: embedded now, or given; rows with the same text share one."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nomic_explore.corpus.distinct import DistinctTexts, index_texts
from nomic_explore.progress import Progress
from nomic_explore.vectors import check_vectors

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from nomic_explore.graph import NeighborGraph
    from nomic_explore.models import Embedder

TASK = "clustering"


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
    texts: Sequence[str], vectors: np.ndarray | None, model: "str | Path | Embedder | None", progress: Progress
) -> RowVectors:
    """Returns the vectors of m rows: those given, of equal texts the first, or else new ones, each text embedded once.

    Args:
        texts: m strings.
        vectors: (m, d); None embeds the texts.
        model: a name, a folder or an `Embedder`; None is "minilm". With vectors it only names what made them.
        progress: shows what is embedded.

    Raises:
        ValueError: the vectors are not (m, d) or not finite, or there is no such model.
        OSError: the weights cannot be reached.
    """
    distinct = index_texts(texts)
    if vectors is not None:
        given = check_vectors(np.asarray(vectors)[distinct.first])
        return RowVectors(given, distinct, *_describe_given(given, model))
    from nomic_explore.models import Embedder

    embedder = Embedder(model) if model is None or isinstance(model, str | Path) else model
    progress.start("vectors", len(distinct))
    embedded = np.zeros((len(distinct), embedder.dimensions), dtype=np.float32)
    n_done = 0
    for rows, chunk in embedder.encode_chunks([texts[row] for row in distinct.first], TASK):
        embedded[rows] = chunk
        n_done += len(rows)
        progress.advance(n_done)
    provenance = embedder.provenance(TASK)
    progress.finish(f"{len(distinct):,} distinct texts embedded with {provenance['model']}")
    default = getattr(getattr(embedder, "model", None), "duplicate_similarity", None)
    return RowVectors(check_vectors(embedded), distinct, provenance, default)


def check_given(vectors: "ArrayLike", n_rows: int, rows: np.ndarray) -> np.ndarray:
    """Returns the vectors (m, d) of some rows (m,) out of those given.

    Raises:
        ValueError: they are not (n_rows, d), or one of these rows is not finite.
    """
    given = np.asarray(vectors)
    if given.ndim != 2 or len(given) != n_rows or given.shape[1] == 0:
        raise ValueError(
            f"vectors have shape {given.shape}; expected ({n_rows}, d): one row for each row of the source."
        )
    chosen = given[rows]
    unfit = rows[~np.isfinite(chosen).all(axis=1)]
    if len(unfit):
        raise ValueError(f"vectors[{unfit[0]}] holds a value that is not finite. Embed that row again or leave it out.")
    return chosen


def _describe_given(
    vectors: np.ndarray, model: "str | Path | Embedder | None"
) -> tuple[dict[str, object], float | None]:
    """Returns what is known of given vectors, and the default threshold of the model that made them."""
    import hashlib

    from nomic_explore.models.catalog import find_model, is_known

    info: dict[str, object] = {"model": None if model is None else str(model), "dimensions": vectors.shape[1]}
    info["vectors_sha256"] = hashlib.sha256(vectors.tobytes()).hexdigest()
    if not isinstance(model, str) or not is_known(model):
        return info, None
    return info, find_model(model).duplicate_similarity
