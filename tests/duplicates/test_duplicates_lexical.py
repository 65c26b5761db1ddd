import dataclasses
import re
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nomic_explore.duplicates import Duplicates, collect_evidence, find_duplicates, scoring
from nomic_explore.duplicates.normalize import normalize
from nomic_explore.duplicates.shingles import count_shared, find_candidates, shingle
from nomic_explore.graph import NeighborGraph, build_graph
from nomic_explore.testing import HashEmbedder

PAPER = (
    "Deep networks for the early detection of sepsis. We train recurrent networks on records of two hospitals. "
    "The model warns six hours before the onset with high precision. Its errors come mostly from missing measurements. "
    "We discuss what a ward would have to change before such warnings can be trusted by nurses."
)
OTHER = (
    "A census of dwarf galaxies around the Milky Way. We survey the southern sky in three filters and find many faint objects. "
    "Most of them are old and poor in metals. Their number agrees with simulations only if reionisation was early. "
    "Deeper images of the northern sky will settle the question within a few years."
)
_WORDS = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau".split()


def find(texts: list[str], **options: object) -> Duplicates:
    """Duplicates by letters alone: the vectors are all apart and the graph is empty."""
    return find_duplicates(texts, np.eye(len(texts)), no_graph(len(texts)), **options)  # type: ignore[arg-type]


def no_graph(n: int) -> NeighborGraph:
    return NeighborGraph(np.zeros((n, 0), np.int32), np.zeros((n, 0), np.float32), 1.0, True)


@settings(deadline=None, max_examples=50)
@given(texts=st.lists(st.text(alphabet="abcd", max_size=30), min_size=1, max_size=8, unique=True))
def test_shared_shingles_are_counted_as_sets_count_them(texts: list[str]) -> None:
    sets = [{text[at : at + 5] for at in range(max(1, len(text) - 4))} if text else set() for text in texts]
    shingles = shingle(texts)
    assert shingles.counts.tolist() == [len(one) for one in sets]
    pairs = np.array(list(combinations(range(len(texts)), 2)), dtype=np.int64).reshape(-1, 2)
    shared = count_shared(shingles, shingles, pairs[:, 0], pairs[:, 1])
    assert shared.tolist() == [len(sets[one] & sets[two]) for one, two in pairs.tolist()]


@settings(deadline=None, max_examples=30)
@given(data=st.data())
def test_a_text_finds_the_one_that_holds_most_of_it(data: st.DataObject) -> None:
    texts = [" ".join(data.draw(st.permutations(_WORDS))) for _ in range(6)]
    texts.append(data.draw(st.sampled_from(texts))[:70])
    shingles = shingle([normalize(text) for text in texts])
    first, second = find_candidates(shingles, np.array([len(text) for text in texts]))
    sets = [set(shingles.tokens[low:high]) for low, high in zip(shingles.starts, shingles.starts[1:], strict=False)]
    found = set(zip(first.tolist(), second.tolist(), strict=True))
    whole = {row for row in range(6) if sets[6] <= sets[row]}
    assert whole
    assert any((row, 6) in found for row in whole)


@pytest.mark.parametrize(
    "edited",
    [
        PAPER.upper(),
        re.sub(r"[.,]", "", PAPER),
        PAPER.split(". ", 1)[1],
        PAPER[: int(0.7 * len(PAPER))],
        "[Reposted] " + PAPER,
        PAPER.replace(" Its errors come mostly from missing measurements.", ""),
        PAPER.replace("hospitals", "hospitalz").replace("precision", "precisoin"),
        ". ".join([PAPER.split(". ")[0], *reversed(PAPER.rstrip(".").split(". ")[1:])]) + ".",
    ],
)
def test_an_edited_duplicate_is_dropped(edited: str) -> None:
    found = find([PAPER, edited, OTHER])
    assert sorted(found.roles[:2]) == ["drop", "keep"]
    assert found.roles[2] == "unique"


@pytest.mark.parametrize(
    ("one", "two", "flag"),
    [
        (PAPER + " It holds for 412 of 600 patients.", PAPER + " It holds for 87 of 129 patients.", "numbers_differ"),
        (PAPER + " Made with Siemens in Berlin.", PAPER + " Made with Philips in Madrid.", "names_differ"),
        (PAPER.replace("can be trusted", "cannot be trusted"), PAPER, "negation_differs"),
        (" ".join(PAPER.split(". ")[:3]) + OTHER[:130], PAPER, "passages_differ"),
    ],
)
def test_texts_that_say_different_things_are_flagged_and_never_dropped(one: str, two: str, flag: str) -> None:
    found = find([one, two])
    assert "drop" not in found.roles
    assert found.pairs[flag].tolist() == [True]
    assert not found.pairs["is_duplicate"].any()


def test_every_stored_pair_tells_how_much_of_each_lies_in_the_other() -> None:
    pairs = find([PAPER, PAPER[:150], OTHER]).pairs
    assert pairs[["row", "other"]].to_numpy().tolist() in ([[0, 1]], [[1, 0]])
    containment = dict(
        zip((pairs["row"][0], pairs["other"][0]), (pairs["containment"][0], pairs["containment_other"][0]), strict=True)
    )
    assert containment[1] > 0.99
    assert containment[0] == pytest.approx(0.4, abs=0.1)
    assert pairs["is_contained"].tolist() == [True]


def test_a_part_of_the_texts_that_differs_wholly_keeps_them_apart() -> None:
    titles = ["The first report", "Zwei Jahre danach", "The first report."]
    texts = [f"{title}. {PAPER}" for title in titles]
    assert sorted(find(texts).roles) == ["drop", "drop", "keep"]
    found = find(texts, columns={"title": titles, "body": [PAPER, PAPER, None]})
    assert found.roles.tolist() == ["drop", "review", "keep"]
    told = found.pairs.set_index(found.pairs["kind"]).loc["lexical"]
    assert told["columns_differ"].all()
    assert (told["overlap title"] < 0.2).all()
    with pytest.raises(ValueError, match="title has 1 rows, texts have 2"):
        find(["a", "b"], columns={"title": ["x"]})


def test_only_rows_of_one_block_are_compared() -> None:
    found = find([PAPER, PAPER, PAPER.upper(), PAPER.lower()], blocks=["en", "de", "en", "de"])
    assert found.groups.tolist() in ([0, 1, 0, 1], [1, 0, 1, 0])
    assert sorted(found.roles) == ["drop", "drop", "keep", "keep"]
    with pytest.raises(ValueError, match="blocks has 1 rows, texts have 2"):
        find(["a", "b"], blocks=["en"])


def test_a_crowd_of_near_ones_is_found_whole_though_the_graph_lists_few() -> None:
    rng = np.random.default_rng(0)
    vectors = np.concatenate([np.eye(1, 40) + 0.02 * rng.normal(size=(30, 40)), rng.normal(size=(60, 40))])
    texts = [" ".join(rng.permutation(_WORDS)[:6]) + f" {row}" for row in range(90)]
    found = find_duplicates(texts, vectors.astype(np.float32), build_graph(vectors, 5))
    near = found.pairs[(found.pairs["row"] < 30) & (found.pairs["other"] < 30)]
    assert len(near) == 30 * 29 // 2


def test_ten_thousand_variants_of_a_form_letter_are_not_compared_each_with_each() -> None:
    texts = [
        f"Dear customer {row}, your parcel with the number {row * 7919} waits in the shop." for row in range(10_000)
    ]
    evidence = collect_evidence(texts, np.ones((len(texts), 1)), no_graph(len(texts)))
    assert len(evidence.pairs) < 100 * len(texts)


@pytest.mark.parametrize("odd", ["", " ", "\x00", "a\x00b", "\U0001f600" * 9, "\ud800", "x" * 1_000_000, "."])
def test_odd_texts_do_no_harm(odd: str) -> None:
    found = find([odd, PAPER, PAPER.upper(), odd + odd])
    assert sorted(found.roles[1:3]) == ["drop", "keep"]
    assert found.roles[0] != "review" or odd.startswith("x")


def test_two_runs_are_equal_to_the_byte() -> None:
    texts = [PAPER, PAPER.upper(), OTHER, PAPER[:200], OTHER + " And more.", "5 apples", "6 apples"]
    one, two = find(texts), find(texts)
    for name, value in vars(one.evidence.pairs).items():
        assert value.tobytes() == getattr(two.evidence.pairs, name).tobytes()
    assert one.to_pandas().equals(two.to_pandas())


def test_a_group_knows_its_weakest_link_and_whether_it_is_a_chain() -> None:
    vectors = np.array([[1, 0, 0], [0.95, 0.31, 0], [0.8, 0.6, 0], [0, 0, 1], [0, 0, 1]], dtype=np.float32)
    texts = ["the longest of these texts", "the second here", "a third one", "apart", "Apart"]
    table = find_duplicates(texts, vectors, build_graph(vectors), min_similarity=0.9).to_pandas()
    assert table["is_chain"].tolist() == [True, False]
    assert table["diameter"].tolist() == [2, 0]
    assert table["weakest_kind"].tolist() == ["semantic", "normalised"]
    assert table["min_similarity"][0] == pytest.approx(0.946, abs=0.01)


def test_one_word_in_the_place_of_another_makes_another_short_text() -> None:
    places = ["harbour", "library", "station", "theatre", "stadium", "airport", "market", "hospital"]
    texts = [
        f"The {place} was closed for repairs during the whole of last winter, the council said." for place in places
    ]
    assert "drop" not in find(texts).roles
    misread = ["The harbour was closed for repairs during the wohle of last winter, the council said.", texts[0]]
    assert "drop" in find(misread).roles


def test_the_members_of_a_large_family_leave_few_that_stay() -> None:
    rng = np.random.default_rng(0)
    letters = list("abcdefghijklmnopqrstuvwxyz")
    words = ["".join(rng.choice(letters, size)) for size in rng.integers(3, 9, 400)]
    body = list(rng.choice(words, 120))
    family = []
    for _ in range(600):
        variant = list(body)
        for place in rng.integers(0, 120, 5):
            variant[place] = variant[place][:-1] + str(rng.choice(letters))  # misprints
        family.append(" ".join(variant) + ".")
    found = find(family)
    assert (found.roles == "drop").sum() > 590


def test_of_equally_long_ones_that_which_does_not_shout_stays() -> None:
    assert find([PAPER.upper(), PAPER]).roles.tolist() == ["drop", "keep"]
    longer = PAPER + " " + OTHER[:60]
    assert find([PAPER, longer]).keepers.tolist() == [1, 1]


def test_a_translation_is_near_in_meaning_and_flagged() -> None:
    texts = [
        "The committee will meet on Monday in order to talk about the budget of the city.",
        "Der Ausschuss wird sich am Montag treffen, um über den Haushalt der Stadt zu sprechen.",
        "Комитет соберётся в понедельник, чтобы обсудить бюджет города.",
        "On Monday the members of the group come together and speak about how much the town may spend.",
    ]
    vectors = np.ones((4, 3), dtype=np.float32)
    found = find_duplicates(texts, vectors, build_graph(vectors), kinds=("exact", "normalised", "lexical", "semantic"))
    flagged = {frozenset(pair) for pair in found.pairs.query("languages_differ")[["row", "other"]].to_numpy().tolist()}
    assert flagged == {frozenset(pair) for pair in combinations(range(4), 2)} - {frozenset((0, 3))}
    assert (found.roles == "drop").sum() == 1


def test_texts_of_one_mould_about_two_things_are_not_duplicates() -> None:
    mould = (
        "Returns the {0} spanning tree of a graph. A {0} spanning tree joins all nodes of the graph with the {1} sum of the "
        "weights of its edges. If the graph has several parts, the {0} spanning forest is returned, a {0} tree for each part. "
        "The weights are read from the attribute that is named by the caller, and edges without this attribute count as one. "
        "The graph itself is not changed; nodes, edges and attributes of the returned graph are duplicates, so that whatever is "
        "done with the result later leaves the graph as it was. Runs in the time that sorting the edges takes."
    )
    others = [
        f"There is a {word} of {number} trees in the park." for word in ("minimum", "maximum") for number in (1, 2, 3)
    ]
    texts = [mould.format("minimum", "least"), mould.format("maximum", "greatest"), *others]
    found = find(texts)
    assert found.roles[:2].tolist() in (["keep", "review"], ["review", "keep"])
    assert found.pairs.query("row < 2 and other < 2")["words_differ"].all()


def test_pairs_are_flagged_alike_in_blocks_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["Anna", "Bern", "12", "not", "river", "bank", "2024", "never", "Oslo", "train"]
    texts = [
        f"{words[n % 10]} saw {words[n * 3 % 10]} at the {words[n * 7 % 10]} and said so {n % 4}" for n in range(60)
    ]
    vectors = HashEmbedder().encode(texts)
    graph = build_graph(vectors)
    whole = collect_evidence(texts, vectors, graph).pairs
    monkeypatch.setattr(scoring, "_FLAGGED_PAIRS", 7)
    parts = collect_evidence(texts, vectors, graph).pairs
    assert len(whole.first) > 30
    for each in dataclasses.fields(whole):
        np.testing.assert_array_equal(getattr(whole, each.name), getattr(parts, each.name))
