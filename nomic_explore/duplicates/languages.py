"""Languages: whether two texts near in meaning are written in the same one."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import cache

import numpy as np

from nomic_explore.arrays import count_equal

_WORD = re.compile(r"[^\W\d_]+")
_MAX_WORDS = 300  # of a text; its beginning shows the language
_MIN_HITS = 1.5  # stop words, of which those of many languages count less
_LEAD = 1.5  # times the hits of the next language
_LETTERS = 200  # by whose names the script is detected


def compare_languages(texts: Sequence[str], first: np.ndarray, second: np.ndarray, is_asked: np.ndarray) -> np.ndarray:
    """Returns (p,) bool: whether the languages of both texts of a pair are known and differ; only where `is_asked` (p,)."""
    asked = np.flatnonzero(is_asked)
    languages = {
        text: detect_language(texts[text]) for text in count_equal(np.append(first[asked], second[asked]))[0].tolist()
    }
    differ = np.zeros(len(first), dtype=bool)
    for place in asked.tolist():
        one, two = languages[int(first[place])], languages[int(second[place])]
        differ[place] = bool(one and two) and one != two
    return differ


def detect_language(text: str) -> str:
    """Returns the language code of a text by its stop words, the name of its script if that is enough, or "" if unknown.

    Example:
        >>> detect_language("this is what they said about the cat"), detect_language("das ist nicht die Katze"), detect_language("5")
        ('en', 'de', '')
    """
    script = _detect_script(text)
    if script not in ("LATIN", "CYRILLIC", "ARABIC", ""):
        return script
    hits: Counter[str] = Counter()
    known = _stop_words()
    for word in set(_WORD.findall(text.casefold())[:_MAX_WORDS]):
        languages = known.get(word, ())
        for language in languages:
            hits[language] += 1 / len(languages)  # type: ignore[assignment]
    best = hits.most_common(2)
    if not best or best[0][1] < _MIN_HITS or (len(best) > 1 and best[0][1] < _LEAD * best[1][1]):
        return ""
    return best[0][0]


def _detect_script(text: str) -> str:
    """Returns the script of most letters at the beginning, as Unicode names it; Japanese is recognized by its kana."""
    letters = [letter for letter in text[: 4 * _LETTERS] if letter.isalpha()][:_LETTERS]
    scripts = Counter(unicodedata.name(letter, "").partition(" ")[0] for letter in letters)
    if scripts["HIRAGANA"] + scripts["KATAKANA"] > len(letters) / 10:
        return "ja"
    return scripts.most_common(1)[0][0] if scripts else ""


@cache
def _stop_words() -> dict[str, tuple[str, ...]]:
    """Returns the languages that each stop word belongs to."""
    from stopwordsiso import langs, stopwords

    known: dict[str, list[str]] = {}
    for language in sorted(langs()):
        for word in stopwords(language):
            known.setdefault(word, []).append(language)
    return {word: tuple(languages) for word, languages in known.items()}
