"""What is asked and answered when documents are looked for."""

from typing import NotRequired, TypedDict

from nomic_explore.view.requests.protocol.documents import DocumentLine


class SearchRequest(TypedDict):
    """A query; `by` is "both", "meaning" or "words", `minus` are points whose likes stand further down."""

    query: str
    by: NotRequired[str]
    minus: NotRequired[list[int]]


class MoreLikeRequest(TypedDict):
    """Example points; None stands for the selection."""

    points: NotRequired[list[int] | None]
    minus: NotRequired[list[int]]


class Hit(DocumentLine):
    """A document that was found, and by what."""

    by: str
    similarity: float | None


class HitsResponse(TypedDict):
    """Hits, best first, and how many documents match if the response does not list them all."""

    hits: list[Hit]
    total: NotRequired[int]


class MembersRequest(TypedDict):
    """A group: kind "topic" (layer, topic), "tag" (name), "duplicates" (group) or "query" (query)."""

    kind: str
    layer: NotRequired[int]
    topic: NotRequired[int]
    name: NotRequired[str]
    group: NotRequired[int]
    query: NotRequired[str]


class MembersResponse(TypedDict):
    """Points as uint32, and how many rows the group has, those without a place too."""

    points: bytes
    rows: int
