"""`read_corpus`: whatever holds documents becomes a `Corpus`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from nomic_explore.checks import check_encoding, check_positive
from nomic_explore.corpus.audit import Finding, finding_at
from nomic_explore.corpus.corpus import Corpus, column_ids, make_corpus
from nomic_explore.corpus.files import find_files, looks_like_file, read_files
from nomic_explore.corpus.formats import ReadOptions
from nomic_explore.corpus.frame_origin import FrameOrigin
from nomic_explore.corpus.frames import is_frame, make_table_of_rows, table_from_frame
from nomic_explore.corpus.hub import HUB_PREFIX, read_hub
from nomic_explore.corpus.plain_types import with_plain_types
from nomic_explore.corpus.texts import check_column, columns_of, make_texts, text_source


def read_corpus(
    source: Any,
    text: str | Sequence[str] | None = None,
    id: str | None = None,
    *,
    name: str | None = None,
    limit: int | None = None,
    drop_empty: bool = False,
    encoding: str | None = None,
) -> Corpus:
    """Returns the documents of a file, a folder, a frame, a list or a data set, audited.

    Rows without text (null, or nothing but white space) stay in the table; their text is None and no stage sees them.

    Args:
        source: a path to .csv, .tsv, .json (an array of objects, or {"column": [...]}), .jsonl, .parquet, .feather or
            .arrow, text formats also as .gz or .zst; a folder or glob of such files; a folder of .txt or .md files,
            where each file is a document; a list of paths; a frame of any kind that narwhals reads, eager or lazy (pandas,
            polars, Arrow, modin, DuckDB, Ibis …); a list of strings or of dicts; or "hf://datasets/owner/name", optionally with "?split=test&config=en".
        text: the column that holds the text; or several, joined by ". " without the parts that are null; or a template
            such as "{title}. {abstract}", where a null field is empty. None takes the column "text", or else the only
            column of strings.
        id: the column that names a document. Repeated names get "-2", "-3" …; without a column the name is a hash of
            the text, so that it survives reordering.
        name: what to call the corpus; None takes it from the source.
        limit: read this many rows at most.
        drop_empty: leave rows without text out of the table altogether.
        encoding: of CSV, JSON and text files, such as "cp1252" or "utf-16"; None is UTF-8.

    Returns:
        The corpus; row i of its table, texts and ids is row i of the source.

    Raises:
        FileNotFoundError: the path does not exist.
        ValueError: the source cannot be read, or has no such column, or the column holds no text; the message names
            the file and, where there is one, the line.
        TypeError: the source is of a kind that cannot be read.
        ImportError: a hub data set is asked for and `datasets` is not installed.

    Example:
        >>> rows = [{"title": "A map", "body": "Of words."}, {"title": "No body", "body": None}]
        >>> read_corpus(rows, text=["title", "body"]).texts
        ['A map. Of words.', 'No body']
    """
    if isinstance(source, Corpus):
        raise TypeError(
            "source is a Corpus already; use it as it is, or read its .table with read_corpus(corpus.table)."
        )
    if id is not None and not isinstance(id, str):
        raise TypeError(f"id={id!r}; expected the name of a column.")
    if limit is not None:
        limit = check_positive(limit, "limit")
    if encoding is not None:
        encoding = check_encoding(encoding)
    origin: FrameOrigin | None = None
    if is_frame(source):
        table, origin, notes = table_from_frame(source)
        found_name = "frame"
    else:
        table, found_name, notes = _read_table(
            source, ReadOptions(limit, frozenset() if id is None else frozenset({id}), encoding)
        )
    if limit is not None and table.num_rows > limit:
        table, origin = table.slice(0, limit), origin and origin.take(np.arange(limit))
    label = str(source) if isinstance(source, str | Path) else found_name
    if not table.num_rows:
        raise ValueError(f"{label} holds no rows; expected at least one document.")
    chosen = text_source(table, text, label)
    texts = make_texts(table, chosen, label)
    if id is not None:
        check_column(table, id, "id", label)
    if texts.null_count == len(texts):
        raise ValueError(
            f"{label} has no text in {columns_of(chosen)}: all {table.num_rows:,} rows are null or blank. "
            f"Choose another column: {', '.join(table.column_names)}."
        )
    if drop_empty and texts.null_count:
        rows = np.flatnonzero(texts.is_valid().to_numpy())
        table, texts, origin = table.take(pa.array(rows)), texts.take(pa.array(rows)), origin and origin.take(rows)
        notes = [finding_at(note, rows) for note in notes]
    ids = None if id is None else column_ids(table[id], id)
    return make_corpus(table, texts, name or found_name, ids, text_columns=chosen, notes=notes, origin=origin)


def _read_table(source: Any, options: ReadOptions) -> tuple[pa.Table, str, list[Finding]]:
    """Returns the table, what to call it, and findings about how it was read."""
    if isinstance(source, str) and source.startswith(HUB_PREFIX):
        return read_hub(source, options.limit)
    if isinstance(source, str | Path):
        files, name = find_files(source)
        return read_files(files, name, options)
    if isinstance(source, bytes | bytearray | set | frozenset) or not hasattr(source, "__iter__"):
        raise TypeError(
            f"source is a {type(source).__name__}; expected a path, a glob, a frame, a list of strings, of dicts or of "
            "paths, or hf://datasets/owner/name."
        )
    convert = getattr(source, "to_pylist", None) or getattr(source, "tolist", None)
    rows = convert() if convert else list(source)
    if rows and all(isinstance(row, Path) or (isinstance(row, str) and looks_like_file(row)) for row in rows):
        files = [file for row in rows for file in find_files(row)[0]]
        return read_files(files, files[0].resolve().parent.name or "files", options)
    table, notes = make_table_of_rows(rows[: options.limit])
    table, type_notes = with_plain_types(table)
    return table, "texts", notes + type_notes
