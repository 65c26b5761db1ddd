"""Any embedder as a model that `mteb`, the Massive Text Embedding Benchmark, runs, with the prefix that belongs to each task."""

import json
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

import numpy as np

from nomic_explore.models.user_encoder import open_encoder

if TYPE_CHECKING:
    from mteb.models.model_meta import ModelMeta
    from torch import Tensor

    from nomic_explore.models.encoder import EncoderLike, TextModel

_PUBLISHER = "nomic-explore"  # mteb wants names of the form publisher/model


class TaskMetadata(Protocol):
    """What is read of mteb's description of a task."""

    @property
    def type(self) -> str:
        """The kind of task, such as "Retrieval" or "STS"."""


def for_mteb(embedder: "EncoderLike", *, dimensions: int | None = None, name: str | None = None) -> "MtebModel":
    """Returns an embedder as a model for `mteb.evaluate(model, tasks)`.

    Args:
        embedder: a name of the catalog, a folder, an `Embedder`, a `SentenceTransformer`, an object with `encode`, or a function.
        dimensions: vector length for models of the catalog that allow several.
        name: under which mteb stores the results; None takes that of the model. mteb does not run a task again whose result it has
            stored for this name and revision. The revision follows the weights and the size of the vectors, except for an encoder of
            your own, whose weights are not known: give each version another name, or pass `overwrite_strategy="always"` to mteb.

    Raises:
        ImportError: mteb is not installed.
        TypeError, ValueError: the embedder cannot be opened.

    Example:
        `mteb.evaluate(for_mteb("minilm"), mteb.get_tasks(["STS12"]))`, where mteb is installed.
    """
    try:
        import mteb  # noqa: F401 - a missing package is reported before weights are loaded
    except ImportError as error:
        raise ImportError(
            "running mteb needs the package mteb. Install it: pip install 'nomic-explore[mteb]'"
        ) from error
    return MtebModel(open_encoder(embedder, dimensions, name="embedder"), name)


def task_of(kind: str, prompt_type: str | None) -> str:
    """Returns the task of this package whose prefix a kind of mteb's tasks takes, as in the reference runs of nomic-embed-text.

    Retrieval embeds queries and documents each with their own prefix, clustering with its own, and all others, reranking among them,
    with that of classification.

    Args:
        kind: mteb's type of a task, such as "STS".
        prompt_type: "query", "document", or None where mteb makes no difference.

    Example:
        >>> task_of("Retrieval", "query"), task_of("Clustering", None), task_of("STS", None)
        ('search_query', 'clustering', 'classification')
    """
    if "Retrieval" in kind:
        return "search_query" if prompt_type == "query" else "search_document"
    return "clustering" if "Clustering" in kind else "classification"


class MtebModel:
    """A model as mteb calls it (its `EncoderProtocol`); `for_mteb` makes one.

    Args:
        encoder: what embeds the texts.
        name: under which results are stored; None takes that of the model.
    """

    def __init__(self, encoder: "TextModel", name: str | None = None) -> None:
        self._encoder = encoder
        self._name = name

    def __repr__(self) -> str:
        return f"MtebModel({self._encoder!r})"

    def encode(
        self,
        inputs: Iterable[Mapping[str, Sequence[str]]],
        *,
        task_metadata: TaskMetadata,
        hf_split: str = "",
        hf_subset: str = "",
        prompt_type: object = None,
        **options: object,
    ) -> np.ndarray:
        """Returns the vectors of all texts of mteb's batches.

        Args:
            inputs: batches, whose "text" holds strings; a `DataLoader`.
            task_metadata: its `type` decides the prefix.
            hf_split: not needed.
            hf_subset: not needed.
            prompt_type: mteb's `PromptType.query` or `.document`, or None.
            options: of other encoders, such as `batch_size`; not needed: the encoder makes batches of its own by length.

        Returns:
            (n, d) float32, each row of unit length.

        Example:
            >>> from types import SimpleNamespace
            >>> from nomic_explore.testing import HashEmbedder
            >>> batches = [{"text": ["a cat", "a dog"]}, {"text": ["a lamp"]}]
            >>> MtebModel(HashEmbedder()).encode(batches, task_metadata=SimpleNamespace(type="STS")).shape
            (3, 64)
        """
        texts = [text for batch in inputs for text in batch["text"]]
        role = None if prompt_type is None else str(getattr(prompt_type, "value", prompt_type))
        return self._encoder.encode(texts, task_of(task_metadata.type, role))

    def similarity(self, embeddings1: np.ndarray, embeddings2: np.ndarray) -> "Tensor":
        """Returns the cosine of each vector of one with each of the other, (n, m)."""
        from mteb.similarity_functions import cos_sim

        cosines: Tensor = cos_sim(embeddings1, embeddings2)
        return cosines

    def similarity_pairwise(self, embeddings1: np.ndarray, embeddings2: np.ndarray) -> "Tensor":
        """Returns the cosine of row i with row i, (n,)."""
        from mteb.similarity_functions import pairwise_cos_sim

        cosines: Tensor = pairwise_cos_sim(embeddings1, embeddings2)
        return cosines

    @property
    def mteb_model_meta(self) -> "ModelMeta":
        """The name, revision and sizes of the model, under which mteb stores its results."""
        from mteb.models.model_meta import ModelMeta, ScoringFunction

        made = self._encoder.provenance()
        name = self._name or str(made["model"])
        facts = {
            "name": name if "/" in name else f"{_PUBLISHER}/{name}",
            "revision": sha256(json.dumps(made, sort_keys=True, default=str).encode()).hexdigest()[:16],
            "embed_dim": self._encoder.dimensions,
            "max_tokens": self._encoder.max_tokens,
            "similarity_fn_name": ScoringFunction.COSINE,
        }
        return ModelMeta.create_empty(overwrites=facts)
