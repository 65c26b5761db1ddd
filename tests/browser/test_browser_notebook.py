"""The map in JupyterLab with a real kernel: several of them, what they leave behind, the theme, keys, the reader."""

import numpy as np
import pytest
from browser_tools import MARKS, Map, Notebook, jupyter_session, lonely_points, palette_colors, until

from nomic_explore import Exploration

pytest_plugins = ["browser_tools"]
pytestmark = MARKS
THEME = "(theme) => window.jupyterapp.commands.execute('apputils:change-theme', {theme})"
NOTE_STATUS = """(canvas) => {
    const status = canvas.closest('[data-testid=atlas]').querySelector('[data-testid=atlas-status]');
    window.told = [];
    const note = () => window.told.push([canvas.dataset.ready, Number(canvas.dataset.pointsDrawn), status.title]);
    new MutationObserver(note).observe(status, {attributes: true});
}"""


@pytest.fixture(scope="module")
def explorer(notebook: Notebook) -> Map:
    """The first map of the notebook, with its panes; its chart is that of the years."""
    notebook.run("view = exploration.map(height=700, hover=['year'], chart='year'); atlas = view.atlas")
    return notebook.show("view")


def test_the_card_under_the_mouse_and_the_reader_come_from_the_kernel(
    field: Exploration, notebook: Notebook, explorer: Map
) -> None:
    rows, positions = lonely_points(field)
    at = explorer.first_uncovered(positions)
    row = int(rows[at])
    explorer.hover(positions[at])
    until(explorer.page, lambda: explorer.part("hover").is_visible(), "the card is there")
    told = explorer.part("hover").inner_text()
    assert field.corpus.texts[row] in told
    assert f"year {field.corpus.table['year'][row]}" in told
    explorer.click(positions[at])
    until(explorer.page, lambda: explorer.part("overlay").get_attribute("data-lines") == "10", "ten lines are drawn")
    assert explorer.part("text").inner_text() == field.corpus.texts[row]
    near = notebook.ask(f"exploration.neighbors({row}, n=10)['row'].tolist()")
    listed = explorer.part("neighbors").locator("li .nx-hit-text").all_inner_texts()
    assert [text.strip() for text in listed] == [field.corpus.texts[other] for other in near]
    assert notebook.ask("int(atlas.data.rows[atlas.focus])") == row
    explorer.part("close-reader").click()
    notebook.wait("atlas.focus == -1")


def test_the_map_follows_the_theme_of_jupyterlab(field: Exploration, notebook: Notebook, explorer: Map) -> None:
    rows, positions = lonely_points(field)
    for lab_theme, theme in (("JupyterLab Dark", "dark"), ("JupyterLab Light", "light")):
        notebook.page.evaluate(THEME, lab_theme)
        expected = palette_colors(field, "topic", rows, theme)
        until(
            notebook.page,
            lambda expected=expected: bool(np.abs(explorer.colors(positions) - expected).max() <= 16),
            f"points in {theme} colours",
        )
        assert ("nx-dark" in explorer.root.get_attribute("class")) == (theme == "dark")


def test_keys_typed_on_the_map_do_not_reach_jupyterlab(notebook: Notebook, explorer: Map) -> None:
    assert explorer.root.get_attribute("data-lm-suppress-shortcuts") == "true"
    cells = ".jp-Notebook .jp-Cell"
    state = """() => {
        const notebook = window.jupyterapp.shell.currentWidget.content;
        return [notebook.widgets.length, notebook.activeCellIndex, notebook.mode, document.querySelectorAll('.cm-lineNumbers').length];
    }"""
    before = notebook.page.evaluate(state)
    assert notebook.page.locator(cells).count() == before[0]
    explorer.canvas.focus()
    for key in ("l", "b", "a", "d", "d", "x", "p", "m", "y", "Shift+L", "Enter", "Escape"):
        notebook.page.keyboard.press(key)
    explorer.part("search").focus()
    for key in ("b", "a", "d", "d", "x", "m", "Backspace", "Escape"):
        notebook.page.keyboard.press(key)
    assert notebook.page.evaluate(state) == before
    explorer.part("search").fill("")
    explorer.clear()


def test_the_chart_and_the_map_are_brushed_both_ways(notebook: Notebook, explorer: Map) -> None:
    chart = notebook.page.locator(".js-plotly-plot").first
    chart.scroll_into_view_if_needed()
    notebook.page.evaluate("() => window.dispatchEvent(new Event('resize'))")
    until(
        notebook.page, lambda: chart.evaluate("(plot) => plot._fullLayout.width === plot.clientWidth"), "a wide chart"
    )
    box = chart.locator(".nsewdrag").first.bounding_box()
    notebook.page.mouse.move(box["x"] + 0.02 * box["width"], box["y"] + 0.5 * box["height"])
    notebook.page.mouse.down()
    notebook.page.mouse.move(box["x"] + 0.49 * box["width"], box["y"] + 0.6 * box["height"], steps=8)
    notebook.page.mouse.up()
    notebook.wait("len(atlas.filters) == 1 and atlas.filters[0]['column'] == 'year'")
    low, high = notebook.ask("(atlas.filters[0]['low'], atlas.filters[0]['high'])")
    assert 1999 < low < 2002
    assert 2007 < high < 2012
    n = notebook.ask(f"int(exploration.to_pandas()['year'].between({low}, {high}).sum())")
    explorer.canvas.scroll_into_view_if_needed()
    explorer.wait(f"{n} pass the filters")
    notebook.run("view.filter(); view.select('kind:paraphrase')")
    marked = "exploration.to_pandas().query(\"kind == 'paraphrase'\").groupby('year').size().tolist()"
    notebook.wait(f"[int(n) for n in view.chart.figure.data[1].y if n] == {marked}")
    until(notebook.page, lambda: shown_bars(chart) == notebook.ask(marked), "the marked bars are drawn")
    explorer.clear()


def shown_bars(chart: object) -> list[int]:
    """The heights of the marked bars of a chart, as plotly holds them on the page."""
    return chart.evaluate("(plot) => [...plot.data[1].y].filter((n) => n > 0).map(Number)")  # type: ignore[attr-defined]


def test_one_map_in_two_cells_draws_twice_and_shares_the_selection(notebook: Notebook, explorer: Map) -> None:
    notebook.run("twice = exploration.map(panels=False, height=360)")
    first, second = notebook.show("twice"), notebook.show("twice")
    assert first.n_drawn() == pytest.approx(second.n_drawn(), rel=0.2)
    first.canvas.scroll_into_view_if_needed()
    first.part("box").click()
    first.drag([(0.1, 0.2), (0.6, 0.9)])
    first.wait("selected")
    second.canvas.scroll_into_view_if_needed()
    second.wait(f"{first.count('selected')} selected")
    notebook.wait(f"len(exploration.selected) == {first.count('selected')}")
    assert explorer.count("selected") == 0  # another map of the same exploration keeps its own
    notebook.run("twice.filter(year=(2005, 2009))")
    until(first.page, lambda: "2005–2009" in first.part("filter-chips").inner_text(), "a bare map shows its filters")
    assert "75 of 300 documents" in first.part("filter-chips").inner_text()
    first.part("clear-filters").click()
    notebook.wait("twice.filters == []")


def test_many_points_are_sampled_while_the_map_moves_and_all_drawn_at_rest(notebook: Notebook) -> None:
    notebook.run(
        "import numpy as np; from nomic_explore.view.data.map_data import make_points\n"
        "from nomic_explore.view.widget.atlas_map import AtlasMap\n"
        "many = AtlasMap(make_points(np.random.default_rng(0).normal(size=(400_000, 2)).astype(np.float32)))"
    )
    shown = notebook.show("many")
    until(shown.page, lambda: shown.canvas.get_attribute("data-points-drawn") == "400000", "all are drawn")
    shown.canvas.evaluate(NOTE_STATUS)
    shown.drag([(0.3, 0.3), (0.5, 0.5)])
    until(shown.page, lambda: shown.canvas.get_attribute("data-points-drawn") == "400000", "all are drawn again")
    moving = [one for one in shown.page.evaluate("() => window.told") if "while moving" in one[2]]
    assert moving
    for ready, drawn, told in moving:
        assert ready == "false"
        assert 0 < drawn < 400_000
        assert f"{drawn:,} drawn while moving" in told


def test_a_removed_output_leaves_nothing_behind(notebook: Notebook) -> None:
    notebook.run("gone = exploration.map(height=360); gone.atlas.select([1, 2])")
    maps = notebook.page.get_by_test_id("atlas")
    before = maps.count()
    notebook.show("gone.atlas")
    notebook.page.evaluate("() => window.jupyterapp.commands.execute('notebook:clear-cell-output')")
    until(notebook.page, lambda: maps.count() == before, "the map is taken away")
    notebook.run(
        "gone.atlas.select([3, 4, 5]); gone.atlas.color_by = 'language'; gone.atlas.theme = 'dark'\n"
        "gone.filter(year=(2005, None)); gone.atlas.focus_on(7); gone.atlas.height = 300; exploration.tags.add([1], 'late')"
    )
    notebook.run("exploration.undo()")
    notebook.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert notebook.page.get_by_test_id("atlas-canvas").count() == before
    assert notebook.told == []


def test_a_map_beside_the_notebook_stays_while_cells_run_and_scroll(notebook: Notebook) -> None:
    page = notebook.page
    panel = page.get_by_test_id("atlas-beside")
    left = "() => document.querySelector('#main').getBoundingClientRect().right"
    n_maps = page.get_by_test_id("atlas").count()
    notebook.run("beside = exploration.map(beside=True, height=500)")
    jupyter_session.add_cell(page, "beside")
    until(page, lambda: panel.is_visible(), "the map is beside the notebook")
    shown = Map(page, page.get_by_test_id("atlas").count() - 1)
    shown.wait()
    box = panel.bounding_box()
    assert (box["x"] + box["width"], box["y"], box["height"]) == (1500, 0, 1000)
    until(page, lambda: abs(page.evaluate(left) - box["x"]) < 2, "the notebook makes room")
    assert shown.canvas.bounding_box()["x"] >= box["x"]
    assert page.get_by_test_id("atlas-elsewhere").count() == 1
    drawn = shown.n_drawn()
    jupyter_session.add_cell(page, "picture = beside.filter(year=(2005, None)); picture")
    small = page.get_by_test_id("atlas-filtered-view")
    until(page, lambda: small.count() == 1, "the filter shows a picture")
    assert small.inner_text().strip() == notebook.ask("str(picture)")
    assert small.locator("img").evaluate("(image) => image.naturalWidth") == 960
    shown.wait("pass the filters")
    assert panel.bounding_box() == box
    assert shown.n_drawn() < drawn
    page.get_by_test_id("atlas-beside-handle").focus()
    page.keyboard.press("ArrowLeft")
    until(page, lambda: panel.bounding_box()["width"] > box["width"] + 40, "the map is wider")
    panel.get_by_test_id("atlas-bring-back-beside").click()
    until(page, lambda: panel.count() == 0, "the map is back in its cell")
    until(page, lambda: page.evaluate(left) == 1500, "the notebook is as wide as before")
    assert page.get_by_test_id("atlas").count() == n_maps + 1
    assert notebook.ask("beside.atlas.beside") is False
    shown.canvas.scroll_into_view_if_needed()
    shown.wait()
    assert shown.root.bounding_box()["height"] == 500
    notebook.run("beside.atlas.beside = True")
    until(page, lambda: panel.count() == 1, "Python moves it as well")
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
    until(page, lambda: panel.count() == 0, "without its cell's output the map is gone")
    assert page.evaluate(left) == 1500
    assert notebook.told == []
