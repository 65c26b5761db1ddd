"""What the columns of a corpus are to a reader: which one holds the titles, which make the text, which stand beside it."""

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from nomic_explore.search.conditions import decode, is_text
from nomic_explore.view.data.summaries import cell_text

if TYPE_CHECKING:
    import pyarrow as pa

    from nomic_explore.corpus import Corpus

_TITLE_NAMES = ("title", "headline", "subject", "name")  # the first that is there is taken
_MAX_TITLE = 200  # characters, of nine titles in ten; longer ones are texts
_MIN_FILLED = 0.5  # of the rows have a title
_SAMPLE = 200
_MIN_TEXT = 100  # characters on average: a column of shorter cells says something even where its text repeats it
_BETWEEN = " \t\r\n.:;,|–—-"  # what joins a title and the text behind it


class DocumentColumns:
    """The titles of a corpus, and the columns that are shown beside its texts.

    Args:
        corpus: whose.
        title: the column with the titles; None guesses it, "" is none.

    Attributes:
        title: the column with the titles; None if there is none.
    """

    def __init__(self, corpus: "Corpus", title: str | None = None) -> None:
        self._corpus = corpus
        known = corpus.table.column_names
        self.title = (title if title in known else None) if title is not None else guess_title(corpus)

    def title_of(self, row: int) -> str:
        """Returns the title of a row in one line; "" without one."""
        return "" if self.title is None else " ".join(cell_text(self._corpus.table[self.title][row]).split())

    @cached_property
    def beside(self) -> list[str]:
        """The columns that say something that neither title nor text says."""
        table = self._corpus.table
        return [name for name in table.column_names if name != self.title and not self._is_shown_anyway(table[name])]

    def split(self, row: int) -> tuple[str, str]:
        """Returns the title of a row and its text, without the title if the text begins with it; "" if that is all of it.

        Example:
            >>> from nomic_explore import read_corpus
            >>> corpus = read_corpus({"title": ["A map"], "body": ["Of words."]}, text="{title}. {body}")
            >>> DocumentColumns(corpus).split(0)
            ('A map', 'Of words.')
        """
        title, text = self.title_of(row), self._corpus.texts[row] or ""
        return ("", text) if title == text else (title, text_after(title, text))

    def _is_shown_anyway(self, column: "pa.ChunkedArray") -> bool:
        """Whether a column holds the text, long parts of it, or the ids."""
        if not is_text(decode(column).type):
            return False
        texts = self._corpus.texts
        rows = np.unique(np.linspace(0, max(len(texts) - 1, 0), _SAMPLE).astype(np.int64))
        cells = [(cell.strip(), texts[row] or "") for row in rows.tolist() if (cell := column[row].as_py())]
        if cells and all(column[row].as_py() == self._corpus.ids[row] for row in rows.tolist()):
            return True  # the reader shows the id of every document
        if not cells or not all(cell in text for cell, text in cells):
            return False
        return all(cell == text.strip() for cell, text in cells) or _mean_length(cells) >= _MIN_TEXT


def text_after(title: str, text: str) -> str:
    """Returns a text without the title that it begins with; the whole text if nothing follows.

    Example:
        >>> text_after("A map", "A map. Of words."), text_after("A map", "A map"), text_after("A map", "A maple")
        ('Of words.', 'A map', 'A maple')
    """
    rest = text[len(title) :]
    after = rest.lstrip(_BETWEEN)
    return after if title and text.startswith(title) and len(after) < len(rest) and after else text


def guess_title(corpus: "Corpus") -> str | None:
    """Returns the column of short texts that is called title, headline, subject or name; None if there is none.

    Example:
        >>> from nomic_explore import read_corpus
        >>> guess_title(read_corpus({"Title": ["A map"], "body": ["Of words."]}, text="body"))
        'Title'
    """
    table = corpus.table
    for wanted in _TITLE_NAMES:
        for name in table.column_names:
            if name.lower() == wanted and name != corpus.text_columns and _holds_titles(table[name]):
                return str(name)
    return None


def _holds_titles(column: "pa.ChunkedArray") -> bool:
    if not is_text(decode(column).type):
        return False
    lengths = [len(text) for text in column.to_pylist() if text and text.strip()]
    return len(lengths) >= max(_MIN_FILLED * len(column), 1) and float(np.quantile(lengths, 0.9)) <= _MAX_TITLE


def _mean_length(cells: list[tuple[str, str]]) -> float:
    return sum(len(cell) for cell, _ in cells) / len(cells)
