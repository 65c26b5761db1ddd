"""Files that leave, each written whole or not at all: rows by the ending of their path, and text."""

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nomic_explore.files import write_table

if TYPE_CHECKING:
    import pyarrow as pa

ROW_ENDINGS = (".parquet", ".csv", ".jsonl")
REPORT_ENDINGS = (".html", ".json")
_BATCH = 1_000  # rows turned into Python at a time


def check_path(path: str | Path, endings: tuple[str, ...]) -> Path:
    """Returns where to write.

    Raises:
        ValueError: the path ends in something else.
        FileNotFoundError: its folder does not exist.
    """
    target = Path(path).expanduser()
    if target.suffix.lower() not in endings:
        raise ValueError(f"{target} ends in {target.suffix!r}; expected {', '.join(endings[:-1])} or {endings[-1]}.")
    if not target.parent.is_dir():
        raise FileNotFoundError(f"No folder {target.parent}; make it first, or choose another path.")
    return target


def write_rows(columns: Mapping[str, Any], path: str | Path) -> Path:
    """Writes Arrow columns as .parquet, .csv or .jsonl and returns the path; Parquet keeps their types.

    Raises:
        ValueError: the path ends in something else.
        FileNotFoundError: its folder does not exist.
    """
    import pyarrow as pa

    target = check_path(path, ROW_ENDINGS)
    if target.suffix.lower() != ".jsonl":
        return write_table(columns, target)
    table = pa.table({name: _without_nan(column) for name, column in columns.items()})
    return write_lines(
        (
            json.dumps(row, ensure_ascii=False, default=_as_text) + "\n"
            for batch in table.to_batches(_BATCH)
            for row in batch.to_pylist()
        ),
        target,
    )


def write_lines(pieces: Iterable[str], target: Path) -> Path:
    """Writes pieces of text as UTF-8 and returns the path; until all are written the file has another name."""
    part = target.with_name(f"{target.name}.part")
    try:
        with open(part, "w", encoding="utf-8", newline="\n") as file:
            file.writelines(pieces)
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)
    return target


def _without_nan(column: Any) -> "pa.ChunkedArray":
    """Returns a column with null where a float is not finite, which JSON cannot say."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not pa.types.is_floating(column.type):
        return column
    return pc.if_else(pc.is_finite(column), column, pa.scalar(None, column.type))


def _as_text(value: Any) -> str:
    """Returns a value that JSON has no word for: dates as ISO 8601, the rest as Python writes it."""
    return str(value.isoformat()) if hasattr(value, "isoformat") else str(value)
