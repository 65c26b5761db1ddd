"""JupyterLab with a notebook in headless Chromium, for the browser tests and the screenshots in the README."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
RUN_ALL = "() => window.jupyterapp.commands.execute('notebook:run-all-cells')"
IN_KERNEL = """async (expression) => {
    const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
    const request = {code: '', user_expressions: {answer: expression}, store_history: false, silent: true};
    const reply = await kernel.requestExecute(request).done;
    const {answer} = reply.content.user_expressions;
    if (answer.status !== 'ok') throw new Error(`${answer.ename}: ${answer.evalue}`);
    return answer.data['text/plain'];
}"""
RUN_IN_KERNEL = """async (code) => {
    const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
    const reply = await kernel.requestExecute({code, store_history: false, silent: true}).done;
    return reply.content.status === 'ok' ? '' : reply.content.traceback.join('\\n');
}"""
ADD_CELL = """async (code) => {
    const {commands, shell} = window.jupyterapp;
    const notebook = shell.currentWidget.content;
    notebook.activeCellIndex = notebook.widgets.length - 1;
    await commands.execute('notebook:insert-cell-below');
    notebook.activeCell.model.sharedModel.setSource(code);
    await commands.execute('notebook:run-cell');
    await commands.execute('notebook:enter-command-mode');
    return notebook.activeCellIndex;
}"""
EXECUTED = """() => {
    const notebook = window.jupyterapp.shell.currentWidget?.content;
    const cells = [...(notebook?.model?.cells ?? [])].filter((cell) => cell.type === 'code');
    return cells.length > 0 && cells.every((cell) => cell.executionCount !== null && cell.executionState !== 'running');
}"""


@contextlib.contextmanager
def launch_browser(chromium: str) -> Iterator[Any]:
    """Yields a headless Chromium that draws in software and reaches no network outside this machine."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def open_browser(chromium: str, *, dark: bool = False, width: int = 1500, height: int = 1000) -> Iterator[Any]:
    """Yields a page of such a Chromium."""
    with launch_browser(chromium) as browser:
        scheme = "dark" if dark else "light"
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        yield context.new_page()


@contextlib.contextmanager
def serve_notebook(name: str | Path, folder: Path, *, dark: bool = False) -> Iterator[str]:
    """Yields the address of a notebook, copied into `folder`, on a separate JupyterLab.

    A name is one of `notebooks/`; a path may lie anywhere.
    """
    source = NOTEBOOKS / name  # an absolute path is used unchanged
    name = source.name
    if source != folder / name:
        shutil.copy(source, folder / name)
    with serve_folder(folder, dark=dark) as address:
        yield f"{address}/lab/tree/{name}"


@contextlib.contextmanager
def serve_folder(folder: Path, *, app: str = "jupyterlab", dark: bool = False) -> Iterator[str]:
    """Yields the address of a separate JupyterLab, or with app="notebook" a Notebook 7, whose root is a folder."""
    settings = folder / ".settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    theme = "JupyterLab Dark" if dark else "JupyterLab Light"
    (settings / "themes.jupyterlab-settings").write_text(f'{{"theme": "{theme}"}}')
    (settings / "notification.jupyterlab-settings").write_text('{"fetchNews": "false", "checkForUpdates": false}')
    port = free_port()
    command = [sys.executable, "-m", app, "--no-browser", "--allow-root", "--expose-app-in-browser"]
    command += [
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        "--IdentityProvider.token=",
        "--ServerApp.ip=127.0.0.1",
    ]
    command += ["--LabApp.news_url=None", f"--ServerApp.root_dir={folder}"]
    home = {"JUPYTER_CONFIG_DIR": str(folder / ".config"), "JUPYTER_RUNTIME_DIR": str(folder / ".runtime")}
    home |= {
        "JUPYTERLAB_SETTINGS_DIR": str(folder / ".settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / ".workspaces"),
    }
    with open(folder / "jupyter.log", "w") as log:
        server = subprocess.Popen(command, env={**os.environ, **home}, stdout=log, stderr=log, cwd=folder)
    try:
        address = f"http://127.0.0.1:{port}"
        wait_until_served(f"{address}/api", server, folder / "jupyter.log")
        yield address
    finally:
        server.terminate()
        server.wait(timeout=30)


def run_notebook(page: Any, address: str, *, timeout_s: float = 240) -> None:
    """Opens a notebook, runs all its cells, and returns when each has run and the map is drawn."""
    open_notebook(page, address)
    page.evaluate(RUN_ALL)
    page.wait_for_selector("[data-testid=atlas-canvas][data-ready=true]", timeout=timeout_s * 1000, state="attached")
    page.wait_for_function(EXECUTED, timeout=timeout_s * 1000)


def open_notebook(page: Any, address: str) -> None:
    """Opens a notebook, and returns when its kernel is ready."""
    page.goto(address)
    page.wait_for_function(
        """() => window.jupyterapp?.shell?.currentWidget?.sessionContext?.isReady
            && window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === 'idle'""",
        timeout=90_000,
    )
    page.evaluate("() => window.jupyterapp.shell.collapseLeft()")


def add_cell(page: Any, code: str) -> int:
    """Adds a cell at the end of the open notebook, runs it and returns its number."""
    return int(page.evaluate(ADD_CELL, code))


def run_in_kernel(page: Any, code: str) -> None:
    """Runs statements in the kernel of the open notebook, without a cell.

    Raises:
        RuntimeError: the statements raised an error.
    """
    trace = page.evaluate(RUN_IN_KERNEL, code)
    if trace:
        raise RuntimeError(trace)


def ask_kernel(page: Any, expression: str) -> str:
    """Returns the repr of an expression, evaluated in the kernel of the open notebook."""
    return str(page.evaluate(IN_KERNEL, expression))


def wait_for_kernel(page: Any, condition: str, *, timeout_s: float = 60) -> None:
    """Returns once a condition holds in the kernel: a selection on the map reaches the kernel a moment later.

    Raises:
        TimeoutError: the condition was not met in time.
    """
    import time

    end = time.monotonic() + timeout_s
    while ask_kernel(page, condition) != "True":
        if time.monotonic() > end:
            raise TimeoutError(f"{condition} was not true in the kernel in time")
        page.wait_for_timeout(100)


def free_port() -> int:
    """Returns a free TCP port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def wait_until_served(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Returns once the server answers.

    Raises:
        RuntimeError: the server ended, or did not answer within a minute; the message contains the end of its log.
    """
    import time
    import urllib.request

    for _ in range(600):
        if server.poll() is not None:
            raise RuntimeError(f"the server ended at once:\n{log.read_text()[-2000:]}")
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=1):
            return
        time.sleep(0.1)
    raise RuntimeError(f"{address} did not answer in a minute:\n{log.read_text()[-2000:]}")
