"""Requests about the table of documents: a page of it, and all of it as a file."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from nomic_explore.checks import check_choice
from nomic_explore.view.data.table_columns import TableColumns
from nomic_explore.view.requests.context import MapContext
from nomic_explore.view.requests.documents import file_name
from nomic_explore.view.requests.protocol.documents import ExportResponse
from nomic_explore.view.requests.protocol.table import (
    DocumentList,
    ExportTableRequest,
    TableRequest,
    TableResponse,
)

PAGE_SIZE = 100
LISTS = ("selected", "highlighted", "view", "filtered")
FORMATS = ("csv", "parquet")


class TableRequests:
    """Answers about the table.

    Args:
        context: the exploration and its map.
    """

    def __init__(self, context: MapContext) -> None:
        self._context = context
        self._columns = TableColumns(context.exploration, context.columns)

    def page(self, request: TableRequest) -> TableResponse:
        """Returns the documents of one page."""
        rows = self._listed(request)
        shown = rows[request["start"] : request["start"] + PAGE_SIZE]
        cells = [self._columns.cells(key, shown) for key in request["columns"]]
        return {
            "total": len(rows),
            "columns": self._columns.listed,
            "lines": [
                {"point": int(self._context.point_of[row]), "row": row, "cells": [column[at] for column in cells]}
                for at, row in enumerate(shown.tolist())
            ],
        }

    def export(self, request: ExportTableRequest) -> ExportResponse:
        """Returns all documents that are listed, with all columns, as a file.

        Raises:
            ValueError: there is no such format.
        """
        check_choice(request["format"], "format", FORMATS)
        rows, exploration = self._listed(request), self._context.exploration
        name = f"{file_name(exploration.name)}-{len(rows)}.{request['format']}"
        with TemporaryDirectory() as folder:
            return {"name": name, "file": exploration.save_table(Path(folder) / name, rows).read_bytes()}

    def _listed(self, request: DocumentList) -> np.ndarray:
        """Returns the rows (k,) that are listed, in order."""
        rows = self._context.listed(check_choice(request["of"], "of", LISTS), request.get("box"))
        if not request["sort"]:
            return rows
        return self._columns.sort(rows, request["sort"], is_descending=request["isDescending"])
