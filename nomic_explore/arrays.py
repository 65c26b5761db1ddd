"""Small operations on arrays that several modules need: runs, inverse indexes, unit vectors, principal components."""

import ctypes
import sys

import numpy as np

_BLOCK = 65_536  # vectors copied at a time


def first_of(codes: np.ndarray, n_codes: int) -> np.ndarray:
    """Returns (n_codes,) int64: the index at which each code occurs first, `len(codes)` for a code that does not occur.

    Example:
        >>> first_of(np.array([1, 0, 1]), 3).tolist()
        [1, 0, 3]
    """
    first = np.full(n_codes, len(codes), dtype=np.int64)
    np.minimum.at(first, codes, np.arange(len(codes)))
    return first


def starts_of(ordered: np.ndarray) -> np.ndarray:
    """Returns the index at which each run of equal values begins.

    Example:
        >>> starts_of(np.array([3, 3, 5])).tolist()
        [0, 2]
    """
    is_start = np.ones(len(ordered), dtype=bool)
    is_start[1:] = ordered[1:] != ordered[:-1]
    return np.flatnonzero(is_start)


def find_shared(codes: np.ndarray) -> np.ndarray:
    """Returns the indexes of the codes that occur more than once.

    Example:
        >>> find_shared(np.array([7, 3, 7])).tolist()
        [0, 2]
    """
    return np.flatnonzero(np.bincount(codes)[codes] > 1) if len(codes) else np.zeros(0, dtype=np.int64)


def count_equal(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns the distinct values, ascending, and how often each occurs.

    The same as `np.unique(values, return_counts=True)`, which takes 40 times as long in numpy 2.4.

    Example:
        >>> [each.tolist() for each in count_equal(np.array([5, 3, 5]))]
        [[3, 5], [1, 2]]
    """
    ordered = np.sort(values)
    starts = starts_of(ordered)
    return ordered[starts], np.diff(starts, append=len(ordered))


def inverse_index(rows: np.ndarray, n_rows: int) -> np.ndarray:
    """Returns (n_rows,) int64: the place of each row in `rows`, -1 for a row that is not among them.

    Example:
        >>> inverse_index(np.array([3, 0]), 5).tolist()
        [1, -1, -1, 0, -1]
    """
    place = np.full(n_rows, -1, dtype=np.int64)
    place[rows] = np.arange(len(rows))
    return place


def unit(vectors: np.ndarray) -> np.ndarray:
    """Returns the vectors (n, d) divided by their length; a zero vector stays zero.

    Example:
        >>> unit(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist()
        [[0.6, 0.8], [0.0, 0.0]]
    """
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)


def principal_components(vectors: np.ndarray, n_components: int, *, rows: np.ndarray | None = None) -> np.ndarray:
    """Returns the coordinates of vectors on their principal axes, the axis of largest variance first.

    The sign of an axis is fixed: its largest entry is positive. Vectors are read in blocks, so that they are never all copied.

    Args:
        vectors: (n, d) float32.
        n_components: number of axes c.
        rows: (m,) the rows to use; None uses all n.

    Returns:
        (m, c) float32, zero in the columns for which there are no axes.

    Example:
        >>> principal_components(np.array([[0.0, 1.0], [0.0, 3.0]], dtype=np.float32), 1).tolist()
        [[-1.0], [1.0]]
    """
    n = len(vectors) if rows is None else len(rows)
    coordinates = np.zeros((n, n_components), dtype=np.float32)
    if n < 2:
        return coordinates
    parts = [slice(start, start + _BLOCK) for start in range(0, n, _BLOCK)]

    def read(part: slice) -> np.ndarray:
        return vectors[part] if rows is None else vectors[rows[part]]

    # The mean of one block is taken in the precision of the vectors, that of many in float64.
    mean = (
        read(parts[0]).mean(axis=0)
        if len(parts) == 1
        else (sum(read(part).sum(axis=0, dtype=np.float64) for part in parts) / n).astype(vectors.dtype)
    )
    products = np.zeros((vectors.shape[1], vectors.shape[1]))
    for part in parts:
        centered = read(part) - mean
        products += centered.T @ centered
    _, axes = np.linalg.eigh(products)
    axes = axes[:, ::-1][:, :n_components]
    axes = axes * np.where(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])] < 0, -1.0, 1.0)
    for part in parts:
        coordinates[part, : axes.shape[1]] = (read(part) - mean) @ axes
    return coordinates


def return_memory() -> None:
    """Gives the memory of arrays that are no longer needed back to the system, where the C library keeps it (glibc).

    A build of a million documents otherwise holds the peaks of all of its stages at once.

    Example:
        >>> return_memory()
    """
    if sys.platform == "linux" and hasattr(ctypes.CDLL(None), "malloc_trim"):
        ctypes.CDLL(None).malloc_trim(0)
    pyarrow = sys.modules.get("pyarrow")
    if pyarrow is not None:
        pyarrow.default_memory_pool().release_unused()
