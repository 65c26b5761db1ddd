"""The text encoder on a CPU: blocks of packed tokens in, one vector per sequence out.

Computes what `TextEncoder` computes, with the weights laid out as oneDNN multiplies them, GELU inside its product, and
without padding texts to the longest. A sequence's vector has the same bits whatever is computed with it: every product has a
number of rows that depends on the length of the text alone (`token_blocks`), or a fixed one.

Shapes in the comments: T rows of a block, W width, H heads, D = W / H, S rows of each sequence of a group, n of them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nomic_explore.models.int8 import Int8Linear
from nomic_explore.models.text_encoder import (
    FeedForward,
    MixtureOfExperts,
    TextConfig,
    TextEncoder,
    rotary_table,
    rotate,
)
from nomic_explore.models.token_blocks import Group, TokenBlock

Product = Callable[[Tensor], Tensor]  # (…, K) to (…, N)
_EXPERT_ROWS = 128  # that go through an expert at once; each expert gets other ones in every block


class PackedEncoder:
    """A text encoder made ready for a CPU.

    Args:
        encoder: on a CPU, in float32 or bfloat16, or with `Int8Linear` layers.
    """

    def __init__(self, encoder: TextEncoder):
        self.config = encoder.config
        self.dtype = encoder.emb_ln.weight.dtype
        tables = encoder.embeddings
        self.words, self.segment = (
            tables.word_embeddings.weight.detach(),
            tables.token_type_embeddings.weight[0].detach(),
        )
        self.places = tables.position_embeddings.weight.detach() if encoder.config.n_positions else None
        self.norm = encoder.emb_ln
        self.layers = [_PackedLayer(block, encoder.config) for block in encoder.encoder["layers"].children()]
        self._tables: dict[int, tuple[Tensor, Tensor]] = {}

    def embed(self, block: TokenBlock) -> Tensor:
        """Returns the mean (n, W) float32 of the token vectors of each sequence."""
        hidden = self.hidden(block)
        return torch.cat([_mean(hidden[group.rows], group) for group in block.groups])

    def hidden(self, block: TokenBlock) -> Tensor:
        """Returns the last hidden state of every row, (T, W); what it is at padding means nothing."""
        x = self.words.index_select(0, torch.from_numpy(block.ids)) + self.segment  # (T, W)
        if self.places is not None:
            x = x + self.places.index_select(0, torch.from_numpy(block.positions))
        x = self.norm(x)
        views = [self._view(group) for group in block.groups]
        for layer in self.layers:
            x = layer(x, views)
        return x

    def _view(self, group: Group) -> "_View":
        lengths = torch.from_numpy(group.lengths)
        is_padding = torch.arange(group.n_rows) >= lengths[:, None]  # (n, S)
        bias = torch.zeros(is_padding.shape, dtype=self.dtype).masked_fill_(is_padding, torch.finfo(self.dtype).min)
        rotation = None if self.places is not None else self._rotation(group, ~is_padding)
        return _View(group.rows, len(lengths), bias[:, None, None, :], rotation)

    def _rotation(self, group: Group, is_token: Tensor) -> tuple[Tensor, Tensor]:
        """Returns the cosines and sines (1 or n, 1, S, D / 2); those that depend on S alone are kept."""
        like = torch.zeros(0, dtype=self.dtype)
        if self.config.rotary_factor is not None and group.n_rows > self.config.trained_length:
            return rotary_table(self.config, group.n_rows, is_token, like)
        if group.n_rows not in self._tables:
            self._tables[group.n_rows] = rotary_table(self.config, group.n_rows, None, like)
        return self._tables[group.n_rows]


@dataclass(frozen=True)
class _View:
    """A group of sequences as attention reads it."""

    rows: slice
    n: int
    bias: Tensor
    rotation: tuple[Tensor, Tensor] | None


class _PackedLayer:
    """Attention, then feed-forward, as `Block`."""

    def __init__(self, block: Any, config: TextConfig):
        self.n_heads = config.n_heads
        self.qkv, self.out = _pack(block.attn.Wqkv), _pack(block.attn.out_proj)
        self.norms = block.norm1, block.norm2
        self.feed_forward = _pack_feed_forward(block.mlp)

    def __call__(self, x: Tensor, views: list[_View]) -> Tensor:
        """Returns (T, W)."""
        x = self.norms[0](self.out(self._attend(self.qkv(x), views)) + x)
        return self.norms[1](self.feed_forward(x) + x)

    def _attend(self, qkv: Tensor, views: list[_View]) -> Tensor:
        """Returns (T, W) for (T, 3 W); 0 in rows of no sequence."""
        attended = [self._attend_group(qkv[view.rows], view) for view in views]
        n_left = len(qkv) - views[-1].rows.stop
        if n_left:
            attended.append(qkv.new_zeros(n_left, qkv.shape[1] // 3))
        return torch.cat(attended) if len(attended) > 1 else attended[0]

    def _attend_group(self, qkv: Tensor, view: _View) -> Tensor:
        q, k, v = qkv.view(view.n, -1, 3, self.n_heads, qkv.shape[1] // (3 * self.n_heads)).permute(2, 0, 3, 1, 4)
        if view.rotation is not None:
            q, k = rotate(q, *view.rotation), rotate(k, *view.rotation)
        x = F.scaled_dot_product_attention(q, k, v, attn_mask=view.bias)  # (n, H, S, D)
        return x.transpose(1, 2).reshape(len(qkv), -1)


def _pack_feed_forward(module: Any) -> Product:
    if isinstance(module, MixtureOfExperts):
        return _PackedExperts(module)
    if isinstance(module, FeedForward):
        first, second = _pack(module.fc1, gelu=True), _pack(module.fc2)
        return lambda x: second(first(x))
    values, gate, last = _pack(module.fc11), _pack(module.fc12), _pack(module.fc2)
    return lambda x: last(values(x) * F.silu(gate(x)))


class _PackedExperts:
    """A mixture of experts; see `MixtureOfExperts`."""

    def __init__(self, module: MixtureOfExperts):
        self.module = module
        self.experts = [_pack_feed_forward(expert) for expert in module.experts]

    def __call__(self, x: Tensor) -> Tensor:
        shares, chosen = self.module.route(x)
        weights = shares.to(x.dtype)
        summed = self.module.bias.detach().expand_as(x).clone()
        for number, expert in enumerate(self.experts):
            rows, places = (chosen == number).nonzero(as_tuple=True)
            for own in range(0, len(rows), _EXPERT_ROWS):
                part = rows[own : own + _EXPERT_ROWS]
                entries = F.pad(x[part], (0, 0, 0, _EXPERT_ROWS - len(part)))
                answers = expert(entries)[: len(part)]
                summed.index_add_(0, part, answers * weights[part, places[own : own + _EXPERT_ROWS], None])
        return summed


def _pack(linear: nn.Module, *, gelu: bool = False) -> Product:
    """Returns a linear layer, or one with GELU (erf) after it, as a function of rows."""
    if isinstance(linear, Int8Linear):
        return (lambda x: F.gelu(linear(x))) if gelu else linear
    assert isinstance(linear, nn.Linear)
    weight, bias = linear.weight.detach(), None if linear.bias is None else linear.bias.detach()
    after, how = ("gelu", "none") if gelu else ("none", "")
    if not _has_onednn(weight.dtype):
        return (lambda x: F.gelu(F.linear(x, weight, bias))) if gelu else (lambda x: F.linear(x, weight, bias))
    packed = torch.ops.mkldnn._reorder_linear_weight(weight)
    product = torch.ops.mkldnn._linear_pointwise
    return lambda x: product(x, packed, bias, after, [], how)


def _has_onednn(dtype: torch.dtype) -> bool:
    """Whether oneDNN multiplies this number format here."""
    if dtype == torch.bfloat16 and not torch.ops.mkldnn._is_mkldnn_bf16_supported():
        return False
    return torch.backends.mkldnn.is_available()


def _mean(hidden: Tensor, group: Group) -> Tensor:
    """Returns the mean (n, W) float32 of the tokens of each sequence."""
    lengths = torch.from_numpy(group.lengths)[:, None]
    tokens = hidden.view(len(lengths), group.n_rows, -1)
    is_padding = torch.arange(group.n_rows) >= lengths  # (n, S)
    return tokens.masked_fill(is_padding[:, :, None], 0).sum(dim=1, dtype=torch.float32) / lengths
