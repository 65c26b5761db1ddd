"""Hashes of the files of a model: what its vectors depend on besides the texts.

A file is read once in a process and then known by its path, size and times.
"""

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

_TOKENIZER_FILES = (
    *("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.txt"),
    *("vocab.json", "merges.txt", "tokenizer.model", "spiece.model", "sentencepiece.bpe.model"),
)
_WEIGHTS = ("model*.safetensors", "pytorch_model*.bin")  # those of the first pattern that fits are loaded
_SETTINGS = ("config.json", "modules.json", "config_sentence_transformers.json", "sentence_bert_config.json")
# Entries of a config.json that describe where it came from; vectors do not depend on them.
_ABOUT = {"_name_or_path", "architectures", "auto_map", "torch_dtype", "dtype", "transformers_version"}

Stamp = tuple[str, int, int, int, int]


def file_sha256(path: Path) -> str:
    """Returns the SHA-256 of a file as 64 hexadecimal digits; a file that has not changed is read once in a process.

    Example:
        >>> path = getfixture("tmp_path") / "vocab.txt"
        >>> _ = path.write_text("[UNK]")
        >>> file_sha256(path)[:8]
        '1dd8ce31'
    """
    return _hash_file(stamp(path))


def stamp(path: Path) -> Stamp:
    """Returns what changes with a file: its path, inode, size and the times of its last changes."""
    path = path.resolve()
    found = path.stat()
    return (str(path), found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def settings_sha256(path: Path) -> str:
    """Returns the SHA-256 of a config.json without the entries that only tell where it came from.

    Example:
        >>> path = getfixture("tmp_path") / "config.json"
        >>> _ = path.write_text('{"n_layer": 2, "transformers_version": "5.0"}')
        >>> before = settings_sha256(path)
        >>> _ = path.write_text('{"n_layer": 2}')
        >>> settings_sha256(path) == before
        True
    """
    found = json.loads(path.read_text(encoding="utf-8"))
    kept = {name: value for name, value in found.items() if name not in _ABOUT}
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()


def sentence_files(folder: Path) -> tuple[list[Path], list[Path]]:
    """Returns the files that sentence-transformers reads: of weights and settings, and of the tokenizer.

    Args:
        folder: of the model; other formats of the same weights that lie beside them (ONNX) are left out.
    """
    places = [folder, *(folder / part for part in _module_folders(folder) if part)]
    weights = [folder / name for name in _SETTINGS[1:]]
    tokenizer = [place / name for place in places for name in _TOKENIZER_FILES]
    for place in dict.fromkeys(places):
        weights.append(place / "config.json")
        fitting = (sorted(place.glob(pattern)) for pattern in _WEIGHTS)
        weights += next((found for found in fitting if found), [])
    return _present(weights), _present(tokenizer)


def combined_sha256(files: list[Path], folder: Path) -> str:
    """Returns one SHA-256 of several files and of their places in a folder."""
    lines = [f"{file.relative_to(folder).as_posix()} {_content_sha256(file)}\n" for file in files]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _content_sha256(file: Path) -> str:
    return settings_sha256(file) if file.name == "config.json" else file_sha256(file)


def _module_folders(folder: Path) -> list[str]:
    """Returns the folders of a model's modules, relative to its own."""
    path = folder / "modules.json"
    listed: Any = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []
    return [str(module.get("path", "")) for module in listed if isinstance(module, dict)]


def _present(files: list[Path]) -> list[Path]:
    return sorted({file for file in files if file.is_file()})


@lru_cache(maxsize=256)
def _hash_file(known: Stamp) -> str:
    with open(known[0], "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
