"""The table of an exploration: the input columns and one column for each result, made only as far as they are asked for."""

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from nomic_explore.corpus.frame_origin import FrameOrigin
    from nomic_explore.session.state import State

FRAME_COLUMNS = (
    "x",
    "y",
    "topic",
    "topic_name",
    "topic_assignment",
    "topic_strength",
    "duplicate_group",
    "duplicate_role",
    "duplicate_of",
    "duplicate_kind",
    "duplicate_similarity",
    "tags",
    "pinned",
)


def column_names(state: "State") -> list[str]:
    """Returns the names of the columns of `to_pandas()`, in order; an input column of a result's name gets `_input`."""
    given = state.documents.table.column_names
    return [*(_input_name(name) for name in given), *FRAME_COLUMNS]


def make_columns(state: "State", names: Collection[str] | None = None) -> "dict[str, pa.Array | pa.ChunkedArray]":
    """Returns the columns of `to_pandas()` as Arrow columns.

    Args:
        state: of the exploration.
        names: those wanted; results that no wanted column needs are not computed. None is all.
    """
    table, makers = state.documents.table, _makers(state)
    columns: dict[str, Any] = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        if names is None or _input_name(name) in names:
            columns[_input_name(name)] = column
    for name in FRAME_COLUMNS:
        if names is None or name in names:
            columns[name] = makers[name]()
    return columns


def to_pandas(
    columns: "Mapping[str, pa.Array | pa.ChunkedArray]", origin: "FrameOrigin | None" = None
) -> "pd.DataFrame":
    """Returns Arrow columns as a DataFrame; whole numbers and booleans stay what they are where some are null.

    Args:
        columns: as `make_columns` returns them.
        origin: its index becomes that of the frame, and the columns made of that index are left out.
    """
    import pandas as pd

    made = {name: _pandas_column(column) for name, column in columns.items() if name != "tags"}
    if "tags" in columns:  # lists: Arrow would make arrays
        made["tags"] = pd.Series(columns["tags"].to_pylist(), dtype=object)
    left_out = {_input_name(name) for name in origin.index_columns} if origin is not None else set()
    frame = pd.DataFrame({name: made[name] for name in columns if name not in left_out})
    return frame if origin is None else origin.with_index(frame)


def for_polars(table: "pa.Table") -> "pa.Table":
    """Returns a table that Polars 2.1 takes: it knows no offsets such as "+05:30", and no slices of vectors with nulls."""
    import pyarrow as pa

    table = table.combine_chunks()
    for place, field in enumerate(table.schema):
        column = table.column(place)
        if pa.types.is_timestamp(field.type) and (field.type.tz or "").startswith(("+", "-")):
            table = table.set_column(place, field.name, column.cast(pa.timestamp(field.type.unit, "UTC")))
        elif pa.types.is_fixed_size_list(field.type):
            table = table.set_column(place, field.name, column.take(pa.array(range(len(column)), pa.int64())))
    return table


def _input_name(name: str) -> str:
    return f"{name}_input" if name in FRAME_COLUMNS else name


def _makers(state: "State") -> "dict[str, Callable[[], pa.Array]]":
    """Returns what makes each column of a result."""
    import pyarrow as pa

    def topic_names() -> "pa.Array":
        names = np.array([*state.topics.names[-1], None], dtype=object)
        return pa.array(names[state.topics.layers[-1]], pa.string())

    def duplicate_of() -> "pa.Array":
        keepers = state.duplicates.keepers
        return pa.array(keepers, pa.int64(), mask=keepers == np.arange(len(state)))

    return {
        "x": lambda: pa.array(state.positions[:, 0]),
        "y": lambda: pa.array(state.positions[:, 1]),
        "topic": lambda: pa.array(state.topics.layers[-1]),
        "topic_name": topic_names,
        "topic_assignment": lambda: pa.array(state.topics.assignment.tolist(), pa.string()),
        "topic_strength": lambda: pa.array(state.topics.strength),
        "duplicate_group": lambda: pa.array(state.duplicates.groups),
        "duplicate_role": lambda: pa.array(state.duplicates.roles.tolist(), pa.string()),
        "duplicate_of": duplicate_of,
        "duplicate_kind": lambda: pa.array(state.duplicates.kinds.tolist(), pa.string()),
        "duplicate_similarity": lambda: pa.array(state.duplicates.similarities),
        "tags": lambda: _tags_column(state),
        "pinned": lambda: _pinned_column(state),
    }


def _tags_column(state: "State") -> "pa.Array":
    """Returns the names of each row's tags, as lists."""
    import pyarrow as pa

    tags = state.edits.tags
    names = np.array(list(tags), dtype=object)
    has_tag = np.stack([tag.mask for tag in tags.values()], axis=1) if tags else np.zeros((len(state), 0))
    offsets = np.concatenate([[0], np.count_nonzero(has_tag, axis=1).cumsum()]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(names[np.nonzero(has_tag)[1]], pa.string()))


def _pinned_column(state: "State") -> "pa.Array":
    import pyarrow as pa

    is_pinned = np.zeros(len(state), dtype=bool)
    is_pinned[list(state.edits.pinned)] = True
    return pa.array(is_pinned)


def _pandas_column(column: "pa.Array | pa.ChunkedArray") -> "pd.Series":
    import pandas as pd
    import pyarrow as pa

    if not column.null_count:
        return column.to_pandas()
    nullable = {pa.bool_(): pd.BooleanDtype()}
    for bits in (8, 16, 32, 64):
        nullable[getattr(pa, f"int{bits}")()] = getattr(pd, f"Int{bits}Dtype")()
        nullable[getattr(pa, f"uint{bits}")()] = getattr(pd, f"UInt{bits}Dtype")()
    return column.to_pandas(types_mapper=nullable.get)
