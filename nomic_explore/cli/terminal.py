"""Shared command line options, console output, and exit codes."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from nomic_explore.cli.messages import in_words_of_options
from nomic_explore.cli.stop_signal import INTERRUPTED, STOPPED, interruptible
from nomic_explore.debug_log import get_log

if TYPE_CHECKING:
    from rich.console import Console

Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Print nothing but errors.")]
Debug = Annotated[
    bool, typer.Option("--debug", help="Log models, batches and requests; show the whole traceback of an error.")
]


def run_command(work: Callable[[], None], debug: bool) -> None:
    """Runs a command; an error becomes one screen without a traceback and an exit code: 2 for bad input, else 1."""
    try:
        log = get_log()
    except ValueError as error:
        print_error(str(error))
        raise typer.Exit(2) from None
    level = log.level
    if debug:
        log.setLevel("DEBUG")
    try:
        with interruptible():
            work()
    except typer.Exit:
        raise
    except (KeyboardInterrupt, Exception) as error:
        if (
            isinstance(error, KeyboardInterrupt) or type(error).__name__ == "ArrowCancelled"
        ):  # Arrow sees the signal first
            print_error(STOPPED)
            raise typer.Exit(INTERRUPTED) from None
        if debug:
            raise
        is_bad_input = isinstance(error, ValueError | TypeError | OSError | ImportError)
        words = error.strerror if isinstance(error, OSError) and error.strerror and error.filename is None else error
        message = in_words_of_options(str(words))
        print_error(message if is_bad_input else f"{type(error).__name__}: {message} (--debug shows where)")
        raise typer.Exit(2 if is_bad_input else 1) from None
    finally:
        log.setLevel(level)


def print_error(message: str) -> None:
    """Prints an error message to standard error."""
    from rich.console import Console

    Console(stderr=True, highlight=False, soft_wrap=True).print(f"error: {message}", style="red", markup=False)


def open_console() -> "Console":
    """Returns the console that prints to standard output."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=not sys.stdout.isatty())
