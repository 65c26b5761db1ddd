"""The explorer: the map with its panes, and below it a chart of a column that is brushed both ways with the map."""

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypedDict

import ipywidgets as widgets
import numpy as np

from nomic_explore.checks import Rows, check_choice, check_columns, check_positive
from nomic_explore.search.text_kinds import text_kind
from nomic_explore.view.data.channels import Channel
from nomic_explore.view.data.map_data import MapData, make_map_data
from nomic_explore.view.requests.answers import Answers
from nomic_explore.view.widget.atlas_map import THEMES, AtlasMap
from nomic_explore.view.widget.chart import Chart
from nomic_explore.view.widget.closing import close_parts
from nomic_explore.view.widget.filtered_view import FilteredView

if TYPE_CHECKING:
    from collections.abc import Callable

    from nomic_explore.session import Session

PANES = ("topics", "filters", "tags", "copies")


class MapOptions(TypedDict, total=False):
    """How a map looks; see `show_map`."""

    panels: bool
    height: int
    color: str
    size: str | None
    hover: str | Sequence[str]
    chart: str | None
    theme: str
    pane: str
    beside: bool
    title: str | None


def show_map(
    exploration: "Session",
    *,
    panels: bool = True,
    height: int = 640,
    color: str = "topic",
    size: str | None = None,
    hover: str | Sequence[str] = (),
    chart: str | None = None,
    theme: str = "auto",
    pane: str = "topics",
    beside: bool = False,
    title: str | None = None,
) -> "Explorer | AtlasMap":
    """Returns the map of an exploration as a widget; what is selected on it arrives in `exploration.selected`.

    Args:
        exploration: what to show.
        panels: put search, filters, topics, tags, the reader and a chart round it; False gives the bare map.
        height: pixels.
        color: the column that colors the points.
        size: a column of numbers that sizes them; None makes all equal.
        hover: columns shown on the hover card, besides the topic and the text, or one of them.
        chart: the column the chart below begins with; None takes the first date or number, and folds the chart.
        theme: "auto" follows JupyterLab or the browser; or "light", "dark".
        pane: the pane that is open: one of PANES.
        beside: show the map beside the notebook, in the right half of the window, where it stays while cells run; the
            chart stays below the cell. Works in JupyterLab and Notebook 7; elsewhere the map lies below the cell.
        title: the column with the titles of the documents; None takes what `explore(title=)` chose, "" shows none.

    A column that is empty is left out, with a warning.

    Raises:
        ValueError: there is no such column, pane or theme, or the column cannot be shown so.
    """
    hover = check_columns(hover, "hover", exploration.corpus.table.column_names)
    check_columns(title or None, "title", exploration.corpus.table.column_names)
    check_choice(pane, "pane", PANES)
    check_choice(theme, "theme", THEMES)
    check_positive(height, "height")
    data = make_map_data(exploration)
    color, size = _shown(data, "color", color) or "topic", _shown(data, "size", size) or ""
    chart = _shown(data, "chart", chart)
    answers = Answers(exploration, data, hover, title)
    atlas = AtlasMap(answers=answers, data=data, height=height, panels=panels, title=exploration.name, theme=theme)
    atlas.color_by, atlas.size_by, atlas.pane, atlas.beside = color, size, pane, beside
    return Explorer(atlas, chart) if panels else atlas


def _shown(data: MapData, name: str, column: str | None) -> str | None:
    """Returns the column that an argument names, None for one that is empty.

    Raises:
        ValueError: it cannot be shown; the message tells why.
    """
    if column is None:
        return None
    if column in data.channels:
        if name == "size" and data.channels[column].values is None:
            raise ValueError(
                f"size={column!r} holds {_kind(data.channels[column])}; only numbers and dates can be sizes."
            )
        return column
    reason = data.channels.explain(column)
    if reason.endswith(" is empty"):
        warnings.warn(f"{reason}; {name}={column!r} is left out.", stacklevel=4)
        return None
    known = f"choose one of {', '.join(data.channels)}"
    raise ValueError(f"{reason}; {known}." if reason else f"{name}={column!r} cannot be shown; {known}.")


def _kind(channel: Channel) -> str:
    """Returns what a column holds, in words."""
    kind = text_kind(channel.names) if channel.kind == "categories" else None
    return (
        channel.kind if kind is None else f"{kind}s written as text (dtype={{{channel.name!r}: {kind!r}}} reads them)"
    )


class Explorer(widgets.VBox):
    """The map with its panes and a chart; `atlas` is the map itself, whose methods stand here too."""

    def __init__(self, atlas: AtlasMap, chart: str | None = None) -> None:
        self.atlas = atlas
        self.chart = Chart(atlas, chart)
        super().__init__([atlas, self.chart.box], layout=widgets.Layout(width="100%"))

    def __repr__(self) -> str:
        return repr(self.atlas)

    def close(self) -> None:
        """Closes the map, its panes and the chart; edits of the exploration are no longer shown in them."""
        super().close()
        close_parts(self)

    def select(self, what: Rows | str) -> np.ndarray:
        """Selects rows, a mask or a query string; see `AtlasMap.select`."""
        return self.atlas.select(what)

    def on_select(self, act: "Callable[[np.ndarray], None]") -> "Callable[[np.ndarray], None]":
        """Calls `act` with the selected rows whenever they change; see `AtlasMap.on_select`."""
        return self.atlas.on_select(act)

    def filter(self, **columns: object) -> FilteredView:
        """Grays out what does not fit; see `AtlasMap.filter`."""
        return self.atlas.filter(**columns)

    @property
    def selected_rows(self) -> np.ndarray:
        """The selected rows (k,) int64, ascending."""
        return self.atlas.selected_rows

    def _ipython_display_(self, **_: object) -> None:
        self.atlas.display_in(self)

    def _display_(self) -> AtlasMap:
        """What marimo shows, which knows anywidgets alone: the map with its panes."""
        return self.atlas
