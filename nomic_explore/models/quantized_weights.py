"""Weights in 8 and 4 bits, as the file of `nano` holds them; where they are loaded they become float32 again.

A matrix is stored as whole numbers (its steps) and, for each row or each part of a row, the size of a step: `NAME` and
`NAME.scale`. Matrices have 8 bits an entry. The word table, two thirds of the model, has 4: a text's vector is a mean over many
of its rows, in which errors of rounding cancel. The last entry of its rows, many times larger than the others of a common
word (it says how little the word counts), is stored apart, as `NAME.last`. Vectors (of layer norms) are stored in 16-bit floats.
"""

from collections.abc import Mapping

import torch
from torch import Tensor

WORDS = "embeddings.word_embeddings.weight"
_SCALE, _LAST = ".scale", ".last"
_MAX_STEP, _MIDDLE = 127, 7.5  # steps of 8 bits: -127 … 127; of 4 bits: 0 … 15, the middle of which is 0
_GROUP = 64  # entries of a row that share a scale in 4 bits
_RANGES = (1.0, 0.9, 0.8, 0.7, 0.6)  # of the largest entry; what lies beyond is cut, and all others get finer steps


def quantize(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Returns tensors as they are stored: int8 matrices, the word table in 4 bits, float16 vectors.

    Args:
        tensors: of the published layout, in a floating-point format, finite. The width is a multiple of 64.

    Example:
        >>> stored = quantize({"fc.weight": torch.tensor([[0.5, -1.0], [0.0, 0.0]])})
        >>> stored["fc.weight"].tolist(), sorted(stored)
        ([[64, -127], [0, 0]], ['fc.weight', 'fc.weight.scale'])
    """
    stored = {}
    for name, tensor in tensors.items():
        if name == WORDS:
            inner = torch.cat((tensor[:, :-1], torch.zeros_like(tensor[:, -1:])), dim=1).float()  # (V, W)
            stored[name], stored[name + _SCALE] = _to_4_bits(inner)
            stored[name + _LAST] = tensor[:, -1].half()
        elif tensor.dim() == 2:
            stored[name], stored[name + _SCALE] = _to_8_bits(tensor.float())
        else:
            stored[name] = tensor.half()
    return stored


def dequantize(stored: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Returns the tensors of a file in float32; tensors that have no scale as they are.

    Args:
        stored: as `quantize` returns them, or those of any other model.

    Raises:
        ValueError: a scale does not fit its matrix.

    Example:
        >>> dequantize(quantize({"fc.weight": torch.tensor([[0.5, -1.0]])}))["fc.weight"].round(decimals=2).tolist()
        [[0.5, -1.0]]
    """
    tensors = dict(stored)
    for name, steps in stored.items():
        if steps.dtype not in (torch.int8, torch.uint8) or name + _SCALE not in stored:
            continue
        scales = tensors.pop(name + _SCALE).float()
        if steps.dtype == torch.uint8:  # two entries in a byte
            steps = torch.stack((steps & 15, steps >> 4), dim=-1).flatten(1) - _MIDDLE  # (V, W)
        if steps.dim() != 2 or scales.dim() != 2 or len(scales) != len(steps) or steps.shape[1] % scales.shape[1]:
            raise ValueError(
                f"tensor {name}{_SCALE} has shape {tuple(scales.shape)}, which does not fit that of {name}."
            )
        groups = steps.float().unflatten(1, (scales.shape[1], -1))  # (N, groups, entries)
        tensors[name] = (groups * scales[:, :, None]).flatten(1)
        if name + _LAST in stored:
            tensors[name][:, -1] = tensors.pop(name + _LAST).float()
    return tensors


def _to_8_bits(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """Returns the steps (N, K) int8 and a scale for each row, (N, 1) float16."""
    scales = (matrix.abs().amax(dim=1, keepdim=True) / _MAX_STEP).half()
    steps = matrix / _nonzero(scales)
    return steps.round().clamp(-_MAX_STEP, _MAX_STEP).to(torch.int8), scales


def _to_4_bits(table: Tensor) -> tuple[Tensor, Tensor]:
    """Returns the steps, two in a byte, (V, W / 2) uint8, and the scales of groups of entries, (V, W / 64) float16.

    Of several ranges each group takes the one with the smallest squared error.
    """
    groups = table.unflatten(1, (-1, _GROUP))  # (V, groups, 64)
    largest = groups.abs().amax(dim=2)  # (V, groups)
    scales, least = torch.zeros_like(largest).half(), torch.full_like(largest, torch.inf)
    for part in _RANGES:
        tried = (part * largest / _MIDDLE).half()
        errors = (_steps_of_4_bits(groups, tried).sub(_MIDDLE).mul(tried[..., None]) - groups).square().sum(dim=2)
        scales, least = torch.where(errors < least, tried, scales), torch.minimum(errors, least)
    steps = _steps_of_4_bits(groups, scales).flatten(1).to(torch.uint8)  # (V, W)
    return steps[:, ::2] | steps[:, 1::2] << 4, scales


def _steps_of_4_bits(groups: Tensor, scales: Tensor) -> Tensor:
    return (groups / _nonzero(scales)[..., None] + _MIDDLE).round().clamp(0, 2 * _MIDDLE)


def _nonzero(scales: Tensor) -> Tensor:
    return scales.float().clamp(min=torch.finfo(torch.float16).tiny)
