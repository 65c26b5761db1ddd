"""Decisions: a threshold and a keeper policy make of the evidence what is kept, dropped or to be looked at, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from nomic_explore.checks import check_choice, check_fraction
from nomic_explore.duplicates.evidence import FLOOR, Evidence, collect_evidence
from nomic_explore.graph import NeighborGraph

if TYPE_CHECKING:
    import pandas as pd

POLICIES = ("longest", "shortest", "most_central", "first")


@dataclass(frozen=True)
class Duplicates:
    """Which rows are copies of which, decided at one threshold; `at()` decides again.

    Attributes:
        groups: (n,) int32: rows joined by what was dropped or is to be reviewed, largest group first; -1 alone.
        roles: (n,) "unique", "keep", "drop" (a copy of a kept row) or "review" (near a kept row, but their numbers differ).
        keepers: (n,) int32: the kept row that a dropped row matches; the row itself if it stays.
        kinds: (n,) "exact", "normalised", "semantic" or "": how a dropped or reviewed row relates to the one it resembles.
        similarities: (n,) float32: cosine to that row, 1 for exact and normalised copies; NaN where there is none.
        evidence: what was decided from.
        rows: (m,) int64: the row numbers the evidence speaks of.
        min_similarity: the cosine from which two texts count as copies.
        keep: the policy, or (n,) scores.
    """

    groups: np.ndarray
    roles: np.ndarray
    keepers: np.ndarray
    kinds: np.ndarray
    similarities: np.ndarray
    evidence: Evidence
    rows: np.ndarray
    min_similarity: float
    keep: str | np.ndarray

    def at(self, min_similarity: float | None = None, keep: str | np.ndarray | None = None) -> "Duplicates":
        """Returns the decisions at another threshold or policy, from the same evidence.

        A stricter threshold matches fewer rows. Now and then it drops one that a looser one kept: where its keeper, no longer
        a copy of a better row itself, has come back.

        Args:
            min_similarity: cosine, 0.80 to 1; None leaves it.
            keep: a policy, or (n,) scores of which the highest stays; None leaves it.

        Raises:
            ValueError: the threshold lies below 0.80, the policy is unknown, or the scores do not fit.
        """
        policy = self.keep if keep is None else keep
        if not isinstance(policy, str):
            policy = _check_scores(policy, len(self.groups), self.rows)[self.rows]
        threshold = self.min_similarity if min_similarity is None else min_similarity
        return decide(self.evidence, min_similarity=threshold, keep=policy).place(self.rows, len(self.groups))

    def place(self, rows: np.ndarray, n_rows: int) -> "Duplicates":
        """Returns the decisions for `n_rows` rows of which only `rows` (m,) were looked at; the others are unique."""
        placed = np.asarray(rows, dtype=np.int64)
        groups = np.full(n_rows, -1, dtype=np.int32)
        roles = np.full(n_rows, "unique", dtype=self.roles.dtype)
        kinds = np.full(n_rows, "", dtype=self.kinds.dtype)
        keepers = np.arange(n_rows, dtype=np.int32)
        similarities = np.full(n_rows, np.nan, dtype=np.float32)
        groups[placed], roles[placed], kinds[placed] = self.groups, self.roles, self.kinds
        keepers[placed], similarities[placed] = placed[self.keepers], self.similarities
        keep = self.keep
        if not isinstance(keep, str):
            keep = np.full(n_rows, np.nan)
            keep[placed] = self.keep
        of_evidence = placed[self.rows]
        return Duplicates(
            groups, roles, keepers, kinds, similarities, self.evidence, of_evidence, self.min_similarity, keep
        )

    @cached_property
    def pairs(self) -> "pd.DataFrame":
        """All evidence, whatever the threshold: row, other, kind, similarity, numbers_differ.

        Copies are paired with the first row of their text, normalised ones with the first such text in sorted order, so that
        their number stays linear.
        """
        import pandas as pd

        evidence = self.evidence
        row_of = _first_of(evidence.document, len(evidence.lengths))
        copies = np.flatnonzero(row_of[evidence.document] != np.arange(len(evidence.document)))
        first_alike = _first_of(evidence.normalised, len(evidence.lengths))[evidence.normalised]
        alike = np.flatnonzero(first_alike != np.arange(len(first_alike)))
        apart = evidence.normalised[evidence.first] != evidence.normalised[evidence.second]
        row = [copies, row_of[alike], row_of[evidence.first[apart]]]
        other = [row_of[evidence.document[copies]], row_of[first_alike[alike]], row_of[evidence.second[apart]]]
        counts = list(map(len, row))
        n_same = counts[0] + counts[1]
        return pd.DataFrame(
            {
                "row": self.rows[np.concatenate(row)],
                "other": self.rows[np.concatenate(other)],
                "kind": np.repeat(np.array(["exact", "normalised", "semantic"], dtype=object), counts),
                "similarity": np.append(np.ones(n_same, dtype=np.float32), evidence.similarities[apart]),
                "numbers_differ": np.append(np.zeros(n_same, dtype=bool), evidence.numbers_differ[apart]),
            }
        )

    def frame(self) -> "pd.DataFrame":
        """Returns one row per group: group, keeper (its first kept row), size, n_drop, n_review, min_similarity."""
        import pandas as pd

        member = np.flatnonzero(self.groups >= 0)
        is_kept = self.roles[member] == "keep"
        rows = pd.DataFrame(
            {
                "group": self.groups[member],
                "keeper": np.where(is_kept, member, len(self.groups)),
                "size": 1,
                "n_drop": self.roles[member] == "drop",
                "n_review": self.roles[member] == "review",
                "min_similarity": self.similarities[member],
            }
        )
        summed = {"keeper": "min", "size": "sum", "n_drop": "sum", "n_review": "sum", "min_similarity": "min"}
        return rows.groupby("group").agg(summed).reset_index()


def find_duplicates(
    texts: Sequence[str],
    vectors: np.ndarray,
    graph: NeighborGraph,
    *,
    min_similarity: float = 0.95,
    keep: str | np.ndarray = "longest",
) -> Duplicates:
    """Returns the copies among texts: exact, normalised, and semantic from a cosine of `min_similarity` on.

    Every dropped row names a kept row that it matches directly and that is worth at least as much by the policy; no two kept
    rows match. A semantic match whose numbers differ (a version, a price, a year) is never dropped but marked for review. The
    order of the rows decides nothing but which of several identical rows is kept: the first.

    Args:
        texts: n strings.
        vectors: (n, d).
        graph: of the same rows, from `build_graph`; semantic pairs are its edges.
        min_similarity: cosine, 0.80 to 1.
        keep: which of several rows stays: "longest", "shortest", "most_central" (nearest to its neighbors on average),
            "first", or (n,) scores of which the highest stays, such as dates or ratings. Ties go by text.

    Raises:
        TypeError: a text is not a string.
        ValueError: the arguments do not fit together, the threshold lies below 0.80, or the policy is unknown.

    Example:
        >>> from nomic_explore import build_graph
        >>> vectors = np.eye(2)[[0, 0, 1]]
        >>> find_duplicates(["a cat", "A cat!", "a dog"], vectors, build_graph(vectors)).roles.tolist()
        ['drop', 'keep', 'unique']
    """
    return decide(collect_evidence(texts, vectors, graph), min_similarity=min_similarity, keep=keep)


def decide(evidence: Evidence, *, min_similarity: float, keep: str | np.ndarray) -> Duplicates:
    """Returns the decisions: documents are visited from the most worth keeping on, and each kept one drops what it matches.

    Raises:
        ValueError: the threshold lies below the floor of the evidence, the policy is unknown, or the scores do not fit.
    """
    check_fraction(min_similarity, "min_similarity")
    if min_similarity < FLOOR:
        raise ValueError(f"min_similarity={min_similarity}; expected at least {FLOOR}: pairs below were not kept.")
    stand_in, rank = _rank(evidence, keep)
    worse, better, similarity, is_doubtful = _pairs_by_rank(evidence, rank, min_similarity)
    dropped = _drop_greedily(evidence.normalised, rank, worse[~is_doubtful], better[~is_doubtful])

    # What a document resembles: a dropped one its keeper, a kept one perhaps a kept one of other numbers.
    speaks = ~dropped[better] & (dropped[worse] != is_doubtful)
    partner, near = _nearest(worse[speaks], better[speaks], similarity[speaks], len(rank))
    alike = _kept_alike(evidence.normalised, dropped)
    is_normalised = dropped & (alike >= 0) & (rank[alike] < rank)
    partner[is_normalised], near[is_normalised] = alike[is_normalised], 1.0
    itself = np.arange(len(rank))
    is_linked = partner >= 0
    groups = _group(np.where(is_linked, partner, itself), evidence.document)

    rows = np.arange(len(evidence.document))
    keepers = stand_in[np.where(dropped, partner, itself)][evidence.document]
    is_copy = ~dropped[evidence.document] & (keepers != rows)
    kind = np.where(is_normalised, "normalised", np.where(is_linked, "semantic", ""))
    # A row that others were dropped for says "keep", though it may be near another itself.
    has_copies = np.bincount(keepers, minlength=len(rows)) > 1
    is_review = is_linked[evidence.document] & (keepers == rows) & ~has_copies
    roles = np.where(keepers != rows, "drop", np.where(is_review, "review", "keep"))
    is_told = is_review | (keepers != rows)
    return Duplicates(
        groups=groups,
        roles=np.where(groups < 0, "unique", roles),
        keepers=keepers.astype(np.int32),
        kinds=np.where(is_copy, "exact", np.where(is_told, kind[evidence.document], "")),
        similarities=np.where(is_copy, np.float32(1.0), np.where(is_told, near[evidence.document], np.float32(np.nan))),
        evidence=evidence,
        rows=rows,
        min_similarity=float(min_similarity),
        keep=keep,
    )


def _rank(evidence: Evidence, keep: str | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns (d,) the row that stands for each document and (d,) its rank, 0 the most worth keeping; ties go by text."""
    n_documents = len(evidence.lengths)
    if isinstance(keep, str):
        stand_in = _first_of(evidence.document, n_documents)
        worth = {
            "longest": evidence.lengths,
            "shortest": -evidence.lengths,
            "most_central": evidence.centrality,
            "first": -stand_in,
        }[check_choice(keep, "keep", POLICIES)]
    else:
        scores = _check_scores(keep, len(evidence.document))
        best_first = np.lexsort((-scores, evidence.document))  # stable: of equal scores the first row
        stand_in = best_first[_starts(evidence.document[best_first])]
        worth = scores[stand_in]
    rank = np.empty(n_documents, dtype=np.int64)
    rank[np.argsort(-worth, kind="stable")] = np.arange(n_documents)
    return stand_in, rank


def _check_scores(keep: np.ndarray, n_rows: int, rows: np.ndarray | None = None) -> np.ndarray:
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


def _pairs_by_rank(
    evidence: Evidence, rank: np.ndarray, min_similarity: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Returns the semantic pairs from the threshold on: worse and better document, similarity, whether numbers differ."""
    is_near = evidence.similarities >= min_similarity
    is_near &= evidence.normalised[evidence.first] != evidence.normalised[evidence.second]
    a, b = evidence.first[is_near], evidence.second[is_near]
    is_first = rank[a] < rank[b]
    worse, better = np.where(is_first, b, a), np.where(is_first, a, b)
    return worse, better, evidence.similarities[is_near], evidence.numbers_differ[is_near]


def _drop_greedily(normalised: np.ndarray, rank: np.ndarray, worse: np.ndarray, better: np.ndarray) -> np.ndarray:
    """Returns (d,) bool: the documents that match a kept one of better rank.

    Pairs are gone through by the rank of their better document: by then all pairs in which it is the worse have been seen, so
    its own fate is known. Documents alike once normalised all match one another; so many pairs are not needed: each is asked
    once, before its other pairs, whether one of its kind is kept already. That is its pair with itself.
    """
    shared = np.flatnonzero(np.bincount(normalised, minlength=len(rank))[normalised] > 1)
    worse, better = np.concatenate([shared, worse]), np.concatenate([shared, better])
    order = np.argsort(rank[better], kind="stable")
    dropped, has_kept = bytearray(len(rank)), bytearray(len(rank))
    codes = normalised[better[order]].tolist()
    for lesser, document, code in zip(worse[order].tolist(), better[order].tolist(), codes, strict=True):
        if dropped[document]:
            continue
        if lesser != document:
            dropped[lesser] = True
        elif has_kept[code]:
            dropped[document] = True
        else:
            has_kept[code] = True
    return np.frombuffer(dropped, dtype=bool)


def _kept_alike(normalised: np.ndarray, dropped: np.ndarray) -> np.ndarray:
    """Returns (d,) the kept document with the same normalised text, -1 if there is none; there is never more than one."""
    kept = np.full(len(normalised), -1, dtype=np.int64)
    kept[normalised[~dropped]] = np.flatnonzero(~dropped)
    return kept[normalised]


def _nearest(worse: np.ndarray, better: np.ndarray, similarity: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns (n,) the most similar better document of each, -1 if there is none, and (n,) that similarity, else NaN."""
    partner, near = np.full(n, -1, dtype=np.int64), np.full(n, np.nan, dtype=np.float32)
    order = np.lexsort((better, -similarity, worse))
    best = order[_starts(worse[order])]
    partner[worse[best]], near[worse[best]] = better[best], similarity[best]
    return partner, near


def _group(links: np.ndarray, document: np.ndarray) -> np.ndarray:
    """Returns (n,) int32 the group of each row, the largest first, ties by text; -1 alone.

    Args:
        links: (d,) a document of better rank for each, or itself: a forest whose roots stand for the groups.
        document: (n,) the document of each row.
    """
    root = links
    while not np.array_equal(root, root[root]):
        root = root[root]
    sizes = np.bincount(root[document], minlength=len(links))
    lowest = _first_of(root, len(links))
    shared = np.flatnonzero(sizes > 1)
    number = np.full(len(links), -1, dtype=np.int32)
    number[shared[np.lexsort((lowest[shared], -sizes[shared]))]] = np.arange(len(shared))
    return number[root[document]]


def _first_of(codes: np.ndarray, n_codes: int) -> np.ndarray:
    """Returns (n_codes,) where each code occurs first; `len(codes)` if nowhere."""
    first = np.full(n_codes, len(codes), dtype=np.int64)
    np.minimum.at(first, codes, np.arange(len(codes)))
    return first


def _starts(ordered: np.ndarray) -> np.ndarray:
    """Returns where each run of equal values begins."""
    is_start = np.ones(len(ordered), dtype=bool)
    is_start[1:] = ordered[1:] != ordered[:-1]
    return np.flatnonzero(is_start)
