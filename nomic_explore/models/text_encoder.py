"""The text encoder: token numbers in, one vector per token out.

nomic-bert (nomic-embed-text-v1, v1.5 and v2-moe) and its older relative BERT (all-MiniLM-L6-v2) are the same stack with
four differences, which `TextConfig` names: how positions are encoded (rotation of queries and keys, or a learned table),
what the inner layer does (a gate, or a plain GELU), whether matrices come with biases, and whether some blocks hold
several inner layers, the experts, of which each token goes through two.

Shapes in the comments: B texts, S tokens in the longest of them, W width, H heads, D = W / H, F inner width,
T = B S tokens, A active experts. Names of modules are those of the published checkpoints, but for the experts, which lie
in two tall matrices there.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass(frozen=True)
class TextConfig:
    """The shape of a text encoder.

    Attributes:
        n_tokens: rows of the word table.
        n_segments: rows of the segment table.
        n_positions: rows of the learned position table; 0 if positions are encoded by rotation.
        width: entries of a token vector.
        n_layers: blocks.
        n_heads: attention heads per block.
        inner_width: width inside the feed-forward part.
        is_gated: feed-forward is `fc2(fc11(x) * silu(fc12(x)))`; otherwise `fc2(gelu(fc1(x)))`.
        has_biases: matrices have biases.
        norm_eps: added to the variance in every layer norm.
        rotary_base: slowest rotation, in tokens per radian.
        rotary_factor: stretches the rotations of texts longer than `trained_length` (dynamic NTK); None leaves them.
        trained_length: tokens of the longest text seen in training.
        n_experts: experts in each of `expert_layers`.
        n_active_experts: experts each token goes through.
        expert_layers: blocks whose inner layer is a mixture of experts.
    """

    n_tokens: int
    n_segments: int
    n_positions: int
    width: int
    n_layers: int
    n_heads: int
    inner_width: int
    is_gated: bool
    has_biases: bool
    norm_eps: float
    rotary_base: float = 1000.0
    rotary_factor: float | None = None
    trained_length: int = 2048
    n_experts: int = 0
    n_active_experts: int = 0
    expert_layers: tuple[int, ...] = ()


class TextEncoder(nn.Module):
    """Bidirectional encoder; returns the last hidden state of every token."""

    def __init__(self, config: TextConfig):
        super().__init__()
        self.config = config
        self.embeddings = Embeddings(config)
        self.emb_ln = nn.LayerNorm(config.width, eps=config.norm_eps)
        self.encoder = nn.ModuleDict(
            {"layers": nn.ModuleList(Block(config, layer) for layer in range(config.n_layers))}
        )

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor | None = None, token_type_ids: Tensor | None = None
    ) -> Tensor:
        """Returns the last hidden state.

        Args:
            input_ids: (B, S) integers, numbers of tokens.
            attention_mask: (B, S), 1 for a token and 0 for padding; None if nothing is padding.
            token_type_ids: (B, S) integers, numbers of segments; None is all zeros.

        Returns:
            (B, S, W) in the dtype of the weights. Values at padding mean nothing.
        """
        x = self.emb_ln(self.embeddings(input_ids, token_type_ids))  # (B, S, W)
        bias = None if attention_mask is None else padding_bias(attention_mask, x.dtype)  # (B, 1, 1, S)
        rotation = None
        if self.config.n_positions == 0:
            rotation = rotary_table(self.config, input_ids.shape[1], attention_mask, x)
        for block in self.encoder["layers"].children():
            x = block(x, bias, rotation)
        return x


class Embeddings(nn.Module):
    """Word, segment and (BERT only) position tables, summed."""

    def __init__(self, config: TextConfig):
        super().__init__()
        self.word_embeddings = nn.Embedding(config.n_tokens, config.width)
        self.token_type_embeddings = nn.Embedding(config.n_segments, config.width)
        if config.n_positions:
            self.position_embeddings = nn.Embedding(config.n_positions, config.width)

    def forward(self, input_ids: Tensor, token_type_ids: Tensor | None) -> Tensor:
        """Returns (B, S, W)."""
        if token_type_ids is None:
            segments = self.token_type_embeddings.weight[0]  # (W)
        else:
            segments = self.token_type_embeddings(token_type_ids)  # (B, S, W)
        x = self.word_embeddings(input_ids) + segments  # (B, S, W)
        if hasattr(self, "position_embeddings"):
            x = x + self.position_embeddings.weight[: input_ids.shape[1]]
        return x


class Block(nn.Module):
    """Attention, then feed-forward; each is added to its input and then normalized (post-norm)."""

    def __init__(self, config: TextConfig, layer: int):
        super().__init__()
        self.attn = Attention(config)
        if layer in config.expert_layers:
            self.mlp: nn.Module = MixtureOfExperts(config)
        else:
            self.mlp = GatedFeedForward(config) if config.is_gated else FeedForward(config)
        self.norm1 = nn.LayerNorm(config.width, eps=config.norm_eps)
        self.norm2 = nn.LayerNorm(config.width, eps=config.norm_eps)

    def forward(self, x: Tensor, bias: Tensor | None, rotation: tuple[Tensor, Tensor] | None) -> Tensor:
        """Returns (B, S, W)."""
        x = self.norm1(self.attn(x, bias, rotation) + x)
        return self.norm2(self.mlp(x) + x)


class Attention(nn.Module):
    """Attention among all tokens of a text."""

    def __init__(self, config: TextConfig):
        super().__init__()
        self.n_heads = config.n_heads
        self.Wqkv = nn.Linear(config.width, 3 * config.width, bias=config.has_biases)  # rows: queries, keys, values
        self.out_proj = nn.Linear(config.width, config.width, bias=config.has_biases)

    def forward(self, x: Tensor, bias: Tensor | None, rotation: tuple[Tensor, Tensor] | None) -> Tensor:
        """Returns (B, S, W)."""
        qkv = self.Wqkv(x).unflatten(-1, (3, self.n_heads, -1))  # (B, S, 3, H, D)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)  # each (B, H, S, D)
        if rotation is not None:
            q, k = rotate(q, *rotation), rotate(k, *rotation)
        x = F.scaled_dot_product_attention(q, k, v, attn_mask=bias)  # (B, H, S, D), scale 1 / sqrt(D)
        return self.out_proj(x.transpose(1, 2).flatten(2))  # (B, S, W)


class GatedFeedForward(nn.Module):
    """SwiGLU: fc11 holds the values, fc12 the gate."""

    def __init__(self, config: TextConfig):
        super().__init__()
        self.fc11 = nn.Linear(config.width, config.inner_width, bias=config.has_biases)
        self.fc12 = nn.Linear(config.width, config.inner_width, bias=config.has_biases)
        self.fc2 = nn.Linear(config.inner_width, config.width, bias=config.has_biases)

    def forward(self, x: Tensor) -> Tensor:
        """Returns (B, S, W)."""
        return self.fc2(self.fc11(x) * F.silu(self.fc12(x)))  # (B, S, F) inside


class FeedForward(nn.Module):
    """Two layers with the exact (erf) GELU between them; also one expert of many."""

    def __init__(self, config: TextConfig, has_biases: bool | None = None):
        super().__init__()
        has_biases = config.has_biases if has_biases is None else has_biases
        self.fc1 = nn.Linear(config.width, config.inner_width, bias=has_biases)
        self.fc2 = nn.Linear(config.inner_width, config.width, bias=has_biases)

    def forward(self, x: Tensor) -> Tensor:
        """Returns the shape of x, (…, W)."""
        return self.fc2(F.gelu(self.fc1(x)))  # (…, F) inside


class MixtureOfExperts(nn.Module):
    """Sends each token through the experts with the highest router scores, and sums their outputs, weighted by the scores.

    An answer counts as much as its expert's share of the router's softmax over all experts; the shares of the chosen ones
    are not scaled up to 1 (config of nomic-embed-text-v2-moe: moe_normalize_expert_weights is false). Experts have no biases
    of their own; one is added to the sum.
    """

    def __init__(self, config: TextConfig):
        super().__init__()
        self.n_active = config.n_active_experts
        self.router = nn.ModuleDict({"layer": nn.Linear(config.width, config.n_experts, bias=False)})
        self.experts = nn.ModuleList(FeedForward(config, has_biases=False) for _ in range(config.n_experts))
        self.bias = nn.Parameter(torch.zeros(config.width))

    def route(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """Returns the shares (T, A) float32 and the numbers (T, A) of the experts each token (T, W) goes through."""
        shares = self.router["layer"](tokens).softmax(dim=-1, dtype=torch.float32)  # (T, E)
        return tuple(shares.topk(self.n_active))

    def forward(self, x: Tensor) -> Tensor:
        """Returns (B, S, W)."""
        tokens = x.flatten(0, 1)  # (T, W)
        shares, chosen = self.route(tokens)
        visits = chosen.flatten().argsort(stable=True)  # (T A), those of expert 0 first; visit v is one of token v // A
        sizes = torch.bincount(chosen.flatten(), minlength=len(self.experts)).tolist()
        weights = shares.flatten().to(x.dtype)  # (T A)
        summed = self.bias.expand_as(tokens).clone()  # (T, W)
        for expert, own in zip(self.experts, visits.split(sizes), strict=True):
            if len(own):
                rows = own // self.n_active
                summed.index_add_(0, rows, expert(tokens[rows]) * weights[own, None])
        return summed.view_as(x)


def padding_bias(attention_mask: Tensor, dtype: torch.dtype) -> Tensor:
    """Returns (B, 1, 1, S): 0 for tokens of the text, the lowest number of the dtype for padding."""
    bias = torch.zeros(attention_mask.shape, dtype=dtype, device=attention_mask.device)
    return bias.masked_fill_(attention_mask == 0, torch.finfo(dtype).min)[:, None, None, :]


def rotary_table(config: TextConfig, length: int, attention_mask: Tensor | None, like: Tensor) -> tuple[Tensor, Tensor]:
    """Returns the cosine and sine of the rotation angle at every position, (1 or B, 1, S, D / 2), in the dtype of `like`.

    Angles are computed in float32. With dynamic NTK a text longer than the trained length gets a slower table that
    depends on its own length alone: not on the other texts of the batch, nor on earlier batches.
    """
    if config.rotary_factor is None or length <= config.trained_length or attention_mask is None:
        lengths = torch.tensor([length])
    else:  # the place after the last token that counts
        places = torch.arange(1, length + 1, device=attention_mask.device)
        lengths = (places * (attention_mask != 0)).amax(dim=1).cpu()  # (B)
    frequencies = inverse_frequencies(config, lengths)  # (B, D / 2)
    angles = torch.arange(length, dtype=torch.float32)[:, None] * frequencies[:, None, None, :]  # (B, 1, S, D / 2)
    return angles.cos().to(like), angles.sin().to(like)


def inverse_frequencies(config: TextConfig, lengths: Tensor) -> Tensor:
    """Returns radians per token of each rotation, (B, D / 2) float32, for texts of these lengths (B).

    Dynamic NTK as in Nomic's reference code: base * (f S / T - (f - 1)) ^ (D / (D - 2)) for S > T, nothing below.
    """
    size = config.width // config.n_heads
    base = torch.full((len(lengths), 1), float(config.rotary_base), dtype=torch.float64)
    if config.rotary_factor is not None:
        factor, stretch = config.rotary_factor, lengths[:, None].double() / config.trained_length
        grown = base * (factor * stretch.clamp(min=1) - (factor - 1)) ** (size / (size - 2))
        base = torch.where(stretch > 1, grown, base)
    exponents = torch.arange(0, size, 2, dtype=torch.float64) / size  # (D / 2)
    return (1.0 / base**exponents).float()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Returns x (B, H, S, D) with entry j and entry j + D / 2 of each token rotated by the angle of its position."""
    first, second = x.chunk(2, dim=-1)  # (B, H, S, D / 2)
    return torch.cat((first * cos - second * sin, second * cos + first * sin), dim=-1)
