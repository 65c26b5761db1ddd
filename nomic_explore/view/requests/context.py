"""`MapContext`: one exploration as one map shows it; what every request needs."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from nomic_explore.build.options import BuildOptions
from nomic_explore.view.data.document_columns import DocumentColumns
from nomic_explore.view.data.map_data import MapData
from nomic_explore.view.data.summaries import LINE_LENGTH, shorten, summarize_text, topic_name
from nomic_explore.view.requests.protocol.documents import DocumentLine

if TYPE_CHECKING:
    from nomic_explore.session import Session


class MapContext:
    """An exploration, the points of its map, and what is selected on it.

    Args:
        exploration: what is shown.
        data: its points.
        title: the column with the titles; None takes that of the build.

    Attributes:
        columns: which of its columns holds the titles, and which stand beside the text.
        selected: (k,) int64, the selected rows, ascending.
        highlighted: (k,) points that are highlighted, in their order.
        passing: (n,) bool, the rows that pass the filters; None is all.
    """

    def __init__(self, exploration: "Session", data: MapData, title: str | None = None) -> None:
        self.exploration, self.data = exploration, data
        stored = BuildOptions.from_manifest(exploration.manifest).title
        self.columns = DocumentColumns(exploration.corpus, stored if title is None else title)
        self._version = exploration.version
        self.selected = np.zeros(0, dtype=np.int64)
        self.highlighted = np.zeros(0, dtype=np.uint32)
        self.passing: np.ndarray | None = None

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

    def listed(self, of: str, box: Sequence[float] | None = None) -> np.ndarray:
        """Returns the rows (k,) that are "selected", "highlighted", or pass the filters, inside a box if there is one.

        Args:
            of: which of them; all but those highlighted are ascending.
            box: left, bottom, right, top on the map.
        """
        if of == "selected":
            return self.selected
        if of == "highlighted":
            return self.data.rows[self.highlighted]
        is_listed = np.ones(len(self.data.rows), bool) if self.passing is None else self.passing[self.data.rows]
        if box is not None:
            left, bottom, right, top = box
            x, y = self.data.positions.T.astype(np.float64)
            is_listed &= (x >= left) & (x <= right) & (y >= bottom) & (y <= top)
        return np.sort(self.data.rows[is_listed])

    def line(self, row: int) -> DocumentLine:
        """Returns a document in one line, as every list shows it."""
        title, text = self.columns.split(row)
        return {
            "point": int(self.point_of[row]),
            "row": row,
            "title": shorten(title, LINE_LENGTH),
            "text": summarize_text(text),
            "topic": topic_name(self.exploration.topics.current, row),
        }
