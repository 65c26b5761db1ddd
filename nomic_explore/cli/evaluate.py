"""The command evaluate: how good a model is on the columns of a table."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from nomic_explore.cli.reading import (
    Dtype,
    Encoding,
    Format,
    OnBadRows,
    Sep,
    Source,
    Text,
    open_source,
    reading_options,
)
from nomic_explore.cli.terminal import Debug, open_console, run_command

if TYPE_CHECKING:
    from nomic_explore.corpus import Corpus
    from nomic_explore.evaluation import Clustering, Evaluation, Retrieval


def evaluate(
    source: Source,
    model: Annotated[str, typer.Option(help="Name from `nomic-explore models`, or a folder.")] = "minilm",
    query: Annotated[
        str | None, typer.Option(help="Column of the queries, with --document: is the text of the same row found?")
    ] = None,
    document: Annotated[
        str | None, typer.Option(help="Column, columns or template of the documents that are searched.")
    ] = None,
    text: Text = None,
    label: Annotated[
        str | None, typer.Option(help="Column of labels, with --text: are texts grouped as their labels are?")
    ] = None,
    topics: Annotated[
        bool, typer.Option("--topics", help="Also compare the topics of this package with the labels.")
    ] = False,
    dimensions: Annotated[int | None, typer.Option(help="Keep the first so many entries of each vector.")] = None,
    limit: Annotated[int | None, typer.Option(help="Rows at most.")] = None,
    n_bootstrap: Annotated[int, typer.Option(help="Samples for the confidence intervals; 0 for none.")] = 1000,
    seed: Annotated[int, typer.Option(help="Random seed.")] = 42,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON in the place of a table.")] = False,
    encoding: Encoding = None,
    sep: Sep = None,
    dtype: Dtype = None,
    on_bad_rows: OnBadRows = "error",
    format: Format = None,
    debug: Debug = False,
) -> None:
    """Measure how good a model is on a table: finding the document of each query, or grouping texts as their labels do.

    With --query and --document, equal queries are asked once, and all their documents are right. Each value comes with its
    95 % confidence interval.
    """

    def work() -> None:
        _check_columns(query, document, text, label, topics)
        from nomic_explore.corpus import read_corpus
        from nomic_explore.evaluation import evaluate as evaluate_tasks

        reading = reading_options(encoding, sep, dtype, on_bad_rows, format)
        corpus = read_corpus(open_source(source), document or text, limit=limit, **reading)
        tasks: list[Retrieval | Clustering] = []
        n_left_out: dict[str, int] = {}
        if query is not None and document is not None:
            retrieval, n_left_out["without query or document"] = _make_retrieval(corpus, query, document)
            tasks.append(retrieval)
        if text is not None and label is not None:
            clustering, n_left_out["without text or label"] = _make_clustering(corpus, text, label, topics)
            tasks.append(clustering)
        found = evaluate_tasks(model, tasks, n_bootstrap=n_bootstrap, dimensions=dimensions, seed=seed)
        (_print_json if as_json else _print_table)(found, n_left_out)

    run_command(work, debug)


def _check_columns(query: str | None, document: str | None, text: str | None, label: str | None, topics: bool) -> None:
    """Raises ValueError unless the columns of at least one task are named, and nothing without effect is."""
    for one, other in (("query", "document"), ("text", "label")):
        given = {"query": query, "document": document, "text": text, "label": label}
        if (given[one] is None) != (given[other] is None):
            raise ValueError(f"--{one} and --{other} go together: one column for each.")
    if query is None and text is None:
        raise ValueError("name the columns: --query and --document to measure search, --text and --label for groups.")
    if topics and label is None:
        raise ValueError("--topics compares topics with labels: name --text and --label as well.")


def _make_retrieval(corpus: "Corpus", query: str, document: str) -> "tuple[Retrieval, int]":
    """Returns the task of finding the document of each query, and how many rows lack one of the two."""
    from nomic_explore.corpus.reading import open_corpus
    from nomic_explore.evaluation import Retrieval

    both = zip(open_corpus(corpus, query).texts, open_corpus(corpus, document).texts, strict=True)
    pairs = [(one, other) for one, other in both if one is not None and other is not None]
    if not pairs:
        raise ValueError(f"no row has text in both --query {query} and --document {document}.")
    queries, documents = zip(*pairs, strict=True)
    return Retrieval(queries, documents), len(corpus) - len(pairs)


def _make_clustering(corpus: "Corpus", text: str, label: str, topics: bool) -> "tuple[Clustering, int]":
    """Returns the task of grouping texts, and how many rows lack a text or a label."""
    from nomic_explore.corpus.reading import open_corpus
    from nomic_explore.evaluation import Clustering

    if label not in corpus.table.column_names:
        raise ValueError(f"--label {label}: there is no such column; there are {', '.join(corpus.table.column_names)}.")
    labels = corpus.table.column(label).to_pylist()
    both = zip(open_corpus(corpus, text).texts, labels, strict=True)
    pairs = [(one, value) for one, value in both if one is not None and value is not None]
    if not pairs:
        raise ValueError(f"no row has both a text in --text {text} and a label in --label {label}.")
    texts, values = zip(*pairs, strict=True)
    return Clustering(texts, values, topics=topics), len(corpus) - len(pairs)


def _print_json(found: "Evaluation", n_left_out: dict[str, int]) -> None:
    scores = [
        {name: None if value != value else value for name, value in asdict(score).items()} for score in found.scores
    ]  # NaN, which JSON lacks, is unequal to itself
    print(
        json.dumps(
            {"model": found.model, "dimensions": found.dimensions, "rows left out": n_left_out, "scores": scores}
        )
    )


def _print_table(found: "Evaluation", n_left_out: dict[str, int]) -> None:
    from rich.table import Table

    console = open_console()
    console.print(f"{found.model}, {found.dimensions} dimensions", markup=False)
    table = Table("task", "metric", "value", "95 % interval", "size", box=None, pad_edge=False)
    for score in found.scores:
        interval = "" if score.low != score.low else f"{score.low:.3f} to {score.high:.3f}"  # NaN: none was computed
        table.add_row(score.task, score.metric, f"{score.value:.3f}", interval, f"{score.size:,}")
    console.print(table)
    for reason, count in n_left_out.items():
        if count:
            console.print(f"{count:,} rows {reason} were left out", markup=False)
