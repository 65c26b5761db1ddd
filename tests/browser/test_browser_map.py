"""What the map shows besides points: whole names that answer, a colored haze, documents to read when near, a cross for keys."""

from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser_tools import MARKS, Map, lonely_points, open_page, palette_colors, until

from nomic_explore import Exploration
from nomic_explore.view.data.map_data import MapData, make_map_data

pytest_plugins = ["browser_tools"]
pytestmark = MARKS
BOXES = """(root, parts) => [...root.querySelectorAll(parts)].filter((part) => part.checkVisibility({visibilityProperty: true})).map((part) => {
    const {left, top, right, bottom} = part.getBoundingClientRect();
    return {box: [left, top, right, bottom], text: part.innerText, opacity: Number(getComputedStyle(part).opacity), layer: part.className.slice(-1)};
})"""


def boxes(shown: Map, parts: str) -> list[dict[str, Any]]:
    """The parts of the widget that are seen: their boxes in the window, words, opacity."""
    return shown.root.evaluate(BOXES, parts)


def overlap(one: list[float], other: list[float]) -> float:
    """By how many pixels two boxes overlap."""
    return min(min(one[2], other[2]) - max(one[0], other[0]), min(one[3], other[3]) - max(one[1], other[1]))


def assert_free(shown: Map) -> list[dict[str, Any]]:
    """Checks that names are whole inside the map, and that nothing covers them; returns them."""
    names = boxes(shown, ".nx-name")
    around = boxes(shown, ".nx-toolbar, .nx-legend, .nx-status, .nx-selection, .nx-header, .nx-side")
    box = shown.canvas.bounding_box()
    for name in names:
        left, top, right, bottom = name["box"]
        assert left >= box["x"] - 1, name
        assert top >= box["y"] - 1, name
        assert right <= box["x"] + box["width"] + 1, name
        assert bottom <= box["y"] + box["height"] + 1, name
        assert all(overlap(name["box"], other["box"]) <= 1 for other in around), name
    return names


def name_place(shown: Map, text: str) -> tuple[float, float]:
    """The middle of a name that is seen."""
    left, top, right, bottom = next(name["box"] for name in boxes(shown, ".nx-name") if name["text"] == text)
    return (left + right) / 2, (top + bottom) / 2


def seen_label(shown: Map, data: MapData, layer: int) -> Any:
    """A topic of a layer whose name is seen, and how it is written."""
    texts = {name["text"] for name in boxes(shown, ".nx-name")}
    return next(one for one in data.labels if one["layer"] == layer and "\n".join(one["lines"]) in texts)


def is_free(shown: Map) -> bool:
    """Whether `assert_free` holds; a pane that opens makes the map narrower a moment later."""
    try:
        assert_free(shown)
    except AssertionError:
        return False
    return True


@pytest.mark.parametrize("width", [390, 800, 1400, 2000])
def test_names_are_whole_and_nothing_covers_them(
    field: Exploration, browser: Any, field_page: Path, width: int
) -> None:
    shown = open_page(browser, field_page, viewport={"width": width, "height": 900 if width < 2000 else 1200})
    data, n_topics = make_map_data(field), [len(names) for names in field.topics.names]
    x, y, zoom, scale = shown.view()
    box = shown.canvas.bounding_box()
    assert (x, y, zoom) == (data.home.x, data.home.y, 1)
    assert scale == pytest.approx(data.home.scale(box["width"], box["height"]), rel=1e-6)
    until(shown.page, lambda: len(boxes(shown, ".nx-name")) > 0, "names are there")
    layers = [name["layer"] for name in assert_free(shown)]
    assert layers.count("0") == n_topics[0]
    if width >= 1400:
        assert layers.count("1") >= 0.8 * n_topics[1]
    shown.part("color-by").select_option("kind")
    shown.wait()
    assert shown.part("legend").is_visible() == (width >= 1400)
    shown.lasso_all()
    until(
        shown.page, lambda: is_free(shown), "names move with the edge of the map", lambda: str(boxes(shown, ".nx-name"))
    )
    selection, choices = shown.part("selection").bounding_box(), shown.part("color-by").bounding_box()
    assert selection["y"] > choices["y"] + choices["height"]
    assert shown.told == []
    shown.page.context.close()


def test_a_name_under_the_pointer_highlights_its_topic(field: Exploration, shown: Map) -> None:
    data = make_map_data(field)
    label = seen_label(shown, data, 0)
    text = "\n".join(label["lines"])
    rows, positions = lonely_points(field, 40)
    is_in = field.topics.layers[0][rows] == label["topic"]
    assert is_in.any()
    assert not is_in.all()
    shown.page.mouse.move(*name_place(shown, text))
    shown.wait(f"{label['size']} highlighted")
    own = palette_colors(field, "topic", rows[is_in])
    assert np.abs(shown.colors(positions[is_in]) - own).max() <= 14
    assert shown.alphas(positions[~is_in]).max() < 130
    until(shown.page, lambda: len({round(name["opacity"], 2) for name in boxes(shown, ".nx-name")}) == 2, "others fade")
    opacity = {name["text"]: name["opacity"] for name in boxes(shown, ".nx-name")}
    assert opacity[text] == 1
    others = [opacity["\n".join(one["lines"])] for one in data.labels if one["layer"] == 0 and one is not label]
    assert max(others) < 0.4
    shown.page.mouse.move(*shown.on_screen(np.array([4.0, 4.0])))
    until(shown.page, lambda: "highlighted" not in shown.status(), "the highlight goes with the pointer")


def test_a_drag_on_a_name_moves_the_map_and_a_double_click_goes_to_its_topic(field: Exploration, shown: Map) -> None:
    data = make_map_data(field)
    label = seen_label(shown, data, 1)
    place = name_place(shown, "\n".join(label["lines"]))
    before = shown.view()
    shown.page.mouse.move(*place)
    shown.page.mouse.down()
    shown.page.mouse.move(place[0] + 60, place[1] + 30, steps=4)
    shown.page.mouse.up()
    shown.wait()
    x, y, zoom, scale = shown.view()
    assert (x, y) == (
        pytest.approx(before[0] - 60 / scale, abs=0.002),
        pytest.approx(before[1] + 30 / scale, abs=0.002),
    )
    assert zoom == before[2]
    shown.page.mouse.dblclick(place[0] + 60, place[1] + 30)
    until(shown.page, lambda: shown.view()[2] > 1.2, "the map flies there")
    shown.wait()
    points = np.flatnonzero(field.topics.layers[1][data.rows] == label["topic"])
    places, box = shown.places(data.positions[points]), shown.canvas.bounding_box()
    is_seen = ((places > 0) & (places < [box["width"], box["height"]])).all(axis=1)
    assert is_seen.mean() >= 0.8
    assert np.ptp(places[is_seen], axis=0).max() > 0.4 * min(box["width"], box["height"])


def mixed_colors(field: Exploration, column: str, positions: np.ndarray) -> np.ndarray:
    """The colors (k, 3) of the points near some positions, mixed by how near they are."""
    data = make_map_data(field)
    apart = ((positions[:, None] - data.positions) ** 2).sum(axis=2)
    weights = np.exp(-apart / (2 * 0.035**2))
    return weights @ palette_colors(field, column, data.rows) / weights.sum(axis=1, keepdims=True)


def test_the_haze_has_the_colors_of_the_points_and_no_edge(field: Exploration, shown: Map) -> None:
    _, positions = lonely_points(field, 40)
    for column in ("kind", "topic"):
        shown.part("color-by").select_option(column)
        shown.wait()
        beside = positions + 7 / shown.view()[3]  # a few pixels to the right and above: no point is there
        is_haze = (shown.alphas(beside) > 15) & (shown.alphas(beside) < 100)
        assert is_haze.sum() >= 8
        away = np.abs(shown.colors(beside) - mixed_colors(field, column, beside)).mean(axis=1)[is_haze]
        assert np.median(away) < 16
    alphas = shown.pixels()[..., 3].astype(int)
    edge = np.concatenate([alphas[0], alphas[-1], alphas[:, 0], alphas[:, -1]])
    assert np.abs(np.diff(edge)).max() <= 8
    shown.canvas.focus()
    for _ in range(3):
        shown.page.keyboard.press("-")
    shown.wait()
    faint = shown.pixels()[..., 3].astype(int)
    faint[faint > 90] = 0
    columns = np.abs(np.diff(np.sort(faint, axis=1), axis=1))  # whatever its place, no step in the haze is large
    assert np.quantile(columns, 0.999) <= 8


def test_near_enough_the_documents_can_be_read(field: Exploration, shown: Map) -> None:
    data = make_map_data(field)
    texts = [" ".join((text or "").split()) for text in field.corpus.texts]
    assert boxes(shown, ".nx-titled, .nx-read") == []
    middle = data.positions[int(np.argmin(np.hypot(*(data.positions - np.median(data.positions, axis=0)).T)))]

    def zoom_until(kind: str) -> list[dict[str, Any]]:
        for _ in range(40):
            shown.rest()
            if found := boxes(shown, kind):
                return found
            shown.hover(middle)
            shown.page.mouse.wheel(0, -180)
        raise AssertionError(f"no {kind} at any scale")

    for kind in (".nx-titled", ".nx-read"):
        found = zoom_until(kind)
        for one in found:
            assert any(text.startswith(one["text"].removesuffix("…").strip()[:40]) for text in texts)
        everything = [one["box"] for one in found + boxes(shown, ".nx-name")]
        assert max((overlap(one, other) for one, other in combinations(everything, 2)), default=0) <= 1
        points = shown.part("titles").evaluate("(root) => [...root.children].map((one) => Number(one.dataset.point))")
        for point, one in zip(points, found, strict=True):
            assert texts[data.rows[point]].startswith(one["text"].removesuffix("…").strip()[:30])
        dots = [shown.on_screen(place) for place in shown.places(data.positions[points])]
        for (x, y), one in zip(dots, found, strict=True):
            assert -24 < overlap([x, y, x, y], one["box"]) <= 0
    shown.canvas.focus()
    shown.page.keyboard.press("0")
    shown.wait()
    assert boxes(shown, ".nx-titled, .nx-read") == []


def test_keys_show_where_the_middle_is_and_a_click_does_not(field: Exploration, shown: Map) -> None:
    data, box = make_map_data(field), shown.canvas.bounding_box()
    shown.page.mouse.click(*shown.on_screen(np.array([6.0, 6.0])))
    assert shown.canvas.evaluate("(canvas) => document.activeElement === canvas")
    assert shown.canvas.evaluate("(canvas) => getComputedStyle(canvas).boxShadow") == "none"
    assert not shown.part("cross").is_visible()
    shown.page.keyboard.press("+")
    shown.wait()
    cross = shown.part("cross").bounding_box()
    assert cross["x"] + cross["width"] / 2 == pytest.approx(box["x"] + box["width"] / 2, abs=1)
    assert cross["y"] + cross["height"] / 2 == pytest.approx(box["y"] + box["height"] / 2, abs=1)
    assert shown.canvas.evaluate("(canvas) => getComputedStyle(canvas).boxShadow") != "none"
    x, y, _, _ = shown.view()
    nearest = data.rows[int(np.hypot(*(data.positions - (x, y)).T).argmin())]
    shown.page.keyboard.press("Enter")
    until(shown.page, lambda: field.corpus.texts[nearest] in shown.part("reader").inner_text(), "it is read")
    label = shown.canvas.get_attribute("aria-label")
    for key in ("Arrow", "plus", "minus", "0", "Enter", "L ", "B ", "T ", "slash", "question mark", "Escape"):
        assert key in label


def test_many_highlighted_points_are_drawn_smaller_than_a_few(field: Exploration, shown: Map) -> None:
    _, positions = lonely_points(field, 1)
    box, place = shown.canvas.bounding_box(), shown.places(positions)[0]
    corners = place + 9 * np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
    shown.part("lasso").click()
    shown.drag([(x / box["width"], y / box["height"]) for x, y in corners.tolist()])
    shown.wait(" 1 selected")
    shown.part("fit").click()  # the card of the selection has made the map narrower
    large = shown.areas(positions)[0]
    shown.lasso_all()
    assert shown.count("selected") == len(field)
    assert shown.areas(positions)[0] < 0.9 * large
