"""Plotly figures: data in, figure out."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from nomic_explore.topics import Topics


def topic_sizes(topics: "Topics", *, layer: int = 0, color: str = "#2f5fd0") -> "go.Figure":
    """Returns bars: how many documents each topic of a layer holds, the largest on top.

    Args:
        topics: what to count.
        layer: 0 is the coarsest.
        color: of the bars.
    """
    import plotly.graph_objects as go

    table = topics.frame()
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


def as_widget(figure: "go.Figure") -> "go.FigureWidget":
    """Returns a figure as a widget; its JavaScript comes with plotly, not from a network."""
    import plotly.graph_objects as go

    return go.FigureWidget(figure)
