"""JSON and JSON Lines become Arrow columns; what is malformed is named with its line."""

import io
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.json

from nomic_explore.corpus.audit import Finding
from nomic_explore.corpus.formats import BLOCK_BYTES, ReadOptions, check_utf8, damaged, open_bytes, with_growing_blocks
from nomic_explore.corpus.frames import table_from_columns, table_from_rows
from nomic_explore.corpus.nesting import MAX_NESTING, find_deep_line
from nomic_explore.corpus.stacking import column_or_text, mixed_types, stack_tables

_NOT_SPACE = re.compile(r"\S")
N_BATCH = 10_000  # objects that exist as Python objects at a time, where Arrow cannot read a file

Read = tuple[pa.Table, list[Finding]]


def read_json_lines(path: Path, options: ReadOptions) -> Read:
    """Returns the rows of a file with one JSON object a line.

    Where Arrow refuses (NaN, numbers and texts in one column, numbers beyond 64 bits) Python does, in batches.
    """
    if options.limit is None:
        return _read_lines(path, lambda: open_bytes(path, options.encoding), "line", options)
    return _read_lines(path, lambda: _first_lines(path, options), "line", options)


def read_json(path: Path, options: ReadOptions) -> Read:
    """Returns the rows of an array of objects, of an object of columns, or of JSON Lines under a .json name."""
    try:
        start = bytes(open_bytes(path, options.encoding).read(1 << 20)).lstrip()
    except (pa.ArrowException, OSError) as error:
        raise damaged(path, error) from None
    if not start:
        raise ValueError(f"{path} is empty; expected an array of objects.")
    if start[:1] == b"[" and start[1:].lstrip()[:1] == b"{":
        lines = _array_as_lines(path, options)
        return _read_lines(path, lambda: io.BytesIO(lines), "element", options)
    first_line, _, rest = start.partition(b"\n")
    if start[:1] == b"{" and rest.strip() and _is_object(first_line):
        return read_json_lines(path, options)
    return _read_columns(path, options.encoding), []


def _array_as_lines(path: Path, options: ReadOptions) -> bytes:
    """Returns the elements of a JSON array, one a line, so that Arrow finds their types.

    The whole file is held in memory; JSON Lines are read in blocks.

    Raises:
        ValueError: an element is not valid JSON, or the file ends inside the array; the message has its number.
    """
    text = _decoded(path, options.encoding)
    decoder = json.JSONDecoder()
    lines: list[str] = []
    at = _skip_space(text, text.index("[") + 1)
    while options.limit is None or len(lines) < options.limit:
        try:
            _, end = decoder.raw_decode(text, at)
        except RecursionError:
            raise ValueError(f"{path}, element {len(lines) + 1:,} is nested too deep to be a document.") from None
        except json.JSONDecodeError as error:
            if at == len(text):
                raise ValueError(_cut_off(path, len(lines))) from None
            raise ValueError(
                f"{path}, element {len(lines) + 1:,} is not valid JSON "
                f"({error.msg}, character {error.pos - at + 1:,} of it): {text[at : at + 40]}"
            ) from None
        lines.append(text[at:end].replace("\n", " ").replace("\r", " "))
        at = _skip_space(text, end)
        if at == len(text):
            raise ValueError(_cut_off(path, len(lines)))
        if text[at] == "]":
            break
        if text[at] != ",":
            raise ValueError(
                f"{path}, a comma is missing behind element {len(lines):,}: {text[at : at + 40]!r} follows it."
            )
        at = _skip_space(text, at + 1)
    return "\n".join(lines).encode("utf-8")


def _cut_off(path: Path, n_elements: int) -> str:
    return f"{path} ends inside its array, behind element {n_elements:,}; it may be cut off."


def _skip_space(text: str, at: int) -> int:
    """Returns where the white space that begins at a place ends."""
    found = _NOT_SPACE.search(text, at)
    return found.start() if found else len(text)


def _decoded(path: Path, encoding: str | None) -> str:
    """Returns the whole of a file as one string."""
    try:
        return bytes(open_bytes(path, encoding).read()).decode("utf-8")
    except UnicodeDecodeError:
        if encoding is None:
            check_utf8(path)
        raise
    except (pa.ArrowException, OSError) as error:
        raise damaged(path, error) from None


def _read_lines(path: Path, opened: Callable[[], Any], unit: str, options: ReadOptions) -> Read:
    """Returns the rows of a stream of JSON Lines; `unit` is what messages count."""
    limit = options.limit
    _refuse_deep(path, opened, unit)
    try:
        table = with_growing_blocks(lambda size: pa.json.read_json(opened(), pa.json.ReadOptions(block_size=size)))
        for column in table.columns:
            column.validate(full=True)
        _ = table.column_names
        return (table if limit is None else table.slice(0, limit)), []
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, UnicodeDecodeError):
        if options.encoding is None:
            check_utf8(path)
        return _read_slowly(path, opened(), unit, limit)
    except OSError as error:
        raise damaged(path, error) from None


def _refuse_deep(path: Path, opened: Callable[[], Any], unit: str) -> None:
    """Raises ValueError, with the number of the line, if a document is nested so deep that reading it would end the process."""
    try:
        found = find_deep_line(opened())
    except (pa.ArrowException, OSError) as error:
        raise damaged(path, error) from None
    if found is not None:
        raise ValueError(
            f"{path}, {unit} {found[0]:,} is nested {found[1]:,} levels deep; expected at most {MAX_NESTING}. Write the inner "
            "part as a string, or leave it out."
        )


def _read_slowly(path: Path, stream: Any, unit: str, limit: int | None) -> Read:
    """Returns the rows through Python objects, a batch at a time; a column without one type becomes text.

    Raises:
        ValueError: a line is not a JSON object; the message holds its number.
    """
    tables: list[pa.Table] = []
    kinds_of: dict[str, str] = {}
    rows: list[dict[str, Any]] = []
    for row in _objects(path, stream, unit, limit):
        rows.append(row)
        if len(rows) == N_BATCH:
            tables.append(_batch(rows, kinds_of))
            rows = []
    if rows or not tables:
        tables.append(_batch(rows, kinds_of))
    labels = [f"rows from {number * N_BATCH:,}" for number in range(len(tables))]
    table, notes = stack_tables(tables, labels)
    return table, [*[mixed_types(column, kinds) for column, kinds in kinds_of.items()], *notes]


def _objects(path: Path, stream: Any, unit: str, limit: int | None) -> Iterator[dict[str, Any]]:
    n_objects = 0
    for number, line in enumerate(_split_lines(stream), start=1):
        if not line.strip():
            continue
        if n_objects == limit:
            return
        try:
            found = json.loads(line, parse_constant=lambda _: None)
        except json.JSONDecodeError as error:
            raise ValueError(
                f"{path}, {unit} {number:,} is not valid JSON ({error.msg}, column {error.colno}): {line.strip()[:40]}"
            ) from None
        except RecursionError:
            raise ValueError(f"{path}, {unit} {number:,} is nested too deep to be a document.") from None
        if not isinstance(found, dict):
            sort = type(found).__name__
            raise ValueError(f"{path}, {unit} {number:,} is a {sort} ({line.strip()[:50]!r}); expected an object")
        n_objects += 1
        yield found


def _split_lines(stream: Any) -> Iterator[str]:
    held = b""
    while block := bytes(stream.read(BLOCK_BYTES)):
        *lines, held = (held + block).split(b"\n")
        for line in lines:
            yield line.decode("utf-8")
    if held:
        yield held.decode("utf-8")


def _batch(rows: list[dict[str, Any]], kinds_of: dict[str, str]) -> pa.Table:
    """Returns the rows as a table; adds to `kinds_of` the columns that became text, with the types they hold."""
    columns = {}
    for name in dict.fromkeys(key for row in rows for key in row):
        columns[name], kinds = column_or_text([row.get(name) for row in rows])
        if kinds is not None:
            kinds_of.setdefault(name, kinds)
    return pa.table(columns)


def _read_columns(path: Path, encoding: str | None) -> pa.Table:
    """Returns the rows of {"column": [...]}, of {"column": {"0": ...}} as pandas writes it, or of a list of strings."""
    _refuse_deep(path, lambda: io.BytesIO(_decoded(path, encoding).replace("\n", " ").encode()), "line")
    try:
        found = json.loads(_decoded(path, encoding), parse_constant=lambda _: None)
    except json.JSONDecodeError as error:
        raise ValueError(f"{path} is not valid JSON: {error.msg}, line {error.lineno}, column {error.colno}.") from None
    except RecursionError:
        raise ValueError(f"{path} is nested too deep to be a table.") from None
    if isinstance(found, list):
        return table_from_rows(found)
    if not isinstance(found, dict):
        raise ValueError(f"{path} holds a single {type(found).__name__}; expected an array of objects.")
    lists = {name: values for name, values in found.items() if isinstance(values, list)}
    records = [values for values in lists.values() if values and all(isinstance(value, dict) for value in values)]
    if len(records) == 1:  # {"data": [{...}, ...]}, with notes beside it
        return table_from_rows(records[0])
    if found and len(lists) == len(found) and len({len(values) for values in lists.values()}) == 1:
        return table_from_columns(lists)
    if found and all(isinstance(values, dict) for values in found.values()):
        keys = list(dict.fromkeys(key for values in found.values() for key in values))
        return table_from_columns({name: [values.get(key) for key in keys] for name, values in found.items()})
    if lists:
        lengths = ", ".join(f"{name} {len(values):,}" for name, values in lists.items())
        raise ValueError(
            f"{path} holds columns of different length or kind ({lengths}); expected one value a row in each."
        )
    return table_from_rows([found])


def _first_lines(path: Path, options: ReadOptions) -> io.BytesIO:
    """Returns the start of a file, up to the end of its line `limit`, blank lines not counted."""
    limit = options.limit or 0
    stream, taken, n_lines, held = open_bytes(path, options.encoding), [], 0, b""
    while n_lines < limit and (block := bytes(stream.read(BLOCK_BYTES))):
        *lines, held = (held + block).split(b"\n")
        for line in lines:
            if n_lines < limit:
                taken.append(line)
                n_lines += bool(line.strip())
    if n_lines < limit:
        taken.append(held)
    return io.BytesIO(b"\n".join(taken))


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except RecursionError:
        return True  # reading it as a line refuses it, with its number
    except ValueError:
        return False
