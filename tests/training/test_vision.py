"""An image encoder that is aligned with vectors of descriptions."""

from pathlib import Path

import numpy as np
import pytest
import torch

from nomic_explore import Embedder
from nomic_explore.training.vision import ImageAlignmentConfig, align_images, crop_at_random

SMALL = ImageAlignmentConfig(
    image_size=16,
    patch_size=8,
    n_layers=1,
    n_heads=2,
    inner_width=256,
    n_epochs=40,
    batch_size=16,
    learning_rate=3e-3,
    dtype="float32",
)


@pytest.fixture(scope="module")
def pictures() -> list[np.ndarray]:
    """Thirty-two pictures, each of one color."""
    colors = np.random.default_rng(0).integers(0, 256, (32, 3))
    return [np.full((20, 20, 3), color, np.uint8) for color in colors]


@pytest.fixture(scope="module")
def vectors(pictures: list[np.ndarray]) -> np.ndarray:
    """A vector (32, 16) for each, which its color determines."""
    colors = np.array([picture[0, 0] for picture in pictures]) / 128 - 1
    mixed = np.tanh(2 * colors @ np.random.default_rng(1).normal(size=(3, 16)))
    return (mixed / np.linalg.norm(mixed, axis=1, keepdims=True)).astype(np.float32)


def test_pictures_are_placed_where_their_descriptions_lie(
    pictures: list[np.ndarray], vectors: np.ndarray, tmp_path: Path
) -> None:
    log = align_images(pictures, vectors, SMALL, tmp_path, show_progress=False)
    assert len(log) == 80
    found = Embedder(tmp_path, dtype="float32").encode_images(pictures)
    best = (vectors @ found.T).argmax(axis=1)
    assert (best == np.arange(32)).mean() > 0.7


def test_as_many_vectors_as_pictures_are_needed(
    pictures: list[np.ndarray], vectors: np.ndarray, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match="32 images and 31 vectors; expected one vector for each image"):
        align_images(pictures, vectors[:31], SMALL, tmp_path)


def test_parts_of_a_picture_show_what_is_in_it() -> None:
    ramp = torch.arange(16.0).expand(3, 3, 16, 16)
    parts = crop_at_random(ramp, 0.5, torch.Generator().manual_seed(0))
    assert parts.shape == ramp.shape
    assert parts.min() >= 0
    assert parts.max() <= 15
    widths = parts[:, 0, 0, -1] - parts[:, 0, 0, 0]
    assert ((widths > 9) & (widths < 15)).all()
    assert len(widths.unique()) == 3
