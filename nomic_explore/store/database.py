"""An exploration on disk: a LanceDB database and a manifest.

```
FOLDER/
  manifest.json   what made each part; an entry is written after the part it describes
  tables/         Lance: documents, texts, vectors_<hash of what made them>, one small table per stage, edits
  lock            locked by the one process that builds; edits are appended without it
```

Lance commits a write as a whole or not at all, and the manifest is replaced in one step, so a process can be killed at
any moment: what the manifest lists is whole, what it does not list is made again.
"""

import errno
import json
import os
import random
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import sleep
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from nomic_explore.atomic_files import is_part, write_atomically

if TYPE_CHECKING:
    import pyarrow as pa
    from lancedb import DBConnection
    from lancedb.table import Table

Record: TypeAlias = Mapping[str, Any]  # what the manifest says of one stage
FORMAT = 1
MANIFEST = "manifest.json"
TABLES = "tables"
LOCK = "lock"


class Store:
    """The tables and the manifest in one folder; opens it for reading, `writing()` locks it for writing."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder).expanduser()
        self._database: Any = None

    @property
    def exists(self) -> bool:
        """Whether the folder holds an exploration, finished or not.

        Example:
            >>> Store("nowhere").exists
            False
        """
        return (self.folder / MANIFEST).is_file()

    def read_manifest(self) -> dict[str, Any]:
        """Returns the manifest.

        Raises:
            FileNotFoundError: the folder does not exist.
            ValueError: the folder is not an exploration, is damaged, or was made by a newer version.
        """
        path = self.folder / MANIFEST
        if not self.folder.exists():
            raise FileNotFoundError(
                f"No folder {self.folder}; expected that of an exploration. Make one with `nomic-explore build` or explore()."
            )
        if not path.is_file():
            raise ValueError(f"{self.folder} is not an exploration: it has no {MANIFEST}. Nothing was changed.")
        try:
            manifest = json.loads(path.read_text(encoding="utf-8"))
            if not isinstance(manifest, dict) or not isinstance(manifest.get("format"), int):
                raise ValueError("no format number")
        except ValueError as error:
            raise ValueError(f"{path} is damaged ({error}). Nothing was changed; {_WAYS_OUT}") from error
        if manifest["format"] > FORMAT:
            raise ValueError(
                f"{self.folder} has format {manifest['format']}; this version reads up to "
                f"{FORMAT}. Upgrade nomic-explore."
            )
        return manifest

    def write_manifest(self, manifest: Mapping[str, object]) -> None:
        """Replaces the manifest in one step."""
        with (
            explaining_disk_errors(self.folder),
            write_atomically(self.folder / MANIFEST) as part,
            open(part, "w", encoding="utf-8") as file,
        ):
            json.dump({"format": FORMAT, **manifest}, file, indent=1, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())

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

        is_new = not self.folder.exists()
        self._check_writable()
        with explaining_disk_errors(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.folder / LOCK)
        try:
            with explaining_disk_errors(self.folder):
                lock.acquire(timeout=0)
        except Timeout:
            raise BlockingIOError(
                f"Another process is building {self.folder}. Wait for it to end, or choose another folder."
            ) from None
        try:
            if not self.exists:
                self.write_manifest({"stages": {}})
            self.read_manifest()
            yield
        except BaseException:
            if is_new and not any(name.startswith("vectors_") for name in self.table_names()):
                lock.release()
                shutil.rmtree(self.folder, ignore_errors=True)
            raise
        finally:
            lock.release()

    def check_space(self, n_bytes: int) -> None:
        """Raises OSError if the disk has less than `n_bytes` left."""
        place = next(path for path in [self.folder, *self.folder.absolute().parents] if path.exists())
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
        tables = self.folder / TABLES
        return sorted(path.stem for path in tables.glob("*.lance")) if tables.is_dir() else []

    def write_table(self, name: str, table: "pa.Table") -> None:
        """Writes a whole table, replacing the one of that name."""
        with explaining_disk_errors(self.folder):
            if name not in self.table_names():
                self._connect().create_table(name, table)
                return
            written = self._connect().create_table(name, table, mode="overwrite")
            written.optimize(cleanup_older_than=_KEEP_FOR_READERS)

    def append(self, name: str, table: "pa.Table") -> None:
        """Adds rows to a table, which is created if needed; they are on disk when the call returns.

        Several processes may append to one table at once.

        Raises:
            OSError: the folder is gone or cannot be written to, or its disk is full.
        """
        self.read_manifest()
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
        try:
            return self._open(name).count_rows()
        except (RuntimeError, ValueError, OSError) as error:
            raise self._damaged(name, error) from error

    def read_table(self, name: str, columns: Sequence[str] | None = None) -> "pa.Table":
        """Returns a table, or some columns of it.

        Raises:
            ValueError: the table is missing or damaged.
        """
        try:
            opened = self._open(name)
            if columns is None:
                return opened.to_arrow()
            return opened.search().select(list(columns)).limit(max(1, opened.count_rows())).to_arrow()
        except (RuntimeError, ValueError, OSError) as error:
            raise self._damaged(name, error) from error

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
        return self._open(name).search(asked, query_type="fts").limit(limit).to_arrow()

    def _create_once(self, name: str, table: "pa.Table") -> bool:
        """Makes a table; False if another process has just made it.

        LanceDB 0.40 lets two processes make one table at once, and the second silently replaces what the first wrote.
        So it is made aside and moved into place, which succeeds once.
        """
        import lancedb

        tables, file = self.folder / TABLES, f"{name}.lance"
        tables.mkdir(exist_ok=True)
        with TemporaryDirectory(prefix="part-", dir=tables) as aside:
            lancedb.connect(aside).create_table(name, table)
            try:
                os.rename(Path(aside) / file, tables / file)
            except OSError:
                if (tables / file).is_dir():
                    return False
                raise
        return True

    def _open(self, name: str) -> "Table":
        if name not in self.table_names():
            raise self._damaged(name, "it is missing")
        return self._connect().open_table(name)

    def _damaged(self, name: str, reason: object) -> ValueError:
        first_line = str(reason).splitlines()[0][:200]
        return ValueError(
            f"Table {name!r} of {self.folder} cannot be read ({first_line}). Nothing was changed; {_WAYS_OUT}"
        )

    def _connect(self) -> "DBConnection":
        if self._database is None:
            os.environ.setdefault("LANCE_LOG", "error")  # Lance announces every new table as a warning on stderr
            import lancedb

            self._database = lancedb.connect(self.folder / TABLES)
        return self._database

    def _check_writable(self) -> None:
        if self.folder.exists():
            if not self.folder.is_dir():
                raise ValueError(f"{self.folder} is a file; expected a folder for the exploration.")
            strangers = sorted(
                path.name for path in self.folder.iterdir() if path.name not in _OURS and not is_part(path.name)
            )
            if not self.exists and (strangers or TABLES in os.listdir(self.folder)):
                others = ", ".join(strangers[:3]) or TABLES
                raise ValueError(
                    f"{self.folder} is not empty and is not an exploration (it holds {others}, but no {MANIFEST}). "
                    "Nothing was changed; choose another folder."
                )
        place = next(path for path in [self.folder, *self.folder.absolute().parents] if path.exists())
        # A superuser may write anywhere; a folder marked read-only is marked so on purpose.
        if not os.access(place, os.W_OK | os.X_OK) or not place.stat().st_mode & 0o222:
            raise PermissionError(f"{place} is read-only. Choose another folder, or make it writable with chmod u+w.")


_OURS = {MANIFEST, f"{MANIFEST}.part", TABLES, LOCK}  # with what earlier versions left of a manifest
# Another notebook may be reading what a rebuild replaces, so replaced data stays this long.
_KEEP_FOR_READERS = timedelta(hours=1)
_MAX_ATTEMPTS = 8  # to append while others do; the waits between them come to about 3 s on average
_MAY_NOT_WRITE = ("read-only file system", "permission denied")
_WAYS_OUT = "move the folder away and build again, or choose another folder."


@contextmanager
def explaining_disk_errors(folder: Path) -> Iterator[None]:
    """Turns the errors of libraries on a full or read-only disk into an OSError that says what to do."""
    try:
        yield
    except (OSError, RuntimeError) as error:
        number = getattr(error, "errno", None)
        words = str(error).lower()
        if number in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG} or "no space left" in words or "file too large" in words:
            raise OSError(
                errno.ENOSPC,
                f"The disk of {folder} is full. What was reported done is kept: "
                "free some space and run the same command again",
            ) from error
        if number in {errno.EACCES, errno.EPERM, errno.EROFS} or any(word in words for word in _MAY_NOT_WRITE):
            raise PermissionError(f"{folder} cannot be written to ({error}). Choose another folder.") from error
        raise


def vector_column(vectors: np.ndarray) -> "pa.FixedSizeListArray":
    """Returns an (n, d) array as an Arrow column of lists of length d."""
    import pyarrow as pa

    return pa.FixedSizeListArray.from_arrays(pa.array(np.ascontiguousarray(vectors).ravel()), vectors.shape[1])
