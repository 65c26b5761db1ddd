"""Topics rebuilt after documents moved: numbers without gaps, parents, unique names, keywords for new topics."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from nomic_explore.topics.keyword_names import name_layers
from nomic_explore.topics.topics import Topics
from nomic_explore.topics.tracking import unused_name

_N_EXEMPLARS = 3
_BLOCK = 65_536  # rows whose vectors are copied at a time


@dataclass(frozen=True)
class RowContents:
    """The texts and vectors of all rows; vectors are read only when an edit needs them.

    Attributes:
        index: (n,) int64: the number of the text that each row holds; -1 for none.
        texts: m distinct strings.
        read_vectors: returns their vectors (m, d), of unit length.
        stop_words: words that stand in no name of a new topic; those that the topics were found with.
    """

    index: np.ndarray
    texts: Sequence[str]
    read_vectors: Callable[[], np.ndarray]
    stop_words: Sequence[str] = ()

    def texts_of(self, rows: np.ndarray) -> list[str]:
        """Returns the texts of some rows, each of which has one.

        Example:
            >>> RowContents(np.array([1, -1, 0]), ["cat", "dog"], lambda: np.eye(2)).texts_of(np.array([2, 0]))
            ['cat', 'dog']
        """
        return [self.texts[number] for number in self.index[rows].tolist()]

    def vectors_of(self, rows: np.ndarray) -> np.ndarray:
        """Returns the vectors (len(rows), d) of some rows, each of which has a text.

        Example:
            >>> RowContents(np.array([1, -1, 0]), ["cat", "dog"], lambda: np.eye(2)).vectors_of(np.array([0])).tolist()
            [[0.0, 1.0]]
        """
        return self.read_vectors()[self.index[rows]]

    def mean(self, rows: np.ndarray) -> np.ndarray:
        """Returns the mean vector (d,) of some rows, each of which has a text, at unit length.

        Example:
            >>> RowContents(np.array([1, 1]), ["cat", "dog"], lambda: np.eye(2)).mean(np.array([0, 1])).tolist()
            [0.0, 1.0]
        """
        blocks = [self.vectors_of(rows[at : at + _BLOCK]) for at in range(0, len(rows), _BLOCK)]
        total = np.sum([block.sum(axis=0, dtype=np.float64) for block in blocks], axis=0)
        return total / max(float(np.linalg.norm(total)), 1e-12)


@dataclass(frozen=True)
class _Details:
    """The name and description of one topic, and what else describes it."""

    name: str
    keywords: list[str]
    weights: list[float]
    exemplars: list[int]
    description: str
    confidence: float


def relabel(
    topics: Topics,
    layers: Sequence[np.ndarray],
    contents: RowContents,
    names: Mapping[tuple[int, int], str] | None = None,
) -> Topics:
    """Returns the topics after documents moved to other topics.

    Topics keep their order, names and keywords; a topic without documents is removed; a new topic is named by the
    phrases that set it apart from the rest of the topic that its documents come from.

    Args:
        topics: as they were.
        layers: the topic of each document now; a number that `topics` does not have is a new topic. All documents of a
            topic lie in one topic of the layer above.
        contents: of the rows.
        names: names that people gave, by layer and number; another topic of that name gets a number after it.

    Example:
        >>> from nomic_explore import build_graph, find_topics
        >>> vectors, texts = np.eye(2)[[0, 0, 1]], ["star", "star", "soup"]
        >>> topics = find_topics(texts, vectors, build_graph(vectors), n_topics=2, n_layers=1)
        >>> contents = RowContents(np.array([0, 0, 1]), ["star", "soup"], lambda: np.eye(2))
        >>> relabel(topics, [np.array([0, 1, 1])], contents, names={(0, 1): "Soups"}).names
        (['Star', 'Soups'],)
    """
    labels: list[np.ndarray] = []
    parents: list[np.ndarray] = []
    details: list[list[_Details]] = []
    for at, moved in enumerate(layers):
        given = {number: name for (layer, number), name in (names or {}).items() if layer == at}
        numbers, first = np.unique(moved, return_index=True)
        numbers, first = numbers[numbers >= 0], first[numbers >= 0]
        places = np.searchsorted(numbers, moved)
        labels.append(np.where(moved >= 0, places, -1).astype(np.int32))
        parents.append(labels[at - 1][first] if at else np.full(len(numbers), -1, dtype=np.int32))
        details.append(_details_of(topics, at, moved, numbers, given, contents))
    return replace(
        topics,
        layers=tuple(labels),
        parents=tuple(parents),
        names=tuple([one.name for one in layer] for layer in details),
        keywords=tuple([one.keywords for one in layer] for layer in details),
        weights=tuple([one.weights for one in layer] for layer in details),
        exemplars=tuple([one.exemplars for one in layer] for layer in details),
        descriptions=tuple([one.description for one in layer] for layer in details),
        confidence=tuple(np.array([one.confidence for one in layer], dtype=np.float32) for layer in details),
    )


def _details_of(
    topics: Topics, at: int, labels: np.ndarray, numbers: np.ndarray, given: Mapping[int, str], contents: RowContents
) -> list[_Details]:
    """Returns the details of each of the numbers in one layer."""
    n_old = len(topics.names[at])
    known = {number: _old_details(topics, at, number) for number in numbers.tolist() if number < n_old}
    details = known | _new_details(topics.layers[at], labels, numbers[numbers >= n_old], contents)
    taken: set[str] = set()
    for number in sorted(details, key=lambda number: (number not in given, number)):
        one = details[number]
        exemplars = one.exemplars
        if not exemplars or (labels[exemplars] != number).any():
            exemplars = _find_exemplars(np.flatnonzero(labels == number), contents)
        details[number] = replace(one, name=unused_name(given.get(number, one.name), taken), exemplars=exemplars)
        taken.add(details[number].name)
    return [details[number] for number in numbers.tolist()]


def _old_details(topics: Topics, at: int, number: int) -> _Details:
    return _Details(
        topics.names[at][number],
        topics.keywords[at][number],
        topics.weights[at][number],
        topics.exemplars[at][number],
        topics.descriptions[at][number],
        float(topics.confidence[at][number]),
    )


def _new_details(
    old: np.ndarray, labels: np.ndarray, numbers: np.ndarray, contents: RowContents
) -> dict[int, _Details]:
    """Returns the details of new topics, each named by contrast with the rest of the topic that it comes from."""
    details: dict[int, _Details] = {}
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
        naming = name_layers(
            texts, [parts.astype(np.int32)], [no_parents], vectors=vectors, stop_words=contents.stop_words
        )
        for number in members:
            part = int(np.searchsorted(kinds, number))
            words = (naming.names[0][part], naming.keywords[0][part], naming.weights[0][part])
            details[number] = _Details(*words, exemplars=[], description="", confidence=float("nan"))
    return details


def _find_exemplars(rows: np.ndarray, contents: RowContents) -> list[int]:
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
