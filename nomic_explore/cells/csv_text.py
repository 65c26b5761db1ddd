"""Tables become CSV text: text in quotes, everything else as it was written."""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from nomic_explore.cells.json_text import encode_json
from nomic_explore.cells.writing import Column, is_text, write_cells, written_as

_BATCH = 50_000  # rows that are written at a time


def csv_pieces(table: pa.Table) -> Iterator[bytes]:
    """Yields a table as CSV in UTF-8, header first, with a line feed behind each row.

    Text stands in double quotes, other cells as they were written or as Arrow writes them, null is a blank field. Nested
    and binary values become JSON text.

    Example:
        >>> b"".join(csv_pieces(pa.table({"n": [1, None], "text": ["a, b", None]}))).decode().splitlines()
        ['"n","text"', '1,"a, b"', ',']
    """
    yield (",".join(_quote(name) for name in table.column_names) + "\n").encode()
    hows = [written_as(field) for field in table.schema]
    for start in range(0, table.num_rows, _BATCH):
        part = table.slice(start, _BATCH).combine_chunks()
        cells = [_cells(column, how) for column, how in zip(part.columns, hows, strict=True)]
        if len(cells) == 1:  # a blank line would be no row
            cells = [pc.if_else(pc.equal(cells[0], ""), _large('""'), cells[0])]
        rows = pc.binary_join_element_wise(*cells, _large(","))
        lines = pc.binary_join_element_wise(rows, _large("\n"), _large(""))
        for chunk in lines.chunks if isinstance(lines, pa.ChunkedArray) else [lines]:
            yield "".join(chunk.to_pylist()).encode()


def _quote(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _cells(column: Column, how: str | None) -> Column:
    """Returns the fields of a column, (n,) large_string, blank where they are null."""
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        column = pa.array([None if value is None else encode_json(value) for value in column.to_pylist()], pa.string())
    if isinstance(kind, pa.BaseExtensionType) or pa.types.is_fixed_size_binary(kind):  # Arrow writes their bytes
        column = pa.array([None if value is None else str(value) for value in column.to_pylist()], pa.string())
    written = write_cells(column, how).cast(pa.large_string())
    if is_text(kind) or is_text(column.type):
        inner = pc.replace_substring(written, '"', '""')
        written = pc.binary_join_element_wise(_large('"'), inner, _large('"'), _large(""))
    return pc.fill_null(written, _large(""))


def _large(text: str) -> pa.Scalar:
    return pa.scalar(text, pa.large_string())
