"""The log `nomic_explore`: silent, until an application, NOMIC_EXPLORE_LOG or `--debug` asks for more.

Lines name models, devices, batches and requests; never texts, keys or passwords.
"""

import logging
import os
import sys
from functools import cache

LOG_VARIABLE = "NOMIC_EXPLORE_LOG"


class _ToStandardError(logging.StreamHandler):  # type: ignore[type-arg]
    """Prints to standard error, unless the application has its own handlers."""

    def emit(self, record: logging.LogRecord) -> None:
        """Prints a line."""
        if not logging.getLogger().handlers:
            self.stream = sys.stderr  # which may be another one than when the log was opened
            super().emit(record)


@cache
def get_log() -> logging.Logger:
    """Returns the log of the package; `logging.getLogger("nomic_explore")` is the same.

    Without handlers of the application, lines go to standard error. NOMIC_EXPLORE_LOG=debug sets the level.

    Raises:
        ValueError: NOMIC_EXPLORE_LOG names no level.

    Example:
        >>> get_log().isEnabledFor(logging.DEBUG)
        False
    """
    log = logging.getLogger("nomic_explore")
    handler = _ToStandardError()
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(message)s", "%H:%M:%S"))
    log.addHandler(handler)
    if level := os.environ.get(LOG_VARIABLE, "").strip().upper():
        if level not in logging.getLevelNamesMapping():
            raise ValueError(f"{LOG_VARIABLE}={level.lower()!r}; expected debug, info, warning or error.")
        log.setLevel(level)
    return log
