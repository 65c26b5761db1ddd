"""The map in Jupyter Notebook 7, with a real kernel: drawn, asked, selected on, in the light and in the dark."""

import shutil
from collections.abc import Iterator
from typing import Any

import nbformat
import numpy as np
import pytest
from browser_tools import MARKS, Map, Notebook, jupyter_session, lonely_points, palette_colors, until

from nomic_explore import Exploration

pytest_plugins = ["browser_tools"]
pytestmark = MARKS
CELLS = [
    "from nomic_explore import open_exploration\nexploration = open_exploration('field')",
    "exploration.map(height=600)",
]


@pytest.fixture(scope="module")
def notebook(browser: Any, field: Exploration, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    """A notebook that has run in Notebook 7; the console must stay silent."""
    folder = tmp_path_factory.mktemp("notebook7")
    shutil.copytree(field.folder, folder / "field")
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    cells = [nbformat.v4.new_code_cell(code) for code in CELLS]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), folder / "map.ipynb")
    with jupyter_session.serve_folder(folder, app="notebook") as address:
        opened = Notebook(browser.new_context(viewport={"width": 1500, "height": 1000}).new_page())
        jupyter_session.run_notebook(opened.page, f"{address}/notebooks/map.ipynb")
        yield opened
        opened.close()
    # Notebook 7.6.5 itself stumbles over a plugin without settings while it starts: "reading 'schema'".
    assert [line for line in opened.told if "reading 'schema'" not in line] == []


@pytest.fixture(scope="module")
def explorer(notebook: Notebook) -> Map:
    """Its map with its panes."""
    shown = Map(notebook.page)
    shown.canvas.scroll_into_view_if_needed()
    return shown.wait()


def test_the_map_is_drawn_with_its_panes_in_the_colours_of_the_topics(field: Exploration, explorer: Map) -> None:
    rows, positions = lonely_points(field)
    assert explorer.status() == f"{len(field)} documents · WebGL2 · all drawn"
    assert np.abs(explorer.colors(positions) - palette_colors(field, "topic", rows)).max() <= 16
    assert explorer.part("topics").is_visible()


def test_the_last_picture_steps_back_while_the_map_lives(notebook: Notebook, explorer: Map) -> None:
    picture = notebook.page.get_by_test_id("atlas-last-picture")
    assert picture.count() == 1
    assert not picture.is_visible()


def test_the_card_under_the_mouse_and_the_reader_come_from_the_kernel(field: Exploration, explorer: Map) -> None:
    rows, positions = lonely_points(field)
    at = explorer.first_uncovered(positions)
    explorer.hover(positions[at])
    until(explorer.page, lambda: explorer.part("hover").is_visible(), "the card is there")
    assert field.corpus.texts[rows[at]] in explorer.part("hover").inner_text()
    explorer.click(positions[at])
    explorer.part("text").wait_for()
    assert explorer.part("text").inner_text() == field.corpus.texts[rows[at]]
    explorer.part("close-reader").click()


def test_a_lasso_is_handed_to_the_kernel(notebook: Notebook, explorer: Map) -> None:
    explorer.part("lasso").click()
    explorer.drag([(0.3, 0.2), (0.9, 0.2), (0.9, 0.9), (0.3, 0.9)])
    explorer.wait("selected")
    assert explorer.count("selected") > 0
    notebook.wait(f"len(exploration.selected) == {explorer.count('selected')}")
    explorer.clear()
    notebook.wait("len(exploration.selected) == 0")


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_map_follows_the_theme_of_the_notebook(
    field: Exploration, notebook: Notebook, explorer: Map, theme: str
) -> None:
    change = "(theme) => window.jupyterapp.commands.execute('apputils:change-theme', {theme})"
    rows, positions = lonely_points(field)
    notebook.page.evaluate(change, f"JupyterLab {theme.capitalize()}")
    expected = palette_colors(field, "topic", rows, theme)
    until(
        explorer.page, lambda: np.abs(explorer.colors(positions) - expected).max() <= 16, f"points in {theme} colours"
    )
    assert ("nx-dark" in explorer.root.get_attribute("class").split()) == (theme == "dark")


def test_keys_typed_on_the_map_do_not_reach_the_notebook(notebook: Notebook, explorer: Map) -> None:
    state = "() => { const {widgets, mode} = window.jupyterapp.shell.currentWidget.content; return [widgets.length, mode]; }"
    before = notebook.page.evaluate(state)
    explorer.canvas.focus()
    for key in ("b", "a", "d", "d", "m", "Enter"):
        notebook.page.keyboard.press(key)
    explorer.part("search").fill("")
    for key in ("b", "a", "d", "d", "m"):
        notebook.page.keyboard.press(key)
    assert explorer.part("search").input_value() == "baddm"
    assert notebook.page.evaluate(state) == before
