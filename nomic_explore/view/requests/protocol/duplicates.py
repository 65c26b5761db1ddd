"""What is asked and answered in the pane of duplicates."""

from typing import NotRequired, TypedDict

from nomic_explore.view.requests.protocol.documents import DocumentLine, GroupMember


class ScoreCounts(TypedDict):
    """How many pairs of each kind of evidence have which similarity: equal bins from `low` to `high`."""

    low: float
    high: float
    counts: dict[str, list[int]]


class SettingsCounts(TypedDict):
    """What settings come to: groups, dropped and flagged documents, and the share of unrelated pairs below the threshold."""

    nGroups: int
    drop: int
    review: int
    share: float
    background: float | None


class ReviewProgress(TypedDict):
    """How many pairs have a verdict, how many of a queue have none, and the precision that verdicts suggest."""

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


class ListRequest(TypedDict):
    """Which part of a list: groups or pairs with documents to "review", that "drop", or "all", from `start` on."""

    show: NotRequired[str]
    start: NotRequired[int]


class GroupLine(DocumentLine):
    """A duplicate group, described by its kept document."""

    group: int
    size: int
    drop: int
    review: int
    similarity: float | None
    isChain: bool


class GroupsResponse(TypedDict):
    """Duplicate groups, the one with the most doubtful pair first."""

    groups: list[GroupLine]
    nListed: int
    nGroups: int
    drop: int
    review: int


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


class ReviewQueueResponse(TypedDict):
    """Pairs without a verdict, those nearest to the threshold first."""

    pairs: list[Pair]
    nLeft: int


class DuplicatePairRequest(TypedDict):
    """Two rows, and the queue whose progress is reported; without `other` the row's match is taken."""

    row: int
    other: NotRequired[int | None]
    show: NotRequired[str]


class PairSide(DocumentLine):
    """One of two documents: its text as [op, text] segments, and how many characters follow them."""

    role: str
    id: str
    length: int
    segments: list[list[str]]
    nAfter: int


class DuplicatePairResponse(ReviewProgress):
    """Two documents word by word, with the evidence of the pair and the last verdict on it."""

    similarity: float | None
    overlap: float | None
    held: float | None
    held_by: float | None
    flags: list[str]
    kind: str
    verdict: str
    sides: list[PairSide]
    nBefore: int


class JudgeRequest(TypedDict):
    """A verdict on a row: "keep", "drop", or "apart", which marks both as distinct."""

    row: int
    verdict: str
    other: NotRequired[int | None]


class CollapsedResponse(TypedDict):
    """A mask of the points that are dropped, and a size for each point."""

    hidden: bytes
    sizes: bytes


class DensityResponse(TypedDict):
    """The density of the kept documents."""

    density: bytes
