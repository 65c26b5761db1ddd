"""How well groups of texts agree with their labels: k-means at the number of labels, and this package's own topics."""

import warnings
from collections.abc import Sequence

import numpy as np

from nomic_explore.evaluation.task_measures import Measure
from nomic_explore.graph import build_graph
from nomic_explore.topics import find_topics

_N_RUNS = 3  # one start of k-means differs from the next by several hundredths of AMI


def kmeans_groups(vectors: np.ndarray, n_groups: int, seed: int) -> list[np.ndarray]:
    """Returns the groups that k-means finds from three different starts, each (n,) int32.

    Args:
        vectors: (n, d) float32, unit length.
        n_groups: how many are asked for; fewer come where there are fewer distinct vectors.
        seed: of the first start; the others follow it.

    Example:
        >>> [len(set(groups.tolist())) for groups in kmeans_groups(np.eye(4), 2, seed=42)]
        [2, 2, 2]
    """
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # fewer distinct vectors than groups: said above
        return [
            KMeans(min(n_groups, len(vectors)), n_init=1, random_state=seed + run).fit_predict(vectors)
            for run in range(_N_RUNS)
        ]


def topic_groups(texts: Sequence[str], vectors: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Returns the layer of topics that agrees best with the labels, (n,) int32; -1 where a text has no topic.

    `find_topics` chooses the numbers of topics itself, three layers of them; benchmarks/topics.py reads them the same way.

    Args:
        texts: n strings.
        vectors: (n, d) float32, unit length.
        labels: (n,) int64.

    Example:
        >>> labels = np.array([0, 0, 0, 1, 1, 1])
        >>> vectors = np.eye(8)[labels] + 0.1 * np.eye(8)[2:]
        >>> groups = topic_groups(["red cat"] * 3 + ["blue dog"] * 3, vectors, labels)
        >>> len(set(zip(groups.tolist(), labels.tolist(), strict=True)))
        2
    """
    from sklearn.metrics import adjusted_mutual_info_score

    layers = find_topics(texts, vectors, build_graph(vectors)).layers
    return max(layers, key=lambda layer: adjusted_mutual_info_score(labels, layer))


def agreement_measure(labels: np.ndarray, runs: Sequence[np.ndarray]) -> Measure:
    """Returns the measure of how far groups agree with labels: AMI and V-measure, means over several runs.

    Both are 1 for equal groups. Adjusted mutual information is 0 for groups made by chance, whatever their number; the V-measure
    is not, and rises with the number of groups. What chance would give is computed once, for the labels and groups of all
    rows: it depends on the sizes of the groups alone, which differ little between samples.

    Args:
        labels: (n,) int64 from 0.
        runs: groups (n,) of any numbers, from one or several runs.

    Example:
        >>> agreement_measure(np.array([0, 0, 1, 1]), [np.array([5, 5, 3, 3])])(np.ones(4, dtype=int))
        {'AMI': 1.0, 'V-measure': 1.0}
    """
    from sklearn.metrics.cluster import contingency_matrix, expected_mutual_information

    tables = []
    for groups in runs:
        numbers = np.unique(groups, return_inverse=True)[1]
        chance = expected_mutual_information(contingency_matrix(labels, numbers, sparse=True), len(labels))
        tables.append((numbers, labels * (numbers.max() + 1) + numbers, chance))

    def measure(counts: np.ndarray) -> dict[str, float]:
        of_labels = _entropy(np.bincount(labels, weights=counts))
        adjusted, v_measures = [], []
        for numbers, cells, chance in tables:
            of_groups = _entropy(np.bincount(numbers, weights=counts))
            mutual = of_labels + of_groups - _entropy(np.bincount(cells, weights=counts))
            mean = (of_labels + of_groups) / 2
            adjusted.append((mutual - chance) / max(mean - chance, np.finfo(np.float64).eps))
            v_measures.append(mutual / mean if mean else 1.0)
        return {"AMI": float(np.mean(adjusted)), "V-measure": float(np.mean(v_measures))}

    return measure


def _entropy(weights: np.ndarray) -> float:
    """Returns the entropy, in nats, of a distribution given by weights of any sum."""
    shares = weights[weights > 0] / weights.sum()
    return float(-(shares * np.log(shares)).sum())
