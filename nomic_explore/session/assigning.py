"""New documents among the topics that are there, without changing anything."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from nomic_explore.checks import check_positive, check_texts
from nomic_explore.topics.assign import topic_path, vote

if TYPE_CHECKING:
    import pandas as pd

_FAR = 0.01  # a text farther from all others than this share of the documents is in no topic


class Assigning:
    """The part of an `Exploration` that says where new documents would belong."""

    def assign(self: Any, texts: Sequence[str], *, n_neighbors: int = 15) -> "pd.DataFrame":
        """Returns the topics that new texts belong to, as their nearest documents vote.

        The texts are embedded with the model of the exploration; nothing is added to it.

        Args:
            texts: m strings.
            n_neighbors: how many of the nearest documents vote, each with its similarity.

        Returns:
            A row for each text: `text`; `topic`, `topic_name` (the finest layer; -1 and None for none); `path` (names,
            coarse to fine); `assignment` ("core" if half of the votes or more are for the topic, "soft" if fewer, "none"
            if the text is farther from every document than 99 % of the documents are); `strength` (its share of the
            votes); `nearest` (row of the nearest document) and `similarity` (to that).

        Raises:
            TypeError: a text is not a string.
            ValueError: a text is blank, or the model's weights are not those of the vectors.
        """
        import pandas as pd

        texts = check_texts(texts)
        check_positive(n_neighbors, "n_neighbors")
        blank = next((row for row, text in enumerate(texts) if not text.strip()), None)
        if blank is not None:
            raise ValueError(f"texts[{blank}] is {texts[blank]!r:.60}; expected some words. Leave it out.")
        topics, first = self.topics, self._first_rows
        made_for = self._record("vectors")["provenance"]["task"]
        vectors = self._model().encode(texts, made_for) if texts else np.zeros((0, self._distinct_vectors.shape[1]))
        topic, strength, nearest, similarity = vote(
            vectors, self._distinct_vectors, topics.layers[-1][first], n_neighbors=n_neighbors
        )
        topic = np.where(similarity < self._usual_similarity(), -1, topic)
        paths = [topic_path(topics, number) for number in topic.tolist()]
        assignment = np.where(topic < 0, "none", np.where(strength >= 0.5, "core", "soft"))
        columns: dict[str, Any] = {
            "text": pd.Series(texts, dtype=object),
            "topic": topic,
            "topic_name": pd.Series([path[-1] if path else None for path in paths], dtype=object),
            "path": pd.Series(paths, dtype=object),
            "assignment": pd.Series(assignment.tolist(), dtype=object),
            "strength": strength,
            "nearest": first[nearest],
            "similarity": similarity,
        }
        return pd.DataFrame(columns)

    def _usual_similarity(self: Any) -> float:
        """Returns the similarity to the nearest other text that 99 % of the texts reach; -1 where there is no other."""
        graph = self.graph
        if not graph.neighbors.shape[1]:
            return -1.0
        nearest = graph.similarities[self._first_rows, 0][graph.neighbors[self._first_rows, 0] >= 0]
        return float(np.quantile(nearest, _FAR)) if len(nearest) else -1.0
