"""Signs: small differences that carry meaning, such as superscripts, emoji, units, hyphens and question marks.

A text that lost all its punctuation lost these signs, too, and one all in capitals the case of its units. Neither is another text.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from nomic_explore.arrays import count_equal

_ALIKE = str.maketrans(
    dict.fromkeys("\u2010\u2011\u2012\u2013\u2212", "-")
    | dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff\ufe0e\ufe0f", None)
    | {"\u2019": "'", "\u061f": "?", "\uff1f": "?"}
)
_URL = re.compile(r"(?:https?://|www\.|\b[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}/)[^\s<>\"]+", re.IGNORECASE)
_URL_END = ".,;:!?)]}'*_~"
_HOST = re.compile(r"(?:https?://)?(?:www\.)?[^/?#]*", re.IGNORECASE)
_REPEATED = re.compile(r"([^\w\s])\1{2,}")
_STRUCK = re.compile(r"~~(?=\S)[^~]+~~|<(s|del|strike)\b[^<>]*>.*?</\1>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)
_BULLET = re.compile(r"^[ \t]*(?:[-*+\u2022\u00b7\u25a0-\u25ff\u27a2\u27a4]|#{1,6}|>+)[ \t]+", re.MULTILINE)
_EMPHASIS = re.compile(r"(?<!\w)(\*{1,3})(?=[^\s*])([^*]+)(?<=\S)\1(?!\w)")
_ASCII_SIGNS = re.compile(r"[#%&@$+<=>^|~*]")
_EMOTICON = re.compile(r"(?<!\S)[:;=8xX]'?-?[()\[\]DPpO/\\|*3](?=$|[\s.,!?])|<3(?!\d)")
_MINUS = re.compile(r"(?:(?<=\s)|(?<=[(\[=<>*/+^])|(?<=^)(?=-[\d.]))-(?=[\w.])|(?<=\d)\s-\s(?=\d)")
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[/:](?=\d)")
_FOOTNOTE = re.compile(r"\[(?:\d{1,3}|[A-Za-z])\]")
_COMPOUND = re.compile(r"(?<![\w-])[^\W\d_]{2,}(?:-[^\W\d_]{2,})+(?![\w-])")
_WORD = re.compile(r"[^\W\d_]+")
_QUESTION = re.compile(r"\?+")
_PUNCTUATION = re.compile(r"(?<!\d)[.,;:!?'\"()\[\]/-]|[.,;:!?'\"()\[\]/-](?!\d)")
_LEVELS = (1, 3, 10, 30, 100, 300, 1000)  # punctuation marks: two levels apart is about a tenth
_SHORT_WORD = re.compile(r"(?<![^\W\d_])(?<!['.-])([^\W\d_]{1,4})(?![\w'-]|\.\w)")
_AFTER_NUMBER = re.compile(r"\d\s?$")
_VOWEL = re.compile(r"[aeiouy]", re.IGNORECASE)
_INNER_CAPITAL = re.compile(r"[^\W\d_A-Z][A-Z]|[A-Z]{2,}[a-z]")
_MIXED_ID = re.compile(r"\b(?=\w*\d)(?=\w*[a-z])(?=\w*[A-Z])\w{5,}\b")
_NEITHER_UNIT_NOR_SYMBOL = frozenset("th st nd rd pm mr mrs dr jr sr vs pvt my by try why shy fly sky cry dry".split())
_OTHER_SIGNS = frozenset("\u00a7\u00b6\u2020\u2021\u2030\u2031\u203b")
_QUESTION_WORDS = frozenset(
    "how what whats which who whos whom whose why when where wheres is are am was were do does did can could should would will has "
    "have had may might shall must isnt arent doesnt dont didnt cant couldnt wont wouldnt shouldnt hasnt havent if "
    "wie was wer wann wo warum welche welcher welches ist sind kann que quel quelle comment pourquoi qui est como cual quien".split()
)
_N_COMPARED = 7  # attributes of signs; where they are equal the others do not matter
_MAX_UNIT = 4  # letters
_ENOUGH = 2  # words in another case: a text that differs only in them lost its case
_MAX_KEYS = 200  # of one group of equal texts; above, only equal signs make one group


class Signs(NamedTuple):
    """The signs of a text, all sorted, so that the order of its sentences does not matter.

    Attributes:
        marks: super- and subscripts, circled and Roman numerals, emoji, symbols, strike-through.
        typed: signs of the keyboard, such as # < * and emoticons.
        n_questions: question marks.
        may_ask: ends without punctuation and begins as a question does.
        cased: words whose case matters, such as units, and the paths of addresses.
        compounds: words with a hyphen, written without it.
        sharp: words with a sharp s, written with two s.
        words: all words; empty unless needed to compare compounds.
        punctuation: how much there is, as a level.
        is_flat: all letters in lower or all in upper case.
        n_capitals: words with a capital whose case does not matter; 2 for more.
        n_small: words in lower case whose case does not matter; 2 for more.
    """

    marks: tuple[str, ...]
    typed: tuple[str, ...]
    n_questions: int
    may_ask: bool
    cased: tuple[str, ...]
    compounds: tuple[str, ...]
    sharp: tuple[str, ...]
    words: frozenset[str]
    punctuation: int
    is_flat: bool
    n_capitals: int
    n_small: int


def read_signs(text: str) -> Signs:
    """Returns the signs of a text.

    Example:
        >>> read_signs("10\u2076 \u20ac at 5 mW?").marks, read_signs("10\u2076 \u20ac at 5 mW?").cased
        (('<super> 0036', '\u20ac'), ('mW',))
    """
    plain = _REPEATED.sub(r"\1\1", text)
    marks = []
    if not plain.isascii():
        marks = _list_marks(plain)
        plain = unicodedata.normalize("NFKC", plain.translate(_ALIKE)).translate(_ALIKE)
    paths: list[str] = []
    if "/" in plain and "." in plain:
        paths = [_HOST.sub("", url.rstrip(_URL_END), count=1) for url in _URL.findall(plain)]
        plain = _URL.sub(" ", plain)
    marks += ["struck"] * len(_STRUCK.findall(plain)) if "~~" in plain or "</" in plain else []
    plain = _BULLET.sub("", _TAG.sub("", plain.replace("~~", "")) if "<" in plain or "~" in plain else plain)
    cased, ordinary = _list_cased(plain)
    words = _WORD.findall(plain)
    n_small = sum(map(str.islower, ordinary))
    ends_open = bool(plain.rstrip()) and plain.rstrip()[-1] not in ".!?:;\u2026"
    return Signs(
        marks=tuple(sorted(marks)),
        typed=tuple(sorted(_list_typed(plain))),
        n_questions=len(_QUESTION.findall(plain)),
        may_ask=ends_open and _begins_as_question(plain),
        cased=tuple(sorted([*cased, *(path for path in paths if path.strip("/"))])),
        compounds=tuple(sorted(found.replace("-", "").casefold() for found in _COMPOUND.findall(plain))),
        sharp=tuple(sorted(word.casefold() for word in words if "\u00df" in word or "\u1e9e" in word)),
        words=frozenset(word if word.isupper() and "SS" in word else word.casefold() for word in words),
        punctuation=bisect_right(_LEVELS, len(_PUNCTUATION.findall(plain))),
        is_flat=text.islower() or text.isupper(),
        n_capitals=min(len(ordinary) - n_small, _ENOUGH),
        n_small=min(n_small, _ENOUGH),
    )


def differ_in_signs(one: Signs, other: Signs) -> bool:
    """Returns whether two texts differ in a sign that neither lost with all its punctuation or all its capitals.

    Example:
        >>> differ_in_signs(read_signs("It works?"), read_signs("It works."))
        True
        >>> differ_in_signs(read_signs("It uses 5 MW"), read_signs("IT USES 5 MW."))
        False
    """
    if one.marks != other.marks or _is_sharp_elsewhere(one, other) or _is_sharp_elsewhere(other, one):
        return True
    levels = sorted((one.punctuation, other.punctuation))
    if levels[1] >= 2 and levels[1] - levels[0] >= 2:
        return False
    if one.cased != other.cased and not _lost_case(one, other) and not _lost_case(other, one):
        return True
    is_asked_once = one.n_questions == other.n_questions or _is_left_out(one, other) or _is_left_out(other, one)
    return one.typed != other.typed or not is_asked_once or _joins(one, other) or _joins(other, one)


def compare_signs(texts: Sequence[str], first: np.ndarray, second: np.ndarray, is_asked: np.ndarray) -> np.ndarray:
    """Returns (p,) bool: whether the texts of a pair differ in signs; only where `is_asked` (p,), else False."""
    asked = np.flatnonzero(is_asked)
    known: dict[int, Signs] = {}
    codes: dict[tuple[object, ...], int] = {}
    code_of = np.zeros(len(texts), dtype=np.int64)
    for text in count_equal(np.append(first[asked], second[asked]))[0].tolist():
        known[text] = read_signs(texts[text])
        code_of[text] = codes.setdefault(known[text][:_N_COMPARED], len(codes))
    differ = np.zeros(len(first), dtype=bool)
    asked = asked[code_of[first[asked]] != code_of[second[asked]]]
    for place in asked.tolist():
        differ[place] = differ_in_signs(known[int(first[place])], known[int(second[place])])
    return differ


def group_by_signs(texts: Sequence[str], read_numbers: Callable[[str], Sequence[str]]) -> list[int]:
    """Returns for each of some texts that are equal but for signs the place of the first with which it agrees.

    All texts of a group agree with one another. A text that agrees with several groups is in the first.

    Args:
        texts: m strings.
        read_numbers: lists the numbers of a text; texts with other numbers never agree.
    """
    keys = [(tuple(read_numbers(text)), read_signs(text)) for text in texts]
    first_with: dict[tuple[tuple[str, ...], Signs], int] = {}
    for place, key in enumerate(keys):
        first_with.setdefault(key, place)
    groups: list[list[tuple[tuple[str, ...], Signs]]] = []
    leader: dict[tuple[tuple[str, ...], Signs], int] = {}
    for key, place in first_with.items():
        fitting = groups if len(first_with) <= _MAX_KEYS else []
        for members in fitting:
            if all(key[0] == numbers and not differ_in_signs(key[1], signs) for numbers, signs in members):
                leader[key] = leader[members[0]]
                members.append(key)
                break
        else:
            groups.append([key])
            leader[key] = place
    return [leader[key] for key in keys]


def _list_marks(text: str) -> list[str]:
    """Returns the signs of a text that are no ASCII characters."""
    marks = []
    is_struck = False
    for character in _BULLET.sub("", text.translate(_ALIKE)):
        if character.isascii() or (
            character.isalpha() and character.islower() and not unicodedata.decomposition(character)
        ):
            continue
        category, parts = unicodedata.category(character), unicodedata.decomposition(character)
        if "\u0335" <= character <= "\u0338":
            is_struck = True
        elif parts.startswith(("<super>", "<sub>", "<circle>", "<fraction>")) or (
            category in ("Nl", "No") and parts.startswith("<compat>")
        ):
            marks.append(parts)
        elif character in _OTHER_SIGNS or _is_symbol(character, category):
            symbol = unicodedata.normalize("NFKC", character)
            if category != "So" or symbol not in marks:  # an emoji means the same however often it is repeated
                marks.append(symbol)
    return [*marks, "struck"] if is_struck else marks


def _is_symbol(character: str, category: str) -> bool:
    """Returns whether a character is an emoji, a currency, an operator or the like, and no line of a table or a bad byte."""
    if category == "Sk":
        return "\U0001f3fb" <= character <= "\U0001f3ff"  # colors of skin; the others are accents
    return category in ("Sc", "Sm", "So") and not "\u2500" <= character <= "\u25ff" and character != "\ufffd"


def _list_typed(plain: str) -> list[str]:
    """Returns the signs of the keyboard; asterisks that emphasize a passage are none."""
    emoticons = [found.replace("-", "") for found in _EMOTICON.findall(plain)]
    rest = _EMPHASIS.sub(r"\2", _EMOTICON.sub(" ", plain)) if emoticons or "*" in plain else plain
    minus = ["-"] * len(_MINUS.findall(rest)) if "-" in rest else []
    footnotes = ["[]"] * len(_FOOTNOTE.findall(rest)) if "[" in rest else []
    return [*emoticons, *_ASCII_SIGNS.findall(rest), *_BETWEEN_DIGITS.findall(rest), *minus, *footnotes]


def _list_cased(plain: str) -> tuple[list[str], list[str]]:
    """Returns the words whose case matters: units, short symbols such as pH, single letters, ids; and the words in which it cannot."""
    cased = _MIXED_ID.findall(plain) if any(map(plain.__contains__, "0123456789")) else []
    for found in _SHORT_WORD.finditer(plain):
        if found[1].islower() and _VOWEL.search(found[1]) and len(found[1]) > 1:
            continue  # most words
        begin = found.start()
        if _is_case_significant(found[1], is_unit=bool(_AFTER_NUMBER.search(plain, max(0, begin - 2), begin))):
            cased.append(found[1])
    ordinary = [
        word for word in _WORD.findall(plain) if len(word) > _MAX_UNIT or (len(word) > 1 and _VOWEL.search(word))
    ]
    return cased, ordinary


def _is_case_significant(word: str, *, is_unit: bool) -> bool:
    if len(word) == 1:
        return word not in "aAiIoO"
    if word.casefold() in _NEITHER_UNIT_NOR_SYMBOL:
        return False
    if _INNER_CAPITAL.search(word):
        return True
    return not _VOWEL.search(word) and word.isascii() and (is_unit or (word.istitle() and len(word) <= 3))


def _begins_as_question(plain: str) -> bool:
    """Returns whether the last sentence begins with a question word, perhaps behind a preposition, or has one behind a colon."""
    sentence = re.split(r"[.!?:,;]\s", plain.strip())[-1]
    words = [word.replace("'", "").casefold() for word in re.findall(r"[^\W\d_']+(?:'[^\W\d_]+)?", sentence)[:2]]
    return any(word in _QUESTION_WORDS for word in words)


def _lost_case(one: Signs, other: Signs) -> bool:
    """Returns whether the first text is all in one case, and the second has several words that are not."""
    return one.is_flat and (other.n_small if one.n_capitals > one.n_small else other.n_capitals) >= _ENOUGH


def _is_left_out(one: Signs, other: Signs) -> bool:
    """Returns whether only the question mark at the end of a question is missing from the first text."""
    return one.may_ask and one.n_questions + 1 == other.n_questions


def _is_sharp_elsewhere(one: Signs, other: Signs) -> bool:
    """Returns whether the first text holds a word with a sharp s that the second writes with two s, and not in capitals."""
    return any(word in other.words for word in one.sharp if word not in other.sharp)


def _joins(one: Signs, other: Signs) -> bool:
    """Returns whether a compound of the first text is one word in the second."""
    return any(word in other.words and word not in one.words for word in one.compounds if word not in other.compounds)
