"""What the topic panel asks and is answered, and that maps follow when topics are edited."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nomic_explore import Exploration, explore, open_exploration
from nomic_explore.view.data.bitmask import unpack_mask
from nomic_explore.view.data.channels import category_channel, number_channel
from nomic_explore.view.data.map_data import make_map_data
from nomic_explore.view.data.time_bins import find_time, time_bins
from nomic_explore.view.data.topic_labels import label_facts, layer_names, topic_marks
from nomic_explore.view.export.page_data import PageData
from nomic_explore.view.export.page_topics import make_topic_blocks
from nomic_explore.view.requests import topics as topic_requests
from nomic_explore.view.requests.context import MapContext
from nomic_explore.view.requests.topic_cards import make_card
from nomic_explore.view.widget.atlas_map import AtlasMap

SUBJECTS = {
    "garden": ("roses", "tulips", "compost", "hedges", "lawns", "seeds", "soil", "weeds", "bulbs", "ferns"),
    "kitchen": ("soup", "bread", "onions", "ovens", "butter", "spices", "pastry", "salads", "stews", "rice"),
    "railway": (
        "trains",
        "tracks",
        "signals",
        "tickets",
        "stations",
        "engines",
        "wagons",
        "tunnels",
        "guards",
        "fares",
    ),
}
VERBS = ("Grandmother talks about", "A book explains", "Nobody forgets", "The village needs")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Exploration:
    """120 sentences of three subjects; railways are from after 2010, and only one in five of the others."""
    import pandas as pd

    rows = [
        {"text": f"{verb} {word} of the {subject}.", "subject": subject, "year": 2011 + at if is_late else 2000 + at}
        for subject, words in SUBJECTS.items()
        for at, word in enumerate(words)
        for verb in VERBS
        for is_late in [subject == "railway" or at % 5 == 0]
    ]
    table = pd.DataFrame([*rows, {"text": "", "subject": None, "year": None}])
    table["topic_assignment"] = "mine"
    folder = tmp_path_factory.mktemp("made") / "made"
    return explore(table, "text", folder=folder, name="made", n_topics=6, show_progress=False)


@pytest.fixture
def copied(made: Exploration, tmp_path: Path) -> Exploration:
    """The same, to be changed."""
    shutil.copytree(made.folder, tmp_path / "made")
    return open_exploration(tmp_path / "made")


def ask(atlas: AtlasMap, question: str, **wanted: Any) -> dict[str, Any]:
    """What the widget sends back to the browser, without bulk."""
    sent: list[dict[str, Any]] = []
    atlas.send = lambda message, _=None: sent.append(message)  # type: ignore[method-assign]
    atlas._hear(atlas, {"type": "ask", "id": "7", "question": question, "with": wanted}, [])
    return sent[0]


def two_topics(exploration: Exploration) -> tuple[int, int]:
    """The numbers of the largest and the second largest topic of the finest layer."""
    sizes = np.bincount(exploration.topics.layers[-1] + 1)[1:]
    largest = np.argsort(-sizes, kind="stable")
    return int(largest[0]), int(largest[1])


def passes(atlas: AtlasMap) -> list[int]:
    """The rows that no filter greys out."""
    return sorted(atlas.data.rows[~unpack_mask(atlas.filtered, len(atlas.data.rows))].tolist())


# --- cards and comparisons -------------------------------------------------------------------------------------------


def test_a_card_says_what_its_topic_holds(made: Exploration) -> None:
    atlas, topics = made.map(panels=False), made.topics.current
    for layer in range(len(topics.layers)):
        for topic, name in enumerate(topics.names[layer]):
            card = ask(atlas, "topic_card", layer=layer, topic=topic)["value"]
            members = topics.layers[layer] == topic
            assert (card["name"], card["size"]) == (name, members.sum())
            assert card["keywords"] == topics.keywords[layer][topic]
            assert len(card["weights"]) == len(card["keywords"])
            assert [one["row"] for one in card["exemplars"]] == topics.exemplars[layer][topic]
            assert [atlas.data.rows[one["point"]] for one in card["exemplars"]] == topics.exemplars[layer][topic]
            assert card["core"] + card["soft"] == pytest.approx(1)
            assert card["confidence"] is None
            parent = card["parent"] and card["parent"]["topic"]
            assert parent == (int(topics.parents[layer][topic]) if layer else None)
            assert json.loads(json.dumps(card)) == card


def test_the_bars_of_a_card_count_its_documents_by_year(made: Exploration) -> None:
    years = np.array([year or 0 for year in made.corpus.table["year"].to_pylist()])
    time = ask(made.map(panels=False), "topic_card", layer=0, topic=0)["value"]["time"]
    members = made.topics.layers[0] == 0
    assert (time["column"], time["unit"]) == ("year", "year")
    assert time["names"] == [str(year) for year in range(2001, 2021)]
    assert time["counts"] == [int((members & (years == int(name))).sum()) for name in time["names"]]
    assert time["totals"] == [int((years == int(name)).sum()) for name in time["names"]]


def test_a_card_is_made_once_until_topics_are_edited(copied: Exploration, monkeypatch: pytest.MonkeyPatch) -> None:
    atlas = copied.map(panels=False)
    asked: list[int] = []
    monkeypatch.setattr(topic_requests, "make_card", lambda *place: asked.append(1) or make_card(*place))
    for _ in range(3):
        assert ask(atlas, "topic_card", layer=0, topic=0)["value"]["locked"] is False
    assert len(asked) == 1
    copied.topics.rename(0, 0, "Mine")
    copied.topics.lock(0, 0)
    card = ask(atlas, "topic_card", layer=0, topic=0)["value"]
    assert (card["name"], card["locked"], len(asked)) == ("Mine", True, 2)


def test_two_topics_are_told_apart_by_their_keywords_and_columns(made: Exploration) -> None:
    topics, subjects = made.topics.current, np.array(made.corpus.table["subject"].to_pylist())
    finest = len(topics.layers) - 1
    railway, garden = (
        int(np.bincount(topics.layers[-1][subjects == subject]).argmax()) for subject in ("railway", "garden")
    )
    told = ask(made.map(panels=False), "compare_topics", a=[finest, railway], b=[finest, garden])["value"]
    a, b = told["sides"]
    assert [a["name"], b["name"]] == [topics.names[-1][railway], topics.names[-1][garden]]
    for side, topic in ((a, railway), (b, garden)):
        own = topics.keywords[-1][topic]
        assert [word for word in own if word in side["only"] + told["shared"]] == own
    assert ("subject", "railway") in [(lift["column"], lift["value"]) for lift in a["lift"]]
    assert all(lift["share"] > lift["other"] for side in (a, b) for lift in side["lift"])
    means = [made.vectors[topics.layers[-1] == topic].mean(axis=0) for topic in (railway, garden)]
    cosine = means[0] @ means[1] / np.linalg.norm(means[0]) / np.linalg.norm(means[1])
    assert told["similarity"] == pytest.approx(cosine, abs=1e-3)
    assert told["common"] == 0


def test_a_topic_inside_another_is_compared_with_the_rest_of_it(made: Exploration) -> None:
    topics = made.topics.current
    finest = len(topics.layers) - 1
    child = next(topic for topic, parent in enumerate(topics.parents[-1]) if (topics.parents[-1] == parent).sum() > 1)
    parent = int(topics.parents[-1][child])
    told = ask(made.map(panels=False), "compare_topics", a=[finest - 1, parent], b=[finest, child])["value"]
    assert told["common"] == told["sides"][1]["size"] < told["sides"][0]["size"]


@pytest.mark.parametrize(
    ("question", "wanted", "error"),
    [
        ("topic_card", {"layer": 0, "topic": 99}, "topic=99; expected 0 to"),
        ("topic_card", {"layer": 9, "topic": 0}, "layer=9; expected 0 to"),
        ("compare_topics", {"a": [0, 0], "b": [0, 0]}, "are the same topic; expected two"),
        ("merge_topics", {"layer": 0, "topics": [0]}, "expected two or more"),
        ("split_topic", {"layer": 0, "topic": 0, "by": "selection"}, "rows are empty"),
        ("move_rows", {"layer": 0, "topic": 0}, "rows are empty"),
    ],
)
def test_what_cannot_be_answered_says_why(made: Exploration, question: str, wanted: dict[str, Any], error: str) -> None:
    made.select([])
    assert error in ask(made.map(panels=False), question, **wanted)["error"]


# --- the map follows edits -------------------------------------------------------------------------------------------


def test_points_tell_how_they_were_given_to_topics(made: Exploration) -> None:
    channels, topics = make_map_data(made).channels, made.topics.current
    assignment = channels["topic_assignment"]
    assert [["none", *assignment.names][code] for code in assignment.codes] == topics.assignment.tolist()
    strength = channels["topic_strength"].values
    has_topic = topics.assignment != "none"
    assert np.abs(strength[has_topic] - topics.strength[has_topic]).max() <= 0.005
    assert np.isnan(strength[~has_topic]).all()
    assert channels["topic_assignment_input"].names == ["mine"]
    shares = ask(made.map(panels=False), "topic_shares")["value"]
    assert shares["core"] == (topics.assignment == "core").sum()
    assert shares["none"] == 0  # the row without text has no point


def test_the_tree_knows_keywords_confidence_and_locks(copied: Exploration) -> None:
    atlas, topics = copied.map(panels=False), copied.topics.current
    assert all(label["keywords"] == topics.keywords[label["layer"]][label["topic"]] for label in atlas.labels)
    assert not any(label["locked"] for label in atlas.labels)
    ask(atlas, "lock_topic", layer=0, topic=0)
    assert [(label["layer"], label["topic"]) for label in atlas.labels if label["locked"]] == [(0, 0)]
    assert "is locked" in ask(atlas, "rename_topic", layer=0, topic=0, name="x")["error"]
    ask(atlas, "unlock_topic", layer=0, topic=0)
    assert not any(label["locked"] for label in atlas.labels)


def test_confidence_that_was_not_measured_is_none(made: Exploration) -> None:
    from dataclasses import replace

    measured = replace(made.topics.current, confidence=tuple(np.full(len(one), 0.25) for one in made.topics.names))
    assert label_facts(made.topics.current, [], 0, 0)["confidence"] is None
    assert label_facts(measured, [], 0, 0)["confidence"] == 0.25


def check_follows(atlas: AtlasMap, exploration: Exploration) -> None:
    """What is on the map is what a new map would have."""
    fresh = make_map_data(exploration)
    assert atlas.labels == fresh.labels
    assert [one["name"] for one in atlas.columns] == list(fresh.channels)
    channel = fresh.channels[atlas.color_by]
    assert np.frombuffer(atlas.colors, np.uint8).tolist() == channel.codes[fresh.rows].tolist()
    assert atlas.legend == channel.legend(fresh.rows)
    for name in layer_names(exploration.topics.current).values():
        assert atlas.data.channels[name].palettes == fresh.channels[name].palettes


@pytest.mark.parametrize("coarse", [False, True])
def test_merging_changes_names_colours_and_columns_at_once_and_undo_brings_them_back(
    copied: Exploration, coarse: bool
) -> None:
    atlas, other = copied.map(panels=False), copied.map(panels=False)
    if coarse:
        atlas.color_by = layer_names(copied.topics.current)[0]
    before, n = (atlas.labels, atlas.colors, atlas.color_by), len(copied.topics.names[-1])
    finest = len(copied.topics.layers) - 1
    told = ask(atlas, "merge_topics", layer=finest, topics=list(two_topics(copied)))
    assert told["value"]["note"].startswith("2 topics merged")
    assert len(copied.topics.names[-1]) == n - 1
    for shown in (atlas, other):
        check_follows(shown, copied)
    ask(atlas, "undo")
    check_follows(atlas, copied)
    assert (atlas.labels, atlas.colors, atlas.color_by) == before


def test_splitting_locking_and_moving_reach_the_exploration(copied: Exploration) -> None:
    atlas = copied.map(panels=False)
    finest, (largest, second) = len(copied.topics.layers) - 1, two_topics(copied)
    n = len(copied.topics.names[-1])
    ask(atlas, "split_topic", layer=finest, topic=largest)
    assert len(copied.topics.names[-1]) == n + 1
    check_follows(atlas, copied)
    copied.undo()
    members = np.flatnonzero(copied.topics.layers[-1] == largest)
    outside = np.flatnonzero(copied.topics.layers[-1] == second)
    atlas.select([*members[:3], outside[0]])
    ask(atlas, "split_topic", layer=finest, topic=largest, by="selection")
    assert len(set(copied.topics.layers[-1][members[:3]])) == 1
    assert (copied.topics.layers[-1] == copied.topics.layers[-1][members[0]]).sum() == 3
    check_follows(atlas, copied)
    copied.undo()
    ask(atlas, "move_rows", layer=finest, topic=second)
    assert set(copied.topics.layers[-1][members[:3]]) == {second}
    check_follows(atlas, copied)


def test_a_filter_of_a_topic_goes_with_its_documents(copied: Exploration) -> None:
    atlas = copied.map(panels=False)
    column = next(
        name for layer, name in layer_names(copied.topics.current).items() if layer == len(copied.topics.layers) - 1
    )
    largest, second = two_topics(copied)
    names = copied.topics.names[-1]
    rows = np.flatnonzero(copied.topics.layers[-1] == largest).tolist()
    atlas.filter(**{column: names[largest], "topic_assignment": ["core", "soft"]})
    assert passes(atlas) == rows
    copied.topics.rename(len(copied.topics.layers) - 1, largest, "Mine")
    assert atlas.filters[0]["values"] == ["Mine"]
    assert passes(atlas) == rows
    copied.topics.merge(-1, [largest, second])
    assert passes(atlas) == np.flatnonzero(copied.topics.layers[-1] == copied.topics.layers[-1][rows[0]]).tolist()
    assert atlas.filters[1] == {"column": "topic_assignment", "values": ["core", "soft"]}
    copied.undo()
    copied.undo()
    assert set(rows) <= set(passes(atlas))


def test_the_chart_below_counts_the_edited_topics(copied: Exploration) -> None:
    explorer = copied.map(chart="topic")
    before = sum(explorer.chart.figure.data[0].x)
    copied.topics.merge(-1, list(two_topics(copied)))
    assert explorer.chart.column.value == "topic"
    assert set(explorer.chart.column.options) == {one["name"] for one in explorer.atlas.columns}
    names = explorer.atlas.data.channels["topic"].names
    assert list(explorer.chart.figure.data[0].y) == names[::-1]
    assert sum(explorer.chart.figure.data[0].x) == before


def test_layers_of_equal_size_have_columns_of_their_own(made: Exploration) -> None:
    from dataclasses import replace

    topics = made.topics.current
    twice = replace(
        topics, **{name: (*getattr(topics, name)[:1] * 2, *getattr(topics, name)) for name in ("layers", "names")}
    )
    named = layer_names(twice)
    assert len(set(named.values())) == len(named) == len(topics.layers) + 2
    data = make_map_data(made)
    assert next(iter(topic_marks(made, data.rows, data.positions)[0])) == "topic"


def test_a_page_holds_the_cards_of_the_notebook(made: Exploration) -> None:
    data, atlas = make_map_data(made), made.map(panels=False)
    blocks = PageData(made, data, None).blocks(n_neighbors=0, text_length=None)
    stored = json.loads(blocks["cards"])
    for layer, cards in enumerate(stored["cards"]):
        for topic, card in enumerate(cards):
            shown = ask(atlas, "topic_card", layer=layer, topic=topic)["value"]
            assert data.rows[card["exemplars"]].tolist() == [one["row"] for one in shown["exemplars"]]
            assert (card["size"], card["counts"]) == (shown["size"], shown["time"]["counts"])
            assert [card[name] for name in ("contrast", "dates", "description")] == [
                shown[name] for name in ("contrast", "dates", "description")
            ]
            for name in ("share", "core", "soft", "weights"):
                assert card[name] == pytest.approx(shown[name], rel=0.01)
            assert [one["topic"] for one in card["neighbors"]] == [one["topic"] for one in shown["neighbors"]]
            assert [(one["column"], one["value"]) for one in card["lift"]] == [
                (one["column"], one["value"]) for one in shown["lift"]
            ]
    time = ask(atlas, "topic_card", layer=0, topic=0)["value"]["time"]
    assert stored["time"] == {name: time[name] for name in ("column", "unit", "names", "totals")}
    assert stored["shares"] == ask(atlas, "topic_shares")["value"]


def test_a_page_holds_how_alike_any_two_topics_are(made: Exploration) -> None:
    atlas, sizes = made.map(panels=False), [len(names) for names in made.topics.names]
    places = [[layer, topic] for layer, size in enumerate(sizes) for topic in range(size)]
    alike = np.frombuffer(make_topic_blocks(MapContext(made, make_map_data(made)))["alike"], dtype=np.int8)
    pairs = [(a, b) for at, a in enumerate(places) for b in places[at + 1 :]]
    asked = [ask(atlas, "compare_topics", a=a, b=b)["value"]["similarity"] for a, b in pairs]
    assert alike / 100 == pytest.approx(asked, abs=0.006)


# --- time ------------------------------------------------------------------------------------------------------------


def bins_of(days: list[str]) -> tuple[str, list[str], list[int]]:
    """Unit, names and places of the bins of dates; "" is none."""
    moments = np.array(days, dtype="datetime64[ms]") if "" not in days else None
    if moments is None:
        moments = np.array([day or "NaT" for day in days], dtype="datetime64[ms]")
    values = np.where(np.isnat(moments), np.nan, moments.astype(np.int64).astype(float))
    bins = time_bins(number_channel("day", values, kind="dates"))
    assert bins is not None
    return bins.unit, bins.names, bins.places.tolist()


def test_dates_are_counted_by_days_months_or_years_as_they_fit() -> None:
    assert bins_of(["2020-02-28", "2020-03-01", ""]) == (
        "day",
        ["2020-02-28", "2020-02-29", "2020-03-01"],
        [0, 2, -1],
    )
    unit, names, places = bins_of(["2019-11-30", "2020-03-01"])
    assert (unit, names, places) == ("month", ["2019-11", "2019-12", "2020-01", "2020-02", "2020-03"], [0, 4])
    assert bins_of(["1965-01-01", "1971-12-31"]) == ("year", [str(year) for year in range(1965, 1972)], [0, 6])
    unit, names, places = bins_of(["1895-01-01", "2021-12-31"])
    assert (unit, names[0], names[-1], places) == ("year", "1895–1899", "2020–2024", [0, 25])


def test_years_are_known_by_their_name_or_their_values() -> None:
    def years(name: str, *values: float) -> bool:
        return time_bins(number_channel(name, np.array(values))) is not None

    assert years("year", 1066.0, 1492.0)
    assert years("published", 1990.0, 2020.0, np.nan)
    assert not years("words", 1066.0, 1492.0)
    assert not years("year", 2000.5)
    assert not years("year", 2000.0, 20000.0)
    named = category_channel("published", np.array([0, 2, 1]), ["1999", "2001"])
    assert time_bins(named).places.tolist() == [-1, 2, 0]
    channels = {"words": number_channel("words", np.array([7.0])), "published": named}
    assert find_time(channels, ["text", *channels]) == "published"
    assert find_time(channels, ["words"]) is None
