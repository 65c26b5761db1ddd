"""The chart below the map: a histogram, a timeline or bars of one column, brushed both ways with the map."""

from typing import TYPE_CHECKING

import ipywidgets as widgets
import numpy as np

from nomic_explore.view.export.figures import column_figure, update_column_figure
from nomic_explore.view.widget.closing import close_whole

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go
    from plotly.callbacks import Points

    from nomic_explore.view.data.filters import ColumnFilter
    from nomic_explore.view.widget.atlas_map import AtlasMap


class Chart:
    """A plotly chart of a column under a map.

    A range dragged over it, or bars clicked, filter the map; what is selected or filtered on the map stands out in it.

    Args:
        atlas: the map.
        column: to begin with; None takes the first date or number and leaves the chart folded.
    """

    def __init__(self, atlas: "AtlasMap", column: str | None = None) -> None:
        self.atlas = atlas
        kinds = {entry["name"]: entry["kind"] for entry in atlas.columns}
        first = next((name for kind in ("dates", "numbers") for name in kinds if kinds[name] == kind), None)
        self.column = widgets.Dropdown(
            options=list(kinds),
            value=column or first or next(iter(kinds)),
            description="Chart of",
            layout={"width": "340px"},
        )
        self.figure: go.FigureWidget | None = None
        self._place = widgets.VBox([], layout={"width": "100%"})
        self.box = widgets.Accordion([widgets.VBox([self.column, self._place])], titles=("Chart of a column",))
        self.box.selected_index = 0 if column else None
        self.column.observe(lambda _: self._draw(), names="value")
        self.box.observe(lambda _: self._draw() if self.figure is None else None, names="selected_index")
        atlas.observe(lambda _: self._mark(), names=["selected", "filters"])
        atlas.observe(lambda _: self._follow(), names=["labels", "columns"])
        if column:
            self._draw()

    def _draw(self) -> None:
        channel = self.atlas.data.channels[self.column.value]
        before = self.figure
        self.figure = column_figure(channel, self.atlas.data.rows)
        self.figure.layout.on_change(lambda _, __: self._brush(), "selections")
        for trace in self.figure.data:
            trace.on_click(lambda trace, points, _: self._click(trace, points))
        self._place.children = [self.figure]
        if before is not None:
            close_whole(before)
        self._mark()

    def _follow(self) -> None:
        """Takes up columns that came, went or changed their names, as those of topics do when topics are edited."""
        before, names = list(self.column.options), list(self.atlas.data.channels)
        at = before.index(self.column.value)
        wanted = self.column.value if self.column.value in names else names[min(at, len(names) - 1)]
        if names != before:
            self.column.options = names  # takes the first of them
            self.column.value = wanted
        if self.figure is not None:
            self._draw()

    def _mark(self) -> None:
        """Shows in the chart which documents are selected or pass the filters of the other columns."""
        if self.figure is None:
            return
        marked = self.atlas.marked_rows(but=self.column.value)
        update_column_figure(self.figure, self.atlas.data.channels[self.column.value], marked)

    def _brush(self) -> None:
        if self.figure is None or self.atlas.data.channels[self.column.value].values is None:
            return
        # plotly 7.1 hands the callback an empty tuple; the layout itself holds the boxes.
        boxes = self.figure.layout.to_plotly_json().get("selections")
        if not boxes:
            self._filter(None)
            return
        low, high = sorted(_number(boxes[0][end]) for end in ("x0", "x1"))
        channel = self.atlas.data.channels[self.column.value]
        exact = channel.exact_text if channel.exact is not None else float
        self._filter({"column": self.column.value, "low": exact(low), "high": exact(high)})

    def _click(self, trace: "go.Bar", points: "Points") -> None:
        channel = self.atlas.data.channels[self.column.value]
        if channel.values is not None or not points.point_inds:
            return
        names: list[str | None] = [str(trace.y[at]) for at in points.point_inds]
        now = next((wanted.get("values") for wanted in self.atlas.filters if wanted["column"] == channel.name), None)
        self._filter(None if now == names else {"column": channel.name, "values": names})

    def _filter(self, wanted: "ColumnFilter | None") -> None:
        others = [other for other in self.atlas.filters if other["column"] != self.column.value]
        self.atlas.filters = others + ([wanted] if wanted else [])


def _number(value: "float | str | pd.Timestamp") -> float:
    """Returns an end of a range; plotly writes dates as strings."""
    if isinstance(value, int | float | np.number):
        return float(value)
    import pandas as pd

    return float(pd.Timestamp(value).timestamp() * 1000)
