"""What is gathered about a topic, on nine documents small enough to check by eye."""

import datetime
import json
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from nomic_explore.topics import TopicProfile, Topics
from nomic_explore.topics.profile import make_profile, make_profiles

TEXTS = ["red fox", "grey wolf", "brown bear", "oak tree", "ash tree", "elm tree", "loud brass", "soft strings", None]


def forest(**changes: Any) -> Topics:
    """Two topics, nature and music; animals and trees lie in nature, music holds itself; the last row has no text."""
    fields: dict[str, Any] = {
        "layers": (
            np.array([0, 0, 0, 0, 0, 0, 1, 1, -1], dtype=np.int32),
            np.array([0, 0, 0, 1, 1, 1, 2, 2, -1], dtype=np.int32),
        ),
        "names": (["Nature", "Music"], ["Animals", "Trees", "Sounds"]),
        "keywords": ([["wild"], ["sound"]], [["fox", "wild", "green"], ["tree", "Wild", "green"], ["sound"]]),
        "weights": ([[1.0], [1.0]], [[1.0, 0.75, 0.25], [1.0, 0.5, 0.5], [1.0]]),
        "parents": (np.array([-1, -1], dtype=np.int32), np.array([0, 0, 1], dtype=np.int32)),
        "exemplars": ([[0, 3], [6]], [[0, 2], [4], [6, -1, 8]]),
        "descriptions": (["", ""], ["", "", ""]),
        "confidence": (np.array([1.0, np.nan], dtype=np.float32), np.array([0.5, 1.0, np.nan], dtype=np.float32)),
        "assignment": np.array(["core", "core", "soft", *["core"] * 5, "none"]),
        "strength": np.ones(9, dtype=np.float32),
        "groups": np.arange(9, dtype=np.int32),
        "merges": np.zeros((8, 2), dtype=np.int32),
    }
    return Topics(**{**fields, **changes})


def vectors() -> np.ndarray:
    """Animals lie at 0, trees at 60 and sounds at 90 degrees."""
    angles = np.radians([0, 0, 0, 60, 60, 60, 90, 90, 0])
    return (np.stack([np.cos(angles), np.sin(angles)], axis=1) * (np.arange(9) < 8)[:, None]).astype(np.float32)


def gather(topic: int | str = 0, layer: int = 1, table: pa.Table | None = None, **changes: Any) -> TopicProfile:
    return make_profile(forest(**changes), layer, topic, TEXTS, vectors(), table)


def test_a_topic_is_told_by_its_size_keywords_and_exemplars() -> None:
    animals = gather("Animals")
    assert (animals.layer, animals.topic, animals.name, animals.size) == (1, 0, "Animals", 3)
    assert animals.share == pytest.approx(3 / 9)
    assert (animals.keywords, animals.weights) == (["fox", "wild", "green"], [1.0, 0.75, 0.25])
    assert (animals.exemplars, animals.rows) == (["red fox", "brown bear"], [0, 2])
    assert (animals.core, animals.soft) == (pytest.approx(2 / 3), pytest.approx(1 / 3))
    assert animals.confidence == 0.5


def test_a_topic_knows_its_parent_and_its_siblings() -> None:
    assert (gather(0).parent, gather(0).siblings) == ("Nature", ["Trees"])
    assert (gather(2).parent, gather(2).siblings) == ("Music", [])
    assert (gather(0, layer=0).parent, gather(0, layer=0).siblings) == ("", ["Music"])


def test_contrast_holds_what_the_siblings_have_less_whatever_the_case() -> None:
    assert gather(0).contrast == [("fox", 1.0), ("wild", 0.25)]
    assert gather(1).contrast == [("tree", 1.0), ("green", 0.25)]
    assert gather(2).contrast == []


def test_the_neighbors_of_a_topic_are_the_nearest_of_its_layer() -> None:
    trees = gather(1).neighbors
    assert [(neighbor.topic, neighbor.name) for neighbor in trees] == [(2, "Sounds"), (0, "Animals")]
    assert [neighbor.similarity for neighbor in trees] == pytest.approx([np.cos(np.pi / 6), 0.5], abs=1e-6)
    assert {neighbor.layer for neighbor in trees} == {1}


def test_a_topic_without_documents_has_no_neighbors_and_is_none() -> None:
    layers = (forest().layers[0], np.where(forest().layers[1] == 2, -1, forest().layers[1]))
    everywhere = make_profiles(forest(layers=layers), 1, TEXTS, vectors())
    assert [[neighbor.name for neighbor in one.neighbors] for one in everywhere] == [["Trees"], ["Animals"], []]
    assert (everywhere[2].size, everywhere[2].core) == (0, 0.0)


def test_long_exemplars_are_cut_and_those_without_text_left_out() -> None:
    texts = [*TEXTS[:6], "x" * 1000, *TEXTS[7:]]
    sounds = make_profile(forest(), 1, 2, texts, vectors())
    assert (sounds.rows, sounds.exemplars) == ([6], ["x" * 400])


def test_the_topics_of_a_layer_together_are_those_gathered_one_by_one() -> None:
    table = pa.table({"kind": ["a", "a", "a", *"bbbccc"], "day": [datetime.date(2020, 1, day) for day in range(1, 10)]})
    for layer, n_topics in ((0, 2), (1, 3), (-1, 3)):
        together = make_profiles(forest(), layer, TEXTS, vectors(), table)
        alone = [gather(topic, layer, table) for topic in range(n_topics)]
        assert [one.to_json() for one in together] == [one.to_json() for one in alone]


def test_the_json_holds_plain_values_and_no_nan() -> None:
    table = pa.table({"kind": [*"aaabbbccc"], "day": [datetime.date(2020, 1, day) for day in range(1, 10)]})
    plain = gather("Sounds", table=table).to_json()
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    assert plain["confidence"] is None
    assert plain["dates"] == {"day": ["2020-01-07", "2020-01-08"]}
    assert gather("Animals", table=table).to_json()["lift"][0]["value"] == "a"


def orchard(table: pa.Table, n_apples: int = 40) -> list[TopicProfile]:
    """The profile of two topics of 40 and 60 rows with that metadata."""
    n = table.num_rows
    labels = (np.arange(n) >= n_apples).astype(np.int32)
    topics = forest(
        layers=(labels,),
        names=(["Apples", "Pears"],),
        keywords=([["apple"], ["pear"]],),
        weights=([[1.0], [1.0]],),
        parents=(np.array([-1, -1]),),
        exemplars=([[0], [50]],),
        assignment=np.full(n, "core"),
        confidence=(np.full(2, np.nan),),
    )
    return make_profiles(topics, 0, ["text"] * n, np.eye(2, dtype=np.float32)[labels], table)


def test_lift_tells_the_share_inside_against_the_share_of_all() -> None:
    apples, pears = orchard(pa.table({"farm": ["north"] * 30 + ["south"] * 10 + ["north"] * 20 + ["south"] * 40}))
    (north,) = apples.lift
    assert (north.column, north.value) == ("farm", "north")
    assert (north.share, north.overall, north.lift) == pytest.approx((0.75, 0.5, 1.5))
    assert [(one.value, one.lift) for one in pears.lift] == [("south", pytest.approx(4 / 3))]


def test_values_that_chance_explains_or_that_fewer_than_three_documents_have_are_no_lift() -> None:
    even = pa.table({"coin": ["heads", "tails"] * 50})
    rare = pa.table({"mark": ["seen"] * 2 + ["not"] * 998})
    assert [one.lift for one in orchard(even)] == [[], []]
    assert orchard(rare, n_apples=2)[0].lift == []


def test_lifts_come_in_the_order_of_the_likelihood_ratio() -> None:
    random = np.random.default_rng(0)
    is_apple = np.arange(100) < 40
    columns = {f"c{at}": np.where(random.random(100) < at / 12, is_apple, random.random(100) < 0.4) for at in range(12)}
    apples = orchard(pa.table(columns))[0]

    def likelihood_ratio(has: np.ndarray) -> float:
        from scipy.stats import chi2_contingency

        counts = [
            [(has & is_apple).sum(), (~has & is_apple).sum()],
            [(has & ~is_apple).sum(), (~has & ~is_apple).sum()],
        ]
        return float(chi2_contingency(counts, correction=False, lambda_="log-likelihood").statistic)

    best = sorted(columns, key=lambda name: -likelihood_ratio(columns[name]))[:6]
    assert [lift.column for lift in apples.lift] == best


@pytest.mark.parametrize(
    ("column", "value"),
    [
        (pa.array([True] * 40 + [False] * 60), True),
        (pa.array([2019] * 40 + [2020] * 60), 2019),
        (pa.array(["a"] * 40 + ["b"] * 60, pa.large_string()), "a"),
        (pa.array(["a"] * 40 + ["b"] * 60).dictionary_encode(), "a"),
        (pa.chunked_array([["a"] * 20, ["a"] * 20 + ["b"] * 30, ["c"] * 30]), "a"),
        (pa.array(["a"] * 40 + [None] * 30 + ["b"] * 30), "a"),
        (pa.array([["a", "a", "x"]] * 40 + [["b", "x"]] * 30 + [None] * 15 + [[]] * 15), "a"),
    ],
    ids=["bool", "int", "large", "dictionary", "chunks", "nulls", "list"],
)
def test_every_kind_of_category_has_lift(column: Any, value: Any) -> None:
    lift = orchard(pa.table({"column": column}))[0].lift[0]
    assert (lift.value, lift.share, lift.overall) == (value, 1.0, 0.4)
    assert type(lift.value) is type(value)


@pytest.mark.parametrize(
    "column",
    [
        pa.array(np.repeat(np.arange(300), 10)),
        pa.array(np.repeat(np.arange(30) / 3, 100)),
        pa.array([f"id {number}" for number in range(3000)]),
        pa.array(["prose " * 30] * 1000 + ["other prose " * 30] * 2000),
        pa.array(["same"] * 3000),
        pa.array([None] * 3000, pa.string()),
        pa.nulls(3000),
        pa.array([""] * 1000 + [None] * 2000),
        pa.array([[1.0, 2.0]] * 3000),
    ],
    ids=["measurements", "floats", "ids", "prose", "one value", "no value", "null type", "empty", "vectors"],
)
def test_what_is_no_category_has_no_lift(column: Any) -> None:
    assert orchard(pa.table({"column": column}), n_apples=1000)[0].lift == []


def test_dates_are_the_fifth_and_the_ninety_fifth_percentile() -> None:
    days = [
        datetime.date(2020, 1, 1) + datetime.timedelta(days=int(day))
        for day in np.random.default_rng(0).permutation(41)
    ]
    apples, pears = orchard(pa.table({"day": [*days, *[None] * 60]}), n_apples=41)
    assert apples.dates == {"day": ("2020-01-03", "2020-02-08")}
    assert pears.dates == {}


@pytest.mark.parametrize(
    ("kind", "first"),
    [
        (pa.date64(), "2020-03-01"),
        (pa.timestamp("ns"), "2020-03-01T07:30:00"),
        (pa.timestamp("s", "Asia/Tokyo"), "2020-03-01T07:30:00Z"),
    ],
    ids=str,
)
def test_times_are_told_to_the_second_and_with_a_zone_in_utc(kind: pa.DataType, first: str) -> None:
    moments = pa.array([datetime.datetime(2020, 3, 1, 7, 30)] * 100).cast(pa.timestamp("s")).cast(kind, safe=False)
    assert orchard(pa.table({"moment": moments}))[0].dates == {"moment": (first, first)}


def test_rows_without_text_do_not_count_into_the_overall_share() -> None:
    table = pa.table({"kind": [*"aaabbbccc"]})
    assert gather(0, table=table).lift[0].overall == pytest.approx(3 / 8)


def test_wrong_lengths_and_layers_are_refused() -> None:
    with pytest.raises(ValueError, match="texts has 2 rows; the topics have 9"):
        make_profile(forest(), 1, 0, TEXTS[:2], vectors())
    with pytest.raises(ValueError, match="table has 1 rows; the topics have 9"):
        gather(0, table=pa.table({"kind": ["a"]}))
    with pytest.raises(IndexError, match="layer=2; expected 0 to 1"):
        make_profiles(forest(), 2, TEXTS, vectors())
    with pytest.raises(KeyError, match="no topic named 'Stones'"):
        gather("Stones")
    assert math.isnan(gather(2).confidence)


def test_a_profile_shows_itself_in_one_line_and_as_an_escaped_table() -> None:
    profile = gather()
    assert repr(profile).startswith(f"TopicProfile({profile.name!r}, layer 1, ")
    assert len(repr(replace(profile, name="long " * 99, keywords=["word " * 99] * 8))) < 400
    hostile = replace(profile, name="<script>", keywords=["<i>"])._repr_html_()
    assert "&lt;script&gt;" in hostile
    assert "<script>" not in hostile
    assert "&lt;i&gt;" in hostile
