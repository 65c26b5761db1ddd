"""What is asked and answered when documents are tagged or pinned, topics renamed, views saved, edits undone."""

from typing import Any, NotRequired, TypedDict

from nomic_explore.view.requests.protocol.documents import DocumentLine


class TagRequest(TypedDict):
    """The points to tag; None stands for the selection."""

    name: str
    points: NotRequired[list[int] | None]
    color: NotRequired[str | None]


class UntagRequest(TypedDict):
    """The points that lose a tag; None stands for the selection."""

    name: str
    points: NotRequired[list[int] | None]


class EditTagRequest(TypedDict):
    """A new name or color for a tag, or its deletion."""

    name: str
    new: NotRequired[str | None]
    color: NotRequired[str | None]
    delete: NotRequired[bool]


class RenameTopicRequest(TypedDict):
    """A topic's new name; an empty one restores the computed name."""

    layer: int
    topic: int
    name: str


class PinRequest(TypedDict):
    """A document to pin, or with on=False to unpin."""

    point: int
    on: NotRequired[bool]


class SaveViewRequest(TypedDict):
    """A view of the map, as its JavaScript describes it, and a name for it."""

    name: str
    view: dict[str, Any]


class NameRequest(TypedDict):
    """The name of a saved view."""

    name: str


class TagSummary(TypedDict):
    """A tag and how many documents bear it."""

    name: str
    color: str
    size: int


class SavedView(TypedDict):
    """A saved view."""

    name: str
    view: dict[str, Any]


class Annotations(TypedDict):
    """What people added to the documents; a trait of the map, and answered by no question."""

    tags: list[TagSummary]
    pinned: list[DocumentLine]
    views: list[SavedView]
