"""Embedder: texts -> tokens -> batches -> vectors, on a CPU or a GPU."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nomic_explore.checks import check_choice, check_texts
from nomic_explore.models.catalog import ModelRow, find_model, list_models
from nomic_explore.models.machine import DTYPES, choose_device, choose_dtype, keep_big_blocks
from nomic_explore.models.pooling import pool, post_process
from nomic_explore.models.settings import read_width
from nomic_explore.models.tokens import Plan, Tokens, load_tokenizer, make_batches, make_plan, tokenize
from nomic_explore.models.weights import check_weights, identify_folder, locate_weights
from nomic_explore.progress import SilentProgress, open_progress

if TYPE_CHECKING:
    import torch

    from nomic_explore.models.text_encoder import TextEncoder
    from nomic_explore.models.vision_encoder import VisionEncoder

# Against vectors of one task, a question is embedded with another.
_QUERY_TASKS = {"search_document": "search_query"}
_BATCH_TOKENS = {"cpu": 2048, "cuda": 65536}  # CPU: 51 abstracts/s at 2048 tokens, 47 at 4096, 40 at 16384
_CHUNK_TOKENS = {"cpu": 32768, "cuda": 1 << 20}  # of the smallest model: a few seconds of work on two cores
_SMALLEST_WIDTH = 384
_BATCH_IMAGES = 16  # 197 tokens each
_SAMPLE = (  # shows int8 which entries of a token are large; any text of several kinds does
    "The committee met in Geneva on 12 March 2019 to discuss (among other things) climate policy; nobody agreed. Here is a "
    "list: apples, pears, 3.5 kg of flour. def f(x): return x + 1. Is the museum open on Sundays? We show that deep networks "
    "learn features."
)


class Embedder:
    """Turns texts into vectors of unit length with one model.

    Nothing is loaded before it is needed. While it runs on a CPU with glibc, the C allocator is told to keep up to
    1 GiB of freed blocks; that setting belongs to the process (`models/machine.py` says why).

    Args:
        name_or_folder: a name of `list_models()`, its hub id, or a folder with config.json, model.safetensors and
            tokenizer.json (or vocab.txt). None is "minilm", which needs no network.
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
        self._given_folder = None if folder is None else Path(folder)
        name = "minilm" if name_or_folder is None else name_or_folder
        if folder is None and _is_folder(name):
            self._given_folder = Path(name).expanduser()
            self.model = identify_folder(self._given_folder)
        else:
            self.model = find_model(str(name))
        if self._given_folder is not None:
            self.model = _fit_to_folder(self.model, locate_weights(self.model, self._given_folder))
        self.dimensions = _check_dimensions(self.model, dimensions)
        self.long_text = check_choice(long_text, "long_text", ("truncate", "mean"))
        self._device_name, self._dtype_name = device, check_choice(dtype, "dtype", DTYPES)

    @property
    def source(self) -> str:
        """What to give `Embedder` to get this model again: its name or its folder."""
        return self.model.name if self._given_folder is None else str(self._given_folder.resolve())

    @property
    def max_tokens(self) -> int:
        """The most tokens of one text the model reads, prefix and special tokens included."""
        return self.model.max_tokens

    def prefix(self, task: str) -> str:
        """Returns the words put before every text of a task.

        Raises:
            ValueError: unknown task.
        """
        if self.model.reads == "image":
            raise ValueError(f"{self.model.name} reads pictures: use encode_images. {self._text_partner()} reads text.")
        return self.model.prefixes[check_choice(task, "task", tuple(self.model.prefixes))]

    def query_task(self, task: str) -> str:
        """Returns the task to embed a question with that is asked against vectors of `task`."""
        self.prefix(task)
        return _QUERY_TASKS.get(task, task)

    def count_tokens(self, texts: Sequence[str], task: str = "clustering") -> np.ndarray:
        """Returns (n,) int64: tokens of each text with its prefix; what is above `max_tokens` is not read."""
        return tokenize(self._tokenizer, check_texts(texts), self.prefix(task), self.max_tokens).full_lengths

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
            OSError: the weights cannot be reached; the message says what was tried and the ways out.
        """
        texts = check_texts(texts)
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        bar = open_progress(True) if show_progress else SilentProgress()
        n_done = 0
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
        return vectors

    def encode_images(self, images: Sequence[Any], *, show_progress: bool = False) -> np.ndarray:
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
        """
        import torch

        from nomic_explore.models.images import prepare_images

        if self.model.reads != "image":
            raise ValueError(f"{self.model.name} reads text: use encode. Pictures are read by nomic-embed-vision-v1.5.")
        encoder: Any = self._encoder
        vectors = np.zeros((len(images), self.dimensions), dtype=np.float32)
        bar = open_progress(True) if show_progress else SilentProgress()
        try:
            bar.start("vectors", len(images))
            for start in range(0, len(images), _BATCH_IMAGES):
                pixels = torch.from_numpy(
                    prepare_images(images[start : start + _BATCH_IMAGES], encoder.config.image_size)
                )
                with torch.inference_mode():
                    first = encoder(pixels.to(self._device, self._dtype))[:, 0].float()
                    finished = post_process(first, self.model.post_processing, self.dimensions)
                vectors[start : start + len(finished)] = finished.cpu().numpy()
                bar.advance(start + len(finished))
            bar.finish(f"{len(images):,} pictures")
        finally:
            bar.close()
        return vectors

    @property
    def info(self) -> dict[str, Any]:
        """What this embedder is and runs as, ready for JSON: the model, its limits, the device and number format."""
        return {
            **self.provenance(next(iter(self.model.prefixes), "")),
            "source": self.source,
            "space": self.model.space,
            "reads": self.model.reads,
            "parameters": self.model.n_parameters,
            "device": str(self._device),
        }

    def plan(self, texts: Sequence[str], task: str = "clustering") -> list[np.ndarray]:
        """Returns the chunks `encode_chunks` works off: arrays of row numbers, those of the longest texts first.

        Which texts share a chunk depends on the set of texts alone, not on their order.
        """
        return list(self._make_plan(check_texts(texts), task).rows())

    def encode_chunks(
        self, texts: Sequence[str], task: str = "clustering", done: np.ndarray | None = None
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yields vectors chunk by chunk, so that each can be made durable when it arrives.

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
        """
        texts = check_texts(texts)
        done = np.zeros(len(texts), dtype=bool) if done is None else np.asarray(done, dtype=bool)
        if done.shape != (len(texts),):
            raise ValueError(f"done has shape {done.shape}; expected ({len(texts)},): one entry per text.")
        self.prefix(task)
        if done.all():
            return
        plan = self._make_plan(texts, task)
        for chunk, rows in zip(plan.chunks, plan.rows(), strict=True):
            rows = rows[~done[rows]]
            if len(rows):
                missing = chunk[np.isin(chunk, plan.distinct[rows])]  # longest first, as the chunk
                vectors = self._embed(plan.tokens, missing)
                order = np.argsort(missing)
                yield rows, vectors[order[np.searchsorted(missing[order], plan.distinct[rows])]]

    def provenance(self, task: str = "clustering") -> dict[str, Any]:
        """Returns what makes vectors comparable, ready for JSON: equal dicts, vectors that may be mixed."""
        return {
            "model": self.model.name,
            "weights_sha256": self._weights_sha256,
            "task": task,
            "prefix": self.prefix(task) if self.model.reads == "text" else "",
            "dimensions": self.dimensions,
            "dtype": str(self._dtype).removeprefix("torch."),
            "pooling": self.model.pooling,
            "post_processing": list(self.model.post_processing),
            "max_tokens": self.max_tokens,
            "truncation": "end" if self.long_text == "truncate" else "mean of windows",
            "backend": "nomic_explore",
        }

    def __repr__(self) -> str:
        return f"Embedder({self.model.name!r}, dimensions={self.dimensions})"

    def _make_plan(self, texts: list[str], task: str) -> Plan:
        prefix = self.prefix(task)
        # Depth grows with width, so work per token grows with its cube; chunks are to take about the same time.
        chunk_tokens = int(_tokens_at_once(_CHUNK_TOKENS, self._device) * (_SMALLEST_WIDTH / self.model.width) ** 3)
        in_windows = self.long_text == "mean"
        return make_plan(self._tokenizer, texts, prefix, self.max_tokens, chunk_tokens, in_windows=in_windows)

    def _embed(self, tokens: Tokens, numbers: np.ndarray) -> np.ndarray:
        """Returns the vectors (k, d) of the texts with these numbers, given longest first."""
        first, last = tokens.first_pieces[numbers], tokens.first_pieces[numbers + 1]
        if (last - first == 1).all():
            return self._embed_pieces(tokens, first)
        pieces = np.concatenate([np.arange(a, b) for a, b in zip(first, last, strict=True)])
        order = np.argsort(-tokens.lengths[pieces], kind="stable")
        vectors = np.empty((len(pieces), self.dimensions), dtype=np.float32)
        vectors[order] = self._embed_pieces(tokens, pieces[order])
        sums = np.add.reduceat(vectors, np.cumsum(last - first) - (last - first), axis=0)
        return sums / np.linalg.norm(sums, axis=1, keepdims=True)

    def _embed_pieces(self, tokens: Tokens, numbers: np.ndarray) -> np.ndarray:
        """Returns the vectors (k, d) of the pieces with these numbers, given longest first."""
        import torch

        encoder: Any = self._encoder
        few_shapes = self._dtype != torch.float32  # oneDNN compiles its kernels for each shape
        vectors = np.zeros((len(numbers), self.dimensions), dtype=np.float32)
        start = 0
        for batch in make_batches(numbers, tokens.lengths, _tokens_at_once(_BATCH_TOKENS, self._device)):
            ids, lengths = tokens.padded(batch, few_shapes=few_shapes)
            with torch.inference_mode():
                pooled = pool(encoder, ids, lengths, self._device)
                finished = post_process(pooled, self.model.post_processing, self.dimensions)
            vectors[start : start + len(batch)] = finished.cpu().numpy()
            start += len(batch)
        return vectors

    def _text_partner(self) -> str:
        """Returns the name of the text model whose vectors can be compared with those of this image model."""
        return next(m.name for m in list_models() if m.reads == "text" and m.space == self.model.space)

    @cached_property
    def _folder(self) -> Path:
        return locate_weights(self.model, self._given_folder)

    @cached_property
    def _weights_sha256(self) -> str:
        return check_weights(self.model, self._folder)

    @cached_property
    def _tokenizer(self) -> Any:
        return load_tokenizer(self._folder)

    @cached_property
    def _device(self) -> "torch.device":
        return choose_device(self._device_name)

    @cached_property
    def _dtype(self) -> "torch.dtype":
        import torch

        dtype = choose_dtype(self._dtype_name, self._device)
        return torch.float32 if dtype == torch.int8 and self.model.reads == "image" else dtype

    @cached_property
    def _encoder(self) -> "TextEncoder | VisionEncoder":
        import torch

        from nomic_explore.models.checkpoints import load_text_encoder, load_vision_encoder
        from nomic_explore.models.int8 import to_int8

        check_weights(self.model, self._folder)
        if self._device.type == "cpu":
            keep_big_blocks()
        if self.model.reads == "image":
            vision = load_vision_encoder(self._folder)
            return vision.to(self._device, self._dtype)
        encoder = load_text_encoder(self._folder)
        n_known, n_rows = self._tokenizer.get_vocab_size(), encoder.config.n_tokens
        if n_known > n_rows:
            raise ValueError(
                f"{self._folder}: the tokenizer knows {n_known} tokens, the weights {n_rows}. Take all files from one "
                "model."
            )
        if self._dtype == torch.int8:
            sample = tokenize(self._tokenizer, [_SAMPLE], "", self.max_tokens).ids.astype(np.int64)
            return to_int8(encoder, torch.from_numpy(sample)[None])
        return encoder.to(self._device, self._dtype)


def _tokens_at_once(amounts: dict[str, int], device: "torch.device") -> int:
    """Returns the amount for a kind of device; those not listed are treated as a CPU."""
    return amounts.get(device.type, amounts["cpu"])


def _is_folder(name: str | Path) -> bool:
    """Says whether a name means a folder: it exists, or is written as a path."""
    if isinstance(name, Path) or name.startswith((".", "~", "/")):
        return True
    return Path(name).is_dir() and Path(name).resolve() != Path.cwd()


def _fit_to_folder(model: ModelRow, folder: Path) -> ModelRow:
    """Returns the row with the vector sizes that fit weights of another width (small models made for teaching)."""
    width = read_width(folder)
    if width == model.width:
        return model
    sizes = (width, *(size for size in model.dimensions if size < width))
    return replace(model, width=width, dimensions=sizes if len(model.dimensions) > 1 else (width,))


def _check_dimensions(model: ModelRow, dimensions: int | None) -> int:
    """Returns the size of the vectors."""
    if dimensions is None:
        return model.dimensions[0]
    if isinstance(dimensions, bool) or dimensions not in model.dimensions:
        allowed = ", ".join(map(str, model.dimensions))
        raise ValueError(f"dimensions={dimensions!r}; {model.name} was trained for {allowed}.")
    return int(dimensions)
