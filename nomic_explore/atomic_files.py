"""Files that are written whole or not at all, beside other writers of the same file.

What is written lies in a hidden file of the same folder until it is whole, has the disk under it, and takes its name.
"""

import errno
import os
import re
import secrets
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path

_PREFIX, _SUFFIX = ".nomic-explore-", ".part"  # hidden, so that readers of whole folders pass over it
_PART = re.compile(rf"{re.escape(_PREFIX)}[0-9a-f]{{32}}{re.escape(_SUFFIX)}")
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
# What is written but has not taken its name: its path, that name, the open file that holds its lock.
_unfinished: ContextVar[list[tuple[Path, Path, int]] | None] = ContextVar("_unfinished", default=None)


@contextmanager
def write_atomically(target: Path) -> Iterator[Path]:
    """Gives a path to write to; the file takes its own name when all is written, and vanishes after an error.

    Whoever reads the target meanwhile reads the whole old file. Its mode stays, a link is followed and stays a link,
    and any number of processes may write to one target at once: the last to end wins. What is written must go into the
    file that the path names, which exists already.

    Raises:
        ValueError: the target is there and is no ordinary file.
        FileNotFoundError: its folder does not exist.
        PermissionError: no file can be made in its folder.

    Example:
        >>> target = getfixture("tmp_path") / "notes.txt"
        >>> with write_atomically(target) as part:
        ...     _ = part.write_text("all of it")
        >>> target.read_text()
        'all of it'
    """
    place = Path(os.path.realpath(target))
    before = _check_replaceable(target, place)
    sweep_parts(place.parent)
    with _explaining_errors(target, place.parent):
        part, file = _open_part(place.parent, is_private=before is not None)
        try:
            yield part
            if before is not None:
                _take_over(file, before)
            os.fsync(file)
            unfinished = _unfinished.get()
            if unfinished is None:
                _switch(part, place)
            else:
                unfinished.append((part, place, os.dup(file)))
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        finally:
            os.close(file)


@contextmanager
def writing_together() -> Iterator[None]:
    """Files written with `write_atomically` inside take their names when the block ends; after an error, none does.

    Example:
        >>> from nomic_explore.files import write_bytes
        >>> folder = getfixture("tmp_path")
        >>> with writing_together():
        ...     paths = [write_bytes(folder / name, b"x") for name in ("kept.txt", "removed.txt")]
        ...     [path.exists() for path in paths]
        [False, False]
        >>> [path.exists() for path in paths]
        [True, True]
    """
    unfinished: list[tuple[Path, Path, int]] = []
    before = _unfinished.set(unfinished)
    try:
        yield
        for part, place, _ in unfinished:
            with _explaining_errors(place, place.parent):
                _switch(part, place)
    finally:
        _unfinished.reset(before)
        for part, _, file in unfinished:
            part.unlink(missing_ok=True)
            os.close(file)


def is_part(name: str) -> bool:
    """Returns whether a file of this name is one that `write_atomically` has not finished.

    Example:
        >>> is_part(".nomic-explore-0123456789abcdef0123456789abcdef.part"), is_part("map.html.part")
        (True, False)
    """
    return _PART.fullmatch(name) is not None


def sweep_parts(folder: Path) -> None:
    """Removes the unfinished files in a folder whose writers were killed.

    A writer holds a lock on its file, which ends with its process, on whatever machine that runs. A file that cannot be
    locked stays.
    """
    try:
        names = [name for name in os.listdir(folder) if is_part(name)]
    except OSError:  # who may write to a folder need not be allowed to list it
        return
    for name in names:
        with suppress(OSError):
            file = os.open(folder / name, os.O_RDWR | _NO_FOLLOW)
            try:
                if _lock(file):
                    os.unlink(folder / name)
            finally:
                os.close(file)


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder survive a power failure, where the system can."""
    if sys.platform == "win32":  # opens no folders
        return
    file = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # some network file systems refuse
            os.fsync(file)
    finally:
        os.close(file)


def _check_replaceable(target: Path, place: Path) -> os.stat_result | None:
    """Returns what is known of the file that is to be replaced, None if there is none."""
    if not place.parent.is_dir():
        link = f"{target} is a link to {place}. " if target.is_symlink() else ""
        raise FileNotFoundError(f"{link}No folder {place.parent}; make it first, or choose another path.")
    try:
        before = place.stat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(before.st_mode):
        kind = "a folder" if stat.S_ISDIR(before.st_mode) else "no ordinary file"
        raise ValueError(f"{target} is {kind}; expected the path of a file, old or new.")
    return before


def _open_part(folder: Path, *, is_private: bool) -> tuple[Path, int]:
    """Makes an empty file of a name of its own and locks it; returns its path and its open file."""
    while True:
        part = folder / f"{_PREFIX}{secrets.token_hex(16)}{_SUFFIX}"
        # A file that nobody else may read must not be readable while it is replaced.
        file = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600 if is_private else 0o666)
        _lock(file, waits=True)  # for another writer that is sweeping: then the file is gone
        try:
            if os.path.samestat(os.fstat(file), os.stat(part)):
                return part, file
        except FileNotFoundError:  # swept by another writer before it was locked
            pass
        os.close(file)


def _take_over(file: int, before: os.stat_result) -> None:
    """Gives a file the owner, where allowed, and the mode of the one that it replaces."""
    if sys.platform == "win32":
        return
    made = os.fstat(file)
    if (made.st_uid, made.st_gid) != (before.st_uid, before.st_gid):
        with suppress(OSError):
            os.fchown(file, before.st_uid, before.st_gid)
    os.fchmod(file, stat.S_IMODE(before.st_mode))


def _switch(part: Path, place: Path) -> None:
    os.replace(part, place)
    sync_folder(place.parent)


def _lock(file: int, *, waits: bool = False) -> bool:
    """Locks an open file; False if another process has, unless it `waits` for that to end, or if it cannot be locked."""
    if sys.platform == "win32":
        return False
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if waits else fcntl.LOCK_NB))
    except OSError:
        return False
    return True


@contextmanager
def _explaining_errors(target: Path, folder: Path) -> Iterator[None]:
    """Says of a full disk and of a folder that cannot be written to what they mean for the target."""
    try:
        yield
    except OSError as error:
        if (
            isinstance(error.filename, str) and Path(error.filename).parent != folder
        ):  # of a file that is read meanwhile
            raise
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            was = "is as it was" if os.path.lexists(target) else "was not made"
            full = f"The disk of {target.parent} is full. {target} {was}: free some space, or choose another path"
            raise OSError(errno.ENOSPC, full) from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise PermissionError(f"{target} cannot be written ({error}). Choose another path.") from error
        raise
