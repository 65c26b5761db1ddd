"""Keepers: which of several documents is most worth keeping."""

import numpy as np

from nomic_explore.arrays import starts_of
from nomic_explore.checks import check_choice
from nomic_explore.duplicates.evidence import Evidence
from nomic_explore.duplicates.verdicts import Rulings

POLICIES = ("longest", "shortest", "most_central", "first")


def rank_once(
    evidence: Evidence, keep: str | np.ndarray, rulings: Rulings, *, is_plain: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Returns what `rank_documents` does, kept for the next decision where only a policy stands behind it."""
    if not is_plain or not isinstance(keep, str):
        return rank_documents(evidence, keep, rulings)
    if keep not in evidence.rankings:
        evidence.rankings[keep] = rank_documents(evidence, keep, rulings)
    return evidence.rankings[keep]


def rank_documents(evidence: Evidence, keep: str | np.ndarray, rulings: Rulings) -> tuple[np.ndarray, np.ndarray]:
    """Returns (d,) the row that stands for each document and (d,) its rank, 0 the most worth keeping.

    What people keep ranks first, whatever its worth.
    """
    n_documents, n_rows = len(evidence.lengths), len(evidence.document)
    scores = np.zeros(n_rows) if isinstance(keep, str) else check_scores(keep, n_rows)
    # Of several rows of a text: one that people keep, none that they drop, the best, the first.
    best_first = np.lexsort((-scores, rulings.is_row_dropped, ~rulings.is_row_kept, evidence.document))
    stand_in = best_first[starts_of(evidence.document[best_first])]
    if isinstance(keep, str):
        worth = {
            "longest": _step_lengths(evidence.lengths),
            "shortest": -evidence.lengths,
            "most_central": evidence.centrality,
            "first": -stand_in,
        }[check_choice(keep, "keep", POLICIES)]
    else:
        worth = scores[stand_in]
    rank = np.empty(n_documents, dtype=np.int32)
    # Of equals the one with the most copies, the longest, the tidiest, the first in sorted order.
    ties = (evidence.roughness, -evidence.lengths, -evidence.n_copies)
    rank[np.lexsort((*ties, -worth, ~rulings.is_kept))] = np.arange(n_documents)
    return stand_in.astype(np.int32), rank


def _step_lengths(lengths: np.ndarray) -> np.ndarray:
    """Returns (d,) lengths in steps of 5 %, so that not every line of boilerplate makes a text the longest of its copies.

    Below 20 characters each length is a step of its own.
    """
    return np.floor(np.log(np.maximum(lengths, 1)) / np.log(1.05) + 1e-9).astype(np.int64)


def check_scores(keep: np.ndarray, n_rows: int, rows: np.ndarray | None = None) -> np.ndarray:
    """Returns the scores as (n_rows,) float64, finite at `rows` (None: everywhere)."""
    scores = np.asarray(keep)
    if scores.shape != (n_rows,) or scores.dtype.kind not in "biuf":
        raise ValueError(
            f"keep has shape {scores.shape} and type {scores.dtype}; "
            f"expected one of {', '.join(map(repr, POLICIES))}, or {n_rows} numbers, a score for each row."
        )
    looked_at = np.arange(n_rows) if rows is None else rows
    unfit = looked_at[~np.isfinite(scores[looked_at])]
    if len(unfit):
        raise ValueError(
            f"keep[{unfit[0]}] is {scores[unfit[0]]}; expected a finite score. Give rows without one a low number."
        )
    return scores.astype(np.float64)
