"""At which scales each name is shown, so that no two names ever cover each other; worked out once, before any map is drawn.

A name keeps its size in pixels while the map grows under it, so two names that overlap come apart at one scale that a
formula gives: nothing has to be tried while the map moves.
"""

from collections.abc import Sequence
from typing import TypedDict

import numpy as np

from nomic_explore.view.data.label_wrapping import measure_lines, wrap_name

FIT_SCALE = 276.0  # pixels a world unit takes when the whole map is seen in 900 x 600 pixels
MAX_SCALE = 400 * FIT_SCALE  # as far as the map can be zoomed
NO_END = 1e9
_FONTS = ((17.0, 650), (13.0, 500), (12.0, 450))  # size in pixels and weight of each layer; the last for all deeper
_LEAST_SIZE, _MOST_SIZE = 0.85, 1.08  # of the layer's font, for the smallest and the largest topics
LINE_HEIGHT = 1.2  # of the font's size
_GAP = 4.0  # pixels left free between two names
_MAX_IN_OVERVIEW = (24, 30)  # names of an overview: so many of the coarsest layer, finer ones only up to so many in all
_MAX_LED, _MAX_LEADING = 200, 3  # names to which a line may lead, those of an overview, and spots from which it may
LED_FROM = 6.0  # pixels between a name and its topic, from which on a line is drawn
_TURNS = np.radians([0, 30, -30, 60, -60, 90, -90, 120, -120, 150, -150, 180])
_REACHES = np.array([4.0, 20.0, 40.0, 64.0])  # pixels between a spot and a name beside it
_DOWN = np.array([1.0, -1.0])  # from world units, upwards, to pixels, downwards
_LEAST_SCALE, _FILLED = (
    253.0,
    0.92,
)  # of the whole map on a screen 800 pixels wide, and the share of the view that it fills
_AT_ONCE = 0.8 * FIT_SCALE  # a name that can be shown from here on keeps its best place
_STEPS_BACK_AT = 400.0  # pixels from the middle of a region to half of its documents: it fills more than the screen
_STAYS_UNTIL = 3 * FIT_SCALE  # no name that has finer ones steps back earlier


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


def place_labels(labels: Sequence[Label]) -> list[PlacedLabel]:
    """Returns the labels with their lines, their boxes and the scales from and up to which each is shown.

    Scale is in pixels per world unit. A label is shown exactly while `min_scale <= scale < max_scale`, its box centered
    `dx` pixels to the right of `x`, `y` and `dy` below; then no two boxes come nearer than 4 pixels to each other at any scale. Coarse names go before fine
    ones, large topics before small ones: what a name gets depends on nothing finer. A coarse name steps back when its
    region fills more than the screen; a label that no other names as its parent stays. A label takes the first of its spots
    that is free in an overview; the 200 first labels may stand beside their spot instead, with a line that leads there.

    Args:
        labels: as `MapData.labels`: `text`, `layer`, `parent`, `size`, `spots` (world units, the best first), `radius` and
            whatever else.

    Returns:
        New dicts in the same order, with `x` and `y` of the spot, `dx`, `dy`, `lines` (of text), `font` (pixels), `width` and `height` (pixels of the box), `min_scale` and
        `max_scale` (1e9: no end). Labels at one place whose names would never come apart share no scale; the
        last of them may be shown at none.

    Example:
        >>> cat = {"text": "cat", "layer": 0, "parent": -1, "size": 9, "spots": [(0.0, 0.0)], "radius": 0.1}
        >>> [int(label["min_scale"]) for label in place_labels([cat, {**cat, "text": "dog", "spots": [(0.1, 0.0)]}])]
        [0, 162]
    """
    if not labels:
        return []
    lines = [wrap_name(label["text"]) for label in labels]
    fonts = _choose_fonts(labels)
    boxes = [
        (round(measure_lines(own, font, name_weight(label["layer"])), 1), round(len(own) * LINE_HEIGHT * font, 1))
        for own, font, label in zip(lines, fonts, labels, strict=True)
    ]
    order = sorted(range(len(labels)), key=lambda at: (labels[at]["layer"], -labels[at]["size"]))
    parents = {label["parent"] for label in labels}
    ranges = np.empty((len(labels), 2))
    places = np.empty((len(labels), 4))
    sizes = np.array([boxes[at] for at in order], dtype=np.float64)
    ranges[order], places[order] = _find_ranges(
        candidates=[
            _Candidates(np.array(labels[at]["spots"], dtype=np.float64), box, is_led=number < _MAX_LED)
            for number, (at, box) in enumerate(zip(order, sizes, strict=True))
        ],
        boxes=sizes,
        starts=_find_starts(np.array([labels[at]["layer"] for at in order])),
        ends=_find_ends(np.array([labels[at]["radius"] for at in order]), np.array([at in parents for at in order])),
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


def _find_starts(layers: np.ndarray) -> np.ndarray:
    """Returns (n,) the scale from which each label may be shown; `layers` ascends, large topics first.

    The screen sees a share of the map that falls with the square of the scale, so as many more names may come.
    """
    places = np.arange(1, len(layers) + 1)
    limits = np.where(layers == layers[0], *_MAX_IN_OVERVIEW)
    return np.where(places <= limits, 0.0, FIT_SCALE * np.sqrt(places / limits))


def _find_ends(radii: np.ndarray, is_parent: np.ndarray) -> np.ndarray:
    """Returns (n,) the scale at which each label makes room for the finer ones inside it."""
    ends = np.clip(_STEPS_BACK_AT / np.maximum(radii, 1e-9), _STAYS_UNTIL, MAX_SCALE / 4)
    return np.where(is_parent, ends, NO_END)


class _Candidates:
    """The places that a label may take: on its spots, and beside its first spots with a line that leads there.

    Args:
        spots: (k, 2) in world units, the best first.
        box: width and height in pixels.
        is_led: whether a line may lead to the label.
    """

    def __init__(self, spots: np.ndarray, box: np.ndarray, *, is_led: bool) -> None:
        world, pixels = [spots], [np.zeros((len(spots), 2))]
        for spot in spots[:_MAX_LEADING] if is_led else ():
            beside = _places_beside(spot, box)
            world.append(np.repeat(spot[None], len(beside), axis=0))
            pixels.append(beside)
        self.world, self.pixels = np.vstack(world), np.vstack(pixels)  # (c, 2), (c, 2) right and down


def _places_beside(spot: np.ndarray, box: np.ndarray) -> np.ndarray:
    """Returns (c, 2) ways in pixels from a spot to the middle of a box beside it, away from the middle of the map first."""
    away = spot if np.hypot(*spot) > 1e-6 else np.array([0.0, 1.0])
    angles = np.arctan2(away[1], away[0]) + _TURNS
    directions = np.column_stack([np.cos(angles), -np.sin(angles)])  # right and down
    beside = (directions * (box / 2 + _REACHES[:, None, None])).reshape(-1, 2).round(1)
    in_view = np.abs(spot * _DOWN * _LEAST_SCALE + beside) + box / 2 <= _LEAST_SCALE / _FILLED
    return beside[in_view.all(axis=1)]


def _find_ranges(
    candidates: Sequence[_Candidates], boxes: np.ndarray, starts: np.ndarray, ends: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Returns (n, 2) the scales from and up to which each label is shown, and (n, 4) its place, given the labels before it.

    A place is a spot in world units and the way from there in pixels. Each label takes the first of its places at which it can
    be shown at once, else the one at which it can be shown earliest.
    """
    n = len(candidates)
    halves = boxes / 2 + _GAP / 2
    world, pixels, low, high = np.zeros((n, 2)), np.zeros((n, 2)), np.zeros(n), np.zeros(n)
    for at, own in enumerate(candidates):
        # Between two scales the boxes overlap: where they do in both directions.
        near, far = _overlaps(
            (own.world[:, None] - world[:at]) * _DOWN, own.pixels[:, None] - pixels[:at], halves[:at] + halves[at]
        )
        free_from = np.minimum(far, high[:at])  # (candidates, at)
        is_blocked = (near < free_from) & (low[:at] < free_from)
        blocked = np.where(is_blocked, free_from, 0.0).max(axis=1, initial=0.0)
        chosen = int(np.maximum(blocked, _AT_ONCE).argmin())
        world[at], pixels[at] = own.world[chosen], own.pixels[chosen]
        low[at] = min(max(starts[at], blocked[chosen]), NO_END)
        stays = min(2 * low[at], (low[at] * MAX_SCALE) ** 0.5)  # who had to wait is seen for a while, not for ever
        high[at] = max(ends[at], stays, low[at])
    return np.column_stack([low, high]), np.column_stack([world, pixels])


def _overlaps(world: np.ndarray, pixels: np.ndarray, room: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
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
