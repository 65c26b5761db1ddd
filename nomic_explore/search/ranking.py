"""Search: documents ranked by meaning and by words, and the two rankings made one."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

# Reciprocal rank fusion: a document scores the sum of 1 / (60 + rank) over the rankings it is in (Cormack et al. 2009).
_FUSION = 60


def fuse(by_meaning: np.ndarray, by_words: np.ndarray, n: int) -> "pd.DataFrame":
    """Returns the n best documents of two rankings, best first.

    Args:
        by_meaning: document numbers, best first.
        by_words: document numbers, best first.
        n: how many at most.

    Returns:
        A frame with `document`, `score` (comparable within one search only) and `by` ("meaning", "words", "both").

    Example:
        >>> fuse(np.array([3, 1]), np.array([1, 2]), n=2)["by"].tolist()
        ['both', 'meaning']
    """
    import pandas as pd

    scores: dict[int, float] = {}
    found_by: dict[int, str] = {}
    for way, documents in (("meaning", by_meaning), ("words", by_words)):
        for rank, document in enumerate(documents.tolist(), start=1):
            scores[document] = scores.get(document, 0.0) + 1.0 / (_FUSION + rank)
            found_by[document] = "both" if document in found_by else way
    best = sorted(scores, key=lambda document: (-scores[document], found_by[document] != "words", document))[:n]
    return pd.DataFrame(
        {
            "document": np.array(best, dtype=np.int64),
            "score": [scores[document] for document in best],
            "by": [found_by[document] for document in best],
        }
    )
