"""`KeyLayouts`: which keys the record of each row had, in which order, so that JSON Lines are written as they came."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

COLUMN = "__nomic_explore_keys"  # carries the layouts beside the columns of a table until a corpus is made


@dataclass(frozen=True, eq=False)
class KeyLayouts:
    """The keys of n records.

    Attributes:
        layouts: each distinct sequence of keys that occurs.
        of_row: (n,) int32, which of them a row has; -1 where the row came from elsewhere and has all.
        keys: all keys that a record could have had; columns of other names are in every row.
    """

    layouts: tuple[tuple[str, ...], ...]
    of_row: np.ndarray
    keys: frozenset[str]

    def take(self, rows: np.ndarray) -> "KeyLayouts":
        """Returns the layouts of some rows (m,).

        Example:
            >>> layouts = KeyLayouts((("a",), ("b", "a")), np.array([0, 1, 0], dtype=np.int32), frozenset("ab"))
            >>> layouts.take(np.array([1])).of_row.tolist()
            [1]
        """
        return replace(self, of_row=self.of_row[rows])

    def renamed(self, names: Mapping[str, str]) -> "KeyLayouts":
        """Returns the layouts with other names for some columns."""
        layouts = tuple(tuple(names.get(key, key) for key in layout) for layout in self.layouts)
        return replace(self, layouts=layouts, keys=frozenset(names.get(key, key) for key in self.keys))

    def places(self, names: Sequence[str]) -> list[list[int]]:
        """Returns for each layout, and for a row that has all keys, the places of its columns in a table.

        Example:
            >>> layouts = KeyLayouts((("a",), ("b", "a")), np.zeros(0, dtype=np.int32), frozenset("ab"))
            >>> layouts.places(["a", "b", "topic"])
            [[0, 2], [1, 0, 2], [0, 1, 2]]
        """
        place = {name: at for at, name in enumerate(names)}
        added = [at for name, at in place.items() if name not in self.keys]
        own = [[place[key] for key in layout if key in place] + added for layout in self.layouts]
        return [*own, list(place.values())]

    def to_column(self) -> pa.DictionaryArray:
        """Returns the layouts as a column that a table can hold: JSON lists, null where a row has all keys."""
        written = pa.array([json.dumps(layout, ensure_ascii=False) for layout in self.layouts], pa.string())
        codes = pa.array(self.of_row, pa.int32(), mask=self.of_row < 0)
        return pa.DictionaryArray.from_arrays(codes, written)

    @classmethod
    def from_column(cls, column: pa.Array | pa.ChunkedArray, keys: Sequence[str] = ()) -> "KeyLayouts":
        """Returns the layouts that `to_column` wrote.

        Args:
            column: of n rows, as a dictionary or as plain text.
            keys: that a record could have had, besides those of the layouts.

        Example:
            >>> layouts = KeyLayouts((("a",), ("b", "a")), np.array([1, 0], dtype=np.int32), frozenset("ab"))
            >>> KeyLayouts.from_column(layouts.to_column()).layouts
            (('a',), ('b', 'a'))
        """
        chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
        numbers: dict[str, int] = {}
        codes = [np.zeros(0, dtype=np.int32)]
        for chunk in chunks:
            encoded = chunk if pa.types.is_dictionary(chunk.type) else chunk.dictionary_encode()
            own = [numbers.setdefault(layout, len(numbers)) for layout in encoded.dictionary.to_pylist()]
            codes.append(np.array([*own, -1], dtype=np.int32)[encoded.indices.fill_null(-1).to_numpy()])
        layouts = tuple(tuple(json.loads(layout)) for layout in numbers)
        return cls(layouts, np.concatenate(codes), frozenset(keys).union(*layouts))


def find_layouts(rows: object, limit: int | None = None) -> KeyLayouts | None:
    """Returns the keys of each of a list of dicts, of the first `limit`; None if it is none, or all have the same keys.

    Example:
        >>> find_layouts([{"a": 1}, {"b": 2, "a": 1}]).layouts
        (('a',), ('b', 'a'))
    """
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        return None
    numbers: dict[tuple[str, ...], int] = {}
    codes = [numbers.setdefault(tuple(map(str, row)), len(numbers)) for row in rows[:limit]]
    return (
        KeyLayouts(tuple(numbers), np.array(codes, np.int32), frozenset().union(*numbers)) if len(numbers) > 1 else None
    )


def split_layouts(table: pa.Table) -> tuple[pa.Table, KeyLayouts | None]:
    """Returns a table without the column that carries key layouts, and the layouts; None if every row has all keys.

    Example:
        >>> split_layouts(pa.table({"a": [1]}))[1] is None
        True
    """
    if COLUMN not in table.column_names:
        return table, None
    layouts = KeyLayouts.from_column(table[COLUMN])
    table = table.drop_columns([COLUMN])
    is_plain = layouts.layouts in ((), (tuple(table.column_names),))
    return table, None if is_plain else layouts
