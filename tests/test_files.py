"""Exported files are whole or not there, and every ending means its format."""

import json
from pathlib import Path

import pyarrow as pa
import pytest

from nomic_explore.files import TABLE_ENDINGS, check_target, write_atomically, write_table, write_text

COLUMNS = {"text": pa.array(["a", "ü\n"]), "score": pa.array([0.5, float("nan")]), "tags": pa.array([["x"], None])}


def test_a_file_that_failed_halfway_leaves_what_was_there(tmp_path: Path) -> None:
    target = write_text(tmp_path / "a.txt", ["before"])
    with pytest.raises(ZeroDivisionError), write_atomically(target) as part:
        part.write_text("half")
        raise ZeroDivisionError
    assert target.read_text() == "before"
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.parametrize("ending", TABLE_ENDINGS)
def test_every_ending_writes_its_format(tmp_path: Path, ending: str) -> None:
    path = write_table(COLUMNS, tmp_path / f"a{ending}")
    if ending == ".parquet":
        import pyarrow.parquet

        assert pyarrow.parquet.read_table(path).schema.field("tags").type == pa.list_(pa.string())
    elif ending == ".csv":
        assert path.read_text(encoding="utf-8").startswith('"text","score","tags"\n"a",0.5,"[""x""]"')
    else:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        assert rows == [{"text": "a", "score": 0.5, "tags": ["x"]}, {"text": "ü\n", "score": None, "tags": None}]


def test_a_target_that_cannot_be_written_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"a\.xlsx ends in '\.xlsx'; expected \.parquet, \.csv or \.jsonl"):
        write_table(COLUMNS, tmp_path / "a.xlsx")
    with pytest.raises(ValueError, match=r"expected \.parquet\.$"):
        check_target(tmp_path / "a.csv", (".parquet",))
    with pytest.raises(FileNotFoundError, match="No folder .*make it first"):
        write_table(COLUMNS, tmp_path / "gone" / "a.csv")
