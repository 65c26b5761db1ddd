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
NAME_FONTS = ((17.0, 650), (13.5, 600), (12.0, 450))  # size in pixels and weight of each layer; the last for all deeper
LINE_HEIGHT = 1.2  # of the font's size
_GAP = 4.0  # pixels left free between two names
_MAX_IN_OVERVIEW = (24, 20)  # names of an overview: so many of the coarsest layer, finer ones only up to so many in all
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
    radius: float
    light: str
    dark: str
    dot_light: str
    dot_dark: str


class PlacedLabel(Label):
    """A name with its lines, its box, and the scales from and up to which it is shown."""

    lines: list[str]
    width: float
    height: float
    min_scale: float
    max_scale: float


def name_font(layer: int) -> tuple[float, int]:
    """Returns the size in pixels and the weight (100 to 900) of a layer's names."""
    return NAME_FONTS[min(layer, len(NAME_FONTS) - 1)]


def place_labels(labels: Sequence[Label]) -> list[PlacedLabel]:
    """Returns the labels with their lines, their boxes and the scales from and up to which each is shown.

    Scale is in pixels per world unit. A label is shown exactly while `min_scale <= scale < max_scale`, its box centered
    on `x`, `y`; then no two boxes come nearer than 4 pixels to each other at any scale. Coarse names go before fine
    ones, large topics before small ones: what a name gets depends on nothing finer. A coarse name steps back when its
    region fills more than the screen; a label that no other names as its parent stays.

    Args:
        labels: as `MapData.labels`: `text`, `layer`, `parent`, `size`, `x`, `y`, `radius` and whatever else.

    Returns:
        New dicts in the same order, with `lines` (of text), `width` and `height` (pixels of the box), `min_scale` and
        `max_scale` (1e9: no end). Labels at one place whose names would never come apart share no scale; the
        last of them may be shown at none.

    Example:
        >>> cat = {"text": "cat", "layer": 0, "parent": -1, "size": 9, "x": 0.0, "y": 0.0, "radius": 0.1}
        >>> [label["min_scale"] for label in place_labels([cat, {**cat, "text": "dog", "x": 0.1}])][0]
        0.0
    """
    if not labels:
        return []
    lines = [wrap_name(label["text"]) for label in labels]
    boxes = [_measure(own, label["layer"]) for own, label in zip(lines, labels, strict=True)]
    order = sorted(range(len(labels)), key=lambda at: (labels[at]["layer"], -labels[at]["size"]))
    parents = {label["parent"] for label in labels}
    ranges = np.empty((len(labels), 2))
    ranges[order] = _find_ranges(
        centers=np.array([(labels[at]["x"], labels[at]["y"]) for at in order], dtype=np.float64),
        boxes=np.array([boxes[at] for at in order], dtype=np.float64),
        starts=_find_starts(np.array([labels[at]["layer"] for at in order])),
        ends=_find_ends(np.array([labels[at]["radius"] for at in order]), np.array([at in parents for at in order])),
    )
    return [
        {
            **label,
            "lines": own,
            "width": box[0],
            "height": box[1],
            "min_scale": float(low),
            "max_scale": float(high),
        }
        for label, own, box, (low, high) in zip(labels, lines, boxes, ranges, strict=True)
    ]


def _measure(lines: list[str], layer: int) -> tuple[float, float]:
    size, weight = name_font(layer)
    return round(measure_lines(lines, size, weight), 1), round(len(lines) * LINE_HEIGHT * size, 1)


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


def _find_ranges(centers: np.ndarray, boxes: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Returns (n, 2) the scales from and up to which each label is shown, given the labels before it."""
    n = len(centers)
    (x, y), (half_width, half_height) = centers.T.copy(), (boxes.T / 2 + _GAP / 2).copy()
    low, high = np.zeros(n), np.zeros(n)
    for at in range(n):
        with np.errstate(divide="ignore", over="ignore"):
            free_beside = (half_width[:at] + half_width[at]) / np.abs(x[:at] - x[at])
            free_above = (half_height[:at] + half_height[at]) / np.abs(y[:at] - y[at])
        free_from = np.minimum(np.minimum(free_beside, free_above), high[:at])
        blocked = free_from[low[:at] < free_from]  # the others are never shown while they would overlap
        low[at] = min(max(starts[at], blocked.max(initial=0.0)), NO_END)
        stays = min(2 * low[at], (low[at] * MAX_SCALE) ** 0.5)  # who had to wait is seen for a while, not for ever
        high[at] = max(ends[at], stays, low[at])
    return np.column_stack([low, high])
