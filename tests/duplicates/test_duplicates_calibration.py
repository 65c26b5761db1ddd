"""What labeled pairs and verdicts say of a threshold."""

import math

import numpy as np
import pandas as pd
import pytest
from duplicate_sentences import ANGLES, SENTENCES
from hypothesis import given, settings
from hypothesis import strategies as st

from nomic_explore import build_graph, find_duplicates
from nomic_explore.duplicates.calibration import Calibration, calibrate, estimate_precision, label_pairs

LABELLED = st.lists(st.tuples(st.integers(0, 20).map(lambda step: 0.8 + step / 100), st.booleans()), max_size=40)
SHARES = st.floats(0, 1)


def vectors_of(angles: list[float]) -> np.ndarray:
    return np.column_stack([np.cos(angles), np.sin(angles)]).astype(np.float32)


def calibration_of(labeled: list[tuple[float, bool]]) -> Calibration:
    return calibrate(pd.DataFrame(labeled, columns=["similarity", "is_duplicate"]))


def test_calibration_counts_the_pairs_from_each_threshold_on() -> None:
    found = calibration_of([(0.9, True), (0.8, False), (0.95, True), (0.9, False), (math.nan, True)])
    table = found.to_pandas()
    assert table["threshold"].tolist() == [0.8, 0.9, 0.95]
    assert table["n"].tolist() == [4, 3, 1]
    assert table["n_right"].tolist() == [2, 2, 1]
    assert table["precision"].tolist() == [2 / 4, 2 / 3, 1.0]
    assert table["recall"].tolist() == [2 / 3, 2 / 3, 1 / 3]
    assert found.threshold(0.6) == 0.9
    assert found.precision(0.91)[0] == 1.0


def test_the_interval_is_the_exact_one_of_scipy() -> None:
    from scipy.stats import binomtest

    expected = binomtest(37, 40).proportion_ci(0.95, method="exact")
    told = estimate_precision([True] * 37 + [False] * 3)
    assert (told["low"], told["high"]) == pytest.approx((expected.low, expected.high))
    assert (told["n"], told["n_right"], told["precision"]) == (40, 37, 0.925)


def test_nothing_labeled_says_nothing() -> None:
    told = estimate_precision([])
    assert (told["n"], told["low"], told["high"]) == (0, 0.0, 1.0)
    assert math.isnan(told["precision"])
    empty = calibration_of([])
    assert len(empty.to_pandas()) == 0
    assert empty.precision(0.9)[1:] == (0.0, 1.0)
    with pytest.raises(ValueError, match="on 0 labeled pairs; none has a known similarity"):
        empty.threshold()


@settings(deadline=None)
@given(labeled=LABELLED)
def test_every_interval_holds_its_estimate(labeled: list[tuple[float, bool]]) -> None:
    table = calibration_of(labeled).to_pandas()
    assert ((table["low"] <= table["precision"]) & (table["precision"] <= table["high"])).all()


@settings(deadline=None)
@given(labeled=LABELLED, seed=st.integers(0, 9))
def test_shuffling_the_labeled_pairs_changes_nothing(labeled: list[tuple[float, bool]], seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(labeled))
    pd.testing.assert_frame_equal(
        calibration_of(labeled).to_pandas(), calibration_of([labeled[place] for place in order]).to_pandas()
    )


@settings(deadline=None)
@given(labeled=LABELLED, one=SHARES, two=SHARES, confidence=st.sampled_from([None, 0.8, 0.95]))
def test_more_precision_never_takes_a_lower_threshold(
    labeled: list[tuple[float, bool]], one: float, two: float, confidence: float | None
) -> None:
    calibration = calibration_of(labeled)
    low, high = sorted((one, two))
    try:
        strict = calibration.threshold(high, confidence=confidence)
    except ValueError:
        return
    assert calibration.threshold(low, confidence=confidence) <= strict
    estimate, sure, _ = calibration.precision(strict, confidence=confidence or 0.95)
    assert (estimate if confidence is None else sure) >= high


def test_a_precision_out_of_reach_names_the_best() -> None:
    pairs = [(0.97, True)] * 14 + [(0.97, False)] + [(0.9, False)] * 25
    with pytest.raises(
        ValueError, match=r"no threshold reaches 98 % precision on 40 labeled pairs; the best is 93.3 % at 0.970. Ask"
    ):
        calibration_of(pairs).threshold(0.98)


def test_to_be_sure_takes_more_pairs_than_to_estimate() -> None:
    few, many = calibration_of([(0.9, True)] * 182), calibration_of([(0.9, True)] * 183)
    assert few.threshold(0.98) == 0.9
    assert many.threshold(0.98, confidence=0.95) == 0.9
    with pytest.raises(ValueError, match=r"98 % precision with 95 % confidence on 182 .*the best is 97.9 % at 0.900"):
        few.threshold(0.98, confidence=0.95)


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ({"is_duplicate": [True]}, "pairs has columns is_duplicate; expected one named similarity"),
        ({"similarity": [0.9]}, "expected one named is_duplicate"),
        ({"similarity": ["high"], "is_duplicate": [True]}, r"pairs.similarity has type .*; expected cosines"),
        (
            {"similarity": [0.9, 97.0], "is_duplicate": [True, True]},
            r"pairs.similarity\[1\] is 97.0; expected a cosine",
        ),
        (
            {"similarity": [0.9, 0.9], "is_duplicate": [True, None]},
            r"is_duplicate\[1\] is None; expected True or False",
        ),
        ({"similarity": [0.9], "is_duplicate": ["no"]}, r"is_duplicate\[0\] is 'no'; expected True or False"),
    ],
)
def test_pairs_that_cannot_be_calibrated_are_refused(pairs: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        calibrate(pd.DataFrame(pairs))


def test_certainty_is_not_to_be_had() -> None:
    with pytest.raises(ValueError, match=r"confidence=1.0; expected less than 1"):
        estimate_precision([True], confidence=1.0)


def test_labeled_pairs_get_their_numbers_from_the_evidence() -> None:
    texts, angles = [*SENTENCES, SENTENCES[1]], [*ANGLES, ANGLES[1]]
    vectors = vectors_of(angles)
    found = find_duplicates(texts, vectors, build_graph(vectors))
    asked = [(5, 1, True), (5, 0, True), (2, 0, True), (3, 2, False), (4, 0, False), (4, 3, True)]
    told = label_pairs(found, asked)
    assert told["kind"].tolist() == ["exact", "normalised", "lexical", "semantic", "", ""]
    np.testing.assert_allclose(told["similarity"][:4], [1.0, 1.0, np.cos(0.1), np.cos(0.5)], atol=1e-5)
    assert told["similarity"][4:].isna().all()
    assert told["overlap"][2] > 0.8
    assert told["is_duplicate"].tolist() == [is_duplicate for *_, is_duplicate in asked]
    assert calibrate(told).to_pandas()["recall"].max() == 3 / 4  # one duplicate lies below the floor


@pytest.mark.parametrize(
    ("pair", "message"),
    [
        ((0, 9, True), r"pairs.other\[0\] is 9; expected a row number from 0 to 4"),
        ((-1, 2, True), r"pairs.row\[0\] is -1; expected a row number"),
        ((0.5, 2, True), r"pairs.row\[0\] is 0.5; expected a row number"),
        ((3, 3, True), r"pairs.row\[0\] and pairs.other\[0\] are both 3; expected two rows"),
        ((0, 1, "yes"), r"pairs.is_duplicate\[0\] is 'yes'"),
    ],
)
def test_a_labeled_pair_needs_two_rows_and_a_verdict(pair: tuple, message: str) -> None:
    vectors = vectors_of(ANGLES)
    found = find_duplicates(SENTENCES, vectors, build_graph(vectors))
    with pytest.raises(ValueError, match=message):
        label_pairs(found, [pair])
