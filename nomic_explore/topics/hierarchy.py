"""Ward's tree in a space of few dimensions, fast enough for a million points: small groups first, then their merges."""

import numpy as np

_MAX_GROUPS = 3000  # leaves of the upper tree; its time grows with their square
_BLOCK = 2048  # points compared with all centers at a time
_N_ROUNDS = 8  # of k-means, after which hardly a point moves


def grow_tree(space: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns the merges of Ward's tree, the closest first, and the heights of the last of them.

    Points join small groups first (k-means from the cells of a k-d tree): a tree of their own inside each group, and one
    over the groups.

    Args:
        space: (n, d) float, in an order that does not depend on the input's.

    Returns:
        (n - 1, 2) int32: each joins the two branches that hold these points; and (g,) float64, ascending: by how much the
        squared distances to the centers grow in each of the last g merges.

    Example:
        >>> grow_tree(np.array([[0.0], [0.1], [5.0], [9.0]]))[0].tolist()
        [[0, 1], [2, 3], [0, 2]]
    """
    points = np.ascontiguousarray(space, dtype=np.float32)
    if len(points) < 2:
        return np.zeros((0, 2), dtype=np.int32), np.zeros(0)
    group = _group_points(points, _MAX_GROUPS)
    weights = np.bincount(group)
    first = np.full(len(weights), len(points))
    np.minimum.at(first, group, np.arange(len(points)))
    upper, heights = _merge_by_ward(_means(points, group).astype(np.float64), weights.astype(np.float64))
    return np.concatenate([_merges_within(points, group), first[upper]]).astype(np.int32), heights


def cut_tree(merges: np.ndarray, size: int) -> np.ndarray:
    """Returns the labels (n,) from 0 of a tree cut into a number of branches; a larger number only splits branches.

    Args:
        merges: (n - 1, 2), from `grow_tree`.
        size: from 1 to n.

    Example:
        >>> cut_tree(np.array([[0, 1], [2, 3], [0, 2]]), 3).tolist()
        [0, 0, 1, 2]
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    n = len(merges) + 1
    made = merges[: n - size]
    joined = coo_matrix((np.ones(len(made)), (made[:, 0], made[:, 1])), shape=(n, n))
    return connected_components(joined, directed=False)[1].astype(np.int32)


def cut_branch(merges: np.ndarray, points: np.ndarray, size: int) -> np.ndarray:
    """Returns the labels (m,) from 0 of some points, split where the tree splits them first.

    Args:
        merges: (n - 1, 2), from `grow_tree`.
        points: (m,) int, each once: a branch of the tree, or any points.
        size: how many parts; fewer if there are fewer points.

    Example:
        >>> cut_branch(np.array([[0, 1], [2, 3], [0, 2]]), np.array([0, 1, 3]), 2).tolist()
        [0, 0, 1]
    """
    n = len(merges) + 1
    parent, member = list(range(n)), [-1] * n
    for point in points.tolist():
        member[point] = point

    def find(point: int) -> int:
        while parent[point] != point:
            parent[point] = parent[parent[point]]
            point = parent[point]
        return point

    inside = []
    for a, b in merges.tolist():
        root_a, root_b = find(a), find(b)
        parent[root_b] = root_a
        if member[root_a] >= 0 and member[root_b] >= 0:
            inside.append((member[root_a], member[root_b]))
        member[root_a] = max(member[root_a], member[root_b])
    place = {point: at for at, point in enumerate(points.tolist())}
    local = np.array([(place[a], place[b]) for a, b in inside], dtype=np.int32).reshape(-1, 2)
    return cut_tree(local, min(size, len(points)))


def _group_points(points: np.ndarray, n_groups: int) -> np.ndarray:
    """Returns (n,) small groups, numbered from 0 without gaps; each point its own where there are few."""
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
        group = np.unique(_nearest(points, _means(points, group)), return_inverse=True)[1]
    return group


def _nearest(points: np.ndarray, centers: np.ndarray) -> np.ndarray:
    """Returns (n,) the center nearest to each point."""
    lengths = (centers**2).sum(axis=1) / 2
    nearest = np.empty(len(points), dtype=np.int64)
    for start in range(0, len(points), _BLOCK):
        nearest[start : start + _BLOCK] = (points[start : start + _BLOCK] @ centers.T - lengths).argmax(axis=1)
    return nearest


def _means(points: np.ndarray, group: np.ndarray) -> np.ndarray:
    sums = [np.bincount(group, weights=points[:, axis]) for axis in range(points.shape[1])]
    return (np.stack(sums, axis=1) / np.bincount(group)[:, None]).astype(points.dtype)


def _merge_by_ward(centers: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns the merges (g - 1, 2) of Ward's tree and their heights, lowest first, by chains of nearest neighbors (Murtagh 1983)."""
    centers, weights = centers.copy(), weights.copy()
    lengths = (centers**2).sum(axis=1)  # infinite once a branch is part of another
    merges: list[tuple[float, int, int]] = []
    chain: list[int] = []
    while len(merges) < len(weights) - 1:
        if not chain:
            chain = [int(np.isfinite(lengths).argmax())]
        last = chain[-1]
        distances = np.maximum(lengths + lengths[last] - 2.0 * (centers @ centers[last]), 0.0)
        heights = distances * (weights * weights[last] / (weights + weights[last]))
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
        centers[a] = (centers[a] * weights[a] + centers[b] * weights[b]) / total
        weights[a], lengths[a], lengths[b] = total, (centers[a] ** 2).sum(), np.inf
    # A merge never lies below one it is built on, but rounding may say so: a stable sort keeps equals in order of making.
    ordered = sorted(_raise(merges, len(weights)), key=lambda merge: merge[0])
    pairs = np.array([(a, b) for _, a, b in ordered], dtype=np.int64).reshape(-1, 2)
    return pairs, np.array([height for height, _, _ in ordered])


def _raise(merges: list[tuple[float, int, int]], n: int) -> list[tuple[float, int, int]]:
    """Returns the merges with no height below that of a merge inside."""
    height = np.zeros(n)
    raised = []
    for own, a, b in merges:
        height[a] = max(own, height[a], height[b])
        raised.append((float(height[a]), a, b))
    return raised


def _merges_within(points: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Returns the merges (n - g, 2) of points inside each group, lowest first."""
    from scipy.cluster.hierarchy import ward

    ranked = np.argsort(group, kind="stable")
    heights, pairs = [np.zeros(0)], [np.zeros((0, 2), dtype=np.int64)]
    for rows in np.split(ranked, np.flatnonzero(np.diff(group[ranked])) + 1):
        if len(rows) < 2:
            continue
        tree = ward(points[rows])
        holder = np.concatenate([rows, np.zeros(len(tree), dtype=np.int64)])  # a point of each branch
        for at, (a, b) in enumerate(tree[:, :2].astype(np.int64)):
            holder[len(rows) + at] = holder[a]
            pairs.append(holder[[[a, b]]])
        heights.append(tree[:, 2])
    order = np.argsort(np.concatenate(heights), kind="stable")
    return np.concatenate(pairs)[order]
