"""Grades: which scored pairs are copies beyond doubt, and which are to be looked at."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from nomic_explore.duplicates.pairs import Pairs

KINDS = ("exact", "normalised", "lexical", "semantic")  # of evidence, the surest first
DROPPING = KINDS[:3]  # evidence that drops a row unless asked otherwise
_WEAK = 0.45  # of a text's shingles in the other, worth a look: noise of 10 % leaves 0.5
_WEAK_IF_FEW = 0.7  # short texts on one subject share half of their shingles by chance,
_FEW = 100  # shared shingles: up to two sentences
_LONG_PASSAGE = 60  # characters: noise of 10 % leaves 45 in which no eight in a row are right


@dataclass(frozen=True)
class Grades:
    """What pairs amount to.

    Attributes:
        is_copy: (p,) bool: one is dropped for the other.
        is_doubtful: (p,) bool: to be looked at.
        is_lexical: (p,) bool: for their letters, not for their meaning alone.
    """

    is_copy: np.ndarray
    is_doubtful: np.ndarray
    is_lexical: np.ndarray


def grade_pairs(pairs: Pairs, *, min_similarity: float, kinds: Collection[str]) -> Grades:
    """Returns what each pair amounts to.

    Strong lexical evidence and, where asked for, a high cosine make a copy, unless a flag says that the texts say different
    things. Those, texts that share less of their letters, and a high cosine alone are doubtful.
    """
    is_near = pairs.similarities >= np.float32(min_similarity)
    is_strong = pairs.is_strong() | pairs.is_supported
    is_copy = is_strong if "lexical" in kinds else np.zeros(len(pairs), dtype=bool)
    if "semantic" in kinds:
        is_copy = is_copy | (is_near & ~pairs.is_flagged)
    is_lexical = is_strong | _share_much(pairs)
    return Grades(is_copy, (is_lexical | is_near) & ~is_copy, is_lexical)


def measure_closeness(pairs: Pairs) -> np.ndarray:
    """Returns (p,) float32: the mean of shared shingles (Jaccard) and cosine; of two keepers the closer is named."""
    return (pairs.overlaps + pairs.similarities) / 2


def measure_sureness(pairs: Pairs, is_wanted: np.ndarray) -> np.ndarray:
    """Returns (p,) float32: by what order pairs become copies when a target size asks for more; -inf for never.

    Strong lexical pairs come first, then those that share much of their letters, then those near in meaning; within each
    the closer first. What is flagged or not `is_wanted` (p,) never does.
    """
    step = np.where(pairs.is_strong() | pairs.is_supported, 2.0, np.where(_share_much(pairs), 1.0, 0.0))
    return np.where(is_wanted & ~pairs.is_flagged, step + measure_closeness(pairs), -np.inf).astype(np.float32)


def _share_much(pairs: Pairs) -> np.ndarray:
    own = np.minimum(pairs.own_first, pairs.own_second)
    most = np.maximum(pairs.held_first, pairs.held_second)
    return (most >= np.where(pairs.n_shared >= _FEW, _WEAK, _WEAK_IF_FEW)) & (own < _LONG_PASSAGE)
