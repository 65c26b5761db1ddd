"""Columns that other map tools write: positions, recognized by the tool's own columns beside them, and vectors."""

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

MIN_WIDTH = 4  # numbers in a vector; shorter lists are coordinates, ranges or colors
_N_STRINGS = 20  # texts looked at to tell whether a column holds vectors as text


class KnownPositions(NamedTuple):
    """Two columns of positions, and the tool that wrote them.

    Attributes:
        tool: its name, for people.
        x: name of the column with the horizontal positions.
        y: name of the column with the vertical positions.
    """

    tool: str
    x: str
    y: str


@dataclass(frozen=True)
class _Layout:
    """How a tool names its columns; a table is the tool's if every pattern of the evidence fits one of its columns."""

    tool: str
    x: str
    y: str
    evidence: tuple[str, ...] = ()


# In the order in which they are tried. Plain "x" and "y" can be anything, so that they count only beside columns that one
# tool alone writes. The names are those of embedding-atlas 0.26, latent-scope 0.5 and 1.0, nomic 3.9 and BERTopic 0.17.
_LAYOUTS = (
    _Layout("nomic_explore", "x", "y", ("topic_assignment", "topic_strength", "duplicate_role")),
    _Layout("embedding-atlas", "projection_x", "projection_y"),
    _Layout("latent-scope", "x_ls", "y_ls", (r"tile_index_\d+", "cluster(_ls)?")),
    _Layout("latent-scope", "x", "y", (r"tile_index_\d+", "cluster(_ls)?")),
    _Layout("Nomic Atlas", "x", "y", (r"_position_index|_?topic_depth_\d+",)),
    _Layout("BERTopic", "x", "y", ("Document", "Topic", "Representation", "Top_n_words")),
)
_NUMBERED = re.compile(r"(.+)_(\d+)")  # embedding-atlas adds a number to a name that the input has already


def find_positions(table: pa.Table) -> KnownPositions | None:
    """Returns the columns in which another tool stored positions; None if nothing shows that it did.

    Recognized are tables of embedding-atlas, latent-scope, Nomic Atlas, BERTopic and `Exploration.save_parquet`. Columns that
    are merely called x and y are not taken for positions.

    Args:
        table: as it was read.

    Example:
        >>> find_positions(pa.table({"text": ["a"], "projection_x": [0.5], "projection_y": [1.5]}))
        KnownPositions(tool='embedding-atlas', x='projection_x', y='projection_y')
        >>> find_positions(pa.table({"text": ["a"], "x": [0.5], "y": [1.5]})) is None
        True
    """
    names = [field.name for field in table.schema if is_number(field.type) or pa.types.is_decimal(field.type)]
    for layout in _LAYOUTS:
        if not all(_any_fits(pattern, table.column_names) for pattern in layout.evidence):
            continue
        x, y = layout.x, layout.y
        if not layout.evidence and (suffix := _last_suffix(names, x, y)):
            x, y = x + suffix, y + suffix
        if x in names and y in names and all(table[name].null_count < table.num_rows for name in (x, y)):
            return KnownPositions(layout.tool, x, y)
    return None


def vector_columns(table: pa.Table, *, min_width: int = MIN_WIDTH, whole_numbers: bool = False) -> dict[str, int]:
    """Returns the columns that hold vectors, each with the length of its vectors.

    These are lists of equally many numbers, four or more, and such lists written as text ("[0.1, 0.2, ...]"), as a CSV file
    holds them. Null is a row without a vector.

    Args:
        table: as it was read.
        min_width: how long the lists have to be.
        whole_numbers: take lists of whole numbers beyond 8 bits, too; they are rather ids, counts or tokens.

    Example:
        >>> vector_columns(pa.table({"e": [[0.1, 0.2, 0.3, 0.4], None], "pair": [[1.0, 2.0], [3.0, 4.0]]}))
        {'e': 4}
    """
    widths = {field.name: _width(table[field.name], whole_numbers) for field in table.schema}
    return {name: width for name, width in widths.items() if width >= min_width}


def _last_suffix(names: Collection[str], x: str, y: str) -> str:
    """Returns "_2" if the columns x_2 and y_2 are the last that embedding-atlas computed; "" if it did so once."""
    numbers = [found.group(2) for name in names if (found := _NUMBERED.fullmatch(name)) and found.group(1) == x]
    repeated = [int(number) for number in numbers if f"{y}_{number}" in names]
    return f"_{max(repeated)}" if repeated else ""


def _any_fits(pattern: str, names: Collection[str]) -> bool:
    return any(re.fullmatch(pattern, name) for name in names)


def _width(column: pa.ChunkedArray, whole_numbers: bool) -> int:
    """Returns how many numbers each row of a column holds; 0 if it holds other things, or not equally many."""
    kind = getattr(column.type, "storage_type", column.type)  # a tensor column is a list with a name
    if pa.types.is_fixed_size_list(kind):
        return kind.list_size if is_number(kind.value_type) and column.null_count < len(column) else 0
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        is_fit = is_number if whole_numbers else _is_vector_number
        return _list_width(column) if is_fit(kind.value_type) else 0
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _text_width(column)
    return 0


def _list_width(column: pa.ChunkedArray) -> int:
    lengths = pc.list_value_length(column)
    extremes = pc.min_max(lengths.filter(pc.greater(lengths, 0))).as_py()  # an empty list is a row without a vector
    return extremes["min"] or 0 if extremes["min"] == extremes["max"] else 0


def _text_width(column: pa.ChunkedArray) -> int:
    """Returns the length of vectors that are written as text; a few rows are looked at, since any text could be long."""
    lengths = set()
    for text in column.slice(0, 10 * _N_STRINGS).drop_null().slice(0, _N_STRINGS).to_pylist():
        if text.startswith("["):
            try:
                lengths.add(len(parse_vector(text)))
                continue
            except ValueError:
                pass
        elif not text:
            continue
        return 0
    return lengths.pop() if len(lengths) == 1 else 0


def parse_vector(text: str) -> np.ndarray:
    """Returns the numbers (d,) float64 of a list that was written as text by JSON, by Python or by numpy.

    Raises:
        ValueError: it is no list of numbers.

    Example:
        >>> parse_vector("[0.5, 1]").tolist(), parse_vector("[0.5 1. ]").tolist()
        ([0.5, 1.0], [0.5, 1.0])
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = text.strip().removeprefix("[").removesuffix("]").split()
    try:
        numbers = np.array(found, dtype=np.float64)
    except TypeError as error:
        raise ValueError(str(error)) from None
    if numbers.ndim != 1:
        raise ValueError(f"it has {numbers.ndim} axes, not one")
    return numbers


def is_number(kind: pa.DataType) -> bool:
    """Whether an Arrow type is one of whole or of floating point numbers.

    Example:
        >>> is_number(pa.float16()), is_number(pa.string())
        (True, False)
    """
    return pa.types.is_integer(kind) or pa.types.is_floating(kind)


def _is_vector_number(kind: pa.DataType) -> bool:
    """Whether lists of such numbers can be vectors; see `vector_columns`."""
    return pa.types.is_floating(kind) or pa.types.is_int8(kind) or pa.types.is_uint8(kind)
