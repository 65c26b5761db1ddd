"""Searching and filtering in JupyterLab: what is typed and dragged arrives in the kernel, what it answers is drawn."""

from typing import Any

import numpy as np
import pytest
from browser_tools import MARKS, Map, Notebook, lonely_points, until

from nomic_explore import Exploration

pytest_plugins = ["browser_tools"]
pytestmark = MARKS


@pytest.fixture(scope="module")
def map_of_notebook(notebook: Notebook) -> Map:
    notebook.run("atlas = exploration.map(height=700).atlas")
    return notebook.show("atlas")


@pytest.fixture
def explorer(notebook: Notebook, map_of_notebook: Map) -> Map:
    """The map with its panes, on which nothing is selected, lit or filtered."""
    notebook.run("atlas.filters = []; atlas.selected = b''; atlas.hits = b''; atlas.color_by = 'topic'")
    map_of_notebook.part("search").fill("")
    map_of_notebook.part("search-by").select_option("both")
    map_of_notebook.clear()
    silent = lambda: not any(word in map_of_notebook.status() for word in ("highlighted", "selected", "pass"))  # noqa: E731
    until(notebook.page, silent, "nothing is highlighted", map_of_notebook.status)
    return map_of_notebook


def search(explorer: Map, query: str) -> list[str]:
    """Types a query, presses Enter, and returns the texts that are listed."""
    explorer.part("search").fill(query)
    explorer.part("search").press("Enter")
    until(explorer.page, lambda: "best first" in explorer.part("found").inner_text(), f"hits for {query!r}")
    return listed(explorer)


def listed(explorer: Map) -> list[str]:
    return [text.strip() for text in explorer.part("hits").locator("li .nx-hit-text").all_inner_texts()]


def texts_of(field: Exploration, rows: list[int]) -> list[str]:
    return [field.corpus.texts[row] for row in rows]


@pytest.mark.parametrize(
    ("by", "mode", "query"),
    [("both", "hybrid", "a bird at night"), ("meaning", "semantic", "a bird at night"), ("words", "keyword", "Owl")],
)
def test_a_search_lists_and_lights_what_the_kernel_finds(
    field: Exploration, notebook: Notebook, explorer: Map, by: str, mode: str, query: str
) -> None:
    explorer.part("search-by").select_option(by)
    hits = search(explorer, query)
    rows = notebook.ask(f"exploration.search({query!r}, n=200, mode={mode!r})['row'].tolist()")
    assert hits == texts_of(field, rows[:100])
    explorer.wait(f"{len(rows)} highlighted")
    assert notebook.ask("len(atlas.hits) // 4") == len(rows)
    positions = [notebook.ask(f"atlas.data.positions[atlas.data.rows == {row}][0].tolist()") for row in rows[:1]]
    assert explorer.alphas(np.array(positions)).min() > 200


def test_a_condition_on_a_column_finds_exactly_its_rows(field: Exploration, notebook: Notebook, explorer: Map) -> None:
    hits = search(explorer, "kind:translation year:2000..2009")
    rows = notebook.ask("exploration.query('kind:translation year:2000..2009').tolist()")
    assert 0 < len(rows) <= 100
    assert sorted(hits) == sorted(texts_of(field, rows))
    explorer.part("select-hits").click()
    explorer.wait(f"{len(rows)} selected")
    notebook.wait(f"exploration.selected.index.tolist() == {sorted(rows)}")


def test_a_condition_that_cannot_be_met_is_explained(explorer: Map) -> None:
    explorer.part("search").fill("year:soon")
    explorer.part("search").press("Enter")
    until(explorer.page, lambda: "year" in explorer.part("found").inner_text(), "the box says what is wrong")
    assert listed(explorer) == []


def test_less_like_this_moves_the_search_away(notebook: Notebook, explorer: Map) -> None:
    explorer.part("search-by").select_option("meaning")
    before = search(explorer, "animals")
    first = explorer.part("hits").locator("li").first
    first.hover()
    first.get_by_test_id("atlas-less").click()
    until(explorer.page, lambda: listed(explorer) not in ([], before), "the order changes")
    row = notebook.ask("int(exploration.search('animals', mode='semantic')['row'].iloc[0])")
    expected = notebook.ask(f"exploration.search('animals', n=200, mode='semantic', negative=[{row}])['text'].tolist()")
    assert listed(explorer) == expected[:100]
    explorer.part("minus").get_by_role("button").first.click()
    until(explorer.page, lambda: listed(explorer) == before, "without the example the old order is back")


def test_more_like_this_lists_the_documents_nearest_to_it(
    field: Exploration, notebook: Notebook, explorer: Map
) -> None:
    rows, positions = lonely_points(field)
    explorer.click(positions[3])
    explorer.part("like-this").click()
    until(explorer.page, lambda: "like this document" in explorer.part("found").inner_text(), "the search is done")
    expected = notebook.ask(f"exploration.more_like([{rows[3]}], n=200)['row'].tolist()")
    assert listed(explorer) == texts_of(field, expected[:100])


def test_ticked_categories_filter_in_the_kernel_and_nothing_vanishes(
    field: Exploration, notebook: Notebook, explorer: Map
) -> None:
    rows, positions = lonely_points(field, 60)
    column = open_filter(explorer, "kind")
    for name in ("paraphrase", "translation"):
        column.locator("label", has_text=name).locator("input").check()
    notebook.wait("atlas.filters == [{'column': 'kind', 'values': ['paraphrase', 'translation']}]")
    fits = np.isin(field.corpus.table["kind"].to_pylist(), ["paraphrase", "translation"])
    explorer.wait(f"{fits.sum()} pass the filters")
    alphas = explorer.alphas(positions)
    assert alphas[fits[rows]].min() > 200
    assert alphas[~fits[rows]].max() < 130
    assert alphas.min() > 20
    assert column.locator(".nx-filter-state").inner_text() == "paraphrase, translation"
    chips = explorer.part("filter-chip").all_inner_texts()
    assert [" ".join(chip.split()) for chip in chips] == ["kind paraphrase, translation ×"]
    assert explorer.part("passing").inner_text() == f"{fits.sum()} of {len(field)} documents"
    languages = field.corpus.table.to_pandas()[fits]["language"].value_counts()
    shown = open_filter(explorer, "language").locator("label", has_text=languages.index[0]).locator(".nx-size")
    until(explorer.page, lambda: shown.inner_text().startswith(f"{languages.iloc[0]} "), "the kernel counts the others")
    column.locator("label", has_text="translation").locator("input").uncheck()
    notebook.wait("atlas.filters == [{'column': 'kind', 'values': ['paraphrase']}]")


def test_a_range_dragged_over_the_bars_filters_in_the_kernel(notebook: Notebook, explorer: Map) -> None:
    bars = open_filter(explorer, "year").locator("svg")
    bars.scroll_into_view_if_needed()
    box = bars.bounding_box()
    notebook.page.mouse.move(box["x"] + 0.27 * box["width"], box["y"] + 20)
    notebook.page.mouse.down()
    notebook.page.mouse.move(box["x"] + 0.73 * box["width"], box["y"] + 25, steps=4)
    notebook.page.mouse.up()
    notebook.wait("len(atlas.filters) == 1")
    wanted = notebook.ask("atlas.filters[0]")
    assert wanted == {"column": "year", "low": pytest.approx(2006, abs=1), "high": pytest.approx(2013, abs=1)}
    n = notebook.ask(f"int(exploration.to_pandas()['year'].between({wanted['low']}, {wanted['high']}).sum())")
    explorer.wait(f"{n} pass the filters")
    notebook.run("atlas.filter(year=(2015, None), weight=(None, 2000.0))")
    n = notebook.ask("len(exploration.to_pandas().query('year >= 2015 and weight <= 2000'))")
    explorer.wait(f"{n} pass the filters")
    assert open_filter(explorer, "year").get_by_test_id("atlas-range-from").input_value() == "2015"
    bars.click(position={"x": 30, "y": 20})
    notebook.wait("[wanted['column'] for wanted in atlas.filters] == ['weight']")


def open_filter(explorer: Map, column: str) -> Any:
    """Shows the filter of a column."""
    explorer.part("tab-filters").click()
    found = explorer.root.locator(f"[data-column={column}]")
    found.wait_for()
    return found
