"""The config.json of a checkpoint: old (GPT-2 style) and new spellings of one setting."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_MISSING = object()
_MAX_BYTES = 16 << 20  # published ones have a few kilobytes


def read_settings(path: Path) -> dict[str, Any]:
    """Returns the config.json of a checkpoint.

    Raises:
        FileNotFoundError: it is not there.
        ValueError: it is not JSON, or not of a model that is supported.
    """
    if not path.is_file():
        raise FileNotFoundError(f"{path} does not exist; a model folder needs config.json and model.safetensors.")
    settings = read_json_object(path)
    if settings.get("model_type") not in ("nomic_bert", "bert"):
        raise ValueError(f"{path}: model_type is {settings.get('model_type')!r:.60}; expected 'nomic_bert' or 'bert'.")
    return settings


def read_json_object(path: Path) -> dict[str, Any]:
    """Returns the object in a JSON file of a model.

    Raises:
        ValueError: it is not valid JSON, holds something else, or is too large or too deep to be a model's settings.
    """
    if (size := path.stat().st_size) > _MAX_BYTES:
        raise ValueError(f"{path} has {size:,} bytes; expected settings of at most {_MAX_BYTES:,}. Download it again.")
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is not valid JSON ({error}). Download it again.") from error
    except RecursionError:
        raise ValueError(f"{path} is nested too deep to be a model's settings. Download it again.") from None
    if not isinstance(found, dict):
        raise ValueError(f"{path} holds a {type(found).__name__} ({str(found)[:60]}); expected an object.")
    return found


def setting(settings: Mapping[str, object], *names: str, default: object = _MISSING) -> Any:
    """Returns a setting under its old (GPT-2 style) or new spelling; two spellings must agree.

    Raises:
        ValueError: they differ, or the setting is absent and has no default.
    """
    values = [settings[name] for name in names if settings.get(name) is not None]
    if any(value != values[0] for value in values):
        raise ValueError(
            f"config.json: {' and '.join(names)} differ ({values}); they are two spellings of one setting."
        )
    if values:
        return values[0]
    if default is _MISSING:
        raise ValueError(f"config.json has no {' or '.join(names)}.")
    return default


def read_width(folder: Path) -> int:
    """Returns the width of a token vector of the checkpoint in a folder."""
    return int(setting(read_settings(folder / "config.json"), "n_embd", "hidden_size"))


def is_vision(settings: Mapping[str, object]) -> bool:
    """Returns whether settings are those of an image model."""
    return bool(settings.get("img_size"))
