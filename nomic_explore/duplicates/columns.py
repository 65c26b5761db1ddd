"""Columns that texts are made of, such as title and body: how much two documents share of each."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from nomic_explore.corpus.texts import check_column
from nomic_explore.duplicates.shingles import count_shared, shingle

if TYPE_CHECKING:
    import pyarrow as pa

_MIN_HELD = 0.50  # of the shingles of one, in the other: less is another title


def compare_columns(
    columns: Mapping[str, Sequence[str]], first: np.ndarray, second: np.ndarray
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Returns for each column the Jaccard similarity (p,) of its shingles, and (p,) bool whether a column differs wholly.

    Args:
        columns: the normalized texts of d documents in each; an empty one cannot differ, its similarity is NaN.
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


def column_texts(table: "pa.Table", columns: list[str], rows: np.ndarray) -> dict[str, list[str | None]]:
    """Returns what some rows (m,) hold in each of several columns, as strings; None for null."""
    texts = {}
    for name in columns:
        values = check_column(table, name, "columns", "the table").take(rows).to_pylist()
        texts[name] = [None if value is None else str(value) for value in values]
    return texts
