"""The table of documents: which are listed, in which order, page by page, and as a file."""

import io
from typing import Any

import numpy as np
import pandas as pd
import pytest
from papers import N_PAPERS, paper_table

from nomic_explore import Exploration, explore
from nomic_explore.testing import HashEmbedder
from nomic_explore.view.widget.atlas_map import AtlasMap

EVERYWHERE = {"of": "filtered", "sort": "", "isDescending": False}


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Exploration:
    folder = tmp_path_factory.mktemp("papers") / "x"
    table = {**paper_table(), "theme": [None, " ", *paper_table()["theme"][2:]]}
    return explore(table, "{title}. {abstract}", folder=folder, model=HashEmbedder(), show_progress=False)


@pytest.fixture
def atlas(papers: Exploration) -> AtlasMap:
    return papers.map(panels=False)  # type: ignore[return-value]


def ask(atlas: AtlasMap, columns: list[str], start: int = 0, **how: Any) -> dict[str, Any]:
    assert atlas.answers is not None
    return dict(atlas.answers.answer("table", {**EVERYWHERE, "columns": columns, "start": start, **how}))


def rows_of(answer: dict[str, Any]) -> list[int]:
    return [line["row"] for line in answer["lines"]]


def test_pages_list_all_documents_once_with_the_cells_that_were_asked_for(atlas: AtlasMap) -> None:
    first, second = (ask(atlas, ["#row", "#title", "score", "keywords"], start) for start in (0, 100))
    assert first["total"] == second["total"] == N_PAPERS
    assert [*rows_of(first), *rows_of(second)] == list(range(N_PAPERS))
    assert first["lines"][3]["cells"] == ["3", "On grammar, part 003", "3.3", "grammar, k0"]
    assert [atlas.data.rows[line["point"]] for line in first["lines"]] == rows_of(first)
    assert [column["key"] for column in first["columns"] if not column["isDetail"]] == [
        *("#row", "#title", "#text", "#topic", "authors", "doi", "link", "arxiv_id", "theme", "score", "sent"),
        *("keywords", "remark"),
    ]


@pytest.mark.parametrize("is_descending", [False, True])
@pytest.mark.parametrize(
    "key", ["#row", "#title", "#text", "#topic", "#id", "theme", "score", "sent", "#duplicate_role"]
)
def test_any_column_sorts_all_documents_and_those_without_a_value_come_last(
    papers: Exploration, atlas: AtlasMap, key: str, is_descending: bool
) -> None:
    listed = [*rows_of(ask(atlas, [], 0, sort=key, isDescending=is_descending))]
    listed += rows_of(ask(atlas, [], 100, sort=key, isDescending=is_descending))
    frame = papers.to_pandas()
    values = {
        **{"#row": np.arange(N_PAPERS), "#title": frame["title"], "#text": papers.corpus.texts},
        **{"#topic": frame["topic_name"], "#id": papers.corpus.ids, "#duplicate_role": frame["duplicate_role"]},
    }.get(key, frame.get(key))
    keys = pd.Series(values).map(lambda value: value.strip().lower() if isinstance(value, str) else value)
    keys = keys.where(keys != "")
    expected = keys.sort_values(ascending=not is_descending, kind="stable", na_position="last").index.tolist()
    assert listed == expected


def test_the_selection_the_highlight_the_view_and_the_filters_are_listed(papers: Exploration, atlas: AtlasMap) -> None:
    atlas.select([7, 3, 5])
    atlas.highlight([9, 2, 4])
    assert rows_of(ask(atlas, [], of="selected")) == [3, 5, 7]
    assert rows_of(ask(atlas, [], of="highlighted")) == [9, 2, 4]
    assert rows_of(ask(atlas, [], of="highlighted", sort="#row", isDescending=True)) == [9, 4, 2]
    atlas.filter(theme="galaxies")
    passing = list(range(4, N_PAPERS, 4))
    assert rows_of(ask(atlas, [], of="filtered")) == passing
    x, y = atlas.data.positions[atlas.data.point_of[passing[1]]].astype(float).tolist()
    inside = rows_of(ask(atlas, [], of="view", box=[x - 0.2, y - 0.2, x + 0.2, y + 0.2]))
    near = np.abs(atlas.data.positions[atlas.data.point_of[passing]].astype(float) - [x, y]).max(axis=1) <= 0.2
    assert inside == np.array(passing)[near].tolist()
    atlas.filter()
    assert ask(atlas, [], of="filtered")["total"] == N_PAPERS


def test_what_is_listed_leaves_as_a_file_with_all_columns_in_the_order_shown(
    papers: Exploration, atlas: AtlasMap
) -> None:
    atlas.select([7, 3, 5])
    wanted = {"of": "selected", "sort": "score", "isDescending": True}
    assert atlas.answers is not None
    for format, reader in (("csv", pd.read_csv), ("parquet", pd.read_parquet)):
        answer: Any = atlas.answers.answer("export_table", {**wanted, "format": format})
        assert answer["name"].endswith(f"-3.{format}")
        frame = reader(io.BytesIO(answer["file"]))
        assert list(frame.columns) == list(papers.to_pandas().columns)
        assert frame["doi"].tolist() == ["10.1000/paper.7", "10.1000/paper.5", "10.1000/paper.3"]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"of": "all"}, "of='all'; expected one of 'selected'"),
        ({"sort": "price"}, "column 'price'; expected one of #row"),
        ({"columns": ["price"]}, "column 'price'; expected one of #row"),
    ],
)
def test_a_table_that_cannot_be_made_says_why(atlas: AtlasMap, wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ask(atlas, **{"columns": [], **wrong})
    with pytest.raises(ValueError, match="format='xls'; expected one of 'csv', 'parquet'"):
        assert atlas.answers is not None
        atlas.answers.answer("export_table", {**EVERYWHERE, "format": "xls"})
