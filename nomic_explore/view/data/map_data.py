"""What the map draws: shuffled points, what they can be colored by, and the names of topics with their places."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np

from nomic_explore.arrays import inverse_index
from nomic_explore.search.exact_numbers import is_number, read_numbers
from nomic_explore.view.data.channel_map import TOPIC_CHANNEL, Channels
from nomic_explore.view.data.channel_readers import column_channel
from nomic_explore.view.data.channels import Channel, Members, category_channel, number_channel, one_each
from nomic_explore.view.data.colors import NO_TOPIC
from nomic_explore.view.data.duplicate_roles import role_channel
from nomic_explore.view.data.home_view import HomeView, find_home
from nomic_explore.view.data.label_placement import PlacedLabel
from nomic_explore.view.data.topic_labels import topic_marks

if TYPE_CHECKING:
    import pyarrow as pa

    from nomic_explore.session import Session
    from nomic_explore.topics import Topics


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
    channels: Channels
    labels: list[PlacedLabel]

    @property
    def colors(self) -> np.ndarray:
        """(m,) uint16: the topic's place in the palettes, by point; 0 is no topic."""
        return self.channels["topic"].codes[self.rows]

    @cached_property
    def home(self) -> HomeView:
        """What is seen at first: 99.5 % of the points."""
        return find_home(self.positions)

    @cached_property
    def point_of(self) -> np.ndarray:
        """(n,) int64: the point of each row; -1 for a row without a place."""
        return inverse_index(self.rows, len(self.channels["topic"].codes))

    @property
    def palettes(self) -> dict[str, list[str]]:
        """Colors of the topics as "#rrggbb", for a light and a dark background."""
        return self.channels["topic"].palettes


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
    columns = {f"{name}_input" if TOPIC_CHANNEL.fullmatch(name) else name: table[name] for name in table.column_names}
    for name, column in columns.items():
        makers[name] = partial(column_channel, name, column)
    makers.setdefault("duplicate_role", lambda: role_channel(exploration.duplicates.current))
    makers.setdefault("similarity to neighbors", lambda: _similarity_channel(exploration))
    makers.setdefault("characters", lambda: _length_channel(exploration))
    hidden = {"characters"} if "characters" not in columns and _has_length_column(exploration) else set()
    makers["tags"] = lambda: _tag_channel(exploration, columns.get("tags"))
    return Channels(makers, columns, hidden)


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
    return number_channel("characters", _lengths(exploration))


def _lengths(exploration: "Session") -> np.ndarray:
    return np.array([np.nan if text is None else float(len(text)) for text in exploration.corpus.texts])


def _has_length_column(exploration: "Session") -> bool:
    """Returns whether a column of the corpus says how many characters each text has."""
    table = exploration.corpus.table
    numbers = [table[name] for name in table.column_names if is_number(table[name].type)]
    lengths = _lengths(exploration) if numbers else np.zeros(0)
    return any(np.array_equal(read_numbers(column).as_floats(), lengths, equal_nan=True) for column in numbers)


def _tag_channel(exploration: "Session", column: "pa.ChunkedArray | None") -> Channel | None:
    """Returns the tags of each document, in their own colors, with the values of an input column that is called so too."""
    given = None if column is None else column_channel("tags", column)
    tags = exploration.tags.to_pandas()
    if not len(tags):
        return given
    names = tags["tag"].to_list()
    palettes = {theme: tags["color"].to_list() for theme in NO_TOPIC}
    rows = [exploration.tags.rows(name) for name in names]
    numbers = [np.full(len(own), at) for at, own in enumerate(rows)]
    if given is not None and given.values is None:
        members = given.members or one_each(given.codes)
        new = [name for name in given.names if name not in names]
        place = {name: at for at, name in enumerate([*names, *new])}
        rows.append(members.rows)
        numbers.append(np.array([place[name] for name in given.names], dtype=np.int64)[members.codes - 1])
        for theme, colors in palettes.items():
            colors += [given.palettes[theme][given.names.index(name) + 1] for name in new]
        names += new
    return _in_own_colors(np.concatenate(rows), np.concatenate(numbers), names, palettes, len(exploration))


def _in_own_colors(
    rows: np.ndarray, numbers: np.ndarray, names: list[str], palettes: dict[str, list[str]], n_rows: int
) -> Channel:
    """Returns lists whose values have colors, in the order of the names; the first value of a row colors it."""
    cells = np.unique(rows * len(names) + numbers)
    rows, codes = cells // len(names), cells % len(names) + 1
    starts = np.concatenate([[0], np.bincount(rows, minlength=n_rows).cumsum()])
    shown = np.zeros(n_rows, dtype=np.int64)
    own, first = np.unique(rows, return_index=True)
    shown[own] = codes[first]
    colored = {theme: [NO_TOPIC[theme], *colors] for theme, colors in palettes.items()}
    return category_channel("tags", shown, names, colored, members=Members(starts, codes), missing="no tag")


def topic_path(topics: "Topics", row: int) -> list[str]:
    """Returns the names of the topics that hold a row, coarse to fine."""
    return [names[layer[row]] for layer, names in zip(topics.layers, topics.names, strict=True) if layer[row] >= 0]
