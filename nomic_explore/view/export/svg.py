"""The map as an SVG: the points as one embedded picture, the names as text that a drawing program can change."""

import base64
import io
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from nomic_explore.files import check_target, write_bytes
from nomic_explore.view.data.label_placement import LINE_HEIGHT
from nomic_explore.view.data.label_wrapping import clean_name
from nomic_explore.view.export.drawing import PAPER, Drawing, Name, draw_points, plan_drawing

if TYPE_CHECKING:
    from nomic_explore.session import Session

_FONTS = "Arial, Helvetica, 'Liberation Sans', 'Noto Sans', sans-serif"
_MAX_FINE = 2_500_000  # pixels; larger pictures are fine enough with one pixel a pixel
_BASELINE = 0.36  # of the font's size, below the middle of a line


def save_svg(
    exploration: "Session",
    path: str | Path,
    *,
    width: int = 1600,
    height: int = 1000,
    theme: str = "light",
    labels: bool = True,
) -> Path:
    """Writes the map as an SVG whose names are text, and returns its path.

    Args:
        exploration: what to draw.
        path: where to; ends in .svg.
        width: pixels.
        height: pixels.
        theme: "light" or "dark".
        labels: write the names of topics.

    Raises:
        FileNotFoundError: the folder of the path does not exist.
        ValueError: the path ends in something else than .svg, a size is below 16 pixels, or the theme is unknown.
    """
    target = check_target(path, (".svg",))
    drawing = plan_drawing(exploration, width, height, theme, labels)
    return write_bytes(target, make_svg(drawing, exploration.name).encode("utf-8"))


def make_svg(drawing: Drawing, title: str) -> str:
    """Returns the SVG; whatever the names hold, it is well-formed."""
    points = io.BytesIO()
    fineness = 2 if drawing.width * drawing.height <= _MAX_FINE else 1
    draw_points(drawing, fineness=fineness).save(points, format="PNG", optimize=True)
    packed = base64.b64encode(points.getvalue()).decode("ascii")
    paper = "#" + "".join(f"{part:02x}" for part in PAPER[drawing.theme])
    size = f'width="{drawing.width}" height="{drawing.height}"'
    names = "\n".join(_make_text(name, paper) for name in drawing.names)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {drawing.width} {drawing.height}">
<title>{escape(clean_name(title))}</title>
<image {size} href="data:image/png;base64,{packed}"/>
<g font-family="{_FONTS}" text-anchor="middle" stroke-linejoin="round" paint-order="stroke">
{names}
</g>
</svg>
"""


def _make_text(name: Name, paper: str) -> str:
    """Returns a name as one element, after the line that leads to it; the halo is painted before the letters."""
    first = name.y + _BASELINE * name.size - (len(name.lines) - 1) / 2 * LINE_HEIGHT * name.size
    lines = "".join(
        f'<tspan x="{name.x:.1f}" y="{first + at * LINE_HEIGHT * name.size:.1f}">{escape(clean_name(line))}</tspan>'
        for at, line in enumerate(name.lines)
    )
    looks = f'font-size="{name.size:.1f}" font-weight="{name.weight}" fill="{name.color}"'
    line = ""
    if name.leader is not None:
        ends = " ".join(f'{end}="{at:.1f}"' for end, at in zip(("x1", "y1", "x2", "y2"), name.leader, strict=True))
        line = f'<line {ends} stroke="{name.color}" stroke-width="{name.size / 14:.1f}" stroke-opacity="0.7"/>\n'
    return f'{line}<text {looks} stroke="{paper}" stroke-width="{0.28 * name.size:.1f}" stroke-opacity="0.85">{lines}</text>'
