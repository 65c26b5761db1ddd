import csv
import re
from collections import Counter
from pathlib import Path

DATA = Path(__file__).parents[2] / "data"


def read_rows() -> list[dict[str, str]]:
    with open(DATA / "lesson_sentences.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_derived_sentences_name_an_original() -> None:
    kinds = {row["id"]: row["kind"] for row in read_rows()}
    for row in read_rows():
        is_derived = row["kind"] != "original"
        assert (kinds.get(row["source_id"]) == "original") == is_derived, row["id"]


def test_ids_and_texts_are_unique() -> None:
    rows = read_rows()
    assert len({row["id"] for row in rows}) == len({row["text"] for row in rows}) == len(rows) == 300
    assert len({row["topic"] for row in rows}) == 12


def test_changed_numbers_are_marked() -> None:
    texts = {row["id"]: row["text"] for row in read_rows()}
    for row in read_rows():
        if row["kind"] == "near_copy":
            numbers = [re.findall(r"\d+", text) for text in (row["text"], texts[row["source_id"]])]
            assert (numbers[0] != numbers[1]) == (row["numbers_differ"] == "true"), row["id"]


def test_the_readme_counts_what_is_there() -> None:
    readme = (DATA / "README.md").read_text(encoding="utf-8")
    for column in ("kind", "language"):
        for value, count in Counter(row[column] for row in read_rows()).items():
            assert f"| {value} | {count} |" in readme
