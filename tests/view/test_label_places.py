import unicodedata
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nomic_explore.view.data.home_view import HomeView
from nomic_explore.view.data.label_candidates import LEAST_VIEW, Candidates
from nomic_explore.view.data.label_choice import choose_together
from nomic_explore.view.data.label_placement import MAX_SCALE, NO_END, place_labels
from nomic_explore.view.data.label_wrapping import clean_name, measure_lines, wrap_name

HOSTILE = [
    "",
    " \t\n ",
    "\x00\x1b[31mred\x07",
    "\u202eright to left\u202c",
    "\ud800 half a pair",
    "\ufffe\U0010ffff no characters",
    "</text><script>alert(1)</script>",
    "a" * 5_000,
    "e" + "\u0301" * 500,
    "word " * 300,
    "\ufdfd" * 50,
    "\u200d" * 40,
    "👩‍👩‍👧‍👦" * 30,
    "主题建模与文本嵌入" * 20,
]
FIT_SCALE = HomeView().scale(*LEAST_VIEW)
PLACES = st.floats(-1, 1, width=32)
LABELS = st.lists(
    st.builds(
        dict,
        text=st.text(max_size=40) | st.sampled_from(HOSTILE),
        layer=st.integers(0, 4),
        parent=st.integers(-1, 11),
        size=st.integers(1, 1000),
        x=PLACES,
        y=PLACES,
        spots=st.lists(st.tuples(PLACES, PLACES), min_size=1, max_size=4),
        radius=st.floats(0, 1),
    ),
    max_size=12,
)


def label(text: str = "a name", *, layer: int = 0, parent: int = -1, size: int = 10, x: float = 0.0) -> dict[str, Any]:
    return at_spots([(x, 0.0)], {"text": text, "layer": layer, "parent": parent, "size": size, "radius": 0.1})


def at_spots(spots: list[tuple[float, float]], one: dict[str, Any]) -> dict[str, Any]:
    return {**one, "x": spots[0][0], "y": spots[0][1], "spots": spots}


def is_shown(placed: dict[str, Any], scale: float) -> bool:
    return bool(placed["min_scale"] <= scale < placed["max_scale"])


def overlap(one: dict[str, Any], other: dict[str, Any], scale: float) -> bool:
    beside = abs((one["x"] - other["x"]) * scale + one["dx"] - other["dx"])
    above = abs((other["y"] - one["y"]) * scale + one["dy"] - other["dy"])
    gap = 4 - 1e-6
    return beside < (one["width"] + other["width"]) / 2 + gap and above < (one["height"] + other["height"]) / 2 + gap


@given(LABELS, st.lists(st.floats(1, 2 * MAX_SCALE), min_size=3, max_size=3))
def test_no_two_shown_names_come_near_each_other_at_any_scale(labels: list[dict[str, Any]], any_scales: list) -> None:
    placed = place_labels(labels)
    changes = [one[end] for one in placed for end in ("min_scale", "max_scale") if one[end] < NO_END]
    for scale in [*any_scales, *changes, *(change * (1 - 1e-9) for change in changes)]:
        shown = [one for one in placed if is_shown(one, scale)]
        assert not any(overlap(one, other, scale) for one, other in combinations(shown, 2))


@given(LABELS, st.integers(0, 4), st.randoms(use_true_random=False))
def test_finer_names_change_nothing_of_coarser_ones(labels: list[dict[str, Any]], depth: int, chance: Any) -> None:
    changed = [
        at_spots([(chance.uniform(-1, 1), 0.5)], {**one, "text": "something else", "size": chance.randint(1, 9)})
        if one["layer"] > depth
        else one
        for one in labels
    ]
    for before, after in zip(place_labels(labels), place_labels(changed), strict=True):
        if before["layer"] <= depth:
            assert before == after


def test_the_coarse_layer_alone_is_shown_from_the_same_scales() -> None:
    coarse = [label(x=-0.5), label(x=0.5, size=5), label(x=0.7, size=3)]
    fine = [label("part", layer=1, parent=at % 3, x=-0.9 + 0.1 * at) for at in range(18)]
    together, alone = place_labels([*coarse, *fine])[:3], place_labels(coarse)
    assert [one["min_scale"] for one in together] == [one["min_scale"] for one in alone]
    assert [one["max_scale"] for one in alone] == [NO_END] * 3


@given(LABELS)
def test_the_same_labels_get_the_same_places(labels: list[dict[str, Any]]) -> None:
    kept = [dict(one) for one in labels]
    assert place_labels(labels) == place_labels(labels)
    assert labels == kept


@given(LABELS)
def test_every_name_with_a_place_of_its_own_is_shown_at_some_scale(labels: list[dict[str, Any]]) -> None:
    rng = np.random.default_rng(len(labels))
    spots = rng.permutation(144)[: len(labels)]
    own = [at_spots([(spot % 12 / 6 - 1, spot // 12 / 6 - 1)], one) for one, spot in zip(labels, spots, strict=True)]
    for one in place_labels(own):
        assert one["min_scale"] < min(one["max_scale"], MAX_SCALE)


def test_a_part_at_the_place_of_its_whole_stands_beside_it() -> None:
    whole, part = place_labels([label("whole"), label("part", layer=1, parent=0)])
    assert (whole["dx"], whole["dy"]) == (0, 0)
    assert whole["min_scale"] == part["min_scale"] == 0
    assert part["dy"] != 0
    assert part["max_scale"] == NO_END


def test_without_room_beside_it_a_part_is_shown_when_the_whole_steps_back() -> None:
    many = [label(f"name {at}", size=1000 - at, x=-0.9 + 0.008 * at) for at in range(220)]
    places = place_labels([*many, label("whole", layer=1), label("part", layer=2, parent=220)])
    whole, part = places[-2:]
    assert (part["dx"], part["dy"]) == (0, 0)
    assert whole["max_scale"] <= part["min_scale"] < MAX_SCALE


def test_the_larger_of_two_topics_keeps_its_place() -> None:
    small, large = place_labels([label("small", size=1, x=0.1), label("large", size=9)])
    assert large["min_scale"] == 0
    assert (large["dx"], large["dy"]) == (0, 0)
    assert (small["dx"], small["dy"]) != (0, 0)


def test_a_name_takes_another_place_of_its_topic_before_it_waits() -> None:
    spots = [(0.0, 0.0), (0.02, 0.0), (0.0, 0.6)]
    large, small = place_labels([label("a large topic", size=9), at_spots(spots, label("a small topic", size=1))])
    assert (small["x"], small["y"]) == (0.0, 0.6)
    assert small["min_scale"] < FIT_SCALE
    assert (large["x"], large["y"]) == (0.0, 0.0)


def test_a_name_at_the_edge_is_whole_in_the_home_view() -> None:
    home = HomeView(x=0.1, half_width=0.8, half_height=0.4)
    width, height = LEAST_VIEW
    for x, y in ((-0.7, 0.39), (0.9, 0.0), (0.1, -0.4)):
        (one,) = place_labels([at_spots([(x, y)], label("a name of several words, long"))], home)
        scale = home.scale(width, height)
        beside, below = (one["x"] - home.x) * scale + one["dx"], -(one["y"] - home.y) * scale + one["dy"]
        assert abs(beside) + one["width"] / 2 <= width / 2
        assert abs(below) + one["height"] / 2 <= height / 2
        assert one["min_scale"] == 0


def test_a_name_moves_where_another_has_no_other_place() -> None:
    def places(*points: tuple[float, float]) -> Candidates:
        return Candidates(np.array(points), np.zeros((len(points), 2)), np.arange(len(points)) / 10)

    left, right = (-0.5, 0.0), (0.5, 0.0)
    everywhere, halves = [np.arange(2), np.arange(2), np.arange(1)], np.full((3, 2), 20.0)
    chain = [places(left, right), places(right, (0.5, 0.5)), places(left)]
    assert choose_together(chain, halves, everywhere, scale=200.0) == [1, 1, 0]
    assert choose_together([chain[2], places(left)], halves[:2], [np.arange(1)] * 2, scale=200.0) == [0, -1]


def test_the_name_of_a_large_topic_is_larger() -> None:
    sizes = [label(f"topic {size}", size=size) for size in (1, 10, 1000)]
    fonts = [one["font"] for one in place_labels(sizes)]
    assert fonts == sorted(fonts)
    assert fonts[-1] <= 1.3 * fonts[0]


def test_an_overview_shows_some_names_and_each_step_inwards_more() -> None:
    rng = np.random.default_rng(3)
    sizes = (9, 33, 120)
    labels = []
    for layer, count in enumerate(sizes):
        first_parent = len(labels) - sizes[layer - 1] if layer else 0
        for at in range(count):
            parent = first_parent + at % sizes[layer - 1] if layer else -1
            x, y = rng.uniform(-1, 1, 2) if parent < 0 else rng.normal((labels[parent]["x"], labels[parent]["y"]), 0.15)
            labels.append(at_spots([(x, y)], label(f"topic {layer} {at}", layer=layer, parent=parent)))
    placed = place_labels(labels)
    counts = [sum(is_shown(one, FIT_SCALE * zoom) for one in placed) for zoom in (1, 2, 4, 8)]
    overview = [one["layer"] for one in placed if is_shown(one, FIT_SCALE)]
    assert 24 <= counts[0] <= 30
    assert overview.count(0) == 9
    assert counts == sorted(counts)


def test_five_thousand_names_are_placed_and_no_names_are_fine() -> None:
    rng = np.random.default_rng(0)
    places = rng.uniform(-1, 1, (5_000, 2))
    labels = [at_spots([(x, y)], label(f"name {at}", layer=int(at > 50))) for at, (x, y) in enumerate(places)]
    assert len(place_labels(labels)) == 5_000
    assert place_labels([]) == []


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:12]))
def test_a_hostile_name_becomes_a_few_clean_lines(text: str) -> None:
    lines = wrap_name(text)
    assert 1 <= len(lines) <= 3
    for line in lines:
        line.encode("utf-8")
        assert line.strip()
        assert not any(unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} for char in line)
    assert measure_lines(lines, 17, 650) < 1_000


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("Short name", ["Short name"]),
        ("Nodes, edge attribute, weight string", ["Nodes, edge", "attribute,", "weight string"]),
        ("x" * 28 + " y", ["x" * 28, "y"]),
        ("x" * 29 + " y", ["x" * 27 + "…", "y"]),
        ("主题建模与文本嵌入的比较研究", ["主题建模与文本", "嵌入的比较研究"]),
        ("Straße  nach\tRom", ["Straße nach Rom"]),
    ],
)
def test_names_break_between_words(text: str, lines: list[str]) -> None:
    assert wrap_name(text) == lines


@given(st.text(max_size=120))
def test_a_name_keeps_its_words_or_says_that_some_are_missing(text: str) -> None:
    joined = "".join(wrap_name(text)).replace(" ", "")
    assert joined == clean_name(text).replace(" ", "") or "…" in joined


def test_bold_and_wide_letters_get_more_room() -> None:
    assert measure_lines(["name"], 12, 650) > measure_lines(["name"], 12, 450)
    assert measure_lines(["文字"], 10, 450) >= 20
    assert measure_lines(["a", "wide line"], 10, 450) == measure_lines(["wide line"], 10, 450)
