"""The explorer: the map with its panes, and below it a chart of a column that is brushed both ways with the map."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypedDict

import ipywidgets as widgets
import numpy as np

from nomic_explore.checks import Rows
from nomic_explore.view.data.map_data import make_map_data
from nomic_explore.view.requests.answers import Answers
from nomic_explore.view.widget.atlas_map import AtlasMap
from nomic_explore.view.widget.chart import Chart
from nomic_explore.view.widget.closing import close_parts

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
    hover: Sequence[str]
    chart: str | None
    theme: str
    pane: str


def show_map(
    exploration: "Session",
    *,
    panels: bool = True,
    height: int = 640,
    color: str = "topic",
    size: str | None = None,
    hover: Sequence[str] = (),
    chart: str | None = None,
    theme: str = "auto",
    pane: str = "topics",
) -> "Explorer | AtlasMap":
    """Returns the map of an exploration as a widget; what is selected on it arrives in `exploration.selected`.

    Args:
        exploration: what to show.
        panels: put search, filters, topics, tags, the reader and a chart round it; False gives the bare map.
        height: pixels.
        color: the column that colors the points.
        size: a column of numbers that sizes them; None makes all equal.
        hover: columns shown on the hover card, besides the topic and the text.
        chart: the column the chart below begins with; None takes the first date or number, and folds the chart.
        theme: "auto" follows JupyterLab or the browser; or "light", "dark".
        pane: the pane that is open: one of PANES.

    Raises:
        ValueError: there is no such column or pane, or it cannot be shown so.
    """
    missing = [name for name in hover if name not in exploration.corpus.table.column_names]
    if missing:
        raise ValueError(f"hover={missing[0]!r}: there is no such column; there are {_names(exploration)}.")
    if pane not in PANES:
        raise ValueError(f"pane={pane!r}; expected one of {', '.join(PANES)}.")
    data = make_map_data(exploration)
    for name in (color, size, chart):
        if name is not None and name not in data.channels:
            raise ValueError(f"{name!r} cannot be shown; choose one of {', '.join(data.channels)}.")
    answers = Answers(exploration, data, hover)
    atlas = AtlasMap(answers=answers, data=data, height=height, panels=panels, title=exploration.name, theme=theme)
    atlas.color_by, atlas.size_by, atlas.pane = color, size or "", pane
    return Explorer(atlas, chart) if panels else atlas


class Explorer(widgets.VBox):
    """The map with its panes and a chart; `atlas` is the map itself, whose methods stand here too."""

    def __init__(self, atlas: AtlasMap, chart: str | None = None) -> None:
        self.atlas = atlas
        self.chart = Chart(atlas, chart)
        super().__init__([atlas, self.chart.box], layout=widgets.Layout(width="100%"))

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

    def filter(self, **columns: object) -> None:
        """Grays out what does not fit; see `AtlasMap.filter`."""
        self.atlas.filter(**columns)

    @property
    def selected_rows(self) -> np.ndarray:
        """The selected rows (k,) int64, ascending."""
        return self.atlas.selected_rows

    def _ipython_display_(self, **_: object) -> None:
        self.atlas.display_in(self)

    def _display_(self) -> AtlasMap:
        """What marimo shows, which knows anywidgets alone: the map with its panes."""
        return self.atlas


def _names(exploration: "Session") -> str:
    return ", ".join(exploration.corpus.table.column_names)
