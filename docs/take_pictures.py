"""Takes the screenshots in docs/pictures, light and dark: the map in JupyterLab, its panes, a comparison, the exported page,
also on a phone.

make demo && make pictures
"""

import shutil
import tempfile
from pathlib import Path
from typing import Any

import jupyter_session
import nbformat
from PIL import Image

from nomic_explore import open_exploration

ROOT = Path(__file__).parent.parent
PICTURES = Path(__file__).parent / "pictures"
READY = "[data-testid=atlas-canvas][data-ready=true]"
NOTEBOOK = """from nomic_explore import compare, open_exploration

exploration = open_exploration("docstrings")
exploration.tags.add(exploration.query("deprecated"), "deprecated")
exploration.tags.add(exploration.query("package:numpy"), "numpy", color="#d55e00")
exploration.views["arrays"] = {"x": 0.0, "y": 0.1, "zoom": 3.0}
atlas = exploration.map(height=720, chart="length")
atlas"""
COMPARISON = """other = exploration.subset(range(0, len(exploration), 2), "other-seed", seed=7, show_progress=False)
both = compare(exploration.subset(range(0, len(exploration), 2), "half", show_progress=False), other, height=420)
both"""


def main() -> None:
    """Writes docs/pictures/*.png."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome") or "chromium"
    PICTURES.mkdir(exist_ok=True)
    for old in PICTURES.glob("*.png"):
        old.unlink()
    for theme in ("light", "dark"):
        _take_page(chromium, theme)
        _take_phone(chromium, theme)
        _take_notebook(chromium, theme)


def _take_page(chromium: str, theme: str) -> None:
    with jupyter_session.open_browser(chromium, dark=theme == "dark", width=1400, height=820) as page:
        page.goto((ROOT / "demo" / "map.html").as_uri())
        page.wait_for_selector(READY)
        page.get_by_test_id("atlas-canvas").screenshot()  # waits until all names are placed
        _save(page, f"page-{theme}")


def _take_phone(chromium: str, theme: str) -> None:
    with jupyter_session.open_browser(chromium, dark=theme == "dark", width=390, height=844) as page:
        page.goto((ROOT / "demo" / "map.html").as_uri())
        page.wait_for_selector(READY)
        page.get_by_test_id("atlas-canvas").screenshot()
        _save(page, f"phone-{theme}")


def _take_notebook(chromium: str, theme: str) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "run"
        folder.mkdir()
        shutil.copytree(ROOT / "demo" / "exploration", folder / "docstrings")
        cells = [nbformat.v4.new_code_cell(cell) for cell in (NOTEBOOK, COMPARISON)]
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), Path(scratch) / "map.ipynb")
        with (
            jupyter_session.serve_notebook(Path(scratch) / "map.ipynb", folder, dark=theme == "dark") as address,
            jupyter_session.open_browser(chromium, dark=theme == "dark", width=1560, height=1180) as page,
        ):
            jupyter_session.run_notebook(page, address, timeout_s=600)
            _take_explorer(page, theme)
            both = page.locator(".jp-Cell").nth(1)
            both.scroll_into_view_if_needed()
            page.wait_for_function(f"() => document.querySelectorAll('{READY}').length === 3")
            both.locator(".jp-OutputArea-output").first.screenshot(path=PICTURES / f"compare-{theme}.png")
            _shrink(f"compare-{theme}")


def _take_explorer(page: Any, theme: str) -> None:
    """Saves the map with its panes, first as a whole, then pane by pane."""
    explorer = page.locator(".jp-Cell").nth(0)
    explorer.scroll_into_view_if_needed()
    page.get_by_test_id("atlas-fit").first.click()
    _wait_until_drawn(page)
    _save_part(explorer.get_by_test_id("atlas"), f"explorer-{theme}")
    _search(page, explorer)
    _save_part(explorer.get_by_test_id("atlas"), f"search-{theme}")
    _save_part(explorer.get_by_test_id("atlas-right"), f"reader-{theme}")
    explorer.get_by_test_id("atlas-clear").click()
    explorer.get_by_test_id("atlas-search").fill("")
    explorer.get_by_test_id("atlas-search").press("Enter")
    for pane in ("topics", "filters", "tags", "copies"):
        explorer.get_by_test_id(f"atlas-tab-{pane}").click()
        if pane == "topics":
            explorer.locator(".nx-twist").first.click()
            explorer.get_by_test_id("atlas-topic").first.press("Enter")
            explorer.get_by_test_id("atlas-topic-card").wait_for()
        if pane == "copies":
            explorer.get_by_test_id("atlas-copy-group").first.click()
            explorer.get_by_test_id("atlas-copies").locator(".nx-role").first.wait_for()
            explorer.get_by_test_id("atlas-review").click()
            explorer.get_by_test_id("atlas-pair-left").wait_for()
            _wait_until_drawn(page)
            _save(page, f"review-{theme}")  # the window covers the whole page
            explorer.get_by_test_id("atlas-close-review").click()
        _save_part(explorer.get_by_test_id("atlas-side"), f"{pane}-{theme}")
    explorer.get_by_test_id("atlas-clear").click()
    explorer.get_by_test_id("atlas-color-by").select_option("similarity to neighbors")
    explorer.get_by_test_id("atlas-contours").click()
    jupyter_session.ask_kernel(page, "atlas.select('package:numpy').size")
    explorer.get_by_test_id("atlas-fold-bottom").click()
    explorer.get_by_test_id("atlas-table-row").first.wait_for()
    _wait_until_drawn(page)
    _save_part(explorer.get_by_test_id("atlas"), f"selection-{theme}")
    explorer.locator(".js-plotly-plot .plot-container").first.wait_for()
    _save_part(explorer.locator(".widget-accordion, .jupyter-widget-Accordion").first, f"chart-{theme}")


def _search(page: Any, explorer: Any) -> None:
    explorer.get_by_test_id("atlas-search").fill("training a neural network")
    explorer.get_by_test_id("atlas-search").press("Enter")
    explorer.get_by_test_id("atlas-less").first.wait_for(state="attached", timeout=120_000)
    explorer.locator("[data-testid=atlas-hits] .nx-item").first.click()
    explorer.get_by_test_id("atlas-neighbors").wait_for()
    _wait_until_drawn(page)


def _wait_until_drawn(page: Any) -> None:
    page.wait_for_function(f"() => document.querySelector('{READY}')")
    page.get_by_test_id("atlas-canvas").first.screenshot()  # returns once the last drawing is on the screen


def _save(page: Any, name: str) -> None:
    page.screenshot(path=PICTURES / f"{name}.png")
    _shrink(name)


def _save_part(part: Any, name: str) -> None:
    part.screenshot(path=PICTURES / f"{name}.png")
    _shrink(name)


def _shrink(name: str) -> None:
    """Compresses a picture without loss; a palette of 256 colors would show as bands in the density."""
    path = PICTURES / f"{name}.png"
    Image.open(path).convert("RGB").save(path, optimize=True)


if __name__ == "__main__":
    open_exploration(ROOT / "demo" / "exploration")  # fails with instructions if there is no demo
    main()
