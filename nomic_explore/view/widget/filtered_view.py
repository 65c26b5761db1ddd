"""What `filter()` returns: the rows that pass, shown in a notebook as a sentence and a small picture."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nomic_explore.view.data.channels import Channel
from nomic_explore.view.data.filters import ColumnFilter
from nomic_explore.view.data.legend_lines import amount, legend_lines
from nomic_explore.view.data.map_data import MapData
from nomic_explore.view.widget.static_preview import StaticPreview

_WIDTH, _HEIGHT = 960, 600  # pixels; shown half as large, sharp on fine screens
_UNIT = 1.5
_MAX_NAMED = 4


@dataclass(frozen=True, eq=False)
class FilteredView:
    """The documents that pass the filters of a map, when it was filtered.

    Attributes:
        rows: (k,) int64 rows that pass, ascending.
        data: the points of the map.
        filters: what was asked of columns.
        color_by: the column that colors the points.
        theme: "light" or "dark".
    """

    rows: np.ndarray
    data: MapData
    filters: list[ColumnFilter]
    color_by: str = "topic"
    theme: str = "light"

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        n_all = len(self.data.rows)
        if not self.filters:
            return f"{n_all:,} documents, no filters"
        told = "; ".join(describe_filter(wanted, self.data.channels[wanted["column"]]) for wanted in self.filters)
        return f"{len(self.rows):,} of {n_all:,} documents: {told}"

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        preview = self._draw() if self.filters else StaticPreview(repr(self), "")
        return {"text/html": preview.to_html("filtered_view.html.j2"), "text/plain": preview.to_text()}

    def _draw(self) -> StaticPreview:
        from nomic_explore.view.export.drawing import draw_data
        from nomic_explore.view.export.picture import paint, url_of

        is_faint = ~np.isin(self.data.rows, self.rows)
        drawing = draw_data(self.data, _WIDTH, _HEIGHT, self.theme, _UNIT, color_by=self.color_by, is_faint=is_faint)
        lines = legend_lines(self.data.channels[self.color_by].legend(self.rows), self.theme)
        return StaticPreview(repr(self), url_of(paint(drawing)), self.color_by, lines)


def describe_filter(wanted: ColumnFilter, channel: Channel) -> str:
    """Returns what a filter lets through, in words.

    Example:
        >>> from nomic_explore.view.data.channels import number_channel
        >>> stars = number_channel("stars", np.array([3.0, 5.0]))
        >>> describe_filter({"column": "stars", "low": 4, "high": None}, stars)
        'stars ≥ 4'
    """
    name = wanted["column"]
    if "values" in wanted:
        return f"{name} {_list_values(wanted['values'], channel.missing)}"
    low, high = _end(wanted.get("low"), channel.kind), _end(wanted.get("high"), channel.kind)
    if low is not None and high is not None:
        return f"{name} {low}" if low == high else f"{name} from {low} to {high}"
    if low is None and high is None:
        return f"{name} has a value"
    return f"{name} ≥ {low}" if high is None else f"{name} ≤ {high}"


def _list_values(values: Sequence[str | None], missing: str) -> str:
    names = [missing if value is None else str(value) for value in values]
    more = f" and {len(names) - _MAX_NAMED:,} more" if len(names) > _MAX_NAMED else ""
    return ", ".join(names[:_MAX_NAMED]) + more


def _end(end: float | str | None, kind: str) -> str | None:
    return end if end is None or isinstance(end, str) else amount(end, kind)
