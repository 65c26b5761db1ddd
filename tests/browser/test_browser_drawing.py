"""What the renderer draws, looked at as pixels: colours, sharpness, what it does without WebGL2 or when that is lost."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser_tools import MARKS, Map, lonely_points, open_page, palette_colors, until

from nomic_explore import Exploration

pytest_plugins = ["browser_tools"]
pytestmark = MARKS
SHADE = 14  # of 255: a point is not quite opaque
NO_WEBGL = """
    const getContext = HTMLCanvasElement.prototype.getContext;
    HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
        return kind.startsWith('webgl') ? null : getContext.call(this, kind, ...rest);
    };"""
LOSE = """(canvas) => new Promise((resolve) => {
    window.loss = canvas.getContext('webgl2').getExtension('WEBGL_lose_context');
    canvas.addEventListener('webglcontextlost', () => setTimeout(resolve));
    window.loss.loseContext();
})"""


def assert_topic_colors(shown: Map, field: Exploration, theme: str = "light") -> None:
    rows, positions = lonely_points(field)
    assert np.abs(shown.colors(positions) - palette_colors(field, "topic", rows, theme)).max() <= SHADE


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_topics_colour_is_where_its_points_are(
    field: Exploration, browser: Any, field_page: Path, theme: str
) -> None:
    assert_topic_colors(open_page(browser, field_page, color_scheme=theme), field, theme)


def test_the_status_line_says_what_draws_and_how_many(field: Exploration, shown: Map) -> None:
    assert shown.status() == f"{len(field)} documents · WebGL2 · all drawn"
    shown.canvas.focus()
    for _ in range(6):
        shown.page.keyboard.press("+")
    shown.wait("near the view drawn")
    assert 0 < shown.count("near the view drawn") < len(field)
    assert shown.canvas.get_attribute("data-points-drawn") == str(shown.count("near the view drawn"))


def test_a_lost_context_comes_back_with_the_same_pixels(shown: Map) -> None:
    before = shown.pixels()
    shown.canvas.evaluate(LOSE)
    assert shown.canvas.evaluate("(canvas) => canvas.getContext('webgl2').isContextLost()")
    shown.page.evaluate("() => window.loss.restoreContext()")
    until(shown.page, lambda: np.array_equal(shown.pixels(), before), "the same picture again")


def test_without_webgl2_canvas_2d_draws_picks_and_lassos(field: Exploration, browser: Any, field_page: Path) -> None:
    shown = open_page(browser, field_page, NO_WEBGL)
    rows, positions = lonely_points(field)
    assert "Canvas 2D (no WebGL2 here)" in shown.status()
    assert_topic_colors(shown, field)
    shown.click(positions[0])
    until(shown.page, lambda: field.corpus.texts[rows[0]] in shown.part("reader").inner_text(), "the reader shows it")
    shown.clear()
    shown.part("lasso").click()
    shown.drag([(0.02, 0.06), (0.98, 0.06), (0.98, 0.94), (0.02, 0.94)])
    shown.wait("selected")
    assert shown.count("selected") > 200
    assert shown.told == []


@pytest.mark.parametrize("ratio", [1, 2])
def test_any_pixel_ratio_and_any_size_of_the_window_is_drawn_whole(
    field: Exploration, browser: Any, field_page: Path, ratio: int
) -> None:
    shown = open_page(browser, field_page, device_scale_factor=ratio)
    for width, height in ((1500, 1000), (1100, 700)):
        shown.page.set_viewport_size({"width": width, "height": height})
        until(shown.page, lambda: shown.fills_its_canvas(ratio), f"a canvas of {ratio} pixels a CSS pixel")
        shown.wait("all drawn")
        assert_topic_colors(shown, field)
        box = shown.canvas.bounding_box()
        lit = np.argwhere(shown.pixels()[..., 3] > 200)
        shares = np.ptp(lit, axis=0) / (ratio * np.array([box["height"], box["width"]]))
        assert 0.8 < shares.max() < 1.0


def test_the_larger_pixel_ratio_draws_finer_edges(browser: Any, field_page: Path) -> None:
    coarse, fine = (open_page(browser, field_page, device_scale_factor=ratio) for ratio in (1, 2))
    assert fine.pixels().shape[0] == 2 * coarse.pixels().shape[0]
    assert fine.n_drawn() == pytest.approx(4 * coarse.n_drawn(), rel=0.25)
    doubled = np.repeat(np.repeat(coarse.pixels(), 2, axis=0), 2, axis=1)
    assert not np.array_equal(fine.pixels(), doubled[: fine.pixels().shape[0], : fine.pixels().shape[1]])
