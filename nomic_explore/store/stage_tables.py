"""The tables of one stage: written under names of their own, never changed afterwards, and checked when they are read.

A build writes new tables beside those that the manifest names, so that readers of the old state are not disturbed. What was
written is noted with the number of rows and a checksum of every file, and compared when a table is first read.
"""

import os
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nomic_explore.store.database import Store
from nomic_explore.store.errors import DamagedTableError
from nomic_explore.store.manifest import Record

if TYPE_CHECKING:
    import pyarrow as pa

_BLOCK = 1 << 20  # bytes of a file that are read at a time


class StageWriter:
    """Writes the tables of a stage.

    Args:
        store: the folder, whose lock the caller holds.
        made_from: the digest of what the stage is made from; a part of the names on disk.

    Attributes:
        notes: for each table written its name on disk, the number of its rows, and the checksum of each of its files.
    """

    def __init__(self, store: Store, made_from: str) -> None:
        self._store, self._made_from = store, made_from
        self.notes: dict[str, dict[str, Any]] = {}

    def write(self, name: str, table: "pa.Table", *, words_of: str | None = None) -> None:
        """Writes a table, with a full-text index of one column if asked for, and reads its files back.

        Args:
            name: of the table in the stage.
            table: its rows.
            words_of: the column that can be searched for words.
        """
        own, number, taken = f"{name}_{self._made_from[:12]}", 1, set(self._store.table_names())
        while own in taken:  # left by a build that was interrupted, or damaged
            number += 1
            own = f"{name}_{self._made_from[:12]}_{number}"
        self._store.write_table(own, table)
        if words_of is not None:
            self._store.index_words(own, words_of)
        self.notes[name] = {"table": own, "rows": table.num_rows, "files": checksum_files(self._store.table_path(own))}


class StageTables:
    """Reads the tables of a stage.

    Args:
        store: the folder.
        record: what the manifest says of the stage. Format 1 noted no tables: they have the names they have in the stage, and
            are not checked.
    """

    def __init__(self, store: Store, record: Record) -> None:
        self.store, self.record = store, record
        self._notes: Mapping[str, Any] = record.get("tables", {})
        self._checked: set[str] = set()

    def path_name(self, name: str) -> str:
        """Returns the name of a table on disk."""
        return str(self._notes.get(name, {}).get("table", name))

    def read(self, name: str, columns: Sequence[str] | None = None) -> "pa.Table":
        """Returns a table, or some columns of it.

        Raises:
            DamagedTableError: it is missing, or is not what was written.
        """
        self.check(name)
        return self.store.read_table(self.path_name(name), columns)

    def search_words(self, name: str, column: str, query: str, limit: int, *, all_words: bool = False) -> "pa.Table":
        """Returns the rows of a table that contain some or all words of a query, best first."""
        self.check(name)
        return self.store.search_words(self.path_name(name), column, query, limit, all_words=all_words)

    def check(self, name: str) -> None:
        """Raises DamagedTableError unless the files of a table are those that were written; looks once."""
        note = self._notes.get(name)
        if note is None or name in self._checked:
            return
        found = find_damage(self.store.table_path(note["table"]), note["files"])
        if found:
            raise DamagedTableError(self.store.root, note["table"], found)
        self._checked.add(name)

    def check_all(self) -> dict[str, str]:
        """Returns what is wrong with each table of the stage; "" if nothing is."""
        return {
            note["table"]: find_damage(self.store.table_path(note["table"]), note["files"])
            for note in self._notes.values()
        }


def checksum_files(folder: Path) -> dict[str, int]:
    """Returns the CRC-32 of each file below a folder, by its path in it.

    Example:
        >>> from pathlib import Path
        >>> _ = Path("a.txt").write_text("a map")
        >>> checksum_files(Path("."))
        {'a.txt': 2930668919}
    """
    return {
        path.relative_to(folder).as_posix(): _checksum(path) for path in sorted(folder.rglob("*")) if path.is_file()
    }


def find_damage(folder: Path, files: Mapping[str, int]) -> str:
    """Returns what is wrong with files of which the checksums are known; "" if nothing is."""
    for name, checksum in files.items():
        try:
            if _checksum(folder / name) != checksum:
                return f"{name} is not what was written"
        except OSError as error:
            return f"{name} cannot be read: {os.strerror(error.errno or 0)}"
    return ""


def _checksum(path: Path) -> int:
    checksum = 0
    with open(path, "rb") as file:
        while block := file.read(_BLOCK):
            checksum = zlib.crc32(block, checksum)
    return checksum
