"""What a still picture of the map shows: points, a pale tint where they lie densest, and the names that fit at its scale."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nomic_explore.checks import check_choice, check_positive
from nomic_explore.view.data.colors import NO_TOPIC
from nomic_explore.view.data.label_placement import LED_FROM, name_weight
from nomic_explore.view.data.map_data import MapData, make_map_data

if TYPE_CHECKING:
    from PIL import Image

    from nomic_explore.session import Session

PAPER = {"light": (251, 251, 250), "dark": (20, 23, 29)}
_TINT = {"light": 0.20, "dark": 0.22}  # of the points' color in the paper where they lie densest
_FAINT = 0.4  # of gray in the paper, for points that lie below the others
_OVERVIEW = 800_000  # pixels of a picture whose names are as large as on the screen; larger ones get larger names
_MIN_UNIT = 0.75  # below, the finest names could not be read
_MARGIN = 8.0


@dataclass(frozen=True)
class Name:
    """A name in a picture: its lines, centered on a pixel.

    Attributes:
        lines: of text.
        x: pixels from the left to the middle.
        y: pixels from the top to the middle.
        size: pixels of the font.
        weight: of the font, 100 to 900.
        color: as "#rrggbb".
        leader: x and y of both ends of the line that leads from the name to its topic; None for a name that lies on it.
    """

    lines: list[str]
    x: float
    y: float
    size: float
    weight: int
    color: str
    leader: tuple[float, float, float, float] | None = None


@dataclass(frozen=True)
class Drawing:
    """A picture before it is drawn.

    Attributes:
        width: pixels.
        height: pixels.
        theme: "light" or "dark".
        unit: picture pixels for each pixel of a map on the screen.
        places: (m, 2) pixels from the top left.
        colors: (m, 3) float32, 0 to 255.
        names: none covers another.
        is_faint: (m,) bool: points that lie pale below the others; None for none.
    """

    width: int
    height: int
    theme: str
    unit: float
    places: np.ndarray
    colors: np.ndarray
    names: list[Name]
    is_faint: np.ndarray | None = None


def plan_drawing(exploration: "Session", width: int, height: int, theme: str, labels: bool) -> Drawing:
    """Returns what a picture of this size shows.

    Raises:
        ValueError: a size is below 16 pixels or the theme unknown.
    """
    check_choice(theme, "theme", tuple(PAPER))
    check_positive(width, "width", at_least=16)
    check_positive(height, "height", at_least=16)
    unit = max(_MIN_UNIT, (width * height / _OVERVIEW) ** 0.5)
    return draw_data(make_map_data(exploration), width, height, theme, unit, labels=labels)


def draw_data(
    data: MapData,
    width: int,
    height: int,
    theme: str,
    unit: float,
    *,
    labels: bool = True,
    color_by: str = "topic",
    is_faint: np.ndarray | None = None,
) -> Drawing:
    """Returns what a picture of points that are ready to draw shows.

    Args:
        data: the points.
        width: pixels.
        height: pixels.
        theme: "light" or "dark".
        unit: picture pixels for each pixel of a map on the screen.
        labels: write the names of topics.
        color_by: the column that colors the points.
        is_faint: (m,) bool: points that lie pale below the others.
    """
    home = data.home
    scale = home.scale(width, height)
    channel = data.channels[color_by]
    palette = [[int(color[at : at + 2], 16) for at in (1, 3, 5)] for color in channel.palettes[theme]]
    return Drawing(
        width=width,
        height=height,
        theme=theme,
        unit=unit,
        places=np.array([width / 2, height / 2]) + (data.positions - (home.x, home.y)) * np.array([scale, -scale]),
        colors=np.array(palette, dtype=np.float32)[channel.codes[data.rows]],
        names=_find_names(data, width, height, theme, scale, unit) if labels else [],
        is_faint=is_faint,
    )


def _find_names(data: MapData, width: int, height: int, theme: str, scale: float, unit: float) -> list[Name]:
    """Returns the names shown at this scale; one that would be cut off at a border moves inside if there is room."""
    names: list[Name] = []
    taken: list[tuple[float, float, float, float]] = []
    shown = [label for label in data.labels if label["min_scale"] <= scale / unit < label["max_scale"]]
    for label in sorted(shown, key=lambda label: (label["layer"], -label["size"])):
        half = (label["width"] * unit / 2, label["height"] * unit / 2)
        topic_x = width / 2 + (label["x"] - data.home.x) * scale
        topic_y = height / 2 - (label["y"] - data.home.y) * scale
        x = _keep_inside(topic_x + label["dx"] * unit, half[0], width)
        y = _keep_inside(topic_y + label["dy"] * unit, half[1], height)
        box = (x - half[0], y - half[1], x + half[0], y + half[1])
        if _is_inside(box, width, height) and not any(_overlap(box, other) for other in taken):
            taken.append(box)
            size, weight = label["font"], name_weight(label["layer"])
            start = (min(max(topic_x, box[0]), box[2]), min(max(topic_y, box[1]), box[3]))
            is_led = np.hypot(topic_x - start[0], topic_y - start[1]) > LED_FROM * unit
            leader = (*start, topic_x, topic_y) if is_led else None
            color = label["light"] if theme == "light" else label["dark"]
            names.append(Name(label["lines"], x, y, size * unit, weight, color, leader))
    return names


def _keep_inside(middle: float, half: float, length: float) -> float:
    return min(max(middle, half + _MARGIN), length - half - _MARGIN)


def _is_inside(box: tuple[float, float, float, float], width: int, height: int) -> bool:
    return box[0] >= 0 and box[1] >= 0 and box[2] <= width and box[3] <= height


def _overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and one[2] > other[0] and one[1] < other[3] and one[3] > other[1]


def draw_points(drawing: Drawing, *, fineness: int = 1) -> "Image.Image":
    """Returns a Pillow image of the points: soft discs, a little transparent, over a pale tint where they lie densest.

    Args:
        drawing: what to draw.
        fineness: pixels drawn for each pixel of the picture, along each side.
    """
    from PIL import Image

    width, height = drawing.width * fineness, drawing.height * fineness
    paper = np.array(PAPER[drawing.theme], np.float32)
    pale = _FAINT * np.array([int(NO_TOPIC[drawing.theme][at : at + 2], 16) for at in (1, 3, 5)]) + (1 - _FAINT) * paper
    is_faint = np.zeros(len(drawing.places), bool) if drawing.is_faint is None else drawing.is_faint
    places = drawing.places * fineness - 0.5
    sums = _sum_on_pixels(places[~is_faint], drawing.colors[~is_faint], width, height)  # (h, w, 4)
    picture = _tint(sums, paper, _TINT[drawing.theme])
    if is_faint.any():
        pales = np.broadcast_to(pale, (int(is_faint.sum()), 3))
        picture = _lay_discs(_sum_on_pixels(places[is_faint], pales, width, height), picture, len(places))
    picture = _lay_discs(sums, picture, len(places))
    return Image.fromarray(np.clip(picture.round(), 0, 255).astype(np.uint8))


def _lay_discs(sums: np.ndarray, picture: np.ndarray, n_points: int) -> np.ndarray:
    """Returns a picture (height, width, 3) with a disc for each point of `_sum_on_pixels`, smaller where there are many."""
    from scipy.signal import oaconvolve

    height, width = sums.shape[:2]
    radius = max(0.8, 5.2 - 0.7 * np.log10(n_points + 1)) * (width * height / 1_600_000) ** 0.5
    away = np.hypot(*np.mgrid[-_reach(radius) : _reach(radius) + 1, -_reach(radius) : _reach(radius) + 1])
    disc = np.clip(radius + 0.5 - away, 0.0, 1.0).astype(np.float32)
    spread = [np.maximum(oaconvolve(sums[..., at], disc, mode="same"), 0.0) for at in range(4)]
    weight = spread[3][..., None]
    own = np.stack(spread[:3], axis=-1) / np.maximum(weight, 1e-3)
    cover = 1.0 - 0.2**weight
    return np.asarray(own * cover + picture * (1 - cover))


def _reach(radius: float) -> int:
    return int(np.ceil(radius)) + 1


def _sum_on_pixels(places: np.ndarray, colors: np.ndarray, width: int, height: int) -> np.ndarray:
    """Returns (height, width, 4) float32: the sums of red, green, blue and 1 of the points, each shared by 4 pixels."""
    sums = np.zeros((4, height * width), dtype=np.float64)
    low = np.floor(places).astype(np.int64)
    inside = places - low
    for right in (0, 1):
        for down in (0, 1):
            columns, rows = low[:, 0] + right, low[:, 1] + down
            share = np.abs(1 - right - inside[:, 0]) * np.abs(1 - down - inside[:, 1])
            seen = (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)
            at = rows[seen] * width + columns[seen]
            for channel in range(4):
                weights = share[seen] if channel == 3 else share[seen] * colors[seen, channel]
                sums[channel] += np.bincount(at, weights=weights, minlength=height * width)
    return sums.T.reshape(height, width, 4).astype(np.float32)


def _tint(sums: np.ndarray, paper: np.ndarray, strength: float) -> np.ndarray:
    """Returns (height, width, 3) float32: the paper, tinted with the color of what lies near."""
    from PIL import Image
    from scipy.ndimage import gaussian_filter

    height, width = sums.shape[:2]
    step = max(1, min(width, height) // 250)
    rows, columns = -(-height // step), -(-width // step)
    padded = np.pad(sums, ((0, rows * step - height), (0, columns * step - width), (0, 0)))
    coarse = padded.reshape(rows, step, columns, step, 4).sum(axis=(1, 3))
    smooth = gaussian_filter(coarse, sigma=(0.015 * min(rows, columns), 0.015 * min(rows, columns), 0))
    weight = smooth[..., 3:]
    is_dense = weight > weight.max() * 1e-4
    full = np.quantile(weight[is_dense], 0.98) if is_dense.any() else 1.0
    share = strength * np.minimum(weight / full, 1.0) ** 0.6
    tinted = smooth[..., :3] / np.maximum(weight, 1e-9) * share + paper * (1 - share)
    channels = [
        np.asarray(Image.fromarray(tinted[..., at]).resize((columns * step, rows * step), Image.Resampling.BICUBIC))
        for at in range(3)
    ]
    return np.stack(channels, axis=-1)[:height, :width]
