"""Ids, ratings, tags and missing values in the exported page: legends, filters and conditions as the notebook has them."""

import csv
import datetime as dt
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from browser_tools import MARKS, Map, open_page, until

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
        page.wait(f"{len(expected)} lit")
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
    page.wait("1 lit")
    page.part("select-hits").click()
    page.wait("1 selected")
    _, content = page.download(lambda: page.part("save").select_option("csv"))
    (row,) = csv.DictReader(io.StringIO(content))
    assert (row["tid"], row["stars"], row["tags"], row["until"]) == (str(FIRST + 6), "3", "a; b", "2020-01-03")
