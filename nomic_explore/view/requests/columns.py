"""Requests about columns: what their filters offer, and how many documents pass those of the other columns."""

import numpy as np

from nomic_explore.view.data.column_summaries import count_values, summarize_columns
from nomic_explore.view.data.filters import filter_mask, find_channel
from nomic_explore.view.requests.context import MapContext
from nomic_explore.view.requests.protocol.column_filters import (
    ColumnsRequest,
    ColumnsResponse,
    FilterCountsRequest,
    FilterCountsResponse,
)


class ColumnRequests:
    """Answers about columns.

    Args:
        context: the exploration and its map.
    """

    def __init__(self, context: MapContext) -> None:
        self._context = context

    def columns(self, request: ColumnsRequest) -> ColumnsResponse:
        """Returns what points can be filtered by."""
        data = self._context.data
        return {"columns": summarize_columns(self._context.exploration, data.channels, data.rows, request.get("names"))}

    def filter_counts(self, request: FilterCountsRequest) -> FilterCountsResponse:
        """Returns how many documents each value and each bar of some columns holds of those that pass the other filters."""
        channels, rows = self._context.data.channels, self._shown_rows()
        fits = {
            wanted["column"]: mask[rows]
            for wanted in request["filters"]
            if (mask := filter_mask(channels, [wanted])) is not None
        }
        counts = []
        for name in request["columns"]:
            others = [mask for column, mask in fits.items() if column != name]
            passing = rows[np.logical_and.reduce(others)] if others else rows
            counts.append(count_values(find_channel(channels, name), passing))
        return {"counts": np.concatenate([*counts, np.zeros(0)]).astype("<u4").tobytes()}

    def _shown_rows(self) -> np.ndarray:
        """Returns the rows (k,) that are counted: those selected, or all that have a place."""
        selected = self._context.selected
        return selected if len(selected) else self._context.data.rows
