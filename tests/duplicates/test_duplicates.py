import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nomic_explore import Duplicates, build_graph, find_duplicates
from nomic_explore.duplicates.normalize import normalize
from nomic_explore.duplicates.pairs import KINDS

TEXTS = st.lists(
    st.sampled_from(["a cat", "A cat!", "a dog", "a dog 5", "a dog 6", "\U0001f600", "...", "", "NUL \x00"]),
    min_size=1,
    max_size=12,
)


def vectors_of(texts: list[str]) -> np.ndarray:
    """Vectors in which the dogs lie close together and all else apart."""
    places = {"a cat": 0, "A cat!": 0, "a dog": 1, "a dog 5": 1, "a dog 6": 1}
    made = np.zeros((len(texts), 8), dtype=np.float32)
    for row, text in enumerate(texts):
        made[row, places.get(text, 2 + len(text) % 6)] = 1.0
        made[row, 7] += 0.05 * len(text)
    return made / np.linalg.norm(made, axis=1, keepdims=True)


def find(texts: list[str], **options: object) -> Duplicates:
    vectors = vectors_of(texts)
    return find_duplicates(texts, vectors, build_graph(vectors), kinds=KINDS, **options)  # type: ignore[arg-type]


@settings(deadline=None, max_examples=60)
@given(texts=TEXTS)
def test_every_dropped_row_matches_a_kept_row_and_no_two_kept_rows_match(texts: list[str]) -> None:
    found = find(texts)
    rows = np.arange(len(texts))
    dropped = found.roles == "drop"
    np.testing.assert_array_equal(found.keepers != rows, dropped)
    assert (found.roles[found.keepers[dropped]] == "keep").all()
    certain = found.pairs[found.pairs["is_duplicate"]]
    pairs = zip(certain["row"], certain["other"], strict=True)
    both = {frozenset((texts[row], texts[other])) for row, other in pairs}  # of texts: equal ones have the same pairs
    stays = rows[~dropped]
    assert not any(frozenset((texts[a], texts[b])) in both for a in stays for b in stays if a != b)
    for row in rows[dropped]:
        keeper = found.keepers[row]
        same = normalize(texts[row]) and normalize(texts[row]) == normalize(texts[keeper])
        assert frozenset((texts[row], texts[keeper])) in both or same or texts[row] == texts[keeper]


@settings(deadline=None, max_examples=40)
@given(texts=TEXTS, seed=st.integers(0, 99))
def test_the_order_of_the_rows_decides_nothing_about_texts(texts: list[str], seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(texts))
    straight, shuffled = find(texts), find([texts[row] for row in order])
    kept = sorted(texts[row] for row in np.flatnonzero(straight.keepers == np.arange(len(texts))))
    assert kept == sorted(texts[order[row]] for row in np.flatnonzero(shuffled.keepers == np.arange(len(texts))))


@settings(deadline=None, max_examples=40)
@given(texts=TEXTS)
def test_deduplicating_twice_changes_nothing(texts: list[str]) -> None:
    kept = [texts[row] for row in np.flatnonzero(find(texts).keepers == np.arange(len(texts)))]
    assert (find(kept).roles != "drop").all()


def test_kinds_say_how_a_row_relates_to_the_kept_one() -> None:
    found = find(["a cat", "a cat", "A cat!", "a dog", "a dog 5", "a dog 6", "alone"])
    assert found.kinds.tolist()[:3] == ["normalised", "normalised", ""]
    assert found.roles.tolist()[:3] == ["drop", "drop", "keep"]
    assert found.roles.tolist()[3:] == ["drop", "keep", "review", "unique"]
    assert found.groups.tolist()[6] == -1
    assert found.to_pandas()["size"].tolist() == [3, 3]


def test_texts_without_words_match_only_themselves() -> None:
    found = find(["...", "!!!!", "...", ""])
    assert found.roles.tolist() == ["keep", "unique", "drop", "unique"]
    assert found.kinds[2] == "exact"


def test_another_threshold_is_decided_from_the_same_evidence() -> None:
    texts = ["one sentence", "one sentence more", "other"]
    vectors = np.array([[1, 0.0], [0.9, 0.436], [-1, 0.2]], dtype=np.float32)
    found = find_duplicates(texts, vectors, build_graph(vectors), min_similarity=0.95, kinds=KINDS)
    assert (found.roles == "drop").sum() == 0
    looser = found.at(min_similarity=0.85)
    assert looser.roles.tolist() == ["drop", "keep", "unique"]
    assert looser.similarities[0] == pytest.approx(0.9, abs=0.01)
    assert looser.at(min_similarity=0.95).roles.tolist() == found.roles.tolist()
    assert found.at(0.85, keep="shortest").roles.tolist() == ["keep", "drop", "unique"]


def test_ten_thousand_duplicates_make_ten_thousand_pairs() -> None:
    texts = ["the same"] * 10_000
    vectors = np.tile(np.eye(1, 4, dtype=np.float32), (10_000, 1))
    graph = build_graph(vectors[:40])
    spread = graph._to_rows(np.zeros(10_000, dtype=np.int64), np.arange(40))
    found = find_duplicates(texts, vectors, spread)
    assert len(found.pairs) == 9_999
    assert (found.keepers == 0).all()


def test_placed_rows_keep_their_decisions() -> None:
    placed = find(["a cat", "a cat", "a dog"])._to_rows(np.array([1, 3, 4]), 6)
    assert placed.keepers.tolist() == [0, 1, 2, 1, 4, 5]
    assert placed.at(keep="first").keepers.tolist() == placed.keepers.tolist()
    assert placed.pairs[["row", "other"]].to_numpy().tolist() == [[3, 1]]


def test_arguments_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="min_similarity=0.5; expected at least 0.8"):
        find(["a"], min_similarity=0.5)
    with pytest.raises(ValueError, match="keep='best'; expected one of"):
        find(["a"], keep="best")
    with pytest.raises(ValueError, match="min_similarity=2; expected a number from 0 to 1"):
        find(["a"], min_similarity=2)
    with pytest.raises(TypeError, match=r"texts\[0\] is None; expected a string"):
        find_duplicates([None], np.eye(1), build_graph(np.eye(1)))  # type: ignore[list-item]
