"""Cached gradients: the gradients of a loss over a batch that does not fit into memory (GradCache, arXiv:2101.06983).

A contrastive loss compares every text of a batch with every other, so that a batch cannot be cut into parts whose losses are
summed. But it sees a text through its vector only. So: embed everything without a graph; compute the loss and its gradient
with respect to the vectors; then embed each chunk once more, now with a graph, and hand it its part of that gradient. That
costs one more forward pass, a third more work, and memory for one chunk only.
"""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor


def cached_backward(
    embed: Callable[[np.ndarray], Tensor],
    chunks: list[np.ndarray],
    loss_of: Callable[[Tensor], Tensor],
    *,
    penalty_of: Callable[[], Tensor] | None = None,
    keeps_graph: bool = False,
) -> float:
    """Computes a loss over the vectors of many chunks and adds its gradients to all weights; returns the loss.

    Args:
        embed: gives the vectors (b, W) of the texts with these numbers (b,).
        chunks: numbers of texts, each of 0 … n - 1 once.
        loss_of: gives the loss () of all vectors (n, W).
        penalty_of: gives what a chunk adds to the loss besides its vectors, () after each `embed`: the router's loss.
        keeps_graph: keeps what the gradients need of every chunk in memory, instead of embedding each chunk twice; the
            gradients are the same.
    """
    seed = int(torch.randint(2**31, ()))  # dropout has to draw the same numbers in both passes

    def embed_chunk(number: int) -> tuple[Tensor, Tensor | None]:
        torch.manual_seed(seed + number)
        return embed(chunks[number]), None if penalty_of is None else penalty_of()

    with torch.set_grad_enabled(keeps_graph):
        parts = [embed_chunk(number) for number in range(len(chunks))]
    torch.clear_autocast_cache()  # it holds weights in bfloat16 without a graph, and would use them in the second pass
    order = torch.from_numpy(np.argsort(np.concatenate(chunks)))
    embedded = torch.cat([part.detach() for part, _ in parts])
    vectors = embedded[order.to(embedded.device)].requires_grad_()  # (n, W)
    loss = loss_of(vectors)
    (gradient,) = torch.autograd.grad(loss, vectors)  # (n, W)
    total = float(loss.detach())
    for number, chunk in enumerate(chunks):
        part, penalty = parts[number] if keeps_graph else embed_chunk(number)
        own = gradient[torch.from_numpy(chunk).to(gradient.device)]
        torch.autograd.backward(
            [part] if penalty is None else [part, penalty], [own] if penalty is None else [own, None]
        )
        total += 0.0 if penalty is None else float(penalty.detach())
    return total
