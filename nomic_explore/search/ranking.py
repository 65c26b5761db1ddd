"""Rankings of documents: by similarity, away from examples, and two rankings merged into one."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

# Reciprocal rank fusion: a document scores the sum of 1 / (60 + rank) over the rankings it is in (Cormack et al. 2009).
_FUSION = 60
_NEGATIVE_WEIGHT = 0.5  # of the examples to stay away from (Rocchio 1971)


def fuse(semantic: np.ndarray, keyword: np.ndarray, n: int) -> "pd.DataFrame":
    """Returns the n best documents of a semantic and a keyword ranking, best first.

    Args:
        semantic: document numbers, best first.
        keyword: document numbers, best first.
        n: how many documents at most.

    Returns:
        A frame with `document`, `score` (higher is better; comparable within one search only) and `found_by`
        ("semantic", "keyword", or "hybrid" for a document of both rankings).

    Example:
        >>> fuse(np.array([3, 1]), np.array([1, 2]), n=2)["found_by"].tolist()
        ['hybrid', 'semantic']
    """
    import pandas as pd

    scores: dict[int, float] = {}
    found_by: dict[int, str] = {}
    for way, documents in (("semantic", semantic), ("keyword", keyword)):
        for rank, document in enumerate(documents.tolist(), start=1):
            scores[document] = scores.get(document, 0.0) + 1.0 / (_FUSION + rank)
            found_by[document] = "hybrid" if document in found_by else way
    best = sorted(scores, key=lambda document: (-scores[document], found_by[document] != "keyword", document))[:n]
    return pd.DataFrame(
        {
            "document": np.array(best, dtype=np.int64),
            "score": [scores[document] for document in best],
            "found_by": [found_by[document] for document in best],
        }
    )


def rank_by_similarity(similarities: np.ndarray, allowed: np.ndarray, n: int) -> np.ndarray:
    """Returns the numbers of the n allowed documents that are most similar, best first.

    Args:
        similarities: (m,) of all documents.
        allowed: (m,) bool.
        n: how many at most.

    Example:
        >>> rank_by_similarity(np.array([0.2, 0.9, 0.5]), np.array([True, False, True]), 2).tolist()
        [2, 0]
    """
    candidates = np.flatnonzero(allowed)
    return candidates[np.argsort(-similarities[candidates], kind="stable")[:n]]


def move_away(vector: np.ndarray, negative: np.ndarray) -> np.ndarray:
    """Returns a unit vector moved away from the mean of some examples (Rocchio 1971), at unit length again.

    Args:
        vector: (d,) of unit length.
        negative: (k, d) vectors of the examples; none leave the vector as it is.

    Example:
        >>> move_away(np.array([1.0, 0.0]), np.zeros((0, 2))).tolist()
        [1.0, 0.0]
    """
    return vector if not len(negative) else to_unit(vector - _NEGATIVE_WEIGHT * to_unit(negative.mean(axis=0)))


def to_unit(vector: np.ndarray) -> np.ndarray:
    """Returns one vector (d,) at unit length; zeros stay zeros.

    Example:
        >>> to_unit(np.array([3.0, 4.0])).tolist()
        [0.6, 0.8]
    """
    return vector / max(float(np.linalg.norm(vector)), 1e-12)
