"""Shared command line options, console output, and exit codes."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from nomic_explore.cli.stop_signal import INTERRUPTED, STOPPED, interruptible
from nomic_explore.debug_log import get_log

if TYPE_CHECKING:
    from rich.console import Console

Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Print nothing but errors.")]
Debug = Annotated[
    bool, typer.Option("--debug", help="Log models, batches and requests; show the whole traceback of an error.")
]


def split_columns(text: str | None) -> str | list[str] | None:
    """Returns the columns of a --text option: a template as it is, names joined by commas as a list.

    Example:
        >>> split_columns("title, abstract"), split_columns("{title}. {abstract}")
        (['title', 'abstract'], '{title}. {abstract}')
    """
    if text is None or "{" in text or "," not in text:
        return text
    return [name.strip() for name in text.split(",") if name.strip()]


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
        is_bad_input = isinstance(error, ValueError | TypeError | OSError)
        words = error.strerror if isinstance(error, OSError) and error.strerror and error.filename is None else error
        print_error(str(words) if is_bad_input else f"{type(error).__name__}: {error} (--debug shows where)")
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
