"""Columns of every Arrow type survive reading, the store and every export, with the values that the corpus shows."""

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as parquet
import pytest
from arrow_types import columns_of_all_types, tables
from hypothesis import given, settings

from nomic_explore import Exploration, deduplicate, explore, open_exploration, read_corpus
from nomic_explore.corpus.plain_types import with_plain_types
from nomic_explore.files import write_table
from nomic_explore.store.database import Store
from nomic_explore.store.packed_columns import needs_packing, to_stored, unpack_column
from nomic_explore.testing import HashEmbedder
from nomic_explore.view.data.map_data import make_map_data
from nomic_explore.view.requests.answers import Answers

N_ROWS = 24
ALL = columns_of_all_types()
KEPT_AS: dict[str, Any] = {
    "decimal32(5, 2)": [Decimal("1.10"), None, Decimal("-3.00"), Decimal("0.00")],
    "decimal of hundreds": [Decimal(1100), None, Decimal(-300), Decimal(0)],
    "decimal of 76 digits": [f"{10**75}", None, "-3", "0"],
    "time of nanoseconds": ["00:00:00.000000001", None, "23:59:59.999999999", "00:00:00.000000000"],
    "moments too far": ["1000000000000", None, "-29719-04-05T22:13:20", "1970-01-01T00:00:00"],
    "days too far": ["1073741824", None, "-1073741824", "1970-01-01"],
    "durations too long": [f"{2**62} s", None, f"-{2**62} s", "0 s"],
    "months": ["P1M2DT0.000000003S", None, "P0M0DT0S", "P-1M2DT0.000000003S"],
    "lists of size 0": [[], None, [], []],
    "empty struct": ["{}", None, "{}", "{}"],
    "lists of empty structs": ["[{}]", None, "[]", "[{}, {}]"],
    "empty struct in struct": ['{"a": 1, "e": {}}', None, '{"a": null, "e": null}', '{"a": 2, "e": {}}'],
    "categories of text twice": ["a", None, "a", "a"],
    "categories of structs": [{"l": 1.0}, None, {"l": 2.0}, {"l": 1.0}],
    "runs of lists": [[1], [1], None, None],
    "dense union": ["1", "a", None, "b"],
    "tensors": [[[1, 2], [3, 4]], None, [[5, 6], [7, 8]], [[0, 0], [0, 0]]],
    "bool8": [True, None, False, True],
    "json": ['{"a":1}', None, "2", "[]"],
    "uuid": ["00000000-0000-0000-0000-000000000005", None, *(f"{0:08}-0000-0000-0000-{n:012}" for n in (6, 7))],
    "periods": ["2020-01", None, "2020-03", "2021-01"],
    "intervals": ["(0.0, 1.0]", None, "(1.0, 2.0]", "(0.0, 1.0]"],
    "bands": ["(0.997, 2.5]", None, "(0.997, 2.5]", "(2.5, 4.0]"],
}
REPORTED = {
    *("decimal of 76 digits", "time of nanoseconds", "moments too far", "days too far", "durations too long", "months"),
    *("no zone", "empty struct", "lists of empty structs", "empty struct in struct", "struct of one name"),
    *("dense union", "sparse union", "lists of unions", "tensors", "opaque", "uuid", "lists of uuid"),
    *("periods", "intervals", "bands"),
}


def table_of_all_types() -> pa.Table:
    columns: dict[str, Any] = {"text": pa.array([f"text number {row} about item {row % 5}" for row in range(N_ROWS)])}
    return pa.table(columns | {name: pa.chunked_array(column.chunks * 6) for name, column in ALL.items()})


@pytest.fixture(scope="module")
def exploration(tmp_path_factory: pytest.TempPathFactory) -> Exploration:
    folder = tmp_path_factory.mktemp("types") / "all"
    explore(table_of_all_types(), "text", HashEmbedder(), folder, show_progress=False)
    return open_exploration(folder)


@pytest.mark.parametrize("name", KEPT_AS)
def test_a_type_that_no_export_takes_becomes_one_that_says_the_same(name: str) -> None:
    assert with_plain_types(pa.table({"c": ALL[name]}))[0]["c"].to_pylist() == KEPT_AS[name]


@pytest.mark.parametrize("name", ALL)
def test_a_finding_names_the_column_exactly_where_its_meaning_is_another(name: str) -> None:
    table, notes = with_plain_types(pa.table({"x": [1, 2, 3, 4], "odd": ALL[name]}))
    assert len(notes) == (name in REPORTED)
    assert table.column_names == ["x", "odd"]
    if notes:
        assert notes[0].message.startswith("column 'odd' of type ")
        assert "is kept as" in notes[0].message


@pytest.mark.parametrize("name", ALL)
def test_a_slice_has_the_values_of_the_whole(name: str) -> None:
    column = ALL[name]
    if name == "decimal of 76 digits":  # whether its values fit into 38 digits differs
        return
    whole = with_plain_types(pa.table({"c": column}))[0]["c"]
    for part in (column.slice(1, 2), column.slice(0, 0), pa.chunked_array([], column.type), column.slice(1, 1)):
        table = with_plain_types(pa.table({"c": part}))[0]
        table.validate(full=True)
        assert len(table) == len(part)
    sliced = with_plain_types(pa.table({"c": column.slice(1)}))[0]["c"].to_pylist()
    assert [str(value) for value in sliced] == [str(value) for value in whole.slice(1).to_pylist()]


def test_every_type_is_stored_and_read_again(exploration: Exploration) -> None:
    wanted = read_corpus(table_of_all_types(), "text").table
    assert exploration.corpus.table.schema.equals(wanted.schema)
    for name in wanted.column_names:
        assert repr(exploration.corpus.table[name].to_pylist()) == repr(wanted[name].to_pylist()), name


def test_every_type_becomes_a_frame_of_every_kind(exploration: Exploration) -> None:
    names = exploration.corpus.table.column_names
    for made in (exploration.to_pandas(), exploration.to_polars(), exploration.to_arrow()):
        assert len(made) == N_ROWS
    assert list(exploration.to_pandas())[: len(names)] == names
    assert exploration.to_pandas()["bands"].cat.ordered


@pytest.mark.parametrize("ending", [".parquet", ".csv", ".jsonl"])
def test_every_type_is_exported(exploration: Exploration, tmp_path: Path, ending: str) -> None:
    saved = exploration.save_table(tmp_path / f"all{ending}")
    found = deduplicate(table_of_all_types(), "text", exact_only=True, show_progress=False)
    kept = found.save(tmp_path / f"kept{ending}")
    found.save_removed(tmp_path / f"removed{ending}")
    for path in (saved, kept):
        assert len(read_corpus(path, "text")) == N_ROWS


def test_a_map_and_a_page_are_made_of_every_type(exploration: Exploration, tmp_path: Path) -> None:
    names = exploration.corpus.table.column_names
    assert exploration.save_html(tmp_path / "map.html", text_columns=names).stat().st_size > 1000
    exploration.map(hover=names).close()
    answers = Answers(exploration, make_map_data(exploration), hover=names)
    for point in range(4):
        assert answers.answer("describe", {"point": point})["text"]
        assert answers.answer("read", {"point": point})["fields"]
    assert len(answers.answer("columns", {})["columns"]) > 20  # type: ignore[arg-type]


def test_a_finding_of_every_odd_column_is_in_the_audit(exploration: Exploration) -> None:
    messages = [finding.message for finding in exploration.corpus.audit if finding.kind == "unusual type"]
    assert {name for name in ALL if any(f"column {name!r} " in message for message in messages)} == REPORTED


@settings(max_examples=60, derandomize=True)
@given(table=tables())
def test_a_table_of_random_types_comes_back_from_the_store_and_every_export(
    tmp_path_factory: pytest.TempPathFactory, table: pa.Table
) -> None:
    folder = tmp_path_factory.mktemp("random")
    plain, _ = with_plain_types(table.append_column("row", pa.array(range(len(table)), pa.int64())))
    values = plain.to_pydict()
    store = Store(folder / "x")
    with store.writing():
        store.write_table("documents", to_stored(plain))
    stored = store.read_table("documents")
    for field in plain.schema:
        column = stored[field.name]
        column = unpack_column(column) if needs_packing(field.type) else column
        assert column.to_pylist() == values[field.name]
        assert column.type == field.type
    columns = dict(zip(plain.column_names, plain.columns, strict=True))
    written = parquet.read_table(write_table(columns, folder / "x.parquet"))
    assert written.to_pydict() == values
    own = {
        field.name: values[field.name] for field in plain.schema if field.type in (pa.int64(), pa.bool_(), pa.string())
    }
    lines = write_table(columns, folder / "x.jsonl").read_text(encoding="utf-8").split("\n")[:-1]
    assert {name: [json.loads(line).get(name) for line in lines] for name in own} == own
    convert = pa.csv.ConvertOptions(
        column_types={name: plain.schema.field(name).type for name in own},
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
    )
    path = write_table(columns, folder / "x.csv")
    rows = pa.csv.read_csv(path, None, pa.csv.ParseOptions(newlines_in_values=True), convert)
    assert rows.column_names == list(values)
    assert {name: rows[name].to_pylist() for name in own} == own


def test_categories_keep_their_order_in_a_folder(exploration: Exploration) -> None:
    column = exploration.corpus.table["categories in order"]
    assert column.type.ordered
    assert column.chunk(0).dictionary.to_pylist() == ["low", "high"]


def test_the_folder_says_which_columns_are_packed(exploration: Exploration) -> None:
    record = exploration.manifest["stages"]["documents"]
    packed = {column["name"] for column in record["columns"] if column.get("packed") == "arrow-stream"}
    assert {"bands", "categories of string", "struct of nulls", "pairs of text"} <= packed
    assert not {"struct", "string", "map", "struct in struct", "pairs"} & packed


def test_periods_of_a_file_are_text_before_pandas_is_imported(tmp_path: Path) -> None:
    field = pa.field(
        "month",
        pa.int64(),
        metadata={"ARROW:extension:name": "pandas.period", "ARROW:extension:metadata": '{"freq": "M"}'},
    )
    file = pa.table(
        [pa.array(["a", "b"]), pa.array([600, None])], schema=pa.schema([pa.field("text", pa.string()), field])
    )
    table, notes = with_plain_types(file)
    assert table["month"].to_pylist() == ["2020-01", None]
    assert len(notes) == 1


def test_json_text_says_so_in_its_field() -> None:
    table, _ = with_plain_types(pa.table({"awards": pa.array([{}, None], pa.struct([]))}))
    assert table.schema.field("awards").metadata == {b"written_as": b"json"}


def test_a_dump_with_empty_objects_is_built_opened_and_saved(tmp_path: Path) -> None:
    dump = tmp_path / "posts.jsonl"
    rows = [{"id": f"p{row}", "title": f"post number {row} about topic {row % 4}", "awards": {}} for row in range(20)]
    dump.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    explore(dump, "title", HashEmbedder(), tmp_path / "x", id="id", show_progress=False)
    assert open_exploration(tmp_path / "x").to_pandas()["awards"].tolist() == ["{}"] * 20
    kept = deduplicate(dump, "title", exact_only=True, show_progress=False).save(tmp_path / "kept.parquet")
    assert parquet.read_table(kept)["awards"].to_pylist() == ["{}"] * 20


def test_two_files_of_which_one_has_empty_objects_are_read_together(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "one", "award": {}}\n', encoding="utf-8")
    (tmp_path / "b.jsonl").write_text('{"text": "two", "award": {"gold": 1}}\n', encoding="utf-8")
    assert read_corpus(tmp_path, "text").texts == ["one", "two"]


def test_an_index_of_any_type_is_stored(tmp_path: Path) -> None:
    import pandas as pd

    for place, index in enumerate(
        [
            pd.CategoricalIndex([dt.date(2020, 1, 1), dt.date(2020, 1, 2)] * 12),
            pd.CategoricalIndex(pd.cut(range(24), 4)),
        ]
    ):
        frame = pd.DataFrame({"text": [f"text {row}" for row in range(24)]}, index=index.rename("key"))
        folder = tmp_path / str(place)
        explore(frame, "text", HashEmbedder(), folder, show_progress=False)
        back = open_exploration(folder).to_pandas().index
        assert [str(label) for label in back] == [str(label) for label in index]
