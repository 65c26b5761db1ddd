"""What a map shows at first: nearly all of its points, so that a few far ones do not shrink all others."""

from dataclasses import dataclass

import numpy as np

FILLED = 0.92  # share of a view that the home view fills, along the side that limits it
_LEFT_OUT = 0.0025  # of the points, beyond each end of each axis
_LEAST_HALF = 0.01  # world units, of a map whose points all lie at one place
_BORDER = 0.02  # of the half side, beyond the points that are kept


@dataclass(frozen=True)
class HomeView:
    """The part of a map that is seen at first, in world units.

    Attributes:
        x: its middle.
        y: its middle.
        half_width: from the middle to the left and to the right end.
        half_height: from the middle to the lower and to the upper end.
    """

    x: float = 0.0
    y: float = 0.0
    half_width: float = 1.0
    half_height: float = 1.0

    def scale(self, width: float, height: float) -> float:
        """Returns how many pixels a world unit takes when all of it is seen in so many pixels.

        Example:
            >>> round(HomeView(half_height=0.5).scale(1000, 400))
            368
        """
        return FILLED / 2 * min(width / self.half_width, height / self.half_height)

    def numbers(self) -> list[float]:
        """Returns x, y, half the width and half the height, as a browser is sent them."""
        return [self.x, self.y, self.half_width, self.half_height]


def find_home(positions: np.ndarray) -> HomeView:
    """Returns the view that holds 99.5 % of the points along each axis, or all where the rest lies no farther out.

    Args:
        positions: (n, 2), from -1 to 1.

    Example:
        >>> find_home(np.array([[-0.5, 0.0], [0.5, 0.2]])).numbers()
        [0.0, 0.1, 0.5, 0.1]
    """
    if not len(positions):
        return HomeView()
    low, high = positions.min(axis=0).astype(float), positions.max(axis=0).astype(float)
    ends = np.quantile(positions, [_LEFT_OUT, 1 - _LEFT_OUT], axis=0).astype(float)
    border = _BORDER * (ends[1] - ends[0])
    low, high = np.maximum(low, ends[0] - border), np.minimum(high, ends[1] + border)
    (x, y), (half_width, half_height) = (low + high) / 2, np.maximum((high - low) / 2, _LEAST_HALF)
    return HomeView(*(round(float(number), 5) for number in (x, y, half_width, half_height)))
