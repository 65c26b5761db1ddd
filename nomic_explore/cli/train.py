"""The command train: a model from a recipe and a table of pairs."""

from pathlib import Path
from typing import Annotated

import typer

from nomic_explore.cli.reading import (
    Dtype,
    Encoding,
    Format,
    OnBadRows,
    Sep,
    open_source,
    reading_options,
)
from nomic_explore.cli.terminal import Debug, open_console, run_command


def train(
    recipe: Annotated[str, typer.Argument(help="`class`, `gpu`, or a TOML file.")],
    data: Annotated[str, typer.Option(help="File with the pairs, one in each row.")],
    out: Annotated[Path, typer.Option(help="Folder of the model and of all stages before it.")],
    query: Annotated[str, typer.Option(help="Column of the queries, such as titles or questions.")] = "query",
    document: Annotated[str, typer.Option(help="Column of the documents, such as bodies or answers.")] = "document",
    source: Annotated[
        str | None, typer.Option(help="Column that says where a pair comes from; sources are kept apart.")
    ] = None,
    limit: Annotated[int | None, typer.Option(help="Rows at most.")] = None,
    encoding: Encoding = None,
    sep: Sep = None,
    dtype: Dtype = None,
    on_bad_rows: OnBadRows = "error",
    format: Format = None,
    debug: Debug = False,
) -> None:
    """Train a model on pairs of texts, stage by stage, and measure what each stage changed.

    A run that was stopped goes on where it was when the same command is given again.
    """

    def work() -> None:
        from rich.table import Table

        from nomic_explore.checks import check_columns
        from nomic_explore.corpus import read_corpus
        from nomic_explore.training.pairs import pairs_from_columns
        from nomic_explore.training.recipes import read_recipe, run_recipe

        read = read_recipe(recipe)
        corpus = read_corpus(
            open_source(data), document, limit=limit, **reading_options(encoding, sep, dtype, on_bad_rows, format)
        )
        for name, given in (("query", query), ("document", document), ("source", source)):
            check_columns(given, name, corpus.table.column_names)
        pairs = pairs_from_columns(corpus, query, document, source)
        console = open_console()
        console.print(f"{pairs!r}", markup=False)
        found = run_recipe(read, pairs, out)
        table = Table(*(name.replace("_", " ") for name in found.columns), box=None, pad_edge=False)
        for row in found.itertuples(index=False):
            table.add_row(*("" if value != value else f"{value}" for value in row))
        console.print(table)
        last = [folder for folder in sorted(out.iterdir()) if (folder / "model.safetensors").is_file()][-1]
        console.print(
            f"The model: {last}\nTry it: nomic-explore build FILE --text COLUMN --model {last}",
            markup=False,
            soft_wrap=True,
        )

    run_command(work, debug)
