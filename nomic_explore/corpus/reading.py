"""`read_corpus`: whatever holds documents becomes a `Corpus`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from nomic_explore.cells import convert_columns
from nomic_explore.cells.key_layouts import find_layouts, split_layouts
from nomic_explore.checks import check_positive
from nomic_explore.corpus.audit import Finding, finding_at
from nomic_explore.corpus.corpus import Corpus, column_ids, make_corpus
from nomic_explore.corpus.files import read_files
from nomic_explore.corpus.formats import ReadOptions
from nomic_explore.corpus.found_files import FoundFiles, find_files, looks_like_file
from nomic_explore.corpus.frame_origin import RECORDS, FrameOrigin
from nomic_explore.corpus.frames import is_frame, make_table_of_rows, table_from_frame
from nomic_explore.corpus.hub import HUB_PREFIX, read_hub
from nomic_explore.corpus.plain_types import with_plain_types
from nomic_explore.corpus.read_options import ReadingOptions, make_options, refuse_unused
from nomic_explore.corpus.rereading import reread
from nomic_explore.corpus.streams import Readable, spooled
from nomic_explore.corpus.texts import check_column, columns_of, make_texts, text_source


@dataclass(frozen=True)
class _Source:
    """The rows of a source, before their texts are made.

    Attributes:
        table: n rows.
        name: what the corpus is called if nothing else is asked for.
        label: what messages call the source.
        notes: findings about how it was read.
        origin: the kind and index of the frame, or the keys of the records, that the rows came in.
    """

    table: pa.Table
    name: str
    label: str
    notes: list[Finding] = field(default_factory=list)
    origin: FrameOrigin | None = None


def read_corpus(
    source: Any,
    text: str | Sequence[str] | None = None,
    id: str | None = None,
    *,
    name: str | None = None,
    limit: int | None = None,
    drop_empty: bool = False,
    encoding: str | None = None,
    sep: str | None = None,
    dtype: Mapping[str, str] | None = None,
    on_bad_rows: str = "error",
    format: str | None = None,
) -> Corpus:
    """Returns the documents of a file, a folder, a frame, a list or a data set, audited.

    Rows without text (null, or nothing but white space) stay in the table; their text is None and no stage sees them.

    Args:
        source: a path to .csv, .tsv, .json (an array of objects, or {"column": [...]}), .jsonl, .parquet, .feather, .arrow,
            or of a sheet (.xlsx, .xls, .ods: the first with rows), text formats also as .gz, .zst, .xz or .bz2; a folder,
            glob or .zip file of such files; a folder of .txt or .md files, where each file is a document, described by a
            table of their names beside them if there is one; a list of paths; an open file; a frame of any kind that
            narwhals reads, eager or lazy (pandas, polars, Arrow, modin, DuckDB, Ibis …); a list of strings or of dicts; or
            "hf://datasets/owner/name", optionally with "?split=test&config=en".
        text: the column that holds the text; or several, joined by ". " without the parts that are null; or a template
            such as "{title}. {abstract}", where a null field is empty. A field inside a column of objects is "user.name".
            None takes the column "text", or else the only column of strings, unless it seems to hold ids.
        id: the column that names a document. Repeated names get "-2", "-3" …; without a column the name is a hash of
            the text, so that it survives reordering.
        name: what to call the corpus; None takes it from the source.
        limit: read this many rows at most.
        drop_empty: leave rows without text out of the table altogether.
        encoding: of CSV, JSON and text files, such as "cp1252"; None is UTF-8, or UTF-16 where a file starts with its byte
            order mark.
        sep: what separates the fields of CSV files, one character or "tab"; None finds it.
        dtype: the kind of some columns, by name: "text", "number", "date", "boolean" or "category". Other columns of CSV
            files become numbers, dates or booleans where every cell writes back as it was.
        on_bad_rows: what happens to rows of CSV files with too many or too few fields: "error", or "skip", which leaves them
            out and lists them in the audit.
        format: as which a file is read, such as "csv" or "jsonl", whatever its name ends in.

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
    reading: ReadingOptions = {"encoding": encoding, "sep": sep, "dtype": dtype, "on_bad_rows": on_bad_rows}
    reading["format"] = format
    options = make_options(limit, id, reading)
    read = _read_source(source, options, reading)
    table, label, notes, origin = read.table, read.label, read.notes, read.origin
    if not table.num_rows:
        raise ValueError(f"{label} holds no rows; expected at least one document.")
    chosen = text_source(table, text, label)
    texts = make_texts(table, chosen, label)
    ids = None if id is None else column_ids(check_column(table, id, "id", label), id)
    if texts.null_count == len(texts):
        raise ValueError(
            f"{label} has no text in {columns_of(chosen)}: all {table.num_rows:,} rows are null or blank. "
            f"Choose another column: {', '.join(table.column_names)}."
        )
    if drop_empty and texts.null_count:
        rows = np.flatnonzero(texts.is_valid().to_numpy())
        table, texts, origin = table.take(pa.array(rows)), texts.take(pa.array(rows)), origin and origin.take(rows)
        notes = [finding_at(note, rows) for note in notes]
        ids = ids and [ids[row] for row in rows]
    return make_corpus(table, texts, name or read.name, ids, text_columns=chosen, notes=notes, origin=origin)


def open_corpus(
    source: object,
    text: str | Sequence[str] | None = None,
    id: str | None = None,
    *,
    name: str | None = None,
    limit: int | None = None,
    reading: ReadingOptions | None = None,
) -> Corpus:
    """Returns a corpus with the texts, ids, name and rows that are asked for, and any other source as `read_corpus` reads it.

    Raises:
        ValueError: the source cannot be read, or is a corpus, which options of reading have no effect on.

    Example:
        >>> open_corpus(["a cat"], reading={"dtype": {"text": "text"}}).texts
        ['a cat']
    """
    if not isinstance(source, Corpus):
        return read_corpus(source, text, id, name=name, limit=limit, **(reading or {}))
    if reading:
        given = ", ".join(f"{option}=" for option in reading)
        raise ValueError(f"the source is a Corpus, which is read already, so that {given} has no effect; leave it out.")
    return reread(source, text, id, name=name, limit=None if limit is None else check_positive(limit, "limit"))


def _read_source(source: Any, options: ReadOptions, reading: ReadingOptions) -> _Source:
    """Returns the rows of a source, with the columns in the kinds that were asked for."""
    origin: FrameOrigin | None = None
    if is_frame(source):
        refuse_unused(options, reading, None, "frame")
        table, origin, notes = table_from_frame(source)
        read = _Source(table, "frame", "frame", notes, origin)
    else:
        read = _read_rows(source, options, reading)
        table, type_notes = with_plain_types(read.table)
        read = replace(read, notes=[*read.notes, *type_notes])
        table, keys = split_layouts(table)
        keys = keys or find_layouts(source, options.limit)
        origin = None if keys is None else FrameOrigin(RECORDS, keys=keys)
    if options.limit is not None and table.num_rows > options.limit:
        table, origin = table.slice(0, options.limit), origin and origin.take(np.arange(options.limit))
    table, lines = convert_columns(table, options.dtype)
    notes = [Finding("typed columns", 1, (), line, is_carried=True) for line in lines]
    return replace(read, table=table, notes=[*read.notes, *notes], origin=origin)


def _read_rows(source: Any, options: ReadOptions, reading: ReadingOptions) -> _Source:
    """Returns the rows of a source that is no frame."""
    if isinstance(source, str) and source.startswith(HUB_PREFIX):
        refuse_unused(options, reading, None, source)
        table, name, notes = read_hub(source, options.limit)
        return _Source(table, name, source, notes)
    if isinstance(source, str | Path):
        return _read_found(find_files(source, options.format), options, reading, str(source))
    if isinstance(source, Readable):
        with spooled(source, options) as (found, label):
            return _read_found(found, options, reading, label)
    if isinstance(source, bytes | bytearray | set | frozenset) or not hasattr(source, "__iter__"):
        raise TypeError(
            f"source is a {type(source).__name__}; expected a path, a glob, a frame, a list of strings, of dicts or of "
            "paths, an open file, or hf://datasets/owner/name."
        )
    convert = getattr(source, "to_pylist", None) or getattr(source, "tolist", None)
    rows = convert() if convert else list(source)
    if rows and all(isinstance(row, Path) or (isinstance(row, str) and looks_like_file(row)) for row in rows):
        each = [find_files(row, options.format) for row in rows]
        files = [file for found in each for file in found.files]
        name = files[0].resolve().parent.name or "files"
        left_out = tuple(file for found in each for file in found.left_out)
        return _read_found(FoundFiles(files, name, left_out=left_out), options, reading, name)
    refuse_unused(options, reading, None, "the list")
    table, notes = make_table_of_rows(rows[: options.limit])
    return _Source(table, "texts", "texts", notes)


def _read_found(found: FoundFiles, options: ReadOptions, reading: ReadingOptions, label: str) -> _Source:
    refuse_unused(options, reading, found, label)
    table, notes = read_files(found, options)
    return _Source(table, found.name, label, notes)
