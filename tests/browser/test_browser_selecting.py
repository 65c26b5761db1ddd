"""Selecting, tagging and naming in JupyterLab: screen and kernel agree on every count."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser_tools import MARKS, Map, Notebook, lonely_points, open_page, until

from nomic_explore import Exploration
from nomic_explore.view.requests.selection import find_topics_of

pytest_plugins = ["browser_tools"]
pytestmark = MARKS
LEFT = [(0.02, 0.08), (0.5, 0.08), (0.5, 0.98), (0.02, 0.98)]
LOWER = [(0.02, 0.5), (0.98, 0.5), (0.98, 0.92), (0.02, 0.92)]
TOP = [(0.02, 0.08), (0.98, 0.08), (0.98, 0.5), (0.02, 0.5)]
FRESH = """
while exploration.undo(): pass
atlas.filters = []; atlas.selected = b''; atlas.hits = b''; told = []
"""


@pytest.fixture(scope="module")
def map_of_notebook(notebook: Notebook) -> Map:
    notebook.run("atlas = exploration.map(height=700).atlas; told = []")
    notebook.run("atlas.on_select(lambda rows: told.append(rows.tolist()))")
    shown = notebook.show("atlas")
    if not shown.part("right").is_visible():
        shown.part("fold-right").click()  # a selection opens it, and the map would be narrower from then on
    return shown.wait()


@pytest.fixture
def explorer(notebook: Notebook, map_of_notebook: Map) -> Map:
    """The map with its panes, on which nothing is selected, tagged or renamed."""
    map_of_notebook.clear()
    notebook.run(FRESH)
    until(notebook.page, lambda: "selected" not in map_of_notebook.status(), "nothing is selected")
    return map_of_notebook


def lasso(explorer: Map, corners: list[tuple[float, float]], *held: str) -> None:
    """Draws a lasso with the tool, while keys are held."""
    explorer.part("lasso").click()
    for key in held:
        explorer.page.keyboard.down(key)
    explorer.drag(corners)
    for key in held:
        explorer.page.keyboard.up(key)


def selected(notebook: Notebook) -> set[int]:
    return set(notebook.ask("exploration.selected.index.tolist()"))


def select_by_lasso(notebook: Notebook, explorer: Map, corners: list[tuple[float, float]]) -> set[int]:
    """Draws a lasso and returns the rows that the kernel then has."""
    before = notebook.ask("len(told)")
    lasso(explorer, corners)
    notebook.wait(f"len(told) > {before}")
    rows = selected(notebook)
    explorer.wait(f"{len(rows)} selected")
    return rows


def test_lasso_and_box_select_the_points_inside_them(field: Exploration, notebook: Notebook, explorer: Map) -> None:
    rows, positions = lonely_points(field, 60)
    found = select_by_lasso(notebook, explorer, LEFT)
    box = explorer.canvas.bounding_box()
    places = explorer.places(positions) / [box["width"], box["height"]]
    inside = (places > [0.02, 0.08]).all(axis=1) & (places < [0.5, 0.98]).all(axis=1)
    assert {int(row) for row in rows[inside]} == found & {int(row) for row in rows}
    assert notebook.ask("told[-1] == exploration.selected.index.tolist() == atlas.selected_rows.tolist()")
    explorer.part("unselect").click()
    notebook.wait("told[-1] == []")
    explorer.part("box").click()
    explorer.drag([LEFT[0], LEFT[2]])
    notebook.wait("told[-1] != []")
    assert selected(notebook) == found


def test_a_selection_grows_shrinks_crosses_and_turns_round(
    field: Exploration, notebook: Notebook, explorer: Map
) -> None:
    lower = select_by_lasso(notebook, explorer, LOWER)
    left = select_by_lasso(notebook, explorer, LEFT)
    assert lower - left
    assert left - lower
    assert lower & left

    def expect(rows: set[int]) -> None:
        explorer.wait(f"{len(rows)} selected")
        notebook.wait(f"set(exploration.selected.index) == {rows or 'set()'}")

    expect(left)
    lasso(explorer, LOWER, "Control")
    expect(left | lower)
    lasso(explorer, LEFT, "Alt")
    expect(lower - left)
    explorer.part("mode").select_option("add")
    lasso(explorer, LEFT)
    expect(left | lower)
    explorer.part("mode").select_option("intersect")
    lasso(explorer, LOWER)
    expect(lower)
    explorer.part("mode").select_option("subtract")
    lasso(explorer, LEFT)
    expect(lower - left)
    explorer.part("invert").click()
    expect(set(range(len(field))) - (lower - left))
    explorer.part("unselect").click()
    notebook.wait("exploration.selected.empty")
    assert explorer.part("selection").is_hidden()


def test_what_the_kernel_selects_is_drawn(field: Exploration, notebook: Notebook, explorer: Map) -> None:
    rows, positions = lonely_points(field, 60)
    fits = [kind == "original" for kind in field.corpus.table["kind"].to_pylist()]
    assert notebook.ask("len(atlas.select('kind:original'))") == sum(fits)
    explorer.wait(f"{sum(fits)} selected")
    alphas = explorer.alphas(positions)
    for row, alpha in zip(rows, alphas, strict=True):
        assert alpha > 200 if fits[row] else 20 < alpha < 130, (row, int(alpha), fits[row])
    assert notebook.ask("told[-1] == exploration.query('kind:original').tolist()")


def names_in(explorer: Map, part: str) -> list[str]:
    return [text.strip() for text in explorer.part(part).locator(".nx-topic-name").all_inner_texts()]


def overlap(explorer: Map, part: str, other: str) -> bool:
    a, b = explorer.part(part).bounding_box(), explorer.part(other).bounding_box()
    return all(a[at] < b[at] + b[side] and b[at] < a[at] + a[side] for at, side in (("x", "width"), ("y", "height")))


def test_a_selection_is_answered_with_what_it_has_in_common(
    field: Exploration, notebook: Notebook, explorer: Map
) -> None:
    notebook.run("atlas.select('kind:original')")
    rows = selected(notebook)
    described = lambda: explorer.part("right").inner_html() + explorer.part("said").inner_text()  # noqa: E731
    until(notebook.page, lambda: explorer.part("selection-topics").count() == 1, "it is described", described)
    card = explorer.part("selection-card")
    assert card.locator("h2").inner_text() == f"{len(rows)} documents selected"
    told = notebook.ask("dict(atlas.answers.answer('describe_selection', {}))")
    assert sum(topic["count"] for topic in told["topics"]) + told["elsewhere"] == len(rows)
    assert names_in(explorer, "selection-topics") == [topic["name"] for topic in told["topics"]]
    if told["words"]:
        assert names_in(explorer, "selection-words") == [one["word"] for one in told["words"]]
    assert "original" in names_in(explorer, "selection-values")
    typical = explorer.part("selection-typical").locator(".nx-hit-text")
    assert typical.all_inner_texts() == [field.corpus.texts[line["row"]] for line in told["typical"]]
    for control in ("color-by", "size-by", "lasso"):
        assert not overlap(explorer, "selection", control)
    typical.first.click()
    until(notebook.page, lambda: explorer.part("text").count() == 1, "the document is open")
    assert explorer.part("selection-card").count() == 0
    explorer.part("close-reader").click()
    until(notebook.page, lambda: explorer.part("selection-card").count() == 1, "the selection is back")
    until(notebook.page, lambda: explorer.part("selection-name").count() == 1, "it is described again")
    explorer.part("selection-name").fill("first ones")
    explorer.part("selection-name").press("Enter")
    notebook.wait(
        f"'first ones' in exploration.tags and exploration.tags.rows('first ones').tolist() == {sorted(rows)}"
    )
    largest = told["topics"][0]
    explorer.part("selection-topics").get_by_role("button").first.click()
    explorer.wait(f"{largest['count']} selected")
    assert selected(notebook) <= rows


def test_a_page_counts_what_a_selection_has_in_common(field: Exploration, shown: Map) -> None:
    kinds = field.corpus.table["kind"].to_pylist()
    shown.part("search").fill("kind:original")
    until(shown.page, lambda: shown.part("select-hits").count() == 1, "they are found")
    shown.part("select-hits").click()
    rows = np.flatnonzero([kind == "original" for kind in kinds])
    shown.wait(f"{len(rows)} selected")
    until(shown.page, lambda: shown.part("selection-topics").is_visible(), "the selection is described in the pane")
    expected = find_topics_of(rows, field.topics.current)
    assert names_in(shown, "selection-topics") == [topic["name"] for topic in expected]
    assert "original" in names_in(shown, "selection-values")
    texts = set(shown.part("selection-typical").locator(".nx-hit-text").all_inner_texts())
    assert len(texts) == 5
    assert texts <= {field.corpus.texts[row] for row in rows}
    shown.part("close-card-of-selection").click()
    assert shown.part("selection-card").is_hidden()
    shown.part("summary").click()
    assert shown.part("selection-card").is_visible()
    shown.part("like").click()
    until(shown.page, lambda: "like the selection" in shown.part("found").inner_text(), "neighbors are listed")
    assert not texts & set(shown.part("hits").locator(".nx-hit-text").all_inner_texts())


def test_the_bar_of_a_selection_is_one_line_that_fits(field_page: Path, browser: Any) -> None:
    opened = open_page(browser, field_page, viewport={"width": 900, "height": 700})
    opened.lasso_all()
    bar, stage = opened.part("selection").bounding_box(), opened.part("map").bounding_box()
    assert bar["height"] < 48
    assert stage["x"] <= bar["x"]
    assert bar["x"] + bar["width"] <= stage["x"] + stage["width"]
    for control in ("color-by", "size-by"):
        assert not overlap(opened, "selection", control)
    assert opened.part("mode").locator("option").all_inner_texts() == ["replaces", "adds", "subtracts", "intersects"]
    opened.page.context.close()


def test_a_tag_put_on_the_screen_is_undone_and_redone_in_the_kernel(notebook: Notebook, explorer: Map) -> None:
    rows = select_by_lasso(notebook, explorer, TOP)
    explorer.part("tag-selection").fill("to read")
    explorer.part("tag-selection").press("Enter")
    notebook.wait("exploration.tags.to_pandas()['tag'].tolist() == ['to read']")
    assert set(notebook.ask("exploration.tags.rows('to read').tolist()")) == rows
    explorer.part("tab-tags").click()
    until(notebook.page, lambda: explorer.part("tag").count() == 1, "the tag is listed")
    assert explorer.part("tag").inner_text().split() == ["to", "read", str(len(rows))]
    explorer.part("undo").click()
    notebook.wait("len(exploration.tags) == 0")
    until(notebook.page, lambda: explorer.part("tag").count() == 0, "the tag goes")
    explorer.part("redo").click()
    notebook.wait("len(exploration.tags) == 1")
    explorer.canvas.focus()
    notebook.page.keyboard.press("Control+z")
    notebook.wait("len(exploration.tags) == 0")
    notebook.page.keyboard.press("Control+Shift+Z")
    notebook.wait("len(exploration.tags) == 1")
    assert set(notebook.ask("exploration.tags.rows('to read').tolist()")) == rows
    explorer.part("unselect").click()
    notebook.wait("exploration.selected.empty")
    explorer.part("tag").click()
    explorer.wait(f"{len(rows)} selected")


def test_a_topic_renamed_on_the_screen_has_its_name_everywhere(
    field: Exploration, notebook: Notebook, explorer: Map
) -> None:
    explorer.part("tab-topics").click()
    old = explorer.part("topic").first.locator(".nx-topic-name").inner_text()
    layer, topic = 0, field.topics.names[0].index(old)
    explorer.part("rename-topic").first.click()
    explorer.part("topic-name").fill("Renamed here")
    explorer.part("topic-name").press("Enter")
    notebook.wait(f"exploration.topics.names[{layer}][{topic}] == 'Renamed here'")
    until(notebook.page, lambda: "Renamed here" in explorer.part("labels").inner_text(), "the map shows the name")
    assert explorer.part("topic").first.locator(".nx-topic-name").inner_text() == "Renamed here"
    explorer.part("undo").click()
    notebook.wait(f"exploration.topics.names[{layer}][{topic}] == {old!r}")
    until(notebook.page, lambda: "Renamed here" not in explorer.part("labels").inner_text(), "the old name is back")


def test_refresh_shows_what_another_notebook_tagged(notebook: Notebook, explorer: Map) -> None:
    explorer.part("tab-tags").click()
    notebook.run("other = open_exploration(exploration.folder); other.tags.add([4, 5, 6], 'from elsewhere')")
    assert notebook.ask("len(exploration.tags)") == 0
    explorer.part("refresh").click()
    until(notebook.page, lambda: explorer.part("tag").count() == 1, "the tag is listed")
    assert notebook.ask("exploration.tags.rows('from elsewhere').tolist()") == [4, 5, 6]
    notebook.run("other.tags.delete('from elsewhere'); exploration.refresh()")
    until(notebook.page, lambda: explorer.part("tag").count() == 0, "the tag goes")


def test_a_pinned_document_is_listed_until_it_is_let_go(field: Exploration, notebook: Notebook, explorer: Map) -> None:
    rows, positions = lonely_points(field)
    explorer.click(positions[4])
    until(notebook.page, lambda: explorer.part("pin").count() == 1, "the reader is filled")
    explorer.part("pin").click()
    notebook.wait(f"exploration.pins.rows.tolist() == [{rows[4]}]")
    until(notebook.page, lambda: explorer.part("pin").get_attribute("aria-pressed") == "true", "the button is pressed")
    explorer.part("tab-tags").click()
    entry = explorer.part("pinned").locator("li").first
    assert entry.locator(".nx-hit-text").inner_text().strip() == field.corpus.texts[rows[4]]
    explorer.part("pin").click()
    notebook.wait("exploration.pins.rows.tolist() == []")


def test_a_kept_view_comes_back_with_its_colours_and_filters(notebook: Notebook, explorer: Map) -> None:
    explorer.part("color-by").select_option("kind")
    notebook.run("atlas.filter(year=(2010, None))")
    explorer.wait("pass the filters")
    explorer.canvas.hover(position={"x": 200, "y": 200})
    notebook.page.mouse.wheel(0, -700)
    explorer.wait()
    view = explorer.view()
    explorer.part("tab-tags").click()
    explorer.part("new-view").fill("close")
    explorer.part("new-view").press("Enter")
    notebook.wait("list(exploration.views) == ['close']")
    explorer.part("color-by").select_option("topic")
    notebook.run("atlas.filters = []")
    explorer.clear()
    assert explorer.view() != pytest.approx(view)
    explorer.part("view").click()
    notebook.wait("atlas.color_by == 'kind' and atlas.filters[0]['column'] == 'year'")
    until(notebook.page, lambda: explorer.view() == pytest.approx(view), "the view is back")
    explorer.wait("pass the filters")


def test_the_selection_is_saved_as_a_table_and_as_an_exploration(notebook: Notebook, explorer: Map) -> None:
    notebook.run("atlas.select('kind:original')")
    explorer.wait("selected")
    n = explorer.count("selected")
    with notebook.page.expect_download() as started:
        explorer.part("save").select_option("parquet")
    import pyarrow.parquet as pq

    assert pq.read_table(started.value.path()).num_rows == n
    folder = notebook.ask("str(exploration.folder.with_name('originals'))")
    shutil.rmtree(folder, ignore_errors=True)
    explorer.part("save").select_option("subset")
    explorer.part("subset-folder").fill(folder)
    explorer.part("subset-folder").press("Enter")
    until(
        notebook.page, lambda: f"{n:,} documents: open_exploration" in explorer.part("said").inner_text(), "it is made"
    )
    assert notebook.ask(f"len(open_exploration({folder!r}))") == n
