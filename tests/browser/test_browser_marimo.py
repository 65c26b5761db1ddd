"""The map in marimo, whose model behaves like anywidget's: drawn, asked, selected on, in the light and in the dark."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser_tools import MARKS, Map, jupyter_session, listen, lonely_points, palette_colors, until

from nomic_explore import Exploration

pytest_plugins = ["browser_tools"]
pytestmark = MARKS
NOTEBOOK = """# /// script
# [tool.marimo.display]
# theme = "system"
# ///
import marimo

app = marimo.App(width="full")


@app.cell
def _():
    from pathlib import Path

    import marimo as mo

    from nomic_explore import open_exploration

    exploration = open_exploration("field")
    return Path, exploration, mo


@app.cell
def _(Path, exploration):
    explorer = exploration.map(height=600)

    @explorer.on_select
    def _(rows):
        Path("selected.txt").write_text(f"{len(rows)} {len(exploration.selected)}")

    explorer
    return


@app.cell
def _(exploration, mo):
    bare = exploration.map(panels=False, height=400)
    atlas = mo.ui.anywidget(bare)
    atlas
    return atlas, bare


@app.cell
def _(bare, mo):
    mo.ui.button(label="three rows", on_click=lambda _: bare.select([0, 1, 2]))
    return


@app.cell
def _(atlas, mo):
    mo.md(f"Python sees {len(atlas.selected_rows)} rows")
    return


if __name__ == "__main__":
    app.run()
"""


@pytest.fixture(scope="module")
def folder(field: Exploration, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the notebook lies, and a copy of `field`."""
    folder = tmp_path_factory.mktemp("marimo")
    shutil.copytree(field.folder, folder / "field")
    (folder / "maps.py").write_text(NOTEBOOK)
    return folder


@pytest.fixture(scope="module")
def explorer(browser: Any, folder: Path) -> Iterator[Map]:
    """The map with its panes in the notebook that marimo runs; the console must stay silent."""
    port = jupyter_session.free_port()
    command = [sys.executable, "-m", "marimo", "run", "maps.py", "--headless", "--no-token", "--port", str(port)]
    home = {name: str(folder / f".{name}") for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME")}
    with open(folder / "marimo.log", "w") as log:
        server = subprocess.Popen(command, env={**os.environ, **home}, stdout=log, stderr=log, cwd=folder)
    try:
        address = f"http://127.0.0.1:{port}"
        jupyter_session.wait_until_served(f"{address}/health", server, folder / "marimo.log")
        page = browser.new_page(viewport={"width": 1500, "height": 1300}, color_scheme="light")
        shown = Map(page, told=listen(page))
        page.goto(address)
        shown.canvas.wait_for(timeout=60_000)
        yield shown.wait()
        page.close()
        assert shown.told == []
    finally:
        server.terminate()
        server.wait(timeout=30)


@pytest.fixture(scope="module")
def bare(explorer: Map) -> Map:
    """The map without panes, further down; marimo knows it by a name."""
    shown = Map(explorer.page, 1)
    shown.canvas.wait_for()
    return shown.wait()


def test_the_map_is_drawn_with_its_panes_in_the_colours_of_the_topics(field: Exploration, explorer: Map) -> None:
    rows, positions = lonely_points(field)
    assert explorer.status() == f"{len(field)} documents · WebGL2 · all drawn"
    assert np.abs(explorer.colors(positions) - palette_colors(field, "topic", rows)).max() <= 16
    assert explorer.part("topics").is_visible()


def test_the_card_under_the_mouse_and_the_reader_come_from_python(field: Exploration, explorer: Map) -> None:
    rows, positions = lonely_points(field)
    at = explorer.first_uncovered(positions)
    explorer.hover(positions[at])
    until(explorer.page, lambda: explorer.part("hover").is_visible(), "the card is there")
    assert field.corpus.texts[rows[at]] in explorer.part("hover").inner_text()
    explorer.click(positions[at])
    explorer.part("text").wait_for()
    assert explorer.part("text").inner_text() == field.corpus.texts[rows[at]]
    explorer.part("close-reader").click()


def test_contours_arrive_as_bytes_inside_a_dict(explorer: Map) -> None:
    without = explorer.pixels()
    explorer.part("contours").click()
    until(explorer.page, lambda: (explorer.pixels() != without).any(axis=2).sum() > 2000, "lines are drawn")
    explorer.part("contours").click()
    until(explorer.page, lambda: np.array_equal(explorer.pixels(), without), "the lines are gone")


def test_the_points_of_a_topic_arrive_as_the_bytes_of_an_answer(explorer: Map) -> None:
    topic = explorer.part("topic").first
    topic.click()
    explorer.wait(f"{topic.locator('.nx-size').inner_text()} highlighted")
    explorer.clear()


def test_a_lasso_is_handed_to_python(explorer: Map, folder: Path) -> None:
    explorer.part("lasso").click()
    explorer.drag([(0.3, 0.2), (0.9, 0.2), (0.9, 0.9), (0.3, 0.9)])
    explorer.wait("selected")
    n = explorer.count("selected")
    written = folder / "selected.txt"
    until(explorer.page, lambda: written.exists() and written.read_text() == f"{n} {n}", f"{n} rows in Python")
    explorer.clear()


def test_a_cell_that_reads_a_map_follows_its_selection(bare: Map) -> None:
    bare.part("box").click()
    bare.drag([(0.2, 0.3), (0.7, 0.9)])
    bare.wait("selected")
    assert bare.count("selected") > 0
    bare.page.get_by_text(f"Python sees {bare.count('selected')} rows").wait_for()


def test_what_python_selects_is_drawn(bare: Map) -> None:
    bare.page.get_by_role("button", name="three rows").click()
    bare.wait("3 selected")


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_map_follows_the_theme_of_marimo(field: Exploration, explorer: Map, theme: str) -> None:
    rows, positions = lonely_points(field)
    explorer.page.emulate_media(color_scheme=theme)
    expected = palette_colors(field, "topic", rows, theme)
    until(
        explorer.page, lambda: np.abs(explorer.colors(positions) - expected).max() <= 16, f"points in {theme} colours"
    )
    assert ("nx-dark" in explorer.root.get_attribute("class").split()) == (theme == "dark")
