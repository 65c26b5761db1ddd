"""The command check: whether an exploration is what was written."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nomic_explore.cli.terminal import Debug, Quiet, open_console, run_command

if TYPE_CHECKING:
    from nomic_explore.session.checking import PartCheck

DAMAGED = 3  # exit code


def check(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="An exploration.")],
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Check that an exploration is what was written: manifest, tables, vectors, edits. Nothing is changed.

    Exit code 0 if all is well; 3 if a part is damaged or missing; 2 if DIR is not an exploration.
    """

    def work() -> None:
        from nomic_explore.session.checking import check_store
        from nomic_explore.store.database import Store

        if print_parts(check_store(Store(folder)), only_damage=quiet):
            raise typer.Exit(DAMAGED)

    run_command(work, debug)


def print_parts(parts: "Iterable[PartCheck]", *, only_damage: bool) -> bool:
    """Prints a line for each part of an exploration that was checked; returns whether one is damaged."""
    console, is_damaged = open_console(), False
    for part in parts:
        is_damaged |= bool(part.damage)
        if part.damage:
            console.print(f"damaged  {part.name}: {part.damage}; {part.remedy}", markup=False, soft_wrap=True)
        elif not only_damage:
            console.print(f"ok       {part.name}  {part.note}".rstrip(), markup=False, soft_wrap=True)
    return is_damaged
