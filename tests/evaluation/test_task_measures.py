"""Each number is what scikit-learn and scipy say, and its interval what samples of the rows say."""

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.metrics import (
    adjusted_mutual_info_score,
    average_precision_score,
    ndcg_score,
    roc_auc_score,
    v_measure_score,
)

from nomic_explore.evaluation.group_agreement import agreement_measure, kmeans_groups
from nomic_explore.evaluation.task_measures import (
    bootstrap,
    find_top,
    means_of,
    measure_candidates,
    measure_ranking,
    order_measure,
    pair_measure,
)

RANDOM = np.random.default_rng(0)


def unit(n: int, d: int = 8) -> np.ndarray:
    vectors = RANDOM.normal(size=(n, d)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_ndcg_is_that_of_scikit_learn_also_with_grades() -> None:
    queries, documents = unit(30), unit(50)
    grades = [
        {int(row): float(RANDOM.integers(1, 4)) for row in RANDOM.choice(50, 12, replace=False)} for _ in range(30)
    ]
    truth = np.array([[graded.get(row, 0.0) for row in range(50)] for graded in grades])
    values = measure_ranking(list(find_top(queries, documents)), grades)
    expected = [ndcg_score(truth[row : row + 1], (queries @ documents.T)[row : row + 1], k=10) for row in range(30)]
    np.testing.assert_allclose(values["nDCG@10"], expected, atol=1e-6)


def test_recall_and_reciprocal_rank_can_be_counted_by_hand() -> None:
    top = [np.array([3, 1, 2]), np.array([0, 1, 2])]
    values = measure_ranking(top, [{1: 1.0, 9: 1.0}, {0: 1.0}])
    assert values["recall@1"].tolist() == [0.0, 1.0]
    assert values["recall@10"].tolist() == [0.5, 1.0]
    assert values["MRR@10"].tolist() == [0.5, 1.0]


def test_the_top_is_that_of_a_full_sort_also_across_blocks() -> None:
    queries, documents = unit(600), unit(40)
    expected = np.argsort(-(queries @ documents.T), axis=1)[:, :10]
    assert np.array_equal(find_top(queries, documents), expected)


def test_a_right_answer_that_stands_first_gains_nothing_where_all_are_equally_similar() -> None:
    same = np.ones((20, 1), dtype=np.float32)
    values = measure_candidates(np.ones((200, 1), dtype=np.float32), [same] * 200, [{0: 1.0}] * 200, seed=1)
    first = find_top(np.ones((1, 1), dtype=np.float32), same, seed=3)[0, 0]
    assert first != 0
    assert values["MAP"].mean() == pytest.approx(1 / 20)


def test_average_precision_is_that_of_scikit_learn() -> None:
    queries, candidates = unit(5), [unit(12) for _ in range(5)]
    values = measure_candidates(queries, candidates, [{2: 1.0, 7: 1.0}] * 5)
    truth = np.isin(np.arange(12), [2, 7])
    expected = [average_precision_score(truth, own @ query) for query, own in zip(queries, candidates, strict=True)]
    np.testing.assert_allclose(values["MAP"], expected)


def test_agreement_is_that_of_scikit_learn() -> None:
    labels, groups = RANDOM.integers(0, 5, 200), RANDOM.integers(0, 7, 200)
    groups[:100] = labels[:100]
    values = agreement_measure(labels, [groups])(np.ones(200, dtype=int))
    assert values["AMI"] == pytest.approx(adjusted_mutual_info_score(labels, groups))
    assert values["V-measure"] == pytest.approx(v_measure_score(labels, groups))


def test_agreement_over_a_sample_is_nearly_that_of_scikit_learn_on_its_rows() -> None:
    labels = RANDOM.integers(0, 4, 400)
    groups = np.where(RANDOM.random(400) < 0.7, labels, RANDOM.integers(0, 4, 400)) - 1  # -1: rows without a topic
    counts = np.bincount(RANDOM.integers(0, 400, 400), minlength=400)
    rows = np.repeat(np.arange(400), counts)
    values = agreement_measure(labels, [groups])(counts)
    assert values["AMI"] == pytest.approx(adjusted_mutual_info_score(labels[rows], groups[rows]), abs=1e-3)
    assert values["V-measure"] == pytest.approx(v_measure_score(labels[rows], groups[rows]))


def test_pairs_and_orders_over_a_sample_are_those_of_its_rows() -> None:
    similarities, scores = RANDOM.random(60), RANDOM.random(60)
    is_same = RANDOM.random(60) < similarities
    counts = np.bincount(RANDOM.integers(0, 60, 60), minlength=60)
    rows = np.repeat(np.arange(60), counts)
    pairs = pair_measure(similarities, is_same)(counts)
    assert pairs["average precision"] == pytest.approx(average_precision_score(is_same[rows], similarities[rows]))
    assert pairs["ROC AUC"] == pytest.approx(roc_auc_score(is_same[rows], similarities[rows]))
    order = order_measure(similarities, scores)(counts)
    assert order["Spearman"] == pytest.approx(spearmanr(similarities[rows], scores[rows]).statistic)


def test_similarities_that_are_all_equal_are_in_no_order() -> None:
    assert order_measure(np.ones(3), np.arange(3.0))(np.ones(3, dtype=int)) == {"Spearman": 0.0}


def test_the_interval_of_a_mean_is_two_standard_errors_wide_on_either_side() -> None:
    values = (np.arange(400) < 200).astype(float)
    _, low, high = bootstrap(means_of({"recall@1": values}), 400, 2000, seed=7)["recall@1"]
    error = 0.5 / np.sqrt(400)
    assert low == pytest.approx(0.5 - 1.96 * error, abs=0.01)
    assert high == pytest.approx(0.5 + 1.96 * error, abs=0.01)


def test_the_same_seed_draws_the_same_samples_and_none_gives_no_interval() -> None:
    measure = means_of({"recall@1": RANDOM.random(50)})
    assert bootstrap(measure, 50, 100, seed=3) == bootstrap(measure, 50, 100, seed=3)
    assert bootstrap(measure, 50, 100, seed=3) != bootstrap(measure, 50, 100, seed=4)
    value, low, high = bootstrap(measure, 50, 0, seed=3)["recall@1"]
    assert 0 < value < 1
    assert np.isnan([low, high]).all()


def test_samples_that_hold_one_kind_of_pair_only_are_left_out() -> None:
    measure = pair_measure(np.array([0.9, 0.1]), np.array([True, False]))
    assert bootstrap(measure, 2, 50, seed=0)["ROC AUC"] == (1.0, 1.0, 1.0)
    with_no_sample = bootstrap(
        measure, 2, 1, seed=next(s for s in range(50) if len(set(np.random.default_rng(s).integers(0, 2, 2))) == 1)
    )
    assert np.isnan(with_no_sample["ROC AUC"][1])


def test_k_means_asks_for_no_more_groups_than_there_are_vectors() -> None:
    groups = kmeans_groups(np.repeat(np.eye(2, dtype=np.float32), 3, axis=0), 4, seed=0)
    assert [len(set(each.tolist())) for each in groups] == [2, 2, 2]
