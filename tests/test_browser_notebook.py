"""The first notebook in JupyterLab in a real browser, with a real kernel."""

import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "docs"))
import jupyter_session

pytestmark = [
    pytest.mark.browser,
    # The server's pipes are closed by its own process; Python may notice that late.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def test_the_first_notebook_runs_pans_and_hands_the_lasso_to_the_kernel(chromium: str, tmp_path: Path) -> None:
    with (
        jupyter_session.serve_notebook("01_first_map.ipynb", tmp_path) as address,
        jupyter_session.open_browser(chromium) as page,
    ):
        jupyter_session.run_notebook(page, address)
        assert page.locator(".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
        assert jupyter_session.ask_kernel(page, "len(exploration.selected)") == "0"
        canvas = page.get_by_test_id("atlas-canvas")
        canvas.scroll_into_view_if_needed()
        box = canvas.bounding_box()

        def at(x: float, y: float) -> tuple[float, float]:
            return box["x"] + x * box["width"], box["y"] + y * box["height"]

        before = canvas.screenshot()
        page.mouse.move(*at(0.5, 0.5))
        page.mouse.down()
        page.mouse.move(*at(0.6, 0.55), steps=5)
        page.mouse.up()
        assert canvas.screenshot() != before

        page.keyboard.down("Shift")
        page.mouse.move(*at(0.2, 0.2))
        page.mouse.down()
        for corner in ((0.8, 0.2), (0.8, 0.8), (0.2, 0.8), (0.2, 0.2)):
            page.mouse.move(*at(*corner), steps=5)
        page.mouse.up()
        page.keyboard.up("Shift")
        page.wait_for_function(
            "() => /[1-9][\\d,]* selected/.test(document.querySelector('[data-testid=atlas-status]').textContent)"
        )
        shown = page.get_by_test_id("atlas-status").inner_text()
        n_selected = int(re.search(r"([\d,]+) selected", shown).group(1).replace(",", ""))
        jupyter_session.wait_for_kernel(page, f"len(exploration.selected) == {n_selected}")
        narrower = "bool(exploration.selected['x'].std() < exploration.frame()['x'].std())"
        assert jupyter_session.ask_kernel(page, narrower) == "True"
