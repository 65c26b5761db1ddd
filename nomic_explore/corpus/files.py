"""Reads the files of a source into one Arrow table."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa

from nomic_explore.corpus.audit import Finding
from nomic_explore.corpus.file_readers import read_documents, read_file, read_table, type_cells
from nomic_explore.corpus.formats import ReadOptions
from nomic_explore.corpus.found_files import (
    CSV_SUFFIXES,
    TEXT_SUFFIXES,
    FoundFiles,
    LeftOut,
    describe_left_out,
    suffix_of,
)
from nomic_explore.corpus.metadata_files import read_described
from nomic_explore.corpus.stacking import stack_tables

_NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"
_MIN_LINES = 3  # of a file that could be meant as several documents
_N_COMPARED = 50  # lines looked at for a table


def read_files(found: FoundFiles, options: ReadOptions) -> tuple[pa.Table, list[Finding]]:
    """Returns the rows of all files in their order, and findings about how they were read.

    Args:
        found: at least one file; tables, or .txt and .md files, each of which is one document.
        options: how they are read; the limit is that of all files together.

    Raises:
        ValueError: a file cannot be read.
    """
    left_out = list(found.left_out)
    if found.documents:
        described = read_described(found, options)
        if described is not None:
            table, notes, texts = described
            table, typing_notes = type_cells(table, options, texts)
            table, partition_notes = _with_partitions(table, found.documents, found.root, options)
            notes = [*notes, *typing_notes, *partition_notes, *_notes_on_left_out(left_out)]
            return _limited(table, options), notes
        left_out += [(document.name, "text beside tables") for document in found.documents]
    if all(suffix_of(file, options.format) in TEXT_SUFFIXES for file in found.files):
        files = found.files if options.limit is None else found.files[: options.limit]
        documents = read_documents(files, options.encoding)
        table, notes = _with_partitions(documents, files, found.root, options)
        if len(found.files) == 1:
            notes = [*notes, *_notes_on_lines(str(documents["text"][0]))]
        return table, [*notes, *_notes_on_left_out(left_out)]
    table, notes = _read_tables(found, options)
    return table, [*notes, *_notes_on_left_out(left_out)]


def _read_tables(found: FoundFiles, options: ReadOptions) -> tuple[pa.Table, list[Finding]]:
    """Returns the rows of tables one below the other, with the columns that their folders state."""
    tables: list[pa.Table] = []
    notes: list[Finding] = []
    files: list[Path] = []
    are_csv = all(suffix_of(file, options.format) in CSV_SUFFIXES for file in found.files)
    read = read_file if are_csv else read_table  # a column of CSV files has one type in all of them
    for file in found.files:
        left = None if options.limit is None else options.limit - len(files)
        if left == 0:
            break
        table, file_notes = read(file, replace(options, limit=left))
        tables.append(table)
        files += [file] * table.num_rows
        notes += file_notes
    names = [file.name for file in found.files]
    if found.root is not None and len(set(names)) < len(names):
        names = [str(file.relative_to(found.root)) for file in found.files]
    table, stacking_notes = stack_tables(tables, names)
    table, typing_notes = type_cells(table, options, table.column_names if are_csv else ())
    notes = list({(note.kind, note.message): note for note in [*notes, *stacking_notes, *typing_notes]}.values())
    table, partition_notes = _with_partitions(table, files, found.root, options)
    return table, [*notes, *partition_notes]


def _with_partitions(
    table: pa.Table, files: Sequence[Path], root: Path | None, options: ReadOptions
) -> tuple[pa.Table, list[Finding]]:
    """Returns the table with a column for each folder such as "year=2020" between the root and a file.

    Args:
        table: n rows.
        files: (n,) where each row comes from.
        root: what lies above has no meaning; None if the files were named one by one.
        options: how they are read.
    """
    if root is None:
        return table, []
    of_file = {file: _partitions(file, root) for file in dict.fromkeys(files)}
    names = dict.fromkeys(name for values in of_file.values() for name in values if name not in table.column_names)
    for name in names:
        table = table.append_column(name, pa.array([of_file[file].get(name) for file in files], pa.string()))
    return type_cells(table, options, names) if names else (table, [])


def _partitions(file: Path, root: Path) -> dict[str, str | None]:
    """Returns the names and values that the folders of a file state, as Hive, Spark and Arrow write them."""
    if not file.is_relative_to(root):
        return {}
    pairs = [part.partition("=") for part in file.relative_to(root).parts[:-1] if "=" in part]
    return {unquote(name): None if value == _NULL_PARTITION else unquote(value) for name, _, value in pairs if name}


def _notes_on_lines(text: str) -> list[Finding]:
    """Returns how the lines of a file that was read as the only document can be read as documents of their own."""
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) < _MIN_LINES:
        return []
    n_tabs = {line.count("\t") for line in lines[:_N_COMPARED]}
    is_table = len(n_tabs) == 1 and 0 not in n_tabs
    way = 'if it is a table, pass format="tsv"' if is_table else "if each is a document, pass a list of them"
    return [Finding("one document", 1, (), f"the file is one document of {len(lines):,} lines; {way}", is_carried=True)]


def _limited(table: pa.Table, options: ReadOptions) -> pa.Table:
    return table if options.limit is None else table.slice(0, options.limit)


def _notes_on_left_out(left_out: Sequence[LeftOut]) -> list[Finding]:
    if not left_out:
        return []
    return [Finding("left out", len(left_out), (), describe_left_out(left_out), is_carried=True)]
