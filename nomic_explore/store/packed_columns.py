"""Columns as Lance gives them back: those of types that it does not know are written as blocks of Arrow's own format.

LanceDB 0.40 refuses some types (categories of dates, tensors of text, structs of nulls), forgets the order of categories and
repeats them, and loses rows of structs that are slices of longer arrays (found by writing random columns). So batches are copied,
and a column of such a type becomes one of bytes: the first row of each block holds the block as an Arrow stream, the other rows
are null.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

PACKED = "arrow-stream"  # how such a column is marked in the manifest
_BLOCK_BYTES = 8 << 20
_MAX_ROWS = 65_536  # of a block


def to_stored(table: "pa.Table") -> "pa.Table":
    """Returns a table that Lance gives back as it is: in batches that are no slices, with columns packed where need be.

    Example:
        >>> import pyarrow as pa
        >>> to_stored(pa.table({"a": [{"b": 1}, None]}).slice(1))["a"].to_pylist()
        [None]
    """
    import pyarrow as pa

    for place, field in enumerate(table.schema):
        if needs_packing(field.type):
            packed = pack_column(table.column(place))
            table = table.set_column(place, field.with_type(packed.type), packed)
    if not any(map(pa.types.is_nested, table.schema.types)):
        return table
    batches = [batch.take(pa.array(range(batch.num_rows), pa.int64())) for batch in table.to_batches()]
    return pa.Table.from_batches(batches, table.schema)


def needs_packing(kind: "pa.DataType") -> bool:
    """Returns whether a type is none of those that Lance gives back as they were.

    Example:
        >>> import pyarrow as pa
        >>> needs_packing(pa.struct({"a": pa.int64()})), needs_packing(pa.dictionary(pa.int8(), pa.date32()))
        (False, True)
    """
    import pyarrow as pa

    types = pa.types
    if types.is_fixed_size_list(kind):
        is_number = types.is_integer(kind.value_type) or types.is_floating(kind.value_type)
        return kind.list_size == 0 or not is_number
    if types.is_struct(kind) or types.is_list(kind) or types.is_large_list(kind) or types.is_map(kind):
        inner = [kind.field(place).type for place in range(kind.num_fields)]
        is_sorted = types.is_map(kind) and kind.keys_sorted
        return not inner or is_sorted or any(types.is_null(child) or needs_packing(child) for child in inner)
    if types.is_decimal(kind):
        return not (types.is_decimal128(kind) or types.is_decimal256(kind))
    is_encoded = types.is_dictionary(kind) or types.is_run_end_encoded(kind)
    is_large = types.is_large_binary(kind)  # packed so that a stored column of this type always is
    is_view = types.is_string_view(kind) or types.is_binary_view(kind)
    is_extension = isinstance(kind, pa.BaseExtensionType)
    return bool(types.is_nested(kind) or is_encoded or is_large or is_view or is_extension or types.is_interval(kind))


def pack_column(column: "pa.ChunkedArray") -> "pa.Array":
    """Returns a column as one of bytes, with as many rows.

    Example:
        >>> import pyarrow as pa
        >>> column = pa.chunked_array([pa.array(["a", None]).dictionary_encode()])
        >>> unpack_column(pa.chunked_array([pack_column(column)])).equals(column)
        True
    """
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        column = column.unify_dictionaries()
    n_rows = len(column)
    n_blocks = max(1, -(-column.nbytes // _BLOCK_BYTES))
    length = max(1, min(_MAX_ROWS, -(-n_rows // n_blocks)))
    packed: list[bytes | None] = []
    for start in range(0, n_rows, length):
        block = pa.table({"column": column.slice(start, length)})
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, block.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as stream:
            stream.write_table(block)
        packed += [sink.getvalue().to_pybytes(), *[None] * (block.num_rows - 1)]
    return pa.array(packed, pa.large_binary())


def unpack_column(packed: "pa.ChunkedArray") -> "pa.ChunkedArray":
    """Returns the column that was packed; a column of nulls without rows has no type any more.

    Raises:
        ValueError: a block is not what was written, or holds another number of rows.
    """
    import pyarrow as pa

    blocks = [pa.ipc.open_stream(block).read_all()["column"] for block in packed.drop_null().to_pylist()]
    chunks = [chunk for block in blocks for chunk in block.chunks]
    column = pa.chunked_array(chunks, blocks[0].type if blocks else pa.null())
    if len(column) != len(packed):
        raise ValueError(f"a column has {len(column):,} rows, its table {len(packed):,}")
    return column
