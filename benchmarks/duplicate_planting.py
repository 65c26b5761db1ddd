"""Duplicates and near misses planted into texts of which no two are duplicates; see duplicates.py.

The kinds of edits are those of planted_duplicates: duplicates that were reset, cut, shuffled, worded with gaps or scanned
badly, chains in which every member is a worse duplicate of the one before, and rows that are no duplicates though nearly all
letters are the same.
"""

import re
import string
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from duplicate_scores import Planted

from nomic_explore.duplicates.normalize import normalize
from nomic_explore.duplicates.shingles import count_shared, find_candidates, shingle

N_TEXTS = 2_500
MAX_SHARED = 0.3  # of the shingles of the text with fewer, in another: more could be a real duplicate, which would spoil the truth
SHARE_EDITED, MAX_EDITS = 0.125, 5  # of the texts, and duplicates of each
SHARE_CHAINED, N_IN_CHAIN = 0.01, 6
SHARE_NUMBERS, SHARE_SPLICED = 0.03, 0.05
BOILER = (
    "Copyright of the authors. This is a preprint and has not been peer reviewed.",
    "Please cite the published version. Downloaded from an institutional repository on 2019-01-01.",
    "ABSTRACT:",
    "[Reposted]",
)
LETTERS = string.ascii_lowercase
Edit = Callable[[str, np.random.Generator], str | None]


@dataclass(frozen=True)
class _Row:
    text: str
    cluster: int
    kind: str


def plant(texts: list[str], seed: int, n: int = N_TEXTS) -> Planted:
    """Returns up to n of the texts, with duplicates and near misses of some of them, in random order."""
    random = np.random.default_rng(seed)
    originals = [texts[row] for row in random.permutation(len(texts))[:n]]
    rows = [_Row(text, number, "original") for number, text in enumerate(originals)]
    for number, text in enumerate(originals):
        rows += _copy(text, number, random)
        # What is no duplicate is a cluster of its own.
        if random.random() < SHARE_NUMBERS and (changed := change_numbers(text, random)):
            rows.append(_Row(changed, n + number, "neg_numbers_changed"))
        other = originals[random.integers(len(originals))]
        if random.random() < SHARE_SPLICED and other != text and (joined := splice(text, other)):
            rows.append(_Row(joined, 2 * n + number, "neg_splice"))
    order = random.permutation(len(rows))
    return Planted(
        [rows[place].text for place in order],
        np.array([rows[place].cluster for place in order]),
        np.array([rows[place].kind for place in order]),
    )


def take_distinct(texts: list[str]) -> list[str]:
    """Returns the texts without those that share much with one that stays."""
    listed = sorted(set(texts))
    shingles = shingle([normalize(text) for text in listed])
    first, second = find_candidates(shingles, np.array([len(text) for text in listed]))
    n_shared = count_shared(shingles, shingles, first, second)
    is_near = n_shared >= MAX_SHARED * np.minimum(shingles.counts[first], shingles.counts[second])
    gone = set(second[is_near].tolist())
    return [text for row, text in enumerate(listed) if row not in gone]


def split_sentences(text: str) -> list[str]:
    return re.split(r"(?<=[.!?])\s+", text)


def shuffle_sentences(text: str, random: np.random.Generator) -> str | None:
    """Returns the text with all sentences but the first in another order; None where there are fewer than three."""
    head, *rest = split_sentences(text)
    return " ".join([head, *random.permutation(rest)]) if len(rest) > 1 else None


def drop_sentence(text: str, random: np.random.Generator) -> str | None:
    sentences = split_sentences(text)
    if len(sentences) < 3:
        return None
    del sentences[random.integers(1, len(sentences))]
    return " ".join(sentences)


def drop_title(text: str, random: np.random.Generator) -> str | None:
    sentences = split_sentences(text)
    return " ".join(sentences[1:]) if len(sentences) > 2 else None


def add_boiler(text: str, random: np.random.Generator) -> str:
    words = BOILER[random.integers(len(BOILER))]
    return f"{words} {text}" if random.random() < 0.5 else f"{text} {words}"


def change_case(text: str, random: np.random.Generator) -> str:
    return (text.upper() if random.random() < 0.5 else text.lower()).replace(" ", "  ")


def drop_words(share: float) -> Edit:
    """Returns the edit that leaves out each word with this chance."""
    return lambda text, random: " ".join(word for word in text.split() if random.random() >= share)


def misread(share: float) -> Edit:
    """Returns the edit that loses, mistakes or doubles each character with this chance, as a bad scan does."""

    def edit(text: str, random: np.random.Generator) -> str:
        read = []
        for character in text:
            wrong = LETTERS[random.integers(26)]
            ways = ("", wrong, character + wrong)
            read.append(ways[random.integers(3)] if random.random() < share else character)
        return "".join(read)

    return edit


def cut(share: float) -> Edit:
    return lambda text, random: text[: int(share * len(text))]


def change_numbers(text: str, random: np.random.Generator) -> str | None:
    """Returns the text with every number another; None where it has fewer than two."""
    if len(re.findall(r"\d+", text)) < 2:
        return None
    return re.sub(r"\d+(?:\.\d+)?", lambda _: str(random.integers(20, 999)), text)


def splice(text: str, other: str) -> str | None:
    """Returns the first half of one text and the second of another; None where one has fewer than four sentences."""
    one, two = split_sentences(text), split_sentences(other)
    return " ".join(one[: len(one) // 2] + two[len(two) // 2 :]) if min(len(one), len(two)) >= 4 else None


EDITS: dict[str, Edit] = {
    "exact": lambda text, random: text,
    "case_space": change_case,
    "punct": lambda text, random: text.translate(str.maketrans("", "", string.punctuation)),
    "no_title": drop_title,
    "boiler": add_boiler,
    "sent_shuffle": shuffle_sentences,
    "sent_drop1": drop_sentence,
    "trunc70": cut(0.7),
    "trunc40": cut(0.4),
    "worddrop10": drop_words(0.1),
    "worddrop25": drop_words(0.25),
    "ocr2": misread(0.02),
    "ocr5": misread(0.05),
    "ocr10": misread(0.1),
}


def _copy(text: str, cluster: int, random: np.random.Generator) -> list[_Row]:
    """Returns duplicates of the text: mostly none, else some edits of it or a chain."""
    chance = random.random()
    if chance < SHARE_EDITED:
        kinds = random.permutation(list(EDITS))[: random.integers(1, MAX_EDITS + 1)]
        made = [_Row(EDITS[kind](text, random) or "", cluster, str(kind)) for kind in kinds]
        return [row for row in made if row.text]
    if chance > 1 - SHARE_CHAINED:
        chain, last = [], text
        for step in range(1, N_IN_CHAIN + 1):
            last = drop_words(0.05)(misread(0.025)(last, random), random) or last
            chain.append(_Row(last, cluster, f"chain{step}"))
        return chain
    return []
