"""A JSON array of objects as a stream of JSON Lines: Arrow reads lines, and nothing is held in memory but a block."""

from typing import Any

import numpy as np

_QUOTE, _BACKSLASH, _SPACE, _NEWLINE, _COMMA = b'"\\ \n,'
_OPEN, _CLOSE, _ENDS = np.frombuffer(b"[{", np.uint8), np.frombuffer(b"]}", np.uint8), np.frombuffer(b"\r\n", np.uint8)
_IS_STRUCTURE = np.zeros(256, dtype=bool)
_IS_STRUCTURE[np.frombuffer(b"[]{},\r\n", np.uint8)] = True


class ArrayAsLines:
    """A readable stream: each element of the array stands on a line of its own.

    Only structure is looked at: a comma of the array itself becomes a line end, a line end between tokens a space.
    Whether an element is valid JSON is for its reader to say.
    """

    closed = False

    def __init__(self, stream: Any, limit: int | None = None) -> None:
        """Reads from a stream of bytes that starts with white space or "["; ends behind `limit` elements."""
        self._stream, self._limit = stream, limit
        self._depth, self._in_string, self._n_backslashes, self._n_elements = 0, False, 0, 0
        self._is_finished = False

    @property
    def is_cut_off(self) -> bool:
        """Whether the stream ended inside the array."""
        return self._is_finished and self._depth > 0 and self._limit is None

    def read(self, n_bytes: int = -1) -> bytes:
        """Returns about n_bytes of lines; nothing at the end."""
        if self._is_finished:
            return b""
        block = bytes(self._stream.read() if n_bytes < 0 else self._stream.read(n_bytes))
        if not block:
            self._is_finished = True
            return b""
        return self._converted(np.frombuffer(block, np.uint8))

    def readable(self) -> bool:  # io.TextIOWrapper asks
        """Always."""
        return True

    def close(self) -> None:
        """Does nothing: who opened the stream closes it."""

    def _converted(self, content: np.ndarray) -> bytes:
        quotes = self._unescaped_quotes(content)
        places = np.flatnonzero(_IS_STRUCTURE[content])
        places = places[(np.searchsorted(quotes, places) + self._in_string) % 2 == 0]
        signs = content[places]
        opens, closes = np.isin(signs, _OPEN), np.isin(signs, _CLOSE)
        depths = self._depth + np.cumsum(opens.astype(np.int64) - closes)  # behind each sign
        lines = content.copy()
        lines[places[np.isin(signs, _ENDS)]] = _SPACE
        lines[places[opens & (depths == 1)]] = _SPACE
        lines[places[closes & (depths == 0)]] = _NEWLINE
        commas = places[(signs == _COMMA) & (depths == 1)]
        lines[commas] = _NEWLINE
        if len(depths):
            self._depth = int(depths[-1])
        self._in_string = bool((len(quotes) + self._in_string) % 2)
        if self._limit is not None and self._n_elements + len(commas) >= self._limit:
            self._is_finished = True
            lines = lines[: commas[self._limit - self._n_elements - 1] + 1]
        self._n_elements += len(commas)
        return lines.tobytes()

    def _unescaped_quotes(self, content: np.ndarray) -> np.ndarray:
        """Returns where quotes stand that no odd run of backslashes stands before."""
        quotes = np.flatnonzero(content == _QUOTE)
        slashes = np.flatnonzero(content == _BACKSLASH)
        carried, self._n_backslashes = self._n_backslashes, 0
        if not len(slashes):
            is_escaped = np.zeros(len(quotes), dtype=bool)
            if carried % 2 and len(quotes) and quotes[0] == 0:
                is_escaped[0] = True
            return quotes[~is_escaped]
        starts = np.flatnonzero(np.diff(slashes, prepend=-2) != 1)  # of runs, as numbers in `slashes`
        lengths = np.diff(starts, append=len(slashes))
        lengths[0] += carried if slashes[0] == 0 else 0
        ends = slashes[starts] + np.diff(starts, append=len(slashes))  # the byte behind each run
        odd_ends = ends[lengths % 2 == 1]
        if carried % 2 and slashes[0] != 0:
            odd_ends = np.append(odd_ends, 0)
        if ends[-1] == len(content):
            self._n_backslashes = int(lengths[-1])
        return quotes[~np.isin(quotes, odd_ends)]
