import subprocess
from itertools import combinations
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image, ImageFont

from nomic_explore import Exploration, explore
from nomic_explore.testing import HashEmbedder
from nomic_explore.view.data.label_wrapping import measure_lines
from nomic_explore.view.export import fonts
from nomic_explore.view.export.drawing import Drawing, Name, plan_drawing
from nomic_explore.view.export.fonts import find_font
from nomic_explore.view.export.svg import make_svg

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = [
    "</text><script>alert(1)</script>",
    '"><image href="http://elsewhere"/>',
    "&amp; < > ]]> -->",
    "\x00\x08 control \ufffe",
    "\u202e turned \ud800 broken",
    "\U0001f600 文字 Ж é",
]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_picture_shows_the_points_in_their_colours(lesson: Exploration, tmp_path: Path, theme: str) -> None:
    path = lesson.save_png(tmp_path / "map.png", width=400, height=300, theme=theme)
    pixels = np.asarray(Image.open(path).convert("RGB")).astype(int)
    assert pixels.shape == (300, 400, 3)
    assert (pixels[0, 0].mean() > 128) == (theme == "light")
    colourful = pixels.max(axis=2) - pixels.min(axis=2) > 60
    assert 0.005 < colourful.mean() < 0.5


@pytest.mark.parametrize("method", ["save_png", "save_svg"])
def test_a_picture_that_cannot_be_made_is_refused(lesson: Exploration, tmp_path: Path, method: str) -> None:
    save, ending = getattr(lesson, method), f".{method.removeprefix('save_')}"
    with pytest.raises(ValueError, match="theme='pink'; expected one of"):
        save(tmp_path / f"map{ending}", theme="pink")
    with pytest.raises(ValueError, match="width=3; expected a whole number of at least 16"):
        save(tmp_path / f"map{ending}", width=3)
    with pytest.raises(FileNotFoundError, match="No folder"):
        save(tmp_path / "nowhere" / f"map{ending}")
    for other in ("map.jpg", "map", "map.html"):
        with pytest.raises(ValueError, match=f"ends in '.*'; expected {ending}"):
            save(tmp_path / other)
    with pytest.raises(ValueError, match="is an address; expected a path on this machine"):
        save(f"s3://bucket/map{ending}")
    assert list(tmp_path.iterdir()) == []


def test_names_can_be_left_out(lesson: Exploration, tmp_path: Path) -> None:
    size = {"width": 500, "height": 400}
    bare = lesson.save_svg(tmp_path / "bare.svg", labels=False, **size)
    named = lesson.save_svg(tmp_path / "named.svg", **size)
    assert "<text" not in bare.read_text()
    assert "<text" in named.read_text()
    pictures = [
        np.asarray(Image.open(lesson.save_png(tmp_path / f"{labels}.png", labels=labels, **size)))
        for labels in (True, False)
    ]
    assert (pictures[0] != pictures[1]).any()


def test_the_same_picture_is_made_twice(lesson: Exploration, tmp_path: Path) -> None:
    written = [lesson.save_png(tmp_path / f"{at}.png", width=300, height=200).read_bytes() for at in range(2)]
    assert written[0] == written[1]


@pytest.mark.parametrize("size", [(300, 200), (900, 600), (2400, 1500), (400, 1200)])
def test_names_lie_inside_the_picture_and_apart(lesson: Exploration, size: tuple[int, int]) -> None:
    drawing = plan_drawing(lesson, *size, "light", True)
    boxes = []
    for name in drawing.names:
        half_width, half_height = measure_lines(name.lines, name.size, name.weight) / 2, len(name.lines) * name.size / 2
        boxes.append((name.x - half_width, name.y - half_height, name.x + half_width, name.y + half_height))
    assert boxes
    for left, top, right, bottom in boxes:
        assert 0 <= left < right <= size[0]
        assert 0 <= top < bottom <= size[1]
    for one, other in combinations(boxes, 2):
        assert one[0] >= other[2] or one[2] <= other[0] or one[1] >= other[3] or one[3] <= other[1]


def test_larger_pictures_have_larger_names(lesson: Exploration) -> None:
    small, large = (plan_drawing(lesson, 1_000 * times, 800 * times, "light", True) for times in (1, 2))
    assert max(name.size for name in large.names) == 2 * max(name.size for name in small.names)


def test_an_svg_holds_the_names_as_text_and_the_points_as_one_picture(lesson: Exploration, tmp_path: Path) -> None:
    root = ElementTree.parse(lesson.save_svg(tmp_path / "map.svg", width=900, height=600)).getroot()
    names = {name for layer in lesson.topics.names for name in layer}
    written = ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]
    assert written
    for text in written:
        assert any(text.replace(" ", "").rstrip("…") in name.replace(" ", "") for name in names)
    (image,) = root.iter(f"{SVG}image")
    assert image.get("href", "").startswith("data:image/png;base64,")
    assert root.findtext(f"{SVG}title") == lesson.name
    assert next(root.iter(f"{SVG}g")).get("paint-order") == "stroke"


def test_hostile_names_stay_text() -> None:
    names = [
        Name(lines=[text], x=100, y=20.0 * at, size=12, weight=450, color="#112233") for at, text in enumerate(HOSTILE)
    ]
    drawing = Drawing(200, 150, "light", 1.0, np.zeros((1, 2)), np.zeros((1, 3), np.float32), names)
    root = ElementTree.fromstring(make_svg(drawing, HOSTILE[0]).encode("utf-8"))
    assert [element.tag.removeprefix(SVG) for element in root] == ["title", "image", "g"]
    written = ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]
    assert written[:3] == HOSTILE[:3]
    assert written[3:] == ["control", "turned broken", HOSTILE[5]]


@pytest.mark.parametrize("texts", [["one text"], ["one text"] * 3, ["one text", "another one", None]])
def test_a_handful_of_documents_has_a_picture(tmp_path: Path, texts: list[str | None]) -> None:
    exploration = explore(texts, folder=tmp_path / "x", model=HashEmbedder(), show_progress=False)
    with Image.open(exploration.save_png(tmp_path / "map.png", width=64, height=48)) as picture:
        assert picture.size == (64, 48)
    ElementTree.parse(exploration.save_svg(tmp_path / "map.svg", width=64, height=48))


@pytest.mark.parametrize("text", ["plain", "é", "Ж", "文字", "😀", "अनुवाद", "\U000e0001?"])
def test_every_script_finds_a_font_that_draws(text: str) -> None:
    font, written = find_font(text, 20)
    assert written
    assert font.getlength(written) > 0


def test_without_fonts_of_the_system_accents_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise OSError("none here")

    monkeypatch.setattr(subprocess, "run", fail)
    monkeypatch.setattr(ImageFont, "truetype", fail)
    fonts._find_file.cache_clear()
    try:
        assert find_font("Café Ж", 20)[1] == "Cafe Ж"
    finally:
        fonts._find_file.cache_clear()
