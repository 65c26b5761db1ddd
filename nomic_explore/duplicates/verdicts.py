"""Verdicts: what people decided about rows; it overrides all evidence."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from nomic_explore.arrays import inverse_index


def _no_rows() -> np.ndarray:
    return np.zeros(0, dtype=np.int64)


def _no_pairs() -> np.ndarray:
    return np.zeros((0, 2), dtype=np.int64)


@dataclass(frozen=True)
class Verdicts:
    """What people decided; row numbers, int64.

    Attributes:
        keep: (k,) rows that are always kept.
        drop: (m, 2) rows that are dropped with all rows of the same text, each with the row it duplicates; of two rows with
            the same text only the first.
        distinct: (a, 2) pairs of rows whose texts are not duplicates of one another.
    """

    keep: np.ndarray = field(default_factory=_no_rows)
    drop: np.ndarray = field(default_factory=_no_pairs)
    distinct: np.ndarray = field(default_factory=_no_pairs)

    def __bool__(self) -> bool:
        return bool(len(self.keep) or len(self.drop) or len(self.distinct))

    def protecting(self, rows: np.ndarray) -> "Verdicts":
        """Returns these verdicts and (k,) more rows to be kept."""
        return replace(self, keep=np.union1d(self.keep, rows).astype(np.int64))

    def among(self, rows: np.ndarray, n_rows: int) -> "Verdicts":
        """Returns what concerns only `rows` (m,) out of `n_rows`, in numbers of places in `rows`."""
        place_of = inverse_index(rows, n_rows)
        keep, drop, distinct = place_of[self.keep], place_of[self.drop], place_of[self.distinct]
        return Verdicts(keep[keep >= 0], drop[(drop >= 0).all(axis=1)], distinct[(distinct >= 0).all(axis=1)])

    def to_rows(self, rows: np.ndarray) -> "Verdicts":
        """Returns the same in numbers of the rows (m,) that these are places in."""
        return Verdicts(rows[self.keep], rows[self.drop], rows[self.distinct])


def make_verdicts(given: Sequence[tuple[str, int, int]], document: np.ndarray | None = None) -> Verdicts:
    """Returns the verdicts in effect, from all in the order given; a later one on the same texts replaces an earlier one.

    Args:
        given: for each "keep", "drop" or "distinct", the row, and the row it was compared with.
        document: (n,) the number of each row's text, -1 for a row without text. Verdicts on two texts are verdicts on all
            rows with these texts. None: each row has a text of its own.

    Example:
        >>> make_verdicts([("drop", 1, 0), ("keep", 1, 0)]).keep.tolist()
        [1]
        >>> make_verdicts([("drop", 1, 0), ("distinct", 2, 0)], np.array([0, 1, 1])).drop.tolist()
        []
    """
    texts = None if document is None else document.tolist()
    kept: dict[int, dict[int, None]] = {}  # rows by their text
    dropped: dict[int, tuple[int, int, int]] = {}  # the subject that stays, and both rows
    distinct: dict[tuple[int, int], tuple[int, int]] = {}
    for verdict, row, other in given:
        text = _text_of(row, texts)
        one, two = _subjects(row, other, texts)
        pair = (min(one, two), max(one, two))
        distinct.pop(pair, None)
        if two in dropped and dropped[two][0] == one:
            del dropped[two]
        if verdict == "keep":
            kept.setdefault(text, {})[row] = None
            dropped.pop(text, None)
            dropped.pop(_own_subject(row), None)
        elif verdict == "drop":
            if one == text:
                kept.pop(text, None)
            else:
                kept.get(text, {}).pop(row, None)
            dropped[one] = (two, row, other)
        else:
            if one in dropped and dropped[one][0] == two:
                del dropped[one]
            distinct[pair] = (min(row, other), max(row, other))
    return Verdicts(
        np.array(sorted(row for rows in kept.values() for row in rows), dtype=np.int64),
        np.array(sorted((row, other) for _, row, other in dropped.values()), dtype=np.int64).reshape(-1, 2),
        np.array(sorted(distinct.values()), dtype=np.int64).reshape(-1, 2),
    )


def _subjects(row: int, other: int, texts: list[int] | None) -> tuple[int, int]:
    """Returns what a verdict on two rows is about: their texts, or, where these are the same, the rows themselves."""
    one, two = _text_of(row, texts), _text_of(other, texts)
    return (one, two) if one != two else (_own_subject(row), _own_subject(other))


def _text_of(row: int, texts: list[int] | None) -> int:
    """Returns the number of a row's text; a row without text is a subject of its own."""
    text = row if texts is None else texts[row]
    return text if text >= 0 else _own_subject(row)


def _own_subject(row: int) -> int:
    return -1 - row


@dataclass(frozen=True)
class ResolvedVerdicts:
    """What verdicts mean for n rows and their d documents.

    Attributes:
        is_row_kept: (n,) bool: rows that are always kept.
        is_row_dropped: (n,) bool: rows that represent their text only if all its rows are dropped.
        is_kept: (d,) bool: documents with such a row.
        duplicate_of: (d,) int64: the kept document that each is dropped for; -1 without such a verdict.
        distinct: (a, 2) int64: documents that do not match.
    """

    is_row_kept: np.ndarray
    is_row_dropped: np.ndarray
    is_kept: np.ndarray
    duplicate_of: np.ndarray
    distinct: np.ndarray


def resolve(verdicts: Verdicts, document: np.ndarray, n_documents: int) -> ResolvedVerdicts:
    """Returns what verdicts on rows mean for their documents (n,).

    Rows of one text marked as distinct are both kept. A text is dropped for another with all its rows, unless one of them is
    kept; documents that would be dropped for one another in a circle are all kept.
    """
    is_row_kept, is_row_dropped = np.zeros(len(document), dtype=bool), np.zeros(len(document), dtype=bool)
    if not verdicts:
        nowhere = np.full(n_documents, -1, dtype=np.int64)
        return ResolvedVerdicts(is_row_kept, is_row_dropped, np.zeros(n_documents, dtype=bool), nowhere, _no_pairs())
    one, other = document[verdicts.distinct[:, 0]], document[verdicts.distinct[:, 1]]
    is_row_kept[verdicts.keep] = True
    is_row_kept[verdicts.distinct[one == other].ravel()] = True
    is_row_dropped[verdicts.drop[:, 0]] = True
    is_row_dropped &= ~is_row_kept
    is_kept = np.zeros(n_documents, dtype=bool)
    is_kept[document[is_row_kept]] = True
    duplicate_of = np.full(n_documents, -1, dtype=np.int64)
    lesser, better = document[verdicts.drop[:, 0]], document[verdicts.drop[:, 1]]
    is_dropped = (lesser != better) & ~is_kept[lesser]
    duplicate_of[lesser[is_dropped]] = better[is_dropped]
    distinct = _distinct_pairs(one, other)
    duplicate_of = _find_ends(duplicate_of, distinct)
    is_kept[duplicate_of[duplicate_of >= 0]] = True  # a document named as the original is kept
    return ResolvedVerdicts(is_row_kept, is_row_dropped, is_kept, duplicate_of, distinct)


def _distinct_pairs(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Returns (a, 2) pairs of different documents, lower number first."""
    differ = one != other
    return np.stack([np.minimum(one, other)[differ], np.maximum(one, other)[differ]], axis=1).astype(np.int64)


def _find_ends(duplicate_of: np.ndarray, distinct: np.ndarray) -> np.ndarray:
    """Returns (d,) the kept document at the end of each chain of dropped ones; -1 where there is none.

    A document in a circle, or whose chain ends at one it is marked as distinct from, has none.
    """
    dropped = np.flatnonzero(duplicate_of >= 0)
    end = duplicate_of[dropped]
    for _ in dropped:  # no chain is longer
        still = duplicate_of[end] >= 0
        if not still.any():
            break
        end = np.where(still, duplicate_of[end], end)
    n_documents = len(duplicate_of)
    keys = np.minimum(dropped, end) * n_documents + np.maximum(dropped, end)
    is_end = (duplicate_of[end] < 0) & ~np.isin(keys, distinct[:, 0] * n_documents + distinct[:, 1])
    ends = np.full(n_documents, -1, dtype=np.int64)
    ends[dropped[is_end]] = end[is_end]
    return ends
