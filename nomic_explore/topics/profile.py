"""`TopicProfile`: what a topic is about, for the details beside the map and for namers."""

import math
from collections.abc import Mapping, Sequence, Sized
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from nomic_explore.arrays import inverse_index
from nomic_explore.html_table import html_table
from nomic_explore.topics.lift import Lift, find_dates, find_lifts
from nomic_explore.topics.topics import Topics

if TYPE_CHECKING:
    import pyarrow as pa

_N_CONTRAST = 8
_N_NEIGHBORS = 5
_MAX_CHARACTERS = 400  # of an exemplar: a paragraph shows what a document is about
_CHUNK_ROWS = 65_536


@dataclass(frozen=True)
class Neighbor:
    """Another topic of the same layer; similarity is the cosine of the two mean vectors."""

    layer: int
    topic: int
    name: str
    similarity: float


@dataclass(frozen=True, eq=False, repr=False)
class TopicProfile:
    """What a topic is about: keywords, typical documents, related topics, metadata.

    Attributes:
        layer: 0 is the coarsest.
        topic: its number in the layer.
        name: of the topic.
        size: documents.
        share: of all rows.
        keywords: words and phrases that set it apart, best first.
        weights: beside the keywords.
        exemplars: the texts of its most typical documents, each its first 400 characters.
        rows: beside the exemplars, their row numbers.
        parent: name of the topic one layer up, "" in the first layer.
        siblings: names of the other topics with the same parent.
        contrast: keywords that weigh more here than in any sibling, with the difference.
        neighbors: the most similar topics of the layer, at most five.
        lift: over-represented metadata values, at most six.
        dates: for each column of dates or times the 5th and the 95th percentile.
        core: share of its documents that are assigned as "core".
        soft: share of its documents that are assigned as "soft".
        confidence: its stability, 0 to 1; NaN where that was not measured.
    """

    layer: int
    topic: int
    name: str
    size: int
    share: float
    keywords: list[str]
    weights: list[float]
    exemplars: list[str] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    parent: str = ""
    siblings: list[str] = field(default_factory=list)
    contrast: list[tuple[str, float]] = field(default_factory=list)
    neighbors: list[Neighbor] = field(default_factory=list)
    lift: list[Lift] = field(default_factory=list)
    dates: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    core: float = 0.0
    soft: float = 0.0
    confidence: float = math.nan

    def __repr__(self) -> str:
        words = ", ".join(self.keywords[:5])[:120]
        return f"TopicProfile({self.name[:80]!r}, layer {self.layer}, {self.size:,} documents, keywords: {words})"

    def _repr_html_(self) -> str:
        facts = {
            "documents": f"{self.size:,} ({self.share:.1%} of all)",
            "keywords": ", ".join(self.keywords),
            "siblings": ", ".join(self.siblings[:8]),
            "typical document": self.exemplars[0] if self.exemplars else "",
        }
        return html_table(self.name, ((name, value) for name, value in facts.items() if value))

    def to_json(self) -> dict[str, object]:
        """Returns the profile as dictionaries, lists, strings and numbers; a confidence that was not measured is None.

        Example:
            >>> profile = TopicProfile(0, 0, "star, planet", 9, 0.5, ["star", "planet"], [1.0, 0.8])
            >>> profile.to_json()["keywords"]
            ['star', 'planet']
        """
        plain = asdict(self)
        plain["contrast"] = [list(pair) for pair in self.contrast]
        plain["dates"] = {column: list(ends) for column, ends in self.dates.items()}
        plain["confidence"] = None if math.isnan(self.confidence) else self.confidence
        return plain


def make_profile(
    topics: Topics,
    layer: int,
    topic: int | str,
    texts: Sequence[str | None],
    vectors: np.ndarray,
    table: "pa.Table | None" = None,
) -> TopicProfile:
    """Returns what one topic is about.

    Args:
        topics: of n rows.
        layer: 0 is the coarsest, -1 the finest.
        topic: its number or its name.
        texts: n strings; None where a row has no text.
        vectors: (n, d); zeros where a row has no text.
        table: n rows of metadata; None leaves lift and dates empty.

    Raises:
        KeyError: there is no topic of that name.
        IndexError: there is no such layer or number.
        ValueError: the lengths differ.

    Example:
        >>> from nomic_explore import build_graph, find_topics
        >>> texts, vectors = ["red cat", "red cat", "blue dog"], np.eye(2)[[0, 0, 1]]
        >>> topics = find_topics(texts, vectors, build_graph(vectors), n_topics=2)
        >>> make_profile(topics, -1, 0, texts, vectors).exemplars[0]
        'red cat'
    """
    at, number = topics.find(topic, layer)
    return _make(topics, at, [number], texts, vectors, table)[0]


def make_profiles(
    topics: Topics,
    layer: int,
    texts: Sequence[str | None],
    vectors: np.ndarray,
    table: "pa.Table | None" = None,
) -> list[TopicProfile]:
    """Returns what each topic of a layer is about, in the order of their numbers.

    Args:
        topics: of n rows.
        layer: 0 is the coarsest, -1 the finest.
        texts: n strings; None where a row has no text.
        vectors: (n, d); zeros where a row has no text.
        table: n rows of metadata; None leaves lift and dates empty.

    Raises:
        IndexError: there is no such layer.
        ValueError: the lengths differ.

    Example:
        >>> from nomic_explore import build_graph, find_topics
        >>> texts, vectors = ["red cat", "red cat", "blue dog"], np.eye(2)[[0, 0, 1]]
        >>> topics = find_topics(texts, vectors, build_graph(vectors), n_topics=2)
        >>> [profile.size for profile in make_profiles(topics, -1, texts, vectors)]
        [2, 1]
    """
    n_layers = len(topics.layers)
    if not -n_layers <= layer < n_layers:
        raise IndexError(f"layer={layer}; expected 0 to {n_layers - 1}, or -1 for the finest.")
    at = layer % n_layers
    return _make(topics, at, range(len(topics.names[at])), texts, vectors, table)


def _make(
    topics: Topics,
    layer: int,
    chosen: Sequence[int],
    texts: Sequence[str | None],
    vectors: np.ndarray,
    table: "pa.Table | None",
) -> list[TopicProfile]:
    """Returns the profile of the chosen topics of a layer; what they share is counted once."""
    labels = topics.layers[layer]
    _check_lengths(len(labels), texts=texts, vectors=vectors, table=table)
    n_topics = len(topics.names[layer])
    has_topic = labels >= 0
    sizes = np.bincount(labels[has_topic], minlength=n_topics)
    shares = {
        how: np.bincount(labels[has_topic & (topics.assignment == how)], minlength=n_topics) / np.maximum(sizes, 1)
        for how in ("core", "soft")
    }
    lifts, dates = _read_table(table, labels, chosen, n_topics, texts)
    neighbors = _find_neighbors(topics, layer, chosen, vectors)
    profiles = []
    for place, topic in enumerate(chosen):
        rows = [row for row in topics.exemplars[layer][topic] if row >= 0 and texts[row]]
        siblings = _find_siblings(topics, layer, topic)
        parent = int(topics.parents[layer][topic])
        profiles.append(
            TopicProfile(
                layer=layer,
                topic=topic,
                name=topics.names[layer][topic],
                size=int(sizes[topic]),
                share=float(sizes[topic] / max(1, len(labels))),
                keywords=list(topics.keywords[layer][topic]),
                weights=[float(weight) for weight in topics.weights[layer][topic]],
                exemplars=[(texts[row] or "")[:_MAX_CHARACTERS] for row in rows],
                rows=[int(row) for row in rows],
                parent=topics.names[layer - 1][parent] if layer and parent >= 0 else "",
                siblings=[topics.names[layer][sibling] for sibling in siblings],
                contrast=_contrast(topics, layer, topic, siblings),
                neighbors=neighbors[place],
                lift=lifts[place],
                dates=dates[place],
                core=float(shares["core"][topic]),
                soft=float(shares["soft"][topic]),
                confidence=float(topics.confidence[layer][topic]),
            )
        )
    return profiles


def _check_lengths(n: int, **columns: Sized | None) -> None:
    for name, column in columns.items():
        if column is not None and len(column) != n:
            raise ValueError(f"{name} has {len(column)} rows; the topics have {n}. Give those of the same rows.")


def _read_table(
    table: "pa.Table | None", labels: np.ndarray, chosen: Sequence[int], n_topics: int, texts: Sequence[str | None]
) -> tuple[list[list[Lift]], list[dict[str, tuple[str, str]]]]:
    """Returns the lifts and the dates of each chosen topic."""
    if table is None:
        return [[] for _ in chosen], [{} for _ in chosen]
    inside = inverse_index(np.array(chosen), n_topics + 1)[labels]  # the last entry, reached by -1, is for no topic
    has_text = np.fromiter((bool(text) for text in texts), dtype=bool, count=len(labels))
    return find_lifts(table, inside, len(chosen), has_text), find_dates(table, inside, len(chosen))


def _find_siblings(topics: Topics, layer: int, topic: int) -> list[int]:
    """Returns the other topics with the same parent."""
    parents = topics.parents[layer]
    return [int(other) for other in np.flatnonzero(parents == parents[topic]) if other != topic]


def _contrast(topics: Topics, layer: int, topic: int, siblings: Sequence[int]) -> list[tuple[str, float]]:
    """Returns the keywords that weigh more here than in any sibling, with the difference, the largest first."""
    if not siblings:
        return []
    elsewhere: dict[str, float] = {}
    for sibling in siblings:
        pairs = zip(topics.keywords[layer][sibling], topics.weights[layer][sibling], strict=True)
        for keyword, weight in pairs:
            elsewhere[keyword.casefold()] = max(weight, elsewhere.get(keyword.casefold(), 0.0))
    own = zip(topics.keywords[layer][topic], topics.weights[layer][topic], strict=True)
    differences = [(keyword, float(weight - elsewhere.get(keyword.casefold(), 0.0))) for keyword, weight in own]
    return sorted((pair for pair in differences if pair[1] > 0), key=lambda pair: -pair[1])[:_N_CONTRAST]


def _find_neighbors(topics: Topics, layer: int, chosen: Sequence[int], vectors: np.ndarray) -> list[list[Neighbor]]:
    """Returns for each chosen topic the most similar others that have a direction."""
    names = topics.names[layer]
    directions = _mean_directions(topics.layers[layer], vectors, len(names))
    has_direction = np.linalg.norm(directions, axis=1) > 0
    similarities = directions[list(chosen)] @ directions.T  # (chosen, topics)
    similarities[:, ~has_direction] = -np.inf
    similarities[np.arange(len(chosen)), list(chosen)] = -np.inf
    similarities[~has_direction[list(chosen)]] = -np.inf
    return [
        [
            Neighbor(layer, other, names[other], float(row[other]))
            for other in np.argsort(-row, kind="stable")[:_N_NEIGHBORS].tolist()
            if np.isfinite(row[other])
        ]
        for row in similarities
    ]


def _mean_directions(labels: np.ndarray, vectors: np.ndarray, n_topics: int) -> np.ndarray:
    """Returns (t, d) float32: the mean vector of each topic at length 1; zeros where there is none."""
    from scipy.sparse import csr_matrix

    sums = np.zeros((n_topics, vectors.shape[1]), dtype=np.float32)
    for start in range(0, len(labels), _CHUNK_ROWS):
        part = labels[start : start + _CHUNK_ROWS]
        rows = np.flatnonzero(part >= 0)
        ones = np.ones(len(rows), dtype=np.float32)
        member = csr_matrix((ones, (part[rows], rows)), shape=(n_topics, len(part)))
        sums += member @ np.asarray(vectors[start : start + _CHUNK_ROWS], dtype=np.float32)
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    return np.divide(sums, lengths, out=np.zeros_like(sums), where=lengths > 0)
