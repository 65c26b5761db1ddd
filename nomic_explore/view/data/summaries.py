"""Lines: a document in one line, as every list of the panes shows it."""

from typing import TYPE_CHECKING, Any

import numpy as np

from nomic_explore.view.data.map_data import MapData

if TYPE_CHECKING:
    from nomic_explore.exploration import Exploration

LINE_LENGTH = 160


class Lines:
    """What all parts of `Answers` know: the exploration, the points of its map, and how a document is told in one line."""

    exploration: "Exploration"
    data: MapData
    _point_of: np.ndarray

    def _topic_name(self, row: int) -> str:
        topics = self.exploration.topics
        topic = topics.layers[-1][row]
        return topics.names[-1][topic] if topic >= 0 else "no topic"

    def _line(self, row: int) -> dict[str, Any]:
        text = shorten(" ".join((self.exploration.corpus.texts[row] or "")[: 4 * LINE_LENGTH].split()), LINE_LENGTH)
        return {"point": int(self._point_of[row]), "row": row, "text": text, "topic": self._topic_name(row)}


def shorten(text: str, length: int) -> str:
    """Returns the text, cut where it is longer."""
    return text if len(text) <= length else text[:length].rstrip() + " …"
