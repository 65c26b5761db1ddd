"""Rankings of documents: by similarity, away from examples, and by meaning and words together."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

_MEANING = 0.6  # the share of meaning in a match score; words have the rest
_NEGATIVE_WEIGHT = 0.5  # of the examples to stay away from (Rocchio 1971)


@dataclass(frozen=True)
class Matches:
    """What a search found in m documents.

    Attributes:
        similarities: (m,) to the query; NaN where meaning was not compared.
        bm25: (m,) of the words of the query; 0 for a document with none of them.
        semantic: the documents nearest in meaning, best first.
        keyword: the documents with words of the query, best first.
    """

    similarities: np.ndarray
    bm25: np.ndarray
    semantic: np.ndarray
    keyword: np.ndarray


def rank_matches(matches: Matches, mode: str, n: int) -> "pd.DataFrame":
    """Returns the n best documents of a search, sorted by `score`, best first.

    The score is the similarity in a search by meaning and BM25 in one by words. In a hybrid search it is a match score
    from 0 to 1: 0.6 times the similarity, scaled so that the median document has 0 and the best 1, and 0.4 times BM25, scaled
    so that the best has 1. Such sums rank better than sums of ranks (Bruch et al. 2023, "An Analysis of Fusion Functions
    for Hybrid Retrieval"), and show where the good matches end.

    Args:
        matches: what was found by meaning and by words.
        mode: "hybrid", "semantic" or "keyword".
        n: how many documents at most.

    Returns:
        A frame with `document`, `score` and `found_by` ("semantic", "keyword", or "hybrid" for a document of both rankings).

    Example:
        >>> similarities, bm25 = np.array([0.1, 0.2, 0.1, 0.9]), np.array([0.0, 3.0, 2.0, 0.0])
        >>> matches = Matches(similarities, bm25, semantic=np.array([3, 1]), keyword=np.array([1, 2]))
        >>> rank_matches(matches, "hybrid", n=2)["found_by"].tolist()
        ['semantic', 'hybrid']
    """
    import pandas as pd

    ways = {"semantic": np.isin(np.arange(len(matches.bm25)), matches.semantic)}
    ways["keyword"] = np.isin(np.arange(len(matches.bm25)), matches.keyword)
    found = np.flatnonzero(ways["semantic"] | ways["keyword"])
    scores = {"semantic": matches.similarities, "keyword": matches.bm25}.get(mode)
    if scores is None:
        scores = _match_scores(matches)
    best = found[np.lexsort((found, ~ways["keyword"][found], -scores[found]))][:n]
    both = ways["semantic"] & ways["keyword"]
    found_by = np.where(both, "hybrid", np.where(ways["keyword"], "keyword", "semantic"))[best]
    return pd.DataFrame({"document": best, "score": scores[best].astype(float), "found_by": found_by.tolist()})


def _match_scores(matches: Matches) -> np.ndarray:
    """Returns the match score (m,) of each document, 0 to 1."""
    similarities = matches.similarities
    middle, best = float(np.median(similarities)), float(similarities[matches.semantic].max(initial=-1.0))
    meaning = np.clip((similarities - middle) / max(best - middle, 1e-9), 0.0, 1.0)
    words = matches.bm25 / max(float(matches.bm25.max(initial=0.0)), 1e-9)
    return _MEANING * meaning + (1.0 - _MEANING) * words


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
