"""Contrastive training: a query is to be nearer to its own document than to all others of the batch (InfoNCE).

The larger the batch, the harder the task and the better the model: Nomic used 16,384 pairs. `cached_gradients.py` fits such
a batch into any memory, `pair_batches.py` makes batches, each of one source.

Shapes in the comments: B pairs of a batch in this process, k hard negatives of each, N documents of all processes, W width.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from nomic_explore.training.batches import chunks_by_length, mean_vectors, padded
from nomic_explore.training.cached_gradients import cached_backward
from nomic_explore.training.experts import check_router_weight, recorded_routes
from nomic_explore.training.loop import LoopOptions, train
from nomic_explore.training.losses import info_nce, matryoshka_loss
from nomic_explore.training.pair_batches import PairBatch, PairTexts, plan_batches, read_pair_texts
from nomic_explore.training.pairs import Pairs
from nomic_explore.training.processes import gather_documents, join_processes
from nomic_explore.training.students import Student

if TYPE_CHECKING:
    import pandas as pd

SEARCH = ("search_query", "search_document")


@dataclass(frozen=True, kw_only=True)
class ContrastiveConfig:
    """How a student is trained on pairs; the defaults suit a small model on two cores.

    Attributes:
        batch_size: pairs of a batch, over all processes.
        n_steps: batches; None is one pass over all pairs.
        n_negatives: hard negatives of each query; the first so many are taken, and missing ones are drawn from the
            other documents of the source.
        temperature: of InfoNCE.
        matryoshka_dimensions: sizes that vectors may be cut to after training, largest first; empty trains the width only.
        tasks: of the queries and documents of each source, whose prefixes are put before the texts.
        default_tasks: of the sources that `tasks` does not name.
        query_tokens: longer queries lose their end.
        document_tokens: longer documents lose their end.
        chunk_tokens: tokens that are embedded at once, padding included.
        graph_tokens: a batch with more tokens is embedded twice, with cached gradients; 0 caches always.
        router_weight: of the loss that makes a mixture use all its experts (`experts.py`); 0.1 for v2-moe.
        learning_rate: the highest.
        schedule: as for `LoopOptions`.
        n_warmup: steps; None is a tenth of all.
        weight_decay: of AdamW.
        dtype: as for `LoopOptions`.
        seed: of the batches.
        checkpoint_seconds: time between two checkpoints.
    """

    batch_size: int = 256
    n_steps: int | None = None
    n_negatives: int = 0
    temperature: float = 0.02
    matryoshka_dimensions: tuple[int, ...] = ()
    tasks: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    default_tasks: tuple[str, str] = SEARCH
    query_tokens: int = 32
    document_tokens: int = 128
    chunk_tokens: int = 4096
    graph_tokens: int = 32768
    router_weight: float = 0.0
    learning_rate: float = 5e-4
    schedule: str = "cosine"
    n_warmup: int | None = None
    weight_decay: float = 0.01
    dtype: str = "auto"
    seed: int = 42
    checkpoint_seconds: float = 120.0


def train_contrastive(
    student: Student,
    pairs: Pairs,
    config: ContrastiveConfig,
    folder: str | Path,
    *,
    watch: Callable[[dict[str, float]], bool] | None = None,
    show_progress: bool | None = None,
) -> "pd.DataFrame":
    """Trains a student in place on pairs, and saves it in the folder; returns the log.

    Args:
        student: on the device to train on.
        pairs: at least two of each source.
        config: how.
        folder: for the model, checkpoint and log; a run that was stopped goes on from there.
        watch: as for `loop.train`.
        show_progress: as for `open_progress`.

    Returns:
        As `loop.train`. `load_student(folder)` gives the student, with the sizes it was trained for.

    Raises:
        TrainingError: the loss is no number.
        ValueError: no source has two pairs; a size or a task that the student does not have.

    Example:
        >>> from nomic_explore.training.pairs import make_pairs
        >>> from nomic_explore.training.students import new_student
        >>> pairs = make_pairs(["a cat", "a dog"], ["It purrs.", "It barks."], "pets")
        >>> student = new_student(width=32, n_layers=1, n_heads=2)
        >>> log = train_contrastive(student, pairs, ContrastiveConfig(n_steps=20, dtype="float32"), "pets")
        >>> bool(log["loss"].iloc[-1] < log["loss"].iloc[0])
        True
    """
    dimensions = config.matryoshka_dimensions
    if any(not 0 < size <= student.model.width for size in dimensions):
        raise ValueError(f"matryoshka_dimensions={dimensions}; expected sizes of at most {student.model.width}.")
    check_router_weight(student.encoder, config.router_weight)
    plan = plan_batches(pairs.sources, config.batch_size, config.seed)
    n_batches = len(plan(0))
    if not n_batches:
        raise ValueError("no source has two pairs; a batch needs two of one source.")
    texts = read_texts(student, pairs, config)
    n_steps = n_batches if config.n_steps is None else config.n_steps
    options = LoopOptions(
        n_steps=n_steps,
        learning_rate=config.learning_rate,
        schedule=config.schedule,
        n_warmup=n_steps // 10 if config.n_warmup is None else config.n_warmup,
        weight_decay=config.weight_decay,
        dtype=config.dtype,
        seed=config.seed,
        checkpoint_seconds=config.checkpoint_seconds,
    )
    log = train(
        student.encoder,
        lambda step: plan(step // n_batches)[step % n_batches],
        lambda batch: _backward(student, texts, config, batch),
        options,
        Path(folder),
        name="contrastive",
        settings={**asdict(config), "checkpoint_seconds": None, "n_pairs": len(pairs)},
        watch=watch,
        show_progress=show_progress,
    )
    if join_processes()[0] == 0:
        (student.with_dimensions(dimensions) if dimensions else student).save(folder)
    return log


def read_texts(student: Student, pairs: Pairs, config: ContrastiveConfig) -> PairTexts:
    """Returns the tokens of all texts of the pairs, with the prefixes of their source."""
    return read_pair_texts(
        student,
        pairs,
        tasks=[config.tasks.get(source, config.default_tasks) for source in pairs.sources.tolist()],
        max_tokens=(config.query_tokens, config.document_tokens),
        n_negatives=config.n_negatives,
        seed=config.seed,
    )


def measure_loss(student: Student, texts: PairTexts, config: ContrastiveConfig, rows: Sequence[int]) -> float:
    """Returns the loss of one batch of pairs without changing anything; for pairs that were held out."""
    parts = _take_apart(student, texts, config, PairBatch("", list(rows)))
    with torch.inference_mode():
        vectors = torch.cat([parts.embed(chunk) for chunk in parts.chunks])
        order = torch.from_numpy(np.argsort(np.concatenate(parts.chunks))).to(vectors.device)
        return float(parts.loss_of(vectors[order]))


def _backward(student: Student, texts: PairTexts, config: ContrastiveConfig, batch: PairBatch) -> dict[str, float]:
    """Adds the gradients of this process' share of a batch; returns the loss and the number of tokens."""
    parts = _take_apart(student, texts, config, batch)
    keeps_graph = parts.n_tokens <= config.graph_tokens
    with recorded_routes(student.encoder) as routes:

        def penalty_of() -> Tensor:
            return routes.take_loss() * (config.router_weight / len(parts.chunks))

        loss = cached_backward(
            parts.embed,
            parts.chunks,
            parts.loss_of,
            penalty_of=penalty_of if config.router_weight else None,
            keeps_graph=keeps_graph,
        )
    return {"loss": loss, "tokens": float(parts.n_tokens)}


@dataclass(frozen=True)
class _Parts:
    """A batch as `cached_backward` takes it: its chunks, how one is embedded, and the loss of all vectors."""

    chunks: list[np.ndarray]
    embed: Callable[[np.ndarray], Tensor]
    loss_of: Callable[[Tensor], Tensor]
    n_tokens: int


def _take_apart(student: Student, texts: PairTexts, config: ContrastiveConfig, batch: PairBatch) -> _Parts:
    """Returns the parts of this process' share of a batch."""
    rank, n_processes = join_processes()
    rows = np.array(batch.rows[: len(batch.rows) // n_processes * n_processes])
    own = rows.reshape(n_processes, -1)[rank]  # (B)
    numbers = np.concatenate([texts.queries[own], texts.documents[own].ravel()])  # (B + B (1 + k))
    lengths = texts.tokens.lengths[numbers]
    device = next(student.encoder.parameters()).device
    document_groups = texts.groups[texts.documents[rows].ravel()]  # (N)
    excluded = texts.groups[texts.documents[own, 0]][:, None] == document_groups  # (B, N)

    def embed(chunk: np.ndarray) -> Tensor:
        return mean_vectors(student.encoder, *padded(texts.tokens, numbers[chunk], device))

    def loss_of(vectors: Tensor) -> Tensor:
        queries, documents = vectors[: len(own)], gather_documents(vectors[len(own) :])  # (B, W), (N, W)
        options = {
            "temperature": config.temperature,
            "n_per_query": 1 + config.n_negatives,
            "offset": rank * len(own),
            "excluded": torch.from_numpy(excluded).to(device),
        }
        if config.matryoshka_dimensions:
            return matryoshka_loss(queries, documents, config.matryoshka_dimensions, **options)
        return info_nce(queries, documents, **options)

    return _Parts(list(chunks_by_length(lengths, config.chunk_tokens)), embed, loss_of, int(lengths.sum()))
