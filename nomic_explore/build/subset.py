"""Makes a new exploration of some rows of another, without embedding them again."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TypedDict, Unpack

import numpy as np

from nomic_explore.build.options import BuildOptions
from nomic_explore.build.pipeline import run
from nomic_explore.build.vector_sources import StoredVectors
from nomic_explore.checks import Rows
from nomic_explore.progress import Progress
from nomic_explore.session import Session
from nomic_explore.session.edit_log import COPIED, EditLog
from nomic_explore.session.state import State
from nomic_explore.session.stored_model import reopen_embedder
from nomic_explore.store import vector_tables
from nomic_explore.store.database import Store
from nomic_explore.store.manifest import digest


class StageOptions(TypedDict, total=False):
    """Options of the stages that follow the vectors; see `explore`."""

    projection: str
    umap_neighbors: int
    min_dist: float
    stop_words: Iterable[str]
    n_neighbors: int
    n_topics: int | None
    n_layers: int
    stability: bool
    min_similarity: float
    keep: str
    block_by: str | None
    seed: int


_CHUNK = 50_000  # vectors that are written at a time


def make_subset(
    whole: Session,
    rows: Rows,
    folder: str | Path,
    *,
    progress: Callable[[], Progress],
    name: str | None = None,
    **options: Unpack[StageOptions],
) -> Path:
    """Builds a new exploration of some rows and returns its folder; after a crash, a second call resumes.

    Args:
        whole: the exploration they are taken from.
        rows: m rows, in any form that `select` takes; row i of the new exploration is the i-th of them.
        folder: of the new exploration.
        name: of the new exploration; None takes that of the whole.
        progress: opens the progress display.
        options: of the stages; see `explore`.

    Raises:
        ValueError: no row has a text, or the folder is that of the whole or holds something else.
    """
    store = Store(folder)
    if store.root.resolve() == whole._state.store.root.resolve():
        raise ValueError(f"{store.folder} holds the whole exploration; choose another folder for a part of it.")
    state, rows = whole._state, whole._state.rows_of(rows)
    corpus = whole.corpus.take(rows)
    if not len(corpus.rows):
        raise ValueError(f"none of the {len(corpus):,} rows has a text; choose some that have one.")
    _copy_vectors(state, rows, store)
    corpus = corpus if name is None else replace(corpus, name=name)
    record = state.record("vectors")
    dtype = BuildOptions.from_manifest(whole.manifest).dtype
    model = None if record["model"] is None else reopen_embedder(record, whole.folder, dtype=dtype)
    source = StoredVectors(record, model)
    keeps_places = state.record("positions").get("given") and "projection" not in options
    places = state.positions[rows] if keeps_places else None
    title = BuildOptions.from_manifest(whole.manifest).title
    made = run(corpus, model=source, folder=folder, positions=places, title=title, progress=progress, **options)
    _copy_tags(state, rows, corpus.ids, store)
    return made


def _copy_vectors(whole: State, rows: np.ndarray, store: Store) -> None:
    """Copies the vectors of the rows' texts that are not there yet."""
    documents = np.unique(whole.distinct.inverse[rows])
    documents = documents[documents >= 0]
    keys = list(whole.texts)
    table = f"vectors_{digest(whole.record('vectors')['provenance'])}"
    store.check_space(len(documents) * (whole.distinct_vectors.shape[1] * 4 + 40))
    with store.writing():
        stored = vector_tables.stored_keys(store, table)
        missing = np.array(
            [document for document in documents.tolist() if keys[document] not in stored], dtype=np.int64
        )
        for start in range(0, len(missing), _CHUNK):
            chunk = missing[start : start + _CHUNK]
            vector_tables.append_vectors(
                store, table, [keys[document] for document in chunk], whole.distinct_vectors[chunk]
            )


def _copy_tags(whole: State, rows: np.ndarray, ids: list[str], store: Store) -> None:
    """Copies the tags of the rows in a session of their own, so that `undo()` does not revert them."""
    log = EditLog(store, ids, session=COPIED)
    if len(log):
        return
    for name, tag in whole.edits.tags.items():
        tagged = np.flatnonzero(tag.mask[rows])
        if len(tagged):
            log.add("tag", tagged, name=name, color=tag.color)
