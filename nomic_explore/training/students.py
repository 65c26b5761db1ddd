"""Students: encoders that can be trained, with their tokenizer and what is known of how to use them.

A student is new, or read from a folder or the catalog; it is saved in the published layout, which `Embedder`,
transformers and sentence-transformers read without remote code.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import torch
from torch import Tensor, nn

from nomic_explore.models.catalog import TASKS, ModelRow, find_model
from nomic_explore.models.checkpoints import load_text_encoder
from nomic_explore.models.descriptions import write_description
from nomic_explore.models.local import LocalModel
from nomic_explore.models.saving import save_sentence_files, save_text_encoder
from nomic_explore.models.text_encoder import TextConfig, TextEncoder
from nomic_explore.models.tokens import FileTokenizer, load_tokenizer
from nomic_explore.models.weights import locate_weights

_STD = 0.02  # of new weights, as in BERT


@dataclass(frozen=True, eq=False)
class Student:
    """An encoder to be trained.

    Attributes:
        encoder: in float32, with gradients.
        tokenizer: without truncation and padding.
        model: how it is used: prefixes, sizes of vectors, the most tokens of a text, what follows the mean.
    """

    encoder: TextEncoder
    tokenizer: FileTokenizer
    model: ModelRow

    @property
    def n_parameters(self) -> int:
        """The number of weights."""
        return sum(parameter.numel() for parameter in self.encoder.parameters())

    def to(self, device: torch.device) -> "Student":
        """Moves the encoder to a device; returns the student."""
        self.encoder.to(device)
        return self

    def with_dimensions(self, dimensions: Sequence[int]) -> "Student":
        """Returns a student of the same encoder whose vectors may be cut to these sizes, as those of v1.5 may be."""
        steps = ("layer_norm", "slice", "l2")
        row = replace(self.model, dimensions=tuple(dimensions), post_processing=steps)
        return replace(self, model=row)

    def save(self, folder: str | Path) -> Path:
        """Writes the model in the published layout, over an older one; returns the folder.

        Example:
            >>> student = new_student(width=32, n_layers=1, n_heads=2, name="tiny")
            >>> sorted(path.name for path in student.save("tiny").iterdir())[:3]
            ['1_Pooling', '2_Normalize', 'config.json']
        """
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        save_text_encoder(self.encoder, folder)
        save_sentence_files(folder, self.model, self.tokenizer)
        write_description(self.model, folder)
        return folder


def new_student(
    *,
    width: int = 256,
    n_layers: int = 4,
    n_heads: int = 4,
    inner_width: int | None = None,
    is_gated: bool = True,
    max_tokens: int = 512,
    tokenizer: FileTokenizer | None = None,
    table: Tensor | None = None,
    name: str = "student",
    seed: int = 42,
) -> Student:
    """Returns a small nomic-bert (rotary positions, gated inner layers, no biases) with random weights.

    Args:
        width: entries of a vector; a multiple of 2 `n_heads`.
        n_layers: blocks.
        n_heads: attention heads.
        inner_width: of the gated layers, a multiple of 256; None is about 8/3 of the width.
        is_gated: inner layers are SwiGLU; experts (`upcycle`) need plain ones.
        max_tokens: the most tokens of a text that it reads.
        tokenizer: None takes MiniLM's, that of BERT (30,522 tokens, English, lower case).
        table: (n, width) word vectors to start with, see `start_table`.
        name: of the model.
        seed: of the weights.

    Example:
        >>> new_student(width=64, n_layers=2).n_parameters
        2085632
    """
    tokenizer = load_tokenizer(locate_weights(find_model("minilm"))) if tokenizer is None else tokenizer
    if inner_width is None:
        inner_width = max(256, round(width * 8 / 3 / 256) * 256)
    config = TextConfig(
        n_tokens=-(-tokenizer.get_vocab_size() // 64) * 64,  # rows of matrices are aligned
        n_segments=2,
        n_positions=0,
        width=width,
        n_layers=n_layers,
        n_heads=n_heads,
        inner_width=inner_width,
        is_gated=is_gated,
        has_biases=False,
        norm_eps=1e-12,
    )
    encoder = new_encoder(config, tokenizer, seed, table=table)
    row = ModelRow(
        name=name,
        hub_id="",
        description=f"trained here: {n_layers} layers of width {width}",
        width=width,
        dimensions=(width,),
        max_tokens=max_tokens,
        prefixes=MappingProxyType({task: f"{task}: " for task in TASKS}),
        pooling="mean",
        post_processing=("l2",),
        n_parameters=sum(parameter.numel() for parameter in encoder.parameters()),
        size_mb=0,
        license="unknown",
    )
    return Student(encoder, tokenizer, row)


def new_encoder(
    config: TextConfig, tokenizer: FileTokenizer, seed: int = 42, *, table: Tensor | None = None
) -> TextEncoder:
    """Returns an encoder with random weights: matrices N(0, .02), biases 0, norms 1.

    Args:
        config: its shape.
        tokenizer: whose tokens have to fit into the word table.
        seed: of the weights.
        table: (n, W), word vectors to start with; the rows beyond n stay random.

    Raises:
        ValueError: the tokenizer has more tokens than the word table rows; the heads do not divide the width; an inner
            width that the published layout cannot hold; a table of another width or with too many rows.
    """
    if tokenizer.get_vocab_size() > config.n_tokens:
        raise ValueError(f"n_tokens={config.n_tokens}, but the tokenizer has {tokenizer.get_vocab_size()} tokens.")
    if config.width % (2 * config.n_heads):
        raise ValueError(f"width={config.width}; expected a multiple of 2 n_heads, {2 * config.n_heads}.")
    if config.is_gated and config.inner_width % 256:
        raise ValueError(f"inner_width={config.inner_width}; expected a multiple of 256, as the layout rounds it up.")
    encoder = TextEncoder(config)
    draw_weights(encoder, seed)
    if table is not None:
        words = encoder.embeddings.word_embeddings.weight
        if table.shape[1:] != words.shape[1:] or len(table) > len(words):
            raise ValueError(f"table has shape {tuple(table.shape)}; expected at most {tuple(words.shape)}.")
        with torch.no_grad():
            words[: len(table)] = table
    return encoder


def draw_weights(module: nn.Module, seed: int) -> None:
    """Fills a module with random weights: matrices N(0, .02), biases 0, norms 1."""
    draw = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            if parameter.dim() > 1:
                parameter.copy_(torch.randn(parameter.shape, generator=draw) * _STD)
            else:
                parameter.fill_(0.0 if name.endswith("bias") else 1.0)


def start_table(name_or_folder: str | Path, width: int) -> Tensor:
    """Returns the word vectors of another model, (n, width) float32, projected by PCA to a narrower width.

    Tokenizers have to be the same. Words that mean alike are near each other from the first step on.

    Raises:
        ValueError: the other model is narrower.

    Example:
        >>> start_table("minilm", 64).shape
        torch.Size([30522, 64])
    """
    words = load_student(name_or_folder).encoder.embeddings.word_embeddings.weight.detach()  # (n, W)
    if width > words.shape[1]:
        raise ValueError(f"width={width}; expected at most {words.shape[1]}, the width of {str(name_or_folder)!r}.")
    centered = words - words.mean(dim=0)
    _, axes = torch.linalg.eigh(centered.T @ centered)  # (W, W), the widest direction last
    return centered @ axes.flip(1)[:, :width]


def load_student(name_or_folder: str | Path) -> Student:
    """Returns a model to be trained further: of the catalog, or of a folder that `Student.save` wrote.

    Raises:
        OSError, ValueError: as `Embedder`.

    Example:
        >>> load_student("minilm").model.width
        384
    """
    known = LocalModel(name_or_folder, None, "cpu", "float32")
    encoder = load_text_encoder(known.folder)
    # What is trained is not what was published.
    model = replace(known.model, hub_id="", size_mb=0, weights_sha256=None, package=None)
    return Student(encoder.requires_grad_(True).train(), known.tokenizer, model)
