"""Requests about single documents: the hover card, the reader, the table, what leaves as a file."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from nomic_explore.build.subset import make_subset
from nomic_explore.progress import SilentProgress
from nomic_explore.view.data.duplicate_roles import round_share
from nomic_explore.view.data.summaries import LINE_LENGTH, cell_text, number_text, read_cell, shorten, topic_name
from nomic_explore.view.requests.context import MapContext
from nomic_explore.view.requests.duplicates import DuplicateRequests
from nomic_explore.view.requests.protocol.documents import (
    DescribeResponse,
    DocumentDuplicates,
    ExportRequest,
    ExportResponse,
    Field,
    NeighborLine,
    NoteResponse,
    PathStep,
    PointRequest,
    PointsRequest,
    ReadResponse,
    RowsResponse,
    SubsetRequest,
)

HOVER_LENGTH = 420
MAX_READ = 200_000  # characters of one text in the reader
_MAX_CELL = 20_000  # and of one cell


class DocumentRequests:
    """Answers about documents.

    Args:
        context: the exploration and its map.
        duplicates: who knows the members of a duplicate group.
        hover: columns shown on the hover card.
    """

    def __init__(self, context: MapContext, duplicates: DuplicateRequests, hover: Sequence[str] = ()) -> None:
        self._context, self._duplicates, self._hover = context, duplicates, tuple(hover)

    def describe(self, request: PointRequest) -> DescribeResponse:
        """Returns the hover card of a point."""
        row = self._context.row(request["point"])
        corpus = self._context.exploration.corpus
        fields = [[name, shorten(cell_text(corpus.table[name][row]), LINE_LENGTH)] for name in self._hover]
        title, text = self._context.columns.split(row)
        return {
            "title": shorten(title, LINE_LENGTH),
            "topic": topic_name(self._context.exploration.topics.current, row),
            "fields": fields,
            "text": shorten(text, HOVER_LENGTH),
        }

    def read(self, request: PointRequest) -> ReadResponse:
        """Returns a whole document: text, columns, topics, duplicates, tags and nearest neighbors."""
        row, exploration = self._context.row(request["point"]), self._context.exploration
        title, text = self._context.columns.split(row)
        tags = exploration.tags
        return {
            "point": request["point"],
            "row": row,
            "id": exploration.corpus.ids[row],
            "title": title,
            "text": shorten(text, MAX_READ),
            "fields": self._fields(row),
            "details": self._details(row),
            "path": self._path(row),
            "neighbors": self._neighbors(row),
            "copies": self._duplicates_of(row),
            "tags": [name for name in tags if row in exploration.tags[name]],
            "isPinned": bool(row in exploration.pins),
        }

    def rows(self, request: PointsRequest) -> RowsResponse:
        """Returns a line for each point: what the table under the map shows."""
        return {"rows": [self._context.line(self._context.row(point)) for point in request["points"]]}

    def export(self, request: ExportRequest) -> ExportResponse:
        """Returns the selected rows as a CSV or Parquet file."""
        exploration, selected = self._context.exploration, self._context.selected
        name = f"{file_name(exploration.name)}-{len(selected)}.{request['format']}"
        with TemporaryDirectory() as folder:
            path = exploration.save_table(Path(folder) / name, selected)
            return {"name": name, "file": path.read_bytes()}

    def subset(self, request: SubsetRequest) -> NoteResponse:
        """Makes a new exploration of the selected rows, and says how to open it."""
        rows = self._context.selected
        made = make_subset(self._context.exploration, rows, request["folder"], progress=SilentProgress)
        return {"note": f"{len(rows):,} documents: open_exploration({str(made)!r})"}

    def _fields(self, row: int) -> list[Field]:
        """Returns what the columns of the input say besides title and text."""
        table = self._context.exploration.corpus.table
        title, text = self._context.columns.split(row)
        fields: list[Field] = []
        for name in self._context.columns.beside:
            kind, values = read_cell(table[name][row])
            if values and values not in ([text], [title], [self._context.exploration.corpus.texts[row]]):
                fields.append({"name": name, "kind": kind, "values": [shorten(value, _MAX_CELL) for value in values]})
        return fields

    def _details(self, row: int) -> list[Field]:
        """Returns what was found out about a row: figures for people who ask."""
        exploration = self._context.exploration
        topics, text = exploration.topics.current, exploration.corpus.texts[row] or ""
        near = exploration.neighbors(row, n=10)["similarity"]
        found = {
            "characters": f"{len(text):,}",
            "topic_assignment": str(topics.assignment[row]),
            "topic_strength": number_text(round(float(topics.strength[row]), 3)),
            "similarity to neighbors": number_text(round(float(near.mean()), 3)) if len(near) else "",
        }
        return [{"name": name, "kind": "text", "values": [value]} for name, value in found.items() if value]

    def _path(self, row: int) -> list[PathStep]:
        topics = self._context.exploration.topics.current
        return [
            {"layer": at, "topic": int(layer[row]), "name": names[layer[row]]}
            for at, (layer, names) in enumerate(zip(topics.layers, topics.names, strict=True))
            if layer[row] >= 0
        ]

    def _neighbors(self, row: int) -> list[NeighborLine]:
        near = self._context.exploration.neighbors(row, n=10)
        return [
            {**self._context.line(int(other)), "similarity": round(float(similarity), 4)}
            for other, similarity in zip(near["row"], near["similarity"], strict=True)
        ]

    def _duplicates_of(self, row: int) -> DocumentDuplicates | None:
        duplicates = self._context.exploration.duplicates.current
        if duplicates.roles[row] == "unique":
            return None
        group = int(duplicates.groups[row])
        members = self._duplicates.members(group) if group >= 0 else []
        return {
            "role": str(duplicates.roles[row]),
            "kind": str(duplicates.kinds[row]),
            "group": group,
            "similarity": round_share(duplicates.similarities[row]),
            "documents": [member for member in members if member["row"] != row],
        }


def file_name(name: str) -> str:
    """Returns a name as it can stand in the name of a file."""
    return "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in name).strip("-.") or "documents"
