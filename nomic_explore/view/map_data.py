"""What the map draws: shuffled points, what they can be coloured by, and the names of topics with their places."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from nomic_explore.view.channels import Channel, category_channel, column_channel, number_channel
from nomic_explore.view.colors import NO_TOPIC, mean_turn, name_color, order_on_circle, point_color
from nomic_explore.view.label_places import place_labels

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
        channels: what the points can be coloured, sized and filtered by; "topic" is always there.
        labels: of each topic of every layer, coarse to fine: `text`, `layer`, `topic`, `parent` (its place in this
            list or -1), `size` (documents), `x`, `y` (its densest place), `radius` (half of its documents lie as
            near), `light` and `dark` (colours of the name), `dot_light` and `dot_dark` (of its points), and where it is
            shown: see `place_labels`.
    """

    rows: np.ndarray
    positions: np.ndarray
    channels: "Channels"
    labels: list[dict[str, Any]]

    @property
    def colors(self) -> np.ndarray:
        """(m,) uint16: the topic's place in the palettes, by point; 0 is no topic."""
        return self.channels["topic"].codes[self.rows]

    @property
    def palettes(self) -> dict[str, list[str]]:
        """Colours of the topics as "#rrggbb", for a light and a dark background."""
        return self.channels["topic"].palettes


class Channels(Mapping[str, Channel]):
    """The channels by name; each is made when it is first asked for."""

    def __init__(self, makers: Mapping[str, Callable[[], Channel | None]]) -> None:
        self._makers = dict(makers)
        self._made: dict[str, Channel | None] = {}

    def __getitem__(self, name: str) -> Channel:
        if name not in self._made:
            self._made[name] = self._makers[name]()
        made = self._made[name]
        if made is None:
            raise KeyError(name)
        return made

    def __iter__(self) -> Iterator[str]:
        """Yields the names of what can be shown: no free text, nothing empty."""
        return (name for name in self._makers if self.get(name) is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def plus(self, name: str, make: Callable[[], Channel | None]) -> "Channels":
        """Returns these channels and one more."""
        return Channels({**self._makers, name: make})

    def forget(self, name: str) -> None:
        """Makes a channel again when it is next asked for: its column changed."""
        self._made.pop(name, None)

    def forget_topics(self) -> None:
        """Makes the channels of topics again: some were renamed."""
        for name in [name for name in self._made if name == "topic" or name.startswith("topic (")]:
            self.forget(name)


def make_map_data(exploration: "Exploration") -> MapData:
    """Returns the points of an exploration that have a place, ready to draw."""
    positions, topics = exploration.positions, exploration.topics
    rows = _shuffled(np.flatnonzero(np.isfinite(positions).all(axis=1)))
    scaled = _scaled(positions[rows])
    layers = [layer[rows] for layer in topics.layers]
    turns = _turns(scaled, layers, topics, color_layer(topics))
    return MapData(
        rows=rows,
        positions=scaled,
        channels=_exploration_channels(exploration, turns),
        labels=place_labels(_make_labels(scaled, layers, topics, turns)),
    )


def make_points(positions: np.ndarray, codes: np.ndarray | None = None) -> MapData:
    """Returns the points of any layout, ready to draw.

    Args:
        positions: (n, 2), of any scale; rows that are not finite have no point.
        codes: (n,) a number of a group for each row, -1 for none; None puts all in one group.
    """
    rows = _shuffled(np.flatnonzero(np.isfinite(positions).all(axis=1)))
    numbers = np.zeros(len(positions), dtype=np.int64) if codes is None else np.asarray(codes, dtype=np.int64)
    names = [f"group {number}" for number in range(int(numbers.max(initial=0)) + 1)]
    channels = Channels({"topic": lambda: category_channel("topic", numbers + 1, names)})
    return MapData(rows=rows, positions=_scaled(positions[rows]), channels=channels, labels=[])


def _shuffled(rows: np.ndarray) -> np.ndarray:
    return np.random.default_rng(0).permutation(rows)


def _scaled(placed: np.ndarray) -> np.ndarray:
    """Returns (m, 2) float32: the longer side from -1 to 1."""
    low, high = (placed.min(axis=0), placed.max(axis=0)) if len(placed) else (np.zeros(2), np.zeros(2))
    half = max(float((high - low).max()) / 2, 1e-9)
    return np.ascontiguousarray((placed - (low + high) / 2) / half, dtype=np.float32)


def _exploration_channels(exploration: "Exploration", turns: list[np.ndarray]) -> Channels:
    """Returns what the documents of an exploration can be coloured by: topics, its columns, its results."""
    topics = exploration.topics
    colored = color_layer(topics)
    makers: dict[str, Callable[[], Channel | None]] = {
        _layer_name(topics, layer, colored): partial(_topic_channel, exploration, layer, colored, turns[layer])
        for layer in (colored, *(at for at in range(len(topics.layers)) if at != colored))
    }
    table = exploration.corpus.table
    for name in table.column_names:
        makers.setdefault(name, partial(column_channel, name, table[name]))
    makers.setdefault("duplicate_role", lambda: _role_channel(exploration))
    makers.setdefault("similarity to neighbors", lambda: _closeness_channel(exploration))
    makers.setdefault("characters", lambda: _length_channel(exploration))
    makers.setdefault("tags", lambda: _tag_channel(exploration))
    return Channels(makers)


def _layer_name(topics: "Topics", layer: int, colored: int) -> str:
    return "topic" if layer == colored else f"topic ({len(topics.names[layer])})"


def _topic_channel(exploration: "Exploration", layer: int, colored: int, turns: np.ndarray) -> Channel:
    topics = exploration.topics
    name = _layer_name(topics, layer, colored)
    return category_channel(name, topics.layers[layer] + 1, list(topics.names[layer]), _make_palettes(turns))


def _role_channel(exploration: "Exploration") -> Channel:
    names = ["unique", "keep", "drop", "review"]
    codes = sum((exploration.duplicates.roles == name) * at for at, name in enumerate(names, start=1))
    return category_channel("duplicate_role", np.asarray(codes), names)


def _closeness_channel(exploration: "Exploration") -> Channel | None:
    """How near the ten nearest texts are, on average: low values are outliers."""
    near = exploration.graph.similarities[:, :10].astype(np.float64)
    if not near.shape[1]:
        return None
    known = exploration.graph.neighbors[:, :10] >= 0
    counts = known.sum(axis=1)
    means = np.where(counts > 0, (near * known).sum(axis=1) / np.maximum(counts, 1), np.nan)
    return number_channel("similarity to neighbors", means)


def _length_channel(exploration: "Exploration") -> Channel:
    lengths = [np.nan if text is None else float(len(text)) for text in exploration.corpus.texts]
    return number_channel("characters", np.array(lengths))


def _tag_channel(exploration: "Exploration") -> Channel | None:
    """The first tag of each document, in the tags' own colours."""
    tags = exploration.tags
    if not len(tags):
        return None
    codes = np.zeros(len(exploration), dtype=np.int64)
    for code in range(len(tags), 0, -1):
        codes[exploration.tagged(tags["tag"].iloc[code - 1])] = code
    palettes = {theme: [NO_TOPIC[theme], *tags["color"]] for theme in NO_TOPIC}
    return category_channel("tags", codes, tags["tag"].to_list(), palettes)


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
                    **{theme: name_color(turns[layer][topic], theme) for theme in NO_TOPIC},
                    **{f"dot_{theme}": point_color(turns[layer][topic], 0, theme) for theme in NO_TOPIC},
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
