"""Requests of the topic pane: a topic's details, two topics side by side, and edits of the topic tree."""

from typing import TYPE_CHECKING

import numpy as np

from nomic_explore.topics.lift import find_lifts
from nomic_explore.view.data.label_placement import PlacedLabel, place_labels
from nomic_explore.view.data.topic_labels import label_facts
from nomic_explore.view.requests.context import MapContext
from nomic_explore.view.requests.protocol.documents import EmptyRequest, EmptyResponse, NoteResponse
from nomic_explore.view.requests.protocol.topics import (
    CompareTopicsRequest,
    CompareTopicsResponse,
    MergeTopicsRequest,
    SplitTopicRequest,
    TopicCardResponse,
    TopicRequest,
    TopicSharesResponse,
    TopicSide,
    ValueLift,
)
from nomic_explore.view.requests.topic_cards import count_shares, json_value, make_card, mean_directions

if TYPE_CHECKING:
    from nomic_explore.topics import Topics


class TopicRequests:
    """Answers about topics, and edits them.

    Args:
        context: the exploration and its map.
    """

    def __init__(self, context: MapContext) -> None:
        self._context = context
        self._cards: dict[tuple[int, int], TopicCardResponse] = {}
        self._cards_of: Topics | None = None

    def shares(self, request: EmptyRequest) -> TopicSharesResponse:
        """Returns how many points were assigned to a topic as core, as soft, and not at all."""
        return count_shares(self._context)

    def details(self, request: TopicRequest) -> TopicCardResponse:
        """Returns what a topic is about; kept until topics are edited."""
        topics = self._context.exploration.topics.current
        place = _place(topics, request["layer"], request["topic"])
        if self._cards_of is not topics:
            self._cards, self._cards_of = {}, topics
        if place not in self._cards:
            self._cards[place] = make_card(self._context, topics, *place)
        return {**self._cards[place], "locked": place in self._context.exploration.topics.locked}

    def compare(self, request: CompareTopicsRequest) -> CompareTopicsResponse:
        """Returns two topics side by side: keywords of both and of one, values more frequent in one.

        Raises:
            ValueError: they are the same topic.
        """
        topics, (a, b) = self._context.exploration.topics.current, (request["a"], request["b"])
        places = [_place(topics, *one) for one in (a, b)]
        if places[0] == places[1]:
            raise ValueError(f"a={list(a)} and b={list(b)} are the same topic; expected two.")
        members = [topics.layers[layer] == topic for layer, topic in places]
        keywords = [topics.keywords[layer][topic] for layer, topic in places]
        folded = [{word.casefold() for word in words} for words in keywords]
        lifts = self._lifts(*members)
        sides: list[TopicSide] = [
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

    def _lifts(self, a: np.ndarray, b: np.ndarray) -> list[list[ValueLift]]:
        """Returns values that the members (n,) of one of two topics have more often than those of the other."""
        rows, smaller = np.flatnonzero(a | b), int(b.sum() < a.sum())
        inside = np.where((a, b)[smaller][rows], smaller, 1 - smaller)  # one in the other is compared with its rest
        table, texts = self._context.exploration.corpus.table, self._context.exploration.corpus.texts
        has_text = np.array([bool(texts[row]) for row in rows], dtype=bool)
        sizes = [int((has_text & (inside == side)).sum()) for side in (0, 1)]
        if not all(sizes):
            return [[], []]
        found = find_lifts(table.take(rows), inside, 2, has_text)
        return [
            [
                {
                    "column": lift.column,
                    "value": json_value(lift.value),
                    "share": lift.share,
                    "other": (lift.overall * sum(sizes) - lift.share * sizes[side]) / sizes[1 - side],
                }
                for lift in found[side]
            ]
            for side in (0, 1)
        ]

    def _similarity(self, a: np.ndarray, b: np.ndarray) -> float | None:
        """Returns the cosine of the mean vectors of two topics; None where one has no direction."""
        means = mean_directions(self._context.exploration.vectors, (a, b))
        return round(float(means[0] @ means[1]), 4) if means.any(axis=1).all() else None

    # --- edits: each changes the exploration, which notifies the maps ---

    def merge(self, request: MergeTopicsRequest) -> NoteResponse:
        """Merges topics of a layer."""
        topics = list(request["topics"])
        self._context.exploration.topics.merge(request["layer"], topics, request.get("name"))
        return {"note": f"{len(set(topics))} topics merged; Ctrl+Z takes it back"}

    def split(self, request: SplitTopicRequest) -> NoteResponse:
        """Splits a topic where the tree splits it, or into the selected documents and the others."""
        exploration, layer, topic = self._context.exploration, request["layer"], request["topic"]
        name, selected = exploration.topics.names[layer][topic], self._context.selected
        is_by_tree = request.get("by", "tree") == "tree"
        rows = None if is_by_tree else selected[exploration.topics.layers[layer][selected] == topic]
        exploration.topics.split(layer, topic, request.get("into", 2), rows=rows)
        return {"note": f"“{name}” split; Ctrl+Z takes it back"}

    def move_rows(self, request: TopicRequest) -> NoteResponse:
        """Moves the selection into a topic."""
        exploration, layer, topic = self._context.exploration, request["layer"], request["topic"]
        name, n_rows = exploration.topics.names[layer][topic], len(self._context.selected)
        exploration.topics.move(self._context.selected, layer, topic)
        return {"note": f"{n_rows:,} documents are in “{name}” now; Ctrl+Z takes it back"}

    def lock(self, request: TopicRequest) -> EmptyResponse:
        """Locks a topic: it keeps its documents and its name."""
        self._context.exploration.topics.lock(request["layer"], request["topic"])
        return {}

    def unlock(self, request: TopicRequest) -> EmptyResponse:
        """Unlocks a topic."""
        self._context.exploration.topics.unlock(request["layer"], request["topic"])
        return {}


def relabel(context: MapContext) -> list[PlacedLabel]:
    """Returns the labels of the map with the names and locks that topics have now, placed anew."""
    topics, locked = context.exploration.topics.current, context.exploration.topics.locked
    labels: list[PlacedLabel] = [
        {**one, **label_facts(topics, locked, one["layer"], one["topic"])} for one in context.data.labels
    ]
    return place_labels(labels, context.data.home)


def _place(topics: "Topics", layer: int, topic: int) -> tuple[int, int]:
    """Returns the layer and the number of a topic.

    Raises:
        IndexError: there is no such topic.
    """
    at, number = topics.find(int(topic), int(layer))
    return at, number
