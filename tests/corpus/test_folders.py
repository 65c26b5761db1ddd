"""Folders of documents with a table that describes them, partitions, and what is left out."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nomic_explore import read_corpus
from nomic_explore.duplicates.deduplicate import deduplicate


def write(path: Path, content: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


def write_texts(folder: Path, *names: str) -> Path:
    for name in names:
        write(folder / name, f"the text of {Path(name).stem}")
    return folder


# --- documents and the table beside them -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("metadata.csv", "file,year\n0.txt,2001\n1.txt,2002\n"),
        ("metadata.csv", "filename,year\n1,2002\n0,2001\n"),
        ("metadata.tsv", "year\tpath\n2001\t./0.txt\n2002\tnotes/1.txt\n"),
        ("metadata.csv", "year;Name\n2001;0.txt\n2002;1.txt\n"),
        ("metadata.jsonl", '{"file_name": "0.txt", "year": 2001}\n{"file_name": "1.txt", "year": 2002}\n'),
        ("index.csv", "id,year\n0,2001\n1,2002\n"),
        ("metadata.csv", "File,year\n0.TXT,2001\n1.TXT,2002\n"),
        ("metadata.csv", "file,year\nC:\\data\\0.txt,2001\n/home/me/1.txt,2002\n"),
    ],
)
def test_documents_are_joined_with_the_table_of_their_names(tmp_path: Path, name: str, content: str) -> None:
    folder = write_texts(tmp_path / "notes", "0.txt", "1.txt", "2.txt")
    write(folder / name, content)
    corpus = read_corpus(folder)
    assert corpus.texts == ["the text of 0", "the text of 1", "the text of 2"]
    assert corpus.table["file"].to_pylist() == ["0.txt", "1.txt", "2.txt"]
    assert corpus.table["year"].to_pylist() == [2001, 2002, None]
    assert corpus.audit["document without row"].count == 1
    assert corpus.audit["document without row"].message.endswith(": 2.txt")
    assert read_corpus(folder, limit=2).table["year"].to_pylist() == [2001, 2002]


def test_a_parquet_table_may_describe_documents(tmp_path: Path) -> None:
    folder = write_texts(tmp_path / "notes", "a.md", "b.md")
    pq.write_table(pa.table({"file": ["b.md", "a.md"], "code": ["007", "8"]}), folder / "metadata.parquet")
    assert read_corpus(folder).table.to_pylist() == [
        {"file": "a.md", "text": "the text of a", "code": "8"},
        {"file": "b.md", "text": "the text of b", "code": "007"},
    ]


def test_rows_without_a_document_are_counted(tmp_path: Path) -> None:
    folder = write_texts(tmp_path / "notes", "0.txt", "1.txt")
    write(folder / "metadata.csv", "file,text,n\n0.txt,title,1\n9.txt,x,2\n0.txt,again,3\n1.txt,other,4\n")
    corpus = read_corpus(folder)
    assert corpus.table["text.1"].to_pylist() == ["title", "other"]
    assert corpus.audit["row without file"].count == 2
    assert corpus.audit["row without file"].message.endswith(": 9.txt, 0.txt")


def test_documents_of_the_same_name_in_two_folders_are_told_apart_by_their_folder(tmp_path: Path) -> None:
    folder = write_texts(tmp_path / "notes", "x/a.txt", "y/a.txt", "z/b.txt")
    write(folder / "metadata.csv", "file,n\ny/a.txt,2\nx/a.txt,1\na.txt,9\nb.txt,3\n")
    assert read_corpus(folder).table["n"].to_pylist() == [1, 2, 3]
    write(folder / "a.txt", "above")
    assert read_corpus(folder).table["n"].to_pylist() == [9, 1, 2, 3]


def test_a_table_that_names_no_document_is_read_and_the_documents_are_named(tmp_path: Path) -> None:
    folder = write_texts(tmp_path / "notes", "0.txt", "1.txt")
    write(folder / "reviews.csv", "name,text\nAda,a review\nBob,another\n")
    corpus = read_corpus(folder)
    assert corpus.texts == ["a review", "another"]
    assert "2 files were left out: 0.txt (text beside tables), 1.txt" in corpus.audit["left out"].message


# --- what is left out ------------------------------------------------------------------------------------------------


def test_whatever_is_left_out_of_a_folder_is_named(tmp_path: Path) -> None:
    write(tmp_path / "in" / "a.csv", "text\na cat\n")
    write(tmp_path / "in" / "b.csv", "")
    for name in ("logo.png", "README.md", ".hidden/c.csv", "_tmp.csv", "sub/paper.pdf"):
        write(tmp_path / "in" / name, "x")
    found = read_corpus(tmp_path / "in").audit["left out"]
    assert found.count == 6
    for part in (
        ".hidden/ (hidden)",
        "_tmp.csv (hidden)",
        "b.csv (empty)",
        "logo.png (of no known format)",
        "README.md (no document)",
        "sub/paper.pdf (of no known format)",
    ):
        assert part in found.message


def test_a_readme_is_a_document_only_where_nothing_else_is(tmp_path: Path) -> None:
    write(tmp_path / "a" / "README.md", "the only text")
    assert read_corpus(tmp_path / "a").texts == ["the only text"]
    write(tmp_path / "a" / "other.md", "another text")
    corpus = read_corpus(tmp_path / "a")
    assert corpus.texts == ["another text"]
    assert corpus.audit["left out"].message == "1 file was left out: README.md (no document)"
    write(tmp_path / "a" / "sub" / "README.md", "of a part")
    assert read_corpus(tmp_path / "a").texts == ["another text", "of a part"]


def test_an_empty_document_has_no_text(tmp_path: Path) -> None:
    write_texts(tmp_path / "a", "0.txt")
    write(tmp_path / "a" / "1.txt", "")
    corpus = read_corpus(tmp_path / "a")
    assert corpus.texts == ["the text of 0", None]
    assert corpus.audit["blank text"].count == 1


def test_a_folder_where_nothing_is_left_out_has_no_finding(tmp_path: Path) -> None:
    write(tmp_path / "in" / "a.csv", "text\na cat\n")
    assert read_corpus(tmp_path / "in").audit["left out"].count == 0


def test_a_folder_without_rows_says_what_is_empty(tmp_path: Path) -> None:
    write(tmp_path / "in" / "a.csv", "")
    with pytest.raises(ValueError, match=r"holds no file that can be read.* 1 files are empty \(0 bytes\)"):
        read_corpus(tmp_path / "in")


def test_a_single_file_of_lines_says_how_its_lines_become_documents(tmp_path: Path) -> None:
    table = write(tmp_path / "a.txt", "text\tn\na cat\t1\na dog\t2\n")
    assert (
        'one document of 3 lines; if it is a table, pass format="tsv"'
        in read_corpus(table).audit["one document"].message
    )
    assert read_corpus(table, format="tsv").texts == ["a cat", "a dog"]
    lines = write(tmp_path / "b.txt", "a cat\na dog\n\nan owl\n")
    assert "3 lines; if each is a document, pass a list of them" in read_corpus(lines).audit["one document"].message
    assert read_corpus(write(tmp_path / "c.txt", "a cat\na dog\n")).audit["one document"].count == 0
    assert read_corpus([lines, table]).audit["one document"].count == 0


# --- partitions ------------------------------------------------------------------------------------------------------


def test_partitions_are_columns(tmp_path: Path) -> None:
    table = pa.table(
        {"text": [f"text {n}" for n in range(6)], "year": [2020 + n % 3 for n in range(6)], "lang": ["de", "en"] * 3}
    )
    pq.write_to_dataset(table, tmp_path / "b", partition_cols=["year", "lang"])
    found = read_corpus(tmp_path / "b").table
    assert sorted(found.to_pylist(), key=lambda row: row["text"]) == table.to_pylist()
    assert pa.types.is_int64(found.schema.field("year").type)
    part = read_corpus(str(tmp_path / "b" / "year=202*" / "lang=de" / "*.parquet")).table
    assert set(part["year"].to_pylist()) == {2020, 2021, 2022}
    assert read_corpus(tmp_path / "b" / "year=2020").table.column_names == ["text", "lang"]


@pytest.mark.parametrize(
    ("folders", "values"),
    [
        (("n=1", "n=2"), [1, 2]),
        (("n=01", "n=2"), ["01", "2"]),
        (("n=__HIVE_DEFAULT_PARTITION__", "n=a%20b%3D"), [None, "a b="]),
        (("n=1", "other"), [1, None]),
    ],
)
def test_partitions_keep_what_their_folders_say(tmp_path: Path, folders: tuple[str, ...], values: list[object]) -> None:
    for number, folder in enumerate(folders):
        write(tmp_path / "in" / folder / "a.csv", f"text,m\ntext {number},1\n")
    assert read_corpus(tmp_path / "in", "text").table["n"].to_pylist() == values


def test_documents_have_the_partitions_of_their_folders(tmp_path: Path) -> None:
    folder = write_texts(tmp_path / "notes", "lang=de/a.txt", "lang=en/b.txt")
    assert read_corpus(folder).table["lang"].to_pylist() == ["de", "en"]
    write(folder / "metadata.csv", "file,n\na,1\nb,2\n")
    assert read_corpus(folder).table.select(["lang", "n"]).to_pydict() == {"lang": ["de", "en"], "n": [1, 2]}


def test_a_column_of_the_file_goes_before_its_folder(tmp_path: Path) -> None:
    write(tmp_path / "in" / "year=2020" / "a.csv", "text,year\na text,1999\n")
    assert read_corpus(tmp_path / "in", "text").table["year"].to_pylist() == [1999]


def test_the_files_of_a_folder_are_those_that_a_report_names(tmp_path: Path) -> None:
    folder = write_texts(tmp_path / "notes", "0.txt", "1.txt")
    write(folder / "metadata.csv", "file,year\n0.txt,2001\n1.txt,2002\n")
    made = deduplicate(folder, exact_only=True).made_by["inputs"]
    assert sorted(file["name"] for file in made["files"]) == ["0.txt", "1.txt", "metadata.csv"]
