"""The loop that every stage of the recipe shares: batch, loss, gradients, step; it resumes after a crash.

A stage brings two functions. `make_batch(step)` makes the batch of a step from the step and a seed alone, so that a run
that resumes needs no memory of the data it has seen. `backward(batch)` computes the loss and its gradients. Random
numbers (dropout) are drawn from a seed that the step gives, for the same reason. All that a checkpoint holds is the
weights, the state of the optimizer and the log.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from reprlib import Repr
from time import perf_counter
from typing import TYPE_CHECKING, Generic, TypeVar

import torch
from torch import nn

from nomic_explore.atomic_files import write_atomically
from nomic_explore.checks import check_choice
from nomic_explore.models.hardware import keep_big_blocks
from nomic_explore.progress import Progress, open_progress
from nomic_explore.training.processes import average_gradients, average_numbers, join_processes, share_weights
from nomic_explore.training.speed import fast_attention, fastest_dtype, peak_memory

if TYPE_CHECKING:
    import pandas as pd

B = TypeVar("B")
DTYPES = ("auto", "float32", "bfloat16")
SCHEDULES = ("linear", "cosine", "inverse_sqrt", "constant")
CHECKPOINT, LOG = "checkpoint.pt", "log.csv"
_SECONDS_BETWEEN_BARS = 0.2


@dataclass(frozen=True, kw_only=True)
class LoopOptions:
    """How weights are changed.

    Attributes:
        n_steps: steps of the optimizer.
        learning_rate: the highest, reached after the warm-up.
        schedule: how it falls after that: "linear" or "cosine" to 0, "inverse_sqrt", or "constant".
        n_warmup: steps in which it rises from 0 linearly.
        betas: of AdamW.
        weight_decay: of AdamW, for matrices only.
        eps: of AdamW.
        max_grad_norm: longer gradients are cut to this length; None cuts none.
        dtype: "float32", "bfloat16" (by autocast; weights stay in float32), or "auto": what a probe finds faster.
        seed: of the random numbers of each step.
        checkpoint_seconds: time between two checkpoints; there is one more at the end.
    """

    n_steps: int
    learning_rate: float
    schedule: str = "linear"
    n_warmup: int = 0
    betas: tuple[float, float] = (0.9, 0.999)
    weight_decay: float = 0.01
    eps: float = 1e-8
    max_grad_norm: float | None = 1.0
    dtype: str = "auto"
    seed: int = 42
    checkpoint_seconds: float = 120.0


class TrainingError(RuntimeError):
    """Training cannot go on: the loss or the gradient of a step is no number. `step` counts from 0."""

    def __init__(self, message: str, step: int = -1):
        super().__init__(message)
        self.step = step


@dataclass(frozen=True)
class _Run(Generic[B]):
    """What a run is made of."""

    module: nn.Module
    make_batch: Callable[[int], B]
    backward: Callable[[B], dict[str, float]]
    options: LoopOptions
    optimizer: torch.optim.Optimizer
    device: torch.device
    folder: Path
    name: str
    watch: Callable[[dict[str, float]], bool] | None


def train(
    module: nn.Module,
    make_batch: Callable[[int], B],
    backward: Callable[[B], dict[str, float]],
    options: LoopOptions,
    folder: Path,
    *,
    name: str,
    settings: Mapping[str, object] | None = None,
    watch: Callable[[dict[str, float]], bool] | None = None,
    show_progress: bool | None = None,
) -> "pd.DataFrame":
    """Trains a module in place, from the checkpoint in the folder if there is one, and returns the log.

    Args:
        module: on the device to train on; only parameters that require gradients change.
        make_batch: gives the batch of a step (0, 1, …); called with the same step it has to give the same batch.
        backward: computes the loss of a batch, calls `.backward()` on it, and returns numbers for the log: "loss", and
            "tokens" if they are to be counted. Runs under autocast where the format is bfloat16.
        options: how weights are changed.
        folder: where `checkpoint.pt` and `log.csv` are written; made if it is not there.
        name: of the stage, for the progress bar and for errors.
        settings: what else the run depends on; a checkpoint of other settings or options is refused.
        watch: called with the row of each step, to which it may add numbers; training stops if it returns True.
        show_progress: as for `open_progress`.

    Returns:
        One row for each step: step, loss and the stage's other numbers, learning_rate, gradient_norm,
        tokens_per_second, seconds since the start, memory_mb (peak, of the GPU or else of the process).

    Raises:
        TrainingError: the loss or the gradient is NaN or infinite; the weights are those before that step.
        ValueError: the folder holds a checkpoint of another run.

    Example:
        >>> line = nn.Linear(1, 1)
        >>> def backward(x: torch.Tensor) -> dict[str, float]:
        ...     loss = (line(x) - 3 * x).square().mean()
        ...     loss.backward()
        ...     return {"loss": float(loss.detach())}
        >>> options = LoopOptions(n_steps=200, learning_rate=0.1, dtype="float32")
        >>> log = train(line, lambda step: torch.randn(16, 1), backward, options, Path("line"), name="line")
        >>> round(line.weight.item(), 1), len(log)
        (3.0, 200)
    """
    import pandas as pd

    check_choice(options.schedule, "schedule", SCHEDULES)
    check_choice(options.dtype, "dtype", DTYPES)
    rank, _ = join_processes()
    keep_big_blocks()
    device = next(module.parameters()).device
    groups = parameter_groups(module, options)
    optimizer = torch.optim.AdamW(groups, betas=options.betas, eps=options.eps, fused=True)
    run = _Run(module, make_batch, backward, options, optimizer, device, folder, name, watch)
    identity = _identity(options, name, settings or {})
    rows = _resume(run, identity)
    share_weights(module)
    progress = open_progress(show_progress if rank == 0 else False)
    dtype = fastest_dtype(device) if options.dtype == "auto" else getattr(torch, options.dtype)
    try:
        with torch.random.fork_rng([device] if device.type == "cuda" else []):
            _go(run, rows, dtype, progress, lambda: _save(run, identity, rows) if rank == 0 else None)
    finally:
        progress.close()
    return pd.DataFrame(rows)


def _go(
    run: _Run[B], rows: list[dict[str, float]], dtype: torch.dtype, progress: Progress, save: Callable[[], None]
) -> None:
    """Takes all steps that are missing, and adds a row to the log for each."""
    n_steps, n_done = run.options.n_steps, len(rows)
    progress.start(run.name, n_steps, "steps")
    progress.advance(n_done)
    began = perf_counter() - (rows[-1]["seconds"] if rows else 0.0)
    saved = shown = perf_counter()
    for step in range(n_done, n_steps):
        rows.append(_step(run, step, dtype, began))
        now = perf_counter()
        if now - shown > _SECONDS_BETWEEN_BARS:
            progress.advance(step + 1)
            shown = now
        if now - saved > run.options.checkpoint_seconds:
            save()
            saved = perf_counter()
        if run.watch is not None and run.watch(rows[-1]):
            break
    if n_steps > n_done:
        save()
    last = rows[-1] if rows else {"loss": math.nan, "memory_mb": 0.0}
    progress.finish(f"loss {last['loss']:.4f} after {len(rows):,} steps, {last['memory_mb']:,.0f} MB")


def _step(run: _Run[B], step: int, dtype: torch.dtype, began: float) -> dict[str, float]:
    """Changes the weights once; returns a row of the log."""
    options, started = run.options, perf_counter()
    rank, n_processes = join_processes()
    torch.manual_seed(options.seed + step * n_processes + rank)
    rate = learning_rate(step, options)
    for group in run.optimizer.param_groups:
        group["lr"] = rate
    run.optimizer.zero_grad(set_to_none=True)
    batch = run.make_batch(step)
    with torch.autocast(run.device.type, dtype, enabled=dtype != torch.float32), fast_attention(run.device):
        numbers = run.backward(batch)
    numbers = average_numbers(numbers, run.device)
    _check_finite("loss", numbers["loss"], run, step, batch)
    average_gradients(run.module)
    norm = nn.utils.clip_grad_norm_(run.module.parameters(), options.max_grad_norm or math.inf)
    _check_finite("length of the gradient", float(norm), run, step, batch)
    run.optimizer.step()
    n_tokens, seconds = numbers.pop("tokens", 0.0), perf_counter() - started
    return {
        "step": step,
        **numbers,
        "learning_rate": rate,
        "gradient_norm": float(norm),
        "tokens_per_second": n_tokens / seconds,
        "seconds": perf_counter() - began,
        "memory_mb": peak_memory(run.device) / 1e6,
    }


def learning_rate(step: int, options: LoopOptions) -> float:
    """Returns the learning rate of a step, counted from 0.

    Example:
        >>> options = LoopOptions(n_steps=10, n_warmup=2, learning_rate=1.0)
        >>> [learning_rate(step, options) for step in (0, 1, 2, 6)]
        [0.5, 1.0, 1.0, 0.5]
    """
    if step < options.n_warmup:
        return options.learning_rate * (step + 1) / options.n_warmup
    done = (step - options.n_warmup) / max(1, options.n_steps - options.n_warmup)  # 0 … 1
    shares = {
        "linear": 1 - done,
        "cosine": (1 + math.cos(math.pi * done)) / 2,
        "inverse_sqrt": math.sqrt(max(1, options.n_warmup) / max(1, step)),
        "constant": 1.0,
    }
    return options.learning_rate * min(1.0, shares[options.schedule])


def parameter_groups(module: nn.Module, options: LoopOptions) -> list[dict[str, object]]:
    """Returns the parameters in two groups for AdamW: matrices, which decay, and the rest, which does not.

    Example:
        >>> groups = parameter_groups(nn.Linear(2, 3), LoopOptions(n_steps=1, learning_rate=1.0))
        >>> [(len(group["params"]), group["weight_decay"]) for group in groups]
        [(1, 0.01), (1, 0.0)]
    """
    decays: dict[bool, list[nn.Parameter]] = {True: [], False: []}
    for name, parameter in module.named_parameters():
        if parameter.requires_grad:
            is_matrix = parameter.squeeze().dim() >= 2 and "bias" not in name and "logit_scale" not in name
            decays[is_matrix].append(parameter)
    return [
        {"params": decays[True], "weight_decay": options.weight_decay},
        {"params": decays[False], "weight_decay": 0.0},
    ]


def _check_finite(what: str, number: float, run: _Run[B], step: int, batch: B) -> None:
    """Raises TrainingError, naming the step, its batch and the last checkpoint, for NaN and infinite numbers."""
    if math.isfinite(number):
        return
    shown = Repr()
    shown.maxother = 300
    checkpoint = run.folder / CHECKPOINT
    kept = f"{checkpoint} holds the last step that was saved" if checkpoint.is_file() else "no step was saved yet"
    raise TrainingError(
        f"{run.name}: the {what} is {number} at step {step} of {run.options.n_steps}, batch {shown.repr(batch)}. The weights in "
        f"memory are those before this step; {kept}. Look at that batch, or take a smaller learning_rate than "
        f"{run.options.learning_rate:g} or a longer warm-up.",
        step,
    )


def _identity(options: LoopOptions, name: str, settings: Mapping[str, object]) -> dict[str, str]:
    """Returns what has to be the same for a run to go on from a checkpoint."""
    kept = {key: value for key, value in asdict(options).items() if key != "checkpoint_seconds"}
    return {key: repr(value) for key, value in {"name": name, **kept, **settings}.items()}


def _save(run: _Run[B], identity: dict[str, str], rows: list[dict[str, float]]) -> None:
    """Writes checkpoint and log, each whole or not at all."""
    import pandas as pd

    weights, state = run.module.state_dict(), run.optimizer.state_dict()
    with write_atomically(run.folder / CHECKPOINT) as part:
        torch.save({"module": weights, "optimizer": state, "identity": identity, "rows": rows}, part)
    with write_atomically(run.folder / LOG) as part:
        pd.DataFrame(rows).to_csv(part, index=False)


def _resume(run: _Run[B], identity: dict[str, str]) -> list[dict[str, float]]:
    """Reads the checkpoint into module and optimizer if there is one; returns the log so far.

    Raises:
        ValueError: it is one of another run.
    """
    run.folder.mkdir(parents=True, exist_ok=True)
    path = run.folder / CHECKPOINT
    if not path.is_file():
        return []
    saved = torch.load(path, map_location=run.device, weights_only=True)
    before: dict[str, str] = saved["identity"]
    for key in sorted(before.keys() | identity.keys()):
        if before.get(key) != identity.get(key):
            raise ValueError(
                f"{path} is of a run with {key}={before.get(key)}; this one has {key}={identity.get(key)}. "
                "Take the same settings to resume it, or another folder to start anew."
            )
    run.module.load_state_dict(saved["module"])
    run.optimizer.load_state_dict(saved["optimizer"])
    return list(saved["rows"])
