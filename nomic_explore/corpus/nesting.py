"""How deep the lines of a JSON file are nested; Arrow's reader ends the process on a few thousand levels."""

import re
from typing import BinaryIO

import numpy as np

from nomic_explore.corpus.formats import BLOCK_BYTES

MAX_NESTING = 60  # levels; a file of Arrow holds at most 64
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_NEWLINE, _OPENING, _CLOSING = ord("\n"), tuple(b"{["), tuple(b"}]")


def find_deep_line(stream: BinaryIO) -> tuple[int, int] | None:
    r"""Returns the number of the first line that is nested too deep, from 1, and its levels; None if there is none.

    Args:
        stream: of bytes; it is read in blocks to its end.

    Example:
        >>> import io
        >>> find_deep_line(io.BytesIO(b'{"a": 1}\n{"a": ' + b"[" * 99 + b"]" * 99 + b"}"))
        (2, 100)
    """
    pieces: list[bytes] = []
    n_lines = 0
    while block := bytes(stream.read(BLOCK_BYTES)):
        end = block.rfind(b"\n")
        if end < 0:
            pieces.append(block)
            continue
        lines = b"".join([*pieces, block[: end + 1]])
        if found := _find_deep(lines):
            return n_lines + found[0], found[1]
        n_lines += lines.count(b"\n")
        pieces = [block[end + 1 :]]
    found = _find_deep(b"".join(pieces))
    return None if found is None else (n_lines + found[0], found[1])


def _find_deep(lines: bytes) -> tuple[int, int] | None:
    """Returns the number of the first deep one of whole lines, and its levels; only lines with many brackets are read."""
    codes = np.frombuffer(lines, dtype=np.uint8)
    ends = np.append(np.flatnonzero(codes == _NEWLINE), len(codes))
    opened = np.flatnonzero((codes == _OPENING[0]) | (codes == _OPENING[1]))
    n_opened = np.bincount(np.searchsorted(ends, opened), minlength=len(ends))
    for line in np.flatnonzero(n_opened > MAX_NESTING).tolist():
        depth = _depth(lines[ends[line - 1] + 1 if line else 0 : ends[line]])
        if depth > MAX_NESTING:
            return line + 1, depth
    return None


def _depth(line: bytes) -> int:
    """Returns how many levels of objects and arrays a line of JSON has."""
    codes = np.frombuffer(_STRING.sub(b"", line), dtype=np.uint8)
    steps = np.isin(codes, _OPENING).astype(np.int64) - np.isin(codes, _CLOSING)
    return int(np.cumsum(steps).max(initial=0))
