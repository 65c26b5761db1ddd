"""The models that turn documents into vectors: their catalog, and `Embedder`, which runs one."""

from typing import TYPE_CHECKING, Any

from nomic_explore.models.catalog import ModelRow, find_model, list_models
from nomic_explore.models.embedder import Embedder
from nomic_explore.models.encoder import Encoder
from nomic_explore.models.random_models import random_embedder
from nomic_explore.models.weights import has_weights

if TYPE_CHECKING:
    from nomic_explore.models.checkpoints import load_text_encoder, load_vision_encoder

__all__ = [
    "Embedder",
    "Encoder",
    "ModelRow",
    "find_model",
    "has_weights",
    "list_models",
    "load_text_encoder",
    "load_vision_encoder",
    "random_embedder",
]


def __getattr__(name: str) -> Any:
    if name in ("load_text_encoder", "load_vision_encoder"):  # their module imports torch, which takes seconds
        from nomic_explore.models import checkpoints

        return getattr(checkpoints, name)
    raise AttributeError(f"module 'nomic_explore.models' has no attribute {name!r}")
