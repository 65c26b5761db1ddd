from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import fcluster, ward

from nomic_explore.topics import hierarchy


@settings(deadline=None, max_examples=30)
@given(n=st.integers(4, 60), seed=st.integers(0, 99))
def test_the_tree_is_the_one_of_scipy(n: int, seed: int) -> None:
    points = np.random.default_rng(seed).normal(size=(n, 3))
    tree = ward(points)
    for size in (1, 2, n // 2, n):
        ours, theirs = (
            hierarchy.cut_tree(hierarchy.grow_tree(points)[0], size),
            fcluster(tree, size, criterion="maxclust"),
        )
        pairs = np.unique(np.stack([ours, theirs]), axis=1)
        assert pairs.shape[1] == len(np.unique(ours)) == len(np.unique(theirs))


@pytest.mark.parametrize("points", [np.random.default_rng(0).normal(size=(500, 3)), np.zeros((500, 3))])
def test_every_size_is_met_and_a_larger_one_only_splits(points: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hierarchy, "_MAX_GROUPS", 60)
    sizes = [1, 2, 7, 50, 200, 500] if points.any() else [1, 500]
    merges, heights = hierarchy.grow_tree(points)
    assert (np.diff(heights) >= 0).all()
    cuts = [hierarchy.cut_tree(merges, size) for size in sizes]
    assert [len(np.unique(labels)) for labels in cuts] == sizes
    for coarse, fine in pairwise(cuts):
        assert len(np.unique(np.stack([coarse, fine]), axis=1).T) == len(np.unique(fine))


def test_a_branch_is_parted_as_the_tree_parts_it(monkeypatch: pytest.MonkeyPatch) -> None:
    points = np.random.default_rng(1).normal(size=(200, 2))
    merges, _ = hierarchy.grow_tree(points)
    coarse, fine = hierarchy.cut_tree(merges, 5), hierarchy.cut_tree(merges, 6)
    parted = next(label for label in range(5) if len(np.unique(fine[coarse == label])) == 2)
    members = np.flatnonzero(coarse == parted)
    parts = hierarchy.cut_branch(merges, members, 2)
    assert len(np.unique(np.stack([parts, fine[members]]), axis=1).T) == 2
    assert len(np.unique(hierarchy.cut_branch(merges, members[:3], 9))) == 3


def test_no_points_have_no_tree() -> None:
    assert hierarchy.grow_tree(np.zeros((0, 2)))[0].shape == (0, 2)
    assert hierarchy.cut_tree(hierarchy.grow_tree(np.zeros((1, 2)))[0], 1).tolist() == [0]
