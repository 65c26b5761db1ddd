"""Where documents lie close together: as a small picture to lay under the points, and as lines round nested islands."""

from dataclasses import dataclass

import numpy as np

EXTENT = 1.2  # the grid reaches from -EXTENT to EXTENT along both axes; points reach from -1 to 1
_FADES_FROM = 1.06  # from here on the density goes down to 0 at the end of the grid, which would be seen as a line
_CONTOUR_EXTENT = 1.25  # so that the outermost lines close round the points at the border
_CONTOUR_SIDE = 192
_MAX_VERTICES = 20_000
_MIN_VERTICES = 9  # of a line; smaller ones are noise of one or two documents
_INNERMOST, _OUTERMOST = 0.12, 0.96  # shares of the documents inside the highest and the lowest line


@dataclass(frozen=True)
class Contours:
    """Lines of equal density, closed: each ends in its first point.

    Attributes:
        points: (m, 2) float32, from -1.25 to 1.25, line after line.
        starts: (k + 1,) uint32; line i is `points[starts[i]:starts[i + 1]]`.
        levels: (k,) uint8 of each line, from 0, the outermost, upwards; lines of one level stand together.
    """

    points: np.ndarray
    starts: np.ndarray
    levels: np.ndarray


def density_grid(positions: np.ndarray, side: int = 256) -> np.ndarray:
    """Returns (side, side) uint8: how densely documents lie, 0 to 255, with steps that look even.

    Args:
        positions: (n, 2), from -1 to 1; positions that are not finite are left out.
        side: cells along each side of the square from -1.2 to 1.2. Row 0 is the lowest y, column 0 the lowest x.

    Example:
        >>> int(density_grid(np.array([[0.5, -0.5]]), side=8).argmax())  # in row 2, column 5
        21
    """
    smooth = _smooth_counts(positions, side, EXTENT) * _fade(side)[:, None] * _fade(side)
    if not smooth.any():
        return np.zeros((side, side), dtype=np.uint8)
    full = np.quantile(
        smooth[smooth > smooth.max() * 1e-6], 0.995
    )  # one heap of duplicates must not darken all the rest
    return (255 * np.sqrt(np.minimum(smooth / full, 1.0))).round().astype(np.uint8)


def density_contours(positions: np.ndarray, n_levels: int = 6) -> Contours:
    """Returns lines round the places where documents lie densest, nested as islands.

    The outermost lines hold about 96 % of the documents, the innermost 12 %. At most 20,000 points in all.

    Args:
        positions: (n, 2), from -1 to 1; positions that are not finite are left out.
        n_levels: how many steps from the shore to the summit.

    Example:
        >>> density_contours(np.zeros((1, 2))).levels.tolist()  # one document: rings round it
        [0, 1, 2, 3, 4, 5]
    """
    side = _CONTOUR_SIDE
    while True:
        lines = _draw_lines(_smooth_counts(positions, side, _CONTOUR_EXTENT), n_levels)
        if sum(len(line) for _, line in lines) <= _MAX_VERTICES:
            break
        side = side * 3 // 4
    points = [line for _, line in lines]
    return Contours(
        points=np.concatenate([np.zeros((0, 2)), *points]).astype(np.float32),
        starts=np.cumsum([0, *map(len, points)]).astype(np.uint32),
        levels=np.array([level for level, _ in lines], dtype=np.uint8),
    )


def _smooth_counts(positions: np.ndarray, side: int, extent: float) -> np.ndarray:
    """Returns (side, side) float32: documents per cell, spread the wider the fewer there are."""
    from scipy.ndimage import gaussian_filter

    cells = np.floor((np.asarray(positions, dtype=np.float32) + extent) * (side / (2 * extent)))
    inside = ((cells >= 0) & (cells < side)).all(axis=1)  # false also where a position is not finite
    columns, rows = cells[inside].astype(np.int64).T
    counts = np.bincount(rows * side + columns, minlength=side * side).reshape(side, side)
    spread = 0.1 * max(len(columns), 1) ** (-1 / 6)  # Scott's rule (1992) for islands a fifth of the map wide
    return gaussian_filter(counts.astype(np.float32), sigma=max(1.2, spread * side / (2 * extent)), mode="constant")


def _fade(side: int) -> np.ndarray:
    """Returns (side,) float32: 1 where points may lie, down to 0 at both ends of the grid, without a step."""
    away = np.abs((np.arange(side) + 0.5) * (2 * EXTENT / side) - EXTENT)
    share = np.clip((EXTENT - EXTENT / side - away) / (EXTENT - _FADES_FROM), 0.0, 1.0)
    return (share**2 * (3 - 2 * share)).astype(np.float32)


def _draw_lines(smooth: np.ndarray, n_levels: int) -> list[tuple[int, np.ndarray]]:
    """Returns the level and the (m, 2) points of each line, level by level."""
    from contourpy import LineType, contour_generator

    if not smooth.any():
        return []
    side = len(smooth)
    middles = (np.arange(-1, side + 1) + 0.5) * (2 * _CONTOUR_EXTENT / side) - _CONTOUR_EXTENT
    generator = contour_generator(middles, middles, np.pad(smooth, 1), line_type=LineType.Separate)  # 0 all round
    return [
        (level, np.asarray(line))
        for level, height in enumerate(_heights(smooth, n_levels))
        for line in generator.lines(float(height))
        if len(line) >= _MIN_VERTICES
    ]


def _heights(smooth: np.ndarray, n_levels: int) -> np.ndarray:
    """Returns (n_levels,) ascending densities; above each lies its share of all the documents."""
    sorted_cells = np.sort(smooth.ravel())[::-1]
    share = np.cumsum(sorted_cells, dtype=np.float64) / sorted_cells.sum(dtype=np.float64)
    wanted = np.linspace(_OUTERMOST, _INNERMOST, n_levels)
    return sorted_cells[np.minimum(np.searchsorted(share, wanted), len(share) - 1)]
