"""Deciding: which documents are dropped for which, at one threshold, by one order of worth, under what people said."""

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from nomic_explore.arrays import find_shared
from nomic_explore.duplicates.evidence import Evidence
from nomic_explore.duplicates.grades import KINDS, grade_pairs, measure_sureness
from nomic_explore.duplicates.greedy import drop_greedily, find_kept_alike, find_nearest
from nomic_explore.duplicates.verdicts import Rulings

EXACT, NORMALISED, LEXICAL, SEMANTIC, VERDICT = range(1, 6)
KIND_NAMES = ("", *KINDS, "verdict")  # by code


@dataclass(frozen=True)
class Links:
    """What each of d documents resembles.

    Attributes:
        dropped: (d,) bool.
        partner: (d,) int64: of a dropped one the kept one it goes for, of a kept one perhaps a kept one of better rank of
            which it may be a copy; -1 none.
        kinds: (d,) int8: how, a place in `KIND_NAMES`.
        similarities: (d,) float32: the cosine; NaN where it is not known.
        sureness: (d,) float32: of the pair; 3 and more for what is equal once normalised or was said by people.
    """

    dropped: np.ndarray
    partner: np.ndarray
    kinds: np.ndarray
    similarities: np.ndarray
    sureness: np.ndarray


@dataclass(frozen=True)
class Matches:
    """Pairs of documents that are copies or may be.

    Attributes:
        first: (p,) documents, and
        second: (p,) those that they match.
        is_copy: (p,) bool: else doubtful.
        kinds: (p,) int8.
        similarities: (p,) float32.
        closeness: (p,) float32.
        sureness: (p,) float32.
        codes: (d,) documents that all match one another share one; those under a verdict stand alone and have pairs instead.
        alike: (a,) documents that share their code.
    """

    first: np.ndarray
    second: np.ndarray
    is_copy: np.ndarray
    kinds: np.ndarray
    similarities: np.ndarray
    closeness: np.ndarray
    sureness: np.ndarray
    codes: np.ndarray
    alike: np.ndarray


def find_matches(
    evidence: Evidence, min_similarity: float, kinds: Collection[str], apart: np.ndarray, *, is_sorted: bool = False
) -> Matches:
    """Returns what matches, apart from pairs (a, 2) of which people said that they do not.

    Sureness is only measured if they are to be sorted by it.
    """
    pairs, drops_alike = evidence.pairs, "normalised" in kinds
    grades = grade_pairs(pairs, min_similarity=min_similarity, kinds=kinds)
    codes, alike, first, second = _part_codes(evidence, apart, is_matching=drops_alike)
    is_told = (grades.is_copy | grades.is_doubtful) & evidence.is_apart
    if len(apart):
        is_told &= ~_stand_in(pairs.first, pairs.second, apart, len(codes))
    told, same = np.flatnonzero(is_told), np.ones(len(first), dtype=np.float32)
    return Matches(
        first=_join(first, pairs.first[told]),
        second=_join(second, pairs.second[told]),
        is_copy=_join(np.full(len(first), drops_alike), grades.is_copy[told]),
        kinds=_join(
            np.full(len(first), NORMALISED, np.int8), np.where(pairs.is_lexical[told], _LEXICAL_CODE, _SEMANTIC_CODE)
        ),
        similarities=_join(same, pairs.similarities[told]),
        closeness=_join(same, pairs.closeness[told]),
        sureness=_join(3 * same, measure_sureness(pairs, told) if is_sorted else pairs.similarities[told]),
        codes=codes,
        alike=alike,
    )


def link_documents(matches: Matches, rank: np.ndarray, rulings: Rulings) -> Links:
    """Returns which documents go, and what each resembles."""
    is_first = rank[matches.first] < rank[matches.second]
    worse = np.where(is_first, matches.second, matches.first)
    better = np.where(is_first, matches.first, matches.second)
    copies, is_gone = matches.is_copy, rulings.goes_for >= 0
    dropped = drop_greedily(
        matches.codes, matches.alike, rank, worse[copies], better[copies], is_kept=rulings.is_kept, is_gone=is_gone
    )
    partner, near = np.full(len(rank), -1, dtype=np.int32), np.full(len(rank), np.nan, dtype=np.float32)
    kinds, sureness = np.zeros(len(rank), dtype=np.int8), np.full(len(rank), np.inf, dtype=np.float32)
    # What a dropped one goes for is a copy; a kept one may be a doubtful one of another, or a copy that people keep.
    speaks = np.flatnonzero(~dropped[better] & (copies | ~dropped[worse]))
    linked, place = find_nearest(worse[speaks], better[speaks], matches.closeness[speaks], len(rank))
    of_pair = speaks[place]
    partner[linked], kinds[linked] = better[of_pair], matches.kinds[of_pair]
    near[linked], sureness[linked] = matches.similarities[of_pair], matches.sureness[of_pair]
    lesser, best = find_kept_alike(matches.codes, matches.alike, dropped, rank)
    partner[lesser], kinds[lesser], near[lesser], sureness[lesser] = best, NORMALISED, 1.0, 3.0
    _link_gone(rulings.goes_for, matches, partner, kinds, near, sureness)
    return Links(dropped, partner, kinds, near, sureness)


def without_distant(links: Links, min_similarity: float) -> Links:
    """Returns the links without those of kept documents to others that are near in meaning, but not so near."""
    is_distant = ~links.dropped & (links.kinds == SEMANTIC) & ~(links.similarities >= np.float32(min_similarity))
    return replace(links, partner=np.where(is_distant, -1, links.partner))


def _link_gone(
    goes_for: np.ndarray,
    matches: Matches,
    partner: np.ndarray,
    kinds: np.ndarray,
    near: np.ndarray,
    sureness: np.ndarray,
) -> None:
    """Links the documents that people dropped to what they said."""
    gone = np.flatnonzero(goes_for >= 0)
    if not len(gone):
        return
    partner[gone], kinds[gone], near[gone], sureness[gone] = -1, VERDICT, np.nan, np.inf
    for one, other in ((matches.first, matches.second), (matches.second, matches.first)):
        said = np.flatnonzero(goes_for[one] == other)
        kinds[one[said]], near[one[said]] = matches.kinds[said], matches.similarities[said]
    partner[gone] = goes_for[gone]


def _part_codes(
    evidence: Evidence, apart: np.ndarray, *, is_matching: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Returns (d,) codes of documents that match one another, who shares one, and pairs of those alike that share none.

    A document of which people said that another of its text is no copy of it gets a code of its own, and pairs with the rest.
    """
    normalised = evidence.normalised
    if not is_matching:
        alone = np.arange(len(normalised), dtype=np.int64)
        second = np.flatnonzero(normalised != alone)
        first = normalised[second].astype(np.int64)
        is_free = ~_stand_in(first, second, apart, len(alone))
        return alone, _NONE, first[is_free], second[is_free]
    same = apart[normalised[apart[:, 0]] == normalised[apart[:, 1]]]
    judged = np.unique(same)
    if not len(judged):
        return normalised, evidence.alike, _NONE, _NONE
    codes = normalised.astype(np.int64)
    codes[judged] = len(normalised) + np.arange(len(judged))
    partners = []
    for document in judged.tolist():
        others = np.flatnonzero(normalised == normalised[document])
        others = others[(others != document) & ~(np.isin(others, judged) & (others < document))]
        partners.append(np.stack([np.minimum(others, document), np.maximum(others, document)]))
    one, two = np.concatenate(partners, axis=1)
    is_free = ~_stand_in(one, two, apart, len(codes))
    return codes, find_shared(codes), one[is_free], two[is_free]


_NONE = np.zeros(0, dtype=np.int64)
_LEXICAL_CODE, _SEMANTIC_CODE = np.int8(LEXICAL), np.int8(SEMANTIC)


def _join(some: np.ndarray, more: np.ndarray) -> np.ndarray:
    return np.concatenate([some, more]) if len(some) else more


def _stand_in(first: np.ndarray, second: np.ndarray, apart: np.ndarray, n_documents: int) -> np.ndarray:
    """Returns (p,) bool: whether a pair, lower number first, is among the pairs (a, 2)."""
    return np.isin(first.astype(np.int64) * n_documents + second, apart[:, 0] * n_documents + apart[:, 1])
