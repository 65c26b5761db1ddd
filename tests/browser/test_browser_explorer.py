"""The panes round the map: folding, widths, phones, the first half minute, keys, names for screen readers, the table twin."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser_tools import MARKS, Map, lonely_points, open_page, until

from nomic_explore import Exploration
from nomic_explore.view.data.map_data import make_map_data

pytest_plugins = ["browser_tools"]
pytestmark = MARKS
# What a screen reader would find no words for.
NAMELESS = """(root) => [...root.querySelectorAll('button, input, select, summary, canvas[tabindex]')].filter((one) => {
    const label = one.getAttribute('aria-label') || one.title || one.closest('label')?.textContent || one.textContent;
    return !label?.trim();
}).map((one) => one.outerHTML)"""
OVERFLOWING = """(root) => [root, document.documentElement, ...root.querySelectorAll('aside, main, header, footer, .nx-pane, .nx-reader')]
    .filter((one) => one.clientWidth > 0 && one.scrollWidth > one.clientWidth)
    .map((one) => `${one.className}: ${one.scrollWidth} in ${one.clientWidth}`)"""


def resize(shown: Map, width: int) -> None:
    """Gives the window a width, and waits until the map has taken it up."""
    shown.page.set_viewport_size({"width": width, "height": 900})
    until(shown.page, lambda: abs(shown.root.bounding_box()["width"] - width) < 2, f"a root {width} pixels wide")
    until(shown.page, lambda: shown.fills_its_canvas(1), "a canvas that fits")
    shown.wait()


@pytest.mark.parametrize(("pane", "key"), [("side", "["), ("right", "]"), ("bottom", "t")])
def test_panes_fold_with_a_button_and_with_a_key(shown: Map, pane: str, key: str) -> None:
    wide = shown.canvas.bounding_box()
    was_visible = shown.part(pane).is_visible()
    assert was_visible == (pane == "side")  # the reader opens with the first click

    def folds() -> bool:
        box = shown.canvas.bounding_box()
        grew = box["width"] - wide["width"] + box["height"] - wide["height"]
        return shown.part(pane).is_visible() != was_visible and (grew > 100 if was_visible else grew < -100)

    shown.part(f"fold-{pane}").click()
    until(shown.page, folds, f"the button folds {pane}")
    shown.canvas.focus()
    shown.page.keyboard.press(key)
    until(shown.page, lambda: shown.canvas.bounding_box() == wide, f"{key} unfolds {pane}")
    assert shown.part(pane).is_visible() == was_visible


@pytest.mark.parametrize("width", [700, 1000, 1500, 2500])
def test_nothing_overflows_at_any_width_and_the_map_keeps_its_share(field: Exploration, shown: Map, width: int) -> None:
    resize(shown, width)
    for name in ("filters", "tags", "topics"):
        shown.part(f"tab-{name}").click()
        assert shown.root.evaluate(OVERFLOWING) == []
    shown.part("fold-bottom").click()
    _, positions = lonely_points(field)
    shown.wait()
    shown.click(positions[0])
    until(shown.page, lambda: shown.part("neighbors").is_visible(), "the reader is open")
    assert shown.root.evaluate(OVERFLOWING) == []
    assert shown.canvas.bounding_box()["width"] >= 300
    reader = shown.part("right").bounding_box()
    assert reader["x"] + reader["width"] <= width
    until(shown.page, lambda: shown.fills_its_canvas(1), "a canvas that fits")
    shown.wait()


def test_on_a_phone_the_map_fills_the_page_and_panes_are_sheets(
    browser: Any, field: Exploration, field_page: Path
) -> None:
    shown = open_page(browser, field_page, viewport={"width": 390, "height": 844})
    canvas, tabs = shown.canvas.bounding_box(), shown.part("tab-topics").bounding_box()
    assert canvas["width"] == 390
    assert canvas["height"] > 0.55 * 844
    assert tabs["y"] >= canvas["y"] + canvas["height"]
    assert shown.part("toolbar").bounding_box()["height"] < 50  # one row, which scrolls
    assert shown.part("search").is_visible()
    assert not any(shown.part(name).is_visible() for name in ("pane-topics", "right", "bottom"))
    for name in ("filters", "tags", "copies", "topics"):
        shown.part(f"tab-{name}").click()
        sheet = shown.part(f"pane-{name}").bounding_box()
        assert (sheet["x"], sheet["width"]) == (0, 390)
        assert sheet["y"] + sheet["height"] <= tabs["y"] + 1
        assert shown.root.evaluate(OVERFLOWING) == []
    shown.part("tab-topics").click()
    assert not shown.part("pane-topics").is_visible()
    shown.part("close-hint").click()
    _, positions = lonely_points(field)
    inside = shown.places(positions)[:, 1] < 0.5 * canvas["height"]
    shown.click(positions[inside][0])
    until(shown.page, lambda: shown.part("neighbors").is_visible(), "the reader is open")
    reader = shown.part("right").bounding_box()
    assert (reader["x"], reader["width"]) == (0, 390)
    assert reader["y"] > 0.3 * 844
    assert shown.root.evaluate(OVERFLOWING) == []
    shown.part("close-reader").click()
    assert not shown.part("right").is_visible()
    assert shown.told == []
    shown.page.context.close()


def test_a_newcomer_is_told_what_to_do_and_given_two_searches(field: Exploration, shown: Map) -> None:
    hint = shown.part("hint")
    assert "Each dot is a document; near dots are alike." in hint.inner_text()
    assert "Hover to peek, click to read, Shift-drag to select." in hint.inner_text()
    assert shown.part("subtitle").inner_text() == f"{len(field)} documents; near means similar"
    examples = hint.get_by_test_id("atlas-example")
    assert examples.count() == 2
    query = examples.first.inner_text()
    examples.first.click()
    until(shown.page, lambda: shown.part("hits").locator("li").count() > 0, "documents are found")
    assert shown.part("search").input_value() == query
    assert hint.count() == 0
    shown.part("fold-right").click()
    assert "Each dot is a document" in shown.part("introduction").inner_text()
    shown.part("hits").locator("button").first.click()
    until(shown.page, lambda: shown.part("text").is_visible(), "the reader shows the hit")
    assert not shown.part("introduction").is_visible()


def test_keys_work_on_a_fresh_page_and_are_listed(shown: Map) -> None:
    page = shown.page
    focused = "() => document.activeElement.dataset?.testid ?? document.activeElement.tagName"
    assert page.evaluate(focused) == "BODY"
    zoom = shown.view()[2]
    page.keyboard.press("+")
    until(page, lambda: shown.view()[2] > zoom, "the map is nearer")
    page.evaluate("() => document.activeElement.blur()")
    page.keyboard.press("t")
    until(page, lambda: shown.part("bottom").is_visible(), "the table is there")
    page.evaluate("() => document.activeElement.blur()")
    page.keyboard.press("/")
    assert page.evaluate(focused) == "atlas-search"
    page.keyboard.press("?")
    assert shown.part("search").input_value() == "?"  # typed, not a command
    shown.canvas.focus()
    page.keyboard.press("?")
    keys = shown.part("keys")
    for key, meaning in (("Enter", "read the document nearest to the middle"), ("/", "search"), ("Ctrl+Z", "undo")):
        assert keys.locator("div", has=page.locator("kbd", has_text=key)).filter(has_text=meaning).count() > 0
    page.keyboard.press("Escape")
    until(page, lambda: keys.count() == 0, "the list is gone")
    assert page.evaluate(focused) == "atlas-canvas"
    page.keyboard.press("Escape")


def test_the_reader_opens_with_the_first_click_and_the_dots_stay_in_place(field: Exploration, shown: Map) -> None:
    _, positions = lonely_points(field)
    before, width = shown.places(positions), shown.canvas.bounding_box()["width"]
    at = int(np.argmin(before[:, 0]))
    shown.click(positions[at])
    until(shown.page, lambda: shown.canvas.bounding_box()["width"] < width - 200, "the reader is open")
    shown.wait()
    assert np.abs(shown.places(positions) - before).max() < 1.5
    assert shown.fills_its_canvas(1)


def test_every_control_has_a_name(field: Exploration, shown: Map) -> None:
    for name in ("topics", "filters", "tags", "copies"):
        shown.part(f"tab-{name}").click()
    until(shown.page, lambda: shown.part("filter").count() >= 5, "the filters are there")
    shown.root.evaluate("(root) => root.querySelectorAll('details').forEach((one) => (one.open = true))")
    shown.part("fold-bottom").click()
    until(shown.page, lambda: shown.fills_its_canvas(1), "a canvas that fits above the table")
    shown.wait()
    shown.part("search").fill("the")
    _, positions = lonely_points(field)
    shown.click(positions[0])
    until(shown.page, lambda: shown.part("neighbors").is_visible(), "the reader is open")
    shown.part("select-hits").click()
    shown.wait("selected")
    assert shown.root.locator("button").count() > 60
    assert shown.root.evaluate(NAMELESS) == []


def test_tab_reaches_the_search_box_the_map_and_the_topics(shown: Map) -> None:
    shown.page.evaluate("() => document.activeElement.blur()")
    reached: list[str] = []
    for _ in range(60):
        shown.page.keyboard.press("Tab")
        reached.append(str(shown.page.evaluate("() => document.activeElement.dataset?.testid")))
    wanted = ["atlas-fold-side", "atlas-search", "atlas-tab-topics", "atlas-topic", "atlas-canvas"]
    assert set(wanted) <= set(reached)
    assert reached.index("atlas-search") < 10
    shown.canvas.focus()
    shown.page.keyboard.press("/")
    assert shown.page.evaluate("() => document.activeElement.dataset.testid") == "atlas-search"


def test_the_table_twin_lists_the_documents_in_view(field: Exploration, shown: Map) -> None:
    data = make_map_data(field)
    shown.part("fold-bottom").click()
    until(shown.page, lambda: f"{len(field)} documents in view" in shown.part("table-told").inner_text(), "all listed")
    until(shown.page, lambda: shown.fills_its_canvas(1), "a canvas that fits")
    shown.wait()
    shown.hover(lonely_points(field, 1)[1][0])
    shown.page.mouse.wheel(0, -1200)
    shown.wait()
    places, box = shown.places(data.positions), shown.canvas.bounding_box()
    inside = ((places >= 0) & (places <= [box["width"], box["height"]])).all(axis=1)
    assert 0 < inside.sum() < 100
    expected = f"{inside.sum()} documents in view"
    until(shown.page, lambda: shown.part("table-told").inner_text() == expected, expected)
    listed = [int(row) for row in shown.part("table").locator("tbody td:first-child").all_inner_texts()]
    assert sorted(listed) == sorted(data.rows[inside].tolist())
    shown.part("table-row").first.click()
    until(shown.page, lambda: f"row {listed[0]} ·" in shown.part("reader").inner_text(), "the reader shows the first")


def test_the_topic_tree_opens_lights_and_walks_by_arrow_keys(field: Exploration, shown: Map) -> None:
    topics = shown.part("topic")
    coarse = np.bincount(field.topics.layers[0][field.topics.layers[0] >= 0])
    assert topics.count() == len(coarse)
    topics.first.click()
    shown.wait(f"{coarse.max()} highlighted")
    topics.first.focus()
    shown.page.keyboard.press("ArrowRight")
    until(shown.page, lambda: topics.count() > len(coarse), "the topics inside are listed")
    assert topics.first.get_attribute("aria-expanded") == "true"
    shown.page.keyboard.press("ArrowDown")
    assert shown.page.evaluate("() => document.activeElement.getAttribute('aria-level')") == "2"
    topics.nth(1).click(modifiers=["Shift"])
    shown.wait("selected")
    assert 0 < shown.count("selected") < coarse.max()


def test_the_copies_pane_lists_groups_with_their_documents(field: Exploration, shown: Map) -> None:
    groups = field.duplicates.to_pandas()
    shown.part("tab-copies").click()
    until(shown.page, lambda: shown.part("copy-group").count() > 0, "the groups are listed")
    told = shown.part("copies-told").inner_text()
    assert told.startswith(f"{len(field)} documents = ")
    assert sum(map(int, re.findall(r"\d+", told)[1:])) == len(field)
    assert shown.part("copy-group").count() == len(groups)
    shown.part("copy-group").first.click()
    shown.wait("2 highlighted")


def test_a_click_opens_the_reader_with_lines_to_its_neighbors(field: Exploration, shown: Map) -> None:
    rows, positions = lonely_points(field)
    shown.click(positions[0])
    until(shown.page, lambda: shown.part("overlay").get_attribute("data-lines") == "10", "ten lines are drawn")
    neighbors: Any = field.neighbors(int(rows[0]), n=10)
    listed = shown.part("neighbors").locator("li .nx-hit-text").all_inner_texts()
    assert [text.strip() for text in listed] == [field.corpus.texts[row] for row in neighbors["row"]]
    shown.canvas.focus()
    shown.page.keyboard.press("Escape")
    until(shown.page, lambda: shown.part("overlay").get_attribute("data-lines") == "0", "the lines go")
