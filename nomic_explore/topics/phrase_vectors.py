"""Vectors of phrases in the space of the documents, and how near a phrase lies to the center of a topic."""

from dataclasses import dataclass

import numpy as np

from nomic_explore.arrays import unit
from nomic_explore.topics.phrases import Phrases

_N_AXES = 64  # principal axes of the documents in which vectors of phrases are learned
_N_STEPS = 20  # of conjugate gradients
_RIDGE = 2.0  # documents
_TEMPERATURE = 0.05  # of cosines: a phrase that is so much nearer to another topic counts a third


@dataclass(frozen=True)
class PhraseVectors:
    """Unit vectors of some phrases in the space of the documents.

    Attributes:
        place: (p,) int: the row of each phrase in `vectors`, -1 for those that have none.
        vectors: (m, d) float32.
    """

    place: np.ndarray
    vectors: np.ndarray

    def match_scores(self, phrases: np.ndarray, centers: np.ndarray, topic: int) -> np.ndarray:
        """Returns (k,) from 0 to 1: how near each phrase lies to a topic's center, compared to its nearest center.

        Args:
            phrases: (k,) which phrases.
            centers: (t, d) of all topics of the layer.
            topic: the number of one of them.

        Example:
            >>> PhraseVectors(np.array([0]), np.eye(2)[:1]).match_scores(np.array([0]), np.eye(2), topic=0).tolist()
            [1.0]
        """
        cosines = self.vectors[self.place[phrases]] @ centers.T
        return np.exp((cosines[:, topic] - cosines.max(axis=1)) / _TEMPERATURE)

    def margin(self, phrases: list[int], centers: np.ndarray, topic: int) -> float:
        """Returns by how much a name of these phrases is nearer to a topic's center than to any other, in cosine.

        Args:
            phrases: of the name.
            centers: (t, d) of all topics of the layer.
            topic: the number of one of them.

        Example:
            >>> PhraseVectors(np.array([0]), np.eye(2)[:1]).margin([0], np.eye(2), topic=0)
            1.0
        """
        if len(centers) < 2:
            return 1.0
        cosines = centers @ unit(self.vectors[self.place[phrases]].sum(axis=0)[None])[0]
        return float(cosines[topic] - np.delete(cosines, topic).max())


def learn_vectors(phrases: Phrases, chosen: np.ndarray, vectors: np.ndarray) -> PhraseVectors:
    """Returns vectors of phrases, learned from the documents without a model.

    A ridge regression predicts the vector of each document, less the mean of all, from the phrases it contains. Unlike
    the mean of the documents that contain a phrase, it keeps "cell" in telephony apart from "cell" in biology.

    Args:
        phrases: of n documents.
        chosen: (m,) which phrases, ascending.
        vectors: (n, d) of the documents.

    Example:
        >>> from nomic_explore.topics.phrases import count_phrases
        >>> phrases = count_phrases(["red cat", "red cat", "blue dog"])
        >>> learn_vectors(phrases, np.array([0]), np.eye(2, dtype=np.float32)[[0, 0, 1]]).vectors.shape
        (1, 2)
    """
    counts = phrases.counts[:, chosen]
    lengths = np.sqrt(np.maximum(np.asarray(counts.sum(axis=1)).ravel(), 1.0))
    counts = counts.multiply(1.0 / lengths[:, None]).tocsr().astype(np.float32)
    centered = vectors - vectors.mean(axis=0)
    axes = np.linalg.eigh((centered.T @ centered).astype(np.float64))[1][:, ::-1][:, :_N_AXES].astype(np.float32)
    learned = _solve_ridge(counts, centered @ axes) @ axes.T
    place = np.full(len(phrases.shown), -1)
    place[chosen] = np.arange(len(chosen))
    return PhraseVectors(place, unit(learned).astype(np.float32))


def _solve_ridge(counts: "np.ndarray", wanted: np.ndarray) -> np.ndarray:
    """Returns (m, axes): what minimizes |counts x - wanted|^2 + ridge |x|^2, by conjugate gradients on all axes at once."""
    transposed = counts.T.tocsr()  # type: ignore[attr-defined]
    solution = np.zeros((counts.shape[1], wanted.shape[1]), dtype=np.float32)
    residual = transposed @ wanted
    direction, length = residual.copy(), (residual**2).sum(axis=0)
    for _ in range(_N_STEPS):
        applied = transposed @ (counts @ direction) + _RIDGE * direction
        step = length / np.maximum((direction * applied).sum(axis=0), 1e-12)
        solution += step * direction
        residual = residual - step * applied
        before, length = length, (residual**2).sum(axis=0)
        direction = residual + length / np.maximum(before, 1e-12) * direction
    return solution
