"""Normalization: when two texts count as the same but for case, spaces and punctuation."""

import unicodedata

_SIGNIFICANT_PUNCTUATION = "#%&@"  # punctuation to Unicode, but "C#" is not "C", nor "5 %" five


def normalize(text: str) -> str:
    """Returns the text without case, spaces and punctuation: NFKC, case-folded, letters, marks, digits and symbols only.

    Symbols are emoji, currencies, operators and # % & @. Spaces are removed too, because a duplicate that lost its hyphens or
    the space after a comma is still a duplicate. Texts that are equal once normalized may differ in signs (`signs.py`).

    Example:
        >>> normalize("Hello,   state-of-the-art WORLD!")
        'hellostateoftheartworld'
    """
    return unicodedata.normalize("NFKC", text).casefold().translate(_KEPT)


def strip_symbols(normalized: str) -> str:
    """Returns a normalized text without symbols and with digits of any script as 0 to 9: texts are compared by the rest.

    Example:
        >>> strip_symbols(normalize("C# at $5"))
        'cat5'
    """
    return normalized.translate(_KEYBOARD if normalized.isascii() else _LETTERS)


class _KeptCharacters(dict[int, int | None]):
    """Table for `str.translate`, filled on demand: keeps letters, marks, digits and symbols, deletes the rest."""

    def __missing__(self, code: int) -> int | None:
        character = chr(code)
        self[code] = (
            code if unicodedata.category(character)[0] in "LMNS" or character in _SIGNIFICANT_PUNCTUATION else None
        )
        return self[code]


class _Letters(dict[int, int | None]):
    """The same that also deletes symbols, and turns digits into ASCII digits."""

    def __missing__(self, code: int) -> int | None:
        category, digit = unicodedata.category(chr(code)), unicodedata.digit(chr(code), None)
        is_symbol = category[0] == "S" or chr(code) in _SIGNIFICANT_PUNCTUATION
        self[code] = None if is_symbol else code if digit is None else ord("0") + digit
        return self[code]


_LOOKS = "\ufe0e\ufe0f\u0335\u0336\u0337\u0338"  # how an emoji is drawn, and strokes through the letter before
_KEPT = _KeptCharacters(dict.fromkeys(map(ord, _LOOKS), None))
_KEYBOARD = str.maketrans("", "", "#%&@$+<=>^`|~")
_LETTERS = _Letters()


def measure_roughness(text: str) -> int:
    """Returns the number of superfluous spaces, plus 1,000 if the text is all upper or all lower case.

    Example:
        >>> measure_roughness("Two  words"), measure_roughness("TWO WORDS")
        (1, 1000)
    """
    return len(text) - len(" ".join(text.split())) + 1000 * (text.isupper() or text.islower())
