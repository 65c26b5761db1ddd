"""What people add to an exploration: a log of edits that only grows.

Each tag, topic name, change of topics, pinned document or saved view is one row of the table `edits`, appended and never changed. Two
notebooks on one exploration append side by side and cannot overwrite each other; undoing appends a row too.
"""

import json
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from nomic_explore.session.edits import Edit, Edits, describe, fold, standing_edits
from nomic_explore.store.database import Store

if TYPE_CHECKING:
    import pyarrow as pa

TABLE = "edits"
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
    """

    def __init__(
        self, store: Store, ids: Sequence[str], *, opened: str | None = None, session: str | None = None
    ) -> None:
        self._store, self._ids = store, ids
        self._session = session or uuid.uuid4().hex
        self._edits: list[Edit] = []
        self._done: list[Edit] = []
        self._undone: list[Edit] = []
        self._row_of: dict[str, int] = {}
        self.state = Edits(len(ids))
        self.refresh()
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
        if self._store.count_rows(TABLE) == len(self._edits):
            return False
        written = self._store.read_table(TABLE).to_pylist()
        known = {edit.edit: edit for edit in self._edits}
        edits = [known.get(row["edit"]) or self._read(row) for row in written]
        self._edits = sorted(edits, key=lambda edit: (edit.time, edit.edit))
        self.state = fold(self._edits, len(self._ids))
        return True

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
        self._store.append(TABLE, _as_table(edit))
        self._edits.append(edit)
        return edit

    def _next_time(self) -> str:
        """Returns a time after that of every edit this session knows of, whatever the clocks of others say."""
        now = datetime.now(UTC)
        if self._edits:
            now = max(now, datetime.fromisoformat(self._edits[-1].time) + timedelta(milliseconds=1))
        return now.isoformat(timespec="milliseconds")

    def _read(self, row: dict[str, Any]) -> Edit:
        if row["ids"] and not self._row_of:
            self._row_of = {name: number for number, name in enumerate(self._ids)}
        places = [self._row_of.get(name, -1) for name in row["ids"]]
        details = json.loads(row["details"])
        return Edit(**{**row, "details": details}, places=np.array(places, dtype=np.int64))


def _as_table(edit: Edit) -> "pa.Table":
    import pyarrow as pa

    kinds = [pa.string()] * 4 + [pa.list_(pa.string()), pa.string()]
    names = ("edit", "session", "time", "kind", "ids", "details")
    values = (edit.edit, edit.session, edit.time, edit.kind, edit.ids, json.dumps(edit.details, ensure_ascii=False))
    return pa.table({name: pa.array([value], kind) for name, value, kind in zip(names, values, kinds, strict=True)})
