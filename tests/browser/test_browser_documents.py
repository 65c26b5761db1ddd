"""Reading documents on the screen: the reader, the card under the mouse, the table, by mouse and by key, in any direction."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser_tools import MARKS, Map, lonely_points, open_page, until
from papers import ARABIC, N_PAPERS, paper_table

from nomic_explore import Exploration
from nomic_explore.testing import HashEmbedder

pytest_plugins = ["browser_tools"]
pytestmark = MARKS
TABLE = paper_table()
FOCUSED = "() => document.activeElement.dataset.testid"
# Of every element whose own words are written from right to left: what it is, if it is laid out from left to right.
MISLAID = """(root) => [...root.querySelectorAll('*')].filter((one) =>
    [...one.childNodes].some((node) => node.nodeType === 3 && /[\\u0590-\\u06ff]/.test(node.data.trim().slice(0, 4)))
    && getComputedStyle(one).direction !== 'rtl').map((one) => one.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="module")
def papers(build_once: Any) -> Exploration:
    """An exploration of papers; tests must not change its folder."""
    return build_once("papers", TABLE, "{title}. {abstract}", name="papers", model=HashEmbedder())


@pytest.fixture(scope="module")
def paper_page(papers: Exploration, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return papers.save_html(tmp_path_factory.mktemp("papers") / "map.html")


@pytest.fixture
def paper_map(browser: Any, paper_page: Path) -> Iterator[Map]:
    """The exported page of the papers, open; its console must stay silent."""
    opened = open_page(browser, paper_page)
    yield opened
    said = opened.told
    opened.page.context.close()
    assert said == []


def read(shown: Map, query: str, row: int) -> None:
    """Finds a document, opens it, and waits until it is read."""
    shown.part("search").fill(query)
    until(shown.page, lambda: shown.part("found").inner_text().startswith("1 document"), query)
    shown.part("hits").locator("button.nx-item").first.click()
    until(shown.page, lambda: f"row {row} ·" in shown.part("reader").inner_text(), f"row {row} is read")


def listed(shown: Map) -> list[int]:
    return [int(row) for row in shown.part("table").locator("tbody td:first-child").all_inner_texts()]


def open_table(shown: Map, caption: str = f"{N_PAPERS} documents in view") -> None:
    shown.part("fold-bottom").click()
    wait_for_table(shown, caption)


def wait_for_table(shown: Map, caption: str) -> None:
    said = shown.part("table-told")
    until(shown.page, lambda: said.count() > 0 and said.inner_text() == caption, caption)


def test_a_paper_is_read_with_its_title_its_whole_text_and_its_columns_with_links(paper_map: Map) -> None:
    read(paper_map, "word77", 77)
    part = paper_map.part
    assert part("document-title").inner_text() == "On proteins, part 077"
    assert part("text").text_content() == TABLE["abstract"][77].strip()
    assert part("text").evaluate("(text) => text.scrollHeight <= text.clientHeight + 1")
    assert part("fields").locator("dt").all_inner_texts() == [
        name for name in TABLE if name not in ("title", "abstract")
    ]
    cells = dict(zip(part("fields").locator("dt").all_inner_texts(), part("fields").locator("dd").all(), strict=True))
    assert cells["authors"].inner_text() == TABLE["authors"][77]
    assert (cells["score"].inner_text(), cells["sent"].inner_text()) == ("77.3", "2020-03-18 12:00")
    assert cells["keywords"].locator("li").all_inner_texts() == ["proteins", "k2"]
    links = part("fields").locator("a")
    assert [link.get_attribute("href") for link in links.all()] == [
        *("https://doi.org/10.1000/paper.77", "https://example.org/p/77?q=a&b=1", "https://arxiv.org/abs/1603.00077")
    ]
    assert {(link.get_attribute("rel"), link.get_attribute("target")) for link in links.all()} == {
        ("noopener noreferrer", "_blank")
    }
    short = cells["remark"].bounding_box()["height"]
    part("show-all").click()
    until(paper_map.page, lambda: cells["remark"].bounding_box()["height"] > 2 * short, "the whole remark is shown")
    assert "id" not in cells
    part("details").locator("summary").click()
    details = part("details").inner_text()
    assert "place in its topic" in details
    assert "similarity to its neighbors" in details
    order = part("reader").evaluate(
        "(reader) => [...reader.querySelectorAll('[data-testid]')].map((one) => one.dataset.testid.slice(6))"
    )
    places = [order.index(name) for name in ("document-title", "text", "fields", "path", "neighbors", "details")]
    assert places == sorted(places)


def test_every_role_states_its_similarity_or_leaves_it_out(field: Exploration, shown: Map) -> None:
    duplicates = field.duplicates.current
    for role, begins in (("keep", "Kept; its"), ("drop", "Dropped as a duplicate"), ("review", "For review (")):
        n_rows = int((duplicates.roles == role).sum())
        shown.part("search").fill("")
        until(shown.page, lambda: shown.count("highlighted") == 0, "nothing is searched for")
        shown.part("search").fill(f"duplicate_role:{role}")
        shown.wait(f"{n_rows} highlighted")
        hits, reader = shown.part("hits").locator("button.nx-item"), shown.part("reader")
        for at in range(min(n_rows, 5)):
            before = reader.get_attribute("data-point")
            hits.nth(at).click()
            until(
                shown.page,
                lambda before=before, reader=reader: reader.get_attribute("data-point") != before,
                "another is read",
            )
            row = int(reader.inner_text().split()[1])
            assert duplicates.roles[row] == role
            said = shown.part("reader-role").inner_text()
            assert said.startswith(begins)
            assert "undefined" not in said
            similarity = float(duplicates.similarities[row])
            has_value = role != "keep" and np.isfinite(similarity)
            assert (f"similarity {similarity:.3f}" in said) == has_value
            assert ("similarity" in said) == has_value


def test_texts_from_right_to_left_are_laid_out_so_in_every_list(paper_map: Map) -> None:
    read(paper_map, "الخرائط", 2)
    assert paper_map.part("text").text_content() == ARABIC
    assert paper_map.part("text").evaluate("(text) => getComputedStyle(text).direction") == "rtl"
    assert paper_map.part("document-title").evaluate("(text) => getComputedStyle(text).direction") == "ltr"
    paper_map.part("neighbors").locator("button").first.click()
    open_table(paper_map, "1 highlighted document")
    assert paper_map.root.evaluate(MISLAID) == []
    assert ARABIC in paper_map.part("table").inner_text()


def test_a_document_opened_by_key_takes_the_focus_and_escape_returns_it(papers: Exploration, paper_map: Map) -> None:
    keyboard = paper_map.page.keyboard
    paper_map.part("search").fill("word77")
    until(paper_map.page, lambda: paper_map.part("found").inner_text().startswith("1 document"), "word77 is found")
    hit = paper_map.part("hits").locator("button.nx-item").first
    paper_map.part("search").focus()
    while not hit.evaluate("(hit) => hit === document.activeElement"):
        keyboard.press("Tab")
    keyboard.press("Enter")
    until(paper_map.page, lambda: paper_map.page.evaluate(FOCUSED) == "atlas-reader", "the reader has the focus")
    keyboard.press("Escape")
    assert hit.evaluate("(hit) => hit === document.activeElement")
    assert paper_map.part("document-title").inner_text() == "On proteins, part 077"
    keyboard.press("F6")
    assert paper_map.page.evaluate(FOCUSED) == "atlas-reader"
    keyboard.press("F6")
    assert hit.evaluate("(hit) => hit === document.activeElement")
    assert paper_map.part("right").get_attribute("aria-label") == "Document or selection"
    rows, positions = lonely_points(papers, 1)
    paper_map.click(positions[0])
    until(paper_map.page, lambda: f"row {rows[0]} ·" in paper_map.part("reader").inner_text(), "the other is read")
    assert paper_map.page.evaluate(FOCUSED) == "atlas-canvas"


def test_the_card_under_the_mouse_has_title_topic_and_first_lines(papers: Exploration, paper_map: Map) -> None:
    rows, positions = lonely_points(papers, 1)
    paper_map.hover(positions[0])
    until(paper_map.page, lambda: paper_map.part("hover").is_visible(), "the card is there")
    lines = paper_map.part("hover").inner_text().split("\n")
    names = papers.topics.names[-1]
    assert lines[0] == TABLE["title"][rows[0]]
    assert lines[1] == names[papers.topics.layers[-1][rows[0]]]
    assert lines[2].startswith(TABLE["abstract"][rows[0]][:60])


def test_the_table_sorts_pages_and_shows_the_columns_that_were_chosen(paper_map: Map) -> None:
    part, page = paper_map.part, paper_map.page
    open_table(paper_map)
    assert listed(paper_map) == list(range(100))
    part("table-after").click()
    until(page, lambda: listed(paper_map) == list(range(100, N_PAPERS)), "the second page")
    head = part("table").locator("th")
    assert [name.strip() for name in head.all_inner_texts()] == [
        *("row", "title", "text", "topic"),
        *(name for name in TABLE if name not in ("title", "abstract")),
    ]
    by_score = part("table").locator("th[data-column=score] button")
    by_score.click()
    scored = [row for row in range(N_PAPERS) if row % 10]
    until(page, lambda: listed(paper_map) == scored[:100], "ascending, from the first page on")
    assert part("table").locator("th[data-column=score]").get_attribute("aria-sort") == "ascending"
    by_score.click()
    until(page, lambda: listed(paper_map) == scored[::-1][:100], "descending")
    part("table-after").click()
    without = [row for row in range(N_PAPERS) if not row % 10]
    until(page, lambda: listed(paper_map) == [*scored[::-1][100:], *without], "those without a score come last")
    part("table-columns").locator("summary").click()
    for name in ("remark", "id"):
        part("table-columns").locator("label", has_text=name).last.locator("input").click()
    until(page, lambda: part("table").locator("th[data-column=remark]").count() == 0, "remarks are gone")
    until(page, lambda: part("table").locator("th[data-column='#id']").count() == 1, "ids are there")
    page.reload()
    paper_map.wait()
    open_table(paper_map)
    until(page, lambda: part("table").locator("th[data-column='#id']").count() == 1, "the choice was remembered")
    assert part("table").locator("th[data-column=remark]").count() == 0


def test_columns_are_resized_by_mouse_and_by_key(paper_map: Map) -> None:
    open_table(paper_map)
    head = paper_map.part("table").locator("th[data-column='#title']")
    before = head.bounding_box()["width"]
    head.locator("button").focus()
    for _ in range(3):
        paper_map.page.keyboard.press("Shift+ArrowRight")
    until(paper_map.page, lambda: abs(head.bounding_box()["width"] - before - 48) < 3, "48 pixels wider")
    box = head.get_by_test_id("atlas-table-resize").bounding_box()
    paper_map.page.mouse.move(box["x"] + 3, box["y"] + 5)
    paper_map.page.mouse.down()
    paper_map.page.mouse.move(box["x"] - 47, box["y"] + 5, steps=3)
    paper_map.page.mouse.up()
    until(paper_map.page, lambda: abs(head.bounding_box()["width"] - before + 2) < 3, "50 pixels narrower")


def test_the_table_lists_a_selection_reads_its_rows_and_exports_what_it_shows(paper_map: Map) -> None:
    part, page = paper_map.part, paper_map.page
    open_table(paper_map)
    part("search").fill("theme:markets")
    paper_map.wait("highlighted")
    markets = [row for row in range(N_PAPERS) if row % 4 == 2]
    wait_for_table(paper_map, f"{len(markets)} highlighted documents")
    part("select-hits").click()
    wait_for_table(paper_map, f"{len(markets)} selected documents")
    part("table").locator("th[data-column='#title'] button").dblclick()
    until(page, lambda: listed(paper_map) == markets[::-1], "titles are sorted")
    assert part("table-list").input_value() == "selected"
    part("table").locator("tbody tr").nth(1).locator("td").nth(2).click()
    until(page, lambda: f"row {markets[-2]} ·" in part("reader").inner_text(), "a click on a row reads it")
    name, written = paper_map.download(lambda: part("table-save").select_option("csv"))
    assert name == f"papers-{len(markets)}.csv"
    rows = [line.split(",")[0].strip('"') for line in written.splitlines()]
    assert rows == ["row", *map(str, markets[::-1])]
    assert TABLE["authors"][2] in written
    part("table-list").select_option("filtered")
    wait_for_table(paper_map, f"{N_PAPERS} documents that pass the filters")
