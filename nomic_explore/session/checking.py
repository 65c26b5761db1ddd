"""Whether an exploration on disk is what was written: the manifest and its copy, each table, each vector."""

from collections.abc import Iterator
from dataclasses import dataclass

from nomic_explore.session.edit_recovery import find_edits
from nomic_explore.store import tables
from nomic_explore.store.database import Store
from nomic_explore.store.errors import DamagedTableError
from nomic_explore.store.manifest import COPY, MANIFEST, read_manifest_file
from nomic_explore.store.stage_tables import StageTables
from nomic_explore.store.vector_tables import stored_keys


@dataclass(frozen=True)
class PartCheck:
    """What was found of one part of an exploration.

    Attributes:
        name: of the file or table.
        damage: what is wrong with it; "" if nothing is.
        note: what it holds.
        remedy: what makes it whole again; "" if nothing is wrong.
    """

    name: str
    damage: str
    note: str = ""
    remedy: str = ""


def check_store(store: Store, *, vectors: bool = True) -> Iterator[PartCheck]:
    """Yields what is found of each part; nothing is changed.

    Args:
        store: the folder.
        vectors: whether each vector is compared with its checksum, which takes a second for some 100,000 of them.

    Raises:
        FileNotFoundError: there is no such folder.
        ValueError: it is not an exploration, or neither manifest can be read.
    """
    manifest = store.read_manifest()
    for name in (MANIFEST, COPY):
        yield _check_manifest(store, name)
    for stage, record in manifest["stages"].items():
        notes = record.get("tables", {})
        for table, damage in StageTables(store, record).check_all().items():
            rows = next(note["rows"] for note in notes.values() if note["table"] == table)
            yield PartCheck(
                table, damage, f"{rows:,} rows of {stage}", "building again makes it anew" if damage else ""
            )
        if stage == "vectors" and vectors:
            yield _check_vectors(store, record["table"], manifest)
    yield _check_edits(store, manifest.get("edits", 0))


def _check_manifest(store: Store, name: str) -> PartCheck:
    try:
        read_manifest_file(store.root / name)
    except FileNotFoundError:
        is_old = name == COPY and store.read_manifest()["format"] == 1
        return PartCheck(name, "" if is_old else "it is missing", "", "building again writes it")
    except ValueError as error:
        return PartCheck(name, str(error).partition("(")[2].partition(")")[0], "", "the other copy is read")
    return PartCheck(name, "")


def _check_vectors(store: Store, table: str, manifest: dict[str, dict[str, dict[str, object]]]) -> PartCheck:
    """Returns whether each text has a vector that is what was written."""
    try:
        wanted = tables.read_keys(StageTables(store, manifest["stages"]["documents"]))
    except DamagedTableError:
        return PartCheck(table, "the texts they belong to cannot be read", "vectors", "building again")
    try:
        missing = len(wanted - stored_keys(store, table))
    except DamagedTableError as error:
        return PartCheck(
            table, str(error).partition("(")[2].partition(")")[0], "vectors", "building again keeps what can be read"
        )
    damage = f"{missing:,} vectors are missing or not what was written" if missing else ""
    remedy = "building again embeds them" if missing else ""
    return PartCheck(table, damage, f"vectors of {len(wanted):,} texts", remedy)


def _check_edits(store: Store, n_known: int) -> PartCheck:
    """Returns whether the log of edits and its twin hold the same edits, and all there were."""
    try:
        found = find_edits(store, n_known)
    except ValueError as error:
        return PartCheck("edits", str(error).partition(" cannot be read (")[2].partition(")")[0] or str(error))
    said = [sentence.rstrip(".") for sentence in found.describe(store.folder)]
    if n_known and found.rows and not found.count_in_twin:
        said.append("edits.jsonl is missing or holds none of them")
    if found.n_damaged_lines:
        said.append(f"{found.n_damaged_lines:,} lines of edits.jsonl are damaged")
    return PartCheck(
        "edits", "; ".join(said), f"{len(found.rows):,} edits", "opening it and the next edit restore both copies"
    )
