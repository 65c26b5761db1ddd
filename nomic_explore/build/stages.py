"""The stages of a build; each result is read from disk if it was made from the same inputs, else computed and written."""

import hashlib
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from importlib.metadata import version
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from nomic_explore.arrays import inverse_index, return_memory
from nomic_explore.build.documents import Documents, as_read_before, table_digest
from nomic_explore.build.options import BuildOptions
from nomic_explore.build.refusals import CUT, NO_VECTOR, Refusals, name_rows, with_cut_texts
from nomic_explore.build.vector_table import find_provenance, read_known
from nomic_explore.debug_log import get_log
from nomic_explore.duplicates.row_vectors import TASK
from nomic_explore.models.places import portable_source
from nomic_explore.models.refused_texts import TextsRefused
from nomic_explore.progress import Progress
from nomic_explore.session.edit_recovery import find_edits
from nomic_explore.store import migrations, tables, topic_tables, vector_tables
from nomic_explore.store.database import Store
from nomic_explore.store.errors import explaining_lost_writes
from nomic_explore.store.manifest import digest
from nomic_explore.store.stage_tables import StageTables, StageWriter
from nomic_explore.store.sweeping import sweep

if TYPE_CHECKING:
    from nomic_explore.corpus import Corpus
    from nomic_explore.duplicates import Duplicates
    from nomic_explore.graph import NeighborGraph
    from nomic_explore.models.encoder import VectorSource
    from nomic_explore.topics import Topics

Result = TypeVar("Result")
TOPICS_FORMAT = 3  # topics written by an earlier version are computed again


class Build:
    """One build of one folder; each method is a stage."""

    def __init__(self, store: Store, progress: Progress, options: BuildOptions) -> None:
        self.store, self.progress, self.options = store, progress, options
        self.manifest = store.read_building()
        self._whole = store.read_manifest() if store.is_whole else {"stages": {}}

    def documents(self, corpus: "Corpus", documents: Documents, embedder: "VectorSource") -> "Corpus":
        """Writes the input table and the distinct texts with their word index."""
        self.progress.start("documents", len(corpus))
        began = perf_counter()
        counts = embedder.count_tokens(documents.texts)
        if counts is not None:
            corpus = corpus.with_lengths(counts[documents.distinct.inverse], embedder.max_tokens)
        frame, labels = corpus.origin.to_stored() if corpus.origin is not None else ({}, [])
        source: dict[str, object] = {"frame": frame} if frame else {}
        source |= {} if corpus.text_columns is None else {"text_columns": corpus.text_columns}
        parts: list[Any] = [table_digest(corpus.table), corpus.ids, documents.row_keys, corpus.name]
        if labels:
            parts += [table_digest(tables.label_columns(labels)), frame]
        made_from = digest(*parts)
        if self._find_made("documents", made_from) is None and self._find_read_before(corpus, parts) is None:
            writer = StageWriter(self.store, made_from)
            columns = tables.write_documents(writer, corpus, documents.row_keys, labels)
            tables.write_texts(writer, documents.keys, documents.texts)
            self._remember(
                "documents",
                made_from,
                began,
                {
                    "tables": writer.notes,
                    "name": corpus.name,
                    "rows": len(corpus),
                    "texts": len(documents.keys),
                    "columns": columns,
                    "audit": corpus.audit.to_json(),
                    **source,
                },
            )
        elif any(self._stage_record("documents").get(key) != value for key, value in source.items()):
            self.manifest["stages"]["documents"] = {**self._stage_record("documents"), **source}  # the same rows
        n_aside, n_refused = len(corpus) - len(corpus.rows), len(corpus.audit[NO_VECTOR].rows)
        note = f"{len(corpus):,} rows, {len(documents.keys):,} distinct texts"
        note += f", {n_aside - n_refused:,} without text set aside" if n_aside > n_refused else ""
        self.progress.finish(note + (f", {n_refused:,} without vector set aside" if n_refused else ""))
        return corpus

    def _find_read_before(self, corpus: "Corpus", parts: list[Any]) -> StageTables | None:
        """Returns the tables of the same rows as an earlier version read them; a new folder has none, and nothing is hashed."""
        if not self._whole["stages"] and not self.manifest["stages"]:
            return None
        return self._find_made("documents", digest(table_digest(as_read_before(corpus.table)), *parts[1:]))

    def vectors(
        self, documents: Documents, embedder: "VectorSource", encoder: str | None = None, *, how: str = "embedded with"
    ) -> np.ndarray:
        """Makes the vectors that are not on disk yet; each chunk is written before it is counted as done.

        Args:
            documents: the distinct texts.
            embedder: makes their vectors.
            encoder: the name of what embeds questions, if that is not the embedder.
            how: they are made, for people; the name of the model follows.

        Returns:
            (d, width) float32, unit length.

        Raises:
            TextsRefused: a service refused some texts; the vectors of all others are on disk.
        """
        self.progress.start("vectors", len(documents.keys))
        began, encoder = perf_counter(), portable_source(encoder, self.store.root)
        provenance, record = find_provenance((self.manifest, self._whole), embedder.provenance(TASK))
        stored = record.get("table", f"vectors_{digest(provenance)}")
        table, made, is_there, n_salvaged = read_known(self.store, stored, documents.keys, embedder.dimensions)
        if n_salvaged is not None:
            self.progress.finish(f"a table is damaged; {n_salvaged:,} vectors of it are kept")
            self.progress.start("vectors", len(documents.keys))
        n_before = n_done = int(is_there.sum())
        self.progress.advance(n_done)
        refusals = Refusals.recall((self.manifest, self._whole), provenance)
        try:
            chunks = embedder.encode_chunks(documents.texts, TASK, done=is_there) if n_done < len(made) else ()
            for rows, vectors in chunks:
                vector_tables.append_vectors(self.store, table, [documents.keys[row] for row in rows], vectors)
                refusals.note_cut(documents, rows, getattr(embedder, "cut_texts", {}))
                n_done += len(rows)
                self.progress.advance(n_done)
        except TextsRefused as error:
            refusals.refused |= {documents.keys[number]: reason for number, reason in error.reasons.items()}
            named = name_rows(error, documents)
            self.progress.finish(str(named))
            raise named from error
        finally:
            self._remember_refusals(refusals, provenance)
        if n_done > n_before:
            del made
            with explaining_lost_writes(self.store.folder):
                made = vector_tables.read_vectors(self.store, table, documents.keys)
        made_from = digest(provenance, documents.keys)
        searched_with = encoder or record.get("encoder")
        source = portable_source(embedder.source, self.store.root)
        details = {"table": table, "model": source, "provenance": provenance}
        details |= {"encoder": searched_with} if searched_with else {}
        if record.get("made_from") != made_from or any(record.get(key) != value for key, value in details.items()):
            self._remember("vectors", made_from, began, details)
        else:
            self.manifest["stages"]["vectors"] = dict(record)
        self.progress.finish(
            f"{n_done - n_before:,} {how} {provenance['model']}"
            + (f", {n_before:,} were there already" if n_before else "")
        )
        return_memory()
        return made

    def refusals(self, embedder: "VectorSource") -> Refusals:
        """Returns what is known of texts that this embedder was refused, in this build or an earlier one."""
        manifests = (self.manifest, self._whole)
        return Refusals.recall(manifests, find_provenance(manifests, embedder.provenance(TASK))[0])

    def note_cut(self, corpus: "Corpus", documents: Documents, embedder: "VectorSource") -> None:
        """Adds the texts that a service cut to the audit."""
        corpus = with_cut_texts(corpus, documents, self.refusals(embedder))
        record = self._stage_record("documents")
        if corpus.audit[CUT].count and record["audit"] != (audit := corpus.audit.to_json()):
            self.manifest["stages"]["documents"] = {**record, "audit": audit}
            self.store.write_building(self.manifest)

    def forget_refused(self, embedder: "VectorSource") -> None:
        """Lets texts that were refused be asked for again."""
        refusals = self.refusals(embedder)
        if refusals.refused:
            refusals.refused.clear()
            provenance, _ = find_provenance((self.manifest, self._whole), embedder.provenance(TASK))
            self._remember_refusals(refusals, provenance)

    def graph(self, vectors: np.ndarray, n_neighbors: int, seed: int) -> "NeighborGraph":
        """Finds the nearest neighbors of each distinct text."""
        from nomic_explore.graph import build_graph

        return self._stage(
            "graph",
            (self._stage_record("vectors")["made_from"], n_neighbors, seed),
            make=lambda: build_graph(vectors, n_neighbors, seed=seed),
            write=tables.write_graph,
            read=tables.read_graph,
            describe=lambda graph: {"recall": graph.recall, "is_exact": graph.is_exact, "n_neighbors": n_neighbors},
            say=lambda graph: f"{graph.neighbors.shape[1]} neighbors each, recall {graph.recall:.3f}",
        )

    def positions(self, vectors: np.ndarray, graph: "NeighborGraph", options: BuildOptions) -> None:
        """Computes the map positions of the distinct texts."""
        from nomic_explore.projection import neighbor_preservation, project

        how: dict[str, Any] = {"method": options.projection}
        if options.projection == "umap":
            how |= {"n_neighbors": options.umap_neighbors, "min_dist": options.min_dist}
        is_usual = how == {"method": "umap", "n_neighbors": None, "min_dist": None}
        self._stage(
            "positions",
            (self._stage_record("graph")["made_from"], options.seed, *(() if is_usual else (how,))),
            make=lambda: project(vectors, graph, seed=options.seed, **how),
            write=tables.write_positions,
            read=tables.read_positions,
            describe=lambda positions: {"neighbor_preservation": neighbor_preservation(graph, positions)},
            say=lambda positions: f"{len(positions):,} positions",
        )

    def given_positions(
        self, corpus: "Corpus", documents: Documents, graph: "NeighborGraph", positions: np.ndarray
    ) -> None:
        """Writes the positions (n, 2) that the rows came with, and measures how well they show the neighbors."""
        from nomic_explore.projection import neighbor_preservation

        content = hashlib.blake2b(positions.tobytes(), digest_size=16).hexdigest()
        kept = neighbor_preservation(graph, positions[documents.distinct.first])
        self._stage(
            "positions",
            (self._stage_record("graph")["made_from"], corpus.ids, content),
            make=lambda: positions,
            write=lambda writer, places: tables.write_positions(writer, places, corpus.ids),
            read=lambda stage: positions,
            describe=lambda places: {"neighbor_preservation": kept, "given": True},
            say=lambda places: (
                f"{len(corpus.rows):,} given positions, which keep {kept:.0%} of the 15 nearest neighbors"
            ),
        )

    def topics(
        self,
        documents: Documents,
        vectors: np.ndarray,
        graph: "NeighborGraph",
        embedder: "VectorSource",
        options: BuildOptions,
        keeper_of: np.ndarray,
    ) -> None:
        """Finds and names the topics of the kept documents; a duplicate gets the topic of the document kept for it.

        Without duplicates, a text that is repeated often does not become a topic. Phrases for names are embedded too,
        if the model is an `Embedder` and runs on this machine.
        """
        from nomic_explore.models import Embedder
        from nomic_explore.models.services import is_served
        from nomic_explore.topics import find_topics

        encode = embedder.encode if isinstance(embedder, Embedder) and not is_served(embedder.source) else None
        kept = np.flatnonzero(keeper_of == np.arange(len(keeper_of)))
        dropped = np.flatnonzero(keeper_of != np.arange(len(keeper_of)))

        def find() -> "Topics":
            topics = find_topics(
                [documents.texts[document] for document in kept],
                vectors[kept],
                graph._restrict(kept, keeper_of, vectors),
                n_topics=options.n_topics,
                n_layers=options.n_layers,
                seed=options.seed,
                stability=options.stability,
                stop_words=options.stop_words,
                embed=(lambda phrases: encode(phrases, TASK)) if encode is not None else None,
            )
            return topics._to_rows(np.searchsorted(kept, keeper_of), len(keeper_of), kept)

        def write(writer: StageWriter, topics: "Topics") -> None:
            topic_tables.write_topics(writer, topics)
            if given_names is not None:
                writer.write(topic_tables.TOPIC_NAMES, given_names)

        asked: tuple[object, ...] = (options.n_topics, options.n_layers, options.stability, options.seed)
        if options.stop_words:
            asked += (options.stop_words,)
        keepers = digest([documents.keys[document] for document in keeper_of[dropped]], dropped.tolist())
        inputs = (TOPICS_FORMAT, self._stage_record("graph")["made_from"], *asked, keepers)
        given_names = topic_tables.read_given_names(self.store, self._whole, digest("topics", *inputs))
        self._stage(
            "topics",
            inputs,
            make=find,
            write=write,
            read=topic_tables.read_topics,
            describe=lambda topics: {
                "layers": [len(names) for names in topics.names],
                **({"is_named": True} if given_names is not None else {}),
                "assignment": topics.assignment_shares(),
            },
            say=lambda topics: " / ".join(f"{len(names):,}" for names in topics.names) + " topics",
        )

    def duplicates(
        self,
        corpus: "Corpus",
        documents: Documents,
        vectors: np.ndarray,
        graph: "NeighborGraph",
        *,
        min_similarity: float,
        keep: str,
        columns: list[str],
        block_by: str | None,
    ) -> np.ndarray:
        """Finds duplicates, decides which rows are kept, and returns the document (d,) kept for each document."""
        from nomic_explore.duplicates import Duplicates, Evidence, collect_evidence
        from nomic_explore.duplicates.columns import column_texts

        rows = corpus.rows
        number_of_row = inverse_index(rows, len(corpus))

        def find() -> Duplicates:
            evidence = collect_evidence(
                [str(corpus.texts[row]) for row in rows],
                vectors[documents.distinct.inverse[rows]],
                graph._to_rows(documents.distinct.inverse[rows], number_of_row[documents.distinct.first]),
                columns=column_texts(corpus.table, columns, rows),
                blocks=corpus.table[block_by].take(rows).to_pylist() if block_by else None,
            )
            return decide(evidence)

        def decide(evidence: Evidence) -> Duplicates:
            table = corpus.table.take(rows)
            return Duplicates.from_evidence(evidence, min_similarity=min_similarity, keep=keep, table=table)

        made_with = {"min_similarity": min_similarity, "keep": keep, "columns": columns, "block_by": block_by}
        made_with["format"] = tables.DUPLICATES_FORMAT
        found = self._stage(
            "duplicates",
            (self._stage_record("graph")["made_from"], documents.row_keys, made_with),
            make=find,
            write=tables.write_duplicates,
            read=lambda stage: decide(tables.read_evidence(stage)),
            describe=lambda found: made_with,
            say=_duplicate_note,
        )
        return _keepers_of_documents(found, documents.distinct.inverse[rows], len(documents.keys))

    def _stage(
        self,
        name: str,
        inputs: tuple[object, ...],
        *,
        make: Callable[[], Result],
        write: Callable[[StageWriter, Result], None],
        read: Callable[[StageTables], Result],
        describe: Callable[[Result], Mapping[str, object]],
        say: Callable[[Result], str],
    ) -> Result:
        """Returns a stage's result: from disk if it was made from these inputs, else computed and written."""
        self.progress.start(name)
        made_from = digest(name, *inputs)
        stored = self._find_made(name, made_from)
        if stored is not None:
            result = read(stored)
        else:
            began = perf_counter()
            result = make()
            writer = StageWriter(self.store, made_from)
            write(writer, result)
            self._remember(name, made_from, began, {"tables": writer.notes, **describe(result)})
        self.progress.finish(say(result))
        return_memory()
        return result

    def finish(self) -> None:
        """Makes what was built the state that readers see, if it is another, and removes what no state needs."""
        self.manifest["options"] = json.loads(json.dumps(asdict(self.options)))
        with suppress(ValueError):  # both copies are damaged, and the last count stays
            self.manifest["edits"] = find_edits(self.store).count
        self.manifest["migrations"] = [migration.name for migration in migrations.MIGRATIONS]
        if self.manifest != self._whole or self.store.is_building or not self.store.is_doubled:
            self.store.write_manifest(self.manifest)
            self.store.end_building()
        sweep(self.store)

    def _find_made(self, name: str, made_from: str) -> StageTables | None:
        """Returns the tables of a stage that was made from the same inputs, in the state that is read or the one under way.

        Tables that are not what was written do not count; they are made again, and a line says so.
        """
        whole, building = (manifest["stages"].get(name, {}) for manifest in (self._whole, self.manifest))
        for record in [whole] if whole == building else [whole, building]:
            if record.get("made_from") != made_from:
                continue
            stored = StageTables(self.store, record)
            damaged = [table for table, damage in stored.check_all().items() if damage]
            if not damaged:
                self.manifest["stages"][name] = dict(record)
                return stored
            self.progress.finish(f"{', '.join(damaged)} damaged, made again")
            self.progress.start(name)
        return None

    def _remember_refusals(self, refusals: Refusals, provenance: Mapping[str, object]) -> None:
        if refusals.remember(self.manifest, provenance):
            self.store.write_building(self.manifest)

    def _stage_record(self, name: str) -> dict[str, Any]:
        return dict(self.manifest["stages"].get(name, {}))

    def _remember(self, name: str, made_from: str, began: float, details: Mapping[str, object]) -> None:
        seconds = round(perf_counter() - began, 2)
        get_log().debug("stage %s made in %g s", name, seconds)
        record = {"made_from": made_from, "seconds": seconds, "nomic_explore": version("nomic-explore"), **details}
        self.manifest["stages"][name] = record
        self.manifest["options"] = asdict(self.options)
        self.store.write_building(self.manifest)


def _keepers_of_documents(found: "Duplicates", index: np.ndarray, n_documents: int) -> np.ndarray:
    """Returns the document (d,) kept for each document; a document of which any row is kept is kept itself.

    Args:
        found: of m rows.
        index: (m,) the document of each.
        n_documents: d.
    """
    stays = found.keepers == np.arange(len(index))
    keeper_of = np.arange(n_documents, dtype=np.int64)
    keeper_of[index[~stays]] = index[found.keepers[~stays]]
    keeper_of[index[stays]] = index[stays]
    return keeper_of


def _duplicate_note(found: "Duplicates") -> str:
    n_groups, n_drop = len(found.to_pandas()), int((found.roles == "drop").sum())
    n_review = int((found.roles == "review").sum())
    return f"{n_groups:,} groups, {n_drop:,} duplicates, {n_review:,} to review"
