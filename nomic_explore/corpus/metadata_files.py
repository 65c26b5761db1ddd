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
    for field, column in zip(beside.schema, beside.take(places).columns, strict=True):
        documents = documents.append_column(field.with_name(names[field.name]), column)
    unused = sorted(set(range(table.num_rows)) - set(rows.values()))
    keys = [str(value) for value in table[key].take(pa.array(unused, pa.int64())).to_pylist()]
    missing = documents["file"].filter(places.is_null()).to_pylist()
    left = [other.name for other in others]
    for kind, names_of, what in (
        ("row without file", keys, f"rows of {file.name} whose {key!r} is no document, or that of an earlier row"),
        ("document without row", missing, f"documents that no row of {file.name} describes"),
        ("left out", left, "tables beside it that were left out"),
    ):
        if names_of:
            notes.append(_note(kind, names_of, what))
    is_csv = suffix_of(file, options.format) in CSV_SUFFIXES
    return documents, notes, {new for name, new in names.items() if is_csv and name != key}


def _note(kind: str, names: Sequence[str], what: str) -> Finding:
    more = " …" if len(names) > _N_LISTED else ""
    return Finding(kind, len(names), (), f"{what}: {', '.join(names[:_N_LISTED])}{more}", is_carried=True)


def _match(values: Sequence[object], documents: Sequence[Path], root: Path) -> dict[int, int]:
    """Returns the number of the first row for each document that the values name."""
    whole: dict[str, int] = {}
    short: dict[str, set[int]] = {}
    for number, document in enumerate(documents):
        below = document.relative_to(root) if document.is_relative_to(root) else document
        for name in (below.as_posix(), below.with_suffix("").as_posix(), f"{root.name}/{below.as_posix()}"):
            whole.setdefault(name, number)
        for name in (document.name, document.stem, document.name.casefold(), document.stem.casefold()):
            short.setdefault(name, set()).add(number)
    rows: dict[int, int] = {}
    for row, value in enumerate(values):
        name = str(value).strip().replace("\\", "/").removeprefix("./")
        last = name.rsplit("/", 1)[-1]
        found = {whole[name]} if name in whole else short.get(last) or short.get(last.casefold(), set())
        if len(found) == 1:  # else it could be any of several
            rows.setdefault(next(iter(found)), row)
    return rows


def _free_name(name: str, taken: Sequence[str], others: Sequence[str]) -> str:
    """Returns the name, with a number behind it if the documents have a column of that name."""
    candidate, number = name, 0
    while candidate in taken or (number and candidate in others):
        number += 1
        candidate = f"{name}.{number}"
    return candidate
