"""One file of any format becomes an Arrow table whose columns have names of their own."""

import os
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from nomic_explore.cells import type_columns
from nomic_explore.corpus.audit import Finding
from nomic_explore.corpus.csv_files import read_csv
from nomic_explore.corpus.excel_files import read_excel
from nomic_explore.corpus.formats import (
    ReadOptions,
    archive_of,
    damaged,
    marked_encoding,
    read_arrow,
    read_parquet,
    read_start,
    read_text,
)
from nomic_explore.corpus.found_files import (
    BINARY_SUFFIXES,
    CSV_SUFFIXES,
    EXCEL_SUFFIXES,
    TEXT_SUFFIXES,
    suffix_of,
)
from nomic_explore.corpus.frames import with_plain_columns
from nomic_explore.corpus.json_files import read_json, read_json_lines

Reader = Callable[[Path, ReadOptions], tuple[pa.Table, list[Finding]]]

READERS: dict[str, Reader] = {
    **dict.fromkeys(CSV_SUFFIXES, read_csv),
    ".json": read_json,
    **dict.fromkeys((".jsonl", ".ndjson"), read_json_lines),
    **dict.fromkeys((".parquet", ".pq"), read_parquet),
    **dict.fromkeys((".feather", ".arrow", ".ipc", ".arrows"), read_arrow),
    **dict.fromkeys(EXCEL_SUFFIXES, read_excel),
}
_OTHER_FORMATS = {  # by their first bytes
    b"PK\x03\x04": "an archive or an Excel file (.zip, .xlsx, .ods)",
    b"\xd0\xcf\x11\xe0": "an Excel file (.xls)",
    b"PAR1": "a Parquet file",
    b"ARROW1": "an Arrow file",
    b"\x1f\x8b": "a compressed file (.gz)",
    b"\x28\xb5\x2f\xfd": "a compressed file (.zst)",
    b"\xfd7zXZ\0": "a compressed file (.xz)",
    b"%PDF": "a PDF document",
    b"SQLite format 3": "a database of SQLite",
}


def read_table(file: Path, options: ReadOptions) -> tuple[pa.Table, list[Finding]]:
    """Returns the rows of a file with types for the columns of CSV files, and findings about how they were read."""
    table, notes = read_file(file, options)
    if suffix_of(file, options.format) not in CSV_SUFFIXES:
        return table, notes
    table, typing_notes = type_cells(table, options, table.column_names)
    return table, [*notes, *typing_notes]


def type_cells(table: pa.Table, options: ReadOptions, columns: Collection[str]) -> tuple[pa.Table, list[Finding]]:
    """Returns a table with types for columns of strings, except those that stay as written or for which a kind was asked."""
    kept = {name for name in table.column_names if name not in columns} | options.kept_as_text | set(options.dtype)
    table, lines = type_columns(table, kept_as_text=kept)
    return table, [Finding("typed columns", line.count("', '") + 1, (), line, is_carried=True) for line in lines]


def read_file(file: Path, options: ReadOptions) -> tuple[pa.Table, list[Finding]]:
    """Returns the rows of a file, and findings about how they were read; the columns of a CSV file are all strings.

    Raises:
        ValueError: it is empty or damaged; the message names it.
    """
    if archive_of(file) is None and file.stat().st_size == 0:
        raise ValueError(f"{file} is empty (0 bytes); expected at least one row.")
    suffix = str(suffix_of(file, options.format))
    if suffix in TEXT_SUFFIXES:
        return read_documents([file], options.encoding), []
    start = b"" if suffix in BINARY_SUFFIXES else _start_of(file)
    if (other := next((name for magic, name in _OTHER_FORMATS.items() if start.startswith(magic)), None)) is not None:
        raise ValueError(f"{file} is no text, but {other} under another name; rename it, or name its format=.")
    with _naming_wrong_encoding(file, options.encoding):
        table, notes = READERS[suffix](file, options)
    if not table.num_columns:
        raise ValueError(f"{file} holds no rows; expected at least one.")
    if suffix in (*CSV_SUFFIXES, *EXCEL_SUFFIXES):
        table, naming_notes = _with_names(table, file)
        notes = [*notes, *naming_notes]
    if options.encoding is None and (encoding := marked_encoding(start)):
        message = f"{file.name} is {encoding.upper()}, as its byte order mark says"
        notes = [Finding("encoding", 1, (), message, is_carried=True), *notes]
    table = with_plain_columns(table)
    _check_strings(table, file)
    return (table if options.limit is None else table.slice(0, options.limit)), notes


def read_documents(files: Sequence[Path], encoding: str | None) -> pa.Table:
    """Returns the columns "file", the path below the folder of all files, and "text", the content."""
    places = [Path(os.path.abspath(file)) for file in files]
    root = Path(os.path.commonpath([place.parent for place in places]))
    names = [place.relative_to(root).as_posix() for place in places]
    texts = []
    for file in files:
        with _naming_wrong_encoding(file, encoding):
            texts.append(read_text(file, encoding))
    return pa.table({"file": names, "text": pa.array(texts, pa.string())})


def _with_names(table: pa.Table, file: Path) -> tuple[pa.Table, list[Finding]]:
    """Returns the table with a name for each column, without an empty last column, and what was changed."""
    notes = []
    if table.num_columns > 1 and not table.column_names[-1] and table.column(-1).null_count == table.num_rows:
        table = table.remove_column(table.num_columns - 1)  # each line ends with a delimiter
    names = table.column_names
    nameless = [f"column_{place}" for place, name in enumerate(names, start=1) if not name]
    if nameless:
        message = f"{file.name}: columns without a name are called {', '.join(nameless)[:200]}"
        notes.append(Finding("column without name", len(nameless), (), message, is_carried=True))
    repeated = [name for name in dict.fromkeys(names) if name and names.count(name) > 1]
    if repeated:
        message = f"{file.name}: names of several columns, numbered from the second on: {', '.join(repeated)[:200]}"
        notes.append(Finding("repeated column name", len(repeated), (), message, is_carried=True))
    return table.rename_columns([name or f"column_{place}" for place, name in enumerate(names, start=1)]), notes


def _start_of(file: Path) -> bytes:
    try:
        return read_start(file)
    except (pa.ArrowException, OSError) as error:
        raise damaged(file, error) from None


@contextmanager
def _naming_wrong_encoding(file: Path, encoding: str | None) -> Iterator[None]:
    """Turns the error of a file that is not in its encoding, given or marked, into one that names the file."""
    try:
        yield
    except UnicodeError as error:
        if encoding is None and (marked := marked_encoding(_start_of(file))) is None:
            raise
        what = f"is not in the encoding {encoding!r}" if encoding else f"is marked as {str(marked).upper()}, but is not"
        byte = error.object[error.start] if isinstance(error, UnicodeDecodeError) else None
        why = str(error) if byte is None else f"byte 0x{byte:02x} has no meaning in it"
        raise ValueError(f"{file} {what}: {why}. Name another encoding=, or leave it out for UTF-8.") from None


def _check_strings(table: pa.Table, file: Path) -> None:
    """Raises ValueError if a column holds strings that are not UTF-8, which the binary formats do not check."""
    for name, column in zip(table.column_names, table.columns, strict=True):
        try:
            column.validate(full=True)
        except pa.ArrowInvalid as error:
            raise ValueError(
                f"column {name!r} of {file} is damaged or not valid UTF-8 ({error}). Write the file anew."
            ) from None
