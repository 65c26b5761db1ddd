"""What tasks are made of, and what is refused when one is made."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import polars as pl
import pytest

from nomic_explore.evaluation import Clustering, PairClassification, Reranking, Retrieval, SentenceSimilarity

PETS = ["a cat", "a dog", "a lamp"]


def test_right_documents_can_be_named_in_each_usual_way() -> None:
    by_row = Retrieval(["barks"], PETS, [1])
    several = Retrieval(["barks"], PETS, [[1, 2]])
    graded = Retrieval(["barks"], PETS, [{1: 2, 0: 0}])
    mask = Retrieval(["barks"], PETS, [np.array([False, True, False])])
    assert by_row.grades == mask.grades == [{1: 1.0}]
    assert several.grades == [{1: 1.0, 2: 1.0}]
    assert graded.grades == [{1: 2.0}]


def test_ids_come_from_a_mapping_or_from_the_index_of_a_series() -> None:
    documents = pd.DataFrame({"doc": ["d1", "d2"], "text": ["a cat", "a dog"]}).set_index("doc")["text"]
    by_series = Retrieval(pd.Series(["barks"], index=["q7"]), documents, {"q7": "d2"})
    by_mapping = Retrieval({"q7": "barks"}, {"d1": "a cat", "d2": "a dog"}, {"q7": ["d2"]})
    assert by_series.grades == by_mapping.grades == [{1: 1.0}]
    assert by_series.documents == by_mapping.documents == ["a cat", "a dog"]


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame])
def test_a_table_of_judgments_names_query_document_and_grade(frame: Callable[..., object]) -> None:
    judged = frame({"query_id": [1, 1, 2], "doc_id": [10, 11, 10], "rel": [3, 0, 1]})
    task = Retrieval({1: "barks", 2: "purrs"}, {10: "a dog", 11: "a cat"}, judged)
    assert task.grades == [{0: 3.0}, {0: 1.0}]
    ungraded = Retrieval({1: "barks", 2: "purrs"}, {10: "a dog", 11: "a cat"}, judged[["query_id", "doc_id"]])  # type: ignore[index]
    assert ungraded.grades == [{0: 1.0, 1: 1.0}, {0: 1.0}]


def test_a_document_that_stands_in_two_pairs_does_not_compete_with_itself() -> None:
    task = Retrieval(["pets", "cats", "pets"], ["a dog", "a cat", "a cat"])
    assert task.queries == ["pets", "cats"]
    assert task.documents == ["a dog", "a cat"]
    assert task.grades == [{0: 1.0, 1: 1.0}, {1: 1.0}]


def test_columns_of_any_frame_are_taken_as_lists() -> None:
    table = pl.DataFrame({"text": PETS, "kind": ["pet", "pet", "thing"]})
    assert Clustering(table["text"], table["kind"]).labels.tolist() == [0, 0, 1]
    assert Clustering(pd.Series(PETS), pd.Categorical(["b", "a", "b"])).labels.tolist() == [0, 1, 0]


def test_a_task_is_short_in_its_repr() -> None:
    assert repr(Reranking(["barks"], [PETS], [1], name="pets")) == "Reranking('pets', 1 queries, 3 candidates)"
    assert repr(Clustering(PETS, [1, 1, 2])) == "Clustering('clustering', 3 texts, 2 labels)"


REFUSED: list[tuple[Callable[[], object], type[Exception], str]] = [
    (lambda: Retrieval([], PETS), ValueError, "queries is empty; expected at least one text"),
    (lambda: Retrieval("barks", PETS), TypeError, "queries is one string"),
    (lambda: Retrieval(["barks", None], PETS, [1, 1]), TypeError, r"queries\[1\] is None"),  # type: ignore[list-item]
    (lambda: Retrieval(["barks"], PETS), ValueError, "documents has 3 entries, queries has 1"),
    (lambda: Retrieval(["barks"], PETS, [1, 2]), ValueError, "relevant has 2 entries, queries has 1"),
    (lambda: Retrieval(["barks"], PETS, [3]), ValueError, r"relevant\[0\] names the document 3, which does not exist.*row numbers"),
    (lambda: Retrieval(["barks"], PETS, [[]]), ValueError, r"relevant\[0\] has no right document; leave the query out"),
    (lambda: Retrieval(["barks"], PETS, [{1: 0}]), ValueError, "has no right document"),
    (lambda: Retrieval({"q": "barks"}, PETS, {"p": 1}), ValueError, "names the query 'p', which does not exist; .* like 'q'"),
    (lambda: Retrieval({"q": "barks", "r": "purrs"}, PETS, {"q": 1}), ValueError, r"relevant\['r'\] has no right document"),
    (lambda: Retrieval(["barks"], PETS, [[True, False]]), ValueError, r"relevant\[0\] has 2 entries"),
    (lambda: Retrieval(["barks"], PETS, pd.DataFrame({"query": [0]})), ValueError, "two or three: the query, the document"),
    (lambda: Retrieval(pd.DataFrame({"text": PETS}), PETS), TypeError, r"queries is a table; expected its column"),
    (lambda: Retrieval(pd.Series(["a", "b"], index=[7, 7]), PETS), ValueError, r"has the id 7 twice.*tolist"),
    (lambda: Reranking(["barks"], [["a dog"]], [0]), ValueError, r"candidates\[0\] holds 1 texts; expected at least two"),
    (lambda: Reranking(["barks"], [PETS], [5]), ValueError, "names the document 5"),
    (lambda: Reranking(["barks"], [PETS, PETS], [0]), ValueError, "candidates has 2 entries"),
    (lambda: Clustering(PETS, ["a", "b"]), ValueError, "labels has 2 entries, texts has 3"),
    (lambda: Clustering(PETS, ["a", None, "b"]), ValueError, r"labels\[1\] is missing"),
    (lambda: Clustering(PETS, ["a", "a", "a"]), ValueError, "all labels are 'a'"),
    (lambda: PairClassification(PETS, PETS, [1, 0]), ValueError, "is_same has 2 entries, left has 3"),
    (lambda: PairClassification(PETS, PETS, [1, 0, 2]), ValueError, r"is_same\[2\] is 2"),
    (lambda: PairClassification(PETS, PETS, [1, 1, 1]), ValueError, "True for every pair"),
    (lambda: SentenceSimilarity(PETS, PETS[:2], [1, 2, 3]), ValueError, "right has 2 entries"),
    (lambda: SentenceSimilarity(PETS, PETS, [1, np.nan, 3]), ValueError, r"scores\[1\] is nan"),
    (lambda: SentenceSimilarity(PETS, PETS, [2, 2, 2]), ValueError, "all scores are 2"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "error", "words"), REFUSED, ids=range(len(REFUSED)))
def test_what_cannot_be_a_task_is_refused_when_it_is_made(
    make: Callable[[], object], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        make()
