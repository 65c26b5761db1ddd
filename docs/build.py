"""Builds the site into docs/_build/html: first the maps that its pages show, then the pages. Needs no network.

The Python on the pages in `MADE_HERE` is run as it stands, and what it writes and shows becomes a part of those pages.
The maps are made anew only if that code or the package has changed.
"""

import ast
import contextlib
import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parent
ROOT = DOCS.parent
MADE_HERE = ("tutorial.md", "gallery.md")
WORK = DOCS / "_maps" / "work"  # where the code runs; explorations stay here
PAGES = DOCS / "_maps" / "pages" / "maps"  # what it wrote; copied into the site
SHOWN = DOCS / "_maps" / "shown"  # what the cells of a page show, as HTML
STAMP = DOCS / "_maps" / "stamp"
WRITTEN = (".html", ".png", ".svg")


def main() -> None:
    """Makes the maps if need be, then the site; any warning of Sphinx is an error, also one of an earlier build."""
    stamp = _make_stamp()
    if not STAMP.exists() or STAMP.read_text() != stamp:
        make_maps()
        STAMP.write_text(stamp)
    html = DOCS / "_build" / "html"
    command = [sys.executable, "-m", "sphinx", "--fail-on-warning", "--keep-going", "--fresh-env", "-q"]
    sys.exit(subprocess.run([*command, "-b", "html", DOCS, html], check=False).returncode)


def make_maps() -> None:
    """Runs the code of the pages in `MADE_HERE`, and collects what it writes and shows."""
    for folder in (WORK, PAGES, SHOWN):
        folder.mkdir(parents=True, exist_ok=True)
    for old in [*PAGES.iterdir(), *SHOWN.iterdir(), *(path for path in WORK.iterdir() if path.is_file())]:
        old.unlink()
    shutil.copy(ROOT / "data" / "lesson_sentences.csv", WORK)
    before = Path.cwd()
    os.chdir(WORK)
    try:
        for name in MADE_HERE:
            _run_page(DOCS / name)
    finally:
        os.chdir(before)
    for path in WORK.iterdir():
        if path.suffix in WRITTEN:
            shutil.copy(path, PAGES)


def _run_page(page: Path) -> None:
    """Runs the blocks of a page in one namespace; block 2 of tutorial.md shows its result in shown/tutorial-2.html."""
    names: dict[str, Any] = {}
    text = page.read_text(encoding="utf-8")
    for number, block in enumerate(re.finditer(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE), start=1):
        line = text[: block.start(1)].count("\n")
        shown = _run_block("\n" * line + block.group(1), str(page), names)
        (SHOWN / f"{page.stem}-{number}.html").write_text(f'<div class="shown">{shown}</div>', encoding="utf-8")


def _run_block(code: str, file: str, names: dict[str, Any]) -> str:
    """Runs a block; returns as HTML what it prints, or what its last expression shows in a notebook."""
    tree = ast.parse(code, file)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(tree, file, "exec"), names)
        value = eval(compile(ast.Expression(last.value), file, "eval"), names) if last else None
    if hasattr(value, "_repr_html_"):
        return str(value._repr_html_())
    text = printed.getvalue() or ("" if value is None else repr(value))
    return f"<pre>{_escape(text)}</pre>" if text else ""


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _make_stamp() -> str:
    """Returns a hash of all that the maps are made from: this file, the pages' code and the package."""
    sources = [Path(__file__), *(DOCS / name for name in MADE_HERE), ROOT / "data" / "lesson_sentences.csv"]
    package = ROOT / "nomic_explore"
    sources += sorted(
        path for path in package.rglob("*") if path.suffix in {".py", ".ts", ".js", ".css", ".html", ".json"}
    )
    digest = hashlib.sha256()
    for path in sources:
        digest.update(path.read_bytes())
    return digest.hexdigest()


if __name__ == "__main__":
    main()
