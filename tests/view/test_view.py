import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import traitlets

from nomic_explore import Exploration, explore, open_exploration
from nomic_explore.testing import HashEmbedder
from nomic_explore.view.data.bitmask import pack_mask, unpack_mask
from nomic_explore.view.data.map_data import make_map_data, make_points
from nomic_explore.view.widget.atlas_map import AtlasMap
from nomic_explore.view.widget.explorer import Explorer

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def table() -> dict[str, list[Any]]:
    return {
        "text": ["a cat sat", "a dog ran", "a bird flew", "cats and dogs", "", "the cat slept"],
        "kind": ["pet", "pet", "wild", "pet", "wild", None],
        "year": [2001, 2005, 2005, 2010, 2011, 2020],
        "day": ["2020-01-05", "2020-02-01", "2021-03-04", "2021-03-05", None, "2022-12-31"],
        "weight": [0.5, 1.5, 2.5, None, 4.5, 100.0],
    }


@pytest.fixture
def small(table: dict[str, list[Any]], tmp_path: Path) -> Exploration:
    import pandas as pd

    return explore(
        pd.DataFrame(table), "text", folder=tmp_path / "x", name="animals", model=HashEmbedder(), show_progress=False
    )


@pytest.fixture
def copied(lesson: Exploration, tmp_path: Path) -> Exploration:
    """The lesson, to be changed."""
    shutil.copytree(lesson.folder, tmp_path / "lesson")
    return open_exploration(tmp_path / "lesson")


def ask(atlas: AtlasMap, question: str, **wanted: Any) -> dict[str, Any]:
    """What the widget sends back to the browser."""
    sent: list[tuple[dict[str, Any], Any]] = []
    atlas.send = lambda message, buffers=None: sent.append((message, buffers))  # type: ignore[method-assign]
    atlas._hear(atlas, {"type": "ask", "id": "7", "question": question, "with": wanted}, [])
    (message, buffers) = sent[0]
    assert message["id"] == "7"
    for name, part in zip(message.get("bulk", []), buffers, strict=True):
        message["value"][name] = part
    return message


def test_points_are_the_rows_that_have_a_place(small: Exploration) -> None:
    data = make_map_data(small)
    assert sorted(data.rows.tolist()) == [0, 1, 2, 3, 5]
    assert np.abs(data.positions).max() <= 1.0
    assert len(data.colors) == 5


def test_points_lie_where_their_rows_lie(lesson: Exploration) -> None:
    data = make_map_data(lesson)
    placed = lesson.positions[data.rows]
    for axis in (0, 1):
        assert np.corrcoef(placed[:, axis], data.positions[:, axis])[0, 1] > 0.9999


def test_every_topic_is_labelled_inside_its_own_points(lesson: Exploration) -> None:
    data = make_map_data(lesson)
    assert len(data.labels) == sum(map(len, lesson.topics.names))
    for label in data.labels:
        members = lesson.topics.layers[label["layer"]][data.rows] == label["topic"]
        nearest = np.abs(data.positions[members] - [label["x"], label["y"]]).sum(axis=1).min()
        assert nearest < 1e-6


def test_the_palettes_hold_a_colour_for_each_point(lesson: Exploration) -> None:
    for channel in make_map_data(lesson).channels.values():
        assert set(channel.palettes) == {"light", "dark"}
        for palette in channel.palettes.values():
            assert channel.codes.max() < len(palette)
            assert all(re.fullmatch("#[0-9a-f]{6}", color) for color in palette)


def test_masks_are_bits_with_the_first_point_lowest() -> None:
    mask = np.array([True, False, False, False, False, False, False, False, True])
    assert pack_mask(mask) == b"\x01\x01"
    assert unpack_mask(b"\x01\x01", 9).tolist() == mask.tolist()
    assert pack_mask(np.zeros(9, bool)) == b""


def test_what_the_screen_selects_arrives_in_the_exploration(lesson: Exploration) -> None:
    atlas = lesson.map(panels=False)
    told: list[list[int]] = []
    atlas.on_select(lambda rows: told.append(rows.tolist()))
    atlas.selected = pack_mask(np.isin(np.arange(len(atlas.data.rows)), [1, 3]))
    rows = sorted(atlas.data.rows[[1, 3]].tolist())
    assert lesson.selected.index.tolist() == rows
    assert told == [rows]
    atlas.selected = b""
    assert lesson.selected.empty
    assert told[-1] == []


@pytest.mark.parametrize("what", [[5, 2], np.arange(6) % 3 == 2, "kind:pet -year:2001", "cat"], ids=str)
def test_rows_masks_and_queries_select(small: Exploration, what: Any) -> None:
    rows = {"[5, 2]": [2, 5], "kind:pet -year:2001": [1, 3], "cat": [0, 3, 5]}.get(str(what), [2, 5])
    assert small.map(panels=False).select(what).tolist() == rows
    assert small.selected.index.tolist() == rows


def test_rows_of_a_frame_select_and_rows_that_are_not_there_are_refused(small: Exploration) -> None:
    atlas = small.map(panels=False)
    assert atlas.select(small.to_pandas().query("year > 2004")).tolist() == [1, 2, 3, 5]
    for wrong in ([6], [-1], np.zeros(5, bool)):
        with pytest.raises(IndexError, match="expected"):
            atlas.select(wrong)
    assert len(small.selected) == 4


def test_a_column_colours_and_sizes_the_points(small: Exploration) -> None:
    atlas = small.map(panels=False, color="kind", size="year")
    codes = np.frombuffer(atlas.colors, np.uint8)
    kinds = [atlas.legend["entries"][code - 1]["name"] if code else None for code in codes]
    assert kinds == [small.corpus.table["kind"][row].as_py() for row in atlas.data.rows]
    sizes = np.frombuffer(atlas.sizes, np.uint8)
    years = small.to_pandas()["year"].to_numpy()[atlas.data.rows]
    assert (np.argsort(sizes, kind="stable") == np.argsort(years, kind="stable")).all()
    before = atlas.positions
    atlas.color_by = "weight"
    assert atlas.legend["kind"] == "numbers"
    assert (atlas.legend["low"], atlas.legend["high"], atlas.legend["missing"]) == (0.5, 100.0, 1)
    assert atlas.positions is before
    with pytest.raises(traitlets.TraitError, match="color_by='text'; expected one of"):
        atlas.color_by = "text"
    with pytest.raises(ValueError, match="'nothing' cannot be shown; choose one of topic"):
        small.map(color="nothing")


def test_filters_grey_points_and_remove_none(small: Exploration) -> None:
    atlas = small.map(panels=False)

    def shown() -> list[int]:
        grey = unpack_mask(atlas.filtered, len(atlas.data.rows))
        return sorted(atlas.data.rows[~grey].tolist())

    atlas.filter(year=(2005, 2010))
    assert shown() == [1, 2, 3]
    atlas.filter(year=(2005, 2010), kind="pet")
    assert shown() == [1, 3]
    atlas.filter(day=("2021-01-01", None))
    assert shown() == [2, 3, 5]
    atlas.filter(kind=["none"])
    assert shown() == [5]
    atlas.filter()
    assert atlas.filtered == b""
    for wrong, message in (
        ({"nothing": 1}, "no column 'nothing'"),
        ({"kind": "fish"}, "has no value 'fish'; it has pet, wild"),
        ({"kind": (1, 2)}, "holds categories"),
        ({"weight": "heavy"}, "holds numbers, and 'heavy' is none; filter it by numbers, or by a range"),
    ):
        with pytest.raises(ValueError, match=message):
            atlas.filter(**wrong)
    assert atlas.filters == []


def test_a_document_is_read_with_its_topics_neighbors_and_columns(lesson: Exploration) -> None:
    atlas = lesson.map(panels=False)
    row = int(atlas.data.rows[4])
    told = ask(atlas, "read", point=4)["value"]
    assert told["row"] == row
    assert told["text"] == lesson.corpus.texts[row]
    assert [step["name"] for step in told["path"]] == [
        names[layer[row]]
        for layer, names in zip(lesson.topics.layers, lesson.topics.names, strict=True)
        if layer[row] >= 0
    ]
    near = lesson.neighbors(row, n=10)
    assert [one["row"] for one in told["neighbors"]] == near["row"].tolist()
    assert np.allclose([one["similarity"] for one in told["neighbors"]], near["similarity"], atol=1e-4)
    assert atlas.data.rows[told["neighbors"][0]["point"]] == near["row"][0]


def test_hover_shows_the_chosen_columns(small: Exploration) -> None:
    atlas = small.map(panels=False, hover=["kind", "year"])
    point = int(np.flatnonzero(atlas.data.rows == 2)[0])
    assert ask(atlas, "describe", point=point)["value"]["fields"] == [["kind", "wild"], ["year", "2005"]]
    with pytest.raises(ValueError, match="there is no such column"):
        small.map(hover=["nothing"])


def test_hits_of_a_search_are_points(lesson: Exploration) -> None:
    atlas = lesson.map(panels=False)
    hits = ask(atlas, "search", query="snow", by="words")["value"]["hits"]
    assert hits
    assert [atlas.data.rows[hit["point"]] for hit in hits] == lesson.search("snow", 200, mode="keyword")["row"].tolist()
    members = ask(atlas, "members", kind="topic", layer=0, topic=0)["value"]
    points = np.frombuffer(members["points"], np.uint32)
    assert set(atlas.data.rows[points]) == set(np.flatnonzero(lesson.topics.layers[0] == 0))


@pytest.mark.parametrize(
    ("question", "wanted", "error"),
    [
        ("read", {"point": 10**9}, "point 1000000000; expected 0 to"),
        ("read", {"point": "1"}, "expected 0 to"),
        ("search", {"query": " "}, "expected some words"),
        ("like", {}, "select some documents first"),
        ("__class__", {}, "cannot answer"),
        ("tag", {"name": ""}, "name"),
    ],
)
def test_a_question_that_cannot_be_answered_says_why(
    lesson: Exploration, question: str, wanted: dict[str, Any], error: str
) -> None:
    lesson.select([])
    assert error in ask(lesson.map(panels=False), question, **wanted)["error"]


def test_an_edit_on_the_screen_is_an_edit_of_the_exploration(copied: Exploration) -> None:
    atlas, other = copied.map(panels=False), copied.map(panels=False)
    atlas.select([2, 4])
    ask(atlas, "tag", name="spam", color="#123456")
    assert copied.tags.rows("spam").tolist() == [2, 4]
    for shown in (atlas, other):
        assert shown.annotations["tags"] == [{"name": "spam", "color": "#123456", "size": 2}]
    atlas.color_by = "tags"
    colors = np.frombuffer(atlas.colors, np.uint8)
    assert sorted(atlas.data.rows[colors == 1].tolist()) == [2, 4]
    ask(atlas, "rename_topic", layer=0, topic=0, name="Something else")
    assert atlas.labels[0]["text"] == copied.topics.names[0][0] == "Something else"
    assert ask(atlas, "undo")["value"]["note"].startswith("Undone: renamed")
    assert atlas.labels[0]["text"] != "Something else"
    ask(atlas, "pin", point=3)
    assert [line["point"] for line in other.annotations["pinned"]] == [3]
    ask(atlas, "edit_tag", name="spam", delete=True)
    assert atlas.color_by == "topic"


def test_a_closed_map_hears_of_no_more_edits(copied: Exploration) -> None:
    atlas = copied.map(panels=False)
    atlas.close()
    copied.tags.add([1], "spam")
    assert atlas.annotations["tags"] == []


def test_the_selection_leaves_as_a_file(copied: Exploration) -> None:
    import io

    import pandas as pd

    atlas = copied.map(panels=False)
    atlas.select([1, 3])
    for format, read in (("csv", pd.read_csv), ("parquet", pd.read_parquet)):
        answer = ask(atlas, "export", format=format)["value"]
        assert answer["name"].endswith(f".{format}")
        assert read(io.BytesIO(answer["file"]))["text"].tolist() == [copied.corpus.texts[row] for row in (1, 3)]


def test_the_explorer_is_the_map_with_a_chart(small: Exploration) -> None:
    explorer = small.map(chart="year")
    assert isinstance(explorer, Explorer)
    assert explorer.children[0] is explorer.atlas
    assert explorer.atlas.panels
    explorer.select("kind:pet")
    assert explorer.selected_rows.tolist() == [0, 1, 3]


def test_the_chart_and_the_map_brush_each_other(small: Exploration) -> None:
    explorer = small.map(chart="year")
    atlas, figure = explorer.atlas, explorer.chart.figure
    every, marked = figure.data
    assert sum(every.y) == len(atlas.data.rows) == sum(marked.y)
    explorer.select([1, 2])
    assert {int(x): int(y) for x, y in zip(marked.x, marked.y, strict=True) if y} == {2005: 2}
    explorer.select([])
    figure.layout.selections = [{"type": "rect", "x0": 2012.0, "x1": 2004.0, "y0": 0, "y1": 1}]
    assert atlas.filters == [{"column": "year", "low": 2004.0, "high": 2012.0}]
    figure.layout.selections = []
    assert atlas.filters == []
    explorer.chart.column.value = "kind"
    bars = explorer.chart.figure.data[0]
    explorer.chart._click(bars, type("Points", (), {"point_inds": [list(bars.y).index("wild")]}))
    assert atlas.filters == [{"column": "kind", "values": ["wild"]}]


def test_any_layout_is_drawn_without_an_exploration() -> None:
    positions = np.array([[0, 0], [10, 0], [np.nan, 1], [5, 4]], dtype=np.float32)
    atlas = AtlasMap(make_points(positions, np.array([0, 1, 1, -1])), describe=lambda row: (f"row {row}", "text"))
    assert sorted(atlas.data.rows.tolist()) == [0, 1, 3]
    assert atlas.select([0, 2]).tolist() == [0]
    assert ask(atlas, "describe", point=0)["value"]["title"] == f"row {atlas.data.rows[0]}"
    assert "points alone" in _message(lambda: atlas.select("a query"))


def test_positions_travel_in_eight_bytes_a_point_and_colours_in_one() -> None:
    atlas = AtlasMap(make_points(np.random.default_rng(0).normal(size=(1000, 2))))
    assert len(atlas.positions) == 8000
    assert len(atlas.colors) == 1000
    assert atlas.selected == atlas.filtered == atlas.sizes == b""


def _message(act: Any) -> str:
    with pytest.raises(ValueError) as caught:
        act()
    return str(caught.value)


def test_a_map_that_cannot_be_shown_says_what_it_is(lesson: Exploration) -> None:
    said = f"{lesson.name}: a map of {len(lesson.corpus.rows):,} documents, colored by topic"
    explorer = lesson.map()
    assert repr(explorer) == repr(explorer.atlas) == said
    bundle = explorer._repr_mimebundle_()
    assert bundle["text/plain"] == said
