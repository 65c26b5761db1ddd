"""The exported page, opened from disk: it needs nothing, keeps what is edited, says what was left out."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from browser_tools import MARKS, Map, lonely_points, open_page, until

from nomic_explore import Exploration
from nomic_explore.session.edits import PALETTE
from nomic_explore.view.data.map_data import make_map_data
from nomic_explore.view.export.page import make_page

pytest_plugins = ["browser_tools"]
pytestmark = MARKS


def test_the_page_asks_for_nothing_but_itself_and_its_console_is_silent(browser: Any, field_page: Path) -> None:
    page = browser.new_context().new_page()
    asked: list[str] = []
    told: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.goto(field_page.as_uri())
    shown = Map(page).wait()
    shown.part("search").fill("owl")
    shown.wait("highlighted")
    shown.lasso_all()
    assert [url for url in asked if not url.startswith(("data:", "blob:"))] == [field_page.as_uri()]
    assert told == []


def test_hovering_shows_the_beginning_of_the_text_and_a_click_the_whole(field: Exploration, shown: Map) -> None:
    rows, positions = lonely_points(field)
    at = shown.first_uncovered(positions)
    shown.hover(positions[at])
    until(shown.page, lambda: shown.part("hover").is_visible(), "the card is there")
    assert field.corpus.texts[rows[at]] in shown.part("hover").inner_text()
    shown.click(positions[at])
    until(shown.page, lambda: shown.part("text").count() > 0, "the reader is filled")
    assert shown.part("text").inner_text() == field.corpus.texts[rows[at]]
    assert field.corpus.ids[rows[at]] in shown.part("reader").inner_text()


@pytest.mark.parametrize(
    "query", ["MOON", "elephants", "kind:paraphrase", "year:>2015 -kind:original", "the day:2020..2021"]
)
def test_the_page_searches_words_and_conditions(field: Exploration, shown: Map, query: str) -> None:
    expected = field.search(query, n=len(field), mode="keyword")
    assert len(expected) > 0
    shown.part("search").fill(query)
    until(shown.page, lambda: " match" in shown.part("found").inner_text(), "they are found")
    n = int(shown.part("found").inner_text().split()[0])
    weaker = shown.part("weaker")
    n_weak = int(weaker.inner_text().split()[1]) if weaker.count() else 0
    assert n + n_weak == len(expected)
    listed = [text.strip()[:40] for text in shown.part("hits").locator("li .nx-hit-text").all_inner_texts()]
    assert len(listed) == min(100, n)
    assert set(listed) <= {text[:40] for text in expected["text"]}
    if expected["score"].notna().all():
        scores = [float(score) for score in shown.part("hits").locator("li .nx-size").all_inner_texts()]
        assert scores == pytest.approx(expected["score"].tolist()[: len(scores)], abs=0.06)
    shown.part("search").fill("")
    until(shown.page, lambda: shown.part("hits").locator("li").count() == 0, "an empty box finds nothing")


def test_filters_grey_points_and_nothing_vanishes(field: Exploration, shown: Map) -> None:
    _, positions = lonely_points(field, 40)
    shown.part("tab-filters").click()
    year = shown.root.locator("[data-column=year]")
    year.get_by_test_id("atlas-range-from").fill("2010")
    year.get_by_test_id("atlas-range-from").press("Enter")
    years = field.corpus.table["year"].to_pandas()
    shown.wait(f"{int((years >= 2010).sum())} pass the filters")
    assert shown.alphas(positions).min() > 20
    shown.part("no-filters").click()
    until(shown.page, lambda: "pass the filters" not in shown.status(), "all pass again")


def test_tags_names_and_views_survive_a_reload_and_can_be_downloaded(field: Exploration, shown: Map) -> None:
    data = make_map_data(field)
    shown.drag([(0.5, 0.5), (0.55, 0.52)])
    shown.part("box").click()
    shown.drag([(0.2, 0.2), (0.6, 0.6)])
    shown.wait("selected")
    n = shown.count("selected")
    shown.part("tag-selection").fill("seen & <read>")
    shown.part("tag-selection").press("Enter")
    shown.part("tab-tags").click()
    until(shown.page, lambda: shown.part("tag").count() == 1, "the tag is listed")
    shown.part("new-view").fill("here")
    shown.part("new-view").press("Enter")
    until(shown.page, lambda: shown.part("view").count() == 1, "the view is listed")
    view = shown.view()
    shown.part("tab-topics").click()
    shown.part("rename-topic").first.click()
    shown.part("topic-name").fill("My own name")
    shown.part("topic-name").press("Enter")
    until(shown.page, lambda: "My own name" in shown.part("labels").inner_text(), "the name is on the map")
    shown.page.reload()
    shown.wait()
    assert shown.view()[:2] == (0, 0)
    until(shown.page, lambda: "My own name" in shown.part("labels").inner_text(), "the name is there again")
    shown.part("tab-tags").click()
    assert shown.part("tag").inner_text().split() == ["seen", "&", "<read>", str(n)]
    shown.part("tag").click()
    shown.wait(f"{n} selected")
    shown.part("view").click()
    shown.wait()
    assert shown.view() == pytest.approx(view)
    name, written = shown.download(shown.part("save-tags").click)
    kept = json.loads(written)
    assert name == "field-tags.json"
    assert [(tag["name"], len(tag["ids"])) for tag in kept["tags"]] == [("seen & <read>", n)]
    assert set(kept["tags"][0]["ids"]) <= {field.corpus.ids[row] for row in data.rows}
    assert list(kept["names"].values()) == ["My own name"]


def test_edits_in_the_page_are_undone_and_redone(shown: Map) -> None:
    shown.part("tab-tags").click()
    shown.part("new-tag").fill("first")
    shown.part("new-tag").press("Enter")
    until(shown.page, lambda: shown.part("tag").count() == 1, "the tag is listed")
    shown.part("undo").click()
    until(shown.page, lambda: shown.part("tag").count() == 0, "undo takes it away")
    shown.canvas.focus()
    shown.page.keyboard.press("Control+Shift+Z")
    until(shown.page, lambda: shown.part("tag").count() == 1, "redo brings it back")
    shown.page.keyboard.press("Control+z")
    until(shown.page, lambda: shown.part("tag").count() == 0, "Ctrl+Z takes it away")
    shown.rest()
    assert shown.part("said").inner_text() == "Undone: tagged 0 documents 'first'"


def test_a_tag_is_renamed_in_its_line_and_a_deleted_one_comes_back(shown: Map) -> None:
    shown.part("tab-tags").click()
    shown.part("new-tag").fill("first")
    shown.part("new-tag").press("Enter")
    until(shown.page, lambda: shown.part("tag").count() == 1, "the tag is listed")
    assert shown.part("tag-color").input_value() == PALETTE[0]
    shown.part("rename-tag").click()
    shown.part("tag-name").fill(" second ")
    shown.part("tag-name").press("Enter")
    until(shown.page, lambda: shown.part("tag").all_inner_texts()[0].split() == ["second", "0"], "it has the new name")
    shown.part("delete-tag").click()
    until(shown.page, lambda: shown.part("removed").count() == 1, "the pane says that it was deleted")
    assert shown.part("tag").count() == 0
    shown.part("undo-removed").click()
    until(shown.page, lambda: shown.part("tag").count() == 1, "the tag is back")
    assert shown.part("removed").count() == 0


def test_the_selected_rows_are_downloaded_as_csv(field: Exploration, shown: Map) -> None:
    shown.part("search").fill("year:2003")
    shown.wait("15 highlighted")
    shown.part("select-hits").click()
    shown.wait("15 selected")
    name, written = shown.download(lambda: shown.part("save").select_option("csv"))
    rows = list(csv.DictReader(io.StringIO(written)))
    expected = field.corpus.table.to_pandas().query("year == 2003")
    assert name == "field-selection.csv"
    assert {row["id"]: row["text"] for row in rows} == dict(zip(expected["id"], expected["text"], strict=True))
    assert {row["day"][:10] for row in rows} == {str(day)[:10] for day in expected["day"]}


@pytest.mark.parametrize(("spared", "left_out"), [(-3000, "neighbors beyond the fifth"), (1000, "neighbors")])
def test_a_page_made_too_small_says_what_was_left_out(
    field: Exploration, browser: Any, tmp_path: Path, spared: int, left_out: str
) -> None:
    size = len(make_page(field)[0])
    with pytest.warns(UserWarning, match=f"left out: {left_out}"):
        path = field.save_html(tmp_path / "small.html", max_mb=(size - spared) / 1e6)
    shown = open_page(browser, path)
    assert shown.part("said").inner_text().endswith(f"left out to keep the file small: {left_out}")
    shown.click(lonely_points(field)[1][0])
    until(shown.page, lambda: shown.part("text").count() > 0, "the reader is filled")
    assert shown.part("neighbors").locator("li").count() == (5 if left_out.endswith("fifth") else 0)


def test_a_page_without_texts_still_draws_and_filters(field: Exploration, browser: Any, tmp_path: Path) -> None:
    shown = open_page(browser, field.save_html(tmp_path / "bare.html", text_columns=[]))
    shown.part("search").fill("kind:original")
    n = int((field.corpus.table["kind"].to_pandas() == "original").sum())
    shown.wait(f"{n} highlighted")
    assert (shown.alphas(lonely_points(field)[1]) > 20).all()
    assert shown.told == []
