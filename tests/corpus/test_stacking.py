"""Files of one source are put below one another without changing a cell."""

from pathlib import Path

import pytest

from nomic_explore import deduplicate, read_corpus
from nomic_explore.corpus.given import read_given

TABLES = {
    "decimals of two lengths": (["1.10", "2.00"], ["1.5"]),
    "whole numbers and decimals": (["1", "2"], ["2.5"]),
    "whole numbers and decimals of fixed length": (["1", "2"], ["2.50"]),
    "numbers and codes": (["1", "2"], ["x2", "01"]),
    "decimals and codes": (["1.10", "2.10"], ["n/a"]),
    "truth in two ways": (["True", "False"], ["TRUE"]),
    "days and times": (["2024-02-29", "2024-03-01"], ["2024-02-29 10:00:00"]),
    "two offsets": (["2024-02-29T10:00:00+01:00", ""], ["2024-07-01T10:00:00+02:00"]),
    "a file of blanks": (["", ""], ["1.10"]),
    "a file of blanks at the end": (["1.10", "2.20"], [""]),
}


@pytest.mark.parametrize(("first", "second"), TABLES.values(), ids=TABLES)
def test_columns_of_several_csv_files_are_written_back(first: list[str], second: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for number, cells in enumerate((first, second)):
        lines = [f"text {number} {row},{cell}" for row, cell in enumerate(cells)]
        (folder / f"{number}.csv").write_text("\n".join(["text,x", *lines]) + "\n", encoding="utf-8")
    saved = deduplicate(folder, text="text", exact_only=True, show_progress=False).save(tmp_path / "out.csv")
    written = [line.split(",")[1].strip('"') for line in saved.read_text(encoding="utf-8").splitlines()[1:]]
    assert written == first + second


RECORDS = {
    "one kind each": (["1", "2"], ["3"]),
    "whole and not": (["1", "2"], ["2.5"]),
    "whole and not, in no one way": (["1.0", "2.5"], ["2"]),
    "numbers and texts": (["1", "2"], ['"1"', '"a"']),
    "days and texts": (['"2024-02-29"', "null"], ['"last week"']),
    "days and times": (['"2024-02-29"', "null"], ['"2024-02-29T10:00:00Z"']),
    "objects of two shapes": (['{"a": 1}', '{"a": 2}'], ['{"b": 1}']),
    "objects and texts": (['{"a": 1}', '{"a": 2}'], ['"[1]"', '"b"']),
    "lists of numbers and of texts": (["[1]", "[]"], ['["a"]']),
    "truth and numbers": (["true", "false"], ["1"]),
    "null": (["null", "null"], ['{"b": 1.0}']),
}


@pytest.mark.parametrize(("first", "second"), RECORDS.values(), ids=RECORDS)
def test_columns_of_several_json_files_are_written_back(first: list[str], second: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    expected = []
    for number, cells in enumerate((first, second)):
        lines = [f'{{"text": "text {number} {row}", "x": {cell}}}' for row, cell in enumerate(cells)]
        (folder / f"{number}.jsonl").write_text("\n".join(lines), encoding="utf-8")
        expected += lines
    saved = deduplicate(folder, text="text", exact_only=True, show_progress=False).save(tmp_path / "out.jsonl")
    assert saved.read_text(encoding="utf-8").splitlines() == expected


def test_a_column_that_has_a_type_in_all_files_together_has_it_in_the_corpus(tmp_path: Path) -> None:
    (tmp_path / "1.csv").write_text("text,x,y\na,1,1.10\nb,2,2.00\n", encoding="utf-8")
    (tmp_path / "2.csv").write_text("text,x,y\nc,2.5,\n", encoding="utf-8")
    corpus = read_corpus(tmp_path, "text")
    assert corpus.table["x"].to_pylist() == [1, 2, 2.5]
    assert corpus.table["y"].to_pylist() == [1.1, 2, None]
    assert corpus.audit["mixed types"].count == 0


def test_positions_of_a_csv_file_are_numbers_however_they_are_written(tmp_path: Path) -> None:
    lines = ["text,x,y", "a,5.000e-01,-1.0", "b,2.500e-01,2", "c,1e5,1.50"]
    (tmp_path / "in.csv").write_text("\n".join(lines), encoding="utf-8")
    given = read_given(read_corpus(tmp_path / "in.csv", "text"), positions=("x", "y"))
    assert given.positions is not None
    assert given.positions.tolist() == [[0.5, -1], [0.25, 2], [100_000, 1.5]]
