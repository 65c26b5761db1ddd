"""Files that hold one vector, or one position, for each row: arrays of numpy, tables, and a few other formats."""

import zipfile
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pyarrow as pa

from nomic_explore.cells.key_layouts import split_layouts
from nomic_explore.corpus.file_readers import READERS
from nomic_explore.corpus.formats import ReadOptions
from nomic_explore.corpus.found_files import suffix_of
from nomic_explore.corpus.frames import with_plain_columns
from nomic_explore.corpus.known_layouts import find_positions, is_number, parse_vector, vector_columns

if TYPE_CHECKING:
    import h5py

# What `to_matrix` reads: an array, a column of lists, a table of numbers, or a list with an array or None for each row.
Rows: TypeAlias = np.ndarray | pa.ChunkedArray | pa.Table | list[np.ndarray | None]

PICKLES = (".pkl", ".pickle", ".joblib", ".pt", ".pth", ".ckpt")
_ROW_NUMBERS = ("", "Unnamed: 0")  # how pandas names its index in a CSV file
_SAVE_ARRAY = "numpy.save('vectors.npy', array)"


def read_vector_file(path: str | Path, name: str = "vectors") -> Rows:
    """Returns the vectors of a file, row by row, in a form that `to_matrix` reads.

    Args:
        path: .npy (memory-mapped, not read); .npz, .safetensors or .h5 with one array of two dimensions; or .parquet,
            .feather, .arrow, .csv, .tsv, .json or .jsonl with one column of vectors, or with nothing but numbers.
        name: what the caller calls them, for the messages.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: its format is not read, it is damaged, or it holds no vectors or more than one set of them.
        ImportError: it is an .h5 file and h5py is not installed.

    Example:
        >>> import numpy as np
        >>> np.save("vectors.npy", np.eye(3, dtype=np.float16))
        >>> read_vector_file("vectors.npy").shape
        (3, 3)
    """
    file = _existing(path, name)
    if (read := _ARRAY_READERS.get(file.suffix.lower())) is not None:
        return read(file, name)
    if suffix_of(file) in READERS:
        return _vectors_of(_read_table(file), file, name)
    raise _unknown_format(file, name)


def read_position_file(path: str | Path, name: str = "positions") -> Rows:
    """Returns the positions of a file, row by row, in a form that `to_matrix` reads.

    Args:
        path: as for `read_vector_file`. Of a table with other columns, those that another map tool wrote are taken, or
            else "x" and "y".
        name: what the caller calls them, for the messages.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: its format is not read, it is damaged, or it holds no positions.
        ImportError: it is an .h5 file and h5py is not installed.

    Example:
        >>> import pyarrow as pa, pyarrow.parquet
        >>> pa.parquet.write_table(pa.table({"id": ["a", "b"], "x": [0.0, 1.0], "y": [2.0, 3.0]}), "umap.parquet")
        >>> read_position_file("umap.parquet").column_names
        ['x', 'y']
    """
    file = _existing(path, name)
    if file.suffix.lower() in _ARRAY_READERS or suffix_of(file) not in READERS:
        return read_vector_file(file, name)
    table = _read_table(file)
    found = find_positions(table)
    chosen = [found.x, found.y] if found else ["x", "y"]
    if all(column in table.column_names and is_number(table[column].type) for column in chosen):
        return table.select(chosen)
    return _vectors_of(table, file, name, width=2)


def vectors_from_text(column: pa.ChunkedArray, name: str = "vectors") -> list[np.ndarray | None]:
    """Returns the vectors of a column that holds them as text, as a CSV file does.

    Args:
        column: texts such as "[0.1, 0.2]", written by JSON, by Python or by numpy; null or empty is a row without a vector.
        name: what the caller calls them, for the messages.

    Raises:
        ValueError: a text is no list of numbers, or numpy left numbers out of it; the message has its row number.

    Example:
        >>> import pyarrow as pa
        >>> vectors_from_text(pa.chunked_array([["[0.5, 1]", None, "[0.5 2.]"]]))
        [array([0.5, 1. ]), None, array([0.5, 2. ])]
    """
    return [_parse(text, row, name) if text else None for row, text in enumerate(column.to_pylist())]


def _existing(path: str | Path, name: str) -> Path:
    """Returns the path of a file that is there and not empty."""
    file = Path(path).expanduser()
    if file.is_dir():
        raise ValueError(f"{name}: {file} is a folder; expected a file, such as one made by {_SAVE_ARRAY}.")
    if not file.exists():
        siblings = [other.name for other in file.parent.iterdir()] if file.parent.is_dir() else []
        close = get_close_matches(file.name, siblings, n=1)
        hint = f"Did you mean {str(file.parent / close[0])!r}?" if close else f"Paths are relative to {Path.cwd()}."
        raise FileNotFoundError(f"{name}: there is no file {str(file)!r}. {hint}")
    if file.stat().st_size == 0:
        raise ValueError(f"{name}: {file} is empty (0 bytes); expected one row for each document.")
    return file


def _unknown_format(file: Path, name: str) -> ValueError:
    suffix = file.suffix.lower()
    if suffix in PICKLES:
        loaded = "torch.load(path, weights_only=True).numpy()" if suffix in (".pt", ".pth", ".ckpt") else "the array"
        return ValueError(
            f"{name}: {file} is a pickle, and reading a pickle runs any code that is in it. If you trust it, load it yourself "
            f"and pass {loaded}, or save that once: {_SAVE_ARRAY}."
        )
    known = ", ".join((*_ARRAY_READERS, *READERS))
    return ValueError(f"{name}: {file} is of no known format; expected one of {known}. To make one: {_SAVE_ARRAY}.")


# --- arrays ---


def _read_npy(file: Path, name: str) -> np.ndarray:
    try:
        array = np.load(file, mmap_mode="r", allow_pickle=False)
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        if "Python objects" in str(error):
            raise _objects(file, name) from None
        raise _damaged(file, name, error) from None
    if isinstance(array, np.ndarray):
        return array
    array.close()
    return _read_npz(file, name)  # numpy tells its formats by their content


def _read_npz(file: Path, name: str) -> np.ndarray:
    arrays: dict[str, np.ndarray] = {}
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            keys = archive.files
            for key in keys:
                with suppress(ValueError):  # labels that are Python objects
                    arrays[key] = archive[key]
    except (OSError, EOFError, ValueError, AttributeError, TypeError, zipfile.BadZipFile, zlib.error) as error:
        raise _damaged(file, name, error) from None
    if {"indices", "indptr", "shape"} <= set(keys):
        raise ValueError(
            f"{name}: {file} holds a sparse matrix; expected a dense one. If it is not too wide: "
            "numpy.save('vectors.npy', scipy.sparse.load_npz(path).toarray())."
        )
    if keys and not arrays:
        raise _objects(file, name)
    return arrays[_only_matrix({key: array.shape for key, array in arrays.items()}, file, name)]


def _objects(file: Path, name: str) -> ValueError:
    return ValueError(
        f"{name}: {file} holds Python objects, not numbers. Stack the rows before they are saved: "
        "numpy.save('vectors.npy', numpy.stack(rows))."
    )


def _read_safetensors(file: Path, name: str) -> np.ndarray:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(file, framework="numpy") as tensors:
            shapes = {key: tuple(tensors.get_slice(key).get_shape()) for key in tensors.keys()}  # noqa: SIM118
            key = _only_matrix(shapes, file, name)
            if tensors.get_slice(key).get_dtype() == "BF16":
                raise ValueError(
                    f"{name}: {key!r} in {file} is bfloat16, which numpy does not know. Save it as tensor.float()."
                )
            array: np.ndarray = tensors.get_tensor(key)
    except SafetensorError as error:
        raise _damaged(file, name, error) from None
    return array


def _read_hdf5(file: Path, name: str) -> np.ndarray:
    try:
        import h5py
    except ImportError:
        raise ImportError(
            f"{name}: reading {file} needs h5py, which is not installed: pip install 'nomic-explore[hdf5]'."
        ) from None
    shapes: dict[str, tuple[int, ...]] = {}

    def note(key: str, entry: "h5py.Dataset | h5py.Group") -> None:
        if isinstance(entry, h5py.Dataset):
            shapes[key] = entry.shape

    try:
        with h5py.File(file, "r") as content:
            content.visititems(note)
            array: np.ndarray = content[_only_matrix(shapes, file, name)][()]
    except OSError as error:
        raise _damaged(file, name, error) from None
    return array


_ARRAY_READERS: dict[str, Callable[[Path, str], np.ndarray]] = {
    ".npy": _read_npy,
    ".npz": _read_npz,
    ".safetensors": _read_safetensors,
    ".h5": _read_hdf5,
    ".hdf5": _read_hdf5,
}


def _only_matrix(shapes: Mapping[str, tuple[int, ...]], file: Path, name: str) -> str:
    """Returns the key of the one array that can be meant: the only one, or the only one of two dimensions."""
    matrices = [key for key, shape in shapes.items() if len(shape) == 2]
    if len(matrices) == 1:
        return matrices[0]
    if len(shapes) == 1:
        return next(iter(shapes))
    listed = ", ".join(f"{key} {tuple(shape)}" for key, shape in shapes.items()) or "none"
    raise ValueError(
        f"{name}: {file} holds {len(matrices)} arrays of shape (n, d), expected one; its arrays: {listed}. "
        "Load it and pass the one that is meant."
    )


def _damaged(file: Path, name: str, error: Exception) -> Exception:
    if isinstance(error, PermissionError):
        return error
    reason = (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
    return ValueError(
        f"{name}: {file} is no whole {file.suffix} file ({reason}). It may be cut off: copy or write it again."
    )


# --- tables ---


def _read_table(file: Path) -> pa.Table:
    table, _ = split_layouts(READERS[str(suffix_of(file))](file, ReadOptions())[0])
    if table.num_columns > 1 and table.column_names[0] in _ROW_NUMBERS:
        table = table.remove_column(0)
    for place, field in enumerate(table.schema):
        if _is_text(field.type):  # numbers such as 5.0e-01, which would not be written back as they are
            with suppress(pa.ArrowInvalid):
                table = table.set_column(place, field.name, table.column(place).cast(pa.float64()))
    return table


def _vectors_of(table: pa.Table, file: Path, name: str, width: int | None = None) -> Rows:
    """Returns the column of vectors, or the table if it holds nothing but numbers.

    Args:
        table: as the file holds it.
        file: for the messages.
        name: for the messages.
        width: how long the vectors have to be; None takes any length.

    Raises:
        ValueError: it holds neither, or several columns of vectors.
    """
    plain = with_plain_columns(table)
    found = [
        column for column, own in vector_columns(plain, min_width=1, whole_numbers=True).items() if width in (None, own)
    ]
    if len(found) == 1:
        column = plain[found[0]]
        return vectors_from_text(column, name) if _is_text(column.type) else column
    if len(found) > 1:
        raise ValueError(
            f"{name}: {file} has several columns of vectors: {', '.join(found)}. "
            f"Keep one of them in the file, or pass the column itself: {name}=table[{found[0]!r}]."
        )
    if plain.num_columns and all(is_number(kind) for kind in plain.schema.types):
        return _with_header_row(table) if _is_header_data(table.column_names) else plain
    what = (
        "column of equally long lists of numbers"
        if width is None
        else f"columns x and y, and no column of lists of {width}"
    )
    described = ", ".join(f"{field.name} ({field.type})" for field in plain.schema)
    raise ValueError(
        f"{name}: {file} has no {what}, and not all of its columns are numbers: {described[:400]}. "
        f"Pass the column or the columns that are meant: {name}=table[...]."
    )


def _is_header_data(names: list[str]) -> bool:
    """Whether the names of columns are the first row of a CSV file that has no header; "0", "1", "2" … are names."""
    if names == [str(number) for number in range(len(names))]:
        return False
    try:
        return bool(np.array(names, dtype=np.float64).size)
    except ValueError:
        return False


def _with_header_row(table: pa.Table) -> np.ndarray:
    """Returns (n + 1, d) float64: the header of a table of numbers, then its rows."""
    columns = [
        np.concatenate([[float(name)], column.to_numpy()])
        for name, column in zip(table.column_names, table.columns, strict=True)
    ]
    return np.stack(columns, axis=1)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _parse(text: str, row: int, name: str) -> np.ndarray:
    if "..." in text:
        raise ValueError(
            f"{name}[{row}] is {text!r:.60}, an array that numpy wrote in short: most of its numbers are lost. "
            f"Write the vectors anew as lists, or with {_SAVE_ARRAY}."
        )
    try:
        return parse_vector(text)
    except ValueError:
        raise ValueError(
            f"{name}[{row}] is {text!r:.60}; expected a list of numbers such as '[0.1, 0.2]'. Leave a row without one empty."
        ) from None
