"""`exploration.topics`: the topics as people see them, and everything that reads, changes or names them."""

from collections.abc import Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING

import numpy as np

from nomic_explore.checks import Rows, check_name, check_positive
from nomic_explore.html_table import html_table
from nomic_explore.session.prediction import predict_topics
from nomic_explore.session.topic_changes import (
    NO_ROWS,
    check_part,
    current_locks,
    given_name,
    place_topic,
    refuse_locked,
    write_change,
)
from nomic_explore.session.topic_naming import keep_names, name_in_background, name_topics
from nomic_explore.topics.tracking import check_unused, place_renames, sample_members

if TYPE_CHECKING:
    import pandas as pd

    from nomic_explore.session.state import State
    from nomic_explore.topics import TopicProfile, Topics
    from nomic_explore.topics.llm.naming import Namer, NamingReport
    from nomic_explore.topics.topics import TopicNode


class TopicsNamespace:
    """The topics of an exploration.

    A topic is given by its layer, 0 the coarsest, and by its number or name. Every change is kept when topics are computed
    again, and can be undone with `exploration.undo()`.
    """

    def __init__(self, state: "State") -> None:
        self._state = state

    @property
    def current(self) -> "Topics":
        """The topics as a value: nested layers, as people merged, split, moved, locked and renamed them.

        Example:
            >>> len(exploration.topics.current.layers)
            3
        """
        return self._state.topics

    @property
    def layers(self) -> tuple[np.ndarray, ...]:
        """Coarse to fine, each (n,) int32: the topic of each document, -1 for none."""
        return self._state.topics.layers

    @property
    def names(self) -> tuple[list[str], ...]:
        """For each layer the name of each topic."""
        return self._state.topics.names

    @property
    def keywords(self) -> tuple[list[list[str]], ...]:
        """For each layer and topic the words and phrases that set it apart, best first."""
        return self._state.topics.keywords

    @property
    def assignment(self) -> np.ndarray:
        """(n,) "core" (most neighbors share the finest topic), "soft" (they do not) or "none"."""
        return self._state.topics.assignment

    @property
    def strength(self) -> np.ndarray:
        """(n,) float32: share of the neighbors, weighted by similarity, in the same finest topic."""
        return self._state.topics.strength

    def __repr__(self) -> str:
        counts = " / ".join(f"{len(names):,}" for names in self.names)
        return f"<topics of {self._state.record('documents')['name']!r:.80}: {counts}, coarse to fine>"

    def _repr_html_(self) -> str:
        coarse = self.to_pandas().query("layer == 0").nlargest(12, "size")
        rows = zip(coarse["name"], coarse["size"], coarse["keywords"].str.join(", "), strict=True)
        return html_table(repr(self), rows, ("topic", "documents", "keywords"))

    # --- reading ---

    def tree(self) -> "TopicNode":
        """Returns all documents as the root of the tree of topics; prints as an indented list.

        Example:
            >>> exploration.topics.tree().size
            300
        """
        return self._state.topics.tree()

    def to_pandas(self) -> "pd.DataFrame":
        """Returns one row per topic, the coarsest layer first; see `Topics`.

        Example:
            >>> list(exploration.topics.to_pandas().columns[:5])
            ['layer', 'topic', 'name', 'size', 'share']
        """
        return self._state.topics.to_pandas()

    def documents(self, topic: int | str, layer: int | None = None) -> np.ndarray:
        """Returns the rows (m,) int64 of a topic, those first whose neighbors agree most.

        Args:
            topic: its number or its name.
            layer: where it is; None is the finest layer for a number, and any layer, the finest first, for a name.

        Raises:
            KeyError: there is no topic of that name.
            IndexError: there is no such layer or number.

        Example:
            >>> rows = exploration.topics.documents(0, layer=0)
            >>> bool((exploration.topics.layers[0][rows] == 0).all())
            True
        """
        return self._state.topics.documents(topic, layer)

    def find(self, topic: int | str, layer: int | None = None) -> tuple[int, int]:
        """Returns the layer, from 0, and the number of a topic given by number or name; see `documents`.

        Example:
            >>> exploration.topics.find(exploration.topics.names[0][3])
            (0, 3)
        """
        return self._state.topics.find(topic, layer)

    def core(self) -> "Topics":
        """Returns the topics without the documents that were assigned softly: those are in no topic then.

        Example:
            >>> sorted(set(exploration.topics.core().assignment.tolist()))
            ['core', 'none']
        """
        return self._state.topics.core()

    def assignment_shares(self) -> dict[str, float]:
        """Returns the share of the documents that are "core", "soft" and "none".

        Example:
            >>> round(sum(exploration.topics.assignment_shares().values()), 6)
            1.0
        """
        return self._state.topics.assignment_shares()

    def describe(self, topic: int | str, layer: int | None = None) -> "TopicProfile":
        """Returns what a topic is about: keywords, exemplars, siblings, near topics, column values that stand out.

        Args:
            topic: its number or its name.
            layer: where it is; None is the finest layer for a number, and any for a name.

        Raises:
            KeyError: there is no topic of that name.
            IndexError: there is no such layer or number.

        Example:
            >>> exploration.topics.describe(0, layer=0).name == exploration.topics.names[0][0]
            True
        """
        from nomic_explore.topics.profile import make_profile

        state = self._state
        at, number = state.topics.find(topic, layer)
        return make_profile(state.topics, at, number, state.corpus.texts, state.vectors, state.corpus.table)

    def predict(self, texts: Sequence[str], n_neighbors: int = 15) -> "pd.DataFrame":
        """Returns the topics that new texts belong to, by the vote of their nearest documents; adds nothing.

        The texts are embedded with the model of the exploration.

        Args:
            texts: m strings.
            n_neighbors: how many of the nearest documents vote, each with its similarity.

        Returns:
            A row for each text: `text`; `topic`, `topic_name` (the finest layer; -1 and None for none); `path` (names,
            coarse to fine); `assignment` ("core" if half of the votes or more are for the topic, "soft" if fewer,
            "none" if the text is farther from every document than 99 % of the documents are); `strength` (its share of
            the votes); `nearest` (row of the nearest document) and `similarity` (to that).

        Raises:
            TypeError: a text is not a string.
            ValueError: a text is blank, or the model's weights are not those of the vectors.

        Example:
            >>> exploration.topics.predict(["A telescope looks at distant galaxies."])["assignment"].tolist()
            ['core']
        """
        return predict_topics(self._state, texts, n_neighbors)

    # --- changing ---

    def rename(self, layer: int, topic: int | str, name: str) -> None:
        """Gives a topic another name, which stays with its documents when topics are computed again.

        Args:
            layer: 0 is the coarsest.
            topic: its number or name.
            name: up to 80 characters, of no other topic of the layer; an empty one restores the computed name.

        Raises:
            IndexError, KeyError: there is no such topic.
            ValueError: the name cannot be used, or the topic is locked.

        Example:
            >>> exploration.topics.rename(0, 2, "My topic")
            >>> exploration.topics.names[0][2]
            'My topic'
        """
        state = self._state
        layer, number = place_topic(state, layer, topic)
        topics, edited = state.topics, state.edited_topics
        name = check_name(name, "topic", can_be_empty=True)
        old = topics.names[layer][number]
        if name and name != old:
            check_unused(name, layer, topics.names[layer])
        places = place_renames(edited, state.edits.renames)
        replaced = [edit for edit, place in places.items() if place == (layer, number)]
        if name == old or not (name or replaced):
            return
        refuse_locked(state, layer, number)
        members = np.flatnonzero(edited.layers[layer] == number)
        about = {"layer": layer, "size": len(members), "n_rows": len(state), "replaces": replaced}
        state.edit("rename_topic", sample_members(members, state.ids), name=name, old=old, **about)

    def merge(self, layer: int, topics: Sequence[int | str], name: str | None = None) -> None:
        """Makes several topics of a layer one; the topics inside them come along.

        Args:
            layer: 0 is the coarsest.
            topics: at least two, numbers or names.
            name: of the merged topic; None keeps that of the largest.

        Raises:
            IndexError, KeyError: there is no such topic.
            ValueError: fewer than two topics, a name that cannot be used, or a locked topic would change.

        Example:
            >>> exploration.topics.merge(0, [0, 1], name="Both")
            >>> "Both" in exploration.topics.names[0]
            True
        """
        state = self._state
        listed = [topics] if isinstance(topics, str | int | np.integer) else list(topics)
        places = sorted({place_topic(state, layer, topic) for topic in listed})
        if len(places) < 2:
            raise ValueError(
                f"topics={topics!r:.100}; expected two or more different topics of layer {layer} to merge."
            )
        layer, numbers = places[0][0], [number for _, number in places]
        for number in numbers:
            refuse_locked(state, layer, number)
        sizes = np.bincount(self.layers[layer] + 1)[1:]
        largest = max(numbers, key=lambda number: (sizes[number], -number))
        shown = self.names[layer][largest]
        if name is not None:
            name = shown = check_name(name, "topic")
            check_unused(name, layer, self.names[layer], but=numbers)
        write_change(state, "merge_topics", places, name=name or given_name(state, layer, largest), shown=shown)

    def split(self, layer: int, topic: int | str, into: int = 2, *, rows: Rows | None = None) -> None:
        """Splits a topic; the largest part keeps its name and number, the others come last in the layer.

        Args:
            layer: 0 is the coarsest.
            topic: its number or name.
            into: how many parts, cut where the tree parts them first.
            rows: documents of the topic that shall be one of two parts, instead.

        Raises:
            IndexError, KeyError: there is no such topic or row.
            ValueError: it cannot be split so, or a locked topic would change.

        Example:
            >>> before = len(exploration.topics.names[0])
            >>> exploration.topics.split(0, 0)
            >>> len(exploration.topics.names[0]) - before
            1
        """
        state = self._state
        layer, number = place_topic(state, layer, topic)
        refuse_locked(state, layer, number)
        members = state.edited_topics.layers[layer] == number
        shown = self.names[layer][number]
        documents = NO_ROWS
        if rows is not None:
            documents = state.rows_of(rows)
            check_part(documents, members, f"topic {shown!r} of layer {layer}")
        else:
            check_positive(into, "into", at_least=2)
            n_groups = len(np.unique(state.edited_topics.groups[members]))
            if n_groups < into:
                raise ValueError(
                    f"into={into}; topic {shown!r} of layer {layer} cannot be split so: "
                    f"expected at least {into} different documents, it has {n_groups}."
                )
        name = given_name(state, layer, number)
        write_change(state, "split_topic", [(layer, number)], documents, into=int(into), name=name, shown=shown)

    def move(self, rows: Rows, layer: int, topic: int | str) -> None:
        """Moves documents into a topic, those above it, and the nearest of those inside it.

        Args:
            rows: the documents.
            layer: 0 is the coarsest.
            topic: its number or name.

        Raises:
            IndexError, KeyError: there is no such topic or row.
            ValueError: there are no rows, one has no text, or a locked topic would change.

        Example:
            >>> exploration.topics.move([5], 0, 1)
            >>> int(exploration.topics.layers[0][5])
            1
        """
        state = self._state
        rows = state.rows_of(rows)
        layer, number = place_topic(state, layer, topic)
        shown = self.names[layer][number]
        if not len(rows):
            raise ValueError(f"rows are empty; expected some documents to move to topic {shown!r}.")
        without = rows[~state.distinct.has_text[rows]]
        if len(without):
            raise ValueError(f"row {int(without[0])} has no text, so no topic can hold it. Leave it out.")
        if (state.edited_topics.layers[layer][rows] == number).all():
            return
        refuse_locked(state, layer, number)
        write_change(state, "move_rows", [(layer, number)], rows, renames={}, shown=shown)

    def lock(self, layer: int, topic: int | str) -> None:
        """Locks a topic: it keeps its documents and its name, also when topics are computed again.

        Raises:
            IndexError, KeyError: there is no such topic.

        Example:
            >>> exploration.topics.lock(0, 1)
            >>> exploration.topics.locked
            [(0, 1)]
        """
        state = self._state
        layer, number = place_topic(state, layer, topic)
        if (layer, number) in current_locks(state):
            return
        members, name = np.flatnonzero(state.edited_topics.layers[layer] == number), self.names[layer][number]
        about = {"documents": len(members), "topics": [], "replaces": [], "layer": layer}
        state.edit("lock_topic", members, **about, name=name, shown=name)

    def unlock(self, layer: int, topic: int | str) -> None:
        """Unlocks a topic; if topics were computed again meanwhile, it is then what they make of it.

        Raises:
            IndexError, KeyError: there is no such topic.

        Example:
            >>> exploration.topics.lock(0, 1)
            >>> exploration.topics.unlock(0, 1)
            >>> exploration.topics.locked
            []
        """
        layer, number = place_topic(self._state, layer, topic)
        locks = current_locks(self._state).get((layer, number))
        if locks:
            self._state.edit("unlock_topic", locks=locks, shown=self.names[layer][number])

    @property
    def locked(self) -> list[tuple[int, int]]:
        """The layer and the number of each locked topic."""
        return sorted(current_locks(self._state))

    # --- naming ---

    def name_with(self, namer: "Namer | None", *, wait: bool = True) -> "NamingReport | Future[NamingReport] | None":
        """Names and describes all topics with a language model, in the place of their computed names.

        Answers are remembered by what they were made from, so that a topic that did not change is not asked about again;
        a topic whose request fails keeps its computed name and is counted. Names that people gave stand above these.

        Args:
            namer: `OllamaNamer("llama3.2")`, `OpenAINamer(model, url=...)`, or any callable that takes what is known of
                a topic and returns a name and a description. None restores the computed names.
            wait: False names in the background: maps show the names when all are there.

        Returns:
            What was named, remembered and failed; a `Future` of it if `wait` is False; None without a namer.

        Raises:
            TypeError: the namer cannot be called.

        Example:
            >>> report = exploration.topics.name_with(lambda topic: (f"About {topic.keywords[0]}", ""))
            >>> exploration.topics.names[0][0].startswith("About ")
            True
        """
        if namer is None:
            keep_names(self._state, None)
            return None
        if not callable(namer):
            raise TypeError(f"namer is a {type(namer).__name__}; expected a callable like OllamaNamer('llama3.2').")
        return name_topics(self._state, namer) if wait else name_in_background(self._state, namer)
