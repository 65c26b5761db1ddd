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
    """A document that was found, and by what; its text is cut around the words that were searched for.

    The score is what hits are sorted by, None for a search by conditions alone.
    """

    by: str
    score: float | None


class HitsResponse(TypedDict):
    """Hits, best first.

    `scored` says what their score is: "match" (meaning and words, 0 to 1), "similarity", "words" (BM25), "near" (by the
    neighbors that a page holds, 0 to 1), or "" for none.
    `total` counts all documents that match where that is known, else the hits. `words` are those of the query without
    conditions. `nWithAll` counts the documents that hold all of them, None where that was not asked.
    """

    hits: list[Hit]
    scored: str
    total: int
    words: list[str]
    nWithAll: int | None


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
