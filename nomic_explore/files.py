"""Files that are exported: written whole or not at all, tables by the ending of their path."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from nomic_explore.atomic_files import write_atomically
from nomic_explore.checks import check_local

if TYPE_CHECKING:
    import pyarrow as pa

Column: TypeAlias = "pa.Array | pa.ChunkedArray"

TABLE_ENDINGS = (".parquet", ".csv", ".jsonl")
_BATCH = 1_000  # rows turned into Python objects at a time


def check_target(path: str | Path, endings: tuple[str, ...] = ()) -> Path:
    """Returns the path to write to, with "~" expanded.

    Args:
        path: where to.
        endings: those the path may have; without any, every path will do.

    Raises:
        ValueError: the path ends in something else, is a folder, or is the address of something elsewhere.
        FileNotFoundError: its folder does not exist.

    Example:
        >>> check_target("kept.xlsx", TABLE_ENDINGS)
        Traceback (most recent call last):
        ...
        ValueError: kept.xlsx ends in '.xlsx'; expected .parquet, .csv or .jsonl.
    """
    check_local(path)
    target = Path(path).expanduser()
    if endings and target.suffix.lower() not in endings:
        expected = " or ".join(part for part in (", ".join(endings[:-1]), endings[-1]) if part)
        raise ValueError(f"{target} ends in {target.suffix!r}; expected {expected}.")
    if target.is_dir():
        raise ValueError(f"{target} is a folder; expected the path of a file, old or new.")
    if not target.parent.is_dir():
        raise FileNotFoundError(f"No folder {target.parent}; make it first, or choose another path.")
    return target


def write_bytes(target: Path, content: bytes) -> Path:
    """Writes a file, whole or not at all, and returns its path.

    Example:
        >>> write_bytes(getfixture("tmp_path") / "notes.txt", b"all of it").read_text()
        'all of it'
    """
    with write_atomically(target) as part:
        part.write_bytes(content)
    return target


def write_text(target: Path, pieces: Iterable[str]) -> Path:
    """Writes pieces of text as UTF-8 with plain line ends, whole or not at all, and returns the path.

    Example:
        >>> write_text(getfixture("tmp_path") / "notes.txt", ["all ", "of it"]).read_text()
        'all of it'
    """
    with write_atomically(target) as part, open(part, "w", encoding="utf-8", newline="\n") as file:
        file.writelines(pieces)
    return target


def write_table(columns: "Mapping[str, Column]", path: str | Path) -> Path:
    """Writes Arrow columns as Parquet, CSV or JSON Lines, by the ending of the path, and returns the path.

    Only Parquet keeps types. Lists and structs become JSON in CSV; floats that are not finite become null in JSON Lines.

    Raises:
        ValueError: the path ends in something else.
        FileNotFoundError: its folder does not exist.

    Example:
        >>> import pyarrow as pa
        >>> path = write_table({"n": pa.array([1, 2])}, getfixture("tmp_path") / "numbers.csv")
        >>> path.read_text().split()
        ['"n"', '1', '2']
    """
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.parquet

    target = check_target(path, TABLE_ENDINGS)
    match target.suffix.lower():
        case ".parquet":
            with write_atomically(target) as part:
                pyarrow.parquet.write_table(pa.table(dict(columns)), part, compression="zstd")
        case ".csv":
            with write_atomically(target) as part:
                pyarrow.csv.write_csv(pa.table({name: _flat(column) for name, column in columns.items()}), part)
        case ".jsonl":
            table = pa.table({name: _without_nan(column) for name, column in columns.items()})
            rows = (row for batch in table.to_batches(_BATCH) for row in batch.to_pylist())
            write_text(target, (json.dumps(row, ensure_ascii=False, default=_as_text) + "\n" for row in rows))
    return target


def _flat(column: "Column") -> "Column":
    """Returns a column that CSV can hold."""
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        return column.cast(column.type.value_type)
    if pa.types.is_nested(column.type) or pa.types.is_binary(column.type):
        written = [
            None if value is None else json.dumps(value, ensure_ascii=False, default=str)
            for value in column.to_pylist()
        ]
        return pa.array(written, pa.string())
    return column


def _without_nan(column: "Column") -> "Column":
    """Returns a column with null where a float is not finite, which JSON cannot represent."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not pa.types.is_floating(column.type):
        return column
    return pc.if_else(pc.is_finite(column), column, pa.scalar(None, column.type))


def _as_text(value: object) -> str:
    """Returns a value that JSON cannot represent as text: dates as ISO 8601, the rest as Python writes it."""
    return str(value.isoformat()) if hasattr(value, "isoformat") else str(value)
