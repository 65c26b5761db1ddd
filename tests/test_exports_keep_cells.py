"""What nobody asked to change comes out of an export as it went in: CSV and JSON Lines, with and without a folder."""

import csv
import io
import json
from pathlib import Path

import pytest

from nomic_explore import deduplicate, explore, open_exploration
from nomic_explore.testing import HashEmbedder

COLUMNS = {
    "text": ["the first text", 'a second, with "quotes"', "a third\r\nof two lines", "日本語 and 😀"],
    "zip": ["01234", "00501", "99999", ""],
    "isbn": ["0306406152", "0131103628", "030640615X", ""],
    "phone": ["+4930123", "+4930124", "", ""],
    "version": ["1.10", "1.20", "2.00", "10.00"],
    "share": ["1", "0.5", "0.25", "0"],
    "p_value": ["1e-05", "0.5", "1.0", ""],
    "exponent": ["1e5", "2e5", "", "3e5"],
    "hexadecimal": ["0x1F", "0x20", "0x21", "0x22"],
    "big": ["12345678901234567890", "12345678901234567891", "1", ""],
    "count": ["1", "-2", "", "9007199254740993"],
    "True": ["True", "False", "", "True"],
    "TRUE": ["TRUE", "FALSE", "TRUE", "TRUE"],
    "true": ["true", "true", "false", ""],
    "truth": ["true", "True", "TRUE", "yes"],
    "day": ["2024-02-29", "1999-12-31", "", "9999-12-31"],
    "german": ["31.12.2023", "01.01.2024", "", "02.01.2024"],
    "time": ["2024-02-29T10:00:00+02:00", "2024-03-29T10:00:00+02:00", "", "2023-12-31T23:59:59+02:00"],
    "zones": ["2024-02-29T10:00:00+02:00", "2024-03-29T10:00:00-05:00", "", ""],
    "utc": ["2024-02-29 10:00:00.120Z", "2024-02-29 10:00:00.000Z", "", ""],
    "hour": ["10:30", "10:45", "", "11:00"],
    "price": ["€5", "$5.00", "5%", "1,000"],
    "missing": ["NA", "n/a", "NULL", "nan"],
    "number or missing": ["1", "2", "NA", "4"],
    "empty": ["", "", "", ""],
    "spaces": [" a ", "b ", " ", "\tc"],
    "json": ['{"a": 1}', "[1, 2]", "null", "true"],
    "odd, name": ["a", "b", "c", "d"],
}
N_ROWS = len(COLUMNS["text"])


def write_csv(path: Path, columns: dict[str, list[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return path


def read_csv(path: Path) -> dict[str, list[str]]:
    header, *rows = csv.reader(io.StringIO(path.read_bytes().decode(), newline=""))
    return {name: [row[at] for row in rows] for at, name in enumerate(header)}


def write_lines(path: Path, rows: list[str]) -> Path:
    path.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
    return path


def read_lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").split("\n")[:-1]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "in.csv", COLUMNS)


def test_csv_comes_out_of_deduplicate_as_it_went_in(table: Path, tmp_path: Path) -> None:
    saved = deduplicate(table, text="text", exact_only=True, show_progress=False).save(tmp_path / "out.csv")
    assert read_csv(saved) == COLUMNS


def test_csv_comes_out_of_a_reopened_folder_as_it_went_in(table: Path, tmp_path: Path) -> None:
    made = explore(table, "text", HashEmbedder(), tmp_path / "folder", show_progress=False)
    saved = open_exploration(made.folder).save_table(tmp_path / "out.csv", rows=[3, 1])
    found = read_csv(saved)
    assert {name: found[name] for name in COLUMNS} == {name: [cells[3], cells[1]] for name, cells in COLUMNS.items()}


RECORDS = {
    "times with zones": ['"2020-01-05T10:00:00+02:00"', '"2020-02-05T10:00:00-05:00"', '"2020-02-05T10:00:00Z"'],
    "one zone": ['"2020-01-05T10:00:00+02:00"', '"2020-02-05T10:00:00+02:00"', "null"],
    "days": ['"2020-01-05"', "null", '"9999-12-31"'],
    "days and years": ['"2020-01-05"', '"2020"', "2021"],
    "whole": ["1", "-9223372036854775808", "null"],
    "beyond 64 bits": ["18446744073709551616", "1", "null"],
    "floats": ["1.0", "0.1", "1e-07"],
    "whole and not": ["1", "2.5", "0"],
    "whole and not, in no one way": ["1", "2.0", "2.5"],
    "prices": ["1.10", "2.00", "3.50"],
    "exponents": ["1e5", "1E5", "1e400"],
    "more digits than a float has": ["0.12345678901234567890", "1", "12345678901234567.5"],
    "minus zero": ["-0", "0", "-0.0"],
    "false beside numbers": ["1600000000.0", "false", "1600000000.0"],
    "true beside one": ["true", "1", "null"],
    "a number beside its text": ["1", '"1"', '"a"'],
    "texts that look like JSON": ['"null"', '"[1]"', "[1]"],
    "only texts that look like JSON": ['"null"', '"[1]"', '"1"'],
    "empty text": ['""', "null", '"a"'],
    "objects of one shape": ['{"a": 1, "b": [1]}', '{"a": 2, "b": []}', "null"],
    "objects of several shapes": ['{"a": 1}', '{"b": "z", "a": null}', "{}"],
    "objects whose keys are turned round": ['{"a": 1, "b": 2}', '{"b": 2, "a": 1}', '{"a": 1, "b": 2}'],
    "numbers of two kinds inside": ['{"a": 1}', '{"a": 1.0}', '{"a": 2}'],
    "exact numbers inside": ['{"a": 1.10}', '{"a": [1e5, -0]}', '{"a": "1.10"}'],
    "empty objects": ["{}", "{}", "null"],
    "lists": ['["a", "b"]', "[]", '[null, "c"]'],
    "empty lists": ["[]", "[]", "[]"],
    "lists of objects": ['[{"a": 1}, {"a": 2}]', "[]", '[{"a": null}]'],
    "lists of objects of several shapes": ['[{"a": 1}, {}]', "[[]]", "[null]"],
    "dates inside": ['{"at": "2020-01-05T10:00:00+02:00"}', '{"at": "2020-01-05"}', '{"at": "x"}'],
    "objects and texts": ['{"a": 1}', '"a"', "[1]"],
    "only null": ["null", "null", "null"],
    "emoji and escapes": ['"😀 \\n \\t \\" \\\\ /"', '"日本"', '"\\u0000"'],
}


@pytest.mark.parametrize("cells", RECORDS.values(), ids=RECORDS)
def test_json_values_come_out_as_they_went_in(cells: list[str], tmp_path: Path) -> None:
    lines = [f'{{"text": "text {row}", "x": {cell}}}' for row, cell in enumerate(cells)]
    source = write_lines(tmp_path / "in.jsonl", lines)
    saved = deduplicate(source, text="text", exact_only=True, show_progress=False).save(tmp_path / "out.jsonl")
    assert read_lines(saved) == lines


LAYOUTS = [
    '{"id": 1, "text": "first", "a": null}',
    '{"text": "second", "id": 2}',
    '{"b": {"x": 1}, "a": 1, "text": "third", "topic": "own"}',
    '{"text": "fourth"}',
    '{"text": "first", "odd key": 1, "": 2, "a.b": 3}',
]


def test_records_keep_their_keys_and_the_order_of_them(tmp_path: Path) -> None:
    source = write_lines(tmp_path / "in.jsonl", LAYOUTS)
    result = deduplicate(source, text="text", exact_only=True, show_progress=False)
    assert read_lines(result.save(tmp_path / "out.jsonl")) == LAYOUTS[:4]
    removed = json.loads(read_lines(result.save_removed(tmp_path / "removed.jsonl"))[0])
    assert list(removed)[:5] == ["text", "odd key", "", "a.b", "row"]


def test_records_keep_their_keys_through_a_folder_and_a_part_of_it(tmp_path: Path) -> None:
    source = write_lines(tmp_path / "in.jsonl", LAYOUTS)
    made = explore(source, "text", HashEmbedder(), tmp_path / "folder", show_progress=False)
    for exploration, rows in (
        (open_exploration(made.folder), [2, 0]),
        (made.subset([2, 0], tmp_path / "part"), [0, 1]),
    ):
        lines = read_lines(exploration.save_table(tmp_path / "out.jsonl", rows=rows))
        assert lines[0].startswith('{"b": {"x": 1}, "a": 1, "text": "third", "topic_input": "own", "x": ')
        assert lines[1].startswith('{"id": 1, "text": "first", "a": null, "x": ')


def test_json_and_csv_of_one_folder_are_kept_apart(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    write_csv(folder / "1.csv", {"text": ["a", "b"], "n": ["1.10", "2.00"]})
    write_lines(folder / "2.jsonl", ['{"n": 3.50, "text": "c"}', '{"text": "d"}'])
    saved = deduplicate(folder, text="text", exact_only=True, show_progress=False).save(tmp_path / "out.jsonl")
    assert read_lines(saved) == [
        '{"text": "a", "n": 1.10}',
        '{"text": "b", "n": 2.00}',
        '{"n": 3.50, "text": "c"}',
        '{"text": "d"}',
    ]
