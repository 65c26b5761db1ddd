"""What is asked and answered about the table of documents."""

from typing import NotRequired, TypedDict


class DocumentList(TypedDict):
    """Which documents are listed, and in which order.

    `of` is "selected", "highlighted", "view" or "filtered": what passes the filters, inside `box` (left, bottom, right, top)
    or anywhere. `sort` is the key of a column, "" for the order of the rows, or of the highlighted documents, the best first.
    """

    of: str
    sort: str
    isDescending: bool
    box: NotRequired[list[float]]


class TableRequest(DocumentList):
    """A page of the table, from document `start` on; `columns` are keys."""

    columns: list[str]
    start: int


class TableColumn(TypedDict):
    """A column that can be shown: "text", "number", "date" or "list"; `isDetail` if it says what was found out."""

    key: str
    name: str
    kind: str
    isDetail: bool


class TableLine(TypedDict):
    """A document; what it says in each of the columns that were asked for."""

    point: int
    row: int
    cells: list[str]


class TableResponse(TypedDict):
    """A page of the table, how many documents there are in all, and all columns there are."""

    total: int
    columns: list[TableColumn]
    lines: list[TableLine]


class ExportTableRequest(DocumentList):
    """The format is "csv" or "parquet"."""

    format: str
