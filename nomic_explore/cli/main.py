"""The commands demo, build, export, info and models; each calls the functions of the package."""

import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nomic_explore import __version__
from nomic_explore.cli.check import DAMAGED, check, print_parts
from nomic_explore.cli.dedup import dedup
from nomic_explore.cli.evaluate import evaluate
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
from nomic_explore.cli.terminal import Debug, Quiet, open_console, run_command
from nomic_explore.cli.train import train

if TYPE_CHECKING:
    from nomic_explore.exploration import Exploration

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def show_version(
    version: Annotated[bool, typer.Option("--version", is_eager=True, help="Print the version and exit.")] = False,
) -> None:
    """An open Atlas: documents in, an explorable map with topics and duplicates out."""
    if version:
        typer.echo(__version__)
        raise typer.Exit


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Folder for the exploration, map.html and map.png.")] = Path("demo"),
    limit: Annotated[int, typer.Option(help="Documents at most.")] = 8000,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Map the docstrings of the Python packages installed beside this one. Needs no network."""

    def work() -> None:
        from nomic_explore import docstring_corpus, explore
        from nomic_explore.atomic_files import writing_together

        exploration = explore(docstring_corpus(limit=limit), folder=out / "exploration", show_progress=not quiet)
        with writing_together():
            page = exploration.save_html(out / "map.html")
            picture = exploration.save_png(out / "map.png")
        if not quiet:
            _print_findings(exploration)
            _print_next_steps(exploration, page, picture)

    run_command(work, debug)


@app.command()
def build(
    source: Source,
    out: Annotated[Path, typer.Option(help="Folder for the exploration; an unfinished build continues.")],
    text: Text = None,
    id: Annotated[str | None, typer.Option(help="Column with the ids of the documents.")] = None,
    model: Annotated[
        str | None,
        typer.Option(help="Name from `nomic-explore models`, or a folder; with --vectors, what made them."),
    ] = None,
    vectors: Annotated[
        str | None,
        typer.Option(
            help="Column that holds the vectors, or a file of them (.npy, .parquet, .arrow), instead of embedding."
        ),
    ] = None,
    x: Annotated[
        str | None, typer.Option("--x", help="Column with the positions on the map, with --y; no UMAP then.")
    ] = None,
    y: Annotated[str | None, typer.Option("--y", help="Column with the other coordinate.")] = None,
    encoder: Annotated[
        str | None,
        typer.Option(help="Model that made the vectors, for searching by meaning; it is checked against them."),
    ] = None,
    projection: Annotated[str | None, typer.Option(help="umap or pca; umap in a new folder.")] = None,
    umap_neighbors: Annotated[
        int | None, typer.Option(help="Neighbors that UMAP looks at; 15 in a new folder.")
    ] = None,
    min_dist: Annotated[float | None, typer.Option(help="How close UMAP lets points lie; 0.1 in a new folder.")] = None,
    n_neighbors: Annotated[int | None, typer.Option(help="Neighbors in the graph; 30 in a new folder.")] = None,
    stop_words: Annotated[
        str | None, typer.Option(help="Words, joined by commas, that do not stand in names of topics.")
    ] = None,
    dimensions: Annotated[int | None, typer.Option(help="Vector length, for models that allow several.")] = None,
    limit: Annotated[int | None, typer.Option(help="Rows at most.")] = None,
    encoding: Encoding = None,
    sep: Sep = None,
    dtype: Dtype = None,
    on_bad_rows: OnBadRows = "error",
    format: Format = None,
    n_topics: Annotated[int | None, typer.Option(help="Topics in the finest layer.")] = None,
    n_layers: Annotated[int | None, typer.Option(help="Layers of topics, coarse to fine; 3 in a new folder.")] = None,
    stability: Annotated[bool, typer.Option("--stability", help="Measure how stable each topic is.")] = False,
    namer: Annotated[str | None, typer.Option(help="Name topics with ollama:MODEL or openai:MODEL@URL.")] = None,
    min_similarity: Annotated[
        float | None,
        typer.Option(help="Cosine similarity above which a semantic match is flagged for review; 0.9 in a new folder."),
    ] = None,
    keep: Annotated[
        str | None,
        typer.Option(help="Which duplicate is kept: longest, shortest, first, most_central; longest in a new folder."),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Random seed; 42 in a new folder.")] = None,
    title: Annotated[
        str | None, typer.Option(help='Column with the titles of the documents; found by its name, "" for none.')
    ] = None,
    change_model: Annotated[bool, typer.Option("--change-model", help="Rebuild a folder of another model.")] = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Build an exploration: vectors, neighbors, map, topics and duplicates."""

    def work() -> None:
        from nomic_explore import explore
        from nomic_explore.topics.llm.clients import open_namer

        if (x is None) != (y is None):
            raise ValueError("--x and --y go together: one column for each coordinate.")
        exploration = explore(
            open_source(source),
            text,
            model,
            out,
            vectors=vectors,
            positions=None if x is None else (x, y),
            encoder=encoder,
            projection=projection,
            umap_neighbors=umap_neighbors,
            min_dist=min_dist,
            stop_words=None if stop_words is None else [word.strip() for word in stop_words.split(",")],
            n_neighbors=n_neighbors,
            id=id,
            dimensions=dimensions,
            limit=limit,
            n_topics=n_topics,
            n_layers=n_layers,
            stability=stability or None,
            namer=open_namer(namer) if namer else None,
            min_similarity=min_similarity,
            keep=keep,
            seed=seed,
            title=title,
            change_model=change_model,
            show_progress=not quiet,
            **reading_options(encoding, sep, dtype, on_bad_rows, format),
        )
        if not quiet:
            _print_findings(exploration)

    run_command(work, debug)


app.command()(dedup)
app.command()(evaluate)
app.command()(train)
app.command()(check)


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="An exploration.")],
    html: Annotated[Path | None, typer.Option(help="The map as one HTML file.")] = None,
    max_mb: Annotated[
        float, typer.Option(help="Maximum size of the HTML file; the page lists what was left out.")
    ] = 50.0,
    parquet: Annotated[Path | None, typer.Option(help="The rows with results, neighbors and topic layers.")] = None,
    csv: Annotated[Path | None, typer.Option(help="The rows with their results.")] = None,
    png: Annotated[Path | None, typer.Option(help="A picture of the map.")] = None,
    svg: Annotated[Path | None, typer.Option(help="The same picture; topic names stay text.")] = None,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Write the map or the rows of an exploration to files."""

    def work() -> None:
        from nomic_explore import open_exploration

        if not any((html, parquet, csv, png, svg)):
            raise ValueError("Nothing to write; name at least one of --html, --parquet, --csv, --png, --svg.")
        exploration = open_exploration(folder)
        writers: list[tuple[Path | None, Callable[[Path], Any]]] = [
            (html, partial(exploration.save_html, max_mb=max_mb)),
            (png, exploration.save_png),
            (svg, exploration.save_svg),
            (parquet, exploration.save_parquet),
            (csv, exploration.save_table),
        ]
        for path, write in writers:
            if path is not None:
                with warnings.catch_warnings(record=True) as caught:
                    warnings.simplefilter("always", UserWarning)
                    write(path)
                notes = [str(warning.message) for warning in caught]
                for line in (*([] if quiet else [f"wrote {path}"]), *notes):
                    open_console().print(line, markup=False)

    run_command(work, debug)


@app.command()
def info(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="An exploration.")],
    debug: Debug = False,
) -> None:
    """Show the contents of an exploration, how it was made, and which of its files are damaged.

    Exit code 3 if a part is damaged; `check` looks at every vector as well.
    """

    def work() -> None:
        from nomic_explore import open_exploration
        from nomic_explore.session.checking import check_store
        from nomic_explore.store.database import Store

        is_damaged = print_parts(check_store(Store(folder), vectors=False), only_damage=True)
        exploration = open_exploration(folder)
        _print_findings(exploration)
        open_console().print(exploration.corpus.audit)
        if is_damaged:
            raise typer.Exit(DAMAGED)

    run_command(work, debug)


@app.command()
def models(debug: Debug = False) -> None:
    """List the models and whether their weights are on this machine."""

    def work() -> None:
        from nomic_explore.models import has_weights, list_models
        from nomic_explore.models.hardware import processor_rates
        from nomic_explore.models.product_rates import choose_format

        console = open_console()
        for model in list_models():
            sizes = f"{model.width}" + (f" … {model.dimensions[-1]}" if len(model.dimensions) > 1 else "")
            reads = f"{model.max_tokens:,} tokens" if model.reads == "text" else "pictures"
            where = "weights on this machine" if has_weights(model) else "download required"
            console.print(f"[bold]{model.name}[/bold]  {sizes} dimensions, {reads}, {where}", soft_wrap=True)
            console.print(f"  {model.description}", style="dim", soft_wrap=True)
        console.print()
        console.print(
            "or a folder with a model; the hub id of a sentence-transformers model; nomic-api:MODEL, ollama:MODEL,",
            soft_wrap=True,
        )
        console.print("openai:MODEL@http://HOST:PORT for models that run elsewhere.", soft_wrap=True)
        rates = processor_rates()
        listed = ", ".join(f"{name} {rate:,.0f}" for name, rate in rates.items())
        console.print(
            f"\nNumber format on this processor: {choose_format(rates)} (measured: {listed} billion operations per second and core)",
            soft_wrap=True,
        )

    run_command(work, debug)


def main() -> None:
    """Runs the command line; exit code 0, 2 for input that cannot be used, 3 where `dedup --fail-above` says so, 1 else."""
    app()


def _print_findings(exploration: "Exploration") -> None:
    """Prints a summary: stages with seconds, the largest topics, duplicate groups."""
    from rich.table import Table

    console, stages = open_console(), exploration.manifest["stages"]
    made = stages["vectors"]["provenance"]
    console.print(f"\n{exploration.name}: {len(exploration):,} rows, {stages['documents']['texts']:,} distinct texts")
    how = [
        f"{made['dimensions']} dimensions",
        made.get("dtype"),
        f"task {made['task']!r}" if "task" in made else "given",
    ]
    console.print(f"vectors: {made['model']}, {', '.join(filter(None, how))}")
    quality = stages["positions"]["neighbor_preservation"]
    positions = "the given positions keep" if stages["positions"].get("given") else "the map keeps"
    console.print(
        f"graph recall {stages['graph']['recall']:.3f}; {positions} {quality:.0%} of the 15 nearest neighbors"
    )
    topics = Table("topics", "rows", "share", box=None, pad_edge=False)
    coarse = exploration.topics.to_pandas().query("layer == 0").sort_values("size", ascending=False)
    for topic in coarse.head(12).itertuples():
        topics.add_row(topic.name, f"{topic.size:,}", f"{topic.share:.0%}")
    console.print(topics)
    shares = exploration.topics.assignment_shares()
    console.print("assigned: " + ", ".join(f"{how} {share:.0%}" for how, share in shares.items()))
    duplicates = exploration.duplicates
    n_drop, n_review = int((duplicates.roles == "drop").sum()), int((duplicates.roles == "review").sum())
    console.print(
        f"duplicates: {duplicates.n_groups:,} groups, {n_drop:,} rows dropped, {n_review:,} flagged for review"
    )
    seconds = {name: stage["seconds"] for name, stage in stages.items()}
    listed = ", ".join(f"{name} {value:.1f}" for name, value in seconds.items())
    console.print(f"seconds: {listed}; {sum(seconds.values()):.1f} in total")


def _print_next_steps(exploration: "Exploration", page: Path, picture: Path) -> None:
    console = open_console()
    console.print(f"\nThe map:     {page}  (open it in a browser; it needs no network)", markup=False)
    console.print(f"A picture:   {picture}", markup=False)
    console.print("\nContinue in Python:", markup=False)
    console.print("  from nomic_explore import open_exploration", markup=False)
    console.print(f"  exploration = open_exploration({str(exploration.folder)!r})", markup=False)
    console.print("  exploration.to_pandas(); exploration.search('random numbers'); exploration.map()", markup=False)
    console.print(
        "or in notebooks: make lab.  Your own data: nomic-explore build FILE --text COLUMN --out DIR", markup=False
    )
