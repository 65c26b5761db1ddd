"""Small models with random weights in the published layout, for lessons and tests without the published weights."""

from pathlib import Path
from typing import TYPE_CHECKING

from nomic_explore.models.catalog import find_model
from nomic_explore.models.embedder import Embedder
from nomic_explore.models.weights import has_weights, locate_weights

if TYPE_CHECKING:
    from torch import nn

_WIDTH, _N_LAYERS, _N_HEADS, _INNER_WIDTH = 128, 4, 4, 256
_IMAGE_SIZE, _PATCH_SIZE = 64, 16


def random_embedder(name: str, folder: str | Path) -> Embedder:
    """Returns a Nomic model if its weights are on this machine, else a small model of its kind with random weights.

    Vectors of a random model have the right shape and no meaning. `embedder.source` is the name alone for the
    published model, `NAME@FOLDER` for a random one.

    Args:
        name: a Nomic model of the catalog.
        folder: where a small model is written, in a folder of its name; used again if it is there.
    """
    model = find_model(name)
    if has_weights(model):
        return Embedder(name)
    own = Path(folder) / model.name
    if not own.is_dir():
        own.mkdir(parents=True)
        if model.reads == "image":
            _write_vision(own)
        else:
            _write_text(own, has_experts="moe" in model.name)
    return Embedder(name, folder=own)


def _write_text(folder: Path, *, has_experts: bool) -> None:
    from nomic_explore.models.saving import save_text_encoder
    from nomic_explore.models.text_encoder import TextConfig, TextEncoder
    from nomic_explore.models.tokens import load_tokenizer

    tokenizer = load_tokenizer(locate_weights(find_model("minilm")))
    config = TextConfig(
        n_tokens=-(-tokenizer.get_vocab_size() // 64) * 64,
        n_segments=1 if has_experts else 2,
        n_positions=0,
        width=_WIDTH,
        n_layers=_N_LAYERS,
        n_heads=_N_HEADS,
        inner_width=_INNER_WIDTH,
        is_gated=not has_experts,
        has_biases=has_experts,
        norm_eps=1e-5 if has_experts else 1e-12,
        rotary_base=10000.0 if has_experts else 1000.0,
        n_experts=8 if has_experts else 0,
        n_active_experts=2 if has_experts else 0,
        expert_layers=tuple(range(1, _N_LAYERS, 2)) if has_experts else (),
    )
    encoder = TextEncoder(config)
    _draw(encoder)
    save_text_encoder(encoder, folder)
    tokenizer.save(str(folder / "tokenizer.json"))


def _write_vision(folder: Path) -> None:
    from nomic_explore.models.saving import save_vision_encoder
    from nomic_explore.models.vision_encoder import VisionConfig, VisionEncoder

    side = _IMAGE_SIZE // _PATCH_SIZE
    shape = (_IMAGE_SIZE, _PATCH_SIZE, 3, _WIDTH, _N_LAYERS, _N_HEADS, _INNER_WIDTH)
    encoder = VisionEncoder(VisionConfig(*shape, norm_eps=1e-6, reference_grid=(side, side)))
    _draw(encoder)
    save_vision_encoder(encoder, folder)


def _draw(encoder: "nn.Module") -> None:
    """Fills the weights with random numbers, the same ones every time: matrices of size 1 / sqrt(inputs), norms of 1."""
    import torch

    draw = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for name, parameter in encoder.named_parameters():
            if parameter.dim() > 1:
                parameter.copy_(torch.randn(parameter.shape, generator=draw) / parameter.shape[-1] ** 0.5)
            elif name.endswith("weight"):
                parameter.fill_(1.0)
            else:
                parameter.zero_()
