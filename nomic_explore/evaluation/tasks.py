"""What an embedder is asked to do: five kinds of tasks, each made of texts and of what is right about them.

Every task is made of plain lists, of columns of a frame, or of mappings from ids to texts, and is checked when it is made:
what comes after may rely on lengths that agree and on rows that exist.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from nomic_explore.checks import check_texts
from nomic_explore.evaluation.task_inputs import (
    Relevant,
    Right,
    Texts,
    check_lengths,
    join_pairs,
    list_relevant,
    read_grades,
    read_texts,
)


@dataclass(frozen=True, eq=False, init=False, repr=False)
class Retrieval:
    """Find the right documents among all documents, for each query.

    Args:
        queries: q texts; a mapping or a Series brings its keys or its index as ids, else the ids are row numbers.
        documents: d texts, likewise; all of them are searched for each query.
        relevant: the ids of the right documents of each query, in the order of the queries or by the ids of the queries: one id,
            several, or a mapping from ids to grades, of which 0 is not right. Or a table whose first column names the query,
            the second the document, and the third, if there is one, holds the grade. None: queries and documents are pairs, row i
            answers row i; equal queries are then asked once, and equal documents stand once among those searched.
        name: of the task.

    Attributes:
        queries: list of q texts.
        documents: list of d texts.
        grades: for each query the rows of its right documents, with their grades above 0.

    Raises:
        TypeError: a text is no string.
        ValueError: there are no texts, lengths differ, or a query has no right document or names one that does not exist.

    Example:
        >>> Retrieval({"q1": "pets that bark"}, {"d1": "a cat", "d2": "a dog"}, {"q1": "d2"}).grades
        [{1: 1.0}]
        >>> Retrieval(["pets that bark", "pets that purr"], ["a dog", "a cat"])
        Retrieval('retrieval', 2 queries, 2 documents)
    """

    queries: list[str]
    documents: list[str]
    grades: list[dict[int, float]]
    name: str

    def __init__(
        self, queries: Texts, documents: Texts, relevant: Relevant | None = None, *, name: str = "retrieval"
    ) -> None:
        query_ids, query_texts = read_texts(queries, "queries")
        document_ids, document_texts = read_texts(documents, "documents")
        if relevant is None:
            check_lengths(len(query_texts), "queries", documents=len(document_texts))
            query_texts, document_texts, grades = join_pairs(query_texts, document_texts)
        else:
            rows = {each: row for row, each in enumerate(document_ids)}
            listed = zip(query_ids, list_relevant(relevant, query_ids), strict=True)
            grades = [read_grades(right, rows, f"relevant[{query!r:.60}]") for query, right in listed]
        vars(self).update(queries=query_texts, documents=document_texts, grades=grades, name=name)

    def __len__(self) -> int:
        return len(self.queries)

    def __repr__(self) -> str:
        return f"Retrieval({self.name!r}, {len(self):,} queries, {len(self.documents):,} documents)"


@dataclass(frozen=True, eq=False, init=False, repr=False)
class Reranking:
    """Put the right ones first among a few candidates that are given for each query.

    Args:
        queries: q texts.
        candidates: for each query a list of at least two texts.
        relevant: for each query the numbers of its right candidates, counted from 0: one, several, a mapping to grades, or a mask
            with one boolean for each candidate.
        name: of the task.

    Raises:
        TypeError: a text is no string.
        ValueError: lengths differ, a query has fewer than two candidates, or no right one, or one that does not exist.

    Example:
        >>> Reranking(["pets that bark"], [["a cat", "a dog", "a lamp"]], [[False, True, False]]).grades
        [{1: 1.0}]
    """

    queries: list[str]
    candidates: list[list[str]]
    grades: list[dict[int, float]]
    name: str

    def __init__(
        self,
        queries: Sequence[str],
        candidates: Sequence[Sequence[str]],
        relevant: Sequence[Right],
        *,
        name: str = "reranking",
    ) -> None:
        _, texts = read_texts(queries, "queries")
        check_lengths(len(texts), "queries", candidates=len(candidates), relevant=len(relevant))
        lists = [check_texts(each, f"candidates[{row}]") for row, each in enumerate(candidates)]
        for row, each in enumerate(lists):
            if len(each) < 2:
                raise ValueError(f"candidates[{row}] holds {len(each)} texts; expected at least two to put in order.")
        grades = [
            read_grades(right, {n: n for n in range(len(each))}, f"relevant[{row}]")
            for row, (right, each) in enumerate(zip(relevant, lists, strict=True))
        ]
        vars(self).update(queries=texts, candidates=lists, grades=grades, name=name)

    def __len__(self) -> int:
        return len(self.queries)

    def __repr__(self) -> str:
        return f"Reranking({self.name!r}, {len(self):,} queries, {sum(map(len, self.candidates)):,} candidates)"


@dataclass(frozen=True, eq=False, init=False, repr=False)
class Clustering:
    """Group texts as their labels do.

    Args:
        texts: n texts.
        labels: n labels of any kind, at least two different ones.
        topics: also measure the topics that `find_topics` finds, which knows no number of groups.
        name: of the task.

    Attributes:
        labels: (n,) int64, the labels as numbers from 0.

    Raises:
        TypeError: a text is no string.
        ValueError: lengths differ, a label is missing, or all are the same.

    Example:
        >>> Clustering(["a cat", "a dog", "a lamp"], ["pet", "pet", "thing"]).labels.tolist()
        [0, 0, 1]
    """

    texts: list[str]
    labels: np.ndarray
    topics: bool
    name: str

    def __init__(
        self, texts: Sequence[str], labels: Sequence[object], *, topics: bool = False, name: str = "clustering"
    ) -> None:
        import pandas as pd

        _, listed = read_texts(texts, "texts")
        check_lengths(len(listed), "texts", labels=len(labels))
        numbers, values = pd.factorize(np.fromiter(labels, dtype=object, count=len(labels)))
        if (numbers < 0).any():
            row = int(np.flatnonzero(numbers < 0)[0])
            raise ValueError(f"labels[{row}] is missing; leave out the texts that have no label.")
        if len(values) < 2:
            raise ValueError(f"all labels are {values[0]!r:.60}; expected at least two different ones.")
        vars(self).update(texts=listed, labels=numbers.astype(np.int64), topics=topics, name=name)

    def __len__(self) -> int:
        return len(self.texts)

    def __repr__(self) -> str:
        return f"Clustering({self.name!r}, {len(self):,} texts, {int(self.labels.max()) + 1:,} labels)"


@dataclass(frozen=True, eq=False, init=False, repr=False)
class PairClassification:
    """Tell the pairs of texts that mean the same from those that do not, by their similarity.

    Args:
        left: n texts.
        right: the n texts they are compared with.
        is_same: n booleans, or 0 and 1; both have to occur.
        name: of the task.

    Attributes:
        is_same: (n,) bool.

    Raises:
        TypeError: a text is no string.
        ValueError: lengths differ, or `is_same` holds something else, or only one of the two.

    Example:
        >>> PairClassification(["a cat", "a cat"], ["the cat", "a lamp"], [1, 0])
        PairClassification('pair classification', 2 pairs, 1 the same)
    """

    left: list[str]
    right: list[str]
    is_same: np.ndarray
    name: str

    def __init__(
        self,
        left: Sequence[str],
        right: Sequence[str],
        is_same: Sequence[bool | int],
        *,
        name: str = "pair classification",
    ) -> None:
        (_, lefts), (_, rights) = read_texts(left, "left"), read_texts(right, "right")
        check_lengths(len(lefts), "left", right=len(rights), is_same=len(is_same))
        for row, value in enumerate(is_same):
            if value not in (0, 1):  # True and False are among them
                raise ValueError(f"is_same[{row}] is {value!r:.60}; expected True or False.")
        same = np.array(list(is_same), dtype=bool)
        if same.all() or not same.any():
            raise ValueError(f"is_same is {bool(same[0])} for every pair; expected some pairs of each kind.")
        vars(self).update(left=lefts, right=rights, is_same=same, name=name)

    def __len__(self) -> int:
        return len(self.left)

    def __repr__(self) -> str:
        return f"PairClassification({self.name!r}, {len(self):,} pairs, {int(self.is_same.sum()):,} the same)"


@dataclass(frozen=True, eq=False, init=False, repr=False)
class SentenceSimilarity:
    """Order pairs of texts by how similar people found them (semantic textual similarity, STS).

    Args:
        left: n texts.
        right: the n texts they are compared with.
        scores: n numbers, greater for more similar pairs, on any scale.
        name: of the task.

    Attributes:
        scores: (n,) float64.

    Raises:
        TypeError: a text is no string.
        ValueError: lengths differ, or a score is not finite, or all are equal.

    Example:
        >>> SentenceSimilarity(["a cat", "a cat"], ["the cat", "a lamp"], [5, 1.5])
        SentenceSimilarity('sentence similarity', 2 pairs)
    """

    left: list[str]
    right: list[str]
    scores: np.ndarray
    name: str

    def __init__(
        self, left: Sequence[str], right: Sequence[str], scores: Sequence[float], *, name: str = "sentence similarity"
    ) -> None:
        (_, lefts), (_, rights) = read_texts(left, "left"), read_texts(right, "right")
        check_lengths(len(lefts), "left", right=len(rights), scores=len(scores))
        numbers = np.asarray(scores, dtype=np.float64)
        if not np.isfinite(numbers).all():
            row = int(np.flatnonzero(~np.isfinite(numbers))[0])
            raise ValueError(f"scores[{row}] is {numbers[row]}; expected a finite number.")
        if np.ptp(numbers) == 0:
            raise ValueError(f"all scores are {numbers[0]:g}; expected at least two different ones to order pairs by.")
        vars(self).update(left=lefts, right=rights, scores=numbers, name=name)

    def __len__(self) -> int:
        return len(self.left)

    def __repr__(self) -> str:
        return f"SentenceSimilarity({self.name!r}, {len(self):,} pairs)"


Task: TypeAlias = Retrieval | Reranking | Clustering | PairClassification | SentenceSimilarity
