from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nomic_explore.duplicates import Duplicates, Verdicts, find_duplicates, make_verdicts
from nomic_explore.duplicates.pairs import KINDS
from nomic_explore.graph import build_graph

TEXTS = ["the longest of the cats", "the LONGEST of the cats!", "the longest, of the cats", "a dog", "a dog"]


def find(texts: list[str], **options: object) -> Duplicates:
    vectors = np.eye(len(texts), dtype=np.float32)
    return find_duplicates(texts, vectors, build_graph(vectors), **options)  # type: ignore[arg-type]


def with_verdicts(duplicates: Duplicates, verdicts: Verdicts) -> Duplicates:
    return replace(duplicates, verdicts=verdicts).at()


def test_a_later_verdict_on_the_same_rows_counts() -> None:
    made = make_verdicts(
        [("drop", 1, 0), ("distinct", 1, 0), ("keep", 2, 0), ("drop", 2, 0), ("drop", 3, 4), ("drop", 4, 3)]
    )
    assert made.keep.tolist() == []
    assert made.drop.tolist() == [[2, 0], [4, 3]]
    assert made.distinct.tolist() == [[0, 1]]


def test_what_people_keep_is_never_dropped_and_drops_the_others() -> None:
    found = with_verdicts(find(TEXTS), make_verdicts([("keep", 0, 1), ("keep", 4, 3)]))
    assert found.roles.tolist() == ["keep", "drop", "drop", "drop", "keep"]
    assert found.keepers.tolist() == [0, 0, 0, 4, 4]
    assert find(TEXTS).at(protect=[0, 1, 2, 3, 4]).roles.tolist() == ["keep"] * 5


def test_what_people_drop_goes_for_the_row_they_named() -> None:
    unlike = ["a red cat in the sun", "a blue dog in the rain", "nothing at all"]
    found = with_verdicts(find(unlike), make_verdicts([("drop", 1, 0)]))
    assert found.roles.tolist() == ["keep", "drop", "unique"]
    assert found.keepers.tolist() == [0, 0, 2]
    assert found.kinds.tolist() == ["", "verdict", ""]
    assert found.to_pandas()["size"].tolist() == [2]


def test_a_dropped_row_whose_keeper_goes_too_goes_for_the_last_of_them() -> None:
    found = with_verdicts(
        find(["one text", "two texts", "three texts"]), make_verdicts([("drop", 0, 1), ("drop", 1, 2)])
    )
    assert found.keepers.tolist() == [2, 2, 2]


def test_rows_that_would_go_for_one_another_in_a_circle_all_stay() -> None:
    judged = Verdicts(drop=np.array([[0, 1], [1, 2], [2, 0]]))
    assert with_verdicts(find(["one text", "two texts", "three texts"]), judged).roles.tolist() == ["unique"] * 3


def test_rows_that_are_no_duplicates_of_one_another_are_not_joined() -> None:
    found = with_verdicts(find(TEXTS), make_verdicts([("distinct", 0, 1), ("distinct", 0, 2), ("distinct", 3, 4)]))
    assert found.roles.tolist() == ["unique", "keep", "drop", "keep", "keep"]
    assert found.keepers.tolist() == [0, 1, 1, 3, 4]
    assert found.at(kinds=("exact",)).groups[0] == -1


def test_one_of_equal_rows_that_people_drop_leaves_the_other() -> None:
    found = with_verdicts(find(["a dog", "a dog"]), make_verdicts([("drop", 0, 1)]))
    assert found.keepers.tolist() == [1, 1]


@settings(deadline=None, max_examples=60)
@given(
    texts=st.lists(st.sampled_from(["a cat", "A cat!", "a  cat", "a dog", "A dog", "..."]), min_size=2, max_size=9),
    data=st.data(),
)
def test_verdicts_hold_whatever_else_is_asked(texts: list[str], data: st.DataObject) -> None:
    n = len(texts)
    row = st.integers(0, n - 1)
    judged = data.draw(st.lists(st.tuples(st.sampled_from(["keep", "drop", "distinct"]), row, row), max_size=4))
    verdicts = make_verdicts([one for one in judged if one[1] != one[2]])
    found = Duplicates.from_evidence(find(texts).evidence, kinds=KINDS, verdicts=verdicts)
    assert (found.roles[verdicts.keep] != "drop").all()
    dropped = np.flatnonzero(found.roles == "drop")
    assert (found.roles[found.keepers[dropped]] == "keep").all()
    for one, other in verdicts.distinct.tolist():
        assert found.keepers[one] != other or found.roles[one] != "drop"
        assert found.keepers[other] != one or found.roles[other] != "drop"
    again = found._to_rows(np.arange(n) + 2, n + 3).at()
    assert again.roles[2 : n + 2].tolist() == found.roles.tolist()


def test_a_target_size_is_met_with_the_surest_duplicates_first() -> None:
    texts = [
        "the same",
        "the same",
        "The same!",
        "one two three four five six",
        "one two three four five six seven",
        "else",
    ]
    vectors = np.eye(6, dtype=np.float32)[[0, 0, 0, 1, 1, 2]]
    found = find_duplicates(texts, vectors, build_graph(vectors))
    assert [(found.at(keep_n=n).roles != "drop").sum() for n in (3, 4, 5, 6)] == [3, 4, 5, 6]
    assert found.at(keep_n=5).roles.tolist() == ["keep", "drop", "keep", "review", "keep", "unique"]
    assert found.at(keep_fraction=0.5).roles.tolist() == found.at(keep_n=3).roles.tolist()
    assert found.at(keep_n=3).kinds.tolist() == ["normalised", "normalised", "", "lexical", "", ""]


def test_a_target_that_the_evidence_does_not_reach_is_refused() -> None:
    with pytest.raises(ValueError, match="keep_n=1; the evidence leaves at least 2 of 3 rows"):
        find(["a", "a", "b"]).at(keep_n=1)
    with pytest.raises(ValueError, match="keep_n=0; expected a whole number of at least 1"):
        find(["a"]).at(keep_n=0)
    with pytest.raises(ValueError, match="keep_n and keep_fraction are both given"):
        find(["a"]).at(keep_n=1, keep_fraction=0.5)


def test_kinds_that_do_not_drop_ask_for_a_look() -> None:
    found = find(TEXTS)
    assert found.at(kinds=("exact",)).roles.tolist() == ["review", "keep", "review", "keep", "drop"]
    assert found.at(kinds=()).roles.tolist() == ["review", "keep", "review", "keep", "review"]
    with pytest.raises(ValueError, match=r"kinds=\['twins'\]; expected some of 'exact', 'normalised'"):
        found.at(kinds=["twins"])


def test_a_verdict_on_a_row_holds_for_all_rows_with_its_text() -> None:
    texts = ["a dog", "a cat", "a dog", "a cat", "a dog"]
    evidence = find(texts).evidence
    made = make_verdicts([("drop", 2, 1)], evidence.document)
    dropped = Duplicates.from_evidence(evidence, verdicts=made)
    assert dropped.roles.tolist() == ["drop", "keep", "drop", "drop", "drop"]
    assert dropped.keepers[[0, 2, 4]].tolist() == [1, 1, 1]
    made = make_verdicts([("drop", 2, 1), ("distinct", 3, 4)], evidence.document)
    assert (len(made.drop), made.distinct.tolist()) == (0, [[3, 4]])
    kept = make_verdicts([("drop", 2, 1), ("keep", 4, 1)], evidence.document)
    assert (kept.drop.tolist(), kept.keep.tolist()) == ([], [4])
    assert make_verdicts([("keep", 4, 1), ("drop", 2, 1)], evidence.document).keep.tolist() == []


def test_verdicts_on_rows_with_one_text_are_about_these_rows() -> None:
    document = np.array([0, 0, 0, 1])
    made = make_verdicts([("drop", 0, 1), ("keep", 2, 1), ("distinct", 1, 0)], document)
    assert (made.drop.tolist(), made.keep.tolist(), made.distinct.tolist()) == ([], [2], [[0, 1]])
    assert make_verdicts([("keep", 0, 3), ("keep", 2, 3), ("drop", 0, 2)], document).keep.tolist() == [2]
