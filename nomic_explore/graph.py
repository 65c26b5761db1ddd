"""The graph of nearest neighbors, computed once and read by the map, the topics, the duplicates and the search."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nomic_explore.arrays import inverse_index
from nomic_explore.checks import check_positive, check_same_rows
from nomic_explore.html_table import html_table
from nomic_explore.numba_cache import prepare_numba
from nomic_explore.vectors import check_vectors

# Up to here matrix products beat pynndescent, which compiles for 10 to 20 s before it starts (two cores; benchmarks/README.md).
_MAX_EXACT = 40_000
_MIN_ON_GPU = 20_000  # below, the processor is done before a GPU is warm
_BLOCK = 512  # rows of similarities in memory at a time
_N_SAMPLED = 300  # rows searched exactly to measure recall
_GROUP = 64  # similarities of which only the largest is looked at first


@dataclass(frozen=True, eq=False, repr=False)
class NeighborGraph:
    """The k nearest neighbors of n documents; `build_graph` makes one.

    Attributes:
        neighbors: (n, k) int32, row numbers, nearest first, never the row itself; -1 where there is none.
        similarities: (n, k) float32, cosine to each neighbor.
        recall: share of the true neighbors that were found, 0 to 1; 1.0 if the search was exact.
        is_exact: whether every pair of documents was compared.
    """

    neighbors: np.ndarray
    similarities: np.ndarray
    recall: float
    is_exact: bool

    def __len__(self) -> int:
        return len(self.neighbors)

    def __repr__(self) -> str:
        search = "exact" if self.is_exact else f"approximate, recall {self.recall:.3f}"
        return f"NeighborGraph({len(self):,} documents, {self.neighbors.shape[1]} neighbors each, {search})"

    def _repr_html_(self) -> str:
        has_neighbor = (self.neighbors[:, :1] >= 0).any(axis=1)
        nearest = self.similarities[has_neighbor, 0] if has_neighbor.any() else np.zeros(0)
        facts = {
            "documents": len(self),
            "neighbors of each": self.neighbors.shape[1],
            "search": "exact" if self.is_exact else f"approximate, recall {self.recall:.3f}",
            "similarity to the nearest neighbor, median": f"{np.median(nearest):.3f}" if len(nearest) else "none",
        }
        return html_table("NeighborGraph", facts.items())

    def _to_rows(self, index: np.ndarray, representatives: np.ndarray) -> "NeighborGraph":
        """Returns the graph of rows that hold these documents.

        Args:
            index: (n_rows,) the document that each row holds, -1 for none.
            representatives: (n,) the row that represents each document.
        """
        has_document = index >= 0
        neighbors = np.full((len(index), self.neighbors.shape[1]), -1, dtype=np.int32)
        similarities = np.zeros(neighbors.shape, dtype=np.float32)
        of_rows = self.neighbors[index[has_document]]
        neighbors[has_document] = np.where(of_rows >= 0, representatives[of_rows], -1)
        similarities[has_document] = self.similarities[index[has_document]]
        return NeighborGraph(neighbors, similarities, self.recall, self.is_exact)

    def _restrict(self, kept: np.ndarray, keeper_of: np.ndarray, vectors: np.ndarray) -> "NeighborGraph":
        """Returns the graph of the kept documents; a removed neighbor is replaced by the document kept for it.

        A document that loses more than half of its neighbors, because they were duplicates, gets them by a new search.

        Args:
            kept: (m,) documents, ascending.
            keeper_of: (n,) the kept document that represents each document.
            vectors: (n, d).
        """
        k = min(self.neighbors.shape[1], max(0, len(kept) - 1))
        of_kept = self.neighbors[kept]
        neighbors = np.where(of_kept >= 0, inverse_index(kept, len(self.neighbors))[keeper_of[of_kept]], -1)
        neighbors[neighbors == np.arange(len(kept))[:, None]] = -1
        order = np.argsort(neighbors, axis=1, kind="stable")  # of equal ones the nearest comes first
        ordered = np.take_along_axis(neighbors, order, axis=1)
        is_repeat = np.zeros(neighbors.shape, dtype=bool)
        np.put_along_axis(is_repeat, order[:, 1:], ordered[:, 1:] == ordered[:, :-1], axis=1)
        neighbors[is_repeat] = -1
        order = np.argsort(neighbors < 0, axis=1, kind="stable")[:, :k]
        neighbors = np.take_along_axis(neighbors, order, axis=1)
        similarities = np.where(neighbors >= 0, np.take_along_axis(self.similarities[kept], order, axis=1), 0.0)
        short = np.flatnonzero(2 * (neighbors >= 0).sum(axis=1) < k)
        if len(short):
            neighbors[short], similarities[short] = _search_exactly(check_vectors(vectors)[kept], short, k)
        return NeighborGraph(neighbors.astype(np.int32), similarities.astype(np.float32), self.recall, self.is_exact)


def build_graph(vectors: object, n_neighbors: int = 30, *, seed: int = 42) -> NeighborGraph:
    """Returns the nearest neighbors of each document by cosine similarity.

    Up to 40,000 documents, or on a GPU, every pair is compared; above, pynndescent searches approximately. The order of
    the rows does not matter: shuffled vectors give the permuted graph, except for which of several identical vectors is
    named.

    Args:
        vectors: (n, d): an array, table or column of numpy, torch, pandas, polars or Arrow, or a list with one for each
            document. They need not have unit length.
        n_neighbors: neighbors of each document, k; fewer where there are fewer other documents.
        seed: of the approximate search and of the sample that measures recall.

    Raises:
        TypeError: vectors are no numbers.
        ValueError: vectors are not (n, d), or one holds only zeros or a value that is not finite, or n_neighbors is not a
            positive number.

    Example:
        >>> build_graph(np.eye(3) + 0.1, n_neighbors=2)
        NeighborGraph(3 documents, 2 neighbors each, exact)
    """
    unit = check_vectors(vectors)
    k = min(check_positive(n_neighbors, "n_neighbors"), max(0, len(unit) - 1))
    order = canonical_order(unit)
    ordered = unit[order]
    gpu = _find_gpu() if len(unit) > _MIN_ON_GPU else None
    is_exact = len(unit) <= _MAX_EXACT or gpu is not None
    if k == 0:
        neighbors, similarities = np.zeros((len(unit), 0), np.int64), np.zeros((len(unit), 0), np.float32)
    elif gpu is not None:
        neighbors, similarities = _search_with_torch(ordered, k, gpu)
    elif is_exact:
        neighbors, similarities = _search_exactly(ordered, np.arange(len(ordered)), k)
    else:
        neighbors, similarities = _search_approximately(ordered, k, seed)
    recall = 1.0 if is_exact else _measure_recall(ordered, neighbors, seed)
    placed = np.empty((len(unit), k), dtype=np.int32)
    placed[order] = order.astype(np.int32)[neighbors]
    weights = np.empty((len(unit), k), dtype=np.float32)
    weights[order] = similarities
    return NeighborGraph(placed, weights, recall, is_exact)


def check_stage_input(texts: Sequence[str] | None, vectors: object, graph: NeighborGraph) -> np.ndarray:
    """Returns the vectors (n, d) at unit length, after a check that texts, vectors and graph have the same rows.

    Raises:
        TypeError: the vectors are no numbers.
        ValueError: the vectors are not (n, d), one cannot be scaled, or the numbers of rows differ.

    Example:
        >>> check_stage_input(["a", "b"], [[3, 4], [0, 1]], build_graph(np.eye(2))).shape
        (2, 2)
    """
    checked = check_vectors(vectors)
    counts = {"graph": len(graph.neighbors)}
    if texts is not None:
        counts["texts"] = len(texts)
    check_same_rows(len(checked), **counts)
    return checked


def canonical_order(vectors: np.ndarray) -> np.ndarray:
    """Returns the row numbers (n,) that sort vectors by their content, independently of the order they came in.

    Example:
        >>> canonical_order(np.array([[2], [1], [1]], dtype=np.uint8)).tolist()
        [1, 2, 0]
    """
    rows = np.ascontiguousarray(vectors)
    names = rows.view(np.dtype((np.void, rows.dtype.itemsize * rows.shape[1]))).ravel()
    return np.argsort(names, kind="stable")


def distinct_vectors(unit: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns the first row of each distinct vector, and which distinct vector each row holds.

    Args:
        unit: (n, d) vectors.

    Returns:
        first: (m,) int64, the rows of the distinct vectors, in canonical order.
        inverse: (n,) int64, for each row the place in `first` of its vector, as `np.unique` gives it.

    Example:
        >>> [part.tolist() for part in distinct_vectors(np.array([[2], [1], [2]], dtype=np.uint8))]
        [[1, 0], [1, 0, 1]]
    """
    order = canonical_order(unit)
    ordered = unit[order]
    is_new = np.ones(len(unit), dtype=bool)
    is_new[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    inverse = np.empty(len(unit), dtype=np.int64)
    inverse[order] = np.cumsum(is_new) - 1
    return order[is_new], inverse


def _search_exactly(unit: np.ndarray, rows: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns (len(rows), k) neighbors and similarities among all vectors; ties go to the lower row."""
    neighbors = np.empty((len(rows), k), dtype=np.int64)
    similarities = np.empty((len(rows), k), dtype=np.float32)
    for start in range(0, len(rows), _BLOCK):
        block = rows[start : start + _BLOCK]
        scores = unit[block] @ unit.T  # (b, n)
        scores[np.arange(len(block)), block] = -np.inf
        neighbors[start : start + _BLOCK], similarities[start : start + _BLOCK] = _select_best(scores, k)
    return neighbors, np.clip(similarities, -1.0, 1.0)


def _select_best(scores: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns the (b, k) columns and values of each row's largest scores, largest first, ties by column.

    The k-th largest of the maxima of disjoint groups is at most the k-th largest score, and few scores reach it: one pass for
    the maxima and one comparison replace a partition of every row, which takes three times as long.
    """
    n_rows, n = scores.shape
    n_groups = n // _GROUP
    if n_groups < 4 * k:
        least = np.partition(scores, n - k, axis=1)[:, n - k]
    else:
        maxima = scores[:, : n_groups * _GROUP].reshape(n_rows, _GROUP, n_groups).max(axis=1)
        least = np.partition(maxima, n_groups - k, axis=1)[:, n_groups - k]
    is_candidate = scores >= least[:, None]
    for row in np.flatnonzero(
        is_candidate.sum(axis=1) > 8 * k + _GROUP
    ):  # many equal scores: only the first of them count
        kth = np.partition(scores[row], n - k)[n - k]
        is_candidate[row] = scores[row] > kth
        equal = np.flatnonzero(scores[row] == kth)
        is_candidate[row, equal[: k - is_candidate[row].sum()]] = True
    rows, columns = np.nonzero(is_candidate)
    values = scores[rows, columns]
    order = np.lexsort((columns, -values, rows))
    begin = np.searchsorted(rows, np.arange(n_rows))
    best = order[begin[:, None] + np.arange(k)]
    return columns[best], values[best]


def _find_gpu() -> str | None:
    """Returns the name of a GPU that torch can use, None if there is none."""
    import torch

    return "cuda" if torch.cuda.is_available() else None


def _search_with_torch(unit: np.ndarray, k: int, device: str) -> tuple[np.ndarray, np.ndarray]:
    """Returns (n, k) neighbors and similarities of all pairs, compared in float32 on the device."""
    import torch

    vectors = torch.from_numpy(unit).to(device)
    neighbors = np.empty((len(unit), k), dtype=np.int64)
    similarities = np.empty((len(unit), k), dtype=np.float32)
    block = max(1, min(len(unit), 2**30 // len(unit)))  # 4 GiB of similarities at a time
    for start in range(0, len(unit), block):
        scores = vectors[start : start + block] @ vectors.T  # (b, n)
        own = torch.arange(len(scores), device=device)
        scores[own, own + start] = -torch.inf
        values, columns = scores.topk(k, dim=1)
        best, places = values.cpu().numpy(), columns.cpu().numpy()
        order = np.lexsort((places, -best), axis=1)
        neighbors[start : start + block] = np.take_along_axis(places, order, axis=1)
        similarities[start : start + block] = np.take_along_axis(best, order, axis=1)
    return neighbors, np.clip(similarities, -1.0, 1.0)


def _search_approximately(unit: np.ndarray, k: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    prepare_numba()
    from pynndescent import NNDescent

    found, _ = NNDescent(unit, metric="dot", n_neighbors=k + 1, random_state=seed, max_candidates=60).neighbor_graph
    rows = np.arange(len(unit))[:, None]
    is_other = (found != rows) & (found >= 0)
    incomplete = np.flatnonzero(is_other.sum(axis=1) < k)
    neighbors = np.empty((len(unit), k), dtype=np.int32)
    for start in range(0, len(unit), _BLOCK):
        part = slice(start, start + _BLOCK)
        place = np.argsort(~is_other[part], axis=1, kind="stable")[:, :k]  # self and gaps go to the end
        neighbors[part] = np.take_along_axis(found[part], place, axis=1)
    del found, is_other
    if len(incomplete):
        neighbors[incomplete], _ = _search_exactly(unit, incomplete, k)
    similarities = np.empty(neighbors.shape, dtype=np.float32)
    for start in range(0, len(unit), _BLOCK):
        part = slice(start, start + _BLOCK)
        near = neighbors[part]
        similar = np.einsum("bd,bkd->bk", unit[part], unit[near])
        order = np.lexsort((near, -similar), axis=1)
        neighbors[part] = np.take_along_axis(near, order, axis=1)
        similarities[part] = np.clip(np.take_along_axis(similar, order, axis=1), -1.0, 1.0)
    return neighbors, similarities


def _measure_recall(unit: np.ndarray, neighbors: np.ndarray, seed: int) -> float:
    """Returns the share of true neighbors found for a sample of rows."""
    n_sampled = min(_N_SAMPLED, len(unit))
    rows = np.sort(np.random.default_rng(seed).choice(len(unit), n_sampled, replace=False))
    true, _ = _search_exactly(unit, rows, neighbors.shape[1])
    return float(np.mean([np.isin(true[at], neighbors[row]).mean() for at, row in enumerate(rows)]))
