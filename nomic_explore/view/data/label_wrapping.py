"""A name as a few short lines, and how wide they are: without a browser, so with room to spare for the fonts of all."""

import unicodedata
from bisect import bisect_right
from functools import cache
from itertools import accumulate, pairwise

_MAX_LINES = 3
_GOOD_WIDTH = 8.0  # em of a line, about 16 letters
_MAX_WIDTH = 15.0  # em of a line, where three lines do not hold the name otherwise
_MAX_WORD = 28  # letters, and em, of a word that is not cut
_ZERO_WIDTH_JOINERS = "\u200c\u200d"  # part of emoji and of some scripts, unlike other invisible signs
_OTHER_LETTER = 0.7  # em, of scripts whose letters are not measured; Cyrillic capitals are about as wide
# Fonts of browsers against the measured one: Arial is up to 9 % wider in bold, DejaVu Sans up to 18 % and in bold 37 %.
_ROOM, _ROOM_IF_BOLD = 1.19, 1.38


def wrap_name(text: str) -> list[str]:
    """Returns a name as one to three lines of similar width, of about 16 letters where the words allow it.

    Control characters go. A word is cut, with an ellipsis, only if it has more than 28 letters; a name that three
    lines cannot hold loses its end. Chinese, Japanese and emoji may break between any two characters.

    Example:
        >>> wrap_name("Lexer, programming language, configuration files")
        ['Lexer, programming', 'language,', 'configuration files']
    """
    words = _split(clean_name(text))
    if not words:
        return ["…"]
    leads = [_em(" ") if spaced else 0.0 for _, spaced in words]
    ends = list(accumulate(lead + _width(word) for (word, _), lead in zip(words, leads, strict=True)))
    widest = max(_width(word) for word, _ in words)
    for n_lines in range(1, _MAX_LINES + 1):
        narrowest = _narrowest(ends, leads, n_lines, widest)
        if narrowest <= max(_GOOD_WIDTH, widest + 0.01):
            break
    breaks = _break(ends, leads, min(narrowest, max(_MAX_WIDTH, widest)))[: _MAX_LINES + 1]
    lines = [_join(words[first:last]) for first, last in pairwise(breaks)]
    return lines if breaks[-1] == len(words) else [*lines[:-1], f"{lines[-1]}…"]


def measure_lines(lines: list[str], size: float, weight: int) -> float:
    """Returns the pixels that the widest line takes in a browser's sans-serif font of this size, at most."""
    return max(map(_width, lines)) * size * (_ROOM_IF_BOLD if weight >= 600 else _ROOM)


def clean_name(text: str) -> str:
    """Returns the text without control characters, and with single spaces: fit for a line on a screen and for XML.

    Example:
        >>> clean_name(chr(0) + "a" + chr(0x202e) + chr(10) + "b" + chr(0xd800))
        'a b'
    """
    kept = (" " if char.isspace() or unicodedata.category(char) in {"Zl", "Zp"} else char for char in text)
    return " ".join("".join(char for char in kept if _is_shown(char)).split())


def _is_shown(char: str) -> bool:
    if char in _ZERO_WIDTH_JOINERS:
        return True
    code = ord(char)
    is_no_character = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
    return not is_no_character and unicodedata.category(char) not in {"Cc", "Cf", "Cs"}


def _split(text: str) -> list[tuple[str, bool]]:
    """Returns the pieces between which a line may break, and whether a space stands before each."""
    pieces: list[tuple[str, bool]] = []
    for word in text.split():
        spaced = bool(pieces)
        for piece in _pieces(word) if not word.isascii() else [word]:
            pieces.append((_shorten(piece), spaced))
            spaced = False
    return pieces


def _pieces(word: str) -> list[str]:
    """Returns a word broken before and after each wide character, with the marks that belong to it."""
    pieces: list[str] = []
    was_wide = True
    for char in word:
        mark = unicodedata.category(char) in {"Mn", "Mc", "Me", "Cf", "Sk"}
        joined = bool(pieces) and (mark or pieces[-1].endswith("\u200d"))
        closing = _is_wide(char) and unicodedata.category(char) in {"Pe", "Pf", "Po"}
        if pieces and (joined or closing or not (was_wide or _is_wide(char))):
            pieces[-1] += char
        else:
            pieces.append(char)
        was_wide = _is_wide(char) or (was_wide and joined)
    return pieces


def _join(words: list[tuple[str, bool]]) -> str:
    return "".join(f" {word}" if spaced else word for word, spaced in words).strip()


def _shorten(word: str) -> str:
    if len(word) <= _MAX_WORD and _width(word) <= _MAX_WORD:
        return word
    kept = word[: _MAX_WORD - 1]
    while len(kept) > 1 and _width(kept) > _MAX_WORD - 1:
        kept = kept[:-1]
    return f"{kept}…"


def _narrowest(ends: list[float], leads: list[float], n_lines: int, widest: float) -> float:
    """Returns the least width, to 0.01 em, at which this many lines hold all the words."""
    low, high = max(widest, ends[-1] / n_lines - _em(" ")), ends[-1]
    while high - low > 0.01:
        middle = (low + high) / 2
        low, high = (low, middle) if len(_break(ends, leads, middle)) <= n_lines + 1 else (middle, high)
    return high


def _break(ends: list[float], leads: list[float], width: float) -> list[int]:
    """Returns the first word of each line, filled one after the other, and the number of words."""
    breaks = [0]
    while breaks[-1] < len(ends):
        first = breaks[-1]
        before = ends[first - 1] if first else 0.0
        breaks.append(max(first + 1, bisect_right(ends, before + leads[first] + width + 1e-9)))
    return breaks


def _width(text: str) -> float:
    """Returns the width in em."""
    return sum(map(_em, text))


@cache
def _em(char: str) -> float:
    """Returns the width of a character in em."""
    category = unicodedata.category(char)
    if category in {"Mn", "Me", "Cf"}:
        return 0.0
    if _is_wide(char) or category in {"So", "Sm"}:
        return 1.0
    parts = unicodedata.normalize("NFKD", char)
    if len(parts) > 1:
        return sum(map(_em, parts))
    return _ascii_widths().get(parts, _OTHER_LETTER)


def _is_wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in {"W", "F"} or ord(char) >= 0x1F000


@cache
def _ascii_widths() -> dict[str, float]:
    """Returns the width in em of each printable ASCII character in the font that Pillow brings."""
    from PIL import ImageFont

    font = ImageFont.load_default(100)
    return {chr(code): font.getlength(chr(code)) / 100 for code in range(32, 127)}
