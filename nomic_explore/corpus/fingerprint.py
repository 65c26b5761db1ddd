"""Hashes of the files and texts of a corpus, which let a report name its input exactly."""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from nomic_explore.corpus.formats import archive_of
from nomic_explore.corpus.found_files import find_files, looks_like_file

_BLOCK = 1 << 20  # bytes read at a time


def describe_input(source: object, texts: Sequence[str | None], format: str | None = None) -> dict[str, object]:
    """Returns the files of a source (name, bytes, sha256), none where it is no file, and the sha256 of the texts.

    Args:
        source: as `read_corpus` takes it.
        texts: what was read from it, None where a row has no text.
        format: as `read_corpus` takes it.

    Example:
        >>> describe_input(["a cat", "a dog"], ["a cat", "a dog"])["texts_sha256"][:8]
        'e85835aa'
    """
    files = _files_of(source, format)
    root = os.path.commonpath([file.parent for file in files]) if files else ""
    return {
        "files": [
            {"name": file.relative_to(root).as_posix(), "bytes": file.stat().st_size, "sha256": _hash_file(file)}
            for file in files
        ],
        "texts_sha256": hash_texts(texts),
    }


def hash_texts(texts: Sequence[str | None]) -> str:
    """Returns the sha256 of texts: of each its length in bytes and its UTF-8, a minus sign where there is none.

    Example:
        >>> hash_texts(["a cat", "a dog"])[:8]
        'e85835aa'
    """
    digest = hashlib.sha256()
    for text in texts:
        if text is None:
            digest.update(b"-")
        else:
            encoded = text.encode("utf-8", "surrogatepass")
            digest.update(b"%d:" % len(encoded))
            digest.update(encoded)
    return digest.hexdigest()


def _files_of(source: object, format: str | None) -> list[Path]:
    """Returns the files that `read_corpus` reads, absolute; an archive instead of the files in it."""
    if isinstance(source, str | Path):
        listed = [] if "://" in str(source) else [source]
    elif isinstance(source, list | tuple):
        is_paths = all(isinstance(row, Path) or (isinstance(row, str) and looks_like_file(row)) for row in source)
        listed = list(source) if is_paths else []
    else:
        listed = []
    found = [find_files(each, format) for each in listed]
    files = [file.resolve() for each in found for file in (*each.files, *each.documents)]
    return list(dict.fromkeys(archive_of(file) or file for file in files))


def _hash_file(file: Path) -> str:
    digest = hashlib.sha256()
    with open(file, "rb") as opened:
        while block := opened.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
