"""What nobody asked to change comes out of an export as it went in: CSV and JSON Lines, with and without a folder."""

import csv
import io
import json
import uuid
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from nomic_explore import deduplicate, explore, open_exploration
from nomic_explore.cli.main import app
from nomic_explore.files import write_table
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


@pytest.mark.parametrize("limit", [None, 3])
def test_dicts_keep_their_keys_and_the_order_of_them(tmp_path: Path, limit: int | None) -> None:
    rows = [json.loads(line) for line in LAYOUTS]
    result = deduplicate(rows, text="text", exact_only=True, limit=limit, show_progress=False)
    assert read_lines(result.save(tmp_path / "out.jsonl")) == LAYOUTS[: limit or 4]


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


def test_removed_rows_keep_their_cells_too(tmp_path: Path) -> None:
    columns = {name: [*cells, cells[0]] for name, cells in COLUMNS.items()} | {"row": ["1.10"] * (N_ROWS + 1)}
    table = write_csv(tmp_path / "in.csv", columns)
    saved = deduplicate(table, text="text", exact_only=True, show_progress=False).save_removed(tmp_path / "out.csv")
    removed = read_csv(saved)
    assert {name: removed[name] for name in COLUMNS} == {name: cells[:1] for name, cells in COLUMNS.items()}
    assert (removed["row_input"], removed["row"], removed["duplicate_of"]) == (["1.10"], [str(N_ROWS)], ["0"])


def test_csv_becomes_json_with_numbers_as_they_were_written(table: Path, tmp_path: Path) -> None:
    saved = deduplicate(table, text="text", exact_only=True, show_progress=False).save(tmp_path / "out.jsonl")
    first, second = read_lines(saved)[:2]
    assert '"zip": "01234"' in first
    assert '"version": 1.10, "share": 1, "p_value": 1e-05, "exponent": "1e5"' in first
    assert '"big": "12345678901234567890", "count": 1, "True": true, "TRUE": true' in first
    assert '"day": "2024-02-29", "german": "31.12.2023", "time": "2024-02-29T10:00:00+02:00"' in first
    assert '"empty": null' in second
    assert [json.loads(line)["text"] for line in read_lines(saved)] == COLUMNS["text"]


def test_csv_becomes_parquet_with_types(table: Path, tmp_path: Path) -> None:
    saved = deduplicate(table, text="text", exact_only=True, show_progress=False).save(tmp_path / "out.parquet")
    schema = pa.parquet.read_table(saved).schema
    kinds = {name: str(schema.field(name).type) for name in ("zip", "version", "count", "True", "day", "time", "empty")}
    assert kinds == {
        "zip": "string",
        "version": "double",
        "count": "int64",
        "True": "bool",
        "day": "date32[day]",
        "time": "timestamp[ms, tz=UTC]",  # Parquet has no seconds
        "empty": "null",
    }


def test_cells_outlive_parquet_in_between(table: Path, tmp_path: Path) -> None:
    between = deduplicate(table, text="text", exact_only=True, show_progress=False).save(tmp_path / "between.parquet")
    saved = deduplicate(between, text="text", exact_only=True, show_progress=False).save(tmp_path / "out.csv")
    assert read_csv(saved) == COLUMNS


def test_json_becomes_csv_with_nested_values_as_json(tmp_path: Path) -> None:
    lines = [
        '{"text": "a", "n": 1, "x": 2.50, "m": {"k": "é"}, "t": ["x", "y"], "at": "2020-01-05T10:00:00+02:00", "f": true}',
        '{"text": "b", "x": 3.00, "m": {"z": [1]}, "t": [], "at": null, "f": null}',
    ]
    source = write_lines(tmp_path / "in.jsonl", lines)
    saved = deduplicate(source, text="text", exact_only=True, show_progress=False).save(tmp_path / "out.csv")
    assert read_csv(saved) == {
        "text": ["a", "b"],
        "n": ["1", ""],
        "x": ["2.50", "3.00"],
        "m": ['{"k": "é"}', '{"z": [1]}'],
        "t": ['["x", "y"]', "[]"],
        "at": ["2020-01-05T10:00:00+02:00", ""],
        "f": ["true", ""],
    }


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_the_command_line_keeps_cells(table: Path, tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"kept.{ending}"
    run = CliRunner().invoke(app, ["dedup", str(table), "--text", "text", "--exact-only", "--out", str(out), "--quiet"])
    assert run.exit_code == 0, run.output
    again = deduplicate(out, text="text", exact_only=True, show_progress=False).save(tmp_path / "again.csv")
    expected = (
        {**COLUMNS} if ending != "jsonl" else {name: COLUMNS[name] for name in COLUMNS if name not in ("True", "TRUE")}
    )
    assert {name: cells for name, cells in read_csv(again).items() if name in expected} == expected


def test_values_of_frames_survive_text_formats(tmp_path: Path) -> None:
    frame = pd.DataFrame({"text": ["a", "b"]})
    frame["truth"] = pd.array([True, None], "boolean")
    frame["whole"] = pd.array([2**53 + 1, None], "Int64")
    frame["float"] = [1.5, None]
    frame["at"] = pd.to_datetime(["2024-02-29 10:00", None]).tz_localize("Europe/Berlin")
    frame["lasted"] = pd.to_timedelta([90.25, None], unit="s")
    result = deduplicate(frame, text="text", exact_only=True, show_progress=False)
    written = pd.read_csv(result.save(tmp_path / "out.csv"), dtype=str, keep_default_na=False)
    assert written["truth"].tolist() == ["true", ""]
    assert written["whole"].tolist() == ["9007199254740993", ""]
    assert written["float"].tolist() == ["1.5", ""]
    assert pd.to_datetime(written["at"])[0] == frame["at"][0]
    assert pd.to_timedelta(written["lasted"])[0] == frame["lasted"][0]
    first, second = map(json.loads, read_lines(result.save(tmp_path / "out.jsonl")))
    assert first["truth"] is True
    assert first["whole"] == 2**53 + 1
    assert pd.Timestamp(first["at"]) == frame["at"][0]
    assert pd.Timedelta(first["lasted"]) == frame["lasted"][0]
    assert second == {"text": "b", "truth": None, "whole": None, "float": None, "at": None, "lasted": None}


def test_identifiers_are_written_as_text(tmp_path: Path) -> None:
    names = [uuid.UUID(int=number) for number in (1, 2)]
    table = pa.table({"text": ["a", "b"], "id": pa.array([name.bytes for name in names], pa.uuid())})
    assert read_csv(write_table(table, tmp_path / "out.csv"))["id"] == list(map(str, names))
    assert json.loads(read_lines(write_table(table, tmp_path / "out.jsonl"))[0])["id"] == str(names[0])


CELLS = st.text(st.sampled_from('01.-+eE:TZ ,;"\r\n\\é😀truefalsNA/%$'), max_size=9)


@settings(max_examples=60)
@given(st.data(), st.integers(1, 4))
def test_any_csv_comes_out_as_it_went_in(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, width: int
) -> None:
    folder = tmp_path_factory.mktemp("any")
    rows = data.draw(st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=5))
    columns = {"text": [f"text {number}" for number in range(len(rows))]}
    columns |= {f"c{at}": [row[at] for row in rows] for at in range(width)}
    source = write_csv(folder / "in.csv", columns)
    saved = deduplicate(source, text="text", exact_only=True, show_progress=False).save(folder / "out.csv")
    assert read_csv(saved) == columns


def test_json_values_come_out_of_a_reopened_folder_as_they_went_in(tmp_path: Path) -> None:
    lines = []
    for row in range(3):
        cells = "".join(f', "{name}": {cells[row]}' for name, cells in RECORDS.items())
        lines.append(f'{{"text": "text {row}"{cells}')
    source = write_lines(tmp_path / "in.jsonl", [f"{line}}}" for line in lines])
    made = explore(source, "text", HashEmbedder(), tmp_path / "folder", show_progress=False)
    saved = open_exploration(made.folder).save_table(tmp_path / "out.jsonl")
    assert [line.partition(', "x": ')[0] for line in read_lines(saved)] == lines
    kept = open_exploration(made.folder).duplicates.deduplication().save(tmp_path / "kept.jsonl")
    assert read_lines(kept) == [f"{line}}}" for line in lines]
