"""What the filters of the columns offer: their order, names that people read, values with sizes, histograms."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Literal, NotRequired, TypedDict, cast

import numpy as np

from nomic_explore.view.data.bars import Bars
from nomic_explore.view.data.channel_map import Channels
from nomic_explore.view.data.channels import Channel
from nomic_explore.view.data.time_bins import find_time
from nomic_explore.view.data.topic_labels import layer_names

if TYPE_CHECKING:
    from nomic_explore.session import Session

MAX_TICKED = 6  # numbers of more values are filtered by a range alone
_TECHNICAL = {
    "characters": "Text length in characters",
    "similarity to neighbors": "Similarity to the nearest documents",
    "duplicate_role": "Role among duplicates",
    "topic_assignment": "How clearly in a topic",
    "topic_strength": "Strength of the topic",
}


class ValueCount(TypedDict):
    """A value of a column, its code, and how many documents have it."""

    name: str
    code: int
    size: int


class ChannelSummary(TypedDict):
    """What a filter of a column offers: values with sizes, a histogram, or both.

    `low` and `high` are the ends of the scale of numbers and dates. Numbers that float64 cannot tell apart are counted
    from `base`, in the unit of their whole values of `scale` decimal places, and have texts of their ends.
    """

    name: str
    kind: str
    missing: int
    missingName: str
    values: NotRequired[list[ValueCount]]
    bars: NotRequired[Bars]
    low: NotRequired[float]
    high: NotRequired[float]
    base: NotRequired[str]
    scale: NotRequired[int]
    lowText: NotRequired[str]
    highText: NotRequired[str]


class ColumnEntry(TypedDict):
    """A column that the map can show.

    `title` is what people read; `section` is "columns" for those of the corpus, "topics", or "technical" for what this
    package measured; `isTime` marks the column of dates or years that the timeline shows.
    """

    name: str
    kind: str
    title: str
    section: Literal["columns", "topics", "technical"]
    isTime: bool


class ColumnSummary(ColumnEntry, ChannelSummary):
    """What the pane of filters shows of a column."""


def column_entries(exploration: "Session", channels: Channels) -> list[ColumnEntry]:
    """Returns the columns that a map can show."""
    given = exploration.corpus.table.column_names
    titles = _topic_titles(exploration) | {name: title for name, title in _TECHNICAL.items() if name not in given}
    time = find_time(channels, [name for name in given if name in channels and channels[name].values is not None])
    entries: list[ColumnEntry] = []
    for name, channel in channels.items():
        section: Literal["columns", "topics", "technical"] = "columns"
        if name in titles:
            section = "technical" if name in _TECHNICAL else "topics"
        title = titles.get(name, name)
        entries.append({"name": name, "kind": channel.kind, "title": title, "section": section, "isTime": name == time})
    return entries


def summarize_columns(
    exploration: "Session", channels: Channels, rows: np.ndarray, names: Collection[str] | None = None
) -> list[ColumnSummary]:
    """Returns what the filters of some columns, or of all, offer, counted over some rows.

    Those of the corpus come first, then the layers of topics, the coarsest first, then what this package measured.
    """
    layer = {name: at for at, name in layer_names(exploration.topics.current).items()}
    entries = [entry for entry in column_entries(exploration, channels) if names is None or entry["name"] in names]
    entries.sort(key=lambda entry: (entry["section"] == "technical", layer.get(entry["name"], -1)))
    return [cast(ColumnSummary, {**entry, **summarize(channels[entry["name"]], rows)}) for entry in entries]


def summarize(channel: Channel, rows: np.ndarray) -> ChannelSummary:
    """Returns what a filter of a column offers, counted over some rows, as JSON can hold it."""
    sizes = channel.sizes_of(rows)
    facts = {**channel.facts(), "missing": int(sizes[0]), "missingName": channel.missing}
    if has_ticks(channel):
        names = channel.names
        facts["values"] = [{"name": name, "code": code, "size": int(sizes[code])} for code, name in enumerate(names, 1)]
    if channel.values is not None:
        facts["bars"] = channel.bars(rows)
    return cast(ChannelSummary, facts)


def has_ticks(channel: Channel) -> bool:
    """Returns whether the values of a column are ticked one by one: categories, and numbers of few values."""
    return channel.values is None or 0 < len(channel.names) <= MAX_TICKED


def count_values(channel: Channel, rows: np.ndarray) -> np.ndarray:
    """Returns how many of some rows have no value, each of the values of `summarize`, and a value in each bar."""
    sizes = channel.sizes_of(rows)
    named = sizes if has_ticks(channel) else sizes[:1]
    return named if channel.values is None else np.concatenate([named, channel.bar_counts(rows)])


def _topic_titles(exploration: "Session") -> dict[str, str]:
    """Returns what people read for each column of topics: "Topics, coarse (8)"."""
    topics = exploration.topics.current
    names = layer_names(topics)
    last = len(names) - 1
    words = {0: "coarse", last: "fine"} if last else {0: ""}
    titles = {}
    for layer, name in names.items():
        word = words.get(layer, "middle" if last == 2 else f"layer {layer + 1}")
        titles[name] = f"Topics{', ' if word else ''}{word} ({len(topics.names[layer])})"
    return titles
