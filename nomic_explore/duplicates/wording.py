"""Wording: whether texts that are otherwise equal differ in a word, a name, a letter or the order of the words."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

_TOKEN = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
_SENTENCE_END = re.compile(r"[.!?:;\n\u3002]+(?:\s+|$)|\n")
_ENDS = frozenset(".!?\u2026\"')]\u201d\u3002")
_MIN_MISSPELLED = 5  # letters; in a shorter word one letter makes another word
_LONG_WORD = 8  # letters; a shorter one with another first letter is another word: "affect", "effect"
_MAX_PARTS = 4  # of a word that was written apart
_MAX_CHARACTERS = (
    400  # of a text of which only the order of the words may differ, however little of the rest seems equal
)
_MAX_LOCAL = 2  # words of its own that each text may have where nothing else differs
_MAX_ADDED = 4  # words that make another sentence; more are a sentence of their own or were lost in copying
_SENTENCES = 100  # shared shingles: up to two sentences
_SHORT = 150  # shared shingles: of one or two sentences every word counts
_FEW = 40  # differing shingles, of both texts: in a longer text only names, numbers and symbols count, and only where little else differs
_VOWELS = frozenset("aeiouy")
_KEYS = {  # row and place on a QWERTY keyboard, whose rows are shifted by about half a key
    letter: (row, place + 0.5 * row)
    for row, letters in enumerate(("qwertyuiop", "asdfghjkl", "zxcvbnm"))
    for place, letter in enumerate(letters)
}
_SIGNED = re.compile(r"[$\u20ac\u00a3\u00a5\u20b9<>=+]|(?<![\w-])-(?=\d)")


@dataclass(frozen=True)
class WordingFlags:
    """What the wording of the texts of each of p pairs differs in.

    Attributes:
        replaced: (p,) bool: each has a word that the other lacks, not even misspelled.
        renamed: (p,) bool: each has a name, abbreviation or letter that the other lacks.
        renumbered: (p,) bool: each has a number that the other lacks, and nothing else differs.
        added: (p,) bool: both are short and whole sentences, and one has a word that the other lacks, or one has a name.
        reordered: (p,) bool: the same words in another order within a sentence.
    """

    replaced: np.ndarray
    renamed: np.ndarray
    renumbered: np.ndarray
    added: np.ndarray
    reordered: np.ndarray


def compare_wording(
    texts: Sequence[str],
    first: np.ndarray,
    second: np.ndarray,
    n_shared: np.ndarray,
    n_differing: np.ndarray,
    is_asked: np.ndarray,
) -> WordingFlags:
    """Returns in what the texts of pairs differ that share nearly all of their text.

    Args:
        texts: d texts.
        first: (p,) texts, and
        second: (p,) those they are compared with.
        n_shared: (p,) shingles that both have.
        n_differing: (p,) shingles that one has and the other lacks.
        is_asked: (p,) bool: where to look, besides at short texts of the same words; all is False elsewhere.
    """
    flags = WordingFlags(*(np.zeros(len(first), dtype=bool) for _ in range(5)))
    tokens: dict[int, list[str]] = {}
    bags = _code_words(texts)
    has_same_words = (bags[first] == bags[second]) & (bags[first] >= 0)
    asked = (is_asked & ((n_shared < _SHORT) | (n_differing < _FEW))) | has_same_words
    for place in np.flatnonzero(asked).tolist():
        one, two = int(first[place]), int(second[place])
        for text in (one, two):
            if text not in tokens:
                tokens[text] = _TOKEN.findall(texts[text])
        own, others = find_own_words(tokens[one], tokens[two])
        is_short = bool(n_shared[place] < _SHORT)
        if own and others:
            _flag_replaced(flags, place, own, others, is_short=is_short)
        elif own or others:
            flags.added[place] = n_shared[place] < _SENTENCES and _is_addition(own + others, texts[one], texts[two])
        elif tokens[one] != tokens[two] or _SIGNED.search(texts[one]):
            flags.reordered[place] = is_reordered(texts[one], texts[two])
    return flags


def find_own_words(one: Sequence[str], other: Sequence[str]) -> tuple[list[str], list[str]]:
    """Returns the words of each of two texts that the other lacks, without those that it has misspelled or written apart.

    Example:
        >>> find_own_words("the data set of Iran".split(), "the dataset of Iraq".split())
        (['Iran'], ['Iraq'])
    """
    own, others = _subtract(one, other), _subtract(other, one)
    if own or others:
        own, others = _join_parts(own, others, other)
        others, own = _join_parts(others, own, one)
    initial = {words[0] for words in (one, other) if words}
    for word in list(own):
        for candidate in others:
            if _may_be_misspelled(word, candidate, initial):
                own.remove(word)
                others.remove(candidate)
                break
    return own, others


def is_reordered(one: str, other: str) -> bool:
    """Returns whether two texts of the same words have them in another order, though not only their sentences.

    Example:
        >>> is_reordered("Cats chase dogs. It is so.", "Dogs chase cats. It is so.")
        True
        >>> is_reordered("Cats chase dogs. It is so.", "It is so. Cats chase dogs.")
        False
    """
    ordered, others_ordered = (_order(text) for text in (one, other))
    bags = [sorted(map(_fold, _TOKEN.findall(text))) for text in (one, other)]
    if ordered == others_ordered or bags[0] != bags[1]:
        return False
    return not _holds_sentences(one, others_ordered) and not _holds_sentences(other, ordered)


def _holds_sentences(text: str, words: tuple[str, ...]) -> bool:
    """Returns whether every sentence of a text occurs as it is among the words of another."""
    joined = f" {' '.join(words)} "
    return all(f" {' '.join(_order(sentence))} " in joined for sentence in filter(_order, _SENTENCE_END.split(text)))


def _code_words(texts: Sequence[str]) -> np.ndarray:
    """Returns (d,) codes: equal for short texts of the same words, -1 for long ones."""
    codes: dict[tuple[str, ...], int] = {}
    return np.array(
        [
            codes.setdefault(tuple(sorted(map(_fold, _TOKEN.findall(text)))), len(codes))
            if len(text) <= _MAX_CHARACTERS
            else -1
            for text in texts
        ],
        dtype=np.int64,
    )


def _flag_replaced(flags: WordingFlags, place: int, own: list[str], others: list[str], *, is_short: bool) -> None:
    """Sets what a pair differs in, given the words of each text that the other lacks."""
    is_local = max(len(set(own)), len(set(others))) <= _MAX_LOCAL
    if all(map(_is_numeric, own + others)):
        flags.renumbered[place] = is_local
        return
    flags.renamed[place] = is_local and any(map(_is_name, own)) and any(map(_is_name, others))
    flags.replaced[place] = is_short and is_local


def _is_addition(added: list[str], one: str, other: str) -> bool:
    """Returns whether few words were added, and these hold a name or both texts have their end: one that was cut off has none."""
    is_whole = all(text.rstrip()[-1:] in _ENDS for text in (one, other))
    return len(added) <= _MAX_ADDED and (is_whole or any(map(_is_name, added)))


def _subtract(words: Sequence[str], others: Sequence[str]) -> list[str]:
    """Returns the words, as written, that occur more often than among the others, whatever their case."""
    left = Counter(map(_fold, others))
    own = []
    for word in words:
        folded = _fold(word)
        left[folded] -= 1
        if left[folded] < 0:
            own.append(word)
    return own


def _join_parts(own: list[str], others: list[str], other: Sequence[str]) -> tuple[list[str], list[str]]:
    """Returns both lists without the words of one text that the other has in parts, and without these parts."""
    longest = max((len(word) for word in own), default=0)
    if longest < 2:
        return own, others
    wanted = {_fold(word) for word in own}
    folded = [_fold(word) for word in other]
    for begin in range(len(folded)):
        joined = folded[begin]
        for end in range(begin + 1, min(begin + _MAX_PARTS, len(folded))):
            joined += folded[end]
            if len(joined) > longest:
                break
            if joined in wanted:
                own = [word for word in own if _fold(word) != joined]
                parts = set(folded[begin : end + 1])
                others = [word for word in others if _fold(word) not in parts]
    return own, others


def _may_be_misspelled(word: str, other: str, initial: set[str]) -> bool:
    """Returns whether one ordinary word may be the other with one letter lost, added, replaced or two exchanged."""
    if min(len(word), len(other)) < _MIN_MISSPELLED or any(
        _is_name(each) and each not in initial for each in (word, other)
    ):
        return False
    one, two = _fold(word), _fold(other)
    begins_alike = one[0] == two[0] or min(len(one), len(two)) >= _LONG_WORD
    return one.isalpha() and two.isalpha() and begins_alike and _is_one_edit(one, two)


def _is_one_edit(one: str, other: str) -> bool:
    """Returns whether two different words are one slip apart: a letter lost, added, or hit beside it, or two exchanged.

    Another letter that lies elsewhere on the keyboard makes another word, but for a vowel in place of a vowel inside it.

    Example:
        >>> [_is_one_edit("house", other) for other in ("hpuse", "hause", "horse")]
        [True, True, False]
    """
    shorter, longer = sorted((one, other), key=len)
    if len(longer) - len(shorter) > 1:
        return False
    at = next((place for place, (a, b) in enumerate(zip(shorter, longer, strict=False)) if a != b), len(shorter))
    if len(longer) > len(shorter):
        return shorter[at:] == longer[at + 1 :]
    exchanged = shorter[at : at + 2][::-1] == longer[at : at + 2]
    if exchanged and shorter[at + 2 :] == longer[at + 2 :]:
        return True
    are_vowels = at > 0 and shorter[at] in _VOWELS and longer[at] in _VOWELS
    is_slip = are_vowels or not (shorter[at] + longer[at]).isascii() or _are_neighbors(shorter[at], longer[at])
    return is_slip and shorter[at + 1 :] == longer[at + 1 :]


def _are_neighbors(one: str, other: str) -> bool:
    """Returns whether two letters lie beside each other on a keyboard."""
    (row, column), (other_row, other_column) = _KEYS.get(one, (-9, -9)), _KEYS.get(other, (9, 9))
    return abs(row - other_row) <= 1 and abs(column - other_column) <= 1


def _is_name(word: str) -> bool:
    """Returns whether a word is written as a name, a number, an abbreviation or a letter."""
    return len(word) == 1 or not word.islower() or not word.isalpha()


def _is_numeric(word: str) -> bool:
    return not word.isalpha() and any(map(str.isdigit, word))


@lru_cache(maxsize=1 << 16)
def _fold(word: str) -> str:
    return word.casefold().replace("'", "").replace("\u2019", "")


def _order(text: str) -> tuple[str, ...]:
    """Returns the words of a text in order, each with the currency or the sign before it."""
    plain = text.replace("\u2212", "-")
    return tuple(_fold(word.strip()) for word in re.findall(rf"(?:{_SIGNED.pattern})?\s?{_TOKEN.pattern}", plain))
