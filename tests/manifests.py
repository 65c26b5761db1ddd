"""Changes a manifest as only this package may: with its checksum and its copy."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from nomic_explore.store.database import Store


def edit_manifest(folder: Path, change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """Changes the stages of a manifest in place, and returns it as it is read then."""
    store = Store(folder)
    manifest = store.read_manifest()
    change(manifest["stages"])
    store.write_manifest(manifest)
    return store.read_manifest()
