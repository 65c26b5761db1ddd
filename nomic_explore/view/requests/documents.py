"""What the map asks and an exploration answers: hover cards, documents, searches, members of groups, edits.

Questions of the topic panel stand in `topic_answers.py`, of the Copies pane in `duplicate_answers.py`. Each method is one question; its name and arguments are those that the JavaScript sends, its result is what JSON can
hold, with `bytes` for bulk. Points are places in the map's arrays, rows are rows of the input.
"""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from nomic_explore.view.data.duplicate_roles import round_share
from nomic_explore.view.data.map_data import MapData
from nomic_explore.view.data.summaries import LINE_LENGTH, shorten
from nomic_explore.view.requests.duplicates import DuplicateAnswers
from nomic_explore.view.requests.topics import TopicAnswers

if TYPE_CHECKING:
    from nomic_explore.exploration import Exploration

HOVER_LENGTH = 420
MAX_READ = 200_000  # characters of one text in the reader
_MAX_CELL = 300
_N_HITS = 200


class Answers(TopicAnswers, DuplicateAnswers):
    """Answers for the map of one exploration.

    Args:
        exploration: what is asked about.
        data: the points of its map.
        hover: columns shown on the hover card.
    """

    def __init__(self, exploration: "Exploration", data: MapData, hover: Sequence[str] = ()) -> None:
        self.exploration, self.data, self.hover = exploration, data, tuple(hover)
        self.selected = np.zeros(0, dtype=np.int64)
        self._point_of = np.full(len(exploration), -1, dtype=np.int64)
        self._point_of[data.rows] = np.arange(len(data.rows))

    def describe(self, point: int) -> dict[str, Any]:
        """The hover card of a point: title, the chosen fields, the beginning of the text."""
        row = self._row(point)
        table = self.exploration.corpus.table
        fields = [[name, shorten(str(table[name][row].as_py()), LINE_LENGTH)] for name in self.hover]
        text = shorten(self.exploration.corpus.texts[row] or "", HOVER_LENGTH)
        return {"title": self._topic_name(row), "fields": fields, "text": text}

    def read(self, point: int) -> dict[str, Any]:
        """A document whole: text, columns, topic path, copies, tags and nearest neighbours."""
        row = self._row(point)
        exploration, topics = self.exploration, self.exploration.topics
        text = exploration.corpus.texts[row] or ""
        table = exploration.corpus.table
        cells = [(name, table[name][row].as_py()) for name in table.column_names]
        near = exploration.neighbors(row, n=10)
        tags = exploration.tags["tag"]
        return {
            "point": point,
            "row": row,
            "id": exploration.corpus.ids[row],
            "text": text[:MAX_READ] + (" …" if len(text) > MAX_READ else ""),
            "fields": [
                [name, shorten(str(value), _MAX_CELL)]
                for name, value in cells
                if value is not None and str(value) != text
            ],
            "path": [
                {"layer": at, "topic": int(layer[row]), "name": names[layer[row]]}
                for at, (layer, names) in enumerate(zip(topics.layers, topics.names, strict=True))
                if layer[row] >= 0
            ],
            "neighbors": [
                {**self._line(int(other)), "similarity": round(float(similarity), 4)}
                for other, similarity in zip(near["row"], near["similarity"], strict=True)
            ],
            "copies": self._copies(row),
            "tags": [name for name in tags if row in exploration.tagged(name)],
            "isPinned": bool(row in exploration.pinned),
        }

    def search(self, query: str, by: str = "both", minus: Sequence[int] = ()) -> dict[str, Any]:
        """Documents that fit a query, best first, less like the points in `minus`."""
        found = self.exploration.search(query, n=_N_HITS, by=by, minus=[self._row(point) for point in minus])
        return self._hits(found)

    def like(self, points: Sequence[int] | None = None, minus: Sequence[int] = ()) -> dict[str, Any]:
        """Documents like these points, or like the selection if none are given."""
        rows = self.selected if points is None else [self._row(point) for point in points]
        return self._hits(self.exploration.like(rows, minus=[self._row(point) for point in minus], n=_N_HITS))

    def members(self, kind: str, **which: Any) -> dict[str, Any]:
        """The points of a group: of a topic (layer, topic), a tag (name), a duplicate group (group), or what is pinned."""
        exploration = self.exploration
        if kind == "topic":
            rows = np.flatnonzero(exploration.topics.layers[which["layer"]] == which["topic"])
        elif kind == "tag":
            rows = exploration.tagged(which["name"])
        elif kind == "duplicates":
            rows = np.flatnonzero(exploration.duplicates.groups == which["group"])
        elif kind == "query":
            rows = exploration.rows_matching(which["query"])
        else:
            raise ValueError(f"kind={kind!r}; expected topic, tag, duplicates or query.")
        return {"points": self.points_of(rows).astype(np.uint32).tobytes(), "rows": len(rows)}

    def columns(self) -> dict[str, Any]:
        """What the points can be coloured, sized and filtered by."""
        return {"columns": [channel.summary(self.data.rows) for channel in self.data.channels.values()]}

    def rows(self, points: Sequence[int]) -> dict[str, Any]:
        """One line for each point: what the table under the map shows."""
        return {"rows": [self._line(self._row(point)) for point in points]}

    def export(self, format: str) -> dict[str, Any]:
        """The selected rows of `frame()` as the bytes of a CSV or Parquet file."""
        name = f"{_file_name(self.exploration.name)}-{len(self.selected)}.{format}"
        with TemporaryDirectory() as folder:
            path = self.exploration.save_table(Path(folder) / name, self.selected)
            return {"name": name, "file": path.read_bytes()}

    def subset(self, folder: str) -> dict[str, Any]:
        """A new exploration of the selected rows; says how to open it."""
        made = self.exploration.subset(self.selected, folder, show_progress=False)
        return {"note": f"{len(made):,} documents: open_exploration({str(made.folder)!r})"}

    # --- edits: each changes the exploration, which tells the map ---

    def tag(self, name: str, points: Sequence[int] | None = None, color: str | None = None) -> dict[str, Any]:
        """Tags the selection, or some points."""
        self.exploration.tag(self._chosen(points), name, color=color)
        return {}

    def untag(self, name: str, points: Sequence[int] | None = None) -> dict[str, Any]:
        """Takes a tag from the selection, or from some points."""
        self.exploration.untag(self._chosen(points), name)
        return {}

    def edit_tag(
        self, name: str, new: str | None = None, color: str | None = None, delete: bool = False
    ) -> dict[str, Any]:
        """Renames, colours or deletes a tag."""
        if new is not None and new != name:
            self.exploration.rename_tag(name, new)
        if color is not None:
            self.exploration.color_tag(new or name, color)
        if delete:
            self.exploration.delete_tag(name)
        return {}

    def rename_topic(self, layer: int, topic: int, name: str) -> dict[str, Any]:
        """Calls a topic something else; an empty name restores the computed one."""
        self.exploration.rename_topic(layer, topic, name)
        return {}

    def pin(self, point: int, on: bool = True) -> dict[str, Any]:
        """Pins a document, or lets it go."""
        act = self.exploration.pin if on else self.exploration.unpin
        act([self._row(point)])
        return {}

    def save_view(self, name: str, view: dict[str, Any]) -> dict[str, Any]:
        """Keeps a view under a name."""
        self.exploration.save_view(name, view)
        return {}

    def delete_view(self, name: str) -> dict[str, Any]:
        """Forgets a view."""
        self.exploration.delete_view(name)
        return {}

    def undo(self) -> dict[str, Any]:
        """Takes back the last edit."""
        return {"note": self.exploration.undo() or "nothing to undo"}

    def redo(self) -> dict[str, Any]:
        """Makes the last edit that was taken back again."""
        return {"note": self.exploration.redo() or "nothing to redo"}

    def refresh(self) -> dict[str, Any]:
        """Reads what other notebooks have edited."""
        return {"note": "read again" if self.exploration.refresh() else "nothing new"}

    def points_of(self, rows: Any) -> np.ndarray:
        """Returns the points (k,) int64 of rows; rows without a place are left out."""
        points = self._point_of[np.asarray(rows, dtype=np.int64)]
        return points[points >= 0]

    def annotations(self) -> dict[str, Any]:
        """What was edited, as the map's trait holds it."""
        exploration = self.exploration
        tags = exploration.tags
        return {
            "tags": [
                {"name": name, "color": color, "size": int(size)}
                for name, color, size in zip(tags["tag"], tags["color"], tags["documents"], strict=True)
            ],
            "pinned": [self._line(int(row)) for row in exploration.pinned if self._point_of[row] >= 0],
            "views": [{"name": name, "view": view} for name, view in exploration.views.items()],
        }

    def _row(self, point: int) -> int:
        if not isinstance(point, int) or not 0 <= point < len(self.data.rows):
            raise IndexError(f"point {point!r}; expected 0 to {len(self.data.rows) - 1}.")
        return int(self.data.rows[point])

    def _chosen(self, points: Sequence[int] | None) -> Any:
        return self.selected if points is None else [self._row(point) for point in points]

    def _hits(self, found: Any) -> dict[str, Any]:
        hits = []
        for row, way, similarity in zip(found["row"], found["by"], found["similarity"], strict=True):
            if self._point_of[row] >= 0:
                hits.append({**self._line(int(row)), "by": str(way), "similarity": round_share(similarity)})
        return {"hits": hits}

    def _copies(self, row: int) -> dict[str, Any] | None:
        duplicates = self.exploration.duplicates
        if duplicates.roles[row] == "unique":
            return None
        group = int(duplicates.groups[row])
        others = [line for line in self.group(group)["documents"] if line["row"] != row] if group >= 0 else []
        facts = {"role": str(duplicates.roles[row]), "kind": str(duplicates.kinds[row]), "group": group}
        return {**facts, "similarity": round_share(duplicates.similarities[row]), "documents": others}


def _file_name(name: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in name).strip("-.") or "documents"
