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
    """The map with its panes, on which nothing is selected, highlighted or filtered."""
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
    until(explorer.page, lambda: " match" in explorer.part("found").inner_text(), f"hits for {query!r}")
    return listed(explorer)


def listed(explorer: Map) -> list[str]:
    return [text.strip() for text in explorer.part("hits").locator("li .nx-hit-text").all_inner_texts()]


def scores(explorer: Map) -> list[float]:
    return [float(text) for text in explorer.part("hits").locator("li .nx-size").all_inner_texts()]


def marked(explorer: Map) -> list[str]:
    return [text.lower() for text in explorer.part("hits").locator("mark").all_inner_texts()]


def texts_of(field: Exploration, rows: list[int]) -> list[str]:
    return [field.corpus.texts[row] for row in rows]


@pytest.mark.parametrize(
    ("by", "mode", "query", "scored"),
    [
        ("both", "hybrid", "a bird at night", "match"),
        ("meaning", "semantic", "a bird at night", "similarity"),
        ("words", "keyword", "Owl", "word score"),
    ],
)
def test_a_search_lists_and_highlights_what_the_kernel_finds_up_to_the_gap(
    field: Exploration, notebook: Notebook, explorer: Map, by: str, mode: str, query: str, scored: str
) -> None:
    explorer.part("search-by").select_option(by)
    hits = search(explorer, query)
    found = notebook.ask(f"exploration.search({query!r}, n=200, mode={mode!r})[['row', 'score']].values.tolist()")
    rows = [int(row) for row, _ in found]
    n = notebook.ask("len(atlas.hits) // 4")
    assert explorer.part("found").inner_text().startswith(f"{n} document")
    assert explorer.part("select-hits").inner_text() == f"Select all {n}"
    assert explorer.part("scored").inner_text() == scored
    assert hits == texts_of(field, rows[: min(n, 100)])
    assert scores(explorer) == pytest.approx([score for _, score in found[: len(hits)]], abs=0.06)
    assert scores(explorer) == sorted(scores(explorer), reverse=True)
    assert (n < len(rows)) == (len(rows) > 20)
    strengths = notebook.ask("list(atlas.strengths)")
    assert strengths == sorted(strengths, reverse=True)
    assert strengths[0] == 255
    if mode == "keyword":
        assert set(marked(explorer)) <= {"owl", "owls"}
        assert len(marked(explorer)) >= len(hits)
    positions = [notebook.ask(f"atlas.data.positions[atlas.data.rows == {row}][0].tolist()") for row in rows[:1]]
    assert explorer.alphas(np.array(positions)).min() > 200


def test_weaker_hits_are_shown_when_asked_for_and_are_drawn_weaker(
    field: Exploration, notebook: Notebook, explorer: Map
) -> None:
    explorer.part("search-by").select_option("meaning")
    n = len(search(explorer, "a bird at night"))
    assert explorer.part("weaker").inner_text() == f"Show {200 - n} weaker"
    explorer.part("weaker").click()
    notebook.wait("len(atlas.hits) // 4 == 200")
    assert len(listed(explorer)) == 100
    lonely, positions = lonely_points(field, 80)
    rows = notebook.ask("exploration.search('a bird at night', n=200, mode='semantic')['row'].tolist()")
    place = {row: at for at, row in enumerate(rows)}
    alphas = dict(zip(lonely.tolist(), explorer.alphas(positions).tolist(), strict=True))
    strong = [alpha for row, alpha in alphas.items() if place.get(row, 200) < n]
    weak = [alpha for row, alpha in alphas.items() if 100 <= place.get(row, 200) < 200]
    unfound = [alpha for row, alpha in alphas.items() if row not in place]
    assert np.median(unfound) + 30 < np.median(weak) < np.median(strong) - 30
    explorer.part("weaker").click()
    notebook.wait(f"len(atlas.hits) // 4 == {n}")


def test_a_condition_on_a_column_finds_exactly_its_rows(field: Exploration, notebook: Notebook, explorer: Map) -> None:
    hits = search(explorer, "kind:translation year:2000..2009")
    rows = notebook.ask("exploration.query('kind:translation year:2000..2009').tolist()")
    assert 0 < len(rows) <= 100
    assert sorted(hits) == sorted(texts_of(field, rows))
    explorer.part("select-hits").click()
    explorer.wait(f"{len(rows)} selected")
    notebook.wait(f"exploration.selected.index.tolist() == {sorted(rows)}")
    search(explorer, "year:>=2000")
    assert explorer.part("found").inner_text() == f"{len(field)} documents match"
    notebook.wait(f"len(atlas.hits) // 4 == {len(field)}")


def test_a_query_that_cannot_be_answered_is_explained(explorer: Map) -> None:
    explorer.part("search-by").select_option("words")
    for query, told in (("year:soon", "year"), ("qqqzzz", "No document holds any of these words")):
        explorer.part("search").fill(query)
        explorer.part("search").press("Enter")
        until(
            explorer.page, lambda told=told: told in explorer.part("found").inner_text(), "the box says what is wrong"
        )
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
    assert listed(explorer) == expected[: len(listed(explorer))]
    explorer.part("minus").get_by_role("button", name="not like").click()
    until(explorer.page, lambda: listed(explorer) == before, "without the example the old order is back")


def test_more_like_this_lists_the_documents_nearest_to_it(
    field: Exploration, notebook: Notebook, explorer: Map
) -> None:
    rows, positions = lonely_points(field)
    explorer.click(positions[3])
    explorer.part("like-this").click()
    until(explorer.page, lambda: "like this document" in explorer.part("found").inner_text(), "the search is done")
    expected = notebook.ask(f"exploration.more_like([{rows[3]}], n=200)['row'].tolist()")
    assert listed(explorer) == texts_of(field, expected[: len(listed(explorer))])
    assert scores(explorer) == sorted(scores(explorer), reverse=True)


def test_a_page_ranks_by_any_word_and_goes_on_by_neighbors(field: Exploration, shown: Map) -> None:
    assert "meaning needs the notebook" in shown.part("search").get_attribute("title")
    assert shown.part("search-by").is_hidden()
    query = "an owl that repairs engines"
    expected = field.search(query, n=200, mode="keyword")
    assert len(field.query(query)) == 0
    shown.part("search").fill(query)
    until(shown.page, lambda: "some of these words, none has all" in shown.part("found").inner_text(), "it says so")
    n = int(shown.part("found").inner_text().split()[0])
    assert 5 <= n <= len(expected)
    assert scores(shown) == pytest.approx(expected["score"].round(2).tolist()[:n], abs=0.06)
    assert "owl" in marked(shown)
    best = shown.part("hits").locator("li .nx-hit-text").first.inner_text()
    shown.part("like-best").click()
    until(shown.page, lambda: "like this document" in shown.part("found").inner_text(), "the neighbors are listed")
    row = int(expected["row"][0])
    near = set(texts_of(field, field.neighbors(row, n=10)["row"].tolist()))
    assert best == field.corpus.texts[row]
    assert near <= set(listed(shown))
    assert best not in listed(shown)
    assert scores(shown)[0] == 1.0
    shown.part("clear-search").click()
    until(shown.page, lambda: listed(shown) == [], "nothing is listed any more")
    shown.part("search").fill("ow")
    until(shown.page, lambda: "owl" in marked(shown) or "owl" in " ".join(listed(shown)).lower(), "words are completed")


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
