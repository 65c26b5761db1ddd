"""The space in which topics are found: vectors smoothed along the neighbor graph."""

import numpy as np

from nomic_explore.graph import NeighborGraph
from nomic_explore.projection import between_documents, weigh_edges

# Measured on four labelled corpora (benchmarks/README.md): 24 to 40 axes and 12 to 20 steps differ by a hundredth.
_N_AXES = 30
_N_STEPS = 16
_BLOCK = 65_536  # rows whose vectors are copied at a time
_MIN_DOCUMENTS = 12  # below, neighbors add nothing to the vectors


def smooth(unit: np.ndarray, graph: NeighborGraph, first: np.ndarray, inverse: np.ndarray) -> np.ndarray:
    """Returns a smoothed unit vector for each distinct document, between its own vector and those of its neighbors.

    In each of 16 steps a document moves halfway to the mean of its neighbors, weighted as UMAP weighs them: this removes
    what is particular to single documents and keeps what dense regions have in common (Zhang et al. 2019, "Attributed
    graph clustering via adaptive graph convolution"). Nothing in it is random.

    Args:
        unit: (n, d) vectors of the rows.
        graph: of the rows.
        first: (m,) the row that represents each distinct document, in canonical order.
        inverse: (n,) the distinct document that each row holds.

    Returns:
        (m, 30) float32, or fewer columns.

    Example:
        >>> from nomic_explore import build_graph
        >>> unit = np.eye(3, dtype=np.float32)
        >>> smooth(unit, build_graph(unit), np.arange(3), np.arange(3)).shape
        (3, 2)
    """
    from scipy.sparse import diags

    smoothed = _principal_components(unit, first)
    if len(first) >= _MIN_DOCUMENTS and graph.neighbors.shape[1] > 1:
        weights = weigh_edges(*between_documents(graph, first, inverse, graph.neighbors.shape[1])).tocsr()
        degree = np.asarray(weights.sum(axis=1)).ravel()
        step = (diags((0.5 / np.maximum(degree, 1e-9)).astype(np.float32)) @ weights).tocsr()
        stay = np.where(degree > 0, 0.5, 1.0).astype(np.float32)[:, None]
        for _ in range(_N_STEPS):
            smoothed = stay * smoothed + step @ smoothed
    return smoothed / np.maximum(np.linalg.norm(smoothed, axis=1, keepdims=True), 1e-12)


def _principal_components(unit: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Returns (m, 30) float32: distinct documents, centered, on their principal axes.

    Unlike `arrays.principal_components` it subtracts the mean from the products instead of from the vectors, and leaves
    the signs of the axes open: topics are the same to the last bit only if both stay as they are.
    """
    width = unit.shape[1]
    total, products = np.zeros(width), np.zeros((width, width))
    blocks = [first[start : start + _BLOCK] for start in range(0, len(first), _BLOCK)]
    for rows in blocks:
        block = unit[rows]
        total += block.sum(axis=0, dtype=np.float64)
        products += block.T @ block
    mean = total / max(1, len(first))
    values, axes = np.linalg.eigh(products - len(first) * np.outer(mean, mean))
    order = np.argsort(-values, kind="stable")[: min(_N_AXES, max(1, len(first) - 1))]
    kept = axes[:, order]
    placed = np.empty((len(first), kept.shape[1]), dtype=np.float32)
    for start, rows in zip(range(0, len(first), _BLOCK), blocks, strict=True):
        placed[start : start + len(rows)] = unit[rows] @ kept - mean @ kept
    return placed
