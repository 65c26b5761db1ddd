"""Snippets: the part of a text that holds most of the words searched for, in one line."""

import re
from collections.abc import Sequence

from nomic_explore.topics.keyness import stems
from nomic_explore.view.data.summaries import LINE_LENGTH, shorten

_MAX_READ = 20_000  # characters of a text that are looked through
_LINES = re.compile(r"([-=~*_#.])\1{3,}")  # that underline a heading
_TOKEN = re.compile(r"[^\W_]+")


def cut_snippet(text: str, words: Sequence[str], length: int = LINE_LENGTH) -> str:
    """Returns about `length` characters of a text with as many different words as possible, or else its beginning.

    A word is found in any of its forms, and counts as many times as it has letters, so that "of" decides nothing.

    Args:
        text: of a document.
        words: that were searched for.
        length: characters, without the dots that stand for what was left out.

    Example:
        >>> cut_snippet("A long beginning that goes on for a while, then at last a rainbow in the night.", ["rainbows"], 30)
        '… a rainbow in the night.'
    """
    flat, lead = " ".join(_LINES.sub(" ", text[:_MAX_READ]).split()), length // 8
    wanted = frozenset().union(*(stems(word) for word in words)) if len(flat) > length else frozenset()
    found = [(match.start(), stem) for match in _TOKEN.finditer(flat) for stem in stems(match[0]) & wanted]
    most, start = 0, 0
    for at, (place, _) in enumerate(found):
        reached = {stem for other, stem in found[at : at + length] if other + len(stem) <= place + length - lead}
        if (letters := sum(map(len, reached))) > most:
            most, start = letters, place
    if start <= 2 * lead:
        return shorten(flat, length)
    begin = flat.rfind(" ", 0, start - lead + 1) + 1
    return "… " + shorten(flat[begin:], length)
