"""Matryoshka: vectors whose first entries say the most, so that they may be cut short (arXiv:2205.13147).

One encoder learns several sizes at once: the loss is the sum of the losses of its vectors, cut to each size
(`losses.matryoshka_loss`). What is measured on cut vectors, and how they are cut, is here.
"""

import numpy as np


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
