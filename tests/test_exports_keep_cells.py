"""What nobody asked to change comes out of an export as it went in: CSV and JSON Lines, with and without a folder."""

import csv
import io
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
