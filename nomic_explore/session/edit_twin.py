"""The readable twin of the edit log: `edits.jsonl`, a JSON object in each line, which any number of processes append to.

Each line ends in a checksum and says how many edits there were, so that a lost end, a lost middle and a flipped bit are
noticed. The table of edits is written first: an edit in the twin that the table lacks has been lost there.
"""

import hashlib
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from time import monotonic, sleep
from typing import TypedDict

from nomic_explore.atomic_files import sync_folder, write_atomically

TWIN = "edits.jsonl"
_CHECK = re.compile(rb',"check":"([0-9a-f]{16})"\}')
_CHECK_SIZE = 28  # bytes that it matches
_NAME = re.compile(r"[0-9a-f]{32}")
_PATIENCE = 10.0  # seconds that an edit waits while another process restores the log, which takes a fraction of one


class Row(TypedDict):
    """An edit as the table `edits` holds it; `details` is JSON."""

    edit: str
    session: str
    time: str
    kind: str
    ids: list[str]
    details: str


@dataclass(frozen=True)
class Lines:
    """What a file of edits holds.

    Attributes:
        rows: the edits of whole lines, by their names.
        raw: the whole lines, by the names of their edits.
        numbers: for each session, how many edits it had written when it wrote its last whole line.
        count: how many edits there were when the last of them was written, as far as the lines know.
        damaged: the lines that are not whole.
    """

    rows: dict[str, Row] = field(default_factory=dict)
    raw: dict[str, bytes] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    count: int = 0
    damaged: tuple[bytes, ...] = ()

    def n_lost(self, sessions: Iterable[str]) -> int:
        """Returns how many edits are certainly missing.

        Args:
            sessions: of each edit that is there, the session that made it.
        """
        held: dict[str, int] = {}
        for session in sessions:
            held[session] = held.get(session, 0) + 1
        by_session = sum(max(0, number - held.get(session, 0)) for session, number in self.numbers.items())
        return max(by_session, self.count - sum(held.values()))


def format_line(row: Row, *, count: int, number: int | None = None) -> bytes:
    r"""Returns an edit as a line, with its line end.

    Args:
        row: the edit.
        count: how many edits the log holds with this one, as far as its writer knows.
        number: how many edits its session has written with this one; None if that is not known.

    Example:
        >>> row = Row(edit="0" * 32, session="s", time="", kind="pin", ids=["a"], details="{}")
        >>> format_line(row, count=1, number=1)[-28:]
        b'"check":"0d4e00c38985e331"}\n'
    """
    held = {**row, "details": json.loads(row["details"]), "number": number, "count": count}
    body = json.dumps(held, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    return body[:-1] + b',"check":"' + _digest(body).encode() + b'"}\n'


def parse_lines(content: bytes) -> Lines:
    """Returns the edits of a file; a line that is not whole is set apart."""
    rows: dict[str, Row] = {}
    raw: dict[str, bytes] = {}
    numbers: dict[str, int] = {}
    damaged, count = [], 0
    for line in filter(None, content.split(b"\n")):
        held = _parse_line(line)
        if held is None:
            damaged.append(line)
            continue
        row, number, counted = held
        rows[row["edit"]] = row
        raw.setdefault(row["edit"], line)
        if number is not None:
            raw[row["edit"]] = line  # a copy that was made from the table knows no number
            numbers[row["session"]] = max(number, numbers.get(row["session"], 0))
        count = max(count, counted)
    return Lines(rows, raw, numbers, count, tuple(damaged))


def is_whole(row: Mapping[str, object]) -> bool:
    """Returns whether a row of the table, or an object of a line, can be an edit."""
    ids, details = row.get("ids"), row.get("details")
    try:
        datetime.fromisoformat(str(row["time"]))
        held = json.loads(details) if isinstance(details, str) else details
    except (KeyError, ValueError, RecursionError):
        return False
    return (
        _NAME.fullmatch(str(row.get("edit"))) is not None
        and all(isinstance(row.get(name), str) and row[name] for name in ("session", "kind"))
        and isinstance(ids, list)
        and all(isinstance(name, str) for name in ids)
        and isinstance(held, dict)
    )


class EditTwin:
    """The file `edits.jsonl` of an exploration.

    Args:
        folder: of the exploration.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / TWIN

    def read(self) -> Lines:
        """Returns what it holds; nothing if it is not there."""
        try:
            return parse_lines(self.path.read_bytes())
        except FileNotFoundError:
            return Lines()

    def append(self, lines: Iterable[bytes]) -> bool:
        """Appends lines, which are on disk when the call returns; False if it found the end of the file torn.

        Raises:
            OSError: they cannot be written.
        """
        is_new = not self.path.exists()
        file = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o666)
        try:
            size = os.fstat(file).st_size
            is_torn = size > 0 and _last_byte(file, size) != b"\n"
            # One call: other processes append too, and the system keeps the bytes of a call together.
            content = (b"\n" if is_torn else b"") + b"".join(lines)
            while content:
                content = content[os.write(file, content) :]
            os.fsync(file)
        finally:
            os.close(file)
        if is_new:
            sync_folder(self.path.parent)
        return not is_torn

    def replace(self, lines: Iterable[bytes]) -> None:
        """Writes the file anew; only `alone`."""
        with write_atomically(self.path) as part, open(part, "wb") as file:
            file.writelines(lines)

    @contextmanager
    def sharing(self) -> Iterator[None]:
        """Keeps the log from being restored until the block ends; others may append meanwhile.

        Raises:
            BlockingIOError: another process has been restoring it for long.
        """
        with self._locked(is_alone=False, patience=_PATIENCE) as is_locked:
            if not is_locked:
                raise BlockingIOError(f"Another process is restoring {self.path}. Try again when it has ended.")
            yield

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """Keeps others from appending until the block ends; gives False if some are appending right now."""
        with self._locked(is_alone=True, patience=0.5) as is_locked:
            yield is_locked

    @contextmanager
    def _locked(self, *, is_alone: bool, patience: float) -> Iterator[bool]:
        """Locks the file that the path names, if there is one; gives whether that came about in time."""
        file, end = None, monotonic() + patience
        try:
            while True:
                file = _open(self.path)
                if file is None or (_lock(file, is_alone) and _is_at(file, self.path)):
                    yield True
                    return
                os.close(file)
                file = None
                if monotonic() > end:
                    yield False
                    return
                sleep(0.01)
        finally:
            if file is not None:
                os.close(file)


def _parse_line(line: bytes) -> tuple[Row, int | None, int] | None:
    """Returns the edit of a line, its number and its count; None if the line is not whole."""
    match = _CHECK.fullmatch(line[-_CHECK_SIZE:])
    body = line[:-_CHECK_SIZE] + b"}"
    if match is None or _digest(body) != match[1].decode():
        return None
    with suppress(ValueError, RecursionError):
        held = json.loads(body)
        number, count = held.pop("number", None), held.pop("count", 0)
        if is_whole(held) and isinstance(count, int) and isinstance(number, int | None):
            return make_row(held, json.dumps(held["details"], ensure_ascii=False)), number, count
    return None


def make_row(held: Mapping[str, object], details: str) -> Row:
    """Returns the edit that a row of the table or the object of a line holds."""
    edit, session, time, kind = (str(held[name]) for name in ("edit", "session", "time", "kind"))
    ids = held["ids"]
    assert isinstance(ids, list)
    return Row(edit=edit, session=session, time=time, kind=kind, ids=ids, details=details)


def _digest(body: bytes) -> str:
    return hashlib.blake2b(body, digest_size=8).hexdigest()


def _last_byte(file: int, size: int) -> bytes:
    os.lseek(file, size - 1, os.SEEK_SET)
    return os.read(file, 1)


def _open(path: Path) -> int | None:
    """Returns the open file; None if there is none, or if it may not be read."""
    try:
        return os.open(path, os.O_RDONLY)
    except (FileNotFoundError, PermissionError):
        return None


def _is_at(file: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file), os.stat(path))
    except FileNotFoundError:
        return False


def _lock(file: int, is_alone: bool) -> bool:
    """Locks an open file for one or for many; False if others hold it. Where files cannot be locked, all may go on."""
    if sys.platform == "win32":
        return True
    import fcntl

    try:
        fcntl.flock(file, (fcntl.LOCK_EX if is_alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True
