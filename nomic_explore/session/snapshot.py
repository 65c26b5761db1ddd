"""One state of an exploration's folder: whole, locked against removal, and aware of a newer one."""

import warnings

from nomic_explore.store.database import Store
from nomic_explore.store.manifest import STAGES, Manifest, fingerprint, follows
from nomic_explore.store.stage_tables import StageTables
from nomic_explore.store.sweeping import ReadLock


class Snapshot:
    """The tables that one manifest names; a build beside it does not change them.

    Args:
        store: the folder.
        manifest: what it says.
        lock: keeps its tables from being removed.
    """

    def __init__(self, store: Store, manifest: Manifest, lock: ReadLock | None = None) -> None:
        self.store, self.manifest = store, manifest
        self._lock = lock
        self._tables: dict[str, StageTables] = {}
        self._has_warned = False
        self._seen = ((0, 0), False)  # of the manifest file, and whether it names another state

    def tables(self, stage: str) -> StageTables:
        """Returns the tables of a stage."""
        if stage not in self._tables:
            self._tables[stage] = StageTables(self.store, self.manifest["stages"][stage])
        return self._tables[stage]

    def warn_if_outdated(self) -> None:
        """Warns, once, that the folder holds a newer state than this one."""
        if not self._has_warned and self.is_outdated():
            self._has_warned = True
            warnings.warn(
                f"{self.store.folder} was built again meanwhile. This exploration still shows what it was opened with; "
                "refresh() takes the newer state.",
                stacklevel=4,
            )

    def is_outdated(self) -> bool:
        """Returns whether the folder's manifest names another state; it is read only if it was replaced."""
        stamp = self.store.manifest_stamp()
        if stamp != self._seen[0]:
            try:
                is_other = fingerprint(self.store.read_manifest()) != fingerprint(self.manifest)
            except (OSError, ValueError):  # damaged or gone; what is open can still be read
                is_other = False
            self._seen = (stamp, is_other)
        return self._seen[1]


def open_snapshot(store: Store) -> Snapshot:
    """Returns the last whole state of a folder; warns if a newer one is under way.

    Raises:
        FileNotFoundError: there is no such folder.
        ValueError: the folder is not an exploration, is damaged, or its build has not finished.
    """
    snapshot = take_snapshot(store)
    if store.is_building:
        warnings.warn(
            f"{store.folder} is being built again, or that was interrupted. This is its last whole state; the same call of "
            "explore() goes on with the newer one.",
            stacklevel=5,
        )
    return snapshot


def take_snapshot(store: Store) -> Snapshot:
    """Returns the last whole state of a folder.

    Raises:
        ValueError: a stage is missing, or was not made from the one that it follows.
    """
    while True:
        manifest = store.read_manifest()
        lock = ReadLock(store, manifest)
        if store.read_manifest() == manifest:  # else a build ended between the two
            break
    missing = [stage for stage in STAGES if stage not in manifest["stages"]]
    if missing:
        raise ValueError(
            f"{store.folder} is not finished: {', '.join(missing)} missing. "
            "Run the command that builds it again; it goes on where it stopped."
        )
    if not follows(manifest):
        raise ValueError(
            f"{store.folder} is a mixture: an earlier version was interrupted while it built the folder again. "
            "Run the command that builds it again; vectors and edits are kept."
        )
    return Snapshot(store, manifest, lock)
