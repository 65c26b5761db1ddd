import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nomic_explore.arrays import find_shared
from nomic_explore.duplicates.greedy import drop_greedily
from nomic_explore.duplicates.links import find_nearest


@st.composite
def matches(draw: st.DrawFn) -> tuple[np.ndarray, ...]:
    """Classes, ranks, pairs by rank, documents people keep (best in rank), and documents they dropped."""
    n = draw(st.integers(1, 12))
    normalized = np.array([draw(st.integers(0, place)) for place in range(n)])
    normalized = np.array([int(np.flatnonzero(normalized == code)[0]) for code in normalized])
    rank = np.array(draw(st.permutations(range(n))))
    pairs = draw(st.sets(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=30))
    by_rank = sorted({tuple(sorted(pair, key=lambda one: rank[one])) for pair in pairs if pair[0] != pair[1]})
    better = np.array([pair[0] for pair in by_rank], dtype=np.int64)
    worse = np.array([pair[1] for pair in by_rank], dtype=np.int64)
    is_kept = rank < draw(st.integers(0, 2))
    is_gone = np.array([draw(st.booleans()) and draw(st.booleans()) for _ in range(n)]) & ~is_kept
    return normalized, rank, worse, better, is_kept, is_gone


def drop_slowly(normalized, rank, worse, better, is_kept, is_gone):  # type: ignore[no-untyped-def]
    """Visits the documents by rank; each that stays drops what it matches."""
    pairs, kept = set(zip(better.tolist(), worse.tolist(), strict=True)), []
    for document in np.argsort(rank).tolist():
        matched = any((other, document) in pairs or normalized[other] == normalized[document] for other in kept)
        if not is_gone[document] and (is_kept[document] or not matched):
            kept.append(document)
    dropped = np.ones(len(rank), dtype=bool)
    dropped[kept] = False
    return dropped


@settings(deadline=None, max_examples=300)
@given(given=matches())
def test_rounds_drop_what_visiting_by_rank_drops(given: tuple[np.ndarray, ...]) -> None:
    codes, rank, worse, better, is_kept, is_gone = given
    found = drop_greedily(codes, find_shared(codes), rank, worse, better, is_kept=is_kept, is_gone=is_gone)
    np.testing.assert_array_equal(found, drop_slowly(*given))


@pytest.mark.parametrize("n", [10, 400])
def test_a_long_chain_is_followed_to_its_end(n: int) -> None:
    each, none = np.arange(n), np.zeros(n, dtype=bool)
    dropped = drop_greedily(each, each[:0], each, each[1:], each[:-1], is_kept=none, is_gone=none)
    np.testing.assert_array_equal(dropped, each % 2 == 1)


def test_the_nearest_of_several_better_ones_is_named_and_of_equals_the_first() -> None:
    worse, better = np.array([3, 3, 3, 4]), np.array([2, 1, 0, 0])
    lesser, pair = find_nearest(worse, better, np.array([0.5, 0.9, 0.9, 0.1], dtype=np.float32), 5)
    assert lesser.tolist() == [3, 4]
    assert pair.tolist() == [2, 3]
