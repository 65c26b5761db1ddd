"""Flags: differences in content between similar texts, in numbers, names, words, negation or a whole passage."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np

from nomic_explore.arrays import count_equal
from nomic_explore.duplicates.shingles import TokenSets, code_tokens, count_shared, cut, find_contained, hash_places

_ANCHOR = 4  # shingles in a row: eight characters in common are seldom chance, and noise of 10 % leaves them every 13 on average
# A minus belongs to its number unless what stands before makes it a hyphen: "-5", but "COVID-19" and "2019-2020".
_NUMBER = re.compile(r"(?<![\w.,)\]])[-\u2212]\d+(?:[.,]\d+)*|\d+(?:[.,]\d+)*")
_RAISED = re.compile("([\u2070\u00b9\u00b2\u00b3\u2074-\u2079]+)")  # "10\u2076" is not "106"
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")
_LETTERS = re.compile(r"[^\W\d_]+")
_NAME = re.compile(
    r"(?<![.!?:] )(?<!^)(?<![^\W\d_])[^\W\d_]{3,}"
)  # not at the start of a sentence, where every word is a capital
_MARK = re.compile(r"(?<!\d)[^\w\s]|[^\w\s](?!\d)")  # outside numbers
_NEGATIONS = frozenset(
    "no not nor never none neither nothing without cannot cant dont doesnt didnt wont wouldnt shouldnt couldnt isnt arent wasnt "
    "werent hasnt havent hadnt nicht kein keine nie ne pas jamais".split()
)
_MIXED = re.compile(r"\b(?=[a-z]*\d[a-z]*\d)\d*[a-z]\d*\b")  # one letter among several digits
_ANY_LETTER = re.compile(r"[a-z]")
_MIN_MISREAD, _SHORT_WORD = 3, 4  # words misread that make a text noisy, each of more letters than this
_MIN_LOST_MARKS = 3  # fewer may be missing by chance


def list_numbers(text: str) -> list[str]:
    """Returns the numbers written in a text as digits, sorted, each as often as it occurs.

    Example:
        >>> list_numbers("From 1,200 to -5 in 2019-2020, COVID-19")
        ['-5', '1,200', '19', '2019', '2020']
    """
    plain = text if text.isascii() else unicodedata.normalize("NFKC", _RAISED.sub(r"^\1", text))
    found = _NUMBER.findall(plain)
    return sorted(number.replace("\u2212", "-") for number in found)


def compare_numbers(texts: Sequence[str], first: np.ndarray, second: np.ndarray, is_close: np.ndarray) -> np.ndarray:
    """Returns (p,) bool: whether each text of a pair contains a number that the other lacks; repeats count.

    A text that lost all its punctuation lost that of its numbers: there only the digits are compared. A number that occurs in
    the other text with a letter in it, "2b10" for "2010", is misread and counts as the same, and so is one with a digit lost
    where several words are misread. All this is looked for only where `is_close` (p,): elsewhere it would change nothing.
    """
    sets = code_tokens(texts, lambda text: enumerate_repeats(list_numbers(text)))
    n_shared = count_shared(sets, sets, first, second)
    differ = (n_shared < sets.counts[first]) & (n_shared < sets.counts[second])
    looked_at = np.flatnonzero(differ & is_close)
    stripped = _find_stripped(texts, first[looked_at], second[looked_at])
    for place, may_be_stripped in zip(looked_at.tolist(), stripped.tolist(), strict=True):
        one, two = texts[first[place]], texts[second[place]]
        is_same = may_be_stripped and _list_digits(one) == _list_digits(two)
        differ[place] = not is_same and _have_numbers_of_their_own(one, two)
    return differ


def compare_negations(texts: Sequence[str], first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Returns (p,) bool: whether one text of a pair negates more often than the other."""
    counts = np.array([sum(map(_is_negation, _WORD.findall(text))) for text in texts], dtype=np.int32)
    return counts[first] != counts[second]


def compare_names(
    texts: Sequence[str], normalized: Sequence[str], first: np.ndarray, second: np.ndarray, is_close: np.ndarray
) -> np.ndarray:
    """Returns (p,) bool: whether each text of a pair contains a capitalized word that the other lacks, even misread.

    What may be misread is looked for only where `is_close` (p,).
    """
    unmatched_first, unmatched_second = _find_own(texts, normalized, first, second, is_close, _find_names)
    return unmatched_first & unmatched_second


def compare_words(
    texts: Sequence[str],
    normalized: Sequence[str],
    first: np.ndarray,
    second: np.ndarray,
    is_close: np.ndarray,
    min_letters: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Returns (p,) bool and (p,) bool: whether the first text of a pair holds a word of so many letters that the second lacks,
    even misread, and the other way round. Looked for only where `is_close` (p,); else False.
    """

    def find(text: str) -> set[str]:
        return {word for word in find_words(text) if len(word) >= min_letters}

    unmatched_first, unmatched_second = (np.zeros(len(first), dtype=bool) for _ in range(2))
    close = np.flatnonzero(is_close)
    paired, _ = count_equal(np.append(first[close], second[close]))
    one, two = np.searchsorted(paired, first[close]), np.searchsorted(paired, second[close])
    read, spelled = [texts[number] for number in paired], [normalized[number] for number in paired]
    unmatched_first[close], unmatched_second[close] = _find_own(
        read, spelled, one, two, np.ones(len(close), dtype=bool), find
    )
    return unmatched_first, unmatched_second


def _find_own(
    texts: Sequence[str],
    normalized: Sequence[str],
    first: np.ndarray,
    second: np.ndarray,
    is_close: np.ndarray,
    find: Callable[[str], set[str]],
) -> tuple[np.ndarray, np.ndarray]:
    """Returns (p,) bool for each text of a pair: whether something found in it is no word of the other."""
    codes: dict[object, int] = {}
    own, words = code_tokens(texts, find, codes), code_tokens(texts, find_words, codes)
    found: dict[int, set[str]] = {}
    held: dict[int, set[str]] = {}
    lacking = []
    for one, other in ((first, second), (second, first)):
        lacks = count_shared(own, words, one, other) < own.counts[one]
        for place in np.flatnonzero(lacks & is_close).tolist():
            text, compared = int(one[place]), int(other[place])
            if text not in found:
                found[text] = find(texts[text])
            if compared not in held:
                held[compared] = find_words(texts[compared])
            lacks[place] = _lacks(found[text], held[compared], normalized[compared])
        lacking.append(lacks)
    return lacking[0], lacking[1]


def measure_passages(
    normalized: Sequence[str], shingles: TokenSets, first: np.ndarray, second: np.ndarray
) -> np.ndarray:
    """Returns (p,) int32: length in characters of the longest passage of each first text that does not occur in its second.

    Args:
        normalized: d texts.
        shingles: of the same.
        first: (p,) texts, and
        second: (p,) the ones they are compared with.
    """
    owner, hashes = hash_places(list(normalized))
    starts = np.searchsorted(owner, np.arange(len(normalized) + 1))
    in_order = TokenSets(starts, hashes)
    longest = np.zeros(len(first), dtype=np.int32)
    for part in cut(in_order.counts[first] + shingles.counts[second]):
        pair, _, is_held = find_contained(in_order, shingles, first[part], second[part])
        begin, size = _find_runs(is_held, pair)
        is_anchor = np.repeat(is_held[begin] & (size >= _ANCHOR), size)
        begin, size = _find_runs(is_anchor, pair)
        is_free = ~is_anchor[begin]
        np.maximum.at(longest[part], pair[begin[is_free]], size[is_free].astype(np.int32))
    return longest


def _find_stripped(texts: Sequence[str], first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Returns (p,) bool: whether one text of a pair may be the other without its punctuation."""
    n_marks = np.zeros(len(texts), dtype=np.int64)
    for text in count_equal(np.append(first, second))[0].tolist():
        n_marks[text] = len(_MARK.findall(texts[text]))
    many, few = np.maximum(n_marks[first], n_marks[second]), np.minimum(n_marks[first], n_marks[second])
    return (many >= _MIN_LOST_MARKS) & (10 * few <= many)


def _find_runs(values: np.ndarray, pair: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns where runs of equal values within a pair begin, and their sizes."""
    is_start = np.ones(len(values), dtype=bool)
    is_start[1:] = (values[1:] != values[:-1]) | (pair[1:] != pair[:-1])
    begin = np.flatnonzero(is_start)
    return begin, np.diff(begin, append=len(values))


def enumerate_repeats(listed: list[str]) -> list[tuple[str, int]]:
    """Returns each item with how often it occurred before, so that a set can hold repeats."""
    seen: Counter[str] = Counter()
    enumerated = []
    for one in listed:
        enumerated.append((one, seen[one]))
        seen[one] += 1
    return enumerated


def _list_digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


def _have_numbers_of_their_own(text: str, other: str) -> bool:
    """Returns whether each text holds a number that the other lacks, also misread."""
    own, others = Counter(list_numbers(text)), Counter(list_numbers(other))
    lacking, others_lacking = set(own - others), set(others - own)
    mixed, others_mixed = set(_MIXED.findall(text)), set(_MIXED.findall(other))
    _excuse(lacking, others_lacking, others_mixed - mixed)
    _excuse(others_lacking, lacking, mixed - others_mixed)
    if lacking and others_lacking and _is_noisy(text, other):
        misread = {(one, two) for one in lacking for two in others_lacking if _is_short_of_one(one, two)}
        lacking -= {one for one, _ in misread}
        others_lacking -= {two for _, two in misread}
    return bool(lacking) and bool(others_lacking)


def _is_noisy(text: str, other: str) -> bool:
    """Returns whether several words of each text are words of the other misread: then its numbers may be, too."""
    words, others = find_words(text), find_words(other)
    own, others_own = words - others, others - words
    own, others_own = ({word for word in some if len(word) > _SHORT_WORD} for some in (own, others_own))
    n_misread = sum(_resembles(word, others_own) for word in own)
    return n_misread >= _MIN_MISREAD and 2 * n_misread >= len(own)


def _is_short_of_one(one: str, two: str) -> bool:
    """Returns whether one number is the other with a character lost."""
    shorter, longer = sorted((one, two), key=len)
    return len(longer) == len(shorter) + 1 and any(
        longer[:place] + longer[place + 1 :] == shorter for place in range(len(longer))
    )


def _excuse(numbers: set[str], parts: set[str], words: set[str]) -> None:
    """Takes from the numbers those that one of the words is with a letter in it, and from the parts the numbers in that word."""
    for word in words:
        reading = re.compile(_ANY_LETTER.sub(r"\\d?", word))
        misread = {number for number in numbers if reading.fullmatch(number)}
        if misread:
            numbers -= misread
            parts -= set(list_numbers(word))


def _is_negation(word: str) -> bool:
    return word.casefold().replace("\u2019", "").replace("'", "") in _NEGATIONS


def _find_names(text: str) -> set[str]:
    """Returns the capitalised words within sentences, case folded; a text all in capitals has none."""
    if text.isupper():
        return set()
    return {word.casefold() for word in _NAME.findall(text) if word[0].isupper()}


def list_words(text: str) -> list[str]:
    """Returns the words of a text in order, case folded."""
    return [word.casefold() for word in _LETTERS.findall(text)]


def find_words(text: str) -> set[str]:
    """Returns the words of a text, case folded."""
    return set(list_words(text))


def _lacks(own: set[str], words: set[str], normalized: str) -> bool:
    """Returns whether one of the words stands nowhere in the other text, of these words, nor anything like it."""
    return any(word not in words and word not in normalized and not _resembles(word, words) for word in own)


def _resembles(name: str, words: set[str]) -> bool:
    """Returns whether a name may be one of the words misread: half of their pairs of letters are the same."""
    own, length = _pair_letters(name), len(name)
    return any(-2 <= len(word) - length <= 2 and 2 * len(own & _pair_letters(word)) > length for word in words)


@lru_cache(maxsize=1 << 14)
def _pair_letters(word: str) -> frozenset[str]:
    """Returns the pairs of neighboring letters of a word, its two ends among them."""
    ended = f"^{word}$"
    return frozenset(map("".join, pairwise(ended)))
