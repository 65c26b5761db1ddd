"""Migrations: named steps, in a fixed order, that bring the folder of an earlier version to the current format.

A migration is a function that changes tables or the manifest in place. It runs once, under the folder's lock, when the
folder is built again; its name is then noted in the manifest under "migrations". A folder that is only read is not
changed: readers understand every format from 1 on.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nomic_explore.models.places import portable_source
from nomic_explore.store.database import Store
from nomic_explore.store.manifest import Manifest
from nomic_explore.store.stage_tables import checksum_files
from nomic_explore.store.sweeping import FORMAT_1_TABLES

Step = Callable[[Store, Manifest], Manifest]


@dataclass(frozen=True)
class Migration:
    """One step from a format to the next.

    Attributes:
        name: stays for ever, since folders note it: the number of the format it leads to, and what it does.
        step: takes the store and its manifest and returns the new manifest; may write tables. It can be interrupted and
            run again, so it must not depend on running only once.
    """

    name: str
    step: Step


def name_tables(store: Store, manifest: Manifest) -> Manifest:
    """Returns the manifest of a folder of format 1 with the tables of each stage and their checksums as they are now.

    The name of the model loses what does not belong there: absolute paths, users and passwords.
    """
    stages = {}
    for name, record in manifest["stages"].items():
        stages[name] = dict(record)
        if "tables" not in record and name in FORMAT_1_TABLES:
            present = [table for table in FORMAT_1_TABLES[name] if table in store.table_names()]
            stages[name]["tables"] = {
                table: {
                    "table": table,
                    "rows": store.count_rows(table),
                    "files": checksum_files(store.table_path(table)),
                }
                for table in present
            }
    vectors = stages.get("vectors", {})
    for key in ("model", "encoder"):
        if key in vectors:
            vectors[key] = portable_source(vectors[key], store.root)
    return {**manifest, "stages": stages}


MIGRATIONS: tuple[Migration, ...] = (Migration("m002_name_tables", name_tables),)  # in order


def migrate(store: Store, migrations: Sequence[Migration] | None = None) -> list[str]:
    """Runs the migrations that a folder has not had, in order, and returns their names.

    Args:
        store: the folder, whose lock the caller holds.
        migrations: all there are, the oldest first; None is MIGRATIONS.

    Raises:
        ValueError: the folder notes a migration that this version does not know: a newer version wrote it.
    """
    migrations = MIGRATIONS if migrations is None else migrations
    if not store.is_whole:
        return []
    manifest = store.read_manifest()
    done = list(manifest.get("migrations", []))
    known = [migration.name for migration in migrations]
    unknown = [name for name in done if name not in known]
    if unknown:
        raise ValueError(
            f"{store.folder} was changed by a newer version of nomic-explore ({', '.join(unknown)}). "
            "Nothing was changed; upgrade nomic-explore."
        )
    ran = []
    for migration in migrations:
        if migration.name not in done:
            manifest = migration.step(store, manifest)
            done.append(migration.name)
            store.write_manifest({**manifest, "migrations": list(done)})
            ran.append(migration.name)
    return ran
