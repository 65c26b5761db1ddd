"""Every source that can be read, every way of making a text, and what is said of sources that cannot be read."""

import datetime
import gzip
import json
import sys
import tempfile
import types
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nomic_explore.corpus import Corpus, read_corpus
from nomic_explore.corpus.corpus import unique_ids
from nomic_explore.corpus.formats import ReadOptions
from nomic_explore.corpus.json_files import _array_as_lines

DAY = datetime.date(2024, 2, 29)
ROWS = [
    {"title": "Cats", "body": "They sleep,\nmostly.", "day": DAY, "stars": 5},
    {"title": 'Dogs "and" more', "body": "Sie bellen: wäff.", "day": DAY, "stars": 4},
    {"title": "Fish", "body": None, "day": DAY, "stars": None},
]
TABLE = pa.Table.from_pylist(ROWS)
BODIES = ["They sleep,\nmostly.", "Sie bellen: wäff.", None]


def json_lines(rows: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row, default=str, ensure_ascii=False) + "\n" for row in rows).encode()


def csv_bytes(delimiter: str = ",") -> bytes:
    return pd.DataFrame(ROWS).astype({"stars": "Int64"}).to_csv(index=False, sep=delimiter).encode()


def write(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def write_source(folder: Path, name: str) -> Path:
    path = folder / name
    suffix = name.partition(".")[2]
    if suffix == "parquet":
        pa.parquet.write_table(TABLE, path)
    elif suffix == "feather":
        pa.feather.write_feather(TABLE, str(path))
    elif suffix == "arrows":
        with pa.ipc.new_stream(str(path), TABLE.schema) as stream:
            stream.write_table(TABLE)
    elif suffix == "json":
        write(path, json.dumps(ROWS, default=str, indent=1).encode())
    else:
        content = json_lines(ROWS) if "json" in suffix else csv_bytes("\t" if "tsv" in suffix else ",")
        if suffix.endswith("gz"):
            content = gzip.compress(content)
        elif suffix.endswith("zst"):
            content = pa.compress(content, "zstd", asbytes=True)
        write(path, content)
    return path


NAMES = ["a.csv", "a.tsv", "a.csv.gz", "a.csv.zst", "a.jsonl", "a.ndjson", "a.jsonl.gz", "a.jsonl.zst", "a.json"]


@pytest.mark.parametrize("name", [*NAMES, "a.parquet", "a.feather", "a.arrows"])
@pytest.mark.parametrize("limit", [None, 3])
def test_a_file_of_any_format_gives_the_same_documents(tmp_path: Path, name: str, limit: int | None) -> None:
    corpus = read_corpus(write_source(tmp_path, name), "body", limit=limit)
    assert corpus.texts == BODIES
    assert corpus.table["title"].to_pylist() == [row["title"] for row in ROWS]
    assert corpus.table["stars"].to_pylist() == [5, 4, None]
    assert pa.types.is_temporal(corpus.table.schema.field("day").type)
    assert [str(day)[:10] for day in corpus.table["day"].to_pylist()] == ["2024-02-29"] * 3
    assert (corpus.name, corpus.rows.tolist(), len(corpus)) == ("a", [0, 1], 3)
    assert len(read_corpus(tmp_path / name, "body", limit=2)) == 2


@pytest.mark.parametrize(
    "frame",
    [
        TABLE,
        TABLE.to_batches()[0],
        pd.DataFrame(ROWS),
        pd.DataFrame(ROWS).set_index("title"),
        pd.DataFrame(ROWS).astype({"body": "category"}),
        pl.DataFrame(ROWS),
        pl.DataFrame(ROWS).lazy(),
        ROWS,
        {"body": BODIES, "day": [DAY] * 3},
    ],
    ids=["table", "batch", "pandas", "named index", "category", "polars", "lazy polars", "dicts", "dict of columns"],
)
def test_a_frame_gives_its_rows_and_keeps_dates(frame: Any) -> None:
    corpus = read_corpus(frame, "body")
    assert corpus.texts == BODIES
    assert corpus.table["day"].to_pylist() == [DAY] * 3


def test_lists_of_texts_may_come_in_any_container() -> None:
    for texts in (["a", None], ("a", None), pd.Series(["a", None]), pl.Series(["a", None]), pa.array(["a", None])):
        assert read_corpus(texts).texts == ["a", None]
    assert read_corpus(np.array(["a", "b"])).texts == ["a", "b"]
    assert read_corpus(text for text in "ab").texts == ["a", "b"]


def test_the_row_numbers_of_pandas_are_no_column() -> None:
    frame = pd.DataFrame({"text": ["a", "b", "c"]})[1:]
    assert read_corpus(frame).table.column_names == ["text"]


def test_a_filtered_frame_written_to_parquet_has_no_row_number_column(tmp_path: Path) -> None:
    pd.DataFrame({"text": ["a", "b", "c"]}).iloc[[2, 0]].to_parquet(tmp_path / "a.parquet")
    assert read_corpus(tmp_path / "a.parquet").table.column_names == ["text"]


def test_each_text_file_of_a_folder_is_a_document(tmp_path: Path) -> None:
    write(tmp_path / "notes" / "b.md", "# Ü\r\ntext".encode())
    write(tmp_path / "notes" / "in" / "a.txt", b"\xef\xbb\xbfone")
    write(tmp_path / "notes" / ".hidden" / "c.txt", b"no")
    corpus = read_corpus(tmp_path / "notes")
    assert corpus.table.to_pydict() == {"file": ["b.md", "in/a.txt"], "text": ["# Ü\ntext", "one"]}
    assert corpus.name == "notes"
    assert len(read_corpus(tmp_path / "notes", limit=1)) == 1


def test_files_with_other_columns_are_put_below_one_another(tmp_path: Path) -> None:
    write(tmp_path / "1.csv", b"text,n\na,1\n")
    write(tmp_path / "2.jsonl", b'{"text": "b", "m": true}\n')
    write(tmp_path / "README.md", b"not a document: data files lie here")
    want = {"text": ["a", "b"], "n": [1, None], "m": [None, True]}
    files = [tmp_path / "1.csv", tmp_path / "2.jsonl"]
    for source in (tmp_path, str(tmp_path / "[12].*"), files, [str(file) for file in files]):
        assert read_corpus(source).table.to_pydict() == want
    assert read_corpus(files, limit=1).texts == ["a"]


def test_a_column_of_two_types_becomes_text_and_the_audit_says_so(tmp_path: Path) -> None:
    write(tmp_path / "1.csv", b"text,code\na,1\n")
    write(tmp_path / "2.jsonl", b'{"text": "b", "code": "x2"}\n')
    corpus = read_corpus(tmp_path)
    assert corpus.table["code"].to_pylist() == ["1", "x2"]
    assert "int64 in 1.csv and string in 2.jsonl" in corpus.audit["mixed types"].message


def test_json_lines_that_arrow_refuses_are_read_by_python(tmp_path: Path) -> None:
    content = b'{"text": "a", "v": 1, "x": NaN, "n": 99999999999999999999}\n\n{"text": "b", "v": [1, "z"], "x": 2.5}\n'
    corpus = read_corpus(write(tmp_path / "a.jsonl", content))
    assert corpus.table["v"].to_pylist() == ["1", '[1, "z"]']
    assert corpus.table["x"].to_pylist() == [None, 2.5]
    assert "int and list" in corpus.audit["mixed types"].message


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    for name, content in (("a.csv", b"text\nx\n"), ("a.jsonl", b'{"text": "x"}\n'), ("a.json", b'[{"text": "x"}]')):
        assert read_corpus(write(tmp_path / name, b"\xef\xbb\xbf" + content)).texts == ["x"]


@pytest.mark.parametrize(
    "content",
    [
        '{"text": ["a", "b"], "n": [1, 2]}',
        '{"text": {"0": "a", "1": "b"}, "n": {"0": 1, "1": 2}}',
        '{"version": "1", "data": [{"text": "a", "n": 1}, {"text": "b", "n": 2}]}',
        '{"text": "a", "n": 1}\n{"text": "b", "n": 2}\n',
        '[{"text": "a", "n": 1},\n {"text": "b", "n": 2}]',
    ],
)
def test_json_is_read_in_each_of_its_habits(tmp_path: Path, content: str) -> None:
    table = read_corpus(write(tmp_path / "a.json", content.encode()), "text").table
    assert table.to_pydict() == {"text": ["a", "b"], "n": [1, 2]}


def test_a_json_list_of_strings_is_a_list_of_documents(tmp_path: Path) -> None:
    assert read_corpus(write(tmp_path / "a.json", b'["a", null, "b"]')).texts == ["a", None, "b"]


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(st.sampled_from('a",\\\n[]{}ä'), max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.sampled_from('k"\\,'), max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(deadline=None)
@given(
    st.lists(st.dictionaries(st.just("k"), ANY_JSON), min_size=1, max_size=5),
    st.booleans(),
    st.none() | st.integers(1, 3),
)
def test_an_array_turns_into_lines(rows: list[dict[str, Any]], is_pretty: bool, limit: int | None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        content = json.dumps(rows, indent=1 if is_pretty else None, ensure_ascii=False).encode()
        path = write(Path(folder) / "a.json", content)
        lines = _array_as_lines(path, ReadOptions(limit)).split(b"\n")
    assert [json.loads(line) for line in lines] == rows[:limit]


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "latin-1", "utf-8-sig", "shift_jis"])
def test_text_formats_are_read_in_the_encoding_that_is_given(tmp_path: Path, encoding: str) -> None:
    text = "日本" if encoding == "shift_jis" else "café à la carte"
    write(tmp_path / "a.csv", f"text,n\n{text},1\nfine,2\n".encode(encoding))
    write(tmp_path / "a.json", json.dumps([{"text": text}, {"text": "fine"}], ensure_ascii=False).encode(encoding))
    write(tmp_path / "a.jsonl", f'{{"text": "{text}"}}\n{{"text": "fine"}}\n'.encode(encoding))
    write(tmp_path / "a.csv.gz", gzip.compress(f"text\n{text}\nfine\n".encode(encoding)))
    for name in ("a.csv", "a.json", "a.jsonl", "a.csv.gz"):
        assert read_corpus(tmp_path / name, "text", encoding=encoding).texts == [text, "fine"], name
        assert read_corpus(tmp_path / name, "text", encoding=encoding, limit=1).texts == [text], name
    write(tmp_path / "note.txt", text.encode(encoding))
    assert read_corpus(tmp_path / "note.txt", encoding=encoding).texts == [text]


def test_a_file_in_another_encoding_than_the_one_given_is_refused_by_name(tmp_path: Path) -> None:
    for name, content in (("a.csv", b"text\ncaf\xe9\n"), ("a.json", b'[{"text": "caf\xe9"}]'), ("a.txt", b"caf\xe9")):
        with pytest.raises(ValueError, match=f"{name} is not in the encoding 'ascii': byte 0xe9 has no meaning in it"):
            read_corpus(write(tmp_path / name, content), encoding="ascii")
    with pytest.raises(ValueError, match="encoding='klingon'; expected one such as"):
        read_corpus(tmp_path / "a.csv", encoding="klingon")


def test_a_row_larger_than_a_block_is_read(tmp_path: Path) -> None:
    long = "word " * 2_000_000
    rows = [{"text": long, "n": number} for number in range(2)]
    write(tmp_path / "a.jsonl", json_lines(rows))
    write(tmp_path / "a.json", json.dumps(rows).encode())
    write(tmp_path / "a.csv", f'text,n\n"{long}",1\n"{long}",2\n'.encode())
    for name in ("a.jsonl", "a.json", "a.csv"):
        assert read_corpus(tmp_path / name).texts == [long, long]


def test_semicolons_are_found_where_no_comma_stands(tmp_path: Path) -> None:
    assert read_corpus(write(tmp_path / "a.csv", b"text;n\na,b;1\n"), "text").texts == ["a,b"]


def test_a_repeated_column_name_gets_a_number(tmp_path: Path) -> None:
    table = read_corpus(write(tmp_path / "a.csv", b"text,n,n\na,1,2\n"), "text").table
    assert table.column_names == ["text", "n", "n.1"]
    frame = pd.DataFrame([["a", 1, 2, 3]], columns=["text", "n", "n.1", "n"])
    assert read_corpus(frame, "text").table.column_names == ["text", "n", "n.1", "n.2"]
    table = pa.Table.from_arrays([pa.array(["a"]), pa.array([1]), pa.array([2])], names=["text", "n", "n"])
    assert read_corpus(table, "text").table["n.1"].to_pylist() == [2]


def test_a_type_that_changes_behind_the_first_block_is_no_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nomic_explore.corpus import formats

    monkeypatch.setattr(formats, "BLOCK_BYTES", 64)
    path = write(tmp_path / "a.csv", b"text,n\n" + b"abcdefgh,1\n" * 30 + b"last,x\n")
    for limit in (None, 31):
        assert read_corpus(path, "text", limit=limit).table["n"].to_pylist() == [*["1"] * 30, "x"]
    assert read_corpus(path, "text", limit=2).table["n"].to_pylist() == [1, 1]


def test_ids_keep_their_leading_zeros(tmp_path: Path) -> None:
    corpus = read_corpus(write(tmp_path / "a.csv", b"text,key\na,007\nb,007\nc,\n"), "text", "key")
    assert corpus.ids[:2] == ["007", "007-2"]
    assert corpus.ids[2] == read_corpus(["c"]).ids[0]
    assert corpus.audit["duplicate id"].rows.tolist() == [1]
    assert corpus.audit["null id"].rows.tolist() == [2]


def test_numbers_as_ids_have_no_decimals() -> None:
    assert read_corpus({"text": ["a", "b"], "key": [1.0, None]}, "text", "key").ids[0] == "1"
    assert read_corpus({"text": ["a"], "key": [1.5]}, "text", "key").ids == ["1.5"]


def test_ids_made_from_content_do_not_depend_on_the_order() -> None:
    there, back = read_corpus(["a", "b", "a", " "]), read_corpus(["b", " ", "a", "a"])
    assert sorted(there.ids) == sorted(back.ids)
    assert there.ids[2] == f"{there.ids[0]}-2"
    assert there.ids[3] == "blank"


@settings(deadline=None)
@given(st.lists(st.sampled_from(["a", "a-2", "a-2-2", "b"])))
def test_no_two_ids_are_equal_and_the_first_of_each_stays(ids: list[str]) -> None:
    unique = unique_ids(ids)
    assert len(set(unique)) == len(ids)
    assert all(unique[ids.index(name)] == name for name in ids)


# --- texts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "joined"),
    [
        (["A title", "A body."], "A title. A body."),
        (["A title.", "A body"], "A title. A body"),
        (["Wait...", "What?"], "Wait... What?"),
        ([None, "A body."], "A body."),
        (["A title.", None], "A title."),
        (["A title.", " \u200b"], "A title."),
        ([" A title\n", "x"], "A title. x"),
        ([None, ""], None),
    ],
)
def test_columns_are_joined_without_gaps_and_doubled_stops(parts: list[str | None], joined: str | None) -> None:
    rows = [dict(zip("ab", parts, strict=True)), {"a": "more", "b": "text"}]
    assert read_corpus(rows, ["a", "b"]).texts == [joined, "more. text"]


PARTS = st.none() | st.text(st.sampled_from("a. \n{"), max_size=4)


@settings(deadline=None)
@given(st.lists(st.tuples(PARTS, PARTS, PARTS), min_size=1, max_size=6))
def test_joining_equals_its_slow_definition(rows: list[tuple[str | None, ...]]) -> None:
    def join(parts: tuple[str | None, ...]) -> str | None:
        whole = ""
        for part in filter(None, ((part or "").strip() for part in parts)):
            whole = part if not whole else f"{whole} {part}" if whole.endswith(".") else f"{whole}. {part}"
        return whole or None

    table = pa.table(
        {name: pa.array(column, pa.string()) for name, column in zip("abc", zip(*rows, strict=True), strict=True)}
    )
    table = pa.concat_tables([table, pa.table({"a": ["x"], "b": ["x"], "c": ["x"]})])
    assert read_corpus(table, ["a", "b", "c"]).texts[:-1] == [join(row) for row in rows]


@settings(deadline=None)
@given(st.lists(st.tuples(PARTS, PARTS), min_size=1, max_size=6))
def test_a_template_is_filled_as_python_would(rows: list[tuple[str | None, ...]]) -> None:
    template = "{a}: {{{b}}}"
    filled = [template.format(a=a if a and a.strip() else "", b=b if b and b.strip() else "").strip() for a, b in rows]
    has_text = [any(part and part.strip() for part in row) for row in rows]
    table = pa.table({"a": pa.array([a for a, _ in rows] + ["x"]), "b": pa.array([b for _, b in rows] + ["x"])})
    want = [text if there else None for text, there in zip(filled, has_text, strict=True)]
    assert read_corpus(table, template).texts[:-1] == want


def test_a_template_may_hold_numbers_and_dates() -> None:
    assert read_corpus(ROWS, "{title} ({stars}, {day})").texts[0] == "Cats (5, 2024-02-29)"


def test_a_column_whose_name_looks_like_a_template_is_a_column() -> None:
    assert read_corpus({"{x}": ["a"], "x": ["b"]}, "{x}").texts == ["a"]


@pytest.mark.parametrize("blank", ["", " ", "\n\t", "\u00a0", "\u200b\ufeff", "\u3000", "\x00"])
def test_a_blank_text_is_set_aside_and_stays_in_the_table(blank: str) -> None:
    corpus = read_corpus(["a", blank, None])
    assert corpus.texts == ["a", None, None]
    assert corpus.table["text"].to_pylist() == ["a", blank, None]
    assert read_corpus(["a", blank, None, "b"], drop_empty=True).table["text"].to_pylist() == ["a", "b"]


def test_the_text_is_not_changed() -> None:
    assert read_corpus([" as it is \n"]).texts == [" as it is \n"]


# --- Corpus ----------------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(st.data())
def test_taking_rows_takes_them_everywhere(data: st.DataObject) -> None:
    texts = data.draw(
        st.lists(st.sampled_from(["a", "b", None, " "]), min_size=1).filter(
            lambda all: any("ab".count(t or "-") for t in all)
        )
    )
    corpus = read_corpus({"text": texts, "n": range(len(texts))}, "text")
    rows = data.draw(st.permutations(range(len(texts))))
    taken = corpus.take(rows)
    assert taken.table["n"].to_pylist() == rows
    assert taken.texts == [corpus.texts[row] for row in rows]
    assert taken.ids == [corpus.ids[row] for row in rows]
    assert len(taken.audit["repeated text"].rows) == len(corpus.audit["repeated text"].rows)


def test_rows_may_be_taken_with_a_mask_or_not_at_all() -> None:
    corpus = read_corpus(["a", "b"])
    assert corpus.take(np.array([False, True])).texts == ["b"]
    assert len(corpus.take([])) == 0
    assert corpus.take([0, 0]).ids == [corpus.ids[0], f"{corpus.ids[0]}-2"]
    for rows, words in (
        ([2], "row 2 is outside"),
        ([-1], "row -1"),
        ([0.5], "float64"),
        ([True] * 3, "mask has shape"),
    ):
        with pytest.raises(IndexError, match=words):
            corpus.take(rows)


def test_a_corpus_says_what_it_is() -> None:
    assert repr(read_corpus(["a", None])) == "Corpus('texts', 2 rows, 1 without text, columns: text)"
    with pytest.raises(ValueError, match="table has 1 rows, texts 2, ids 1"):
        corpus = read_corpus(["a"])
        Corpus(corpus.table, ["a", "b"], ["x"], "x", corpus.audit)


# --- hub -------------------------------------------------------------------------------------------------------------


def test_without_datasets_the_command_that_installs_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(ImportError, match=r"pip install 'nomic-explore\[hub\]'"):
        read_corpus("hf://datasets/owner/name")


def test_a_hub_data_set_is_read_through_datasets(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    class Rows:
        __module__ = "datasets.arrow_dataset"

        def with_format(self, _: str) -> list[pa.Table]:
            return types.SimpleNamespace(__getitem__=None) and Slices()  # type: ignore[return-value]

    class Slices:
        def __getitem__(self, _: slice) -> pa.Table:
            return pa.table({"text": ["a", "b"]})

    def load(name: str, config: str | None, split: str) -> Rows:
        asked.append((name, config, split))
        return Rows()

    monkeypatch.setitem(sys.modules, "datasets", types.SimpleNamespace(load_dataset=load))
    monkeypatch.setattr("nomic_explore.corpus.hub.why_unreachable", lambda: "")
    corpus = read_corpus("hf://datasets/owner/name?split=test&config=en", limit=2)
    assert (corpus.texts, corpus.name, asked) == (["a", "b"], "name", [("owner/name", "en", "test[:2]")])
    with pytest.raises(ValueError, match="not the address of a data set"):
        read_corpus("hf://models/owner/name")


# --- what cannot be read ---------------------------------------------------------------------------------------------

BAD_FILES: list[tuple[str, bytes, str]] = [
    ("a.csv", b"", r"a\.csv is empty \(0 bytes\)"),
    ("a.csv", b"\n", "a.csv is empty; expected a header"),
    ("a.csv", b"text,n\n", "holds no rows"),
    ("a.csv", b"text,n\nx,1\ny,2,3\n", r"row 2 \(line 3\) has 3 fields; expected 2 fields, .* on_bad_rows='skip'"),
    (
        "a.csv",
        b'n,text\n1,a\n2,"never closed\n3,b\n4,c\n',
        r"row 2 \(line 3\) opens a double quote that is never closed",
    ),
    (
        "a.csv",
        b"text\nfine\ncaf\xe9\n",
        r"not valid UTF-8: byte 0xe9 at offset 13, line 3\. Read it with .*encoding=.*iconv",
    ),
    ("a.csv", b"t\xe9xt\nfine\n", "not valid UTF-8: byte 0xe9 at offset 1, line 1"),
    ("a.csv", "text\nx\ny\n".encode("utf-16-le"), "is UTF-16 without a byte order mark.*encoding='UTF-16-LE'"),
    ("a.csv.gz", gzip.compress(csv_bytes() * 100)[:-20], r"a\.csv\.gz cannot be read.*cut off"),
    ("a.csv.gz", csv_bytes(), r"a\.csv\.gz cannot be read"),
    ("a.txt", b"fine\ncaf\xe9", "byte 0xe9 at offset 8, line 2"),
    ("a.jsonl", b'{"text": "a"}\n{"text": "b"}\n{"text": "cut', r"a\.jsonl, line 3 is not valid JSON"),
    ("a.jsonl", b'{"text": "a"}\n\n{"text": "b"\n', r"a\.jsonl, line 3 is not valid JSON"),
    ("a.jsonl", b'{"text": "a"}\n[1]\n', r"line 2 is a list \('\[1\]'\); expected an object"),
    ("a.jsonl", b'{"text": "a"}\n{"text": "caf\xe9"}\n', "byte 0xe9 at offset 27, line 2"),
    ("a.jsonl", b"\n\n", "holds no rows"),
    ("a.jsonl.gz", gzip.compress(json_lines(ROWS * 999))[:-20], r"a\.jsonl\.gz cannot be read"),
    ("a.json", b" \n", "is empty"),
    ("a.json", b'[{"text": "a"}, {"text": "b"', "element 2|ends inside"),
    ("a.json", b'[{"text": "a"}, {"text": "b"}', "ends inside its array, behind element 2"),
    ("a.json", b'[{"text": "a"}, {"text" "b"}]', "element 2 is not valid JSON"),
    ("a.json", b'[{"text": "a"}, 3]', "element 2 is a int"),
    (
        "a.json",
        b'[{"text": "a"} {"text": "b"}]',
        'a comma is missing behind element 1: \'{"text": "b"}\\]\' follows it',
    ),
    (
        "a.json",
        b'[{"text": ' + b"[" * 100_000 + b"]" * 100_000 + b"}]",
        "element 1 is nested too deep to be a document",
    ),
    ("a.json", b"3", "holds a single int"),
    ("a.json", b"[", "not valid JSON"),
    ("a.json", b'{"text": ["a"], "n": [1, 2]}', "different length"),
    ("a.parquet", b"PAR1 not much", "not a whole Parquet file"),
    ("a.feather", b"ARROW1 not much", "not a whole Feather"),
    ("a.feather", b"anything", "not a whole Feather"),
    ("a.docx", b"PK", r"a\.docx is of no known format; expected one of \.csv"),
]


@pytest.mark.parametrize(("name", "content", "words"), BAD_FILES)
def test_a_file_that_cannot_be_read_is_told_with_the_place(
    tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    path = write(tmp_path / name, content)
    with pytest.raises(ValueError, match=words):
        read_corpus(path, "text")
    assert [file.name for file in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["a.parquet", "a.feather"])
def test_a_truncated_file_is_told(tmp_path: Path, name: str) -> None:
    path = write_source(tmp_path, name)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(ValueError, match=rf"{name} is not a whole (Parquet|Feather)"):
        read_corpus(path, "body")


@pytest.mark.parametrize(
    ("text", "encoding", "named"),
    [
        ("Привет, как дела? Это пример текста на русском языке.", "cp1251", "CP1251"),
        ("これは日本語の文章です。とても良い天気ですね。", "shift_jis", "CP932"),
        ("Die Bäume blühen früh im Jahr; schöne Grüße aus Köln, übrigens.", "cp1252", "WINDOWS-1252"),
        ("un café", "cp1252", "WINDOWS-1252"),
    ],
)
def test_the_likely_encoding_of_a_file_is_named(tmp_path: Path, text: str, encoding: str, named: str) -> None:
    for name, content in (("a.csv", f"text\nascii\n{text}\n"), ("a.txt", text), ("a.json", f'[{{"text": "{text}"}}]')):
        path = write(tmp_path / name, content.encode(encoding))
        with pytest.raises(ValueError, match=f"not valid UTF-8: byte .* iconv -f {named} -t UTF-8 '{name}'"):
            read_corpus(path)


def test_strings_that_are_not_utf8_inside_parquet_are_told(tmp_path: Path) -> None:
    broken = pa.array([b"fine", b"caf\xe9"], pa.binary()).view(pa.string())
    pa.parquet.write_table(pa.table({"text": broken}), tmp_path / "a.parquet")
    with pytest.raises(ValueError, match="column 'text' of .*a.parquet is damaged or not valid UTF-8"):
        read_corpus(tmp_path / "a.parquet")


def test_bad_utf8_is_found_where_blocks_meet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from nomic_explore.corpus import formats

    monkeypatch.setattr(formats, "BLOCK_BYTES", 5)
    formats.check_utf8(write(tmp_path / "good.csv", "äöü€😀".encode() * 3))
    for content, words in (
        ("aaa\nä€".encode() + b"\xff", "offset 9, line 2"),
        ("aaa€".encode()[:-1], "offset 3, line 1"),
    ):
        with pytest.raises(ValueError, match=words):
            formats.check_utf8(write(tmp_path / "bad.csv", content))


def test_a_path_that_does_not_exist_is_told_with_the_closest(tmp_path: Path) -> None:
    write(tmp_path / "reviews.csv", b"text\nx\n")
    with pytest.raises(FileNotFoundError, match=r"review.csv' does not exist.*Did you mean '.*reviews\.csv'"):
        read_corpus(tmp_path / "review.csv")
    with pytest.raises(FileNotFoundError, match=r"No file matches '.*\*\.tsv'"):
        read_corpus(str(tmp_path / "*.tsv"))
    with pytest.raises(FileNotFoundError, match=r"gone\.csv' does not exist"):
        read_corpus([str(tmp_path / "reviews.csv"), str(tmp_path / "gone.csv")])
    with pytest.raises(FileNotFoundError, match="To read texts themselves, pass a list"):
        read_corpus("A text, not a path.\n" * 300)
    with pytest.raises(ValueError, match="is an address"):
        read_corpus("https://example.org/a.csv")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="holds no file that can be read"):
        read_corpus(tmp_path / "empty")


BAD_ARGUMENTS: list[tuple[Any, dict[str, Any], type[Exception], str]] = [
    (
        ROWS,
        {"text": "bodies"},
        ValueError,
        "no column 'bodies' .*Did you mean 'body'\\? It has: title, body, day, stars",
    ),
    (ROWS, {"text": "Body"}, ValueError, "Did you mean 'body'"),
    (ROWS, {"text": ["title", "x"]}, ValueError, "no column 'x'"),
    (ROWS, {"text": "{title} {x}"}, ValueError, "no column 'x'"),
    (ROWS, {"text": "{title"}, ValueError, "not a template"),
    (ROWS, {"text": "{title:>9}"}, ValueError, "expected plain fields"),
    (ROWS, {"text": "{}"}, ValueError, "expected plain fields"),
    (ROWS, {"text": "{{}}"}, ValueError, "has no field"),
    (ROWS, {"text": 3}, TypeError, "text=3; expected a column"),
    (ROWS, {"text": []}, TypeError, "expected a column"),
    (ROWS, {"text": "stars"}, ValueError, r"column 'stars' .*number \(int64\) values; expected text.*title, body"),
    (ROWS, {}, ValueError, "2 columns of strings; say which make the text: .*stars \\(number"),
    ([{"a": 1}], {}, ValueError, "no column of strings"),
    (ROWS, {"text": "body", "id": "key"}, ValueError, "no column 'key' \\(id=\\)"),
    (ROWS, {"text": "body", "id": 3}, TypeError, "id=3; expected the name of a column"),
    (ROWS, {"text": "body", "limit": 0}, ValueError, "limit=0; expected a whole number"),
    ([" ", None], {}, ValueError, "no text in column 'text': all 2 rows are null or blank"),
    ([None], {}, ValueError, "null or blank"),
    ([], {}, ValueError, "holds no rows"),
    (["a", 3], {}, TypeError, r"source\[1\] is 3 \(int\); expected a string"),
    ([{"a": "x"}, "y"], {}, TypeError, r"source\[1\] is 'y' \(str\); expected a dict"),
    ({"text": ["a"], "k": [[1]]}, {"text": "text", "id": "k"}, ValueError, "id='k' is a column of type list<.*Choose"),
    ({"text": ["a"], "k": [{"n": 1}]}, {"text": "text", "id": "k"}, ValueError, "id='k' is a column of type struct<"),
    ({"text": ["a"], "k": [b"x"]}, {"text": "text", "id": "k"}, ValueError, "id='k' is a column of type binary"),
    (3, {}, TypeError, "source is a int; expected a path"),
    ({"b", "a"}, {}, TypeError, "source is a set"),
    (b"bytes", {}, TypeError, "source is a bytes"),
    ({"text": ["a"], "n": [1, 2]}, {}, ValueError, "columns differ in length"),
    ({"text": [["a"]]}, {"text": "{text}"}, ValueError, "which a template cannot write"),
]


@pytest.mark.parametrize(("source", "options", "kind", "words"), BAD_ARGUMENTS)
def test_an_argument_that_cannot_be_used_is_told(
    source: Any, options: dict[str, Any], kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=words):
        read_corpus(source, **options)


def test_a_corpus_is_not_read_again() -> None:
    with pytest.raises(TypeError, match="is a Corpus already"):
        read_corpus(read_corpus(["a"]))


def test_columns_that_cannot_be_put_together_are_told(tmp_path: Path) -> None:
    pa.parquet.write_table(pa.table({"text": ["a"], "v": [[1]]}), tmp_path / "1.parquet")
    pa.parquet.write_table(pa.table({"text": ["a"], "v": [1]}), tmp_path / "2.parquet")
    with pytest.raises(ValueError, match=r"column 'v' is list.* in 1.parquet and int64 in 2.parquet"):
        read_corpus(tmp_path)
