"""Fields inside columns, columns whose names have signs in them, and columns that are no texts."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from nomic_explore import deduplicate, read_corpus
from nomic_explore.corpus.nested_fields import column_names, find_column

USERS = [
    {"user": {"name": "Ada L.", "id": 7, "home": {"city": "London"}}, "body": "hello there"},
    {"user": {"name": None, "id": 8, "home": None}, "body": None},
    {"user": None, "body": "you and me"},
]
STRUCTS = pa.Table.from_pylist(USERS)
JSON_TEXT = pa.table(
    {"user": [json.dumps(row["user"]) if row["user"] else None for row in USERS], "body": STRUCTS["body"]}
)


@pytest.mark.parametrize("table", [STRUCTS, JSON_TEXT], ids=["structs", "JSON"])
@pytest.mark.parametrize(
    ("text", "texts"),
    [
        ("user.name", ["Ada L.", None, None]),
        ("user.home.city", ["London", None, None]),
        (["user.name", "body"], ["Ada L. hello there", None, "you and me"]),
        ("{user.name} of {user.home.city}: {body}", ["Ada L. of London: hello there", None, "of : you and me"]),
        ("{user.id}", ["7", "8", None]),
        ("user.name, body", ["Ada L. hello there", None, "you and me"]),
    ],
)
def test_fields_inside_columns_make_texts(table: pa.Table, text: Any, texts: list[str | None]) -> None:
    assert read_corpus(table, text).texts == texts


@pytest.mark.parametrize("table", [STRUCTS, JSON_TEXT], ids=["structs", "JSON"])
def test_a_field_names_documents(table: pa.Table) -> None:
    assert read_corpus(table, "body", "user.id").ids[:2] == ["7", "8"]


@pytest.mark.parametrize(("name", "is_array"), [("a.jsonl", False), ("a.json", True)])
def test_fields_of_json_files_make_texts(tmp_path: Path, name: str, is_array: bool) -> None:
    content = json.dumps(USERS) if is_array else "\n".join(map(json.dumps, USERS))
    (tmp_path / name).write_text(content, encoding="utf-8")
    assert read_corpus(tmp_path / name, ["user.name", "body"], "user.id").texts[0] == "Ada L. hello there"


def test_the_parts_of_texts_are_fields_too_where_duplicates_are_sought() -> None:
    rows = [{"a": {"title": title}, "body": "the same long body of text"} for title in ("one thing", "another matter")]
    found = deduplicate(rows, ["a.title", "body"], vectors=[[1.0, 0.0], [1.0, 0.0]])
    assert found.made_by["columns"] == ["a.title", "body"]


def test_a_column_with_a_dot_in_its_name_goes_before_a_field() -> None:
    rows = [{"user.name": "the column", "user": {"name": "the field"}, "a.b": {"c.d": "deep"}}]
    assert read_corpus(rows, "user.name").texts == ["the column"]
    assert read_corpus(rows, "a.b.c.d").texts == ["deep"]


def test_errors_list_the_fields() -> None:
    for table in (STRUCTS, JSON_TEXT):
        with pytest.raises(
            ValueError, match=r"no column 'user\.nam'.*Did you mean 'user\.name'\? It has: user\.name, user\.id"
        ):
            read_corpus(table, "user.nam")
        with pytest.raises(ValueError, match=r"no column 'user\.key' \(id=\)"):
            read_corpus(table, "body", "user.key")
    with pytest.raises(
        ValueError, match=r"column 'user' .*struct.*expected text\. Columns of text: user\.name, user\.home\.city, body"
    ):
        read_corpus(STRUCTS, "user")
    with pytest.raises(ValueError, match=r"no column of strings.*Fields inside them: user\.name"):
        read_corpus(STRUCTS.drop_columns(["body"]))


def test_text_that_is_no_json_has_no_fields() -> None:
    table = pa.table({"user": ['{"name": "a"}', "no JSON"], "list": ["[1]", "[2]"]})
    assert find_column(table, "user.name") is None
    assert column_names(table) == ["user", "list"]


# --- names with signs ------------------------------------------------------------------------------------------------

QUESTION = "What, if anything, do you like?"


def test_a_column_is_taken_whatever_signs_are_in_its_name() -> None:
    for name in (QUESTION, "{x}", "a{b", "a.b", "title,body", "x}", " padded "):
        table = {name: ["a long text"], "title": ["t"], "body": ["b"], "x": ["y"]}
        assert read_corpus(table, name).texts == ["a long text"], name
        assert read_corpus(table, [name, "x"]).texts == ["a long text. y"], name
    for name in (QUESTION, "Q1: why?", "Why: a or b", "score[0]", "a.b"):
        assert read_corpus({name: ["a", "b"], "x": [1, 2]}, f"{{{name}}} {{x}}").texts == ["a 1", "b 2"], name


def test_columns_joined_by_commas_are_columns_if_no_column_has_the_whole_name() -> None:
    table = {"title": ["t"], "body": ["b"]}
    corpus = read_corpus(table, "title, body")
    assert corpus.texts == ["t. b"]
    assert corpus.text_columns == ["title", "body"]
    with pytest.raises(ValueError, match="no column 'bodi'.*Did you mean 'body'"):
        read_corpus(table, "title,bodi")
    with pytest.raises(ValueError, match="no column 'What, else'"):
        read_corpus(table, "What, else")


@pytest.mark.parametrize(
    ("text", "made_of", "joined"),
    [
        ("body", "body", []),
        (["title", "body"], ["title", "body"], ["title", "body"]),
        (("title", "body"), ["title", "body"], ["title", "body"]),
        ("{title}: {body}", "{title}: {body}", []),
        (["body"], ["body"], []),
    ],
)
def test_a_corpus_remembers_what_made_its_text(text: Any, made_of: Any, joined: list[str]) -> None:
    corpus = read_corpus({"title": ["t", "u"], "body": ["b", "c"]}, text)
    for kept in (corpus, corpus.take([1]), corpus.with_lengths([9, 9], 5), corpus.without_columns([])):
        assert kept.text_columns == made_of
        assert kept.joined_columns == joined
    assert corpus.without_columns(["title"]).joined_columns == []
    assert read_corpus(["a"]).text_columns == "text"


def test_a_corpus_is_deduplicated_by_the_columns_that_made_its_text() -> None:
    long = "Daily weather report for the northern region, issued by the harbour office at six in the morning"
    rows = {"title": [long, long, "a", "b"], "body": ["fog", "gale", "c", "d"]}
    vectors = [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.5, 0.5]]
    directly = deduplicate(rows, ["title", "body"], vectors=vectors)
    read_before = deduplicate(read_corpus(rows, ["title", "body"]), vectors=vectors)
    assert read_before.duplicates.roles.tolist() == directly.duplicates.roles.tolist()
    assert read_before.made_by["columns"] == ["title", "body"]


# --- the only column of strings --------------------------------------------------------------------------------------

IDS: dict[str, list[str]] = {
    "addresses": ["https://example.org/a?b=1", "https://example.org/" + "long" * 40],
    "hexadecimal": ["9f86d081884c7d65", "60303ae22b998861"],
    "uuid": ["123e4567-e89b-12d3-a456-426614174000", "00112233-4455-6677-8899-aabbccddeeff"],
    "numbers": ["0012", "0013", "0014"],
    "codes": ["INV-2024-001", "INV-2024-002"],
    "labels": ["pos", "neg", "pos", "pos"],
    "files": ["a/b.png", "a/c.png"],
    "mail": ["ada@example.org", "bob@example.org"],
    "dates": ["2024-02-29 10:00:00", "2023-01-01 11:30:00"],
    "phones": ["+49 30 123456", "(030) 654321"],
    "mostly ids": [*(f"id{number}" for number in range(99)), "a real text"],
}


@pytest.mark.parametrize("values", IDS.values(), ids=IDS)
def test_ids_and_labels_are_never_taken_for_the_text(values: list[str]) -> None:
    table = {"key": values, "n": range(len(values))}
    with pytest.raises(
        ValueError, match=r"one column of strings, 'key', which seems to hold ids or labels \('.*text='COLUMN'"
    ):
        read_corpus(table)
    assert read_corpus(table, "key").texts == values
    assert read_corpus({"text": values}).texts == values


@pytest.mark.parametrize(
    "values",
    [
        ["a cat sat", "short"],
        ["ein Satz", None],
        ["これは日本語の文章です。", "とても良い天気"],
        ["", "two words"],
        ["สวัสดีครับ"],
    ],
)
def test_texts_are_taken_without_being_asked_for(values: list[str | None]) -> None:
    assert read_corpus({"body": values, "n": range(len(values))}).table["body"].to_pylist() == values


@pytest.mark.parametrize(
    ("text", "words"), [(3, "text=3; expected a column"), ([["a"]], "expected a column"), ({"a": 1}, "no column 'a'")]
)
def test_what_is_no_column_is_refused(text: Any, words: str) -> None:
    with pytest.raises((TypeError, ValueError), match=words):
        read_corpus({"text": ["a"]}, text)


@pytest.mark.parametrize("block_by", [["a", "b"], "c"])
def test_block_by_is_one_column(block_by: Any) -> None:
    with pytest.raises(ValueError, match="block_by=.*; expected one of 'text', 'a', 'b'"):
        deduplicate({"text": ["x"], "a": [1], "b": [2]}, "text", exact_only=True, block_by=block_by)
