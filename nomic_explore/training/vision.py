"""An image encoder for a text model: a picture is placed where the vector of its description lies.

The text model is frozen and only the image encoder learns (LiT, locked-image tuning, Zhai et al. 2022, with text and image
exchanged, as for nomic-embed-vision). So the vectors of a corpus stay as they are, and pictures join its map.

Shapes in the comments: B pictures, C colors, P pixels of a side, W entries of a vector.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nomic_explore.models.catalog import ModelRow, find_model
from nomic_explore.models.descriptions import write_description
from nomic_explore.models.images import Picture, prepare_images
from nomic_explore.models.saving import save_vision_encoder
from nomic_explore.models.vision_encoder import VisionConfig, VisionEncoder
from nomic_explore.training.loop import LoopOptions, train
from nomic_explore.training.losses import symmetric_info_nce
from nomic_explore.training.processes import join_processes, training_device

if TYPE_CHECKING:
    import pandas as pd

_FIRST_TEMPERATURE = 0.07  # models.md: logit_scale starts at log(1 / 0.07) and is trained


@dataclass(frozen=True, kw_only=True)
class ImageAlignmentConfig:
    """The image encoder and how it learns; for some thousand pictures on a laptop.

    Published settings (nomic-embed-vision-v1.5): 224 pixels, patches of 16, 12 layers that start from EVA02-B, 16,384 pictures
    in a batch, learning rate 1e-3 with cosine schedule and 2,000 warm-up steps, betas .9 and .95, no weight decay.

    Attributes:
        image_size: pixels of a side.
        patch_size: pixels of a side of a patch.
        n_layers: blocks.
        n_heads: attention heads; the width is that of the text vectors.
        inner_width: width inside the feed-forward part, a multiple of 256.
        n_epochs: how often each picture is seen.
        batch_size: pictures in a batch; all others are negatives of each.
        learning_rate: the highest.
        weight_decay: of AdamW; small collections need some.
        least_crop: least share of a picture's area that is seen each time.
        seed: of weights, order and crops.
        dtype: as in `LoopOptions`.
    """

    image_size: int = 48
    patch_size: int = 12
    n_layers: int = 4
    n_heads: int = 6
    inner_width: int = 1024
    n_epochs: int = 24
    batch_size: int = 256
    learning_rate: float = 1e-3
    weight_decay: float = 0.05
    least_crop: float = 0.6
    seed: int = 42
    dtype: str = "auto"


class _Aligned(nn.Module):
    """An image encoder and the scale of its similarities, which is learned as well."""

    def __init__(self, encoder: VisionEncoder):
        super().__init__()
        self.encoder = encoder
        self.logit_scale = nn.Parameter(torch.tensor(math.log(1 / _FIRST_TEMPERATURE)))


def align_images(
    images: Sequence["Picture"],
    vectors: np.ndarray,
    config: ImageAlignmentConfig,
    folder: str | Path,
    *,
    text_model: str = "",
    show_progress: bool | None = None,
) -> "pd.DataFrame":
    """Trains an image encoder so that its vector of a picture is near that of the picture's description.

    Args:
        images: n pictures; paths, bytes of image files, PIL images, or arrays (h, w, 3) uint8.
        vectors: (n, W) of their descriptions, from a text model, which stays as it is.
        config: the encoder and how it learns.
        folder: where the encoder is written in the published layout, with checkpoint and log; `Embedder(folder)` opens it.
        text_model: the name of the text model, for the description.
        show_progress: as for `train`.

    Returns:
        The log, one row for each step; see `train`.

    Raises:
        ValueError: as many vectors as pictures are needed, and at least two of each; or an item is no picture.
    """
    if len(images) != len(vectors) or len(images) < 2:
        raise ValueError(
            f"{len(images)} images and {len(vectors)} vectors; expected one vector for each image, two at least."
        )
    folder, device = Path(folder), training_device()
    pixels = torch.from_numpy(prepare_images(images, config.image_size))  # (n, C, P, P)
    texts = torch.from_numpy(np.asarray(vectors, np.float32))  # (n, W)
    model = _Aligned(_new_encoder(texts.shape[1], config)).to(device)
    batch_size = min(config.batch_size, len(images))
    n_per_epoch = len(images) // batch_size
    n_steps = n_per_epoch * config.n_epochs

    def make_batch(step: int) -> tuple[Tensor, Tensor]:
        epoch, place = divmod(step, n_per_epoch)
        order = np.random.default_rng((config.seed, epoch)).permutation(len(images))
        rows = torch.from_numpy(order[place * batch_size : (place + 1) * batch_size])
        draw = torch.Generator().manual_seed(config.seed + step)
        return crop_at_random(pixels[rows], config.least_crop, draw).to(device), texts[rows].to(device)

    def backward(batch: tuple[Tensor, Tensor]) -> dict[str, float]:
        shown = model.encoder(batch[0])[:, 0]  # (B, W)
        loss = symmetric_info_nce(shown, batch[1], temperature=torch.exp(-model.logit_scale))
        loss.backward()
        return {"loss": float(loss.detach()), "temperature": float(torch.exp(-model.logit_scale.detach()))}

    options = LoopOptions(
        n_steps=n_steps,
        learning_rate=config.learning_rate,
        schedule="cosine",
        n_warmup=max(1, n_steps // 20),
        betas=(0.9, 0.95),
        weight_decay=config.weight_decay,
        dtype=config.dtype,
        seed=config.seed,
    )
    log = train(
        model,
        make_batch,
        backward,
        options,
        folder,
        name="images",
        settings=asdict(config),
        show_progress=show_progress,
    )
    if join_processes()[0] == 0:
        save_vision_encoder(model.encoder, folder)
        write_description(_describe(model.encoder, text_model, folder.name), folder)
    return log


def _describe(encoder: VisionEncoder, text_model: str, name: str) -> ModelRow:
    """Returns how the encoder is used: as nomic-embed-vision is."""
    return replace(
        find_model("nomic-embed-vision-v1.5"),
        name=name,
        description=f"pictures, aligned with {text_model or 'a text model'}",
        width=encoder.config.width,
        dimensions=(encoder.config.width,),
        n_parameters=sum(parameter.numel() for parameter in encoder.parameters()),
        license="unknown",
        space=f"that of {text_model}" if text_model else "",
    )


def _new_encoder(width: int, config: ImageAlignmentConfig) -> VisionEncoder:
    """Returns an encoder with random weights: matrices N(0, .02), norms 1, biases 0."""
    side = config.image_size // config.patch_size
    torch.manual_seed(config.seed)
    encoder = VisionEncoder(
        VisionConfig(
            image_size=config.image_size,
            patch_size=config.patch_size,
            n_channels=3,
            width=width,
            n_layers=config.n_layers,
            n_heads=config.n_heads,
            inner_width=config.inner_width,
            norm_eps=1e-6,
            reference_grid=(side, side),
        )
    )
    for name, parameter in encoder.named_parameters():
        if parameter.dim() > 1:
            nn.init.normal_(parameter, std=0.02)
        elif "bias" in name:
            nn.init.zeros_(parameter)
    return encoder


def crop_at_random(pixels: Tensor, least: float, draw: torch.Generator) -> Tensor:
    """Returns a part of each picture, resized to the whole: another one each time, so that few pictures teach more.

    Args:
        pixels: (B, C, P, P) float32.
        least: share of the area that is seen at least; 1 gives whole pictures.
        draw: of the parts.

    Returns:
        (B, C, P, P).

    Example:
        >>> pixels = torch.rand(2, 3, 8, 8)
        >>> bool(torch.allclose(crop_at_random(pixels, 1.0, torch.Generator()), pixels, atol=1e-5))
        True
    """
    n = len(pixels)
    sides = (least + (1 - least) * torch.rand(n, generator=draw)).sqrt()  # (B), of the part; the whole is 1
    shifts = (1 - sides) * (2 * torch.rand(2, n, generator=draw) - 1)  # (2, B), of its middle; the corners are -1 and 1
    moves = torch.zeros(n, 2, 3)
    moves[:, 0, 0] = moves[:, 1, 1] = sides
    moves[:, :, 2] = shifts.T
    grid = F.affine_grid(moves, list(pixels.shape), align_corners=False)  # (B, P, P, 2)
    return F.grid_sample(pixels, grid, padding_mode="border", align_corners=False)
