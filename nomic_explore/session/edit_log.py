"""What people add to an exploration: a log of edits that only grows.

Each tag, topic name, change of topics, pinned document or saved view is one row of the table `edits`, appended and never changed. Two
notebooks on one exploration append side by side and cannot overwrite each other; undoing appends a row too. Each edit is then
appended to `edits.jsonl` as well, from which the table is restored if it loses any.
"""

import json
import uuid
import warnings
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from nomic_explore.files import check_target, write_bytes
from nomic_explore.session.edit_recovery import (
    TABLE,
    FoundEdits,
    as_table,
    complete_twin,
    find_edits,
    read_rows,
    restore_table,
    row_of,
)
from nomic_explore.session.edit_twin import TWIN, EditTwin, Row, format_line, is_whole, parse_lines
from nomic_explore.session.edits import Edit, Edits, describe, fold, standing_edits
from nomic_explore.store.database import Store

COPIED = "copied"  # the session of edits that came from another exploration
_MERGE_EVERY = 100  # each append makes a file of its own; so many are read in about 50 ms
_NO_ROWS = np.zeros(0, dtype=np.int64)


class EditLog:
    """The log of one exploration, as one session writes and reads it.

    Args:
        store: where the log lies.
        ids: (n,) the id of each row.
        opened: ISO time at which the folder was opened; edits of earlier sessions can be undone, those that another
            notebook writes meanwhile cannot. None: only what is added through this object can be undone.
        session: the name under which edits are written; those of COPIED are never undone.
        n_known: edits that there were when the folder was built last; fewer are reported as lost.
    """

    def __init__(
        self,
        store: Store,
        ids: Sequence[str],
        *,
        opened: str | None = None,
        session: str | None = None,
        n_known: int = 0,
    ) -> None:
        self._store, self._ids, self._n_known = store, ids, n_known
        self._session = session or uuid.uuid4().hex
        self._edits: list[Edit] = []
        self.state = Edits(len(ids))
        self._done: list[Edit] = []
        self._undone: list[Edit] = []
        self._row_of: dict[str, int] = {}
        self._twin = EditTwin(store.root)
        found = self._open()
        self._n_stored, self._count = found.n_stored, found.count
        self._is_twin_behind = not found.is_twin_whole
        self._n_written = sum(row["session"] == self._session for row in found.rows)
        self._take(found.rows)
        if opened is not None:
            self._done = [
                edit for edit in standing_edits(self._edits) if edit.time <= opened and edit.session != COPIED
            ]

    def __len__(self) -> int:
        return len(self._edits)

    def add(self, kind: str, rows: np.ndarray = _NO_ROWS, **details: object) -> None:
        """Writes an edit and applies it; what was undone before can no longer be redone.

        Raises:
            OSError: the folder cannot be written to, or its disk is full; nothing is changed then.
        """
        edit = self._write(kind, rows, details)
        self.state.apply(edit)
        self._done.append(edit)
        self._undone.clear()

    def undo(self) -> str | None:
        """Undoes the last edit of this session, then those of earlier ones; returns what it was, None if there is none."""
        return self._move("undo", self._done, self._undone)

    def redo(self) -> str | None:
        """Does again what was undone last; returns what it was, None if there is nothing."""
        return self._move("redo", self._undone, self._done)

    def refresh(self) -> bool:
        """Reads what other sessions have written since; returns whether there was anything."""
        if self._store.count_rows(TABLE) == self._n_stored:
            return False
        stored = read_rows(self._store)
        self._n_stored = len(stored)
        return self._take([row_of(row) for row in stored if is_whole(row)]) > 0

    def save(self, path: str | Path) -> Path:
        """Writes all edits to a file of the form of `edits.jsonl`, and returns its path."""
        target = check_target(path, (".jsonl",))
        lines = [format_line(_as_row(edit), count=len(self._edits)) for edit in self._edits]
        return write_bytes(target, b"".join(lines))

    def load(self, path: str | Path) -> int:
        """Adds the edits of a file that the log does not hold yet; returns how many.

        Raises:
            FileNotFoundError: there is no such file.
            ValueError: it holds no edits.
            OSError: the folder cannot be written to; nothing is changed then.
        """
        lines = parse_lines(Path(path).expanduser().read_bytes())
        if lines.damaged and not lines.rows:
            raise ValueError(f"{path} holds no edits; expected a file that save_edits() wrote, or {TWIN}.")
        n_lost = lines.n_lost(row["session"] for row in lines.rows.values())
        if lines.damaged or n_lost:
            warnings.warn(
                f"{path}: {len(lines.damaged):,} lines are damaged and {n_lost:,} edits are missing; "
                f"the other {len(lines.rows):,} are used.",
                stacklevel=3,
            )
        self.refresh()
        known = {edit.edit for edit in self._edits}
        rows = [row for edit, row in lines.rows.items() if edit not in known]
        if rows:
            self._append(rows)
            self._take(rows)
        return len(rows)

    def _open(self) -> FoundEdits:
        """Returns all edits; what the table lost is restored from the twin, with a warning."""
        found = find_edits(self._store, self._n_known)
        if found.is_table_whole and not found.n_lost:
            return found
        said = found.describe(self._store.folder)
        if not found.is_table_whole and found.count_in_twin:
            try:
                found, is_restored = restore_table(self._store)
                if is_restored:
                    said.append("The table was written again; a damaged one is kept beside it.")
            except OSError as error:
                said.append(f"The table could not be written again: {error}")
        warnings.warn(" ".join(said), stacklevel=2)
        return found

    def _take(self, rows: Sequence[Row]) -> int:
        """Takes in edits that are new to this session, and returns how many there are."""
        known = {edit.edit for edit in self._edits}
        new = {row["edit"]: row for row in rows if row["edit"] not in known}
        self._edits = sorted([*self._edits, *map(self._read, new.values())], key=lambda edit: (edit.time, edit.edit))
        self._count = max(self._count, len(self._edits))
        self.state = fold(self._edits, len(self._ids))
        return len(new)

    def _move(self, kind: str, source: list[Edit], target: list[Edit]) -> str | None:
        if not source:
            return None
        self._write(kind, _NO_ROWS, {"edit": source[-1].edit})
        target.append(source.pop())
        self.state = fold(self._edits, len(self._ids))
        return describe(target[-1])

    def _write(self, kind: str, rows: np.ndarray, details: dict[str, object]) -> Edit:
        ids = [self._ids[row] for row in rows.tolist()]
        edit = Edit(uuid.uuid4().hex, self._session, self._next_time(), kind, ids, rows, details)
        if len(self._edits) % _MERGE_EVERY == _MERGE_EVERY - 1:
            self._store.merge_files(TABLE)
        self._append([_as_row(edit)], number=self._n_written + 1)
        self._n_written += 1
        self._edits.append(edit)
        return edit

    def _append(self, rows: Sequence[Row], number: int | None = None) -> None:
        """Writes edits to the table and then to the twin, whose loss costs nothing as long as the table is there."""
        with self._twin.sharing():
            self._store.append(TABLE, as_table(rows))
            self._n_stored += len(rows)
            # Edits out of a copy may be some that were lost here, which the count includes already.
            self._count = max(len(self._edits) + len(rows), self._count + (number is not None))
            try:
                is_whole_line = self._twin.append(format_line(row, count=self._count, number=number) for row in rows)
                self._is_twin_behind |= not is_whole_line
            except OSError as error:
                self._is_twin_behind = True
                self._warn_of_twin(error)
                return
        if self._is_twin_behind:
            try:
                self._is_twin_behind = not complete_twin(self._store)
            except OSError as error:
                self._warn_of_twin(error)

    def _warn_of_twin(self, error: OSError) -> None:
        warnings.warn(
            f"{self._twin.path} could not be written ({error}). The edit is stored in the table; the next one completes it.",
            stacklevel=5,
        )

    def _next_time(self) -> str:
        """Returns a time after that of every edit this session knows of, whatever the clocks of others say."""
        now = datetime.now(UTC)
        if self._edits:
            now = max(now, datetime.fromisoformat(self._edits[-1].time) + timedelta(milliseconds=1))
        return now.isoformat(timespec="milliseconds")

    def _read(self, row: Row) -> Edit:
        if row["ids"] and not self._row_of:
            self._row_of = {name: number for number, name in enumerate(self._ids)}
        places = [self._row_of.get(name, -1) for name in row["ids"]]
        return Edit(
            row["edit"],
            row["session"],
            row["time"],
            row["kind"],
            row["ids"],
            np.array(places, dtype=np.int64),
            json.loads(row["details"]),
        )


def _as_row(edit: Edit) -> Row:
    details = json.dumps(edit.details, ensure_ascii=False)
    return Row(edit=edit.edit, session=edit.session, time=edit.time, kind=edit.kind, ids=edit.ids, details=details)
