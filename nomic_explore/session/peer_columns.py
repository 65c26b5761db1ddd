"""Parquet that other atlas tools open: neighbors, and a column for each layer of topics."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nomic_explore.files import Column, check_target, write_table

if TYPE_CHECKING:
    import pyarrow as pa

    from nomic_explore.graph import NeighborGraph
    from nomic_explore.topics import Topics

NO_LABEL = "Unlabelled"  # what datamapplot leaves gray


def write_parquet_for_peers(
    columns: "Mapping[str, Column]",
    graph: "NeighborGraph",
    topics: "Topics",
    path: str | Path,
    *,
    vectors: tuple[np.ndarray, np.ndarray] | None = None,
) -> Path:
    """Writes Arrow columns as Parquet, with `neighbors` and `topic_layer_0 ...` after them, and returns the path.

    An input column of such a name is kept as `<name>_input`. Positions that are not finite become null.

    Args:
        columns: Arrow columns of n rows.
        graph: of n rows.
        topics: of n rows.
        path: where to.
        vectors: (n, d) and a mask (n,) of the rows that have one, for a column `vector`; None leaves it out.

    Raises:
        ValueError: the path does not end in .parquet.
        FileNotFoundError: its folder does not exist.
    """
    target = check_target(path, (".parquet",))
    added = {"neighbors": _neighbors_column(graph), **_layer_columns(topics)}
    if vectors is not None:
        added["vector"] = _vector_column(*vectors)
    kept: dict[str, Column] = {}
    for name, column in columns.items():
        own = name
        while own in added or (own != name and own in columns):
            own = f"{own}_input"
        kept[own] = _without_nan(column) if name in {"x", "y"} else column
    return write_table({**kept, **added}, target)


def _without_nan(column: "Column") -> "pa.Array":
    """Returns a column of floats with null where it is not a number."""
    import pyarrow as pa
    import pyarrow.compute

    return pyarrow.compute.if_else(pyarrow.compute.is_nan(column), pa.scalar(None, column.type), column)


def _neighbors_column(graph: "NeighborGraph") -> "pa.Array":
    """Returns struct{ids, distances} with k + 1 entries a row, the row itself first: equally many, so that they stack."""
    import pyarrow as pa

    n = len(graph)
    ids = np.column_stack([np.arange(n, dtype=np.int32), graph.neighbors])  # (n, k + 1)
    distances = np.column_stack([np.zeros(n, dtype=np.float32), 1 - graph.similarities]).astype(np.float32)
    starts = np.arange(0, ids.size + 1, ids.shape[1], dtype=np.int32)
    parts = [pa.ListArray.from_arrays(starts, pa.array(part.ravel())) for part in (ids, distances)]
    return pa.StructArray.from_arrays(parts, names=["ids", "distances"])


def _vector_column(vectors: np.ndarray, has_vector: np.ndarray) -> "pa.Array":
    """Returns vectors (n, d) as a column of lists, null where the mask (n,) says that a row has none."""
    import pyarrow as pa

    width = vectors.shape[1]
    return pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), width, mask=pa.array(~has_vector))


def _layer_columns(topics: "Topics") -> "dict[str, pa.Array]":
    """Returns the name of each row's topic in each layer, the finest first."""
    import pyarrow as pa

    layers = list(zip(topics.layers, topics.names, strict=True))[::-1]
    labels = [np.array([*names, NO_LABEL], dtype=object)[layer] for layer, names in layers]  # -1 takes the last
    return {f"topic_layer_{at}": pa.array(of_rows, pa.string()) for at, of_rows in enumerate(labels)}
