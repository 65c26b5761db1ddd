"""The table of vectors: it only grows, row by row, and each vector has a checksum of its own.

A damaged table is copied as far as it can be read, so that only what is lost is embedded again.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from nomic_explore.store.database import Store, vector_column
from nomic_explore.store.errors import DamagedTableError

if TYPE_CHECKING:
    import pyarrow as pa

CHECK = "check"
_CHECK_SEED, _CHECKED_ROWS = 20, 8192


def append_vectors(store: Store, name: str, keys: Sequence[str], vectors: np.ndarray) -> None:
    """Adds the vectors of some texts; they are on disk when the call returns."""
    import pyarrow as pa

    columns = {"key": pa.array(keys, pa.string()), "vector": vector_column(vectors)}
    if name not in store.table_names() or CHECK in store.column_names(name):  # tables of format 1 have none
        columns[CHECK] = pa.array(checks_of(vectors))
    store.append(name, pa.table(columns))


def stored_keys(store: Store, name: str) -> set[str]:
    """Returns the keys of the texts whose vectors are on disk as they were written."""
    if name not in store.table_names():
        return set()
    keys: set[str] = set()
    for batch in store.read_table(name).to_batches():
        own, _, is_intact = _read_batch(batch)
        keys.update(key for key, intact in zip(own, is_intact.tolist(), strict=True) if intact)
    return keys


def read_vectors(store: Store, name: str, keys: Sequence[str]) -> np.ndarray:
    """Returns the vectors of these texts, (n, d) float32.

    Raises:
        DamagedTableError: one is missing, or is not what was written.
    """
    table = store.read_table(name)
    vectors = np.zeros((len(keys), table["vector"].type.list_size), dtype=np.float32)
    n_missing = int((~_fill(vectors, table, keys)).sum())
    if n_missing:
        raise DamagedTableError(store.folder, name, f"{n_missing:,} vectors are missing or not what was written")
    return vectors


def read_known_vectors(store: Store, name: str, keys: Sequence[str], width: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns the vectors (n, width) float32 of these texts as far as they are there, and a mask (n,) of those that are.

    Raises:
        DamagedTableError: the table cannot be read.
    """
    vectors = np.zeros((len(keys), width), dtype=np.float32)
    if name not in store.table_names():
        return vectors, np.zeros(len(keys), dtype=bool)
    return vectors, _fill(vectors, store.read_table(name), keys)


def salvage_vectors(store: Store, damaged: str, name: str) -> int:
    """Copies the vectors of a table that cannot be read as a whole, as far as they can be read; returns how many.

    Args:
        store: the folder.
        damaged: the name of the table.
        name: of the new table.
    """
    n_copied = 0
    for piece in store.read_pieces(damaged):
        for batch in piece.to_batches():
            own, values, is_intact = _read_batch(batch)
            kept = [key for key, intact in zip(own, is_intact.tolist(), strict=True) if intact]
            if kept:
                append_vectors(store, name, kept, values[is_intact])
                n_copied += len(kept)
    return n_copied


def checks_of(vectors: np.ndarray) -> np.ndarray:
    """Returns a checksum (n,) uint64 of each vector (n, d) float32: a sum of its bits with odd weights.

    Example:
        >>> first, second = checks_of(np.array([[0.5, 1.0], [1.0, 0.5]], dtype=np.float32))
        >>> bool(first == second)
        False
    """
    weights = np.random.default_rng(_CHECK_SEED).integers(2**63, size=vectors.shape[1], dtype=np.uint64) | np.uint64(1)
    words = np.ascontiguousarray(vectors, dtype=np.float32).view(np.uint32)
    checks = np.empty(len(vectors), dtype=np.uint64)
    for start in range(0, len(words), _CHECKED_ROWS):
        part = slice(start, start + _CHECKED_ROWS)
        checks[part] = (words[part] * weights).sum(axis=1, dtype=np.uint64)
    return checks


def _fill(vectors: np.ndarray, table: "pa.Table", keys: Sequence[str]) -> np.ndarray:
    """Writes the vectors of these keys into an array, and returns a mask (n,) of those that the table has intact."""
    numbers = {key: number for number, key in enumerate(keys)}
    is_read = np.zeros(len(keys), dtype=bool)
    for batch in table.to_batches():
        own, values, is_intact = _read_batch(batch)
        found = np.array([numbers.get(key, -1) for key in own], dtype=np.int64)
        chosen = (found >= 0) & is_intact
        vectors[found[chosen]] = values[chosen]
        is_read[found[chosen]] = True
    return is_read


def _read_batch(batch: "pa.RecordBatch") -> tuple[list[str], np.ndarray, np.ndarray]:
    """Returns keys, vectors (n, d), and a mask (n,) of the vectors that are what was written."""
    width = batch.schema.field("vector").type.list_size
    vectors = batch["vector"].flatten().to_numpy().reshape(-1, width)
    is_intact = np.ones(len(vectors), dtype=bool)
    if CHECK in batch.schema.names:
        is_intact = checks_of(vectors) == batch[CHECK].to_numpy()
    return batch["key"].to_pylist(), vectors, is_intact
