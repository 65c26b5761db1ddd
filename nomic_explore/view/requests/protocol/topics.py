"""What is asked and answered in the topic pane."""

from typing import Any, NotRequired, TypedDict

from nomic_explore.view.requests.protocol.documents import DocumentLine, PathStep


class TopicRequest(TypedDict):
    """One topic."""

    layer: int
    topic: int


class TopicSharesResponse(TypedDict):
    """How many points were assigned to their topic as core, as soft, and to none."""

    core: int
    soft: int
    none: int


class TimeCounts(TypedDict):
    """How many documents of a topic (`counts`) and of all (`totals`) each span of time holds."""

    column: str
    unit: str
    names: list[str]
    counts: list[int]
    totals: list[int]


class TopicCardResponse(TypedDict):
    """What a topic is about: its `TopicProfile`, its place in the tree, its time, and whether it is locked."""

    layer: int
    topic: int
    name: str
    size: int
    share: float
    keywords: list[str]
    weights: list[float]
    exemplars: list[DocumentLine]
    rows: list[int]
    parent: PathStep | None
    siblings: list[str]
    contrast: list[list[Any]]
    neighbors: list[dict[str, Any]]
    lift: list[dict[str, Any]]
    dates: dict[str, list[str]]
    core: float
    soft: float
    confidence: float | None
    description: str
    time: TimeCounts | None
    locked: bool


class CompareTopicsRequest(TypedDict):
    """Two topics, each [layer, topic]."""

    a: list[int]
    b: list[int]


class ValueLift(TypedDict):
    """A value of a column, its share in one topic and its share in the other."""

    column: str
    value: str | int | bool
    share: float
    other: float


class TopicSide(TypedDict):
    """One of two topics: the keywords that only it has, the values more frequent in it."""

    layer: int
    topic: int
    name: str
    size: int
    core: float
    only: list[str]
    lift: list[ValueLift]


class CompareTopicsResponse(TypedDict):
    """Two topics side by side; `similarity` is the cosine of their mean vectors, `common` counts shared documents."""

    sides: list[TopicSide]
    shared: list[str]
    similarity: float | None
    common: int


class MergeTopicsRequest(TypedDict):
    """Topics of one layer that become one."""

    layer: int
    topics: list[int]
    name: NotRequired[str | None]


class SplitTopicRequest(TypedDict):
    """A topic to split where the tree splits it, or, by="selection", into the selected documents and the others."""

    layer: int
    topic: int
    into: NotRequired[int]
    by: NotRequired[str]
