"""Scored pairs: similarity, shared text and differences of two documents, and what they amount to."""

from collections.abc import Collection
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np

KINDS = ("exact", "normalised", "lexical", "semantic")  # of evidence, the most certain first
DROPPING = KINDS[:3]  # evidence that drops a row unless asked otherwise
MIN_SIMILARITY = 0.80  # pairs below this cosine and below `MIN_OVERLAP` are not kept, so no threshold can go lower
MIN_OVERLAP = 0.40  # of the shingles of one text, in the other
MIN_NEAR = 0.60  # cosine from which the texts of a pair are compared: a noisy scan may have no more
MIN_PASSAGE = 20  # characters without spaces: noise of 2 % and every tenth word gone leave 18 without an anchor
STRONG = 0.85  # of a text's shingles in the other: noise of 2 % leaves 0.88, every tenth word gone 0.87
MANY = 60  # shared shingles: a sentence
SUPPORTED = 0.75  # where a third text is strongly like both
SHARED = 0.50  # of the other's shingles: half of one text joined to half of another holds about as much, but has a passage of its own
_WEAK = 0.45  # of a text's shingles in the other, enough for review: noise of 10 % leaves 0.5
_WEAK_IF_FEW = 0.7  # short texts on one subject share half of their shingles by chance,
_SENTENCES = 100  # shared shingles: up to two of them
_LONG_PASSAGE = 60  # characters: noise of 10 % leaves 45 in which no eight in a row are right


@dataclass(frozen=True)
class Pairs:
    """Pairs of documents and their scores; arrays of one length p, sorted, each pair once.

    Attributes:
        first, second: int32, first < second.
        similarities: float32, cosine.
        n_shared: int32: shingles that occur in both texts.
        containment_first: float32: fraction of the first text's shingles that also occur in the second.
        containment_second: float32: fraction of the second text's shingles that also occur in the first.
        unmatched_first: int32: length in characters of the longest passage of the first text that does not occur in the second;
            0, not measured, where neither contains 0.40 of the other.
        unmatched_second: int32: the same of the second.
        numbers_differ: bool: each contains a number the other lacks.
        names_differ: bool: each contains a capitalized word, or in short texts an abbreviation or a letter, that the other lacks.
        words_differ: bool: each contains a word the other lacks: any in a short text, a subject word in a long one.
        words_added: bool: at most two sentences long, and one contains a word the other lacks.
        negation_differs: bool: one negates more often, and hardly anything else differs.
        languages_differ: bool: hardly any shared text, and two languages.
        columns_differ: bool: in one column, such as the title, neither contains half of the other.
        signs_differ: bool: short or otherwise equal, and one contains a sign that the other lacks, such as # or an emoji (`signs.py`).
        order_differs: bool: the same words in another order within a sentence.
        few_words_differ: bool: at most two words are replaced, and one is a name, a number or a letter, or nearly all else is equal.
        is_supported: bool: a third document matches both strongly (`is_strong`), so that a lower containment is enough.
    """

    first: np.ndarray
    second: np.ndarray
    similarities: np.ndarray
    n_shared: np.ndarray
    containment_first: np.ndarray
    containment_second: np.ndarray
    unmatched_first: np.ndarray
    unmatched_second: np.ndarray
    numbers_differ: np.ndarray
    names_differ: np.ndarray
    words_differ: np.ndarray
    words_added: np.ndarray
    negation_differs: np.ndarray
    languages_differ: np.ndarray
    columns_differ: np.ndarray
    signs_differ: np.ndarray
    order_differs: np.ndarray
    few_words_differ: np.ndarray
    is_supported: np.ndarray

    def take(self, places: np.ndarray) -> "Pairs":
        """Returns some of the pairs, by index or mask."""
        return Pairs(**{each.name: getattr(self, each.name)[places] for each in fields(self)})

    def __len__(self) -> int:
        return len(self.first)

    @cached_property
    def overlaps(self) -> np.ndarray:
        """(p,) float32: the Jaccard similarity of the shingles, from the two containments."""
        one, two = self.containment_first.astype(np.float64), self.containment_second.astype(np.float64)
        both = one * two
        return np.divide(both, one + two - both, out=np.zeros_like(both), where=both > 0).astype(np.float32)

    @cached_property
    def is_flagged(self) -> np.ndarray:
        """(p,) bool: the contents differ: in numbers, names, words, their order, signs, negation, language, a passage or a column."""
        differ = self.numbers_differ | self.names_differ | self.words_differ | self.negation_differs
        differ |= self.signs_differ | self.order_differs
        return differ | self.languages_differ | self.passages_differ | self.columns_differ

    @property
    def passages_differ(self) -> np.ndarray:
        """(p,) bool: each text has a passage that the other lacks."""
        return np.minimum(self.unmatched_first, self.unmatched_second) >= MIN_PASSAGE

    @cached_property
    def is_lexical_duplicate(self) -> np.ndarray:
        """(p,) bool: strong by itself, or supported by a third document."""
        return self.is_strong() | self.is_supported

    @cached_property
    def is_lexical(self) -> np.ndarray:
        """(p,) bool: a lexical duplicate, or texts that share enough for review."""
        own = np.minimum(self.unmatched_first, self.unmatched_second)
        most = np.maximum(self.containment_first, self.containment_second)
        shares_much = (most >= np.where(self.n_shared >= _SENTENCES, _WEAK, _WEAK_IF_FEW)) & (own < _LONG_PASSAGE)
        # One sentence in which one word is replaced; where this is a name, or nearly all else is equal, people decide.
        is_another = self.words_differ & ~self.few_words_differ & (self.n_shared < MANY)
        return self.is_lexical_duplicate | (shares_much & ~is_another)

    @cached_property
    def match_score(self) -> np.ndarray:
        """(p,) float32: the mean of Jaccard similarity and cosine; of several matches the highest counts."""
        return (self.overlaps + self.similarities) / 2

    @cached_property
    def confidence(self) -> np.ndarray:
        """(p,) float32: how certain a duplicate each pair is; -inf if it is flagged.

        Strong lexical pairs are above 2, those that share much text above 1, those similar only in meaning below; within each the
        higher `match_score` is more certain. A target size drops the most certain first.
        """
        step = self.is_lexical_duplicate.astype(np.float32) + self.is_lexical
        return np.where(self.is_flagged, np.float32(-np.inf), step + self.match_score)

    def is_strong(self, most: float = STRONG) -> np.ndarray:
        """Returns (p,) bool: one text nearly all contained in the other, at least half of the other in it, and no flag.

        Of short texts each has to be nearly all contained in the other, without another word: "Plotting in Matlab" is not a duplicate of
        "3D plotting in Matlab".
        """
        larger, smaller = (
            np.maximum(self.containment_first, self.containment_second),
            np.minimum(self.containment_first, self.containment_second),
        )
        least = np.where(self.n_shared >= MANY, SHARED, most)
        return (larger >= most) & (smaller >= least) & ~self.is_flagged & ~self.words_added


@dataclass(frozen=True)
class Grades:
    """Which pairs are duplicates and which need review.

    Attributes:
        is_duplicate: (p,) bool: one is dropped for the other.
        needs_review: (p,) bool: flagged for review.
    """

    is_duplicate: np.ndarray
    needs_review: np.ndarray


def grade_pairs(pairs: Pairs, *, min_similarity: float, kinds: Collection[str]) -> Grades:
    """Returns which pairs are duplicates and which need review.

    Strong lexical evidence and, where asked for, a high cosine make a duplicate, unless a flag says that the contents
    differ. Flagged pairs, texts that share less, and a high cosine alone need review.
    """
    is_near = pairs.similarities >= np.float32(min_similarity)
    is_duplicate = pairs.is_lexical_duplicate if "lexical" in kinds else np.zeros(len(pairs), dtype=bool)
    if "semantic" in kinds:
        is_duplicate = is_duplicate | (is_near & ~pairs.is_flagged)
    return Grades(is_duplicate, (pairs.is_lexical | is_near) & ~is_duplicate)
