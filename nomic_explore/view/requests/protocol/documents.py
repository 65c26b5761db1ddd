"""What is asked and answered about single documents, and the types that all subjects share."""

from typing import TypedDict


class EmptyRequest(TypedDict):
    """A question that needs nothing."""


class EmptyResponse(TypedDict):
    """The edit is made; the traits of the map show it."""


class NoteResponse(TypedDict):
    """A sentence for the status line."""

    note: str


class DocumentLine(TypedDict):
    """A document in one line; the point is -1 where it has no place on the map, the title "" where it has none."""

    point: int
    row: int
    title: str
    text: str
    topic: str


class PointRequest(TypedDict):
    """One document."""

    point: int


class PointsRequest(TypedDict):
    """Some documents."""

    points: list[int]


class DescribeResponse(TypedDict):
    """The hover card: title and topic, "" without; [name, value] of the chosen columns; the beginning of the text."""

    title: str
    topic: str
    fields: list[list[str]]
    text: str


class PathStep(TypedDict):
    """A topic that holds a document."""

    layer: int
    topic: int
    name: str


class NeighborLine(DocumentLine):
    """A near document."""

    similarity: float


class GroupMember(DocumentLine):
    """A document of a duplicate group: its match, and the flags of the pair in words."""

    role: str
    kind: str
    similarity: float | None
    partner: int
    partnerPoint: int
    flags: list[str]


class DocumentDuplicates(TypedDict):
    """The other documents of a document's duplicate group; the group is -1 outside all groups."""

    role: str
    kind: str
    group: int
    similarity: float | None
    documents: list[GroupMember]


class Field(TypedDict):
    """What a column says of a document: one value, or those of a "list"; other kinds are "text", "number", "date"."""

    name: str
    kind: str
    values: list[str]


class ReadResponse(TypedDict):
    """A whole document; `path` runs from the coarsest topic to the finest.

    The text does not repeat the title. `fields` are of the columns of the input, `details` are what was found here.
    """

    point: int
    row: int
    id: str
    title: str
    text: str
    fields: list[Field]
    details: list[Field]
    path: list[PathStep]
    neighbors: list[NeighborLine]
    copies: DocumentDuplicates | None
    tags: list[str]
    isPinned: bool


class RowsResponse(TypedDict):
    """Lines of the table below the map."""

    rows: list[DocumentLine]


class ExportRequest(TypedDict):
    """The format is "csv" or "parquet"."""

    format: str


class ExportResponse(TypedDict):
    """A file and what it is called."""

    name: str
    file: bytes


class SubsetRequest(TypedDict):
    """Where the new exploration shall lie."""

    folder: str
