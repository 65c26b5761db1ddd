"""Frames and lists already in memory become Arrow tables."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from nomic_explore.corpus.frame_origin import FrameOrigin

if TYPE_CHECKING:
    import pandas as pd


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


def table_from_frame(source: Any) -> tuple[pa.Table, FrameOrigin | None]:
    """Returns the columns of a frame with their types, and the frame's kind and index; None for dicts and data sets.

    Row labels of pandas become columns only if they have a name.
    """
    import narwhals as nw

    if isinstance(source, Mapping):
        return with_plain_columns(table_from_columns(source)), None
    if _is_data_set(source):
        return with_plain_columns(source.with_format("arrow")[:]), None
    if isinstance(source, pa.RecordBatch):
        source = pa.Table.from_batches([source])
    if isinstance(source, pa.Table):  # narwhals refuses columns that share a name, here and in pandas
        return with_plain_columns(source), FrameOrigin("pyarrow")
    if _is_pandas(source):
        return _table_from_pandas(source)
    frame = nw.from_native(source, pass_through=True)
    if isinstance(frame, nw.LazyFrame):
        frame = frame.collect()
    if not isinstance(frame, nw.DataFrame):
        return with_plain_columns(pa.table(source)), FrameOrigin("pyarrow")
    if frame.implementation.is_pandas_like():
        return _table_from_pandas(frame.to_pandas())
    kind = "polars" if frame.implementation.is_polars() else "pyarrow"
    return with_plain_columns(frame.to_arrow()), FrameOrigin(kind)


def _is_pandas(source: Any) -> bool:
    return type(source).__module__.split(".")[0] == "pandas" and hasattr(source, "columns")


def _is_data_set(source: Any) -> bool:
    """Whether the source is of Hugging Face's `datasets`, which narwhals does not know."""
    return type(source).__module__.split(".")[0] == "datasets" and hasattr(source, "with_format")


def table_from_rows(rows: list[Any]) -> pa.Table:
    """Returns a column "text" for a list of strings, or the columns of a list of dicts; a key a row lacks is null.

    Raises:
        TypeError: a row is neither string, dict nor None, or the two kinds are mixed.
        ValueError: a column mixes types.
    """
    if all(row is None or isinstance(row, str) or row != row for row in rows):
        return pa.table({"text": _strings([row if isinstance(row, str) else None for row in rows])})
    kinds, said = (str, "a string") if isinstance(rows[0], str | None) else (Mapping, "a dict")
    for number, row in enumerate(rows):
        if not isinstance(row, kinds) and not (row is None and kinds is str):
            raise TypeError(
                f"source[{number}] is {row!r:.60} ({type(row).__name__}); expected {said}, as the rows before it. "
                "A list holds texts, or dicts of columns, or paths."
            )
    names = list(dict.fromkeys(str(key) for row in rows for key in row))
    return table_from_columns({name: [row.get(name) for row in rows] for name in names})


def table_from_columns(columns: Mapping[Any, Any]) -> pa.Table:
    """Returns a table of these columns; the names become strings.

    Raises:
        ValueError: a column mixes types, or their lengths differ.
    """
    lengths = {str(name): len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"columns differ in length ({lengths}); expected one value a row in each.")
    return pa.table({str(name): _column(str(name), values) for name, values in columns.items()})


def _column(name: str, values: Any) -> Any:
    try:
        return pa.array(values)
    except UnicodeEncodeError:
        return _strings(list(values), name)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise ValueError(f"column {name!r} mixes types ({error}). {_first_odd_value(name, values)}") from None


def _first_odd_value(name: str, values: Any) -> str:
    listed = [value for value in values if value is not None and value == value]
    first = type(listed[0]) if listed else str
    for row, value in enumerate(values):
        if value is not None and value == value and not isinstance(value, first):
            return (
                f"Row {row} holds a {type(value).__name__} ({value!r:.40}), the rows before hold {first.__name__}. "
                "Give the column one type."
            )
    return "Give it one type."


def _strings(values: list[str | None], name: str = "text") -> Any:
    try:
        return pa.array(values, pa.string())
    except UnicodeEncodeError as error:
        for row, value in enumerate(values):
            if value is not None and not value.isascii():
                try:
                    value.encode()
                except UnicodeEncodeError as odd:
                    raise ValueError(
                        f"row {row} of {name!r} holds half a character (a lone surrogate) at position {odd.start}. "
                        "Repair it with text.encode('utf-16', 'surrogatepass').decode('utf-16', 'replace')."
                    ) from None
        raise ValueError(str(error)) from None


def _table_from_pandas(frame: "pd.DataFrame") -> tuple[pa.Table, FrameOrigin]:
    index, is_named = frame.index, any(name is not None for name in frame.index.names)
    frame = frame.set_axis(_distinct([str(name) for name in frame.columns]), axis=1)
    try:
        table = with_plain_columns(pa.Table.from_pandas(frame, preserve_index=is_named))
    except (pa.ArrowInvalid, pa.ArrowTypeError, UnicodeEncodeError):
        columns = {name: frame[name] for name in frame.columns}
        for name, values in columns.items():
            if values.dtype == object:
                _column(name, [None if value != value else value for value in values])
        raise
    counts_from_0 = not is_named and index.nlevels == 1 and index.equals(_row_numbers(len(frame)))
    added = table.column_names[frame.shape[1] :]
    return table, FrameOrigin("pandas", None if counts_from_0 else index, tuple(added))


def _row_numbers(n_rows: int) -> "pd.Index":
    import pandas as pd

    return pd.RangeIndex(n_rows)


def with_plain_columns(table: pa.Table) -> pa.Table:
    """Returns the table as all rooms can use it.

    A name that occurs again becomes "a.1", "a.2" …; pandas' unnamed row index and its notes are left out; views of
    strings become strings, since few Arrow functions know views (pyarrow 26).
    """
    kept = [place for place, name in enumerate(table.column_names) if not name.startswith("__index_level_")]
    table = table.replace_schema_metadata(None).select(kept)
    table = table.rename_columns(_distinct(table.column_names))
    for place, field in enumerate(table.schema):
        if pa.types.is_string_view(field.type):
            table = table.set_column(place, field.name, table.column(place).cast(pa.large_string()))
    return table


def _distinct(names: Sequence[str]) -> list[str]:
    taken, distinct = set(names), []
    seen: set[str] = set()
    for name in names:
        candidate, number = name, 0
        while candidate in seen or (number and candidate in taken):
            number += 1
            candidate = f"{name}.{number}"
        seen.add(candidate)
        distinct.append(candidate)
    return distinct
