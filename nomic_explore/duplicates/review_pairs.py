"""Pairs to review: rows with the rows they may duplicate, one pair for each two texts, and what the texts differ in."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from nomic_explore.duplicates.decide import Decisions
from nomic_explore.duplicates.describe import FLAGS, find_places
from nomic_explore.duplicates.pairs import Pairs, grade_pairs
from nomic_explore.duplicates.roles import DROP


@dataclass(frozen=True)
class ReviewPairs:
    """Rows and what each is compared with; arrays of one length k.

    Attributes:
        rows: int64, in ascending order.
        others: int64: the row that each duplicates, certainly or possibly.
        groups: int32: their duplicate group.
        kind_codes: int8: indexes into KIND_NAMES.
        similarities: float32: cosine, NaN where it is not known.
        differences: int64: what the two texts differ in, a bit for each of FLAGS.
    """

    rows: np.ndarray
    others: np.ndarray
    groups: np.ndarray
    kind_codes: np.ndarray
    similarities: np.ndarray
    differences: np.ndarray

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, places: np.ndarray) -> "ReviewPairs":
        """Returns some of the pairs, by index or mask."""
        return ReviewPairs(*(getattr(self, each.name)[places] for each in fields(self)))

    def to_rows(self) -> np.ndarray:
        """Returns (k, 2) int64: each row and what it is compared with."""
        return np.stack([self.rows, self.others], axis=1)


def list_pairs(duplicates: Decisions, roles: Sequence[int]) -> ReviewPairs:
    """Returns the rows of some roles that duplicate another, certainly or possibly, each with that row.

    Args:
        duplicates: the decisions.
        roles: indexes into ROLES.
    """
    rows = np.flatnonzero(
        np.isin(duplicates.role_codes, roles) & (duplicates.matches != np.arange(len(duplicates.matches)))
    )
    return ReviewPairs(
        rows=rows,
        others=duplicates.matches[rows].astype(np.int64),
        groups=duplicates.groups[rows],
        kind_codes=duplicates.kind_codes[rows],
        similarities=duplicates.similarities[rows],
        differences=find_differences(duplicates.evidence.pairs, find_places(duplicates, rows)),
    )


def list_undecided(duplicates: Decisions, roles: Sequence[int], judged: np.ndarray) -> ReviewPairs:
    """Returns the same without pairs of texts that have a verdict, and each pair of texts once.

    Args:
        duplicates: the decisions.
        roles: indexes into ROLES.
        judged: (m, 2) rows that were compared.
    """
    pairs = list_pairs(duplicates, roles)
    keys = key_texts(duplicates, pairs.rows, pairs.others)
    known = key_texts(duplicates, judged[:, 0], judged[:, 1])
    _, first = np.unique(keys, return_index=True)
    is_first = np.zeros(len(pairs), dtype=bool)
    is_first[first] = True
    return pairs.take(is_first & ~np.isin(keys, known))


def key_texts(duplicates: Decisions, rows: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Returns (k,) numbers that are equal where rows and others, whichever is which, have the same two texts.

    Two rows with one text have a number of their own.
    """
    n = len(duplicates)
    text = text_of_rows(duplicates)
    one, two = text[rows], text[others]
    is_same = one == two
    one, two = np.where(is_same, n + rows, one), np.where(is_same, n + others, two)
    return np.minimum(one, two) * 2 * n + np.maximum(one, two)


def text_of_rows(duplicates: Decisions) -> np.ndarray:
    """Returns (n,) int64: the number of each row's text in the evidence; of a row without text n plus its own number."""
    text = len(duplicates) + np.arange(len(duplicates), dtype=np.int64)
    text[duplicates.rows] = duplicates.evidence.document
    return text


def find_differences(pairs: Pairs, places: np.ndarray) -> np.ndarray:
    """Returns (k,) int64: a bit for each of FLAGS that a pair has, by its index in the evidence; 0 for index -1."""
    bits = np.zeros(len(places), dtype=np.int64)
    known = np.flatnonzero(places >= 0)
    for at, name in enumerate(FLAGS):
        bits[known] |= getattr(pairs, name)[places[known]].astype(np.int64) << at
    return bits


def name_differences(bits: int) -> list[str]:
    """Returns in words what a pair of texts differs in.

    Example:
        >>> name_differences(0b11)
        ['numbers differ', 'names differ']
    """
    return [words for at, words in enumerate(FLAGS.values()) if bits >> at & 1]


def find_related(duplicates: Decisions, pairs: ReviewPairs, *, same_difference: bool) -> np.ndarray:
    """Returns (m, 2) rows: pairs to review that would take the place of some pairs once these are marked as distinct.

    A row is compared with the one it resembles most. Where that one is distinct, the next takes its place, so that a group
    of many texts would come back again and again; these are the pairs of the same groups that would.

    Args:
        duplicates: the decisions.
        pairs: the pairs that are to be marked as distinct.
        same_difference: only pairs of the same rows that differ in the same way as one of `pairs`; else all of the group.
    """
    evidence, scored = duplicates.evidence, duplicates.evidence.pairs
    n_documents = len(evidence.lengths)
    grades = grade_pairs(scored, min_similarity=duplicates.min_similarity, kinds=duplicates.drop_kinds)
    group = np.full(n_documents, -1, dtype=np.int64)
    stays = np.flatnonzero(duplicates.role_codes[duplicates.rows] != DROP)
    row_of = np.full(n_documents, -1, dtype=np.int64)
    row_of[evidence.document[stays]] = duplicates.rows[stays]
    group[evidence.document[stays]] = duplicates.groups[duplicates.rows[stays]]
    if same_difference:
        is_concerned = np.zeros(n_documents, dtype=bool)
        is_concerned[text_of_rows(duplicates)[pairs.to_rows().ravel()]] = True
        group[~is_concerned] = -1
    one, two = group[scored.first], group[scored.second]
    wanted = grades.needs_review & evidence.differs & (one == two) & np.isin(one, np.unique(pairs.groups))
    wanted &= one >= 0
    places = np.flatnonzero(wanted)
    if same_difference:
        places = places[np.isin(find_differences(scored, places), np.unique(pairs.differences))]
    found = np.stack([row_of[scored.first[places]], row_of[scored.second[places]]], axis=1)
    return found[~np.isin(key_texts(duplicates, *found.T), key_texts(duplicates, pairs.rows, pairs.others))]
