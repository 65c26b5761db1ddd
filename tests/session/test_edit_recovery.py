"""No edit is lost: what the table of edits or its twin `edits.jsonl` loses, the other gives back, and says so."""

import json
import random
import re
import shutil
import signal
import subprocess
import sys
import warnings
from pathlib import Path

import lancedb
import pyarrow as pa
import pytest

from nomic_explore import Exploration, explore, open_exploration
from nomic_explore.session import edit_log
from nomic_explore.session.checking import check_store
from nomic_explore.session.edit_recovery import find_edits
from nomic_explore.session.edit_twin import EditTwin, format_line, parse_lines
from nomic_explore.store.database import Store
from nomic_explore.testing import HashEmbedder

GOLDEN = Path(__file__).parents[1] / "data" / "exploration-format1" / "exploration"
TEXTS = [f"{subject} {verb} {row}" for row in range(10) for subject, verb in (("trains", "run"), ("soup", "boils"))]
N_EDITS = 12


@pytest.fixture(scope="module")
def edited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an exploration with twelve edits of two sessions, the last an undo."""
    folder = tmp_path_factory.mktemp("edited") / "x"
    first = explore(TEXTS, folder=folder, model=HashEmbedder(), show_progress=False)
    for number in range(5):
        first.tags.add([number], f"tag {number}")
    second = open_exploration(folder)
    for number in range(6):
        second.pins.add([number])
    second.undo()
    return folder


@pytest.fixture
def folder(edited: Path, tmp_path: Path) -> Path:
    return shutil.copytree(edited, tmp_path / "x")


def state_of(exploration: Exploration) -> tuple[object, ...]:
    tagged = {name: exploration.tags[name].tolist() for name in exploration.tags}
    return (tagged, exploration.pins.rows.tolist(), dict(exploration.views))


def opened(folder: Path) -> tuple[tuple[object, ...], list[str]]:
    """The state of an exploration that is opened, and what opening it says."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        state = state_of(open_exploration(folder))
    return state, [str(warning.message) for warning in caught]


def rows_of_table(folder: Path) -> list[dict[str, object]]:
    return lancedb.connect(folder / "tables").open_table("edits").to_arrow().to_pylist()


def write_table(folder: Path, rows: list[dict[str, object]]) -> None:
    database = lancedb.connect(folder / "tables")
    schema = database.open_table("edits").schema
    database.create_table("edits", pa.Table.from_pylist(rows, schema=schema), mode="overwrite")


def twin_of(folder: Path) -> Path:
    return folder / "edits.jsonl"


def edits_of(folder: Path) -> list[str]:
    return sorted(parse_lines(twin_of(folder).read_bytes()).rows)


def test_each_line_of_the_twin_is_an_edit_of_the_table_with_its_number(folder: Path) -> None:
    lines = [json.loads(line) for line in twin_of(folder).read_text(encoding="utf-8").splitlines()]
    table = {row["edit"]: row for row in rows_of_table(folder)}
    assert len(lines) == len(table) == N_EDITS
    assert [line["number"] for line in lines] == [1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 6, 7]
    assert [line["count"] for line in lines] == list(range(1, 13))
    for line in lines:
        row = {name: line[name] for name in ("edit", "session", "time", "kind", "ids")}
        assert {**row, "details": json.dumps(line["details"], ensure_ascii=False)} == table[line["edit"]]


def test_a_line_comes_back_whatever_stands_in_it() -> None:
    for details in (
        {"name": "ü\n\u2028\"'"},
        {"similarity": float("nan")},
        {"view": {"a": [1e-300, -0.0, None, True]}},
    ):
        row = {"edit": "a" * 32, "session": "s", "time": "2026-01-01T00:00:00.000+00:00", "kind": "tag"}
        row |= {"ids": ["x\n", "東京"], "details": json.dumps(details, ensure_ascii=False)}
        lines = parse_lines(format_line(row, count=7, number=3))
        assert lines.rows == {row["edit"]: row}
        assert (lines.numbers, lines.count, lines.damaged) == ({"s": 3}, 7, ())


def lose_the_table(folder: Path) -> None:
    shutil.rmtree(folder / "tables" / "edits.lance")


def lose_its_versions(folder: Path) -> None:
    shutil.rmtree(folder / "tables" / "edits.lance" / "_versions")


def lose_its_last_versions(folder: Path) -> None:
    versions = folder / "tables" / "edits.lance" / "_versions"
    for path in sorted(versions.glob("*.manifest"))[:4]:  # the newest come first
        path.unlink()
    (versions / "latest_version_hint.json").unlink(missing_ok=True)


def lose_its_data(folder: Path) -> None:
    for path in (folder / "tables" / "edits.lance" / "data").iterdir():
        path.unlink()


def cut_its_data(folder: Path) -> None:
    for path in (folder / "tables" / "edits.lance" / "data").iterdir():
        path.write_bytes(path.read_bytes()[:20])


def lose_a_middle(folder: Path) -> None:
    rows = rows_of_table(folder)
    write_table(folder, rows[:4] + rows[7:])


def change_details(folder: Path) -> None:
    rows = rows_of_table(folder)
    rows[2]["details"] = str(rows[2]["details"]).replace("tag", "tug")
    write_table(folder, rows)


def break_details(folder: Path) -> None:
    rows = rows_of_table(folder)
    rows[2]["details"] = str(rows[2]["details"])[3:]
    write_table(folder, rows)


def change_a_name(folder: Path) -> None:
    rows = rows_of_table(folder)
    undo = next(row for row in rows if row["kind"] == "undo")
    undone = next(row for row in rows if row["edit"] == json.loads(str(undo["details"]))["edit"])
    undone["edit"] = "f" * 32  # so that the undo would no longer reach it
    write_table(folder, rows)


def break_a_name(folder: Path) -> None:
    rows = rows_of_table(folder)
    rows[3]["edit"] = "?" * 32
    rows[3]["time"] = "then"
    write_table(folder, rows)


DAMAGES = {
    lose_the_table: r"cannot be read \(it is missing\); all 12 come from edits\.jsonl",
    lose_its_versions: r"cannot be read .*all 12 come from edits\.jsonl",
    lose_its_last_versions: r"4 of 12 edits are missing in the table",
    lose_its_data: r"cannot be read .*all 12 come from",
    cut_its_data: r"cannot be read .*all 12 come from",
    lose_a_middle: r"3 of 12 edits are missing in the table of .*; edits\.jsonl has them",
    change_details: r"1 of 12 edits are damaged in the table",
    break_details: r"1 of 12 edits are damaged in the table",
    change_a_name: r"1 of 12 edits are damaged in the table",
    break_a_name: r"1 of 12 edits are missing in the table",
}


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_a_table_that_lost_edits_is_restored_from_the_twin(folder: Path, damage: object) -> None:
    expected, said = opened(folder)
    assert said == []
    before = sorted(rows_of_table(folder), key=str)
    damage(folder)  # type: ignore[operator]
    state, said = opened(folder)
    assert state == expected
    assert len(said) == 1
    assert re.search(DAMAGES[damage], said[0])  # type: ignore[index]
    assert opened(folder) == (expected, [])
    assert sorted(rows_of_table(folder), key=str) == before
    again = open_exploration(folder)
    again.tags.create("new")
    assert "new" in open_exploration(folder).tags


def test_a_damaged_table_is_kept_beside_the_new_one(folder: Path) -> None:
    cut_its_data(folder)
    opened(folder)
    aside = folder / "tables" / "damaged-edits-1"
    assert {path.stat().st_size for path in (aside / "data").iterdir()} == {20}


def test_edits_that_the_damaged_table_alone_holds_are_kept(folder: Path) -> None:
    lines = twin_of(folder).read_bytes().splitlines(keepends=True)
    twin_of(folder).write_bytes(b"".join(lines[:-3]))
    expected = opened(folder)[0]
    change_details(folder)
    assert opened(folder)[0] == expected
    assert len(edits_of(folder)) == len(rows_of_table(folder)) == N_EDITS


def test_a_damaged_table_without_a_twin_is_told(folder: Path) -> None:
    twin_of(folder).unlink()
    cut_its_data(folder)
    with pytest.raises(ValueError, match="'edits' of .* cannot be read"):
        state_of(open_exploration(folder))


def test_a_lost_twin_is_written_again_from_the_table_at_the_next_edit(folder: Path) -> None:
    before = edits_of(folder)
    twin_of(folder).unlink()
    assert opened(folder)[1] == []
    open_exploration(folder).tags.create("new")
    assert set(before) < set(edits_of(folder))
    assert len(edits_of(folder)) == N_EDITS + 1


def test_a_folder_of_format_1_gets_a_twin_at_its_first_edit(tmp_path: Path) -> None:
    folder = shutil.copytree(GOLDEN, tmp_path / "x")
    exploration = open_exploration(folder)
    expected = state_of(exploration)
    assert not twin_of(folder).exists()
    exploration.pins.add([100])
    assert edits_of(folder) == sorted(str(row["edit"]) for row in rows_of_table(folder))
    exploration.undo()
    lose_the_table(folder)
    assert opened(folder)[0] == expected


@pytest.mark.parametrize("seed", range(25))
def test_a_flipped_bit_of_the_twin_changes_nothing_and_is_mended(folder: Path, seed: int) -> None:
    expected = opened(folder)[0]
    content, chance = bytearray(twin_of(folder).read_bytes()), random.Random(seed)
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    twin_of(folder).write_bytes(content)
    assert find_edits(open_exploration(folder)._state.store).n_damaged_lines >= 1
    assert opened(folder) == (expected, [])
    open_exploration(folder).tags.create("new")
    mended = parse_lines(twin_of(folder).read_bytes())
    assert (len(mended.rows), mended.damaged) == (N_EDITS + 1, ())


@pytest.mark.parametrize("share", [0.0, 0.3, 0.77, 0.999])
def test_a_cut_twin_is_completed_by_the_next_writer(folder: Path, share: float) -> None:
    expected, reader = opened(folder)[0], open_exploration(folder)
    assert state_of(reader) == expected
    content = twin_of(folder).read_bytes()
    twin_of(folder).write_bytes(content[: int(share * len(content))])
    assert opened(folder) == (expected, [])
    writer = open_exploration(folder) if share == 0.0 else reader  # one that was open before sees a torn end too
    writer.tags.create("new")
    mended = parse_lines(twin_of(folder).read_bytes())
    assert (len(mended.rows), mended.damaged) == (N_EDITS + 1, ())


def test_edits_that_neither_holds_are_counted(folder: Path) -> None:
    rows, lines = rows_of_table(folder), twin_of(folder).read_bytes().splitlines(keepends=True)
    lost = [json.loads(line)["edit"] for line in lines[6:8]]
    write_table(folder, [row for row in rows if row["edit"] not in lost])
    twin_of(folder).write_bytes(b"".join(lines[:6] + lines[8:]))
    said = opened(folder)[1]
    assert len(said) == 1
    assert "2 edits of" in said[0]
    assert "are lost: there were 12" in said[0]
    whole = folder.parent / "copy.jsonl"
    whole.write_bytes(b"".join(lines))
    with pytest.warns(UserWarning, match="2 edits of"):
        assert open_exploration(folder).load_edits(whole) == 2
    assert opened(folder)[1] == []


def test_edits_of_which_both_copies_are_gone_are_reported_lost(folder: Path) -> None:
    explore(TEXTS, folder=folder, model=HashEmbedder(), show_progress=False)  # notes how many there are
    copy = folder.parent / "copy.jsonl"
    twin_of(folder).rename(copy)
    assert [part.damage for part in check_store(Store(folder)) if part.damage] == [
        "edits.jsonl is missing or holds none of them"
    ]
    shutil.rmtree(folder / "tables" / "edits.lance")
    said = opened(folder)[1]
    assert len(said) == 1
    assert f"{N_EDITS} edits of" in said[0]
    with pytest.warns(UserWarning, match="are lost"):
        assert open_exploration(folder).load_edits(copy) == N_EDITS
    assert opened(folder)[1] == []


def test_a_loss_that_is_accepted_is_not_reported_after_the_next_build(folder: Path) -> None:
    explore(TEXTS, folder=folder, model=HashEmbedder(), show_progress=False)
    shutil.rmtree(folder / "tables" / "edits.lance")
    twin_of(folder).unlink()
    explore(TEXTS, folder=folder, model=HashEmbedder(), show_progress=False)
    assert opened(folder)[1] == []


def test_loading_edits_twice_changes_nothing(folder: Path, tmp_path: Path) -> None:
    source = open_exploration(folder)
    saved = source.save_edits(tmp_path / "copy.jsonl")
    part = open_exploration(shutil.copytree(folder, tmp_path / "y"))
    shutil.rmtree(part.folder / "tables" / "edits.lance")
    twin_of(part.folder).unlink()
    part = open_exploration(part.folder)
    part.tags.create("own")
    n_changes: list[int] = []
    part.on_change(lambda: n_changes.append(1))
    assert [part.load_edits(saved), part.load_edits(saved), part.load_edits(twin_of(folder))] == [N_EDITS, 0, 0]
    assert n_changes == [1]
    tagged, *others = state_of(part)
    assert tagged == {**state_of(source)[0], "own": []}  # type: ignore[dict-item]
    assert others == list(state_of(source)[1:])
    assert state_of(open_exploration(part.folder)) == state_of(part)
    assert part.undo() == "created tag 'own'"
    assert part.undo() is None


def test_a_file_without_edits_is_refused(folder: Path, tmp_path: Path) -> None:
    exploration = open_exploration(folder)
    (tmp_path / "other.jsonl").write_text('{"text": "a"}\n')
    with pytest.raises(ValueError, match=r"other\.jsonl holds no edits; expected a file that save_edits\(\) wrote"):
        exploration.load_edits(tmp_path / "other.jsonl")
    (tmp_path / "empty.jsonl").touch()  # a copy of no edits
    assert exploration.load_edits(tmp_path / "empty.jsonl") == 0
    with pytest.raises(FileNotFoundError):
        exploration.load_edits(tmp_path / "gone.jsonl")
    with pytest.raises(ValueError, match=r"ends in '\.csv'; expected \.jsonl"):
        exploration.save_edits(tmp_path / "edits.csv")


def test_a_damaged_copy_gives_what_is_whole_in_it(folder: Path, tmp_path: Path) -> None:
    saved = open_exploration(folder).save_edits(tmp_path / "copy.jsonl")
    saved.write_bytes(saved.read_bytes()[:-10])
    fresh = open_exploration(shutil.copytree(folder, tmp_path / "y"))
    lose_the_table(fresh.folder)
    twin_of(fresh.folder).unlink()
    with pytest.warns(UserWarning, match="1 lines are damaged and 1 edits are missing; the other 11 are used"):
        assert fresh.load_edits(saved) == 11


def test_a_twin_that_cannot_be_written_costs_no_edit(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    exploration = open_exploration(folder)
    with monkeypatch.context() as patch:

        def refuse(*_: object) -> bool:
            raise OSError(28, "No space left on device")

        patch.setattr(EditTwin, "append", refuse)
        with pytest.warns(UserWarning, match=r"edits\.jsonl could not be written .*The edit is stored in the table"):
            exploration.tags.create("new")
    assert "new" in open_exploration(folder).tags
    exploration.tags.create("newer")
    assert len(edits_of(folder)) == N_EDITS + 2


KILLED = """
import os, signal, sys
from nomic_explore import open_exploration
from nomic_explore.session.edit_twin import EditTwin
append = EditTwin.append
def torn(self, lines):
    line = b"".join(lines)
    if sys.argv[2] != "none":
        with open(self.path, "ab") as file:
            file.write(line[: int(len(line) * float(sys.argv[2]))])
    os.kill(os.getpid(), signal.SIGKILL)
EditTwin.append = torn
open_exploration(sys.argv[1]).tags.create("killed")
"""


@pytest.mark.parametrize("share", ["none", "0", "0.5", "1"])
def test_a_writer_that_is_killed_between_table_and_twin_loses_nothing(folder: Path, share: str) -> None:
    already_open = open_exploration(folder)
    assert "killed" not in already_open.tags
    killed = subprocess.run([sys.executable, "-c", KILLED, str(folder), share], check=False)
    assert killed.returncode == -signal.SIGKILL
    writer = already_open if share == "0.5" else open_exploration(folder)
    writer.tags.create("next")
    assert {"killed", "next"} <= set(open_exploration(folder).tags)
    mended = parse_lines(twin_of(folder).read_bytes())
    assert (len(mended.rows), mended.damaged) == (N_EDITS + 2, ())
    lose_the_table(folder)
    with pytest.warns(UserWarning, match="all 14 come from"):
        assert {"killed", "next"} <= set(open_exploration(folder).tags)


WRITER = """
import sys
from nomic_explore import open_exploration
exploration = open_exploration(sys.argv[1])
for number in range(200):
    exploration.tags.create(f"{sys.argv[2]} {number}")
    print(f"{sys.argv[2]} {number}", flush=True)
"""


def test_what_was_acknowledged_by_writers_that_are_killed_is_in_both(folder: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(folder)]
    writers = [subprocess.Popen([*command, name], stdout=subprocess.PIPE, text=True) for name in ("a", "b", "c")]
    acknowledged: set[str] = set()
    for n_lines, writer in zip((5, 15, 25), writers, strict=True):
        assert writer.stdout is not None
        acknowledged |= {writer.stdout.readline().strip() for _ in range(n_lines)}
        writer.kill()
        acknowledged |= {line.strip() for line in writer.stdout if line.endswith("\n")}
        writer.wait()
        writer.stdout.close()
    last = open_exploration(folder)
    assert acknowledged <= set(last.tags)
    last.tags.create("last")
    twin = parse_lines(twin_of(folder).read_bytes())
    named = {json.loads(row["details"]).get("name") for row in twin.rows.values()}
    assert acknowledged | {"last"} <= named
    assert twin.damaged == ()
    assert sorted(twin.rows) == sorted(str(row["edit"]) for row in rows_of_table(folder))
    assert opened(folder)[1] == []


def test_a_log_that_is_being_restored_is_not_written_to(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from nomic_explore.session import edit_twin

    exploration = open_exploration(folder)
    monkeypatch.setattr(edit_twin, "_PATIENCE", 0.05)
    with EditTwin(folder).alone() as is_alone:
        assert is_alone
        with pytest.raises(BlockingIOError, match="Another process is restoring .*Try again"):
            exploration.tags.create("new")
    assert "new" not in exploration.tags
    exploration.tags.create("new")
    with EditTwin(folder).sharing(), EditTwin(folder).sharing(), EditTwin(folder).alone() as is_alone:
        assert not is_alone


def test_merging_files_keeps_both_in_step(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edit_log, "_MERGE_EVERY", 5)
    exploration = open_exploration(folder)
    for number in range(12):
        exploration.tags.create(f"many {number}")
    assert edits_of(folder) == sorted(str(row["edit"]) for row in rows_of_table(folder))
