"""The places that a name may take: on the spots of its topic, and beside them with a line that leads there."""

from dataclasses import dataclass

import numpy as np

from nomic_explore.view.data.home_view import FILLED, HomeView

DOWN = np.array([1.0, -1.0])  # from world units, upwards, to pixels, downwards
LEAST_VIEW = (550, 465)  # pixels of the map on a screen 800 pixels wide
PHONE_VIEW = (380, 560)  # and on a phone
_MAX_LEADING = 4  # spots from which a line may lead to a name
_TURNS = np.radians([0, 30, -30, 60, -60, 90, -90, 120, -120, 150, -150, 180])
_REACHES = np.array([4.0, 16.0, 28.0, 40.0, 56.0, 72.0])  # pixels between a spot and a name beside it


@dataclass(frozen=True)
class Candidates:
    """The places of one name, the best first.

    Attributes:
        world: (c, 2) spots in world units.
        pixels: (c, 2) the way from there to the middle of the name, right and down.
        costs: (c,) how much is lost by each: 0 for the best spot; a place with a line costs more than one without.
    """

    world: np.ndarray
    pixels: np.ndarray
    costs: np.ndarray

    def only(self, at: int) -> "Candidates":
        """Returns one of the places alone."""
        return Candidates(*(part[at : at + 1] for part in (self.world, self.pixels, self.costs)))


def find_candidates(
    spots: np.ndarray, box: np.ndarray, home: HomeView, *, is_led: bool, view: tuple[int, int] = LEAST_VIEW
) -> Candidates:
    """Returns the places of a name that are whole in the home view; its first spot if none is.

    Args:
        spots: (k, 2) in world units, the best first.
        box: width and height in pixels.
        home: of the map.
        is_led: whether a line may lead to the name.
        view: width and height in pixels of the smallest view in which it shall be whole.
    """
    world, pixels = [spots], [np.zeros((len(spots), 2))]
    costs = [np.arange(len(spots)) / 24]
    for number, spot in enumerate(spots[:_MAX_LEADING] if is_led else ()):
        beside = _places_beside(spot - (home.x, home.y), box)
        world.append(np.repeat(spot[None], len(beside), axis=0))
        pixels.append(beside)
        costs.append(0.6 + number / 12 + np.repeat(_REACHES, len(_TURNS)) / 120)
    made = Candidates(np.vstack(world), np.vstack(pixels), np.concatenate(costs))
    scale = home.scale(*view)
    halves = np.array([home.half_width, home.half_height])
    away = np.abs((made.world - (home.x, home.y)) * DOWN * scale + made.pixels) + box / 2
    in_view = (away <= halves * scale / FILLED).all(axis=1)
    if not in_view.any():
        in_view[0] = True
    return Candidates(made.world[in_view], made.pixels[in_view], made.costs[in_view])


def _places_beside(spot: np.ndarray, box: np.ndarray) -> np.ndarray:
    """Returns (c, 2) ways in pixels from a spot to the middle of a box beside it, away from the middle of the map first."""
    away = spot if np.hypot(*spot) > 1e-6 else np.array([0.0, 1.0])
    angles = np.arctan2(away[1], away[0]) + _TURNS
    directions = np.column_stack([np.cos(angles), -np.sin(angles)])  # right and down
    return (directions * (box / 2 + _REACHES[:, None, None])).reshape(-1, 2).round(1)
