"""Compressed files, archives, open files and standard input."""

import bz2
import gzip
import io
import lzma
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
from sheet_files import write_ods, write_xlsx

from nomic_explore import deduplicate, read_corpus
from nomic_explore.corpus.fingerprint import describe_input

TABLE = [{"text": "a cat, asleep", "n": 1}, {"text": "a dög", "n": 2}]
CSV = 'text,n\n"a cat, asleep",1\na dög,2\n'.encode()
TSV = "text\tn\na cat, asleep\t1\na dög\t2\n".encode()
JSONL = '{"text": "a cat, asleep", "n": 1}\n{"text": "a dög", "n": 2}\n'.encode()
JSON = b"[" + JSONL.strip().replace(b"\n", b",\n") + b"]"
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": lambda content: pa.compress(content, "zstd", asbytes=True),
}


def write(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def write_zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


# --- compressed ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("packer", PACKERS)
@pytest.mark.parametrize(("name", "content"), [("a.csv", CSV), ("a.tsv", TSV), ("a.jsonl", JSONL), ("a.json", JSON)])
def test_text_formats_are_read_through_every_compression(
    tmp_path: Path, packer: str, name: str, content: bytes
) -> None:
    path = write(tmp_path / f"{name}{packer}", PACKERS[packer](content))
    assert read_corpus(path, "text").table.to_pylist() == TABLE
    assert read_corpus(path, "text", limit=1).table.to_pylist() == TABLE[:1]
    assert read_corpus(path, "text").name == "a"


@pytest.mark.parametrize("packer", PACKERS)
def test_what_was_cut_off_is_named(tmp_path: Path, packer: str) -> None:
    for name, content in (("a.csv", CSV * 200), ("a.jsonl", JSONL * 200), ("a.txt", CSV * 200)):
        path = write(tmp_path / f"{name}{packer}", PACKERS[packer](content)[:-10])
        with pytest.raises(ValueError, match=rf"{path.name} cannot be read.*The compressed file may have been cut off"):
            read_corpus(path, "text")
        with pytest.raises(ValueError, match=f"{path.name} cannot be read"):
            read_corpus(write(path, b"no such thing, not packed at all"), "text")


# --- archives --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "content"), [("a.csv", CSV), ("in/a.tsv", TSV), ("a.jsonl", JSONL), ("a.json", JSON)])
def test_an_archive_of_one_file_is_that_file(tmp_path: Path, name: str, content: bytes) -> None:
    path = write_zip(tmp_path / "reviews.csv.zip", {name: content, "__MACOSX/._a": b"x"})
    corpus = read_corpus(path, "text")
    assert corpus.table.to_pylist() == TABLE
    assert corpus.name == "reviews"
    assert "__MACOSX/._a (hidden)" in corpus.audit["left out"].message
    assert read_corpus(path, "text", limit=1).texts == ["a cat, asleep"]


def test_binary_formats_are_read_inside_archives(tmp_path: Path) -> None:
    pq.write_table(pa.Table.from_pylist(TABLE), tmp_path / "a.parquet")
    pa.feather.write_feather(pa.Table.from_pylist(TABLE), str(tmp_path / "a.feather"))
    for name in ("a.parquet", "a.feather"):
        path = write_zip(tmp_path / "a.zip", {name: (tmp_path / name).read_bytes()})
        assert read_corpus(path, "text").table.to_pylist() == TABLE


def test_an_archive_of_several_files_is_read_as_a_folder(tmp_path: Path) -> None:
    path = write_zip(
        tmp_path / "a.zip",
        {"n=1/a.csv": b"text\na\n", "n=2/b.csv.gz": gzip.compress(b"text\nb\n"), "logo.png": b"x", "c.csv": b""},
    )
    corpus = read_corpus(path, "text")
    assert corpus.table.to_pydict() == {"text": ["a", "b"], "n": [1, 2]}
    assert "logo.png (of no known format)" in corpus.audit["left out"].message
    assert "c.csv (empty)" in corpus.audit["left out"].message
    texts = write_zip(
        tmp_path / "notes.zip",
        {"notes/0.txt": b"zero", "notes/1.txt": b"one", "notes/metadata.csv": b"file,n\n0,5\n1,6\n"},
    )
    assert read_corpus(texts).table.to_pydict() == {"file": ["0.txt", "1.txt"], "text": ["zero", "one"], "n": [5, 6]}


def test_errors_inside_an_archive_name_archive_and_file(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"b.csv": b"text,n\nx,1,2\n"})
    with pytest.raises(ValueError, match=r"a\.zip/b\.csv, row 1 \(line 2\) has 3 fields"):
        read_corpus(path, "text")
    path = write_zip(tmp_path / "a.zip", {"b.csv": b"text,n\ncaf\xe9,1\n"})
    with pytest.raises(ValueError, match=r"a\.zip/b\.csv is not valid UTF-8: byte 0xe9"):
        read_corpus(path, "text")


def test_an_archive_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    whole = write_zip(tmp_path / "a.zip", {"a.csv": CSV}).read_bytes()
    with pytest.raises(ValueError, match=r"cut\.zip cannot be read"):
        read_corpus(write(tmp_path / "cut.zip", whole[:-30]))
    flipped = bytearray(whole)
    flipped[45] ^= 255
    with pytest.raises(ValueError, match=r"flipped\.zip.*cannot be read"):
        read_corpus(write(tmp_path / "flipped.zip", bytes(flipped)))
    with pytest.raises(ValueError, match=r"empty\.zip holds no file that can be read"):
        read_corpus(write_zip(tmp_path / "empty.zip", {"a.pdf": b"x"}))


def test_an_archive_reads_nothing_outside_of_itself(tmp_path: Path) -> None:
    secret = write(tmp_path / "secret.csv", b"text\nsecret\n")
    path = write_zip(tmp_path / "a.zip", {str(secret): CSV, "../secret.csv": CSV, "a.csv": b"text\nfine\n"})
    corpus = read_corpus(path, "text")
    assert corpus.texts == ["fine"]
    assert corpus.audit["left out"].message.count("outside of the archive") == 2


def test_a_report_names_the_archive(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"a.csv": CSV, "b.csv": CSV})
    files = describe_input(path, [])["files"]
    assert [file["name"] for file in files] == ["a.zip"]  # type: ignore[attr-defined]


# --- open files ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [CSV, TSV, JSONL, JSON, b"\xef\xbb\xbf" + CSV, CSV.decode().encode("utf-16")])
def test_the_format_of_an_open_file_is_found_from_its_content(content: bytes) -> None:
    assert read_corpus(io.BytesIO(content), "text").table.to_pylist() == TABLE
    for pack in PACKERS.values():
        assert read_corpus(io.BytesIO(pack(content)), "text").table.to_pylist() == TABLE


def test_binary_formats_are_recognized_in_open_files(tmp_path: Path) -> None:
    rows = [list(TABLE[0]), *(list(row.values()) for row in TABLE)]
    pq.write_table(pa.Table.from_pylist(TABLE), tmp_path / "0")
    pa.feather.write_feather(pa.Table.from_pylist(TABLE), str(tmp_path / "1"))
    write_zip(tmp_path / "2", {"a.csv": CSV})
    write_xlsx(tmp_path / "3", {"S": rows})
    write_ods(tmp_path / "4", {"S": rows})
    for number in range(5):
        content = (tmp_path / str(number)).read_bytes()
        assert read_corpus(io.BytesIO(content), "text").table.to_pylist() == TABLE, number


def test_an_open_file_is_read_by_its_name(tmp_path: Path) -> None:
    path = write(tmp_path / "reviews.tsv", TSV)
    for mode in ("r", "rb"):
        with path.open(mode, **({} if "b" in mode else {"encoding": "utf-8"})) as opened:  # type: ignore[call-overload]
            corpus = read_corpus(opened, "text")
        assert corpus.table.to_pylist() == TABLE
        assert corpus.name == "reviews"


def test_the_format_of_an_open_file_may_be_given() -> None:
    stream = io.BytesIO("text;n\ncafé;1\n".encode("cp1252"))
    assert read_corpus(stream, "text", format="csv", encoding="cp1252", sep=";").texts == ["café"]
    packed = io.BytesIO(gzip.compress(b"one line\nof text"))
    assert read_corpus(packed, format="txt").texts == ["one line\nof text"]
    assert deduplicate(io.StringIO("t\nx y\nx y\n"), "t", exact_only=True, format="csv").kept().texts == ["x y"]


def test_errors_name_the_open_file(tmp_path: Path) -> None:
    cases: list[tuple[Any, dict[str, Any], str]] = [
        (io.BytesIO(b""), {}, "the open file is empty; expected at least one row"),
        (io.BytesIO(b"some,words\nand,more\n"), {}, "^the open file has no column 'text'"),
        (io.BytesIO(b"some words only\nand more"), {}, 'the open file is neither JSON nor CSV.*format="csv"'),
        (io.BytesIO(b"text,n\nx,1,2\n"), {}, "^the open file, row 1"),
        (io.BytesIO(b'{"text": "a"}\n{"text"\n'), {}, "^the open file, line 2 is not valid JSON"),
        (io.StringIO("text,n\nx,1\n"), {"encoding": "cp1252"}, "is open as text, so encoding= has no effect"),
    ]
    for stream, options, words in cases:
        with pytest.raises(ValueError, match=words):
            read_corpus(stream, "text", **options)
    with pytest.raises(TypeError, match="holds list; expected bytes or text"):
        read_corpus(type("Odd", (), {"read": lambda self: []})())


def test_standard_input_is_called_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for content, words in ((b"", "standard input is empty"), (b"text,n\nx,1,2\n", "^standard input, row 1")):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        with pytest.raises(ValueError, match=words):
            read_corpus(sys.stdin.buffer, "text")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(CSV)))
    assert read_corpus(sys.stdin.buffer, "text").name == "stdin"


def test_a_file_of_another_name_is_read_in_the_format_given(tmp_path: Path) -> None:
    path = write(tmp_path / "export.dat", CSV)
    with pytest.raises(ValueError, match=r"export\.dat is of no known format.*format=\"csv\""):
        read_corpus(path)
    assert read_corpus(path, "text", format="csv").table.to_pylist() == TABLE
    assert read_corpus([path, path], "text", format=".CSV").table.to_pylist() == TABLE * 2
    assert read_corpus(write(tmp_path / "a.txt", JSONL), "text", format="jsonl").table.to_pylist() == TABLE
    assert (
        read_corpus(write(tmp_path / "b.dat.gz", gzip.compress(TSV)), "text", format="tsv").table.to_pylist() == TABLE
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (gzip.compress(CSV), r"a compressed file \(.gz\)"),
        (lzma.compress(CSV), r"a compressed file \(.xz\)"),
        (b"PK\x03\x04 and more", "an archive or an Excel file"),
        (b"PAR1 and more", "a Parquet file"),
        (b"%PDF-1.7", "a PDF document"),
    ],
    ids=["gzip", "xz", "zip", "parquet", "pdf"],
)
def test_a_binary_file_named_as_text_is_said_to_be_one(tmp_path: Path, content: bytes, words: str) -> None:
    for name in ("a.csv", "a.jsonl", "a.json"):
        with pytest.raises(ValueError, match=rf"{name} is no text, but {words}.* under another name"):
            read_corpus(write(tmp_path / name, content))


def test_standard_input_has_no_path_in_python() -> None:
    with pytest.raises(FileNotFoundError, match=r"For standard input pass sys\.stdin\.buffer"):
        read_corpus("-")
