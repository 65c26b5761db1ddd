"""How alike unrelated neighbors are, and the threshold that follows from it."""

import math

import numpy as np
import pytest
from duplicate_sentences import ANGLES, SENTENCES
from hypothesis import given, settings
from hypothesis import strategies as st

from nomic_explore import build_graph
from nomic_explore.duplicates.background import SHARES as LEVELS
from nomic_explore.duplicates.background import Background, auto_threshold, measure_background
from nomic_explore.duplicates.evidence import collect_evidence

SHARES = st.floats(0, 1)


def vectors_of(angles: list[float]) -> np.ndarray:
    return np.column_stack([np.cos(angles), np.sin(angles)]).astype(np.float32)


def background_of(texts: list[str], angles: list[float]) -> Background:
    vectors = vectors_of(angles)
    graph = build_graph(vectors)
    return measure_background(collect_evidence(texts, vectors, graph), graph)


def test_the_background_leaves_out_duplicates_and_what_shares_much_of_the_text() -> None:
    measured = background_of(SENTENCES, ANGLES)
    # The nearest unrelated neighbor of the three reports is the baker, 0.6, 0.6 and 0.5 away; the rain's too, 0.9.
    assert measured.n == 5
    expected = np.quantile(np.cos([0.6, 0.6, 0.5, 0.5, 0.9]), [0, 0.25, 0.5, 0.75, 1])
    np.testing.assert_allclose(
        [measured.similarity_at(share) for share in (0, 0.25, 0.5, 0.75, 1)], expected, atol=1e-3
    )


def test_equal_texts_count_once_in_the_background() -> None:
    assert background_of([SENTENCES[0]] * 3 + SENTENCES[3:], [0.0, 0.0, 0.0, 0.6, 1.5]).n == 3


@pytest.mark.parametrize("n", [1, 2, 3])
def test_a_corpus_of_duplicates_only_has_no_background(n: int) -> None:
    measured = background_of(SENTENCES[:n], ANGLES[:n])
    assert measured.n == 0
    assert math.isnan(measured.share_below(0.9))
    assert math.isnan(measured.similarity_at(0.5))
    assert auto_threshold(measured) == 0.9
    assert auto_threshold(measured, None) == 0.9


def test_neighbors_in_another_block_are_no_background() -> None:
    vectors, blocks = vectors_of(ANGLES), [2020, 2021, 2021, 2021, 2020]
    graph = build_graph(vectors)
    measured = measure_background(collect_evidence(SENTENCES, vectors, graph, blocks=blocks), graph, blocks=blocks)
    expected = np.sort(np.cos([1.5, 0.6, 0.5, 0.5, 1.5]))
    assert measured.n == 5
    np.testing.assert_allclose([measured.similarity_at(share / 4) for share in range(5)], expected, atol=1e-3)


def test_a_graph_of_other_rows_has_no_background() -> None:
    vectors = vectors_of(ANGLES)
    evidence = collect_evidence(SENTENCES, vectors, build_graph(vectors))
    with pytest.raises(ValueError, match="graph has 2 rows, vectors have 5"):
        measure_background(evidence, build_graph(vectors[:2]))


@settings(deadline=None, max_examples=20)
@given(order=st.permutations(range(5)))
def test_the_order_of_the_rows_does_not_change_the_background(order: list[int]) -> None:
    shuffled = background_of([SENTENCES[row] for row in order], [ANGLES[row] for row in order])
    np.testing.assert_array_equal(shuffled.quantiles, background_of(SENTENCES, ANGLES).quantiles)


@given(cosines=st.lists(st.integers(0, 100), min_size=1, max_size=30), one=SHARES, two=SHARES)
def test_the_share_below_rises_with_the_cosine_and_undoes_similarity_at(
    cosines: list[int], one: float, two: float
) -> None:
    levels = np.quantile(np.array(cosines) / 100, LEVELS).astype(np.float32)
    measured = Background(levels, len(cosines))
    low, high = sorted((one, two))
    assert 0 <= measured.share_below(low) <= measured.share_below(high) <= 1
    assert measured.similarity_at(low) <= measured.similarity_at(high)
    assert measured.share_below(measured.similarity_at(one)) <= one + 1e-6


def test_a_share_beyond_one_is_refused() -> None:
    with pytest.raises(ValueError, match=r"share=99.9; expected a number from 0 to 1"):
        background_of(SENTENCES, ANGLES).similarity_at(99.9)


@pytest.mark.parametrize(
    ("top", "n", "default", "expected"),
    [
        (0.7, 10_000, 0.9, 0.9),  # the corpus is nowhere near: the default stays
        (1.0, 10_000, 0.9, 0.998),  # 20 of 10,000
        (1.0, 100_000, 0.9, 0.999),  # 0.1 %
        (1.0, 40, 0.9, 0.9),  # 20 of 40 lie above 0.5
        (1.0, 12, 0.9, 0.9),  # fewer than a person looks through anyhow
        (1.0, 10_000, None, 0.998),
        (0.7, 10_000, None, 0.8),  # below there is no evidence
        (0.7, 10_000, 0.5, 0.8),
    ],
)
def test_the_automatic_threshold_lets_few_unrelated_neighbors_through(
    top: float, n: int, default: float | None, expected: float
) -> None:
    measured = Background((top * LEVELS).astype(np.float32), n)
    assert auto_threshold(measured, default) == pytest.approx(expected)
