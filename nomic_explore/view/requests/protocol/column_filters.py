"""What is asked and answered about the columns that filter the map."""

from typing import NotRequired, TypedDict

from nomic_explore.view.data.column_summaries import ColumnSummary
from nomic_explore.view.data.filters import ColumnFilter


class ColumnsRequest(TypedDict):
    """The columns that are asked about; all without names."""

    names: NotRequired[list[str]]


class ColumnsResponse(TypedDict):
    """What the filter of each column offers."""

    columns: list[ColumnSummary]


class FilterCountsRequest(TypedDict):
    """Filters as they stand or as they are being dragged, and the columns whose charts are in sight."""

    filters: list[ColumnFilter]
    columns: list[str]


class FilterCountsResponse(TypedDict):
    """For each column, one after the other, uint32: how many documents have no value, each value, and each bar.

    Only documents are counted that are selected, if any are, and that pass the filters of all other columns. Values and
    bars are those of the column's summary.
    """

    counts: bytes
