"""Matryoshka: vectors whose first entries say the most, so that they may be cut short (arXiv:2205.13147).

One encoder learns several sizes at once: the loss is the sum of the losses of its vectors, cut to each size
(`losses.matryoshka_loss`). What is measured on cut vectors, and how they are cut, is here.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd


def halvings(width: int, smallest: int = 32) -> tuple[int, ...]:
    """Returns the sizes to train: the width, then each half of the one before, down to the smallest.

    Example:
        >>> halvings(256)
        (256, 128, 64, 32)
    """
    sizes = [width]
    while sizes[-1] % 2 == 0 and sizes[-1] // 2 >= smallest:
        sizes.append(sizes[-1] // 2)
    return tuple(sizes)


def cut(means: np.ndarray, size: int) -> np.ndarray:
    """Returns vectors (n, size) float32 of length 1 from mean token vectors (n, W): layer norm, cut, L2, in that order.

    Example:
        >>> cut(np.array([[1.0, 2.0, 3.0, 6.0]]), 2).round(3)
        array([[-0.894, -0.447]], dtype=float32)
    """
    centered = means - means.mean(axis=1, keepdims=True)
    normed = centered / np.sqrt(np.square(centered).mean(axis=1, keepdims=True) + 1e-5)  # (n, W)
    short = normed[:, :size]
    return (short / np.linalg.norm(short, axis=1, keepdims=True)).astype(np.float32)


def recall_by_size(queries: np.ndarray, documents: np.ndarray, sizes: Sequence[int]) -> "pd.DataFrame":
    """Returns how often a query finds its own document among all, at each size of vectors.

    Args:
        queries: (n, W) mean token vectors.
        documents: (n, W), those of their documents, in the same order.
        sizes: each at most W.

    Returns:
        One row for each size: size, recall_at_1, recall_at_10, shares of 1.

    Example:
        >>> vectors = np.random.default_rng(0).normal(size=(50, 16))
        >>> recall_by_size(vectors, vectors, (16, 8))["recall_at_1"].tolist()
        [1.0, 1.0]
    """
    import pandas as pd

    rows = []
    for size in sizes:
        scores = cut(queries, size) @ cut(documents, size).T  # (n, n)
        n_before = (scores > scores.diagonal()[:, None]).sum(axis=1)  # (n) documents that are nearer than its own
        row = {f"recall_at_{k}": float((n_before < k).mean()) for k in (1, 10)}
        rows.append({"size": size, **row})
    return pd.DataFrame(rows)
