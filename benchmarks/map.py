"""The map in a notebook beside jupyter-scatter: a real JupyterLab and kernel, a headless Chromium that draws in software.

    python benchmarks/map.py [--sizes 100000,1000000,10000000] [--peer-python VENV/bin/python]

The peer's interpreter has to have jupyter-scatter and jupyterlab (they are no dependencies of this project); without it only
ours is measured. Both draw the same clustered random points on 900 x 600 pixels, one after the other, each size in a JupyterLab,
a kernel and a browser of its own.

* first picture: from running the cell (the points are numpy arrays in the kernel, packages are imported) until, for ours, the
  map says that all points are drawn and the graphics process has done so; for the peer, until its pixels changed for the last
  time before a quarter of a second of rest;
* sent: what the kernel's websocket brought to the page for that cell, the widget's own JavaScript included (Playwright reads
  along, which costs either map some 15 ms a megabyte);
* frames: animation frames of the page during 2 s of dragging and 2 s of turning the wheel, 125 and 50 events a second, and
  how many pictures Chromium's compositor made of them; ours draws a sample while it moves: how many points, and when all were back;
* hover: from the pointer's move to a card that says something new, which the kernel was asked for;
* lasso: from letting go of the button to the observer in the kernel, round about a tenth of the points;
* second view: the same widget displayed by another cell.
"""

import argparse
import asyncio
import contextlib
import json
import os
import signal
import statistics
import sys
import tempfile
from pathlib import Path

import numpy as np
import psutil
from browser import Notebook, end_processes, find_points, open_notebook

WIDTH, HEIGHT = 900, 600  # CSS pixels
CHROME = 60  # CSS pixels of our map that are not canvas
DETAIL_SIZE = 1_000_000  # the largest size at which hover, lasso and second view are measured
PICTURE_TIMEOUT_S = 180
SESSION_TIMEOUT_S = 1200
STIR_S = 2.0  # of dragging, and again of turning the wheel
N_HOVERS = 15
POINTS = """import os, time
import numpy as np
random = np.random.default_rng(7)
groups = random.integers(0, 200, {n})
spread = random.uniform(0.02, 0.2, 200)[groups]
x, y = (random.normal(size=200)[groups] + spread * random.normal(size={n}) for _ in "xy")
chosen = []
def note(rows): chosen.append((time.time(), 0 if rows is None else len(rows)))
def resident(): return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
"""
OURS = {
    "setup": """from nomic_explore.view.widget.atlas_map import AtlasMap
from nomic_explore.view.data.map_data import make_points""",
    # more than the canvas: two pixels of border, the toolbar above and the status line below
    "first": f"""points = make_points(np.stack([x, y], axis=1), groups)
atlas = AtlasMap(points, describe=lambda row: (f"Document {{row}}", f"at {{x[row]:.4f}}"), height={HEIGHT + CHROME})
atlas.layout.width = "{WIDTH + 2}px"
atlas.on_select(note)
atlas""",
    "second": "atlas",
    "before lasso": "0",
    "lasso key": "Shift",
    "after lasso": "len(atlas.select([]))",
}
PEER = {
    "setup": "import jscatter",
    "first": f"""scatter = jscatter.Scatter(x=x, y=y, color_by=groups, width={WIDTH}, height={HEIGHT})
scatter.widget.observe(lambda change: note(change["new"]), names="selection")
scatter.show()""",
    "second": "scatter.show()",
    "before lasso": "scatter.mouse(mode='lasso') and 0",  # its own tool for it
    "lasso key": "",
    "after lasso": "scatter.mouse(mode='panZoom').selection([]) and 0",
}
TOOLS = {"nomic_explore": OURS, "jupyter-scatter": PEER}
MEASURES = {
    "canvas": "canvas, CSS pixels",
    "first": "first complete picture",
    "sent": "sent for it",
    "per_point": "bytes sent a point",
    "frames": "frame while panning and zooming, median / 95 %",
    "gap": "longest frame",
    "count": "frames in 4 s, as the page / the compositor counts",
    "drawn": "points drawn while moving, median",
    "again": "all points again after",
    "hover": "hover card, median (slowest)",
    "lasso": "lasso to kernel (points)",
    "second": "second view: shown after",
    "memory": "second view: more memory of the kernel",
    "sent_again": "second view: sent",
}


def main() -> None:
    """Measures and prints a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="100000,1000000,10000000", help="numbers of points, with commas")
    parser.add_argument("--peer-python", type=Path, help="interpreter that has jupyter-scatter and jupyterlab")
    parser.add_argument("--chromium", default=os.environ.get("CHROMIUM", "/usr/bin/chromium"))
    parser.add_argument("--session", nargs=4, metavar=("TOOL", "N", "PYTHON", "FILE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.session:
        tool, n, python, file = options.session
        asyncio.run(measure(tool, int(n), Path(python), Path(file), chromium=options.chromium))
        return
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    tools = {"nomic_explore": Path(sys.executable)}
    if options.peer_python:
        tools["jupyter-scatter"] = options.peer_python
    sizes = [int(size) for size in options.sizes.split(",")]
    columns = {(tool, n): run_session(tool, n, tools[tool], options.chromium) for n in sizes for tool in tools}
    print_table(columns)


def run_session(tool: str, n: int, python: Path, chromium: str) -> dict[str, str]:
    """Returns what a process of its own measures; whatever it started is gone when this returns."""
    print(f"{tool}, {n:,} points …", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        file = Path(folder) / "measures.json"
        command = [sys.executable, __file__, "--chromium", chromium, "--session", tool, str(n), str(python), str(file)]
        session, problem = psutil.Popen(command), ""
        try:
            if session.wait(timeout=SESSION_TIMEOUT_S):
                problem = "ended with an error; see above"
        except psutil.TimeoutExpired:
            problem = f"stopped after {SESSION_TIMEOUT_S} s"
        finally:
            end_processes(session)
        found = json.loads(file.read_text()) if file.exists() else {}
    return found | ({"problem": f"{found.get('problem', '')} {problem}".strip()} if problem else {})


def print_table(columns: dict[tuple[str, int], dict[str, str]]) -> None:
    """Prints the machine, the table and what went wrong."""
    known = [found for found in columns.values() if "chromium" in found]
    print(f"{os.cpu_count()} cores, {psutil.virtual_memory().total / 2**30:.0f} GiB; Chromium", end=" ")
    print(f"{known[0]['chromium'] if known else '?'}, software rendering (SwiftShader)")
    for tool, versions in {
        tool: found["versions"] for (tool, _), found in columns.items() if "versions" in found
    }.items():
        print(f"{tool}: {versions}")
    print("\n| |", *(f" {tool}, {n:,} |" for tool, n in columns), sep="")
    print("|---|", "---|" * len(columns), sep="")
    for name, words in MEASURES.items():
        print(f"| {words} |", *(f" {found.get(name, '—')} |" for found in columns.values()), sep="")
    for (tool, n), found in columns.items():
        if "problem" in found:
            print(f"\n* {tool}, {n:,}: {found['problem']}")


async def measure(tool: str, n: int, python: Path, file: Path, *, chromium: str) -> None:
    """Measures one tool at one size; `file` holds what is known so far at any time, beside it lies what Jupyter writes."""
    code = TOOLS[tool]
    cells = [POINTS.format(n=n) + code["setup"], code["first"], code["second"]]
    is_ours, is_detailed = code is OURS, n <= DETAIL_SIZE
    steps = {
        measure_first: True,
        measure_hover: is_ours and is_detailed,  # the peer shows no card unless asked to
        measure_lasso: is_detailed,
        measure_frames: True,
        measure_rest: is_ours,
        measure_second: is_detailed,
    }
    async with open_notebook(python, file.parent, cells, chromium=chromium) as notebook:
        found = await describe_session(notebook, tool)
        await notebook.probe("run(0)")
        await notebook.wait_until_run(0)
        for step in (step for step, is_wanted in steps.items() if is_wanted):
            try:
                found |= await step(notebook, n, code)
            except Exception as error:  # also Playwright's own timeouts, which are no TimeoutError
                if "Timeout" not in type(error).__name__:
                    raise
                words = f"{step.__name__}: {str(error).splitlines()[0]}"
                found["problem"] = "; ".join(filter(None, [found.get("problem"), words]))
                if step is measure_first:
                    break
            finally:
                file.write_text(json.dumps(found))
    if "rate exceeded" in (file.parent / "jupyter.log").read_text():
        found["problem"] = f"{found.get('problem', '')} Jupyter Server dropped messages".strip()
        file.write_text(json.dumps(found))


async def describe_session(notebook: Notebook, tool: str) -> dict[str, str]:
    """Returns the versions of what takes part."""
    names = [tool.replace("_", "-"), "jupyterlab", "anywidget"]
    versions = await notebook.ask(f"[__import__('importlib.metadata').metadata.version(name) for name in {names}]")
    listed = ", ".join(f"{name} {version}" for name, version in zip(names, versions, strict=True))
    return {"chromium": notebook.page.context.browser.version, "versions": listed}


async def show(notebook: Notebook, cell: int, ours: bool) -> tuple[float, int]:
    """Runs a cell; returns the seconds until its map is drawn, and the bytes sent to the page for it."""
    name, watch = f"picture {cell}", "awaitReady" if ours else "awaitPixels"
    await notebook.probe(f"run({cell})")
    await notebook.probe(f"{watch}('{name}', {cell}, probe.began)")
    milliseconds = await notebook.found(name, f"picture of cell {cell}", timeout_s=PICTURE_TIMEOUT_S)
    await notebook.wait_until_run(cell)
    await asyncio.sleep(0.5)  # for what the page and the kernel say to each other afterwards
    return milliseconds / 1000, await notebook.probe("bytes")


async def measure_first(notebook: Notebook, n: int, code: dict[str, str]) -> dict[str, str]:
    """Runs the cell with the map."""
    seconds, sent = await show(notebook, 1, code is OURS)
    box = await (await notebook.canvas(1)).bounding_box()
    return {
        "canvas": f"{box['width']:.0f} x {box['height']:.0f}",
        "first": f"{seconds:.2f} s",
        "sent": f"{sent / 1e6:.2f} MB",
        "per_point": f"{sent / n:.1f}",
    }


async def measure_frames(notebook: Notebook, n: int, code: dict[str, str]) -> dict[str, str]:
    """Drags and turns the wheel while the page notes its frames."""
    await notebook.check_that_it_moves(1)
    middle = await notebook.middle(1)
    async with notebook.counted_pictures() as pictures:
        await notebook.probe("startFrames(1)")
        sent = await notebook.stir(middle, seconds=STIR_S)
        frames = await notebook.probe("stopFrames()")
    await asyncio.wait_for(asyncio.gather(*sent), timeout=PICTURE_TIMEOUT_S)
    times = np.diff(frames["times"])
    return {
        "frames": f"{np.median(times):.0f} / {np.percentile(times, 95):.0f} ms",
        "gap": f"{times.max():.0f} ms",
        "count": f"{len(times)} / {len(pictures)}",
        "drawn": f"{statistics.median(frames['drawn'] or [n]):,.0f}",
    }


async def measure_rest(notebook: Notebook, n: int, code: dict[str, str]) -> dict[str, str]:
    """Waits until all points are drawn again, after the last event of `measure_frames`."""
    await notebook.probe("awaitReady('again', 1, probe.lastInput)")
    again = await notebook.found("again", "all points after moving", timeout_s=PICTURE_TIMEOUT_S)
    return {"again": f"{again:.0f} ms"}


async def measure_hover(notebook: Notebook, n: int, code: dict[str, str]) -> dict[str, str]:
    """Points at documents, from a corner of the map each time."""
    canvas = await notebook.canvas(1)
    box, times = await canvas.bounding_box(), []
    for x, y in find_points(await canvas.screenshot(), at_most=4 * N_HOVERS):
        if len(times) == N_HOVERS:
            break
        place = box["x"] + x, box["y"] + y
        if not await notebook.probe(f"isBare(1, {place[0]}, {place[1]})"):
            continue
        await notebook.page.mouse.move(box["x"] + 3, box["y"] + box["height"] - 3)
        await asyncio.sleep(0.1)
        await notebook.probe("awaitHover(1)")
        await notebook.page.mouse.move(*place)
        with contextlib.suppress(TimeoutError):
            times.append(await notebook.found("hover", "hover card", timeout_s=3))
    if len(times) < N_HOVERS:
        raise TimeoutError(f"{len(times)} of {N_HOVERS} hover cards came")
    return {"hover": f"{statistics.median(times):.0f} ms ({max(times):.0f})"}


async def measure_lasso(notebook: Notebook, n: int, code: dict[str, str]) -> dict[str, str]:
    """Draws squares round the middle until one holds about a tenth of the points; tells of the nearest."""
    side, sides, tries = 0.3 * HEIGHT, [], []
    await notebook.ask(code["before lasso"])
    try:
        while len(sides) < 6 and side not in sides:
            sides.append(side)
            tries.append(await lasso(notebook, side, code["lasso key"]))
            if abs(tries[-1][0] / n - 0.1) < 0.01:
                break
            side = min(0.9 * HEIGHT, side * (0.1 * n / tries[-1][0]) ** 0.5)
    finally:
        await notebook.ask(code["after lasso"])
    count, milliseconds = min(tries, key=lambda tried: abs(tried[0] / n - 0.1))
    return {"lasso": f"{milliseconds:.0f} ms ({count:,})"}


async def lasso(notebook: Notebook, side: float, key: str) -> tuple[int, float]:
    """Draws a square; returns the points in it, and the milliseconds until the kernel's observer had them."""
    before = await notebook.ask("len(chosen)")
    await notebook.draw_square(await notebook.middle(1), side=side, key=key)
    for _ in range(60):
        await asyncio.sleep(0.5)
        if marks := await notebook.ask(f"[mark for mark in chosen[{before}:] if mark[1]]"):
            return marks[0][1], 1000 * marks[0][0] - await notebook.probe("released")
    raise TimeoutError(f"the kernel heard nothing of a lasso of {side:.0f} x {side:.0f} pixels in 30 s")


async def measure_second(notebook: Notebook, n: int, code: dict[str, str]) -> dict[str, str]:
    """Displays the widget once more."""
    before = await notebook.ask("resident()")
    seconds, sent = await show(notebook, 2, code is OURS)
    more = await notebook.ask("resident()") - before
    return {"second": f"{seconds:.2f} s", "memory": f"{more / 1e6:.1f} MB", "sent_again": f"{sent / 1e3:.0f} kB"}


if __name__ == "__main__":
    main()
