"""Columns as people have them: ids, ratings, tags, dates without an end, nothing at all. None stops a map or a page."""

import base64
import datetime as dt
import gzip
import json
import re
import warnings
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import traitlets

from nomic_explore import Exploration, compare, explore
from nomic_explore.testing import HashEmbedder
from nomic_explore.view.data.bins import Scale, bins_of, scale_between, usual_ends
from nomic_explore.view.data.bitmask import unpack_mask
from nomic_explore.view.data.channel_readers import column_channel
from nomic_explore.view.data.channels import Channel
from nomic_explore.view.data.time_bins import time_bins
from nomic_explore.view.export.page import make_page

N = 48
ROWS = np.arange(N)
DAY, NO_END = dt.datetime(2020, 1, 1), dt.datetime(9999, 12, 31)


def moments(values: list[dt.datetime | None]) -> pa.Array:
    return pa.array(values, pa.timestamp("us"))


EXTREME = {
    "no end": moments([NO_END] * 32 + [None] * 16),
    "mixed ends": moments([NO_END if row % 5 == 0 else DAY + dt.timedelta(days=int(row)) for row in ROWS]),
    "since ever": pa.array([dt.date(1, 1, 1) if row % 3 else dt.date(2020, 5, 1) for row in ROWS], pa.date32()),
    "all centuries": pa.array([dt.date(1 + 200 * int(row), 1, 1) for row in ROWS], pa.date32()),
    "beyond python": pa.array([2**62, -(2**62)] * 24, pa.int64()).cast(pa.timestamp("s")),
    "nanoseconds": pa.array((ROWS * 10**15).astype("datetime64[ns]")),
    "zoned": pa.array((ROWS * 3_600_000_000).astype("datetime64[us]")).cast(pa.timestamp("us", "Asia/Kolkata")),
    "one day": moments([DAY] * N),
    "one known day": moments([DAY] + [None] * (N - 1)),
    "infinite": pa.array([np.inf, -np.inf, 1.0, np.nan] * 12),
    "only infinite": pa.array([np.inf] * N),
    "largest": pa.array([1e308, -1e308, 0.0] * 16),
    "smallest": pa.array([5e-324, 0.0, 1.0] * 16),
    "nearly equal": pa.array([1e16 + 2 * (row % 3) for row in ROWS]),
    "all equal": pa.array([7.5] * N),
    "half precision": pa.array(np.linspace(0, 6e4, N).astype(np.float16)),
    "snowflakes": pa.array([1600000000000000000 + 3 * int(row) for row in ROWS]),
    "one snowflake": pa.array([1600000000000000001] * N),
    "full range": pa.array([-(2**63), 2**63 - 1, 0, None] * 12, pa.int64()),
    "unsigned": pa.array([2**64 - 1 - int(row) for row in ROWS], pa.uint64()),
    "money": pa.array([Decimal("99999999999999999999.25") + int(row) for row in ROWS], pa.decimal128(38, 2)),
    "wide money": pa.array([Decimal(10**60 + int(row)) for row in ROWS], pa.decimal256(76, 3)),
    "ratings": pa.array([int(row) % 5 + 1 for row in ROWS]),
    "years": pa.array([1990 + int(row) % 30 for row in ROWS]),
    "tags": pa.array([["a", "b"][: row % 3] for row in ROWS], pa.list_(pa.string())),
    "no tags": pa.array([[]] * N, pa.list_(pa.string())),
    "vectors": pa.array([[0.5, 1.5]] * N),
    "empty": pa.nulls(N),
    "empty numbers": pa.nulls(N, pa.float64()),
    "blank": pa.array([" "] * N),
    "truth": pa.array([True, False, None] * 16),
    "times of day": pa.array([dt.time(int(row) % 24) for row in ROWS]),
    "durations": pa.array([dt.timedelta(days=int(row)) for row in ROWS]),
}


@pytest.fixture(scope="module")
def extreme(tmp_path_factory: pytest.TempPathFactory) -> Exploration:
    texts = [f"{word} number {at} of its kind" for at in range(N // 4) for word in ("cats", "soups", "trains", "seas")]
    positions = np.random.default_rng(0).normal(size=(N, 2))
    folder = tmp_path_factory.mktemp("extreme") / "x"
    made = explore(texts, positions=positions, folder=folder, model=HashEmbedder(), show_progress=False)
    table = pa.table({"text": texts} | EXTREME)
    made._state.__dict__["documents"] = made._state.documents._replace(table=table)  # whatever a store may hold
    return made


def channel(name: str) -> Channel:
    made = column_channel(name, pa.chunked_array([EXTREME[name]]))
    assert made is not None
    return made


def test_no_column_stops_a_page(extreme: Exploration, tmp_path: Path) -> None:
    page = extreme.save_html(tmp_path / "map.html").read_text(encoding="utf-8")
    (facts,) = re.findall(r'id="nx-facts">(.*?)</script>', page, re.DOTALL)
    legends = {
        one["legend"]["column"]: one["legend"]
        for one in json.loads(gzip.decompress(base64.b64decode(facts)), parse_constant=pytest.fail)["channels"]
    }
    shown = EXTREME.keys() - {"no tags", "vectors", "empty", "empty numbers", "blank", "times of day", "durations"}
    assert shown <= legends.keys()
    assert legends["snowflakes"]["lowText"] == "1600000000000000000"
    assert legends["snowflakes"]["highText"] == str(1600000000000000000 + 3 * (N - 1))
    assert legends["money"]["highText"] == f"{99999999999999999999 + N - 1}.25"
    assert legends["unsigned"]["highText"] == str(2**64 - 1)


@pytest.mark.parametrize("name", EXTREME)
def test_no_column_stops_a_map_and_its_chart(extreme: Exploration, name: str) -> None:
    empty = name in ("no tags", "empty", "empty numbers", "blank")
    if name in ("vectors", "times of day", "durations"):
        with pytest.raises(ValueError, match=f"Column '{name}' holds values of type .*; choose one of topic"):
            extreme.map(chart=name)
        return
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        shown = extreme.map(color=name, chart=name)
    assert [str(one.message) for one in caught] == (
        [f"Column '{name}' is empty; {what}='{name}' is left out." for what in ("color", "chart")] if empty else []
    )
    assert shown.atlas.color_by == ("topic" if empty else name)
    if not empty:
        every = shown.chart.figure.data[0]
        counted = every.x if channel(name).values is None else every.y
        assert np.isfinite(np.asarray(counted, dtype=float)).all()
        shown.atlas.select([0, 1])
        shown.close()


def test_dates_that_stand_for_no_end_are_left_out_of_scales_and_charts(extreme: Exploration) -> None:
    found = channel("mixed ends")
    days = [DAY + dt.timedelta(days=int(row)) for row in ROWS if row % 5]
    assert (found.low, found.high) == tuple(
        end.replace(tzinfo=dt.UTC).timestamp() * 1000 for end in (days[0], days[-1])
    )
    assert len(np.unique(found.codes[ROWS % 5 > 0])) == len(days)
    assert found.legend(ROWS)["beyond"] == 10
    figure = extreme.topics_over_time("mixed ends")
    assert figure.data[0].x[0] == "2020-01-02"
    assert "10 left out: dates of the year 1 or from 9000 on" in figure.layout.xaxis.title.text
    assert "10 left out" in extreme.map(chart="mixed ends").chart.figure.layout.xaxis.title.text
    assert channel("no end").bars(ROWS)["counts"] == [32]


@pytest.mark.parametrize(
    "name", ["no end", "since ever", "all centuries", "nanoseconds", "one day", "one known day", "years"]
)
def test_dates_of_any_age_have_bins(name: str) -> None:
    bins = time_bins(channel(name))
    known = EXTREME[name].is_valid().to_numpy(zero_copy_only=False)
    assert bins is not None
    assert len(bins.names) <= 60
    assert (bins.places[known] >= 0).sum() + bins.n_left_out == known.sum()
    assert (bins.places[~known] == -1).all()


def test_scales_and_bins_take_numbers_as_large_as_there_are() -> None:
    values = np.array([1e308, -1e308, np.inf, -np.inf, np.nan, 0.0])
    low, high = usual_ends(values, "numbers")
    assert (low, high) == (-1e308, 1e308)
    assert scale_between(values, low, high).tolist()[:4] == [1.0, 0.0, 1.0, 0.0]
    assert bins_of(values, Scale(low, high).edges(4)).tolist() == [3, 0, -1, -1, -1, 2]
    assert bins_of(np.array([2.5e14] * 3), np.array([2.5e14, 2.5e14])).tolist() == [0, 0, 0]


# --- exact numbers ---------------------------------------------------------------------------------------------------


@pytest.fixture
def shown(extreme: Exploration) -> Callable[..., list[int]]:
    """Returns a function of filters that tells the rows which pass."""
    atlas = extreme.map(panels=False)

    def filtered(**columns: object) -> list[int]:
        atlas.filter(**{name.replace("_", " "): wanted for name, wanted in columns.items()})
        json.dumps(atlas.filters, allow_nan=False)
        return sorted(atlas.data.rows[~unpack_mask(atlas.filtered, N)].tolist())

    return filtered


def test_ids_are_filtered_exactly(shown: Callable[..., list[int]]) -> None:
    first = 1600000000000000000
    assert shown(snowflakes=first + 3) == [1]
    assert shown(snowflakes=[first, str(first + 9)]) == [0, 3]
    assert shown(snowflakes=(first + 4, first + 9)) == [2, 3]
    assert shown(snowflakes=(None, str(first + 2))) == [0]
    assert shown(snowflakes=np.int64(first + 3)) == [1]
    assert shown(unsigned=(2**64 - 2, None)) == [0, 1]
    assert shown(unsigned=np.uint64(2**64 - 1)) == [0]
    assert shown(full_range=2**63 - 1) == list(range(1, N, 4))
    assert shown(full_range=None) == list(range(3, N, 4))
    assert shown(money=Decimal("100000000000000000000.25")) == [1]
    assert shown(money=(None, Decimal("100000000000000000000.24"))) == [0]


def test_a_range_brushed_over_ids_names_ids(extreme: Exploration) -> None:
    explorer = extreme.map(chart="snowflakes")
    figure = explorer.chart.figure
    assert figure.layout.xaxis.title.text == "counted from 1600000000000000000"
    figure.layout.selections = [{"type": "rect", "x0": 3.2, "x1": 9.0, "y0": 0, "y1": 1}]
    assert explorer.atlas.filters == [
        {"column": "snowflakes", "low": "1600000000000000003", "high": "1600000000000000009"}
    ]


def test_colors_of_ids_follow_their_order(extreme: Exploration) -> None:
    for name in ("snowflakes", "money", "wide money"):
        assert (np.diff(channel(name).codes.astype(int)) >= 0).all()
        assert len(np.unique(channel(name).codes)) > 40


def test_ids_are_categories_by_their_own_names(extreme: Exploration) -> None:
    assert extreme.topics_per("snowflakes").data[0].x[:2] == ("1600000000000000000", "1600000000000000003")


# --- whole numbers with few values -----------------------------------------------------------------------------------


def test_ratings_are_ordered(extreme: Exploration, shown: Callable[..., list[int]]) -> None:
    legend = channel("ratings").legend(ROWS)
    assert [entry["name"] for entry in legend["entries"]] == ["1", "2", "3", "4", "5"]
    assert legend["kind"] == "numbers"
    lightness = [int(color[1:3], 16) + int(color[3:5], 16) for color in legend["palettes"]["light"][1:]]
    assert lightness == sorted(lightness, reverse=True)
    assert shown(ratings=(4, None)) == [row for row in range(N) if row % 5 >= 3]
    assert shown(ratings=[1, 5.0]) == [row for row in range(N) if row % 5 in (0, 4)]
    assert shown(ratings=np.array([2])) == [row for row in range(N) if row % 5 == 1]
    assert shown(ratings=(np.int64(4), np.float64(4.5))) == [row for row in range(N) if row % 5 == 3]
    with pytest.raises(ValueError, match="has no value '7'; it has 1, 2, 3, 4, 5"):
        shown(ratings=7)
    with pytest.raises(ValueError, match=r"ratings=\(4, 2\): the lower end comes first"):
        shown(ratings=(4, 2))
    bars = channel("ratings").bars(ROWS)
    assert (bars["edges"], bars["counts"]) == ([0.5, 1.5, 2.5, 3.5, 4.5, 5.5], [10, 10, 10, 9, 9])
    assert list(extreme.topics_per("ratings").data[0].x) == ["1", "2", "3", "4", "5"]


def test_ratings_with_gaps_are_ordered_too() -> None:
    with_gaps = pa.chunked_array([pa.array([1.0, 2.0, 3.0, None, 5.0] * 10)])  # as pandas holds them
    found = column_channel("stars", with_gaps)
    assert found is not None
    assert (found.kind, found.names) == ("numbers", ["1", "2", "3", "5"])
    assert found.legend(np.arange(50))["entries"][-1] == {"name": "no value", "codes": [0, 0], "size": 10}


def test_years_are_a_sequence_in_filters_and_charts(extreme: Exploration, shown: Callable[..., list[int]]) -> None:
    assert channel("years").kind == "numbers"
    assert shown(years=(2010, 2012)) == [20, 21, 22]
    assert shown(years=[1990, 1992]) == [0, 2, 30, 32]
    assert list(extreme.map(chart="years").chart.figure.data[0].x) == list(range(1990, 2020))


# --- lists -----------------------------------------------------------------------------------------------------------


def test_lists_color_filter_and_count(extreme: Exploration, shown: Callable[..., list[int]]) -> None:
    atlas = extreme.map(panels=False, color="tags")
    sizes = {entry["name"]: entry["size"] for entry in atlas.legend["entries"]}
    assert sizes == {"a": 32, "b": 16, "no value": 16}  # a row with both counts for both
    assert channel("tags").codes[:3].tolist() == [0, 1, 1]  # the first of a row's values colors it
    assert shown(tags=["a"]) == shown(tags="a") == [row for row in range(N) if row % 3]
    assert shown(tags=["b", None]) == [row for row in range(N) if row % 3 != 1]
    assert extreme.query("tags:b").tolist() == [row for row in range(N) if row % 3 == 2]
    assert extreme.query("tags:none").tolist() == [row for row in range(N) if row % 3 == 0]
    counts = np.array(extreme.topics_per("tags", layer=0, n_topics=50).data[0].customdata)
    assert counts.sum(axis=0).tolist() == [32, 16]
    assert list(extreme.map(chart="tags").chart.figure.data[0].x) == [16, 32]
    with pytest.raises(ValueError, match="holds lists; filter it by a list of values"):
        shown(tags=(1, 2))


def test_a_row_is_colored_by_its_first_value_that_has_a_color() -> None:
    rows = [["rare", "b"]] + [[f"t{at}", "b"] for at in range(16) for _ in range(3)]
    found = column_channel("tags", pa.chunked_array([pa.array(rows)]))
    assert found is not None
    assert found.names[0] == "b"
    assert found.names[found.codes[0] - 1] == "b"
    assert found.names[found.codes[1] - 1] == "t0"


def test_tags_of_people_and_of_a_column_are_found_together(tmp_path: Path) -> None:
    table = {"text": ["one cat", "two dogs", "three birds", "four fish"], "tags": [["a"], [], ["a", "b"], None]}
    made = explore(pa.table(table), "text", folder=tmp_path / "x", model=HashEmbedder(), show_progress=False)
    made.tags.add([1], "a", color="#123456")
    made.tags.add([3], "mine")
    assert made.query("tags:a").tolist() == [0, 1, 2]
    assert made.query("-tags:a").tolist() == [3]
    assert made.query("tags:none").tolist() == []
    atlas = made.map(panels=False, color="tags")
    assert {entry["name"]: entry["size"] for entry in atlas.legend["entries"]} == {"a": 3, "mine": 1, "b": 1}
    assert atlas.legend["palettes"]["light"][1] == "#123456"
    made.undo()
    assert made.query("tags:none").tolist() == [3]


# --- no value --------------------------------------------------------------------------------------------------------


def test_rows_without_a_value_can_be_asked_for(extreme: Exploration, shown: Callable[..., list[int]]) -> None:
    missing = list(range(2, N, 3))
    assert shown(truth=None) == shown(truth=[None]) == extreme.query("truth:none").tolist() == missing
    assert shown(truth=[True, None]) == sorted([*range(0, N, 3), *missing])
    assert shown(truth=True) == list(range(0, N, 3))
    assert shown(infinite=None) == extreme.query("infinite:none").tolist() == list(range(3, N, 4))
    assert shown(infinite=(0, None)) == sorted([*range(0, N, 4), *range(2, N, 4)])
    assert shown(no_end=None) == extreme.query('"no end":none').tolist() == list(range(32, N))


def test_blank_is_no_class_of_its_own(tmp_path: Path) -> None:
    column = pa.chunked_array([pa.array(["", "A", " ", "A", None, "A"] * 4)])
    found = column_channel("blank", column)
    assert found is not None
    assert found.names == ["A"]
    assert found.legend(np.arange(24))["entries"] == [
        {"name": "A", "codes": [1, 1], "size": 12},
        {"name": "no value", "codes": [0, 0], "size": 12},
    ]


def test_a_category_that_is_called_none_is_not_that_of_no_value() -> None:
    from nomic_explore.view.data.filters import filter_mask

    found = column_channel("allergies", pa.chunked_array([pa.array(["none", "nuts", None] * 4)]))
    assert found is not None
    for wanted, rows in (("none", [0, 3]), (None, [2, 5])):
        mask = filter_mask({"allergies": found}, [{"column": "allergies", "values": [wanted]}])
        assert np.flatnonzero(mask)[:2].tolist() == rows


# --- dates and numbers written as text -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Exploration:
    table: dict[str, Any] = {"text": [f"text {at} on {at % 7}" for at in range(24)]}
    table["dmy"] = [f"{at + 1:02d}.03.2023" for at in range(24)]
    table["few days"] = [f"{at % 3 + 1:02d}.03.2023" for at in range(24)]
    table["tweeted"] = [f"Wed Oct 10 20:19:{at:02d} +0000 2018" for at in range(24)]
    table["number"] = [f"{at},5" for at in range(24)]
    table["few numbers"] = [f"{at % 3 + 9}" for at in range(24)]
    table["epoch"] = [1_500_000_000 + 86_400 * at for at in range(24)]
    table["note"] = [f"some words {at} here" for at in range(24)]
    folder = tmp_path_factory.mktemp("written") / "x"
    return explore(pa.table(table), "text", folder=folder, model=HashEmbedder(), show_progress=False)


@pytest.mark.parametrize(
    ("column", "kind"), [("dmy", "date"), ("tweeted", "date"), ("number", "number"), ("few days", "date")]
)
def test_text_that_looks_like_dates_or_numbers_names_the_way_out(written: Exploration, column: str, kind: str) -> None:
    words = re.escape(
        f"Column '{column}' holds {kind}s written as text; read the table with dtype={{'{column}': '{kind}'}}"
    )
    with pytest.raises(ValueError, match=words):
        written.topics_over_time(column)
    with pytest.raises(ValueError, match=words):
        written.map(panels=False).filter(**{column: ("2023-01-01", None) if kind == "date" else (1, 2)})
    if column == "few days":
        with pytest.raises(ValueError, match="size='few days' holds dates written as text"):
            written.map(size=column)
    else:
        with pytest.raises(ValueError, match=words):
            written.map(color=column)
    if kind == "date":
        with pytest.raises(ValueError, match=words):
            written.query(f'"{column}":>2020-01-01')


def test_unix_seconds_and_free_text_are_called_what_they_are(written: Exploration) -> None:
    with pytest.raises(ValueError, match="If they are Unix seconds, read the table with dtype={'epoch': 'date'}"):
        written.topics_over_time("epoch")
    with pytest.raises(ValueError, match="Column 'note' holds free text; choose one of topic"):
        written.map(color="note")
    with pytest.raises(ValueError, match="Column 'few numbers' holds numbers written as text"):
        written.map(panels=False).filter(**{"few numbers": (9, None)})
    with pytest.raises(ValueError, match="become dates with dtype={'column': 'date'}"):
        explore_without_dates(written).topics_over_time()


def explore_without_dates(whole: Exploration) -> Exploration:
    kept = whole._state.documents.table.select(["text", "note"])
    other = type(whole).open(whole.folder)
    other._state.__dict__["documents"] = other._state.documents._replace(table=kept)
    return other


# --- dates in filters ------------------------------------------------------------------------------------------------


def test_dates_are_asked_for_in_every_usual_form(shown: Callable[..., list[int]]) -> None:
    known = [row for row in range(N) if row % 5]
    assert shown(mixed_ends=("2020-01-03", "2020-01-05")) == [2, 3, 4]
    assert shown(mixed_ends="2020-01-03") == [2]
    assert shown(mixed_ends=dt.date(2020, 1, 3)) == [2]
    assert shown(mixed_ends=(dt.datetime(2020, 1, 3), np.datetime64("2020-01-05"))) == [2, 3, 4]
    assert shown(mixed_ends=("2020-02", "2020-02")) == [row for row in known if row > 30]
    assert shown(mixed_ends=(2019, 2020)) == shown(mixed_ends=2020) == shown(mixed_ends="2020") == known
    assert shown(mixed_ends=(2021, None)) == [row for row in range(N) if row % 5 == 0]
    assert shown(zoned=dt.datetime(1970, 1, 1, 5, 30)) == [0]
    assert shown(zoned=(None, dt.datetime(1970, 1, 1, 1, tzinfo=dt.UTC))) == [0, 1]
    for wrong in ("01.02.2020", "soon", ["2020-01-01", "2020-01-02"], [1.5, 2.5]):
        with pytest.raises(ValueError, match="holds dates"):
            shown(mixed_ends=wrong)


@pytest.mark.parametrize("wrong", [{"a": 1}, slice(1, 2), b"x"])
def test_a_filter_of_another_form_is_refused(shown: Callable[..., list[int]], wrong: object) -> None:
    with pytest.raises(ValueError, match="expected a value, a list of values, a .low, high. tuple"):
        shown(ratings=wrong)


# --- arguments that could be ignored ---------------------------------------------------------------------------------


def test_arguments_that_could_be_ignored_have_an_effect_or_an_error(extreme: Exploration, tmp_path: Path) -> None:
    answers = extreme.map(panels=False, hover="ratings").answers
    assert answers.answer("describe", {"point": 0})["fields"][0][0] == "ratings"
    with pytest.raises(ValueError, match="size='tags' holds lists; only numbers and dates can be sizes"):
        extreme.map(size="tags")
    with pytest.raises(ValueError, match="hover='rating': there is no such column; there are text"):
        extreme.map(hover="rating")
    with pytest.raises(ValueError, match="theme='dusk'; expected one of 'auto', 'light', 'dark'"):
        extreme.map(theme="dusk")
    with pytest.raises(ValueError, match="height=0; expected a whole number"):
        extreme.map(height=0)
    with pytest.raises(ValueError, match="text_columns='txt': there is no such column"):
        extreme.save_html(tmp_path / "map.html", text_columns="txt")
    assert "cats number 3" not in make_page(extreme, "years")[0]
    for name in ("map.htm.zip", "map", "map.png"):
        with pytest.raises(ValueError, match="expected .html or .htm"):
            extreme.save_html(tmp_path / name)
    with pytest.raises(TypeError, match="colour"):
        extreme.map(colour="ratings")
    with pytest.raises(ValueError, match="theme='dusk'; expected one of"):
        compare(extreme, extreme, theme="dusk")
    with pytest.raises(traitlets.TraitError, match="theme"):
        extreme.map(panels=False).theme = "dusk"
