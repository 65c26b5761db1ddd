"""Scored pairs: how two documents that may be duplicates relate, on every channel."""

from collections.abc import Collection
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np

KINDS = ("exact", "normalised", "lexical", "semantic")  # of evidence, the most certain first
DROPPING = KINDS[:3]  # evidence that drops a row unless asked otherwise
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
        containment_first: float32: the share of the first text's shingles that the second holds: its containment in it.
        containment_second: float32: the share of the second text's shingles that the first holds.
        unmatched_first: int32: characters of the longest passage of the first text of which the second has nothing; 0 unmeasured
            where neither holds 0.40 of the other.
        unmatched_second: int32: the same of the second.
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
    is_supported: np.ndarray

    def take(self, places: np.ndarray) -> "Pairs":
        """Returns some of the pairs, by place or mask."""
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
        """(p,) bool: the texts say different things: numbers, names, words, a negation, a passage or a column differ."""
        said = self.numbers_differ | self.names_differ | self.words_differ | self.negation_differs
        return said | self.languages_differ | self.passages_differ | self.columns_differ

    @property
    def passages_differ(self) -> np.ndarray:
        """(p,) bool: each text has a passage of its own."""
        return np.minimum(self.unmatched_first, self.unmatched_second) >= MIN_PASSAGE

    @cached_property
    def is_lexical_duplicate(self) -> np.ndarray:
        """(p,) bool: strong by itself, or supported by a third document."""
        return self.is_strong() | self.is_supported

    @cached_property
    def is_lexical(self) -> np.ndarray:
        """(p,) bool: a lexical duplicate, or texts that share so many letters that they are worth a look."""
        own = np.minimum(self.unmatched_first, self.unmatched_second)
        most = np.maximum(self.containment_first, self.containment_second)
        shares_much = (most >= np.where(self.n_shared >= _SENTENCES, _WEAK, _WEAK_IF_FEW)) & (own < _LONG_PASSAGE)
        is_another = self.words_differ & (self.n_shared < MANY)  # one sentence in which one word is put for another
        return self.is_lexical_duplicate | (shares_much & ~is_another)

    @cached_property
    def match_score(self) -> np.ndarray:
        """(p,) float32: the mean of shared shingles (Jaccard) and cosine; of two keepers the closer is named."""
        return (self.overlaps + self.similarities) / 2

    def is_strong(self, most: float = STRONG) -> np.ndarray:
        """Returns (p,) bool: one text nearly all within the other, at least half of the other within it, and no flag.

        Of short texts each has to lie nearly all within the other, without a word more: "Plotting in Matlab" is not a duplicate of
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
    """What pairs amount to.

    Attributes:
        is_duplicate: (p,) bool: one is dropped for the other.
        needs_review: (p,) bool: to be looked at.
    """

    is_duplicate: np.ndarray
    needs_review: np.ndarray


def grade_pairs(pairs: Pairs, *, min_similarity: float, kinds: Collection[str]) -> Grades:
    """Returns what each pair amounts to.

    Strong lexical evidence and, where asked for, a high cosine make a duplicate, unless a flag says that the texts say different
    things. Those, texts that share less of their letters, and a high cosine alone are doubtful.
    """
    is_near = pairs.similarities >= np.float32(min_similarity)
    is_duplicate = pairs.is_lexical_duplicate if "lexical" in kinds else np.zeros(len(pairs), dtype=bool)
    if "semantic" in kinds:
        is_duplicate = is_duplicate | (is_near & ~pairs.is_flagged)
    return Grades(is_duplicate, (pairs.is_lexical | is_near) & ~is_duplicate)


def measure_confidence(pairs: Pairs, told: np.ndarray) -> np.ndarray:
    """Returns (t,) float32 for some of the pairs: by what order pairs become duplicates when a target size asks for more; -inf for never.

    Strong lexical pairs come first, then those that share much of their letters, then those near in meaning; within each
    the closer first. What is flagged never does.
    """
    step = pairs.is_lexical_duplicate[told].astype(np.float32) + pairs.is_lexical[told]
    return np.where(pairs.is_flagged[told], np.float32(-np.inf), step + pairs.match_score[told])
