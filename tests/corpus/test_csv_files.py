"""CSV files as Excel, Kaggle, Twitter and survey tools write them."""

import csv
import io
import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nomic_explore import deduplicate, explore, find_leakage, read_corpus
from nomic_explore.corpus import csv_layout
from nomic_explore.corpus.csv_files import read_csv
from nomic_explore.corpus.csv_layout import count_irregular_quotes, find_layout
from nomic_explore.corpus.csv_rows import split_records
from nomic_explore.corpus.formats import ReadOptions
from nomic_explore.testing import HashEmbedder

ONE_ROW = [{"text": "hello, you", "n": 1}]


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def rows_of(path: Path, **options: Any) -> list[dict[str, Any]]:
    return read_corpus(path, "text", **options).table.to_pylist()


# --- delimiters and headers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "sep=;\r\ntext;n\r\nhello, you;1\r\n"),
        ("a.csv", '"sep=;"\ntext;n\nhello, you;1\n'),
        ("a.csv", "SEP=^\ntext^n\nhello, you^1\n"),
        ("a.csv", "sep=,\ntext,n\n" + '"hello, you",1\n'),
        ("a.csv", "text;n\nhello, you;1\n"),
        ("a.csv", "text|n\nhello, you|1\n"),
        ("a.csv", "text\tn\nhello, you\t1\n"),
        ("a.tsv", "text\tn\nhello, you\t1\n"),
        ("a.tab", "text\tn\nhello, you\t1\n"),
        ("a.tsv", "sep=;\ntext;n\nhello, you;1\n"),
        ("a.csv", 'text, n\n"hello, you",1\n'),
        ("a.csv", '"text" ,"n"\n"hello, you" ,1\n'),
        ("a.csv", '\n\ntext,n\n\n"hello, you",1\n\n'),
        ("a.csv", 'text,n\r"hello, you",1\r'),
        ("a.csv", '# made today, by us\n#\n# n is a count\ntext,n\n"hello, you",1\n'),
        ("a.csv", '#made, today\n\ntext,n\n"hello, you",1\n'),
        ("a.csv", 'text,n,\n"hello, you",1,\n'),
        ("a.csv", 'text,n\n  \n"hello, you",1\n\x1a'),
        ("a.csv", 'text,n\n"hello, you",1,,\n'),
    ],
)
def test_a_table_is_read_whatever_stands_around_its_fields(tmp_path: Path, name: str, content: str) -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        assert rows_of(write(tmp_path / name, content.encode(encoding))) == ONE_ROW, encoding
    assert rows_of(tmp_path / name, limit=1) == ONE_ROW


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ('text;"Price, net"\nx;1\ny;2\n', ("text", "Price, net")),
        ('text,"a;b;c;d"\nx,1\n', ("text", "a;b;c;d")),
        ('"a|b|c",text\n1,x\n', ("a|b|c", "text")),
        ("text;rating (1,2,3)\nx;1\ny;2\n", ("text", "rating (1,2,3)")),
        ("What, if anything, do you like?\nall of it\nno, not much\n", ("What, if anything, do you like?",)),
        ("text\nfoo, bar; baz\nno, not; this\n", ("text",)),
        ('"te\nxt",n\nx,1\n', ("te\nxt", "n")),
        ("#id\ttext\n1\ta\n", ("#id", "text")),
        ("text,n\n", ("text", "n")),
        ("text;n\n1,5;2\n1,7;3\n", ("text", "n")),
        ("name,text\nx\ny\nz,1\n", ("name", "text")),
        ("text,n\nx,1,2\n", ("text", "n")),
        ('text;"Price, net"\nx;3,14\ny;2,50\n', ("text", "Price, net")),
        ("text;Price, net\nx;3,14\ny;2,50\n", ("text", "Price, net")),
        ("What, if anything, do you like?\na, b, c, d\ne, f\n", ("What, if anything, do you like?",)),
    ],
)
def test_the_delimiter_is_the_one_that_divides_header_and_rows_alike(header: str, names: tuple[str, ...]) -> None:
    found = find_layout(header.encode())
    assert found is not None
    assert found.names == names


def test_lines_before_the_header_are_counted_and_those_behind_it_are_rows(tmp_path: Path) -> None:
    corpus = read_corpus(write(tmp_path / "a.csv", "# one\n# two\ntext,n\n#three,3\n"), "text")
    assert corpus.texts == ["#three"]
    assert corpus.audit["comment line"].count == 2
    assert read_corpus(write(tmp_path / "b.csv", "#tag\n#cat\n#dog\n"), "#tag").texts == ["#cat", "#dog"]


def test_a_delimiter_may_be_given(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "text^n\nhello, you^1\n")
    assert rows_of(path, sep="^") == ONE_ROW
    tabbed = write(tmp_path / "b.csv", "a,b\tn\nhello, you\t1\n")
    for sep in ("\t", "tab", "\\t"):
        assert read_corpus(tabbed, "a,b", sep=sep).texts == ["hello, you"]
    for sep in ("", "||", '"', "\n", "§", 3):
        with pytest.raises(ValueError, match="sep=.*; expected one character such as ';'"):
            read_corpus(path, "text", sep=sep)  # type: ignore[arg-type]


def test_columns_without_a_name_or_with_the_same_get_names_of_their_own(tmp_path: Path) -> None:
    corpus = read_corpus(write(tmp_path / "a.csv", ",text,n,n,\n0,a,1,2,x\n"), "text")
    assert corpus.table.column_names == ["column_1", "text", "n", "n.1", "column_5"]
    assert "column_1, column_5" in corpus.audit["column without name"].message
    assert "numbered from the second on: n" in corpus.audit["repeated column name"].message


def test_a_header_without_rows_holds_no_document(tmp_path: Path) -> None:
    for content in ("text,n\n", "text,n", "sep=;\ntext;n\n", "# notes\ntext,n\n"):
        with pytest.raises(ValueError, match="holds no rows"):
            read_corpus(write(tmp_path / "a.csv", content))
    for content in ("\n\n", "sep=;\n"):
        with pytest.raises(ValueError, match="is empty; expected a header"):
            read_corpus(write(tmp_path / "a.csv", content))


# --- encodings -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "text,n\ncafé,1\n"),
        ("a.tsv", "text\tn\ncafé\t1\n"),
        ("a.jsonl", '{"text": "café", "n": 1}\n'),
        ("a.json", '[{"text": "café", "n": 1}]'),
    ],
)
def test_a_byte_order_mark_names_the_encoding_and_the_audit_says_so(
    tmp_path: Path, encoding: str, name: str, content: str
) -> None:
    corpus = read_corpus(write(tmp_path / name, content.encode(encoding)), "text")
    assert corpus.table.to_pylist() == [{"text": "café", "n": 1}]
    assert f"{name} is {encoding.upper()}" in corpus.audit["encoding"].message


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.tab"])
@pytest.mark.parametrize(("encoding", "likely"), [("cp1252", "WINDOWS-1252"), ("cp1251", "CP1251")])
def test_the_error_for_another_encoding_names_the_likely_one(
    tmp_path: Path, name: str, encoding: str, likely: str
) -> None:
    text = "café" if encoding == "cp1252" else "Привет, как дела? Это пример текста на русском языке."
    mark = "," if name == "a.csv" else "\t"
    path = write(tmp_path / name, f'text{mark}n\n"{text}"{mark}1\n'.encode(encoding))
    with pytest.raises(ValueError, match=f"not valid UTF-8.*line 2.*encoding='{likely}'"):
        read_corpus(path, "text")
    assert rows_of(path, encoding=likely) == [{"text": text, "n": 1}]


def test_utf16_without_a_mark_is_named(tmp_path: Path) -> None:
    for encoding in ("utf-16-le", "utf-16-be"):
        path = write(tmp_path / "a.csv", "text,n\nhello,1\n".encode(encoding))
        with pytest.raises(ValueError, match=f"without a byte order mark.*encoding='{encoding.upper()}'"):
            read_corpus(path, "text")
        assert rows_of(path, encoding=encoding) == [{"text": "hello", "n": 1}]


def test_a_mark_is_no_part_of_the_first_column_whatever_encoding_is_given(tmp_path: Path) -> None:
    for encoding, named in (("utf-8-sig", "utf-8"), ("utf-8-sig", "utf8"), ("utf-16", "utf-16-le")):
        path = write(tmp_path / "a.csv", "text,n\nhello,1\n".encode(encoding))
        assert rows_of(path, encoding=named) == [{"text": "hello", "n": 1}]


def test_files_put_below_one_another_are_read_as_one(tmp_path: Path) -> None:
    part = "text,n\na,1\n".encode("utf-8-sig")
    corpus = read_corpus(write(tmp_path / "a.csv", part + part + b"\xef\xbb\xbfb,2\n"), "text")
    assert corpus.table.to_pylist() == [{"text": "a", "n": 1}, {"text": "a", "n": 1}, {"text": "b", "n": 2}]
    assert corpus.audit["joined files"].count == 2


def test_a_file_that_is_not_what_its_mark_or_its_reader_says_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "text,n\nhello,1\n")
    with pytest.raises(
        ValueError, match=r"a\.csv is not in the encoding 'utf-16': UTF-16 stream does not start with BOM"
    ):
        read_corpus(path, encoding="utf-16")
    for name, content in (("a.csv", b"text,n\n"), ("a.jsonl", b'{"text": 1}')):
        path = write(tmp_path / name, "\ufeff".encode("utf-32-le") + content)
        with pytest.raises(ValueError, match=rf"{name} is marked as UTF-32, but is not"):
            read_corpus(path)


def test_marks_before_the_header_are_no_part_of_it(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "\n\ufefftext,n\nhello,1\n")
    assert rows_of(path) == [{"text": "hello", "n": 1}]


@given(
    st.lists(
        st.sampled_from(['"', ",", "\t", "\n", "\r", "\\", "#", "a b", "é", "\ufeff", "\0", "=", "sep=;\n", "text,n\n"])
    )
)
def test_whatever_a_file_holds_it_is_read_or_refused_by_name(pieces: list[str]) -> None:
    refused: list[tuple[type[Exception], str, str]] = []
    with tempfile.TemporaryDirectory() as folder:
        for name in ("a.csv", "a.tsv"):
            path = write(Path(folder) / name, "".join(pieces))
            for options in ({}, {"on_bad_rows": "skip"}, {"limit": 1}):
                try:
                    read_corpus(path, **options)  # type: ignore[arg-type]
                except ValueError as error:
                    refused.append((type(error), str(error), str(path)))
    assert [(kind, message) for kind, message, path in refused if kind is not ValueError or path not in message] == []


def test_a_nul_is_a_character_that_the_audit_names(tmp_path: Path) -> None:
    corpus = read_corpus(write(tmp_path / "a.csv", b"text,n\na\0b,1\n"), "text")
    assert corpus.texts == ["a\0b"]
    assert corpus.audit["control character"].count == 1


# --- quotes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "texts"),
    [
        ("a.tsv", 'text\tn\nplain\t1\n"open quote\t2\nz\t3\n', ["plain", '"open quote', "z"]),
        ("a.tsv", 'text\tn\n"one\t1\n"two\t2\n', ['"one', '"two']),
        ("a.tsv", 'text\tn\n"Yes" she said\t1\nhe said "no"\t2\n', ['"Yes" she said', 'he said "no"']),
        ("a.tsv", 'text\tn\n"a\ttab"\t1\n"open\t2\n', ["a\ttab", '"open']),
        ("a.csv", 'text,n\n5" pipe,1\n6" pipe,2\n', ['5" pipe', '6" pipe']),
        ("a.csv", 'text,n\n"Yes" she said,1\nb,2\n', ['"Yes" she said', "b"]),
        ("a.csv", 'text,n\n "a, b" ,1\n', ["a, b"]),
        ("a.csv", 'text,n\n"a ""b"", c",1\n', ['a "b", c']),
        ("a.csv", 'text,n\n"two\r\nlines",1\n', ["two\r\nlines"]),
        ("a.csv", 'text,n\n"He said \\"hi\\", ok",1\n', ['He said "hi", ok']),
        ("a.csv", 'text,n\n"He said \\"hi\\"",1\n"a ""b""",2\n', ['He said "hi"', 'a "b"']),
        ("a.csv", 'text,n\n"say \\"hi\\", ok",1\n"C:\\\\",2\n', ['say "hi", ok', "C:\\"]),
        ("a.csv", 'text,n\n"C:\\",1\n"a, ""b""",2\n', ["C:\\", 'a, "b"']),
        ("a.csv", 'text,n\n"a\\nb",1\n"x, y",2\n', ["a\\nb", "x, y"]),
        ("a.tsv", 'text\tn\n"say \\"hi\\"\tnow"\t1\n', ['say "hi"\tnow']),
    ],
)
@pytest.mark.parametrize("limit", [None, 2])
def test_quotes_are_read_as_they_were_meant(
    tmp_path: Path, name: str, content: str, texts: list[str], limit: int | None
) -> None:
    assert read_corpus(write(tmp_path / name, content), "text", limit=limit).texts == texts[:limit]


def test_the_audit_names_the_lines_with_quotes_that_are_ordinary_characters(tmp_path: Path) -> None:
    corpus = read_corpus(write(tmp_path / "a.tsv", 'text\tn\nplain\t1\n"open quote\t2\nz\t3\n'), "text")
    assert corpus.audit["stray quote"].message.endswith("part of it: line 3")
    assert corpus.table["n"].to_pylist() == [1, 2, 3]


def test_an_unclosed_quote_is_refused_with_its_row_and_skipped_on_request(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", 'text,n\n"a\nb",1\n"never closed,2\nz,3\n"x, y",4\n')
    with pytest.raises(ValueError, match=r"row 2 \(line 4\) opens a double quote that is never closed"):
        read_corpus(path, "text")
    corpus = read_corpus(path, "text", on_bad_rows="skip")
    assert corpus.texts == ["a\nb", "z", "x, y"]
    assert corpus.audit["skipped row"].count == 1


CELLS = st.text(st.sampled_from('a",;\t\n\r\\ é'), max_size=6)


@given(
    st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=6),
    st.sampled_from(",;\t|"),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
def test_whatever_a_csv_writer_wrote_comes_back(
    rows: list[tuple[str, str]], delimiter: str, line_end: str, all_quoted: bool
) -> None:
    rows = rows if all_quoted else [(a.replace("\r", ""), b.replace("\r", "")) for a, b in rows]  # they are not quoted
    stream = io.StringIO(newline="")
    quoting = csv.QUOTE_ALL if all_quoted else csv.QUOTE_MINIMAL
    csv.writer(stream, delimiter=delimiter, lineterminator=line_end, quoting=quoting).writerows([("t", "u"), *rows])
    content = stream.getvalue()
    records = [record.fields for record in split_records(content, delimiter)]
    assert records == [["t", "u"], *map(list, rows)]
    assert count_irregular_quotes(content.encode(), 0, delimiter) == 0


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=6))
def test_escapes_written_by_a_csv_writer_come_back(rows: list[tuple[str, str]]) -> None:
    stream = io.StringIO(newline="")
    csv.writer(stream, quoting=csv.QUOTE_ALL, doublequote=False, escapechar="\\").writerows(rows)
    assert [record.fields for record in split_records(stream.getvalue(), ",", escapes=True)] == [*map(list, rows)]
    assert count_irregular_quotes(stream.getvalue().encode(), 0, ",", escapes=True) == 0


def test_quotes_are_counted_across_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    content = b'"a, ""b""",1\n"c",2\nd,"e"\n' * 3
    monkeypatch.setattr(csv_layout, "_BLOCK", 7)
    assert count_irregular_quotes(content, 0, ",") == 0
    assert count_irregular_quotes(content + b'x"y"z,1\n', 0, ",") == 2


# --- ragged rows -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("text,b,c\nx,1,2\ny,2\n", r"row 2 \(line 3\) has 2 fields; expected 3 fields, as in the header"),
        ("text,b\nx,1\ny,2,3\n", r"row 2 \(line 3\) has 3 fields; expected 2"),
        ("text;b;c\nx;1;2\ny;2\nz;1;2;3\n", r"row 2 \(line 3\) has 2 fields; expected 3 .* with 1 more rows.* a ';'"),
        ("text\tb\nx\t1\ny\nz\t2\n", r"row 2 \(line 3\) has 1 field; expected 2"),
        ('text,b\n"two\nlines",1\ny,2,3\n', r"row 2 \(line 4\) has 3 fields"),
        ("sep=;\n\ntext;b\nx;1\ny;2;3\n", r"row 2 \(line 5\) has 3 fields"),
        ("text,b\rx,1\ry,2,3\r", r"row 2 \(line 3\) has 3 fields"),
    ],
)
def test_a_ragged_row_is_refused_with_its_place_and_the_way_out(tmp_path: Path, content: str, words: str) -> None:
    path = write(tmp_path / "a.csv", content)
    with pytest.raises(ValueError, match=f"{words}.*or leave such rows out with on_bad_rows='skip'"):
        read_corpus(path, "text")


def test_ragged_rows_are_skipped_counted_and_listed(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "text,b,c\nx,1,2\ny,2\nz,1,2,3\nw,5,6\n")
    corpus = read_corpus(path, "text", on_bad_rows="skip")
    assert corpus.table.to_pylist() == [{"text": "x", "b": 1, "c": 2}, {"text": "w", "b": 5, "c": 6}]
    found = corpus.audit["skipped row"]
    assert found.count == 2
    assert "row 2 (line 3) has 2 fields, row 3 (line 4) has 4 fields" in found.message
    assert read_corpus(path, "text", on_bad_rows="skip", limit=2).texts == ["x", "w"]
    assert corpus.take([1]).audit["skipped row"].count == 2


def test_fields_behind_the_last_column_are_left_out_if_they_are_empty(tmp_path: Path) -> None:
    corpus = read_corpus(write(tmp_path / "a.csv", "text,b\nx,1,,\ny,2\n"), "text")
    assert corpus.table.to_pylist() == [{"text": "x", "b": 1}, {"text": "y", "b": 2}]
    assert corpus.audit["empty fields"].count == 1


def test_a_file_of_bad_rows_only_holds_no_document(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="holds no rows"):
        read_corpus(write(tmp_path / "a.csv", "text,b,c\n1,2\n3,4\n"), "text", on_bad_rows="skip")


@pytest.mark.parametrize("content", ["text,n\n" + "a,1\n" * 40, 'text,n\n"x\ny",1\n' + "a,1\n" * 40 + "b,2,3\n"])
def test_a_part_of_a_file_is_read_for_a_few_rows(tmp_path: Path, content: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from nomic_explore.corpus import csv_files

    path = write(tmp_path / "a.csv", content)
    whole = [row for row in read_corpus(path, "text", on_bad_rows="skip").texts if row]
    for n_bytes in range(8, 60):
        monkeypatch.setattr(csv_files, "_FIRST_BYTES", n_bytes)
        for limit in (1, 3):
            assert read_corpus(path, "text", limit=limit).texts == whole[:limit], (n_bytes, limit)


def test_a_quote_that_is_closed_behind_the_part_is_not_taken_for_an_open_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nomic_explore.corpus import csv_files

    path = write(tmp_path / "a.tsv", 'text\tn\na\t1\n"b\nc\nd"\t2\n"e" f\t3\n5" g\t4\n')
    for n_bytes in range(8, 48):
        monkeypatch.setattr(csv_files, "_FIRST_BYTES", n_bytes)
        assert read_corpus(path, "text", limit=2).texts == ["a", "b\nc\nd"], n_bytes
        assert read_corpus(path, "text", limit=4).texts == ["a", "b\nc\nd", '"e" f', '5" g'], n_bytes


# --- cells -----------------------------------------------------------------------------------------------------------


def test_an_empty_cell_is_null_and_all_others_come_as_they_are(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", 'a,b\n,""\nNA,null\n" ",N/A\n')
    table, _ = read_csv(path, ReadOptions())
    assert table.to_pydict() == {"a": [None, "NA", " "], "b": [None, "null", "N/A"]}
    assert table.schema.types == [pa.string(), pa.string()]


def test_the_kind_of_a_column_may_be_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "text,code,n,kind\na,7,1,x\nb,8,2,y\n")
    table = read_corpus(path, "text", dtype={"code": "text", "n": "number", "kind": "category"}).table
    assert table["code"].to_pylist() == ["7", "8"]
    assert table["n"].to_pylist() == [1, 2]
    assert pa.types.is_dictionary(table.schema.field("kind").type)
    assert read_corpus({"text": ["a"], "n": [7]}, "text", dtype={"n": "text"}).table["n"].to_pylist() == ["7"]


def test_files_of_one_folder_are_typed_together(tmp_path: Path) -> None:
    write(tmp_path / "1.csv", "text,code,n\na,1,1\n")
    write(tmp_path / "2.csv", "text,code,n\nb,02,\n")
    corpus = read_corpus(tmp_path, "text")
    assert corpus.table["code"].to_pylist() == ["1", "02"]
    assert corpus.table["n"].to_pylist() == [1, None]
    assert [note.message for note in corpus.audit if note.kind == "typed columns"] == ["read as whole numbers: 'n'"]


# --- the options are those of every door -----------------------------------------------------------------------------


def test_explore_deduplicate_and_find_leakage_take_the_options_of_reading(tmp_path: Path) -> None:
    body = "text^split\ncafé^train\ncafé^test\nbad\nfood^train\n"
    path = write(tmp_path / "a.csv", body.encode("cp1252"))
    options: dict[str, Any] = {"encoding": "cp1252", "sep": "^", "on_bad_rows": "skip", "show_progress": False}
    explored = explore(path, "text", HashEmbedder(), tmp_path / "made", **options)
    assert explored.corpus.texts == ["café", "café", "food"]
    assert deduplicate(path, "text", exact_only=True, **options).kept().texts == ["café", "food"]
    leaks = find_leakage(path, text="text", model=HashEmbedder(), **options)
    assert leaks.to_pandas()["row"].tolist() == [1]


@pytest.mark.parametrize("function", [explore, deduplicate, find_leakage])
def test_an_unknown_option_is_refused_in_the_name_of_the_function(function: Any) -> None:
    with pytest.raises(
        TypeError, match=rf"{function.__name__}\(\) got an unexpected keyword argument 'encodng'.*'encoding'"
    ):
        function(["a"], encodng="utf-8")


def test_options_that_have_no_effect_are_refused(tmp_path: Path) -> None:
    corpus = read_corpus(["a"])
    write(tmp_path / "a.jsonl", '{"text": "a"}\n')
    pa.parquet.write_table(pa.table({"text": ["a"]}), tmp_path / "a.parquet")
    cases: list[tuple[Any, dict[str, Any], str]] = [
        (["a"], {"sep": ";"}, "sep= has no effect"),
        ({"text": ["a"]}, {"encoding": "cp1252"}, "encoding= has no effect"),
        (["a"], {"format": "csv"}, "format= has no effect"),
        (tmp_path / "a.jsonl", {"sep": ";"}, "holds no CSV file, so that sep= has no effect"),
        (tmp_path / "a.jsonl", {"on_bad_rows": "skip"}, "on_bad_rows= has no effect"),
        (tmp_path / "a.parquet", {"encoding": "cp1252"}, "encoding= has no effect"),
    ]
    for source, options, words in cases:
        with pytest.raises(ValueError, match=words):
            read_corpus(source, **options)
    with pytest.raises(ValueError, match="the source is a Corpus.*sep= has no effect"):
        deduplicate(corpus, exact_only=True, sep=";")


@pytest.mark.parametrize(
    ("options", "kind", "words"),
    [
        ({"on_bad_rows": "ignore"}, ValueError, "on_bad_rows='ignore'; expected one of 'error', 'skip'"),
        ({"dtype": {"n": "int"}}, ValueError, r"dtype\['n'\]='int'; expected one of 'text', 'number'"),
        ({"dtype": {"m": "text"}}, ValueError, "'m'.*no column"),
        ({"dtype": "text"}, TypeError, "dtype='text'; expected the kind of columns by name"),
        ({"format": "docx"}, ValueError, "format='docx'; expected one of 'csv'"),
    ],
)
def test_an_option_without_meaning_is_refused(
    tmp_path: Path, options: dict[str, Any], kind: type[Exception], words: str
) -> None:
    path = write(tmp_path / "a.csv", "text,n\na,1\n")
    with pytest.raises(kind, match=words):
        read_corpus(path, "text", **options)
