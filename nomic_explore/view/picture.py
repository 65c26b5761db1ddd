"""The map as a PNG, without a browser."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nomic_explore.checks import check_choice, check_positive
from nomic_explore.view.map_data import MapData, make_map_data

if TYPE_CHECKING:
    from nomic_explore.exploration import Exploration

_PAPER = {"light": (251, 251, 250), "dark": (20, 23, 29)}
_INK = {"light": (31, 36, 48), "dark": (232, 234, 240)}


def save_png(
    exploration: "Exploration", path: str | Path, *, width: int = 1600, height: int = 1000, theme: str = "light"
) -> Path:
    """Writes a picture of the map with the names of its coarse and middle topics, and returns its path.

    Args:
        exploration: what to draw.
        path: where to.
        width: pixels.
        height: pixels.
        theme: "light" or "dark".

    Raises:
        FileNotFoundError: the folder of the path does not exist.
        ValueError: a size is not positive or the theme unknown.
    """
    from PIL import Image

    check_choice(theme, "theme", tuple(_PAPER))
    check_positive(width, "width", at_least=16)
    check_positive(height, "height", at_least=16)
    target = Path(path).expanduser()
    if not target.parent.is_dir():
        raise FileNotFoundError(f"No folder {target.parent}; make it first, or choose another path.")
    data = make_map_data(exploration)
    extent = np.maximum(np.abs(data.positions).max(axis=0, initial=0.05), 0.05)
    scale = 0.46 * float(min(width / extent[0], height / extent[1]))
    places = np.array([width / 2, height / 2]) + data.positions * np.array([scale, -scale])
    picture = Image.fromarray(_draw_points(places, data, width, height, theme))
    _draw_names(picture, data, scale, theme)
    part = target.with_name(f"{target.name}.part")
    try:
        picture.save(part, format="PNG", optimize=True)
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)
    return target


def _draw_points(places: np.ndarray, data: MapData, width: int, height: int, theme: str) -> np.ndarray:
    """Returns (height, width, 3) uint8: soft discs laid over each other, a little transparent."""
    from scipy.signal import oaconvolve

    radius = max(0.8, 4.6 - 0.62 * np.log10(len(places) + 1)) * (height / 1000) ** 0.5
    reach = int(np.ceil(radius)) + 1
    away = np.hypot(*np.mgrid[-reach : reach + 1, -reach : reach + 1])
    disc = np.clip(radius + 0.5 - away, 0.0, 1.0).astype(np.float32)
    codes = [[int(color[at : at + 2], 16) for at in (1, 3, 5)] for color in data.palettes[theme]]
    colors = np.array(codes, dtype=np.float32)[data.colors]
    columns, rows = places.round().astype(np.int64).T
    seen = (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)
    at = rows[seen] * width + columns[seen]

    def spread(weights: np.ndarray | None) -> np.ndarray:
        centres = np.bincount(at, weights=weights, minlength=width * height).astype(np.float32)
        return np.maximum(oaconvolve(centres.reshape(height, width), disc, mode="same"), 0.0)

    weight = spread(None)[..., None]
    total = np.stack([spread(colors[seen, channel]) for channel in range(3)], axis=-1)
    cover = 1.0 - 0.2**weight
    mixed = total / np.maximum(weight, 1e-3) * cover + np.array(_PAPER[theme]) * (1 - cover)
    return np.clip(mixed.round(), 0, 255).astype(np.uint8)


def _draw_names(picture: Any, data: MapData, scale: float, theme: str) -> None:
    """Writes the names of the two coarsest layers where they fit, large topics first."""
    from PIL import ImageDraw, ImageFont

    draw = ImageDraw.Draw(picture)
    width, height = picture.size
    unit = (width * height / 1_600_000) ** 0.5
    taken: list[tuple[float, float, float, float]] = []
    for label in sorted(data.labels, key=lambda label: (label["layer"], -label["size"])):
        if label["layer"] > 1:
            continue
        font = ImageFont.load_default(round((25, 16)[label["layer"]] * unit))
        x, y = width / 2 + label["x"] * scale, height / 2 - label["y"] * scale
        left, top, right, bottom = draw.textbbox((x, y), label["text"], font=font, anchor="mm")
        shift = max(0, 8 - left) - max(0, right - width + 8)
        box = (left + shift - 6, top - 4, right + shift + 6, bottom + 4)
        if any(box[0] < other[2] and box[2] > other[0] and box[1] < other[3] and box[3] > other[1] for other in taken):
            continue
        taken.append(box)
        stroke = max(2, round(3 * unit))
        draw.text(
            (x + shift, y),
            label["text"],
            font=font,
            anchor="mm",
            fill=_INK[theme],
            stroke_width=stroke,
            stroke_fill=_PAPER[theme],
        )
