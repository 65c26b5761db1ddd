"""Charts and legends of columns: ordered colors, axes that fit the data, counts that follow the other filters."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from nomic_explore import Exploration, explore
from nomic_explore.testing import HashEmbedder
from nomic_explore.view.data.bars import Bars
from nomic_explore.view.data.channel_readers import column_channel
from nomic_explore.view.data.channels import Channel, category_channel
from nomic_explore.view.data.column_summaries import column_entries, summarize, summarize_columns
from nomic_explore.view.data.map_data import make_map_data
from nomic_explore.view.requests.answers import Answers

N = 240
QUERY_COLUMNS = json.loads((Path(__file__).parents[1] / "data" / "query_cases.json").read_text(encoding="utf-8"))[
    "columns"
]


def channel(values: Any) -> Channel:
    made = column_channel("column", pa.chunked_array([pa.array(values)]))
    assert made is not None
    return made


def lightness(color: str) -> int:
    return sum(int(color[at : at + 2], 16) * weight for at, weight in ((1, 3), (3, 6), (5, 1)))


def coarse(bars: Bars) -> list[str]:
    """The names of the axis that are shown however narrow the chart is."""
    return [tick["text"] for tick in bars["ticks"] if not tick["isFine"]]


# --- ordered scales --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n_years", [11, 12, 13, 30])
@pytest.mark.parametrize("write", [int, float, str])
def test_years_get_lighter_or_darker_in_their_order_however_many_and_however_written(n_years: int, write: Any) -> None:
    years = channel(
        [write(1990 + row % n_years) if write is not str else str(1990 + row % n_years) for row in range(N)]
    )
    for theme, sign in (("light", -1), ("dark", 1)):
        shown = [lightness(years.palettes[theme][code]) for code in years.codes[:n_years]]
        assert (sign * np.diff(shown[::4]) > 0).all()
        assert len(set(years.palettes[theme][1:])) == n_years
    entries = years.legend(np.arange(N))["entries"]
    assert sum(entry["size"] for entry in entries) == N  # type: ignore[attr-defined]


def test_twelve_and_thirteen_years_look_alike() -> None:
    legends = [channel([2000 + row % n for row in range(N)]).legend(np.arange(N)) for n in (12, 13)]
    names = [[entry["name"] for entry in legend["entries"]] for legend in legends]  # type: ignore[attr-defined]
    assert names[0] == [str(year) for year in range(2000, 2012)]
    assert names[1] == ["2000–2001", "2002–2003", "2004–2005", "2006–2007", "2008–2009", "2010–2011", "2012"]
    ends = [(legend["palettes"]["light"][1], legend["palettes"]["light"][-1]) for legend in legends]  # type: ignore[index]
    assert ends[0] == ends[1]


def test_a_year_too_many_for_a_color_each_keeps_the_order() -> None:
    centuries = channel([1900 + row % 120 for row in range(N)])
    assert centuries.names == []
    assert (np.diff(centuries.codes[:120].astype(int)) >= 0).all()


def test_numbers_far_apart_are_colored_by_rank() -> None:
    sizes = channel([(1, 10, 100, 1000)[row % 4] for row in range(N)])
    shown = [lightness(color) for color in sizes.palettes["light"][1:]]
    assert min(-np.diff(shown)) > 200


# --- axes ------------------------------------------------------------------------------------------------------------


def test_a_long_tail_gets_a_logarithmic_axis_with_round_numbers() -> None:
    lengths = np.concatenate([np.arange(1, N), [30_000]])
    bars = summarize(channel(lengths), np.arange(N))["bars"]
    assert bars["isLog"]
    assert sum(bars["counts"]) == N
    assert sum(count > 0 for count in bars["counts"]) > len(bars["counts"]) / 2
    assert coarse(bars) == ["1", "10", "100", "1000", "10k"]
    assert all(edge % 1 == 0.5 for edge in bars["edges"])  # no whole number lies on the edge of a bar


def test_a_tail_that_begins_at_zero_shows_the_zeros() -> None:
    votes = channel([0] * 200 + [2**at for at in range(10)] * 4)
    bars = summarize(votes, np.arange(N))["bars"]
    assert bars["isLog"]
    assert (bars["counts"][0], bars["edges"][:2]) == (200, [-0.5, 0.5])
    assert bars["ticks"][0]["text"] == "0"
    assert bars["ticks"][0]["at"] == pytest.approx(0.5 / len(bars["counts"]), abs=1e-4)


def test_even_numbers_have_a_linear_axis_from_the_least_to_the_greatest() -> None:
    bars = summarize(channel(np.linspace(0, 1, N)), np.arange(N))["bars"]
    assert (bars["isLog"], bars["edges"][0], bars["edges"][-1], len(bars["counts"])) == (False, 0.0, 1.0, 48)
    assert coarse(bars) == ["0", "0.2", "0.4", "0.6", "0.8", "1"]
    assert [tick["at"] for tick in bars["ticks"]] == [at / 10 for at in range(11)]


def test_dates_have_a_bar_for_each_month_or_year_of_the_calendar() -> None:
    months = summarize(channel([dt.date(2019 + row % 24 // 12, row % 12 + 1, 15) for row in range(N)]), np.arange(N))
    assert months["bars"]["counts"] == [10] * 24
    assert coarse(months["bars"]) == ["2019", "2020"]
    assert [tick["text"] for tick in months["bars"]["ticks"]][1:3] == ["Feb", "Mar"]
    assert pd.Timestamp(months["bars"]["edges"][12], unit="ms") == pd.Timestamp("2020-01-01")
    years = summarize(channel([dt.date(1980 + row % 40, 7, 1) for row in range(N)]), np.arange(N))
    assert len(years["bars"]["counts"]) == 40
    assert coarse(years["bars"]) == ["1980", "1985", "1990", "1995", "2000", "2005", "2010", "2015"]
    assert years["bars"]["ticks"][0]["at"] == pytest.approx(0.5 / 40)
    one = summarize(channel([dt.date(2020, 5, 1)] * N), np.arange(N))
    assert (one["bars"]["counts"], one["bars"]["ticks"]) == ([N], [{"at": 0.5, "text": "1 May 2020", "isFine": False}])


def test_many_numbers_are_filtered_by_a_range_and_few_are_ticked_too() -> None:
    few, many = (summarize(channel([row % n for row in range(N)]), np.arange(N)) for n in (5, 30))
    assert [value["name"] for value in few["values"]] == ["0", "1", "2", "3", "4"]
    assert "values" not in many


# --- the columns of an exploration -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Exploration:
    rng = np.random.default_rng(0)
    texts = [f"review {row} of lamp {row % 6} {'x' * int(row % 9)}" for row in range(N)]
    table = {
        "text": texts,
        "length": [len(text) for text in texts],
        "year": [2000 + row % 13 for row in range(N)],
        "stars": [None if row % 7 == 0 else row % 5 + 1 for row in range(N)],
        "price": rng.lognormal(3, 2, N),
        "kind": [("pet", "wild", None)[row % 3] for row in range(N)],
        "labels": [["a", "b", "c"][: row % 4] for row in range(N)],
    }
    return explore(
        pd.DataFrame(table),
        "text",
        positions=rng.normal(size=(N, 2)),
        folder=tmp_path_factory.mktemp("charts") / "x",
        model=HashEmbedder(),
        show_progress=False,
    )


def test_columns_come_under_names_that_people_understand_ours_apart(made: Exploration) -> None:
    entries = column_entries(made, make_map_data(made).channels)
    sections = {entry["name"]: entry["section"] for entry in entries}
    assert [name for name, section in sections.items() if section == "columns"] == [
        "length", "year", "stars", "price", "kind", "labels",
    ]  # fmt: skip
    assert {sections[name] for name in ("duplicate_role", "topic_assignment", "topic_strength")} == {"technical"}
    titles = {entry["name"]: entry["title"] for entry in entries}
    assert titles["topic"].startswith("Topics")
    assert titles["duplicate_role"] == "Role among duplicates"
    assert [entry["name"] for entry in entries if entry["isTime"]] == ["year"]
    data = make_map_data(made)
    listed = [one["section"] for one in summarize_columns(made, data.channels, data.rows)]
    assert listed == sorted(listed, key=["columns", "topics", "technical"].index)


def test_the_length_of_a_text_is_listed_once(made: Exploration) -> None:
    channels = make_map_data(made).channels
    assert "characters" not in list(channels)
    assert channels["characters"].values is not None  # what was saved by that name still works
    assert (channels["characters"].values == channels["length"].values).all()


FILTERS = {
    "year": {"column": "year", "low": 2003, "high": 2009},
    "kind": {"column": "kind", "values": ["pet", None]},
    "labels": {"column": "labels", "values": ["b"]},
    "price": {"column": "price", "low": None, "high": 40.0},
}


@pytest.mark.parametrize("names", [(), ("year",), ("kind", "labels"), ("year", "kind", "labels", "price")])
@pytest.mark.parametrize("selected", [(), tuple(range(0, N, 3))])
def test_a_chart_counts_what_passes_the_filters_of_the_other_columns(
    made: Exploration, names: tuple[str, ...], selected: tuple[int, ...]
) -> None:
    data = make_map_data(made)
    answers = Answers(made, data)
    answers.context.selected = np.array(selected, dtype=np.int64)
    columns = ["year", "stars", "price", "kind", "labels", "topic", "duplicate_role"]
    request = {"filters": [FILTERS[name] for name in names], "columns": columns}
    counts = np.frombuffer(answers.answer("filter_counts", request)["counts"], dtype="<u4")
    table = made.corpus.table.to_pandas()
    passes = {
        "year": table["year"].between(2003, 2009),
        "kind": table["kind"].isna() | (table["kind"] == "pet"),
        "labels": table["labels"].map(lambda own: "b" in own),
        "price": table["price"] <= 40.0,
    }
    expected = []
    for column in columns:
        is_counted = np.isin(np.arange(N), selected) if selected else np.ones(N, dtype=bool)
        for name in names:
            is_counted &= passes[name] if name != column else True
        summary = summarize(data.channels[column], np.flatnonzero(is_counted))
        expected += [summary["missing"], *(value["size"] for value in summary.get("values", []))]
        expected += summary["bars"]["counts"] if "bars" in summary else []
    assert counts.tolist() == expected


def test_the_page_holds_the_same_charts_as_the_notebook(made: Exploration, tmp_path: Path) -> None:
    from nomic_explore.view.export.page_data import PageData

    data = make_map_data(made)
    facts: Any = PageData(made, data, None).facts()
    held = {one["summary"]["name"]: one["summary"] for one in facts["channels"]}
    assert held == {one["name"]: one for one in summarize_columns(made, data.channels, data.rows)}


@pytest.mark.parametrize("name", [name for name, column in QUERY_COLUMNS.items() if column["type"] == "string"])
def test_a_legend_tells_what_text_holds_that_cannot_be_compared(name: str) -> None:
    names = sorted({value for value in QUERY_COLUMNS[name]["values"] if value and value.strip()})
    legend = category_channel(name, np.arange(len(names)) + 1, names).legend(np.arange(len(names)))
    expected = "date" if name == "written" else QUERY_COLUMNS[name].get("textKind")
    assert legend.get("textKind") == expected
