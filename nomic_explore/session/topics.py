"""Topics merged, split, locked, their documents moved: what people change in the tree, kept when it is made anew.

Each change is one edit in the log. It holds its documents by their ids, and the topics it is about by samples of theirs,
as names do; so it is done again on topics made anew, and sleeps where it no longer finds its topic.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from nomic_explore.checks import check_name, check_positive
from nomic_explore.session.edit_log import Edit
from nomic_explore.topics import edits as topic_edits
from nomic_explore.topics.relabel import RowContents
from nomic_explore.topics.tracking import TopicSignature, check_unused, find_topic, place_renames, sample_members

if TYPE_CHECKING:
    from nomic_explore.topics import Topics

_N_STEPS = 5  # states kept in memory; one of a million documents takes up to 50 MB
_NO_ROWS = np.zeros(0, dtype=np.int64)


class TopicEditing:
    """The part of an `Exploration` that changes topics by hand.

    A topic is given by its layer, 0 the coarsest, and by its number or name. Every call can be undone with `undo()`.
    """

    def merge_topics(self: Any, layer: int, topics: Sequence[int | str], name: str | None = None) -> None:
        """Makes several topics of a layer one; their children come along.

        Args:
            layer: 0 is the coarsest.
            topics: at least two, numbers or names.
            name: of the merged topic; None keeps that of the largest.

        Raises:
            IndexError, KeyError: there is no such topic.
            ValueError: fewer than two topics, a name that cannot be used, or a locked topic would change.
        """
        listed = [topics] if isinstance(topics, str | int | np.integer) else list(topics)
        places = sorted({self._place_of(layer, topic) for topic in listed})
        if len(places) < 2:
            raise ValueError(
                f"topics={topics!r:.100}; expected two or more different topics of layer {layer} to merge."
            )
        layer, numbers = places[0][0], [number for _, number in places]
        for number in numbers:
            self._refuse_locked(layer, number)
        sizes = np.bincount(self.topics.layers[layer] + 1)[1:]
        largest = max(numbers, key=lambda number: (sizes[number], -number))
        shown = self.topics.names[layer][largest]
        if name is not None:
            name = shown = check_name(name, "topic")
            check_unused(name, layer, self.topics.names[layer], but=numbers)
        self._change_topics("merge_topics", places, name=name or self._given_name(layer, largest), shown=shown)

    def split_topic(self: Any, layer: int, topic: int | str, into: int = 2, *, rows: Any = None) -> None:
        """Parts a topic; the largest part keeps its name and number, the others come last in the layer.

        Args:
            layer: 0 is the coarsest.
            topic: its number or name.
            into: how many parts, cut where the tree parts them first.
            rows: documents of the topic that shall be one of two parts, instead.

        Raises:
            IndexError, KeyError: there is no such topic or row.
            ValueError: it cannot be parted so, or a locked topic would change.
        """
        layer, number = self._place_of(layer, topic)
        self._refuse_locked(layer, number)
        members = self._edited_topics.layers[layer] == number
        shown = self.topics.names[layer][number]
        documents = _NO_ROWS
        if rows is not None:
            documents = self._rows_of(rows)
            _check_part(documents, members, f"topic {shown!r} of layer {layer}")
        else:
            check_positive(into, "into", at_least=2)
            n_groups = len(np.unique(self._edited_topics.groups[members]))
            if n_groups < into:
                raise ValueError(
                    f"into={into}; topic {shown!r} of layer {layer} cannot be split so: "
                    f"expected at least {into} different documents, it has {n_groups}."
                )
        about = {"into": int(into), "name": self._given_name(layer, number), "shown": shown}
        self._change_topics("split_topic", [(layer, number)], documents, **about)

    def move_rows(self: Any, rows: Any, layer: int, topic: int | str) -> None:
        """Moves documents into a topic, those above it, and the nearest of those inside it.

        Args:
            rows: the documents.
            layer: 0 is the coarsest.
            topic: its number or name.

        Raises:
            IndexError, KeyError: there is no such topic or row.
            ValueError: there are no rows, one has no text, or a locked topic would change.
        """
        rows = self._rows_of(rows)
        layer, number = self._place_of(layer, topic)
        shown = self.topics.names[layer][number]
        if not len(rows):
            raise ValueError(f"rows are empty; expected some documents to move to topic {shown!r}.")
        without = rows[self._index[rows] < 0]
        if len(without):
            raise ValueError(f"row {int(without[0])} has no text, so no topic can hold it. Leave it out.")
        if (self._edited_topics.layers[layer][rows] == number).all():
            return
        self._refuse_locked(layer, number)
        self._change_topics("move_rows", [(layer, number)], rows, renames={}, shown=shown)

    def lock_topic(self: Any, layer: int, topic: int | str) -> None:
        """Locks a topic: it keeps its documents and its name, also when topics are made anew.

        Raises:
            IndexError, KeyError: there is no such topic.
        """
        layer, number = self._place_of(layer, topic)
        if (layer, number) in self._locks():
            return
        members, name = np.flatnonzero(self._edited_topics.layers[layer] == number), self.topics.names[layer][number]
        about = {"documents": len(members), "topics": [], "replaces": [], "layer": layer}
        self._edit("lock_topic", members, **about, name=name, shown=name)

    def unlock_topic(self: Any, layer: int, topic: int | str) -> None:
        """Unlocks a topic; if topics were made anew meanwhile, it is then what they make of it.

        Raises:
            IndexError, KeyError: there is no such topic.
        """
        layer, number = self._place_of(layer, topic)
        locks = self._locks().get((layer, number))
        if locks:
            self._edit("unlock_topic", locks=locks, shown=self.topics.names[layer][number])

    @property
    def locked_topics(self: Any) -> list[tuple[int, int]]:
        """The layer and the number of each locked topic."""
        return sorted(self._locks())

    @cached_property
    def _edited_topics(self: Any) -> "Topics":
        """The topics as people changed them, before they are renamed."""
        edits = list(self._edit_log.state.topic_edits.values())
        if not edits:
            return self._computed_topics
        names, contents = [edit.edit for edit in edits], self._contents
        done, topics = max(
            (step for step in self._topic_steps if step[0] == names[: len(step[0])]),
            key=lambda step: len(step[0]),
            default=([], self._computed_topics),
        )
        for at in range(len(done), len(edits)):
            topics = _redo(topics, edits[: at + 1], contents)
            self._topic_steps[:] = [*self._topic_steps, (names[: at + 1], topics)][-_N_STEPS:]
        return topics

    @cached_property
    def _topic_steps(self) -> list[tuple[list[str], "Topics"]]:
        """Topics after the first edits, with the names of those: a new edit or an undo then costs one step, not all."""
        return []

    @property
    def _contents(self: Any) -> RowContents:
        return RowContents(self._index, list(self._texts.values()), lambda: self._distinct_vectors)

    def _place_of(self: Any, layer: int, topic: int | str) -> tuple[int, int]:
        """Returns the layer from 0 and the number of a topic."""
        for what, value, kinds in (("layer", layer, int | np.integer), ("topic", topic, int | np.integer | str)):
            if isinstance(value, bool | np.bool_) or not isinstance(value, kinds):
                expected = "its number" if what == "layer" else "its number or its name"
                raise IndexError(f"{what}={value!r}; expected {expected}. topics.to_pandas() lists all topics.")
        at, number = self.topics.find(topic, layer)
        return int(at), int(number)

    def _given_name(self: Any, layer: int, number: int) -> str | None:
        """Returns the name a person gave to a topic, or None."""
        shown = self.topics.names[layer][number]
        return None if shown == self._edited_topics.names[layer][number] else shown

    def _locks(self: Any) -> dict[tuple[int, int], list[str]]:
        """Returns the locks on each locked topic, by layer and number."""
        found: dict[tuple[int, int], list[str]] = {}
        edits = self._edit_log.state.topic_edits.values()
        for edit in (edit for edit in edits if edit.kind == "lock_topic"):
            rows, layer = _locked_rows(self._edited_topics, edit, self._index)
            if len(rows):
                number = int(self._edited_topics.layers[layer][rows[0]])
                found.setdefault((layer, number), []).append(edit.edit)
        return found

    def _refuse_locked(self: Any, layer: int, number: int) -> None:
        if (layer, number) in self._locks():
            name = self.topics.names[layer][number]
            raise ValueError(f"Topic {name!r} of layer {layer} is locked; unlock_topic({layer}, {number}) first.")

    def _change_topics(
        self: Any, kind: str, places: list[tuple[int, int]], rows: np.ndarray = _NO_ROWS, **about: Any
    ) -> None:
        """Writes a change of the topics at some places, unless it would change a locked one."""
        topics, samples, signatures = self._edited_topics, [rows], []
        for layer, number in places:
            members = np.flatnonzero(topics.layers[layer] == number)
            samples.append(sample_members(members, self._documents[1]))
            signatures.append({"layer": layer, "size": len(members), "n_rows": len(self), "sample": len(samples[-1])})
        renames = about.pop("renames", self._edit_log.state.renames)
        replaces = [edit for edit, place in place_renames(topics, renames).items() if place in places]
        details = {"documents": len(rows), "topics": signatures, "replaces": replaces, **about}
        concerned = np.concatenate(samples).astype(np.int64)
        locks = self._locks()
        if locks:
            changed = _apply(topics, Edit("", "", "", kind, [], concerned, details), self._contents)
            for layer, number in locks:
                if not _is_kept(topics.layers[layer] == number, changed.layers[layer]):
                    self._refuse_locked(layer, number)
        self._edit(kind, concerned, **details)


def apply_topic_edits(topics: "Topics", edits: Iterable[Edit], contents: RowContents) -> "Topics":
    """Returns the topics as edits changed them, in the order given; locked topics are gathered again after each.

    Args:
        topics: as they were computed.
        edits: of the kinds "merge_topics", "split_topic", "move_rows" and "lock_topic".
        contents: of the rows; vectors are read only if an edit needs them.
    """
    done: list[Edit] = []
    for edit in edits:
        done.append(edit)
        topics = _redo(topics, done, contents)
    return topics


def _redo(topics: "Topics", edits: Sequence[Edit], contents: RowContents) -> "Topics":
    """Returns the topics as the last of some edits changes them, with all that is locked by then gathered again."""
    if edits[-1].kind != "lock_topic":
        topics = _apply(topics, edits[-1], contents)
    locks = (edit for edit in edits if edit.kind == "lock_topic")
    for lock in sorted(locks, key=lambda lock: lock.details["layer"]):  # what is inside others comes later
        rows, layer = _locked_rows(topics, lock, contents.index)
        if len(rows):
            topics = topic_edits.gather_rows(topics, rows, layer, lock.details["name"], contents)
    return topics


def _apply(topics: "Topics", edit: Edit, contents: RowContents) -> "Topics":
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
    topics: "Topics", found: Sequence[tuple[int, int]], layer: int, name: str | None, contents: RowContents
) -> "Topics":
    """Returns the topics with those found merged, in the layer where most were found.

    If several were found as one, the new tree has merged them itself: they only get their name.
    """
    counts = Counter(at for at, _ in found)
    layer = max(counts, key=lambda at: (counts[at], at == layer), default=layer)
    if counts[layer] < 2:
        return topics
    return topic_edits.merge_topics(topics, layer, [number for at, number in found if at == layer], contents, name)


def _locked_rows(topics: "Topics", lock: Edit, index: np.ndarray) -> tuple[np.ndarray, int]:
    """Returns the rows with text that a lock holds together, and their layer; the finest if there is none so fine."""
    return lock.rows[index[lock.rows] >= 0], min(lock.details["layer"], len(topics.layers) - 1)


def _check_part(rows: np.ndarray, members: np.ndarray, topic: str) -> None:
    """Raises ValueError unless rows are a part of the members (n,) of a topic, and not all of them."""
    if not len(rows):
        raise ValueError(f"rows are empty; expected some documents of {topic}.")
    outside = rows[~members[rows]]
    if len(outside):
        raise ValueError(
            f"{len(outside):,} of {len(rows):,} rows, row {int(outside[0])} first, lie outside {topic}; "
            "expected documents of it. Leave them out, or move_rows() them into it first."
        )
    if len(rows) == np.count_nonzero(members):
        raise ValueError(f"the rows are all {len(rows):,} documents of {topic}; expected a part of them.")


def _is_kept(members: np.ndarray, labels: np.ndarray) -> bool:
    """Returns whether the members (n,) of a topic are exactly the rows of one topic in a layer."""
    held = np.unique(labels[members])
    return len(held) == 1 and np.count_nonzero(labels == held[0]) == np.count_nonzero(members)
