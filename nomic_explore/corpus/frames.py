"""Frames and lists already in memory become Arrow tables."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from nomic_explore.corpus.audit import Finding
from nomic_explore.corpus.frame_origin import FrameOrigin
from nomic_explore.corpus.object_columns import REFUSALS, make_column
from nomic_explore.corpus.plain_types import distinct_names, with_plain_types
from nomic_explore.corpus.plain_values import is_missing

if TYPE_CHECKING:
    import pandas as pd

_LABELS = "__index_level_"  # and a number: what Arrow calls row labels of pandas without a name


def is_frame(source: Any) -> bool:
    """Whether the source is a table of columns: any frame that narwhals knows, an Arrow stream, or a dict of columns."""
    import narwhals as nw

    if isinstance(source, Mapping | pa.RecordBatch | pa.Table) or _is_data_set(source) or _is_pandas(source):
        return True
    if isinstance(nw.from_native(source, pass_through=True), nw.DataFrame | nw.LazyFrame):
        return True
    is_column = isinstance(source, pa.Array) or isinstance(
        nw.from_native(source, series_only=True, pass_through=True), nw.Series
    )
    return hasattr(source, "__arrow_c_stream__") and not is_column


def table_from_frame(source: Any) -> tuple[pa.Table, FrameOrigin | None, list[Finding]]:
    """Returns the columns of a frame, its kind and index (None for dicts and data sets), and what was changed in it.

    Row labels of pandas become columns only if they have a name.
    """
    table, origin, notes = _arrow_table(source)
    table, type_notes = with_plain_types(with_plain_columns(table))
    return table, origin, notes + type_notes


def _arrow_table(source: Any) -> tuple[pa.Table, FrameOrigin | None, list[Finding]]:
    import narwhals as nw

    if isinstance(source, Mapping):
        table, notes = make_table(source)
        return table, None, notes
    if _is_data_set(source):
        return source.with_format("arrow")[:], None, []
    if isinstance(source, pa.RecordBatch):
        source = pa.Table.from_batches([source])
    if isinstance(source, pa.Table):  # narwhals refuses columns that share a name, here and in pandas
        return source, FrameOrigin("pyarrow"), []
    if _is_pandas(source):
        return _table_from_pandas(source)
    frame = nw.from_native(source, pass_through=True)
    if isinstance(frame, nw.LazyFrame):
        frame = frame.collect()
    if not isinstance(frame, nw.DataFrame):
        return pa.table(source), FrameOrigin("pyarrow"), []
    if frame.implementation.is_pandas_like():
        return _table_from_pandas(frame.to_pandas())
    if frame.implementation.is_polars():
        return _table_from_polars(frame)
    return frame.to_arrow(), FrameOrigin("pyarrow"), []


def _is_pandas(source: Any) -> bool:
    return type(source).__module__.split(".")[0] == "pandas" and hasattr(source, "columns")


def _is_data_set(source: Any) -> bool:
    """Whether the source is of Hugging Face's `datasets`, which narwhals does not know."""
    return type(source).__module__.split(".")[0] == "datasets" and hasattr(source, "with_format")


def table_from_rows(rows: list[Any]) -> pa.Table:
    """Returns the table of `make_table_of_rows`, without its findings."""
    return make_table_of_rows(rows)[0]


def table_from_columns(columns: Mapping[Any, Any]) -> pa.Table:
    """Returns the table of `make_table`, without its findings."""
    return make_table(columns)[0]


def make_table_of_rows(rows: list[Any]) -> tuple[pa.Table, list[Finding]]:
    """Returns a column "text" for a list of strings, or the columns of a list of dicts, and what was changed in them.

    A key that a row lacks is null.

    Raises:
        TypeError: a row is neither string, dict nor missing, or the two kinds are mixed.
    """
    if all(isinstance(row, str) or is_missing(row) for row in rows):
        table, notes = make_table({"text": rows})
        return table.cast(pa.schema({"text": pa.string()})), notes
    kinds, wanted = (Mapping, "a dict") if isinstance(rows[0], Mapping) else (str, "a string")
    for number, row in enumerate(rows):
        if not isinstance(row, kinds) and not (kinds is str and is_missing(row)):
            raise TypeError(
                f"source[{number}] is {row!r:.60} ({type(row).__name__}); expected {wanted}, as the rows before it. "
                "A list holds texts, or dicts of columns, or paths."
            )
    names = list(dict.fromkeys(str(key) for row in rows for key in row))
    return make_table({name: [row.get(name) for row in rows] for name in names})


def make_table(columns: Mapping[Any, Any]) -> tuple[pa.Table, list[Finding]]:
    """Returns a table of these columns, whose names become strings, and findings about values that became others.

    Raises:
        ValueError: the lengths of the columns differ.
    """
    lengths = {str(name): len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"columns differ in length ({lengths}); expected one value a row in each.")
    made = [make_column(str(name), values) for name, values in columns.items()]
    table = pa.table([column for _, column, _ in made], schema=pa.schema([field for field, _, _ in made]))
    return table, [note for _, _, notes in made for note in notes]


def _table_from_pandas(frame: "pd.DataFrame") -> tuple[pa.Table, FrameOrigin, list[Finding]]:
    index, is_named = frame.index, any(name is not None for name in frame.index.names)
    frame = frame.set_axis(distinct_names([str(name) for name in frame.columns]), axis=1)
    odd = [name for name in frame.columns if not _has_arrow_type(frame[name])]
    made = [make_column(name, _objects(frame[name])) for name in odd]
    rest = frame.assign(**dict.fromkeys(odd, 0)) if odd else frame
    try:
        table = pa.Table.from_pandas(rest, preserve_index=is_named)
    except REFUSALS:  # labels that Arrow has no type for are kept as labels only
        table = pa.Table.from_pandas(rest, preserve_index=False)
    for field, column, _ in made:
        table = table.set_column(table.column_names.index(field.name), field, column)
    is_number = index.nlevels == 1 and index.dtype.kind in "iu"
    counts_from_0 = not is_named and is_number and index.equals(_row_numbers(len(frame)))
    added = [name for name in table.column_names[frame.shape[1] :] if not name.startswith(_LABELS)]
    notes = [note for _, _, notes in made for note in notes]
    return table, FrameOrigin("pandas", None if counts_from_0 else index, tuple(added)), notes


def _has_arrow_type(values: "pd.Series") -> bool:
    """Returns whether a column of pandas is no column of Python objects, and Arrow takes it."""
    if values.dtype == object:
        return False
    try:
        pa.array(values)
    except REFUSALS:
        return False
    return True


def _objects(values: "pd.Series") -> Any:
    """Returns the values of a column that Arrow does not take; of a sparse one all of them, with their type."""
    import pandas as pd

    if isinstance(values.dtype, pd.SparseDtype) and values.dtype.subtype.kind != "O":
        return values.sparse.to_dense().to_numpy()
    return values.astype(object).to_numpy()


def _table_from_polars(frame: Any) -> tuple[pa.Table, FrameOrigin, list[Finding]]:
    """Returns the columns of a Polars frame; 128-bit integers and Python objects, which Arrow lacks, one by one."""
    fields, columns, notes = [], [], []
    for name in frame.columns:
        values = frame.get_column(name).to_native()
        if any(part in str(values.dtype) for part in ("Object", "Int128")):  # of objects it would write addresses
            field, column, own = make_column(name, values.to_list())
            notes += own
        else:
            column = frame.select(name).to_arrow().column(0)
            field = pa.field(name, column.type)
        fields.append(field)
        columns.append(column)
    return pa.table(columns, schema=pa.schema(fields)), FrameOrigin("polars"), notes


def _row_numbers(n_rows: int) -> "pd.Index":
    import pandas as pd

    return pd.RangeIndex(n_rows)


def with_plain_columns(table: pa.Table) -> pa.Table:
    """Returns the table as all rooms can use it.

    A name that occurs again becomes "a.1", "a.2" …; pandas' unnamed row index and its notes are left out; views of
    strings become strings, since few Arrow functions know views (pyarrow 26).
    """
    kept = [place for place, name in enumerate(table.column_names) if not name.startswith(_LABELS)]
    table = table.replace_schema_metadata(None).select(kept)
    table = table.rename_columns(distinct_names(table.column_names))
    for place, field in enumerate(table.schema):
        if pa.types.is_string_view(field.type):
            table = table.set_column(place, field.name, table.column(place).cast(pa.large_string()))
    return table
