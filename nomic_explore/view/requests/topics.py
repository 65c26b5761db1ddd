"""What the topic panel asks: the card of a topic, two topics side by side, and changes of the tree."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from nomic_explore.topics.lift import find_lifts
from nomic_explore.topics.profile import make_profile
from nomic_explore.view.data.label_placement import place_labels
from nomic_explore.view.data.summaries import Lines
from nomic_explore.view.data.time_bins import find_time, time_bins
from nomic_explore.view.data.topic_labels import label_facts

if TYPE_CHECKING:
    from nomic_explore.topics import Topics

_MAX_DESCRIPTION = 600


class TopicAnswers(Lines):
    """The part of `Answers` that is about topics; a topic is given by its layer, 0 the coarsest, and its number."""

    selected: np.ndarray
    _cards: dict[tuple[int, int], dict[str, Any]]
    _cards_of: "Topics | None" = None

    def topic_shares(self) -> dict[str, Any]:
        """How many points were assigned to a topic as core, as soft, and not at all."""
        assignment = self.exploration.topics.assignment[self.data.rows]
        return {how: int((assignment == how).sum()) for how in ("core", "soft", "none")}

    def topic_card(self, layer: int, topic: int) -> dict[str, Any]:
        """All that says what a topic is about; kept until topics are edited."""
        topics = self.exploration.topics
        layer, topic = _place(topics, layer, topic)
        if self._cards_of is not topics:
            self._cards, self._cards_of = {}, topics
        if (layer, topic) not in self._cards:
            self._cards[layer, topic] = self._make_card(topics, layer, topic)
        return {**self._cards[layer, topic], "locked": (layer, topic) in self.exploration.locked_topics}

    def _make_card(self, topics: "Topics", layer: int, topic: int) -> dict[str, Any]:
        exploration = self.exploration
        corpus = exploration.corpus
        found = make_profile(topics, layer, topic, corpus.texts, exploration.vectors, corpus.table)
        card = found.to_json()
        parent = int(topics.parents[layer][topic])
        card |= {
            "description": topics.descriptions[layer][topic][:_MAX_DESCRIPTION],
            "parent": {"layer": layer - 1, "topic": parent, "name": found.parent} if parent >= 0 else None,
            "exemplars": [line for line in map(self._line, found.rows) if line["point"] >= 0],
            "time": self._times(topics.layers[layer] == topic),
        }
        return card

    def _times(self, members: np.ndarray) -> dict[str, Any] | None:
        """How many of the members (n,) of a topic, and of all documents, are from when."""
        channels = self.data.channels
        column = find_time(channels, self.exploration.corpus.table.column_names)
        bins = time_bins(channels[column]) if column else None
        if bins is None:
            return None
        totals, counts = (
            np.bincount(places[places >= 0], minlength=len(bins.names)).tolist()
            for places in (bins.places, bins.places[members])
        )
        return {"column": column, "unit": bins.unit, "names": bins.names, "counts": counts, "totals": totals}

    def compare_topics(self, a: Sequence[int], b: Sequence[int]) -> dict[str, Any]:
        """Two topics, each [layer, topic], side by side: keywords of both and of one, values more frequent in one."""
        topics = self.exploration.topics
        places = [_place(topics, *one) for one in (a, b)]
        if places[0] == places[1]:
            raise ValueError(f"a={list(a)} and b={list(b)} are the same topic; expected two.")
        members = [topics.layers[layer] == topic for layer, topic in places]
        keywords = [topics.keywords[layer][topic] for layer, topic in places]
        folded = [{word.casefold() for word in words} for words in keywords]
        lifts = self._lifts(*members)
        sides = [
            {
                "layer": layer,
                "topic": topic,
                "name": topics.names[layer][topic],
                "size": int(own.sum()),
                "core": float((topics.assignment[own] == "core").mean()),
                "only": [word for word in keywords[at] if word.casefold() not in folded[1 - at]],
                "lift": lifts[at],
            }
            for at, ((layer, topic), own) in enumerate(zip(places, members, strict=True))
        ]
        return {
            "sides": sides,
            "shared": [word for word in keywords[0] if word.casefold() in folded[1]],
            "similarity": self._similarity(*members),
            "common": int((members[0] & members[1]).sum()),
        }

    def _lifts(self, a: np.ndarray, b: np.ndarray) -> list[list[dict[str, Any]]]:
        """Values that the members (n,) of one of two topics have more often than those of the other."""
        rows, smaller = np.flatnonzero(a | b), int(b.sum() < a.sum())
        inside = np.where((a, b)[smaller][rows], smaller, 1 - smaller)  # one in the other is compared with its rest
        table, texts = self.exploration.corpus.table, self.exploration.corpus.texts
        has_text = np.array([bool(texts[row]) for row in rows], dtype=bool)
        sizes = [int((has_text & (inside == side)).sum()) for side in (0, 1)]
        if not all(sizes):
            return [[], []]
        found = find_lifts(table.take(rows), inside, 2, has_text)
        return [
            [
                {
                    "column": lift.column,
                    "value": lift.value,
                    "share": lift.share,
                    "other": (lift.overall * sum(sizes) - lift.share * sizes[side]) / sizes[1 - side],
                }
                for lift in found[side]
            ]
            for side in (0, 1)
        ]

    def _similarity(self, a: np.ndarray, b: np.ndarray) -> float | None:
        """The cosine of the mean vectors of two topics."""
        means = [self.exploration.vectors[members].mean(axis=0, dtype=np.float64) for members in (a, b)]
        lengths = [float(np.linalg.norm(mean)) for mean in means]
        return round(float(means[0] @ means[1]) / (lengths[0] * lengths[1]), 4) if all(lengths) else None

    # --- edits: each changes the exploration, which tells the map ---

    def merge_topics(self, layer: int, topics: Sequence[int], name: str | None = None) -> dict[str, Any]:
        """Makes several topics of a layer one."""
        self.exploration.merge_topics(layer, list(topics), name)
        return {"note": f"{len(set(topics))} topics merged; Ctrl+Z takes it back"}

    def split_topic(self, layer: int, topic: int, into: int = 2, by: str = "tree") -> dict[str, Any]:
        """Parts a topic where the tree parts it, or, by="selection", splits off what is selected of it."""
        name = self.exploration.topics.names[layer][topic]
        rows = None if by == "tree" else self.selected[self.exploration.topics.layers[layer][self.selected] == topic]
        self.exploration.split_topic(layer, topic, into, rows=rows)
        return {"note": f"“{name}” split; Ctrl+Z takes it back"}

    def move_rows(self, layer: int, topic: int) -> dict[str, Any]:
        """Moves the selection into a topic."""
        name, n = self.exploration.topics.names[layer][topic], len(self.selected)
        self.exploration.move_rows(self.selected, layer, topic)
        return {"note": f"{n:,} documents are in “{name}” now; Ctrl+Z takes it back"}

    def lock_topic(self, layer: int, topic: int) -> dict[str, Any]:
        """Locks a topic: it keeps its documents and its name."""
        self.exploration.lock_topic(layer, topic)
        return {}

    def unlock_topic(self, layer: int, topic: int) -> dict[str, Any]:
        """Unlocks a topic."""
        self.exploration.unlock_topic(layer, topic)
        return {}

    def relabeled(self) -> list[dict[str, Any]]:
        """The labels of the map with the names and locks that topics have now, placed anew."""
        topics, locked = self.exploration.topics, self.exploration.locked_topics
        labels = [{**one, **label_facts(topics, locked, one["layer"], one["topic"])} for one in self.data.labels]
        return place_labels(labels)


def _place(topics: "Topics", layer: int, topic: int) -> tuple[int, int]:
    """Returns the layer and the number of a topic.

    Raises:
        IndexError: there is no such topic.
    """
    at, number = topics.find(int(topic), int(layer))
    return at, number
