"""From vectors to numbers: what is measured on each kind of task, over all its rows or over a sample of them.

Each function returns a function of counts: how often each query, pair or text stands in a sample, (n,) int64. Counts of one are
the task itself; `bootstrap` draws others, with replacement, so that a confidence interval costs no more than weighing rows anew.
"""

import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

import numpy as np

# From how often each of n rows counts, (n,) int64, to the value of each metric.
Measure: TypeAlias = Callable[[np.ndarray], dict[str, float]]

N_RANKS = 10  # how far down a ranking is read
_BLOCK = 256  # queries whose similarities to all documents are in memory at a time


def bootstrap(measure: Measure, n: int, n_bootstrap: int, seed: int) -> dict[str, tuple[float, float, float]]:
    """Returns the value of each metric and the 95 % percentile interval of its values over samples of the rows.

    Args:
        measure: the metrics of n rows, by how often each row counts.
        n: rows.
        n_bootstrap: samples of n rows, drawn with replacement; 0 leaves the interval out.
        seed: the same one draws the same samples for each model, whose values can then be compared sample by sample.

    Returns:
        value, low and high of each metric; low and high are NaN without samples.

    Example:
        >>> share = lambda counts: {"share": float(counts @ [0, 0, 1, 1] / counts.sum())}
        >>> bootstrap(share, 4, 200, 42)
        {'share': (0.5, 0.0, 1.0)}
    """
    values = measure(np.ones(n, dtype=np.int64))
    samples = [list(measure(counts).values()) for counts in _draw(n, n_bootstrap, seed)]
    limits = np.full((2, len(values)), np.nan)
    if samples:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "All-NaN", RuntimeWarning)  # no sample held both kinds of pairs
            limits = np.nanpercentile(samples, (2.5, 97.5), axis=0)
    return {
        name: (value, float(low), float(high)) for (name, value), low, high in zip(values.items(), *limits, strict=True)
    }


def _draw(n: int, n_samples: int, seed: int) -> Iterator[np.ndarray]:
    """Yields how often each of n rows stands in a sample of n rows drawn with replacement, (n,) int64."""
    random = np.random.default_rng(seed)
    for _ in range(n_samples):
        yield np.bincount(random.integers(0, n, size=n), minlength=n)


def find_top(queries: np.ndarray, documents: np.ndarray, seed: int = 42) -> np.ndarray:
    """Returns the rows of the most similar documents of each query, most similar first.

    Documents that are equally similar stand in random order: one that stands first in the table, as right answers often do,
    gains nothing from it.

    Args:
        queries: (q, d) float32, unit length.
        documents: (m, d) float32, unit length.
        seed: of the order of equals.

    Returns:
        (q, min(m, 10)) int64.

    Example:
        >>> find_top(np.eye(3)[:1], np.eye(3)[[2, 0]]).tolist()
        [[1, 0]]
    """
    order = np.random.default_rng(seed).permutation(len(documents))
    shuffled = documents[order]
    blocks = [
        _top_of_rows(queries[start : start + _BLOCK] @ shuffled.T, N_RANKS) for start in range(0, len(queries), _BLOCK)
    ]
    top: np.ndarray = order[np.concatenate(blocks)]
    return top


def _top_of_rows(similarities: np.ndarray, n: int) -> np.ndarray:
    """Returns the places of the n greatest of each row, greatest first, of equals the first; (q, n) int64."""
    n = min(n, similarities.shape[1])
    found = np.sort(np.argpartition(-similarities, n - 1, axis=1)[:, :n], axis=1)
    ranking = np.argsort(-np.take_along_axis(similarities, found, axis=1), axis=1, kind="stable")
    return np.take_along_axis(found, ranking, axis=1)


def measure_ranking(top: Sequence[np.ndarray], grades: Sequence[dict[int, float]]) -> dict[str, np.ndarray]:
    """Returns recall@1, recall@10, nDCG@10 and MRR@10 of each query.

    recall@k is the share of a query's right documents that are among the first k; nDCG weighs a document of grade g on rank r by
    g / log2(r + 1), over the best that is possible; MRR is 1 / r of the first right document.

    Args:
        top: for each query the rows of documents, most similar first; ten, or all if there are fewer.
        grades: for each query the grades above 0 of its right documents, by row.

    Returns:
        (q,) float64, 0 to 1, by metric.

    Example:
        >>> values = measure_ranking([np.array([4, 2, 7])], [{2: 1.0}])
        >>> {metric: float(value[0].round(3)) for metric, value in values.items()}
        {'recall@1': 0.0, 'recall@10': 1.0, 'nDCG@10': 0.631, 'MRR@10': 0.5}
    """
    gains, ideal = np.zeros((len(grades), N_RANKS)), np.zeros((len(grades), N_RANKS))
    for query, (rows, graded) in enumerate(zip(top, grades, strict=True)):
        gains[query, : len(rows)] = [graded.get(row, 0.0) for row in rows.tolist()]
        best = sorted(graded.values(), reverse=True)[:N_RANKS]
        ideal[query, : len(best)] = best
    discounts = 1 / np.log2(np.arange(2, N_RANKS + 2))
    is_right = gains > 0
    n_right = np.array([len(graded) for graded in grades])
    return {
        "recall@1": is_right[:, 0] / n_right,
        "recall@10": is_right.sum(axis=1) / n_right,
        "nDCG@10": (gains @ discounts) / (ideal @ discounts),
        "MRR@10": np.where(is_right.any(axis=1), 1 / (is_right.argmax(axis=1) + 1), 0.0),
    }


def measure_candidates(
    queries: np.ndarray, candidates: Sequence[np.ndarray], grades: Sequence[dict[int, float]], seed: int = 42
) -> dict[str, np.ndarray]:
    """Returns the average precision (MAP once averaged), nDCG@10 and MRR@10 of each query over its own candidates.

    Args:
        queries: (q, d) float32, unit length.
        candidates: for each query (c, d) float32, unit length.
        grades: for each query the grades of its right candidates, by their numbers.
        seed: of the order of candidates that are equally similar.

    Example:
        >>> values = measure_candidates(np.eye(2)[:1], [np.eye(2)], [{1: 1.0}])
        >>> {metric: float(value[0].round(3)) for metric, value in values.items()}
        {'MAP': 0.5, 'nDCG@10': 0.631, 'MRR@10': 0.5}
    """
    from sklearn.metrics import average_precision_score

    top, precision = [], []
    for query, own, graded in zip(queries, candidates, grades, strict=True):
        top.append(find_top(query[None], own, seed)[0])
        is_right = np.isin(np.arange(len(own)), list(graded))
        precision.append(average_precision_score(is_right, own @ query))
    ranking = measure_ranking(top, grades)
    return {"MAP": np.array(precision), "nDCG@10": ranking["nDCG@10"], "MRR@10": ranking["MRR@10"]}


def means_of(values: dict[str, np.ndarray]) -> Measure:
    """Returns the measure of metrics that are means over rows, from their values (n,) in each row.

    Example:
        >>> means_of({"recall@1": np.array([1.0, 0.0])})(np.array([2, 0]))
        {'recall@1': 1.0}
    """
    return lambda counts: {name: float(counts @ of_rows / counts.sum()) for name, of_rows in values.items()}


def pair_measure(similarities: np.ndarray, is_same: np.ndarray) -> Measure:
    """Returns the measure of how well similarity tells pairs that are the same: average precision and ROC AUC.

    Args:
        similarities: (n,) cosines.
        is_same: (n,) bool.

    Example:
        >>> pair_measure(np.array([0.9, 0.2]), np.array([True, False]))(np.array([1, 1]))
        {'average precision': 1.0, 'ROC AUC': 1.0}
    """
    from sklearn.metrics import average_precision_score, roc_auc_score

    def measure(counts: np.ndarray) -> dict[str, float]:
        if not 0 < counts[is_same].sum() < counts.sum():  # a small sample may hold one kind only
            return {"average precision": np.nan, "ROC AUC": np.nan}
        return {
            "average precision": float(average_precision_score(is_same, similarities, sample_weight=counts)),
            "ROC AUC": float(roc_auc_score(is_same, similarities, sample_weight=counts)),
        }

    return measure


def order_measure(similarities: np.ndarray, scores: np.ndarray) -> Measure:
    """Returns the measure of how far similarities are in the order of people's scores: Spearman's correlation, -1 to 1.

    Args:
        similarities: (n,) cosines.
        scores: (n,) float64.

    Example:
        >>> order_measure(np.array([0.9, 0.2, 0.5]), np.array([5.0, 1.0, 2.0]))(np.array([1, 1, 1]))
        {'Spearman': 1.0}
    """
    from scipy.stats import spearmanr

    def measure(counts: np.ndarray) -> dict[str, float]:
        cosines, asked = np.repeat(similarities, counts), np.repeat(scores, counts)
        if np.ptp(asked) == 0:  # a small sample may hold no two different scores
            return {"Spearman": np.nan}
        return {"Spearman": float(spearmanr(cosines, asked).statistic) if np.ptp(cosines) else 0.0}

    return measure
