"""What an exported page holds of titles and of columns that nothing is colored by: names, addresses, remarks."""

import json
from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np

from nomic_explore.search.conditions import decode, has_value, is_list, is_text
from nomic_explore.view.data.document_columns import DocumentColumns
from nomic_explore.view.data.summaries import read_cell, shorten
from nomic_explore.view.data.table_columns import kind_of

if TYPE_CHECKING:
    import pyarrow as pa

    from nomic_explore.corpus import Corpus

_MAX_CELL = 2000  # characters of a cell that are in a page


class PageColumns:
    """The columns that a page shows beside the texts.

    Args:
        corpus: whose.
        columns: which of its columns hold titles and texts.
        channels: the names of the columns whose values are in the page anyway.
        text_columns: the columns that the page may show; None is all, none is no title either.

    Attributes:
        written: the columns whose cells are written out.
        has_titles: whether titles are in the page.
    """

    def __init__(
        self, corpus: "Corpus", columns: DocumentColumns, channels: Collection[str], text_columns: list[str] | None
    ) -> None:
        self._corpus, self._columns, self._channels = corpus, columns, channels
        table = corpus.table
        self.written = [
            name
            for name in columns.beside
            if self._channel_of(name) == ""
            and (text_columns is None or name in text_columns)
            and _is_readable(table[name])
        ]
        self.has_titles = columns.title is not None and (text_columns is None or columns.title in text_columns)

    def facts(self) -> list[dict[str, object]]:
        """Returns in order the columns that the reader shows: where their values are in the page, and what they hold."""
        return [
            {
                "name": name,
                "kind": kind_of(self._corpus.table[name]),
                "channel": self._channel_of(name),
                "written": self.written.index(name) if name in self.written else -1,
            }
            for name in self._columns.beside
            if self._channel_of(name) or name in self.written
        ]

    def blocks(self, rows: np.ndarray) -> dict[str, bytes]:
        """Returns the cells of the columns that are written out, as JSON: a string for each row, or a list of them."""
        made = {}
        for at, name in enumerate(self.written):
            cells = [read_cell(cell) for cell in self._corpus.table[name].take(rows)]
            values = [[shorten(value, _MAX_CELL) for value in values] for _, values in cells]
            is_listed = kind_of(self._corpus.table[name]) == "list"
            made[f"written-{at}"] = _as_json(values if is_listed else ["".join(own) for own in values])
        return made

    def titles(self, rows: np.ndarray, texts: list[str]) -> bytes:
        """Returns titles as JSON: a string, or, where the text in the page begins with the title, how long it is."""
        titles = [self._columns.title_of(row) for row in rows.tolist()]
        return _as_json(
            [
                _length_in_javascript(title) if text.startswith(title) else title
                for title, text in zip(titles, texts, strict=True)
            ]
        )

    def _channel_of(self, name: str) -> str:
        """Returns the name of the channel of a column; "" if the page has none."""
        return next((channel for channel in (name, f"{name}_input") if channel in self._channels), "")


def _is_readable(column: "pa.ChunkedArray") -> bool:
    """Whether people read the cells of a column: no bytes, no vectors, not all empty."""
    import pyarrow as pa

    kind = decode(column).type
    if is_list(kind):
        return is_text(kind.value_type) and bool(has_value(column).any())
    is_bytes = pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind)
    return not is_bytes and bool(has_value(column).any())


def _length_in_javascript(text: str) -> int:
    """Returns how many UTF-16 units a text takes."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _as_json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
