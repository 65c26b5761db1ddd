"""What made the vectors of an exploration, opened again or brought along, to embed queries and new texts in the same way."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nomic_explore.models.catalog import is_known
from nomic_explore.models.encoder import TextModel
from nomic_explore.models.places import find_source
from nomic_explore.models.provenance import find_changes
from nomic_explore.models.services import is_served
from nomic_explore.store.manifest import Record

if TYPE_CHECKING:
    from nomic_explore.models import Embedder

UNNAMED = "an unnamed model"  # that made given vectors of which nothing else is known
_N_CHECKED = 8  # texts of which an encoder has to make the stored vectors again
_N_CANDIDATES = 200  # of which the shortest are taken: what is cut off long texts differs between tools
_MIN_COSINE = 0.97  # number formats and services differ by less than 0.005; a wrong prefix costs more than 0.05


@dataclass(frozen=True)
class StoredModel:
    """A model together with the task for which it made the stored vectors.

    Attributes:
        model: what embeds.
        task: of the stored vectors.
    """

    model: TextModel
    task: str

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """Returns the vectors (n, d) of texts, made as the stored ones were."""
        return self.model.encode(texts, self.task)

    def embed_query(self, query: str) -> np.ndarray:
        """Returns a query's vector (d,), embedded with the task that belongs to the stored vectors."""
        vectors: np.ndarray = self.model.encode([query], self.model.query_task(self.task))
        return vectors.reshape(-1)


def is_given(record: Record) -> bool:
    """Returns whether stored vectors came from the user instead of a model that ran here."""
    return "given" in record["provenance"]


def name_of_encoder(record: Record) -> str | None:
    """Returns the name with which the model of stored vectors can be opened again; None if there is no such name.

    Args:
        record: what the manifest says of the vectors.
    """
    name = record.get("encoder") or record["model"]
    said = record["provenance"]["model"]
    if name is None and (is_known(said) or is_served(said)):
        return str(said)
    return None if name is None else str(name)


def open_stored_model(record: Record, folder: Path, sample: "Callable[[], Sample]") -> StoredModel:
    """Returns the model that made stored vectors.

    Args:
        record: what the manifest says of the vectors: `model`, `provenance` and perhaps `encoder`.
        folder: of the exploration, for the message.
        sample: returns some stored texts with their vectors.

    Raises:
        ValueError: it is not known, or its weights or settings have changed.
    """
    made, name = record["provenance"], name_of_encoder(record)
    if name is None:
        raise ValueError(
            f"The vectors of {folder} were made by {made['model']}, which is not here to embed a question or a new text. "
            "Pass it with exploration.use_encoder(...) or open_exploration(folder, encoder=...); searching with "
            "mode='keyword' works without."
        )
    if is_given(record):
        from nomic_explore.models.user_encoder import open_encoder

        return check_encoder(open_encoder(find_source(name, folder, made)), sample(), made["model"])
    embedder = reopen_embedder(record, folder)
    now = embedder.provenance(made["task"])
    if changed := find_changes(made, now):
        raise ValueError(
            f"{made['model']} is not what made the vectors of {folder}: {', '.join(changed)} changed. "
            "Build the exploration again; until then, search with mode='keyword'."
        )
    if "weights_sha256" in now and "weights_sha256" not in made:  # stored before the weights were part of it
        return check_encoder(embedder, sample(), made["model"])
    return StoredModel(embedder, made["task"])


def reopen_embedder(record: Record, folder: Path, dimensions: int | None = None, dtype: str = "auto") -> "Embedder":
    """Returns an embedder with the model and the settings that made stored vectors.

    Args:
        record: what the manifest says of the vectors.
        folder: of the exploration; the folder of a model is looked for relative to it.
        dimensions: another vector length; None keeps the stored one.
        dtype: the number format that was asked for when the vectors were made.
    """
    from nomic_explore.models import Embedder

    made = record["provenance"]
    long_text = "mean" if made.get("truncation") == "mean of windows" else "truncate"
    name = find_source(record["model"], folder, made)
    return Embedder(name, dimensions=dimensions or made["dimensions"], dtype=dtype, long_text=long_text)


@dataclass(frozen=True, eq=False)
class Sample:
    """Some texts and the vectors that are known of them.

    Attributes:
        texts: m texts.
        vectors: (m, d) float32, unit length.
    """

    texts: list[str]
    vectors: np.ndarray


def choose_checked(texts: Sequence[str]) -> np.ndarray:
    """Returns the numbers (m,) of a few texts on which an encoder is checked: short ones, from all over the corpus.

    Example:
        >>> choose_checked(["a long text", "short", "mid one"]).tolist()
        [1, 2, 0]
    """
    step = max(1, len(texts) // _N_CANDIDATES)
    candidates = range(0, len(texts), step)
    return np.array(sorted(candidates, key=lambda number: (len(texts[number]), number))[:_N_CHECKED], dtype=np.int64)


def check_encoder(model: TextModel, sample: Sample, made_by: str) -> StoredModel:
    """Returns a model with the task for which it makes the vectors that are known.

    Args:
        model: to be checked.
        sample: texts and their vectors.
        made_by: the name that was given for their model, for the message.

    Raises:
        ValueError: it makes other vectors for every task.
    """
    if not len(sample.texts):
        return StoredModel(model, model.tasks()[0])
    width = sample.vectors.shape[1]
    if model.dimensions != width:
        raise ValueError(
            f"the encoder makes vectors of {model.dimensions} entries, those of {made_by} have {width}; it cannot be what "
            "made them. Pass the encoder with the settings that made them."
        )
    found = {task: _mean_cosine(model.encode(sample.texts, task), sample.vectors) for task in model.tasks()}
    task, cosine = max(found.items(), key=lambda item: item[1])
    if cosine < _MIN_COSINE:
        raise ValueError(
            f"the encoder is not what made these vectors ({made_by}): embedding {len(sample.texts)} of the texts again gives a "
            f"mean cosine of {cosine:.3f} to them; expected at least {_MIN_COSINE}. Another model, another prefix or "
            "another text (a title instead of the whole document) can be the reason."
        )
    return StoredModel(model, task)


def _mean_cosine(made: np.ndarray, known: np.ndarray) -> float:
    return float((made * known).sum(axis=1).mean())
