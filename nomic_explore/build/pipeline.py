"""Runs the stages of a build in order; each result is stored when it is done, and read if it is stored already."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nomic_explore.build.options import BuildOptions
from nomic_explore.build.stages import Build, Documents, index_corpus
from nomic_explore.checks import check_fraction, check_positive
from nomic_explore.duplicates.policies import check_policies
from nomic_explore.duplicates.row_vectors import TASK
from nomic_explore.progress import Progress
from nomic_explore.session.stored_model import reopen_embedder
from nomic_explore.store import tables
from nomic_explore.store.database import Store
from nomic_explore.store.migrations import migrate

if TYPE_CHECKING:
    from nomic_explore.corpus import Corpus
    from nomic_explore.models.encoder import VectorSource


def run(
    source: object,
    text: str | Sequence[str] | None = None,
    model: "str | Path | VectorSource | None" = None,
    folder: str | Path | None = None,
    *,
    progress: Callable[[], Progress],
    id: str | None = None,
    name: str | None = None,
    limit: int | None = None,
    dimensions: int | None = None,
    n_neighbors: int | None = None,
    n_topics: int | None = None,
    n_layers: int | None = None,
    stability: bool | None = None,
    min_similarity: float | None = None,
    keep: str | None = None,
    block_by: str | None = None,
    seed: int | None = None,
    change_model: bool = False,
) -> Path:
    """Builds an exploration, or its missing stages, and returns its folder; see `explore`.

    Args:
        source: what `read_corpus` reads, or a `Corpus`.
        text: the column, columns or template that make the text.
        model: a name, a folder, or an `Embedder`.
        folder: where the exploration lies.
        progress: opens the progress display, once the arguments have been checked.
        id: the column that names a document.
        name: what to call the corpus.
        limit: read this many rows at most.
        dimensions: vector length for models that allow several.
        n_neighbors: neighbors of each document in the graph.
        n_topics: how many topics the finest layer has.
        n_layers: layers of topics.
        stability: whether to measure the stability of the topics.
        min_similarity: cosine similarity above which a semantic match is flagged for review.
        keep: which of several duplicates stays.
        block_by: a column; only rows with the same value in it are compared for duplicates.
        seed: of every random choice.
        change_model: whether a folder made with another model is rebuilt with this one.
    """
    from nomic_explore.corpus import Corpus, read_corpus

    given: dict[str, Any] = {
        "n_neighbors": n_neighbors,
        "n_topics": n_topics,
        "n_layers": n_layers,
        "stability": stability,
        "min_similarity": min_similarity,
        "keep": keep,
        "block_by": block_by,
        "seed": seed,
    }
    _check_options(BuildOptions().changed(**given))
    corpus = source if isinstance(source, Corpus) else read_corpus(source, text, id, name=name, limit=limit)
    if not len(corpus.rows):
        raise ValueError(f"{corpus.name} has no document with text: all {len(corpus):,} rows are null or blank.")
    documents = index_corpus(corpus)
    store = Store(folder if folder is not None else _default_folder(corpus, source))
    stored = BuildOptions.from_manifest(store.read_manifest() if store.exists else {})
    options = stored.changed(**given)
    check_policies(corpus.table, options.keep, options.block_by)
    embedder = _embedder_for(store, model, dimensions, stored)
    options = options.changed(dtype=getattr(embedder, "dtype", None), long_text=getattr(embedder, "long_text", None))
    if model is not None and not isinstance(model, str | Path):
        given |= {"dtype": options.dtype, "long_text": options.long_text}
    _refuse_another_corpus(store, corpus, documents)
    _refuse_another_model(store, embedder, change_model)
    width = embedder.dimensions
    store.check_space(
        corpus.table.nbytes + sum(map(len, documents.texts)) * 2 + len(documents.keys) * (width * 4 + 600)
    )

    shown = progress()
    try:
        with store.writing():
            migrate(store)
            build = Build(store, shown, options)
            kept = options.describe_kept(**given)
            if kept:
                shown.start("options")
                shown.finish(kept)
            corpus = build.documents(corpus, documents, embedder)
            vectors = build.vectors(documents, embedder)
            graph = build.graph(vectors, options.n_neighbors, options.seed)
            build.positions(vectors, graph, options.seed)
            keeper_of = build.duplicates(
                corpus,
                documents,
                vectors,
                graph,
                min_similarity=options.min_similarity,
                keep=options.keep,
                columns=list(text) if isinstance(text, list | tuple) and len(text) > 1 else [],
                block_by=options.block_by,
            )
            build.topics(documents, vectors, graph, embedder, options, keeper_of)
    finally:
        shown.close()
    return store.folder


def _check_options(options: BuildOptions) -> None:
    """Raises ValueError if an option is out of range."""
    check_positive(options.n_neighbors, "n_neighbors", at_least=2)
    check_fraction(options.min_similarity, "min_similarity")
    if options.n_topics is not None:
        check_positive(options.n_topics, "n_topics")
    check_positive(options.n_layers, "n_layers")


def _default_folder(corpus: "Corpus", source: object) -> Path:
    """Returns `explorations/<name>`; for rows from memory the name ends in a digest of the texts."""
    name = "".join(character if character.isalnum() or character in "-_." else "-" for character in corpus.name).strip(
        "-."
    )
    if not isinstance(source, str | Path):
        name = f"{name or 'texts'}-{tables.digest(corpus.texts)[:8]}"
    return Path("explorations") / (name or "corpus")


def _embedder_for(
    store: Store, model: "str | Path | VectorSource | None", dimensions: int | None, stored: BuildOptions
) -> "VectorSource":
    """Returns the requested model, else the one the folder was made with, else the offline default.

    A folder keeps the number format and the treatment of long texts that it was made with, also where its model is given
    by name; only an `Embedder` changes them.
    """
    from nomic_explore.models import Embedder

    if model is not None and not isinstance(model, str | Path):
        return model
    record = store.read_manifest()["stages"].get("vectors") if store.exists else None
    if record and model is None:
        return reopen_embedder(record, dimensions, stored.dtype)
    embedder = Embedder("minilm" if model is None else str(model), dimensions=dimensions)
    if record and (embedder.model.name, embedder.source) == (record["provenance"]["model"], record["model"]):
        kept = (stored.dtype, stored.long_text, dimensions or record["provenance"]["dimensions"])
        if kept != (embedder.dtype, embedder.long_text, embedder.dimensions):
            return reopen_embedder(record, dimensions, stored.dtype)
    return embedder


def _refuse_another_model(store: Store, embedder: "VectorSource", change_model: bool) -> None:
    if not store.exists or change_model:
        return
    record = store.read_manifest()["stages"].get("vectors")
    asked = embedder.provenance(TASK)
    if record and any(record["provenance"][key] != asked[key] for key in ("model", "dimensions")):
        made = record["provenance"]
        raise ValueError(
            f"{store.folder} was made with {made['model']} ({made['dimensions']} dimensions), not with "
            f"{asked['model']} ({asked['dimensions']}). Choose another folder, or pass change_model=True "
            "(--change-model) to build it again with this model."
        )


def _refuse_another_corpus(store: Store, corpus: "Corpus", documents: Documents) -> None:
    if not store.exists:
        return
    record = store.read_manifest()["stages"].get("documents")
    if record and not set(store.read_table("texts", ["key"])["key"].to_pylist()) & set(documents.keys):
        raise ValueError(
            f"{store.folder} holds another corpus ({record['name']}, {record['rows']:,} rows) that shares no text with "
            f"{corpus.name}. Choose another folder."
        )
