"""The file in which the folder of a trained model says how it is used: prefixes, vector sizes, what happens to its vectors."""

import json
from pathlib import Path
from types import MappingProxyType
from typing import Any

from nomic_explore.atomic_files import write_atomically
from nomic_explore.models.catalog import TASKS, ModelRow
from nomic_explore.models.settings import read_json_object

DESCRIPTION = "nomic_explore.json"
_KINDS: dict[str, tuple[type, ...]] = {
    "name": (str,),
    "description": (str,),
    "width": (int,),
    "dimensions": (list,),
    "max_tokens": (int,),
    "prefixes": (dict,),
    "pooling": (str,),
    "post_processing": (list,),
    "n_parameters": (int,),
    "license": (str,),
    "reads": (str,),
    "space": (str,),
    "duplicate_similarity": (float, int, type(None)),
    "languages": (list,),
}
_POOLINGS = {"text": "mean", "image": "first"}
_STEPS = frozenset({"layer_norm", "slice", "l2"})


def write_description(model: ModelRow, folder: str | Path) -> None:
    """Writes how a model is used beside its weights, so that `Embedder(folder)` needs no other hint."""
    described = {key: dict(model.prefixes) if key == "prefixes" else getattr(model, key) for key in _KINDS}
    with write_atomically(Path(folder) / DESCRIPTION) as part:
        part.write_text(json.dumps(described, indent=2) + "\n", encoding="utf-8")


def read_description(folder: str | Path) -> ModelRow | None:
    """Returns how the model of a folder is used; None if the folder does not say.

    Raises:
        ValueError: the file lacks an entry, or one is of another kind.

    Example:
        >>> from nomic_explore.models.catalog import find_model
        >>> write_description(find_model("nomic-embed-text-v1.5"), ".")
        >>> read_description(".").dimensions
        (768, 512, 256, 128, 64)
    """
    path = Path(folder) / DESCRIPTION
    if not path.is_file():
        return None
    found = read_json_object(path)
    for key, kinds in _KINDS.items():
        if key not in found or not isinstance(found[key], kinds) or isinstance(found[key], bool):
            shown = f"{found[key]!r:.60}" if key in found else "missing"
            raise ValueError(f"{path}: {key} is {shown}. Take all files of the folder from one model.")
    prefixes, steps, sizes = found["prefixes"], found["post_processing"], found["dimensions"]
    reads = found["reads"]
    is_usable = (
        reads in _POOLINGS
        and found["pooling"] == _POOLINGS[reads]
        and all(step in _STEPS for step in map(str, steps))
        and steps[-1:] == ["l2"]
        and (reads == "image" or set(TASKS) <= prefixes.keys())
        and all(isinstance(prefix, str) for prefix in prefixes.values())
        and bool(sizes)
        and all(isinstance(size, int) and 0 < size <= found["width"] for size in sizes)
    )
    if not is_usable:
        raise ValueError(
            f"{path} describes a model that this version does not know: it reads {reads!r}, pooling {found['pooling']!r}, "
            f"post_processing {steps!r:.60}, dimensions {sizes!r:.60}, prefixes {prefixes!r:.80}. Take a newer nomic_explore."
        )
    known: dict[str, Any] = {key: tuple(found[key]) if _KINDS[key] == (list,) else found[key] for key in _KINDS}
    return ModelRow(**{**known, "prefixes": MappingProxyType(prefixes)}, hub_id="", size_mb=0)


def find_described(source: str) -> ModelRow | None:
    """Returns the model that a source "NAME@FOLDER" stands for, if the folder describes one of that name.

    Example:
        >>> find_described("nomic-embed-text-v1.5@nowhere") is None
        True
    """
    name, _, folder = source.partition("@")
    described = read_description(Path(folder).expanduser()) if folder else None
    return described if described is not None and described.name == name else None
