"""Where a phrase points: its vector, learned from the documents that hold it, and the topic it lies nearest to."""

from dataclasses import dataclass

import numpy as np

from nomic_explore.topics.phrases import Phrases

_N_AXES = 64  # principal axes of the documents in which vectors of phrases are learned
_N_STEPS = 20  # of conjugate gradients
_RIDGE = 2.0  # documents
_TEMPERATURE = 0.05  # of cosines: a phrase that is so much closer to another topic counts a third


@dataclass(frozen=True)
class Pointing:
    """Unit vectors of some phrases in the space of the documents.

    Attributes:
        place: (p,) int: the row of each phrase in `vectors`, -1 for those that have none.
        vectors: (m, d) float32.
    """

    place: np.ndarray
    vectors: np.ndarray

    def closeness(self, phrases: np.ndarray, centres: np.ndarray, topic: int) -> np.ndarray:
        """Returns (k,) from 0 to 1: how near each phrase lies to a topic's centre, beside the centre it is nearest to."""
        cosines = self.vectors[self.place[phrases]] @ centres.T
        return np.exp((cosines[:, topic] - cosines.max(axis=1)) / _TEMPERATURE)

    def margin(self, phrases: list[int], centres: np.ndarray, topic: int) -> float:
        """Returns by how much a name of these phrases is nearer to a topic's centre than to any other."""
        if len(centres) < 2:
            return 1.0
        cosines = centres @ unit(self.vectors[self.place[phrases]].sum(axis=0))
        return float(cosines[topic] - np.delete(cosines, topic).max())


def learn_vectors(phrases: Phrases, chosen: np.ndarray, vectors: np.ndarray) -> Pointing:
    """Returns vectors of phrases without a model.

    A ridge regression explains each document's vector, less the mean of all, by the phrases it holds: so "cell" of telephones
    and of biology part, which they do not in the mean of the documents that hold a phrase.

    Args:
        phrases: of n documents.
        chosen: (m,) which phrases, ascending.
        vectors: (n, d).
    """
    held = phrases.counts[:, chosen]
    lengths = np.sqrt(np.maximum(np.asarray(held.sum(axis=1)).ravel(), 1.0))
    held = held.multiply(1.0 / lengths[:, None]).tocsr().astype(np.float32)
    centred = vectors - vectors.mean(axis=0)
    axes = np.linalg.eigh((centred.T @ centred).astype(np.float64))[1][:, ::-1][:, :_N_AXES].astype(np.float32)
    learned = _solve_ridge(held, centred @ axes) @ axes.T
    place = np.full(len(phrases.shown), -1)
    place[chosen] = np.arange(len(chosen))
    return Pointing(place, unit(learned).astype(np.float32))


def _solve_ridge(held: "np.ndarray", wanted: np.ndarray) -> np.ndarray:
    """Returns (m, axes): what minimises |held x - wanted|^2 + ridge |x|^2, by conjugate gradients on all axes at once."""
    transposed = held.T.tocsr()  # type: ignore[attr-defined]
    solution = np.zeros((held.shape[1], wanted.shape[1]), dtype=np.float32)
    residual = transposed @ wanted
    direction, length = residual.copy(), (residual**2).sum(axis=0)
    for _ in range(_N_STEPS):
        applied = transposed @ (held @ direction) + _RIDGE * direction
        step = length / np.maximum((direction * applied).sum(axis=0), 1e-12)
        solution += step * direction
        residual = residual - step * applied
        before, length = length, (residual**2).sum(axis=0)
        direction = residual + length / np.maximum(before, 1e-12) * direction
    return solution


def unit(vectors: np.ndarray) -> np.ndarray:
    """Returns vectors (…, d) of unit length; zeros stay zeros."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)
