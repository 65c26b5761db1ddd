"""Distillation: a small model learns to give the vectors that a large one, the teacher, gives.

The teacher reads every text once, before training; from then on only its vectors are needed. Three losses, all of them
over one batch of texts:

* copying: a matrix, the head, turns the student's vector into one of the teacher's width; its cosine to the teacher's
  vector rises. With the head, the student's questions can be asked of an index of the teacher's vectors.
* matching: a text's similarities to all other texts of the batch, as shares of 1, are to be those that the teacher sees.
  This needs no head, so that it also holds for the vector cut short (Matryoshka, arXiv:2205.13147).
* contrast, where some texts belong together in pairs (a title and its abstract): the right document is told from those of
  the other pairs (InfoNCE). Batches are made of groups of similar pairs, which are hard to tell apart.

Shapes in the comments: B texts of a batch, P pairs among them, S tokens, W width of the student, E width of the teacher.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from nomic_explore.models.catalog import TASKS
from nomic_explore.models.text_encoder import TextEncoder
from nomic_explore.models.tokens import FileTokenizer, Tokens, tokenize
from nomic_explore.models.workers import map_alone
from nomic_explore.training.loop import LoopOptions, train
from nomic_explore.training.losses import matryoshka_loss
from nomic_explore.training.students import Student

if TYPE_CHECKING:
    import pandas as pd

_N_FITTED, _RIDGE = 4, 0.01  # batches from which the head starts, and what is added to each entry's mean square
_RUN = 128  # texts of like length that are padded to one length and read together
_SEARCH = ("search_query", "search_document")


@dataclass(frozen=True, kw_only=True)
class DistillationConfig:
    """What a batch is made of, and how much each loss counts.

    Attributes:
        n_steps: steps of the optimizer.
        n_pairs: pairs of a batch.
        n_singles: other texts of a batch.
        group_size: similar pairs that come into a batch together.
        max_tokens: longer texts lose their end, in training only.
        learning_rate: the highest.
        n_warmup: steps in which it rises from 0.
        copying, matching, contrast: weights of the three losses.
        temperature: of the contrast.
        matching_temperature: of the shares; the lower, the more the nearest texts count.
        dropped_tokens: share of tokens that a text loses, others each time, lest pairs are learned by heart.
        other_tasks: share of batches with the prefix of clustering or classification instead of those of search.
        dtype: as for `LoopOptions`.
        seed: of the batches.
    """

    n_steps: int
    n_pairs: int = 256
    n_singles: int = 192
    group_size: int = 16
    max_tokens: int = 128
    learning_rate: float = 2e-3
    n_warmup: int = 50
    copying: float = 1.0
    matching: float = 1.0
    contrast: float = 1.0
    temperature: float = 0.03
    matching_temperature: float = 0.05
    dropped_tokens: float = 0.0
    other_tasks: float = 0.3
    dtype: str = "auto"
    seed: int = 42


@dataclass(frozen=True)
class Batch:
    """Texts of one step.

    Attributes:
        rows: (B,) int64, rows of the texts; the first P are queries, the next P their documents.
        n_pairs: P.
        sequences: of each text its token numbers, (S,) int32, with the prefix.
    """

    rows: np.ndarray
    n_pairs: int
    sequences: list[np.ndarray]


def distill(
    student: Student,
    texts: Sequence[str],
    teacher_vectors: np.ndarray,
    config: DistillationConfig,
    folder: Path,
    *,
    pairs: np.ndarray | None = None,
    show_progress: bool | None = None,
) -> "tuple[pd.DataFrame, Tensor]":
    """Trains a student in place until its vectors are like the teacher's; resumes from the folder's checkpoint.

    Args:
        student: what of it requires a gradient is trained. All sizes of its vectors are trained, as of one that `with_dimensions` returns: layer norm, a cut, length 1.
        texts: n strings, without prefix.
        teacher_vectors: (n, E), floating point, of these texts, each of length 1.
        config: what a batch is made of.
        folder: for checkpoint and log.
        pairs: (p, 2) integers, rows of a query and of its document; None if nothing belongs together.
        show_progress: as for `train`.

    Returns:
        The log of `train`, with the three losses, and the head (E, W): student vectors times its transpose are
        comparable with teacher vectors.

    Raises:
        ValueError: texts and vectors differ in number.
        TrainingError: the loss is no number.
    """
    if len(texts) != len(teacher_vectors):
        raise ValueError(f"{len(texts):,} texts, but {len(teacher_vectors):,} teacher vectors; expected one for each.")
    encoder, sizes = student.encoder, student.model.dimensions
    head = nn.Linear(student.model.width, teacher_vectors.shape[1], bias=False)
    module = nn.ModuleDict({"encoder": encoder, "head": head}).train()
    make_batch = batches(student, texts, teacher_vectors, config, pairs)
    start_head(head, encoder, [make_batch(step) for step in range(_N_FITTED)], teacher_vectors)

    def backward(batch: Batch) -> dict[str, float]:
        vectors, carry_back = embed(encoder, batch.sequences)  # (B, W)
        teacher = torch.from_numpy(teacher_vectors[batch.rows].astype(np.float32))  # (B, E)
        losses = {
            "copying": copying_loss(head, vectors, teacher),
            "matching": matching_loss(vectors, teacher, sizes, config.matching_temperature),
        }
        if batch.n_pairs:
            queries, documents = vectors[: batch.n_pairs], vectors[batch.n_pairs : 2 * batch.n_pairs]
            summed = matryoshka_loss(queries, documents, sizes, temperature=config.temperature)
            losses["contrast"] = summed / len(sizes)
        loss = torch.stack([getattr(config, name) * value for name, value in losses.items()]).sum()
        torch.autograd.backward(loss)
        carry_back()
        numbers = {name: float(value.detach()) for name, value in losses.items()}
        return {"loss": float(loss.detach()), **numbers, "tokens": float(sum(map(len, batch.sequences)))}

    options = LoopOptions(
        n_steps=config.n_steps,
        learning_rate=config.learning_rate,
        n_warmup=config.n_warmup,
        dtype=config.dtype,
        seed=config.seed,
    )
    settings = {"texts": len(texts), "sizes": sizes, **asdict(config)}
    with sdpa_kernel(SDPBackend.MATH):  # torch 2.13: the gradient of the fused kernel is ten times slower on a CPU
        log = train(
            module,
            make_batch,
            backward,
            options,
            folder,
            name="distill",
            settings=settings,
            show_progress=show_progress,
        )
    encoder.eval().requires_grad_(False)
    return log, head.weight.detach()


def start_head(head: nn.Linear, encoder: TextEncoder, some: Sequence[Batch], teacher_vectors: np.ndarray) -> None:
    """Gives a head (W to E) the weights with which the student's vectors of some batches fit the teacher's best (ridge)."""
    with torch.no_grad():
        read = torch.cat([embed(encoder, batch.sequences)[0] for batch in some])
        x = F.layer_norm(read, read.shape[-1:])  # (n, W)
        rows = np.concatenate([batch.rows for batch in some])
        teacher = torch.from_numpy(teacher_vectors[rows].astype(np.float32)).to(x.device)  # (n, E)
        ridge = _RIDGE * len(x) * torch.eye(x.shape[1], device=x.device)
        head.weight.copy_(torch.linalg.solve(x.T @ x + ridge, x.T @ teacher).T)


def copying_loss(head: nn.Module, vectors: Tensor, teacher: Tensor) -> Tensor:
    """Returns 1 minus the mean cosine of the student's vectors (B, W), after the head, to the teacher's (B, E)."""
    with torch.autocast(vectors.device.type, enabled=False):
        found = head(F.layer_norm(vectors.float(), vectors.shape[-1:]))  # (B, E)
        return 1 - F.cosine_similarity(found, teacher, dim=-1).mean()


def matching_loss(vectors: Tensor, teacher: Tensor, dimensions: Sequence[int], temperature: float) -> Tensor:
    """Returns how far the student's shares of similarity are from the teacher's (Kullback-Leibler), the mean over sizes.

    Args:
        vectors: (B, W) of the student, as the encoder gives them.
        teacher: (B, E), each of length 1.
        dimensions: sizes to which the student's vectors are cut.
        temperature: divides similarities before the softmax.
    """
    with torch.autocast(vectors.device.type, enabled=False):
        vectors = F.layer_norm(vectors.float(), vectors.shape[-1:])
        itself = torch.eye(len(vectors), dtype=torch.bool, device=vectors.device)
        target = (teacher @ teacher.T / temperature).masked_fill(itself, -1e4).log_softmax(dim=-1)  # (B, B)
        losses = []
        for size in dimensions:
            cut = F.normalize(vectors[:, :size], dim=-1)
            shares = (cut @ cut.T / temperature).masked_fill(itself, -1e4).log_softmax(dim=-1)  # (B, B)
            losses.append(F.kl_div(shares, target, reduction="batchmean", log_target=True))
        return torch.stack(losses).mean()


def embed(encoder: TextEncoder, sequences: Sequence[np.ndarray]) -> tuple[Tensor, Callable[[], None]]:
    """Returns the mean token vector of each sequence, and the way of its gradient back into the encoder.

    Sequences of like length are read together, so that little is computed at padding; each such run by one core, so that no
    core waits for another. The gradient goes back in the same way, run by run (as in GradCache, arXiv:2101.06983).

    Args:
        encoder: whose weights get gradients.
        sequences: of each text its token numbers.

    Returns:
        Vectors (B, W) float32, a leaf; and a function that, once they have a gradient, adds to those of the weights.
    """
    device = encoder.emb_ln.weight.device
    is_lower, dtype = torch.is_autocast_enabled(device.type), torch.get_autocast_dtype(device.type)
    lengths = np.array([len(sequence) for sequence in sequences])
    order = np.argsort(-lengths, kind="stable")
    runs = [order[start : start + _RUN] for start in range(0, len(order), _RUN)]

    def read(run: np.ndarray) -> Tensor:
        ids = np.zeros((len(run), lengths[run[0]]), dtype=np.int64)
        for row, number in enumerate(run):
            ids[row, : lengths[number]] = sequences[number]
        counts = torch.from_numpy(lengths[run]).to(device)[:, None]  # (b, 1)
        mask = torch.arange(ids.shape[1], device=device) < counts  # (b, S)
        is_full = lengths[run[0]] == lengths[run[-1]]
        with torch.enable_grad(), torch.autocast(device.type, dtype, enabled=is_lower):
            hidden = encoder(torch.from_numpy(ids).to(device), None if is_full else mask).float()  # (b, S, W)
        return (hidden * mask[:, :, None]).sum(dim=1) / counts  # (b, W)

    found = list(map_alone(read, runs))
    back = torch.from_numpy(np.argsort(order)).to(device)
    vectors = torch.cat(found).detach()[back].requires_grad_(True)  # (B, W)

    def carry_back() -> None:
        assert vectors.grad is not None
        parts = zip(found, [vectors.grad[torch.from_numpy(run).to(device)] for run in runs], strict=True)
        list(map_alone(lambda part: torch.autograd.backward(*part), parts))

    return vectors, carry_back


def batches(
    student: Student,
    texts: Sequence[str],
    teacher_vectors: np.ndarray,
    config: DistillationConfig,
    pairs: np.ndarray | None,
) -> Callable[[int], Batch]:
    """Returns the function that makes the batch of a step, from the step and the seed alone."""
    tokens = tokenize(student.tokenizer, texts, "", config.max_tokens)
    pairs = np.zeros((0, 2), dtype=np.int64) if pairs is None else np.asarray(pairs)
    singles = np.setdiff1d(np.arange(len(texts)), pairs)
    n_pairs, n_singles = min(config.n_pairs, len(pairs)), min(config.n_singles, len(singles))
    prefixes = {task: prefix_tokens(student.tokenizer, student.model.prefixes[task]) for task in TASKS}
    n_in_epoch = max(1, len(pairs) // max(1, n_pairs))  # steps until every pair was seen

    @lru_cache(maxsize=1)
    def grouped(epoch: int) -> np.ndarray:
        return group_similar(teacher_vectors[pairs[:, 1]], config.group_size, config.seed + epoch)

    def make_batch(step: int) -> Batch:
        draw = np.random.default_rng((config.seed, step))
        epoch, place = divmod(step, n_in_epoch)
        chosen = pairs[grouped(epoch)[place * n_pairs : (place + 1) * n_pairs]] if n_pairs else pairs  # (P, 2)
        others = draw.choice(singles, n_singles, replace=False)
        rows = np.concatenate([chosen[:, 0], chosen[:, 1], others])
        other_task = str(draw.choice(["clustering", "classification"])) if draw.random() < config.other_tasks else None
        tasks = [other_task or task for task in (*_SEARCH, str(draw.choice(_SEARCH)))]
        counts = (len(chosen), len(chosen), len(others))
        before = [ids for task, n in zip(tasks, counts, strict=True) for ids in [prefixes[task]] * n]
        sequences = [with_prefix(tokens, row, ids, config.max_tokens) for row, ids in zip(rows, before, strict=True)]
        if config.dropped_tokens:
            sequences = [
                ids[(draw.random(len(ids)) >= config.dropped_tokens) | (np.arange(len(ids)) <= len(prefix))]
                for ids, prefix in zip(sequences, before, strict=True)
            ]
        return Batch(rows, len(chosen), sequences)

    return make_batch


def group_similar(vectors: np.ndarray, group_size: int, seed: int) -> np.ndarray:
    """Returns rows in an order in which groups of similar ones stand together; the groups are shuffled.

    Rows are sorted by the nearest of some rows drawn at random, so that every seed gives other groups.

    Example:
        >>> vectors = np.repeat(np.eye(4), 2, axis=0)
        >>> sorted(group_similar(vectors, 2, seed=0).tolist())
        [0, 1, 2, 3, 4, 5, 6, 7]
    """
    draw = np.random.default_rng(seed)
    vectors = vectors.astype(np.float32)
    drawn = vectors[draw.choice(len(vectors), max(1, len(vectors) // (4 * group_size)), replace=False)]
    nearest = np.concatenate(
        [(part @ drawn.T).argmax(axis=1) for part in np.array_split(vectors, 1 + len(vectors) // 4096)]
    )
    order = np.lexsort((draw.random(len(vectors)), nearest))
    groups = np.array_split(order, max(1, len(order) // group_size))
    return np.concatenate([groups[number] for number in draw.permutation(len(groups))])


def prefix_tokens(tokenizer: FileTokenizer, prefix: str) -> np.ndarray:
    """Returns the token numbers of a prefix, (k,) int32, without special tokens."""
    return np.array(tokenizer.encode(prefix.rstrip()).ids[1:-1], dtype=np.int32)


def with_prefix(tokens: Tokens, row: int, prefix: np.ndarray, max_tokens: int) -> np.ndarray:
    """Returns the token numbers of a text behind a prefix, (S,) int32, the first and the last special token in place."""
    ids = tokens.ids[tokens.starts[row] : tokens.starts[row + 1]]
    return np.concatenate([ids[:1], prefix, ids[1:-1][: max_tokens - len(prefix) - 2], ids[-1:]])
