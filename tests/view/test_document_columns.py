"""Titles, and which columns stand beside the text, for every reader of a document."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from papers import paper_table

from nomic_explore import Exploration, explore, open_exploration, read_corpus
from nomic_explore.testing import HashEmbedder
from nomic_explore.view.data.document_columns import DocumentColumns, guess_title, text_after
from nomic_explore.view.data.map_data import make_map_data
from nomic_explore.view.data.summaries import date_text, number_text
from nomic_explore.view.export.page_data import PageData
from nomic_explore.view.requests.answers import Answers

CASES = json.loads((Path(__file__).parents[1] / "data" / "document_cases.json").read_text(encoding="utf-8"))
OPTIONS: dict[str, Any] = {"model": HashEmbedder(), "show_progress": False}


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Exploration:
    folder = tmp_path_factory.mktemp("papers") / "x"
    return explore(paper_table(), "{title}. {abstract}", folder=folder, **OPTIONS)


def read(exploration: Exploration, row: int, title: str | None = None) -> dict[str, Any]:
    data = make_map_data(exploration)
    return dict(Answers(exploration, data, title=title).answer("read", {"point": int(data.point_of[row])}))


@pytest.mark.parametrize(("title", "text", "rest"), CASES["after"])
def test_a_text_does_not_repeat_its_title(title: str, text: str, rest: str) -> None:
    assert text_after(title, text) == rest


@pytest.mark.parametrize(("value", "text"), CASES["numbers"])
def test_a_number_has_the_digits_that_say_something(value: float, text: str) -> None:
    assert number_text(value) == text


@pytest.mark.parametrize(("written", "text"), CASES["dates"])
def test_a_date_has_the_time_of_day_if_it_has_one(written: str, text: str) -> None:
    assert date_text(dt.datetime.fromisoformat(written)) == text


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        ({"title": ["a"], "name": ["b"]}, "title"),
        ({"Headline": ["a"]}, "Headline"),
        ({"name": ["b"], "subject": ["a"]}, "subject"),
        ({"title": ["a long one " * 40]}, None),
        ({"title": [7]}, None),
        ({"title": [None]}, None),
        ({"titles": ["a"]}, None),
    ],
)
def test_a_title_is_guessed_by_its_name_where_it_is_short_text(
    columns: dict[str, list[Any]], found: str | None
) -> None:
    assert guess_title(read_corpus({**columns, "body": ["some words"]}, text="body")) == found
    assert guess_title(read_corpus({"title": ["some words"]}, text="title")) is None


def test_a_paper_is_read_with_its_title_apart_and_its_columns_as_what_they_hold(papers: Exploration) -> None:
    table, told = paper_table(), read(papers, 3)
    assert told["title"] == "On grammar, part 003"
    assert told["text"] == table["abstract"][3].strip()
    fields = {field["name"]: (field["kind"], field["values"]) for field in told["fields"]}
    assert list(fields) == [name for name in table if name not in ("title", "abstract")]
    assert fields["score"] == ("number", ["3.3"])
    assert fields["sent"] == ("date", ["2020-01-04 12:00"])
    assert fields["keywords"] == ("list", ["grammar", "k0"])
    assert fields["remark"] == ("text", [table["remark"][3]])
    assert "score" not in {field["name"] for field in read(papers, 10)["fields"]}
    assert {field["name"] for field in told["details"]} == {
        *("characters", "topic_assignment", "topic_strength", "similarity to neighbors")
    }


def test_a_card_and_a_line_have_the_title_before_the_text(papers: Exploration) -> None:
    data = make_map_data(papers)
    answers, point = Answers(papers, data, ["authors"]), int(data.point_of[3])
    card: Any = answers.answer("describe", {"point": point})
    assert (card["title"], card["text"][:16]) == ("On grammar, part 003", "We study grammar")
    assert card["topic"] in papers.topics.names[-1]
    assert card["fields"] == [["authors", "Ada Lovelace 3, Zoë Żak and 3 others"]]
    line: Any = answers.answer("rows", {"points": [point]})
    assert (line["rows"][0]["title"], line["rows"][0]["text"][:16]) == ("On grammar, part 003", "We study grammar")


def test_another_title_changes_what_is_shown_and_nothing_that_was_made(papers: Exploration, tmp_path: Path) -> None:
    made = {name: stage["made_from"] for name, stage in papers.manifest["stages"].items()}
    options = {**OPTIONS, "folder": papers.folder}
    changed = explore(paper_table(), "{title}. {abstract}", title="authors", **options)
    assert {name: stage["made_from"] for name, stage in changed.manifest["stages"].items()} == made
    assert read(open_exploration(papers.folder), 3)["title"] == "Ada Lovelace 3, Zoë Żak and 3 others"
    part = changed.subset([3, 4, 5], tmp_path / "part", show_progress=False)
    assert read(part, 0)["title"] == "Ada Lovelace 3, Zoë Żak and 3 others"
    without = explore(paper_table(), "{title}. {abstract}", title="", **options)
    assert read(without, 3)["title"] == ""
    assert read(without, 3)["text"].startswith("On grammar, part 003. We study")
    assert read(without, 3, title="theme")["title"] == "grammar"
    with pytest.raises(ValueError, match="title='headline': there is no such column; there are title, abstract"):
        explore(paper_table(), "{title}. {abstract}", title="headline", **options)
    with pytest.raises(ValueError, match="title='headline': there is no such column"):
        without.map(title="headline")


def test_the_ids_and_the_text_do_not_stand_beside_it() -> None:
    table = {"id": ["a", "b"], "text": ["one", "two"], "note": ["x", None]}
    columns = DocumentColumns(read_corpus(table, "text", id="id"))
    assert columns.beside == ["note"]
    assert columns.split(1) == ("", "two")


def test_a_page_holds_every_column_that_people_read(papers: Exploration) -> None:
    page = PageData(papers, make_map_data(papers), None)
    assert page.columns.written == ["authors", "doi", "arxiv_id", "remark"]
    listed: Any = page.facts()["inputs"]
    assert [one["name"] for one in listed] == read_names(papers)
    assert {one["name"] for one in listed if one["channel"]} == {"link", "theme", "score", "sent", "keywords"}
    assert PageData(papers, make_map_data(papers), "abstract").columns.written == []
    assert not PageData(papers, make_map_data(papers), []).columns.has_titles


def read_names(papers: Exploration) -> list[str]:
    return [name for name in papers.corpus.table.column_names if name not in ("title", "abstract")]


def test_a_page_too_small_for_all_columns_says_which_it_leaves_out(papers: Exploration, tmp_path: Path) -> None:
    from nomic_explore.view.export.page_data import blocks_within

    page = PageData(papers, make_map_data(papers), None)
    sizes: list[int] = []

    def size(blocks: dict[str, bytes]) -> int:
        sizes.append(sum(map(len, blocks.values())))
        return sizes[-1]

    blocks_within(page, 1e9, size)
    blocks, left_out = blocks_within(page, sizes[0] - 20_000, size)
    assert left_out == ["neighbors beyond the fifth", "columns authors, doi, arxiv_id, remark"]
    assert "texts" in blocks
    assert "written-0" not in blocks
