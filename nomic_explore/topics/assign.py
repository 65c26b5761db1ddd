"""The topics of new documents, elected by the documents nearest to them."""

import numpy as np

from nomic_explore.topics.topics import Topics

_BLOCK = 2**25  # similarities in memory at a time, 128 MB


def vote(
    vectors: np.ndarray, known: np.ndarray, labels: np.ndarray, *, n_neighbors: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Returns for each vector the label that most of its nearest known vectors have, weighted by their similarity.

    Args:
        vectors: (m, d) of unit length.
        known: (n, d) of unit length, n at least 1.
        labels: (n,) int; vectors labelled -1 do not vote.
        n_neighbors: how many of the nearest known vectors vote.

    Returns:
        The label (m,) int32, -1 where no known vector has one; its share of the votes (m,) float32, 0 to 1; the row of
        the nearest known vector (m,) int64, whether or not it votes; and the similarity to it (m,) float32.

    Example:
        >>> [part.tolist() for part in vote(np.eye(2)[:1], np.eye(2), np.array([7, 8]), n_neighbors=1)]
        [[7], [1.0], [0], [1.0]]
    """
    voters = np.flatnonzero(labels >= 0)
    n = len(vectors)
    won, share = np.full(n, -1, dtype=np.int32), np.zeros(n, dtype=np.float32)
    nearest, similarity = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.float32)
    size = max(1, _BLOCK // len(known))
    for start in range(0, n, size):
        block = vectors[start : start + size] @ known.T  # (size, n)
        nearest[start : start + size] = block.argmax(axis=1)
        similarity[start : start + size] = block.max(axis=1)
        for at, row in enumerate(block[:, voters] if len(voters) else (), start=start):
            won[at], share[at] = _elect(row, labels[voters], n_neighbors)
    return won, share, nearest, similarity


def _elect(similarities: np.ndarray, labels: np.ndarray, n_neighbors: int) -> tuple[int, float]:
    """Returns the label with the most votes, of equals that of the nearest, and its share of them."""
    close = np.argpartition(-similarities, min(n_neighbors, len(labels)) - 1)[:n_neighbors]
    close = close[np.lexsort((close, -similarities[close]))]
    kinds, first, places = np.unique(labels[close], return_index=True, return_inverse=True)
    votes = np.bincount(places, weights=np.maximum(similarities[close], 0.0))
    best = max(range(len(kinds)), key=lambda kind: (votes[kind], -first[kind]))
    return int(kinds[best]), float(votes[best] / max(votes.sum(), 1e-12))


def topic_path(topics: Topics, topic: int) -> list[str]:
    """Returns the names of a topic of the finest layer and of those above it, coarse to fine; no names for -1.

    Example:
        >>> from nomic_explore import build_graph, find_topics
        >>> vectors = np.eye(2)[[0, 0, 1]]
        >>> topics = find_topics(["red cat", "red cat", "blue dog"], vectors, build_graph(vectors), n_topics=2, n_layers=1)
        >>> topic_path(topics, 1)
        ['Blue dog']
    """
    path: list[str] = []
    for layer in range(len(topics.layers) - 1, -1, -1):
        if topic >= 0:
            path.insert(0, topics.names[layer][topic])
            topic = int(topics.parents[layer][topic])
    return path
