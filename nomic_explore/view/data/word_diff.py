"""Two texts word by word: what both say, and what each says alone, with its numbers and names marked."""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from difflib import Match, SequenceMatcher

MAX_WORDS = 600  # compared from the first difference on: about 20 ms, and more than a screen shows
_MAX_LENGTH = 16_000  # characters of a text that are looked at; the words of most languages are shorter than 25
_BEFORE = 300  # characters shown before the first difference of a long text
_MAX_EQUAL = 50_000  # pairs of equal words from which frequent words are no anchors: each costs a step
# A number with its separators; one letter of a script without spaces; a word with its apostrophes; any other sign.
_TOKEN = re.compile(
    r"\d+(?:[.,:/-]\d+)*(?![^\W\d_])|[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]|[^\W_\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]+"
    r"(?:['\u2019][^\W_]+)*|\S"
)
_ENDS = frozenset(".!?:\u2026\u3002")  # after these a capital starts a sentence, not a name


@dataclass(frozen=True)
class WordDiff:
    """Two texts cut into segments.

    Attributes:
        sides: for each text its segments [op, text] in order; op is "same", or for what the other lacks "own", "number" or
            "name" (a capitalized word within a sentence).
        n_before: characters that both begin with and that are not shown.
        n_after: characters of each that follow and are not shown; 0 if all are.
    """

    sides: tuple[list[list[str]], list[list[str]]]
    n_before: int
    n_after: tuple[int, int]


@dataclass(frozen=True)
class _Words:
    """A part of a text: where each of its words starts and ends, the words, and whether more of the text follows."""

    text: str
    spans: list[tuple[int, int]]
    words: list[str]
    is_cut: bool


def diff_words(text: str, other: str, *, max_words: int = MAX_WORDS) -> WordDiff:
    """Returns what two texts share and what each says alone; spaces make no difference, capitals and signs do.

    Long texts are compared in the surroundings of their first difference only, so a megabyte takes a moment too.

    Args:
        text: one text.
        other: the other.
        max_words: how many words of each are compared.

    Example:
        >>> diff_words("It costs 12 euro in Rome.", "It costs 15 euro in Rome.").sides[0]
        [['same', 'It costs '], ['number', '12'], ['same', ' euro in Rome.']]
    """
    start = _find_start(text, other)
    one, two = (_split(whole, start, max_words) for whole in (text, other))
    ops = _compare(one.words, two.words)
    sides = [
        _join(side, own[: _count_known(own, beside.is_cut)], start)
        for side, beside, own in ((one, two, ops[0]), (two, one, ops[1]))
    ]
    shown = [start + sum(len(part) for _, part in segments) for segments in sides]
    return WordDiff((sides[0], sides[1]), start, (len(text) - shown[0], len(other) - shown[1]))


def _find_start(text: str, other: str) -> int:
    """Returns the character from which on two texts are shown: 0, or in long ones a little before their first difference."""
    if max(len(text), len(other)) <= _MAX_LENGTH:
        return 0
    low, high = 0, min(len(text), len(other))  # they agree in the first `low` characters
    while low < high:
        middle = (low + high + 1) // 2
        if text[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    start = max(0, low - _BEFORE)
    space = text.find(" ", start, low) if start else -1
    return space + 1 if space >= 0 else start


def _split(text: str, start: int, max_words: int) -> _Words:
    """Returns the first words of a text from a character on; marks and joiners stay with what they belong to."""
    spans: list[tuple[int, int]] = []
    end = min(len(text), start + _MAX_LENGTH)
    for found in _TOKEN.finditer(text, start, end):
        begin, stop = found.span()
        if spans and spans[-1][1] == begin and _belongs(text[begin - 1], text[begin]):
            spans[-1] = (spans[-1][0], stop)
        elif len(spans) < max_words:
            spans.append((begin, stop))
        else:
            end = spans[-1][1]
            break
    return _Words(text[:end], spans, [text[begin:stop] for begin, stop in spans], end < len(text))


def _belongs(before: str, sign: str) -> bool:
    """Says whether a sign only changes what stands before it: an accent, a vowel sign, a part of an emoji."""
    if sign.isascii() or sign.isalnum():
        return before == "\u200d"
    return (
        before == "\u200d"
        or sign == "\u200d"
        or unicodedata.category(sign)[0] == "M"
        or "\U0001f3fb" <= sign <= "\U0001f3ff"
    )


def _compare(words: list[str], others: list[str]) -> tuple[list[str], list[str]]:
    """Returns for each word of both "same", "own", "number" or "name"."""
    ops = ["own"] * len(words), ["own"] * len(others)
    n_equal = sum(n * counts[word] for counts in [Counter(others)] for word, n in Counter(words).items())
    blocks = SequenceMatcher(None, words, others, autojunk=n_equal > _MAX_EQUAL).get_matching_blocks()
    for at, block in enumerate(blocks):
        if block.size and not _is_chance(words, blocks, at):
            ops[0][block.a : block.a + block.size] = ["same"] * block.size
            ops[1][block.b : block.b + block.size] = ["same"] * block.size
    for own, compared in zip(ops, (words, others), strict=True):
        for place, op in enumerate(own):
            if op == "own":
                own[place] = _name_kind(compared, place)
    return ops


def _is_chance(words: list[str], blocks: list[Match], at: int) -> bool:
    """Says whether a block is one short word or sign amid longer stretches that differ: "the" or "," say nothing there."""
    block = blocks[at]
    if block.size > 1 or len(words[block.a]) > 3 or any(letter.isdigit() for letter in words[block.a]):
        return False
    before = blocks[at - 1] if at else None
    behind = (block.a - before.a - before.size, block.b - before.b - before.size) if before else (block.a, block.b)
    ahead = (blocks[at + 1].a - block.a - 1, blocks[at + 1].b - block.b - 1)
    return min(*behind, *ahead) >= 2


def _name_kind(words: list[str], place: int) -> str:
    word = words[place]
    if any(letter.isdigit() for letter in word):
        return "number"
    starts = place == 0 or words[place - 1] in _ENDS
    return "name" if word[0].isupper() and len(word) > 1 and not word.isupper() and not starts else "own"


def _count_known(ops: list[str], is_other_cut: bool) -> int:
    """Returns how many words were compared with all they could be equal to: those up to the last equal one if the other is cut."""
    if not is_other_cut or "same" not in ops:
        return len(ops)
    return len(ops) - ops[::-1].index("same")


def _join(side: _Words, ops: list[str], start: int) -> list[list[str]]:
    """Returns as many words as there are ops, with the spaces round them, as [op, text]; neighbors of one op are joined."""
    spans = side.spans[: len(ops)]
    end = len(side.text) if len(ops) == len(side.spans) else spans[-1][1]
    pieces: list[list[str]] = []

    def add(op: str, part: str) -> None:
        if part and pieces and pieces[-1][0] == op:
            pieces[-1][1] += part
        elif part:
            pieces.append([op, part])

    add("same", side.text[start : spans[0][0] if spans else end])
    for place, (begin, stop) in enumerate(spans):
        is_last = place + 1 == len(spans)
        add(ops[place], side.text[begin:stop])
        gap = side.text[stop : end if is_last else spans[place + 1][0]]
        add(ops[place] if not is_last and ops[place + 1] == ops[place] else "same", gap)
    return pieces
