"""The neighbor graph laid flat with UMAP, and how far the picture can be trusted."""

import warnings

import numpy as np

from nomic_explore.checks import check_positive, check_stage_input
from nomic_explore.graph import NeighborGraph, canonical_order

_MIN_DOCUMENTS = 12  # below, UMAP has too few neighbors to say anything: principal components are drawn instead
_N_SAMPLED = 1000


def project(
    vectors: np.ndarray,
    graph: NeighborGraph,
    *,
    n_components: int = 2,
    n_neighbors: int = 15,
    min_dist: float = 0.1,
    seed: int = 42,
) -> np.ndarray:
    """Returns a place for each document, near those it is similar to.

    UMAP (McInnes et al. 2018) on the given graph, started from the principal components. Identical vectors share a place. Fewer
    than 12 distinct vectors are placed by their principal components instead.

    Args:
        vectors: (n, d).
        graph: of the same rows, from `build_graph`.
        n_components: coordinates a document.
        n_neighbors: how many neighbors of the graph are used.
        min_dist: how close points may lie.
        seed: of the layout; the same seed and vectors give the same places, in whatever order the rows come.

    Returns:
        (n, n_components) float32, finite, centred.

    Raises:
        ValueError: vectors and graph do not fit together.

    Example:
        >>> from nomic_explore import build_graph
        >>> vectors = np.eye(3)
        >>> project(vectors, build_graph(vectors)).shape
        (3, 2)
    """
    unit = check_stage_input(None, vectors, graph)
    check_positive(n_components, "n_components")
    order = canonical_order(unit)
    ordered = unit[order]
    is_new = np.ones(len(unit), dtype=bool)
    is_new[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    start = _principal_components(ordered, n_components)
    k = min(n_neighbors - 1, graph.neighbors.shape[1])
    if is_new.sum() < _MIN_DOCUMENTS or k < 2:
        laid = start
    else:
        rank = np.empty(len(order), dtype=np.int64)
        rank[order] = np.arange(len(order))
        laid = _run_umap(
            ordered, rank[graph.neighbors[order, :k]], graph.similarities[order, :k], start, min_dist, seed
        )
    laid = laid[np.maximum.accumulate(np.where(is_new, np.arange(len(laid)), 0))]  # identical vectors, one place
    placed = np.empty_like(laid)
    placed[order] = laid - (laid.mean(axis=0) if len(laid) else 0)
    return placed


def neighbor_preservation(
    graph: NeighborGraph, positions: np.ndarray, n_neighbors: int = 15, *, seed: int = 42
) -> float:
    """Returns the share of each document's nearest neighbors that are among its nearest on the map too, 0 to 1.

    Measured on up to 1,000 documents.
    """
    from scipy.spatial import cKDTree

    k = min(n_neighbors, graph.neighbors.shape[1])
    if k == 0:
        return 1.0
    rows = np.sort(np.random.default_rng(seed).permutation(len(positions))[:_N_SAMPLED])
    _, near = cKDTree(positions).query(positions[rows], k=k + 1)
    return float(np.mean([np.isin(graph.neighbors[row, :k], near[at]).mean() for at, row in enumerate(rows)]))


def _principal_components(unit: np.ndarray, n_components: int) -> np.ndarray:
    """Returns (n, n_components) float32 with a fixed sign, zeros where there are not as many components."""
    laid = np.zeros((len(unit), n_components), dtype=np.float32)
    if len(unit) < 2:
        return laid
    centred = unit - unit.mean(axis=0)
    _, vectors = np.linalg.eigh((centred.T @ centred).astype(np.float64))
    axes = vectors[:, ::-1][:, :n_components]
    axes = axes * np.where(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])] < 0, -1.0, 1.0)
    laid[:, : axes.shape[1]] = centred @ axes
    return laid


def _run_umap(
    unit: np.ndarray, neighbors: np.ndarray, similarities: np.ndarray, start: np.ndarray, min_dist: float, seed: int
) -> np.ndarray:
    """Returns the layout of a graph whose rows are in canonical order."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # numba and umap announce their own choices on import
        from umap.umap_ import find_ab_params, fuzzy_simplicial_set, simplicial_set_embedding

    n, random = len(unit), np.random.RandomState(seed)
    # UMAP wants each row itself as the first neighbor, and may write into what it is given.
    indices = np.hstack([np.arange(n)[:, None], neighbors]).astype(np.int32)
    distances = np.hstack([np.zeros((n, 1)), np.maximum(0.0, 1.0 - similarities)]).astype(np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        strengths, _, _ = fuzzy_simplicial_set(
            unit, indices.shape[1], random, "cosine", knn_indices=indices, knn_dists=distances
        )
        a, b = find_ab_params(1.0, min_dist)
        scale = 10.0 / max(float(np.abs(start).max()), 1e-9)
        noise = random.normal(scale=1e-4, size=start.shape)
        laid, _ = simplicial_set_embedding(
            unit,
            strengths,
            n_components=start.shape[1],
            initial_alpha=1.0,
            a=a,
            b=b,
            gamma=1.0,
            negative_sample_rate=5,
            n_epochs=300 if n <= 10_000 else 200,
            init=(start * scale + noise).astype(np.float32),
            random_state=random,
            metric="euclidean",
            metric_kwds={},
            densmap=False,
            densmap_kwds={},
            output_dens=False,
            parallel=False,
        )
    return np.asarray(laid, dtype=np.float32)
