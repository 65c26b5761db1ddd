"""Token vectors -> one vector per text, with the post-processing of its model."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch

    from nomic_explore.models.text_encoder import TextEncoder


def pool(encoder: "TextEncoder", ids: np.ndarray, lengths: np.ndarray, device: "torch.device") -> "torch.Tensor":
    """Returns the mean (b, W) float32 of the token vectors of each text; ids (b, s) padded at the end, lengths (b,)."""
    import torch

    tokens = torch.from_numpy(ids)
    if device.type == "cuda":  # the transfer overlaps with the computation of the last batch
        tokens = tokens.pin_memory()
    tokens = tokens.to(device, non_blocking=True)
    if int(lengths.min()) == ids.shape[1]:
        return encoder(tokens).mean(dim=1, dtype=torch.float32)
    counts = torch.from_numpy(lengths).to(device)[:, None]  # (b, 1)
    mask = torch.arange(ids.shape[1], device=device) < counts  # (b, s)
    hidden = encoder(tokens, mask)  # (b, s, W)
    return hidden.masked_fill(~mask[:, :, None], 0).sum(dim=1, dtype=torch.float32) / counts


def post_process(pooled: "torch.Tensor", steps: Sequence[str], dimensions: int) -> "torch.Tensor":
    """Returns vectors (b, d) of length 1, after the post-processing steps of the model: "layer_norm", "slice", "l2".

    v1.5 normalizes over the full width before it cuts (model card of nomic-embed-text-v1.5); the order matters.
    """
    import torch.nn.functional as F

    for step in steps:
        if step == "layer_norm":
            pooled = F.layer_norm(pooled, pooled.shape[-1:])
        elif step == "slice":
            pooled = pooled[:, :dimensions]
        else:
            pooled = F.normalize(pooled, dim=-1)
    return pooled
