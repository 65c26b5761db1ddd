"""CSV and TSV files become tables of strings: by Arrow where quotes and rows are regular, else record by record."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import pyarrow as pa
import pyarrow.csv

from nomic_explore.corpus.audit import Finding
from nomic_explore.corpus.csv_layout import CsvLayout, count_irregular_quotes, end_of_records, find_layout
from nomic_explore.corpus.csv_rows import split_records
from nomic_explore.corpus.formats import (
    UTF8_MARK,
    Read,
    ReadOptions,
    check_utf8,
    damaged,
    open_bytes,
    with_growing_blocks,
)

_FIRST_BYTES, _MORE_BYTES = 1 << 20, 1 << 26  # of a file of which only some rows are wanted
_N_LISTED = 50  # rows that a finding names
_FILLERS = " \t\x1a\0"  # alone on a line they are no row; some programs end a file with them


@dataclass
class _Rows:
    """What was read record by record.

    Attributes:
        kept: fields of each row.
        bad: per row that was left out: its number among the rows, its line, and what is wrong.
        stray: lines with a double quote at the start of a field that is part of it.
        n_trimmed: rows with empty fields behind the last column.
        is_complete: whether the end of a part of a file cannot be distinguished from a damaged row.
    """

    kept: list[list[str]] = field(default_factory=list)
    bad: list[tuple[int, int, str]] = field(default_factory=list)
    stray: list[int] = field(default_factory=list)
    n_trimmed: int = 0
    is_complete: bool = True


def read_csv(path: Path, options: ReadOptions) -> Read:
    """Returns the rows of a CSV or TSV file as strings, null where a field is empty, and findings about how it was read.

    Names of columns may be empty or occur twice.

    Raises:
        ValueError: the file is damaged or not UTF-8, or a row has another number of fields than the header.
    """
    for n_bytes in (None,) if options.limit is None else (_FIRST_BYTES, _MORE_BYTES, None):
        content = _load(path, options.encoding, n_bytes)
        is_whole = n_bytes is None or len(content) < n_bytes
        read = _read_content(path, content, is_whole, options)
        if read is not None and (is_whole or read[0].num_rows >= (options.limit or 0)):
            break
    assert read is not None  # of a whole file
    table, notes = read
    return (table if options.limit is None else table.slice(0, options.limit)), notes


def _load(path: Path, encoding: str | None, n_bytes: int | None) -> bytes:
    try:
        stream = open_bytes(path, encoding)
        content = bytes(stream.read() if n_bytes is None else stream.read(n_bytes))
    except (pa.ArrowException, OSError) as error:
        raise damaged(path, error) from None
    return content.removeprefix(UTF8_MARK)


def _read_content(path: Path, content: bytes, is_whole: bool, options: ReadOptions) -> Read | None:
    """Returns the rows of a file, or of a part of it; None if the part is too short to tell."""
    is_tabbed = {".tsv", ".tab"} & {suffix.lower() for suffix in path.suffixes[-2:]} or options.format in ("tsv", "tab")
    try:
        layout = find_layout(content, options.sep, "\t" if is_tabbed else None)
    except UnicodeDecodeError:
        check_utf8(path)
        raise
    if layout is None:
        raise ValueError(f"{path} is empty; expected a header and at least one row.")
    notes = _notes_on_layout(path, layout)
    content, n_marks = _without_inner_marks(content, layout)
    if n_marks:
        message = f"{path.name}: {n_marks} byte order marks inside the file, and the headers behind them, were left out"
        notes.append(_note("joined files", n_marks, message))
    if b'"' not in content or not count_irregular_quotes(content, layout.body, layout.delimiter, is_whole=is_whole):
        end = len(content) if is_whole else end_of_records(content, layout.body)
        table = _read_regular(path, content, layout, end)
        if table is not None:
            return table, notes
    rows = _read_irregular(path, content, layout, is_whole, options)
    if not rows.is_complete:
        return None
    if rows.bad and not options.skip_bad_rows:
        _refuse(path, layout, rows)
    return _as_table(rows.kept, layout), [*notes, *_notes_on_rows(path, rows)]


def _without_inner_marks(content: bytes, layout: CsvLayout) -> tuple[bytes, int]:
    """Returns the content of files that were put below one another, without their marks and headers, and how many."""
    if b"\n" + UTF8_MARK not in content:
        return content, 0
    start, rows = content[: layout.body], content[layout.body :]
    mark = b"\n" + UTF8_MARK
    n_marks = rows.count(mark)
    return start + rows.replace(mark + start[layout.header :], b"\n").replace(mark, b"\n"), n_marks


def _read_regular(path: Path, content: bytes, layout: CsvLayout, end: int) -> pa.Table | None:
    """Returns the rows between the header and a place; None if they differ in their fields, or are not UTF-8."""
    body = pa.py_buffer(content).slice(layout.body, end - layout.body)
    places = [str(place) for place in range(len(layout.names))]
    parse = pa.csv.ParseOptions(delimiter=layout.delimiter, newlines_in_values=True)
    convert = pa.csv.ConvertOptions(
        column_types=dict.fromkeys(places, pa.string()),
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=True,
    )

    def read(block_bytes: int) -> pa.Table:
        options = pa.csv.ReadOptions(block_size=block_bytes, column_names=places)
        return pa.csv.read_csv(pa.BufferReader(body), options, parse, convert)

    if not body.size:
        return _as_table([], layout)
    try:
        return with_growing_blocks(read).rename_columns(list(layout.names))
    except pa.ArrowInvalid:
        return None


def _read_irregular(path: Path, content: bytes, layout: CsvLayout, is_whole: bool, options: ReadOptions) -> _Rows:
    """Returns rows of different lengths, or with quotes that do not enclose fields."""
    if not is_whole:
        content = content[: max(content.rfind(b"\n"), content.rfind(b"\r")) + 1]
    try:
        text = content[layout.body :].decode("utf-8")
    except UnicodeDecodeError:
        check_utf8(path)
        raise
    escapes = b'\\"' in content and _has_escapes(content, layout)
    n_fields, rows = len(layout.names), _Rows()
    line, counted = 1 + _count_lines(content[: layout.body].decode("latin-1"), 0, layout.body), 0
    for number, record in enumerate(split_records(text, layout.delimiter, escapes=escapes), start=1):
        if options.limit is not None and len(rows.kept) >= options.limit:
            return rows
        fields = record.fields
        if len(fields) == 1 < n_fields and not fields[0].strip(_FILLERS):
            continue
        if len(fields) > n_fields and not any(fields[n_fields:]):
            rows.n_trimmed += 1
            fields = fields[:n_fields]
        is_unclosed = record.is_unclosed and layout.delimiter != "\t"  # among tabs quotes are ordinary characters
        if record.is_unclosed and not is_whole:
            rows.is_complete = False
            return rows
        if is_unclosed or len(fields) != n_fields or record.has_stray_quote:
            line += _count_lines(text, counted, record.start)
            counted = record.start
        if is_unclosed:
            rows.bad.append((number, line, "opens a double quote that is never closed"))
        elif len(fields) != n_fields:
            rows.bad.append((number, line, f"has {len(fields)} field{'s' * (len(fields) != 1)}"))
        else:
            rows.kept.append(fields)
            if record.has_stray_quote:
                rows.stray.append(line)
    return rows


def _count_lines(text: str, start: int, end: int) -> int:
    return text.count("\n", start, end) or text.count("\r", start, end)


def _has_escapes(content: bytes, layout: CsvLayout) -> bool:
    """Whether fewer quotes are irregular if a backslash makes a quote part of its field."""
    plain, escaped = (
        count_irregular_quotes(content, layout.body, layout.delimiter, escapes=escapes) for escapes in (False, True)
    )
    return escaped < plain


def _as_table(rows: Sequence[list[str]], layout: CsvLayout) -> pa.Table:
    columns: Iterator[Sequence[str]] = iter(zip(*rows, strict=True)) if rows else iter([()] * len(layout.names))
    arrays = [pa.array([cell or None for cell in column], pa.string()) for column in columns]
    return pa.Table.from_arrays(arrays, names=list(layout.names))


def _refuse(path: Path, layout: CsvLayout, rows: _Rows) -> NoReturn:
    number, line, what = rows.bad[0]
    more = f" So it is with {len(rows.bad) - 1:,} more rows." if len(rows.bad) > 1 else ""
    raise ValueError(
        f"{path}, row {number:,} (line {line:,}) {what}; expected {len(layout.names)} fields, as in the header "
        f"({', '.join(map(repr, layout.names))[:200]}).{more} Put fields that hold a {layout.delimiter!r} into double quotes, "
        "name the delimiter with sep=, or leave such rows out with on_bad_rows='skip'."
    )


def _notes_on_layout(path: Path, layout: CsvLayout) -> list[Finding]:
    if not layout.n_comments:
        return []
    message = f'{path.name}: lines before the header that start with "#" were left out'
    return [_note("comment line", layout.n_comments, message)]


def _notes_on_rows(path: Path, rows: _Rows) -> list[Finding]:
    """Returns what people should know about rows that were not regular."""
    notes = []
    if rows.bad:
        listed = [f"{number:,} (line {line:,}) {what}" for number, line, what in rows.bad[:_N_LISTED]]
        more = " …" if len(rows.bad) > _N_LISTED else ""
        message = f"{path.name}: rows that cannot be read were left out: row {', row '.join(listed)}{more}"
        notes.append(_note("skipped row", len(rows.bad), message))
    if rows.stray:
        listed = [f"{line:,}" for line in rows.stray[:_N_LISTED]]
        more = " …" if len(rows.stray) > _N_LISTED else ""
        message = (
            f"{path.name}: double quotes that do not enclose a field are part of it: line {', '.join(listed)}{more}"
        )
        notes.append(_note("stray quote", len(rows.stray), message))
    if rows.n_trimmed:
        message = f"{path.name}: rows end in empty fields that belong to no column; they were left out"
        notes.append(_note("empty fields", rows.n_trimmed, message))
    return notes


def _note(kind: str, count: int, message: str) -> Finding:
    return Finding(kind, count, (), message, is_carried=True)
