"""What an interrupt (Ctrl-C) does: while a command works, what is being written is tidied up; before and after, the process ends.

Nothing slow is imported here, so that this holds from the first moment on.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

STOPPED = "Stopped. Finished stages are kept; run the same command again to continue."
INTERRUPTED = 130  # the exit code of a command that was interrupted: 128 and the number of SIGINT


def leave(number: int, frame: FrameType | None) -> None:
    """Ends the process: nothing has begun yet, or all that could be tidied up has been."""
    os.write(2, f"error: {STOPPED}\n".encode())
    os._exit(INTERRUPTED)


@contextmanager
def interruptible() -> Iterator[None]:
    """Makes an interrupt raise KeyboardInterrupt where `leave` has been installed.

    Example:
        >>> with interruptible():
        ...     pass
    """
    if signal.getsignal(signal.SIGINT) is not leave:
        yield  # called from a program of somebody else
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, leave)
