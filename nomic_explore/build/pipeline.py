"""`explore()`: the stages in order, each kept on disk when it is done, each taken from there when it already is."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from nomic_explore.build.stages import Build, Documents, distinct_texts
from nomic_explore.checks import check_fraction, check_positive
from nomic_explore.duplicates.policies import check_policies
from nomic_explore.duplicates.row_vectors import TASK
from nomic_explore.progress import open_progress
from nomic_explore.store import tables
from nomic_explore.store.database import Store

if TYPE_CHECKING:
    from nomic_explore.corpus import Corpus
    from nomic_explore.exploration import Exploration
    from nomic_explore.models import Embedder
    from nomic_explore.topics.llm.naming import Namer


def explore(
    source: Any,
    text: Any = None,
    model: Any = None,
    folder: str | Path | None = None,
    *,
    id: str | None = None,
    name: str | None = None,
    limit: int | None = None,
    dimensions: int | None = None,
    n_neighbors: int = 30,
    n_topics: int | None = None,
    n_layers: int = 3,
    stability: bool = False,
    namer: "Namer | None" = None,
    min_similarity: float = 0.9,
    keep: str = "longest",
    block_by: str | None = None,
    seed: int = 42,
    change_model: bool = False,
    show_progress: bool | None = None,
) -> "Exploration":
    """Turns documents into an exploration: vectors, neighbours, map, topics and duplicates, kept in a folder.

    Every stage is durable when it is reported done: after a crash, or with new rows, run the same call again and only
    what is missing is made. Nothing is sent anywhere.

    Args:
        source: a file, folder, glob, frame, list of texts or `Corpus`; all that `read_corpus` reads.
        text: the column, columns or template that make the text; see `read_corpus`.
        model: a name of the catalogue (`minilm`, `nomic-embed-text-v1.5` …), a folder with weights, or an `Embedder`;
            None takes the model the folder was made with, and `minilm`, which needs no network, in a new folder.
        folder: where the exploration lies; None makes `explorations/<name of the corpus>`.
        id: the column that names a document.
        name: what to call the corpus.
        limit: read this many rows at most.
        dimensions: vector length for models that allow several.
        n_neighbors: neighbours a document in the graph.
        n_topics: how many topics the finest layer has; None chooses by the size of the corpus.
        n_layers: layers of topics, from coarse to fine.
        stability: measure how well each topic is found again in other samples of the documents.
        namer: a language model that names the topics when all else is done; see `Exploration.name_topics`.
        min_similarity: cosine from which texts alike in meaning alone are to be reviewed, 0.80 to 1.
        keep: which of several copies stays; see `Duplicates.at`.
        block_by: a column; only rows with the same value in it are compared for copies.
        seed: of every random choice; the same seed and documents give the same map.
        change_model: let a folder made with another model be rebuilt with this one.
        show_progress: None shows progress in notebooks and terminals; False shows nothing.

    Returns:
        The finished exploration.

    Raises:
        ValueError: the source, the text or a parameter cannot be used, or the folder holds another model or corpus.
        OSError: a file, the folder or the model's weights cannot be reached, or the disk is full.
    """
    from nomic_explore.corpus import Corpus, read_corpus
    from nomic_explore.exploration import open_exploration

    check_positive(n_neighbors, "n_neighbors", at_least=2)
    check_fraction(min_similarity, "min_similarity")
    if n_topics is not None:
        check_positive(n_topics, "n_topics")
    check_positive(n_layers, "n_layers")
    if namer is not None and not callable(namer):
        raise TypeError(f"namer is a {type(namer).__name__}; expected a callable like OllamaNamer('llama3.2').")
    corpus = source if isinstance(source, Corpus) else read_corpus(source, text, id, name=name, limit=limit)
    if not len(corpus.rows):
        raise ValueError(f"{corpus.name} has no document with text: all {len(corpus):,} rows are null or blank.")
    check_policies(corpus.table, keep, block_by)
    documents = distinct_texts(corpus)
    store = Store(folder if folder is not None else _default_folder(corpus, source))
    embedder = _embedder_for(store, model, dimensions)
    _refuse_another_corpus(store, corpus, documents)
    _refuse_another_model(store, embedder, change_model)
    width = embedder.dimensions
    store.check_space(
        corpus.table.nbytes + sum(map(len, documents.texts)) * 2 + len(documents.keys) * (width * 4 + 600)
    )

    progress = open_progress(show_progress)
    try:
        with store.writing():
            build = Build(store, progress, store.read_manifest())
            corpus = build.documents(corpus, documents, embedder)
            vectors = build.vectors(documents, embedder)
            graph = build.graph(vectors, n_neighbors, seed)
            build.positions(vectors, graph, seed)
            keeper_of = build.duplicates(
                corpus,
                documents,
                vectors,
                graph,
                min_similarity=min_similarity,
                keep=keep,
                columns=list(text) if isinstance(text, list | tuple) and len(text) > 1 else [],
                block_by=block_by,
            )
            build.topics(documents, vectors, graph, embedder, n_topics, n_layers, stability, seed, keeper_of)
    finally:
        progress.close()
    exploration = open_exploration(store.folder)
    if namer is not None:
        exploration.name_topics(namer)
    return exploration


def _default_folder(corpus: "Corpus", source: Any) -> Path:
    """Returns `explorations/<name>`; rows that lie in no file add a digest, since their name says little."""
    name = "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in corpus.name).strip("-.")
    if not isinstance(source, str | Path):
        name = f"{name or 'texts'}-{tables.digest(corpus.texts)[:8]}"
    return Path("explorations") / (name or "corpus")


def _embedder_for(store: Store, model: Any, dimensions: int | None) -> "Embedder":
    """Returns the model asked for, else the one the folder was made with, else the offline default."""
    from nomic_explore.models import Embedder

    if model is not None and not isinstance(model, str | Path):
        return model
    if model is None and store.exists:
        record = store.read_manifest()["stages"].get("vectors", {})
        if record:
            return Embedder(record["model"], dimensions=dimensions or record["provenance"]["dimensions"])
    return Embedder(str(model) if model is not None else "minilm", dimensions=dimensions)


def _refuse_another_model(store: Store, embedder: "Embedder", change_model: bool) -> None:
    if not store.exists or change_model:
        return
    record = store.read_manifest()["stages"].get("vectors")
    asked = embedder.provenance(TASK)
    if record and any(record["provenance"][key] != asked[key] for key in ("model", "dimensions")):
        made = record["provenance"]
        raise ValueError(
            f"{store.folder} was made with {made['model']} ({made['dimensions']} dimensions), not with "
            f"{asked['model']} ({asked['dimensions']}). Choose another folder, or pass change_model=True "
            "(--change-model) to make its map again from other vectors."
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
