"""Pretraining: an encoder learns language by guessing masked words (BERT; nomic-bert-2048 was made so).

All texts are put one after the other and cut into sequences of one length, so that no place is padding. In each sequence 30 %
of the tokens are chosen; of those 80 % become [MASK], 10 % another word, 10 % stay, and the model guesses what stood there.
Its head, one layer and the word table read backwards (tied weights), is needed for that only.

Shapes in the comments: B sequences, S tokens of each, W width, V rows of the word table, M chosen places.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nomic_explore.checks import check_texts
from nomic_explore.models.text_encoder import TextConfig, TextEncoder
from nomic_explore.models.tokens import FileTokenizer, tokenize
from nomic_explore.training.experts import check_router_weight, recorded_routes
from nomic_explore.training.loop import LoopOptions, train
from nomic_explore.training.losses import masked_token_loss
from nomic_explore.training.processes import join_processes
from nomic_explore.training.students import Student, draw_weights

if TYPE_CHECKING:
    import pandas as pd

HEAD = "head.safetensors"
_MASKED, _SWAPPED = 0.8, 0.1  # of the chosen places


@dataclass(frozen=True, kw_only=True)
class PretrainingConfig:
    """How a student is pretrained; learning rate aside, the numbers are those of nomic-bert-2048.

    Attributes:
        length: tokens of a sequence (2,048 there).
        batch_size: sequences of a batch, over all processes (4,096 there).
        n_steps: batches; None is one pass over all texts.
        mask_share: share of the tokens that are chosen.
        chunk_tokens: tokens whose gradients are computed at once; what is more is done in parts.
        router_weight: of the loss that makes a mixture use all its experts (`experts.py`).
        learning_rate: the highest (5e-4 there; small models bear more).
        warmup_share: share of the steps in which it rises.
        betas, weight_decay, eps: of AdamW.
        dtype: as for `LoopOptions`.
        seed: of masks, order and head.
        checkpoint_seconds: time between two checkpoints.
    """

    length: int = 128
    batch_size: int = 64
    n_steps: int | None = None
    mask_share: float = 0.3
    chunk_tokens: int = 4096
    router_weight: float = 0.0
    learning_rate: float = 1e-3
    warmup_share: float = 0.06
    betas: tuple[float, float] = (0.9, 0.98)
    weight_decay: float = 1e-5
    eps: float = 1e-6
    dtype: str = "auto"
    seed: int = 42
    checkpoint_seconds: float = 120.0


@dataclass(frozen=True)
class MaskedBatch:
    """Some sequences and their masks.

    Attributes:
        step: that it is the batch of.
        ids: (B, S) int64, with masks.
        places: (M) int64 in 0 … B S - 1, the chosen places, rising.
        tokens: (M) int64, what stood there.
    """

    step: int
    ids: Tensor
    places: Tensor
    tokens: Tensor


class MaskedLanguageModel(nn.Module):
    """An encoder with the head that guesses words; names of modules are those of nomic-bert-2048."""

    def __init__(self, encoder: TextEncoder):
        super().__init__()
        self.bert = encoder
        self.cls = nn.ModuleDict({"predictions": PredictionHead(encoder.config)})

    def forward(self, ids: Tensor, places: Tensor) -> Tensor:
        """Returns the scores (M, V) of all words at some places; ids (B, S), places (M) as in `MaskedBatch`."""
        hidden = self.bert(ids).flatten(0, 1)[places]  # (M, W)
        return self.cls["predictions"](hidden, self.bert.embeddings.word_embeddings.weight)


class PredictionHead(nn.Module):
    """Token vectors -> scores of words: a layer, a norm, and the word table."""

    def __init__(self, config: TextConfig):
        super().__init__()
        self.is_gated = config.is_gated
        layers = {
            "dense": nn.Linear(config.width, config.width, bias=config.has_biases),
            "layer_norm": nn.LayerNorm(config.width, eps=config.norm_eps),
        }
        self.transform = nn.ModuleDict(layers)
        self.decoder = nn.ParameterDict({"bias": torch.zeros(config.n_tokens)} if config.has_biases else {})

    def forward(self, hidden: Tensor, words: Tensor) -> Tensor:
        """Returns (M, V); hidden (M, W), words (V, W)."""
        hidden = self.transform["dense"](hidden)
        hidden = self.transform["layer_norm"](F.silu(hidden) if self.is_gated else F.gelu(hidden))  # (M, W)
        return F.linear(hidden, words, self.decoder.get("bias"))


def pretrain(
    student: Student,
    texts: Sequence[str],
    config: PretrainingConfig,
    folder: str | Path,
    *,
    show_progress: bool | None = None,
) -> "pd.DataFrame":
    """Pretrains a student in place, and saves it in the folder; returns the log.

    Args:
        student: on the device to train on.
        texts: as many as there are; a million tokens are few.
        config: how.
        folder: for the model, the head, checkpoint and log; a run that was stopped goes on from there.
        show_progress: as for `open_progress`.

    Returns:
        As `loop.train`; "loss" is the mean cross-entropy of a masked token, and "accuracy" how many were guessed.

    Raises:
        TrainingError: the loss is no number.
        ValueError: the texts are too short for one sequence; the tokenizer has no [MASK].

    Example:
        >>> from nomic_explore.training.students import new_student
        >>> student = new_student(width=32, n_layers=1, n_heads=2)
        >>> config = PretrainingConfig(length=16, batch_size=4, n_steps=20, learning_rate=0.01, dtype="float32")
        >>> log = pretrain(student, ["the cat sat on the mat"] * 20, config, "cat")
        >>> bool(log["loss"].iloc[-1] < log["loss"].iloc[0])
        True
    """
    check_router_weight(student.encoder, config.router_weight)
    sequences = pack(student.tokenizer, texts, config.length)
    n_batches = max(1, len(sequences) // config.batch_size)
    n_steps = n_batches if config.n_steps is None else config.n_steps
    model = MaskedLanguageModel(student.encoder)
    draw_weights(model.cls, config.seed)
    model.to(next(student.encoder.parameters()).device)
    options = LoopOptions(
        n_steps=n_steps,
        learning_rate=config.learning_rate,
        n_warmup=round(config.warmup_share * n_steps),
        betas=config.betas,
        weight_decay=config.weight_decay,
        eps=config.eps,
        max_grad_norm=None,
        dtype=config.dtype,
        seed=config.seed,
        checkpoint_seconds=config.checkpoint_seconds,
    )
    log = train(
        model,
        lambda step: _make_batch(sequences, student.tokenizer, config, step),
        lambda batch: _backward(model, batch, config),
        options,
        Path(folder),
        name="pretraining",
        settings={**asdict(config), "checkpoint_seconds": None, "n_sequences": len(sequences)},
        show_progress=show_progress,
    )
    if join_processes()[0] == 0:
        student.save(folder)
        _save_head(model, Path(folder))
    return log


def pack(tokenizer: FileTokenizer, texts: Sequence[str], length: int) -> np.ndarray:
    """Returns all texts one after the other, each between [CLS] and [SEP], cut into sequences: (n, length) int32.

    What is left after the last sequence is dropped.

    Raises:
        ValueError: there are fewer tokens than one sequence takes.
    """
    ids = tokenize(tokenizer, check_texts(texts), "", max_tokens=1 << 30).ids
    n_sequences = len(ids) // length
    if not n_sequences:
        raise ValueError(f"the texts have {len(ids)} tokens; expected at least the {length} of one sequence.")
    return ids[: n_sequences * length].reshape(n_sequences, length)


def mask_tokens(
    ids: np.ndarray, tokenizer: FileTokenizer, mask_share: float, draw: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Returns token numbers (B, S) with masks, and the chosen places (M) in their flat order.

    Special tokens are never chosen; other words that replace chosen ones are drawn from all tokens.

    Raises:
        ValueError: the tokenizer has no [MASK].
    """
    mask = tokenizer.token_to_id("[MASK]")
    if mask is None:
        raise ValueError("the tokenizer has no token [MASK]; take one that was made for a masked language model.")
    special = [tokenizer.token_to_id(token) for token in ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")]
    is_word = ~np.isin(ids, [number for number in special if number is not None])
    places = np.flatnonzero((draw.random(ids.shape) < mask_share) & is_word)  # (M)
    fate, others = draw.random(len(places)), draw.integers(tokenizer.get_vocab_size(), size=len(places))
    masked = ids.astype(np.int64).ravel()
    swapped = np.where(fate < _MASKED + _SWAPPED, others, masked[places])
    masked[places] = np.where(fate < _MASKED, mask, swapped)
    return masked.reshape(ids.shape), places


def _make_batch(sequences: np.ndarray, tokenizer: FileTokenizer, config: PretrainingConfig, step: int) -> MaskedBatch:
    """Returns the batch of a step; each epoch has an order of its own."""
    size = min(config.batch_size, len(sequences))
    epoch, number = divmod(step, len(sequences) // size)
    order = np.random.default_rng([config.seed, epoch]).permutation(len(sequences))
    ids = sequences[order[number * size : (number + 1) * size]]  # (B, S)
    masked, places = mask_tokens(ids, tokenizer, config.mask_share, np.random.default_rng([config.seed, 1, step]))
    tokens = ids.ravel()[places].astype(np.int64)
    return MaskedBatch(step, torch.from_numpy(masked), torch.from_numpy(places), torch.from_numpy(tokens))


def _backward(model: MaskedLanguageModel, batch: MaskedBatch, config: PretrainingConfig) -> dict[str, float]:
    """Adds the gradients of this process' sequences, chunk by chunk; every chosen place of the batch counts the same."""
    rank, n_processes = join_processes()
    n_sequences, length = batch.ids.shape
    device = next(model.parameters()).device
    summed, n_right, n_tokens = 0.0, 0, 0
    for rows in torch.arange(n_sequences).chunk(n_processes)[rank].split(max(1, config.chunk_tokens // length)):
        first, last = int(rows[0]) * length, (int(rows[-1]) + 1) * length
        is_own = (batch.places >= first) & (batch.places < last)
        places, tokens = (batch.places[is_own] - first).to(device), batch.tokens[is_own].to(device)
        if not len(tokens):
            continue
        with recorded_routes(model.bert) as routes:
            scores = model(batch.ids[rows].to(device), places)  # (M, V) of the chunk
        # The loop takes the mean over processes: times their number, so that the sum of all is that of one process.
        loss = masked_token_loss(scores, tokens) * (len(tokens) * n_processes / len(batch.tokens))
        if config.router_weight:
            loss = loss + routes.loss() * (config.router_weight * len(rows) * n_processes / n_sequences)
        loss.backward()
        summed += float(loss.detach())
        n_right += int((scores.detach().argmax(dim=1) == tokens).sum())
        n_tokens += last - first
    return {"loss": summed, "accuracy": n_right * n_processes / len(batch.tokens), "tokens": float(n_tokens)}


def _save_head(model: MaskedLanguageModel, folder: Path) -> None:
    """Writes the head under its published names; the word table is that of the model."""
    from safetensors.torch import save_file

    state = {name: tensor.cpu() for name, tensor in model.state_dict().items() if name.startswith("cls.")}
    save_file(state, folder / HEAD, {"format": "pt"})
