"""Phrases of one to three words: which documents contain each, and how each is usually written."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from nomic_explore.topics.tokenize import Words, is_unspaced, read_words

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

_MAX_PHRASES = 80_000
_MAX_SHARE = 0.35  # of the documents; a phrase in more of them sets none apart
_LONGEST = 30  # characters of a word
_LINKS = frozenset("of de du des del di da do van von der".split())  # may stand inside a phrase of three words


@dataclass(frozen=True)
class Phrases:
    """The phrases of n documents.

    Attributes:
        words: (p, 3) int32: the words of each phrase, numbers in `keys`; -1 behind the last.
        keys: all words, in lower case and singular.
        shown: each phrase as it is usually written.
        counts: (n, p) float32 of zeros and ones: which documents hold it.
        language: (n,) int: the language each document is taken to be in.
    """

    words: np.ndarray
    keys: list[str]
    shown: list[str]
    counts: "csr_matrix"
    language: np.ndarray

    @property
    def length(self) -> np.ndarray:
        """The number of words of each phrase (p,).

        Example:
            >>> count_phrases(["The red cats", "a red cat", "the sea"]).length.tolist()
            [1, 1, 2, 1]
        """
        return (self.words >= 0).sum(axis=1)


def count_phrases(texts: Sequence[str | None], stop_words: Collection[str] = ()) -> Phrases:
    """Returns the phrases that some of the documents contain, but not nearly all of them.

    Args:
        texts: n strings; None is read as an empty one.
        stop_words: words that stand in no phrase, besides those of each document's language.

    Example:
        >>> count_phrases(["The red cats", "a red cat", "the sea"]).shown
        ['cat', 'red', 'red cat', 'sea']
    """
    from scipy.sparse import coo_matrix

    words = read_words(texts, stop_words)
    at = np.where(words.tokens >= 0, words.lower[words.tokens] if len(words.lower) else -1, -1)
    least = 1 if len(texts) < 60 else 2
    is_content = _find_content(words, at, least)
    is_link = np.zeros(len(words.keys) + 1, dtype=bool)
    is_link[[number for number, key in enumerate(words.keys) if key in _LINKS]] = True
    places, codes = _find_runs(at, is_content, is_link[at])
    known, code = _number(codes, len(words.keys))
    incidence = coo_matrix(
        (np.ones(len(code), np.float32), (words.document[places], code)), (len(texts), len(known))
    ).tocsr()
    incidence.sum_duplicates()
    incidence.data[:] = 1.0
    shared = np.asarray(incidence.sum(axis=0)).ravel()
    most = len(texts) if len(texts) < 60 else _MAX_SHARE * len(texts)
    kept = np.flatnonzero((shared >= least) & (shared <= most))
    if len(kept) > _MAX_PHRASES:
        kept = np.sort(kept[np.argsort(-shared[kept], kind="stable")[:_MAX_PHRASES]])
    place_of = np.full(len(known), -1)
    place_of[kept] = np.arange(len(kept))
    is_kept = place_of[code] >= 0
    shown = _usual_forms(words, places[is_kept], place_of[code[is_kept]], (known[kept] >= 0).sum(axis=1))
    order = np.argsort(np.array(shown, dtype=object), kind="stable") if shown else np.zeros(0, dtype=int)
    return Phrases(
        known[kept][order], words.keys, [shown[i] for i in order], incidence[:, kept[order]].tocsr(), words.language
    )


def _find_content(words: Words, at: np.ndarray, least: int) -> np.ndarray:
    """Returns (t,) whether a phrase may begin or end with the word at a place."""
    from scipy.sparse import csr_matrix

    is_word = at >= 0
    shape = (int(words.document.max(initial=-1)) + 1, len(words.keys))
    incidence = csr_matrix((np.ones(int(is_word.sum()), np.int8), (words.document[is_word], at[is_word])), shape=shape)
    shared = np.append(np.bincount(incidence.indices, minlength=len(words.keys)), 0)  # documents that hold each word
    is_fit = np.array([len(key) <= _LONGEST and sum(map(str.isdigit, key)) < 3 for key in words.keys] + [False])
    is_fit &= shared >= least
    return is_word & ~words.is_stop & is_fit[at]


def _find_runs(at: np.ndarray, is_content: np.ndarray, is_link: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns the places where phrases begin (r,) and their words (r, 3), -1 behind the last."""
    one = np.flatnonzero(is_content)
    two = np.flatnonzero(is_content[:-1] & is_content[1:] & (at[:-1] != at[1:]))
    middle = is_content[1:-1] | is_link[1:-1]
    three = np.flatnonzero(is_content[:-2] & middle & is_content[2:])
    three = three[(at[three] != at[three + 1]) & (at[three + 1] != at[three + 2]) & (at[three] != at[three + 2])]
    codes = [np.full((len(places), 3), -1, dtype=np.int64) for places in (one, two, three)]
    for length, (places, code) in enumerate(zip((one, two, three), codes, strict=True), start=1):
        for step in range(length):
            code[:, step] = at[places + step]
    return np.concatenate([one, two, three]), np.concatenate(codes)


def _number(codes: np.ndarray, n_keys: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns the distinct rows of codes (p, 3) and which of them each is (r,)."""
    base = n_keys + 1
    flat = ((codes[:, 0] + 1) * base + codes[:, 1] + 1) * base + codes[:, 2] + 1
    known, number = np.unique(flat, return_inverse=True)
    return np.stack([known // base**2, known // base % base, known % base], axis=1) - 1, number


def _usual_forms(words: Words, places: np.ndarray, phrase: np.ndarray, length: np.ndarray) -> list[str]:
    """Returns each phrase as it is written most often; of equals the one that is first in the alphabet."""
    alphabet = sorted(words.forms)
    rank_of = {form: rank for rank, form in enumerate(alphabet)}
    rank = np.array([rank_of[form] for form in words.forms], dtype=np.int64)
    spelt = np.full((len(places), 3), -1, dtype=np.int64)
    for step in range(3):
        has_step = length[phrase] > step
        spelt[has_step, step] = rank[words.tokens[places[has_step] + step]]
    forms, form = _number(spelt, len(alphabet))
    pairs, counts = np.unique(phrase * max(1, len(forms)) + form, return_counts=True)
    order = np.lexsort((pairs, -counts, pairs // max(1, len(forms))))
    owner = pairs[order] // max(1, len(forms))
    best = pairs[order[np.unique(owner, return_index=True)[1]]] % max(1, len(forms))
    return [_join([alphabet[at] for at in row if at >= 0]) for row in forms[best].tolist()]


def _join(words: Sequence[str]) -> str:
    """Returns words as one phrase; without spaces where the script has none."""
    joined = words[0]
    for before, word in pairwise(words):
        joined += word if is_unspaced(before[-1]) and is_unspaced(word) else f" {word}"
    return joined
