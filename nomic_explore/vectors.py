"""Vectors as people hold them: read into one matrix, whatever their kind, and scaled to unit length."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from numbers import Number
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa
    import torch

_BLOCK = 2**22  # numbers read and scaled at a time: 32 MB in float64
_UNIT = 1e-4  # vectors whose length is this near to 1 are left as they are
_SET_ASIDE = "Embed that row again, or pass None for it: a row without a vector is set aside."
_LEAVE_OUT = "Embed that document again or leave it out."
_NUMBERS = "iuf"  # kinds of dtypes: whole numbers, without sign, and floating point


def to_matrix(values: object, name: str = "vectors", n_rows: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Returns vectors of any kind as one matrix, and which rows have a vector.

    Read are arrays of numpy, torch, pandas, polars and Arrow, columns of lists, tables of numbers, lists of lists, of arrays or
    of tensors, and whatever offers `__array__`, DLPack or Arrow's interface. None, null, pandas' missing values and empty lists
    are rows without a vector. Whole numbers count as they are: the bits of packed binary vectors are not unpacked.

    Args:
        values: n vectors of d numbers. A memory-mapped array stays mapped; it is neither copied nor read.
        name: what the caller calls them, for the messages.
        n_rows: how many there must be; None takes any number.

    Returns:
        matrix: (n, d) in its own dtype; of a row without a vector the numbers mean nothing.
        has_vector: (n,) bool.

    Raises:
        TypeError: they are no numbers; the message says how to make numbers of them.
        ValueError: they have another shape or differ in length, none has a vector, or a null stands within one.

    Example:
        >>> matrix, has_vector = to_matrix([[3.0, 4.0], None])
        >>> matrix.shape, has_vector.tolist()
        ((2, 2), [True, False])
    """
    matrix, has_vector = _read(values, name)
    if n_rows is not None and len(matrix) != n_rows:
        raise ValueError(
            f"{name} has {len(matrix)} rows, the source has {n_rows}; row i must be the vector of row i. "
            "Pass None for a row without a vector."
        )
    if matrix.shape[1] == 0:
        raise ValueError(f"{name} has shape {matrix.shape}; expected (n, d): at least one number in each vector.")
    return matrix, has_vector


def unit_rows(matrix: np.ndarray, rows: np.ndarray, name: str = "vectors") -> np.ndarray:
    """Returns some rows of a matrix at unit length; a row that has it within 0.0001 stays as it is.

    The rows are read in blocks, so that of a memory-mapped matrix only the result is in memory. If all rows of a float32 matrix
    are chosen and have unit length, the matrix itself is returned.

    Args:
        matrix: (n, d) numbers, from `to_matrix`.
        rows: (m,) row numbers.
        name: what the caller calls the matrix, for the messages.

    Returns:
        (m, d) float32, C-contiguous.

    Raises:
        ValueError: a row holds a value that is not finite, or only zeros; the message holds its number.

    Example:
        >>> unit_rows(np.array([[0, 0], [3, 4]], dtype=np.int8), np.array([1])).round(1).tolist()
        [[0.6000000238418579, 0.800000011920929]]
    """
    return _scale(matrix, np.asarray(rows), name, _SET_ASIDE)


def check_vectors(vectors: object, name: str = "vectors") -> np.ndarray:
    """Returns vectors of any kind as a C-contiguous (n, d) float32 array of unit rows; the argument is not changed.

    Raises:
        TypeError: they are no numbers.
        ValueError: they are not (n, d), or a row has no vector, holds only zeros or a value that is not finite; the message
            holds the row number.

    Example:
        >>> check_vectors([[3.0, 4.0]]).round(1).tolist()
        [[0.6000000238418579, 0.800000011920929]]
    """
    matrix, has_vector = to_matrix(vectors, name)
    if not has_vector.all():
        row = int(np.flatnonzero(~has_vector)[0])
        raise ValueError(f"{name}[{row}] has no vector; expected one for each document. {_LEAVE_OUT}")
    return _scale(matrix, np.arange(len(matrix)), name, _LEAVE_OUT)


def _scale(matrix: np.ndarray, rows: np.ndarray, name: str, way_out: str) -> np.ndarray:
    """Returns the rows (m, d) at unit length; see `unit_rows`."""
    n_in_block = max(1, _BLOCK // matrix.shape[1])
    starts = range(0, len(rows), n_in_block)
    if matrix.dtype == np.float32 and matrix.flags.c_contiguous and np.array_equal(rows, np.arange(len(matrix))):
        matrix = np.asarray(matrix)
        if all(_is_unit(matrix[start : start + n_in_block]).all() for start in starts):
            return matrix
    scaled = np.empty((len(rows), matrix.shape[1]), dtype=np.float32)
    for start in starts:
        chosen = rows[start : start + n_in_block]
        is_run = len(chosen) == chosen[-1] - chosen[0] + 1 and bool((np.diff(chosen) == 1).all())
        block = np.ascontiguousarray(matrix[chosen[0] : chosen[-1] + 1] if is_run else matrix[chosen])
        if block.dtype != np.float32:
            block = block.astype(np.float32 if block.dtype.itemsize <= 2 else np.float64)
        rest = np.flatnonzero(~_is_unit(block))
        scaled[start : start + len(block)] = _scale_block(block, rest, chosen, name, way_out)
    return scaled


def _is_unit(block: np.ndarray) -> np.ndarray:
    """Returns (b,) whether the length of each vector is 1."""
    with np.errstate(all="ignore"):
        squares = np.einsum("bd,bd->b", block, block)
        return np.abs(np.sqrt(squares) - 1.0) <= _UNIT


def _scale_block(block: np.ndarray, rest: np.ndarray, rows: np.ndarray, name: str, way_out: str) -> np.ndarray:
    """Returns the vectors (b, d), those that are listed in `rest` at unit length."""
    if not len(rest):
        return block
    wide = block[rest].astype(np.float64)
    largest = np.abs(wide).max(axis=1, keepdims=True)  # (r, 1); dividing by it first keeps the squares in range
    unfit = np.flatnonzero(~np.isfinite(largest[:, 0]) | (largest[:, 0] == 0.0))
    if len(unfit):
        row = int(rows[rest[unfit[0]]])
        if largest[unfit[0], 0] == 0.0:
            raise ValueError(f"{name}[{row}] is a zero vector, which is similar to nothing. {way_out}")
        value = wide[unfit[0]][~np.isfinite(wide[unfit[0]])][0]
        raise ValueError(f"{name}[{row}] holds a value that is not finite: {value}. {way_out}")
    wide /= largest
    wide /= np.sqrt(np.einsum("bd,bd->b", wide, wide))[:, None]
    if len(rest) == len(block):
        return wide
    scaled = np.array(block, dtype=np.float32)
    scaled[rest] = wide
    return scaled


def _read(values: object, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Returns the matrix and which rows have a vector, by the kind of the values."""
    package = _package_of(values)
    if isinstance(values, str | bytes | Path | Mapping | AbstractSet):
        raise TypeError(f"{name} is {_describe(values)}; {_say_instead(values, name)}")
    if isinstance(values, np.ma.MaskedArray):
        return _read_masked(values, name)
    if isinstance(values, np.ndarray | memoryview):
        return _read_array(np.asanyarray(values), name)
    if package == "torch":
        return _read_array(_tensor_to_numpy(cast("torch.Tensor", values)), name)
    if package == "pandas":
        return _read_pandas(cast("pd.DataFrame", values), name)
    if package == "polars":
        return _read_polars(cast("pl.DataFrame", values), name)
    if package == "scipy" and hasattr(values, "toarray"):
        raise TypeError(
            f"{name} is a sparse matrix; expected a dense one. Pass vectors.toarray(), or if it is wide, "
            "sklearn.decomposition.TruncatedSVD(256).fit_transform(vectors)."
        )
    if package == "pyarrow" or hasattr(values, "__arrow_c_stream__") or hasattr(values, "__arrow_c_array__"):
        return _read_arrow(values, name)
    if isinstance(values, list | tuple):
        return _read_rows(values, name)
    if hasattr(values, "__array__") or hasattr(values, "__dlpack__"):
        return _read_array(_array_of(values, name), name)
    if isinstance(values, Iterable):
        return _read_rows(list(values), name)
    raise TypeError(f"{name} is {_describe(values)}; expected an array (n, d): one row for each document.")


def _package_of(value: object) -> str | None:
    """Returns the package that an object is from, or a class it extends; None for Python's own and numpy's."""
    packages = {base.__module__.partition(".")[0] for base in type(value).__mro__}
    return next((own for own in ("torch", "pandas", "polars", "pyarrow", "scipy") if own in packages), None)


def _read_array(array: np.ndarray, name: str) -> tuple[np.ndarray, np.ndarray]:
    if array.dtype.kind == "O" and array.ndim:
        return _read_rows(list(array), name)
    if array.dtype.name.startswith(("bfloat", "float8")):  # of the package ml_dtypes
        array = array.astype(np.float32)
    if array.dtype.kind in "US" and array.ndim == 1 and len(array):
        raise TypeError(f"{name}[0] is {_describe(array[0])}; {_say_instead(array[0], name)}")
    _check_kind(array, name)
    if array.ndim != 2:
        raise ValueError(f"{name} has shape {array.shape}; expected (n, d): one row per document. {_say_shape(array)}")
    return array if type(array) in (np.ndarray, np.memmap) else np.asarray(array), np.ones(len(array), dtype=bool)


def _check_kind(array: np.ndarray, name: str) -> None:
    """Raises TypeError unless an array holds numbers."""
    if array.dtype.kind in _NUMBERS:
        return
    instead = {
        "b": "Pass vectors.astype(np.float32) if true and false are the numbers 1 and 0.",
        "c": "Pass np.concatenate([vectors.real, vectors.imag], axis=1) if both parts count.",
        "U": "Pass np.asarray(vectors, dtype=np.float32) if they are numbers written as text.",
        "V": "Pass numpy.lib.recfunctions.structured_to_unstructured(vectors).",
    }.get(array.dtype.kind, "Pass an array of floating point numbers.")
    raise TypeError(f"{name} holds {array.dtype} values; expected numbers. {instead}")


def _say_shape(array: np.ndarray) -> str:
    """Returns what makes a matrix of an array with another number of axes."""
    if array.ndim < 2:
        return "Pass [vector] if this is the vector of one document, else np.stack(rows) or vectors.reshape(n, d)."
    if array.ndim > 2 and 1 in array.shape[1:]:
        axis = array.shape.index(1, 1)
        return f"Pass np.squeeze(vectors, axis={axis})."
    return "Pass vectors.mean(axis=1) if each document has a vector per token, or vectors.reshape(n, d)."


def _read_masked(array: np.ma.MaskedArray, name: str) -> tuple[np.ndarray, np.ndarray]:
    matrix, _ = _read_array(array.data, name)
    is_masked = np.ma.getmaskarray(array)
    return _without_nulls(matrix, is_masked, name)


def _without_nulls(matrix: np.ndarray, is_null: np.ndarray, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Returns the matrix and which rows have a vector: those without a null; a row must not be null in part."""
    is_missing = is_null.all(axis=1)
    if (is_null.any(axis=1) != is_missing).any():
        row = int(np.flatnonzero(is_null.any(axis=1) & ~is_missing)[0])
        raise ValueError(f"{name}[{row}] holds a null; expected a number in each place. {_SET_ASIDE}")
    return matrix, np.logical_not(is_missing)


def _tensor_to_numpy(tensor: "torch.Tensor") -> np.ndarray:
    tensor = tensor.detach().cpu()
    if "strided" not in str(tensor.layout):
        tensor = tensor.to_dense()
    if "bfloat16" in str(tensor.dtype) or "float8" in str(tensor.dtype):  # numpy has none of these
        tensor = tensor.float()
    return tensor.numpy()


def _array_of(values: object, name: str) -> np.ndarray:
    """Returns what an object offers by `__array__` or DLPack."""
    try:
        return np.asarray(values) if hasattr(values, "__array__") else np.from_dlpack(values)  # type: ignore[arg-type]
    except (BufferError, RuntimeError, TypeError, ValueError) as error:
        raise TypeError(
            f"{name} is {_describe(values)}, which numpy cannot read ({error}). Pass a copy in main memory as a numpy array."
        ) from error


def _read_pandas(values: "pd.DataFrame | pd.Series", name: str) -> tuple[np.ndarray, np.ndarray]:
    if not hasattr(values, "columns"):
        if hasattr(values.dtype, "pyarrow_dtype"):
            return _read_arrow(values.array.__arrow_array__(), name)
        return _read_array(values.to_numpy(), name)
    frame = cast("pd.DataFrame", values)
    if frame.shape[1] == 1 and getattr(frame.dtypes.iloc[0], "kind", "O") not in _NUMBERS:
        return _read_pandas(frame.iloc[:, 0], f"{name}[{frame.columns[0]!r}]")
    if any(getattr(dtype, "kind", "O") not in _NUMBERS for dtype in frame.dtypes):
        _refuse_table(list(frame.columns), name)
    matrix = frame.to_numpy()
    if matrix.dtype.kind == "O":
        matrix = frame.to_numpy(dtype=np.float64, na_value=np.nan)
    is_missing: np.ndarray = np.isnan(matrix).all(axis=1)
    return matrix, ~is_missing


def _read_polars(values: "pl.DataFrame | pl.Series", name: str) -> tuple[np.ndarray, np.ndarray]:
    if hasattr(values, "collect"):
        raise TypeError(f"{name} is {_describe(values)}, which holds no rows yet. Pass vectors.collect().")
    if str(getattr(values, "dtype", "")) == "Object":
        return _read_rows(cast("pl.Series", values).to_list(), name)
    return _read_arrow(values.to_arrow(), name)


def _refuse_table(columns: Sequence[object], name: str) -> None:
    listed = ", ".join(map(repr, columns[:8])) + (", …" if len(columns) > 8 else "")
    raise TypeError(
        f"{name} is a table with the columns {listed}, and not all hold numbers. "
        f"Pass the column that holds the vectors, or those that hold their numbers: {name}=table[column]."
    )


def _read_arrow(values: object, name: str) -> tuple[np.ndarray, np.ndarray]:
    import pyarrow as pa

    if isinstance(values, pa.RecordBatchReader):
        values = values.read_all()
    elif not isinstance(values, pa.Table | pa.RecordBatch | pa.Array | pa.ChunkedArray):
        values = pa.array(values) if hasattr(values, "__arrow_c_array__") else pa.chunked_array(values)
    if isinstance(values, pa.Array | pa.ChunkedArray) and pa.types.is_struct(values.type):
        chunks = values.chunks if isinstance(values, pa.ChunkedArray) else [values]
        values = pa.Table.from_batches(
            [pa.RecordBatch.from_struct_array(chunk) for chunk in chunks], pa.schema(list(values.type))
        )
    if isinstance(values, pa.Table | pa.RecordBatch):
        return _read_arrow_table(values, name)
    return _read_arrow_lists(values, name)


def _read_arrow_table(table: "pa.Table | pa.RecordBatch", name: str) -> tuple[np.ndarray, np.ndarray]:
    """Returns the vectors of a table of numbers, or of one with a single column."""
    if table.num_columns == 0:
        raise ValueError(f"{name} is a table without columns; expected one for each number of a vector.")
    if not all(_is_number(field.type) for field in table.schema):
        if table.num_columns == 1:
            return _read_arrow(table.column(0), f"{name}[{table.schema.names[0]!r}]")
        _refuse_table(table.schema.names, name)
    columns = [table.column(place) for place in range(table.num_columns)]
    is_null = np.stack([np.asarray(column.is_null()) for column in columns], axis=1)
    matrix = np.stack([_arrow_numbers(column) for column in columns], axis=1)
    return _without_nulls(matrix, is_null, name)


def _is_number(kind: "pa.DataType") -> bool:
    import pyarrow as pa

    return bool(pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind))


def _arrow_numbers(values: "pa.Array | pa.ChunkedArray") -> np.ndarray:
    import pyarrow as pa

    if pa.types.is_decimal(values.type):
        values = values.cast(pa.float64())
    return values.to_numpy() if isinstance(values, pa.ChunkedArray) else values.to_numpy(zero_copy_only=False)


def _read_arrow_lists(column: "pa.Array | pa.ChunkedArray", name: str) -> tuple[np.ndarray, np.ndarray]:
    """Returns the vectors of a column of lists; a single chunk without nulls is not copied."""
    import pyarrow as pa

    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    chunks = [chunk.storage if isinstance(chunk, pa.ExtensionArray) else chunk for chunk in chunks]
    chunks = [chunk.dictionary_decode() if isinstance(chunk, pa.DictionaryArray) else chunk for chunk in chunks]
    shape = getattr(column.type, "shape", ())  # of Arrow's fixed-shape tensors
    numbers = getattr(chunks[0].type if chunks else column.type, "value_type", None)
    if numbers is None or not _is_number(numbers) or len(shape) > 1:
        return _read_rows(column.to_pylist(), name)  # which says what is wrong with them
    lengths = np.concatenate([np.asarray(chunk.value_lengths().fill_null(0)) for chunk in chunks] or [np.zeros(0, int)])
    has_vector = lengths > 0
    width = _common_length(lengths, name) if has_vector.any() else getattr(column.type, "list_size", 0)
    if not has_vector.any() and (len(lengths) or not width):
        _refuse_empty(len(lengths), name)
    parts = []
    n_before = 0
    for chunk in chunks:
        flat = chunk.flatten()  # without the nulls, of the rows that a slice leaves
        if flat.null_count:
            place = int(np.flatnonzero(np.asarray(flat.is_null()))[0]) // width
            row = int(np.flatnonzero(has_vector[n_before:])[place]) + n_before
            raise ValueError(f"{name}[{row}] holds a null; expected a number in each place. {_SET_ASIDE}")
        parts.append(_arrow_numbers(flat).reshape(-1, width))
        n_before += len(chunk)
    if len(parts) == 1 and has_vector.all():
        return parts[0], has_vector
    matrix = np.zeros((len(lengths), width), dtype=parts[0].dtype if parts else np.float32)
    if parts:
        matrix[has_vector] = np.concatenate(parts)
    return matrix, has_vector


def _common_length(lengths: np.ndarray, name: str) -> int:
    """Returns the length that all vectors have; 0 stands for none.

    Raises:
        ValueError: they differ; the message names the first that does.
    """
    rows = np.flatnonzero(lengths)
    first = rows[0]
    other = rows[lengths[rows] != lengths[first]]
    if len(other):
        row = other[0]
        raise ValueError(
            f"{name}[{row}] has {lengths[row]} numbers, {name}[{first}] has {lengths[first]}; expected as many in each. "
            "Pass None for a row without a vector: it is set aside."
        )
    return int(lengths[first])


def _refuse_empty(n_rows: int, name: str) -> None:
    there_are = f"none of the {n_rows} rows has a vector" if n_rows else "there are no rows"
    raise ValueError(f"{name} is empty: {there_are}; expected (n, d): one row for each document.")


def _read_rows(rows: Sequence[object], name: str) -> tuple[np.ndarray, np.ndarray]:
    """Returns the vectors of a list with one for each row."""
    none = np.zeros(0)
    arrays = [none if _is_missing(value) else _row_of(value, f"{name}[{row}]") for row, value in enumerate(rows)]
    lengths = np.array([len(array) for array in arrays], dtype=np.int64)
    has_vector = lengths > 0
    if not has_vector.any():
        _refuse_empty(len(rows), name)
    width = _common_length(lengths, name)
    dtype = np.result_type(*{array.dtype for array in arrays if len(array)})
    matrix = np.zeros((len(rows), width), dtype=dtype)
    for row in np.flatnonzero(has_vector).tolist():
        matrix[row] = arrays[row]
    return matrix, has_vector


def _is_missing(value: object) -> bool:
    if value is None or type(value).__name__ in {"NAType", "NaTType"}:  # pandas' missing values
        return True
    return isinstance(value, float | np.floating) and bool(np.isnan(value))


def _row_of(value: object, name: str) -> np.ndarray:
    """Returns (d,) the vector of one row; length 0 if it is empty.

    Raises:
        TypeError: it is no list of numbers.
        ValueError: it is nested, or holds a null.
    """
    if _package_of(value) == "torch":
        value = _tensor_to_numpy(cast("torch.Tensor", value))
    elif isinstance(value, str | bytes | Mapping) or hasattr(value, "embedding"):
        raise TypeError(f"{name} is {_describe(value)}; {_say_instead(value, 'vectors')}")
    elif hasattr(value, "as_py"):  # a scalar of Arrow
        value = value.as_py()
    if isinstance(value, Number | np.number):
        raise ValueError(
            f"{name} is the number {value}; expected a list of numbers: {name.partition('[')[0]} must have shape (n, d). "
            "Pass [vector] if this is the vector of one document, else np.stack(rows) or np.reshape(vectors, (n, d))."
        )
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(f"{name} is {_describe(value)}; expected a flat list of numbers.") from None
    if array.ndim == 1 and not len(array):
        return np.zeros(0)
    if array.dtype.kind == "O":
        array = _numbers_in(array, name)
    if array.ndim > 1:
        raise ValueError(
            f"{name} has shape {array.shape}; expected ({array.shape[-1]},): one vector for each document. "
            + (
                "Pass np.squeeze(np.stack(vectors), axis=1)."
                if array.shape[0] == 1
                else "Pass the mean of its vectors."
            )
        )
    if array.dtype.name.startswith(("bfloat", "float8")):
        array = array.astype(np.float32)
    _check_kind(array, name)
    return array


def _numbers_in(array: np.ndarray, name: str) -> np.ndarray:
    """Returns float64 numbers of an array of objects, such as decimals.

    Raises:
        TypeError: some are no numbers.
        ValueError: one is missing.
    """
    if array.ndim != 1:
        raise TypeError(f"{name} is {_describe(array.tolist())}; expected a list of numbers.")
    if any(map(_is_missing, array)):
        raise ValueError(f"{name} holds a null; expected a number in each place. {_SET_ASIDE}")
    try:
        return array.astype(np.float64)
    except (TypeError, ValueError):
        raise TypeError(f"{name} is {_describe(array.tolist())}; expected a list of numbers.") from None


def _describe(value: object) -> str:
    if isinstance(value, str):
        return f"the string {str(value)!r:.60}"
    return f"{value!r:.60} ({type(value).__name__})"


def _say_instead(value: object, name: str) -> str:
    """Returns what to pass in place of something that only holds or names numbers."""
    if isinstance(value, Mapping) and "embedding" in value:
        return f'expected a list of numbers. Pass [row["embedding"] for row in {name}].'
    if isinstance(value, Mapping):
        return f"expected an array (n, d) in the order of the rows. Pass [{name}[key] for key in keys]."
    if isinstance(value, AbstractSet):
        return "expected an array (n, d) in the order of the rows. Pass a list: a set has no order."
    if hasattr(value, "embedding"):
        return f"expected a list of numbers. Pass [row.embedding for row in {name}]."
    if isinstance(value, bytes):
        return f"expected numbers. Pass [np.frombuffer(row, dtype=np.float32) for row in {name}]."
    if str(value).lstrip().startswith("["):
        return f"expected a list of numbers. Pass [json.loads(row) for row in {name}]."
    if str(value).endswith((".npy", ".npz")):
        return f'expected an array (n, d). Pass np.load({str(value)!r}, mmap_mode="r").'
    return "expected an array (n, d): one row of numbers for each document."
