"""What is asked and answered about the selected documents as a whole."""

from typing import TypedDict

from nomic_explore.view.requests.protocol.documents import DocumentLine


class SelectionTopic(TypedDict):
    """A topic that holds some of the selection: how many, their share of the selection, and how many times that of all."""

    layer: int
    topic: int
    name: str
    count: int
    share: float
    lift: float


class SelectionWord(TypedDict):
    """A word or phrase, the share of the selected documents that hold it and that of the others."""

    word: str
    share: float
    other: float


class SelectionValue(TypedDict):
    """A value of a column, the share of the selected documents that have it and that of all."""

    column: str
    value: str
    share: float
    overall: float
    lift: float


class SelectionResponse(TypedDict):
    """What the selected documents have in common.

    Topics are those of one layer, the largest first, `elsewhere` counts the documents outside of these; `typical` are the
    documents nearest to the middle of the selection; `suggested` is a name for it, "" where no word stands out.
    """

    size: int
    share: float
    topics: list[SelectionTopic]
    elsewhere: int
    words: list[SelectionWord]
    values: list[SelectionValue]
    typical: list[DocumentLine]
    suggested: str
