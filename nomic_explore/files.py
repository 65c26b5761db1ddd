"""Tables that leave: written whole or not at all."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from nomic_explore.graph import NeighborGraph
    from nomic_explore.topics import Topics

NO_LABEL = "Unlabelled"  # what datamapplot leaves grey


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


def write_parquet_for_peers(
    columns: Mapping[str, Any], graph: "NeighborGraph", topics: "Topics", path: str | Path
) -> Path:
    """Writes Arrow columns as Parquet, with `neighbors` and `topic_layer_0 ...` after them, and returns the path.

    An input column of such a name is kept as `<name>_input`. Positions that are not finite become null.

    Args:
        columns: Arrow columns of n rows.
        graph: of n rows.
        topics: of n rows.
        path: where to.

    Raises:
        ValueError: the path does not end in .parquet.
        FileNotFoundError: its folder does not exist.
    """
    if Path(path).suffix.lower() != ".parquet":
        raise ValueError(f"{path} ends in {Path(path).suffix!r}; expected .parquet. save_table() writes CSV.")
    added = {"neighbors": _neighbors_column(graph), **_layer_columns(topics)}
    kept: dict[str, Any] = {}
    for name, column in columns.items():
        own = name
        while own in added or (own != name and own in columns):
            own = f"{own}_input"
        kept[own] = _without_nan(column) if name in {"x", "y"} else column
    return write_table({**kept, **added}, path)


def _without_nan(column: Any) -> Any:
    """Returns a column of floats with null where it is not a number."""
    import pyarrow as pa
    import pyarrow.compute

    return pyarrow.compute.if_else(pyarrow.compute.is_nan(column), pa.scalar(None, column.type), column)


def _neighbors_column(graph: "NeighborGraph") -> Any:
    """Returns struct{ids, distances} with k + 1 entries a row, the row itself first: equally many, so that they stack."""
    import pyarrow as pa

    n = len(graph)
    ids = np.column_stack([np.arange(n, dtype=np.int32), graph.neighbors])  # (n, k + 1)
    distances = np.column_stack([np.zeros(n, dtype=np.float32), 1 - graph.similarities]).astype(np.float32)
    starts = np.arange(0, ids.size + 1, ids.shape[1], dtype=np.int32)
    parts = [pa.ListArray.from_arrays(starts, pa.array(part.ravel())) for part in (ids, distances)]
    return pa.StructArray.from_arrays(parts, names=["ids", "distances"])


def _layer_columns(topics: "Topics") -> dict[str, Any]:
    """Returns the name of each row's topic in each layer, the finest first."""
    import pyarrow as pa

    layers = list(zip(topics.layers, topics.names, strict=True))[::-1]
    labels = [np.array([*names, NO_LABEL], dtype=object)[layer] for layer, names in layers]  # -1 takes the last
    return {f"topic_layer_{at}": pa.array(of_rows, pa.string()) for at, of_rows in enumerate(labels)}


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
