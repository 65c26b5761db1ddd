"""`nomic-explore dedup`: counts to be read by programs, files whole, exit codes that say what happened."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from nomic_explore import explore
from nomic_explore.cli.main import app
from nomic_explore.testing import HashEmbedder


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["dedup", *(str(argument) for argument in arguments)])


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in" / "texts.parquet"
    path.parent.mkdir()
    pd.DataFrame(
        {
            "body": ["a dog", "A dog!", "a cat", "a dog", None],
            "n": pd.array([1, 2, 3, 4, None], dtype="Int16"),
            "day": pd.to_datetime(["2020-01-01", "2021-01-01", "2020-01-01", "2024-01-01", "2020-01-01"]),
        }
    ).to_parquet(path, index=False)
    return path


def test_counts_are_a_line_each_and_files_hold_the_rows(source: Path, tmp_path: Path) -> None:
    out, removed, report = tmp_path / "kept.parquet", tmp_path / "removed.jsonl", tmp_path / "report.json"
    result = run(
        source,
        "--text",
        "body",
        "--out",
        out,
        "--removed",
        removed,
        "--report",
        report,
        "--exact-only",
        "--keep",
        "first",
    )
    assert result.exit_code == 0, result.stderr
    assert result.stdout.splitlines() == [
        "rows: 5",
        "without_text: 1",
        "kept: 4",
        "dropped: 1",
        "dropped exact: 1",
        "dropped normalised: 0",
        "dropped lexical: 0",
        "dropped semantic: 0",
        "dropped verdict: 0",
        "share_dropped: 0.2500",
        "review: 1",
        "groups: 1",
        "min_similarity: none",
        f"wrote {out}",
        f"wrote {removed}",
        f"wrote {report}",
    ]
    assert pq.read_schema(out) == pq.read_schema(source).remove_metadata()
    assert pq.read_table(out)["body"].to_pylist() == ["a dog", "A dog!", "a cat", None]
    assert json.loads(removed.read_text())["duplicate_of"] == 0
    assert len(json.loads(report.read_text())["removed"]) == 1


def test_options_reach_the_decisions(source: Path, tmp_path: Path) -> None:
    removed = tmp_path / "removed.csv"
    asked = ["--text", "body", "--exact-only", "--removed", removed, "-q"]
    result = run(source, *asked, "--kinds", "exact, normalised", "--keep", "newest:day")
    assert (result.exit_code, result.stdout) == (0, "")
    assert pd.read_csv(removed)["row"].tolist() == [0, 1]
    assert run(source, *asked, "--block-by", "day").exit_code == 0
    assert pd.read_csv(removed)["row"].tolist() == []


def test_a_model_is_used_where_more_than_equal_texts_is_asked_for(source: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    result = run(source, "--text", "body", "--report", report, "--min-similarity", "0.85")
    assert result.exit_code == 0, result.stderr
    assert "dropped normalised: 2" in result.stdout
    assert "min_similarity: 0.85" in result.stdout
    assert "minilm" in report.read_text(encoding="utf-8")


def test_too_many_duplicates_are_exit_code_3_with_the_files_written(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "kept.csv"
    asked = [source, "--text", "body", "--exact-only", "--out", out]
    for most, code in (("5%", 3), ("0.05", 3), ("25%", 0), ("1", 0), ("0", 3)):
        assert run(*asked, "--fail-above", most).exit_code == code, most
    result = run(*asked, "--fail-above", "5%", "-q")
    assert result.stdout == ""
    assert "25.00% of the rows with text are duplicates; --fail-above allows 5.00%" in result.stderr
    assert len(pd.read_csv(out)) == 4


def bad_requests(source: Path, folder: Path) -> list[tuple[list[object], str]]:
    asked = [source, "--text", "body", "--exact-only"]
    return [
        ([folder / "nowhere.csv"], "nowhere.csv"),
        ([source, "--text", "bodies"], "Did you mean 'body'"),
        ([*asked, "--out", folder / "kept.xlsx"], "expected .parquet, .csv or .jsonl"),
        ([*asked, "--report", folder / "report.pdf"], "expected .html or .json"),
        ([*asked, "--out", folder / "none" / "kept.csv"], "make it first"),
        ([*asked, "--out", folder / "x.csv", "--removed", folder / "x.csv"], "must be different files"),
        ([*asked, "--out", source], "is the input; write to another"),
        ([*asked, "--fail-above", "5"], "expected a percentage such as 5%"),
        ([*asked, "--fail-above", "many"], "expected a percentage such as 5%"),
        ([*asked, "--min-similarity", "high"], "or auto"),
        ([*asked, "--kinds", "lexical", "--out", folder / "x.csv"], "with exact_only"),
        ([*asked, "--keep", "best", "--out", folder / "x.csv"], "--keep best"),
        ([*asked, "--block-by", "site"], "--block-by site"),
    ]


def test_what_cannot_be_used_is_exit_code_2_and_leaves_nothing(source: Path, tmp_path: Path) -> None:
    for arguments, words in bad_requests(source, tmp_path):
        result = run(*arguments)
        assert result.exit_code == 2, (arguments, result.output)
        assert words in result.stderr, result.stderr
        assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_an_exploration_is_read_with_its_verdicts(tmp_path: Path) -> None:
    texts = ["a dog barks", "A dog barks!", "a cat sleeps", "the old mill"]
    exploration = explore(texts, folder=tmp_path / "exploration", model=HashEmbedder(), show_progress=False)
    exploration.duplicates.label(3, "drop", 2)
    out = tmp_path / "kept.csv"
    result = run(exploration.folder, "--out", out)
    assert result.exit_code == 0, result.stderr
    assert "dropped verdict: 1" in result.stdout
    assert pd.read_csv(out)["text"].tolist() == ["A dog barks!", "a cat sleeps"]
    assert "dropped normalised: 0" in run(exploration.folder, "--kinds", "exact").stdout
    assert np.array_equal(exploration.duplicates.roles, exploration.duplicates.at().roles)
    refused = run(exploration.folder, "--exact-only", "--text", "text")
    assert refused.exit_code == 2
    assert "--text, --exact-only cannot be given with it" in refused.stderr


def test_files_appear_together_or_not_at_all(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from nomic_explore.duplicates.deduplication import Deduplication

    def fail(*_: object) -> None:
        raise OSError(28, "The disk is full")

    out = tmp_path / "kept.parquet"
    out.write_bytes(b"of yesterday")
    monkeypatch.setattr(Deduplication, "report", fail)
    names = ("--out", out, "--removed", tmp_path / "removed.csv", "--report", tmp_path / "report.html")
    result = run(source, "--text", "body", *names, "--exact-only")
    assert result.exit_code == 2
    assert out.read_bytes() == b"of yesterday"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "kept.parquet"]
