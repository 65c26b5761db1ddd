"""Names that people gave to topics, found again when the topics were made anew.

A topic has no identity of its own: another seed or some new documents, and topic 7 is another one. So a name is kept
with a sample of the documents that it was given to, and goes to the topic which is most like that set of documents.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from nomic_explore.session.edit_log import Edit
    from nomic_explore.topics import Topics

MAX_SAMPLE = 60  # the share of a topic that lies in another one is then known to about 6 points
_MAX_GROWTH = 2.5  # a topic that became so much larger or smaller is another one


@dataclass(frozen=True)
class TopicTrace:
    """What is remembered of a topic, to find it again.

    Attributes:
        rows: (m,) int64: a sample of its documents, those that the corpus still holds.
        layer: where it was.
        size: how many documents it had.
        n_rows: how many rows the corpus had.
    """

    rows: np.ndarray
    layer: int
    size: int
    n_rows: int


def sample_members(rows: np.ndarray, ids: list[str]) -> np.ndarray:
    """Returns up to 60 of some rows, spread evenly over them in the order of their ids.

    Example:
        >>> sample_members(np.array([0, 2]), ["b", "c", "a"]).tolist()
        [2, 0]
    """
    ordered = sorted(rows.tolist(), key=ids.__getitem__)
    places = np.linspace(0, len(ordered) - 1, min(MAX_SAMPLE, len(ordered))).round().astype(int)
    return np.array([ordered[place] for place in places], dtype=np.int64)


def place_renames(topics: "Topics", renames: Iterable["Edit"]) -> dict[str, tuple[int, int]]:
    """Returns for each rename that finds its topic, by the name of the edit: the layer and the topic."""
    found = {}
    for edit in renames:
        about = {name: edit.details[name] for name in ("layer", "size", "n_rows")}
        found[edit.edit] = find_topic(topics, TopicTrace(edit.rows, **about))
    return {name: place for name, place in found.items() if place is not None}


def rename_topics(topics: "Topics", renames: Mapping[str, "Edit"]) -> "Topics":
    """Returns the topics with the names that people gave them; of two names for one topic the later holds.

    A name that another topic of the layer has too gets a number: the one that was computed, else the later one.
    """
    given: dict[tuple[int, int], str] = {}
    for edit, place in place_renames(topics, renames.values()).items():
        given.pop(place, None)
        if renames[edit].details["name"]:
            given[place] = renames[edit].details["name"]
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


def find_topic(topics: "Topics", trace: TopicTrace) -> tuple[int, int] | None:
    """Returns the layer and the number of the topic that is most like one remembered; None if none is like it.

    Of all topics of all layers the one with the highest Jaccard similarity to the remembered set is taken, estimated from
    the sample. It must hold more than half of the sample and have about the size that the topic had.
    """
    if not len(trace.rows):
        return None
    expected = trace.size / trace.n_rows * len(topics.assignment)
    best: tuple[float, bool, int, int] | None = None
    share = size = 0.0
    for layer, labels in enumerate(topics.layers):
        of_sample, sizes = labels[trace.rows], np.bincount(labels[labels >= 0])
        for topic, count in zip(*np.unique(of_sample[of_sample >= 0], return_counts=True), strict=True):
            inside, its_size = count / len(trace.rows), float(sizes[topic])
            both = min(inside * expected, its_size)
            jaccard = both / (expected + its_size - both)
            # A topic that is its parent's only child holds the same documents: the layer then decides.
            candidate = (jaccard, layer == trace.layer, layer, int(topic))
            if best is None or candidate > best:
                best, share, size = candidate, inside, its_size
    if best is None or share <= 0.5 or not expected / _MAX_GROWTH <= size <= expected * _MAX_GROWTH:
        return None
    return best[2], best[3]


def check_unused(name: str, layer: int, names: Sequence[str], but: Container[int] = ()) -> None:
    """Raises ValueError if a topic of a layer has a name already, other than the numbers in `but`."""
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
