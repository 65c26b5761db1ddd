"""Normalization: when two texts count as the same but for case, spaces and punctuation."""

import unicodedata

_SIGNIFICANT_PUNCTUATION = "#%&@"  # punctuation to Unicode, but "C#" is not "C", nor "5 %" five


def normalize(text: str) -> str:
    """Returns the text without case, spaces and punctuation: NFKC, case-folded, letters, marks, digits and symbols only.

    Symbols are emoji, currencies, operators and # % & @. Spaces are removed too, because a duplicate that lost its hyphens or
    the space after a comma is still a duplicate.

    Example:
        >>> normalize("Hello,   state-of-the-art WORLD!")
        'hellostateoftheartworld'
    """
    return unicodedata.normalize("NFKC", text).casefold().translate(_KEPT)


def strip_symbols(normalized: str) -> str:
    """Returns a normalized text without keyboard symbols, which are lost wherever punctuation is lost.

    Example:
        >>> strip_symbols(normalize("C# at $5"))
        'cat5'
    """
    return normalized.translate(_SYMBOLS)


class _KeptCharacters(dict[int, int | None]):
    """Table for `str.translate`, filled on demand: keeps letters, marks, digits and symbols, deletes the rest."""

    def __missing__(self, code: int) -> int | None:
        character = chr(code)
        self[code] = (
            code if unicodedata.category(character)[0] in "LMNS" or character in _SIGNIFICANT_PUNCTUATION else None
        )
        return self[code]


_KEPT = _KeptCharacters()
_SYMBOLS = str.maketrans("", "", "#%&@$+<=>^`|~")


def measure_roughness(text: str) -> int:
    """Returns the number of superfluous spaces, plus 1,000 if the text is all upper or all lower case.

    Example:
        >>> measure_roughness("Two  words"), measure_roughness("TWO WORDS")
        (1, 1000)
    """
    return len(text) - len(" ".join(text.split())) + 1000 * (text.isupper() or text.islower())
