"""Links: which documents are dropped, and the match of each, given all pairs that match and a ranking."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from nomic_explore.duplicates.matches import NORMALIZED, SEMANTIC, VERDICT, Matches
from nomic_explore.duplicates.verdicts import ResolvedVerdicts


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


def link_documents(matches: Matches, dropped: np.ndarray, rank: np.ndarray, resolved: ResolvedVerdicts) -> Links:
    """Returns the match of each document, given which are dropped.

    Args:
        matches: all pairs that match.
        dropped: (d,) bool, from `drop_greedily`.
        rank: (d,) of the documents, 0 the first to be kept.
        resolved: what people decided.
    """
    worse, better = matches.worse, matches.better
    match, near = np.full(len(rank), -1, dtype=np.int32), np.full(len(rank), np.nan, dtype=np.float32)
    kinds, confidence = np.zeros(len(rank), dtype=np.int8), np.full(len(rank), np.inf, dtype=np.float32)
    # A dropped document links to a kept one it duplicates; a kept one to one it may duplicate, or duplicates but people keep it.
    usable = np.flatnonzero(~dropped[better] & (matches.is_duplicate | ~dropped[worse]))
    linked, place = find_nearest(worse[usable], better[usable], matches.match_score[usable], len(rank))
    of_pair = usable[place]
    match[linked], kinds[linked] = better[of_pair], matches.kinds[of_pair]
    near[linked], confidence[linked] = matches.similarities[of_pair], matches.confidence[of_pair]
    lesser, best = find_kept_alike(matches.codes, matches.alike, dropped, rank)
    match[lesser], kinds[lesser], near[lesser], confidence[lesser] = best, NORMALIZED, 1.0, 3.0
    _link_gone(resolved.duplicate_of, matches, match, kinds, near, confidence)
    return Links(dropped, match, kinds, near, confidence)


def link_to_target(
    matches: Matches,
    link: Callable[[Matches], Links],
    resolved: ResolvedVerdicts,
    document: np.ndarray,
    keep_n: int,
    min_similarity: float,
) -> tuple[Links, np.ndarray]:
    """Returns the links that leave at most `keep_n` rows, and the documents to restore so that exactly so many remain.

    Args:
        matches: all pairs that may be duplicates, with their confidence.
        link: drops and links documents, given matches.
        resolved: what people decided.
        document: (n,) the document of each row.
        keep_n: rows wanted.
        min_similarity: kept documents less similar to their match, in meaning only, lose the link.

    Returns:
        Links, and (d,) bool: dropped documents of the least certain pairs, which stay after all.

    Raises:
        ValueError: too few rows are duplicates.
    """
    kept_rows = np.flatnonzero(resolved.is_row_kept)
    n_documents = keep_n - (len(kept_rows) - len(np.unique(document[kept_rows])))  # equal texts that people keep
    levels = np.unique(matches.confidence[np.isfinite(matches.confidence)])[::-1]  # the most certain first

    def at(level: float) -> Links:
        return link(replace(matches, is_duplicate=matches.confidence >= level))

    def count(links: Links) -> int:
        return int((~links.dropped).sum())

    low, high = -1, len(levels) - 1  # indexes into the levels; -1 drops only what is equal once normalized
    links = at(np.inf)
    if count(links) > n_documents:
        if not len(levels) or count(links := at(levels[high])) > n_documents:
            raise ValueError(
                f"keep_n={n_documents:,}; the evidence leaves at least {count(links):,} of {len(document):,} rows: the others "
                "duplicate nothing. Ask for more rows, or sample from the kept ones."
            )
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if count(at(levels[middle])) <= n_documents else (middle, high)
        links = at(levels[high])
    restored = _least_certain(links, n_documents - count(links))
    return _without_distant(links, min_similarity), restored


def find_kept_alike(
    codes: np.ndarray, alike: np.ndarray, dropped: np.ndarray, rank: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Returns the documents (m,) with a better kept one of their normalized text, and the best such (m,)."""
    staying = alike[~dropped[alike]]
    kept = np.full(int(codes[alike].max(initial=-1)) + 1, -1, dtype=np.int64)
    staying = staying[np.argsort(-rank[staying])]
    kept[codes[staying]] = staying  # the last one written is the best
    best = kept[codes[alike]]
    is_lesser = (best >= 0) & (rank[best] < rank[alike])
    return alike[is_lesser], best[is_lesser]


def find_nearest(
    worse: np.ndarray, better: np.ndarray, match_score: np.ndarray, n_documents: int
) -> tuple[np.ndarray, np.ndarray]:
    """Returns the documents (m,) that match a better one, and the index (m,) of the pair with the highest score."""
    best = np.full(n_documents, -np.inf, dtype=np.float32)
    np.maximum.at(best, worse, match_score)
    among = np.flatnonzero(match_score == best[worse])
    lesser, others = worse[among], better[among]
    nearest = np.full(n_documents, n_documents, dtype=others.dtype)
    np.minimum.at(nearest, lesser, others)
    chosen = np.flatnonzero(others == nearest[lesser])
    return lesser[chosen], among[chosen]


def _least_certain(links: Links, n_more: int) -> np.ndarray:
    """Returns (d,) bool: so many dropped documents, those of the least certain pairs; ties by number."""
    restored = np.zeros(len(links.dropped), dtype=bool)
    dropped = np.flatnonzero(links.dropped & np.isfinite(links.confidence))
    restored[dropped[np.argsort(links.confidence[dropped], kind="stable")][: max(0, n_more)]] = True
    return restored


def _without_distant(links: Links, min_similarity: float) -> Links:
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
    for one, other in ((matches.worse, matches.better), (matches.better, matches.worse)):
        named = np.flatnonzero(duplicate_of[one] == other)
        kinds[one[named]], near[one[named]] = matches.kinds[named], matches.similarities[named]
    match[gone] = duplicate_of[gone]
