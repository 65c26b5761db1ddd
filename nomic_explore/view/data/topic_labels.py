"""How topics look on a map: their colors, the channels that color points by them, and their names with places."""

from collections.abc import Callable, Collection
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from nomic_explore.view.data.channel_map import ASSIGNMENT, STRENGTH
from nomic_explore.view.data.channels import Channel, category_channel, number_channel
from nomic_explore.view.data.colors import NO_TOPIC, mean_turn, name_color, order_on_circle, point_color
from nomic_explore.view.data.home_view import find_home
from nomic_explore.view.data.label_placement import Label, LabelFacts, PlacedLabel, place_labels

if TYPE_CHECKING:
    from nomic_explore.session import Session
    from nomic_explore.topics import Topics

_MAX_COLORED = 48  # topics that can be distinguished at all, with their neighbors in view
_MAX_SPOTS, _LEAST_DENSITY = 12, 0.1  # places that a name may take, and how dense they are beside the densest
_CELLS = 96  # of the grid on which the densest place of a topic is looked for, along each side


def topic_marks(
    exploration: "Session", rows: np.ndarray, positions: np.ndarray
) -> tuple[dict[str, Callable[[], Channel | None]], list[PlacedLabel]]:
    """Returns what makes the channels of topics, the colored layer first, and the labels of a map.

    Args:
        exploration: whose topics.
        rows: (m,) the row of each point.
        positions: (m, 2) of the points, from -1 to 1.
    """
    topics = exploration.topics.current
    turns = topic_turns(topics, rows, positions)
    makers: dict[str, Callable[[], Channel | None]] = {
        name: partial(_topic_channel, exploration, name, layer, turns[layer])
        for layer, name in sorted(layer_names(topics).items(), key=lambda pair: pair[1] != "topic")
    }
    makers[ASSIGNMENT] = lambda: _assignment_channel(exploration)
    makers[STRENGTH] = lambda: _strength_channel(exploration)
    layers = [layer[rows] for layer in topics.layers]
    return makers, place_labels(_make_labels(positions, layers, exploration, turns), find_home(positions))


def layer_names(topics: "Topics") -> dict[int, str]:
    """Returns the name of each layer's channel: "topic" is the one that can be distinguished by color."""
    colored = color_layer(topics)
    named: dict[int, str] = {}
    for layer, names in enumerate(topics.names):
        name = "topic" if layer == colored else f"topic ({len(names)})"
        named[layer] = f"topic ({len(names)}, layer {layer})" if name in named.values() else name
    return named


def color_layer(topics: "Topics") -> int:
    """Returns the finest layer whose topics can still be distinguished by color."""
    return max((at for at, names in enumerate(topics.names) if len(names) <= _MAX_COLORED), default=0)


def label_facts(topics: "Topics", locked: Collection[tuple[int, int]], layer: int, topic: int) -> LabelFacts:
    """Returns what the tree of topics says of one beside its size, as JSON can hold it."""
    confidence = float(topics.confidence[layer][topic])
    return {
        "text": topics.names[layer][topic],
        "keywords": list(topics.keywords[layer][topic]),
        "confidence": round(confidence, 3) if np.isfinite(confidence) else None,
        "locked": (layer, topic) in locked,
    }


def has_same_rows(a: "Topics", b: "Topics") -> bool:
    """Returns whether the topics of two trees hold the same rows, given in the same way; their names may differ."""
    pairs = ((a.layers, b.layers), (a.parents, b.parents), ([a.assignment], [b.assignment]))
    return all(len(x) == len(y) and all(map(np.array_equal, x, y)) for x, y in pairs)


def topic_turns(topics: "Topics", rows: np.ndarray, positions: np.ndarray) -> list[np.ndarray]:
    """Returns for each layer the hue of each topic: given out in the colored layer, inherited by all others.

    Args:
        topics: of all rows.
        rows: (m,) the row of each point.
        positions: (m, 2) of the points.
    """
    layers, colored = [layer[rows] for layer in topics.layers], color_layer(topics)
    centers = [_middles(positions, layer, len(names)) for layer, names in zip(layers, topics.names, strict=True)]
    ancestors = np.arange(len(topics.names[colored]))
    turns: list[np.ndarray] = [np.zeros(0)] * len(layers)
    for layer in range(colored, 0, -1):
        ancestors = topics.parents[layer][ancestors]
    turns[colored] = order_on_circle(centers[colored], ancestors, centers[0])
    sizes = np.bincount(layers[colored][layers[colored] >= 0], minlength=len(topics.names[colored]))
    for layer in range(colored - 1, -1, -1):
        parents = topics.parents[layer + 1]
        weights = sizes if layer == colored - 1 else np.ones(len(parents))
        children = [np.flatnonzero(parents == topic) for topic in range(len(topics.names[layer]))]
        turns[layer] = np.array([mean_turn(turns[layer + 1][own], weights[own]) for own in children])
    for layer in range(colored + 1, len(layers)):
        turns[layer] = turns[layer - 1][topics.parents[layer]]
    return turns


def topic_palettes(turns: np.ndarray) -> dict[str, list[str]]:
    """Returns the colors of a layer for a light and a dark background: first that of no topic."""
    place = np.empty(len(turns), dtype=np.int64)
    place[np.argsort(turns, kind="stable")] = np.arange(len(turns))
    return {
        theme: [NO_TOPIC[theme], *(point_color(turn, int(at), theme) for turn, at in zip(turns, place, strict=True))]
        for theme in NO_TOPIC
    }


def _topic_channel(exploration: "Session", name: str, layer: int, turns: np.ndarray) -> Channel:
    topics = exploration.topics.current
    return category_channel(
        name, topics.layers[layer] + 1, list(topics.names[layer]), topic_palettes(turns), missing="no topic"
    )


def _assignment_channel(exploration: "Session") -> Channel:
    """How topics were given: core or soft; rows without a topic have neither."""
    assignment = exploration.topics.assignment
    return category_channel(
        ASSIGNMENT, (assignment == "core") + 2 * (assignment == "soft"), ["core", "soft"], missing="none"
    )


def _strength_channel(exploration: "Session") -> Channel:
    topics = exploration.topics.current
    strength = np.round(topics.strength.astype(np.float64), 2)  # a share of 30 neighbors is no finer
    return number_channel(STRENGTH, np.where(topics.assignment == "none", np.nan, strength))


def _middles(positions: np.ndarray, layer: np.ndarray, n_topics: int) -> np.ndarray:
    """Returns (t, 2): the median of each topic's points."""
    centers = np.zeros((n_topics, 2))
    for topic in range(n_topics):
        members = positions[layer == topic]
        centers[topic] = np.median(members, axis=0) if len(members) else 0.0
    return centers


def _make_labels(
    positions: np.ndarray, layers: list[np.ndarray], exploration: "Session", turns: list[np.ndarray]
) -> list[Label]:
    topics, locked = exploration.topics.current, exploration.topics.locked
    labels: list[Label] = []
    place_of: dict[tuple[int, int], int] = {}
    for layer, (of_point, names) in enumerate(zip(layers, topics.names, strict=True)):
        for topic in range(len(names)):
            members = positions[of_point == topic]
            if not len(members):
                continue
            place_of[layer, topic] = len(labels)
            spots, turn = _find_spots(members), turns[layer][topic]
            peak = spots[0]
            labels.append(
                {
                    **label_facts(topics, locked, layer, topic),
                    "layer": layer,
                    "topic": topic,
                    "parent": place_of.get((layer - 1, int(topics.parents[layer][topic])), -1),
                    "size": len(members),
                    "x": float(peak[0]),
                    "y": float(peak[1]),
                    "spots": [(float(x), float(y)) for x, y in spots],
                    "radius": float(np.median(np.hypot(*(members - peak).T))),
                    "light": name_color(turn, "light"),
                    "dark": name_color(turn, "dark"),
                    "dot_light": point_color(turn, 0, "light"),
                    "dot_dark": point_color(turn, 0, "dark"),
                }
            )
    return labels


def _find_spots(members: np.ndarray) -> np.ndarray:
    """Returns (k, 2) up to twelve members of a topic near which its name may lie: the densest first, each apart from the others.

    A member, unlike a mean, never lies in a gap or among other topics.
    """
    from scipy.ndimage import gaussian_filter

    spread = float(np.median(np.abs(members - np.median(members, axis=0)).max(axis=1))) if len(members) > 2 else 0.0
    if spread <= 0:
        return members[((members - members.mean(axis=0)) ** 2).sum(axis=1).argmin()][None]
    edges = np.linspace(-1.0, 1.0, _CELLS + 1)
    counts = np.histogram2d(members[:, 0], members[:, 1], bins=(edges, edges))[0]
    smooth = gaussian_filter(counts, sigma=max(1.0, 0.5 * spread * _CELLS / 2))
    middles = (edges[:-1] + edges[1:]) / 2
    cells = np.argwhere(smooth >= _LEAST_DENSITY * smooth.max())
    cells = cells[np.argsort(-smooth[cells[:, 0], cells[:, 1]], kind="stable")]
    places = middles[cells]
    apart = max(0.5 * spread, 2 / _CELLS)
    chosen: list[np.ndarray] = []
    while len(places) and len(chosen) < _MAX_SPOTS:
        chosen.append(members[((members - places[0]) ** 2).sum(axis=1).argmin()])
        places = places[np.hypot(*(places - places[0]).T) > apart]
    return np.array(chosen)
