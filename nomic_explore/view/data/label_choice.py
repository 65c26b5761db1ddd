"""Which place each name of a layer takes, so that as many as possible are shown together in an overview."""

from collections.abc import Sequence

import numpy as np

from nomic_explore.view.data.label_candidates import DOWN, Candidates

_MAX_CANDIDATES = 64  # of a name that are looked at together with those of other names
_DEPTH = 2  # how many names in a row may move to make room for another
_MAX_MOVED, _MAX_TRIED = 2, 16  # names that may move for a place, and places that are tried so


def overlaps(world: np.ndarray, pixels: np.ndarray, room: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns the scales between which boxes overlap; the first is not below the second where they never do.

    Args:
        world: (..., 2) from one middle to the other, in world units.
        pixels: (..., 2) the same in pixels, added whatever the scale.
        room: (..., 2) half the widths and heights of both, with the gap between them.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ends = np.stack([(-room - pixels) / world, (room - pixels) / world])
    always = np.where(np.abs(pixels) < room, np.inf, np.nan)  # of boxes that the scale does not move apart
    fixed = world == 0
    first = np.where(fixed, -always, ends.min(axis=0)).max(axis=-1)
    last = np.where(fixed, always, ends.max(axis=0)).min(axis=-1)
    never = np.isnan(first)
    return np.where(never, np.inf, np.maximum(first, 0.0)), np.where(never, 0.0, last)


def choose_together(
    candidates: Sequence[Candidates], halves: np.ndarray, free: Sequence[np.ndarray], scale: float
) -> list[int]:
    """Returns the place of each name, -1 where none was found, such that none of them overlap from a scale on.

    Names are taken in order; each takes the place that costs least. For one that finds none, up to two names in its way move,
    if they can, and so may those in their way.

    Args:
        candidates: of each name of a layer, in the order of their importance.
        halves: (n, 2) half the widths and heights of the boxes, with half the gap.
        free: of each name the places (numbers) that do not meet a name placed before.
        scale: from which on all shall be shown.
    """
    kept = [
        own[np.argsort(one.costs[own], kind="stable")[:_MAX_CANDIDATES]]
        for one, own in zip(candidates, free, strict=True)
    ]
    owners = np.repeat(np.arange(len(kept)), [len(own) for own in kept])
    numbers = np.concatenate(kept)
    pairs = list(zip(candidates, kept, strict=True))
    world = np.vstack([one.world[own] for one, own in pairs]).astype(np.float32)
    pixels = np.vstack([one.pixels[own] for one, own in pairs]).astype(np.float32)
    meets = _find_meetings(owners, world, pixels, halves.astype(np.float32), scale)
    board = _Board(owners, np.concatenate([one.costs[own] for one, own in pairs]), meets, len(kept))
    for name in range(len(kept)):
        board.place(name)
    return [int(numbers[at]) if at >= 0 else -1 for at in board.chosen]


def _find_meetings(
    owners: np.ndarray, world: np.ndarray, pixels: np.ndarray, halves: np.ndarray, scale: float
) -> np.ndarray:
    """Returns (c, c) whether two places of different names overlap at a scale or later."""
    meets = np.zeros((len(owners), len(owners)), dtype=bool)
    for name in range(len(halves)):
        own, later = owners == name, owners > name
        first, last = overlaps(
            (world[own][:, None] - world[later]) * DOWN.astype(np.float32),
            pixels[own][:, None] - pixels[later],
            halves[name] + halves[owners[later]],
        )
        meets[np.ix_(own, later)] = (first < last) & (last > scale)
    return meets | meets.T


class _Board:
    """Names that take their places one after the other.

    Args:
        owners: (c,) the name of each place.
        costs: (c,) of each place.
        meets: (c, c) whether two places of different names overlap.
        n_names: how many there are.
    """

    def __init__(self, owners: np.ndarray, costs: np.ndarray, meets: np.ndarray, n_names: int) -> None:
        self.owners, self.costs, self.meets = owners, costs, meets
        self.n_blockers = np.zeros(len(owners), dtype=np.int64)
        self.chosen = np.full(n_names, -1)

    def place(self, name: int) -> None:
        """Gives a name a place, if need be by moving others."""
        own = np.flatnonzero(self.owners == name)
        free = own[self.n_blockers[own] == 0]
        if len(free):
            self._put(int(free[np.argmin(self.costs[free])]))
        else:
            self._make_room(own, depth=_DEPTH)

    def _make_room(self, own: np.ndarray, *, depth: int) -> bool:
        """Returns whether one of some places could be taken because the names in its way could move; then they have."""
        own = own[self.n_blockers[own] <= _MAX_MOVED]
        for place in own[np.argsort(self.n_blockers[own] + self.costs[own], kind="stable")][:_MAX_TRIED]:
            before, blockers = self.chosen.copy(), self.n_blockers.copy()
            if self._move_from(int(place), depth=depth):
                return True
            self.chosen, self.n_blockers = before, blockers
        return False

    def _move_from(self, place: int, *, depth: int) -> bool:
        """Takes a place; returns whether all names that were in its way have found another."""
        in_way = [int(at) for at in self.chosen if at >= 0 and self.meets[place, at]]
        for at in in_way:
            self.chosen[self.owners[at]] = -1
            self.n_blockers = self.n_blockers - self.meets[at]
        self._put(place)
        for at in in_way:
            own = np.flatnonzero((self.owners == self.owners[at]) & ~self.meets[place])
            free = own[self.n_blockers[own] == 0]
            if len(free):
                self._put(int(free[np.argmin(self.costs[free])]))
            elif depth <= 1 or not self._make_room(own, depth=depth - 1):
                return False
        return True

    def _put(self, place: int) -> None:
        self.chosen[self.owners[place]] = place
        self.n_blockers = self.n_blockers + self.meets[place]
