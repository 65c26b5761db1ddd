"""What the map draws: shuffled points, what they can be colored by, and the names of topics with their places."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np

from nomic_explore.arrays import inverse_index
from nomic_explore.view.data.channels import Channel, category_channel, column_channel, number_channel
from nomic_explore.view.data.colors import NO_TOPIC
from nomic_explore.view.data.duplicate_roles import role_channel
from nomic_explore.view.data.label_placement import PlacedLabel
from nomic_explore.view.data.topic_labels import ASSIGNMENT, STRENGTH, topic_marks

if TYPE_CHECKING:
    from nomic_explore.session import Session
    from nomic_explore.topics import Topics

_TOPIC_CHANNEL = re.compile(rf"topic( \(\d+(, layer \d+)?\))?|{ASSIGNMENT}|{STRENGTH}")


@dataclass(frozen=True)
class MapData:
    """The points of a map; point p is row `rows[p]` of the input.

    Attributes:
        rows: (m,) int64, shuffled with a fixed seed: any prefix of the points is a fair sample of all.
        positions: (m, 2) float32, from -1 to 1.
        channels: what the points can be colored, sized and filtered by; "topic" is always there.
        labels: of each topic of every layer, coarse to fine: `text`, `layer`, `topic`, `parent` (its place in this
            list or -1), `size` (documents), `keywords`, `confidence` (None: not measured), `locked`, `x`, `y` (its
            densest place), `radius` (half of its documents lie as near), `light` and `dark` (colors of the name),
            `dot_light` and `dot_dark` (of its points), and where it is shown: see `place_labels`.
    """

    rows: np.ndarray
    positions: np.ndarray
    channels: "Channels"
    labels: list[PlacedLabel]

    @property
    def colors(self) -> np.ndarray:
        """(m,) uint16: the topic's place in the palettes, by point; 0 is no topic."""
        return self.channels["topic"].codes[self.rows]

    @cached_property
    def point_of(self) -> np.ndarray:
        """(n,) int64: the point of each row; -1 for a row without a place."""
        return inverse_index(self.rows, len(self.channels["topic"].codes))

    @property
    def palettes(self) -> dict[str, list[str]]:
        """Colors of the topics as "#rrggbb", for a light and a dark background."""
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
        """Makes the channels of topics again when they are next asked for: some were renamed."""
        for name in [name for name in self._made if _TOPIC_CHANNEL.fullmatch(name)]:
            self.forget(name)

    def with_topics(self, makers: Mapping[str, Callable[[], Channel | None]]) -> "Channels":
        """Returns these channels with others of topics: those of layers first, of how topics were given last."""
        own = {name: make for name, make in self._makers.items() if not _TOPIC_CHANNEL.fullmatch(name)}
        first = {name: make for name, make in makers.items() if name not in (ASSIGNMENT, STRENGTH)}
        channels = Channels({**first, **own, **makers})
        channels._made = {name: made for name, made in self._made.items() if name in own}
        return channels


def make_map_data(exploration: "Session") -> MapData:
    """Returns the points of an exploration that have a place, ready to draw."""
    positions = exploration.positions
    rows = _shuffled(np.flatnonzero(np.isfinite(positions).all(axis=1)))
    scaled = _scaled(positions[rows])
    marks, labels = topic_marks(exploration, rows, scaled)
    channels = column_channels(exploration).with_topics(marks)
    return MapData(rows=rows, positions=scaled, channels=channels, labels=labels)


def remake_topics(exploration: "Session", data: MapData) -> MapData:
    """Returns the same points with the topics that the exploration has now."""
    marks, labels = topic_marks(exploration, data.rows, data.positions)
    return replace(data, channels=data.channels.with_topics(marks), labels=labels)


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


def column_channels(exploration: "Session") -> Channels:
    """Returns what the documents of an exploration can be colored by besides topics: its columns, its results."""
    makers: dict[str, Callable[[], Channel | None]] = {}
    table = exploration.corpus.table
    for name in table.column_names:
        shown = f"{name}_input" if _TOPIC_CHANNEL.fullmatch(name) else name
        makers[shown] = partial(column_channel, shown, table[name])
    makers.setdefault("duplicate_role", lambda: role_channel(exploration.duplicates.current))
    makers.setdefault("similarity to neighbors", lambda: _similarity_channel(exploration))
    makers.setdefault("characters", lambda: _length_channel(exploration))
    makers.setdefault("tags", lambda: _tag_channel(exploration))
    return Channels(makers)


def _similarity_channel(exploration: "Session") -> Channel | None:
    """How near the ten nearest texts are, on average: low values are outliers."""
    near = exploration.graph.similarities[:, :10].astype(np.float64)
    if not near.shape[1]:
        return None
    known = exploration.graph.neighbors[:, :10] >= 0
    counts = known.sum(axis=1)
    means = np.where(counts > 0, (near * known).sum(axis=1) / np.maximum(counts, 1), np.nan)
    return number_channel("similarity to neighbors", means)


def _length_channel(exploration: "Session") -> Channel:
    lengths = [np.nan if text is None else float(len(text)) for text in exploration.corpus.texts]
    return number_channel("characters", np.array(lengths))


def _tag_channel(exploration: "Session") -> Channel | None:
    """The first tag of each document, in the tags' own colors."""
    tags = exploration.tags.to_pandas()
    if not len(tags):
        return None
    codes = np.zeros(len(exploration), dtype=np.int64)
    for code in range(len(tags), 0, -1):
        codes[exploration.tags.rows(tags["tag"].iloc[code - 1])] = code
    palettes = {theme: [NO_TOPIC[theme], *tags["color"]] for theme in NO_TOPIC}
    return category_channel("tags", codes, tags["tag"].to_list(), palettes)


def topic_path(topics: "Topics", row: int) -> list[str]:
    """Returns the names of the topics that hold a row, coarse to fine."""
    return [names[layer[row]] for layer, names in zip(topics.layers, topics.names, strict=True) if layer[row] >= 0]
