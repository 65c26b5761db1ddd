"""Scored pairs: how two documents that may be copies relate, on every channel."""

from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np

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
        words_differ: bool: each holds a word the other lacks: any in a short text, one for its subject in a long one.
        words_added: bool: no more than a sentence, and one holds a word the other lacks.
        negation_differs: bool: one negates more often, and hardly anything else differs.
        languages_differ: bool: hardly a letter shared, and written in two languages.
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
    words_differ: np.ndarray
    words_added: np.ndarray
    negation_differs: np.ndarray
    languages_differ: np.ndarray
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
        """(p,) bool: the texts say different things: numbers, names, words, a negation, a passage or a column differ."""
        said = self.numbers_differ | self.names_differ | self.words_differ | self.negation_differs
        return said | self.languages_differ | self.passages_differ | self.columns_differ

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
        is_another = self.words_differ & (self.n_shared < MANY)  # one sentence in which one word is put for another
        return self.is_lexical_copy | (shares_much & ~is_another)

    @cached_property
    def closeness(self) -> np.ndarray:
        """(p,) float32: the mean of shared shingles (Jaccard) and cosine; of two keepers the closer is named."""
        return (self.overlaps + self.similarities) / 2

    def is_strong(self, most: float = STRONG) -> np.ndarray:
        """Returns (p,) bool: one text nearly all within the other, at least half of the other within it, and no flag.

        Of short texts each has to lie nearly all within the other, without a word more: "Plotting in Matlab" is not a copy of
        "3D plotting in Matlab".
        """
        larger, smaller = np.maximum(self.held_first, self.held_second), np.minimum(self.held_first, self.held_second)
        least = np.where(self.n_shared >= MANY, SHARED, most)
        return (larger >= most) & (smaller >= least) & ~self.is_flagged & ~self.words_added
