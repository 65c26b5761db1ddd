"""What is asked and answered in the pane of duplicates and in their review."""

from typing import NotRequired, TypedDict

from nomic_explore.view.requests.protocol.documents import DocumentLine, GroupMember


class ScoreCounts(TypedDict):
    """How many pairs of each kind of evidence have which similarity: equal bins from `low` to `high`."""

    low: float
    high: float
    counts: dict[str, list[int]]


class SettingsCounts(TypedDict):
    """What settings come to: documents of each role, which add up to all; and the share of unrelated pairs below the threshold."""

    nDocuments: int
    nUnique: int
    nKept: int
    nDropped: int
    nReview: int
    nGroups: int
    background: float | None


class ReviewProgress(TypedDict):
    """How many pairs have a verdict, how many of a list have none, and the precision that verdicts suggest."""

    nJudged: int
    nLeft: int
    precision: dict[str, float | None] | None


class DuplicateSettingsResponse(SettingsCounts, ReviewProgress):
    """The settings, what they come to, and how many pairs have which similarity."""

    minSimilarity: float
    floor: float
    kinds: list[str]
    keep: str
    scores: ScoreCounts
    palettes: dict[str, list[str]]


class PreviewDuplicatesRequest(TypedDict):
    """Settings to try; what is None stays."""

    min_similarity: float
    kinds: NotRequired[list[str] | None]
    keep: NotRequired[str | None]


class PreviewDuplicatesResponse(SettingsCounts):
    """What they would come to, with a byte for each point: 1 unique, 2 keep, 3 drop, 4 review."""

    roles: bytes


class DecideDuplicatesRequest(TypedDict):
    """Settings to take; what is None stays."""

    min_similarity: NotRequired[float | None]
    kinds: NotRequired[list[str] | None]
    keep: NotRequired[str | None]


class ReviewFilter(TypedDict):
    """Which pairs: "review" those without a verdict, "drop" the dropped ones, "all"; in what order; and filters.

    The order is "saved" (rows that a decision may remove), "threshold" (nearest first), "size" (of the group), "topic" or
    "random". `search` takes words and `column:value`, `differences` are flags in words which all and no others must hold,
    `topic` is one of the coarsest layer.
    """

    show: NotRequired[str]
    sort: NotRequired[str]
    search: NotRequired[str]
    differences: NotRequired[list[str] | None]
    kind: NotRequired[str | None]
    topic: NotRequired[int | None]


class ListRequest(ReviewFilter):
    """Part of a list, from `start` on; with `near` the pairs in the duplicate group of a row come first."""

    start: NotRequired[int]
    near: NotRequired[int | None]


class GroupLine(DocumentLine):
    """A duplicate group, described by its kept document; `nPairs` counts its pairs that are listed."""

    group: int
    size: int
    drop: int
    review: int
    nPairs: int
    similarity: float | None
    isChain: bool


class DifferenceCount(TypedDict):
    """How many listed pairs differ in just these things; none for pairs without a flag."""

    differences: list[str]
    nPairs: int


class ChoiceCount(TypedDict):
    """A kind of match, or a topic, and how many listed pairs have it."""

    value: str | int
    name: str
    nPairs: int


class GroupsResponse(TypedDict):
    """Duplicate groups in the order asked for; `nGroups` counts those of each list without filters."""

    groups: list[GroupLine]
    nListed: int
    nGroups: dict[str, int]
    counts: SettingsCounts
    nPairs: int
    differences: list[DifferenceCount]
    kinds: list[ChoiceCount]
    topics: list[ChoiceCount]


class GroupRequest(TypedDict):
    """One duplicate group."""

    group: int


class GroupResponse(TypedDict):
    """Its documents, kept ones first."""

    documents: list[GroupMember]


class Pair(TypedDict):
    """A row and the row it is compared with."""

    row: int
    other: int


class QueuedPair(Pair):
    """A pair and its duplicate group."""

    group: int


class ReviewQueueResponse(TypedDict):
    """Pairs in the order asked for, those of a group one after the other unless the order is by pairs."""

    pairs: list[QueuedPair]
    nLeft: int


class DuplicatePairRequest(TypedDict):
    """Two rows, and the list whose progress is reported; without `other` the row's match is taken."""

    row: int
    other: NotRequired[int | None]
    show: NotRequired[str]


class PairSide(DocumentLine):
    """One of two documents: its whole text as [op, text] segments, and how many characters beyond a limit are left out.

    An op is "same", "own", "number" or "name"; "rest" for what was not compared.
    """

    role: str
    id: str
    length: int
    segments: list[list[str]]
    nAfter: int
    nRows: int


class ColumnPair(TypedDict):
    """A column in which two documents differ, and what both hold."""

    name: str
    left: str
    right: str


class DuplicatePairResponse(ReviewProgress):
    """Two documents word by word, with the evidence of the pair and the last verdict on it.

    `differences` are the flags by which pairs can be filtered, `groupPairs` the other pairs of the group without a verdict.
    """

    similarity: float | None
    overlap: float | None
    held: float | None
    held_by: float | None
    flags: list[str]
    differences: list[str]
    kind: str
    verdict: str
    group: int
    groupPairs: list[Pair]
    sides: list[PairSide]
    columns: list[ColumnPair]
    nSameColumns: int


class JudgeRequest(TypedDict):
    """A verdict on pairs: "keep" both of each, "drop" its row for the other, or mark the two as "distinct".

    `isGroup` says that the pairs stand for their groups: then other pairs of the same documents become distinct, too.
    """

    pairs: list[Pair]
    verdict: str
    isGroup: NotRequired[bool]


class BatchResponse(TypedDict):
    """How many pairs and groups a filter finds, some of them, and how many pairs of the same documents follow them.

    `nRelated` pairs would be listed next if these were distinct, and become distinct with them.
    """

    nPairs: int
    nGroups: int
    nRelated: int
    examples: list["PairExample"]


class PairExample(Pair):
    """A pair of a batch, its texts word by word around what differs."""

    sides: list[list[list[str]]]


class JudgeBatchRequest(ReviewFilter):
    """One verdict on all pairs without a verdict that a filter finds; `nPairs` is how many were shown."""

    verdict: str
    nPairs: int


class FinishPlanResponse(TypedDict):
    """What would be written where: rows kept and removed, pairs without a verdict, and a folder that can be chosen."""

    kept: int
    removed: int
    review: int
    folder: str


class FinishRequest(TypedDict):
    """A folder, and "parquet" or "csv" for the two tables."""

    folder: str
    format: str


class FinishResponse(TypedDict):
    """The files that were written: the kept rows, the removed rows, the report."""

    files: list[str]


class CollapsedResponse(TypedDict):
    """A mask of the points that are dropped, and a size for each point."""

    hidden: bytes
    sizes: bytes


class DensityResponse(TypedDict):
    """The density of the kept documents."""

    density: bytes
