"""The edit log as its table and its twin hold it together: what one of them lost, the other gives back."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING, Any

from nomic_explore.session.edit_twin import TWIN, EditTwin, Lines, Row, format_line, is_whole, make_row
from nomic_explore.store.database import TABLES, Store

if TYPE_CHECKING:
    import pyarrow as pa

TABLE = "edits"
_ASIDE = "damaged-edits"


@dataclass(frozen=True)
class FoundEdits:
    """The edits of an exploration, and what was wrong with their table and their twin.

    Attributes:
        rows: every edit that one of the two holds whole.
        n_stored: rows of the table, those that are damaged or there twice included.
        missing: edits that the twin alone holds: the table lost them.
        damaged: edits that are damaged in the table and whole in the twin.
        n_unreadable: rows of the table that are damaged beyond their names, and that the twin may not hold.
        without_line: edits that the table alone holds: older than the twin, or their process was killed.
        n_damaged_lines: lines of the twin that are not whole.
        n_lost: edits that neither holds, as far as those that are there know.
        count: how many edits there were.
        count_in_twin: edits that the twin holds whole.
        reason: why the table cannot be read; empty if it can.
    """

    rows: list[Row]
    n_stored: int
    missing: list[Row] = field(default_factory=list)
    damaged: list[Row] = field(default_factory=list)
    n_unreadable: int = 0
    without_line: list[Row] = field(default_factory=list)
    n_damaged_lines: int = 0
    n_lost: int = 0
    count: int = 0
    count_in_twin: int = 0
    reason: str = ""

    @property
    def is_table_whole(self) -> bool:
        """Whether the table is as it should be, as far as the twin knows."""
        return not (self.reason or self.missing or self.damaged or self.n_unreadable)

    @property
    def must_be_rewritten(self) -> bool:
        """Whether the table holds damage that the twin can mend."""
        return bool(self.reason or self.damaged or (self.n_unreadable and self.count_in_twin))

    @property
    def is_twin_whole(self) -> bool:
        """Whether the twin holds every edit and nothing else."""
        return not (self.without_line or self.n_damaged_lines)

    def describe(self, folder: object) -> list[str]:
        """Returns a sentence for each thing that is wrong with the table, and for edits that are lost."""
        said, n = [], len(self.rows)
        if self.reason:
            said.append(f"The table of edits of {folder} cannot be read ({self.reason}); all {n:,} come from {TWIN}.")
        elif self.missing:
            said.append(f"{len(self.missing):,} of {n:,} edits are missing in the table of {folder}; {TWIN} has them.")
        if self.damaged:
            said.append(f"{len(self.damaged):,} of {n:,} edits are damaged in the table of {folder}; {TWIN} has them.")
        # A damaged row whose name is damaged too is one of those that are missing, if the twin has it.
        if self.n_unreadable > len(self.missing):
            said.append(
                f"{self.n_unreadable - len(self.missing):,} edits in the table of {folder} are damaged and are left out."
            )
        if self.n_lost:
            said.append(
                f"{self.n_lost:,} edits of {folder} are lost: there were {max(self.count, n + self.n_lost):,}, and the "
                f"table and {TWIN} hold {n:,}. If you have a copy of {TWIN}, add it with load_edits()."
            )
        return said


def find_edits(store: Store, n_known: int = 0) -> FoundEdits:
    """Returns the edits of an exploration as its table and its twin hold them; changes nothing.

    Args:
        store: the folder.
        n_known: edits that there were when the folder was built last.

    Raises:
        ValueError: the table cannot be read, and there is no twin.
    """
    # In this order: an edit is written to the table first, so that the twin never knows one that the table lacks.
    lines = EditTwin(store.root).read()
    table: list[dict[str, Any]] = []
    reason = ""
    if TABLE in store.table_names():
        try:
            table = read_rows(store)
        except (ValueError, OSError, RuntimeError) as error:
            if not lines.rows:
                raise
            reason = str(error).partition(" cannot be read (")[2].partition("). Nothing")[0] or str(error)
    elif lines.rows:
        reason = "it is missing"
    found = compare_rows(table, lines, reason)
    n_lost = max(found.n_lost, n_known - len(found.rows))
    return replace(found, n_lost=n_lost, count=max(found.count, n_known))


def compare_rows(table: Sequence[Mapping[str, Any]], lines: Lines, reason: str = "") -> FoundEdits:
    """Returns the edits that a table and a twin hold together; where they differ, the twin is right: it has checksums."""
    damaged: dict[str, Row] = {}
    without_line: dict[str, Row] = {}
    held, n_unreadable = set(), 0
    unnamed: list[Row] = []
    for stored in table:
        line = lines.rows.get(str(stored["edit"]))
        if line is not None:
            held.add(line["edit"])
            if not _is_same(stored, line):
                damaged[line["edit"]] = line
        elif is_whole(stored):
            unnamed.append(row_of(stored))
        else:
            n_unreadable += 1
    # An edit that is in the twin under another name has a damaged name in the table.
    twins = {_content(row): row for row in lines.rows.values()} if unnamed else {}
    for row in unnamed:
        twin = twins.get(_content(row))
        if twin is None:
            without_line[row["edit"]] = row
        else:
            damaged[twin["edit"]] = twin
    missing = [row for edit, row in lines.rows.items() if edit not in held and edit not in damaged]
    rows = [*lines.rows.values(), *without_line.values()]
    n_lost = max(0, lines.n_lost(row["session"] for row in rows))
    counted = max(lines.count, len(rows))
    found = FoundEdits(rows, len(table), missing, list(damaged.values()), n_unreadable, list(without_line.values()))
    found = replace(found, n_damaged_lines=len(lines.damaged), n_lost=n_lost, reason=reason)
    return replace(found, count=counted, count_in_twin=len(lines.rows))


def restore_table(store: Store) -> tuple[FoundEdits, bool]:
    """Writes the table again, where it lost or damaged what the twin holds; a damaged one is kept beside it.

    Nothing is done while another process appends edits.

    Returns:
        The edits, and whether the table is whole now.

    Raises:
        OSError: it cannot be written.
    """
    twin = EditTwin(store.root)
    with twin.alone() as is_alone:
        found = find_edits(store)
        if not is_alone:
            return found, found.is_table_whole
        if found.must_be_rewritten:
            _write_whole_twin(twin, twin.read(), found)  # what the table alone holds is in two places at any moment
            with _set_aside(store):
                store.append(TABLE, as_table(found.rows))
            return replace(found, n_stored=len(found.rows)), True
        if found.missing:
            store.append(TABLE, as_table(found.missing))
        return replace(found, n_stored=found.n_stored + len(found.missing)), True


def complete_twin(store: Store) -> bool:
    """Writes the twin again, with every edit that the table holds; False if others are appending right now.

    Raises:
        OSError: it cannot be written.
    """
    twin = EditTwin(store.root)
    with twin.alone() as is_alone:
        if is_alone:
            lines = twin.read()
            _write_whole_twin(twin, lines, compare_rows(read_rows(store), lines))
    return is_alone


def _write_whole_twin(twin: EditTwin, lines: Lines, found: FoundEdits) -> None:
    """Adds the edits that the twin lacks; damaged lines go, unless edits are lost, of which they may be what is left."""
    if found.is_twin_whole:
        return
    raw = {edit: line + b"\n" for edit, line in lines.raw.items()}
    raw |= {row["edit"]: format_line(row, count=found.count) for row in found.without_line}
    in_order = sorted(found.rows, key=lambda row: (row["time"], row["edit"]))
    kept = [line + b"\n" for line in lines.damaged] if found.n_lost else []
    twin.replace([*(raw[row["edit"]] for row in in_order), *kept])


def as_table(rows: Sequence[Row]) -> "pa.Table":
    """Returns edits as rows of the table `edits`."""
    import pyarrow as pa

    kinds = {name: pa.string() for name in ("edit", "session", "time", "kind")}
    schema = pa.schema({**kinds, "ids": pa.list_(pa.string()), "details": pa.string()})
    return pa.Table.from_pylist([dict(row) for row in rows], schema=schema)


def read_rows(store: Store) -> list[dict[str, Any]]:
    """Returns the rows of the table, which need not be whole edits.

    Raises:
        ValueError: the table is missing, or cannot be read.
    """
    with _no_panic():
        rows: list[dict[str, Any]] = store.read_table(TABLE).select(list(Row.__annotations__)).to_pylist()
    return rows


def row_of(stored: Mapping[str, Any]) -> Row:
    """Returns the edit that a row of the table holds."""
    return make_row(stored, json.dumps(json.loads(stored["details"]), ensure_ascii=False))


@contextmanager
def _no_panic() -> Iterator[None]:
    """Turns what is thrown where Lance 0.40 finds damage it did not expect into a ValueError."""
    try:
        yield
    except KeyError as error:
        raise ValueError(f"there is no column {error}") from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # of pyo3, which is no Exception
            raise
        raise ValueError(str(error).splitlines()[0][:200]) from error


@contextmanager
def _set_aside(store: Store) -> Iterator[None]:
    """Renames the folder of the table, which holds what may be left of edits that nothing else has."""
    tables = store.root / TABLES
    table = tables / f"{TABLE}.lance"
    aside = next(path for n in count(1) if not (path := tables / f"{_ASIDE}-{n}").exists())
    if table.exists():
        os.rename(table, aside)
    store._database = None  # it remembers files of the table
    try:
        yield
    except BaseException:
        if aside.exists() and not table.exists():
            os.rename(aside, table)
        raise


def _content(row: Row) -> tuple[object, ...]:
    return (row["session"], row["time"], row["kind"], tuple(row["ids"]), row["details"])


def _is_same(stored: Mapping[str, Any], line: Row) -> bool:
    return dict(stored) == dict(line) or (is_whole(stored) and row_of(stored) == line)
