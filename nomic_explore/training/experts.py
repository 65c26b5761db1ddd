"""Upcycling: a dense encoder becomes a mixture of experts, which goes on learning where the dense one stopped.

In every second block the inner layer is copied 8 times, and a router, at first nearly undecided, sends each token through
2 of the copies (Komatsuzaki et al. 2023; nomic-embed-text-v2-moe). The experts start equal and grow apart because each sees
other tokens. `router_loss` keeps the router from sending all tokens to the same few.

Shapes in the comments: T tokens, W width, E experts, A active experts of each token, L blocks with experts.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import cast

import torch
from torch import Tensor, nn

from nomic_explore.models.text_encoder import Block, FeedForward, MixtureOfExperts, TextEncoder
from nomic_explore.training.losses import router_loss

_ROUTER_DEVIATION = 0.02  # models.md: router random N(0, .02)


def upcycle(encoder: TextEncoder, *, n_experts: int = 8, n_active: int = 2, seed: int = 42) -> TextEncoder:
    """Returns an encoder with experts that computes nearly what a dense encoder computes.

    As in Nomic's code, blocks 1, 3, 5 … get experts, all of them copies of the dense inner layer without its biases. The shares
    with which the answers of the active experts are summed do not add up to 1 (`MixtureOfExperts`), so the second matrix of
    each copy is scaled up by what is missing; Nomic's code leaves that to training.

    Args:
        encoder: dense, with plain inner layers (`is_gated` false); it stays as it is.
        n_experts: copies of each inner layer.
        n_active: copies that each token goes through.
        seed: of the routers' weights.

    Raises:
        ValueError: the encoder has gated inner layers or experts already, or a single block.

    Example:
        >>> from nomic_explore.models.text_encoder import TextConfig
        >>> config = TextConfig(32, 1, 0, 16, 2, 2, 32, is_gated=False, has_biases=False, norm_eps=1e-5)
        >>> upcycled = upcycle(TextEncoder(config))
        >>> upcycled.config.n_experts, upcycled.config.expert_layers
        (8, (1,))
    """
    config = encoder.config
    if config.is_gated or config.n_experts or config.n_layers < 2:
        raise ValueError(
            f"an encoder with is_gated={config.is_gated}, n_experts={config.n_experts} and {config.n_layers} blocks cannot be "
            "upcycled; expected plain (GELU) inner layers, no experts and two blocks at least."
        )
    places = tuple(range(1, config.n_layers, 2))
    grown = TextEncoder(replace(config, n_experts=n_experts, n_active_experts=n_active, expert_layers=places))
    dense = {name: tensor for name, tensor in encoder.state_dict().items() if name in grown.state_dict()}
    grown.load_state_dict(dense, strict=False)
    draw = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for place in places:
            mixture = cast("MixtureOfExperts", _blocks(grown)[place].mlp)
            source = cast("FeedForward", _blocks(encoder)[place].mlp)
            router = cast("nn.Linear", mixture.router["layer"]).weight  # (E, W)
            router.copy_(torch.randn(router.shape, generator=draw) * _ROUTER_DEVIATION)
            share = _expected_share(router, n_active)
            for expert in cast("list[FeedForward]", list(mixture.experts)):
                expert.fc1.weight.copy_(source.fc1.weight)
                expert.fc2.weight.copy_(source.fc2.weight / share)
    return grown


def _blocks(encoder: TextEncoder) -> list[Block]:
    return cast("list[Block]", list(encoder.encoder["layers"].children()))


def _expected_share(router: Tensor, n_active: int) -> float:
    """Returns what the shares of the active experts add up to on average, for tokens after a layer norm."""
    tokens = torch.randn(4096, router.shape[1], generator=torch.Generator().manual_seed(0))
    return float((tokens @ router.T).softmax(dim=-1).topk(n_active).values.sum(dim=-1).mean())


@dataclass
class Routes:
    """Where tokens went in the last forward passes.

    Attributes:
        shares: the router's softmax over all experts, (T, E) of each block with experts in each pass.
        n_active: experts that each token goes through.
    """

    n_active: int
    shares: list[Tensor] = field(default_factory=list)

    def loss(self) -> Tensor:
        """Returns `router_loss` (1 if all experts are used alike), the mean over blocks and passes, () float32."""
        each = [router_loss(shares, self._chosen(shares), shares.shape[1]) for shares in self.shares]
        return torch.stack(each).mean()

    def take_loss(self) -> Tensor:
        """Returns the loss and forgets the passes it is of."""
        loss = self.loss()
        self.shares.clear()
        return loss

    def use(self) -> Tensor:
        """Returns the share of visits that each expert gets, (E), all blocks and passes together."""
        n_experts = self.shares[0].shape[1]
        visits = torch.cat([self._chosen(shares).flatten() for shares in self.shares])
        return torch.bincount(visits, minlength=n_experts) / len(visits)

    def _chosen(self, shares: Tensor) -> Tensor:
        return shares.topk(self.n_active).indices  # (T, A)


def check_router_weight(encoder: TextEncoder, router_weight: float) -> None:
    """Raises ValueError where a weight of the router's loss would have no effect."""
    if router_weight and not encoder.config.n_experts:
        raise ValueError(
            f"router_weight={router_weight}, but the encoder has no experts; leave it out, or `upcycle` the encoder."
        )


@contextmanager
def recorded_routes(encoder: TextEncoder) -> Iterator[Routes]:
    """Records, inside a `with` block, where the tokens of an encoder with experts go; padding counts as tokens do.

    Example:
        >>> from nomic_explore.models.text_encoder import TextConfig
        >>> config = TextConfig(32, 1, 0, 16, 2, 2, 32, is_gated=False, has_biases=False, norm_eps=1e-5)
        >>> upcycled = upcycle(TextEncoder(config))
        >>> with recorded_routes(upcycled) as routes:
        ...     _ = upcycled(torch.arange(32)[None])
        >>> routes.use().shape, round(float(routes.use().sum()), 3)
        (torch.Size([8]), 1.0)
    """
    routes = Routes(encoder.config.n_active_experts)
    mixtures = [module for module in encoder.modules() if isinstance(module, MixtureOfExperts)]
    hooks = [
        mixture.router["layer"].register_forward_hook(
            lambda _, __, scores: routes.shares.append(scores.softmax(dim=-1, dtype=torch.float32))
        )
        for mixture in mixtures
    ]
    try:
        yield routes
    finally:
        for hook in hooks:
            hook.remove()
