"""Topics that people renamed or changed, found again after the topics were computed again.

The number of a topic is no identity: with another seed or a few new documents, topic 7 is another topic. So a name is
stored with a sample of the documents it was given to, and is given to the topic most similar to that set of documents.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from nomic_explore.topics.topics import Topics

MAX_SAMPLE = 60  # the share of a topic that lies in another one is then known to about 6 points
_MAX_GROWTH = 2.5  # a topic that became so much larger or smaller is another one


@dataclass(frozen=True, eq=False)
class TopicSignature:
    """What is stored of a topic so that it can be found again.

    Attributes:
        rows: (m,) int64: a sample of its documents, without those that the corpus no longer holds.
        layer: the layer it was in; 0 is the coarsest.
        size: how many documents it had.
        n_rows: how many rows the corpus had.
    """

    rows: np.ndarray
    layer: int
    size: int
    n_rows: int


@dataclass(frozen=True, eq=False)
class TopicRename:
    """A name that a person gave to a topic.

    Attributes:
        signature: of the topic.
        name: the new name; "" restores the computed one.
    """

    signature: TopicSignature
    name: str


def sample_members(rows: np.ndarray, ids: list[str]) -> np.ndarray:
    """Returns up to 60 of some rows, spread evenly over them in the order of their ids.

    Example:
        >>> sample_members(np.array([0, 2]), ["b", "c", "a"]).tolist()
        [2, 0]
    """
    ordered = sorted(rows.tolist(), key=ids.__getitem__)
    places = np.linspace(0, len(ordered) - 1, min(MAX_SAMPLE, len(ordered))).round().astype(int)
    return np.array([ordered[place] for place in places], dtype=np.int64)


def place_renames(topics: Topics, renames: Mapping[str, TopicRename]) -> dict[str, tuple[int, int]]:
    """Returns the layer and the number of the topic that each rename applies to, without those that match no topic.

    Args:
        topics: as they are now.
        renames: by any key, such as the id of the edit.

    Example:
        >>> from nomic_explore import build_graph, find_topics
        >>> vectors = np.eye(2)[[0, 0, 1]]
        >>> topics = find_topics(["red cat", "red cat", "blue dog"], vectors, build_graph(vectors), n_topics=2, n_layers=1)
        >>> cats = TopicSignature(np.array([0, 1]), layer=0, size=2, n_rows=3)
        >>> place_renames(topics, {"a": TopicRename(cats, "Cats")})
        {'a': (0, 0)}
    """
    places = {key: find_topic(topics, rename.signature) for key, rename in renames.items()}
    return {key: place for key, place in places.items() if place is not None}


def rename_topics(topics: Topics, renames: Mapping[str, TopicRename]) -> Topics:
    """Returns the topics with the names that people gave them; of two names for one topic, the later one.

    Where another topic of the layer has the same name, one of the two gets a number: the computed name, or else the
    later one.

    Args:
        topics: as they are now.
        renames: in the order in which they were made, by any key.

    Example:
        >>> from nomic_explore import build_graph, find_topics
        >>> vectors = np.eye(2)[[0, 0, 1]]
        >>> topics = find_topics(["red cat", "red cat", "blue dog"], vectors, build_graph(vectors), n_topics=2, n_layers=1)
        >>> cats = TopicSignature(np.array([0, 1]), layer=0, size=2, n_rows=3)
        >>> rename_topics(topics, {"a": TopicRename(cats, "Cats")}).names
        (['Cats', 'Blue dog'],)
    """
    given: dict[tuple[int, int], str] = {}
    for key, place in place_renames(topics, renames).items():
        given.pop(place, None)
        if renames[key].name:
            given[place] = renames[key].name
    if not given:
        return topics
    names = [list(layer) for layer in topics.names]
    for layer, computed in enumerate(topics.names):
        own = {topic: name for (at, topic), name in given.items() if at == layer}
        taken: set[str] = set()
        for topic in [*own, *(topic for topic in range(len(computed)) if topic not in own)]:
            names[layer][topic] = unused_name(own.get(topic, computed[topic]), taken)
            taken.add(names[layer][topic])
    return replace(topics, names=tuple(names))


def find_topic(topics: Topics, signature: TopicSignature) -> tuple[int, int] | None:
    """Returns the layer and the number of the topic most similar to a stored one; None if none is similar enough.

    Of all topics of all layers it is the one with the highest Jaccard similarity to the stored set of documents,
    estimated from its sample. It must hold more than half of the sample and have about the same size.

    Example:
        >>> from nomic_explore import build_graph, find_topics
        >>> vectors = np.eye(2)[[0, 0, 1]]
        >>> topics = find_topics(["red cat", "red cat", "blue dog"], vectors, build_graph(vectors), n_topics=2, n_layers=1)
        >>> find_topic(topics, TopicSignature(np.array([2]), layer=0, size=1, n_rows=3))
        (0, 1)
    """
    if not len(signature.rows):
        return None
    expected = signature.size / signature.n_rows * len(topics.assignment)
    best: tuple[float, bool, int, int] | None = None
    share = size = 0.0
    for layer, labels in enumerate(topics.layers):
        of_sample, sizes = labels[signature.rows], np.bincount(labels[labels >= 0])
        for topic, count in zip(*np.unique(of_sample[of_sample >= 0], return_counts=True), strict=True):
            inside, its_size = count / len(signature.rows), float(sizes[topic])
            both = min(inside * expected, its_size)
            jaccard = both / (expected + its_size - both)
            # A topic that is its parent's only child holds the same documents: the layer then decides.
            candidate = (jaccard, layer == signature.layer, layer, int(topic))
            if best is None or candidate > best:
                best, share, size = candidate, inside, its_size
    if best is None or share <= 0.5 or not expected / _MAX_GROWTH <= size <= expected * _MAX_GROWTH:
        return None
    return best[2], best[3]


def check_unused(name: str, layer: int, names: Sequence[str], but: Container[int] = ()) -> None:
    """Raises ValueError if a topic of a layer already has a name, other than the topics numbered in `but`.

    Example:
        >>> check_unused("cats", 0, ["cats", "dogs"], but=[0])
    """
    for number, other in enumerate(names):
        if other == name and number not in but:
            raise ValueError(f"Topic {number} of layer {layer} is called {name!r} already; choose another name.")


def unused_name(name: str, taken: set[str]) -> str:
    """Returns a name, with a number after it if it is taken.

    Example:
        >>> unused_name("cats", {"cats", "dogs"})
        'cats (2)'
    """
    number, candidate = 1, name
    while candidate in taken:
        number += 1
        candidate = f"{name} ({number})"
    return candidate
