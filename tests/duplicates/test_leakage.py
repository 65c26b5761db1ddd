"""Test rows that have a duplicate among the training rows."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nomic_explore import Leakage, find_leakage, read_corpus
from nomic_explore.duplicates import collect_evidence
from nomic_explore.duplicates.crossing import build_crossing_graph, cross
from nomic_explore.graph import build_graph

CORPORA = Path(__file__).parents[2].parent / "shared" / "corpora"
LONG = (
    "The harbour was built in the years when ships still carried coal along the coast, and it was widened "
    "twice before the railway took most of the trade away from the town and its merchants."
)
CUT = LONG[: LONG.index(" and its merchants")]
# Text, split, label and direction of the vector of each row.
ROWS = [
    (LONG, "train", "history", 0),
    ("a dog barks", "train", "animals", 1),
    ("a dog barks", "train", "sounds", 1),
    ("a red house", "train", "buildings", 2),
    ("an old song", "train", "sounds", 3),
    (CUT, "test", "history", 0),
    ("a dog barks", "test", "sounds", 1),
    ("A dog barks!", "test", "pets", 1),
    ("the crimson home", "test", "buildings", 2),
    ("nothing like it", "test", "history", 4),
    ("nothing like it", "test", "history", 4),
    (None, "test", "history", 4),
]
TABLE = dict(zip(("text", "split", "label"), map(list, zip(*[row[:3] for row in ROWS], strict=True)), strict=True))
VECTORS = np.eye(5, dtype=np.float32)[[row[3] for row in ROWS]]


def find(**options: Any) -> Leakage:
    asked = {"text": "text", "label": "label", "vectors": VECTORS, "min_similarity": 0.9, "show_progress": False}
    return find_leakage(TABLE, **(asked | options))


def test_each_leaking_row_stands_beside_the_training_row_it_resembles_most() -> None:
    told = find().to_pandas()
    assert told[["row", "train_row", "kind", "is_certain"]].to_numpy().tolist() == [
        [5, 0, "lexical", True],
        [6, 2, "exact", True],  # of two training rows with this text, the one with the same label
        [7, 1, "normalised", True],
        [8, 3, "semantic", False],
    ]
    assert told["similarity"].tolist() == pytest.approx([1.0, 1.0, 1.0, 1.0])
    assert told["overlap"].tolist()[1:3] == [1.0, 1.0]
    assert told["overlap"][3] < 0.2
    assert told["label_conflict"].tolist() == [False, False, True, False]


def test_duplicates_within_one_side_are_no_leaks() -> None:
    assert not {9, 10} & set(find().to_pandas()["row"])
    assert find(test="train", train="test").to_pandas()["row"].tolist() == [0, 1, 2, 3]


def test_the_summary_counts_by_kind_and_by_class() -> None:
    leakage = find()
    assert leakage.summary()["n_certain"].tolist() == [1, 1, 1, 0]
    assert leakage.summary()["n_to_review"].tolist() == [0, 0, 0, 1]
    assert leakage.summary()["share_certain"].sum() == pytest.approx(3 / 6)  # the row without text does not count
    by_class = leakage.by_class().set_index("label")
    assert by_class.loc["history", ["n_test", "n_certain", "n_conflicts"]].tolist() == [3, 1, 0]
    assert by_class.loc["pets", ["n_test", "n_certain", "n_conflicts"]].tolist() == [1, 1, 1]
    assert by_class.loc["buildings", ["n_certain", "n_to_review"]].tolist() == [0, 1]
    assert "6 test rows, 5 training rows: 3 test rows (50.0%) have a certain duplicate, 1 flagged for review" in repr(
        leakage
    )


def test_a_conflict_is_a_certain_duplicate_with_another_label() -> None:
    conflicts = find().conflicts()
    assert conflicts[["row", "label", "train_label", "text", "train_text"]].to_numpy().tolist() == [
        [7, "pets", "animals", "A dog barks!", "a dog barks"]
    ]


def test_the_curve_adds_what_is_near_in_meaning_to_what_is_certain() -> None:
    angles = np.array([0.0, 0.0, 0.5])  # cosine 0.878 to the first
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    table = {"text": ["a dog", "A dog!", "some hound"], "split": ["train", "test", "test"]}
    curve = find_leakage(table, text="text", vectors=vectors, show_progress=False).curve().set_index("threshold")
    assert curve["n_certain"].unique().tolist() == [1]
    assert curve.loc[[0.8, 0.87, 0.88, 1.0], "n"].tolist() == [2, 2, 1, 1]
    assert curve.loc[1.0, "share"] == 0.5
    assert curve["share"].is_monotonic_decreasing


def test_nothing_is_dropped_but_where_it_is_asked() -> None:
    leakage = find()
    assert leakage.drop().texts == ["a red house", "an old song"]
    assert leakage.drop("test").texts == ["the crimson home", "nothing like it", "nothing like it"]
    assert len(leakage.train) == len(ROWS)
    with pytest.raises(ValueError, match="from_='both'; expected one of 'train', 'test'"):
        leakage.drop("both")


def test_two_sources_are_compared_in_their_own_row_numbers() -> None:
    train = read_corpus({"text": TABLE["text"][:5], "label": TABLE["label"][:5]}, "text")
    test = {"text": TABLE["text"][5:], "label": TABLE["label"][5:]}
    leakage = find_leakage(train, test, text="text", label="label", vectors=VECTORS, show_progress=False)
    assert leakage.to_pandas()[["row", "train_row"]].to_numpy().tolist() == [[0, 0], [1, 2], [2, 1], [3, 3]]
    assert leakage.drop("test").texts == ["the crimson home", "nothing like it", "nothing like it"]


def test_of_several_columns_each_is_evidence() -> None:
    table = {
        "title": ["A history of the port", "Minutes of the council"],
        "body": [LONG, LONG],
        "split": ["train", "test"],
    }
    parted = find_leakage(table, text=["title", "body"], vectors=np.ones((2, 2)), show_progress=False).to_pandas()
    assert parted["is_certain"].tolist() == [False]
    assert "columns differ" in parted["flags"][0]


def test_other_splits_count_as_training_unless_one_is_named() -> None:
    table = {"text": ["a dog", "a cat", "a cat"], "split": ["train", "validation", "test"]}
    asked = {"text": "text", "vectors": np.eye(2)[[0, 1, 1]], "show_progress": False}
    assert len(find_leakage(table, **asked).to_pandas()) == 1
    assert len(find_leakage(table, **asked, train="train").to_pandas()) == 0


def test_a_side_that_resembles_nothing_gives_empty_tables() -> None:
    table = {"text": ["a dog", "an old song"], "split": ["train", "test"], "label": ["x", "y"]}
    leakage = find_leakage(table, text="text", label="label", vectors=np.eye(2), show_progress=False)
    assert len(leakage.to_pandas()) == len(leakage.conflicts()) == 0
    assert leakage.curve()["n"].sum() == 0
    assert leakage.by_class()["n_test"].tolist() == [1]
    assert len(leakage.drop()) == len(leakage.drop("test")) == 1


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"split": "part"}, "split='part'; expected one of 'text', 'split', 'label'"),
    ({"test": "dev"}, "test='dev'; column 'split' holds 'test', 'train'"),
    ({"train": "dev"}, "train='dev'; column 'split' holds"),
    ({"train": "test"}, "is for testing; expected some for training"),
    ({"label": "class"}, "label='class'; expected one of 'text'"),
    ({"vectors": VECTORS[:3]}, "vectors has 3 rows, the source has 12; row i must be the vector of row i"),
    ({"min_similarity": 0.3}, "min_similarity=0.3; expected at least 0.8"),
]


@pytest.mark.parametrize(("options", "message"), REFUSED, ids=[message[:20] for _, message in REFUSED])
def test_what_cannot_be_used_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        find(**options)


def test_labels_are_compared_only_where_one_is_named() -> None:
    leakage = find(label=None)
    assert not leakage.to_pandas()["label_conflict"].any()
    for ask in (leakage.conflicts, leakage.by_class):
        with pytest.raises(ValueError, match=r"none was named; call find_leakage\(..., label='COLUMN'\)"):
            ask()


@st.composite
def sides(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Distinct vectors, which of them each row has, and which rows are for testing."""
    n = draw(st.integers(1, 6))
    index = np.array(draw(st.lists(st.integers(0, n - 1), min_size=1, max_size=12)))
    _, index = np.unique(index, return_inverse=True)
    angles = np.array(draw(st.lists(st.integers(0, 40), min_size=n, max_size=n, unique=True)))[: index.max() + 1] * 0.07
    is_test = np.array(draw(st.lists(st.booleans(), min_size=len(index), max_size=len(index))))
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32), index, is_test


@settings(deadline=None)
@given(made=sides())
def test_the_graph_joins_test_rows_to_training_rows_as_comparing_all_does(
    made: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    distinct, index, is_test = made
    graph = build_crossing_graph(distinct, index, is_test)
    for row in range(len(index)):
        others = set(index[~is_test]) - {index[row]} if is_test[row] else set()
        nearest = sorted(others, key=lambda other: -float(distinct[index[row]] @ distinct[other]))
        neighbors = graph.neighbors[row][graph.neighbors[row] >= 0]
        assert not is_test[neighbors].any()
        assert graph.similarities[row][: len(nearest)] == pytest.approx(
            [float(distinct[index[row]] @ distinct[other]) for other in nearest], abs=1e-5
        )
        assert len(neighbors) == len(nearest)


@settings(deadline=None, max_examples=60)
@given(
    rows=st.lists(
        st.tuples(st.sampled_from(["a dog", "A dog!", "a cat", "a  cat", "a dog 5", LONG, CUT]), st.booleans()),
        min_size=2,
        max_size=10,
    )
)
def test_a_row_leaks_for_certain_where_the_duplicates_of_both_sides_match_it(rows: list[tuple[str, bool]]) -> None:
    texts, is_test = [text for text, _ in rows], np.array([tests for _, tests in rows])
    names = sorted(set(texts))
    vectors = np.eye(len(names), dtype=np.float32)[[names.index(text) for text in texts]]
    evidence = collect_evidence(texts, vectors, build_graph(vectors))
    crossing = cross(evidence, is_test, 0.9)
    alike = [{"a dog", "A dog!"}, {"a cat", "a  cat"}, {LONG, CUT}, {"a dog 5"}]
    for text, tests in rows:
        mates = next(group for group in alike if text in group)
        has_copy = any(other in mates and not others for other, others in rows)
        if tests:
            assert crossing.is_certain[evidence.document[texts.index(text)]] == has_copy


def test_planted_duplicates_across_a_split_are_found() -> None:
    source = CORPORA / "planted_duplicates.parquet"
    if not source.exists():
        pytest.skip("the corpora are not at hand")
    table = pd.read_parquet(source)
    vectors = np.load(CORPORA / "planted_duplicates.minilm.npy")
    leakage = find_leakage(table, text="text", model="minilm", vectors=vectors, show_progress=False)
    told = leakage.to_pandas()
    is_right = table["dup_cluster"].to_numpy()[told["row"]] == table["dup_cluster"].to_numpy()[told["train_row"]]
    assert is_right[told["is_certain"]].mean() >= 0.99
    tested = table[table["split"] == "test"]
    truth = tested.index[tested["dup_cluster"].isin(set(table.loc[table["split"] == "train", "dup_cluster"]))]
    assert np.isin(truth, told["row"][is_right]).mean() >= 0.97


def test_vectors_come_from_a_column_of_one_source_or_of_both() -> None:
    table = pd.DataFrame({**TABLE, "e": list(VECTORS)})
    whole = find_leakage(table, text="text", vectors="e", show_progress=False)
    train, test = (table[table["split"] == side] for side in ("train", "test"))
    parts = find_leakage(train, test, text="text", vectors="e", show_progress=False)
    assert whole.to_pandas()["kind"].tolist() == parts.to_pandas()["kind"].tolist()
    assert whole.to_pandas()["similarity"].tolist() == parts.to_pandas()["similarity"].tolist()
