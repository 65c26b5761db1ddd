"""Texts that try to break out of a page or a notebook: they are shown, searched and saved as they are."""

import csv
import io
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser_tools import MARKS, Map, Notebook, open_page, until

from nomic_explore import Exploration, explore
from nomic_explore.testing import HashEmbedder
from nomic_explore.view.data.map_data import make_map_data

pytest_plugins = ["browser_tools"]
pytestmark = MARKS
NASTY = [
    "</script><script>window.broken = 1</script>",
    "<img src=x onerror='window.broken = 1'> & &amp; <b>bold</b>",
    "\"double\" 'single' `tick` ${window.broken = 1} {{ }} \\u003c \\",
    "\u05e9\u05dc\u05d5\u05dd \u202eright to left\u202c \u0645\u0631\u062d\u0628\u0627",
    "\U0001f469\u200d\U0001f680 emoji \U0001f600\u2028line\u2029separators",
    "NUL \x00 and \x1b[31m escapes",
    'comma, quote " and\nnew line, =SUM(A1:A9)',
    "half a character, repaired \ufffd, and the private \ue000",
    "<!-- <script> --!> ]]> <![CDATA[",
    "long " + "lorem ipsum dolor " * 60_000,
]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Exploration:
    """An exploration whose texts, name, columns and categories try to break out."""
    folder = tmp_path_factory.mktemp("hostile") / "x"
    table = {
        "text": NASTY * 2,
        "<i>kind</i>": [f"<script>window.broken = {at % 3}</script>" for at in range(2 * len(NASTY))],
    }
    return explore(
        table, "text", folder=folder, name="<b onclick='x'>\"nasty\"</b>", model=HashEmbedder(), show_progress=False
    )


@pytest.fixture
def nasty(hostile: Exploration, browser: Any, tmp_path: Path) -> Iterator[Map]:
    opened = open_page(browser, hostile.save_html(tmp_path / "map.html"))
    yield opened
    assert opened.page.evaluate("window.broken") is None
    assert opened.told == []
    opened.page.context.close()


def test_nasty_texts_pass_map_hover_reader_search_and_table_unharmed(hostile: Exploration, nasty: Map) -> None:
    data = make_map_data(hostile)
    assert nasty.page.title() == hostile.name
    assert nasty.root.locator("h1").inner_text() == hostile.name
    for query, at in (("onerror", 1), ("window.broken double", 2), ("\u05e9\u05dc\u05d5\u05dd", 3), ("sum(a1", 6)):
        nasty.part("search").fill(query)
        until(nasty.page, lambda: " match" in nasty.part("found").inner_text(), f"{query} is found")
        nasty.part("hits").locator("button.nx-item").first.click()
        until(nasty.page, lambda at=at: nasty.part("text").text_content() == hostile.corpus.texts[at], f"text {at}")
    nasty.clear()
    nasty.hover(data.positions[0])
    until(nasty.page, lambda: nasty.part("hover").is_visible(), "the card is there")
    nasty.part("fold-bottom").click()
    until(nasty.page, lambda: nasty.part("table-row").count() == len(hostile), "all are listed")
    nasty.part("color-by").select_option("<i>kind</i>")
    until(nasty.page, lambda: "<script>window.broken = 2" in nasty.part("legend").inner_text(), "the legend tells them")


def test_nasty_texts_are_read_whole_and_downloaded_unchanged(hostile: Exploration, nasty: Map) -> None:
    longest = max(hostile.corpus.texts, key=len)
    assert len(longest) > 1_000_000
    nasty.part("search").fill("lorem")
    until(nasty.page, lambda: " match" in nasty.part("found").inner_text(), "the long one is found")
    nasty.part("hits").locator("button.nx-item").first.click()
    until(nasty.page, lambda: nasty.part("text").text_content().startswith("long lorem"), "the reader is filled")
    nasty.clear()
    nasty.lasso_all()
    _, written = nasty.download(lambda: nasty.part("save").select_option("csv"))
    csv.field_size_limit(2_000_000)
    rows = list(csv.DictReader(io.StringIO(written, newline="")))
    told = {int(row["row"]): row["text"] for row in rows}
    assert told == {int(row): hostile.corpus.texts[row] for row in make_map_data(hostile).rows}


def test_nasty_texts_pass_the_kernel_unharmed(hostile: Exploration, notebook: Notebook, tmp_path: Path) -> None:
    shutil.copytree(hostile.folder, tmp_path / "x")
    notebook.run(f"atlas = open_exploration({str(tmp_path / 'x')!r}).map(height=700, hover=['<i>kind</i>']).atlas")
    shown = notebook.show("atlas")
    data = make_map_data(hostile)
    shown.hover(data.positions[0])
    until(shown.page, lambda: shown.part("hover").is_visible(), "the card is there")
    assert "<script>window.broken" in shown.part("hover").inner_text()
    shown.part("fold-bottom").click()
    until(shown.page, lambda: shown.part("table-row").count() == len(hostile), "all are listed")
    shown.part("table").locator("th", has_text="<i>kind</i>").locator("button").click()
    order = sorted(range(len(hostile)), key=lambda row: (row % 3, row))
    until(
        shown.page, lambda: shown.part("table-row").all_inner_texts() == [str(row) for row in order], "they are sorted"
    )
    shown.part("fold-bottom").click()
    shown.part("search-by").select_option("words")
    for query, at in (("onerror", 1), ("double", 2), ("escapes", 5), ("comma quote", 6)):
        shown.part("search").fill(query)
        shown.part("search").press("Enter")
        until(shown.page, lambda: shown.part("found").inner_text().startswith("1 document"), f"{query} is found")
        shown.part("hits").locator("button.nx-item").first.click()
        until(shown.page, lambda at=at: shown.part("text").text_content() == hostile.corpus.texts[at], f"text {at}")
        shown.part("tag-document").fill(f"<b>{at}</b>")
        shown.part("tag-document").press("Enter")
        until(shown.page, lambda at=at: f"<b>{at}</b> ×" in shown.part("reader-tags").inner_text(), "the tag is shown")
    assert shown.page.evaluate("window.broken") is None
    assert notebook.told == []
