"""Scoring: which documents are compared, and how alike each pair is on every channel."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from nomic_explore.arrays import count_equal
from nomic_explore.duplicates.columns import compare_columns
from nomic_explore.duplicates.flags import (
    compare_names,
    compare_negations,
    compare_numbers,
    compare_symbols,
    compare_words,
    measure_passages,
)
from nomic_explore.duplicates.greedy import drop_greedily
from nomic_explore.duplicates.languages import compare_languages
from nomic_explore.duplicates.lexical import TokenSets, count_shared, find_candidates, shingle
from nomic_explore.duplicates.pairs import MANY, MIN_OVERLAP, MIN_SIMILARITY, SUPPORTED, Pairs
from nomic_explore.duplicates.subjects import compare_subjects

_FEW = 40  # differing shingles, of both texts: five words or so
_SHORT = 200  # shared shingles: in so few sentences one word put for another makes another text
_LONG_WORD = 3  # letters; of a single sentence every word counts
_LOW = 0xFFFFFFFF
_PAIRS = 1 << 14  # cosines computed at a time
_MAX_ROUNDS = 4  # in which the ones that stay of large families are compared among themselves


@dataclass(frozen=True)
class _Letters:
    """What d documents are made of."""

    texts: Sequence[str]
    normalised: Sequence[str]
    shingles: TokenSets
    vectors: np.ndarray
    rows: np.ndarray
    blocks: np.ndarray


def score_pairs(
    texts: Sequence[str],
    normalised: Sequence[str],
    vectors: np.ndarray,
    rows: np.ndarray,
    near: tuple[np.ndarray, np.ndarray],
    blocks: np.ndarray,
    columns: Mapping[str, Sequence[str]],
) -> tuple[Pairs, dict[str, np.ndarray]]:
    """Returns the pairs of d documents that are near in meaning or share much of their text, and of each column how much.

    Args:
        texts: d distinct strings.
        normalised: what each says, in letters and digits; see `spell`.
        vectors: (n, v), and
        rows: (d,) where that of each document stands.
        near: (m,) and (m,) documents that the neighbor graph joins, in any order, with a cosine from 0.60 on.
        blocks: (d,) codes: only documents with the same are compared.
        columns: parts that the texts are made of, normalised, d each.
    """
    letters = _Letters(texts, normalised, shingle(normalised), vectors, rows, blocks)
    lengths = np.array([len(text) for text in texts], dtype=np.int64)
    asked = _join(find_candidates(letters.shingles, lengths), near)
    pairs = _score(letters, asked)
    # Of a family of thousands each is compared with a few; those that stay are compared again among themselves.
    for _ in range(_MAX_ROUNDS):
        staying = _find_staying(pairs, lengths)
        first, second = find_candidates(letters.shingles.take(staying), lengths[staying])
        more = np.setdiff1d(_join((staying[first], staying[second])), asked)
        if not len(more):
            break
        asked = np.concatenate([asked, more])
        pairs = _merge(pairs, _score(letters, more))
    overlaps, columns_differ = compare_columns(columns, pairs.first, pairs.second)
    pairs = replace(pairs, columns_differ=columns_differ)
    return replace(pairs, is_supported=_find_supported(pairs, len(texts))), overlaps


def _score(letters: _Letters, asked: np.ndarray) -> Pairs:
    """Returns those of the pairs, keys (p,), that stand in one block and are near, or share enough of their letters."""
    first, second = (asked >> 32).astype(np.int32), (asked & _LOW).astype(np.int32)
    is_one_block = letters.blocks[first] == letters.blocks[second]
    first, second = first[is_one_block], second[is_one_block]
    n_shared = count_shared(letters.shingles, letters.shingles, first, second)
    counts = np.maximum(letters.shingles.counts, 1)
    held_first = (n_shared / counts[first]).astype(np.float32)
    held_second = (n_shared / counts[second]).astype(np.float32)
    similarities = _cosines(letters.vectors, letters.rows[first], letters.rows[second])
    is_kept = (similarities >= MIN_SIMILARITY) | (np.maximum(held_first, held_second) >= MIN_OVERLAP)
    channels = [first, second, similarities, n_shared.astype(np.int32), held_first, held_second]
    return _add_signs(letters, *(channel[is_kept] for channel in channels))


def _add_signs(
    letters: _Letters,
    first: np.ndarray,
    second: np.ndarray,
    similarities: np.ndarray,
    n_shared: np.ndarray,
    held_first: np.ndarray,
    held_second: np.ndarray,
) -> Pairs:
    """Returns the pairs with passages and flags, for which only the documents in pairs are read."""
    shingles = letters.shingles
    paired, _ = count_equal(np.concatenate([first, second]))
    one, two = np.searchsorted(paired, first), np.searchsorted(paired, second)
    read, said = [letters.texts[number] for number in paired], [letters.normalised[number] for number in paired]
    sets = shingles.take(paired)
    most = np.maximum(held_first, held_second)
    own_first, own_second = (np.zeros(len(first), dtype=np.int32) for _ in range(2))
    shares = most >= MIN_OVERLAP
    own_first[shares] = measure_passages(said, sets, one[shares], two[shares])
    own_second[shares] = measure_passages(said, sets, two[shares], one[shares])
    is_close = most >= SUPPORTED
    is_sentence = shares & (n_shared < MANY)
    put_first, put_second = compare_words(read, said, one, two, is_sentence, 1)
    own_first_word, own_second_word = compare_words(read, said, one, two, is_close & (n_shared < _SHORT), _LONG_WORD)
    n_differing = (1 - held_first) * shingles.counts[first] + (1 - held_second) * shingles.counts[second]
    return Pairs(
        first=first,
        second=second,
        similarities=similarities,
        n_shared=n_shared,
        held_first=held_first,
        held_second=held_second,
        own_first=own_first,
        own_second=own_second,
        numbers_differ=compare_numbers(read, one, two, is_close) | compare_symbols(read, one, two, n_shared < MANY),
        names_differ=compare_names(read, said, one, two, is_close),
        words_differ=(is_sentence & put_first & put_second)
        | (own_first_word & own_second_word)
        | (is_close & compare_subjects(read, one, two)),
        words_added=is_sentence & (put_first | put_second),
        negation_differs=compare_negations(read, one, two) & (n_differing < _FEW),
        languages_differ=compare_languages(read, one, two, most < MIN_OVERLAP),
        is_supported=np.zeros(len(first), dtype=bool),
        columns_differ=np.zeros(len(first), dtype=bool),
    )


def _find_supported(pairs: Pairs, n_documents: int) -> np.ndarray:
    """Returns (p,) bool: whether some third document is strongly like both."""
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
    """Returns the documents that have strong copies and would stay if the longest did."""
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
