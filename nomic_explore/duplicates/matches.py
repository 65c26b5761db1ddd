"""Matches: which pairs are duplicates, and which document each is dropped for, given a threshold and a ranking."""

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from nomic_explore.arrays import find_shared
from nomic_explore.duplicates.evidence import Evidence
from nomic_explore.duplicates.greedy import drop_greedily, find_kept_alike, find_nearest
from nomic_explore.duplicates.pairs import KINDS, grade_pairs, measure_confidence
from nomic_explore.duplicates.verdicts import ResolvedVerdicts

EXACT, NORMALIZED, LEXICAL, SEMANTIC, VERDICT = range(1, 6)
KIND_NAMES = ("", *KINDS, "verdict")  # by code


@dataclass(frozen=True)
class Links:
    """The match of each of d documents.

    Attributes:
        dropped: (d,) bool.
        match: (d,) int32: of a dropped document the kept one it duplicates, of a kept one perhaps a kept one of better rank that
            it may duplicate; -1 none.
        kinds: (d,) int8: how, a place in `KIND_NAMES`.
        similarities: (d,) float32: the cosine; NaN where it is not known.
        confidence: (d,) float32: of the pair; 3 or more if equal once normalized or decided by people.
    """

    dropped: np.ndarray
    match: np.ndarray
    kinds: np.ndarray
    similarities: np.ndarray
    confidence: np.ndarray


@dataclass(frozen=True)
class Matches:
    """Pairs of documents that are duplicates or may be.

    Attributes:
        first: (p,) documents, and
        second: (p,) those that they match.
        is_duplicate: (p,) bool: else doubtful.
        kinds: (p,) int8.
        similarities: (p,) float32.
        match_score: (p,) float32.
        confidence: (p,) float32.
        codes: (d,) documents that all match one another share one; those under a verdict have a code of their own and pairs instead.
        alike: (a,) documents that share their code.
    """

    first: np.ndarray
    second: np.ndarray
    is_duplicate: np.ndarray
    kinds: np.ndarray
    similarities: np.ndarray
    match_score: np.ndarray
    confidence: np.ndarray
    codes: np.ndarray
    alike: np.ndarray


def find_matches(
    evidence: Evidence, min_similarity: float, kinds: Collection[str], distinct: np.ndarray, *, is_sorted: bool = False
) -> Matches:
    """Returns all pairs that match, except the pairs (a, 2) that people marked as distinct.

    Sureness is only measured if they are to be sorted by it.
    """
    pairs, drops_alike = evidence.pairs, "normalised" in kinds
    grades = grade_pairs(pairs, min_similarity=min_similarity, kinds=kinds)
    codes, alike, first, second = _part_codes(evidence, distinct, is_matching=drops_alike)
    is_match = (grades.is_duplicate | grades.needs_review) & evidence.differs
    if len(distinct):
        is_match &= ~_is_among(pairs.first, pairs.second, distinct, len(codes))
    chosen, same = np.flatnonzero(is_match), np.ones(len(first), dtype=np.float32)
    return Matches(
        first=_join(first, pairs.first[chosen]),
        second=_join(second, pairs.second[chosen]),
        is_duplicate=_join(np.full(len(first), drops_alike), grades.is_duplicate[chosen]),
        kinds=_join(
            np.full(len(first), NORMALIZED, np.int8), np.where(pairs.is_lexical[chosen], _LEXICAL_CODE, _SEMANTIC_CODE)
        ),
        similarities=_join(same, pairs.similarities[chosen]),
        match_score=_join(same, pairs.match_score[chosen]),
        confidence=_join(3 * same, measure_confidence(pairs, chosen) if is_sorted else pairs.similarities[chosen]),
        codes=codes,
        alike=alike,
    )


def link_documents(matches: Matches, rank: np.ndarray, resolved: ResolvedVerdicts) -> Links:
    """Returns which documents are dropped, and the match of each."""
    is_first = rank[matches.first] < rank[matches.second]
    worse = np.where(is_first, matches.second, matches.first)
    better = np.where(is_first, matches.first, matches.second)
    is_duplicate, is_gone = matches.is_duplicate, resolved.duplicate_of >= 0
    dropped = drop_greedily(
        matches.codes,
        matches.alike,
        rank,
        worse[is_duplicate],
        better[is_duplicate],
        is_kept=resolved.is_kept,
        is_gone=is_gone,
    )
    match, near = np.full(len(rank), -1, dtype=np.int32), np.full(len(rank), np.nan, dtype=np.float32)
    kinds, confidence = np.zeros(len(rank), dtype=np.int8), np.full(len(rank), np.inf, dtype=np.float32)
    # A dropped document links to a kept one it duplicates; a kept one to one it may duplicate, or duplicates but people keep it.
    usable = np.flatnonzero(~dropped[better] & (is_duplicate | ~dropped[worse]))
    linked, place = find_nearest(worse[usable], better[usable], matches.match_score[usable], len(rank))
    of_pair = usable[place]
    match[linked], kinds[linked] = better[of_pair], matches.kinds[of_pair]
    near[linked], confidence[linked] = matches.similarities[of_pair], matches.confidence[of_pair]
    lesser, best = find_kept_alike(matches.codes, matches.alike, dropped, rank)
    match[lesser], kinds[lesser], near[lesser], confidence[lesser] = best, NORMALIZED, 1.0, 3.0
    _link_gone(resolved.duplicate_of, matches, match, kinds, near, confidence)
    return Links(dropped, match, kinds, near, confidence)


def without_distant(links: Links, min_similarity: float) -> Links:
    """Returns the links without those of kept documents to others that are near in meaning, but not so near."""
    is_distant = ~links.dropped & (links.kinds == SEMANTIC) & ~(links.similarities >= np.float32(min_similarity))
    return replace(links, match=np.where(is_distant, -1, links.match))


def _link_gone(
    duplicate_of: np.ndarray,
    matches: Matches,
    match: np.ndarray,
    kinds: np.ndarray,
    near: np.ndarray,
    confidence: np.ndarray,
) -> None:
    """Links the documents that people dropped to the ones they named."""
    gone = np.flatnonzero(duplicate_of >= 0)
    if not len(gone):
        return
    match[gone], kinds[gone], near[gone], confidence[gone] = -1, VERDICT, np.nan, np.inf
    for one, other in ((matches.first, matches.second), (matches.second, matches.first)):
        named = np.flatnonzero(duplicate_of[one] == other)
        kinds[one[named]], near[one[named]] = matches.kinds[named], matches.similarities[named]
    match[gone] = duplicate_of[gone]


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
