"""Subjects: whether two texts written from one template are about different things."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from nomic_explore.duplicates.flags import enumerate_repeats, list_words
from nomic_explore.duplicates.shingles import TokenSets, code_tokens, count_shared

_OPENING = 12  # words: the subject is named in the first sentence,
_MIN_TIMES = 2  # or more than once
_MIN_LETTERS = 3
_MIN_DOCUMENTS = 3  # with a word: misread ones are rare
_MAX_RARE = 1  # rare words of its own for each word for its subject: in a noisy text they are more


def compare_subjects(texts: Sequence[str], first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Returns (p,) bool: whether each text of a pair has a subject word that the other lacks, or has less often.

    "Returns the minimum spanning tree ..." and "Returns the maximum spanning tree ..." may continue for a page in the same words.
    Subject words are those of the first sentence and those that occur more than once, if other documents use them too. Noise makes rare
    words; a text with many of them is misread.

    Args:
        texts: d texts, all that occur in pairs.
        first: (p,) texts, and
        second: (p,) those they are compared with.
    """
    codes: dict[Any, int] = {}
    words = code_tokens(texts, lambda text: enumerate_repeats(list_words(text)), codes)
    salient = code_tokens(texts, _find_salient, codes)
    n_documents = np.bincount(words.tokens, minlength=len(codes))
    once = np.array([codes[word, 0] for word, _ in codes], dtype=np.int64)
    is_common = n_documents[once] >= _MIN_DOCUMENTS
    subjects, rare = salient.select(is_common), words.select(~is_common)
    differ = np.ones(len(first), dtype=bool)
    for one, other in ((first, second), (second, first)):
        n_own = _count_own(subjects, words, one, other)
        differ &= (n_own > 0) & (_count_own(rare, words, one, other) <= _MAX_RARE * n_own)
    return differ


def _count_own(some: TokenSets, others: TokenSets, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Returns (p,) how many of the tokens of each first text its second lacks."""
    return some.counts[first] - count_shared(some, others, first, second)


def _find_salient(text: str) -> list[tuple[str, int]]:
    """Returns the subject words of a text, each with how often it occurred before."""
    listed = [word for word in list_words(text) if len(word) >= _MIN_LETTERS]
    repeated = {word for word, times in Counter(listed).items() if times >= _MIN_TIMES}
    chosen = repeated.union(listed[:_OPENING])
    return enumerate_repeats([word for word in listed if word in chosen])
