"""Which tables are in use, and the removal of those that are not.

A reader holds a shared lock on the folder of each table that its state names, from opening to the end of its process or until it
is forgotten. A table that no manifest names is removed if nobody holds such a lock. Where the system has no such locks
(Windows, some network drives) a table is removed when it is an hour old.
"""

import os
import shutil
import time
import weakref
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from nomic_explore.atomic_files import sweep_parts
from nomic_explore.store.database import TABLES, Store
from nomic_explore.store.manifest import Manifest

KEPT = ("edits", "topic_name_cache")  # tables that belong to no state
_KEEP_SECONDS = 3600.0


class ReadLock:
    """Keeps tables from being removed while it exists.

    Args:
        store: the folder.
        manifest: of the state whose tables are read.
    """

    def __init__(self, store: Store, manifest: Manifest) -> None:
        self._descriptors: list[int] = []
        weakref.finalize(self, _close, self._descriptors)
        for name in sorted(tables_of(manifest)):
            descriptor = _open_locked(store.table_path(name), exclusive=False)
            if descriptor is not None:
                self._descriptors.append(descriptor)

    def release(self) -> None:
        """Lets the tables go."""
        _close(self._descriptors)


def tables_of(manifest: Manifest) -> set[str]:
    """Returns the names on disk of all tables that a state reads.

    Example:
        >>> sorted(tables_of({"stages": {"graph": {"tables": {"graph": {"table": "graph_0a1b"}}}, "vectors": {"table": "v"}}}))
        ['graph_0a1b', 'v']
    """
    found: set[str] = set()
    for stage, record in manifest.get("stages", {}).items():
        if stage == "vectors":
            found.add(record["table"])
        notes = record.get("tables")
        found |= set(FORMAT_1_TABLES.get(stage, ())) if notes is None else {note["table"] for note in notes.values()}
    return found


def sweep(store: Store) -> list[str]:
    """Removes the tables that no state needs and nobody reads, and what killed writers left; returns their names.

    Args:
        store: the folder, whose lock the caller holds.
    """
    manifests = [store.read_manifest(), *([store.read_building()] if store.is_building else [])]
    needed = set(KEPT).union(*map(tables_of, manifests))
    removed = []
    for name in store.table_names():
        if name not in needed and _remove(store.table_path(name)):
            removed.append(name)
    sweep_parts(store.root)
    for path in _litter(store.root):
        if time.time() - path.stat().st_mtime > _KEEP_SECONDS:
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
            removed.append(path.name)
    return removed


# The tables of each stage before names were noted.
FORMAT_1_TABLES: Mapping[str, tuple[str, ...]] = {
    "documents": ("documents", "texts"),
    "graph": ("graph",),
    "positions": ("positions",),
    "topics": ("topics", "topic_merges", "topic_tree", "topic_names"),
    "duplicates": ("duplicate_rows", "duplicate_documents", "duplicate_pairs"),
}


def _litter(folder: Path) -> Iterator[Path]:
    """Yields what writers that were killed have left behind."""
    yield from folder.glob("manifest.json.part")  # of earlier versions
    yield from (folder / TABLES).glob("part-*")


def _remove(path: Path) -> bool:
    """Removes the folder of a table unless somebody reads it; returns whether it is gone."""
    try:
        descriptor = _open_locked(path, exclusive=True)
    except BlockingIOError:
        return False
    if descriptor is None and time.time() - path.stat().st_mtime < _KEEP_SECONDS:
        return False
    aside = path.with_name(f"part-{path.name}")  # no reader opens it half removed
    with suppress(OSError):
        os.replace(path, aside)
        shutil.rmtree(aside, ignore_errors=True)
    _close([] if descriptor is None else [descriptor])
    return not path.exists()


def _open_locked(path: Path, *, exclusive: bool) -> int | None:
    """Returns a descriptor that holds a lock on a folder; None where the system has no such locks, or no such folder.

    Raises:
        BlockingIOError: somebody else holds a lock that excludes this one.
    """
    try:
        import fcntl

        descriptor = os.open(path, os.O_RDONLY)
    except (ImportError, OSError):
        return None
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        if exclusive:
            raise
        return None
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _close(descriptors: list[int]) -> None:
    while descriptors:
        with suppress(OSError):
            os.close(descriptors.pop())
