"""Stability of topics: how well each one is found again in samples of the documents."""

from collections.abc import Sequence

import numpy as np

from nomic_explore.graph import NeighborGraph
from nomic_explore.topics.hierarchy import cut_tree, grow_tree
from nomic_explore.topics.smoothing import smooth

_N_SAMPLES = 5
_SHARE = 0.8  # of the documents in each sample


def measure_confidence(
    unit: np.ndarray,
    graph: NeighborGraph,
    first: np.ndarray,
    inverse: np.ndarray,
    layers: Sequence[np.ndarray],
    *,
    seed: int,
) -> list[np.ndarray]:
    """Returns the stability of each topic, 0 to 1: its mean Jaccard similarity to the most similar topic of a sample.

    As in Hennig 2007, "Cluster-wise assessment of cluster stability": above 0.75 a topic is stable, below 0.5 it is not.

    Args:
        unit: (n, d) vectors of the rows.
        graph: of the rows.
        first: (m,) the row that represents each distinct document, in canonical order.
        inverse: (n,) the distinct document that each row holds.
        layers: the topics, each (n,).
        seed: of the samples.

    Returns:
        For each layer (t,) float32.

    Example:
        >>> from nomic_explore import build_graph
        >>> unit, both = np.eye(2, dtype=np.float32), np.arange(2)
        >>> measure_confidence(unit, build_graph(unit), both, both, [np.zeros(2, dtype=np.int32)], seed=0)[0].tolist()
        [1.0]
    """
    random = np.random.default_rng(seed)
    sums = [np.zeros(int(labels.max(initial=-1)) + 1) for labels in layers]
    for _ in range(_N_SAMPLES):
        is_drawn = random.random(len(first)) < _SHARE
        if not is_drawn.any():
            is_drawn[0] = True
        number = np.cumsum(is_drawn) - 1
        rows = first[is_drawn]
        kept = NeighborGraph(
            np.where((graph.neighbors >= 0) & is_drawn[inverse[graph.neighbors]], graph.neighbors, -1),
            graph.similarities,
            graph.recall,
            graph.is_exact,
        )
        merges, _ = grow_tree(smooth(unit, kept, rows, np.where(is_drawn[inverse], number[inverse], 0)))
        for labels, total in zip(layers, sums, strict=True):
            groups = cut_tree(merges, max(1, min(len(total), len(rows))))
            total += _best_overlap(labels[rows], groups, len(total))
    return [(total / _N_SAMPLES).astype(np.float32) for total in sums]


def _best_overlap(labels: np.ndarray, groups: np.ndarray, n_topics: int) -> np.ndarray:
    """Returns for each topic (t,) the highest Jaccard similarity to a group of a sample."""
    from scipy.sparse import csr_matrix

    has_topic = labels >= 0
    shape = (n_topics, int(groups.max(initial=0)) + 1)
    both = csr_matrix((np.ones(int(has_topic.sum())), (labels[has_topic], groups[has_topic])), shape=shape).tocoo()
    sizes = np.bincount(labels[has_topic], minlength=n_topics)
    jaccard = both.data / (sizes[both.row] + np.bincount(groups, minlength=shape[1])[both.col] - both.data)
    best = np.zeros(n_topics)
    np.maximum.at(best, both.row, jaccard)
    return best
