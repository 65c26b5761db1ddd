import pickle
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nomic_explore import build_graph, graph, project
from nomic_explore.projection import Projection, neighbor_preservation


def clusters(n: int, seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed)
    centres = random.normal(size=(4, 16))
    vectors = centres[np.arange(n) % 4] + 0.3 * random.normal(size=(n, 16))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


@settings(deadline=None, max_examples=25)
@given(n=st.integers(1, 60), k=st.integers(1, 70), seed=st.integers(0, 9))
def test_neighbors_are_those_of_brute_force(n: int, k: int, seed: int) -> None:
    vectors = clusters(n, seed)
    found = build_graph(vectors, k)
    scores = vectors @ vectors.T
    np.fill_diagonal(scores, -np.inf)
    k = min(k, n - 1)
    assert found.neighbors.shape == (n, k)
    assert not (found.neighbors == np.arange(n)[:, None]).any()
    np.testing.assert_allclose(found.similarities, -np.sort(-scores, axis=1)[:, :k], atol=1e-5)
    if k:
        np.testing.assert_allclose(np.take_along_axis(scores, found.neighbors, axis=1), found.similarities, atol=1e-5)


def test_a_shuffled_input_gives_the_permuted_graph() -> None:
    vectors, order = clusters(80), np.random.default_rng(3).permutation(80)
    straight, shuffled = build_graph(vectors, 7), build_graph(vectors[order], 7)
    np.testing.assert_array_equal(order[shuffled.neighbors], straight.neighbors[order])


@pytest.mark.slow
def test_the_approximate_search_measures_its_recall(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph, "_MAX_EXACT", 100)
    vectors = clusters(1500)
    found = build_graph(vectors, 10)
    exact = graph._search_exactly(vectors, np.arange(1500), 10)[0]
    recall = np.mean([np.isin(a, b).mean() for a, b in zip(exact, found.neighbors, strict=True)])
    assert not found.is_exact
    assert abs(found.recall - recall) < 0.05
    assert recall > 0.9
    assert (np.diff(found.similarities, axis=1) <= 1e-6).all()
    assert not (found.neighbors == np.arange(1500)[:, None]).any()


def test_a_graph_is_spread_to_rows() -> None:
    vectors = clusters(4)
    spread = build_graph(vectors, 2)._to_rows(np.array([0, 1, -1, 1, 2, 3]), np.array([0, 1, 4, 5]))
    assert spread.neighbors[2].tolist() == [-1, -1]
    np.testing.assert_array_equal(spread.neighbors[1], spread.neighbors[3])
    assert set(spread.neighbors[spread.neighbors >= 0].tolist()) <= {0, 1, 4, 5}


@pytest.mark.parametrize(
    ("vectors", "k", "words"),
    [
        (np.zeros(3), 2, "expected \\(n, d\\)"),
        (np.array([[1.0, np.nan]]), 2, "vectors\\[0\\] holds a value that is not finite"),
        (np.eye(3), 0, "n_neighbors=0; expected a whole number"),
        (np.eye(3), 2.5, "n_neighbors=2.5; expected a whole number"),
    ],
)
def test_what_is_no_matrix_is_refused(vectors: np.ndarray, k: int, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        build_graph(vectors, k)


@pytest.mark.parametrize("n", [0, 1, 2, 3, 10, 40])
def test_places_are_finite_for_any_number_of_documents(n: int) -> None:
    for vectors in (clusters(n), np.tile(clusters(1), (n, 1))):
        positions = project(vectors, build_graph(vectors))
        assert positions.shape == (n, 2)
        assert np.isfinite(positions).all()


def test_the_picture_depends_on_the_seed_alone_and_not_on_the_order() -> None:
    vectors, order = clusters(120), np.random.default_rng(5).permutation(120)
    found = build_graph(vectors)
    straight = project(vectors, found, seed=1)
    np.testing.assert_array_equal(project(vectors, found, seed=1), straight)
    np.testing.assert_array_equal(project(vectors[order], build_graph(vectors[order]), seed=1), straight[order])
    assert not np.array_equal(project(vectors, found, seed=2), straight)


def test_projecting_changes_nothing_it_was_given_and_joins_copies() -> None:
    vectors = np.concatenate([clusters(60), clusters(60)[:5]])
    found = build_graph(vectors)
    before = [vectors.copy(), found.neighbors.copy(), found.similarities.copy()]
    positions = project(vectors, found)
    for now, then in zip([vectors, found.neighbors, found.similarities], before, strict=True):
        np.testing.assert_array_equal(now, then)
    np.testing.assert_array_equal(positions[:5], positions[60:])


def test_a_picture_keeps_neighbors_better_than_chance() -> None:
    vectors = clusters(200)
    found = build_graph(vectors)
    kept = neighbor_preservation(found, project(vectors, found))
    shuffled = neighbor_preservation(found, np.random.default_rng(0).normal(size=(200, 2)))
    assert kept > 3 * shuffled


def test_a_graph_of_other_rows_is_refused() -> None:
    with pytest.raises(ValueError, match="graph has 3 rows, vectors have 4"):
        project(clusters(4), build_graph(clusters(3)))


def three(vectors: np.ndarray) -> np.ndarray:
    """A method that depends on the vectors alone."""
    return vectors[:, :2] * 3


def test_a_method_of_the_caller_gets_each_distinct_unit_vector_once() -> None:
    vectors = np.concatenate([2 * clusters(9), clusters(3)]).astype(np.float64)
    calls: list[np.ndarray] = []

    def method(given: np.ndarray) -> np.ndarray:
        calls.append(given.copy())
        given[:, 2:] = 0  # it may write into what it got
        return given[:, :2]

    before = vectors.copy()
    positions = project(vectors, build_graph(vectors), method=method)
    (given,) = calls
    assert given.shape == (9, 16)
    assert given.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(given, axis=1), 1.0, atol=1e-4)
    np.testing.assert_array_equal(positions[:3], positions[9:])
    np.testing.assert_allclose(positions.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_array_equal(vectors, before)


@pytest.mark.parametrize("method", ["pca", three])
def test_other_methods_do_not_depend_on_the_order_of_rows(method: Projection) -> None:
    vectors, order = clusters(60), np.random.default_rng(5).permutation(60)
    straight = project(vectors, build_graph(vectors), method=method)
    shuffled = project(vectors[order], build_graph(vectors[order]), method=method)
    assert straight.dtype == np.float32
    np.testing.assert_array_equal(shuffled, straight[order])


def test_principal_components_are_those_of_scikit_learn() -> None:
    from sklearn.decomposition import PCA

    vectors = clusters(60)
    found = project(vectors, build_graph(vectors), method="pca", n_components=3)
    expected = PCA(3).fit_transform(vectors)
    np.testing.assert_allclose(found, expected * np.sign((found * expected).sum(axis=0)), atol=1e-4)


def test_methods_of_scikit_learn_can_be_passed() -> None:
    from sklearn.manifold import TSNE

    vectors = clusters(30)
    method = TSNE(n_components=3, perplexity=5, random_state=0).fit_transform
    assert project(vectors, build_graph(vectors), method=method, n_components=3).shape == (30, 3)


@pytest.mark.slow
def test_umap_learn_can_be_passed() -> None:
    from umap import UMAP

    vectors = clusters(40)
    method = UMAP(metric="cosine", n_neighbors=5, random_state=0, n_jobs=1).fit_transform
    assert project(vectors, build_graph(vectors), method=method).shape == (40, 2)


def test_a_method_may_return_lists_and_is_not_called_without_documents() -> None:
    vectors = clusters(5)
    as_list = project(vectors, build_graph(vectors), method=lambda given: given[:, :2].tolist())
    np.testing.assert_array_equal(as_list, project(vectors, build_graph(vectors), method=lambda given: given[:, :2]))
    assert project(vectors[:0], build_graph(vectors[:0]), method=lambda given: 1 / 0).shape == (0, 2)


@pytest.mark.parametrize(("n_neighbors", "min_dist"), [(2, 0.0), (5, 1.0), (40, 0.5), (400, None)])
def test_positions_are_finite_at_the_ends_of_the_options(n_neighbors: int, min_dist: float) -> None:
    vectors = clusters(40)
    graph = build_graph(vectors, 39)
    positions = project(vectors, graph, n_neighbors=n_neighbors, min_dist=min_dist)
    assert np.isfinite(positions).all()


def test_a_larger_min_dist_keeps_points_apart() -> None:
    from scipy.spatial import cKDTree

    vectors = clusters(200)

    def nearest(min_dist: float) -> float:
        positions = project(vectors, build_graph(vectors), min_dist=min_dist)
        return float(np.median(cKDTree(positions).query(positions, k=2)[0][:, 1]))

    assert nearest(0.9) > 1.5 * nearest(0.0)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"method": "tsne"}, r"method='tsne'; expected 'umap', 'pca', or a function .*TSNE\(\).fit_transform"),
        ({"method": None}, r"method=None; expected 'umap', 'pca'"),
        ({"method": SimpleNamespace(fit_transform=three)}, r"expected a function. Pass its method fit_transform"),
        ({"method": "pca", "n_neighbors": 5}, r"n_neighbors=5 has no effect with method='pca'; .* Leave it out"),
        ({"method": three, "min_dist": 0.5}, r"min_dist=0.5 has no effect with method=a function; only 'umap' has it"),
        ({"min_dist": 1.5}, r"min_dist=1.5; expected a number from 0 to 1"),
        ({"min_dist": -0.1}, r"min_dist=-0.1; expected a number from 0 to 1"),
        ({"min_dist": float("nan")}, r"min_dist=nan; expected a number from 0 to 1"),
        ({"n_neighbors": 1}, r"n_neighbors=1; expected a whole number of at least 2"),
        ({"n_neighbors": 9}, r"the graph lists 5 neighbors of each. Pass build_graph\(vectors, n_neighbors=8\)"),
        ({"n_components": 0}, r"n_components=0; expected a whole number"),
        ({"method": lambda given: given}, r"returned shape \(20, 16\) for 20 distinct vectors; expected \(20, 2\)"),
        ({"method": lambda given: given[1:, :2]}, r"returned shape \(19, 2\) for 20 distinct"),
        ({"method": lambda given: given[:, :2] * np.nan}, r"returned \[nan, nan\] for vector 0 of 20; expected finite"),
        ({"method": lambda given: None}, r"the result of method is None"),
        ({"method": lambda given: [["a", "b"]] * 20}, r"the result of method\[0\] holds <U1 values"),
    ],
)
def test_a_projection_that_cannot_be_made_is_refused(options: dict[str, Any], words: str) -> None:
    vectors = clusters(20)
    with pytest.raises((TypeError, ValueError), match=words):
        project(vectors, build_graph(vectors, 5), **options)


def test_a_collapsed_graph_is_that_of_the_kept_documents() -> None:
    rng = np.random.default_rng(3)
    kept_vectors = rng.normal(size=(60, 8))
    vectors = np.concatenate([kept_vectors, kept_vectors[:20] + 1e-4, np.repeat(kept_vectors[:1] + 2e-4, 30, axis=0)])
    keeper_of = np.concatenate([np.arange(60), np.arange(20), np.zeros(30, dtype=np.int64)])
    collapsed = build_graph(vectors, 10)._restrict(np.arange(60), keeper_of, vectors)
    whole = build_graph(kept_vectors, 59)
    for row in range(60):
        listed = collapsed.neighbors[row][collapsed.neighbors[row] >= 0]
        assert len(listed) >= 5
        assert row not in listed
        np.testing.assert_array_equal(listed, whole.neighbors[row][: len(listed)])


def test_a_graph_without_copies_collapses_to_itself() -> None:
    graph = build_graph(np.random.default_rng(0).normal(size=(30, 4)), 5)
    same = graph._restrict(np.arange(30), np.arange(30), np.zeros((30, 4)))
    np.testing.assert_array_equal(same.neighbors, graph.neighbors)
    np.testing.assert_array_equal(same.similarities, graph.similarities)


def test_a_graph_shows_itself_in_one_line_and_as_a_small_table() -> None:
    shown = build_graph(clusters(9), 3)
    assert repr(shown) == "NeighborGraph(9 documents, 3 neighbors each, exact)"
    assert repr(replace(shown, is_exact=False, recall=0.98765)).endswith("approximate, recall 0.988)")
    assert "<th>documents</th><td>9</td>" in shown._repr_html_()
    assert '<td style="text-align:left">none</td>' in build_graph(np.ones((1, 4)))._repr_html_()


def test_a_pickled_graph_is_the_same() -> None:
    graph_before = build_graph(clusters(9), 3)
    graph_after = pickle.loads(pickle.dumps(graph_before))
    np.testing.assert_array_equal(graph_after.neighbors, graph_before.neighbors)
    np.testing.assert_array_equal(graph_after.similarities, graph_before.similarities)
