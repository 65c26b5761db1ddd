"""An exploration on disk: a LanceDB database, and a manifest that says which of its tables are read.

```
FOLDER/
  manifest.json        the state that is read, and what made each part; manifest.copy.json is its double
  building.json        what is done of a newer state, while a build is under way or after it was interrupted
  tables/              Lance: vectors_<hash of what made them>, edits, and the tables of each stage of each state
  lock                 locked by the one process that builds; edits are appended without it
```

Lance commits a write as a whole or not at all, a stage never changes tables that another state reads, and the manifest is
replaced in one step at the end of a build. So a process can be killed at any moment: readers see the old state or the new one.
"""

import errno
import os
import random
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import sleep
from typing import TYPE_CHECKING, Any

import numpy as np

from nomic_explore.atomic_files import is_part
from nomic_explore.checks import check_local
from nomic_explore.store.connection import check_process, connect
from nomic_explore.store.errors import (
    DamagedTableError,
    explaining_damage,
    explaining_disk_errors,
    explaining_lost_writes,
)
from nomic_explore.store.manifest import (
    BUILDING,
    COPY,
    MANIFEST,
    STAGES,
    Manifest,
    NewerFormatError,
    read_either,
    read_manifest_file,
    write_manifest_file,
)

if TYPE_CHECKING:
    import pyarrow as pa
    from lancedb import DBConnection
    from lancedb.table import Table

TABLES = "tables"
LOCK = "lock"


class Store:
    """The tables and the manifest in one folder; opens it for reading, `writing()` locks it for writing.

    Attributes:
        folder: as it was given.
        root: the same as an absolute path, so that a change of the working directory does not matter.

    Raises:
        ValueError: the folder is the address of something that is not on this machine.
    """

    def __init__(self, folder: str | Path) -> None:
        check_local(folder)
        self.folder = Path(folder).expanduser()
        self.root = self.folder.absolute()
        self._database: Any = None

    @property
    def exists(self) -> bool:
        """Whether the folder holds an exploration, finished or not.

        Example:
            >>> Store("nowhere").exists
            False
        """
        return any((self.root / name).is_file() for name in (MANIFEST, COPY, BUILDING))

    def read_manifest(self) -> Manifest:
        """Returns the manifest of the state that is read.

        Raises:
            FileNotFoundError: the folder does not exist.
            ValueError: the folder is not an exploration, is damaged, was never built to the end, or was made by a newer
                version.
        """
        self._check_is_exploration()
        if not self.is_whole:
            done = self.read_building()["stages"]
            raise ValueError(
                f"{self.folder} is not finished: {', '.join(stage for stage in STAGES if stage not in done)} missing. "
                "Run the command that builds it again; it goes on where it stopped."
            )
        return read_either(self.root)

    def read_building(self) -> Manifest:
        """Returns what is done of a newer state; the manifest, if nothing newer is under way; no stages in a new folder."""
        if (self.root / BUILDING).is_file():
            try:
                return read_manifest_file(self.root / BUILDING)
            except NewerFormatError:
                raise
            except ValueError:  # all that it lists can be made again
                pass
        if not self.is_whole:
            return {"stages": {}}
        return read_either(self.root)

    def read_known(self) -> Manifest:
        """Returns the manifest of the state that is read, or what is done of a first one; no stages in a new folder."""
        return read_either(self.root) if self.is_whole else self.read_building()

    @property
    def is_whole(self) -> bool:
        """Whether there is a state that can be read."""
        return any((self.root / name).is_file() for name in (MANIFEST, COPY))

    @property
    def is_building(self) -> bool:
        """Whether a newer state is under way, or was interrupted."""
        return (self.root / BUILDING).is_file()

    def write_building(self, manifest: Mapping[str, object]) -> None:
        """Notes what is done of the state that is being built."""
        with explaining_disk_errors(self.folder):
            write_manifest_file(self.root / BUILDING, manifest)

    def write_manifest(self, manifest: Mapping[str, object]) -> None:
        """Makes a state the one that is read, in one step."""
        with explaining_disk_errors(self.folder):
            write_manifest_file(self.root / MANIFEST, manifest)
            write_manifest_file(self.root / COPY, manifest)

    def end_building(self) -> None:
        """Forgets the notes of the state that was under way."""
        (self.root / BUILDING).unlink(missing_ok=True)

    @property
    def is_doubled(self) -> bool:
        """Whether the manifest and its copy are equal and can be read."""
        try:
            read_manifest_file(self.root / MANIFEST)
            return (self.root / MANIFEST).read_bytes() == (self.root / COPY).read_bytes()
        except (OSError, ValueError):
            return False

    def manifest_stamp(self) -> tuple[int, int]:
        """Returns what changes whenever the manifest is replaced."""
        try:
            found = (self.root / MANIFEST).stat()
        except OSError:
            return (0, 0)
        return (found.st_ino, found.st_mtime_ns)

    def table_path(self, name: str) -> Path:
        """Returns the folder of a table."""
        return self.root / TABLES / f"{name}.lance"

    def _check_is_exploration(self) -> None:
        if not self.root.exists():
            raise FileNotFoundError(
                f"No folder {self.folder}; expected that of an exploration. Make one with `nomic-explore build` or explore()."
            )
        if not self.exists:
            raise ValueError(f"{self.folder} is not an exploration: it has no {MANIFEST}. Nothing was changed.")

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Locks the folder for writing until the block ends; the folder is made if needed.

        A folder that this call made and that has no vectors yet is removed again if the block fails.

        Raises:
            ValueError: the folder holds something else than an exploration, or a damaged one.
            BlockingIOError: another process is writing to it.
            PermissionError: it cannot be written to.
        """
        from filelock import FileLock, Timeout

        is_new = not self.root.exists()
        self._check_writable()
        with explaining_disk_errors(self.folder):
            self.root.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.root / LOCK)
        try:
            with explaining_disk_errors(self.folder):
                lock.acquire(timeout=0)
        except Timeout:
            raise BlockingIOError(
                f"Another process is building {self.folder}. Wait for it to end, or choose another folder."
            ) from None
        try:
            if not self.exists:
                self.write_building({"stages": {}})
            self.read_building()
            yield
        except BaseException:
            if is_new and not any(name.startswith("vectors_") for name in self.table_names()):
                lock.release()
                shutil.rmtree(self.root, ignore_errors=True)
            raise
        finally:
            lock.release()

    def check_space(self, n_bytes: int) -> None:
        """Raises OSError if the disk has less than `n_bytes` left."""
        place = next(path for path in [self.root, *self.root.parents] if path.exists())
        free = shutil.disk_usage(place).free
        if free < n_bytes:
            raise OSError(
                errno.ENOSPC,
                f"{self.folder} needs about {n_bytes / 1e6:,.0f} MB and its disk has {free / 1e6:,.0f} MB left. "
                "Free some space or choose another folder",
            )

    def table_names(self) -> list[str]:
        """Returns the names of the tables on disk.

        Example:
            >>> Store("nowhere").table_names()
            []
        """
        tables = self.root / TABLES
        return sorted(path.stem for path in tables.glob("*.lance")) if tables.is_dir() else []

    def write_table(self, name: str, table: "pa.Table") -> None:
        """Writes a whole table, replacing the one of that name, and reads it back.

        Raises:
            OSError: the disk is full, cannot be written to, or did not keep what was written.
        """
        with explaining_disk_errors(self.folder):
            if name not in self.table_names():
                self._connect().create_table(name, table)
            else:
                written = self._connect().create_table(name, table, mode="overwrite")
                written.optimize(cleanup_older_than=_KEEP_FOR_READERS)
        # On a disk that fills up, Lance (LanceDB 0.40) may commit a file that lacks its end, and report no error.
        with explaining_lost_writes(self.folder):
            n_read = sum(batch.num_rows for batch in self.read_batches(name))
            if n_read != table.num_rows:
                raise DamagedTableError(self.folder, name, f"it has {n_read:,} of {table.num_rows:,} rows")

    def read_batches(self, name: str) -> "Iterator[pa.RecordBatch]":
        """Yields the rows of a table batch by batch, in no particular order.

        Raises:
            DamagedTableError: the table is missing or damaged.
        """
        with explaining_damage(self.folder, name):
            opened = self._open(name)
            yield from opened.search().limit(max(1, opened.count_rows())).to_batches()

    def append(self, name: str, table: "pa.Table") -> None:
        """Adds rows to a table, which is created if needed; they are on disk when the call returns.

        Several processes may append to one table at once.

        Raises:
            OSError: the folder is gone or cannot be written to, or its disk is full.
        """
        self._check_is_exploration()
        self._check_writable()
        with explaining_disk_errors(self.folder):
            if name not in self.table_names() and self._create_once(name, table):
                return
            for attempt in range(_MAX_ATTEMPTS):
                try:
                    self._connect().open_table(name).add(table)
                    return
                except (OSError, RuntimeError) as error:
                    if "conflict" not in str(error).lower() or attempt == _MAX_ATTEMPTS - 1:
                        raise
                    sleep(random.uniform(0, 0.05 * 2**attempt))

    def merge_files(self, name: str) -> None:
        """Merges the files of a table, of which each append adds one; its rows do not change."""
        with explaining_disk_errors(self.folder):
            try:
                self._open(name).optimize(cleanup_older_than=_KEEP_FOR_READERS)
            except (OSError, RuntimeError) as error:
                if "conflict" not in str(error).lower():  # else another process is doing it now
                    raise

    def count_rows(self, name: str) -> int:
        """Returns the number of rows of a table, 0 if there is no such table.

        Raises:
            ValueError: it is damaged.

        Example:
            >>> Store("nowhere").count_rows("documents")
            0
        """
        if name not in self.table_names():
            return 0
        with explaining_damage(self.folder, name):
            return self._open(name).count_rows()

    def read_table(self, name: str, columns: Sequence[str] | None = None) -> "pa.Table":
        """Returns a table, or some columns of it.

        Raises:
            ValueError: the table is missing or damaged.
        """
        with explaining_damage(self.folder, name):
            opened = self._open(name)
            if columns is None:
                return opened.to_arrow()
            return opened.search().select(list(columns)).limit(max(1, opened.count_rows())).to_arrow()

    def read_pieces(self, name: str, rows: int = 1024) -> "Iterator[pa.Table]":
        """Yields those parts of a damaged table that can be read, at most `rows` at a time; gives up where nothing can be."""
        try:
            n = self.count_rows(name)
        except DamagedTableError:
            return
        ranges = [(start, min(n, start + rows)) for start in range(0, n, rows)][::-1]
        n_read = n_failed = 0
        while ranges and (n_read or n_failed < _MAX_FAILED):
            start, end = ranges.pop()
            try:
                with explaining_damage(self.folder, name):
                    piece = self._open(name).search().limit(end - start).offset(start).to_arrow()
            except DamagedTableError:
                n_failed += 1
                middle = (start + end) // 2
                if middle > start:
                    ranges += [(middle, end), (start, middle)]
                continue
            n_read += 1
            yield piece

    def column_names(self, name: str) -> list[str]:
        """Returns the names of the columns of a table.

        Raises:
            DamagedTableError: it is missing or damaged.
        """
        with explaining_damage(self.folder, name):
            return list(self._open(name).schema.names)

    def index_words(self, name: str, column: str) -> None:
        """Builds the full-text index of a column: any script, case and accents folded, English stems."""
        from lancedb.index import FTS

        if self._open(name).count_rows() == 0:
            return
        config = FTS(base_tokenizer="icu", stem=True, remove_stop_words=False, max_token_length=80)
        with explaining_disk_errors(self.folder):
            self._open(name).create_index(column, config=config, replace=True)

    def search_words(self, name: str, column: str, query: str, limit: int, *, all_words: bool = False) -> "pa.Table":
        """Returns the rows that contain some or all words of the query, best first (BM25), with a column `_score`."""
        from lancedb.query import FullTextOperator, MatchQuery

        words: Any = MatchQuery  # its pydantic defaults are unknown to mypy
        asked = words(query, column, operator=FullTextOperator.AND if all_words else FullTextOperator.OR)
        with explaining_damage(self.folder, name):
            return self._open(name).search(asked, query_type="fts").limit(limit).to_arrow()

    def _create_once(self, name: str, table: "pa.Table") -> bool:
        """Makes a table; False if another process has just made it.

        LanceDB 0.40 lets two processes make one table at once, and the second silently replaces what the first wrote.
        So it is made aside and moved into place, which succeeds once.
        """
        tables, file = self.root / TABLES, f"{name}.lance"
        tables.mkdir(exist_ok=True)
        with TemporaryDirectory(prefix="part-", dir=tables) as aside:
            connect(Path(aside)).create_table(name, table)
            try:
                os.rename(Path(aside) / file, tables / file)
            except OSError:
                if (tables / file).is_dir():
                    return False
                raise
        return True

    def _open(self, name: str) -> "Table":
        if name not in self.table_names():
            raise DamagedTableError(self.folder, name, "it is missing")
        return self._connect().open_table(name)

    def _connect(self) -> "DBConnection":
        check_process()
        if self._database is None:
            self._database = connect(self.root / TABLES)
        return self._database

    def _check_writable(self) -> None:
        if self.root.exists():
            if not self.root.is_dir():
                raise ValueError(f"{self.folder} is a file; expected a folder for the exploration.")
            strangers = sorted(
                path.name for path in self.root.iterdir() if path.name not in _OURS and not is_part(path.name)
            )
            if not self.exists and (strangers or TABLES in os.listdir(self.root)):
                others = ", ".join(strangers[:3]) or TABLES
                raise ValueError(
                    f"{self.folder} is not empty and is not an exploration (it holds {others}, but no {MANIFEST}). "
                    "Nothing was changed; choose another folder."
                )
        place = next(path for path in [self.root, *self.root.parents] if path.exists())
        # A superuser may write anywhere; a folder marked read-only is marked so on purpose.
        if not os.access(place, os.W_OK | os.X_OK) or not place.stat().st_mode & 0o222:
            raise PermissionError(f"{place} is read-only. Choose another folder, or make it writable with chmod u+w.")


_OURS = {MANIFEST, f"{MANIFEST}.part", COPY, BUILDING, TABLES, LOCK}  # with what earlier versions left of a manifest
# Another notebook may be reading what a rebuild replaces, so replaced data stays this long.
_KEEP_FOR_READERS = timedelta(hours=1)
_MAX_FAILED = 16  # reads of a damaged table of which none succeeds: its schema is damaged, and nothing can be read
_MAX_ATTEMPTS = 8  # to append while others do; the waits between them come to about 3 s on average


def vector_column(vectors: np.ndarray) -> "pa.FixedSizeListArray":
    """Returns an (n, d) array as an Arrow column of lists of length d."""
    import pyarrow as pa

    return pa.FixedSizeListArray.from_arrays(pa.array(np.ascontiguousarray(vectors).ravel()), vectors.shape[1])
