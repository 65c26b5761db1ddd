"""What the map draws: shuffled points, their colours, and the names of topics with their places."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nomic_explore.view.colors import NO_TOPIC, mean_turn, name_color, order_on_circle, point_color

if TYPE_CHECKING:
    from nomic_explore.exploration import Exploration
    from nomic_explore.topics import Topics

_MAX_COLORED = 48  # topics that can be told apart at all, with their neighbours in view
_CELLS = 96  # of the grid on which the densest place of a topic is looked for, along each side


@dataclass(frozen=True)
class MapData:
    """The points of a map; point p is row `rows[p]` of the input.

    Attributes:
        rows: (m,) int64, shuffled with a fixed seed: any prefix of the points is a fair sample of all.
        positions: (m, 2) float32, from -1 to 1.
        colors: (m,) uint16, entries of the palettes; 0 is no topic.
        palettes: colours as "#rrggbb" for a light and a dark background.
        labels: of each topic of every layer, coarse to fine: `text`, `layer`, `topic`, `parent` (its place in this
            list or -1), `size` (documents), `x`, `y` (its densest place), `radius` (half of its documents lie as
            near), `light` and `dark` (colours of the name).
    """

    rows: np.ndarray
    positions: np.ndarray
    colors: np.ndarray
    palettes: dict[str, list[str]]
    labels: list[dict[str, Any]]


def make_map_data(exploration: "Exploration") -> MapData:
    """Returns the points of an exploration that have a place, ready to draw."""
    positions, topics = exploration.positions, exploration.topics
    rows = np.random.default_rng(0).permutation(np.flatnonzero(np.isfinite(positions).all(axis=1)))
    placed = positions[rows]
    low, high = (placed.min(axis=0), placed.max(axis=0)) if len(rows) else (np.zeros(2), np.zeros(2))
    scaled = (placed - (low + high) / 2) / max(float((high - low).max()) / 2, 1e-9)
    layers = [layer[rows] for layer in topics.layers]
    colored = color_layer(topics)
    turns = _turns(scaled, layers, topics, colored)
    return MapData(
        rows=rows,
        positions=np.ascontiguousarray(scaled, dtype=np.float32),
        colors=(layers[colored] + 1).astype(np.uint16),
        palettes=_make_palettes(turns[colored]),
        labels=_make_labels(scaled, layers, topics, turns),
    )


def color_layer(topics: "Topics") -> int:
    """Returns the finest layer whose topics can still be told apart by colour."""
    return max((at for at, names in enumerate(topics.names) if len(names) <= _MAX_COLORED), default=0)


def topic_path(topics: "Topics", row: int) -> list[str]:
    """Returns the names of the topics that hold a row, coarse to fine."""
    return [names[layer[row]] for layer, names in zip(topics.layers, topics.names, strict=True) if layer[row] >= 0]


def _turns(scaled: np.ndarray, layers: list[np.ndarray], topics: "Topics", colored: int) -> list[np.ndarray]:
    """Returns for each layer the hue of each topic: given out in the coloured layer, inherited by all others."""
    centres = [_middles(scaled, layer, len(names)) for layer, names in zip(layers, topics.names, strict=True)]
    ancestors = np.arange(len(topics.names[colored]))
    turns: list[np.ndarray] = [np.zeros(0)] * len(layers)
    for layer in range(colored, 0, -1):
        ancestors = topics.parents[layer][ancestors]
    turns[colored] = order_on_circle(centres[colored], ancestors, centres[0])
    sizes = np.bincount(layers[colored][layers[colored] >= 0], minlength=len(topics.names[colored]))
    for layer in range(colored - 1, -1, -1):
        parents = topics.parents[layer + 1]
        weights = sizes if layer == colored - 1 else np.ones(len(parents))
        children = [np.flatnonzero(parents == topic) for topic in range(len(topics.names[layer]))]
        turns[layer] = np.array([mean_turn(turns[layer + 1][own], weights[own]) for own in children])
    for layer in range(colored + 1, len(layers)):
        turns[layer] = turns[layer - 1][topics.parents[layer]]
    return turns


def _middles(scaled: np.ndarray, layer: np.ndarray, n_topics: int) -> np.ndarray:
    """Returns (t, 2): the median of each topic's points."""
    centres = np.zeros((n_topics, 2))
    for topic in range(n_topics):
        members = scaled[layer == topic]
        centres[topic] = np.median(members, axis=0) if len(members) else 0.0
    return centres


def _make_palettes(turns: np.ndarray) -> dict[str, list[str]]:
    place = np.empty(len(turns), dtype=np.int64)
    place[np.argsort(turns, kind="stable")] = np.arange(len(turns))
    return {
        theme: [NO_TOPIC[theme], *(point_color(turn, int(at), theme) for turn, at in zip(turns, place, strict=True))]
        for theme in NO_TOPIC
    }


def _make_labels(
    scaled: np.ndarray, layers: list[np.ndarray], topics: "Topics", turns: list[np.ndarray]
) -> list[dict[str, Any]]:
    labels: list[dict[str, Any]] = []
    place_of: dict[tuple[int, int], int] = {}
    for layer, (of_point, names) in enumerate(zip(layers, topics.names, strict=True)):
        for topic, name in enumerate(names):
            members = scaled[of_point == topic]
            if not len(members):
                continue
            place_of[layer, topic] = len(labels)
            peak = _densest(members)
            labels.append(
                {
                    "text": name,
                    "layer": layer,
                    "topic": topic,
                    "parent": place_of.get((layer - 1, int(topics.parents[layer][topic])), -1),
                    "size": len(members),
                    "x": float(peak[0]),
                    "y": float(peak[1]),
                    "radius": float(np.median(np.hypot(*(members - peak).T))),
                    "light": name_color(turns[layer][topic], "light"),
                    "dark": name_color(turns[layer][topic], "dark"),
                }
            )
    return labels


def _densest(members: np.ndarray) -> np.ndarray:
    """Returns the member nearest to the densest place of a topic; unlike a mean it never lies in a gap or elsewhere."""
    from scipy.ndimage import gaussian_filter

    spread = float(np.median(np.abs(members - np.median(members, axis=0)).max(axis=1))) if len(members) > 2 else 0.0
    middle = members.mean(axis=0)
    if spread > 0:
        edges = np.linspace(-1.0, 1.0, _CELLS + 1)
        counts = np.histogram2d(members[:, 0], members[:, 1], bins=(edges, edges))[0]
        smooth = gaussian_filter(counts, sigma=max(1.0, 0.5 * spread * _CELLS / 2))
        column, line = np.unravel_index(int(smooth.argmax()), smooth.shape)
        middle = np.array([(edges[column] + edges[column + 1]) / 2, (edges[line] + edges[line + 1]) / 2])
    return members[((members - middle) ** 2).sum(axis=1).argmin()]
