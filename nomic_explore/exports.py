"""Tables that leave: written whole or not at all."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def write_table(columns: Mapping[str, Any], path: str | Path) -> Path:
    """Writes Arrow columns as Parquet or CSV, by the ending of the path, and returns the path.

    Lists and structs become JSON in CSV, which has no other way to hold them.

    Raises:
        ValueError: the path ends in neither .parquet nor .csv.
        FileNotFoundError: its folder does not exist.
    """
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.parquet

    target = Path(path).expanduser()
    if target.suffix.lower() not in {".parquet", ".csv"}:
        raise ValueError(f"{target} ends in {target.suffix!r}; expected .parquet or .csv.")
    if not target.parent.is_dir():
        raise FileNotFoundError(f"No folder {target.parent}; make it first, or choose another path.")
    part = target.with_name(f"{target.name}.part")
    try:
        if target.suffix.lower() == ".parquet":
            pyarrow.parquet.write_table(pa.table(dict(columns)), part, compression="zstd")
        else:
            pyarrow.csv.write_csv(pa.table({name: _flat(column) for name, column in columns.items()}), part)
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)
    return target


def _flat(column: Any) -> Any:
    """Returns a column that CSV can hold."""
    import json

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
