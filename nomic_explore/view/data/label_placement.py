"""At which scales each name is shown, so that no two names ever cover each other; worked out once, before any map is drawn.

A name keeps its size in pixels while the map grows under it, so two names that overlap come apart at one scale that a
formula gives: nothing has to be tried while the map moves.
"""

from collections.abc import Sequence
from typing import TypedDict

import numpy as np

from nomic_explore.view.data.home_view import HomeView
from nomic_explore.view.data.label_candidates import DOWN, LEAST_VIEW, PHONE_VIEW, Candidates, find_candidates
from nomic_explore.view.data.label_choice import choose_together, overlaps
from nomic_explore.view.data.label_wrapping import measure_lines, wrap_name

MAX_SCALE = 110_400.0  # pixels a world unit takes when the map is zoomed as far as it can be
NO_END = 1e9
_FONTS = ((16.0, 650), (12.5, 500), (11.5, 450))  # size in pixels and weight of each layer; the last for all deeper
_LEAST_SIZE, _MOST_SIZE = 0.85, 1.1  # of the layer's font, for the smallest and the largest topics
LINE_HEIGHT = 1.2  # of the font's size
_GAP = 4.0  # pixels left free between two names
_MAX_IN_OVERVIEW = (24, 30)  # names of an overview: so many of the coarsest layer, finer ones only up to so many in all
_MAX_LED = 200  # names to which a line may lead, those of an overview
_MAX_TOGETHER = 60  # names of an overview whose places are chosen layer by layer, not one by one
LED_FROM = 6.0  # pixels between a name and its topic, from which on a line is drawn
_STEPS_BACK_AT = 400.0  # pixels from the middle of a region to half of its documents: it fills more than the screen
_STAYS_UNTIL = 3.0  # times the scale of an overview: no name that has finer ones steps back earlier


class LabelFacts(TypedDict):
    """What the name of a topic shows, as JSON can hold it."""

    text: str
    keywords: list[str]
    confidence: float | None
    locked: bool


class Label(LabelFacts):
    """The name of a topic on a map; see `MapData.labels`."""

    layer: int
    topic: int
    parent: int
    size: int
    x: float
    y: float
    spots: list[tuple[float, float]]
    radius: float
    light: str
    dark: str
    dot_light: str
    dot_dark: str


class PlacedLabel(Label):
    """A name with its lines, its box, and the scales from and up to which it is shown."""

    lines: list[str]
    dx: float
    dy: float
    font: float
    width: float
    height: float
    min_scale: float
    max_scale: float


def name_weight(layer: int) -> int:
    """Returns the weight of a layer's names, 100 to 900."""
    return _FONTS[min(layer, len(_FONTS) - 1)][1]


def place_labels(labels: Sequence[Label], home: HomeView | None = None) -> list[PlacedLabel]:
    """Returns the labels with their lines, their boxes and the scales from and up to which each is shown.

    Scale is in pixels per world unit. A label is shown exactly while `min_scale <= scale < max_scale`, its box centered
    `dx` pixels to the right of `x`, `y` and `dy` below; then no two boxes come nearer than 4 pixels to each other at any scale. Coarse names go before fine
    ones, large topics before small ones: what a name gets depends on nothing finer. A coarse name steps back when its
    region fills more than the screen; a label that no other names as its parent stays. A label takes the first of its spots
    that is free in an overview; the 200 first labels may stand beside their spot instead, with a line that leads there.

    Args:
        labels: as `MapData.labels`: `text`, `layer`, `parent`, `size`, `spots` (world units, the best first), `radius` and
            whatever else.
        home: what is seen at first; None takes the square from -1 to 1.

    Returns:
        New dicts in the same order, with `x` and `y` of the spot, `dx`, `dy`, `lines` (of text), `font` (pixels), `width` and `height` (pixels of the box), `min_scale` and
        `max_scale` (1e9: no end). Labels at one place whose names would never come apart share no scale; the
        last of them may be shown at none.

    Example:
        >>> cat = {"text": "cat", "layer": 0, "parent": -1, "size": 9, "spots": [(0.0, 0.0)], "radius": 0.1}
        >>> [int(label["min_scale"]) for label in place_labels([cat, {**cat, "text": "dog", "spots": [(0.1, 0.0)]}])]
        [0, 153]
    """
    if not labels:
        return []
    lines = [wrap_name(label["text"]) for label in labels]
    fonts = _choose_fonts(labels)
    boxes = [
        (round(measure_lines(own, font, name_weight(label["layer"])), 1), round(len(own) * LINE_HEIGHT * font, 1))
        for own, font, label in zip(lines, fonts, labels, strict=True)
    ]
    home = home or HomeView()
    overview = home.scale(*LEAST_VIEW)
    order = sorted(range(len(labels)), key=lambda at: (labels[at]["layer"], -labels[at]["size"]))
    parents = {label["parent"] for label in labels}
    layers = np.array([labels[at]["layer"] for at in order])
    radii, is_parent = np.array([labels[at]["radius"] for at in order]), np.array([at in parents for at in order])
    ranges = np.empty((len(labels), 2))
    places = np.empty((len(labels), 4))
    sizes = np.array([boxes[at] for at in order], dtype=np.float64)
    ranges[order], places[order] = _find_ranges(
        candidates=[
            find_candidates(
                np.array(labels[at]["spots"], dtype=np.float64),
                box,
                home,
                is_led=number < _MAX_LED,
                view=PHONE_VIEW if layer == layers[0] else LEAST_VIEW,
            )
            for number, (at, box, layer) in enumerate(zip(order, sizes, layers, strict=True))
        ],
        boxes=sizes,
        layers=layers,
        starts=_find_starts(layers, overview),
        ends=_find_ends(radii, is_parent, overview),
        at_once=np.where(layers == layers[0], home.scale(*PHONE_VIEW), home.scale(*LEAST_VIEW)),
    )
    return [
        {
            **label,
            "x": float(places[at, 0]),
            "y": float(places[at, 1]),
            "dx": float(places[at, 2]),
            "dy": float(places[at, 3]),
            "lines": lines[at],
            "font": fonts[at],
            "width": boxes[at][0],
            "height": boxes[at][1],
            "min_scale": float(ranges[at, 0]),
            "max_scale": float(ranges[at, 1]),
        }
        for at, label in enumerate(labels)
    ]


def _choose_fonts(labels: Sequence[Label]) -> list[float]:
    """Returns the size in pixels of each name: that of its layer, more for topics larger than the layer's median, less for smaller."""
    sizes: dict[int, list[int]] = {}
    for label in labels:
        sizes.setdefault(label["layer"], []).append(label["size"])
    middles = {layer: float(np.median(own)) for layer, own in sizes.items()}
    fonts = []
    for label in labels:
        share = min(max((label["size"] / max(middles[label["layer"]], 1.0)) ** 0.2, _LEAST_SIZE), _MOST_SIZE)
        fonts.append(round(_FONTS[min(label["layer"], len(_FONTS) - 1)][0] * share, 1))
    return fonts


def _find_starts(layers: np.ndarray, overview: float) -> np.ndarray:
    """Returns (n,) the scale from which each label may be shown; `layers` ascends, large topics first.

    The screen sees a share of the map that falls with the square of the scale, so as many more names may come.
    """
    places = np.arange(1, len(layers) + 1)
    limits = np.where(layers == layers[0], *_MAX_IN_OVERVIEW)
    return np.where(places <= limits, 0.0, overview * np.sqrt(places / limits))


def _find_ends(radii: np.ndarray, is_parent: np.ndarray, overview: float) -> np.ndarray:
    """Returns (n,) the scale at which each label makes room for the finer ones inside it."""
    ends = np.clip(_STEPS_BACK_AT / np.maximum(radii, 1e-9), _STAYS_UNTIL * overview, MAX_SCALE / 4)
    return np.where(is_parent, ends, NO_END)


def _find_ranges(
    candidates: Sequence[Candidates],
    boxes: np.ndarray,
    layers: np.ndarray,
    starts: np.ndarray,
    ends: np.ndarray,
    at_once: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Returns (n, 2) the scales from and up to which each label is shown, and (n, 4) its place, given the labels before it.

    A place is a spot in world units and the way from there in pixels. The labels of an overview are placed layer by layer, so
    that as many as possible can be shown at once; any other takes the first of its places at which it can be shown at once,
    else the one at which it can be shown earliest.
    """
    placed = _Placed(boxes / 2 + _GAP / 2)
    chosen = np.full(len(candidates), -1)
    for at in range(len(candidates)):
        if at < _MAX_TOGETHER and (at == 0 or layers[at] != layers[at - 1]):
            layer = np.flatnonzero(layers[:_MAX_TOGETHER] == layers[at]).tolist()
            together = [candidates[one] for one in layer]
            free = [
                np.flatnonzero(placed.blocked_until(one, candidates[one], n_before=at) <= at_once[at]) for one in layer
            ]
            chosen[layer] = choose_together(together, placed.halves[layer], free, float(at_once[at]))
        own = candidates[at] if chosen[at] < 0 else candidates[at].only(int(chosen[at]))
        blocked = placed.blocked_until(at, own, n_before=at)
        best = int(np.maximum(blocked, at_once[at]).argmin())
        low = min(max(starts[at], blocked[best]), NO_END)
        stays = min(2 * low, (low * MAX_SCALE) ** 0.5)  # who had to wait is seen for a while, not for ever
        placed.put(at, own.world[best], own.pixels[best], low=low, high=max(ends[at], stays, low))
    return np.column_stack([placed.low, placed.high]), np.column_stack([placed.world, placed.pixels])


class _Placed:
    """Where the first labels stand, and the scales between which they are shown.

    Args:
        halves: (n, 2) half the width and height of each box in pixels, with half the gap between two.
    """

    def __init__(self, halves: np.ndarray) -> None:
        n = len(halves)
        self.halves, self.world, self.pixels = halves, np.zeros((n, 2)), np.zeros((n, 2))
        self.low, self.high = np.zeros(n), np.zeros(n)

    def put(self, at: int, world: np.ndarray, pixels: np.ndarray, *, low: float, high: float) -> None:
        """Places a label."""
        self.world[at], self.pixels[at], self.low[at], self.high[at] = world, pixels, low, high

    def blocked_until(self, at: int, own: Candidates, *, n_before: int) -> np.ndarray:
        """Returns for each place of a label the scale up to which the first labels are in its way."""
        first = slice(n_before)
        # Between two scales the boxes overlap: where they do in both directions.
        near, far = overlaps(
            (own.world[:, None] - self.world[first]) * DOWN,
            own.pixels[:, None] - self.pixels[first],
            self.halves[first] + self.halves[at],
        )
        free_from = np.minimum(far, self.high[first])  # (places, n_before)
        is_blocked = (near < free_from) & (self.low[first] < free_from)
        return np.where(is_blocked, free_from, 0.0).max(axis=1, initial=0.0)
