"""The command dedup: removes duplicates from a table, interactively or in a pipeline."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypedDict, cast

import typer

from nomic_explore.atomic_files import writing_together
from nomic_explore.cli.reading import (
    STANDARD_INPUT,
    Dtype,
    Encoding,
    Format,
    OnBadRows,
    Sep,
    Text,
    open_source,
    reading_options,
)
from nomic_explore.cli.terminal import Debug, Quiet, open_console, print_error, run_command

if TYPE_CHECKING:
    from nomic_explore.duplicates.deduplication import Deduplication
    from nomic_explore.duplicates.duplicates import DecisionOptions

_TOO_MANY = 3  # exit code


class SourceOptions(TypedDict, total=False):
    """Options of `deduplicate` for a source that is not an exploration."""

    text: str
    model: str
    vectors: str
    id: str
    limit: int
    block_by: str
    exact_only: bool
    show_progress: bool
    encoding: str
    sep: str
    dtype: dict[str, str]
    on_bad_rows: str
    format: str


def dedup(
    source: Annotated[
        str,
        typer.Argument(help="File, folder, glob, hf://datasets/owner/name, an exploration, or - for standard input."),
    ],
    text: Text = None,
    out: Annotated[Path | None, typer.Option(help="The kept rows: .parquet, .csv or .jsonl.")] = None,
    removed: Annotated[Path | None, typer.Option(help="The removed rows, which row each duplicates, and why.")] = None,
    report: Annotated[Path | None, typer.Option(help="A report: .html to read, .json with every row.")] = None,
    keep: Annotated[
        str | None,
        typer.Option(
            help="Which duplicate is kept: longest (default), first, newest:COLUMN, highest:COLUMN, source:COLUMN=A,B …"
        ),
    ] = None,
    min_similarity: Annotated[
        str,
        typer.Option(help="Cosine similarity above which a semantic match is flagged for review, 0.80 to 1, or auto."),
    ] = "auto",
    kinds: Annotated[
        str | None, typer.Option(help="Kinds of evidence that drop a row: some of exact,normalised,lexical,semantic.")
    ] = None,
    exact_only: Annotated[bool, typer.Option("--exact-only", help="Equal texts only; no model is needed.")] = False,
    block_by: Annotated[str | None, typer.Option(help="Compare only rows with the same value in this column.")] = None,
    id: Annotated[str | None, typer.Option(help="Column with the ids of the documents.")] = None,
    model: Annotated[str | None, typer.Option(help="Name from `nomic-explore models`, or a folder.")] = None,
    vectors: Annotated[
        str | None, typer.Option(help="Column that holds the vectors, or a file of them, instead of embedding.")
    ] = None,
    limit: Annotated[int | None, typer.Option(help="Rows at most.")] = None,
    encoding: Encoding = None,
    sep: Sep = None,
    dtype: Dtype = None,
    on_bad_rows: OnBadRows = "error",
    format: Format = None,
    fail_above: Annotated[
        str | None, typer.Option(help='Exit with code 3 if more than this share is dropped: "5%" or 0.05.')
    ] = None,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Find duplicates and write the kept rows. No map is built; an exploration is read with its settings and verdicts.

    Exit code 0; 2 for input that cannot be used, with nothing written; 3 if more is dropped than --fail-above allows, with
    all files written; 1 for anything else that failed.
    """

    def work() -> None:
        most = read_share(fail_above)
        outputs = _check_outputs(source, out, removed, report)
        asked: dict[str, object] = {
            "text": text,
            "model": model,
            "vectors": vectors,
            "id": id,
            "limit": limit,
            "block_by": block_by,
        }
        asked |= {"exact_only": exact_only or None, "show_progress": False if quiet else None}
        asked |= reading_options(encoding, sep, dtype, on_bad_rows, format)
        changes: dict[str, object] = {
            "kinds": None if kinds is None else [kind.strip() for kind in kinds.split(",")],
            "keep": keep,
        }
        deduplication = _deduplicate(
            source,
            cast(SourceOptions, _given(asked)),
            read_threshold(min_similarity),
            cast("DecisionOptions", _given(changes)),
        )
        writers = (deduplication.save, deduplication.save_removed, deduplication.report)
        with writing_together():
            for write, path in zip(writers, outputs, strict=True):
                if path is not None:
                    write(path)
        if not quiet:
            _print_counts(deduplication, [path for path in outputs if path is not None])
        share = deduplication.summary()["share_dropped"]
        if most is not None and share > most:
            print_error(f"{share:.2%} of the rows with text are duplicates; --fail-above allows {most:.2%}.")
            raise typer.Exit(_TOO_MANY)

    run_command(work, debug)


def read_share(given: str | None) -> float | None:
    """Returns a share as a number from 0 to 1.

    Raises:
        ValueError: it is neither a percentage nor a number from 0 to 1.

    Example:
        >>> read_share("5%"), read_share("0.05"), read_share(None)
        (0.05, 0.05, None)
    """
    if given is None:
        return None
    number = given.strip()
    try:
        share = float(number[:-1]) / 100 if number.endswith("%") else float(number)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise ValueError(f"--fail-above {given}; expected a percentage such as 5%, or a share such as 0.05.")
    return share


def read_threshold(given: str) -> float | str:
    """Returns "auto" or a number.

    Raises:
        ValueError: it is neither.
    """
    if given == "auto":
        return given
    try:
        return float(given)
    except ValueError:
        raise ValueError(f"--min-similarity {given}; expected a cosine from 0.80 to 1, or auto.") from None


def _check_outputs(source: str, *paths: Path | None) -> list[Path | None]:
    """Returns the output paths, checked before time is spent."""
    from nomic_explore.duplicates.report.report import REPORT_ENDINGS
    from nomic_explore.files import TABLE_ENDINGS, check_target

    endings = (TABLE_ENDINGS, TABLE_ENDINGS, REPORT_ENDINGS)
    checked = [None if path is None else check_target(path, ends) for path, ends in zip(paths, endings, strict=True)]
    given = [path.resolve() for path in checked if path is not None]
    if len(set(given)) < len(given):
        raise ValueError("--out, --removed and --report must be different files.")
    if Path(source).expanduser().resolve() in given:
        raise ValueError(
            f"{source} is the input; write to another file and replace it once you have checked the result."
        )
    return checked


def _deduplicate(
    source: str, asked: SourceOptions, min_similarity: float | str, changes: "DecisionOptions"
) -> "Deduplication":
    """Returns the deduplication of a source; for an exploration with its stored settings, unless others are given."""
    from nomic_explore.duplicates.deduplicate import deduplicate
    from nomic_explore.store.database import Store

    if source == STANDARD_INPUT or not Store(source).exists:
        kinds, keep = changes.get("kinds"), changes.get("keep") or "longest"
        return deduplicate(open_source(source), **asked, kinds=kinds, keep=keep, min_similarity=min_similarity)
    from nomic_explore.exploration import open_exploration

    asked.pop("show_progress", None)
    if asked:
        unfit = ", ".join(f"--{name.replace('_', '-')}" for name in asked)
        raise ValueError(f"{source} is an exploration, whose texts are known already: {unfit} cannot be given with it.")
    deduplication = open_exploration(source).duplicates.deduplication()
    if not changes and isinstance(min_similarity, str):
        return deduplication
    return deduplication.at(None if isinstance(min_similarity, str) else min_similarity, **changes)


def _given(options: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in options.items() if value is not None}


def _print_counts(deduplication: "Deduplication", written: list[Path]) -> None:
    """Prints a count a line, its name before it, always in this order."""
    counts, console = deduplication.summary(), open_console()
    lines = [f"rows: {counts['rows']}", f"without_text: {counts['without_text']}"]
    lines += [f"kept: {counts['kept']}", f"dropped: {counts['dropped']}"]
    lines += [f"dropped {kind}: {n}" for kind, n in counts["dropped_by_kind"].items()]
    lines += [
        f"share_dropped: {counts['share_dropped']:.4f}",
        f"review: {counts['review']}",
        f"groups: {counts['groups']}",
    ]
    threshold = deduplication.made_by["min_similarity"]
    lines += [f"min_similarity: {'none' if threshold is None else threshold}", *(f"wrote {path}" for path in written)]
    for line in lines:
        console.print(line, markup=False)
