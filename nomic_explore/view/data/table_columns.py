"""The columns of the table of documents: what each says of a row, and the order that it puts rows in."""

from typing import TYPE_CHECKING

import numpy as np

from nomic_explore.search.conditions import decode, is_list, is_text
from nomic_explore.search.dates import is_date
from nomic_explore.search.exact_numbers import is_number
from nomic_explore.session.columns import make_columns
from nomic_explore.view.data.document_columns import DocumentColumns
from nomic_explore.view.data.summaries import read_cell, shorten, summarize_text, topic_name
from nomic_explore.view.requests.protocol.table import TableColumn

if TYPE_CHECKING:
    import pyarrow as pa

    from nomic_explore.session import Session

ROW, TITLE, TEXT, TOPIC, ID = "#row", "#title", "#text", "#topic", "#id"  # keys that no column of the input has
_FOUND = {  # what was found out about the documents, by key: the column of `to_pandas()` and what it holds
    "#tags": ("tags", "list"),
    "#topic_assignment": ("topic_assignment", "text"),
    "#topic_strength": ("topic_strength", "number"),
    "#duplicate_role": ("duplicate_role", "text"),
    "#duplicate_kind": ("duplicate_kind", "text"),
    "#duplicate_similarity": ("duplicate_similarity", "number"),
}
_MAX_CELL = 160  # characters of a cell that are shown, and that decide on its order


class TableColumns:
    """What the table of an exploration can show.

    Args:
        exploration: whose documents.
        columns: which of its columns hold titles and texts.
    """

    def __init__(self, exploration: "Session", columns: DocumentColumns) -> None:
        self._exploration, self._columns = exploration, columns
        self._ranks: dict[str, np.ndarray] = {}

    @property
    def listed(self) -> list[TableColumn]:
        """All columns there are: row, title, text and topic, those of the input, and what was found out."""
        table = self._exploration.corpus.table
        first = (
            {ROW: "number"} | ({} if self._columns.title is None else {TITLE: "text"}) | {TEXT: "text", TOPIC: "text"}
        )
        given = {name: kind_of(table[name]) for name in self._columns.beside}
        found = {ID: "text"} | {key: kind for key, (_, kind) in _FOUND.items()}
        return [
            {"key": key, "name": key if kinds is given else key.lstrip("#"), "kind": kind, "isDetail": kinds is found}
            for kinds in (first, given, found)
            for key, kind in kinds.items()
        ]

    def cells(self, key: str, rows: np.ndarray) -> list[str]:
        """Returns what a column says of some rows (k,), in one line each.

        Raises:
            ValueError: there is no such column.
        """
        split, corpus = self._columns.split, self._exploration.corpus
        topics = self._exploration.topics.current
        if key == ROW:
            return [str(row) for row in rows.tolist()]
        if key == TITLE:
            return [shorten(self._columns.title_of(row), _MAX_CELL) for row in rows.tolist()]
        if key == TEXT:
            return [summarize_text(split(row)[1]) for row in rows.tolist()]
        if key == TOPIC:
            return [topic_name(topics, row) for row in rows.tolist()]
        if key == ID:
            return [corpus.ids[row] for row in rows.tolist()]
        column = self._column(key).take(rows)
        return [shorten(" ".join(", ".join(read_cell(cell)[1]).split()), _MAX_CELL) for cell in column]

    def sort(self, rows: np.ndarray, key: str, *, is_descending: bool = False) -> np.ndarray:
        """Returns rows (k,) ordered by a column; equal ones stay as they are, those without a value come last.

        Raises:
            ValueError: there is no such column.
        """
        ranks = self._ranks_of(key)[rows]
        missing = ranks < 0
        ranks = np.where(missing, np.iinfo(np.int64).max, -ranks if is_descending else ranks)
        return rows[np.argsort(ranks, kind="stable")]

    def _ranks_of(self, key: str) -> np.ndarray:
        """Returns (n,) the place of each row's value among all values of a column; -1 without a value."""
        corpus = self._exploration.corpus
        if key == ROW:
            return np.arange(len(corpus))
        if key == TOPIC:
            return _topic_ranks(self._exploration)
        if key in _FOUND:  # edits change these
            return _ranks(self._column(key))
        if key not in self._ranks:
            self._ranks[key] = _ranks(self._column(key))
        return self._ranks[key]

    def _column(self, key: str) -> "pa.ChunkedArray | pa.Array":
        import pyarrow as pa

        corpus = self._exploration.corpus
        if key in (TEXT, ID):
            values = corpus.ids if key == ID else [text and text[:_MAX_CELL] for text in corpus.texts]
            return pa.array(values, pa.large_string())
        if key == TITLE and self._columns.title is not None:
            return corpus.table[self._columns.title]
        if key in _FOUND:
            name = _FOUND[key][0]
            return make_columns(self._exploration._state, [name])[name]
        if key not in self._columns.beside:
            raise ValueError(f"column {key!r}; expected one of {', '.join(one['key'] for one in self.listed)}.")
        return corpus.table[key]


def kind_of(column: "pa.ChunkedArray") -> str:
    """Returns what a column holds: "text", "number", "date" or "list"."""
    kind = decode(column).type
    if is_number(kind):
        return "number"
    return "date" if is_date(kind) else "list" if is_list(kind) else "text"


def _topic_ranks(exploration: "Session") -> np.ndarray:
    topics = exploration.topics.current
    order = sorted(range(len(topics.names[-1])), key=lambda topic: topics.names[-1][topic].lower())
    ranks = np.full(len(order) + 1, -1)  # the last entry, reached by -1, is no topic
    ranks[order] = np.arange(len(order))
    return np.asarray(ranks[topics.layers[-1]])


def _ranks(column: "pa.ChunkedArray | pa.Array") -> np.ndarray:
    """Returns (n,) the place of each value, regardless of case; -1 for null, NaN, blank text and empty lists."""
    import pyarrow as pa
    import pyarrow.compute as pc

    column = decode(column)
    if not is_text(column.type) and not _is_sortable(column.type):
        texts = [", ".join(read_cell(cell)[1]) for cell in column]
        column = pa.array(texts, pa.large_string())
    if is_text(column.type):
        column = pc.utf8_lower(pc.utf8_trim_whitespace(pc.utf8_slice_codeunits(column, 0, _MAX_CELL)))
        column = pc.if_else(pc.equal(column, ""), pa.scalar(None, column.type), column)
    elif pa.types.is_floating(column.type):
        column = pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
    known = np.asarray(pc.is_valid(column).to_numpy(zero_copy_only=False), dtype=bool)
    ranks = pc.rank(column, tiebreaker="dense").to_numpy()
    return np.where(known, ranks.astype(np.int64), -1)


def _is_sortable(kind: "pa.DataType") -> bool:
    import pyarrow as pa

    return bool(is_number(kind) or is_date(kind) or pa.types.is_time(kind) or pa.types.is_boolean(kind))
