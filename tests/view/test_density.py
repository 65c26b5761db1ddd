from pathlib import Path

import numpy as np
import pytest

from nomic_explore.view.data import density
from nomic_explore.view.data.density import EXTENT, density_contours, density_grid


def three_islands() -> np.ndarray:
    rng = np.random.default_rng(0)
    places = np.array([(-0.6, -0.6), (0.6, -0.5), (0.1, 0.6)])
    return np.concatenate(
        [rng.normal(place, 0.06, (size, 2)) for place, size in zip(places, (600, 300, 100), strict=True)]
    )


def inside(line: np.ndarray, point: np.ndarray) -> bool:
    x, y = line.T
    crosses = (y[:-1] > point[1]) != (y[1:] > point[1])
    with np.errstate(divide="ignore", invalid="ignore"):
        at = x[:-1] + (point[1] - y[:-1]) * (x[1:] - x[:-1]) / (y[1:] - y[:-1])
    return bool((crosses & (point[0] < at)).sum() % 2)


def test_the_grid_is_brightest_where_most_documents_lie() -> None:
    grid = density_grid(three_islands())
    row, column = np.unravel_index(int(grid.argmax()), grid.shape)
    assert grid.shape == (256, 256)
    assert grid.dtype == np.uint8
    middle = (np.array([column, row]) + 0.5) / 256 * 2 * EXTENT - EXTENT
    assert np.abs(middle - (-0.6, -0.6)).max() < 0.1
    assert grid[0, 0] == 0
    assert grid.max() == 255


def test_a_heap_of_copies_does_not_darken_the_rest() -> None:
    spread = np.random.default_rng(1).uniform(-1, 1, (4_000, 2))
    heaped = np.concatenate([spread, np.full((2_000, 2), 0.31)])
    assert np.median(density_grid(heaped)) > 60


@pytest.mark.parametrize("n", [1, 300])
def test_the_haze_ends_without_an_edge(n: int) -> None:
    """Points at the very ends of the map: the outermost cells are empty, and no step is larger than others."""
    corners = np.repeat(np.array([(-1.0, -1.0), (1.0, 0.2), (0.0, 1.0), (-1.0, 0.5)]), n, axis=0)
    grid = density_grid(corners).astype(int)
    assert max(line.max() for line in (grid[0], grid[-1], grid[:, 0], grid[:, -1])) == 0
    assert np.abs(np.diff(grid, axis=1)).max() < 40


def test_lines_are_closed_and_nested() -> None:
    positions = three_islands()
    contours = density_contours(positions)
    lines = np.split(contours.points, contours.starts[1:-1])
    assert len(lines) == len(contours.levels) == len(contours.starts) - 1
    assert sorted(set(contours.levels.tolist())) == list(range(6))
    assert all(np.array_equal(line[0], line[-1]) for line in lines)
    shares = [
        np.mean(
            [
                any(inside(line, point) for line, own in zip(lines, contours.levels, strict=True) if own == level)
                for point in positions[::10]
            ]
        )
        for level in range(6)
    ]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > 0.9
    assert shares[-1] < 0.4


@pytest.mark.parametrize("n", [0, 1, 2, 500])
def test_any_number_of_documents_has_a_density(n: int) -> None:
    positions = np.full((n, 2), 0.25) if n == 500 else np.linspace(-1, 1, 2 * n).reshape(n, 2)
    contours = density_contours(positions)
    assert (density_grid(positions).max() == 255) == (n > 0)
    assert contours.starts[-1] == len(contours.points)
    assert (len(contours.levels) > 0) == (n > 0)


def test_positions_that_are_not_finite_are_left_out() -> None:
    positions = np.array([(0.2, 0.3), (np.nan, np.nan), (np.inf, 0.0)])
    np.testing.assert_array_equal(density_grid(positions), density_grid(positions[:1]))


def test_noise_everywhere_stays_within_the_number_of_points() -> None:
    contours = density_contours(np.random.default_rng(2).uniform(-1, 1, (300_000, 2)))
    assert 1_000 < len(contours.points) <= 20_000
    assert contours.points.dtype == np.float32
    assert contours.starts.dtype == np.uint32
    assert contours.levels.dtype == np.uint8


def test_the_order_of_documents_changes_nothing() -> None:
    positions = three_islands()
    np.testing.assert_array_equal(density_contours(positions).points, density_contours(positions[::-1]).points)


def test_browser_and_python_agree_on_how_far_the_grid_reaches() -> None:
    script = Path(density.__file__).parent.parent / "js" / "map" / "renderer" / "points.ts"
    assert f"DENSITY_REACH = {EXTENT:g};" in script.read_text()
