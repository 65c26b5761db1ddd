"""`nomic-explore evaluate`: a table or JSON, rows that are left out are counted, and options are named in messages."""

import json
import re
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from nomic_explore.cli.main import app

ROWS = {
    "title": ["red apple", "old bicycle", "wooden boat", None],
    "body": ["an apple that is red", "my bicycle is old", "a boat, wooden", "nothing"],
    "kind": ["food", "vehicle", "vehicle", "food"],
}


@pytest.fixture
def table(tmp_path: Path) -> Path:
    pd.DataFrame(ROWS).to_csv(tmp_path / "goods.csv", index=False)
    return tmp_path / "goods.csv"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["evaluate", *map(str, arguments), "--model", "hash:64"])


def test_search_and_groups_are_measured_and_rows_without_text_are_counted(table: Path) -> None:
    done = run(table, "--query", "title", "--document", "body", "--text", "body", "--label", "kind", "--topics")
    assert done.exit_code == 0, done.output
    assert "hash:64, 64 dimensions" in done.output
    assert "topics AMI" in done.output
    line = next(line for line in done.output.splitlines() if "recall@1 " in line)
    assert line.split() == ["retrieval", "recall@1", "1.000", "1.000", "to", "1.000", "3"]
    assert "1 rows without query or document were left out" in done.output


def test_json_holds_every_score_and_null_where_no_interval_was_computed(table: Path) -> None:
    done = run(
        table, "--query", "title", "--document", "{title}. {body}", "--json", "--n-bootstrap", 0, "--dimensions", 32
    )
    assert done.exit_code == 0, done.output
    found = json.loads(done.output)
    assert (found["model"], found["dimensions"]) == ("hash:64", 32)
    assert found["rows left out"] == {"without query or document": 1}
    assert [score["metric"] for score in found["scores"]] == ["recall@1", "recall@10", "nDCG@10", "MRR@10"]
    assert found["scores"][0] | {"value": 1.0, "low": None, "size": 3} == found["scores"][0]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "--query and --document to measure search, --text and --label for groups"),
        (["--query", "title"], "--query and --document go together"),
        (["--label", "kind"], "--text and --label go together"),
        (["--query", "title", "--document", "body", "--topics"], "--topics compares topics with labels"),
        (["--text", "body", "--label", "sort"], "--label sort: there is no such column; there are title, body, kind"),
        (["--query", "heading", "--document", "body"], "heading"),
        (["--text", "body", "--label", "kind", "--dimensions", "65"], "--dimensions 65; expected 1 to 64"),
    ],
)
def test_options_that_do_not_fit_together_are_refused(table: Path, arguments: list[str], words: str) -> None:
    done = run(table, *arguments)
    assert done.exit_code == 2, done.output
    assert re.search(words, done.stderr), done.stderr
