"""Documents in files of their own, beside a table that describes them: joined by the names of the files."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from nomic_explore.cells.key_layouts import split_layouts
from nomic_explore.corpus.audit import Finding
from nomic_explore.corpus.file_readers import read_documents, read_file
from nomic_explore.corpus.formats import ReadOptions
from nomic_explore.corpus.found_files import CSV_SUFFIXES, FoundFiles, suffix_of

_KEYS = ("file", "filename", "file_name", "path", "filepath", "file_path", "document", "name", "id")  # as tried
_N_LISTED = 20


def read_described(found: FoundFiles, options: ReadOptions) -> tuple[pa.Table, list[Finding], set[str]] | None:
    """Returns the documents of a folder with the columns of the table that describes them; None if no table does.

    A table describes documents if a column called "file", "filename", "path", "name" or the like holds their names, with
    or without folder and ending, for at least half of its rows or of the documents.

    Args:
        found: tables, and documents beside them.
        options: how they are read.

    Returns:
        One row for each document; what is odd about it; and the columns that hold cells of a CSV file as strings.

    Raises:
        ValueError: a file cannot be read.
    """
    for file in sorted(found.files, key=lambda file: ("metadata" not in file.name.lower(), len(file.parts))):
        kept = options.kept_as_text | set(_KEYS)
        table, notes = read_file(file, replace(options, limit=None, kept_as_text=kept))
        table, _ = split_layouts(table)
        for key in (name for wanted in _KEYS for name in table.column_names if name.lower() == wanted):
            rows = _match(table[key].to_pylist(), found.documents, found.root or Path())
            n_found = len(set(rows.values()))
            if rows and (2 * n_found >= table.num_rows or 2 * len(rows) >= len(found.documents)):
                others = [other for other in found.files if other != file]
                return _join(found, file, others, table, key, rows, notes, options)
    return None


def _join(
    found: FoundFiles,
    file: Path,
    others: Sequence[Path],
    table: pa.Table,
    key: str,
    rows: dict[int, int],
    notes: list[Finding],
    options: ReadOptions,
) -> tuple[pa.Table, list[Finding], set[str]]:
    documents = read_documents(found.documents, options.encoding)
    places = pa.array([rows.get(document) for document in range(len(found.documents))], pa.int64())
    beside = table.drop_columns([key]) if key == "file" else table
    names = {name: _free_name(name, documents.column_names, beside.column_names) for name in beside.column_names}
    for name, column in zip(beside.column_names, beside.take(places).columns, strict=True):
        documents = documents.append_column(names[name], column)
    unused = sorted(set(range(table.num_rows)) - set(rows.values()))
    missing = [
        name for name, place in zip(documents["file"].to_pylist(), places.to_pylist(), strict=True) if place is None
    ]
    keys = [str(value) for value in table[key].take(pa.array(unused, pa.int64())).to_pylist()]
    for kind, listed, what in (
        (
            "row without file",
            keys,
            f"rows of {file.name} whose {key!r} is no document, or one of an earlier row; left out",
        ),
        (
            "document without row",
            missing,
            f"documents that no row of {file.name} describes; its columns are null there",
        ),
    ):
        if listed:
            more = " …" if len(listed) > _N_LISTED else ""
            message = f"{what}: {', '.join(listed[:_N_LISTED])}{more}"
            notes.append(Finding(kind, len(listed), (), message, is_carried=True))
    if others:
        message = f"{len(others)} tables were left out: {', '.join(other.name for other in others[:_N_LISTED])}"
        notes.append(Finding("left out", len(others), (), message, is_carried=True))
    is_csv = suffix_of(file, options.format) in CSV_SUFFIXES
    return documents, notes, {new for name, new in names.items() if is_csv and name != key}


def _match(values: Sequence[object], documents: Sequence[Path], root: Path) -> dict[int, int]:
    """Returns the number of the first row for each document that the values name."""
    names: dict[str, int] = {}
    ambiguous: set[str] = set()
    for number, document in enumerate(documents):
        below = document.relative_to(root) if document.is_relative_to(root) else document
        spellings = {below.as_posix(), below.with_suffix("").as_posix(), f"{root.name}/{below.as_posix()}"}
        short = {document.name, document.stem} - spellings
        ambiguous |= short & names.keys()
        names |= dict.fromkeys(spellings | short, number)
    rows: dict[int, int] = {}
    for row, value in enumerate(values):
        name = str(value).strip().replace("\\", "/").removeprefix("./")
        found = names.get(name, names.get(name.rsplit("/", 1)[-1]) if "/" in name else None)
        if found is not None and name not in ambiguous:
            rows.setdefault(found, row)
    return rows


def _free_name(name: str, taken: Sequence[str], others: Sequence[str]) -> str:
    """Returns the name, with a number behind it if the documents have a column of that name."""
    candidate, number = name, 0
    while candidate in taken or (number and candidate in others):
        number += 1
        candidate = f"{name}.{number}"
    return candidate
