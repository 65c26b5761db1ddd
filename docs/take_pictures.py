"""Takes the pictures of the README: the first notebook in JupyterLab, and the exported page, from `make demo`.

make demo && make pictures
"""

import shutil
import tempfile
from pathlib import Path

import jupyter_session
from PIL import Image

ROOT = Path(__file__).parent.parent
PICTURES = Path(__file__).parent / "pictures"


def main() -> None:
    """Writes docs/pictures/*.png."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome") or "chromium"
    PICTURES.mkdir(exist_ok=True)
    for dark in (False, True):
        theme = "dark" if dark else "light"
        with jupyter_session.open_browser(chromium, dark=dark, width=1400, height=820) as page:
            page.goto((ROOT / "demo" / "map.html").as_uri())
            page.wait_for_selector("[data-testid=atlas-canvas][data-ready=true]")
            page.get_by_test_id("atlas-canvas").screenshot()  # all labels are placed once this is drawn
            _save(page, f"page-{theme}")
    with (
        tempfile.TemporaryDirectory() as folder,
        jupyter_session.serve_notebook("01_first_map.ipynb", Path(folder)) as address,
        jupyter_session.open_browser(chromium, width=1500, height=960) as page,
    ):
        jupyter_session.run_notebook(page, address, timeout_s=400)
        page.get_by_test_id("atlas-canvas").scroll_into_view_if_needed()
        page.get_by_test_id("atlas-canvas").click(position={"x": 300, "y": 300})
        page.wait_for_timeout(1500)
        _save(page, "notebook")


def _save(page: object, name: str) -> None:
    """Writes a screenshot with as few colours as it needs."""
    path = PICTURES / f"{name}.png"
    page.screenshot(path=str(path))  # type: ignore[attr-defined]
    Image.open(path).convert("RGB").quantize(192, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main()
