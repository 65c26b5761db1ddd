"""Migrations run once, in order, and are noted in the manifest."""

from pathlib import Path
from typing import Any

import pytest

from nomic_explore.store.database import Store
from nomic_explore.store.migrations import Migration, migrate


def add_step(name: str) -> Migration:
    def step(_: Store, manifest: dict[str, Any]) -> dict[str, Any]:
        return {**manifest, "steps": [*manifest.get("steps", []), name]}

    return Migration(name, step)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(tmp_path / "folder")
    made.folder.mkdir()
    made.write_manifest({"stages": {}})
    return made


def test_migrations_run_once_and_in_order(store: Store) -> None:
    first, second = add_step("m002_first"), add_step("m003_second")
    assert migrate(store, [first]) == ["m002_first"]
    assert migrate(store, [first, second]) == ["m003_second"]
    assert migrate(store, [first, second]) == []
    manifest = store.read_manifest()
    assert manifest["steps"] == manifest["migrations"] == ["m002_first", "m003_second"]


def test_a_migration_that_fails_is_not_noted_and_runs_again(store: Store) -> None:
    def fail(_: Store, __: dict[str, Any]) -> dict[str, Any]:
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="the disk is full"):
        migrate(store, [add_step("m002_first"), Migration("m003_second", fail)])
    assert store.read_manifest()["migrations"] == ["m002_first"]
    assert migrate(store, [add_step("m002_first"), add_step("m003_second")]) == ["m003_second"]


def test_a_folder_without_migrations_is_left_as_it_is(store: Store) -> None:
    before = (store.folder / "manifest.json").read_bytes()
    assert migrate(store, []) == []
    assert (store.folder / "manifest.json").read_bytes() == before


def test_a_folder_of_a_newer_version_is_refused(store: Store) -> None:
    migrate(store, [add_step("m009_later")])
    with pytest.raises(ValueError, match=r"newer version of nomic-explore \(m009_later\)"):
        migrate(store, [])


def test_a_build_runs_the_migrations_of_its_folder_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from nomic_explore import explore
    from nomic_explore.store import migrations
    from nomic_explore.testing import HashEmbedder

    texts = ["a cat", "a dog", "an owl"]
    explore(texts, folder=tmp_path / "pets", model=HashEmbedder(), show_progress=False)
    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, add_step("m009_later")))
    again = explore(texts, folder=tmp_path / "pets", show_progress=False)
    assert again.manifest["steps"] == ["m009_later"]
    assert again.manifest["migrations"] == ["m002_name_tables", "m009_later"]
