"""Crowds: documents with more near ones than the graph lists neighbors, whose neighbors are all looked for."""

import numpy as np

from nomic_explore.graph import NeighborGraph

_MAX_CROWD = (
    50_000  # documents compared with one another, the most crowded first: 2 * 50,000² * 384 operations, half a minute
)
_MAX_NEAR = 64  # pairs of each: a family of ten thousand then costs 640,000 pairs, not fifty million
_BLOCK = 1024


def find_crowded_pairs(
    document: np.ndarray, graph: NeighborGraph, vectors: np.ndarray, rows: np.ndarray, min_similarity: float
) -> tuple[np.ndarray, np.ndarray]:
    """Returns pairs of documents (m,) and (m,) that are near, and that the graph may have no room for.

    A document that does not fill its list with near ones lists all of them. So only crowded documents can be missing from
    each other's lists, and only they are compared.

    Args:
        document: (n,) the document of each row.
        graph: of the n rows.
        vectors: (n, v).
        rows: (d,) where the vector of each document stands.
        min_similarity: cosine from which two are near.
    """
    none = np.zeros(0, dtype=np.int64)
    n_rows, k = graph.neighbors.shape
    if k == 0 or k >= n_rows - 1:
        return none, none
    last = np.where(graph.neighbors[:, -1] >= 0, graph.similarities[:, -1], -1.0).astype(np.float32)
    crowding = np.full(len(rows), -1.0, dtype=np.float32)
    np.maximum.at(crowding, document, last)
    crowded = np.flatnonzero(crowding >= min_similarity)
    if len(crowded) > _MAX_CROWD:
        crowded = np.sort(crowded[np.argsort(-crowding[crowded], kind="stable")[:_MAX_CROWD]])
    unit = np.asarray(vectors[rows[crowded]], dtype=np.float32)
    unit = unit / np.maximum(np.linalg.norm(unit, axis=1, keepdims=True), np.finfo(np.float32).tiny)
    first, second = [none], [none]
    for start in range(0, len(unit), _BLOCK):
        scores = unit[start : start + _BLOCK] @ unit.T  # (b, crowded)
        own = np.arange(len(scores))
        scores[own, own + start] = -1.0
        is_near = scores >= min_similarity
        for row in np.flatnonzero(is_near.sum(axis=1) > _MAX_NEAR).tolist():
            least = np.partition(scores[row], len(unit) - _MAX_NEAR)[len(unit) - _MAX_NEAR]
            is_near[row] = scores[row] > least
            equal = np.flatnonzero(scores[row] == least)
            is_near[row, equal[: _MAX_NEAR - int(is_near[row].sum())]] = True
        one, two = np.nonzero(is_near)
        first.append(crowded[one + start])
        second.append(crowded[two])
    return np.concatenate(first), np.concatenate(second)
