"""Topics of texts that are not in the exploration, by the vote of their nearest documents."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from nomic_explore.checks import check_positive, check_texts
from nomic_explore.topics.assign import topic_path, vote

if TYPE_CHECKING:
    import pandas as pd

    from nomic_explore.session.state import State

_FAR = 0.01  # a text farther from all others than this share of the documents is in no topic


def predict_topics(state: "State", texts: Sequence[str], n_neighbors: int) -> "pd.DataFrame":
    """Returns the topics of new texts; see `TopicsNamespace.predict`."""
    import pandas as pd

    texts = check_texts(texts)
    check_positive(n_neighbors, "n_neighbors")
    blank = next((row for row, text in enumerate(texts) if not text.strip()), None)
    if blank is not None:
        raise ValueError(f"texts[{blank}] is {texts[blank]!r:.60}; expected some words. Leave it out.")
    topics, first = state.topics, state.distinct.first
    known = state.distinct_vectors
    vectors = state.model.embed(texts) if texts else np.zeros((0, known.shape[1]))
    topic, strength, nearest, similarity = vote(vectors, known, topics.layers[-1][first], n_neighbors=n_neighbors)
    topic = np.where(similarity < _usual_similarity(state), -1, topic)
    paths = [topic_path(topics, number) for number in topic.tolist()]
    assignment = np.where(topic < 0, "none", np.where(strength >= 0.5, "core", "soft"))
    return pd.DataFrame(
        {
            "text": pd.Series(texts, dtype=object),
            "topic": topic,
            "topic_name": pd.Series([path[-1] if path else None for path in paths], dtype=object),
            "path": pd.Series(paths, dtype=object),
            "assignment": pd.Series(assignment.tolist(), dtype=object),
            "strength": strength,
            "nearest": first[nearest],
            "similarity": similarity,
        }
    )


def _usual_similarity(state: "State") -> float:
    """Returns the similarity to the nearest other text that 99 % of the texts reach; -1 where there is no other."""
    graph, first = state.graph, state.distinct.first
    if not graph.neighbors.shape[1]:
        return -1.0
    nearest = graph.similarities[first, 0][graph.neighbors[first, 0] >= 0]
    return float(np.quantile(nearest, _FAR)) if len(nearest) else -1.0
