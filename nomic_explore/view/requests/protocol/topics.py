"""What is asked and answered in the topic pane."""

from typing import NotRequired, TypedDict

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


class TopicLift(TypedDict):
    """A value of a column that is more frequent in a topic than among all documents; `lift` is share / overall."""

    column: str
    value: str | int | bool
    share: float
    overall: float
    lift: float


class TopicNeighbor(TypedDict):
    """A topic of the same layer; `similarity` is the cosine of the two mean vectors."""

    layer: int
    topic: int
    name: str
    similarity: float


class TopicCardResponse(TypedDict):
    """What a topic is about, its place in the tree, its time, and whether it is locked.

    `contrast` are keywords that weigh more than in any sibling; `dates` holds for each column of dates the 5th and the 95th
    percentile.
    """

    layer: int
    topic: int
    name: str
    size: int
    share: float
    core: float
    soft: float
    confidence: float | None
    locked: bool
    description: str
    keywords: list[str]
    weights: list[float]
    parent: PathStep | None
    exemplars: list[DocumentLine]
    dates: dict[str, list[str]]
    time: TimeCounts | None
    lift: list[TopicLift]
    contrast: list[str]
    neighbors: list[TopicNeighbor]


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


class StoredTime(TypedDict):
    """The spans of time of a page and how many of all documents each holds."""

    column: str
    unit: str
    names: list[str]
    totals: list[int]


class StoredNeighbor(TypedDict):
    """A topic of the same layer and the cosine of the two mean vectors."""

    topic: int
    similarity: float


class StoredCard(TypedDict):
    """What an exported page holds of a card: what its map's names do not. `exemplars` are points, `counts` are by span of time."""

    size: int
    share: float
    core: float
    soft: float
    description: str
    weights: list[float]
    exemplars: list[int]
    dates: dict[str, list[str]]
    counts: list[int]
    lift: list[TopicLift]
    contrast: list[str]
    neighbors: list[StoredNeighbor]


class StoredTopics(TypedDict):
    """The topics of an exported page, by layer and number; answered by no question."""

    shares: TopicSharesResponse
    time: StoredTime | None
    cards: list[list[StoredCard]]
