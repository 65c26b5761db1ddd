"""Each kind of bad input: exit code 2, one screen that says what to do, nothing left behind."""

import gzip
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from manifests import edit_manifest
from typer.testing import CliRunner, Result

from nomic_explore.cli.main import app
from nomic_explore.exploration import Exploration


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def missing_file(folder: Path) -> list[object]:
    return [folder / "nowhere.csv", "--text", "text"]


def empty_file(folder: Path) -> list[object]:
    (folder / "empty.csv").touch()
    return [folder / "empty.csv", "--text", "text"]


def no_such_column(folder: Path) -> list[object]:
    pd.DataFrame({"body": ["a text"]}).to_csv(folder / "a.csv")
    return [folder / "a.csv", "--text", "bodies"]


def column_of_numbers(folder: Path) -> list[object]:
    pd.DataFrame({"text": [1.5, 2.5]}).to_parquet(folder / "a.parquet")
    return [folder / "a.parquet", "--text", "text"]


def all_nulls(folder: Path) -> list[object]:
    pd.DataFrame({"text": [None, None], "n": [1, 2]}).astype({"text": "str"}).to_parquet(folder / "a.parquet")
    return [folder / "a.parquet", "--text", "text"]


def invalid_utf8(folder: Path) -> list[object]:
    (folder / "a.csv").write_bytes(b"text\ncaf\xe9 au lait\n")
    return [folder / "a.csv", "--text", "text"]


def truncated_parquet(folder: Path) -> list[object]:
    pd.DataFrame({"text": ["a text"] * 99}).to_parquet(folder / "a.parquet")
    (folder / "a.parquet").write_bytes((folder / "a.parquet").read_bytes()[:-20])
    return [folder / "a.parquet", "--text", "text"]


def malformed_jsonl(folder: Path) -> list[object]:
    (folder / "a.jsonl").write_text('{"text": "fine"}\n{"text": "fine"}\n{"text": "cut off\n')
    return [folder / "a.jsonl", "--text", "text"]


def truncated_gzip(folder: Path) -> list[object]:
    (folder / "a.jsonl.gz").write_bytes(gzip.compress(b'{"text": "fine"}\n' * 1000)[:-12])
    return [folder / "a.jsonl.gz", "--text", "text"]


def unknown_model(folder: Path) -> list[object]:
    pd.DataFrame({"text": ["a text"]}).to_csv(folder / "a.csv")
    return [folder / "a.csv", "--text", "text", "--model", "minilmm"]


BAD_SOURCES: list[tuple[Callable[[Path], list[object]], str]] = [
    (missing_file, r"nowhere\.csv"),
    (empty_file, r"empty\.csv"),
    (no_such_column, r"bodies.*body"),
    (column_of_numbers, r"text.*(double|float|number)"),
    (all_nulls, r"null or blank|no text|null"),
    (invalid_utf8, r"UTF-8"),
    (truncated_parquet, r"a\.parquet"),
    (malformed_jsonl, r"line 3"),
    (truncated_gzip, r"a\.jsonl\.gz"),
    (unknown_model, r"minilmm.*minilm"),
]


@pytest.mark.parametrize(("make", "words"), BAD_SOURCES, ids=[make.__name__ for make, _ in BAD_SOURCES])
def test_bad_input_is_told_and_leaves_nothing(tmp_path: Path, make: Callable[[Path], list[object]], words: str) -> None:
    import re

    result = run("build", *make(tmp_path), "--out", tmp_path / "out")
    assert result.exit_code == 2, result.output
    assert re.search(words, result.stderr, re.DOTALL), result.stderr
    assert "Traceback" not in result.output + result.stderr
    assert not (tmp_path / "out").exists()


def write_texts(folder: Path) -> Path:
    path = folder / "texts.csv"
    pd.DataFrame({"text": ["one text", "another text"]}).to_csv(path)
    return path


def test_a_folder_that_is_no_exploration_is_refused(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").touch()
    for result in (run("info", tmp_path), run("export", tmp_path, "--csv", tmp_path / "x.csv")):
        assert result.exit_code == 2
        assert "is not an exploration" in result.stderr
    result = run("build", write_texts(tmp_path), "--text", "text", "--out", tmp_path)
    assert result.exit_code == 2
    assert "is not an exploration" in result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["photo.jpg", "texts.csv"]


def test_a_folder_of_another_model_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run("build", write_texts(tmp_path), "--text", "text", "--out", out, "-q").exit_code == 0
    edit_manifest(out, lambda stages: stages["vectors"]["provenance"].update(model="nomic-embed-text-v1"))
    result = run("build", write_texts(tmp_path), "--text", "text", "--out", out, "--model", "minilm")
    assert result.exit_code == 2
    assert "was made with nomic-embed-text-v1" in result.stderr


def test_a_read_only_folder_is_refused(tmp_path: Path) -> None:
    source, shut = write_texts(tmp_path), tmp_path / "shut"
    shut.mkdir(mode=0o555)
    result = run("build", source, "--text", "text", "--out", shut / "out")
    assert result.exit_code == 2
    assert "is read-only" in result.stderr


def test_a_full_disk_is_told_before_the_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import shutil

    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9, 10))
    result = run("build", write_texts(tmp_path), "--text", "text", "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert "Free some space" in result.stderr
    assert not (tmp_path / "out").exists()


def test_a_disk_that_fills_up_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import errno

    from nomic_explore.store import tables
    from nomic_explore.store.errors import explaining_disk_errors

    out = tmp_path / "out"

    def fail(*_: object) -> None:
        with explaining_disk_errors(out):
            raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(tables, "write_positions", fail)
        result = run("build", write_texts(tmp_path), "--text", "text", "--out", out)
        assert result.exit_code == 2
        assert "is full. What was reported done is kept" in result.stderr
    result = run("build", write_texts(tmp_path), "--text", "text", "--out", out)
    assert result.exit_code == 0


def test_an_unexpected_error_is_one_line_and_exit_code_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import nomic_explore

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("something broke")

    monkeypatch.setattr(nomic_explore, "explore", fail, raising=False)
    result = run("build", write_texts(tmp_path), "--text", "text", "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert "RuntimeError: something broke" in result.stderr
    assert isinstance(run("build", write_texts(tmp_path), "--out", tmp_path / "o", "--debug").exception, RuntimeError)


def test_export_writes_what_it_is_asked_for(lesson: Exploration, tmp_path: Path) -> None:
    result = run(
        "export",
        lesson.folder,
        "--html",
        tmp_path / "m.html",
        "--csv",
        tmp_path / "r.csv",
        "--parquet",
        tmp_path / "r.parquet",
    )
    assert result.exit_code == 0, result.stderr
    assert (tmp_path / "m.html").stat().st_size > 10_000
    assert len(pd.read_parquet(tmp_path / "r.parquet")) == len(pd.read_csv(tmp_path / "r.csv")) == len(lesson)
    assert run("export", lesson.folder).exit_code == 2


def test_info_tells_what_is_inside(lesson: Exploration) -> None:
    result = run("info", lesson.folder)
    assert result.exit_code == 0, result.stderr
    assert "minilm" in result.stdout
    assert "duplicates" in result.stdout


def test_info_says_which_table_is_damaged(lesson: Exploration, tmp_path: Path) -> None:
    folder = shutil.copytree(lesson.folder, tmp_path / "x")
    table = lesson.manifest["stages"]["positions"]["tables"]["positions"]["table"]
    victim = max((folder / "tables" / f"{table}.lance").rglob("*.lance"), key=lambda path: path.stat().st_size)
    victim.write_bytes(victim.read_bytes()[:-1] + b"?")
    result = run("info", folder)
    assert result.exit_code == 3, result.stderr
    assert f"damaged  {table}: " in result.stdout
    assert "duplicates" in result.stdout


def test_models_lists_the_offline_default() -> None:
    result = run("models")
    assert result.exit_code == 0, result.stderr
    assert "minilm" in result.stdout
    assert "nomic-embed-text-v1.5" in result.stdout


def test_quiet_prints_nothing(tmp_path: Path) -> None:
    result = run("build", write_texts(tmp_path), "--text", "text", "--out", tmp_path / "out", "-q")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")


def test_the_demo_makes_a_map(tmp_path: Path) -> None:
    result = run("demo", "--out", tmp_path / "demo", "--limit", 150)
    assert result.exit_code == 0, result.stderr
    assert {path.name for path in (tmp_path / "demo").iterdir()} == {"exploration", "map.html", "map.png"}
    assert "seconds" in result.stdout
    assert np.char.find(result.stdout, "map.html") >= 0


def test_an_export_over_its_size_says_what_was_left_out(lesson: Exploration, tmp_path: Path) -> None:
    full, small = tmp_path / "full.html", tmp_path / "small.html"
    assert run("export", lesson.folder, "--html", full, "--svg", tmp_path / "map.svg").exit_code == 0
    limit = full.stat().st_size / 1e6 - 0.001
    ended = run("export", lesson.folder, "--html", small, "--max-mb", f"{limit:.6f}")
    assert ended.exit_code == 0
    assert "left out: neighbors" in " ".join(ended.output.split())
    assert small.stat().st_size < limit * 1e6
    ended = run("export", lesson.folder, "--html", small, "--max-mb", "0.01")
    assert ended.exit_code == 2
    assert "points alone take" in " ".join(ended.output.split())
