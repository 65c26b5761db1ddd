"""The table that the vectors of a build are in: that of an earlier build if it was made the same way, whole or salvaged."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from nomic_explore.models.provenance import keep_stored
from nomic_explore.store import vector_tables
from nomic_explore.store.database import Store
from nomic_explore.store.errors import DamagedTableError
from nomic_explore.store.manifest import Manifest, Record


class KnownVectors(NamedTuple):
    """What a table of vectors holds of the texts of a build.

    Attributes:
        table: its name on disk.
        vectors: (d, width) float32, zeros where a text has none yet.
        is_there: (d,) bool: which texts have a vector.
        n_salvaged: vectors copied from a damaged table that this one replaces; None if there was none.
    """

    table: str
    vectors: np.ndarray
    is_there: np.ndarray
    n_salvaged: int | None = None


def find_provenance(manifests: Iterable[Manifest], asked: dict[str, object]) -> tuple[dict[str, object], Record]:
    """Returns under which provenance vectors are kept, and what the first manifest that has such vectors records of them."""
    for manifest in manifests:
        record: Record = manifest["stages"].get("vectors", {})
        if record and (kept := keep_stored(asked, record["provenance"])) == record["provenance"]:
            return kept, record
    return asked, {}


def read_known(store: Store, table: str, keys: Sequence[str], width: int) -> KnownVectors:
    """Reads the vectors that a table holds of these texts; what can be read of a damaged one is copied to a new one."""
    try:
        return KnownVectors(table, *vector_tables.read_known_vectors(store, table, keys, width))
    except DamagedTableError:
        number, taken = 2, set(store.table_names())
        while f"{table}_{number}" in taken:
            number += 1
        new = f"{table}_{number}"
        n_salvaged = vector_tables.salvage_vectors(store, table, new)
        return KnownVectors(new, *vector_tables.read_known_vectors(store, new, keys, width), n_salvaged)
