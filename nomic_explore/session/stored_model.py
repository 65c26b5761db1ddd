"""The model that made the vectors of an exploration, opened again to embed queries and new texts."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from nomic_explore.models import Embedder

_DEPENDS_ON_MACHINE = {"dtype", "backend", "device", "versions"}


def open_stored_model(record: dict[str, Any], folder: Path) -> "Embedder":
    """Returns the model that made stored vectors.

    Args:
        record: what the manifest says of the vectors: `model` and `provenance`.
        folder: of the exploration, for the message.

    Raises:
        ValueError: its weights or settings have changed.
    """
    made = record["provenance"]
    embedder = reopen_embedder(record)
    now = embedder.provenance(made["task"])
    changed = [key for key in made if now.get(key) != made[key] and key not in _DEPENDS_ON_MACHINE]
    if changed:
        raise ValueError(
            f"{made['model']} is not what made the vectors of {folder}: {', '.join(changed)} changed. "
            "Build the exploration again; until then, search with mode='keyword'."
        )
    return embedder


def reopen_embedder(record: dict[str, Any], dimensions: int | None = None, dtype: str = "auto") -> "Embedder":
    """Returns an embedder with the model and the settings that made stored vectors.

    Args:
        record: what the manifest says of the vectors.
        dimensions: another vector length; None keeps the stored one.
        dtype: the number format that was asked for when the vectors were made.
    """
    from nomic_explore.models import Embedder

    made = record["provenance"]
    long_text = "mean" if made.get("truncation") == "mean of windows" else "truncate"
    return Embedder(record["model"], dimensions=dimensions or made["dimensions"], dtype=dtype, long_text=long_text)


def embed_query(embedder: "Embedder", query: str, stored_task: str) -> np.ndarray:
    """Returns a query's vector (width,), embedded with the task that belongs to the stored vectors."""
    vectors: np.ndarray = embedder.encode([query], embedder.query_task(stored_task))
    return vectors.reshape(-1)
