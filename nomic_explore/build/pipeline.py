"""Runs the stages of a build in order; each result is stored when it is done, and read if it is stored already."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nomic_explore.build.documents import Documents, index_corpus
from nomic_explore.build.options import BuildOptions
from nomic_explore.build.refusals import set_refused_aside
from nomic_explore.build.stages import Build
from nomic_explore.build.text_languages import note_languages
from nomic_explore.build.vector_sources import GivenVectors, choose_source
from nomic_explore.checks import check_columns, check_fraction, check_positive, check_stop_words
from nomic_explore.corpus.given import note_differing, read_given
from nomic_explore.corpus.known_layouts import find_positions
from nomic_explore.duplicates.policies import check_policies
from nomic_explore.duplicates.row_vectors import TASK
from nomic_explore.models.provenance import find_changed_files
from nomic_explore.models.refused_texts import TextsRefused
from nomic_explore.progress import Progress
from nomic_explore.projection import check_projection
from nomic_explore.session.stored_model import UNNAMED, is_given
from nomic_explore.store import tables
from nomic_explore.store.database import Store
from nomic_explore.store.errors import DamagedTableError
from nomic_explore.store.manifest import digest
from nomic_explore.store.migrations import migrate
from nomic_explore.store.stage_tables import StageTables

if TYPE_CHECKING:
    from nomic_explore.corpus import Corpus
    from nomic_explore.corpus.read_options import ReadingOptions
    from nomic_explore.models.encoder import TextModel, VectorSource


def run(
    source: object,
    text: str | Sequence[str] | None = None,
    model: "str | Path | VectorSource | None" = None,
    folder: str | Path | None = None,
    *,
    progress: Callable[[], Progress],
    vectors: object = None,
    positions: object = None,
    encoder: "TextModel | None" = None,
    id: str | None = None,
    name: str | None = None,
    limit: int | None = None,
    dimensions: int | None = None,
    projection: str | None = None,
    umap_neighbors: int | None = None,
    min_dist: float | None = None,
    stop_words: Iterable[str] | None = None,
    n_neighbors: int | None = None,
    n_topics: int | None = None,
    n_layers: int | None = None,
    stability: bool | None = None,
    min_similarity: float | None = None,
    keep: str | None = None,
    block_by: str | None = None,
    seed: int | None = None,
    title: str | None = None,
    change_model: bool = False,
    reading: "ReadingOptions | None" = None,
) -> Path:
    """Builds an exploration, or its missing stages, and returns its folder; see `explore`.

    Args:
        source: what `read_corpus` reads, or a `Corpus`.
        text: the column, columns or template that make the text.
        model: a name, a folder, or what embeds; with `vectors`, the name of what made them.
        folder: where the exploration lies.
        progress: opens the progress display, once the arguments have been checked.
        vectors: of the rows, in any form that `read_given` takes; None embeds the texts.
        positions: of the rows, likewise; None projects the vectors.
        encoder: what made the vectors that were given.
        id: the column that names a document.
        name: what to call the corpus.
        limit: read this many rows at most.
        dimensions: vector length for models that allow several.
        projection: how positions are computed.
        umap_neighbors: neighbors that UMAP looks at.
        min_dist: how close UMAP lets points lie.
        stop_words: words that shall not stand in names of topics.
        n_neighbors: neighbors of each document in the graph.
        n_topics: how many topics the finest layer has.
        n_layers: layers of topics.
        stability: whether to measure the stability of the topics.
        min_similarity: cosine similarity above which a semantic match is flagged for review.
        keep: which of several duplicates stays.
        block_by: a column; only rows with the same value in it are compared for duplicates.
        seed: of every random choice.
        title: the column with the titles of the documents.
        change_model: whether a folder made with another model is rebuilt with this one.
        reading: how files are read.
    """
    from nomic_explore.corpus.reading import open_corpus

    given: dict[str, Any] = {
        "projection": projection,
        "umap_neighbors": umap_neighbors,
        "min_dist": min_dist,
        "stop_words": None if stop_words is None else tuple(check_stop_words(stop_words)),
        "n_neighbors": n_neighbors,
        "n_topics": n_topics,
        "n_layers": n_layers,
        "stability": stability,
        "min_similarity": min_similarity,
        "keep": keep,
        "block_by": block_by,
        "seed": seed,
        "title": title,
    }
    _check_options(BuildOptions().changed(**given))
    if projection is not None and not isinstance(projection, str):
        raise TypeError(
            f"projection={projection!r:.60}; expected 'umap' or 'pca'. For a function of your own, pass "
            "positions=project(vectors, graph, method=function)."
        )
    if projection is not None or umap_neighbors is not None or min_dist is not None:
        check_projection(projection or "umap", n_neighbors=umap_neighbors, min_dist=min_dist, name="projection")
    corpus = open_corpus(source, text, id, name=name, limit=limit, reading=reading)
    store = Store(folder if folder is not None else _default_folder(corpus, source))
    if positions is not None and (projection, umap_neighbors, min_dist) != (None, None, None):
        raise ValueError("positions= are taken as they are; leave projection, umap_neighbors and min_dist out.")
    if positions is None and projection is None and find_positions(corpus.table) is None:
        positions = _stored_places(store, corpus)
    brought = read_given(corpus, vectors, positions, limit=limit, recognize=projection is None)
    corpus, places = brought.corpus.without_columns(brought.columns), brought.positions
    if not len(corpus.rows):
        raise ValueError(
            f"{corpus.name} has no document with text: all {len(corpus):,} rows are null, blank or set aside."
        )
    documents = index_corpus(corpus)
    if brought.vectors is not None:
        corpus = note_differing(corpus, documents.distinct, brought.vectors)
    stored = BuildOptions.from_manifest(store.read_known() if store.exists else {})
    options = stored.changed(**given)
    check_policies(corpus.table, options.keep, options.block_by)
    check_columns(title or None, "title", corpus.table.column_names)
    embedder = choose_source(
        store,
        documents,
        model=model,
        vectors=brought.vectors,
        encoder=encoder,
        dimensions=dimensions,
        stored=stored,
    )
    corpus = note_languages(corpus, documents, embedder)
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
            how = "embedded with" if brought.vectors is None else "given, made by"
            for kind, note in (("options", kept), ("found", brought.note)):
                if note:
                    shown.start(kind)
                    shown.finish(note)
            if change_model:
                build.forget_refused(embedder)
            searched_with = None if encoder is None else encoder.source
            corpus, documents, unit = _make_vectors(build, corpus, documents, embedder, searched_with, how)
            if isinstance(embedder, GivenVectors):
                embedder.release()
            del brought
            graph = build.graph(unit, options.n_neighbors, options.seed)
            if places is None:
                build.positions(unit, graph, options)
            else:
                places[np.setdiff1d(np.arange(len(corpus)), corpus.rows)] = np.nan
                build.given_positions(corpus, documents, graph, places)
            keeper_of = build.duplicates(
                corpus,
                documents,
                unit,
                graph,
                min_similarity=options.min_similarity,
                keep=options.keep,
                columns=corpus.joined_columns,
                block_by=options.block_by,
            )
            build.topics(documents, unit, graph, embedder, options, keeper_of)
            build.finish()
    finally:
        shown.close()
    return store.folder


def _make_vectors(
    build: Build, corpus: "Corpus", documents: Documents, embedder: "VectorSource", searched_with: str | None, how: str
) -> "tuple[Corpus, Documents, np.ndarray]":
    """Writes the documents and their vectors; where a service refuses texts, without the rows that hold these.

    Returns:
        The corpus and its distinct texts without those rows, and the vectors (d, width) of the texts.

    Raises:
        ServiceError: the service refuses every text.
    """
    refused: TextsRefused | None = None
    while True:
        corpus, documents = set_refused_aside(corpus, documents, build.refusals(embedder))
        if not len(documents.texts):
            raise refused or ValueError(
                f"{corpus.name}: the server refused every text in an earlier build. Pass change_model=True "
                "(--change-model) to ask it again."
            )
        corpus = build.documents(corpus, documents, embedder)
        try:
            unit = build.vectors(documents, embedder, searched_with, how=how)
        except TextsRefused as error:  # each time at least one more text is known to be refused
            refused = error
        else:
            build.note_cut(corpus, documents, embedder)
            return corpus, documents, unit


def _stored_places(store: Store, corpus: "Corpus") -> np.ndarray | None:
    """Returns the positions (n, 2) that were given for these rows in an earlier build; None if none were.

    Raises:
        ValueError: a row is new, so that its position is not known.
    """
    record = store.read_known()["stages"].get("positions", {}) if store.exists else {}
    if not record.get("given"):
        return None
    try:
        known = tables.read_given_positions(StageTables(store, record))
    except DamagedTableError as error:
        raise ValueError(
            f"the positions of {store.folder} were given and are damaged now ({error.table}). Pass positions= again, or "
            "projection='umap' (--projection umap) to compute them."
        ) from error
    missing = [row for row in corpus.rows.tolist() if corpus.ids[row] not in known]
    if missing:
        raise ValueError(
            f"the positions of {store.folder} were given, and {len(missing):,} rows (first: {missing[0]}) are new. Pass "
            "positions= for all rows, or projection='umap' (--projection umap) to compute them."
        )
    nowhere = np.full(2, np.nan, dtype=np.float32)
    return np.array([known.get(name, nowhere) for name in corpus.ids])


def _check_options(options: BuildOptions) -> None:
    """Raises ValueError if an option is out of range."""
    check_positive(options.n_neighbors, "n_neighbors", at_least=2)
    check_fraction(options.min_similarity, "min_similarity")
    if options.n_topics is not None:
        check_positive(options.n_topics, "n_topics")
    check_positive(options.n_layers, "n_layers")
    if options.umap_neighbors is not None and options.umap_neighbors - 1 > options.n_neighbors:
        raise ValueError(
            f"umap_neighbors={options.umap_neighbors}, with the document itself, and the graph lists "
            f"{options.n_neighbors} neighbors of each. Pass n_neighbors={options.umap_neighbors - 1} as well."
        )


def _default_folder(corpus: "Corpus", source: object) -> Path:
    """Returns `explorations/<name>`; for rows from memory the name ends in a digest of the texts."""
    name = "".join(character if character.isalnum() or character in "-_." else "-" for character in corpus.name).strip(
        "-."
    )
    if not isinstance(source, str | Path):
        name = f"{name or 'texts'}-{digest(corpus.texts)[:8]}"
    return Path("explorations") / (name or "corpus")


def _refuse_another_model(store: Store, embedder: "VectorSource", change_model: bool) -> None:
    if not store.exists or change_model:
        return
    record = store.read_known()["stages"].get("vectors")
    asked = embedder.provenance(TASK)
    if not record:
        return
    is_named = not (
        "given" in asked and is_given(record) and UNNAMED in (asked["model"], record["provenance"]["model"])
    )
    compared = ("model", "dimensions") if is_named else ("dimensions",)
    made = record["provenance"]
    if changed := find_changed_files(made, asked):
        raise ValueError(
            f"{asked['model']} is another model than the one of that name that made the vectors of {store.folder}: "
            f"{', '.join(changed)} changed. Choose another folder, or pass change_model=True (--change-model) to build it "
            "again with this model."
        )
    if any(made[key] != asked[key] for key in compared):
        raise ValueError(
            f"{store.folder} was made with {made['model']} ({made['dimensions']} dimensions), not with "
            f"{asked['model']} ({asked['dimensions']}). Choose another folder, or pass change_model=True "
            "(--change-model) to build it again with this model."
        )


def _refuse_another_corpus(store: Store, corpus: "Corpus", documents: Documents) -> None:
    if not store.exists:
        return
    record = store.read_known()["stages"].get("documents")
    if record is None:
        return
    try:
        known = tables.read_keys(StageTables(store, record))
    except DamagedTableError:  # it is made again
        return
    if not known & set(documents.keys):
        raise ValueError(
            f"{store.folder} holds another corpus ({record['name']}, {record['rows']:,} rows) that shares no text with "
            f"{corpus.name}. Choose another folder."
        )
