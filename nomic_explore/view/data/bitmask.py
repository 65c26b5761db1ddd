"""Masks over points as the browser keeps them: one bit a point."""

import numpy as np


def pack_mask(mask: np.ndarray) -> bytes:
    """Returns a mask (m,) as bits, the first in the lowest bit; b"" if nothing is set."""
    return np.packbits(mask, bitorder="little").tobytes() if mask.any() else b""


def unpack_mask(packed: bytes, m: int) -> np.ndarray:
    """Returns the mask (m,) of `pack_mask`."""
    if not packed:
        return np.zeros(m, dtype=bool)
    return np.unpackbits(np.frombuffer(packed, np.uint8), count=m, bitorder="little").astype(bool)
