"""`Embedder`: vectors of texts and pictures, from a model on this machine or on a server."""

import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol, TypeAlias

import numpy as np

from nomic_explore.checks import check_choice, check_texts
from nomic_explore.debug_log import get_log
from nomic_explore.models.catalog import ModelRow, is_known, list_models
from nomic_explore.models.descriptions import find_described
from nomic_explore.models.hardware import DTYPES, processor_rates
from nomic_explore.models.hashed_words import HashedWords, is_hashed
from nomic_explore.models.images import Picture
from nomic_explore.models.local import LocalModel, is_folder
from nomic_explore.models.places import public_name
from nomic_explore.models.refused_texts import TextsRefused
from nomic_explore.models.sentence_transformers import SentenceModel, is_foreign_folder
from nomic_explore.models.service import Service
from nomic_explore.models.services import is_served, open_service
from nomic_explore.models.tokens import Plan, Tokenizer, Tokens, make_plan, tokenize
from nomic_explore.progress import SilentProgress, open_progress

# Against vectors of one task, a question is embedded with another.
_QUERY_TASKS = {"search_document": "search_query"}


_Arguments: TypeAlias = tuple[str | Path, int | None, str | None, str, str, str | Path | None]


class Backend(Protocol):
    """What `Embedder` runs: a model on this machine or a service."""

    model: ModelRow

    @property
    def source(self) -> str:
        """The name with which `Embedder` opens this model again."""

    @property
    def tokenizer(self) -> Tokenizer:
        """The tokenizer that counts the tokens of texts."""

    @property
    def chunk_tokens(self) -> int:
        """How many tokens of texts are embedded before their vectors are yielded."""

    def embed(
        self, plan: Plan, numbers: np.ndarray, task: str, dimensions: int
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yields numbers (k,) of distinct texts and their vectors (k, d) of length 1, until all are embedded."""

    def embed_images(self, pictures: Sequence[Picture], dimensions: int) -> Iterator[np.ndarray]:
        """Yields vectors (k, d) of length 1 in the order of the pictures."""

    def provenance(self) -> dict[str, object]:
        """Returns what distinguishes its vectors from those of other models, ready for JSON."""


class Embedder:
    """Turns texts into vectors of unit length with one model.

    Nothing is loaded before it is needed. While it runs on a CPU with glibc, the C allocator is set to keep up to
    1 GiB of freed blocks; that setting belongs to the process (see `models/hardware.py` for the reason).

    Args:
        name_or_folder: a name of `list_models()`, its hub id, or a folder with config.json, model.safetensors and
            tokenizer.json (or vocab.txt). None is "minilm", which needs no network. A model on a server is named
            "nomic-api:MODEL", "ollama:MODEL", "ollama:MODEL?num_ctx=8192" or "openai:MODEL@http://HOST:PORT".
        dimensions: entries of a vector; None is the model's full width.
        device: "cpu", "cuda", "cuda:1" …; None takes a CUDA device if there is one.
        dtype: "float32", "bfloat16", "int8" (CPUs with VNNI), or "auto" for what the hardware does fastest with cosines
            above 0.999 to float32.
        long_text: what happens to texts beyond `max_tokens`: "truncate" drops their end; "mean" reads windows that
            overlap by 8 tokens, each with the prefix, and averages their vectors.
        folder: read the named model's files from this folder and nowhere else.

    Raises:
        ValueError: unknown model, a size of vector the model was not trained for, unknown dtype.
        FileNotFoundError: the folder does not exist or lacks a file.

    Example:
        >>> embedder = Embedder("minilm")
        >>> vectors = embedder.encode(["a cat sat on the mat", "the dog barked"])
        >>> vectors.shape
        (2, 384)
    """

    def __init__(
        self,
        name_or_folder: str | Path | None = None,
        dimensions: int | None = None,
        device: str | None = None,
        dtype: str = "auto",
        long_text: str = "truncate",
        *,
        folder: str | Path | None = None,
    ):
        name = "minilm" if name_or_folder is None else name_or_folder
        check_choice(dtype, "dtype", DTYPES)
        self._arguments = (name, dimensions, device, dtype, long_text, folder)
        self._backend = _open_backend(name, folder, device, dtype)
        self.model = self._backend.model
        self.dimensions = _check_dimensions(self.model, dimensions)
        self._counted: tuple[list[str], str, Tokens] | None = None
        self.dtype = dtype  # as asked; provenance() says which format "auto" became here
        self.long_text = check_choice(long_text, "long_text", ("truncate", "mean"))
        if long_text == "mean" and not isinstance(self._backend, LocalModel):
            raise ValueError(
                f"long_text='mean' works with models of the catalog on this machine; {self.source} truncates long texts. Leave long_text out."
            )

    @property
    def source(self) -> str:
        """The name with which `Embedder` opens this model again: `NAME`, `NAME@FOLDER`, or `SERVICE:MODEL`.

        Example:
            >>> Embedder("hash:64").source
            'hash:64'
        """
        return self._backend.source

    @property
    def max_tokens(self) -> int:
        """The most tokens of one text that the model reads, prefix and special tokens included.

        Example:
            >>> Embedder("minilm").max_tokens
            256
        """
        return self.model.max_tokens

    @property
    def cut_texts(self) -> dict[str, int]:
        """The texts that were longer than a service reads, and how many characters of each it was sent, so far.

        Example:
            >>> Embedder("hash:64").cut_texts
            {}
        """
        return self._backend.cut_texts if isinstance(self._backend, Service) else {}

    def prefix(self, task: str) -> str:
        """Returns the prefix that the model puts before every text of a task.

        Raises:
            ValueError: unknown task.

        Example:
            >>> Embedder("nomic-embed-text-v1.5").prefix("search_query")
            'search_query: '
        """
        if self.model.reads == "image":
            raise ValueError(f"{self.model.name} reads pictures: use encode_images. {self._text_partner()} reads text.")
        return self.model.prefixes[check_choice(task, "task", tuple(self.model.prefixes))]

    def tasks(self) -> tuple[str, ...]:
        """Returns one task for each way in which the model embeds texts: tasks with the same prefix are one.

        Example:
            >>> Embedder("nomic-embed-text-v1.5").tasks()
            ('search_query', 'search_document', 'clustering', 'classification')
            >>> len(Embedder("hash:64").tasks())
            1
        """
        return tuple({prefix: task for task, prefix in reversed(list(self.model.prefixes.items()))}.values())[::-1]

    def query_task(self, task: str) -> str:
        """Returns the task for embedding a query that is compared with vectors of `task`.

        Example:
            >>> Embedder("nomic-embed-text-v1.5").query_task("search_document")
            'search_query'
        """
        self.prefix(task)
        return _QUERY_TASKS.get(task, task)

    def count_tokens(self, texts: Sequence[str], task: str = "clustering") -> np.ndarray:
        """Returns the number of tokens of each text with its prefix, (n,) int64; those beyond `max_tokens` are not read.

        Example:
            >>> Embedder("hash:64").count_tokens(["a cat", "a black dog"]).tolist()
            [4, 5]
        """
        texts = check_texts(texts)
        tokens = self._read(texts, task)
        self._counted = (texts, task, tokens)  # embedding is what usually comes next: the texts are not read twice
        return tokens.full_lengths

    def encode(
        self,
        texts: Sequence[str],
        task: str = "clustering",
        *,
        on_progress: Callable[[int, int], None] | None = None,
        show_progress: bool = False,
    ) -> np.ndarray:
        """Returns the vectors of texts.

        Args:
            texts: n strings. Equal texts are computed once.
            task: what the vectors are for; decides the prefix.
            on_progress: called with texts done and texts in all, every few seconds.
            show_progress: shows a bar, in a terminal or a notebook.

        Returns:
            (n, d) float32, each row of length 1, in the order of the texts.

        Raises:
            TypeError: a text is not a string.
            ValueError: unknown task; weights that are damaged or not the published ones.
            OSError: the weights cannot be reached; the message says what was tried and the ways out. Or a service
                refuses some texts (`TextsRefused`); the message names them.

        Example:
            >>> Embedder("hash:64").encode(["a cat", "a black dog"]).shape
            (2, 64)
        """
        texts = check_texts(texts)
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        bar = open_progress(True) if show_progress else SilentProgress()
        n_done, n_cut = 0, len(self.cut_texts)
        try:
            bar.start("vectors", len(texts))
            for rows, chunk in self.encode_chunks(texts, task):
                vectors[rows] = chunk
                n_done += len(rows)
                bar.advance(n_done)
                if on_progress is not None:
                    on_progress(n_done, len(texts))
            bar.finish(f"{len(texts):,} texts")
        finally:
            bar.close()
        if (n_cut := len(self.cut_texts) - n_cut) > 0:
            warnings.warn(f"{self.source} lost the end of {n_cut} texts: they are longer than it reads.", stacklevel=2)
        return vectors

    def encode_images(self, images: Sequence[Picture], *, show_progress: bool = False) -> np.ndarray:
        """Returns the vectors of pictures, comparable with those of the text model of the same `model.space`.

        A caption is compared with pictures by its vector for the task "search_query", as in the training of the models.

        Args:
            images: n paths, bytes of image files, PIL images, or arrays (h, w, 3) uint8.
            show_progress: shows a bar, in a terminal or a notebook.

        Returns:
            (n, d) float32, each row of length 1, in the order of the pictures.

        Raises:
            TypeError, ValueError: an item is no picture, or the model reads text.
            OSError: the weights cannot be reached.

        Example:
            >>> from nomic_explore.models import random_embedder
            >>> embedder = random_embedder("nomic-embed-vision-v1.5", getfixture("tmp_path"))
            >>> embedder.encode_images([np.zeros((60, 90, 3), np.uint8)]).shape == (1, embedder.dimensions)
            True
        """
        if self.model.reads != "image":
            raise ValueError(f"{self.model.name} reads text: use encode. Pictures are read by nomic-embed-vision-v1.5.")
        vectors = np.zeros((len(images), self.dimensions), dtype=np.float32)
        bar = open_progress(True) if show_progress else SilentProgress()
        n_done = 0
        try:
            bar.start("vectors", len(images))
            for made in self._backend.embed_images(images, self.dimensions):
                vectors[n_done : n_done + len(made)] = made
                n_done += len(made)
                bar.advance(n_done)
            bar.finish(f"{len(images):,} pictures")
        finally:
            bar.close()
        return vectors

    def save(self, folder: str | Path) -> Path:
        """Writes the model to a folder that this class, transformers and sentence-transformers read, without remote code.

        sentence-transformers has no mixture of experts of its own: it refuses nomic-embed-text-v2-moe.

        Raises:
            ValueError: the folder is not empty, or the model is no text model of the catalog on this machine.

        Example:
            >>> folder = Embedder("minilm").save(getfixture("tmp_path") / "minilm-copy")
            >>> (folder / "model.safetensors").is_file()
            True
        """
        if not isinstance(self._backend, LocalModel) or self.model.reads != "text":
            raise ValueError(f"{self.source} is not a text model on this machine; only such a model can be saved.")
        self._backend.save(Path(folder))
        return Path(folder)

    @property
    def info(self) -> dict[str, object]:
        """The model, its limits and its number format, ready for JSON.

        On a CPU `product_rates` are the speeds by which the format was chosen, in billions of operations per second and core.

        Example:
            >>> Embedder("hash:64").info["reads"]
            'text'
        """
        is_on_cpu = isinstance(self._backend, LocalModel) and self._backend.device.type == "cpu"
        rates: dict[str, object] = {"product_rates": processor_rates()} if is_on_cpu else {}
        return {
            **self.provenance(next(iter(self.model.prefixes), "")),
            "source": self.source,
            "space": self.model.space,
            "reads": self.model.reads,
            "parameters": self.model.n_parameters,
            **rates,
        }

    def plan(self, texts: Sequence[str], task: str = "clustering") -> list[np.ndarray]:
        """Returns the chunks in which `encode_chunks` embeds: arrays of row numbers, those of the longest texts first.

        Which texts share a chunk depends on the set of texts alone, not on their order.

        Example:
            >>> [rows.tolist() for rows in Embedder("hash:64").plan(["a cat", "a black dog"])]
            [[1, 0]]
        """
        return list(self._make_plan(check_texts(texts), task).rows())

    def encode_chunks(
        self, texts: Sequence[str], task: str = "clustering", done: np.ndarray | None = None
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yields vectors chunk by chunk, so that each chunk can be saved as soon as it is embedded.

        Args:
            texts: n strings.
            task: what the vectors are for.
            done: (n,) bool, rows that need no vector any more. Chunks are made from all texts all the same: a run
                that goes on after whole chunks gives the very bits of an undisturbed run. Of a chunk that is partly
                done only the rest is computed.

        Yields:
            rows (k,) int64 and their vectors (k, d) float32.

        Raises:
            ValueError: `done` has another length than `texts`; else as `encode`.
            TextsRefused: a service refused some texts; all others have been yielded.

        Example:
            >>> rows, vectors = next(Embedder("hash:64").encode_chunks(["a cat", "a black dog"]))
            >>> rows.tolist(), vectors.shape
            ([1, 0], (2, 64))
        """
        texts = check_texts(texts)
        done = np.zeros(len(texts), dtype=bool) if done is None else np.asarray(done, dtype=bool)
        if done.shape != (len(texts),):
            raise ValueError(f"done has shape {done.shape}; expected ({len(texts)},): one entry per text.")
        self.prefix(task)
        if done.all():
            return
        plan = self._make_plan(texts, task)
        refused: dict[int, str] = {}
        for chunk, rows in zip(plan.chunks, plan.rows(), strict=True):
            rows = rows[~done[rows]]
            if not len(rows):
                continue
            get_log().debug("%s: chunk of %d rows", self.model.name, len(rows))
            missing = chunk[np.isin(chunk, plan.distinct[rows])]  # longest first, as the chunk
            try:
                for part, vectors in self._backend.embed(plan, missing, task, self.dimensions):
                    own = rows[np.isin(plan.distinct[rows], part)]
                    order = np.argsort(part)
                    yield own, vectors[order[np.searchsorted(part[order], plan.distinct[own])]]
            except TextsRefused as error:
                reasons = error.reasons
                refused |= {row: reasons[n] for row in rows.tolist() if (n := int(plan.distinct[row])) in reasons}
        if refused:
            raise TextsRefused.of(refused, texts)

    def provenance(self, task: str = "clustering") -> dict[str, object]:
        """Returns how vectors are made, ready for JSON; vectors of two embedders are comparable if these are equal.

        Example:
            >>> Embedder("hash:64").provenance()["dimensions"]
            64
        """
        return {
            "model": self.model.name,
            "task": task,
            "prefix": self.prefix(task) if self.model.reads == "text" else "",
            "dimensions": self.dimensions,
            "pooling": self.model.pooling,
            "post_processing": list(self.model.post_processing),
            "max_tokens": self.max_tokens,
            "truncation": "end" if self.long_text == "truncate" else "mean of windows",
            **self._backend.provenance(),
        }

    def __getstate__(self) -> _Arguments:
        """Returns what is pickled: the arguments; weights are loaded again where they are needed."""
        return self._arguments

    def __setstate__(self, arguments: _Arguments) -> None:
        name, dimensions, device, dtype, long_text, folder = arguments
        Embedder.__init__(self, name, dimensions, device, dtype, long_text, folder=folder)

    def __repr__(self) -> str:
        return f"Embedder({self.model.name!r}, dimensions={self.dimensions})"

    def _make_plan(self, texts: list[str], task: str) -> Plan:
        return make_plan(lambda known: self._read(known, task), texts, self._backend.chunk_tokens)

    def _read(self, texts: list[str], task: str) -> Tokens:
        """Returns the tokens of texts; those counted just before are not read again."""
        if self._counted is not None and self._counted[:2] == (texts, task):
            tokens, self._counted = self._counted[2], None
            return tokens
        in_windows = self.long_text == "mean"
        return tokenize(self._backend.tokenizer, texts, self.prefix(task), self.max_tokens, in_windows=in_windows)

    def _text_partner(self) -> str:
        """Returns the name of the text model whose vectors can be compared with those of this image model."""
        partners = (m.name for m in list_models() if m.reads == "text" and m.space == self.model.space)
        return next(partners, "The text model that it was aligned with")


def _open_backend(name: str | Path, folder: str | Path | None, device: str | None, dtype: str) -> Backend:
    """Returns the backend for a name: a service, a folder, a model of the catalog, or one of sentence-transformers."""
    if is_served(name):
        if folder is not None:
            raise ValueError(f"folder={str(folder)!r}, but {public_name(name)} runs on a server. Leave folder out.")
        return open_service(str(name))
    if is_hashed(name):
        return HashedWords(str(name))
    is_foreign = folder is None and (
        is_foreign_folder(Path(name).expanduser())
        if is_folder(name)
        else "/" in str(name) and not is_known(str(name)) and find_described(str(name)) is None
    )
    return SentenceModel(name, device, dtype) if is_foreign else LocalModel(name, folder, device, dtype)


def _check_dimensions(model: ModelRow, dimensions: int | None) -> int:
    """Returns the size of the vectors."""
    if dimensions is None:
        return model.dimensions[0]
    if isinstance(dimensions, bool) or dimensions not in model.dimensions:
        allowed = ", ".join(map(str, model.dimensions))
        raise ValueError(f"dimensions={dimensions!r}; {model.name} was trained for {allowed}.")
    return int(dimensions)
