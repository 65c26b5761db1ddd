"""Plotly figures of topics beside the columns of a corpus: how they come and go, and where they are found."""

from typing import TYPE_CHECKING, Any

import numpy as np

from nomic_explore.checks import check_positive
from nomic_explore.search.text_kinds import advise_dtype, text_kind
from nomic_explore.view.data.bins import describe_beyond
from nomic_explore.view.data.channel_map import TOPIC_CHANNEL
from nomic_explore.view.data.channels import Channel, category_channel, one_each
from nomic_explore.view.data.map_data import column_channels
from nomic_explore.view.data.time_bins import TimeBins, find_time, time_bins
from nomic_explore.view.data.topic_labels import topic_palettes, topic_turns

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from nomic_explore.session import Session

_OTHERS = "rgba(128,136,152,0.35)"
_MAX_VALUES = 200  # whole numbers with as few values can stand beside each other, such as years
_LOOK = {
    "template": "none",
    "paper_bgcolor": "rgba(0,0,0,0)",
    "plot_bgcolor": "rgba(0,0,0,0)",
    "font": {"color": "#808795"},
    "margin": {"l": 10, "r": 20, "t": 16, "b": 40},
}
_GRID = "rgba(128,136,152,0.18)"


def topics_over_time(
    exploration: "Session", column: str | None = None, *, layer: int = 0, n_topics: int = 10, relative: bool = False
) -> "go.Figure":
    """Returns stacked areas: how many documents of each topic are from when, in the colors of the map.

    Args:
        exploration: whose documents.
        column: of dates or years; None takes the first. It is cut into days, months or years, 60 at most.
        layer: 0 is the coarsest, -1 the finest.
        n_topics: this many of the largest topics; the others are one gray area.
        relative: show shares of the documents of each time instead of counts.

    Raises:
        ValueError: there is no such column, or it holds neither dates nor years.
        IndexError: there is no such layer.

    Example:
        `topics_over_time(exploration, "year", relative=True)`
    """
    import plotly.graph_objects as go

    bins = _find_bins(exploration, column)
    at, chosen = _largest_topics(exploration, layer, n_topics)
    topics = exploration.topics.current
    has_both = (bins.places >= 0) & (topics.layers[at] >= 0)
    counts = _count(topics.layers[at][has_both], bins.places[has_both], len(topics.names[at]), len(bins.names))
    others = counts.sum(axis=0) - counts[chosen].sum(axis=0)
    colors = _topic_colors(exploration, at)
    lines = [(topics.names[at][topic], colors[topic], counts[topic]) for topic in chosen]
    if others.any():
        lines.append(("other topics", _OTHERS, others))
    whole = np.maximum(counts.sum(axis=0), 1) / 100 if relative else 1
    unit = ":.1f} %" if relative else ":,} documents"
    figure = go.Figure(
        [
            go.Scatter(
                x=bins.names,
                y=(values / whole if relative else values).tolist(),
                name=name,
                mode="lines" if len(bins.names) > 1 else "lines+markers",
                stackgroup="topics",
                line={"width": 0.6, "color": color},
                fillcolor=color,
                hovertemplate=f"%{{x}}: %{{y{unit}<extra>%{{fullData.name}}</extra>",
            )
            for name, color, values in lines
        ]
    )
    figure.update_layout(**_LOOK, height=380, hovermode="closest", legend={"traceorder": "normal"})
    left_out = f" ({bins.n_left_out:,} left out: {describe_beyond('dates')})" if bins.n_left_out else ""
    figure.update_xaxes(title=bins.column + left_out, type="category", nticks=12, showgrid=False)
    figure.update_yaxes(
        title="share of documents, %" if relative else "documents", gridcolor=_GRID, rangemode="tozero", automargin=True
    )
    return figure


def topics_per(
    exploration: "Session", column: str, *, layer: int = 0, n_topics: int = 12, n_values: int = 15
) -> "go.Figure":
    """Returns a heatmap: which share of the documents of each category lies in each topic.

    Args:
        exploration: whose documents.
        column: of categories, booleans, lists of tags, or whole numbers with few values. A document counts for each value
            of a list; documents without a value are not counted.
        layer: 0 is the coarsest, -1 the finest.
        n_topics: this many of the largest topics, the largest on top.
        n_values: this many of the most frequent categories.

    Raises:
        ValueError: there is no such column, or it holds no categories.
        IndexError: there is no such layer.

    Example:
        `topics_per(exploration, "category", layer=1)`
    """
    import plotly.graph_objects as go

    channel = _find_categories(exploration, column)
    at, chosen = _largest_topics(exploration, layer, n_topics)
    check_positive(n_values, "n_values")
    topics, members = exploration.topics.current, channel.members or one_each(channel.codes)
    own = topics.layers[at][members.rows]
    counts = _count(own[own >= 0], members.codes[own >= 0] - 1, len(topics.names[at]), len(channel.names))
    frequent = np.sort(np.argsort(-counts.sum(axis=0), kind="stable")[:n_values])
    shares = 100 * counts[:, frequent] / np.maximum(counts[:, frequent].sum(axis=0), 1)
    names = [topics.names[at][topic] for topic in chosen]
    figure = go.Figure(
        go.Heatmap(
            x=[channel.names[value] for value in frequent],
            y=names,
            z=shares[chosen].tolist(),
            customdata=counts[chosen][:, frequent].tolist(),
            colorscale=[[0, "rgba(61,111,224,0.04)"], [1, "rgba(61,111,224,1)"]],
            zmin=0,
            xgap=2,
            ygap=2,
            colorbar={"title": {"text": "share of<br>category, %"}, "outlinewidth": 0, "thickness": 12},
            hovertemplate=f"{column} %{{x}}: %{{z:.1f}} % in<br>%{{y}} (%{{customdata:,}} documents)<extra></extra>",
        )
    )
    figure.update_layout(**_LOOK, height=130 + 26 * len(names))
    figure.update_xaxes(title=column, type="category", automargin=True, showgrid=False)
    figure.update_yaxes(type="category", automargin=True, autorange="reversed", showgrid=False)
    return figure


def _find_bins(exploration: "Session", column: str | None) -> TimeBins:
    names, channels = exploration.corpus.table.column_names, column_channels(exploration)
    found = find_time(channels, names) if column is None else column
    if found is None:
        raise ValueError(
            f"No column holds dates or is called a year; there are {', '.join(names)}. Pass column= with the one that "
            "holds dates or years. Dates written as text become dates with dtype={'column': 'date'}, where the table is read."
        )
    channel = _find_channel(exploration, found)
    bins = time_bins(channel)
    if bins is None:
        advice = _advise_time(channel)
        if advice:
            raise ValueError(f"{advice}.")
        kind = "lists" if channel.members is not None else channel.kind
        raise ValueError(f"Column {found!r} holds {kind}; expected dates or years. topics_per() counts categories.")
    return bins


def _advise_time(channel: Channel) -> str:
    """Returns how a column becomes one of dates if it seems to hold some; else ""."""
    if channel.kind == "categories" and text_kind(channel.names) == "date":
        return advise_dtype(channel.name, "date")
    if channel.kind == "numbers" and channel.exact is None and channel.is_whole:
        for low, high, unit in ((1e8, 5e9, "seconds"), (1e11, 5e12, "milliseconds")):
            if channel.low >= low and channel.high <= high:
                return (
                    f"Column {channel.name!r} holds numbers; expected dates or years. If they are Unix {unit}, read the "
                    f"table with dtype={{{channel.name!r}: 'date'}}"
                )
    return ""


def _find_channel(exploration: "Session", column: str) -> Channel:
    names = exploration.corpus.table.column_names
    if column not in names:
        raise ValueError(f"There is no column {column!r}; there are {', '.join(names)}.")
    channels = column_channels(exploration)
    shown = f"{column}_input" if TOPIC_CHANNEL.fullmatch(column) else column
    channel = channels.get(shown)
    if channel is None:
        raise ValueError(f"{channels.explain(shown)}; expected dates, numbers or categories.")
    return channel


def _find_categories(exploration: "Session", column: str) -> Channel:
    channel = _find_channel(exploration, column)
    if channel.values is None or channel.names:
        return channel
    if channel.kind == "dates":
        raise ValueError(f"Column {column!r} holds dates; expected categories. topics_over_time() shows dates.")
    known = np.unique(channel.values[np.isfinite(channel.values)])
    if not channel.is_whole or len(known) > _MAX_VALUES:
        raise ValueError(
            f"Column {column!r} holds numbers; expected categories. Make classes of it first, with pd.cut."
        )
    codes = np.where(np.isfinite(channel.values), np.searchsorted(known, channel.values) + 1, 0)
    named = channel.exact_text if channel.exact is not None else lambda value: str(int(value))
    return category_channel(column, codes, [named(value) for value in known.tolist()])


def _largest_topics(exploration: "Session", layer: int, n_topics: int) -> tuple[int, list[int]]:
    """Returns the layer from 0, and the numbers of its largest topics, the largest first."""
    topics = exploration.topics.current
    n_layers = len(topics.layers)
    if not -n_layers <= layer < n_layers:
        raise IndexError(f"layer={layer}; expected 0 to {n_layers - 1}, or -1 for the finest.")
    check_positive(n_topics, "n_topics")
    at = layer % n_layers
    labels = topics.layers[at]
    sizes = np.bincount(labels[labels >= 0], minlength=len(topics.names[at]))
    return at, np.argsort(-sizes, kind="stable")[:n_topics].tolist()


def _count(topics: np.ndarray, places: np.ndarray, n_topics: int, n_places: int) -> np.ndarray:
    """Returns (n_topics, n_places): how many documents there are of each topic at each place."""
    cells: Any = np.bincount(topics.astype(np.int64) * n_places + places, minlength=n_topics * n_places)
    return np.asarray(cells.reshape(n_topics, n_places))


def _topic_colors(exploration: "Session", layer: int) -> list[str]:
    """Returns the color that each topic of a layer has on the map, on a light background."""
    rows = np.flatnonzero(np.isfinite(exploration.positions).all(axis=1))
    turns = topic_turns(exploration.topics.current, rows, exploration.positions[rows])
    return topic_palettes(turns[layer])["light"][1:]
