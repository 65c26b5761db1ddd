"""The image encoder: pixels in, one vector per patch out, in the space of the text model it was aligned to.

nomic-embed-vision is a vision transformer of the EVA02 family (normalized before each part, gated inner layers, queries and
keys rotated by their place in the picture) with a head that reads all patches once. The head's answer is added to every token,
so the vector of the picture is token 0: the picture's own token plus the head.

Shapes in the comments: B pictures, P patches, S = 1 + P tokens, W width, H heads, D = W / H, F inner width.
Names of modules are those of the published checkpoints.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_INNER_EPS = 1e-5  # of the norm inside the inner layer; the reference leaves it at torch's default
_ROTARY_BASE = 10000.0


@dataclass(frozen=True)
class VisionConfig:
    """The shape of an image encoder.

    Attributes:
        image_size: pixels of a side.
        patch_size: pixels of a side of a patch.
        n_channels: color channels of a picture.
        width: entries of a token vector.
        n_layers: blocks.
        n_heads: attention heads per block.
        inner_width: width inside the feed-forward part.
        norm_eps: added to the variance in the layer norms around the parts of a block.
        reference_grid: rows and columns of patches the rotations are counted in.
    """

    image_size: int
    patch_size: int
    n_channels: int
    width: int
    n_layers: int
    n_heads: int
    inner_width: int
    norm_eps: float
    reference_grid: tuple[int, int]

    @property
    def n_per_side(self) -> int:
        """Patches along one side."""
        return self.image_size // self.patch_size


class VisionEncoder(nn.Module):
    """Encodes pictures; returns the last hidden state, in which the vector of a picture is that of token 0."""

    def __init__(self, config: VisionConfig):
        super().__init__()
        self.config = config
        self.embeddings = Patches(config)
        self.layers = nn.ModuleList(Block(config) for _ in range(config.n_layers))
        self.selector = Head(config)

    def forward(self, pixel_values: Tensor) -> Tensor:
        """Returns the last hidden state.

        Args:
            pixel_values: (B, C, image_size, image_size), prepared as `models/images.py` does.

        Returns:
            (B, S, W) in the dtype of the weights.
        """
        x = self.embeddings(pixel_values)  # (B, S, W)
        rotation = rotation_table(self.config, x)
        for block in self.layers:
            x = block(x, rotation)
        return self.selector(x)


class Patches(nn.Module):
    """Cuts a picture into patches, makes each a token, and puts the picture's own token in front."""

    def __init__(self, config: VisionConfig):
        super().__init__()
        self.size = config.patch_size
        self.proj = nn.Linear(config.n_channels * config.patch_size**2, config.width)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, config.width))
        self.pos_embed = nn.Parameter(torch.zeros(1, 1 + config.n_per_side**2, config.width))

    def forward(self, pixel_values: Tensor) -> Tensor:
        """Returns (B, S, W)."""
        patches = F.unfold(pixel_values, self.size, stride=self.size).transpose(1, 2)  # (B, P, C size size)
        x = torch.cat((self.cls_token.expand(len(patches), -1, -1), self.proj(patches)), dim=1)  # (B, S, W)
        return x + self.pos_embed


class Block(nn.Module):
    """Attention, then feed-forward; each is applied to the normalized input and added to it (pre-norm)."""

    def __init__(self, config: VisionConfig):
        super().__init__()
        self.norm1 = nn.LayerNorm(config.width, eps=config.norm_eps)
        self.attn = Attention(config)
        self.norm2 = nn.LayerNorm(config.width, eps=config.norm_eps)
        self.mlp = GatedFeedForward(config, has_norm=True)

    def forward(self, x: Tensor, rotation: tuple[Tensor, Tensor]) -> Tensor:
        """Returns (B, S, W)."""
        x = x + self.attn(self.norm1(x), rotation)
        return x + self.mlp(self.norm2(x))


class Attention(nn.Module):
    """Attention among all tokens of a picture; patches are rotated by their position, token 0 is not."""

    def __init__(self, config: VisionConfig):
        super().__init__()
        self.n_heads = config.n_heads
        self.Wqkv = nn.Linear(config.width, 3 * config.width)  # rows: queries, keys, values
        self.out_proj = nn.Linear(config.width, config.width)

    def forward(self, x: Tensor, rotation: tuple[Tensor, Tensor]) -> Tensor:
        """Returns (B, S, W)."""
        qkv = self.Wqkv(x).unflatten(-1, (3, self.n_heads, -1))  # (B, S, 3, H, D)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)  # each (B, H, S, D)
        x = F.scaled_dot_product_attention(
            rotate_patches(q, *rotation), rotate_patches(k, *rotation), v
        )  # (B, H, S, D)
        return self.out_proj(x.transpose(1, 2).flatten(2))  # (B, S, W)


class GatedFeedForward(nn.Module):
    """SwiGLU, in blocks with a norm before the last matrix: fc11 holds the values, fc12 the gate."""

    def __init__(self, config: VisionConfig, *, has_norm: bool):
        super().__init__()
        self.fc11 = nn.Linear(config.width, config.inner_width)
        self.fc12 = nn.Linear(config.width, config.inner_width)
        self.fc2 = nn.Linear(config.inner_width, config.width)
        if has_norm:
            self.norm = nn.LayerNorm(config.inner_width, eps=_INNER_EPS)

    def forward(self, x: Tensor) -> Tensor:
        """Returns (B, S, W)."""
        x = self.fc11(x) * F.silu(self.fc12(x))  # (B, S, F)
        return self.fc2(self.norm(x) if hasattr(self, "norm") else x)


class Head(nn.Module):
    """One learned question to all tokens; what it learns is added to every token."""

    def __init__(self, config: VisionConfig):
        super().__init__()
        self.attn = LatentAttention(config)
        self.norm1 = nn.LayerNorm(config.width, eps=config.norm_eps)
        self.mlp = GatedFeedForward(config, has_norm=False)

    def forward(self, x: Tensor) -> Tensor:
        """Returns (B, S, W)."""
        return x + self.mlp(self.norm1(self.attn(x)))  # (B, 1, W) is added to each token


class LatentAttention(nn.Module):
    """Attention with one learned query, which has no place in the picture."""

    def __init__(self, config: VisionConfig):
        super().__init__()
        self.n_heads = config.n_heads
        self.latent = nn.Parameter(torch.zeros(1, 1, config.width))
        self.Wq = nn.Linear(config.width, config.width)
        self.Wkv = nn.Linear(config.width, 2 * config.width)  # rows: keys, values
        self.out_proj = nn.Linear(config.width, config.width)

    def forward(self, x: Tensor) -> Tensor:
        """Returns (B, 1, W)."""
        q = self.Wq(self.latent).unflatten(-1, (self.n_heads, -1)).transpose(1, 2)  # (1, H, 1, D)
        kv = self.Wkv(x).unflatten(-1, (2, self.n_heads, -1))  # (B, S, 2, H, D)
        k, v = kv.permute(2, 0, 3, 1, 4)  # each (B, H, S, D)
        x = F.scaled_dot_product_attention(q.expand(len(x), -1, -1, -1), k, v)  # (B, H, 1, D)
        return self.out_proj(x.transpose(1, 2).flatten(2))


def rotation_table(config: VisionConfig, like: Tensor) -> tuple[Tensor, Tensor]:
    """Returns cosines and sines of each patch's angles, (P, D / 2), in the dtype of `like`.

    The first half of the angles counts rows of patches, the second columns, each at D / 4 speeds.
    """
    size = config.width // config.n_heads
    speeds = _ROTARY_BASE ** -(torch.arange(size // 4) / (size // 4))  # (D / 4)
    steps = torch.arange(config.n_per_side) / config.n_per_side
    rows, columns = (torch.outer(steps * length, speeds) for length in config.reference_grid)  # (side, D / 4)
    n = config.n_per_side
    angles = torch.cat((rows[:, None].expand(n, n, -1), columns[None].expand(n, n, -1)), dim=-1).flatten(0, 1)
    return angles.cos().to(like), angles.sin().to(like)


def rotate_patches(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Returns x (B, H, S, D) with entries 2 j and 2 j + 1 of each patch turned by the angle j of its place; token 0 stays."""
    even, odd = x[:, :, 1:].unflatten(-1, (-1, 2)).unbind(-1)  # each (B, H, P, D / 2)
    turned = torch.stack((even * cos - odd * sin, odd * cos + even * sin), dim=-1).flatten(-2)  # (B, H, P, D)
    return torch.cat((x[:, :, :1], turned), dim=2)
