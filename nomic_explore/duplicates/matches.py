"""Deciding: which documents are dropped for which, at one threshold, by one order of worth, under what people said."""

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
    """What each of d documents resembles.

    Attributes:
        dropped: (d,) bool.
        match: (d,) int64: of a dropped one the kept one it goes for, of a kept one perhaps a kept one of better rank of
            which it may be a duplicate; -1 none.
        kinds: (d,) int8: how, a place in `KIND_NAMES`.
        similarities: (d,) float32: the cosine; NaN where it is not known.
        confidence: (d,) float32: of the pair; 3 and more for what is equal once normalized or was said by people.
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
        codes: (d,) documents that all match one another share one; those under a verdict stand alone and have pairs instead.
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
    """Returns what matches, distinct from pairs (a, 2) of which people said that they do not.

    Sureness is only measured if they are to be sorted by it.
    """
    pairs, drops_alike = evidence.pairs, "normalised" in kinds
    grades = grade_pairs(pairs, min_similarity=min_similarity, kinds=kinds)
    codes, alike, first, second = _part_codes(evidence, distinct, is_matching=drops_alike)
    is_told = (grades.is_duplicate | grades.needs_review) & evidence.differs
    if len(distinct):
        is_told &= ~_is_among(pairs.first, pairs.second, distinct, len(codes))
    told, same = np.flatnonzero(is_told), np.ones(len(first), dtype=np.float32)
    return Matches(
        first=_join(first, pairs.first[told]),
        second=_join(second, pairs.second[told]),
        is_duplicate=_join(np.full(len(first), drops_alike), grades.is_duplicate[told]),
        kinds=_join(
            np.full(len(first), NORMALIZED, np.int8), np.where(pairs.is_lexical[told], _LEXICAL_CODE, _SEMANTIC_CODE)
        ),
        similarities=_join(same, pairs.similarities[told]),
        match_score=_join(same, pairs.match_score[told]),
        confidence=_join(3 * same, measure_confidence(pairs, told) if is_sorted else pairs.similarities[told]),
        codes=codes,
        alike=alike,
    )


def link_documents(matches: Matches, rank: np.ndarray, resolved: ResolvedVerdicts) -> Links:
    """Returns which documents go, and what each resembles."""
    is_first = rank[matches.first] < rank[matches.second]
    worse = np.where(is_first, matches.second, matches.first)
    better = np.where(is_first, matches.first, matches.second)
    duplicates, is_gone = matches.is_duplicate, resolved.duplicate_of >= 0
    dropped = drop_greedily(
        matches.codes,
        matches.alike,
        rank,
        worse[duplicates],
        better[duplicates],
        is_kept=resolved.is_kept,
        is_gone=is_gone,
    )
    match, near = np.full(len(rank), -1, dtype=np.int32), np.full(len(rank), np.nan, dtype=np.float32)
    kinds, confidence = np.zeros(len(rank), dtype=np.int8), np.full(len(rank), np.inf, dtype=np.float32)
    # What a dropped one goes for is a duplicate; a kept one may be a doubtful one of another, or a duplicate that people keep.
    speaks = np.flatnonzero(~dropped[better] & (duplicates | ~dropped[worse]))
    linked, place = find_nearest(worse[speaks], better[speaks], matches.match_score[speaks], len(rank))
    of_pair = speaks[place]
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
    """Links the documents that people dropped to what they said."""
    gone = np.flatnonzero(duplicate_of >= 0)
    if not len(gone):
        return
    match[gone], kinds[gone], near[gone], confidence[gone] = -1, VERDICT, np.nan, np.inf
    for one, other in ((matches.first, matches.second), (matches.second, matches.first)):
        said = np.flatnonzero(duplicate_of[one] == other)
        kinds[one[said]], near[one[said]] = matches.kinds[said], matches.similarities[said]
    match[gone] = duplicate_of[gone]


def _part_codes(
    evidence: Evidence, distinct: np.ndarray, *, is_matching: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Returns (d,) codes of documents that match one another, who shares one, and pairs of those alike that share none.

    A document of which people said that another of its text is no duplicate of it gets a code of its own, and pairs with the rest.
    """
    normalized = evidence.normalized
    if not is_matching:
        alone = np.arange(len(normalized), dtype=np.int64)
        second = np.flatnonzero(normalized != alone)
        first = normalized[second].astype(np.int64)
        is_free = ~_is_among(first, second, distinct, len(alone))
        return alone, _NONE, first[is_free], second[is_free]
    same = distinct[normalized[distinct[:, 0]] == normalized[distinct[:, 1]]]
    judged = np.unique(same)
    if not len(judged):
        return normalized, evidence.alike, _NONE, _NONE
    codes = normalized.astype(np.int64)
    codes[judged] = len(normalized) + np.arange(len(judged))
    matches = []
    for document in judged.tolist():
        others = np.flatnonzero(normalized == normalized[document])
        others = others[(others != document) & ~(np.isin(others, judged) & (others < document))]
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
