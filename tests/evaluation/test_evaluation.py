"""`evaluate` with encoders of every kind: the right prefix for each task, cut vectors, and results one can read."""

from collections.abc import Sequence

import numpy as np
import pytest

from nomic_explore.evaluation import (
    Clustering,
    PairClassification,
    Reranking,
    Retrieval,
    SentenceSimilarity,
    evaluate,
)
from nomic_explore.testing import HashEmbedder

TITLES = ["red apple", "old bicycle", "wooden boat"]
BODIES = ["an apple that is red", "my bicycle is old", "a boat, wooden"]


class Noting(HashEmbedder):
    """A `HashEmbedder` that notes for which task it embeds each text."""

    def __init__(self) -> None:
        super().__init__(64)
        self.asked: list[tuple[str, str]] = []

    def encode(self, texts: Sequence[str], task: str = "clustering", **options: object) -> np.ndarray:  # type: ignore[override]
        self.asked += [(task, text) for text in texts]
        return super().encode(texts, task)


def all_tasks() -> list[Retrieval | Reranking | Clustering | PairClassification | SentenceSimilarity]:
    return [
        Retrieval(TITLES, BODIES),
        Reranking(TITLES, [BODIES] * 3, [0, 1, 2]),
        Clustering([*TITLES, *BODIES], [0, 1, 2, 0, 1, 2], topics=True),
        PairClassification(TITLES, BODIES[::-1], [0, 1, 0]),
        SentenceSimilarity(TITLES, BODIES[::-1], [0.5, 5, 0.2]),
    ]


def test_each_task_embeds_its_texts_with_the_prefix_that_belongs_to_it() -> None:
    embedder = Noting()
    found = evaluate(embedder, all_tasks(), n_bootstrap=0)
    roles = {task for task, text in embedder.asked if text == "red apple"}
    assert roles == {"search_query", "clustering", "classification"}
    assert {task for task, text in embedder.asked if text == "an apple that is red"} == {
        "search_document",
        "clustering",
        "classification",
    }
    table = found.to_pandas()
    assert list(dict.fromkeys(table["task"])) == [
        "retrieval",
        "reranking",
        "clustering",
        "pair classification",
        "sentence similarity",
    ]
    assert list(table["metric"]) == [
        *("recall@1", "recall@10", "nDCG@10", "MRR@10"),
        *("MAP", "nDCG@10", "MRR@10"),
        *("AMI", "V-measure", "topics AMI"),
        *("average precision", "ROC AUC"),
        "Spearman",
    ]
    assert (table["value"] > 0.5).all()
    assert table["low"].isna().all()


def test_a_function_and_an_object_with_queries_of_its_own_can_be_evaluated() -> None:
    def count_letters(texts: list[str]) -> np.ndarray:
        return np.array([[text.count(letter) + 0.1 for letter in "abcdefghijklmnopqrstuvwxyz"] for text in texts])

    class Turned:
        def encode(self, texts: list[str]) -> np.ndarray:
            return count_letters(texts)

        def encode_query(self, texts: list[str]) -> np.ndarray:
            return -count_letters(texts)

    task = Retrieval(TITLES, BODIES)
    assert evaluate(count_letters, task).scores[0].value == 1.0
    assert evaluate(Turned(), task).scores[0].value == 0.0


def test_vectors_can_be_cut_to_their_first_entries() -> None:
    def encode(texts: list[str]) -> np.ndarray:  # the third entry alone tells the texts apart
        return np.array([[1.0, 2.0, 9.0 if "apple" in text else -9.0] for text in texts])

    task = PairClassification(["an apple", "an apple"], ["apple", "pear"], [1, 0])
    full, cut = evaluate(encode, task), evaluate(encode, task, dimensions=2)
    assert (full.dimensions, cut.dimensions) == (3, 2)
    assert [full.scores[1].metric, full.scores[1].value, cut.scores[1].value] == ["ROC AUC", 1.0, 0.5]
    with pytest.raises(ValueError, match="dimensions=4; expected 1 to 3"):
        evaluate(encode, task, dimensions=4)


def test_an_evaluation_is_readable_in_a_terminal_and_in_a_notebook() -> None:
    found = evaluate(HashEmbedder(), Retrieval(TITLES, BODIES, name="<titles>"), n_bootstrap=20)
    assert repr(found).startswith("Evaluation('hash:64', 64 dimensions; <titles>: recall@1 1.000, recall@10 1.000")
    html = found._repr_html_()
    assert "&lt;titles&gt;" in html
    assert "<th>&lt;titles&gt;</th>" in html
    assert found.to_pandas().iloc[0].to_dict() == {
        **{"model": "hash:64", "dimensions": 64, "task": "<titles>", "metric": "recall@1"},
        **{"value": 1.0, "low": 1.0, "high": 1.0, "size": 3},
    }


def test_evaluating_twice_gives_the_same_numbers() -> None:
    first, second = (evaluate(HashEmbedder(), all_tasks(), n_bootstrap=30).to_pandas() for _ in range(2))
    assert first.equals(second)


def test_tasks_that_cannot_be_told_apart_or_are_none_are_refused() -> None:
    task = Retrieval(TITLES, BODIES)
    with pytest.raises(ValueError, match="2 tasks are called 'retrieval'; give each a name"):
        evaluate(HashEmbedder(), [task, task])
    with pytest.raises(ValueError, match="there are no tasks"):
        evaluate(HashEmbedder(), [])
    with pytest.raises(TypeError, match=r"tasks\[0\] is 'retrieval'; expected one of Retrieval"):
        evaluate(HashEmbedder(), ["retrieval"])  # type: ignore[list-item]
    with pytest.raises(TypeError, match="embedder is 7"):
        evaluate(7, task)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="n_bootstrap=-1"):
        evaluate(HashEmbedder(), task, n_bootstrap=-1)
