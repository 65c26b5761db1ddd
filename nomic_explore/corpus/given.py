"""Vectors and positions that a user brings along: an array, a column of the table, or a file beside it."""

from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import pyarrow as pa

from nomic_explore.cells.writing import is_text
from nomic_explore.corpus.corpus import Corpus
from nomic_explore.corpus.distinct import DistinctTexts
from nomic_explore.corpus.known_layouts import find_positions, vector_columns
from nomic_explore.corpus.vector_files import read_position_file, read_vector_file, vectors_from_text
from nomic_explore.vectors import to_matrix, unit_rows

if TYPE_CHECKING:
    import pandas as pd

_BLOCK = 65_536  # rows compared at a time
_SAME = 0.999  # cosine; a service that embeds a text twice returns vectors at least this similar


@dataclass(frozen=True, eq=False)
class GivenArrays:
    """A corpus, and the vectors and positions that came with it.

    Attributes:
        corpus: n rows; those without a vector or a position are set aside.
        vectors: (n, d) as they came; None if none came.
        positions: (n, 2) float32, NaN for rows that have none; None if none came.
        columns: that held either.
        note: what was found in the table without being asked for, for people; "" if nothing.
    """

    corpus: Corpus
    vectors: np.ndarray | None
    positions: np.ndarray | None
    columns: tuple[str, ...] = ()
    note: str = ""


def read_given(
    corpus: Corpus,
    vectors: object = None,
    positions: object = None,
    *,
    limit: int | None = None,
    recognize: bool = True,
) -> GivenArrays:
    """Returns a corpus with the vectors and positions that were given for its rows.

    Args:
        corpus: n rows.
        vectors: (n, d) in any form that `to_matrix` reads, the name of a column, or the path of a file; None: there are none.
        positions: (n, 2) likewise, or the names of two columns; None takes those that another map tool wrote, if any.
        limit: how many rows were read of the source at most; more vectors may come than that.
        recognize: take positions that another map tool wrote.

    Raises:
        ValueError: there is no such column or file, or what it holds cannot be used.
        TypeError: they are of a kind that cannot be read.

    Example:
        >>> from nomic_explore import read_corpus
        >>> given = read_given(read_corpus({"text": ["a", "b"], "e": [[1.0, 0.0], None]}), vectors="e")
        >>> given.vectors.shape, given.corpus.texts, given.columns
        ((2, 2), ['a', None], ('e',))
    """
    used: list[str] = []
    notes: list[str] = []
    matrix = places = None
    if vectors is not None:
        matrix, has_vector = _read(corpus, vectors, "vectors", limit, used)
        corpus = set_aside(corpus, ~has_vector, "no vector", "has a text but no vector, and is set aside")
    elif hints := vector_columns(corpus.table):
        notes += [
            f"column {name!r} holds vectors of {width} numbers; vectors={name!r} uses them"
            for name, width in hints.items()
        ]
    if positions is None and recognize and (found := find_positions(corpus.table)):
        tool, *names = found
        positions = tuple(names)
        notes.append(f"positions are the columns {names[0]} and {names[1]}, written by {tool}")
    if positions is not None:
        places, has_place = _read_positions(corpus, positions, limit, used)
        corpus = set_aside(corpus, ~has_place, "no position", "has a text but no position on the map, and is set aside")
    return GivenArrays(corpus, matrix, places, tuple(dict.fromkeys(used)), "; ".join(notes))


def note_differing(corpus: Corpus, distinct: DistinctTexts, vectors: np.ndarray) -> Corpus:
    """Returns the corpus with a finding for rows whose vector is not that of the first row with the same text.

    Args:
        corpus: n rows.
        distinct: which text each row holds.
        vectors: (n, d) as they came.

    Raises:
        ValueError: a vector that is compared is zero or not finite.
    """
    repeats = np.setdiff1d(np.flatnonzero(distinct.has_text), distinct.first)
    differ = [np.zeros(0, dtype=np.int64)]
    for start in range(0, len(repeats), _BLOCK):
        rows = repeats[start : start + _BLOCK]
        first = distinct.first[distinct.inverse[rows]]
        cosines = (unit_rows(vectors, rows) * unit_rows(vectors, first)).sum(axis=1)
        differ.append(rows[cosines < _SAME])
    rows = np.concatenate(differ)
    message = "has the text of an earlier row but another vector; the vector of the first of them is used for all"
    return corpus.with_finding("another vector", rows, message)


def find_values(corpus: Corpus, given: object, name: str = "vectors", used: list[str] | None = None) -> object:
    """Returns what was given for the rows of a corpus, in their order, where a name or labels stand for it.

    Args:
        corpus: n rows.
        given: the name of a column, the path of a file, a pandas object whose labels are those of the rows in some order; or
            anything else, which is returned as it is.
        name: what the caller calls it, for messages.
        used: gets the name of the column.

    Raises:
        ValueError: there is no such column and no such file, or the file cannot be read.

    Example:
        >>> from nomic_explore import read_corpus
        >>> find_values(read_corpus({"text": ["a"], "e": [[1.0, 0.0]]}), "e").to_pylist()
        [[1.0, 0.0]]
    """
    if isinstance(given, str | Path):
        given = _read_named(corpus, given, name, [] if used is None else used)
    return _in_row_order(given, corpus)


def _read(
    corpus: Corpus, given: object, name: str, limit: int | None, used: list[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Returns given rows (n, d) and a mask (n,) of those that are there; a column that held them is added to `used`."""
    given = find_values(corpus, given, name, used)
    n_rows, n_given = len(corpus), len(given) if hasattr(given, "__len__") else 0
    if limit == n_rows < n_given and hasattr(given, "__getitem__"):
        given = given[:n_rows]
    return to_matrix(given, name, n_rows)


def _read_named(corpus: Corpus, given: str | Path, name: str, used: list[str]) -> object:
    """Returns the column or the content of the file that a string names."""
    if isinstance(given, str) and given in corpus.table.column_names:
        used.append(given)
        column = corpus.table[given]
        is_written = pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
        return vectors_from_text(column, name) if is_written else column
    path = Path(given).expanduser()
    if isinstance(given, Path) or path.suffix or path.exists():
        return read_position_file(path, name) if name == "positions" else read_vector_file(path, name)
    fitting = vector_columns(corpus.table)
    hint = f"Columns that hold vectors: {', '.join(fitting)}." if fitting else "No column holds vectors."
    raise ValueError(f"{name}={given!r}: there is no such column and no such file. {hint}")


def _read_positions(corpus: Corpus, given: object, limit: int | None, used: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Returns positions (n, 2) float32, NaN where there is none, and a mask (n,) of the rows that have one."""
    if isinstance(given, list | tuple) and len(given) == 2 and all(isinstance(part, str) for part in given):
        matrix = np.column_stack([_number_column(corpus, part) for part in given])
        used += given
    else:
        raw, is_there = _read(corpus, given, "positions", limit, used)
        if raw.shape[1] != 2:
            raise ValueError(f"positions have shape {raw.shape}; expected (n, 2): x and y of each row.")
        matrix = np.where(is_there[:, None], raw, np.nan).astype(np.float64)
    endless = np.flatnonzero(np.isinf(matrix).any(axis=1))
    if len(endless):
        raise ValueError(f"positions[{endless[0]}] is {matrix[endless[0]].tolist()}; expected two finite numbers.")
    has_place = np.isfinite(matrix).all(axis=1)
    if not has_place.any():
        raise ValueError("positions hold no number: every row is null or NaN.")
    matrix[~has_place] = np.nan
    return matrix.astype(np.float32), has_place


def _number_column(corpus: Corpus, name: str) -> np.ndarray:
    """Returns a column of numbers as (n,) float64, NaN for null."""
    if name not in corpus.table.column_names:
        there = ", ".join(corpus.table.column_names)
        raise ValueError(f"positions: there is no column {name!r}; there are {there}.")
    column = corpus.table[name]
    if is_text(column.type):  # numbers of CSV such as 5.0e-01, which would not be written back as they are
        with suppress(pa.ArrowInvalid):
            column = column.cast(pa.float64())
    if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type) or pa.types.is_decimal(column.type)):
        raise ValueError(f"positions: column {name!r} holds {column.type}; expected numbers.")
    return column.cast(pa.float64()).to_numpy()


def _in_row_order(given: object, corpus: Corpus) -> object:
    """Returns a pandas Series or frame in the order of the rows if its labels are theirs in another order."""
    if not (hasattr(given, "iloc") and hasattr(given, "index")):
        return given
    values = cast("pd.Series", given)
    labels = values.index
    if len(labels) != len(corpus):
        return given
    own = corpus.origin.index if corpus.origin is not None else None
    if own is None:
        numbers = np.asarray(labels)
        is_numbered = np.issubdtype(numbers.dtype, np.integer) and np.array_equal(
            np.sort(numbers), np.arange(len(corpus))
        )
        return values.iloc[np.argsort(numbers)] if is_numbered else given
    if not labels.equals(own) and own.is_unique and labels.is_unique and (places := labels.get_indexer(own)).min() >= 0:
        return values.iloc[places]
    return given


def set_aside(corpus: Corpus, is_missing: np.ndarray, kind: str, message: str) -> Corpus:
    """Returns the corpus without the texts of some rows, which no stage sees then, and with a finding of how many.

    Args:
        corpus: n rows.
        is_missing: (n,) bool: the rows to be set aside.
        kind: of the finding.
        message: what it means, in a sentence.
    """
    has_text = np.zeros(len(corpus), dtype=bool)
    has_text[corpus.rows] = True
    rows = np.flatnonzero(is_missing & has_text)
    if not len(rows):
        return corpus
    texts: list[str | None] = list(corpus.texts)
    for row in rows.tolist():
        texts[row] = None
    audit = replace(corpus.audit, n_texts=corpus.audit.n_texts - len(rows))
    return replace(corpus, texts=texts, audit=audit).with_finding(kind, rows, message)
