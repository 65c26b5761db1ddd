"""A folder in which numba can keep what it compiles, where its usual ones cannot be written.

numba looks for a writable folder when a module with compiled functions is imported, and refuses the import if there is
none: packages that are read-only, and a user without a home. `prepare_numba` is called before such an import.
"""

import atexit
import os
import shutil
import stat
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

_VARIABLE = "NUMBA_CACHE_DIR"
_COMPILED = ("nomic_explore", "pynndescent", "umap")  # packages whose functions numba compiles


def prepare_numba() -> None:
    """Names a folder for numba's cache if nobody has and its usual ones cannot be written.

    Example:
        >>> prepare_numba()
    """
    if os.environ.get(_VARIABLE) or (_are_packages_writable() or _can_write(user_cache() / "numba")):
        return
    folder = _find_folder()
    os.environ[_VARIABLE] = str(folder)  # child processes find it, too
    if "numba" in sys.modules:  # it has read the variable already
        from numba import config

        config.CACHE_DIR = str(folder)  # type: ignore[attr-defined]


def _are_packages_writable() -> bool:
    """Returns whether numba can write beside the sources of the packages, as it does by default."""
    specs = [find_spec(name) for name in _COMPILED]
    return all(spec is None or _can_write(Path(str(spec.origin)).parent / "__pycache__") for spec in specs)


def user_cache() -> Path:
    """Returns the folder of the user's caches, which may not exist.

    Example:
        >>> user_cache().is_absolute()
        True
    """
    return Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"))


def _find_folder() -> Path:
    """Returns a folder that only this user can write: what lies in it is run."""
    user = os.getuid() if hasattr(os, "getuid") else "user"
    folder = Path(tempfile.gettempdir()) / f"nomic_explore-numba-{user}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        is_own = stat.S_ISDIR(found.st_mode) and user in (found.st_uid, "user")
        if is_own and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH) and _can_write(folder):
            return folder
    except OSError:
        pass
    made = Path(tempfile.mkdtemp(prefix="nomic_explore-numba-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


def _can_write(folder: Path) -> bool:
    """Returns whether files can be made in a folder; it is made if it can be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
