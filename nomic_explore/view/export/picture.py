"""The map as a PNG, without a browser."""

import base64
import io
from pathlib import Path
from typing import TYPE_CHECKING

from nomic_explore.files import check_target, write_bytes
from nomic_explore.view.data.label_placement import LINE_HEIGHT
from nomic_explore.view.export.drawing import PAPER, Drawing, Name, draw_points, plan_drawing
from nomic_explore.view.export.fonts import find_font

if TYPE_CHECKING:
    from PIL import Image

    from nomic_explore.session import Session

_FINE = 4  # pixels for each pixel while a name is drawn


def save_png(
    exploration: "Session",
    path: str | Path,
    *,
    width: int = 1600,
    height: int = 1000,
    theme: str = "light",
    labels: bool = True,
) -> Path:
    """Writes a picture of the map with the names that fit, and returns its path.

    Args:
        exploration: what to draw.
        path: where to; ends in .png.
        width: pixels.
        height: pixels.
        theme: "light" or "dark".
        labels: write the names of topics.

    Raises:
        FileNotFoundError: the folder of the path does not exist.
        ValueError: the path ends in something else than .png, a size is below 16 pixels, or the theme is unknown.
    """
    target = check_target(path, (".png",))
    content = io.BytesIO()
    draw_map(exploration, width, height, theme, labels=labels).save(content, format="PNG", optimize=True)
    return write_bytes(target, content.getvalue())


def picture_url(exploration: "Session", width: int, height: int, theme: str) -> str:
    """Returns the picture of `save_png` as a data URL."""
    return url_of(draw_map(exploration, width, height, theme))


def url_of(picture: "Image.Image") -> str:
    """Returns a Pillow image as a data URL, in WebP.

    Example:
        >>> from PIL import Image
        >>> url_of(Image.new("RGB", (2, 2)))[:24]
        'data:image/webp;base64,U'
    """
    content = io.BytesIO()
    picture.save(content, format="WEBP", quality=80)
    return f"data:image/webp;base64,{base64.b64encode(content.getvalue()).decode('ascii')}"


def draw_map(exploration: "Session", width: int, height: int, theme: str, *, labels: bool = True) -> "Image.Image":
    """Returns the picture of `save_png` as a Pillow image."""
    return paint(plan_drawing(exploration, width, height, theme, labels))


def paint(drawing: Drawing) -> "Image.Image":
    """Returns a picture, points and names, as a Pillow image."""
    picture = draw_points(drawing)
    return _with_names(picture, drawing) if drawing.names else picture


def _with_names(picture: "Image.Image", drawing: Drawing) -> "Image.Image":
    """Returns the picture with the names over a soft halo of paper."""
    from PIL import Image, ImageFilter

    halo = Image.new("L", picture.size)
    for name in drawing.names:
        mask, corner = _draw_name(name, stroke=0.17 * name.size)
        halo.paste(255, corner, mask)
    halo = halo.filter(ImageFilter.GaussianBlur(drawing.unit)).point(lambda cover: min(225, cover * 2))
    named = Image.composite(Image.new("RGB", picture.size, PAPER[drawing.theme]), picture, halo)
    for name in drawing.names:
        if name.leader is not None:
            mask, corner = _draw_leader(name.leader, name.size / 14)
            named.paste(name.color, corner, mask)
        mask, corner = _draw_name(name, stroke=0.0)
        named.paste(name.color, corner, mask)
    return named


def _draw_leader(ends: tuple[float, float, float, float], width: float) -> "tuple[Image.Image, tuple[int, int]]":
    """Returns the line to a name as a mask, drawn large and made small, and the pixel of its top left corner."""
    from PIL import Image, ImageDraw

    left, top = int(min(ends[::2]) - width) - 1, int(min(ends[1::2]) - width) - 1
    size = (int(max(ends[::2]) + width) + 2 - left, int(max(ends[1::2]) + width) + 2 - top)
    tile = Image.new("L", (size[0] * _FINE, size[1] * _FINE))
    places = [((x - left) * _FINE, (y - top) * _FINE) for x, y in (ends[:2], ends[2:])]
    ImageDraw.Draw(tile).line(places, fill=180, width=max(1, round(width * _FINE)))
    return tile.reduce(_FINE), (left, top)


def _draw_name(name: Name, *, stroke: float) -> "tuple[Image.Image, tuple[int, int]]":
    """Returns a name as a mask, drawn large and made small, and the pixel of its top left corner.

    The font that Pillow brings has one weight: a heavier one is that, written again a little to the side.
    """
    from PIL import Image, ImageDraw

    lines = [find_font(line, round(_FINE * name.size)) for line in name.lines]
    half_width = int(max(font.getlength(text) for font, text in lines) / _FINE / 2 + name.size) + 1
    half_height = int(len(lines) * LINE_HEIGHT * name.size / 2 + name.size / 2) + 1
    left, top = round(name.x) - half_width, round(name.y) - half_height
    tile = Image.new("L", (2 * half_width * _FINE, 2 * half_height * _FINE))
    pen = ImageDraw.Draw(tile)
    bolder = round(_FINE * name.size * max(0, name.weight - 350) / 300 * 0.026)
    for at, (font, text) in enumerate(lines):
        y = (half_height + (at - (len(lines) - 1) / 2) * LINE_HEIGHT * name.size) * _FINE
        for shift in range(-bolder, bolder + 1):
            place = (half_width * _FINE + shift, y)
            pen.text(place, text, font=font, anchor="mm", fill=255, stroke_width=round(_FINE * stroke))
    return tile.reduce(_FINE), (left, top)
