"""`MapContext`: one exploration as one map shows it; what every request needs."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from nomic_explore.view.data.map_data import MapData
from nomic_explore.view.data.summaries import summarize_text, topic_name
from nomic_explore.view.requests.protocol.documents import DocumentLine

if TYPE_CHECKING:
    from nomic_explore.session import Session


class MapContext:
    """An exploration, the points of its map, and what is selected on it.

    Args:
        exploration: what is shown.
        data: its points.

    Attributes:
        selected: (k,) int64, the selected rows, ascending.
    """

    def __init__(self, exploration: "Session", data: MapData) -> None:
        self.exploration, self.data = exploration, data
        self._version = exploration.version
        self.selected = np.zeros(0, dtype=np.int64)

    @property
    def is_outdated(self) -> bool:
        """Whether the exploration has taken a newer state since, whose rows are others."""
        return self.exploration.version != self._version

    @property
    def point_of(self) -> np.ndarray:
        """(n,) int64: the point of each row; -1 for a row without a place."""
        return self.data.point_of

    def row(self, point: int) -> int:
        """Returns the row of a point.

        Raises:
            IndexError: there is no such point.
        """
        if not isinstance(point, int) or not 0 <= point < len(self.data.rows):
            raise IndexError(f"point {point!r}; expected 0 to {len(self.data.rows) - 1}.")
        return int(self.data.rows[point])

    def rows(self, points: Sequence[int] | None) -> np.ndarray:
        """Returns the rows (k,) int64 of some points, or those selected if `points` is None."""
        return self.selected if points is None else np.array([self.row(point) for point in points], dtype=np.int64)

    def check_row(self, row: int) -> int:
        """Returns the row.

        Raises:
            IndexError: there is no such row.
        """
        if not isinstance(row, int) or not 0 <= row < len(self.exploration):
            raise IndexError(f"row {row!r}; expected 0 to {len(self.exploration) - 1}.")
        return row

    def points(self, rows: "np.ndarray | Sequence[int]") -> np.ndarray:
        """Returns the points (k,) int64 of rows; rows without a place are left out."""
        points = self.point_of[np.asarray(rows, dtype=np.int64)]
        return points[points >= 0]

    def line(self, row: int) -> DocumentLine:
        """Returns a document in one line, as every list shows it."""
        return {
            "point": int(self.point_of[row]),
            "row": row,
            "text": summarize_text(self.exploration.corpus.texts[row] or ""),
            "topic": topic_name(self.exploration.topics.current, row),
        }
