"""What all parts of an open exploration share: its results, read when they are first needed, and its edits."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from nomic_explore.checks import Rows, check_rows
from nomic_explore.corpus.distinct import DistinctTexts, index_texts
from nomic_explore.models.encoder import EncoderLike
from nomic_explore.models.user_encoder import open_encoder
from nomic_explore.session.edit_log import EditLog
from nomic_explore.session.edits import Edits
from nomic_explore.session.judged_pairs import JudgedPair, read_judged
from nomic_explore.session.snapshot import Snapshot, open_snapshot, take_snapshot
from nomic_explore.session.stored_model import (
    Sample,
    StoredModel,
    check_encoder,
    choose_checked,
    name_of_encoder,
    open_stored_model,
)
from nomic_explore.store import tables, topic_tables, vector_tables
from nomic_explore.store.database import Store
from nomic_explore.store.manifest import Manifest
from nomic_explore.store.stage_tables import StageTables

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from nomic_explore.corpus import Corpus
    from nomic_explore.corpus.frame_origin import FrameOrigin
    from nomic_explore.duplicates import Duplicates, Evidence
    from nomic_explore.graph import NeighborGraph
    from nomic_explore.topics import Topics
    from nomic_explore.topics.relabel import RowContents

_N_STEPS = 5  # states kept in memory; one of a million documents takes up to 50 MB


class StoredDocuments(NamedTuple):
    """The input as it was stored: n rows.

    Attributes:
        table: the input columns.
        ids: the id of each row.
        keys: the content key of each row's text; None for a row without text.
        origin: the kind and the index of the frame that the rows came in; None if they came otherwise.
    """

    table: "pa.Table"
    ids: list[str]
    keys: list[str | None]
    origin: "FrameOrigin | None" = None


def open_state(folder: str | Path) -> "State":
    """Returns the state of the exploration in a folder; only its manifest is read yet.

    Raises:
        FileNotFoundError: there is no such folder.
        ValueError: the folder is not an exploration, is damaged, or its build has not finished.
    """
    return State(open_snapshot(Store(folder)))


class State:
    """The results and the edits of one open exploration, with what is computed from both.

    Args:
        snapshot: the tables that are read.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._opened = datetime.now(UTC).isoformat(timespec="milliseconds")
        self.version = 0  # counts the states that were taken
        self._listeners: list[Callable[[], object]] = []
        # Topics after the first edits, with the names of those: a new edit or an undo then costs one step, not all.
        self._topic_steps: list[tuple[list[str], Topics]] = []
        self._duplicates: tuple[object, Duplicates] | None = None
        self._judged: tuple[list[str], list[JudgedPair]] | None = None

    def __len__(self) -> int:
        return int(self.record("documents")["rows"])

    @property
    def store(self) -> Store:
        """The folder with its tables."""
        return self.snapshot.store

    @property
    def folder(self) -> Path:
        """Where it lies on disk."""
        return self.store.folder

    @property
    def manifest(self) -> Manifest:
        """What the manifest says of the tables that are read."""
        return self.snapshot.manifest

    def record(self, stage: str) -> dict[str, Any]:
        """Returns what the manifest says of a stage."""
        return dict(self.manifest["stages"][stage])

    def tables(self, stage: str) -> StageTables:
        """Returns the tables of a stage."""
        return self.snapshot.tables(stage)

    def rows_of(self, rows: Rows) -> np.ndarray:
        """Returns row numbers (m,) int64, each once; see `check_rows`."""
        return check_rows(rows, len(self), self.index, lambda: self.ids)

    # --- results as they were stored ---

    @cached_property
    def documents(self) -> StoredDocuments:
        """The input."""
        return StoredDocuments(*tables.read_documents(self.tables("documents")))

    @property
    def index(self) -> "pd.Index | None":
        """(n,) the row labels of the pandas frame that was explored; None if they just count from 0."""
        has_labels = self.record("documents").get("frame", {}).get("index")  # else nothing need be read
        return self.documents.origin.index if has_labels and self.documents.origin else None

    @property
    def ids(self) -> list[str]:
        """The id of each row."""
        return self.documents.ids

    @cached_property
    def texts(self) -> dict[str, str]:
        """Content key -> text, in the order of the keys, which is the order of the stage tables."""
        return tables.read_texts(self.tables("documents"))

    @cached_property
    def distinct(self) -> DistinctTexts:
        """The distinct text of each row."""
        return index_texts(self.documents.keys, list(self.texts))

    @cached_property
    def corpus(self) -> "Corpus":
        """The input table, its texts and its audit."""
        from nomic_explore.corpus import Audit, Corpus

        record = self.record("documents")
        table, ids, keys, origin = self.documents
        texts = [self.texts[key] if key is not None else None for key in keys]
        audit = Audit.from_json(record["audit"])
        return Corpus(table, texts, ids, record["name"], audit, origin, record.get("text_columns"))

    @cached_property
    def distinct_vectors(self) -> np.ndarray:
        """(d, width) float32, unit length: the vectors of the distinct texts."""
        return vector_tables.read_vectors(self.store, self.record("vectors")["table"], list(self.texts))

    @cached_property
    def vectors(self) -> np.ndarray:
        """(n, width) float32, unit length; zeros where a row has no text."""
        return self.distinct.to_rows(self.distinct_vectors, 0.0)

    @cached_property
    def graph(self) -> "NeighborGraph":
        """For each row the nearest other texts."""
        graph = tables.read_graph(self.tables("graph"))
        return graph._to_rows(self.distinct.inverse, self.distinct.first)

    @cached_property
    def positions(self) -> np.ndarray:
        """(n, 2) float32; NaN where a row has no text."""
        stored = tables.read_positions(self.tables("positions"))
        return stored if self.record("positions").get("given") else self.distinct.to_rows(stored, np.nan)

    @property
    def can_embed(self) -> bool:
        """Whether what made the vectors is here, or has a name by which it can be opened."""
        return "model" in self.__dict__ or name_of_encoder(self.record("vectors")) is not None

    @cached_property
    def model(self) -> StoredModel:
        """What made the vectors.

        Raises:
            ValueError: it is not known, or has changed.
        """
        return open_stored_model(self.record("vectors"), self.store.root, self._sample)

    def use_encoder(self, encoder: EncoderLike) -> None:
        """Embeds queries and new texts with an encoder from now on, if it makes the stored vectors."""
        made_by = str(self.record("vectors")["provenance"]["model"])
        self.__dict__["model"] = check_encoder(open_encoder(encoder), self._sample(), made_by)

    def share_model(self, whole: "State") -> None:
        """Embeds with the encoder that was brought along for the exploration of which this one is a part."""
        if "model" in whole.__dict__:
            self.__dict__["model"] = whole.model

    def _sample(self) -> Sample:
        """Returns some texts with their vectors."""
        texts = list(self.texts.values())
        chosen = choose_checked(texts)
        return Sample([texts[number] for number in chosen], self.distinct_vectors[chosen])

    # --- edits ---

    @cached_property
    def log(self) -> EditLog:
        """The log of all edits."""
        return EditLog(self.store, self.ids, opened=self._opened, n_known=self.manifest.get("edits", 0))

    @property
    def edits(self) -> Edits:
        """What the edits that are not undone amount to."""
        self.snapshot.warn_if_outdated()
        return self.log.state

    def edit(self, kind: str, *rows: np.ndarray, **details: Any) -> None:
        """Writes an edit to the log and announces the change."""
        self.log.add(kind, *rows, **details)
        self.announce()

    def undo(self) -> str | None:
        """Undoes the last edit, of this session or an earlier one; returns what it was."""
        undone = self.log.undo()
        if undone is not None:
            self.announce()
        return undone

    def redo(self) -> str | None:
        """Does again what was undone last; returns what it was."""
        redone = self.log.redo()
        if redone is not None:
            self.announce()
        return redone

    def refresh(self) -> bool:
        """Takes a newer state of the folder if there is one, and reads the edits of other sessions; returns whether there were any."""
        if self.snapshot.is_outdated():
            self.snapshot = take_snapshot(self.store)
            self.version += 1
            for name in [
                name for name in self.__dict__ if isinstance(getattr(type(self), name, None), cached_property)
            ]:
                del self.__dict__[name]
            self._topic_steps.clear()
            self._duplicates = self._judged = None
            self.announce()
            return True
        has_changed = self.log.refresh()
        if has_changed:
            self.announce()
        return has_changed

    def take_topics(self, snapshot: Snapshot) -> None:
        """Reads the tables of another state of which only the topics differ, and forgets what followed from those."""
        self.snapshot = snapshot
        self.__dict__.pop("computed_topics", None)
        self._topic_steps.clear()
        self.announce()

    def announce(self) -> None:
        """Forgets what was computed from edits, and calls all who listen for changes."""
        for name in ("topics", "edited_topics"):
            self.__dict__.pop(name, None)
        for function in list(self._listeners):
            function()

    def on_change(self, function: Callable[[], object]) -> Callable[[], None]:
        """Calls a function after each change; returns what ends that."""
        self._listeners.append(function)

        def remove() -> None:
            if function in self._listeners:
                self._listeners.remove(function)

        return remove

    # --- topics ---

    @cached_property
    def computed_topics(self) -> "Topics":
        """The topics as they were computed, with the names that a language model gave them."""
        is_named = bool(self.record("topics").get("is_named"))
        stored = self.tables("topics")
        named = topic_tables.read_named_topics(stored) if is_named else topic_tables.read_topics(stored)
        return named._to_rows(self.distinct.inverse, len(self))

    @cached_property
    def edited_topics(self) -> "Topics":
        """The topics as people changed them, before they are renamed."""
        from nomic_explore.session.topic_edits import redo_last

        edits = list(self.edits.topic_edits.values())
        if not edits:
            return self.computed_topics
        names, contents = [edit.edit for edit in edits], self.contents
        done, topics = max(
            (step for step in self._topic_steps if step[0] == names[: len(step[0])]),
            key=lambda step: len(step[0]),
            default=([], self.computed_topics),
        )
        for at in range(len(done), len(edits)):
            topics = redo_last(topics, edits[: at + 1], contents)
            self._topic_steps[:] = [*self._topic_steps, (names[: at + 1], topics)][-_N_STEPS:]
        return topics

    @cached_property
    def topics(self) -> "Topics":
        """The topics as people changed and renamed them."""
        from nomic_explore.topics.tracking import rename_topics

        return rename_topics(self.edited_topics, self.edits.renames)

    @property
    def contents(self) -> "RowContents":
        """What the rows hold, read as far as an edit needs it."""
        from nomic_explore.topics.relabel import RowContents

        stop_words = self.manifest.get("options", {}).get("stop_words") or ()
        return RowContents(self.distinct.inverse, list(self.texts.values()), lambda: self.distinct_vectors, stop_words)

    # --- duplicates ---

    @cached_property
    def evidence(self) -> "Evidence":
        """What is known of pairs of similar rows, among the rows with text."""
        return tables.read_evidence(self.tables("duplicates"))

    @property
    def duplicates(self) -> "Duplicates":
        """The duplicates under the verdicts and the settings that people gave, decided once for each of those."""
        settings = self.edits.duplicate_settings
        key = (tuple(self.edits.verdicts), tuple(sorted((name, str(value)) for name, value in settings.items())))
        if self._duplicates is None or self._duplicates[0] != key:
            from nomic_explore.duplicates import Duplicates, make_verdicts

            record, evidence = self.record("duplicates"), self.evidence
            rows = np.flatnonzero(self.distinct.has_text)
            text = np.full(len(self), -1, dtype=np.int64)
            text[rows] = evidence.document
            given = [(pair.verdict, pair.row, pair.other) for pair in self.judged_pairs]
            built_with = {"min_similarity": record["min_similarity"], "keep": record["keep"]}
            self._duplicates = (
                key,
                Duplicates.from_evidence(
                    evidence,
                    verdicts=make_verdicts(given, text),
                    rows=rows,
                    n_rows=len(self),
                    table=self.corpus.table,
                    **(built_with | settings),
                ),
            )
        return self._duplicates[1]

    @property
    def judged_pairs(self) -> list[JudgedPair]:
        """The verdicts on texts that are still in the corpus, in order."""
        names = list(self.edits.verdicts)
        if self._judged is None or self._judged[0] != names:
            self._judged = names, read_judged(self.edits.verdicts.values(), lambda key: self._row_of_text.get(key, -1))
        return self._judged[1]

    @cached_property
    def _row_of_text(self) -> dict[str, int]:
        """Content key -> the first row with that text."""
        return dict(zip(self.texts, self.distinct.first.tolist(), strict=True))
