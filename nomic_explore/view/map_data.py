"""What the map draws: shuffled points, their colours, and the names of topics with their places."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from nomic_explore.exploration import Exploration
    from nomic_explore.topics import Topics

_MAX_COLORED = 48  # topics that can be told apart at all, with their neighbours in view
_NO_TOPIC = {"light": "#9aa0ab", "dark": "#6b7280"}


@dataclass(frozen=True)
class MapData:
    """The points of a map; point p is row `rows[p]` of the input.

    Attributes:
        rows: (m,) int64, shuffled with a fixed seed: any prefix of the points is a fair sample of all.
        positions: (m, 2) float32, from -1 to 1.
        colors: (m,) uint16, entries of the palettes; 0 is no topic.
        palettes: colours as "#rrggbb" for a light and a dark background.
        labels: name, place, layer and size of each topic of every layer, coarse to fine.
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
    low, high = positions[rows].min(axis=0), positions[rows].max(axis=0)
    scaled = (positions - (low + high) / 2) / max(float((high - low).max()) / 2, 1e-9)
    layer = color_layer(topics)
    return MapData(
        rows=rows,
        positions=np.ascontiguousarray(scaled[rows], dtype=np.float32),
        colors=(topics.layers[layer][rows] + 1).astype(np.uint16),
        palettes=_make_palettes(scaled, topics, layer),
        labels=_place_labels(scaled, topics),
    )


def color_layer(topics: "Topics") -> int:
    """Returns the finest layer whose topics can still be told apart by colour."""
    return max((at for at, names in enumerate(topics.names) if len(names) <= _MAX_COLORED), default=0)


def _place_labels(scaled: np.ndarray, topics: "Topics") -> list[dict[str, Any]]:
    """Returns every topic's name at the member nearest to the middle of the topic."""
    labels = []
    for layer, (of_row, names) in enumerate(zip(topics.layers, topics.names, strict=True)):
        for topic, name in enumerate(names):
            members = scaled[(of_row == topic) & np.isfinite(scaled).all(axis=1)]
            if len(members):
                middle = np.median(members, axis=0)
                x, y = members[((members - middle) ** 2).sum(axis=1).argmin()].tolist()
                labels.append({"text": name, "x": x, "y": y, "layer": layer, "size": len(members)})
    return labels


def _make_palettes(scaled: np.ndarray, topics: "Topics", layer: int) -> dict[str, list[str]]:
    """Returns colours whose hue follows the place on the map, so that neighbours look related and lie apart in lightness."""
    of_row, n_topics = topics.layers[layer], len(topics.names[layer])
    placed = np.isfinite(scaled).all(axis=1)
    centres = np.zeros((n_topics, 2))
    for topic in range(n_topics):
        members = scaled[(of_row == topic) & placed]
        centres[topic] = np.median(members, axis=0) if len(members) else 0.0
    angles = np.arctan2(centres[:, 1], centres[:, 0])
    rank = np.empty(n_topics)
    rank[np.argsort(angles, kind="stable")] = np.arange(n_topics)  # even steps round the circle
    palettes = {}
    for theme, base in {"light": 0.60, "dark": 0.74}.items():
        colors = [_NO_TOPIC[theme]]
        for topic in range(n_topics):
            step = (0.0, 0.09, -0.07)[int(rank[topic]) % 3]
            colors.append(oklch(base + step, 0.135, 360.0 * rank[topic] / max(n_topics, 1) + 25.0))
        palettes[theme] = colors
    return palettes


def oklch(lightness: float, chroma: float, hue: float) -> str:
    """Returns an OKLCH colour (Ottosson 2020) as "#rrggbb", cut to what a screen can show.

    Example:
        >>> oklch(1.0, 0.0, 0.0)
        '#ffffff'
    """
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    encoded = [
        12.92 * c if c <= 0.0031308 else 1.055 * c ** (1 / 2.4) - 0.055 for c in (min(max(c, 0), 1) for c in linear)
    ]
    return "#" + "".join(f"{round(255 * part):02x}" for part in encoded)
