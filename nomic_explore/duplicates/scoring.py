"""Scoring: which documents are compared, and the similarity, shared text and flags of each pair."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from nomic_explore.arrays import count_equal
from nomic_explore.duplicates.columns import compare_columns
from nomic_explore.duplicates.flags import (
    compare_names,
    compare_negations,
    compare_numbers,
    compare_words,
    measure_passages,
)
from nomic_explore.duplicates.greedy import drop_greedily
from nomic_explore.duplicates.languages import compare_languages
from nomic_explore.duplicates.pairs import MANY, MIN_NEAR, MIN_OVERLAP, MIN_SIMILARITY, SHARED, STRONG, SUPPORTED, Pairs
from nomic_explore.duplicates.shingles import TokenSets, count_shared, find_candidates, shingle
from nomic_explore.duplicates.signs import compare_signs
from nomic_explore.duplicates.subjects import compare_subjects
from nomic_explore.duplicates.wording import compare_wording
from nomic_explore.graph import NeighborGraph

_FEW = 40  # differing shingles, of both texts: five words or so
_SHORT = 200  # shared shingles: in so few sentences one replaced word makes another text
_ALIKE = 0.70  # of a text's shingles in the other: the wording is compared
_LONG_WORD = 3  # letters; of a single sentence every word counts
_LOCAL = 9  # differing shingles, of both texts: one more or less character
_LOW = 0xFFFFFFFF
_PAIRS = 1 << 14  # cosines computed at a time
_MAX_DENSE = 50_000  # documents in dense regions compared with one another: 2 * 50,000² * 384 operations, half a minute
_MAX_NEAR = 64  # pairs of each: a family of ten thousand then costs 640,000 pairs, not fifty million
_ROWS = 1024  # of cosines at a time
_MAX_ROUNDS = 4  # in which the kept members of large families are compared among themselves
_FLAGGED_PAIRS = 1 << 18  # pairs whose texts are compared at a time: their words are in memory then


@dataclass(frozen=True)
class _Documents:
    """The texts of d documents and what they are compared by."""

    texts: Sequence[str]
    normalized: Sequence[str]
    shingles: TokenSets
    vectors: np.ndarray
    rows: np.ndarray
    blocks: np.ndarray


def find_near_pairs(
    document: np.ndarray, graph: NeighborGraph, vectors: np.ndarray, rows: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Returns pairs of documents (m,) and (m,) whose vectors are similar enough to compare the texts, in any order.

    These are the neighbors in the graph with a cosine of at least 0.60, and in dense regions all with at least 0.80.

    Args:
        document: (n,) the document of each row.
        graph: of the n rows.
        vectors: (n, v).
        rows: (d,) the row that holds the vector of each document.
    """
    at, places = np.nonzero((graph.neighbors >= 0) & (graph.similarities >= MIN_NEAR))
    near = document[at], document[graph.neighbors[at, places]]
    dense = _find_dense_pairs(document, graph, vectors, rows)
    return np.concatenate([near[0], dense[0]]), np.concatenate([near[1], dense[1]])


def score_pairs(
    texts: Sequence[str],
    normalized: Sequence[str],
    vectors: np.ndarray,
    rows: np.ndarray,
    near: tuple[np.ndarray, np.ndarray],
    blocks: np.ndarray,
    columns: Mapping[str, Sequence[str]],
) -> tuple[Pairs, dict[str, np.ndarray]]:
    """Returns the scored pairs of d documents that are similar in meaning or share much text, and their overlap in each column.

    Args:
        texts: d distinct strings.
        normalized: their normalized texts without symbols, see `strip_symbols`.
        vectors: (n, v), and
        rows: (d,) the row that holds the vector of each document.
        near: (m,) and (m,) documents with similar vectors, from `find_near_pairs`.
        blocks: (d,) codes: only documents with the same are compared.
        columns: parts that the texts are made of, normalized, d each.
    """
    documents = _Documents(texts, normalized, shingle(normalized), vectors, rows, blocks)
    lengths = np.array([len(text) for text in texts], dtype=np.int64)
    asked = _join(find_candidates(documents.shingles, lengths), near)
    pairs = _score(documents, asked)
    # In a family of thousands each document is compared with a few; those that would be kept are compared again.
    for _ in range(_MAX_ROUNDS):
        staying = _find_staying(pairs, lengths)
        first, second = find_candidates(documents.shingles.take(staying), lengths[staying])
        more = np.setdiff1d(_join((staying[first], staying[second])), asked)
        if not len(more):
            break
        asked = np.concatenate([asked, more])
        pairs = _merge(pairs, _score(documents, more))
    overlaps, columns_differ = compare_columns(columns, pairs.first, pairs.second)
    pairs = replace(pairs, columns_differ=columns_differ)
    return replace(pairs, is_supported=_find_supported(pairs, len(texts))), overlaps


def _score(documents: _Documents, asked: np.ndarray) -> Pairs:
    """Returns the scores of those pairs, keys (p,), that lie in one block and are similar in meaning or share enough text."""
    first, second = (asked >> 32).astype(np.int32), (asked & _LOW).astype(np.int32)
    is_one_block = documents.blocks[first] == documents.blocks[second]
    first, second = first[is_one_block], second[is_one_block]
    n_shared = count_shared(documents.shingles, documents.shingles, first, second)
    counts = np.maximum(documents.shingles.counts, 1)
    containment_first = (n_shared / counts[first]).astype(np.float32)
    containment_second = (n_shared / counts[second]).astype(np.float32)
    similarities = _cosines(documents.vectors, documents.rows[first], documents.rows[second])
    is_kept = (similarities >= MIN_SIMILARITY) | (np.maximum(containment_first, containment_second) >= MIN_OVERLAP)
    scores = [first, second, similarities, n_shared.astype(np.int32), containment_first, containment_second]
    chosen = [score[is_kept] for score in scores]
    starts = range(0, max(1, len(chosen[0])), _FLAGGED_PAIRS)
    parts = [_add_flags(documents, *(score[start : start + _FLAGGED_PAIRS] for score in chosen)) for start in starts]
    if len(parts) == 1:
        return parts[0]
    return Pairs(**{each.name: np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(Pairs)})


def _add_flags(
    documents: _Documents,
    first: np.ndarray,
    second: np.ndarray,
    similarities: np.ndarray,
    n_shared: np.ndarray,
    containment_first: np.ndarray,
    containment_second: np.ndarray,
) -> Pairs:
    """Returns the pairs with passages and flags, for which only the documents in pairs are read."""
    shingles = documents.shingles
    paired, _ = count_equal(np.concatenate([first, second]))
    one, two = np.searchsorted(paired, first), np.searchsorted(paired, second)
    read, spelled = [documents.texts[number] for number in paired], [documents.normalized[number] for number in paired]
    sets = shingles.take(paired)
    most = np.maximum(containment_first, containment_second)
    unmatched_first, unmatched_second = (np.zeros(len(first), dtype=np.int32) for _ in range(2))
    shares = most >= MIN_OVERLAP
    unmatched_first[shares] = measure_passages(spelled, sets, one[shares], two[shares])
    unmatched_second[shares] = measure_passages(spelled, sets, two[shares], one[shares])
    is_close = most >= SUPPORTED
    is_sentence = shares & (n_shared < MANY)
    put_first, put_second = compare_words(read, spelled, one, two, is_sentence, 1)
    own_first_word, own_second_word = compare_words(read, spelled, one, two, is_close & (n_shared < _SHORT), _LONG_WORD)
    n_differing = shingles.counts[first] + shingles.counts[second] - 2 * n_shared
    least = np.minimum(containment_first, containment_second)
    is_alike = (most >= _ALIKE) & (least >= SHARED)
    wording = compare_wording(read, one, two, n_shared, n_differing, is_alike)
    return Pairs(
        first=first,
        second=second,
        similarities=similarities,
        n_shared=n_shared,
        containment_first=containment_first,
        containment_second=containment_second,
        unmatched_first=unmatched_first,
        unmatched_second=unmatched_second,
        numbers_differ=compare_numbers(read, one, two, is_close) | wording.renumbered,
        names_differ=compare_names(read, spelled, one, two, is_close) | wording.renamed,
        words_differ=(is_sentence & put_first & put_second)
        | (own_first_word & own_second_word)
        | (is_close & compare_subjects(read, one, two))
        | wording.replaced,
        words_added=(is_sentence & (put_first | put_second)) | wording.added,
        negation_differs=compare_negations(read, one, two) & (n_differing < _FEW),
        languages_differ=compare_languages(read, one, two, most < MIN_OVERLAP),
        signs_differ=compare_signs(read, one, two, (n_shared > 0) & ((n_shared < MANY) | (n_differing <= _LOCAL))),
        order_differs=wording.reordered,
        few_words_differ=wording.renamed | wording.renumbered | (wording.replaced & is_close & (least >= STRONG)),
        is_supported=np.zeros(len(first), dtype=bool),
        columns_differ=np.zeros(len(first), dtype=bool),
    )


def _find_dense_pairs(
    document: np.ndarray, graph: NeighborGraph, vectors: np.ndarray, rows: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Returns the pairs in dense regions: documents (m,) and (m,) with a cosine of at least 0.80.

    A document whose neighbor list is not filled with similar ones lists all of them. So only documents in dense regions can be
    missing from each other's lists, and only these are compared.
    """
    none = np.zeros(0, dtype=np.int64)
    n_rows, k = graph.neighbors.shape
    if k == 0 or k >= n_rows - 1:
        return none, none
    last = np.where(graph.neighbors[:, -1] >= 0, graph.similarities[:, -1], -1.0).astype(np.float32)
    density = np.full(len(rows), -1.0, dtype=np.float32)
    np.maximum.at(density, document, last)
    dense = np.flatnonzero(density >= MIN_SIMILARITY)
    if len(dense) > _MAX_DENSE:
        dense = np.sort(dense[np.argsort(-density[dense], kind="stable")[:_MAX_DENSE]])
    unit = np.asarray(vectors[rows[dense]], dtype=np.float32)
    unit = unit / np.maximum(np.linalg.norm(unit, axis=1, keepdims=True), np.finfo(np.float32).tiny)
    first, second = [none], [none]
    for start in range(0, len(unit), _ROWS):
        scores = unit[start : start + _ROWS] @ unit.T  # (b, dense)
        own = np.arange(len(scores))
        scores[own, own + start] = -1.0
        is_near = scores >= MIN_SIMILARITY
        for row in np.flatnonzero(is_near.sum(axis=1) > _MAX_NEAR).tolist():
            least = np.partition(scores[row], len(unit) - _MAX_NEAR)[len(unit) - _MAX_NEAR]
            is_near[row] = scores[row] > least
            equal = np.flatnonzero(scores[row] == least)
            is_near[row, equal[: _MAX_NEAR - int(is_near[row].sum())]] = True
        one, two = np.nonzero(is_near)
        first.append(dense[one + start])
        second.append(dense[two])
    return np.concatenate(first), np.concatenate(second)


def _find_supported(pairs: Pairs, n_documents: int) -> np.ndarray:
    """Returns (p,) bool: whether some third document matches both strongly."""
    from scipy.sparse import csr_array

    strong = np.flatnonzero(pairs.is_strong())
    ends = np.concatenate([pairs.first[strong], pairs.second[strong]])
    other_ends = np.concatenate([pairs.second[strong], pairs.first[strong]])
    joined = csr_array((np.ones(len(ends), dtype=np.int32), (ends, other_ends)), shape=(n_documents, n_documents))
    is_supported = np.zeros(len(pairs), dtype=bool)
    asked = np.flatnonzero(pairs.is_strong(SUPPORTED))
    for start in range(0, len(asked), _PAIRS):
        part = asked[start : start + _PAIRS]
        both = joined[pairs.first[part]].multiply(joined[pairs.second[part]])
        is_supported[part] = both.sum(axis=1) > 0
    return is_supported


def _find_staying(pairs: Pairs, lengths: np.ndarray) -> np.ndarray:
    """Returns the documents with strong matches that would be kept if the longest were."""
    strong = pairs.take(pairs.is_strong())
    rank = np.empty(len(lengths), dtype=np.int64)
    rank[np.argsort(-lengths, kind="stable")] = np.arange(len(lengths))
    is_first = rank[strong.first] < rank[strong.second]
    worse, better = np.where(is_first, strong.second, strong.first), np.where(is_first, strong.first, strong.second)
    nobody, each = np.zeros(len(lengths), dtype=bool), np.arange(len(lengths))
    dropped = drop_greedily(each, each[:0], rank, worse, better, is_kept=nobody, is_gone=nobody)
    return np.setdiff1d(better, np.flatnonzero(dropped))


def _merge(some: Pairs, more: Pairs) -> Pairs:
    """Returns the pairs of both, sorted."""
    order = np.lexsort((np.append(some.second, more.second), np.append(some.first, more.first)))
    return Pairs(
        **{each.name: np.append(getattr(some, each.name), getattr(more, each.name))[order] for each in fields(Pairs)}
    )


def _join(*lists: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Returns keys (p,) int64 of the pairs of all lists, lower number first, sorted, each pair once."""
    one, other = (np.concatenate(some).astype(np.int64) for some in zip(*lists, strict=True))
    keys, _ = count_equal((np.minimum(one, other) << 32 | np.maximum(one, other))[one != other])
    return keys


def _cosines(vectors: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Returns (p,) float32 of two lists of rows."""
    cosines = np.zeros(len(first), dtype=np.float32)
    for start in range(0, len(first), _PAIRS):
        part = slice(start, start + _PAIRS)
        one, two = (np.asarray(vectors[rows[part]], dtype=np.float32) for rows in (first, second))
        norms = np.sqrt(np.einsum("pd,pd->p", one, one) * np.einsum("pd,pd->p", two, two))
        np.divide(np.einsum("pd,pd->p", one, two), norms, out=cosines[part], where=norms > 0)
    return np.clip(cosines, -1.0, 1.0)
