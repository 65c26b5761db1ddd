"""Names, colours, sizes, contours and the legend of the map, in the exported page."""

from typing import Any

import numpy as np
import pytest
from browser_tools import MARKS, Map, lonely_points, palette_colors, until

from nomic_explore import Exploration
from nomic_explore.view.data.map_data import make_map_data

pytest_plugins = ["browser_tools"]
pytestmark = MARKS
NAMES = """(root) => [...root.querySelectorAll('.nx-name')].filter((name) => name.style.visibility === 'visible').map((name) => {
    const {left, top, right, bottom} = name.getBoundingClientRect();
    return {box: [left, top, right, bottom], text: name.textContent, layer: Number(name.className.match(/nx-layer-(\\d)/)[1])};
})"""


def names(shown: Map) -> list[dict[str, Any]]:
    """The names that can be seen: their boxes, words and layers."""
    return shown.part("labels").evaluate(NAMES)


def overlap(boxes: np.ndarray) -> float:
    """By how many pixels two of the boxes (k, 4) overlap at most."""
    low = np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    depth = (high - low).min(axis=2)
    return float(depth[np.triu_indices(len(boxes), 1)].max(initial=0.0))


def label_positions(field: Exploration, layer: int) -> np.ndarray:
    return np.array([[label["x"], label["y"]] for label in make_map_data(field).labels if label["layer"] == layer])


def test_names_never_overlap_and_grow_finer_with_zoom(field: Exploration, shown: Map) -> None:
    assert 0 in {name["layer"] for name in names(shown)}
    seen: set[str] = set()
    for position in label_positions(field, 2)[:3]:
        shown.clear()
        for _ in range(6):
            here = names(shown)
            seen |= {name["text"] for name in here}
            assert overlap(np.array([name["box"] for name in here]).reshape(-1, 4)) <= 1.0
            shown.hover(position)
            shown.page.mouse.wheel(0, -500)
            shown.wait()
        assert {name["layer"] for name in names(shown)} == {2}
    assert len(seen) > len(field.topics.names[0]) + len(field.topics.names[1])


def test_the_contours_button_draws_lines_and_takes_them_away(shown: Map) -> None:
    before = shown.pixels()
    shown.part("contours").click()
    shown.wait()
    assert shown.part("contours").get_attribute("aria-pressed") == "true"
    assert (shown.pixels() != before).any(axis=2).sum() > 500
    shown.part("contours").click()
    shown.wait()
    assert np.array_equal(shown.pixels(), before)


@pytest.mark.parametrize("column", ["kind", "year", "day", "weight"])
def test_a_column_colours_the_points_and_the_legend(field: Exploration, shown: Map, column: str) -> None:
    rows, positions = lonely_points(field)
    shown.part("color-by").select_option(column)
    shown.wait()
    assert np.abs(shown.colors(positions) - palette_colors(field, column, rows)).max() <= 20
    told = shown.part("legend").inner_text()
    expected = {"kind": "near_copy", "year": "2019", "day": "2025-09-24", "weight": "30 without a value are gray"}
    assert told.startswith(column)
    assert expected[column] in told


def test_a_legend_entry_isolates_hides_and_selects(field: Exploration, shown: Map) -> None:
    rows, positions = lonely_points(field, 60)
    kinds = field.corpus.table["kind"].to_pandas().to_numpy()
    shown.part("color-by").select_option("kind")
    entry = shown.part("legend-entry").filter(has_text="original")
    entry.click()
    n_originals = int((kinds == "original").sum())
    shown.wait(f"{n_originals} pass the filters")
    alpha = shown.alphas(positions)
    assert alpha[kinds[rows] == "original"].min() > 200
    assert alpha[kinds[rows] != "original"].max() < 130
    assert alpha.min() > 20  # grey, not gone
    assert entry.get_attribute("aria-pressed") == "true"
    entry.click()
    until(shown.page, lambda: "pass the filters" not in shown.status(), "a second click shows all")
    entry.click(modifiers=["Alt"])
    shown.wait(f"{len(field) - n_originals} pass the filters")
    entry.click(modifiers=["Shift"])
    shown.wait(f"{n_originals} selected")


def test_a_number_sizes_the_points(field: Exploration, shown: Map) -> None:
    rows, positions = lonely_points(field, 40, under_names=True)
    years = field.corpus.table["year"].to_pandas().to_numpy()[rows]
    shown.part("size-by").select_option("year")
    shown.wait()
    areas = shown.areas(positions)
    assert areas[years >= 2017].mean() > 2 * areas[years <= 2003].mean()
    shown.part("size-by").select_option("")
    shown.wait()
    assert np.ptp(shown.areas(positions)) <= 12


def test_fit_and_the_keys_move_the_view(shown: Map) -> None:
    start = shown.view()
    shown.canvas.focus()
    for key in ("ArrowRight", "ArrowDown", "+", "+", "-"):
        shown.page.keyboard.press(key)
    shown.wait()
    x, y, zoom, _ = shown.view()
    assert zoom == pytest.approx(1.4)
    assert (x, y) == pytest.approx((60 / start[3], -60 / start[3]))
    shown.part("fit").click()
    shown.wait()
    assert shown.view() == pytest.approx(start)
