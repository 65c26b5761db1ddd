"""Plotly figures: data in, figure out."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from nomic_explore.topics import Topics
    from nomic_explore.view.data.channels import Channel


def topic_sizes(topics: "Topics", *, layer: int = 0, color: str = "#2f5fd0") -> "go.Figure":
    """Returns bars: the number of documents in each topic of a layer, the largest on top.

    Args:
        topics: what to count.
        layer: 0 is the coarsest.
        color: of the bars.
    """
    import plotly.graph_objects as go

    table = topics.to_pandas()
    table = table[table["layer"] == layer].sort_values("size", ascending=True).tail(25)
    bars = go.Bar(
        x=table["size"].to_list(),
        y=table["name"].to_list(),
        orientation="h",
        marker={"color": color},
        hovertemplate="%{y}: %{x:,} documents<extra></extra>",
    )
    figure = go.Figure(bars)
    figure.update_layout(
        height=80 + 24 * len(table),
        margin={"l": 10, "r": 20, "t": 10, "b": 40},
        xaxis_title="documents",
        yaxis={"automargin": True},
        template="none",
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": "#808795"},
    )
    return figure


_BARS = 40  # at most, of a chart of categories
_BINS = 60
_GRAY, _ACCENT = "rgba(128,136,152,0.45)", "#3d6fe0"


def column_figure(channel: "Channel", rows: np.ndarray) -> "go.FigureWidget":
    """Returns a chart of a column: bars for categories, a histogram for numbers, a timeline for dates.

    The first trace counts all rows, the second those that `update_column_figure` marks.

    Args:
        channel: the column.
        rows: (m,) the rows that are counted.
    """
    import plotly.graph_objects as go

    x, y, width = _counts(channel, rows)
    is_flat = channel.values is None
    traces = []
    for name, color, counts in (("all", _GRAY, y), ("marked", _ACCENT, np.zeros_like(y))):
        hover = "%{y}: %{x:,}" if is_flat else "%{x}: %{y:,}"
        ends = {"x": counts, "y": x, "orientation": "h"} if is_flat else {"x": x, "y": counts, "width": width}
        look = {"marker": {"color": color, "line": {"width": 0}}, "hovertemplate": f"{hover}<extra>{name}</extra>"}
        traces.append(go.Bar(name=name, **ends, **look))
    figure = go.FigureWidget(traces)
    figure._config = {"responsive": True, "displayModeBar": False}  # else it is 700 pixels wide for ever
    figure.update_layout(
        autosize=True,
        barmode="overlay",
        height=60 + 19 * len(x) if is_flat else 190,
        margin={"l": 10, "r": 16, "t": 8, "b": 30},
        dragmode="pan" if is_flat else "select",
        selectdirection="h",
        showlegend=False,
        bargap=0.06,
        template="none",
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": "#808795"},
        newselection={"line": {"color": _ACCENT}},
    )
    figure.update_xaxes(automargin=True, fixedrange=True, gridcolor="rgba(128,136,152,0.15)")
    figure.update_yaxes(automargin=True, fixedrange=True, gridcolor="rgba(128,136,152,0.15)")
    return figure


def update_column_figure(figure: "go.FigureWidget", channel: "Channel", rows: np.ndarray) -> None:
    """Marks rows (k,) in a chart of `column_figure`."""
    counts = _counts(channel, rows)[1]
    with figure.batch_update():
        setattr(figure.data[1], "x" if channel.values is None else "y", counts)


def _counts(channel: "Channel", rows: np.ndarray) -> tuple[np.ndarray | list[str], np.ndarray, float | None]:
    """Returns where the bars of a column stand, how many of the rows each counts, and how wide it is."""
    if channel.values is None:
        sizes = np.bincount(channel.codes[rows], minlength=len(channel.names) + 1)[1:]
        shown = min(_BARS, len(channel.names))
        return channel.names[:shown][::-1], sizes[:shown][::-1], None
    low, high = channel.low, channel.high
    is_whole = bool((channel.values[np.isfinite(channel.values)] % 1 == 0).all()) and channel.kind == "numbers"
    bins = int(high - low) + 1 if is_whole and high - low < _BINS else _BINS
    span = (low - 0.5, high + 0.5) if bins != _BINS else (low, high if high > low else low + 1)
    found = channel.values[rows]
    counts, edges = np.histogram(found[np.isfinite(found)], bins=bins, range=span)
    middles, width = (edges[:-1] + edges[1:]) / 2, edges[1] - edges[0]
    return (middles.astype("datetime64[ms]") if channel.kind == "dates" else middles), counts, width
