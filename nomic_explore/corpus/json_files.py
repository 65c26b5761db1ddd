"""JSON and JSON Lines become Arrow columns; what is malformed is named with its line."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.json

from nomic_explore.corpus.formats import check_utf8, damaged, open_bytes, with_growing_blocks


def read_json_lines(path: Path, limit: int | None, _kept_as_text: set[str]) -> pa.Table:
    """Returns the rows of a file with one JSON object a line."""
    try:
        table = with_growing_blocks(lambda block_bytes: _read_native(path, limit, block_bytes))
        _check_strings(table)
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        check_utf8(path)
        raise _line_trouble(path, error) from None
    except OSError as error:
        raise damaged(path, error) from None
    return table


def _read_native(path: Path, limit: int | None, block_bytes: int) -> pa.Table:
    block = pa.json.ReadOptions(block_size=block_bytes)
    if limit is None:
        return pa.json.read_json(open_bytes(path), block)
    return pa.json.read_json(open_bytes(path), block).slice(0, limit)


def read_json(path: Path, limit: int | None, kept_as_text: set[str]) -> pa.Table:
    """Returns the rows of an array of objects, of an object of columns, or of JSON Lines under a .json name."""
    content = bytes(open_bytes(path).read())
    if not content.strip():
        raise ValueError(f"{path} is empty; expected an array of objects.")
    try:
        found = json.loads(content)
    except UnicodeDecodeError:
        check_utf8(path)
        raise
    except json.JSONDecodeError as error:
        if content.lstrip().startswith(b"{") and error.msg == "Extra data":
            return read_json_lines(path, limit, kept_as_text)
        raise ValueError(f"{path} is not valid JSON: {error.msg}, line {error.lineno}, column {error.colno}.") from None
    from nomic_explore.corpus.frames import table_from_rows

    if isinstance(found, dict):
        return pa.table(found)
    return table_from_rows(found)


def _check_strings(table: pa.Table) -> None:
    for column in table.columns:
        column.validate(full=True)
    table.column_names  # noqa: B018


def _line_trouble(path: Path, error: Exception) -> ValueError:
    """Returns the error for the first line that is not a JSON object."""
    with_lines = open_bytes(path)
    import io

    for number, line in enumerate(io.TextIOWrapper(with_lines, encoding="utf-8", newline="\n"), start=1):
        if not line.strip():
            continue
        try:
            found: Any = json.loads(line)
        except json.JSONDecodeError as broken:
            return ValueError(
                f"{path}, line {number:,} is no valid JSON: {broken.msg}, column {broken.colno}: {line.strip()[:50]!r}."
            )
        if not isinstance(found, dict):
            return ValueError(f"{path}, line {number:,} holds a {type(found).__name__}; expected an object: {{...}}.")
    return ValueError(f"{path} cannot be read as JSON Lines: {error}.")
