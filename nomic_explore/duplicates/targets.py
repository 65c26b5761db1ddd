"""Targets: as many copies dropped, the surest first, as leave so many rows."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from nomic_explore.duplicates.matches import Links, Matches


def reach_target(
    matches: Matches, link: Callable[[Matches], Links], document: np.ndarray, keep_n: int
) -> tuple[Links, np.ndarray]:
    """Returns the links that leave at most `keep_n` rows, and the documents that come back to make it just so many.

    Args:
        matches: all that may be a copy.
        link: what decides, given matches.
        document: (n,) the document of each row.
        keep_n: rows wanted.

    Returns:
        Links, and (d,) bool: dropped documents of the least sure pairs, that stay after all.

    Raises:
        ValueError: there is not so much evidence of copies.
    """
    levels = np.unique(matches.sureness[np.isfinite(matches.sureness)])[::-1]  # the surest first

    def at(level: float) -> Links:
        return link(replace(matches, is_copy=matches.sureness >= level))

    def count(links: Links) -> int:
        return int((~links.dropped).sum())

    low, high = -1, len(levels) - 1  # places in the levels; -1 drops only what is equal once normalised
    links = at(np.inf)
    if count(links) > keep_n:
        if not len(levels) or count(links := at(levels[high])) > keep_n:
            raise ValueError(
                f"keep_n={keep_n:,}; the evidence leaves at least {count(links):,} of {len(document):,} rows: the others are "
                "copies of nothing. Ask for more rows, or sample from the kept ones."
            )
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if count(at(levels[middle])) <= keep_n else (middle, high)
        links = at(levels[high])
    return links, _least_sure(links, keep_n - count(links))


def _least_sure(links: Links, n_more: int) -> np.ndarray:
    """Returns (d,) bool: so many dropped documents, those of the least sure pairs; ties by number."""
    back = np.zeros(len(links.dropped), dtype=bool)
    gone = np.flatnonzero(links.dropped & np.isfinite(links.sureness))
    back[gone[np.argsort(links.sureness[gone], kind="stable")][: max(0, n_more)]] = True
    return back
