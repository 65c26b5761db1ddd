"""The text encoder on a CPU: blocks of packed tokens in, one vector per sequence out.

Computes what `TextEncoder` computes, with the weights laid out as oneDNN multiplies them, GELU inside its product, and
without padding texts to the longest. A sequence's vector has the same bits whatever is computed with it: every product has a
number of rows that depends on the length of the text alone (`token_blocks`), or a fixed one.

Shapes in the comments: T rows of a block, W width, H heads, D = W / H, S rows of each sequence of a group, n of them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nomic_explore.models.expert_routing import run_experts
from nomic_explore.models.int8 import Int8Linear
from nomic_explore.models.text_encoder import (
    Block,
    FeedForward,
    GatedFeedForward,
    MixtureOfExperts,
    TextEncoder,
    rotary_table,
    rotate,
)
from nomic_explore.models.token_blocks import Group, TokenBlock
from nomic_explore.numba_cache import prepare_numba

if TYPE_CHECKING:
    from nomic_explore.models.int8_layers import Int8Layer


class PackedEncoder:
    """A text encoder made ready for a CPU.

    Args:
        encoder: on a CPU, in float32 or bfloat16, or with `Int8Linear` layers.
        attention_dtype: the format of products inside attention, where the layers are in 8 bits.
    """

    def __init__(self, encoder: TextEncoder, attention_dtype: torch.dtype = torch.float32):
        blocks = cast("list[Block]", list(encoder.encoder["layers"].children()))
        self.config = encoder.config
        self.is_int8 = isinstance(blocks[0].attn.Wqkv, Int8Linear)
        self.dtype = attention_dtype if self.is_int8 else encoder.emb_ln.weight.dtype
        tables = encoder.embeddings
        self.words, self.segment = (
            tables.word_embeddings.weight.detach(),
            tables.token_type_embeddings.weight[0].detach(),
        )
        self.places = tables.position_embeddings.weight.detach() if encoder.config.n_positions else None
        self.norm = encoder.emb_ln
        self.layers = [] if self.is_int8 else [_PackedLayer(block, self._attend) for block in blocks]
        self.int8_layers = self._make_int8_layers(blocks) if self.is_int8 else []
        self._tables: dict[int, tuple[Tensor, Tensor]] = {}

    def _make_int8_layers(self, blocks: list[Block]) -> "list[Int8Layer[_View]]":
        prepare_numba()
        from nomic_explore.models.int8_layers import Int8Layer

        return [Int8Layer(block, self._attend) for block in blocks]

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
        if self.is_int8:
            return self._run_int8(x, views)
        for layer in self.layers:
            x = layer(x, views)
        return x

    def _run_int8(self, x: Tensor, views: list["_View"]) -> Tensor:
        rows = None
        for layer, following in zip(self.int8_layers, [*self.int8_layers[1:], self.int8_layers[-1]], strict=True):
            rows = layer(x, rows, views, following.qkv)
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

    def _attend(self, qkv: Tensor, views: list["_View"]) -> Tensor:
        """Returns attention among the rows of each sequence, (T, W) for (T, 3 W); 0 in rows of no sequence."""
        attended = [self._attend_group(qkv[view.rows].to(self.dtype), view) for view in views]
        n_left = len(qkv) - views[-1].rows.stop
        if n_left:
            attended.append(attended[0].new_zeros(n_left, qkv.shape[1] // 3))
        return torch.cat(attended) if len(attended) > 1 else attended[0]

    def _attend_group(self, qkv: Tensor, view: "_View") -> Tensor:
        q, k, v = qkv.view(view.n, -1, 3, self.config.n_heads, self.config.width // self.config.n_heads).permute(
            2, 0, 3, 1, 4
        )
        if view.rotation is not None:
            q, k = rotate(q, *view.rotation), rotate(k, *view.rotation)
        x = F.scaled_dot_product_attention(q, k, v, attn_mask=view.bias)  # (n, H, S, D)
        return x.transpose(1, 2).reshape(len(qkv), -1)


@dataclass(frozen=True)
class _View:
    """A group of sequences as attention reads it."""

    rows: slice
    n: int
    bias: Tensor
    rotation: tuple[Tensor, Tensor] | None


class _PackedLayer:
    """Attention, then feed-forward, as `text_encoder.Block`."""

    def __init__(self, block: Block, attend: Callable[[Tensor, list[_View]], Tensor]):
        self.attend = attend
        self.qkv, self.out = PackedLinear(block.attn.Wqkv), PackedLinear(block.attn.out_proj)
        self.norms = block.norm1, block.norm2
        self.feed_forward = _pack_feed_forward(block.mlp)

    def __call__(self, x: Tensor, views: list[_View]) -> Tensor:
        """Returns (T, W)."""
        x = self.norms[0](self.out.combined(self.attend(self.qkv(x), views), "add", x))
        return self.norms[1](self.feed_forward(x, x))


def _pack_feed_forward(module: nn.Module) -> Callable[[Tensor, Tensor], Tensor]:
    """Returns a feed-forward part as a function of its rows and of what is added to its answer."""
    if isinstance(module, MixtureOfExperts):
        experts = [_pack_expert(cast("FeedForward", expert)) for expert in module.experts]
        return lambda x, added: run_experts(module, experts, x) + added
    if isinstance(module, FeedForward):
        first, second = PackedLinear(module.fc1), PackedLinear(module.fc2)
        return lambda x, added: second.combined(first(x, "gelu"), "add", added)
    assert isinstance(module, GatedFeedForward)
    last = PackedLinear(module.fc2)
    values, gate = PackedLinear(module.fc11), PackedLinear(module.fc12)
    return lambda x, added: last.combined(values.combined(x, "mul", gate(x, "swish")), "add", added)


def _pack_expert(module: FeedForward) -> Callable[[Tensor], Tensor]:
    first, last = PackedLinear(module.fc1), PackedLinear(module.fc2)
    return lambda x: last(first(x, "gelu"))


class PackedLinear:
    """A linear layer with its weights as oneDNN multiplies them, and what follows it done in the same pass."""

    def __init__(self, linear: nn.Linear):
        self.weight, self.bias = linear.weight.detach(), None if linear.bias is None else linear.bias.detach()
        self.is_packed = _has_onednn(self.weight.dtype)
        if self.is_packed:
            self.weight = torch.ops.mkldnn._reorder_linear_weight(self.weight)

    def __call__(self, x: Tensor, after: str = "none") -> Tensor:
        """Returns (T, N) for x (T, K), after nothing ("none"), GELU with erf ("gelu") or SiLU ("swish")."""
        if self.is_packed:
            how = "none" if after == "gelu" else ""
            return torch.ops.mkldnn._linear_pointwise(x, self.weight, self.bias, after, [], how)
        y = F.linear(x, self.weight, self.bias)
        return {"none": lambda y: y, "gelu": F.gelu, "swish": F.silu}[after](y)

    def combined(self, x: Tensor, how: str, other: Tensor) -> Tensor:
        """Returns (T, N) for x (T, K), "add"ed to or "mul"tiplied by another (T, N)."""
        if self.is_packed:
            return torch.ops.mkldnn._linear_pointwise.binary(x, other, self.weight, self.bias, how)
        y = F.linear(x, self.weight, self.bias)
        return y + other if how == "add" else y * other


@cache
def _has_onednn(dtype: torch.dtype) -> bool:
    """Whether oneDNN multiplies this number format here."""
    if not torch.backends.mkldnn.is_available():
        return False
    x = torch.ones(8, 32, dtype=dtype)
    try:
        weight = torch.ops.mkldnn._reorder_linear_weight(x)
        return torch.ops.mkldnn._linear_pointwise(x, weight, None, "none", [], "").shape == (8, 8)
    except RuntimeError:  # processors and builds that lack this format
        return False


def _mean(hidden: Tensor, group: Group) -> Tensor:
    """Returns the mean (n, W) float32 of the tokens of each sequence."""
    lengths = torch.from_numpy(group.lengths)[:, None]
    tokens = hidden.view(len(lengths), group.n_rows, -1)
    is_padding = torch.arange(group.n_rows) >= lengths  # (n, S)
    return tokens.masked_fill(is_padding[:, :, None], 0).sum(dim=1, dtype=torch.float32) / lengths
