"""Blocks of the encoder in 8-bit integers: between products, rows stay in 8 bits, with a float32 sum beside them.

Shapes in the comments as in `packed_encoder`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from nomic_explore.models import int8_kernels
from nomic_explore.models.expert_routing import run_experts
from nomic_explore.models.int8 import Int8Linear
from nomic_explore.models.text_encoder import Block, FeedForward, GatedFeedForward, MixtureOfExperts

View = TypeVar("View")


@dataclass(frozen=True)
class Rows:
    """Rows in 8 bits.

    Attributes:
        codes: (T, K) uint8.
        scales: (T, 6) float32; see `int8_kernels`.
    """

    codes: np.ndarray
    scales: np.ndarray

    @staticmethod
    def empty(n_rows: int, width: int) -> "Rows":
        """Returns rows to be written."""
        return Rows(np.empty((n_rows, width), np.uint8), np.empty((n_rows, 6), np.float32))

    @staticmethod
    def of(x: Tensor, reader: Int8Linear) -> "Rows":
        """Returns x (T, K) float32 rounded for a layer that reads it."""
        rows = Rows.empty(*x.shape)
        int8_kernels.round_rows(x.numpy(), reader.kept_places, rows.codes, rows.scales)
        return rows

    def times(self, layer: Int8Linear) -> np.ndarray:
        """Returns the integer product with the weights of a layer, (T, N) float32."""
        return layer.multiply(torch.from_numpy(self.codes)).numpy()


class Int8Layer(Generic[View]):
    """Attention, then feed-forward, as `text_encoder.Block`.

    Args:
        block: with `Int8Linear` layers.
        attend: attention among the rows of each sequence: (T, 3 W) to (T, W).
    """

    def __init__(self, block: Block, attend: Callable[[Tensor, list[View]], Tensor]):
        self.attend = attend
        self.qkv, self.out = _int8(block.attn.Wqkv), _int8(block.attn.out_proj)
        self.norms = _Norm(block.norm1), _Norm(block.norm2)
        self.experts = block.mlp if isinstance(block.mlp, MixtureOfExperts) else None
        self.inners = [_Inner(module) for module in (self.experts.experts if self.experts else [block.mlp])]

    def __call__(self, x: Tensor, rows: Rows | None, views: list[View], reader: Int8Linear) -> Rows:
        """Changes x (T, W) float32 in place and returns it rounded for the layer that reads it next."""
        rows = rows or Rows.of(x, self.qkv)
        attended = Rows.of(self.attend(_finish(rows, self.qkv), views).float(), self.out)
        first, second = self.norms
        if self.experts:
            first(attended, self.out, x, self.out)
            x.copy_(second.module(run_experts(self.experts, [inner.finish for inner in self.inners], x) + x))
            return Rows.of(x, reader)
        inner = self.inners[0]
        return second(inner(first(attended, self.out, x, inner.values)), inner.last, x, reader)


class _Inner:
    """A feed-forward part up to its last product."""

    def __init__(self, module: nn.Module):
        if isinstance(module, FeedForward):
            self.values, self.gate, self.last = _int8(module.fc1), None, _int8(module.fc2)
        else:
            assert isinstance(module, GatedFeedForward)
            # Both read the same rows, so they keep the same entries.
            self.values, self.gate, self.last = _int8(module.fc11), _int8(module.fc12), _int8(module.fc2)

    def __call__(self, rows: Rows) -> Rows:
        """Returns what the last layer reads."""
        values, added = rows.times(self.values), self.values.added_rows
        inner = Rows.empty(*values.shape)
        target = self.last.kept_places, inner.codes, inner.scales
        if self.gate is None:
            int8_kernels.gelu_and_round(values, rows.scales, added, *target)
        else:
            gates = rows.times(self.gate)
            int8_kernels.gate_and_round(values, gates, rows.scales, added, self.gate.added_rows, *target)
        return inner

    def finish(self, x: Tensor) -> Tensor:
        """Returns what comes out of the part, (t, W) for (t, W) float32."""
        return _finish(self(Rows.of(x, self.values)), self.last)


class _Norm:
    """Sum and layer norm after a product."""

    def __init__(self, module: nn.LayerNorm):
        self.module = module
        self.weight, self.bias = module.weight.detach().numpy(), module.bias.detach().numpy()

    def __call__(self, rows: Rows, layer: Int8Linear, x: Tensor, reader: Int8Linear) -> Rows:
        """Puts the norm of x plus what rows give in a layer into x, and returns it rounded for its reader."""
        rounded = Rows.empty(*x.shape)
        int8_kernels.add_norm_and_round(
            rows.times(layer),
            rows.scales,
            layer.added_rows,
            x.numpy(),
            self.weight,
            self.bias,
            np.float32(self.module.eps),
            reader.kept_places,
            rounded.codes,
            rounded.scales,
        )
        return rounded


def _finish(rows: Rows, layer: Int8Linear) -> Tensor:
    """Returns what rows give in a layer, (T, N) float32."""
    product = rows.times(layer)
    int8_kernels.finish_product(product, rows.scales, layer.added_rows, product)
    return torch.from_numpy(product)


def _int8(linear: nn.Module) -> Int8Linear:
    assert isinstance(linear, Int8Linear)
    return linear
