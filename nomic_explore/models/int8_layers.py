"""Blocks of the encoder in 8-bit integers: between products, rows stay in 8 bits, with a float32 sum beside them.

Shapes in the comments as in `packed_encoder`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from nomic_explore.models import int8_kernels
from nomic_explore.models.experts import run_experts
from nomic_explore.models.int8 import Int8Linear
from nomic_explore.models.text_encoder import MixtureOfExperts


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


class Int8Layer:
    """Attention, then feed-forward, as `text_encoder.Block`.

    Args:
        block: with `Int8Linear` layers.
        attend: attention among the rows of each sequence: (T, 3 W) to (T, W).
    """

    def __init__(self, block: Any, attend: Callable[[Tensor, list[Any]], Tensor]):
        self.attend = attend
        self.qkv, self.out = block.attn.Wqkv, block.attn.out_proj
        self.norms = _Norm(block.norm1), _Norm(block.norm2)
        self.feed_forward = block.mlp

    def __call__(self, x: Tensor, rows: Rows | None, views: list[Any], reader: Int8Linear) -> Rows:
        """Changes x (T, W) float32 in place and returns it rounded for the layer that reads it next."""
        rows = rows or Rows.of(x, self.qkv)
        attended = Rows.of(self.attend(_finish(rows, self.qkv), views).float(), self.out)
        if isinstance(self.feed_forward, MixtureOfExperts):
            self.norms[0](attended, self.out, x, self.out)
            x.copy_(self.norms[1].module(_run_experts(self.feed_forward, x) + x))
            return Rows.of(x, reader)
        inner = _first_of(self.feed_forward)
        rows = self.norms[0](attended, self.out, x, inner)
        return self.norms[1](_run_inner(self.feed_forward, rows), self.feed_forward.fc2, x, reader)


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


def _first_of(feed_forward: Any) -> Any:
    """The layer that reads what goes into a feed-forward part; with a gate, two do, and keep the same entries."""
    return feed_forward.fc1 if hasattr(feed_forward, "fc1") else feed_forward.fc11


def _run_inner(module: Any, rows: Rows) -> Rows:
    """Returns what the last layer of a feed-forward part reads."""
    if hasattr(module, "fc1"):
        product = rows.times(module.fc1)
        inner = Rows.empty(*product.shape)
        int8_kernels.gelu_and_round(
            product, rows.scales, module.fc1.added_rows, module.fc2.kept_places, inner.codes, inner.scales
        )
        return inner
    values, gates = rows.times(module.fc11), rows.times(module.fc12)
    inner = Rows.empty(*values.shape)
    int8_kernels.gate_and_round(
        values,
        gates,
        rows.scales,
        module.fc11.added_rows,
        module.fc12.added_rows,
        module.fc2.kept_places,
        inner.codes,
        inner.scales,
    )
    return inner


def _run_experts(module: MixtureOfExperts, x: Tensor) -> Tensor:
    def run(expert: Any, part: Tensor) -> Tensor:
        return _finish(_run_inner(expert, Rows.of(part, expert.fc1)), expert.fc2)

    return run_experts(module, [partial(run, expert) for expert in module.experts], x)
