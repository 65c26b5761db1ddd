"""A model with its weights on this machine: tokens -> batches -> vectors, on a CPU or a GPU."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nomic_explore.debug_log import get_log
from nomic_explore.models.catalog import ModelRow, find_model
from nomic_explore.models.descriptions import find_described, write_description
from nomic_explore.models.file_hashes import file_sha256, settings_sha256
from nomic_explore.models.hardware import (
    choose_device,
    choose_dtype,
    compute_alone_after_fork,
    keep_big_blocks,
    tokens_that_fit,
)
from nomic_explore.models.images import Picture
from nomic_explore.models.pooling import pool, post_process
from nomic_explore.models.settings import read_width
from nomic_explore.models.token_blocks import TokenBlock, pack_blocks
from nomic_explore.models.tokens import FileTokenizer, Plan, Tokens, load_tokenizer, make_batches, tokenize
from nomic_explore.models.weights import check_weights, identify_folder, locate_weights, tokenizer_file
from nomic_explore.models.workers import map_alone

if TYPE_CHECKING:
    import torch

    from nomic_explore.models.packed_encoder import PackedEncoder
    from nomic_explore.models.text_encoder import TextEncoder
    from nomic_explore.models.vision_encoder import VisionEncoder

ENCODER_VERSION = 1  # rises when encoders, pooling or tokenizing give other vectors by more than rounding
_BATCH_TOKENS = {"cpu": 2048, "cuda": 65536}  # CPU: 51 abstracts/s at 2048 tokens, 47 at 4096, 40 at 16384
_CHUNK_TOKENS = {"cpu": 131072, "cuda": 1 << 20}  # of the smallest model: a few seconds of work on two cores
_SMALLEST_WIDTH = 384
_FLOATS_PER_WIDTH = (
    24  # a token of width W needs 24 W floats inside a block: 8 W in attention, 16 W in a gated inner layer
)
_BATCH_IMAGES = 16  # 197 tokens each
_SAMPLE = (  # shows int8 which entries of a token are large; any text of several kinds does
    "The committee met in Geneva on 12 March 2019 to discuss (among other things) climate policy; nobody agreed. Here is a "
    "list: apples, pears, 3.5 kg of flour. def f(x): return x + 1. Is the museum open on Sundays? We show that deep networks "
    "learn features."
)


class LocalModel:
    """Weights and tokenizer of one model. Nothing is loaded before it is needed.

    Args:
        name_or_folder: as for `Embedder`.
        folder: read the named model's files from this folder and nowhere else.
        device: as for `Embedder`.
        dtype: as for `Embedder`.
    """

    def __init__(self, name_or_folder: str | Path, folder: str | Path | None, device: str | None, dtype: str):
        self._given_folder = None if folder is None else Path(folder).expanduser()
        if folder is None and is_folder(name_or_folder):
            self._given_folder = Path(name_or_folder).expanduser()
            self.model = identify_folder(self._given_folder)
        else:
            name, _, behind = str(name_or_folder).partition("@")
            self._given_folder = Path(behind).expanduser() if behind else self._given_folder
            self.model = find_described(str(name_or_folder)) or find_model(name)
        if self._given_folder is not None:
            self.model = _fit_to_folder(self.model, locate_weights(self.model, self._given_folder))
        self._device_name, self._dtype_name = device, dtype

    @property
    def source(self) -> str:
        """The name, or NAME@FOLDER."""
        return self.model.name if self._given_folder is None else f"{self.model.name}@{self._given_folder.resolve()}"

    @property
    def chunk_tokens(self) -> int:
        """How many tokens are embedded before vectors are yielded: a few seconds of work."""
        # Depth grows with width, so work per token grows with its cube; chunks are to take about the same time.
        return int(_amount(_CHUNK_TOKENS, self.device) * (_SMALLEST_WIDTH / self.model.width) ** 3)

    def embed(
        self, plan: Plan, numbers: np.ndarray, task: str, dimensions: int
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yields once: the numbers of distinct texts as given, longest first, and their vectors (k, d)."""
        yield numbers, self._embed_texts(plan.tokens, numbers, dimensions)

    def embed_images(self, pictures: Sequence[Picture], dimensions: int) -> Iterator[np.ndarray]:
        """Yields the vectors (k, d) of pictures, batch by batch."""
        import torch

        from nomic_explore.models.images import prepare_images

        encoder: Any = self.encoder
        for start in range(0, len(pictures), _BATCH_IMAGES):
            pixels = torch.from_numpy(
                prepare_images(pictures[start : start + _BATCH_IMAGES], encoder.config.image_size, first=start)
            )
            with torch.inference_mode():
                first = encoder(pixels.to(self.device, self.dtype))[:, 0].float()
                finished = post_process(first, self.model.post_processing, dimensions)
            yield finished.cpu().numpy()

    def save(self, folder: Path) -> None:
        """Writes the text model, its tokenizer and what sentence-transformers needs to run it."""
        from nomic_explore.models.checkpoints import load_text_encoder
        from nomic_explore.models.saving import save_sentence_files, save_text_encoder

        if folder.exists() and any(folder.iterdir()):
            raise ValueError(f"{folder} is not empty. Choose another folder.")
        save_text_encoder(load_text_encoder(self.folder), folder)
        save_sentence_files(folder, self.model, self.tokenizer)
        write_description(self.model, folder)

    def provenance(self) -> dict[str, object]:
        """Returns what distinguishes its vectors from those of other models, ready for JSON."""
        return {
            **self._file_hashes,
            "dtype": str(self.dtype).removeprefix("torch."),
            "backend": "nomic_explore",
            "encoder_version": ENCODER_VERSION,
        }

    @cached_property
    def folder(self) -> Path:
        """The folder of the files."""
        return locate_weights(self.model, self._given_folder)

    @cached_property
    def tokenizer(self) -> FileTokenizer:
        """The tokenizer of the model."""
        return load_tokenizer(self.folder)

    @cached_property
    def device(self) -> "torch.device":
        """The device it computes on."""
        return choose_device(self._device_name)

    @cached_property
    def dtype(self) -> "torch.dtype":
        """The number format it computes in."""
        import torch

        dtype = choose_dtype(self._dtype_name, self.device)
        return torch.float32 if dtype == torch.int8 and self.model.reads == "image" else dtype

    @cached_property
    def encoder(self) -> "TextEncoder | VisionEncoder":
        """The module, on its device."""
        return self._load_encoder()

    def _load_encoder(self) -> "TextEncoder | VisionEncoder":
        import torch

        from nomic_explore.models.checkpoints import load_text_encoder, load_vision_encoder
        from nomic_explore.models.int8 import to_int8

        if self._file_hashes["weights_sha256"] != check_weights(self.model, self.folder):
            raise ValueError(f"the weights in {self.folder} changed while the model was open. Open it again.")
        get_log().debug("%s: weights of %s, %s on %s", self.model.name, self.folder, self.dtype, self.device)
        compute_alone_after_fork()
        if self.device.type == "cpu":
            keep_big_blocks()
        if self.model.reads == "image":
            return load_vision_encoder(self.folder).to(self.device, self.dtype)
        encoder = load_text_encoder(self.folder)
        n_known, n_rows = self.tokenizer.get_vocab_size(), encoder.config.n_tokens
        if n_known > n_rows:
            raise ValueError(
                f"{self.folder}: the tokenizer knows {n_known} tokens, the weights {n_rows}. Take all files from one model."
            )
        if self.dtype == torch.int8:
            sample = tokenize(self.tokenizer, [_SAMPLE], "", self.model.max_tokens).ids.astype(np.int64)
            return to_int8(encoder, torch.from_numpy(sample)[None])
        return encoder.to(self.device, self.dtype)

    @cached_property
    def _file_hashes(self) -> dict[str, str]:
        """What the vectors depend on: the contents of the weights, the settings and the tokenizer."""
        hashes = {
            "weights_sha256": check_weights(self.model, self.folder),
            "config_sha256": settings_sha256(self.folder / "config.json"),
        }
        if self.model.reads == "text":
            hashes["tokenizer_sha256"] = file_sha256(tokenizer_file(self.folder))
        return hashes

    def _embed_texts(self, tokens: Tokens, numbers: np.ndarray, dimensions: int) -> np.ndarray:
        """Returns the vectors (k, d) of the texts with these numbers, given longest first."""
        first, last = tokens.first_pieces[numbers], tokens.first_pieces[numbers + 1]
        if (last - first == 1).all():
            return self._embed_pieces(tokens, first, dimensions)
        pieces = np.concatenate([np.arange(a, b) for a, b in zip(first, last, strict=True)])
        order = np.argsort(-tokens.lengths[pieces], kind="stable")
        vectors = np.empty((len(pieces), dimensions), dtype=np.float32)
        vectors[order] = self._embed_pieces(tokens, pieces[order], dimensions)
        sums = np.add.reduceat(vectors, np.cumsum(last - first) - (last - first), axis=0)
        return sums / np.linalg.norm(sums, axis=1, keepdims=True)

    def _embed_pieces(self, tokens: Tokens, numbers: np.ndarray, dimensions: int) -> np.ndarray:
        """Returns the vectors (k, d) of the pieces with these numbers, given longest first."""
        if self.device.type == "cpu":
            return self._embed_packed(tokens, numbers, dimensions)
        return self._embed_padded(tokens, numbers, dimensions)

    def _embed_padded(self, tokens: Tokens, numbers: np.ndarray, dimensions: int) -> np.ndarray:
        """Returns the vectors (k, d) of pieces, in batches that fit the memory of the device."""
        import torch

        encoder: Any = self.encoder
        vectors = np.zeros((len(numbers), dimensions), dtype=np.float32)
        start = 0
        while start < len(numbers):
            batch = next(make_batches(numbers[start:], tokens.lengths, self._batch_tokens))
            ids, lengths = tokens.padded(batch)
            try:
                with torch.inference_mode():
                    pooled = pool(encoder, ids, lengths, self.device)
                    finished = post_process(pooled, self.model.post_processing, dimensions)
                vectors[start : start + len(batch)] = finished.cpu().numpy()
            except torch.OutOfMemoryError:
                if len(batch) == 1:
                    raise
                self._batch_tokens //= 2
                torch.cuda.empty_cache()
                continue
            start += len(batch)
        return vectors

    def _embed_packed(self, tokens: Tokens, numbers: np.ndarray, dimensions: int) -> np.ndarray:
        """Returns the vectors (k, d) of pieces, computed on all cores; each depends on its own tokens alone."""
        import torch

        encoder, steps = self._packed, self.model.post_processing

        def embed(block: TokenBlock) -> np.ndarray:
            with torch.inference_mode():
                return post_process(encoder.embed(block), steps, dimensions).numpy()

        vectors = np.empty((len(numbers), dimensions), dtype=np.float32)
        blocks = pack_blocks(tokens.ids, tokens.starts, numbers, self.model.width)
        for block, found in zip(blocks, map_alone(embed, blocks), strict=True):
            vectors[block.places] = found
        return vectors

    @cached_property
    def _packed(self) -> "PackedEncoder":
        """The encoder made ready for this CPU; it holds the only copy of the weights."""
        import torch

        from nomic_explore.models.packed_encoder import PackedEncoder

        encoder: Any = self._load_encoder()
        attention = choose_dtype("auto", self.device)
        return PackedEncoder(encoder, torch.float32 if attention == torch.int8 else attention)

    @cached_property
    def _batch_tokens(self) -> int:
        """Tokens computed at a time; halved permanently when the device runs out of memory."""
        n_bytes = 4 * _FLOATS_PER_WIDTH * self.model.width
        return min(_amount(_BATCH_TOKENS, self.device), tokens_that_fit(self.device, n_bytes))


def is_folder(name: str | Path) -> bool:
    """Returns whether a name stands for a folder: it exists, or is written as a path."""
    if isinstance(name, Path) or name.startswith((".", "~", "/")):
        return True
    return Path(name).is_dir() and Path(name).resolve() != Path.cwd()


def _amount(amounts: dict[str, int], device: "torch.device") -> int:
    """Returns the amount for a kind of device; those not listed are treated as a CPU."""
    return amounts.get(device.type, amounts["cpu"])


def _fit_to_folder(model: ModelRow, folder: Path) -> ModelRow:
    """Returns the row with the vector sizes that fit weights of another width (small models made for teaching)."""
    width = read_width(folder)
    if width == model.width:
        return model
    sizes = (width, *(size for size in model.dimensions if size < width))
    return replace(model, width=width, dimensions=sizes if len(model.dimensions) > 1 else (width,))
