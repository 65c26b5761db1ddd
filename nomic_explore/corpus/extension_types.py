"""Extension types of Arrow: what their values are without the type that names them."""

import uuid
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    import pandas as pd

_NAME, _SETTINGS = b"ARROW:extension:name", b"ARROW:extension:metadata"


def storage_of(array: pa.ExtensionArray) -> tuple[pa.Array, bool]:
    """Returns the values of an extension array, and whether their meaning is another one.

    UUIDs, periods and intervals become text, tensors nested lists; what is not known becomes what it is stored as.

    Example:
        >>> import uuid
        >>> storage_of(pa.array([uuid.UUID(int=7)], pa.uuid()))[0].to_pylist()
        ['00000000-0000-0000-0000-000000000007']
    """
    kind, storage = array.type, array.storage
    match kind.extension_name:
        case "arrow.uuid":
            texts = [None if value is None else str(uuid.UUID(bytes=value)) for value in storage.to_pylist()]
            return pa.array(texts, pa.string()), True
        case "arrow.json":
            return storage, False
        case "arrow.bool8":
            return storage.cast(pa.bool_()), False
        case "arrow.fixed_shape_tensor":
            return _nested_lists(array), True
        case "pandas.period" | "pandas.interval":
            return _pandas_texts(array), True
    return storage, True


def restore_extension(field: pa.Field, column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Returns a column of pandas' periods or intervals with their type, which is not known before pandas is imported.

    Args:
        field: of the column, whose metadata names the type.
        column: as a file holds it.
    """
    metadata = field.metadata or {}
    name = metadata.get(_NAME)
    if name not in (b"pandas.period", b"pandas.interval"):
        return column
    from pandas.core.arrays.arrow.extension_types import ArrowIntervalType, ArrowPeriodType

    made = ArrowPeriodType if name == b"pandas.period" else ArrowIntervalType
    kind = made.__arrow_ext_deserialize__(column.type, metadata.get(_SETTINGS, b""))
    return pa.chunked_array([pa.ExtensionArray.from_storage(kind, chunk) for chunk in column.chunks], kind)


def _nested_lists(array: pa.ExtensionArray) -> pa.Array:
    """Returns tensors as lists of lists, in the order of their dimensions."""
    kind, storage = array.type, array.storage
    order = list(kind.permutation or range(len(kind.shape)))
    if order != sorted(order):
        turned = [
            None if values is None else np.reshape(np.array(values, dtype=object), kind.shape).transpose(order).tolist()
            for values in storage.to_pylist()
        ]
        return pa.array(turned)
    values = storage.values.slice(
        storage.offset * kind.storage_type.list_size, len(storage) * kind.storage_type.list_size
    )
    for size in reversed(kind.shape[1:]):
        values = pa.FixedSizeListArray.from_arrays(values, size)
    return pa.FixedSizeListArray.from_arrays(values, kind.shape[0], mask=storage.is_null())


def _pandas_texts(array: pa.ExtensionArray) -> pa.Array:
    values: pd.Series = array.to_pandas()
    is_missing = values.isna()
    return pa.array(
        [None if missing else str(value) for value, missing in zip(values, is_missing, strict=True)], pa.string()
    )
