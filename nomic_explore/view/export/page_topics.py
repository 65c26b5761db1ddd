"""What the topic pane of an exported page shows: computed here, so that the page only looks it up."""

import json

import numpy as np

from nomic_explore.view.requests.context import MapContext
from nomic_explore.view.requests.protocol.topics import StoredCard, StoredTopics, TopicCardResponse
from nomic_explore.view.requests.topic_cards import count_shares, make_cards, mean_directions


def make_topic_blocks(context: MapContext) -> dict[str, bytes]:
    """Returns the blocks of a page that hold its topics.

    Returns:
        "cards": `StoredTopics` as JSON; "alike": (t * (t - 1) / 2,) int8, 100 times the cosine of the mean vectors of each
        pair of topics, first that of the first topic of the first layer with each later one.
    """
    topics = context.exploration.topics.current
    members = [
        np.flatnonzero(layer == topic)
        for layer, names in zip(topics.layers, topics.names, strict=True)
        for topic in range(len(names))
    ]
    directions = mean_directions(context.exploration.vectors, members)
    cosines = np.clip(directions @ directions.T, -1, 1)[np.triu_indices(len(members), 1)]
    stored = json.dumps(store_topics(context), ensure_ascii=False, separators=(",", ":"))
    return {"cards": stored.encode(), "alike": np.round(100 * cosines).astype(np.int8).tobytes()}


def store_topics(context: MapContext) -> StoredTopics:
    """Returns what the cards of a page show that the names on its map do not hold."""
    cards = make_cards(context, context.exploration.topics.current)
    time = next((card["time"] for layer in cards for card in layer), None)
    return {
        "shares": count_shares(context),
        "time": time
        and {"column": time["column"], "unit": time["unit"], "names": time["names"], "totals": time["totals"]},
        "cards": [[_store(card) for card in layer] for layer in cards],
    }


def _store(card: TopicCardResponse) -> StoredCard:
    return {
        "size": card["size"],
        "share": _digits(card["share"]),
        "core": _digits(card["core"]),
        "soft": _digits(card["soft"]),
        "description": card["description"],
        "weights": [_digits(weight) for weight in card["weights"]],
        "exemplars": [line["point"] for line in card["exemplars"]],
        "dates": card["dates"],
        "counts": card["time"]["counts"] if card["time"] else [],
        "lift": [
            {**one, "share": _digits(one["share"]), "overall": _digits(one["overall"]), "lift": _digits(one["lift"])}
            for one in card["lift"]
        ],
        "contrast": card["contrast"],
        "neighbors": [{"topic": one["topic"], "similarity": _digits(one["similarity"])} for one in card["neighbors"]],
    }


def _digits(value: float) -> float:
    """Returns a number to three digits: what is small stays above 0."""
    return float(f"{value:.3g}")
