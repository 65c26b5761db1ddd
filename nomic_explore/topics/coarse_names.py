"""Names of coarse topics: phrases that together occur in the names of most of what a topic covers."""

from collections.abc import Collection, Mapping, Sequence
from functools import cache

import numpy as np

from nomic_explore.topics.keyness import stems

N_IN_NAME = 3  # phrases
MAX_NAME = 46  # characters; what a map can show
_LEAST_WEIGHT = 0.4  # of a phrase that does not set the topic apart, beside one that does
_LEAST_GAIN = 0.05  # share of the documents for which a phrase must speak to be added
_LEAST_FILLING = 0.6  # of the best keyword: what may stand in a name that has room, though it speaks for few documents
_MIXED_BELOW = 0.5  # share of the documents below which a name does not speak for its topic


def find_parts(inside: np.ndarray, finest: np.ndarray, names: Sequence[str]) -> list[tuple[str, int]]:
    """Returns the names of the finest topics inside a coarser one, each with the number of its documents.

    Args:
        inside: (n,) bool: the documents of the coarser topic.
        finest: (n,) the finest topic of each document, or -1.
        names: of the finest topics.

    Example:
        >>> find_parts(np.array([True, True, False]), np.array([1, 1, 0]), ["Seas", "Cats"])
        [('Cats', 2)]
    """
    numbers, counts = np.unique(finest[inside & (finest >= 0)], return_counts=True)
    return [(names[number], int(count)) for number, count in zip(numbers.tolist(), counts.tolist(), strict=True)]


def name_by_parts(
    name: str,
    offered: Mapping[str, float],
    parts: Sequence[tuple[str, int]],
    children: Sequence[tuple[str, int]] = (),
    avoided: Collection[str] = (),
) -> str:
    """Returns a name for a coarse topic whose phrases occur in the names of as many of its documents' topics as possible.

    Phrases are added, the one that speaks for most further documents first, up to three and 46 characters. Where even those
    speak for less than half of the documents of the topics one layer below, the name says so: "Mixed: …".

    Args:
        name: the best name by keywords alone; kept if none speaks for more.
        offered: phrases that may stand in the name, with how much each sets the topic apart, 0 to 1.
        parts: names of the finest topics in it, with their documents.
        children: names of the topics one layer below, likewise.
        avoided: names that are taken.

    Example:
        >>> parts = [("Sea, ship", 50), ("Cat, fur", 30), ("Sea, fish", 20)]
        >>> name_by_parts("Ship, fish", {"sea": 1.0, "ship": 0.5, "fish": 0.5, "cat": 0.5}, parts)
        'Sea, cat'
    """
    total = sum(count for _, count in parts)
    if total == 0:
        return name
    covered = [(_words(part), count) for part, count in (*parts, *children)]
    chosen: list[str] = []
    left, whole = covered, sum(count for _, count in covered)
    while len(chosen) < N_IN_NAME and (fitting := _fitting(offered, chosen)):
        gains = {
            phrase: _count(phrase, left) * (_LEAST_WEIGHT + (1 - _LEAST_WEIGHT) * offered[phrase]) for phrase in fitting
        }
        best = max(gains, key=lambda phrase: gains[phrase])
        if gains[best] < _LEAST_GAIN * whole:
            best = max(fitting, key=lambda phrase: offered[phrase])
            if offered[best] < _LEAST_FILLING:
                break
        chosen.append(best)
        left = [(words, count) for words, count in left if not words & stems(best)]
    made = ", ".join(chosen)
    made = made[:1].upper() + made[1:]
    if not made or made in avoided or _share(made, covered) <= _share(name, covered):
        made = name
    below = [(_words(part), count) for part, count in children or parts]
    is_mixed = ", " in made and _share(made, below) < _MIXED_BELOW
    return f"Mixed: {made[:1].lower()}{made[1:]}" if is_mixed else made


def _fitting(offered: Mapping[str, float], chosen: Sequence[str]) -> list[str]:
    """Returns the phrases for which a name still has room, and of which it has no word yet."""
    used, length = _words(", ".join(chosen)), len(", ".join(chosen)) + 2 * bool(chosen)
    return [phrase for phrase in offered if length + len(phrase) <= MAX_NAME and not stems(phrase) & used]


def _count(phrase: str, words_of: Sequence[tuple[frozenset[str], int]]) -> int:
    """Returns the documents whose topic has a word of the phrase in its name."""
    return sum(count for words, count in words_of if words & stems(phrase))


def _share(name: str, words_of: Sequence[tuple[frozenset[str], int]]) -> float:
    """Returns the share of the documents whose finest topic has a word of the name in its own."""
    words = _words(name)
    return sum(count for own, count in words_of if own & words) / sum(count for _, count in words_of)


@cache
def _words(name: str) -> frozenset[str]:
    """Returns the stems of the words of a name."""
    return frozenset().union(*(stems(phrase) for phrase in name.split(", ") if phrase))
