"""Records of JSON become columns that write back the same JSON, whatever they hold and however long the file is."""

import gc
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nomic_explore import deduplicate, read_corpus
from nomic_explore.cells.json_text import json_lines
from nomic_explore.cells.key_layouts import split_layouts
from nomic_explore.corpus import json_records
from nomic_explore.corpus.given import read_given
from nomic_explore.corpus.json_columns import table_from_records

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["1", "null", "[1]", "a", "", "2024-02-29", "2024-02-29T10:00:00Z", "é😀", '"', "\u2028"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", ""]), inner, max_size=3),
    max_leaves=5,
)
RECORDS = st.lists(st.dictionaries(st.sampled_from(["k", "l", "m"]), VALUES, max_size=3), min_size=1, max_size=6)
ALIKE = st.sampled_from(["k", "l"]).flatmap(
    lambda key: st.one_of(
        *(
            st.lists(st.fixed_dictionaries({key: each}), min_size=1, max_size=6)
            for each in (st.integers(), st.floats(-9, 9), VALUES)
        )
    )
)


@settings(max_examples=200)
@given(RECORDS | ALIKE, st.integers(1, 4))
def test_records_of_any_kind_are_written_back(records: list[dict[str, object]], n_batch: int) -> None:
    batches = [records[at : at + n_batch] for at in range(0, len(records), n_batch)]
    table, layouts = split_layouts(table_from_records(batches)[0])
    if not table.num_columns:
        return
    lines = [line.rstrip("\n") for line in json_lines(table, layouts)]
    assert lines == [json.dumps(record, ensure_ascii=False) for record in records]


LINES = [
    '{"text": "one", "n": 1, "x": 1.5, "o": {"a": 1}, "l": [], "t": "2024-02-29T10:00:00Z", "v": null}',
    '{"text": "two", "n": 2, "x": 2.25, "o": {"a": null}, "l": ["a"], "t": "2024-02-29T11:00:00Z", "v": 1}',
    '{"text": "three", "x": 3, "o": {"a": 2.5}, "l": null, "t": "2024-02-29T11:00:00+01:00", "v": true}',
    '{"n": 99999999999999999999, "text": "four", "l": [1], "w": 1.10}',
    '{"text": "five", "w": 2.20, "v": "true"}',
]


@pytest.mark.parametrize("block", [1, 40, 150, 250, 1 << 20])
def test_the_size_of_blocks_changes_nothing(block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_records, "BLOCK_BYTES", block)
    source = tmp_path / "in.jsonl"
    source.write_text("\n\n".join(LINES) + "\n", encoding="utf-8")
    result = deduplicate(source, text="text", exact_only=True, show_progress=False)
    assert result.save(tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines() == LINES
    kinds = {field.name: str(field.type) for field in result.corpus.table.schema}
    assert kinds == {
        **{"text": "string", "n": "string", "x": "double", "o": "string", "l": "string", "t": "string"},
        **{"v": "string", "w": "double"},
    }


ODD = {
    "a high half": ('"a \\ud83d b"', "a \ufffd b"),
    "a low half": ('"a \\ude00 b"', "a \ufffd b"),
    "halves turned round": ('"\\ude00\\ud83d"', "\ufffd\ufffd"),
    "a half behind a whole": ('"\\ud83d\\ude00\\ud83d"', "😀\ufffd"),
    "upper case": ('"\\uD83D!"', "\ufffd!"),
    "inside a list": ('["\\ud83d"]', ["\ufffd"]),
    "inside an object": ('{"\\ud83d": ["\\ude00"]}', {"\ufffd": ["\ufffd"]}),
}


@pytest.mark.parametrize(("cell", "value"), ODD.values(), ids=ODD)
def test_half_characters_are_repaired_and_named_with_their_line(cell: str, value: object, tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text(f'{{"text": "ok \\ud83d\\ude00", "x": "y"}}\n\n{{"text": "b", "x": {cell}}}\n', encoding="utf-8")
    corpus = read_corpus(source, "text")
    finding = corpus.audit["half character"]
    assert (finding.rows.tolist(), finding.message) == (
        [1],
        "half a character (a lone surrogate), read as U+FFFD; line 3",
    )
    assert corpus.texts == ["ok 😀", "b"]
    saved = deduplicate(corpus, exact_only=True, show_progress=False).save(tmp_path / "out.jsonl")
    assert json.loads(saved.read_text(encoding="utf-8").splitlines()[1])["x"] == value


@pytest.mark.parametrize("text", ["\\\\ud83d", "\\ud83d\\ude00", "\\\\\\ud83d\\ude00", "d83d"])
def test_whole_characters_and_backslashes_are_no_halves(text: str, tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text(f'{{"text": "{text}"}}\n', encoding="utf-8")
    corpus = read_corpus(source, "text")
    assert corpus.texts == [json.loads(f'"{text}"')]
    assert not corpus.audit["half character"].count


BY_ID = {
    "records of several types": '{"doc1": {"text": "a b", "n": 1}, "doc2": {"text": "c d", "n": 2}}',
    "records of texts": '{"doc1": {"text": "a b", "title": "x"}, "doc2": {"text": "c d", "title": "y"}}',
    "numbers for ids": '{"0": {"text": "a b"}, "1": {"text": "c d"}}',
    "an absent key": '{"x": {"text": "a b", "n": 1}, "y": {"text": "c d"}}',
    "over several lines": '{\n "x": {"text": "a b"},\n "y": {"n": 1,\n "text": "c d"}\n}',
}


@pytest.mark.parametrize("content", BY_ID.values(), ids=BY_ID)
def test_records_by_id_are_rows_with_the_id_as_a_column(content: str, tmp_path: Path) -> None:
    source = tmp_path / "in.json"
    source.write_text(content, encoding="utf-8")
    corpus = read_corpus(source, "text", "id")
    assert corpus.texts == ["a b", "c d"]
    assert corpus.ids == list(json.loads(content))
    saved = deduplicate(corpus, exact_only=True, show_progress=False).save(tmp_path / "out.jsonl")
    written = [json.loads(line) for line in saved.read_text(encoding="utf-8").splitlines()]
    assert written == [{"id": key, **record} for key, record in json.loads(content).items()]


def test_records_by_id_that_have_an_id_keep_it(tmp_path: Path) -> None:
    source = tmp_path / "in.json"
    source.write_text('{"x": {"text": "a", "id": 7}, "y": {"text": "b", "id": 8}}', encoding="utf-8")
    assert read_corpus(source, "text").table.to_pylist()[0] == {"key": "x", "text": "a", "id": 7}


COLUMNS = {
    "rows numbered": '{"text": {"0": "a", "1": "b"}, "n": {"0": 1, "1": 2}}',
    "rows named": '{"text": {"x": "a", "y": "b"}, "n": {"x": 1, "y": 2}}',
    "columns of one type": '{"text": {"x": "a", "y": "b"}, "title": {"x": "c", "y": "d"}}',
    "lists": '{"text": ["a", "b"], "n": [1, 2]}',
}


@pytest.mark.parametrize("content", COLUMNS.values(), ids=COLUMNS)
def test_objects_of_columns_are_read_as_columns(content: str, tmp_path: Path) -> None:
    source = tmp_path / "in.json"
    source.write_text(content, encoding="utf-8")
    assert read_corpus(source, "text").texts == ["a", "b"]


def test_an_array_keeps_its_values_too(tmp_path: Path) -> None:
    source = tmp_path / "in.json"
    source.write_text("[" + ",\n".join(LINES) + "]", encoding="utf-8")
    saved = deduplicate(source, text="text", exact_only=True, show_progress=False).save(tmp_path / "out.jsonl")
    assert saved.read_text(encoding="utf-8").splitlines() == LINES


def test_columns_without_one_type_are_named_in_the_audit(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text(
        '{"text": "a", "x": 1, "m": {"a": 1}, "f": 1}\n{"text": "b", "x": false, "m": {"b": 1}, "f": 2.0}\n{"f": 1.5}',
        encoding="utf-8",
    )
    messages = [finding.message for finding in read_corpus(source, "text").audit if finding.kind == "mixed types"]
    assert messages == [
        "column 'x' holds bool and int; read as text",
        "column 'm' holds dict of several shapes; read as text",
        "column 'f' holds float and int that no one number type gives back as written; read as text",
    ]


VECTORS = {
    "four decimals each": ["[0.1200, 0.5000]", "[1.0000, -0.2500]", "null"],
    "the digits of a float": ["[0.1, 0.5]", "[1.0, -0.25]", "null"],
    "whole numbers among them": ["[0, 0.5]", "[1, -0.25]", "null"],
    "exponents": ["[1.5e-7, 0.5]", "[1e-05, 0.25]", "null"],
}


@pytest.mark.parametrize("cells", VECTORS.values(), ids=VECTORS)
def test_vectors_of_json_can_be_used_however_they_are_written(cells: list[str], tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    lines = [f'{{"text": "text {row}", "e": {cell}}}' for row, cell in enumerate(cells)]
    source.write_text("\n".join(lines), encoding="utf-8")
    given_arrays = read_given(read_corpus(source, "text"), vectors="e")
    expected = [json.loads(cell) for cell in cells if cell != "null"]
    assert given_arrays.vectors is not None
    np.testing.assert_allclose(given_arrays.vectors[:2], expected, rtol=1e-6)
    assert given_arrays.corpus.texts == ["text 0", "text 1", None]


def test_a_list_of_more_digits_than_a_float_has_stays_as_it_is(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text('{"text": "a", "x": [0.123456789012345678901, 1.5]}', encoding="utf-8")
    saved = deduplicate(source, text="text", exact_only=True, show_progress=False).save(tmp_path / "out.jsonl")
    assert saved.read_text(encoding="utf-8") == source.read_text(encoding="utf-8") + "\n"


def test_ids_stay_as_they_are_written(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text('{"text": "a", "at": "2024-02-29T10:00:00Z"}\n{"text": "b", "at": null}', encoding="utf-8")
    assert read_corpus(source, "text", "at").ids[0] == "2024-02-29T10:00:00Z"


def test_the_search_for_cycles_goes_on_after_an_error() -> None:
    def broken() -> Iterator[list[dict[str, object]]]:
        assert not gc.isenabled()
        yield [{"a": 1}]
        raise ValueError("line 2")

    with pytest.raises(ValueError, match="line 2"):
        table_from_records(broken())
    assert gc.isenabled()
