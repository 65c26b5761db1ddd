"""Columns: how much two documents share of each part they are made of, such as title and body."""

from collections.abc import Mapping, Sequence

import numpy as np

from nomic_explore.duplicates.lexical import count_shared, shingle

_MIN_HELD = 0.50  # of the shingles of one, in the other: less is another title


def compare_columns(
    columns: Mapping[str, Sequence[str]], first: np.ndarray, second: np.ndarray
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Returns for each column the Jaccard similarity (p,) of its shingles, and (p,) bool whether a column differs wholly.

    Args:
        columns: the normalised texts of d documents in each; an empty one cannot differ, its similarity is NaN.
        first: (p,) documents, and
        second: (p,) those they are compared with.
    """
    overlaps, differ = {}, np.zeros(len(first), dtype=bool)
    for name, texts in columns.items():
        shingles = shingle(texts)
        n_shared = count_shared(shingles, shingles, first, second)
        one, two = shingles.counts[first], shingles.counts[second]
        is_known = (one > 0) & (two > 0)
        overlap = np.full(len(first), np.nan, dtype=np.float32)
        np.divide(n_shared, one + two - n_shared, out=overlap, where=is_known, casting="unsafe")
        overlaps[name] = overlap
        differ |= is_known & (n_shared < _MIN_HELD * np.minimum(one, two))
    return overlaps, differ
