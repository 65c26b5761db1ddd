"""Names that people gave to topics, found again when the topics were made anew.

A topic has no identity of its own: another seed or some new documents, and topic 7 is another one. So a name is kept
with a sample of the documents that it was given to, and goes to the topic which is most like that set of documents.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from nomic_explore.edits import Edit
    from nomic_explore.topics import Topics

MAX_SAMPLE = 60  # the share of a topic that lies in another one is then known to about 6 points
_MAX_GROWTH = 2.5  # a topic that became so much larger or smaller is another one


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
    """Returns for each rename that finds its topic, by the name of the edit: the layer and the topic.

    Of all topics of all layers the one with the highest Jaccard similarity to the renamed set is taken, estimated from
    the sample. The rename sleeps unless more than half of the sample lies there and the topic has about the size it had.
    """
    sizes = [
        np.bincount(labels[labels >= 0], minlength=len(names))
        for labels, names in zip(topics.layers, topics.names, strict=True)
    ]
    found = {edit.edit: _closest(topics, sizes, edit) for edit in renames}
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
            names[layer][topic] = _unused(own.get(topic, computed[topic]), taken)
            taken.add(names[layer][topic])
    return replace(topics, names=tuple(names))


def _closest(topics: "Topics", sizes: list[np.ndarray], edit: "Edit") -> tuple[int, int] | None:
    if not len(edit.rows):
        return None
    expected = edit.details["size"] / edit.details["n_rows"] * len(topics.assignment)
    best: tuple[float, bool, int, int] | None = None
    share = size = 0.0
    for layer, labels in enumerate(topics.layers):
        of_sample = labels[edit.rows]
        for topic, count in zip(*np.unique(of_sample[of_sample >= 0], return_counts=True), strict=True):
            inside, its_size = count / len(edit.rows), float(sizes[layer][topic])
            both = min(inside * expected, its_size)
            jaccard = both / (expected + its_size - both)
            # A topic that is its parent's only child holds the same documents: the layer then decides.
            candidate = (jaccard, layer == edit.details["layer"], layer, int(topic))
            if best is None or candidate > best:
                best, share, size = candidate, inside, its_size
    if best is None or share <= 0.5 or not expected / _MAX_GROWTH <= size <= expected * _MAX_GROWTH:
        return None
    return best[2], best[3]


def _unused(name: str, taken: set[str]) -> str:
    number, candidate = 1, name
    while candidate in taken:
        number += 1
        candidate = f"{name} ({number})"
    return candidate
