import numpy as np
import pytest

from nomic_explore.view.data.home_view import HomeView, find_home
from nomic_explore.view.data.map_data import make_points
from nomic_explore.view.widget.atlas_map import AtlasMap


def square(n: int = 4_000) -> np.ndarray:
    return np.random.default_rng(0).uniform(-0.5, 0.5, (n, 2))


def test_all_of_an_even_layout_is_seen_at_home() -> None:
    home = find_home(square())
    assert (home.x, home.y) == (pytest.approx(0, abs=0.01), pytest.approx(0, abs=0.01))
    assert (home.half_width, home.half_height) == (pytest.approx(0.5, abs=0.01), pytest.approx(0.5, abs=0.01))


@pytest.mark.parametrize("outlier", [(1.0, 0.0), (-1.0, 1.0), (0.1, -1.0)])
def test_a_point_far_out_does_not_shrink_the_map(outlier: tuple[float, float]) -> None:
    alone, together = find_home(square()), find_home(np.vstack([square(), [outlier]]))
    for one, other in zip(alone.numbers(), together.numbers(), strict=True):
        assert one == pytest.approx(other, abs=0.02)


def test_home_holds_nearly_all_points() -> None:
    positions = np.random.default_rng(1).standard_t(2, (20_000, 2))
    positions /= np.abs(positions).max()
    home = find_home(positions)
    away = np.abs(positions - (home.x, home.y)) <= (home.half_width, home.half_height)
    assert away.all(axis=1).mean() >= 0.99
    assert home.scale(900, 600) > 4 * HomeView().scale(900, 600)


@pytest.mark.parametrize("positions", [np.zeros((0, 2)), np.zeros((3, 2)), np.array([[0.2, -0.7]])])
def test_any_number_of_points_has_a_home(positions: np.ndarray) -> None:
    assert np.isfinite(find_home(positions).scale(900, 600))


def test_the_browser_is_told_where_home_is() -> None:
    data = make_points(np.vstack([square(), [(30.0, 0.0)]]))
    assert AtlasMap(data).home == data.home.numbers()
    assert data.home.half_width < 0.04
