from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nomic_explore.duplicates import Duplicates, collect_evidence, find_duplicates
from nomic_explore.duplicates.flags import list_numbers
from nomic_explore.duplicates.normalize import measure_roughness, normalize
from nomic_explore.duplicates.pairs import KINDS
from nomic_explore.graph import NeighborGraph, build_graph

WORDS = ["a cat", "A cat!", "A  CAT", "a dog", "a dog 5", "a dog 6", "1.5 kg", "15 kg", "...", "", "\x00", "\U0001f600"]
THRESHOLDS = st.sampled_from([0.8, 0.85, 0.9, 0.95, 1.0])


@st.composite
def corpora(draw: st.DrawFn) -> tuple[list[str], np.ndarray]:
    """Texts and vectors, few enough directions that many lie near; equal texts have equal vectors."""
    texts = draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=14))
    angle = {text: draw(st.integers(0, 12)) * 0.13 for text in WORDS}
    return texts, np.array([[np.cos(angle[text]), np.sin(angle[text])] for text in texts], dtype=np.float32)


def find(corpus: tuple[list[str], np.ndarray], **options: object) -> Duplicates:
    """Duplicates among a few texts, of which those near in meaning are dropped too."""
    texts, vectors = corpus
    return find_duplicates(texts, vectors, build_graph(vectors), kinds=KINDS, **options)  # type: ignore[arg-type]


def relation(corpus: tuple[list[str], np.ndarray], a: int, b: int, threshold: float) -> str:
    """How two rows match, straight from texts and vectors."""
    (texts, vectors), numbers = corpus, [list_numbers(corpus[0][row]) for row in (a, b)]
    if texts[a] == texts[b]:
        return "exact"
    if numbers[0] == numbers[1] and normalize(texts[a]) == normalize(texts[b]) != "":
        return "normalised"
    near = np.float32(vectors[a] @ vectors[b]) >= np.float32(threshold) - np.float32(1e-6)
    own, others = Counter(numbers[0]), Counter(numbers[1])
    return ("doubtful" if own - others and others - own else "semantic") if near else ""


def decide_slowly(corpus: tuple[list[str], np.ndarray], threshold: float) -> set[str]:
    """The texts that stay, the longest first, of equals the one with most duplicates and the tidiest, by comparing every pair."""
    texts = corpus[0]
    kept: list[int] = []

    def priority(row: int) -> tuple[int, int, int, str, int]:
        said = {text for text in texts if relation(corpus, row, texts.index(text), 2.0) == "normalised"}
        return -len(" ".join(texts[row].split())), -len(said), measure_roughness(texts[row]), texts[row], row

    for row in sorted(range(len(texts)), key=priority):
        if not any(relation(corpus, row, other, threshold) in ("exact", "normalised", "semantic") for other in kept):
            kept.append(row)
    return {texts[row] for row in kept}


@settings(deadline=None)
@given(corpus=corpora(), threshold=THRESHOLDS)
def test_the_kept_texts_are_those_that_comparing_every_pair_keeps(
    corpus: tuple[list[str], np.ndarray], threshold: float
) -> None:
    found = find(corpus, min_similarity=threshold)
    assert {corpus[0][row] for row in np.flatnonzero(found.roles != "drop")} == decide_slowly(corpus, threshold)


@settings(deadline=None)
@given(corpus=corpora(), threshold=THRESHOLDS)
def test_a_dropped_row_names_a_kept_row_and_how_it_matches_it(
    corpus: tuple[list[str], np.ndarray], threshold: float
) -> None:
    found = find(corpus, min_similarity=threshold)
    for row in np.flatnonzero(found.roles == "drop"):
        keeper = found.keepers[row]
        assert found.roles[keeper] == "keep"
        assert found.kinds[row] == relation(corpus, row, keeper, threshold)
        cosine = corpus[1][row] @ corpus[1][keeper] if found.kinds[row] == "semantic" else 1.0
        assert found.similarities[row] == pytest.approx(cosine, abs=1e-5)


@settings(deadline=None)
@given(corpus=corpora(), threshold=THRESHOLDS)
def test_no_two_kept_rows_match(corpus: tuple[list[str], np.ndarray], threshold: float) -> None:
    kept = np.flatnonzero(find(corpus, min_similarity=threshold).roles != "drop")
    assert {relation(corpus, a, b, threshold) for a in kept for b in kept if a < b} <= {"", "doubtful"}


@settings(deadline=None)
@given(corpus=corpora(), policy=st.sampled_from(["longest", "shortest"]), random=st.randoms())
def test_shuffling_the_rows_permutes_the_decisions(
    corpus: tuple[list[str], np.ndarray], policy: str, random: object
) -> None:
    texts, vectors = corpus
    order = np.array(random.sample(range(len(texts)), len(texts)))  # type: ignore[attr-defined]
    found, shuffled = find(corpus, keep=policy), find(([texts[row] for row in order], vectors[order]), keep=policy)
    assert shuffled.groups.tolist() == found.groups[order].tolist()
    assert [texts[row] for row in order[shuffled.keepers]] == [texts[found.keepers[row]] for row in order]
    for text in set(texts):  # which of several identical rows is kept may change, nothing else
        rows = np.array([row for row in range(len(texts)) if texts[row] == text])
        assert sorted(found.roles[rows]) == sorted(shuffled.roles[np.isin(order, rows)])


@settings(deadline=None)
@given(corpus=corpora(), threshold=THRESHOLDS)
def test_deduplicating_the_kept_rows_drops_nothing(corpus: tuple[list[str], np.ndarray], threshold: float) -> None:
    kept = np.flatnonzero(find(corpus, min_similarity=threshold).roles != "drop")
    again = find(([corpus[0][row] for row in kept], corpus[1][kept]), min_similarity=threshold)
    assert "drop" not in again.roles


@settings(deadline=None)
@given(corpus=corpora(), strict=THRESHOLDS, loose=THRESHOLDS)
def test_a_row_comes_back_at_a_looser_threshold_only_as_its_keeper_goes(
    corpus: tuple[list[str], np.ndarray], strict: float, loose: float
) -> None:
    found = find(corpus, min_similarity=max(strict, loose))
    looser = found.at(min(strict, loose))
    for row in np.flatnonzero((found.roles == "drop") & (looser.roles != "drop")):
        assert looser.keepers[found.keepers[row]] != row
        assert looser.roles[found.keepers[row]] == "drop"


@settings(deadline=None)
@given(corpus=corpora(), threshold=THRESHOLDS)
def test_a_row_without_a_better_match_stays_at_every_stricter_threshold(
    corpus: tuple[list[str], np.ndarray], threshold: float
) -> None:
    found = find(corpus)
    best = int(np.argsort([-len(" ".join(text.split())) for text in corpus[0]], kind="stable")[0])
    if [len(" ".join(text.split())) for text in corpus[0]].count(len(" ".join(corpus[0][best].split()))) == 1:
        assert found.at(threshold).keepers[best] == best


@settings(deadline=None)
@given(corpus=corpora(), threshold=THRESHOLDS)
def test_deciding_again_equals_finding_anew(corpus: tuple[list[str], np.ndarray], threshold: float) -> None:
    again, anew = find(corpus).at(threshold), find(corpus, min_similarity=threshold)
    for name in ("groups", "roles", "keepers", "kinds", "similarities"):
        np.testing.assert_array_equal(getattr(again, name), getattr(anew, name))


@settings(deadline=None)
@given(corpus=corpora())
def test_each_group_has_a_kept_row_and_the_largest_comes_first(corpus: tuple[list[str], np.ndarray]) -> None:
    found = find(corpus)
    table = found.to_pandas()
    assert table["group"].tolist() == list(range(len(table)))
    assert table["size"].tolist() == sorted(table["size"], reverse=True)
    assert (table["size"] > table["n_drop"] + table["n_review"]).all()
    assert (found.roles[table["keeper"]] == "keep").all()
    assert ((found.groups == -1) == (found.roles == "unique")).all()


def test_a_stricter_threshold_can_bring_back_a_keeper_that_drops_more() -> None:
    # "longest!" matches "middle" at 0.9, and "middle" the two others at 0.97; "longest!" matches only "middle".
    texts = ["the longest of all", "the middle one", "one end", "an end"]
    vectors = np.array([[0.9, -0.436, 0], [1, 0, 0], [0.97, 0, 0.243], [0.97, 0, -0.243]], dtype=np.float32)
    found = find((texts, vectors), min_similarity=0.89)
    assert found.roles.tolist() == ["keep", "drop", "unique", "unique"]
    assert found.at(0.95).roles.tolist() == ["unique", "keep", "drop", "drop"]


def test_a_duplicate_of_a_dropped_row_says_how_it_relates_to_the_keeper() -> None:
    found = find((["short cat", "short cat", "a longer cat"], np.eye(2, dtype=np.float32)[[0, 0, 0]]))
    assert found.keepers.tolist() == [2, 2, 2]
    assert found.kinds.tolist() == ["semantic", "semantic", ""]


def test_different_numbers_are_reviewed_and_never_dropped() -> None:
    found = find((["costs 5 euros", "costs 12 euros"], np.ones((2, 2), dtype=np.float32)))
    assert found.roles.tolist() == ["review", "keep"]
    assert found.kinds.tolist() == ["semantic", ""]
    assert found.keepers.tolist() == [0, 1]
    assert found.similarities[0] == pytest.approx(1.0)
    assert found.pairs["numbers_differ"].tolist() == [True]


def test_a_row_near_other_numbers_that_has_duplicates_says_keep() -> None:
    found = find((["costs 5 euros", "costs 12 euros", "costs 5 euros"], np.ones((3, 2), dtype=np.float32)))
    assert found.roles.tolist() == ["keep", "keep", "drop"]
    assert found.kinds.tolist() == ["semantic", "", "exact"]
    assert found.matches.tolist() == [1, 1, 0]
    assert found.groups.tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("one", "other"),
    [("A b-c.", "a bc"), ("one,two", "One, two"), ("ﬁne", "FINE"), ("Straße", "STRASSE"), ("x\x00y\n", "x y")],
)
def test_case_space_and_punctuation_do_not_make_another_text(one: str, other: str) -> None:
    found = find(([one, other], np.eye(2, dtype=np.float32)))
    assert sorted(found.roles) == ["drop", "keep"]
    assert "normalised" in found.kinds


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1.5 kg", "15 kg"),
        ("at -5 degrees", "at 5 degrees"),
        ("C#", "C"),
        ("5 %", "5"),
        ("...", "!!!"),
        ("\U0001f600", "\U0001f621"),
        ("", " "),
    ],
)
def test_what_changes_the_meaning_makes_another_text(one: str, other: str) -> None:
    assert "drop" not in find(([one, other], np.eye(2, dtype=np.float32))).roles


def test_length_does_not_count_runs_of_spaces() -> None:
    corpus = (["a   b      c", "a b c, more"], np.ones((2, 2), dtype=np.float32))
    assert find(corpus).roles.tolist() == ["drop", "keep"]


def test_scores_choose_the_keeper_also_among_identical_rows() -> None:
    corpus = (["same", "same", "SAME!", "other"], np.eye(3, dtype=np.float32)[[0, 0, 0, 1]])
    found = find(corpus, keep=np.array([1, 3, 2, 9]))
    assert found.keepers.tolist() == [1, 1, 1, 3]
    assert found.at(keep=np.array([1, 0, 2, 9])).keepers.tolist() == [2, 2, 2, 3]
    placed = found._to_rows(np.array([1, 2, 4, 5]), 6)
    assert placed.at(0.9).keepers.tolist() == [0, 2, 2, 3, 2, 5]
    assert placed.at(keep=np.array([np.nan, 5, 0, np.nan, 0, 0])).keepers.tolist() == [0, 1, 1, 3, 1, 5]


def test_most_central_ignores_how_often_a_text_is_repeated() -> None:
    texts, vectors = ["edge", "edge", "middle", "other edge"], np.array([[1, 0], [1, 0], [1, 0.2], [1, 0.4]])
    assert find((texts, vectors), min_similarity=0.9, keep="most_central").keepers.tolist() == [2, 2, 2, 2]


def test_rows_placed_twice_stand_where_both_places_put_them() -> None:
    found = (
        find((["a", "a"], np.ones((2, 2), dtype=np.float32)))
        ._to_rows(np.array([0, 2]), 3)
        ._to_rows(np.array([1, 3, 5]), 6)
    )
    assert found.keepers.tolist() == [0, 1, 2, 3, 4, 1]
    assert found.at(0.9).keepers.tolist() == found.keepers.tolist()
    assert found.pairs[["row", "other"]].to_numpy().tolist() == [[5, 1]]


def test_nothing_and_one_text_are_fine() -> None:
    for n in (0, 1):
        found = find((["alone"] * n, np.ones((n, 2), dtype=np.float32)))
        assert found.roles.tolist() == ["unique"] * n
        assert len(found.to_pandas()) == len(found.pairs) == 0
        assert len(found.at(0.8).groups) == n


def test_ten_thousand_variants_of_one_text_stay_linear() -> None:
    texts = ["same" + "." * (row % 5000) for row in range(10_000)]
    evidence = collect_evidence(
        texts,
        np.ones((10_000, 1)),
        NeighborGraph(np.zeros((10_000, 0), np.int32), np.zeros((10_000, 0), np.float32), 1.0, True),
    )
    found = Duplicates.from_evidence(evidence, min_similarity=0.95, keep="longest")
    assert (found.roles == "drop").sum() == len(found.pairs) == 9_999
    assert sorted(set(found.kinds)) == ["", "exact", "normalised"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"min_similarity": 0.7}, "min_similarity=0.7; expected at least 0.8: pairs below were not kept"),
        ({"min_similarity": 2}, "min_similarity=2; expected a number from 0 to 1"),
        ({"min_similarity": float("nan")}, "min_similarity=nan; expected a number from 0 to 1"),
        ({"keep": "best"}, "keep='best'; expected one of 'longest', 'shortest', 'most_central', 'first'"),
        ({"keep": [1.0]}, r"keep has shape \(1,\) and type float64; expected .* 2 numbers, a score for each row"),
        ({"keep": ["x", "y"]}, "expected .* 2 numbers, a score for each row"),
        ({"keep": [1.0, np.nan]}, r"keep\[1\] is nan; expected a finite score. Give rows without one a low number"),
    ],
)
def test_what_makes_no_sense_is_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        find((["a", "b"], np.eye(2, dtype=np.float32)), **options)
