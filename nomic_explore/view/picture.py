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
_OVERSAMPLING = 2


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
    scale = 0.46 * min(width, height)
    scale = min(scale * 1.35, 0.47 * width, 0.47 * height) if width != height else scale
    places = np.array([width / 2, height / 2]) + data.positions * np.array([scale, -scale])
    large = _draw_points(places * _OVERSAMPLING, data, width * _OVERSAMPLING, height * _OVERSAMPLING, theme)
    picture = Image.fromarray(large).resize((width, height), Image.Resampling.BOX)
    _draw_names(picture, data, scale, theme)
    part = target.with_name(f"{target.name}.part")
    try:
        picture.save(part, format="PNG", optimize=True)
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)
    return target


def _draw_points(places: np.ndarray, data: MapData, width: int, height: int, theme: str) -> np.ndarray:
    """Returns (height, width, 3) uint8: discs laid over each other, a little transparent."""
    n = len(places)
    radius = max(1, round((3.4 - 0.45 * np.log10(n + 1)) * _OVERSAMPLING * (height / _OVERSAMPLING / 1000) ** 0.5))
    palette = np.array(
        [[int(color[at : at + 2], 16) for at in (1, 3, 5)] for color in data.palettes[theme]], dtype=np.float32
    )
    colors = palette[data.colors]
    total = np.zeros((height * width, 3), dtype=np.float32)
    weight = np.zeros(height * width, dtype=np.float32)
    columns, rows = places.round().astype(int).T
    for dy in range(-radius, radius + 1):
        for dx in range(-radius, radius + 1):
            if dx * dx + dy * dy > radius * radius + 1:
                continue
            x, y = columns + dx, rows + dy
            seen = (x >= 0) & (x < width) & (y >= 0) & (y < height)
            at = y[seen] * width + x[seen]
            weight += np.bincount(at, minlength=len(weight)).astype(np.float32)
            for channel in range(3):
                total[:, channel] += np.bincount(at, weights=colors[seen, channel], minlength=len(weight)).astype(
                    np.float32
                )
    cover = 1.0 - 0.35 ** weight[:, None]
    mixed = total / np.maximum(weight, 1)[:, None] * cover + np.array(_PAPER[theme]) * (1 - cover)
    return mixed.round().astype(np.uint8).reshape(height, width, 3)


def _draw_names(picture: Any, data: MapData, scale: float, theme: str) -> None:
    """Writes the names of the two coarsest layers where they fit, large topics first."""
    from PIL import ImageDraw, ImageFont

    draw, width, height = ImageDraw.Draw(picture), *picture.size
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
