"""Where a build gets the vector of each text: a model, vectors that were given, or those that the folder holds already."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nomic_explore.build.options import BuildOptions
from nomic_explore.duplicates.row_vectors import TASK
from nomic_explore.models.encoder import TextModel, VectorSource
from nomic_explore.models.places import find_source, portable_source, public_name
from nomic_explore.models.user_encoder import UserEncoder, open_encoder
from nomic_explore.session.stored_model import (
    UNNAMED,
    Sample,
    check_encoder,
    choose_checked,
    is_given,
    name_of_encoder,
    reopen_embedder,
)
from nomic_explore.store import tables, vector_tables
from nomic_explore.store.database import Store
from nomic_explore.store.manifest import Record
from nomic_explore.store.stage_tables import StageTables
from nomic_explore.vectors import unit_rows

if TYPE_CHECKING:
    from nomic_explore.build.documents import Documents
    from nomic_explore.models import Embedder

_CHUNK = 65_536  # vectors that are read, checked and written at a time


class GivenVectors:
    """Vectors that came with the corpus (a `VectorSource`).

    Args:
        vectors: (n, d) numbers of any kind, for the rows of the corpus.
        documents: its distinct texts; each takes the vector of the first row that holds it.
        name: of the model that made them; None if it is not known.

    Raises:
        ValueError: a vector is zero or not finite.
    """

    source = None
    max_tokens = 1

    def __init__(self, vectors: np.ndarray, documents: "Documents", name: str | None) -> None:
        self._vectors, self._rows = vectors, documents.distinct.first
        self.dimensions, self.name = int(vectors.shape[1]), name or UNNAMED
        content = hashlib.blake2b(digest_size=16)
        for _, chunk in self._chunks(np.zeros(len(self._rows), dtype=bool)):
            content.update(chunk.tobytes())
        self._content = content.hexdigest()

    def provenance(self, task: str = TASK) -> dict[str, object]:
        """Returns what is known of the vectors: the name that was given for their model, and a hash of their values."""
        return {"model": self.name, "dimensions": self.dimensions, "given": self._content}

    def count_tokens(self, texts: Sequence[str], task: str = TASK) -> None:
        """Returns None: what a model that is not here reads of a text is not known."""

    def encode_chunks(
        self, texts: Sequence[str], task: str = TASK, done: np.ndarray | None = None
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yields numbers of texts (k,) and their vectors (k, d), without those that are `done`."""
        yield from self._chunks(np.zeros(len(texts), dtype=bool) if done is None else done)

    def release(self) -> None:
        """Lets the vectors go; they are on disk."""
        self._vectors = self._vectors[:0]

    def sample(self, texts: Sequence[str]) -> Sample:
        """Returns some of the distinct texts with their vectors."""
        chosen = choose_checked(texts)
        return Sample([texts[number] for number in chosen], unit_rows(self._vectors, self._rows[chosen]))

    def _chunks(self, done: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        missing = np.flatnonzero(~done)
        for start in range(0, len(missing), _CHUNK):
            numbers = missing[start : start + _CHUNK]
            yield numbers, unit_rows(self._vectors, self._rows[numbers])


class StoredVectors:
    """The vectors that a folder holds already (a `VectorSource`), and a model for the texts that have none.

    Args:
        record: what the manifest says of them.
        model: embeds missing texts in the same way; None if there is none here.
        sample: some texts with their stored vectors, on which the model is checked before it embeds; None trusts it.
    """

    def __init__(self, record: Record, model: TextModel | None, sample: Callable[[], Sample] | None = None) -> None:
        self._record, self._model, self._sample = record, model, sample
        self.source: str | None = None if record["model"] is None or model is None else model.source
        self.dimensions = int(record["provenance"]["dimensions"])
        self.dtype, self.long_text = getattr(model, "dtype", None), getattr(model, "long_text", None)
        self.max_tokens = 1 if model is None else model.max_tokens

    @property
    def cut_texts(self) -> dict[str, int]:
        """The texts that the model's service cut, and how many characters of each it was sent."""
        return dict(getattr(self._model, "cut_texts", {}))

    def provenance(self, task: str = TASK) -> dict[str, object]:
        """Returns how the stored vectors were made, though this machine might embed with another device or precision."""
        return dict(self._record["provenance"])

    def count_tokens(self, texts: Sequence[str], task: str = TASK) -> np.ndarray | None:
        """Returns the number of tokens of each text, (n,) int64; None if what made the vectors is not here."""
        return None if self._model is None or is_given(self._record) else self._model.count_tokens(texts, task)

    def encode_chunks(
        self, texts: Sequence[str], task: str = TASK, done: np.ndarray | None = None
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yields numbers of texts (k,) and their vectors (k, d), without those that are `done`.

        Raises:
            ValueError: there is no model to embed them with, or it makes other vectors than the stored ones.
        """
        made_by = str(self._record["provenance"]["model"])
        if self._model is None:
            n_missing = len(texts) if done is None else int((~done).sum())
            raise ValueError(
                f"{n_missing:,} of {len(texts):,} texts have no stored vector, and {made_by} is not here to embed them. "
                "Pass vectors= for all rows, or encoder= with what made the stored ones."
            )
        if self._sample is not None:
            task = check_encoder(self._model, self._sample(), made_by).task
        yield from self._model.encode_chunks(texts, task, done)


def choose_source(
    store: Store,
    documents: "Documents",
    *,
    model: str | Path | VectorSource | None,
    vectors: np.ndarray | None,
    encoder: TextModel | None,
    dimensions: int | None,
    stored: BuildOptions,
) -> VectorSource:
    """Returns where the vectors of a build come from.

    They are those given; or come from the model that is asked for; or else are those of the folder, with the model it was
    made with; and in a new folder come from the offline default.

    Args:
        store: the folder.
        documents: the distinct texts.
        model: a name, a folder, or what embeds; with `vectors`, the name of what made them.
        vectors: (n, d) for the rows of the corpus.
        encoder: what made vectors that were given, now or in an earlier build.
        dimensions: vector length for models that allow several.
        stored: the options that the folder was made with.

    Raises:
        ValueError: arguments exclude one another, a vector cannot be used, or the encoder makes other vectors.
    """
    record = store.read_known()["stages"].get("vectors") if store.exists else None
    if vectors is not None:
        if dimensions is not None:
            raise ValueError(
                f"dimensions={dimensions} goes with a model that embeds; vectors= have {vectors.shape[1]}."
            )
        named = model if model is None or isinstance(model, str | Path) else model.provenance()["model"]
        if named is None and record and is_given(record):
            named = record["provenance"]["model"]
        source = GivenVectors(vectors, documents, None if named is None else public_name(str(named)))
        if encoder is not None:
            check_encoder(encoder, source.sample(documents.texts), source.name)
        return source
    names = {str(model), public_name(model)} if isinstance(model, str | Path) else set()
    if record and record["model"] is None and (model is None or record["provenance"]["model"] in names):
        known = encoder
        if known is None and (name := name_of_encoder(record)):
            known = open_encoder(find_source(name, store.root, record["provenance"]))
        return StoredVectors(record, known, lambda: stored_sample(store, record))
    if encoder is not None:
        raise ValueError(
            "encoder= is for vectors that you bring along (vectors=); to embed the texts with it, pass it as model=."
        )
    if model is not None and not isinstance(model, str | Path):
        if record and record["model"] is None and isinstance(model, UserEncoder):  # the name alone proves nothing
            check_encoder(model, stored_sample(store, record), str(record["provenance"]["model"]))
        return model
    return _open_embedder(store.root, record, model, dimensions, stored)


def stored_sample(store: Store, record: Record) -> Sample:
    """Returns some texts of a folder with their vectors."""
    texts = tables.read_texts(StageTables(store, store.read_known()["stages"]["documents"]))
    known = vector_tables.stored_keys(store, record["table"])
    keys = [key for key in texts if key in known]
    chosen = [keys[number] for number in choose_checked([texts[key] for key in keys])]
    return Sample([texts[key] for key in chosen], vector_tables.read_vectors(store, record["table"], chosen))


def _open_embedder(
    folder: Path, record: Record | None, model: str | Path | None, dimensions: int | None, stored: BuildOptions
) -> "Embedder":
    """Returns the requested model, else the one the folder was made with, else the offline default.

    A folder keeps the number format and the treatment of long texts that it was made with, also where its model is given
    by name; only an `Embedder` changes them.
    """
    from nomic_explore.models import Embedder

    if record and model is None:
        return reopen_embedder(record, folder, dimensions, stored.dtype)
    embedder = Embedder("minilm" if model is None else str(model), dimensions=dimensions)
    if record and embedder.model.name == record["provenance"]["model"] and _is_source(embedder, record, folder):
        kept = (stored.dtype, stored.long_text, dimensions or record["provenance"]["dimensions"])
        if kept != (embedder.dtype, embedder.long_text, embedder.dimensions):
            return Embedder(embedder.source, dimensions=kept[2], dtype=stored.dtype, long_text=stored.long_text)
    return embedder


def _is_source(embedder: "Embedder", record: Record, folder: Path) -> bool:
    """Returns whether the folder remembers an embedder: by its name, or by its absolute path as earlier versions did."""
    return record["model"] in (embedder.source, portable_source(embedder.source, folder))
