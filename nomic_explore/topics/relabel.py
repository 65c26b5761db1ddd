"""Topics after their documents changed places: numbers without gaps, parents, unique names, words for what is new."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from nomic_explore.topics.keyword_names import name_layers
from nomic_explore.topics.topics import Topics
from nomic_explore.topics.tracking import unused_name

_N_EXEMPLARS = 3
_BLOCK = 65_536  # rows whose vectors are copied at a time


@dataclass(frozen=True)
class Contents:
    """What the rows hold, read as far as an edit needs it.

    Attributes:
        index: (n,) int64: which text each row holds; -1 for none.
        texts: m strings.
        read_vectors: returns their vectors (m, d), of unit length.
    """

    index: np.ndarray
    texts: Sequence[str]
    read_vectors: Callable[[], np.ndarray]

    def texts_of(self, rows: np.ndarray) -> list[str]:
        """Returns the texts of rows that have one."""
        return [self.texts[number] for number in self.index[rows].tolist()]

    def vectors_of(self, rows: np.ndarray) -> np.ndarray:
        """Returns the vectors (len(rows), d) of rows that have a text."""
        return self.read_vectors()[self.index[rows]]

    def mean(self, rows: np.ndarray) -> np.ndarray:
        """Returns the mean vector (d,) of rows, made unit length."""
        blocks = [self.vectors_of(rows[at : at + _BLOCK]) for at in range(0, len(rows), _BLOCK)]
        total = np.sum([block.sum(axis=0, dtype=np.float64) for block in blocks], axis=0)
        return total / max(float(np.linalg.norm(total)), 1e-12)


@dataclass(frozen=True)
class _Card:
    """All that is said of one topic."""

    name: str
    keywords: list[str]
    weights: list[float]
    exemplars: list[int]
    description: str
    confidence: float


def settle(
    topics: Topics, layers: Sequence[np.ndarray], contents: Contents, names: Mapping[tuple[int, int], str] | None = None
) -> Topics:
    """Returns the topics with their documents in other places.

    A topic keeps its number's order and what is said of it; one without documents is left out; a new one gets its name by
    contrast with what its documents were together with.

    Args:
        topics: as they were.
        layers: where the documents are now; a number that `topics` does not have is a new topic. All documents of a
            topic lie in one topic of the layer above.
        contents: of the rows.
        names: given names, by layer and number; another topic of that name gets a number after it.
    """
    labels: list[np.ndarray] = []
    parents: list[np.ndarray] = []
    cards: list[list[_Card]] = []
    for at, moved in enumerate(layers):
        given = {number: name for (layer, number), name in (names or {}).items() if layer == at}
        numbers, first = np.unique(moved, return_index=True)
        numbers, first = numbers[numbers >= 0], first[numbers >= 0]
        places = np.searchsorted(numbers, moved)
        labels.append(np.where(moved >= 0, places, -1).astype(np.int32))
        parents.append(labels[at - 1][first] if at else np.full(len(numbers), -1, dtype=np.int32))
        cards.append(_cards(topics, at, moved, numbers, given, contents))
    return replace(
        topics,
        layers=tuple(labels),
        parents=tuple(parents),
        names=tuple([card.name for card in layer] for layer in cards),
        keywords=tuple([card.keywords for card in layer] for layer in cards),
        weights=tuple([card.weights for card in layer] for layer in cards),
        exemplars=tuple([card.exemplars for card in layer] for layer in cards),
        descriptions=tuple([card.description for card in layer] for layer in cards),
        confidence=tuple(np.array([card.confidence for card in layer], dtype=np.float32) for layer in cards),
    )


def _cards(
    topics: Topics, at: int, labels: np.ndarray, numbers: np.ndarray, given: Mapping[int, str], contents: Contents
) -> list[_Card]:
    """Returns what is said of each of the numbers in one layer."""
    n_old = len(topics.names[at])
    known = {number: _old_card(topics, at, number) for number in numbers.tolist() if number < n_old}
    cards = known | _new_cards(topics.layers[at], labels, numbers[numbers >= n_old], contents)
    taken: set[str] = set()
    for number in sorted(cards, key=lambda number: (number not in given, number)):
        card = cards[number]
        exemplars = card.exemplars
        if not exemplars or (labels[exemplars] != number).any():
            exemplars = _find_exemplars(np.flatnonzero(labels == number), contents)
        cards[number] = replace(card, name=unused_name(given.get(number, card.name), taken), exemplars=exemplars)
        taken.add(cards[number].name)
    return [cards[number] for number in numbers.tolist()]


def _old_card(topics: Topics, at: int, number: int) -> _Card:
    return _Card(
        topics.names[at][number],
        topics.keywords[at][number],
        topics.weights[at][number],
        topics.exemplars[at][number],
        topics.descriptions[at][number],
        float(topics.confidence[at][number]),
    )


def _new_cards(old: np.ndarray, labels: np.ndarray, numbers: np.ndarray, contents: Contents) -> dict[int, _Card]:
    """Returns what is said of new topics, each named by contrast with the rest of the topic that it comes from."""
    cards: dict[int, _Card] = {}
    origins: dict[int, list[int]] = {}
    for number in numbers.tolist():
        kinds, counts = np.unique(old[labels == number], return_counts=True)
        origins.setdefault(int(kinds[counts.argmax()]), []).append(number)
    for origin, members in origins.items():
        comes_from = (old == origin) & (origin >= 0)
        rows = np.flatnonzero((comes_from | np.isin(labels, members)) & (labels >= 0) & (contents.index >= 0))
        kinds, parts = np.unique(labels[rows], return_inverse=True)
        no_parents = np.full(len(kinds), -1, dtype=np.int32)
        texts, vectors = contents.texts_of(rows), contents.vectors_of(rows)
        naming = name_layers(texts, [parts.astype(np.int32)], [no_parents], vectors=vectors)
        for number in members:
            part = int(np.searchsorted(kinds, number))
            said = (naming.names[0][part], naming.keywords[0][part], naming.weights[0][part])
            cards[number] = _Card(*said, exemplars=[], description="", confidence=float("nan"))
    return cards


def _find_exemplars(rows: np.ndarray, contents: Contents) -> list[int]:
    """Returns up to three rows nearest to the mean of a topic's, no text twice."""
    rows = rows[contents.index[rows] >= 0]
    if not len(rows):
        return []
    mean = contents.mean(rows)
    blocks = [contents.vectors_of(rows[at : at + _BLOCK]) @ mean for at in range(0, len(rows), _BLOCK)]
    chosen: dict[int, int] = {}
    for row in rows[np.argsort(-np.concatenate(blocks).round(5), kind="stable")].tolist():
        chosen.setdefault(int(contents.index[row]), row)
        if len(chosen) == _N_EXEMPLARS:
            break
    return list(chosen.values())
