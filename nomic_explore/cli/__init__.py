"""The command line."""

import os
import signal
import sys

from nomic_explore.cli.stop_signal import INTERRUPTED, leave


def run() -> None:
    """Runs the command line; an interrupt at any time ends it with one line and exit code 130."""
    signal.signal(signal.SIGINT, leave)
    from nomic_explore.cli.main import main

    try:
        main()
    except SystemExit as end:
        if end.code != INTERRUPTED:
            raise
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(INTERRUPTED)  # without waiting for requests that are under way in other threads
