"""Grades: which scored pairs are copies beyond doubt, and which are to be looked at."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from nomic_explore.duplicates.pairs import Pairs

KINDS = ("exact", "normalised", "lexical", "semantic")  # of evidence, the surest first
DROPPING = KINDS[:3]  # evidence that drops a row unless asked otherwise


@dataclass(frozen=True)
class Grades:
    """What pairs amount to.

    Attributes:
        is_copy: (p,) bool: one is dropped for the other.
        is_doubtful: (p,) bool: to be looked at.
    """

    is_copy: np.ndarray
    is_doubtful: np.ndarray


def grade_pairs(pairs: Pairs, *, min_similarity: float, kinds: Collection[str]) -> Grades:
    """Returns what each pair amounts to.

    Strong lexical evidence and, where asked for, a high cosine make a copy, unless a flag says that the texts say different
    things. Those, texts that share less of their letters, and a high cosine alone are doubtful.
    """
    is_near = pairs.similarities >= np.float32(min_similarity)
    is_copy = pairs.is_lexical_copy if "lexical" in kinds else np.zeros(len(pairs), dtype=bool)
    if "semantic" in kinds:
        is_copy = is_copy | (is_near & ~pairs.is_flagged)
    return Grades(is_copy, (pairs.is_lexical | is_near) & ~is_copy)


def measure_sureness(pairs: Pairs, told: np.ndarray) -> np.ndarray:
    """Returns (t,) float32 for some of the pairs: by what order pairs become copies when a target size asks for more; -inf for never.

    Strong lexical pairs come first, then those that share much of their letters, then those near in meaning; within each
    the closer first. What is flagged never does.
    """
    step = pairs.is_lexical_copy[told].astype(np.float32) + pairs.is_lexical[told]
    return np.where(pairs.is_flagged[told], np.float32(-np.inf), step + pairs.closeness[told])
