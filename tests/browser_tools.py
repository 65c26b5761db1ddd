"""What the browser tests share: one exploration, a browser for each file, and how the map on a page is read.

A test file names this one in `pytest_plugins`; PYTEST_DONT_REWRITE, since it may be imported before.
"""

import base64
import io
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nomic_explore import Exploration
from nomic_explore.view.data.map_data import MapData, make_map_data

sys.path.insert(0, str(Path(__file__).parent.parent / "docs"))
import jupyter_session

ROOT = Path(__file__).parent.parent
MARKS = [
    pytest.mark.browser,
    # The pipes of the browser and of the server are closed by their own processes; Python may notice that late.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="session")
def field(build_once: Callable[..., Exploration]) -> Exploration:
    """An exploration of 300 sentences with columns of every kind; tests must not change its folder.

    Positions are given, so that what is drawn where does not depend on the processor.
    """
    import pandas as pd

    table = pd.read_csv(ROOT / "data" / "lesson_sentences.csv")[["id", "text", "language", "kind"]]
    numbers = np.arange(len(table))
    table["year"] = 2000 + numbers % 20
    table["day"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(7 * numbers, unit="D")
    table["weight"] = np.where(numbers % 10 == 0, np.nan, numbers**1.5)
    positions = pd.read_csv(ROOT / "tests" / "data" / "field_positions.csv", index_col="id").loc[table["id"]].to_numpy()
    return build_once("field", table, "text", id="id", name="field", positions=positions)


@pytest.fixture(scope="session")
def field_page(field: Exploration, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exported page of `field`."""
    return field.save_html(tmp_path_factory.mktemp("page") / "map.html")


@pytest.fixture
def shown(browser: Any, field_page: Path) -> "Iterator[Map]":
    """The exported page of `field`, open; its console must stay silent."""
    opened = open_page(browser, field_page)
    yield opened
    told = opened.told
    opened.page.context.close()
    assert told == []


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Any]:
    """Chromium, for the tests of one file: an event loop of playwright must not outlive it."""
    with jupyter_session.launch_browser(chromium) as launched:
        yield launched


@pytest.fixture(scope="session")
def lab(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The address of a JupyterLab and the folder it serves."""
    folder = tmp_path_factory.mktemp("lab")
    with jupyter_session.serve_folder(folder) as address:
        yield address, folder


@pytest.fixture(scope="module")
def notebook(
    browser: Any, lab: tuple[str, Path], field: Exploration, request: pytest.FixtureRequest
) -> "Iterator[Any]":
    """An open notebook of a test file, whose kernel has a copy of `field` as `exploration`."""
    address, folder = lab
    name = request.module.__name__
    shutil.copytree(field.folder, folder / name)
    opened = Notebook.open(browser, address, folder / f"{name}.ipynb")
    opened.run(f"from nomic_explore import open_exploration; exploration = open_exploration({str(folder / name)!r})")
    yield opened
    opened.close()


class Notebook:
    """A notebook in JupyterLab and what its console told.

    Args:
        page: where it is open.
    """

    def __init__(self, page: Any) -> None:
        self.page = page
        self.told = listen(page)

    @classmethod
    def open(cls, browser: Any, address: str, path: Path, **look: Any) -> "Notebook":
        """Returns a new notebook, open, with a kernel that is ready."""
        import nbformat

        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("")], metadata=kernel), path)
        page = browser.new_context(**{"viewport": {"width": 1500, "height": 1000}, **look}).new_page()
        opened = cls(page)
        jupyter_session.open_notebook(page, f"{address}/lab/tree/{path.name}?reset")
        return opened

    def close(self) -> None:
        """Ends the kernel and closes the page."""
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
        self.page.context.close()

    def run(self, code: str) -> None:
        """Runs statements in the kernel."""
        jupyter_session.run_in_kernel(self.page, code)

    def ask(self, expression: str) -> Any:
        """Returns the value of an expression in the kernel, if Python can read what it prints."""
        import ast

        return ast.literal_eval(jupyter_session.ask_kernel(self.page, expression))

    def wait(self, condition: str) -> None:
        """Waits until something is true in the kernel."""
        jupyter_session.wait_for_kernel(self.page, condition)

    def show(self, code: str) -> "Map":
        """Adds a cell that shows a map, and returns the map when it is drawn."""
        before = self.page.get_by_test_id("atlas-canvas").count()
        jupyter_session.add_cell(self.page, code)
        until(self.page, lambda: self.page.get_by_test_id("atlas-canvas").count() > before, "a new map is there")
        shown = Map(self.page, before)
        shown.canvas.scroll_into_view_if_needed()
        shown.wait()
        return shown


@dataclass(frozen=True)
class Map:
    """A map on a page; `at` is its number among them."""

    page: Any
    at: int = 0
    told: list[str] = dataclass_field(default_factory=list)

    @property
    def root(self) -> Any:
        """The widget that holds it."""
        return self.page.get_by_test_id("atlas").nth(self.at)

    def part(self, name: str) -> Any:
        """Returns an element of the widget: `part("status")` is what bears `data-testid=atlas-status`."""
        return self.root.get_by_test_id(f"atlas-{name}")

    @property
    def canvas(self) -> Any:
        """Where the points are."""
        return self.part("canvas")

    def wait(self, told: str = "") -> "Map":
        """Waits until the map is at rest and the status line says something."""
        self.rest()
        until(
            self.page,
            lambda: self.canvas.get_attribute("data-ready") == "true" and told in self.status(),
            f"all is drawn and {told!r} is said",
            lambda: self.status(),
        )
        return self

    def rest(self) -> None:
        """Waits until the map is at rest: its size is settled, all is drawn, and no question waits for an answer."""
        # A change of size is noticed once a frame, before it is painted; after two frames the map has heard of it.
        self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        is_ready = (
            "(canvas) => canvas.dataset.ready === 'true' && canvas.closest('[data-waiting]').dataset.waiting === '0'"
        )
        until(self.page, lambda: self.canvas.evaluate(is_ready), "the map is at rest", lambda: self.status())

    def status(self) -> str:
        """What the line below says, and what its tooltip adds for developers."""
        shown, details = self.part("status").evaluate("(line) => [line.textContent, line.title]")
        return f"{shown} · {details}"

    def count(self, what: str) -> int:
        """Returns the number before a word of the status line: count("selected"); 0 if it says nothing of it."""
        found = re.search(rf"([\d,]+) {what}", self.status())
        return int(found.group(1).replace(",", "")) if found else 0

    def view(self) -> tuple[float, float, float, float]:
        """The middle (x, y) of what is seen, the zoom, and how many CSS pixels a unit of the map takes."""
        x, y, zoom, scale = map(float, self.canvas.get_attribute("data-view").split())
        return x, y, zoom, scale

    def places(self, positions: np.ndarray) -> np.ndarray:
        """Returns the CSS pixels (m, 2), from the corner of the canvas, where positions (m, 2) are drawn."""
        x, y, _, scale = self.view()
        box = self.canvas.bounding_box()
        signs = np.array([scale, -scale])
        return (np.asarray(positions, float) - [x, y]) * signs + [box["width"] / 2, box["height"] / 2]

    def pixels(self) -> np.ndarray:
        """Returns what is drawn once the map is at rest, (height, width, 4) uint8; names and panes are not in it."""
        self.rest()
        url = self.canvas.evaluate("(canvas) => canvas.toDataURL()")
        return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.split(",")[1]))).convert("RGBA"))

    def colors(self, positions: np.ndarray) -> np.ndarray:
        """Returns the colours (m, 3) that are drawn where positions (m, 2) are."""
        pixels, (x, y) = self._device_pixels(positions)
        return pixels[y, x, :3].astype(int)

    def alphas(self, positions: np.ndarray) -> np.ndarray:
        """Returns how opaque, (m,) 0 to 255, positions (m, 2) are drawn; grey points hardly are."""
        pixels, (x, y) = self._device_pixels(positions)
        return pixels[y, x, 3].astype(int)

    def areas(self, positions: np.ndarray, reach: int = 9) -> np.ndarray:
        """Returns how many pixels (m,) are opaque near positions (m, 2)."""
        pixels, (x, y) = self._device_pixels(positions)
        opaque = np.pad(pixels[..., 3] > 130, reach)
        return np.array([opaque[v : v + 2 * reach + 1, u : u + 2 * reach + 1].sum() for u, v in zip(x, y, strict=True)])

    def _device_pixels(self, positions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        pixels, box = self.pixels(), self.canvas.bounding_box()
        return pixels, np.floor(self.places(positions) * pixels.shape[1] / box["width"]).astype(int).T

    def fills_its_canvas(self, ratio: float) -> bool:
        """Whether the canvas has as many device pixels as its place on the screen."""
        width, height = self.canvas.evaluate("(canvas) => [canvas.width, canvas.height]")
        box = self.canvas.bounding_box()
        return abs(width - ratio * box["width"]) <= 1 and abs(height - ratio * box["height"]) <= 1

    def n_drawn(self) -> int:
        """How many device pixels hold a point; the haze below the points is fainter."""
        return int((self.pixels()[..., 3] > 130).sum())

    def on_screen(self, place: np.ndarray) -> tuple[float, float]:
        """Returns a place in the canvas as one in the window."""
        box = self.canvas.bounding_box()
        return float(box["x"] + place[0]), float(box["y"] + place[1])

    def hover(self, position: np.ndarray) -> None:
        """Puts the mouse on a position of the map."""
        self.page.mouse.move(*self.on_screen(self.places(np.array([position]))[0]))

    def click(self, position: np.ndarray) -> None:
        """Clicks a position of the map."""
        self.page.mouse.click(*self.on_screen(self.places(np.array([position]))[0]))

    def first_uncovered(self, positions: np.ndarray) -> int:
        """Returns the first of positions (m, 2) of the map that lies under no name, hint or button."""
        is_canvas = "(canvas, [x, y]) => canvas.getRootNode().elementFromPoint(x, y) === canvas"
        places = [list(self.on_screen(place)) for place in self.places(positions)]
        return next(at for at, place in enumerate(places) if self.canvas.evaluate(is_canvas, place))

    def drag(self, corners: list[tuple[float, float]]) -> None:
        """Drags the mouse along places, each a share of the canvas's width and height."""
        box = self.canvas.bounding_box()
        first, *others = [self.on_screen(np.array([x * box["width"], y * box["height"]])) for x, y in corners]
        self.page.mouse.move(*first)
        self.page.mouse.down()
        for corner in others:
            self.page.mouse.move(*corner, steps=4)
        self.page.mouse.up()

    def lasso_all(self) -> None:
        """Draws a lasso round everything."""
        self.part("lasso").click()
        self.drag([(0.01, 0.06), (0.99, 0.06), (0.99, 0.99), (0.01, 0.99)])
        self.wait("selected")

    def download(self, act: Callable[[], object]) -> tuple[str, str]:
        """Does what starts a download, and returns the name and the text of the file."""
        with self.page.expect_download() as started:
            act()
        return started.value.suggested_filename, Path(started.value.path()).read_bytes().decode("utf-8")

    def clear(self) -> None:
        """Selects, lights and filters nothing, and shows the whole map."""
        self.canvas.focus()
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("Escape")  # the first one takes what lies above the filters
        self.page.keyboard.press("0")
        self.wait()


def until(
    page: Any, holds: Callable[[], bool], what: str, told: Callable[[], str] = str, timeout_s: float = 60
) -> None:
    """Waits until something holds; `told` explains what was there instead.

    Raises:
        TimeoutError: it never did.
    """
    import time

    end = time.monotonic() + timeout_s
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError(f"never: {what}. {told()}")
        page.wait_for_timeout(30)


def listen(page: Any) -> list[str]:
    """Returns a list that fills with what the page's console says of errors."""
    told: list[str] = []
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("console", lambda message: message.type == "error" and told.append(message.text))
    return told


def open_page(browser: Any, path: Path, script: str = "", **look: Any) -> Map:
    """Opens an exported page from disk, after a script if there is one, and returns its map when it is drawn."""
    page = browser.new_context(**{"viewport": {"width": 1500, "height": 1000}, **look}).new_page()
    told = listen(page)
    page.add_init_script(script)
    page.goto(path.as_uri())
    return Map(page, told=told).wait()


_DRAWN_APART = 0.03  # between points on the map, so that neither is drawn over the middle of the other


def lonely_points(exploration: Exploration, n: int = 12, *, under_names: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Returns rows (n,) whose points lie farthest from others, and positions (n, 2).

    Args:
        exploration: of which map.
        n: how many, if there are as many.
        under_names: also points under a name, which are drawn but cannot be clicked.
    """
    data = make_map_data(exploration)
    gaps = np.linalg.norm(data.positions[:, None] - data.positions[None], axis=2)
    np.fill_diagonal(gaps, np.inf)
    loneliest = [point for point in np.argsort(-gaps.min(axis=1)) if gaps[point].min() > _DRAWN_APART]
    points = np.array([point for point in loneliest if under_names or not _is_under_name(data, int(point))])[:n]
    return data.rows[points], data.positions[points]


def _is_under_name(data: MapData, point: int) -> bool:
    """Whether a point lies under a name, at any scale at which a whole map is seen."""
    x, y = data.positions[point]
    for label in data.labels:
        for scale in np.arange(150, 750, 10):
            beside, below = (x - label["x"]) * scale - label["dx"], (label["y"] - y) * scale - label["dy"]
            is_shown = label["min_scale"] <= scale < label["max_scale"]
            if is_shown and abs(beside) < label["width"] / 2 + 3 and abs(below) < label["height"] / 2 + 3:
                return True
    return False


def palette_colors(exploration: Exploration, column: str, rows: np.ndarray, theme: str = "light") -> np.ndarray:
    """Returns the colours (k, 3), 0 to 255, that rows (k,) have when points are coloured by a column."""
    channel = make_map_data(exploration).channels[column]
    colors = [channel.palettes[theme][code] for code in channel.codes[rows]]
    return np.array([[int(color[at : at + 2], 16) for at in (1, 3, 5)] for color in colors])
