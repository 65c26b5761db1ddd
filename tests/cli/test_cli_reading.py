"""How the command line reads sources, and its errors in words of its own."""

import json
from pathlib import Path
from typing import BinaryIO

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from nomic_explore import read_corpus
from nomic_explore.cli.main import app
from nomic_explore.cli.messages import SAME_NAME, in_words_of_options

QUESTION = "What, if anything, would you improve?"
SURVEY = f'"When","{QUESTION}"\n2023,the buses should come more often\n2023,more trees\n2024,more trees\n'


def dedup(*arguments: object, given: bytes | None = None) -> Result:
    return CliRunner().invoke(app, ["dedup", *map(str, arguments), "--exact-only"], input=given)


@pytest.fixture
def survey(tmp_path: Path) -> Path:
    path = tmp_path / "survey.csv"
    path.write_text(SURVEY, encoding="utf-8")
    return path


def test_a_column_with_commas_in_its_name_is_one_column(survey: Path) -> None:
    result = dedup(survey, "--text", QUESTION)
    assert result.exit_code == 0, result.stderr
    assert "dropped exact: 1" in result.stdout


def test_columns_joined_by_commas_are_several(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("title,body\na,b\na,b\n", encoding="utf-8")
    for text in ("title,body", "title, body", "{title}. {body}"):
        assert "dropped exact: 1" in dedup(path, "--text", text).stdout


def test_errors_name_options(survey: Path, tmp_path: Path) -> None:
    ids = tmp_path / "ids.csv"
    ids.write_text("key,n\nid1,1\nid2,2\n", encoding="utf-8")
    latin = tmp_path / "latin.csv"
    latin.write_bytes("text,n\ncafé,1\n".encode("cp1252"))
    ragged = tmp_path / "ragged.csv"
    ragged.write_bytes(b"text,n\na,1\nb\n")
    cases: list[tuple[list[object], str]] = [
        ([survey, "--text", "What"], "no column 'What' (--text)"),
        ([survey, "--text", QUESTION, "--id", "key"], "no column 'key' (--id)"),
        ([ids], "say which make the text: --text COLUMN."),
        ([latin, "--text", "text"], "Read it with --encoding WINDOWS-1252, or convert it"),
        ([ragged, "--text", "text"], "name the delimiter with --sep, or leave such rows out with --on-bad-rows skip."),
        ([survey, "--text", QUESTION, "--limit", 0], "--limit 0; expected"),
        ([survey, "--text", QUESTION, "--sep", "::"], "--sep ::; expected one character such as ';'"),
        ([survey, "--text", QUESTION, "--encoding", "klingon"], "--encoding klingon; expected"),
        ([survey, "--text", QUESTION, "--dtype", "When=day"], "--dtype When=day; expected one of 'text'"),
        ([survey, "--text", QUESTION, "--dtype", "When"], "--dtype When; expected COLUMN=KIND"),
        ([survey, "--text", QUESTION, "--on-bad-rows", "ignore"], "--on-bad-rows ignore; expected one of"),
        ([survey, "--text", QUESTION, "--keep", "newest:no"], "--keep newest:no"),
        ([survey, "--text", QUESTION, "--block-by", "x"], "--block-by x; expected one of"),
        ([survey.with_suffix(".dat"), "--text", "x"], "does not exist"),
        (["-", "--text", "x"], "standard input is empty"),
    ]
    for arguments, words in cases:
        result = dedup(*arguments)
        assert result.exit_code == 2, (arguments, result.output)
        assert words in result.stderr, (arguments, result.stderr)
        assert "text=" not in result.stderr


def test_options_of_reading_reach_the_reader(tmp_path: Path) -> None:
    path, out = tmp_path / "a.dat", tmp_path / "kept.jsonl"
    path.write_bytes("text^code^n\ncafé^7^1\nbad\ncafé^8^2\n".encode("cp1252"))
    asked = ["--encoding", "cp1252", "--sep", "^", "--on-bad-rows", "skip", "--format", "csv"]
    result = dedup(path, "--text", "text", *asked, "--dtype", "code=text", "--dtype", "n=text", "--out", out)
    assert result.exit_code == 0, result.stderr
    assert json.loads(out.read_text(encoding="utf-8")) == {"text": "café", "code": "7", "n": "1"}


@pytest.mark.parametrize(
    ("given", "options"),
    [
        (b"text,n\na cat,1\na cat,2\n", []),
        (b'{"text": "a cat", "n": 1}\n{"text": "a cat", "n": 2}\n', []),
        (b"text\na cat\na cat\n", ["--format", "csv"]),
        (b'{"text": "a cat"}\n{"text": "a cat"}\n', ["--format", "jsonl"]),
    ],
)
def test_standard_input_is_read(given: bytes, options: list[str], tmp_path: Path) -> None:
    result = dedup("-", "--text", "text", *options, "--out", tmp_path / "kept.csv", given=given)
    assert result.exit_code == 0, result.stderr
    assert pd.read_csv(tmp_path / "kept.csv")["text"].tolist() == ["a cat"]


def test_build_hands_standard_input_and_options_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import nomic_explore

    found: list[object] = []

    def note(source: BinaryIO, text: str, *_: object, **options: object) -> None:
        corpus = read_corpus(source, text)
        found.extend([corpus.texts, corpus.name, options["dtype"], options["on_bad_rows"]])

    monkeypatch.setattr(nomic_explore, "explore", note, raising=False)
    asked = ["build", "-", "--text", "body", "--dtype", "a=b=text", "--on-bad-rows", "skip", "-q"]
    result = CliRunner().invoke(app, [*asked, "--out", str(tmp_path / "out")], input=b"body,n\na cat,1\n")
    assert result.exit_code == 0, result.stderr
    assert found == [["a cat"], "stdin", {"a=b": "text"}, "skip"]


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("say which: text='COLUMN'.", "say which: --text COLUMN."),
        ("text='{title}. {body}' is not a template", "--text '{title}. {body}' is not a template"),
        ('text="What\'s up, doc?" has no field', "--text 'What'\"'\"'s up, doc?' has no field"),
        ("text=['title', 'body']; expected", "--text title,body; expected"),
        ("no column 'x' (text=).", "no column 'x' (--text)."),
        ("Name another encoding=, or leave it out", "Name another --encoding, or leave it out"),
        ("Read it with read_corpus(..., encoding='CP1251'), or", "Read it with --encoding CP1251, or"),
        ("dtype['price']='money'; expected", "--dtype price=money; expected"),
        ("read_corpus(..., dtype={'price': 'number'}).", "--dtype price=number."),
        ("min_similarity=0.5; expected at least 0.8", "--min-similarity 0.5; expected at least 0.8"),
        ("limit=-1; expected", "--limit -1; expected"),
        ("pass change_model=True (--change-model) to", "pass --change-model to"),
        ("or projection='umap' (--projection umap) to", "or --projection umap to"),
        ("Pass positions= for all rows", "Pass --x and --y for all rows"),
        ("on_bad_rows='skip'", "--on-bad-rows skip"),
        ("keep='source:COLUMN=A,B'", "--keep source:COLUMN=A,B"),
        ("kinds=('lexical',); expected", "--kinds lexical; expected"),
        ("source:text=A,B and my_text='x' stay", "source:text=A,B and my_text='x' stay"),
        ("vectors=table['x'] stays", "vectors=table['x'] stays"),
    ],
)
def test_arguments_become_options(message: str, words: str) -> None:
    assert in_words_of_options(message) == words


def test_every_option_that_shares_its_name_with_an_argument_is_known() -> None:
    import inspect

    from nomic_explore import deduplicate, explore, read_corpus

    arguments = {
        name for function in (explore, deduplicate, read_corpus) for name in inspect.signature(function).parameters
    }
    commands = {command.callback for command in app.registered_commands if command.callback is not None}
    options = {name for command in commands for name in inspect.signature(command).parameters}
    assert (arguments & options) - {"source", "folder"} <= set(SAME_NAME)


def test_the_version_is_printed() -> None:
    import nomic_explore

    result = CliRunner().invoke(app, ["--version"])
    assert (result.exit_code, result.stdout.strip()) == (0, nomic_explore.__version__)
