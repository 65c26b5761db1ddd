"""JSON and JSON Lines become Arrow columns; what is malformed is named with its line."""

import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

from nomic_explore.corpus.audit import Finding
from nomic_explore.corpus.formats import BLOCK_BYTES, ReadOptions, check_utf8, damaged, open_bytes
from nomic_explore.corpus.frames import table_from_rows
from nomic_explore.corpus.json_columns import table_from_records
from nomic_explore.corpus.json_records import holds_records, read_records, records_by_id
from nomic_explore.corpus.nesting import MAX_NESTING, find_deep_line

_NOT_SPACE = re.compile(r"\S")

Read = tuple[pa.Table, list[Finding]]


def read_json_lines(path: Path, options: ReadOptions) -> Read:
    """Returns the rows of a file with one JSON object a line."""
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
    return _read_columns(path, options.encoding)


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


def _read_lines(path: Path, opened: Callable[[], BinaryIO], unit: str, options: ReadOptions) -> Read:
    """Returns the rows of a stream of JSON Lines; `unit` is what messages count."""
    _refuse_deep(path, opened, unit)
    repaired: list[tuple[int, int]] = []
    try:
        records = read_records(path, opened(), unit, repaired)
        table, notes = table_from_records(records, kept_as_text=options.kept_as_text)
    except UnicodeDecodeError:
        if options.encoding is None:
            check_utf8(path)
        raise
    except (pa.ArrowException, OSError) as error:
        raise damaged(path, error) from None
    if repaired:
        notes = [*notes, _half_characters(repaired, unit)]
    return (table if options.limit is None else table.slice(0, options.limit)), notes


def _half_characters(repaired: Sequence[tuple[int, int]], unit: str) -> Finding:
    lines = ", ".join(f"{line:,}" for _, line in repaired[:5]) + (" …" if len(repaired) > 5 else "")
    message = f"half a character (a lone surrogate), read as U+FFFD; {unit} {lines}"
    return Finding("half character", len(repaired), [row for row, _ in repaired], message, is_carried=True)


def _refuse_deep(path: Path, opened: Callable[[], BinaryIO], unit: str) -> None:
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


def _read_columns(path: Path, encoding: str | None) -> Read:
    """Returns the rows of {"column": [...]}, of {"column": {"0": ...}} as pandas writes it, of {"id": {...}}, or of a list."""
    _refuse_deep(path, lambda: io.BytesIO(_decoded(path, encoding).replace("\n", " ").encode()), "line")
    try:
        found = json.loads(_decoded(path, encoding), parse_constant=lambda _: None)
    except json.JSONDecodeError as error:
        raise ValueError(f"{path} is not valid JSON: {error.msg}, line {error.lineno}, column {error.colno}.") from None
    except RecursionError:
        raise ValueError(f"{path} is nested too deep to be a table.") from None
    if isinstance(found, list):
        return table_from_rows(found), []
    if not isinstance(found, dict):
        raise ValueError(f"{path} holds a single {type(found).__name__}; expected an array of objects.")
    lists = {name: values for name, values in found.items() if isinstance(values, list)}
    records = [values for values in lists.values() if values and all(isinstance(value, dict) for value in values)]
    if len(records) == 1:  # {"data": [{...}, ...]}, with notes beside it
        return table_from_records([records[0]])
    if found and len(lists) == len(found) and len({len(values) for values in lists.values()}) == 1:
        return _table_of(lists)
    objects = {name: values for name, values in found.items() if isinstance(values, dict)}
    if found and len(objects) == len(found):
        if holds_records(objects):
            return table_from_records([records_by_id(objects)])
        keys = list(dict.fromkeys(key for values in objects.values() for key in values))
        return _table_of({name: [values.get(key) for key in keys] for name, values in objects.items()})
    if lists:
        lengths = ", ".join(f"{name} {len(values):,}" for name, values in lists.items())
        raise ValueError(
            f"{path} holds columns of different length or kind ({lengths}); expected one value a row in each."
        )
    return table_from_records([[found]])


def _table_of(columns: Mapping[str, list[object]]) -> Read:
    """Returns columns of values as a table."""
    return table_from_records([[dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]])


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
