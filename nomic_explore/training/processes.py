"""Several processes that train one model together, one for each GPU, started by torch's own `torchrun`.

    torchrun --nproc-per-node 2 train.py

Every process makes the same batch, computes its share of it, and averages its gradients with the others before each
step. `DistributedDataParallel` does the same inside `backward()`; here it is a step of its own, since cached gradients
(`contrastive.py`) call `backward()` once for each chunk. A process that was started alone is one of one.
"""

import atexit
import os
from collections.abc import Mapping

import torch
import torch.distributed as dist
from torch import Tensor, nn

from nomic_explore.models.hardware import choose_device


def join_processes() -> tuple[int, int]:
    """Returns the number of this process and the number of all, (0, 1) for one that was started alone.

    Example:
        >>> join_processes()
        (0, 1)
    """
    if int(os.environ.get("WORLD_SIZE", "1")) > 1 and not dist.is_initialized():
        dist.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
        atexit.register(_leave)
    return (dist.get_rank(), dist.get_world_size()) if dist.is_initialized() else (0, 1)


def training_device() -> torch.device:
    """Returns the device this process trains on: its own GPU, or the CPU.

    Example:
        >>> training_device().type in ("cpu", "cuda")
        True
    """
    device = choose_device(None)
    return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0"))) if device.type == "cuda" else device


def share_weights(module: nn.Module) -> None:
    """Gives every process the weights of the first."""
    if join_processes()[1] > 1:
        for tensor in module.state_dict().values():
            dist.broadcast(tensor, src=0)


def average_gradients(module: nn.Module) -> None:
    """Replaces the gradients of this process by their mean over all; a parameter without one counts as zeros."""
    _, n_processes = join_processes()
    parameters = [parameter for parameter in module.parameters() if parameter.requires_grad]
    if n_processes == 1:
        return
    grads = [torch.zeros_like(each) if each.grad is None else each.grad for each in parameters]
    flat = torch.cat([grad.flatten() for grad in grads])  # one message instead of one for each parameter
    dist.all_reduce(flat)
    parts = (flat / n_processes).split([grad.numel() for grad in grads])
    for parameter, part in zip(parameters, parts, strict=True):
        parameter.grad = part.view_as(parameter)


def average_numbers(numbers: Mapping[str, float], device: torch.device) -> dict[str, float]:
    """Returns the mean of each number over all processes, but the sum of "tokens"."""
    _, n_processes = join_processes()
    if n_processes == 1:
        return dict(numbers)
    values = torch.tensor([numbers[name] for name in sorted(numbers)], dtype=torch.float64, device=device)
    dist.all_reduce(values)
    summed = dict(zip(sorted(numbers), values.tolist(), strict=True))
    return {name: value if name == "tokens" else value / n_processes for name, value in summed.items()}


def gather_documents(rows: Tensor) -> Tensor:
    """Returns the rows (B, d) of all processes, (processes B, d), in their order."""
    return rows if join_processes()[1] == 1 else _GatheredRows.apply(rows)


class _GatheredRows(torch.autograd.Function):
    """The rows of all processes; the gradient of a row is the sum of those it has in every process."""

    @staticmethod
    def forward(ctx: torch.autograd.function.FunctionCtx, rows: Tensor) -> Tensor:
        parts = [torch.empty_like(rows) for _ in range(join_processes()[1])]
        dist.all_gather(parts, rows.contiguous())
        return torch.cat(parts)

    @staticmethod
    def backward(ctx: torch.autograd.function.FunctionCtx, gradient: Tensor) -> Tensor:
        rank, n_processes = join_processes()
        summed = gradient.clone()
        dist.all_reduce(summed)
        return summed.chunk(n_processes)[rank]


def _leave() -> None:
    if dist.is_initialized():
        dist.destroy_process_group()
