"""Plotly figures: data in, figure out."""

from typing import TYPE_CHECKING

import numpy as np

from nomic_explore.view.data.bars import number_axis
from nomic_explore.view.data.bins import Scale, bins_of, describe_beyond

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
    is_flat = _is_flat(channel)
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
    figure.update_xaxes(title={"text": _remark(channel, rows), "font": {"size": 11}})
    return figure


def update_column_figure(figure: "go.FigureWidget", channel: "Channel", rows: np.ndarray) -> None:
    """Marks rows (k,) in a chart of `column_figure`."""
    counts = _counts(channel, rows)[1]
    with figure.batch_update():
        setattr(figure.data[1], "x" if _is_flat(channel) else "y", counts)


def _is_flat(channel: "Channel") -> bool:
    """Whether the bars of a column lie, so that the names of its values can be read."""
    return channel.values is None


def _remark(channel: "Channel", rows: np.ndarray) -> str:
    """Returns the note below a chart: what its numbers are counted from, and how many values it leaves out."""
    if channel.values is None:
        return ""
    beyond = channel.bars(rows)["beyond"]
    start = f"counted from {channel.exact_text(channel.low)}" if channel.exact is not None else ""
    left_out = f"{beyond:,} left out: {describe_beyond(channel.kind)}" if beyond else ""
    return "; ".join(part for part in (start, left_out) if part)


def _counts(channel: "Channel", rows: np.ndarray) -> tuple[np.ndarray | list[str], np.ndarray, np.ndarray | None]:
    """Returns where the bars of a column stand, how many of the rows each counts, and how wide each is."""
    if channel.values is None:
        sizes = channel.sizes_of(rows)[1:]
        shown = min(_BARS, len(channel.names))
        return channel.names[:shown][::-1], sizes[:shown][::-1], None
    axis = channel.axis
    if axis.is_log:  # the axis of this chart is linear
        axis = number_axis(Scale(channel.low, channel.high), is_whole=channel.is_whole, n_bars=_BINS)
    places = bins_of(channel.values[rows], axis.edges)
    counts = np.bincount(places + 1, minlength=len(axis.edges))[1:]
    halves = axis.edges / 2  # the sum of two edges may be infinite
    if channel.high <= channel.low and channel.kind == "numbers":
        return axis.edges[:1], counts, np.ones(1)
    middles, width = halves[:-1] + halves[1:], 2 * np.diff(halves)
    return (middles.astype("datetime64[ms]") if channel.kind == "dates" else middles), counts, width
