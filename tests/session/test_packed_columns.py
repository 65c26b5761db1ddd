from pathlib import Path

import lancedb
import numpy as np
import pyarrow as pa
import pytest

from nomic_explore.store.database import Store
from nomic_explore.store.packed_columns import needs_packing, pack_column, to_stored, unpack_column


def test_a_packed_column_has_as_many_rows_and_holds_each_block_in_its_first() -> None:
    column = pa.chunked_array([pa.array(["a", None, "b"]).dictionary_encode()])
    packed = pack_column(column)
    assert packed.type == pa.large_binary()
    assert [value is None for value in packed.to_pylist()] == [False, True, True]
    assert unpack_column(pa.chunked_array([packed])).equals(column)


def test_a_large_column_is_packed_in_blocks() -> None:
    vectors = pa.FixedSizeListArray.from_arrays(pa.array(list("ab" * 100_000)), 2)
    packed = pa.chunked_array([pack_column(pa.chunked_array([vectors]))])
    assert len(packed) - packed.null_count > 1
    assert unpack_column(packed).combine_chunks().equals(vectors)


def test_a_block_that_is_missing_is_an_error() -> None:
    packed = pack_column(pa.chunked_array([pa.array(["a", "b"]).dictionary_encode()]))
    with pytest.raises(ValueError, match="a column has 2 rows, its table 3"):
        unpack_column(pa.chunked_array([pa.concat_arrays([packed, pa.nulls(1, pa.large_binary())])]))


def test_categories_of_several_files_are_one_list_of_categories(tmp_path: Path) -> None:
    column = pa.chunked_array([pa.array(values).dictionary_encode() for values in (["a"], ["b", "a"], ["c"])])
    store = Store(tmp_path / "x")
    with store.writing():
        store.write_table("documents", to_stored(pa.table({"c": column})))
    back = unpack_column(store.read_table("documents")["c"])
    assert back.to_pandas().cat.categories.tolist() == ["a", "b", "c"]
    assert back.to_pylist() == ["a", "b", "a", "c"]


@pytest.mark.parametrize("n_nulls", [1, 20_000, 200_000])
def test_nested_columns_stay_readable_by_lance_alone(tmp_path: Path, n_nulls: int) -> None:
    rows = [{"name": {"first": f"n{row}", "is_known": row % 2 == 0}, "tags": [None, "t"]} for row in range(20_000)]
    whole = pa.chunked_array([pa.array(rows), pa.array([None] * n_nulls, pa.array(rows).type), pa.array(rows)])
    table = pa.table({"row": np.arange(len(whole)), "user": whole}).slice(7)
    lancedb.connect(tmp_path).create_table("t", to_stored(table))
    assert lancedb.connect(tmp_path).open_table("t").to_arrow().combine_chunks().equals(table.combine_chunks())


def test_only_types_that_lance_does_not_give_back_are_packed() -> None:
    numbers, texts = pa.float32(), pa.string()
    for kind in (
        pa.list_(texts),
        pa.struct({"a": texts}),
        pa.map_(texts, numbers),
        pa.list_(numbers, 3),
        pa.duration("s"),
    ):
        assert not needs_packing(kind)
    for kind in (pa.list_(texts, 3), pa.struct({"a": pa.null()}), pa.dictionary(pa.int8(), texts), pa.list_view(texts)):
        assert needs_packing(kind)


def test_a_table_that_lance_does_not_give_back_is_not_reported_written(tmp_path: Path) -> None:
    structs = pa.chunked_array([pa.array([{"a": {"b": 1}}, None, {"a": None}])])
    pieces = pa.chunked_array([*structs.slice(0, 1).chunks, *structs.slice(1).chunks])  # Lance loses such slices
    store = Store(tmp_path / "x")
    with store.writing(), pytest.raises(OSError, match="cannot be read right after it was written"):
        store.write_table("documents", pa.table({"key": [1, 2, 3], "odd": pieces}))
