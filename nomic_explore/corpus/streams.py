"""Open files and standard input: read to their end, and recognized by what they hold."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol, runtime_checkable

import pyarrow as pa

from nomic_explore.corpus.csv_layout import find_layout
from nomic_explore.corpus.formats import ReadOptions, open_bytes
from nomic_explore.corpus.found_files import ARCHIVE, FoundFiles, find_files, suffix_of

_MAGIC = {
    b"PAR1": ".parquet",
    b"ARROW1": ".arrow",
    b"\xd0\xcf\x11\xe0": ".xls",
    b"\x1f\x8b": ".gz",
    b"\x28\xb5\x2f\xfd": ".zst",
    b"\xfd7zXZ\x00": ".xz",
    b"BZh": ".bz2",
    b"PK\x03\x04": ARCHIVE,
}
_PACKED = (".gz", ".zst", ".xz", ".bz2")
_START = 1 << 16  # bytes of which a format is found


@runtime_checkable
class Readable(Protocol):
    """An open file, or whatever else has its bytes or its text in one piece."""

    def read(self) -> bytes | str:
        """Returns all that is left to read."""
        ...


@contextmanager
def spooled(stream: Readable, options: ReadOptions) -> Iterator[tuple[FoundFiles, str]]:
    """Yields what a stream holds as a file, and what to call it; errors name the stream.

    Args:
        stream: read from where it stands to its end.
        options: if they name no format, it is that of the stream's name, or found from its content.

    Raises:
        ValueError: the stream is empty, or its format cannot be found.
    """
    label, given = _name_of(stream)
    content = stream.read()
    if not isinstance(content, bytes | bytearray | memoryview | str):
        raise TypeError(f"{label} holds {type(content).__name__}; expected bytes or text.")
    if isinstance(content, str):
        if options.encoding is not None:
            raise ValueError(f"{label} is open as text, so encoding= has no effect; open it with mode 'rb'.")
        content = content.encode("utf-8", "surrogatepass")
    if not content:
        raise ValueError(f"{label} is empty; expected at least one row. If it was read before, go back with seek(0).")
    with TemporaryDirectory(prefix="nomic-explore-") as folder:
        path = Path(folder) / given
        path.write_bytes(content)
        try:
            if options.format is None and path.suffix != ARCHIVE and suffix_of(path) is None:
                path = path.rename(path.with_name(given + _suffix_of_content(path, bytes(content), label)))
            elif options.format is not None and (packed := _magic_suffix(bytes(content[:8]))) in _PACKED:
                path = path.rename(path.with_name(f"{given}.{options.format}{packed}"))
            yield replace(find_files(path, options.format), root=None), label
        except ValueError as error:
            if str(path) not in str(error):
                raise
            raise ValueError(str(error).replace(str(path), label)) from None


def _name_of(stream: Readable) -> tuple[str, str]:
    """Returns what messages call a stream, and a name for its file."""
    if stream is sys.stdin or stream is getattr(sys.stdin, "buffer", None):
        return "standard input", "stdin"
    name = getattr(stream, "name", None)
    if isinstance(name, str) and Path(name).name:
        return name, Path(name).name
    return "the open file", "file"


def _magic_suffix(start: bytes) -> str | None:
    return next((suffix for magic, suffix in _MAGIC.items() if start.startswith(magic)), None)


def _suffix_of_content(path: Path, content: bytes, label: str) -> str:
    """Returns the suffix of the format that the content has."""
    suffix = _magic_suffix(content)
    if suffix in _PACKED:
        packed = path.rename(path.with_name(f"packed{suffix}"))
        try:
            inner = bytes(open_bytes(packed).read(_START))
        except (pa.ArrowException, OSError):
            inner = b""
        packed.rename(path)
        return _suffix_of_text(inner, label) + str(suffix)
    if suffix == ARCHIVE:
        if b"[Content_Types].xml" in content:
            return ".xlsx"
        return ".ods" if b"opendocument.spreadsheet" in content[:200] else ARCHIVE
    return suffix or _suffix_of_text(bytes(open_bytes(path).read(_START)), label)


def _suffix_of_text(start: bytes, label: str) -> str:
    """Returns the suffix of JSON, JSON Lines or CSV in UTF-8."""
    stripped = start.lstrip()
    first, _, rest = stripped.partition(b"\n")
    if stripped[:1] == b"{":
        return ".jsonl" if rest.lstrip()[:1] == b"{" and _is_json(first) else ".json"
    if stripped[:1] == b"[" and stripped[1:].lstrip()[:1] in (b"{", b'"', b"]"):
        return ".json"
    try:
        layout = find_layout(start)
    except UnicodeDecodeError:
        layout = None
    if layout is not None and (len(layout.names) > 1 or layout.names[0].isidentifier()):
        return ".csv"
    raise ValueError(f'{label} is neither JSON nor CSV with a header of several columns; say what it is: format="csv".')


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True
