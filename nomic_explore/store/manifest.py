"""The manifest of an exploration: read whole or not at all, from one of two copies, and replaced in one step.

`manifest.json` describes the state that readers see. While a build is under way, `building.json` describes what of the next state
is done; at the end it takes the place of the manifest, once.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

from nomic_explore.atomic_files import write_atomically

Record: TypeAlias = Mapping[str, Any]  # what the manifest says of one stage
Manifest: TypeAlias = dict[str, Any]
FORMAT = 2
MANIFEST = "manifest.json"
COPY = "manifest.copy.json"  # read where the first is damaged
BUILDING = "building.json"
STAGES = ("documents", "vectors", "graph", "positions", "topics", "duplicates")
_CHECKSUM = "checksum"
_WAYS_OUT = "move the folder away and build again, or choose another folder."
# What is read without asking again, and its type: a value of another type would be an error somewhere else.
_TYPES: Mapping[str, Mapping[str, type | tuple[type, ...]]] = {
    "documents": {"name": str, "rows": int, "texts": int, "columns": list, "audit": dict},
    "vectors": {"table": str, "provenance": dict},
    "graph": {"recall": (int, float), "is_exact": bool},
    "positions": {"neighbor_preservation": (int, float)},
    "topics": {"layers": list, "assignment": dict},
    "duplicates": {"min_similarity": (int, float), "keep": str, "columns": list},
}


def read_manifest_file(path: Path) -> Manifest:
    """Returns a manifest.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is damaged, or was written by a newer version.
    """
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(manifest, dict) or not isinstance(manifest.get("format"), int):
            raise ValueError("no format number")
        if manifest["format"] > FORMAT:
            raise NewerFormatError(
                f"{path.parent} has format {manifest['format']}; this version reads up to {FORMAT}. "
                "Upgrade nomic-explore."
            )
        given = manifest.pop(_CHECKSUM, None)
        if given != _checksum(manifest) and (given is not None or manifest["format"] > 1):
            raise ValueError("its content is not what was written")
        _check_stages(manifest.get("stages"))
        if not isinstance(manifest.get("edits", 0), int):
            raise ValueError(f"edits is {manifest['edits']!r:.60}")
    except (NewerFormatError, FileNotFoundError):
        raise
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} is damaged ({error}). Nothing was changed; {_WAYS_OUT}") from error
    return manifest


def read_either(folder: Path) -> Manifest:
    """Returns the manifest of a folder, from its copy where the first is damaged.

    Raises:
        FileNotFoundError: there is none.
        ValueError: both are damaged, or a newer version wrote them.
    """
    try:
        return read_manifest_file(folder / MANIFEST)
    except NewerFormatError:
        raise
    except (ValueError, FileNotFoundError):
        try:
            return read_manifest_file(folder / COPY)
        except (ValueError, FileNotFoundError):
            pass
        raise


def write_manifest_file(path: Path, manifest: Mapping[str, object]) -> None:
    """Replaces a manifest in one step."""
    whole = {**manifest, "format": FORMAT}
    with write_atomically(path) as part, open(part, "w", encoding="utf-8") as file:
        json.dump({**whole, _CHECKSUM: _checksum(whole)}, file, indent=1, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())


def fingerprint(manifest: Manifest) -> list[object]:
    """Returns what distinguishes states: what each stage was made from, and the tables that hold it.

    Example:
        >>> fingerprint({"stages": {"graph": {"made_from": "0a1b"}}})
        [('graph', '0a1b', [])]
    """
    return [
        (name, record["made_from"], sorted(note["table"] for note in record.get("tables", {}).values()))
        for name, record in sorted(manifest["stages"].items())
    ]


def follows(manifest: Manifest) -> bool:
    """Returns whether graph and positions were made from the stages that stand beside them.

    Only a folder of format 1 can be otherwise, whose stages were replaced one by one. Where the seed was not noted it is 42.

    Example:
        >>> follows({"format": 2, "stages": {}})
        True
    """
    stages, seed = manifest["stages"], manifest.get("options", {}).get("seed", 42)
    if manifest["format"] > 1:
        return True
    graph = digest("graph", stages["vectors"]["made_from"], stages["graph"].get("n_neighbors"), seed)
    return stages["graph"]["made_from"] == graph and stages["positions"]["made_from"] == digest(
        "positions", graph, seed
    )


def digest(*parts: object) -> str:
    """Returns a hash of any JSON values, 20 hexadecimal digits; equal values have equal hashes.

    Example:
        >>> digest("graph", 30) == digest("graph", 30)
        True
    """
    joined = json.dumps(parts, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.blake2b(joined.encode("utf-8", "surrogatepass"), digest_size=10).hexdigest()


class NewerFormatError(ValueError):
    """A newer version of the package wrote the folder."""


def _checksum(manifest: Mapping[str, object]) -> str:
    """Returns a hash of a manifest without its checksum, 32 hexadecimal digits."""
    content = json.dumps(json.loads(json.dumps(manifest)), sort_keys=True)
    return hashlib.blake2b(content.encode(), digest_size=16).hexdigest()


def _check_stages(stages: object) -> None:
    """Raises ValueError unless each stage says what is read of it."""
    if not isinstance(stages, dict):
        raise ValueError("it lists no stages")
    for name, record in stages.items():
        if not isinstance(record, dict) or not isinstance(record.get("made_from"), str):
            raise ValueError(f"stage {name!r} does not say what it was made from")
        for key, kind in _TYPES.get(name, {}).items():
            if not isinstance(record.get(key), kind):
                raise ValueError(f"{name}.{key} is {record.get(key)!r:.60}")
