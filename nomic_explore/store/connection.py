"""The connection to LanceDB, which lives in one process only."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lancedb import DBConnection


class ForkedProcessError(RuntimeError):
    """LanceDB was used before this process was forked, and would wait here forever for threads that were left behind."""


def connect(folder: Path) -> "DBConnection":
    """Returns a connection to the database in a folder.

    Raises:
        ForkedProcessError: as `check_process`.
    """
    global _process
    check_process()
    os.environ.setdefault("LANCE_LOG", "error")  # Lance announces every new table as a warning on stderr
    import lancedb

    _process = os.getpid()
    return lancedb.connect(folder)


def check_process() -> None:
    """Checks that no connection was made before this process was forked.

    Raises:
        ForkedProcessError: one was. The threads of LanceDB 0.40 do not come along, and neither do the locks they wait for.
    """
    if _process not in (None, os.getpid()):
        raise ForkedProcessError(
            "This process was forked from one that had already opened an exploration, and LanceDB cannot be used in both "
            "(about one attempt in four never returns). Start it with multiprocessing.get_context('spawn'), or open "
            "explorations only after the fork."
        )


_process: int | None = None  # the one that connected
