"""`AtlasMap`: the map as a widget. Traits and packing, nothing else; its JavaScript lies in `js/`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import traitlets

from nomic_explore.view.map_data import MapData

STATIC = Path(__file__).parent / "static"


class AtlasMap(anywidget.AnyWidget):
    """A map of documents.

    `selected`, `hits` and `focus` speak of points (`data.rows` gives their rows); `rows_of` and `points_of` translate.

    Args:
        data: what to draw.
        describe: gives (title, text) of a row for the hover card; asked for one row at a time.
        height: pixels.
    """

    _esm = STATIC / "atlas_map.js"
    _css = STATIC / "atlas_map.css"
    positions = traitlets.Bytes().tag(sync=True)
    colors = traitlets.Bytes().tag(sync=True)
    palettes = traitlets.Dict().tag(sync=True)
    labels: traitlets.List[Any] = traitlets.List().tag(sync=True)
    height = traitlets.Int(640).tag(sync=True)
    # A browser's bytes arrive as a memoryview, which the trait would refuse.
    selected = traitlets.Bytes().tag(sync=True, from_json=lambda value, _: bytes(value))
    hits = traitlets.Bytes().tag(sync=True)
    focus = traitlets.Int(-1).tag(sync=True)

    def __init__(self, data: MapData, describe: Callable[[int], tuple[str, str]], *, height: int = 640) -> None:
        self.data = data
        self._describe = describe
        self._on_pick: list[Callable[[int], None]] = []
        self._point_of = np.full(int(data.rows.max(initial=-1)) + 1, -1, dtype=np.int64)
        self._point_of[data.rows] = np.arange(len(data.rows))
        super().__init__(
            positions=data.positions.tobytes(),
            colors=data.colors.tobytes(),
            palettes=data.palettes,
            labels=data.labels,
            height=height,
        )
        self.on_msg(self._answer)

    def rows_of(self, points: bytes) -> np.ndarray:
        """Returns the row numbers of a binary trait, ascending."""
        return np.sort(self.data.rows[np.frombuffer(points, dtype=np.uint32)])

    def points_of(self, rows: Any) -> bytes:
        """Returns rows as a binary trait; rows without a place are left out."""
        wanted = np.asarray(rows, dtype=np.int64)
        points = self._point_of[wanted[(wanted >= 0) & (wanted < len(self._point_of))]]
        return points[points >= 0].astype(np.uint32).tobytes()

    def light(self, rows: Any) -> None:
        """Lights rows and greys the others; none lights all."""
        self.hits = self.points_of(rows)

    def focus_on(self, row: int) -> None:
        """Brings a row into the middle and rings it."""
        self.focus = -1
        self.focus = int(self._point_of[row]) if row < len(self._point_of) else -1

    def on_pick(self, act: Callable[[int], None]) -> None:
        """Calls `act` with the row number of each document that is clicked."""
        self._on_pick.append(act)

    def _answer(self, _: Any, message: dict[str, Any], __: Any) -> None:
        point = message.get("point")
        if not isinstance(point, int) or not 0 <= point < len(self.data.rows):
            return
        row = int(self.data.rows[point])
        if message.get("type") == "describe":
            title, text = self._describe(row)
            self.send({"type": "described", "point": point, "title": title, "text": text})
        elif message.get("type") == "pick":
            for act in self._on_pick:
                act(row)
