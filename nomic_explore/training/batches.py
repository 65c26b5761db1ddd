"""Texts -> tensors of token numbers, padded as little as possible, and one vector for each text."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from nomic_explore.models.text_encoder import TextEncoder
from nomic_explore.models.tokens import Tokens

_MULTIPLE = 16  # lengths are rounded up to it, so that few different shapes occur and rows of matrices are aligned


def padded(tokens: Tokens, texts: np.ndarray, device: torch.device) -> tuple[Tensor, Tensor]:
    """Returns the token numbers of some texts and a mask.

    Args:
        tokens: of all texts, each of one piece.
        texts: (B) numbers of texts.
        device: of the tensors.

    Returns:
        Token numbers (B, S) int64, padded with 0, and a mask (B, S) bool, True for a token. S is the longest length,
        rounded up to a multiple of 16.

    Example:
        >>> ids = np.array([101, 7, 102, 101, 102], dtype=np.int32)
        >>> tokens = Tokens(ids, np.array([0, 3, 5]), np.array([0, 1, 2]), np.array([3, 2]))
        >>> numbers, mask = padded(tokens, np.array([1, 0]), torch.device("cpu"))
        >>> numbers[:, :4].tolist(), mask.sum(1).tolist(), numbers.shape
        ([[101, 102, 0, 0], [101, 7, 102, 0]], [2, 3], torch.Size([2, 16]))
    """
    lengths = tokens.lengths[texts]
    columns = np.arange(-(-int(lengths.max()) // _MULTIPLE) * _MULTIPLE)  # (S)
    is_token = columns < lengths[:, None]  # (B, S)
    numbers = np.zeros(is_token.shape, dtype=np.int64)
    numbers[is_token] = tokens.ids[(tokens.starts[texts][:, None] + columns)[is_token]]
    return torch.from_numpy(numbers).to(device), torch.from_numpy(is_token).to(device)


def chunks_by_length(lengths: np.ndarray, chunk_tokens: int) -> Iterator[np.ndarray]:
    """Yields the numbers of texts in chunks of texts of like length, longest first.

    Args:
        lengths: (n) tokens of each text.
        chunk_tokens: the most tokens of a chunk, padding included; a longer text is a chunk of its own.

    Example:
        >>> [chunk.tolist() for chunk in chunks_by_length(np.array([3, 40, 30, 5]), 64)]
        [[1], [2, 3], [0]]
    """
    order = np.argsort(-lengths, kind="stable")
    start = 0
    while start < len(order):
        length = -(-int(lengths[order[start]]) // _MULTIPLE) * _MULTIPLE
        size = max(1, chunk_tokens // length)
        yield order[start : start + size]
        start += size


def mean_vectors(encoder: TextEncoder, ids: Tensor, mask: Tensor) -> Tensor:
    """Returns the mean of the token vectors of each text, (B, W) float32; ids and mask (B, S)."""
    hidden = encoder(ids, None if bool(mask.all()) else mask).float()  # (B, S, W)
    hidden = hidden.masked_fill(~mask[:, :, None], 0.0)
    return hidden.sum(dim=1) / mask.sum(dim=1, keepdim=True)  # (B, W)


def embed_texts(
    encoder: TextEncoder, tokens: Tokens, texts: Sequence[int] | np.ndarray, *, chunk_tokens: int = 8192
) -> np.ndarray:
    """Returns the mean vectors of texts, (n, W) float32, in the order given and without a gradient.

    For looking at a model while it is trained; `Embedder` is faster and does what comes after the mean.
    """
    device = next(encoder.parameters()).device
    numbers = np.asarray(texts)
    vectors = np.empty((len(numbers), encoder.config.width), dtype=np.float32)
    with torch.inference_mode():
        for chunk in chunks_by_length(tokens.lengths[numbers], chunk_tokens):
            vectors[chunk] = mean_vectors(encoder, *padded(tokens, numbers[chunk], device)).cpu().numpy()
    return vectors
