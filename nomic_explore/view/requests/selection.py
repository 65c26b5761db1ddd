"""The request about the selection: its topics, its words, the values that stand out, and typical documents."""

from typing import TYPE_CHECKING

import numpy as np

from nomic_explore.topics.keyness import find_candidates, stems
from nomic_explore.topics.lift import EncodedTable, encode_table, find_lifts
from nomic_explore.topics.phrases import count_phrases
from nomic_explore.view.requests.context import MapContext
from nomic_explore.view.requests.protocol.documents import DocumentLine, EmptyRequest
from nomic_explore.view.requests.protocol.selection import (
    SelectionResponse,
    SelectionTopic,
    SelectionValue,
    SelectionWord,
)

if TYPE_CHECKING:
    from nomic_explore.topics import Topics

_N_TOPICS, _MIN_COVERED = (
    6,
    0.7,
)  # topics listed; the finest layer is listed whose largest hold so much of the selection
_N_WORDS, _N_TYPICAL, _N_IN_NAME = 10, 5, 3
# Documents whose words are counted, and characters of each: an answer while the hand is still on the mouse.
_N_READ, _N_OTHERS_READ, _MAX_READ = 200, 400, 1000
_MIN_LIFT = 1.5  # of a word: less says little


class SelectionRequests:
    """Answers what the selected documents have in common.

    Args:
        context: the exploration and its map.
    """

    def __init__(self, context: MapContext) -> None:
        self._context = context
        self._last: tuple[object, bytes, SelectionResponse] | None = None
        self._encoded: EncodedTable | None = None

    def describe(self, request: EmptyRequest) -> SelectionResponse:
        """Returns what the selected documents have in common; the last answer is kept until topics or selection change.

        Raises:
            ValueError: nothing is selected.
        """
        rows, topics = self._context.selected, self._context.exploration.topics.current
        if not len(rows):
            raise ValueError("Nothing is selected.")
        key = rows.tobytes()
        if self._last is None or self._last[0] is not topics or self._last[1] != key:
            self._last = (topics, key, self._describe(rows, topics))
        return self._last[2]

    def _describe(self, rows: np.ndarray, topics: "Topics") -> SelectionResponse:
        shown = find_topics_of(rows, topics)
        words = self._find_words(rows)
        return {
            "size": len(rows),
            "share": len(rows) / len(self._context.data.rows),
            "topics": shown,
            "elsewhere": len(rows) - sum(topic["count"] for topic in shown),
            "words": words,
            "values": self._find_values(rows),
            "typical": self._find_typical(rows),
            "suggested": suggest_name(words),
        }

    def _find_words(self, rows: np.ndarray) -> list[SelectionWord]:
        """Returns words that set the selection apart, counted in samples of it and of all other documents."""
        texts = self._context.exploration.corpus.texts
        has_text = np.fromiter((bool(text) for text in texts), dtype=bool, count=len(texts))
        others = has_text.copy()
        others[rows] = False
        read = [
            _sample(chosen, most)
            for chosen, most in ((rows[has_text[rows]], _N_READ), (np.flatnonzero(others), _N_OTHERS_READ))
        ]
        if not all(map(len, read)):
            return []
        phrases = count_phrases([(texts[row] or "")[:_MAX_READ] for row in np.concatenate(read)])
        is_other = np.repeat([0, 1], [len(part) for part in read])
        found = find_candidates(phrases, is_other, np.array([-1, -1]))[0].phrases
        counts = phrases.counts[:, found].tocsc()
        share, other = (np.asarray(counts[is_other == side].sum(axis=0)).ravel() / len(read[side]) for side in (0, 1))
        words: list[SelectionWord] = []
        known: set[str] = set()
        for place, phrase in enumerate(found.tolist()):
            word = phrases.shown[phrase]
            if share[place] >= _MIN_LIFT * other[place] and not stems(word) & known:
                words.append({"word": word, "share": float(share[place]), "other": float(other[place])})
                known |= stems(word)
        return words[:_N_WORDS]

    def _find_values(self, rows: np.ndarray) -> list[SelectionValue]:
        """Returns values of columns that are more frequent in the selection than among all documents."""
        corpus = self._context.exploration.corpus
        if self._encoded is None:
            self._encoded = encode_table(corpus.table)
        inside = np.full(len(corpus.texts), -1)
        inside[rows] = 0
        is_on_map = self._context.point_of >= 0
        found = find_lifts(self._encoded, inside, 1, is_on_map)[0]
        return [
            {
                "column": lift.column,
                "value": str(lift.value).lower() if isinstance(lift.value, bool) else str(lift.value),
                "share": lift.share,
                "overall": lift.overall,
                "lift": lift.lift,
            }
            for lift in found
        ]

    def _find_typical(self, rows: np.ndarray) -> list[DocumentLine]:
        """Returns the documents nearest to the mean vector of the selection, one of each text."""
        exploration = self._context.exploration
        vectors = exploration.vectors[rows]
        nearest = rows[np.argsort(-(vectors @ vectors.mean(axis=0)), kind="stable")].tolist()
        chosen: dict[str, int] = {}
        for row in nearest:
            text = exploration.corpus.texts[row]
            if text and len(chosen) < _N_TYPICAL:
                chosen.setdefault(text, row)
        return [self._context.line(row) for row in chosen.values()]


def find_topics_of(rows: np.ndarray, topics: "Topics") -> list[SelectionTopic]:
    """Returns the topics that hold most of some rows, in the finest layer of which a few topics hold most of them.

    Args:
        rows: (k,) row numbers, at least one.
        topics: of all rows.

    Example:
        >>> from nomic_explore import build_graph, find_topics
        >>> texts, vectors = ["red cat", "red cat", "blue dog"], np.eye(2)[[0, 0, 1]]
        >>> topics = find_topics(texts, vectors, build_graph(vectors), n_topics=2)
        >>> [(one["name"], one["count"]) for one in find_topics_of(np.array([0, 1]), topics)]
        [('Red', 2)]
    """
    for layer in range(len(topics.layers) - 1, -1, -1):
        labels = topics.layers[layer]
        n_topics = len(topics.names[layer])
        counts = np.bincount(labels[rows][labels[rows] >= 0], minlength=n_topics)
        largest = np.argsort(-counts, kind="stable")[:_N_TOPICS]
        if layer == 0 or counts[largest].sum() >= _MIN_COVERED * len(rows):
            break
    sizes = np.bincount(labels[labels >= 0], minlength=n_topics)
    return [
        {
            "layer": layer,
            "topic": topic,
            "name": topics.names[layer][topic],
            "count": int(counts[topic]),
            "share": float(counts[topic] / len(rows)),
            "lift": float(counts[topic] / len(rows) * len(labels) / sizes[topic]),
        }
        for topic in largest.tolist()
        if counts[topic]
    ]


def suggest_name(words: list[SelectionWord]) -> str:
    """Returns a name of the three words that are most the selection's own; "" if there are none.

    Args:
        words: that set it apart, best first.

    Example:
        >>> shares = {"model": (0.5, 0.3), "market": (0.3, 0.01), "price": (0.4, 0.02), "risk": (0.3, 0.02)}
        >>> suggest_name([{"word": word, "share": share, "other": other} for word, (share, other) in shares.items()])
        'Market, price, risk'
    """
    best = sorted(words[: 2 * _N_IN_NAME], key=lambda one: -one["share"] / (one["other"] + 1 / _N_OTHERS_READ))
    name = ", ".join(one["word"] for one in best[:_N_IN_NAME])
    return name[:1].upper() + name[1:]


def _sample(rows: np.ndarray, most: int) -> np.ndarray:
    """Returns rows at equal distances, at most so many: the same ones each time."""
    return rows if len(rows) <= most else rows[np.linspace(0, len(rows) - 1, most).astype(np.int64)]
