"""Names of models that leave this machine: without passwords, and without the absolute paths of its folders.

A folder is written relative to the exploration ("nomic-embed-text-v1.5@../models/tuned"), else relative to the home of the
user ("~/models/tuned"), else by its name alone; `find_source` finds it again.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from nomic_explore.http import without_credentials
from nomic_explore.models.catalog import is_known
from nomic_explore.models.file_hashes import combined_sha256, file_sha256, sentence_files
from nomic_explore.models.services import is_served
from nomic_explore.models.weights import MODELS_VARIABLE, model_folders

_ABOVE_HOMES = (Path("/home"), Path("/Users"))


def public_name(name: str | Path) -> str:
    """Returns a name that may be shown to others: of a folder its own name, of a server its address without a password.

    Example:
        >>> public_name("/srv/models/tuned"), public_name("openai:bge@http://ann:secret@host/v1")
        ('tuned', 'openai:bge@http://host/v1')
    """
    if is_served(name):
        model, at, url = str(name).partition("@")
        return f"{model}{at}{without_credentials(url) if at else ''}"
    if isinstance(name, Path) or name.startswith((".", "~", "/")) or Path(name).is_absolute():
        return Path(name).expanduser().resolve().name
    model, at, place = name.partition("@")
    return f"{model}@{Path(place).name}" if at and is_known(model) else name


def portable_source(source: str | None, folder: Path) -> str | None:
    """Returns the name under which an exploration remembers a model.

    Args:
        source: `Embedder.source`; None stays None.
        folder: of the exploration.

    Example:
        >>> portable_source("nomic-embed-text-v1@/srv/models/tuned", Path("/srv/maps/news"))
        'nomic-embed-text-v1@../../models/tuned'
        >>> portable_source("nomic-embed-text-v1@/opt/tuned", Path("/srv/maps/news"))
        'nomic-embed-text-v1@tuned'
    """
    if source is None or is_served(source):
        return None if source is None else public_name(source)
    model, at, place = source.partition("@") if is_known(source) else ("", "", source)
    if not Path(place).is_absolute():
        return source
    written = _portable_place(Path(place), folder.resolve())
    return f"{model}@{written}" if at or not written.startswith((".", "~")) else written


def find_source(stored: str, folder: Path, provenance: Mapping[str, object]) -> str:
    """Returns the name with which `Embedder` opens a model that an exploration remembers.

    A folder is looked for at its place, beside the exploration, and in the folders that NOMIC_EXPLORE_MODELS lists; one
    whose weights are those of the provenance is preferred.

    Args:
        stored: what `portable_source` returned, or an absolute path, as earlier versions stored it.
        folder: of the exploration.
        provenance: of the stored vectors.

    Raises:
        FileNotFoundError: the folder is at none of these places.

    Example:
        >>> find_source("minilm", Path("maps/news"), {})
        'minilm'
    """
    model, at, place = stored.partition("@") if stored.startswith("@") or is_known(stored) else ("", "", stored)
    if is_served(stored) or not (at or place.startswith((".", "~", "/")) or Path(place).is_absolute()):
        return stored
    name = Path(place).name
    exact = [folder / Path(place).expanduser()] if name != place else []
    tried = [*exact, *(root / name for root in [*model_folders(), folder.resolve().parent])]
    found = [candidate for candidate in tried if candidate.is_dir()]
    if not found:
        raise FileNotFoundError(
            f"the model folder {name!r} that made the vectors of {folder} is no longer at {place}. Set {MODELS_VARIABLE} to "
            "the folder that holds it, or pass the model itself: open_exploration(folder, encoder=...)."
        )
    chosen = next((each for each in found if _holds(each, provenance)), found[0]).resolve()
    return f"{model}@{chosen}" if model else str(chosen)


def _portable_place(place: Path, folder: Path) -> str:
    """Returns the place of a model folder without any folder above the exploration's and the model's common one."""
    home = Path(os.path.expanduser("~")).resolve()
    shared = Path(os.path.commonpath([place, folder])) if place.anchor == folder.anchor else Path(place.anchor)
    if shared not in (Path(place.anchor), *_ABOVE_HOMES, *home.parents):
        relative = Path(os.path.relpath(place, folder)).as_posix()
        return relative if relative.startswith(".") else f"./{relative}"
    if home != Path(home.anchor) and place.is_relative_to(home):
        return f"~/{place.relative_to(home).as_posix()}"
    return place.name


def _holds(folder: Path, provenance: Mapping[str, object]) -> bool:
    """Returns whether a folder has the weights of a provenance."""
    expected, weights = provenance.get("weights_sha256"), folder / "model.safetensors"
    if weights.is_file() and file_sha256(weights) == expected:
        return True
    return (folder / "modules.json").is_file() and combined_sha256(sentence_files(folder)[0], folder) == expected
