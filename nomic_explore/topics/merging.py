"""Ward's tree in a space of few dimensions, fast enough for a million points: small groups first, then their merges."""

from collections.abc import Sequence

import numpy as np

_MAX_GROUPS = 3000  # leaves of the tree above; its time grows with their square
_N_ROUNDS = 8  # of k-means, after which hardly a point moves


def cut_tree(space: np.ndarray, sizes: Sequence[int]) -> list[np.ndarray]:
    """Returns for each size the labels of one tree cut into so many groups; a larger size only splits.

    Points join small groups first (k-means from the cells of a k-d tree), and Ward's tree merges the groups. A size beyond
    the number of groups splits these by a tree of their own.

    Args:
        space: (n, d) float, in an order that does not depend on the input's.
        sizes: each from 1 to n.

    Returns:
        For each size (n,) int labels from 0.

    Example:
        >>> [labels.tolist() for labels in cut_tree(np.array([[0.0], [0.1], [5.0], [9.0]]), [1, 3])]
        [[0, 0, 0, 0], [0, 0, 1, 2]]
    """
    points = np.asarray(space, dtype=np.float64)
    if not len(points):
        return [np.zeros(0, dtype=np.int64) for _ in sizes]
    group = _group_points(points, _MAX_GROUPS)
    weights = np.bincount(group)
    merges = _merge_by_ward(_means(points, group), weights.astype(np.float64))
    n_groups = len(weights)
    finest = max(sizes)
    inner = _merges_within(points, group) if finest > n_groups else []
    return [
        _undo(merges, n_groups, size)[group] if size <= n_groups else _undo(inner, len(points), size) for size in sizes
    ]


def _group_points(points: np.ndarray, n_groups: int) -> np.ndarray:
    """Returns (n,) small groups, numbered from 0 without gaps; each point its own where there are few."""
    from scipy.spatial import cKDTree

    if len(points) <= n_groups:
        return np.arange(len(points))
    group = np.empty(len(points), dtype=np.int64)
    cells, n_cells = [np.arange(len(points))], 0
    while cells:
        rows = cells.pop()
        if len(rows) <= len(points) / n_groups:
            group[rows] = n_cells
            n_cells += 1
            continue
        axis = np.ptp(points[rows], axis=0).argmax()
        ranked = rows[np.argsort(points[rows, axis], kind="stable")]
        cells += [ranked[len(ranked) // 2 :], ranked[: len(ranked) // 2]]
    for _ in range(_N_ROUNDS):
        _, nearest = cKDTree(_means(points, group)).query(points)
        group = np.unique(nearest, return_inverse=True)[1]
    return group


def _means(points: np.ndarray, group: np.ndarray) -> np.ndarray:
    sums = [np.bincount(group, weights=points[:, axis]) for axis in range(points.shape[1])]
    return np.stack(sums, axis=1) / np.bincount(group)[:, None]


def _merge_by_ward(centres: np.ndarray, weights: np.ndarray) -> list[tuple[float, int, int]]:
    """Returns the merges (height, a, b) of Ward's tree, lowest first, by chains of nearest neighbors (Murtagh 1983)."""
    centres, weights = centres.copy(), weights.copy()
    is_alive = np.ones(len(weights), dtype=bool)
    merges: list[tuple[float, int, int]] = []
    chain: list[int] = []
    while len(merges) < len(weights) - 1:
        if not chain:
            chain = [int(is_alive.argmax())]
        last = chain[-1]
        heights = ((centres - centres[last]) ** 2).sum(axis=1) * (weights * weights[last] / (weights + weights[last]))
        heights[~is_alive] = np.inf
        heights[last] = np.inf
        nearest = int(heights.argmin())
        if len(chain) < 2 or heights[chain[-2]] > heights[nearest]:
            chain.append(nearest)
            continue
        other = chain[-2]
        del chain[-2:]
        merges.append((float(heights[other]), min(last, other), max(last, other)))
        a, b = merges[-1][1:]
        total = weights[a] + weights[b]
        centres[a] = (centres[a] * weights[a] + centres[b] * weights[b]) / total
        weights[a] = total
        is_alive[b] = False
    # A merge never lies below one it is built on, but rounding may say so: a stable sort keeps equals in order of making.
    return sorted(_raise(merges, len(weights)), key=lambda merge: merge[0])


def _raise(merges: list[tuple[float, int, int]], n: int) -> list[tuple[float, int, int]]:
    """Returns the merges with no height below that of a merge inside."""
    height = np.zeros(n)
    raised = []
    for own, a, b in merges:
        height[a] = max(own, height[a], height[b])
        raised.append((float(height[a]), a, b))
    return raised


def _merges_within(points: np.ndarray, group: np.ndarray) -> list[tuple[float, int, int]]:
    """Returns the merges of points inside each group, lowest first."""
    ranked = np.argsort(group, kind="stable")
    merges: list[tuple[float, int, int]] = []
    for rows in np.split(ranked, np.flatnonzero(np.diff(group[ranked])) + 1):
        inside = _merge_by_ward(points[rows], np.ones(len(rows)))
        merges += [(height, int(rows[a]), int(rows[b])) for height, a, b in inside]
    return sorted(merges, key=lambda merge: merge[0])


def _undo(merges: Sequence[tuple[float, int, int]], n: int, size: int) -> np.ndarray:
    """Returns the (n,) labels once only so many merges are made that `size` groups are left."""
    parent = list(range(n))

    def find(point: int) -> int:
        while parent[point] != point:
            parent[point] = parent[parent[point]]
            point = parent[point]
        return point

    for _, a, b in merges[: n - size]:
        root_a, root_b = find(a), find(b)
        parent[max(root_a, root_b)] = min(root_a, root_b)
    return np.unique([find(point) for point in range(n)], return_inverse=True)[1]
