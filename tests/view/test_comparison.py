from pathlib import Path

import numpy as np
import pytest

from nomic_explore import Exploration, compare, explore
from nomic_explore.testing import HashEmbedder
from nomic_explore.view.widget.comparison import shared_neighbors


@pytest.fixture(scope="module")
def turned(lesson: Exploration, tmp_path_factory: pytest.TempPathFactory) -> Exploration:
    """The lesson in another order, with one row less, laid out from another seed."""
    table = lesson.corpus.table
    order = np.random.default_rng(1).permutation(table.num_rows)[1:]
    folder = tmp_path_factory.mktemp("turned") / "turned"
    return explore(table.take(order), "text", folder=folder, id="id", seed=7, show_progress=False)


def test_selecting_in_one_selects_the_same_documents_in_the_other(lesson: Exploration, turned: Exploration) -> None:
    both = compare(lesson.map(panels=False), turned.map())
    ids = np.array(lesson.corpus.ids)
    rows = np.flatnonzero(both.row_in_b >= 0)[[3, 8, 20]]
    both.left.select(rows)
    assert set(np.array(turned.corpus.ids)[both.right.selected_rows]) == set(ids[rows])
    both.right.select(both.right.selected_rows[:1])
    assert len(both.left.selected_rows) == 1
    both.right.select([])
    assert len(both.left.selected_rows) == 0
    both.left.focus_on(int(rows[0]))
    assert turned.corpus.ids[both.right.data.rows[both.right.focus]] == ids[rows[0]]


def test_the_left_map_morphs_into_the_right_one(lesson: Exploration, turned: Exploration) -> None:
    both = compare(lesson, turned)
    targets = np.frombuffer(both.left.target, np.float32).reshape(-1, 2)
    point_of = {turned.corpus.ids[row]: point for point, row in enumerate(both.right.data.rows)}
    for point, row in enumerate(both.left.data.rows.tolist()):
        other = point_of.get(lesson.corpus.ids[row])
        expected = both.left.data.positions[point] if other is None else both.right.data.positions[other]
        assert np.allclose(targets[point], expected)


def test_a_layout_that_was_only_turned_lies_where_it_lay(lesson: Exploration) -> None:
    both = compare(lesson, lesson)
    assert np.allclose(np.frombuffer(both.left.target, np.float32), both.left.data.positions.ravel(), atol=1e-5)
    assert both.shared == 1.0


def test_shared_neighbors_count_documents_not_rows(lesson: Exploration, turned: Exploration) -> None:
    both = compare(lesson, turned)
    counted = []
    for row, other in enumerate(both.row_in_b):
        if other >= 0:
            near_a = {lesson.corpus.ids[near] for near in lesson.graph.neighbors[row, :10]}
            near_b = {turned.corpus.ids[near] for near in turned.graph.neighbors[other, :10]}
            counted.append(len(near_a & near_b) / 10)
    assert shared_neighbors(lesson, turned, both.row_in_b) == pytest.approx(np.mean(counted))
    assert both.shared > 0.8  # the same vectors, less one document


def test_both_maps_have_the_colours_of_the_left_ones_topics(lesson: Exploration, turned: Exploration) -> None:
    both = compare(lesson, turned)
    left, right = (np.frombuffer(atlas.colors, np.uint8) for atlas in (both.left, both.right))
    at_left = {lesson.corpus.ids[row]: left[point] for point, row in enumerate(both.left.data.rows)}
    assert all(at_left[turned.corpus.ids[row]] == right[point] for point, row in enumerate(both.right.data.rows))


def test_strangers_are_not_compared(lesson: Exploration, tmp_path: Path) -> None:
    other = explore(
        ["one thing", "another", "a third"], folder=tmp_path / "x", model=HashEmbedder(), show_progress=False
    )
    with pytest.raises(ValueError, match=r"share 0 documents by id; expected at least 3"):
        compare(lesson, other)
    with pytest.raises(TypeError, match="map_b is a str; expected a map"):
        compare(lesson, "a map")


def test_titles_state_what_differs(lesson: Exploration, turned: Exploration, tmp_path: Path) -> None:
    both = compare(lesson, turned)
    titles = [half.children[0].value for half in both.children[0].children]
    assert titles == ["seed 42", "seed 7"]
    assert [child.value for child in both.children[1].children[::2]] == ["Left map as seed 42", "as seed 7"]
    table = lesson.corpus.table
    narrow = explore(table, "text", folder=tmp_path / "narrow", id="id", model=HashEmbedder(32), show_progress=False)
    other = compare(lesson, narrow)
    assert [half.children[0].value for half in other.children[0].children][1].endswith("32 dimensions")
