"""What goes wrong with tables on disk, as errors that say what to do: damage, a full disk, a folder that is read-only."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nomic_explore.store.connection import ForkedProcessError

_MAY_NOT_WRITE = ("read-only file system", "permission denied")


class DamagedTableError(ValueError):
    """A table is missing, or is not what was written.

    Attributes:
        folder: that of the exploration.
        table: its name on disk.
        reason: what reading it ran into, one line.
    """

    def __init__(self, folder: Path, table: str, reason: object) -> None:
        first_line = (str(reason).splitlines() or [""])[0][:200]
        self.folder, self.table, self.reason = folder, table, first_line
        super().__init__(
            f"Table {table!r} of {folder} cannot be read ({first_line}). Nothing was changed; run the command that builds the "
            "exploration again: it makes again what can be made again, and keeps vectors and edits."
        )

    def __reduce__(self) -> tuple[type["DamagedTableError"], tuple[Path, str, str]]:  # other processes raise it too
        return DamagedTableError, (self.folder, self.table, self.reason)


@contextmanager
def explaining_damage(folder: Path, table: str) -> Iterator[None]:
    """Turns what Lance raises on damaged files into a DamagedTableError, also the panics of its Rust code."""
    try:
        yield
    except (DamagedTableError, ForkedProcessError, MemoryError):
        raise
    except Exception as error:
        raise DamagedTableError(folder, table, error) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise DamagedTableError(folder, table, error) from None


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


@contextmanager
def explaining_lost_writes(folder: Path) -> Iterator[None]:
    """Turns the error of a table that cannot be read right after it was written into an OSError that says what to do."""
    try:
        yield
    except DamagedTableError as error:
        raise OSError(
            errno.EIO,
            f"Table {error.table!r} of {folder} cannot be read right after it was written: its disk is full or damaged. What was "
            "reported done is kept: free some space, or choose another disk, and run the same command again",
        ) from error
