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
        groups: (n,) int32: rows joined by copies or by pairs to review, largest group first; -1 alone.
        roles: (n,) "unique", "keep", "drop" (a copy of a kept row) or "review" (near a kept row, but their numbers differ).
        keepers: (n,) int32: the kept row that a dropped row matches; the row itself if it stays.
        kinds: (n,) "exact", "normalised", "semantic" or "": how a dropped or reviewed row relates to the kept one.
        similarities: (n,) float32: its similarity to the kept row; NaN where there is none.
        evidence: what was decided from.
        rows: (m,) int64: the row numbers the evidence speaks of.
        min_similarity, keep: as decided.
    """

    groups: np.ndarray
    roles: np.ndarray
    keepers: np.ndarray
    kinds: np.ndarray
    similarities: np.ndarray
    evidence: Evidence
    rows: np.ndarray
    min_similarity: float
    keep: str

    def at(self, min_similarity: float | None = None, keep: str | None = None) -> "Duplicates":
        """Returns the decisions at another threshold or policy, from the same evidence.

        Raises:
            ValueError: the threshold lies below 0.80, where no evidence was kept, or the policy is unknown.
        """
        min_similarity = self.min_similarity if min_similarity is None else min_similarity
        decided = decide(self.evidence, min_similarity=min_similarity, keep=self.keep if keep is None else keep)
        return decided.place(self.rows, len(self.groups))

    def place(self, rows: np.ndarray, n_rows: int) -> "Duplicates":
        """Returns the decisions for `n_rows` rows of which only `rows` (m,) were looked at; the others are unique."""
        groups = np.full(n_rows, -1, dtype=np.int32)
        roles = np.full(n_rows, "unique", dtype="<U6")
        kinds = np.full(n_rows, "", dtype="<U10")
        keepers = np.arange(n_rows, dtype=np.int32)
        similarities = np.full(n_rows, np.nan, dtype=np.float32)
        groups[rows], roles[rows], kinds[rows] = self.groups, self.roles, self.kinds
        keepers[rows], similarities[rows] = rows[self.keepers], self.similarities
        placed = np.asarray(rows, dtype=np.int64)
        return Duplicates(
            groups, roles, keepers, kinds, similarities, self.evidence, placed, self.min_similarity, self.keep
        )

    @cached_property
    def pairs(self) -> "pd.DataFrame":
        """All evidence: row, other, kind, similarity, numbers_differ.

        Equal texts are listed as pairs with the first row that holds them, so their number stays linear.
        """
        import pandas as pd

        evidence, n = self.evidence, len(self.evidence.document)
        first_row = _first_of(evidence.document, np.arange(n), len(evidence.lengths))
        copies = np.flatnonzero(first_row[evidence.document] != np.arange(n))
        first_document = _first_of(
            evidence.normalised, np.arange(len(evidence.lengths)), evidence.normalised.max(initial=-1) + 1
        )
        alike = np.flatnonzero(first_document[evidence.normalised] != np.arange(len(evidence.lengths)))
        is_other = evidence.normalised[evidence.first] != evidence.normalised[evidence.second]
        parts = [
            (copies, first_row[evidence.document[copies]], "exact", 1.0, False),
            (first_row[alike], first_row[first_document[evidence.normalised[alike]]], "normalised", 1.0, False),
            (
                first_row[evidence.first[is_other]],
                first_row[evidence.second[is_other]],
                "semantic",
                evidence.similarities[is_other],
                evidence.numbers_differ[is_other],
            ),
        ]
        names = ("row", "other", "kind", "similarity", "numbers_differ")
        frames = [pd.DataFrame(dict(zip(names, part, strict=True))) for part in parts]
        joined = pd.concat([frame.astype({"similarity": np.float32, "numbers_differ": bool}) for frame in frames])
        rows, others = self.rows[joined["row"].to_numpy()], self.rows[joined["other"].to_numpy()]
        return joined.assign(row=rows, other=others).reset_index(drop=True)

    def frame(self) -> "pd.DataFrame":
        """Returns one row per group: group, keeper (its first kept row), size, n_drop, n_review, min_similarity."""
        import pandas as pd

        member = self.groups >= 0
        rows = pd.DataFrame(
            {
                "group": self.groups[member],
                "keeper": np.where(self.roles[member] == "keep", np.flatnonzero(member), np.iinfo(np.int32).max),
                "n_drop": self.roles[member] == "drop",
                "n_review": self.roles[member] == "review",
                "min_similarity": self.similarities[member],
            }
        )
        grouped = rows.groupby("group")
        table = grouped.agg({"keeper": "min", "n_drop": "sum", "n_review": "sum", "min_similarity": "min"})
        table.insert(1, "size", grouped.size())
        return table.reset_index()


def find_duplicates(
    texts: Sequence[str],
    vectors: np.ndarray,
    graph: NeighborGraph,
    *,
    min_similarity: float = 0.95,
    keep: str = "longest",
) -> Duplicates:
    """Returns the copies among texts: exact, normalised, and semantic from a cosine of `min_similarity` on.

    Every dropped row names a kept row that it matches directly, and no two kept rows match. A semantic match whose numbers
    differ (a version, a price, a year) is never dropped but marked for review. The order of the rows decides nothing but which of
    several identical rows is kept: the first.

    Args:
        texts: n strings.
        vectors: (n, d).
        graph: of the same rows, from `build_graph`.
        min_similarity: cosine, 0.80 to 1.
        keep: which row of several stays: "longest", "shortest", "most_central" or "first".

    Raises:
        ValueError: the arguments do not fit together, the threshold lies below 0.80, or the policy is unknown.

    Example:
        >>> from nomic_explore import build_graph
        >>> vectors = np.eye(2)[[0, 0, 1]]
        >>> find_duplicates(["a cat", "A cat!", "a dog"], vectors, build_graph(vectors)).roles.tolist()
        ['drop', 'keep', 'unique']
    """
    return decide(collect_evidence(texts, vectors, graph), min_similarity=min_similarity, keep=keep)


def decide(evidence: Evidence, *, min_similarity: float, keep: str) -> Duplicates:
    """Returns the decisions: documents are visited from the most worth keeping on, and each kept one drops what it matches.

    Raises:
        ValueError: the threshold lies below the floor of the evidence, or the policy is unknown.
    """
    check_fraction(min_similarity, "min_similarity")
    if min_similarity < FLOOR:
        raise ValueError(f"min_similarity={min_similarity}; expected at least {FLOOR}: pairs below were not kept.")
    check_choice(keep, "keep", POLICIES)
    n_rows, n_documents = len(evidence.document), len(evidence.lengths)
    first_row = _first_of(evidence.document, np.arange(n_rows), n_documents)
    order = _worth_order(evidence, first_row, keep)
    keeper = _drop_greedily(order, _matches(evidence, min_similarity), n_documents)
    kept = keeper == np.arange(n_documents)
    kind = np.where(evidence.normalised[keeper] == evidence.normalised, "normalised", "semantic").astype("<U10")
    kind[kept] = ""
    similarity = np.full(n_documents, np.nan, dtype=np.float32)
    similarity[~kept] = _similarity_to(evidence, np.flatnonzero(~kept), keeper[~kept])
    review, reviewed_by, reviewed_at = _find_reviews(evidence, kept, order, min_similarity)
    groups = _group(evidence, keeper, review, reviewed_by, n_rows)

    rows = np.arange(n_rows)
    is_copy = first_row[evidence.document] != rows
    document_keeper = first_row[keeper]
    keepers = document_keeper[evidence.document].astype(np.int32)
    roles = np.where(keepers == rows, "keep", "drop").astype("<U6")
    kinds, similarities = kind[evidence.document], similarity[evidence.document]
    is_exact = is_copy & kept[evidence.document]
    kinds[is_exact], similarities[is_exact] = "exact", 1.0
    has_copies = np.bincount(keepers, minlength=n_rows) > 1  # a row that others were dropped for says "keep"
    reviewed_rows = review[evidence.document] & (keepers == rows) & ~has_copies
    roles[reviewed_rows], kinds[reviewed_rows] = "review", "semantic"
    similarities[reviewed_rows] = reviewed_at[evidence.document[reviewed_rows]]
    roles[groups < 0] = "unique"
    return Duplicates(groups, roles, keepers, kinds, similarities, evidence, rows, float(min_similarity), keep)


def _worth_order(evidence: Evidence, first_row: np.ndarray, keep: str) -> np.ndarray:
    """Returns the documents from the most worth keeping on; ties go by text (documents are numbered by it)."""
    worth = {
        "longest": -evidence.lengths,
        "shortest": evidence.lengths,
        "most_central": -evidence.centrality,
        "first": first_row,
    }[keep]
    return np.argsort(worth, kind="stable")


def _matches(evidence: Evidence, min_similarity: float) -> dict[int, list[int]]:
    """Returns the documents that each document matches: those alike once normalised, and near ones with equal numbers."""
    is_certain = (evidence.similarities >= min_similarity) & ~evidence.numbers_differ
    first, second = evidence.first[is_certain].tolist(), evidence.second[is_certain].tolist()
    matches: dict[int, list[int]] = {}
    for a, b in zip(first, second, strict=True):
        matches.setdefault(a, []).append(b)
        matches.setdefault(b, []).append(a)
    alike: dict[int, list[int]] = {}
    for document, code in enumerate(evidence.normalised.tolist()):
        alike.setdefault(code, []).append(document)
    for documents in alike.values():
        for document in documents if len(documents) > 1 else ():
            matches.setdefault(document, []).extend(documents)
    return matches


def _drop_greedily(order: np.ndarray, matches: dict[int, list[int]], n_documents: int) -> np.ndarray:
    """Returns (d,) the kept document that each document matches, itself if it stays."""
    keeper = np.full(n_documents, -1, dtype=np.int64)
    for document in order.tolist():
        if keeper[document] < 0:
            keeper[document] = document
            for other in matches.get(document, ()):
                if keeper[other] < 0:
                    keeper[other] = document
    return keeper


def _similarity_to(evidence: Evidence, documents: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Returns the stored similarity of each pair of documents; 1 for texts alike once normalised."""
    n = len(evidence.lengths)
    names = evidence.first.astype(np.int64) * n + evidence.second  # sorted, as the pairs are
    wanted = np.minimum(documents, others).astype(np.int64) * n + np.maximum(documents, others)
    found = np.ones(len(documents), dtype=np.float32)
    if len(names):
        at = np.minimum(np.searchsorted(names, wanted), len(names) - 1)
        found = np.where(names[at] == wanted, evidence.similarities[at], found)
    return np.where(evidence.normalised[documents] == evidence.normalised[others], 1.0, found).astype(np.float32)


def _find_reviews(
    evidence: Evidence, kept: np.ndarray, order: np.ndarray, min_similarity: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns which kept documents are near a kept one of more worth but for their numbers; that one, and how near."""
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    review = np.zeros(len(order), dtype=bool)
    near, score = np.arange(len(order)), np.full(len(order), np.nan, dtype=np.float32)
    doubtful = (evidence.similarities >= min_similarity) & evidence.numbers_differ
    doubtful &= kept[evidence.first] & kept[evidence.second]
    doubtful &= evidence.normalised[evidence.first] != evidence.normalised[evidence.second]
    a, b, scores = evidence.first[doubtful], evidence.second[doubtful], evidence.similarities[doubtful]
    lesser, better = np.where(rank[a] > rank[b], a, b), np.where(rank[a] > rank[b], b, a)
    for at in np.lexsort((-rank[better], scores)):  # the nearest last, so that it stands
        review[lesser[at]], near[lesser[at]], score[lesser[at]] = True, better[at], scores[at]
    return review, near, score


def _group(
    evidence: Evidence, keeper: np.ndarray, review: np.ndarray, reviewed_by: np.ndarray, n_rows: int
) -> np.ndarray:
    """Returns (n,) the group of each row, the largest first, ties by content; -1 alone."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    n = len(keeper)
    links = np.where(review, reviewed_by, keeper)
    graph = coo_matrix((np.ones(n, dtype=np.int8), (np.arange(n), links)), shape=(n, n))
    _, part = connected_components(graph, directed=False)
    row_part = part[evidence.document]
    sizes = np.bincount(row_part, minlength=part.max(initial=-1) + 1)
    lowest = _first_of(part, np.arange(n), len(sizes))
    number = np.full(len(sizes), -1, dtype=np.int32)
    order = [at for at in np.lexsort((lowest, -sizes)) if sizes[at] > 1]
    number[order] = np.arange(len(order))
    return number[row_part] if n_rows else np.zeros(0, dtype=np.int32)


def _first_of(codes: np.ndarray, values: np.ndarray, n_codes: int) -> np.ndarray:
    """Returns for each code the smallest value that carries it."""
    first = np.full(n_codes, np.iinfo(np.int64).max, dtype=np.int64)
    np.minimum.at(first, codes, values)
    return first
