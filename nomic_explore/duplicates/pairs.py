"""Scored pairs: how two documents that may be copies relate, on every channel."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property

import numpy as np

from nomic_explore.duplicates.columns import compare_columns
from nomic_explore.duplicates.lexical import TokenSets, count_equal, count_shared, expand, find_candidates, shingle
from nomic_explore.duplicates.signs import (
    compare_names,
    compare_negations,
    compare_numbers,
    compare_symbols,
    measure_passages,
)

MIN_SIMILARITY = 0.80  # pairs below this cosine and below `MIN_OVERLAP` are not kept, so no threshold can go lower
MIN_OVERLAP = 0.40  # of the shingles of one text, in the other
MIN_NEAR = 0.60  # cosine from which a pair is worth comparing letter by letter: a noisy scan may have no more
MIN_PASSAGE = 20  # characters without spaces: noise of 2 % and every tenth word gone leave 18 without an anchor
STRONG = 0.85  # of a text's shingles in the other: noise of 2 % leaves 0.88, every tenth word gone 0.87
MANY = 60  # shared shingles: a sentence
SUPPORTED = 0.75  # where a third text is strongly like both
SHARED = 0.50  # of the other's shingles: half of one text joined to half of another holds about as much, but has a passage of its own
_WEAK = 0.45  # of a text's shingles in the other, worth a look: noise of 10 % leaves 0.5
_WEAK_IF_FEW = 0.7  # short texts on one subject share half of their shingles by chance,
_SENTENCES = 100  # shared shingles: up to two of them
_LONG_PASSAGE = 60  # characters: noise of 10 % leaves 45 in which no eight in a row are right
_FEW = 40  # differing shingles, of both texts: five words or so
_LOW = 0xFFFFFFFF
_PAIRS = 1 << 14  # cosines computed at a time


@dataclass(frozen=True)
class Pairs:
    """Pairs of documents and how alike they are; arrays of one length p, sorted, each pair once.

    Attributes:
        first, second: int32, first < second.
        similarities: float32, cosine.
        n_shared: int32: shingles that both texts hold.
        held_first: float32: the share of the first text's shingles that the second holds: its containment in it.
        held_second: float32: the share of the second text's shingles that the first holds.
        own_first: int32: characters of the longest passage of the first text of which the second has nothing; 0 unmeasured
            where neither holds 0.40 of the other.
        own_second: int32: the same of the second.
        numbers_differ: bool: each holds a number the other lacks, or, in short texts, one a symbol such as # or %.
        names_differ: bool: each holds a capitalised word the other lacks.
        negation_differs: bool: one negates more often, and hardly anything else differs.
        columns_differ: bool: they have a column, such as a title, of which neither holds half of the other's.
        is_supported: bool: a third document is strongly like both (`is_strong`), so that a little less will do.
    """

    first: np.ndarray
    second: np.ndarray
    similarities: np.ndarray
    n_shared: np.ndarray
    held_first: np.ndarray
    held_second: np.ndarray
    own_first: np.ndarray
    own_second: np.ndarray
    numbers_differ: np.ndarray
    names_differ: np.ndarray
    negation_differs: np.ndarray
    columns_differ: np.ndarray
    is_supported: np.ndarray

    def take(self, places: np.ndarray) -> "Pairs":
        """Returns some of the pairs, by place or mask."""
        return Pairs(**{each.name: getattr(self, each.name)[places] for each in fields(self)})

    def __len__(self) -> int:
        return len(self.first)

    @cached_property
    def overlaps(self) -> np.ndarray:
        """(p,) float32: the Jaccard similarity of the shingles, from the two containments."""
        one, two = self.held_first.astype(np.float64), self.held_second.astype(np.float64)
        both = one * two
        return np.divide(both, one + two - both, out=np.zeros_like(both), where=both > 0).astype(np.float32)

    @cached_property
    def is_flagged(self) -> np.ndarray:
        """(p,) bool: the texts say different things: numbers, names, a negation, a passage or a column differ."""
        return (
            self.numbers_differ | self.names_differ | self.negation_differs | self.passages_differ | self.columns_differ
        )

    @property
    def passages_differ(self) -> np.ndarray:
        """(p,) bool: each text has a passage of its own."""
        return np.minimum(self.own_first, self.own_second) >= MIN_PASSAGE

    @cached_property
    def is_lexical_copy(self) -> np.ndarray:
        """(p,) bool: strong by itself, or supported by a third document."""
        return self.is_strong() | self.is_supported

    @cached_property
    def is_lexical(self) -> np.ndarray:
        """(p,) bool: a lexical copy, or texts that share so many letters that they are worth a look."""
        own = np.minimum(self.own_first, self.own_second)
        most = np.maximum(self.held_first, self.held_second)
        shares_much = (most >= np.where(self.n_shared >= _SENTENCES, _WEAK, _WEAK_IF_FEW)) & (own < _LONG_PASSAGE)
        return self.is_lexical_copy | shares_much

    @cached_property
    def closeness(self) -> np.ndarray:
        """(p,) float32: the mean of shared shingles (Jaccard) and cosine; of two keepers the closer is named."""
        return (self.overlaps + self.similarities) / 2

    def is_strong(self, most: float = STRONG) -> np.ndarray:
        """Returns (p,) bool: one text nearly all within the other, at least half of the other within it, and no flag.

        Of short texts each has to lie nearly all within the other: "Spring MVC" is not a copy of "Spring MVC or JSF".
        """
        larger, smaller = np.maximum(self.held_first, self.held_second), np.minimum(self.held_first, self.held_second)
        least = np.where(self.n_shared >= MANY, SHARED, most)
        return (larger >= most) & (smaller >= least) & ~self.is_flagged


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
    shingles = shingle(normalised)
    lengths = np.array([len(text) for text in texts], dtype=np.int64)
    first, second = _join(find_candidates(shingles, lengths), near)
    is_one_block = blocks[first] == blocks[second]
    first, second = first[is_one_block], second[is_one_block]
    n_shared = count_shared(shingles, shingles, first, second)
    counts = np.maximum(shingles.counts, 1)
    held_first = (n_shared / counts[first]).astype(np.float32)
    held_second = (n_shared / counts[second]).astype(np.float32)
    similarities = _cosines(vectors, rows[first], rows[second])
    is_kept = (similarities >= MIN_SIMILARITY) | (np.maximum(held_first, held_second) >= MIN_OVERLAP)
    channels = [first, second, similarities, n_shared.astype(np.int32), held_first, held_second]
    pairs = _add_signs(texts, normalised, shingles, *(channel[is_kept] for channel in channels))
    overlaps, columns_differ = compare_columns(columns, pairs.first, pairs.second)
    pairs = replace(pairs, columns_differ=columns_differ)
    return replace(pairs, is_supported=_find_supported(pairs, len(texts))), overlaps


def _add_signs(
    texts: Sequence[str],
    normalised: Sequence[str],
    shingles: TokenSets,
    first: np.ndarray,
    second: np.ndarray,
    similarities: np.ndarray,
    n_shared: np.ndarray,
    held_first: np.ndarray,
    held_second: np.ndarray,
) -> Pairs:
    """Returns the pairs with passages and flags, for which only the documents in pairs are read."""
    paired, _ = count_equal(np.concatenate([first, second]))
    one, two = np.searchsorted(paired, first), np.searchsorted(paired, second)
    read, said = [texts[number] for number in paired], [normalised[number] for number in paired]
    starts = np.cumsum(np.append(0, shingles.counts[paired]))
    _, place = expand(shingles.starts[paired], shingles.counts[paired])
    sets = TokenSets(starts, shingles.tokens[place])
    most = np.maximum(held_first, held_second)
    own_first, own_second = (np.zeros(len(first), dtype=np.int32) for _ in range(2))
    shares = most >= MIN_OVERLAP
    own_first[shares] = measure_passages(said, sets, one[shares], two[shares])
    own_second[shares] = measure_passages(said, sets, two[shares], one[shares])
    is_close = most >= SUPPORTED
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
        numbers_differ=compare_numbers(read, one, two, is_close)
        | (compare_symbols(read, one, two) & (n_shared < MANY)),
        names_differ=compare_names(read, said, one, two, is_close),
        negation_differs=compare_negations(read, one, two) & (n_differing < _FEW),
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


def _join(one: tuple[np.ndarray, np.ndarray], two: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Returns the pairs of both lists, lower number first, sorted, each once."""
    a, b = (np.concatenate([x, y]).astype(np.int64) for x, y in zip(one, two, strict=True))
    keys, _ = count_equal((np.minimum(a, b) << 32 | np.maximum(a, b))[a != b])
    return (keys >> 32).astype(np.int32), (keys & _LOW).astype(np.int32)


def _cosines(vectors: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Returns (p,) float32 of two lists of rows."""
    cosines = np.zeros(len(first), dtype=np.float32)
    for start in range(0, len(first), _PAIRS):
        part = slice(start, start + _PAIRS)
        one, two = (np.asarray(vectors[rows[part]], dtype=np.float32) for rows in (first, second))
        norms = np.sqrt(np.einsum("pd,pd->p", one, one) * np.einsum("pd,pd->p", two, two))
        np.divide(np.einsum("pd,pd->p", one, two), norms, out=cosines[part], where=norms > 0)
    return np.clip(cosines, -1.0, 1.0)
