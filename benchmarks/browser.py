"""A JupyterLab of any interpreter, and a notebook in it whose cells, frames and mouse a benchmark can handle."""

import ast
import asyncio
import contextlib
import io
import json
import math
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from PIL import Image
from playwright.async_api import async_playwright

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "docs"))
from jupyter_session import CHROMIUM_FLAGS, IN_KERNEL  # noqa: E402

ANSWER_TIMEOUT_S = 180  # of a page that draws ten million points for each frame
PROBE = HERE / "browser.js"
MOVE_S, WHEEL_S = 0.008, 0.02  # between two events: a mouse reports 125 times a second
DRAG_RADIUS = 120  # CSS pixels
DRAG_TURN_S = 1.05  # once round; what is dragged must not end where it began, that would be a click
WHEEL_DELTA = 20  # CSS pixels of one event
LASSO_STEPS = 10  # of each side
WHEEL_TURN = 25  # so many events in, so many out
FRAME = "() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 30)))"


class Notebook:
    """A notebook that is open in a page."""

    def __init__(self, page: Any, mouse: Any) -> None:
        self.page = page
        self._mouse = mouse

    async def ask(self, expression: str) -> Any:
        """Returns the value of an expression in the kernel, if it is a literal."""
        return ast.literal_eval(await self.page.evaluate(IN_KERNEL, expression))

    async def probe(self, call: str) -> Any:
        """Returns what a call of browser.js returns."""
        return await self.page.evaluate(f"() => probe.{call}")

    async def found(self, name: str, what: str, *, timeout_s: float) -> float:
        """Returns milliseconds that browser.js notes, as soon as it has.

        Raises:
            TimeoutError: it has not in time, or a cell failed.
        """
        end = time.monotonic() + timeout_s
        while (value := await self.page.evaluate("(name) => probe.found[name] ?? null", name)) is None:
            if stderr := await self.stderr():
                raise TimeoutError(f"{what}: {stderr}")
            if time.monotonic() > end:
                raise TimeoutError(f"{what}: not within {timeout_s:.0f} s")
            await asyncio.sleep(0.2)
        return float(value)

    async def wait_until_run(self, cell: int, *, timeout_s: float = 120) -> None:
        """Returns when the kernel has run a cell.

        Raises:
            TimeoutError: it did not in time, or the cell failed.
        """
        model = f"window.jupyterapp.shell.currentWidget.content.widgets[{cell}].model"
        state = f"() => {model}.executionCount !== null && {model}.executionState !== 'running'"
        await self.page.wait_for_function(state, timeout=timeout_s * 1000)
        if stderr := await self.stderr():
            raise TimeoutError(f"cell {cell}: {stderr}")

    async def stderr(self) -> str:
        """Returns the end of the first error that a cell shows, "" for none."""
        shown = self.page.locator("[data-mime-type='application/vnd.jupyter.stderr'], [data-mime-type$='error']")
        return " ".join((await shown.first.inner_text()).split())[-300:] if await shown.count() else ""

    async def middle(self, cell: int) -> tuple[float, float]:
        """Returns the middle of a map, in CSS pixels of the window."""
        box = await (await self.canvas(cell)).bounding_box()
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    async def canvas(self, cell: int) -> Any:
        """Returns the map's canvas in the output of a cell, scrolled into view.

        Raises:
            TimeoutError: there is none.
        """
        canvas = (await self.page.evaluate_handle(f"() => probe.canvas({cell})")).as_element()
        if canvas is None:
            raise TimeoutError(f"cell {cell} shows no canvas")
        await canvas.evaluate("(canvas) => canvas.scrollIntoView({block: 'center'})")
        return canvas

    async def stir(self, middle: tuple[float, float], *, seconds: float) -> list[Any]:
        """Drags round the middle for so long, then zooms in and out for as long.

        The events go over DevTools at a steady rate, none waits for the one before; page.mouse would wait for each, and ask the
        page about it. Returns what is to be awaited until the page has taken them all.
        """

        def drag(event: int, kind: str = "mouseMoved", buttons: int = 1) -> dict[str, Any]:
            angle = 2 * math.pi * event * MOVE_S / DRAG_TURN_S
            x, y = middle[0] + DRAG_RADIUS * math.cos(angle), middle[1] + DRAG_RADIUS * math.sin(angle)
            return {"type": kind, "x": x, "y": y, "button": "left", "buttons": buttons, "clickCount": 1}

        def turn(event: int) -> dict[str, Any]:
            delta = WHEEL_DELTA if event % (2 * WHEEL_TURN) >= WHEEL_TURN else -WHEEL_DELTA
            return {"type": "mouseWheel", "x": middle[0], "y": middle[1], "deltaX": 0, "deltaY": delta}

        last = round(seconds / MOVE_S)
        sent = [self._send(drag(0, "mousePressed"))]
        sent += await self._send_often(drag, range(1, last + 1), every_s=MOVE_S)
        sent += [self._send(drag(last, "mouseReleased", buttons=0))]
        return sent + await self._send_often(turn, range(round(seconds / WHEEL_S)), every_s=WHEEL_S)

    async def check_that_it_moves(self, cell: int) -> None:
        """Drags there and back, zooms in and out again.

        Raises:
            TimeoutError: the picture stayed the same.
        """
        (x, y), mouse = await self.middle(cell), self.page.mouse
        canvas = await self.canvas(cell)
        for step in (100, -100):
            before = await canvas.screenshot()
            await mouse.move(x, y)
            await mouse.down()
            await mouse.move(x + step, y, steps=5)
            await mouse.up()
            dragged = await canvas.screenshot()
            await mouse.wheel(0, step)
            if before == dragged or dragged == await canvas.screenshot():
                raise TimeoutError("dragging or turning the wheel did not change the picture")

    @contextlib.asynccontextmanager
    async def counted_pictures(self) -> AsyncIterator[list[float]]:
        """Yields a list that afterwards holds the microseconds at which the page's compositor made a picture."""
        pictures: list[float] = []
        made: dict[int, list[float]] = {}
        session = await self.page.context.browser.new_browser_cdp_session()
        done = asyncio.Event()

        def note(part: dict[str, Any]) -> None:
            for event in part["value"]:
                if event["name"] == "DrawFrame":
                    made.setdefault(event["args"]["layerTreeId"], []).append(event["ts"])

        session.on("Tracing.dataCollected", note)
        session.on("Tracing.tracingComplete", lambda _: done.set())
        kinds = {"includedCategories": ["disabled-by-default-devtools.timeline.frame"], "excludedCategories": ["*"]}
        await session.send("Tracing.start", {"traceConfig": kinds, "transferMode": "ReportEvents"})
        yield pictures
        await session.send("Tracing.end")
        await asyncio.wait_for(done.wait(), timeout=60)
        pictures.extend(max(made.values(), key=len, default=[]))
        await session.detach()

    async def draw_square(self, middle: tuple[float, float], *, side: float, key: str) -> None:
        """Draws round a square with the mouse and a key ("" for none), ending shortly before the beginning.

        One move a frame: jupyter-scatter 1.0 loses moves that come faster than it draws.
        """
        mouse, keyboard = self.page.mouse, self.page.keyboard
        corners = np.array(middle) + side * np.array([(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5), (-0.5, -0.4)])
        await mouse.move(*corners[0])
        if key:
            await keyboard.down(key)
        await mouse.down()
        for start, end in pairwise(corners):
            for x, y in np.linspace(start, end, LASSO_STEPS + 1)[1:]:
                await mouse.move(x, y)
                await self.page.evaluate(FRAME)
        await mouse.up()
        if key:
            await keyboard.up(key)

    def _send(self, event: dict[str, Any]) -> Any:
        return asyncio.create_task(self._mouse.send("Input.dispatchMouseEvent", event))

    async def _send_often(self, make: Callable[[int], dict[str, Any]], events: range, *, every_s: float) -> list[Any]:
        began, sent = time.monotonic(), []
        for event in events:
            sent.append(self._send(make(event)))
            await asyncio.sleep(max(0.0, len(sent) * every_s - (time.monotonic() - began)))
        return sent


@contextlib.asynccontextmanager
async def open_notebook(python: Path, folder: Path, cells: list[str], *, chromium: str) -> AsyncIterator[Notebook]:
    """Yields a notebook of these cells, none of them run, on a JupyterLab and a kernel of the interpreter `python`."""
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    sources = [
        {"cell_type": "code", "id": str(at), "source": text, "metadata": {}, "outputs": [], "execution_count": None}
        for at, text in enumerate(cells)
    ]
    content = {"nbformat": 4, "nbformat_minor": 5, "metadata": kernel, "cells": sources}
    (folder / "map.ipynb").write_text(json.dumps(content))
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        page = await browser.new_page(viewport={"width": 1500, "height": 1000})
        page.set_default_timeout(ANSWER_TIMEOUT_S * 1000)
        with _serve_lab(python, folder) as address:
            await page.add_init_script(path=PROBE)
            await page.goto(f"{address}/lab/tree/map.ipynb")
            ready = "() => window.jupyterapp?.shell?.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"
            await page.wait_for_function(ready, timeout=120_000)
            await page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
            notebook = Notebook(page, await page.context.new_cdp_session(page))
            ran = Path(await notebook.ask("__import__('sys').executable"))
            if ran.parent.resolve() != python.absolute().parent.resolve():
                raise RuntimeError(f"expected a kernel of {python}; got one of {ran}. Install ipykernel there.")
            yield notebook
        await browser.close()


@contextlib.contextmanager
def _serve_lab(python: Path, folder: Path) -> Iterator[str]:
    """Yields the address of a JupyterLab with default limits and no settings of the user."""
    settings = folder / ".settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    (settings / "notification.jupyterlab-settings").write_text('{"fetchNews": "false", "checkForUpdates": false}')
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(python), "-m", "jupyterlab", "--no-browser", "--allow-root", "--expose-app-in-browser"]
    command += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0", "--ServerApp.ip=127.0.0.1"]
    command += ["--IdentityProvider.token=", "--LabApp.news_url=None", f"--ServerApp.root_dir={folder}"]
    command += [
        f"--LabApp.user_settings_dir={folder / '.settings'}",
        f"--LabApp.workspaces_dir={folder / '.workspaces'}",
    ]
    places = {f"JUPYTER_{kind}_DIR": str(folder / f".{kind.lower()}") for kind in ("CONFIG", "DATA", "RUNTIME")}
    places["IPYTHONDIR"] = str(folder / ".ipython")
    log = folder / "jupyter.log"
    with open(log, "w") as out:
        server = subprocess.Popen(command, env={**os.environ, **places}, stdout=out, stderr=out, cwd=folder)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_until_served(address, server, log)
        yield address
    finally:
        server.terminate()
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()


def _wait_until_served(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        if server.poll() is not None:
            raise RuntimeError(f"JupyterLab ended at once:\n{log.read_text()[-1000:]}")
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"{address}/api", timeout=1)
            return
        time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not answer in a minute:\n{log.read_text()[-1000:]}")


def find_points(screenshot: bytes, *, at_most: int) -> list[tuple[int, int]]:
    """Returns (x, y) of some pixels that are not background, shuffled with a fixed seed, none near the edge."""
    pixels = np.asarray(Image.open(io.BytesIO(screenshot)).convert("RGB")).astype(int)
    colors, counts = np.unique(pixels.reshape(-1, 3), axis=0, return_counts=True)
    differs = np.abs(pixels - colors[counts.argmax()]).sum(axis=2) > 60
    rows, columns = np.nonzero(differs[50:-50, 50:-50])
    order = np.random.default_rng(7).permutation(len(rows))[:at_most]
    return [(int(columns[at]) + 50, int(rows[at]) + 50) for at in order]


def end_processes(session: psutil.Popen) -> None:
    """Ends a session with its server, kernel and browser; nothing is left to end if it ended by itself."""
    family = []
    with contextlib.suppress(psutil.NoSuchProcess):
        family = [*session.children(recursive=True), session]
    for process in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    for process in psutil.wait_procs(family, timeout=20)[1]:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
