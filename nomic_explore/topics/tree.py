"""`find_topics()`: one tree over the graph, cut into nested layers."""

import itertools
from collections.abc import Sequence

import numpy as np

from nomic_explore.checks import check_positive, check_stage_input, check_texts
from nomic_explore.graph import NeighborGraph, canonical_order
from nomic_explore.projection import project
from nomic_explore.topics.merging import cut_tree
from nomic_explore.topics.naming import name_layers
from nomic_explore.topics.topics import Topics

_N_EXEMPLARS = 3
# Documents whose nearest neighbor is this much less similar than usual belong to no topic.
_ISOLATED = 6.0  # median absolute deviations
_SPACE = 5  # dimensions of the UMAP space the tree is built in
_N_NEIGHBORS = 30  # twice those of the map: with 15, four seeds of five tore a class of bbc_news apart; with 30 none


def find_topics(
    texts: Sequence[str],
    vectors: np.ndarray,
    graph: NeighborGraph,
    *,
    n_topics: int | None = None,
    n_layers: int = 3,
    seed: int = 42,
) -> Topics:
    """Returns nested topics with names.

    Ward's tree over a five-dimensional UMAP of the graph; layers are cuts of this one tree, so a child
    has one parent and more topics only split.

    Args:
        texts: n strings; they name the topics.
        vectors: (n, d).
        graph: of the same rows.
        n_topics: topics in the finest layer; None chooses by the number of documents (about 120 for 20,000).
        n_layers: layers, from coarse to fine; fewer where there are too few topics.
        seed: of the UMAP space.

    Raises:
        ValueError: texts, vectors and graph do not fit together, or a count is not positive.

    Example:
        >>> from nomic_explore import build_graph
        >>> vectors = np.eye(2)[[0, 0, 1]]
        >>> find_topics(["red cat", "red cat", "blue dog"], vectors, build_graph(vectors), n_topics=2).layers[-1].tolist()
        [0, 0, 1]
    """
    texts = check_texts(texts)
    unit = check_stage_input(texts, vectors, graph)
    check_positive(n_layers, "n_layers")
    if n_topics is not None:
        check_positive(n_topics, "n_topics")
    order = canonical_order(unit)
    ordered = unit[order]
    is_new = np.ones(len(unit), dtype=bool)
    is_new[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    document = np.empty(len(unit), dtype=np.int64)
    document[order] = np.cumsum(is_new) - 1  # identical vectors are one document
    first = order[is_new]
    sizes = _layer_sizes(len(first), n_topics, n_layers)
    space = project(unit, graph, n_components=_SPACE, n_neighbors=_N_NEIGHBORS, min_dist=0.0, seed=seed)[first]
    cuts = cut_tree(space, sizes)
    strength = _agreement(graph, cuts[-1][document])
    is_isolated = _find_isolated(graph)
    layers = [_number_by_size(labels[document], is_isolated) for labels in cuts]
    parents = [np.full(layers[0].max(initial=-1) + 1, -1, dtype=np.int32)]
    for coarse, fine in itertools.pairwise(layers):
        parent = np.full(fine.max(initial=-1) + 1, -1, dtype=np.int32)
        parent[fine[fine >= 0]] = coarse[fine >= 0]
        parents.append(parent)
    names, keywords = name_layers(texts, layers, parents)
    assignment = np.where(is_isolated, "none", np.where(strength >= 0.5, "core", "soft"))
    return Topics(
        layers=tuple(layers),
        names=names,
        keywords=keywords,
        parents=tuple(parents),
        exemplars=tuple(_find_exemplars(unit, labels, order) for labels in layers),
        assignment=assignment,
        strength=strength,
    )


def _layer_sizes(n_documents: int, n_topics: int | None, n_layers: int) -> list[int]:
    """Returns how many topics each layer has, coarse to fine; about 8, 30 and 120 for 20,000 documents."""
    finest = n_topics if n_topics is not None else round(0.85 * n_documents**0.5)
    finest = min(max(finest, 1 if n_documents < 6 else 2), n_documents, 2000 if n_topics is None else n_documents)
    coarsest = max(1, min(finest, round(finest**0.45)))
    sizes = np.geomspace(max(finest, 1), coarsest, n_layers).round().astype(int) if n_documents else [0]
    return sorted({int(size) for size in sizes})


def _number_by_size(labels: np.ndarray, is_isolated: np.ndarray) -> np.ndarray:
    """Returns the labels numbered from the largest topic on; -1 where a document is isolated, unless it is alone there."""
    sizes = np.bincount(labels)
    kept = np.bincount(labels[~is_isolated], minlength=len(sizes))
    drop = is_isolated & (kept[labels] > 0)
    counted = np.bincount(labels[~drop], minlength=len(sizes))
    number = np.empty(len(sizes), dtype=np.int32)
    number[np.argsort(-counted, kind="stable")] = np.arange(len(sizes))
    return np.where(drop, -1, number[labels]).astype(np.int32)


def _agreement(graph: NeighborGraph, labels: np.ndarray) -> np.ndarray:
    """Returns the (n,) share of each row's neighbors, weighted by similarity, that carry its label."""
    if not graph.neighbors.shape[1]:
        return np.ones(len(labels), dtype=np.float32)
    weights = np.maximum(graph.similarities, 0.0) * (graph.neighbors >= 0)
    agrees = labels[graph.neighbors] == labels[:, None]
    return ((weights * agrees).sum(axis=1) / np.maximum(weights.sum(axis=1), 1e-9)).astype(np.float32)


def _find_isolated(graph: NeighborGraph) -> np.ndarray:
    if graph.neighbors.shape[1] < 5 or len(graph) < 50:
        return np.zeros(len(graph), dtype=bool)
    nearest = graph.similarities[:, :5].mean(axis=1)
    middle = np.median(nearest)
    spread = np.median(np.abs(nearest - middle))
    limit = min(middle - _ISOLATED * max(spread, 1e-3), float(np.quantile(nearest, 0.02)))
    return nearest < limit


def _find_exemplars(unit: np.ndarray, labels: np.ndarray, order: np.ndarray) -> list[list[int]]:
    """Returns for each topic the rows nearest to its centre, one of identical ones."""
    found = []
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    for topic in range(labels.max(initial=-1) + 1):
        rows = np.flatnonzero(labels == topic)
        similarity = unit[rows] @ unit[rows].mean(axis=0)
        best = rows[np.lexsort((rank[rows], -similarity.round(5)))]
        chosen: list[int] = []
        for row in best[:50].tolist():
            if len(chosen) < _N_EXEMPLARS and not any(np.array_equal(unit[row], unit[other]) for other in chosen):
                chosen.append(row)
        found.append(chosen)
    return found
