"""Stored edits of topics, applied to topics that were computed: merged, split, moved and locked.

Each edit names its documents by their ids and the topics it is about by samples of theirs, so it is done again on topics
that were computed anew, and changes nothing where its topic is not found.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from nomic_explore.session.edits import Edit
from nomic_explore.topics import edits as topic_edits
from nomic_explore.topics.tracking import TopicSignature, find_topic

if TYPE_CHECKING:
    from nomic_explore.topics import Topics
    from nomic_explore.topics.relabel import RowContents


def redo_last(topics: "Topics", edits: Sequence[Edit], contents: "RowContents") -> "Topics":
    """Returns the topics as the last of some edits changes them, with all that is locked by then gathered again."""
    if edits[-1].kind != "lock_topic":
        topics = apply_edit(topics, edits[-1], contents)
    locks = (edit for edit in edits if edit.kind == "lock_topic")
    for lock in sorted(locks, key=lambda lock: lock.details["layer"]):  # what is inside others comes later
        rows, layer = locked_rows(topics, lock, contents.index)
        if len(rows):
            topics = topic_edits.gather_rows(topics, rows, layer, lock.details["name"], contents)
    return topics


def apply_edit(topics: "Topics", edit: Edit, contents: "RowContents") -> "Topics":
    """Returns the topics as one edit changes them, or as they are if it does not find its topic."""
    details = edit.details
    sizes = [details["documents"], *(about["sample"] for about in details["topics"])]
    rows, *samples = (places[places >= 0] for places in np.split(edit.places, np.cumsum(sizes)[:-1]))
    signatures = [
        TopicSignature(sample, about["layer"], about["size"], about["n_rows"])
        for sample, about in zip(samples, details["topics"], strict=True)
    ]
    found = [place for place in (find_topic(topics, signature) for signature in signatures) if place is not None]
    if edit.kind == "merge_topics":
        return _merge(topics, found, signatures[0].layer, details["name"], contents)
    rows = rows[contents.index[rows] >= 0]
    if not found or (details["documents"] and not len(rows)):
        return topics
    layer, number = found[0]
    if edit.kind == "move_rows":
        return topic_edits.move_rows(topics, rows, layer, number, contents)
    parts = topic_edits.split_by_tree(topics, layer, number, details["into"])
    if details["documents"]:
        parts = np.isin(np.flatnonzero(topics.layers[layer] == number), rows).astype(np.int32)
    if len(np.unique(parts)) < 2:
        return topics
    return topic_edits.split_topic(topics, layer, number, parts, contents, details["name"])


def _merge(
    topics: "Topics", found: Sequence[tuple[int, int]], layer: int, name: str | None, contents: "RowContents"
) -> "Topics":
    """Returns the topics with those found merged, in the layer where most were found.

    If several were found as one, the new tree has merged them itself: they only get their name.
    """
    counts = Counter(at for at, _ in found)
    layer = max(counts, key=lambda at: (counts[at], at == layer), default=layer)
    if counts[layer] < 2:
        return topics
    return topic_edits.merge_topics(topics, layer, [number for at, number in found if at == layer], contents, name)


def locked_rows(topics: "Topics", lock: Edit, index: np.ndarray) -> tuple[np.ndarray, int]:
    """Returns the rows with text that a lock holds together, and their layer; the finest if there is none so fine."""
    return lock.rows[index[lock.rows] >= 0], min(lock.details["layer"], len(topics.layers) - 1)


def is_kept(members: np.ndarray, labels: np.ndarray) -> bool:
    """Returns whether the members (n,) of a topic are exactly the rows of one topic in a layer."""
    found = np.unique(labels[members])
    return len(found) == 1 and np.count_nonzero(labels == found[0]) == np.count_nonzero(members)


def find_locks(topics: "Topics", edits: Iterable[Edit], index: np.ndarray) -> dict[tuple[int, int], list[str]]:
    """Returns the locks on each locked topic, by layer and number.

    Args:
        topics: as people changed them.
        edits: of topics, those that are no locks too.
        index: (n,) the text of each row, -1 for none.
    """
    locks: dict[tuple[int, int], list[str]] = {}
    for edit in (edit for edit in edits if edit.kind == "lock_topic"):
        rows, layer = locked_rows(topics, edit, index)
        if len(rows):
            number = int(topics.layers[layer][rows[0]])
            locks.setdefault((layer, number), []).append(edit.edit)
    return locks
