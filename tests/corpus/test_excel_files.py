"""Sheets of Excel and LibreOffice."""

import datetime
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from sheet_files import write_ods, write_xlsx

from nomic_explore import deduplicate, read_corpus

DAY = datetime.date(2024, 2, 29)
ROWS = [
    ["text", "stars", "price", "day", "sold", "zip"],
    ["a cat, asleep", 5, 1.5, DAY, True, "007"],
    [None, None, None, None, None, None],
    ["a dog", None, 2, datetime.date(1999, 12, 31), False, "012"],
]
WRITERS: dict[str, Callable[..., Path]] = {"a.xlsx": write_xlsx, "a.ods": write_ods}


@pytest.mark.parametrize("name", WRITERS)
def test_cells_keep_their_types(tmp_path: Path, name: str) -> None:
    table = read_corpus(WRITERS[name](tmp_path / name, {"Sheet1": ROWS}), "text").table
    assert table.to_pydict() == {
        "text": ["a cat, asleep", "a dog"],
        "stars": [5, None],
        "price": [1.5, 2.0],
        "day": [DAY, datetime.date(1999, 12, 31)],
        "sold": [True, False],
        "zip": ["007", "012"],
    }
    assert pa.types.is_int64(table.schema.field("stars").type)
    assert len(read_corpus(tmp_path / name, "text", limit=1)) == 1


def test_times_stay_times_beside_dates(tmp_path: Path) -> None:
    at = datetime.datetime(2024, 2, 29, 13, 30)
    path = write_xlsx(tmp_path / "a.xlsx", {"S": [["text", "when", "both"], ["a", at, at], ["b", at, DAY]]})
    table = read_corpus(path, "text").table
    assert table["when"].to_pylist() == [at, at]
    assert table["both"].to_pylist() == [at, datetime.datetime(2024, 2, 29)]


@pytest.mark.parametrize("name", WRITERS)
def test_the_first_sheet_with_rows_is_read_and_the_others_are_named(tmp_path: Path, name: str) -> None:
    sheets = {"Empty": [], "Title": [["Reviews of 2024"]], "Data": ROWS, "Notes": [["text"], ["not these"]]}
    corpus = read_corpus(WRITERS[name](tmp_path / name, sheets), "text")
    assert corpus.texts == ["a cat, asleep", "a dog"]
    assert "sheet 'Data' was read; not 'Empty', 'Title', 'Notes'" in corpus.audit["other sheet"].message


def test_a_column_of_several_types_is_text_as_the_sheet_shows_it(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"S": [["text", "code"], ["a", 7], ["b", "x7"], ["c", 1.5], ["d", True]]})
    corpus = read_corpus(path, "text")
    assert corpus.table["code"].to_pylist() == ["7", "x7", "1.5", "TRUE"]
    assert "column 'code' holds" in corpus.audit["mixed types"].message


def test_numbers_that_name_documents_have_no_decimals(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"S": [["key", "text"], [101, "a"], [102, "b"]]})
    assert read_corpus(path, "text", "key").ids == ["101", "102"]


def test_columns_of_a_sheet_get_names_of_their_own(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"S": [["text", None, 2024, "text"], ["a", "b", "c", "d"]]})
    assert read_corpus(path, "text").table.to_pylist() == [{"text": "a", "column_2": "b", "2024": "c", "text.1": "d"}]


def test_a_sheet_is_found_in_folders_and_archives_and_deduplicated(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    path = write_xlsx(tmp_path / "in" / "a.xlsx", {"S": ROWS})
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(path, "a.xlsx")
    for source in (tmp_path / "in", tmp_path / "a.zip", [path], str(tmp_path / "in" / "*.xlsx")):
        assert deduplicate(source, "text", exact_only=True).kept().texts == ["a cat, asleep", "a dog"]


def test_a_damaged_sheet_is_named(tmp_path: Path) -> None:
    for name, content in (("a.xlsx", b"PK\x03\x04 not much"), ("a.xls", b"nothing"), ("a.ods", b"text,n\na,1\n")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ValueError, match=f"{name} is not a whole Excel or OpenDocument file"):
            read_corpus(tmp_path / name)
    with pytest.raises(ValueError, match="holds no rows"):
        read_corpus(write_xlsx(tmp_path / "b.xlsx", {"S": []}))


def test_without_calamine_the_command_that_installs_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"S": ROWS})
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    with pytest.raises(ImportError, match=r"pip install 'nomic-explore\[excel\]'"):
        read_corpus(path)
