"""Matches between two sides: which rows of one, such as a test set, duplicate rows of the other, such as a training set."""

from dataclasses import dataclass

import numpy as np

from nomic_explore.arrays import starts_of
from nomic_explore.duplicates.evidence import Evidence
from nomic_explore.duplicates.matches import EXACT, LEXICAL, NORMALIZED, SEMANTIC
from nomic_explore.duplicates.pairs import DROPPING, grade_pairs
from nomic_explore.graph import NeighborGraph

_CELLS = 1 << 25  # cosines held at a time, 128 MB
_N_NEIGHBORS = 30


@dataclass(frozen=True)
class Crossing:
    """The best match of each of d documents of the test side on the training side; a document may be on both sides.

    Attributes:
        match: (d,) int64: the document of the training side, -1 where nothing matches or it is no test document.
        kinds: (d,) int8: how, a place in `KIND_NAMES`.
        is_certain: (d,) bool: a certain duplicate, which would be dropped; else flagged for review.
        pair: (d,) int64: index of the pair in the evidence; -1 for equal texts.
        nearest: (d,) float32: the highest cosine to the training side among the stored pairs, 1 for equal texts; -1 none.
        leaks: (d,) bool: documents of the training side that are certain duplicates of one of the test side.
    """

    match: np.ndarray
    kinds: np.ndarray
    is_certain: np.ndarray
    pair: np.ndarray
    nearest: np.ndarray
    leaks: np.ndarray


def build_crossing_graph(distinct: np.ndarray, index: np.ndarray, is_test: np.ndarray) -> NeighborGraph:
    """Returns for each test row its 30 nearest training rows that hold another text, one of each text; searched exactly.

    Training rows have no neighbors. Every test text is compared with every training text: some 20 seconds for 20,000 with
    200,000 on two cores.

    Args:
        distinct: (k, v) unit vectors of the distinct texts.
        index: (m,) the text of each row.
        is_test: (m,) bool.
    """
    test, train_rows = np.unique(index[is_test]), np.flatnonzero(~is_test)
    train, first = np.unique(index[train_rows], return_index=True)
    rows = train_rows[first]
    k = min(_N_NEIGHBORS, len(train))
    neighbors = np.full((len(distinct), k), -1, dtype=np.int32)
    similarities = np.zeros((len(distinct), k), dtype=np.float32)
    known = distinct[train]
    step = max(1, _CELLS // max(1, len(train)))
    for start in range(0, len(test) if k else 0, step):
        asked = test[start : start + step]
        scores = distinct[asked] @ known.T  # (b, training texts)
        place = np.minimum(np.searchsorted(train, asked), len(train) - 1)
        is_own = train[place] == asked
        scores[np.flatnonzero(is_own), place[is_own]] = -np.inf
        best = np.argpartition(-scores, k - 1, axis=1)[:, :k]
        near = np.take_along_axis(scores, best, axis=1)
        order = np.lexsort((best, -near), axis=1)
        best, near = np.take_along_axis(best, order, axis=1), np.take_along_axis(near, order, axis=1)
        is_other = np.isfinite(near)
        neighbors[asked] = np.where(is_other, rows[best], -1)
        similarities[asked] = np.where(is_other, np.clip(near, -1.0, 1.0), 0.0)
    asks = is_test[:, None]
    of_rows = np.where(asks, neighbors[index], np.int32(-1))
    return NeighborGraph(of_rows, np.where(asks, similarities[index], np.float32(0.0)), 1.0, True)


def cross(evidence: Evidence, is_test: np.ndarray, min_similarity: float) -> Crossing:
    """Returns the match of each test document on the training side: an equal text, else a certain duplicate, else the closest.

    Args:
        evidence: of m rows.
        is_test: (m,) bool.
        min_similarity: cosine from which meaning alone flags a row for review.
    """
    n = len(evidence.lengths)
    has_test, has_train = (np.bincount(evidence.document[side], minlength=n) > 0 for side in (is_test, ~is_test))
    scored = _cross_pairs(evidence, has_test, has_train, min_similarity)
    match, kinds, pair = scored.match.copy(), scored.kinds.copy(), scored.pair.copy()
    trained = np.full(n, n, dtype=np.int64)  # of each normalized text the first training document
    np.minimum.at(trained, evidence.normalized[has_train], np.flatnonzero(has_train))
    alike = trained[evidence.normalized]
    is_alike, is_exact = has_test & (alike < n), has_test & has_train
    match[is_alike], kinds[is_alike] = alike[is_alike], NORMALIZED
    match[is_exact], kinds[is_exact] = np.flatnonzero(is_exact), EXACT
    pair[is_alike] = -1
    tested = np.zeros(n, dtype=bool)
    tested[evidence.normalized[has_test]] = True
    return Crossing(
        match=match,
        kinds=kinds,
        is_certain=scored.is_certain | is_alike,
        pair=pair,
        nearest=np.where(is_alike, np.float32(1.0), scored.nearest),
        leaks=scored.leaks | (has_train & tested[evidence.normalized]),
    )


def _cross_pairs(evidence: Evidence, has_test: np.ndarray, has_train: np.ndarray, min_similarity: float) -> Crossing:
    """Returns the same by the scored pairs alone."""
    pairs, n = evidence.pairs, len(has_test)
    forth, back = (
        np.flatnonzero(has_test[one] & has_train[two])
        for one, two in ((pairs.first, pairs.second), (pairs.second, pairs.first))
    )
    place = np.concatenate([forth, back])
    tested = np.concatenate([pairs.first[forth], pairs.second[back]]).astype(np.int64)
    trained = np.concatenate([pairs.second[forth], pairs.first[back]]).astype(np.int64)
    grades = grade_pairs(pairs, min_similarity=min_similarity, kinds=DROPPING)
    nearest = np.full(n, -1.0, dtype=np.float32)
    np.maximum.at(nearest, tested, pairs.similarities[place])
    is_duplicate = grades.is_duplicate[place]
    matching = np.flatnonzero(is_duplicate | grades.needs_review[place])
    best_first = np.lexsort(
        (trained[matching], -pairs.match_score[place[matching]], ~is_duplicate[matching], tested[matching])
    )
    chosen = matching[best_first][starts_of(tested[matching][best_first])]
    match, pair = np.full((2, n), -1, dtype=np.int64)
    kinds, is_certain, leaks = np.zeros(n, dtype=np.int8), np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    match[tested[chosen]], pair[tested[chosen]] = trained[chosen], place[chosen]
    kinds[tested[chosen]] = np.where(pairs.is_lexical[place[chosen]], LEXICAL, SEMANTIC)
    is_certain[tested[chosen]] = is_duplicate[chosen]
    leaks[trained[is_duplicate]] = True
    return Crossing(match, kinds, is_certain, pair, nearest, leaks)
