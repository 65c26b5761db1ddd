"""Topic cards: what each topic is about, for the topic pane of a notebook and of an exported page."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from nomic_explore.topics.lift import Lift
from nomic_explore.topics.profile import TopicProfile, make_profile, make_profiles
from nomic_explore.view.data.time_bins import TimeBins, find_time, time_bins
from nomic_explore.view.requests.context import MapContext
from nomic_explore.view.requests.protocol.topics import TimeCounts, TopicCardResponse, TopicLift, TopicSharesResponse

if TYPE_CHECKING:
    from nomic_explore.topics import Topics

_MAX_DESCRIPTION = 600
_EXACT_INTEGERS = 2**53


def make_card(context: MapContext, topics: "Topics", layer: int, topic: int) -> TopicCardResponse:
    """Returns the card of one topic.

    Args:
        context: the exploration and its map.
        topics: as they are now.
        layer: 0 is the coarsest.
        topic: its number in the layer.
    """
    exploration = context.exploration
    texts, table = exploration.corpus.texts, exploration.corpus.table
    profile = make_profile(topics, layer, topic, texts, exploration.vectors, table)
    return _card(context, topics, profile, find_bins(context))


def make_cards(context: MapContext, topics: "Topics") -> list[list[TopicCardResponse]]:
    """Returns for each layer the card of each topic; what the topics of a layer share is counted once."""
    exploration = context.exploration
    texts, table, vectors = exploration.corpus.texts, exploration.corpus.table, exploration.vectors
    bins = find_bins(context)
    return [
        [_card(context, topics, profile, bins) for profile in make_profiles(topics, layer, texts, vectors, table)]
        for layer in range(len(topics.layers))
    ]


def count_shares(context: MapContext) -> TopicSharesResponse:
    """Returns how many points were assigned to a topic as core, as soft, and not at all."""
    assignment = context.exploration.topics.assignment[context.data.rows]
    core, soft, none = (int((assignment == how).sum()) for how in ("core", "soft", "none"))
    return {"core": core, "soft": soft, "none": none}


def find_bins(context: MapContext) -> TimeBins | None:
    """Returns when documents are from; None without a column of dates or years."""
    channels = context.data.channels
    column = find_time(channels, context.exploration.corpus.table.column_names)
    return time_bins(channels[column]) if column else None


def mean_directions(vectors: np.ndarray, members: Sequence[np.ndarray]) -> np.ndarray:
    """Returns (k, d) float64: the mean vector of each of k groups of rows at length 1; zeros where there is none."""
    sums = np.array([vectors[rows].sum(axis=0, dtype=np.float64) for rows in members])
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    directions: np.ndarray = np.divide(sums, lengths, out=np.zeros_like(sums), where=lengths > 0)
    return directions


def json_value(value: str | int | bool) -> str | int | bool:
    """Returns a value as JavaScript can hold it: whole numbers that its numbers cannot tell apart become strings."""
    return str(value) if isinstance(value, int) and abs(value) > _EXACT_INTEGERS else value


def _card(context: MapContext, topics: "Topics", profile: TopicProfile, bins: TimeBins | None) -> TopicCardResponse:
    layer, topic = profile.layer, profile.topic
    parent = int(topics.parents[layer][topic])
    lines = [context.line(row) for row in profile.rows]
    return {
        "layer": layer,
        "topic": topic,
        "name": profile.name,
        "size": profile.size,
        "share": profile.share,
        "core": profile.core,
        "soft": profile.soft,
        "confidence": None if np.isnan(profile.confidence) else profile.confidence,
        "locked": (layer, topic) in context.exploration.topics.locked,
        "description": topics.descriptions[layer][topic][:_MAX_DESCRIPTION],
        "keywords": profile.keywords,
        "weights": profile.weights,
        "parent": {"layer": layer - 1, "topic": parent, "name": profile.parent} if parent >= 0 else None,
        "exemplars": [line for line in lines if line["point"] >= 0],
        "dates": {column: list(ends) for column, ends in profile.dates.items()},
        "time": _count_times(topics.layers[layer] == topic, bins),
        "lift": [_lift(one) for one in profile.lift],
        "contrast": [keyword for keyword, _ in profile.contrast],
        "neighbors": [
            {"layer": one.layer, "topic": one.topic, "name": one.name, "similarity": one.similarity}
            for one in profile.neighbors
        ],
    }


def _lift(lift: Lift) -> TopicLift:
    return {
        "column": lift.column,
        "value": json_value(lift.value),
        "share": lift.share,
        "overall": lift.overall,
        "lift": lift.lift,
    }


def _count_times(members: np.ndarray, bins: TimeBins | None) -> TimeCounts | None:
    """Returns how many of the members (n,) of a topic, and of all documents, each span of time holds."""
    if bins is None:
        return None
    totals, counts = (
        np.bincount(places[places >= 0], minlength=len(bins.names)).tolist()
        for places in (bins.places, bins.places[members])
    )
    return {"column": bins.column, "unit": bins.unit, "names": bins.names, "counts": counts, "totals": totals}
