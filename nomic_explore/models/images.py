"""Pictures -> pixel arrays, prepared as in the training of the image models."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from PIL.Image import Image

Picture: TypeAlias = "str | Path | bytes | np.ndarray | Image"

# Those of CLIP; contrastors' nomic_embed_vision configuration uses them too.
_MEAN = np.array([0.48145466, 0.4578275, 0.40821073], dtype=np.float32)
_DEVIATION = np.array([0.26862954, 0.26130258, 0.27577711], dtype=np.float32)


def prepare_images(images: Sequence["Picture"], size: int, *, first: int = 0) -> np.ndarray:
    """Returns pixel values, (n, 3, size, size) float32.

    The shorter side is resized to `size` (bicubic), the center is cropped, colors are centered and scaled: what
    transformers' CLIPImageProcessor does.

    Args:
        images: paths, bytes of image files, PIL images, or arrays (h, w, 3) uint8.
        size: pixels of a side.
        first: number of the first one, for messages.

    Raises:
        FileNotFoundError: a path leads nowhere.
        TypeError, ValueError: an item is no picture; the message gives its number.
    """
    prepared = np.empty((len(images), 3, size, size), dtype=np.float32)
    for number, image in enumerate(images):
        prepared[number] = _prepare(open_image(image, first + number), size)
    return prepared


def _prepare(picture: "Image", size: int) -> np.ndarray:
    """Returns (3, size, size) float32."""
    from PIL import Image

    width, height = picture.size
    shorter = min(width, height)
    resized = picture.resize(
        (int(size * width / shorter), int(size * height / shorter)), resample=Image.Resampling.BICUBIC
    )
    left, top = (resized.width - size) // 2, (resized.height - size) // 2
    pixels = np.asarray(resized.crop((left, top, left + size, top + size)), dtype=np.float32)  # (size, size, 3)
    return ((pixels / 255 - _MEAN) / _DEVIATION).transpose(2, 0, 1)


def open_image(image: "Picture", number: int) -> "Image":
    """Returns one picture as a PIL image in RGB."""
    from PIL import Image, UnidentifiedImageError

    if isinstance(image, np.ndarray):
        if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or not image.size:
            raise ValueError(f"images[{number}] is an array {image.shape} {image.dtype}; expected (h, w, 3) uint8.")
        return Image.fromarray(image)
    if isinstance(image, Image.Image):
        return image.convert("RGB")
    if not isinstance(image, str | Path | bytes):
        raise TypeError(
            f"images[{number}] is {type(image).__name__}; expected a path, bytes, a PIL image or an array (h, w, 3) uint8."
        )
    try:
        with Image.open(BytesIO(image) if isinstance(image, bytes) else image) as opened:
            return opened.convert("RGB")
    except (UnidentifiedImageError, OSError) as error:
        if isinstance(error, FileNotFoundError):
            raise
        raise ValueError(f"images[{number}] cannot be read as a picture ({error}).") from error
