"""What tasks are made of: texts with ids, and which documents are right for which query, checked and turned into row numbers."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias, Union, cast

import numpy as np

from nomic_explore.checks import check_texts

if TYPE_CHECKING:
    import pandas as pd

# Texts by row, or with an id for each: a mapping, or a Series, whose index holds the ids.
Texts: TypeAlias = Union[Sequence[str], Mapping[Hashable, str], "pd.Series[str]"]
# What is right for one query: an id, several, a mapping from ids to grades, or a mask; and that for all queries.
Right: TypeAlias = Hashable | Iterable[Hashable] | Mapping[Hashable, float]
Relevant: TypeAlias = Union[Sequence[Right], Mapping[Hashable, Right], "pd.DataFrame"]


def read_texts(texts: Texts, name: str) -> tuple[list[Hashable], list[str]]:
    """Returns the ids and the texts; ids are row numbers unless a mapping or the index of a Series brings others.

    Raises:
        TypeError: they are a whole table, or a text is not a string.
        ValueError: there are none, or two share an id.

    Example:
        >>> read_texts({"d1": "a cat"}, "documents"), read_texts(["a cat"], "documents")
        ((['d1'], ['a cat']), ([0], ['a cat']))
    """
    if hasattr(texts, "columns"):
        raise TypeError(f"{name} is a table; expected its column of texts, such as table['text'].")
    if isinstance(texts, Mapping):
        ids, listed = list(texts), list(texts.values())
    elif hasattr(texts, "index") and hasattr(texts, "items"):  # a Series
        ids, listed = list(cast("pd.Series[str]", texts).index), list(texts)
    else:
        listed = check_texts(cast("Sequence[str]", texts), name)
        ids = list(range(len(listed)))
    if not listed:
        raise ValueError(f"{name} is empty; expected at least one text.")
    if len(set(ids)) < len(ids):
        twice = next(each for each in ids if ids.count(each) > 1)
        raise ValueError(f"{name} has the id {twice!r:.60} twice; expected one for each text. Pass {name}.tolist().")
    return ids, check_texts(listed, name)


def check_lengths(n_rows: int, of: str, **others: int) -> None:
    """Raises ValueError unless every named count equals `n_rows`.

    Example:
        >>> check_lengths(3, "left", right=2)
        Traceback (most recent call last):
        ...
        ValueError: right has 2 entries, left has 3; entry i of each belongs to the same row.
    """
    for name, count in others.items():
        if count != n_rows:
            raise ValueError(f"{name} has {count} entries, {of} has {n_rows}; entry i of each belongs to the same row.")


def join_pairs(queries: list[str], documents: list[str]) -> tuple[list[str], list[str], list[dict[int, float]]]:
    """Returns distinct queries, distinct documents, and the grades of the documents that some pair has with each query.

    A document that stands in two rows would otherwise compete with itself.

    Example:
        >>> join_pairs(["cats", "dogs", "cats"], ["a cat", "a dog", "my cat"])
        (['cats', 'dogs'], ['a cat', 'a dog', 'my cat'], [{0: 1.0, 2: 1.0}, {1: 1.0}])
    """
    row_of = {text: row for row, text in enumerate(dict.fromkeys(documents))}
    grades: dict[str, dict[int, float]] = {}
    for query, document in zip(queries, documents, strict=True):
        grades.setdefault(query, {})[row_of[document]] = 1.0
    return list(grades), list(row_of), list(grades.values())


def list_relevant(relevant: Relevant, query_ids: Sequence[Hashable]) -> list[Right]:
    """Returns what is right for each query, in the order of the queries.

    Args:
        relevant: in that order; or by id of the query; or a table of query, document and perhaps grade.
        query_ids: q ids.

    Raises:
        ValueError: a query is missing, or there is one more; or the table has another number of columns.

    Example:
        >>> list_relevant({"q2": "d1", "q1": ["d2"]}, ["q1", "q2"])
        [['d2'], 'd1']
    """
    if hasattr(relevant, "columns"):
        relevant = _read_table(relevant)
    if not isinstance(relevant, Mapping):
        check_lengths(len(query_ids), "queries", relevant=len(relevant))
        return list(cast("Sequence[Right]", relevant))
    if unknown := [each for each in relevant if each not in set(query_ids)]:
        raise ValueError(
            f"relevant names the query {unknown[0]!r:.60}, which does not exist; ids of queries are like {query_ids[0]!r:.60}."
        )
    return [relevant.get(each, ()) for each in query_ids]


def _read_table(table: object) -> dict[Hashable, dict[Hashable, float]]:
    """Returns the grades by query and document of a table of two or three columns."""
    import narwhals as nw

    frame = nw.from_native(cast("pd.DataFrame", table), eager_only=True)
    if frame.shape[1] not in (2, 3):
        raise ValueError(
            f"relevant has the columns {', '.join(map(str, frame.columns))}; expected two or three: the query, the document, "
            "and perhaps the grade, in this order."
        )
    grades: dict[Hashable, dict[Hashable, float]] = {}
    for query, document, *grade in frame.iter_rows():
        grades.setdefault(query, {})[document] = float(grade[0]) if grade else 1.0
    return grades


def read_grades(right: Right, row_of: Mapping[Hashable, int], name: str) -> dict[int, float]:
    """Returns the rows of the right documents of one query, with their grades; those of grade 0 or less are not right.

    Args:
        right: an id, several, a mapping from ids to grades, or a mask with a boolean for each document.
        row_of: the row of each document by its id.
        name: what to call it in messages.

    Raises:
        ValueError: there is none, or there is no such document, or the mask has another length.

    Example:
        >>> read_grades({"d2": 3, "d1": 0}, {"d1": 0, "d2": 1}, "relevant[0]")
        {1: 3.0}
    """
    if isinstance(right, Mapping):
        graded = {document: float(grade) for document, grade in right.items()}
    elif isinstance(right, str | bytes) or not isinstance(right, Iterable):
        graded = {right: 1.0}
    else:
        listed = list(right)
        if listed and all(isinstance(each, bool | np.bool_) for each in listed):
            check_lengths(len(row_of), "what it is a mask of", **{name: len(listed)})
            listed = np.array(list(row_of), dtype=object)[np.array(listed, dtype=bool)].tolist()
        graded = dict.fromkeys(listed, 1.0)
    if unknown := [each for each in graded if each not in row_of]:
        raise ValueError(
            f"{name} names the document {unknown[0]!r:.60}, which does not exist; ids of documents are like "
            f"{next(iter(row_of))!r:.60}: those of a mapping or of the index of a Series, else row numbers from 0."
        )
    grades = {row_of[document]: grade for document, grade in graded.items() if grade > 0}
    if not grades:
        raise ValueError(f"{name} has no right document; leave the query out, it cannot be answered.")
    return grades
