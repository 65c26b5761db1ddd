"""Options of the command line that say how a source is read."""

import sys
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

if TYPE_CHECKING:
    from nomic_explore.corpus.read_options import ReadingOptions

STANDARD_INPUT = "-"

Source = Annotated[str, typer.Argument(help="File, folder, glob, hf://datasets/owner/name, or - for standard input.")]
Text = Annotated[
    str | None, typer.Option(help='Column, columns joined by commas, or a template: "{title}. {abstract}".')
]
Encoding = Annotated[str | None, typer.Option(help="Encoding of text files, such as cp1252; UTF-8 if left out.")]
Sep = Annotated[str | None, typer.Option(help="Separator of CSV files: one character, or tab; found if left out.")]
Dtype = Annotated[
    list[str] | None,
    typer.Option(
        metavar="COLUMN=KIND",
        help="Kind of a column: text, number, date, boolean, category. Can be given several times.",
    ),
]
OnBadRows = Annotated[
    str, typer.Option(help="error, or skip: leave rows of CSV files out that cannot be read, and list them.")
]
Format = Annotated[str | None, typer.Option(help="Format of a file whose name does not tell it: csv, jsonl …")]


def open_source(source: str) -> str | BinaryIO:
    """Returns standard input for "-", and any other source as it is.

    Example:
        >>> open_source("reviews.csv")
        'reviews.csv'
    """
    return sys.stdin.buffer if source == STANDARD_INPUT else source


def reading_options(
    encoding: str | None, sep: str | None, dtype: list[str] | None, on_bad_rows: str, format: str | None
) -> "ReadingOptions":
    """Returns those options that were given.

    Raises:
        ValueError: an entry of `dtype` has another form than COLUMN=KIND.

    Example:
        >>> reading_options(None, ";", ["price=number"], "error", None)
        {'sep': ';', 'dtype': {'price': 'number'}}
    """
    options: ReadingOptions = {}
    if encoding is not None:
        options["encoding"] = encoding
    if sep is not None:
        options["sep"] = sep
    if dtype:
        options["dtype"] = dict(map(_read_kind, dtype))
    if on_bad_rows != "error":
        options["on_bad_rows"] = on_bad_rows
    if format is not None:
        options["format"] = format
    return options


def _read_kind(given: str) -> tuple[str, str]:
    column, _, kind = given.rpartition("=")  # a column may have "=" in its name, a kind has not
    if not column:
        raise ValueError(f"--dtype {given}; expected COLUMN=KIND, such as price=number.")
    return column, kind
