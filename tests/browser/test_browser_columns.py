"""Ids, ratings, tags and missing values in the exported page: legends, filters and conditions as the notebook has them."""

import csv
import datetime as dt
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from browser_tools import MARKS, Map, lonely_points, open_page, until
from PIL import Image

from nomic_explore import Exploration, explore
from nomic_explore.testing import HashEmbedder

pytest_plugins = ["browser_tools"]
pytestmark = MARKS

N = 60
FIRST = 1_600_000_000_000_000_000


@pytest.fixture(scope="module")
def columns(tmp_path_factory: pytest.TempPathFactory) -> Exploration:
    table = {
        "text": [f"review {row} of lamp {row % 6}" for row in range(N)],
        "stars": [row % 5 + 1 for row in range(N)],
        "tid": [FIRST + 3 * row for row in range(N)],
        "tags": [["a", "b"][: row % 3] for row in range(N)],
        "kind": [("", "pet", "wild")[row % 3] for row in range(N)],
        "until": [
            dt.datetime(9999, 12, 31) if row % 4 == 0 else dt.datetime(2020, 1, 1 + row % 28) for row in range(N)
        ],
        "key": [f"r{row}" for row in range(N)],
        "twelve": [2000 + row % 12 for row in range(N)],
        "thirteen": [2000 + row % 13 for row in range(N)],
        "votes": [2 ** (row % 13) for row in range(N)],
    }
    folder = tmp_path_factory.mktemp("columns") / "x"
    return explore(pd.DataFrame(table), "text", id="key", folder=folder, model=HashEmbedder(), show_progress=False)


@pytest.fixture
def page(columns: Exploration, browser: Any, tmp_path: Path) -> Iterator[Map]:
    opened = open_page(browser, columns.save_html(tmp_path / "map.html"))
    yield opened
    told = opened.told
    opened.page.context.close()
    assert told == []


def legend_of(page: Map, column: str) -> list[str]:
    page.part("color-by").select_option(column)
    until(
        page.page, lambda: page.part("legend").locator(".nx-legend-title").inner_text() == column, f"legend of {column}"
    )
    return [text.replace("\n", " ") for text in page.part("legend-entry").all_inner_texts()]


def open_filter(page: Map, column: str) -> Any:
    page.part("tab-filters").click()
    return page.root.locator(f"[data-column={column}]")


def test_legends_are_ordered_and_count_those_without_a_value_apart(page: Map) -> None:
    assert [entry.split()[0] for entry in legend_of(page, "stars")] == ["1", "2", "3", "4", "5"]
    assert legend_of(page, "tags") == ["a 40", "b 20", "no value 20"]
    assert legend_of(page, "kind") == ["pet 20", "wild 20", "no value 20"]
    assert legend_of(page, "tid") == []
    assert f"{FIRST}" in page.part("legend").inner_text()
    assert f"{FIRST + 3 * (N - 1)}" in page.part("legend").inner_text()
    assert legend_of(page, "until") == []
    assert "15 beyond: dates of the year 1 or from 9000 on" in page.part("legend").inner_text()


def test_an_entry_of_a_legend_isolates_what_it_counts(page: Map) -> None:
    for column, at, n in (("tags", 0, 40), ("tags", 1, 20), ("kind", 2, 20), ("stars", 4, 12)):
        legend_of(page, column)
        page.part("legend-entry").nth(at).click()
        page.wait(f"{n} pass the filters")
        page.part("legend-entry").nth(at).click()
        until(page.page, lambda: "pass the filters" not in page.status(), "all pass again")
    legend_of(page, "tags")
    page.part("legend-entry").nth(1).click(modifiers=["Shift"])
    page.wait("20 selected")


def test_filters_take_ranges_values_and_those_without(page: Map) -> None:
    stars = open_filter(page, "stars")
    stars.get_by_test_id("atlas-range-from").fill("4")
    stars.get_by_test_id("atlas-range-from").press("Enter")
    page.wait("24 pass the filters")
    page.part("no-filters").click()
    stars.get_by_test_id("atlas-value").nth(0).check()
    page.wait("12 pass the filters")
    page.part("no-filters").click()
    tid = open_filter(page, "tid")
    tid.get_by_test_id("atlas-range-from").fill(str(FIRST + 4))
    tid.get_by_test_id("atlas-range-from").press("Enter")
    page.wait(f"{N - 2} pass the filters")
    assert f"from {FIRST + 4}" in tid.locator(".nx-filter-state").inner_text()
    page.part("no-filters").click()
    kind = open_filter(page, "kind")
    kind.locator("label", has_text="no value").locator("input").check()
    page.wait("20 pass the filters")
    assert kind.locator(".nx-filter-state").inner_text() == "no value"


def test_conditions_find_what_the_notebook_finds_or_say_what_they_expect(columns: Exploration, page: Map) -> None:
    for query in (
        f"tid:{FIRST + 6}",
        f"tid:>{FIRST + 6}",
        "stars:4..5",
        "tags:b",
        "-tags:a",
        "kind:none",
        "until:9999",
        "id:r7",
    ):
        expected = columns.query(query)
        assert len(expected)
        page.part("search").fill(query)
        page.wait(f"{len(expected)} highlighted")
    for query, told in (
        ("stars:>x", "column 'stars' holds numbers"),
        ("stars:2-4", "Did you mean stars:2..4?"),
        ("until:01.02.2020", "Did you mean until:2020-02-01?"),
        ("stars:", "expected a value right after the colon"),
        ("topic_name:lamp", "is not in this page"),
    ):
        page.part("search").fill(query)
        until(page.page, lambda told=told: told in page.part("found").inner_text(), told, page.part("found").inner_text)


def test_cells_are_downloaded_as_they_are(page: Map) -> None:
    page.part("search").fill("id:r2")
    page.wait("1 highlighted")
    page.part("select-hits").click()
    page.wait("1 selected")
    _, content = page.download(lambda: page.part("save").select_option("csv"))
    (row,) = csv.DictReader(io.StringIO(content))
    assert (row["tid"], row["stars"], row["tags"], row["until"]) == (str(FIRST + 6), "3", "a; b", "2020-01-03")


# --- filters in sight ------------------------------------------------------------------------------------------------


def chips(page: Map) -> list[str]:
    return [" ".join(text.split()) for text in page.part("filter-chip").all_inner_texts()]


def drag_over(page: Map, plot: Any, start: float, end: float, *, release: bool = True) -> None:
    """Drags over a chart from one share of its width to another."""
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    middle = box["y"] + box["height"] / 2
    page.page.mouse.move(box["x"] + start * box["width"], middle)
    page.page.mouse.down()
    page.page.mouse.move(box["x"] + end * box["width"], middle, steps=5)
    if release:
        page.page.mouse.up()


def test_filters_are_seen_above_the_map_and_cleared_there_by_clear_and_by_escape(page: Map) -> None:
    assert page.part("passing").inner_text() == "60 documents"
    stars, kind = open_filter(page, "stars"), open_filter(page, "kind")
    stars.get_by_test_id("atlas-range-from").fill("4")
    stars.get_by_test_id("atlas-range-from").press("Enter")
    kind.locator("label", has_text="pet").locator("input").check()
    until(page.page, lambda: page.part("passing").inner_text() == "8 of 60 documents", "both filter")
    assert chips(page) == ["stars from 4 ×", "kind pet ×"]
    page.part("filter-chip").nth(0).click()
    until(page.page, lambda: page.part("passing").inner_text() == "20 of 60 documents", "one filters")
    page.part("clear-filters").click()
    until(page.page, lambda: page.part("passing").inner_text() == "60 documents", "none filters")
    for act, left in ((lambda: page.part("clear").click(), ""), (lambda: page.page.keyboard.press("Escape"), "pet")):
        kind.locator("label", has_text="pet").locator("input").check()
        page.part("search").fill("lamp")
        until(page.page, lambda: page.count("highlighted") > 0, "hits are highlighted")
        page.canvas.focus()
        act()
        until(page.page, lambda: page.count("highlighted") == 0, "nothing is highlighted")
        assert chips(page) == ([f"kind {left} ×"] if left else [])
        page.part("search").fill("")
    page.canvas.focus()
    page.page.keyboard.press("Escape")
    until(page.page, lambda: not chips(page), "the second Escape takes the filters away")


def accent_pixels(plot: Any) -> int:
    """How many pixels of a chart have the color of documents that pass."""
    pixels = np.asarray(Image.open(io.BytesIO(plot.screenshot())).convert("RGB")).astype(int)
    return int((np.abs(pixels - [47, 95, 208]).sum(axis=2) < 60).sum())


def test_charts_count_what_passes_the_other_filters_and_the_selection(columns: Exploration, page: Map) -> None:
    table = columns.corpus.table.to_pandas()
    stars, kind, plot = (
        open_filter(page, "stars"),
        open_filter(page, "kind"),
        open_filter(page, "thirteen").locator(".nx-plot"),
    )
    plot.wait_for()
    full = accent_pixels(plot)
    stars.get_by_test_id("atlas-value").nth(4).check()
    sizes = lambda of: [text.split()[0] for text in of.locator(".nx-size").all_inner_texts()]  # noqa: E731
    passing = table[table["stars"] == 5]
    expected = [(passing["kind"] == name).sum() for name in ("pet", "wild", "")]
    until(page.page, lambda: sizes(kind) == [str(n) for n in expected], "kinds are counted again", lambda: sizes(kind))
    assert sizes(stars) == ["12"] * 5  # a column's own filter does not count
    assert accent_pixels(plot) / full == pytest.approx(len(passing) / N, rel=0.35)
    box = plot.bounding_box()
    page.page.mouse.move(box["x"] + 2.5 / 13 * box["width"], box["y"] + 20)
    year = passing["thirteen"] == 2002
    told = f"2002: {year.sum()} of {(table['thirteen'] == 2002).sum()} documents"
    until(page.page, lambda: plot.get_attribute("title") == told, told, lambda: plot.get_attribute("title"))
    page.part("no-filters").click()
    page.part("search").fill("kind:wild")
    page.wait("20 highlighted")
    page.part("select-hits").click()
    until(page.page, lambda: sizes(kind)[:2] == ["0", "20"], "the selection is counted", lambda: sizes(kind))


def test_a_brush_filters_while_it_is_dragged_and_moves_by_hand_and_by_key(page: Map) -> None:
    votes = open_filter(page, "votes")
    assert "log scale" in votes.inner_text()
    plot = open_filter(page, "thirteen").locator(".nx-plot")
    drag_over(page, plot, 2.1 / 13, 4.9 / 13, release=False)
    until(page.page, lambda: chips(page) == ["thirteen 2002–2004 ×"], "a chip before the button is let go")
    page.wait("15 pass the filters")
    page.page.mouse.up()
    drag_over(page, plot, 3.5 / 13, 6.5 / 13)
    until(page.page, lambda: chips(page) == ["thirteen 2005–2007 ×"], "the range moves", lambda: str(chips(page)))
    low = open_filter(page, "thirteen").get_by_test_id("atlas-brush-low")
    low.focus()
    page.page.keyboard.press("ArrowLeft")
    until(page.page, lambda: chips(page) == ["thirteen 2004–2007 ×"], "a key moves an end")
    assert (low.get_attribute("aria-label"), low.get_attribute("aria-valuetext")) == ("thirteen, from", "2004")
    page.page.keyboard.press("Delete")
    until(page.page, lambda: not chips(page), "a key takes the range away")


def test_twelve_and_thirteen_years_are_colored_in_their_order(columns: Exploration, page: Map) -> None:
    rows, positions = lonely_points(columns, 30, under_names=True)
    for column, n_entries in (("twelve", 12), ("thirteen", 7)):
        assert len(legend_of(page, column)) == n_entries
        page.wait()
        lightness = page.colors(positions) @ [0.3, 0.6, 0.1]
        years = columns.corpus.table[column].to_numpy()[rows]
        assert np.corrcoef(years, lightness)[0, 1] < -0.97, column


def test_the_timeline_is_brushed_played_and_folded(page: Map) -> None:
    strip, told = page.part("timeline"), page.part("timeline-range")
    assert told.inner_text() == "all"
    drag_over(page, strip.locator(".nx-plot"), 0.75, 0.86)
    until(page.page, lambda: told.inner_text() == "2020-01-22 to 2020-01-24", "three days", told.inner_text)
    page.part("play-speed").select_option("0.5")
    page.part("play").click()
    until(page.page, lambda: told.inner_text() == "2020-01-23 to 2020-01-25", "it moves", told.inner_text)
    page.part("play-speed").select_option("4")
    until(page.page, lambda: page.part("play").get_attribute("aria-pressed") == "false", "it stops at the end")
    assert told.inner_text() == "2020-01-26 to 2020-01-28"
    page.part("play-speed").select_option("0.5")
    page.part("play").click()
    until(page.page, lambda: told.inner_text() == "2020-01-02 to 2020-01-04", "it begins anew", told.inner_text)
    page.part("play").click()
    until(page.page, lambda: page.part("play").get_attribute("aria-pressed") == "false", "it pauses")
    page.part("timeline-fold").click()
    until(page.page, lambda: strip.locator(".nx-plot").count() == 0, "the strip is folded")
    page.page.reload()
    page.wait()
    until(page.page, lambda: strip.count() == 1, "the strip is there")
    assert strip.locator(".nx-plot").count() == 0
    page.part("timeline-fold").click()
    strip.locator(".nx-plot").wait_for()
