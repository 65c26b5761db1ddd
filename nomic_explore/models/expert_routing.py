"""Mixture of experts on a CPU, so that a token's answer has the same bits whatever tokens come with it."""

from collections.abc import Callable, Sequence

import torch.nn.functional as F
from torch import Tensor

from nomic_explore.models.text_encoder import MixtureOfExperts

_ROWS = 128  # that go through an expert at once, padded: the rows of a product must not depend on the company


def run_experts(module: MixtureOfExperts, experts: Sequence[Callable[[Tensor], Tensor]], x: Tensor) -> Tensor:
    """Returns (T, W), the sum of each row's experts weighted by its shares; each product has the same number of rows."""
    shares, chosen = module.route(x)
    weights = shares.to(x.dtype)
    summed = module.bias.detach().expand_as(x).clone()
    for number, expert in enumerate(experts):
        rows, places = (chosen == number).nonzero(as_tuple=True)
        for own in range(0, len(rows), _ROWS):
            part = rows[own : own + _ROWS]
            entries = F.pad(x[part], (0, 0, 0, _ROWS - len(part)))
            answers = expert(entries)[: len(part)]
            summed.index_add_(0, part, answers * weights[part, places[own : own + _ROWS], None])
    return summed
