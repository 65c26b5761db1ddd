"""What `filter()` returns: the rows that pass, shown in a notebook as a sentence and a small picture."""

from collections.abc import Callable, Sequence
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


@dataclass(frozen=True, eq=False, repr=False)
class FilteredView:
    """The documents that passed the filters of a map: a sentence, and in a notebook a small picture as well.

    Attributes:
        rows: (k,) int64 rows that pass, ascending.
        sentence: how many they are, and what was asked of columns.
    """

    rows: np.ndarray
    sentence: str
    _draw: Callable[[], dict[str, str]]

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        return self.sentence

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return self._draw()


def view_filtered(
    data: MapData, filters: Sequence[ColumnFilter], mask: np.ndarray | None, color_by: str, theme: str
) -> FilteredView:
    """Returns what passes filters.

    Args:
        data: the points of a map.
        filters: what was asked of columns.
        mask: (n,) bool, by row: what passes; None without filters.
        color_by: the column that colors the points.
        theme: "light" or "dark".
    """
    passes = np.ones(len(data.rows), bool) if mask is None else mask[data.rows]
    rows = np.sort(data.rows[passes])
    stated = "; ".join(describe_filter(wanted, data.channels[wanted["column"]]) for wanted in filters)
    n_all = f"{len(data.rows):,}"
    sentence = f"{len(rows):,} of {n_all} documents: {stated}" if filters else f"{n_all} documents, no filters"

    def draw() -> dict[str, str]:
        from nomic_explore.view.export.drawing import draw_data
        from nomic_explore.view.export.picture import paint, url_of

        if mask is None:
            return StaticPreview(sentence, "").to_bundle("filtered_view.html.j2")
        drawing = draw_data(data, _WIDTH, _HEIGHT, theme, _UNIT, color_by=color_by, is_faint=~passes)
        lines = legend_lines(data.channels[color_by].legend(rows), theme)
        return StaticPreview(sentence, url_of(paint(drawing)), color_by, lines).to_bundle("filtered_view.html.j2")

    return FilteredView(rows, sentence, draw)


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
