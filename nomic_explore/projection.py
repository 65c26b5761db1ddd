"""Positions of documents by UMAP, principal components or a method of the caller, and their quality."""

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from nomic_explore.arrays import principal_components
from nomic_explore.checks import check_fraction, check_positive
from nomic_explore.graph import NeighborGraph, check_stage_input, distinct_vectors
from nomic_explore.numba_cache import prepare_numba
from nomic_explore.vectors import to_matrix

if TYPE_CHECKING:
    from scipy.sparse import coo_matrix

# What lays out the documents: "umap", "pca", or a function of the distinct vectors (m, d) that returns positions (m, c).
Projection: TypeAlias = str | Callable[[np.ndarray], object]

_METHODS = ("umap", "pca")
_N_NEIGHBORS = 15  # umap-learn's own defaults
_MIN_DIST = 0.1
_MIN_DOCUMENTS = 12  # below, UMAP has too few neighbors to be of use: principal components are drawn instead
_N_SAMPLED = 1000
_BLOCK = 65_536  # rows whose weights are computed at a time


def project(
    vectors: object,
    graph: NeighborGraph,
    *,
    method: Projection = "umap",
    n_components: int = 2,
    n_neighbors: int | None = None,
    min_dist: float | None = None,
    seed: int = 42,
) -> np.ndarray:
    """Returns a position for each document, close to those of similar documents.

    UMAP (McInnes et al. 2018) on the given graph, started from the principal components. Identical vectors share a
    position. Fewer than 12 distinct vectors are placed by their principal components instead.

    There is no `metric`: similarity is the cosine everywhere. Vectors are scaled to unit length once, and between unit vectors
    the Euclidean distance, which other methods use, ranks neighbors in the same order.

    Args:
        vectors: (n, d), of any kind that `build_graph` reads.
        graph: of the same rows, from `build_graph`.
        method: "umap"; "pca" for the principal components, which are fast and keep large distances; or a function such as
            `sklearn.manifold.TSNE().fit_transform`. It gets the distinct vectors (m, d), float32 of unit length, in an order
            that does not depend on that of the rows, and returns their positions (m, n_components).
        n_components: coordinates of each position.
        n_neighbors: of UMAP: how many documents count as near, with the document itself; fewer show finer detail, more the
            larger shape. The graph must have one less for each document. None is 15, or what the graph has.
        min_dist: of UMAP: how close points may lie, 0 to 1; 0 packs clusters densely. None is 0.1.
        seed: of UMAP's layout; the same seed and vectors give the same positions, in whatever order the rows come.

    Returns:
        (n, n_components) float32, finite, with mean zero.

    Raises:
        TypeError: vectors are no numbers, or `method` returns none.
        ValueError: vectors and graph do not fit together, an option cannot be used or has no effect, or `method` returns another
            shape or a value that is not finite.

    Example:
        >>> from nomic_explore import build_graph
        >>> vectors = np.eye(3)
        >>> project(vectors, build_graph(vectors)).shape
        (3, 2)
        >>> project(vectors, build_graph(vectors), method=lambda vectors: vectors[:, :2] * 3).round(1).tolist()
        [[2.0, -1.0], [-1.0, 2.0], [-1.0, -1.0]]
    """
    unit = check_stage_input(None, vectors, graph)
    check_positive(n_components, "n_components")
    check_projection(method, n_neighbors=n_neighbors, min_dist=min_dist)
    if n_neighbors is not None and graph.neighbors.shape[1] < min(n_neighbors, len(unit)) - 1:
        raise ValueError(
            f"n_neighbors={n_neighbors}, with the document itself; the graph lists {graph.neighbors.shape[1]} neighbors of each. "
            f"Pass build_graph(vectors, n_neighbors={n_neighbors - 1})."
        )
    first, inverse = distinct_vectors(unit)  # identical vectors are one document, in one place
    if callable(method):
        places = _call(method, unit[first], n_components) if len(first) else np.zeros((0, n_components), np.float32)
    else:
        places = principal_components(unit, n_components, rows=first)
    n_near = _N_NEIGHBORS if n_neighbors is None else n_neighbors
    if method == "umap" and len(first) >= _MIN_DOCUMENTS and n_near > 2:
        neighbors, similarities = between_documents(graph, first, inverse, n_near - 1)
        edges = weigh_edges(neighbors, similarities)
        places = _run_umap(edges, places, _MIN_DIST if min_dist is None else min_dist, seed)
    placed = places[inverse]
    in_order = placed[np.argsort(inverse, kind="stable")]
    return placed - in_order.mean(axis=0) if len(placed) else placed  # a sum's rounding depends on its order


def check_projection(
    method: Projection, *, n_neighbors: int | None = None, min_dist: float | None = None, name: str = "method"
) -> None:
    """Raises an error unless there is such a method and the options of UMAP, where given, have an effect.

    Args:
        method: see `project`.
        n_neighbors: None if it was not given.
        min_dist: None if it was not given.
        name: what the caller calls the method, for the messages.

    Raises:
        TypeError: an object came that is to be called by one of its methods.
        ValueError: there is no such method, or an option lies outside its range or has no effect.

    Example:
        >>> check_projection("pca", min_dist=0.3)
        Traceback (most recent call last):
        ...
        ValueError: min_dist=0.3 has no effect with method='pca'; only 'umap' has it. Leave it out.
    """
    if not callable(method) and hasattr(method, "fit_transform"):
        raise TypeError(f"{name} is {method!r:.60}; expected a function. Pass its method fit_transform.")
    if not callable(method) and method not in _METHODS:
        raise ValueError(
            f"{name}={method!r:.60}; expected 'umap', 'pca', or a function of vectors (n, d) that returns positions (n, 2), "
            "such as sklearn.manifold.TSNE().fit_transform."
        )
    for option, value in (("n_neighbors", n_neighbors), ("min_dist", min_dist)):
        if value is not None and method != "umap":
            shown = "a function" if callable(method) else f"{method!r}"
            raise ValueError(f"{option}={value!r} has no effect with {name}={shown}; only 'umap' has it. Leave it out.")
    if n_neighbors is not None:
        check_positive(n_neighbors, "n_neighbors", at_least=2)
    if min_dist is not None:
        check_fraction(min_dist, "min_dist")


def _call(method: Callable[[np.ndarray], object], vectors: np.ndarray, n_components: int) -> np.ndarray:
    """Returns the positions (m, c) that a method of the caller gives to distinct vectors, checked."""
    places, has_place = to_matrix(method(vectors), "the result of method")
    expected = (len(vectors), n_components)
    if places.shape != expected:
        raise ValueError(
            f"method returned shape {places.shape} for {len(vectors)} distinct vectors; expected {expected}: "
            "a position for each, in their order."
        )
    unplaced = np.flatnonzero(~(np.isfinite(places).all(axis=1) & has_place))
    if len(unplaced):
        raise ValueError(
            f"method returned {places[unplaced[0]].tolist()} for vector {unplaced[0]} of {len(vectors)}; expected finite numbers."
        )
    return np.asarray(places, dtype=np.float32)


def neighbor_preservation(
    graph: NeighborGraph, positions: np.ndarray, n_neighbors: int = 15, *, seed: int = 42
) -> float:
    """Returns the share of a document's nearest neighbors that are also its nearest on the map, 0 to 1, on average.

    Args:
        graph: of n documents.
        positions: (n, c), from `project`.
        n_neighbors: how many nearest neighbors are compared.
        seed: of the sample of 1,000 documents on which it is measured, if there are more.

    Example:
        >>> from nomic_explore import build_graph
        >>> vectors = np.array([[1.0, 0.0], [0.9, 0.1], [0.1, 0.9], [0.0, 1.0]])
        >>> neighbor_preservation(build_graph(vectors, 1), vectors, 1)
        1.0
    """
    from scipy.spatial import cKDTree

    k = min(n_neighbors, graph.neighbors.shape[1])
    if k == 0:
        return 1.0
    rows = np.sort(np.random.default_rng(seed).permutation(len(positions))[:_N_SAMPLED])
    _, near = cKDTree(positions).query(positions[rows], k=k + 1)
    return float(np.mean([np.isin(graph.neighbors[row, :k], near[at]).mean() for at, row in enumerate(rows)]))


def between_documents(
    graph: NeighborGraph, first: np.ndarray, inverse: np.ndarray, k: int
) -> tuple[np.ndarray, np.ndarray]:
    """Returns the neighbors (m, k) among the m distinct documents, -1 where there are too few, and the similarities.

    Args:
        graph: of n rows.
        first: (m,) the row that represents each distinct document.
        inverse: (n,) the distinct document that each row holds.
        k: how many neighbors at most.

    Example:
        >>> from nomic_explore import build_graph
        >>> graph = build_graph(np.array([[1.0, 0.0], [1.0, 0.0], [0.6, 0.8]]))
        >>> between_documents(graph, np.array([0, 2]), np.array([0, 0, 1]), 1)[0].tolist()
        [[1], [0]]
    """
    neighbors = np.where(graph.neighbors[first] >= 0, inverse[graph.neighbors[first]], -1)
    similarities = graph.similarities[first]
    if len(first) < len(inverse):
        neighbors[neighbors == np.arange(len(first))[:, None]] = -1
        for column in range(1, neighbors.shape[1]):
            is_repeat = (neighbors[:, :column] == neighbors[:, column : column + 1]).any(axis=1)
            neighbors[is_repeat, column] = -1
        nearest = np.argsort(neighbors < 0, axis=1, kind="stable")
        neighbors = np.take_along_axis(neighbors, nearest, axis=1)
        similarities = np.take_along_axis(similarities, nearest, axis=1)
    return neighbors[:, :k], similarities[:, :k]


def weigh_edges(neighbors: np.ndarray, similarities: np.ndarray) -> "coo_matrix":
    """Returns the weight of the edge between each two of m documents, 0 to 1: the fuzzy set of UMAP's section 3.1.

    The same as umap's `fuzzy_simplicial_set`, without the five seconds that numba needs to compile that.

    Args:
        neighbors: (m, k), -1 for none.
        similarities: (m, k), cosine.

    Returns:
        (m, m), symmetric.

    Example:
        >>> weigh_edges(np.array([[1], [0]]), np.array([[0.9], [0.9]])).toarray().tolist()
        [[0.0, 1.0], [1.0, 0.0]]
    """
    from scipy.sparse import csr_matrix

    m = len(neighbors)
    is_edge = neighbors >= 0
    weights = np.empty(neighbors.shape, dtype=np.float32)
    for start in range(0, m, _BLOCK):
        rows = slice(start, start + _BLOCK)
        weights[rows] = _membership(similarities[rows], is_edge[rows])
    starts = np.concatenate([[0], np.cumsum(is_edge.sum(axis=1))])
    directed = csr_matrix((weights[is_edge], neighbors[is_edge].astype(np.int32), starts), shape=(m, m))
    return (directed + directed.T - directed.multiply(directed.T)).tocoo()


def _membership(similarities: np.ndarray, is_edge: np.ndarray) -> np.ndarray:
    """Returns (m, k) float64: the weight of the edge from each row to each neighbor, 0 to 1."""
    distances = np.where(is_edge, np.maximum(0.0, 1.0 - similarities.astype(np.float64)), np.inf)
    m, k = distances.shape
    nearest = np.where(distances > 0, distances, np.inf).min(axis=1, initial=np.inf)
    gaps = np.maximum(distances - np.where(np.isfinite(nearest), nearest, 0.0)[:, None], 0.0)
    least, most, width = np.zeros(m), np.full(m, np.inf), np.ones(m)
    for _ in range(40):  # bisection; 40 halvings are past float32
        is_wide = np.exp(-gaps / width[:, None]).sum(axis=1) > np.log2(k + 1)
        least, most = np.where(is_wide, least, width), np.where(is_wide, width, most)
        width = np.where(np.isinf(most), 2 * width, (least + most) / 2)
    average = np.where(is_edge, distances, 0.0).sum(axis=1) / np.maximum(is_edge.sum(axis=1), 1)
    width = np.maximum(width, 1e-3 * np.maximum(average, 1e-6))  # umap's floor for rows of near equals
    return np.exp(-gaps / width[:, None])


def _run_umap(joined: "coo_matrix", start: np.ndarray, min_dist: float, seed: int) -> np.ndarray:
    """Returns the (m, n_components) layout of a weighted graph whose rows are in canonical order."""
    prepare_numba()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # umap 0.5 announces on import that it goes without tensorflow
        from umap.layouts import optimize_layout_euclidean
        from umap.umap_ import find_ab_params

    m, random = len(start), np.random.RandomState(seed)
    n_epochs = 300 if m <= 10_000 else 200
    if start.shape[1] > 2:
        n_epochs //= 2  # with room to move, points are settled in half the time
    is_felt = joined.data >= joined.data.max(initial=0.0) / n_epochs
    weights = joined.data[is_felt]
    spread = np.maximum(start.max(axis=0) - start.min(axis=0), 1e-9)
    places = 10 * (start - start.min(axis=0)) / spread + random.normal(scale=1e-4, size=start.shape)
    a, b = find_ab_params(1.0, min_dist)
    places = np.ascontiguousarray(places, dtype=np.float32)
    laid = optimize_layout_euclidean(
        places,
        places,
        joined.row[is_felt].astype(np.int32),
        joined.col[is_felt].astype(np.int32),
        n_epochs,
        m,
        weights.max(initial=1e-9) / weights,
        a,
        b,
        random.randint(-(2**31) + 1, 2**31 - 2, 3).astype(np.int64),
        move_other=True,
    )
    return np.asarray(laid, dtype=np.float32)
