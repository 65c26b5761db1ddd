"""Matches: which pairs of documents are duplicates or may be, at one threshold."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from nomic_explore.arrays import find_shared
from nomic_explore.duplicates.evidence import Evidence
from nomic_explore.duplicates.pairs import KINDS, grade_pairs

EXACT, NORMALIZED, LEXICAL, SEMANTIC, VERDICT = range(1, 6)
KIND_NAMES = ("", *KINDS, "verdict")  # by code


@dataclass(frozen=True)
class Matches:
    """Pairs of documents that are duplicates or may be.

    Attributes:
        worse: (p,) documents, and
        better: (p,) the ones of better rank that they match.
        is_duplicate: (p,) bool: else doubtful.
        kinds: (p,) int8.
        similarities: (p,) float32.
        match_score: (p,) float32.
        confidence: (p,) float32.
        codes: (d,) documents that all match one another share one; those under a verdict have a code of their own and pairs instead.
        alike: (a,) documents that share their code.
    """

    worse: np.ndarray
    better: np.ndarray
    is_duplicate: np.ndarray
    kinds: np.ndarray
    similarities: np.ndarray
    match_score: np.ndarray
    confidence: np.ndarray
    codes: np.ndarray
    alike: np.ndarray


def find_matches(
    evidence: Evidence,
    rank: np.ndarray,
    min_similarity: float,
    kinds: Collection[str],
    distinct: np.ndarray,
    *,
    is_sorted: bool = False,
) -> Matches:
    """Returns all pairs that match, except the pairs (a, 2) that people marked as distinct.

    Args:
        evidence: of the documents.
        rank: (d,) of the documents, 0 the first to be kept.
        min_similarity: cosine from which meaning alone makes a match.
        kinds: the evidence that makes a duplicate; other evidence makes a doubtful match.
        distinct: (a, 2) pairs of documents, lower number first.
        is_sorted: measure the confidence of the pairs, by which they can then be sorted.
    """
    pairs, drops_alike = evidence.pairs, "normalised" in kinds
    codes, alike, first, second = _part_codes(evidence, distinct, is_matching=drops_alike)
    grades = grade_pairs(pairs, min_similarity=min_similarity, kinds=kinds)
    is_match = (grades.is_duplicate | grades.needs_review) & evidence.differs
    if len(distinct):
        is_match &= ~_is_among(pairs.first, pairs.second, distinct, len(codes))
    chosen, same = np.flatnonzero(is_match), np.ones(len(first), dtype=np.float32)
    one, other = _join(first, pairs.first[chosen]), _join(second, pairs.second[chosen])
    is_first_better = rank[one] < rank[other]
    return Matches(
        worse=np.where(is_first_better, other, one),
        better=np.where(is_first_better, one, other),
        is_duplicate=_join(np.full(len(first), drops_alike), grades.is_duplicate[chosen]),
        kinds=_join(
            np.full(len(first), NORMALIZED, np.int8), np.where(pairs.is_lexical[chosen], _LEXICAL_CODE, _SEMANTIC_CODE)
        ),
        similarities=_join(same, pairs.similarities[chosen]),
        match_score=_join(same, pairs.match_score[chosen]),
        confidence=_join(3 * same, pairs.confidence[chosen] if is_sorted else pairs.similarities[chosen]),
        codes=codes,
        alike=alike,
    )


def _part_codes(
    evidence: Evidence, distinct: np.ndarray, *, is_matching: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Returns (d,) codes of documents that match one another, who shares one, and pairs of those alike that share none.

    A document that people marked as distinct from another with the same text gets a code of its own, and pairs with the rest.
    """
    normalized = evidence.normalized
    if not is_matching:
        alone = np.arange(len(normalized), dtype=np.int64)
        second = np.flatnonzero(normalized != alone)
        first = normalized[second].astype(np.int64)
        is_free = ~_is_among(first, second, distinct, len(alone))
        return alone, _NONE, first[is_free], second[is_free]
    same = distinct[normalized[distinct[:, 0]] == normalized[distinct[:, 1]]]
    marked = np.unique(same)
    if not len(marked):
        return normalized, evidence.alike, _NONE, _NONE
    codes = normalized.astype(np.int64)
    codes[marked] = len(normalized) + np.arange(len(marked))
    matches = []
    for document in marked.tolist():
        others = np.flatnonzero(normalized == normalized[document])
        others = others[(others != document) & ~(np.isin(others, marked) & (others < document))]
        matches.append(np.stack([np.minimum(others, document), np.maximum(others, document)]))
    one, two = np.concatenate(matches, axis=1)
    is_free = ~_is_among(one, two, distinct, len(codes))
    return codes, find_shared(codes), one[is_free], two[is_free]


_NONE = np.zeros(0, dtype=np.int64)
_LEXICAL_CODE, _SEMANTIC_CODE = np.int8(LEXICAL), np.int8(SEMANTIC)


def _join(some: np.ndarray, more: np.ndarray) -> np.ndarray:
    return np.concatenate([some, more]) if len(some) else more


def _is_among(first: np.ndarray, second: np.ndarray, distinct: np.ndarray, n_documents: int) -> np.ndarray:
    """Returns (p,) bool: whether a pair, lower number first, is among the pairs (a, 2)."""
    return np.isin(first.astype(np.int64) * n_documents + second, distinct[:, 0] * n_documents + distinct[:, 1])
