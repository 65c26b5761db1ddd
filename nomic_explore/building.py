"""`explore()`: the stages in order, each kept on disk when it is done, each taken from there when it already is."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from nomic_explore import __version__, records
from nomic_explore.checks import check_fraction, check_positive
from nomic_explore.progress import Progress, open_progress
from nomic_explore.store import Store

if TYPE_CHECKING:
    from nomic_explore.corpus import Corpus
    from nomic_explore.exploration import Exploration
    from nomic_explore.models import Embedder

TASK = "clustering"


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
    min_similarity: float = 0.95,
    keep: str = "longest",
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
        min_similarity: cosine from which two texts count as semantic copies, 0 to 1.
        keep: which of several copies stays; see `find_duplicates`.
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
    corpus = source if isinstance(source, Corpus) else read_corpus(source, text, id, name=name, limit=limit)
    if not len(corpus.rows):
        raise ValueError(f"{corpus.name} has no document with text: all {len(corpus):,} rows are null or blank.")
    documents = _distinct(corpus)
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
            build = _Build(store, progress, store.read_manifest())
            corpus = build.documents(corpus, documents, embedder)
            vectors = build.vectors(documents, embedder)
            build.analyse(corpus, documents, vectors, n_neighbors, n_topics, min_similarity, keep, seed)
    finally:
        progress.close()
    return open_exploration(store.folder)


@dataclass(frozen=True)
class _Documents:
    """The distinct texts of a corpus, in the order of their content keys."""

    keys: list[str]
    texts: list[str]
    row_keys: list[str | None]
    index: np.ndarray  # (n rows,) the number of each row's text here, -1 where the row was set aside
    first_rows: np.ndarray  # (n texts,) the first row that holds the text


def _distinct(corpus: "Corpus") -> _Documents:
    row_keys = [None if text is None else records.content_key(text) for text in corpus.texts]
    first: dict[str, int] = {}
    for row, key in enumerate(row_keys):
        if key is not None:
            first.setdefault(key, row)
    keys = sorted(first)
    numbers = {key: number for number, key in enumerate(keys)}
    return _Documents(
        keys=keys,
        texts=[str(corpus.texts[first[key]]) for key in keys],
        row_keys=row_keys,
        index=np.array([-1 if key is None else numbers[key] for key in row_keys], dtype=np.int64),
        first_rows=np.array([first[key] for key in keys], dtype=np.int64),
    )


class _Build:
    """One run over one folder: what is asked for, what the manifest says is there, what is made now."""

    def __init__(self, store: Store, progress: Progress, manifest: dict[str, Any]) -> None:
        self.store, self.progress, self.manifest = store, progress, manifest

    def documents(self, corpus: "Corpus", documents: _Documents, embedder: "Embedder") -> "Corpus":
        """Writes the input table and the distinct texts with their word index."""
        self.progress.start("documents", len(corpus))
        began = perf_counter()
        corpus = corpus.with_lengths(embedder.count_tokens(documents.texts)[documents.index], embedder.max_tokens)
        made_from = records.digest(_table_digest(corpus), corpus.ids, documents.row_keys, corpus.name)
        if self._stage_record("documents").get("made_from") != made_from:
            self._forget("documents")
            columns = records.write_documents(self.store, corpus, documents.row_keys)
            records.write_texts(self.store, documents.keys, documents.texts)
            self._remember(
                "documents",
                made_from,
                began,
                {
                    "name": corpus.name,
                    "rows": len(corpus),
                    "texts": len(documents.keys),
                    "columns": columns,
                    "audit": corpus.audit.to_json(),
                },
            )
        set_aside = len(corpus) - len(corpus.rows)
        note = f"{len(corpus):,} rows, {len(documents.keys):,} distinct texts"
        self.progress.finish(note + (f", {set_aside:,} without text set aside" if set_aside else ""))
        return corpus

    def vectors(self, documents: _Documents, embedder: "Embedder") -> np.ndarray:
        """Embeds what no earlier run embedded; each chunk is on disk before it is counted as done."""
        self.progress.start("vectors", len(documents.keys))
        began = perf_counter()
        provenance = embedder.provenance(TASK)
        table = f"vectors_{records.digest(provenance)}"
        stored = records.stored_keys(self.store, table)
        done = np.array([key in stored for key in documents.keys], dtype=bool)
        n_done = int(done.sum())
        n_before = n_done
        self.progress.advance(n_done)
        for rows, vectors in embedder.encode_chunks(documents.texts, TASK, done=done) if n_done < len(done) else ():
            records.append_vectors(self.store, table, [documents.keys[row] for row in rows], vectors)
            n_done += len(rows)
            self.progress.advance(n_done)
        made_from = records.digest(provenance, documents.keys)
        record = self._stage_record("vectors")
        if record.get("made_from") != made_from or record["provenance"] != provenance or n_before < n_done:
            self._forget("vectors")
            details = {"table": table, "model": embedder.source, "provenance": provenance}
            self._remember("vectors", made_from, began, details)
        self.progress.finish(
            f"{n_done - n_before:,} embedded with {provenance['model']}"
            + (f", {n_before:,} were there already" if n_before else "")
        )
        return records.read_vectors(self.store, table, documents.keys)

    def analyse(
        self,
        corpus: "Corpus",
        documents: _Documents,
        vectors: np.ndarray,
        n_neighbors: int,
        n_topics: int | None,
        min_similarity: float,
        keep: str,
        seed: int,
    ) -> None:
        """Makes the neighbour graph, the positions, the topics and the duplicates."""
        from nomic_explore.duplicates import find_duplicates
        from nomic_explore.graph import build_graph
        from nomic_explore.projection import neighbor_preservation, project
        from nomic_explore.topics import find_topics

        made_from = self._stage_record("vectors")["made_from"]
        graph = self._stage(
            "graph",
            (made_from, n_neighbors, seed),
            make=lambda: build_graph(vectors, n_neighbors, seed=seed),
            write=records.write_graph,
            read=records.read_graph,
            describe=lambda graph: {"recall": graph.recall, "is_exact": graph.is_exact, "n_neighbors": n_neighbors},
            say=lambda graph: f"{graph.neighbors.shape[1]} neighbors each, recall {graph.recall:.3f}",
        )
        graph_from = self._stage_record("graph")["made_from"]
        self._stage(
            "positions",
            (graph_from, seed),
            make=lambda: project(vectors, graph, seed=seed),
            write=records.write_positions,
            read=records.read_positions,
            describe=lambda positions: {"neighbor_preservation": neighbor_preservation(graph, positions)},
            say=lambda positions: f"{len(positions):,} places",
        )
        self._stage(
            "topics",
            (graph_from, n_topics, seed),
            make=lambda: find_topics(documents.texts, vectors, graph, n_topics=n_topics, seed=seed),
            write=records.write_topics,
            read=records.read_topics,
            describe=lambda topics: {"layers": [len(names) for names in topics.names]},
            say=lambda topics: " / ".join(f"{len(names):,}" for names in topics.names) + " topics",
        )
        rows = corpus.rows
        row_texts = [str(corpus.texts[row]) for row in rows]
        number_of_row = np.full(len(corpus), -1, dtype=np.int64)
        number_of_row[rows] = np.arange(len(rows))
        self._stage(
            "duplicates",
            (graph_from, documents.row_keys, min_similarity, keep),
            make=lambda: find_duplicates(
                row_texts,
                vectors[documents.index[rows]],
                graph.spread(documents.index[rows], number_of_row[documents.first_rows]),
                min_similarity=min_similarity,
                keep=keep,
            ),
            write=records.write_duplicates,
            read=records.read_duplicates,
            describe=lambda found: {"min_similarity": min_similarity, "keep": keep},
            say=_duplicate_note,
        )

    def _stage(
        self,
        name: str,
        inputs: tuple[Any, ...],
        *,
        make: Callable[[], Any],
        write: Callable[[Store, Any], None],
        read: Callable[..., Any],
        describe: Callable[[Any], dict[str, Any]],
        say: Callable[[Any], str],
    ) -> Any:
        """Returns a stage's result: from disk if it was made from these inputs, else made and written now."""
        self.progress.start(name)
        made_from, record = records.digest(name, *inputs), self._stage_record(name)
        if record.get("made_from") == made_from:
            result = read(self.store, record)
        else:
            began = perf_counter()
            result = make()
            self._forget(name)
            write(self.store, result)
            self._remember(name, made_from, began, describe(result))
        self.progress.finish(say(result))
        return result

    def _stage_record(self, name: str) -> dict[str, Any]:
        return self.manifest["stages"].get(name, {})

    def _forget(self, name: str) -> None:
        if self.manifest["stages"].pop(name, None) is not None:
            self.store.write_manifest(self.manifest)

    def _remember(self, name: str, made_from: str, began: float, details: dict[str, Any]) -> None:
        seconds = round(perf_counter() - began, 2)
        record = {"made_from": made_from, "seconds": seconds, "nomic_explore": __version__, **details}
        self.manifest["stages"][name] = record
        self.store.write_manifest(self.manifest)


def _duplicate_note(found: Any) -> str:
    n_groups, n_drop = len(found.frame()), int((found.roles == "drop").sum())
    n_review = int((found.roles == "review").sum())
    return f"{n_groups:,} groups, {n_drop:,} copies, {n_review:,} to review"


def _table_digest(corpus: "Corpus") -> str:
    """Returns a digest of the input table: equal for the same source read again."""
    import hashlib

    import pyarrow as pa

    digest = hashlib.blake2b(digest_size=16)

    class _Sink:
        closed = False

        def write(self, data: Any) -> int:
            digest.update(data)
            return len(data)

        def flush(self) -> None: ...

        def close(self) -> None: ...

    with pa.ipc.new_stream(pa.PythonFile(_Sink(), "w"), corpus.table.schema) as stream:
        stream.write_table(corpus.table.combine_chunks())
    return digest.hexdigest()


def _default_folder(corpus: "Corpus", source: Any) -> Path:
    """Returns `explorations/<name>`; rows that lie in no file add a digest, since their name says little."""
    name = "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in corpus.name).strip("-.")
    if not isinstance(source, str | Path):
        name = f"{name or 'texts'}-{records.digest(corpus.texts)[:8]}"
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


def _refuse_another_corpus(store: Store, corpus: "Corpus", documents: _Documents) -> None:
    if not store.exists:
        return
    record = store.read_manifest()["stages"].get("documents")
    if record and not set(store.read_table("texts", ["key"])["key"].to_pylist()) & set(documents.keys):
        raise ValueError(
            f"{store.folder} holds another corpus ({record['name']}, {record['rows']:,} rows) that shares no text with "
            f"{corpus.name}. Choose another folder."
        )
