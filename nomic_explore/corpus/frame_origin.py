"""`FrameOrigin`: the kind and the row labels of the frame that rows came in, in memory and as a folder stores them.

Rows of JSON files have no frame; of them it keeps the keys of each record.
"""

import json
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from nomic_explore.cells.key_layouts import KeyLayouts

if TYPE_CHECKING:
    import pandas as pd

RECORDS = "records"
_AS_JSON = "json"  # what stands for a dtype if Arrow has no type for the labels


@dataclass(frozen=True, eq=False)
class FrameOrigin:
    """The frame that rows came in: what is needed to give them back in its kind.

    Attributes:
        kind: "pandas", "polars" or "pyarrow"; a lazy frame or a relation counts as what it is collected to; "records" are
            the objects of JSON files.
        index: (n,) the row labels of a pandas frame; None if they just count from 0.
        index_columns: columns of the table that were levels of that index.
        keys: of n records; None if all have the same.
    """

    kind: str
    index: "pd.Index | None" = None
    index_columns: tuple[str, ...] = ()
    keys: KeyLayouts | None = None

    def take(self, rows: np.ndarray) -> "FrameOrigin":
        """Returns the origin of some rows (m,)."""
        index = None if self.index is None else self.index.take(rows)
        return replace(self, index=index, keys=self.keys and self.keys.take(rows))

    def to_native(self, table: pa.Table) -> Any:
        """Returns a table as a frame of this kind, with the index of its rows."""
        if self.kind == "pyarrow":
            return table
        if self.kind == "polars":
            import polars

            return polars.from_arrow(table)
        return self.with_index(table.drop_columns(list(self.index_columns)).to_pandas())

    def with_index(self, frame: "pd.DataFrame") -> "pd.DataFrame":
        """Returns a pandas frame of these rows with their labels."""
        return frame if self.index is None else frame.set_axis(self.index, axis=0)

    def to_stored(self) -> tuple[dict[str, object], list[pa.Array]]:
        """Returns the origin as JSON can hold it, and each level of the index, or the keys, as an Arrow column.

        Example:
            >>> FrameOrigin("polars").to_stored()
            ({'kind': 'polars'}, [])
        """
        if self.keys is not None:
            return {"kind": self.kind, "keys": sorted(self.keys.keys)}, [self.keys.to_column()]
        if self.index is None:
            return {"kind": self.kind}, []
        levels = [self.index.get_level_values(level) for level in range(self.index.nlevels)]
        stored = [_store_level(level) for level in levels]
        facts = [facts for facts, _ in stored]
        return {"kind": self.kind, "index": facts, "index_columns": list(self.index_columns)}, [
            column for _, column in stored
        ]

    @staticmethod
    def n_stored(record: Mapping[str, Any]) -> int:
        """Returns how many columns `to_stored` made for a record."""
        return 1 if "keys" in record else len(record.get("index", []))

    @classmethod
    def from_stored(
        cls, record: Mapping[str, Any], columns: Sequence["pa.Array | pa.ChunkedArray"] = ()
    ) -> "FrameOrigin":
        """Returns the origin that `to_stored` took apart."""
        import pandas as pd

        if "keys" in record:
            return cls(record["kind"], keys=KeyLayouts.from_column(columns[0], record["keys"]))
        facts = record.get("index", [])
        levels = [_read_level(of_level, column) for of_level, column in zip(facts, columns, strict=True)]
        index = pd.MultiIndex.from_arrays(levels) if len(levels) > 1 else levels[0] if levels else None
        return cls(record["kind"], index, tuple(record.get("index_columns", ())))


def _store_level(labels: "pd.Index") -> tuple[dict[str, object], pa.Array]:
    """Returns the name and the dtype of one level as JSON can hold them, and its labels as a column."""
    import pandas as pd

    name = list(labels.name) if isinstance(labels.name, tuple) else labels.name
    name = json.loads(json.dumps(name, default=str))
    facts: dict[str, object] = {"name": name, "dtype": str(labels.dtype)}
    try:
        column = pa.array(labels.to_series())
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, UnicodeEncodeError):
        column = None
    if column is None or pa.types.is_nested(column.type) or _is_nested_category(column.type):
        return facts | {"dtype": _AS_JSON}, pa.array([json.dumps(label, default=str) for label in labels])
    if isinstance(labels, pd.CategoricalIndex):
        facts["ordered"] = bool(labels.ordered)
    return facts, column


def _is_nested_category(kind: pa.DataType) -> bool:
    """Whether labels are categories that Arrow does not give back, such as the intervals of pd.cut."""
    return pa.types.is_dictionary(kind) and (
        pa.types.is_nested(kind.value_type) or isinstance(kind.value_type, pa.BaseExtensionType)
    )


def _read_level(facts: Mapping[str, Any], column: "pa.Array | pa.ChunkedArray") -> "pd.Index":
    import pandas as pd

    name = _hashable(facts["name"])
    if facts["dtype"] == _AS_JSON:
        labels = [_hashable(json.loads(label)) for label in column.to_pylist()]
        return pd.Index(labels, dtype=object, name=name, tupleize_cols=False)
    if facts["dtype"] == "category":
        categories = pd.CategoricalIndex(column.to_pandas().array, name=name)
        return categories.as_ordered() if facts["ordered"] else categories
    return pd.Index(column.to_pandas().array, name=name).astype(_dtype(facts["dtype"]))


def _dtype(name: str) -> Any:
    """Returns a dtype by its name; object, which keeps the labels, if this pandas does not know it."""
    import pandas as pd

    try:
        return pd.api.types.pandas_dtype(name)
    except TypeError:
        return object


def _hashable(label: object) -> Hashable:
    if isinstance(label, list):
        return tuple(map(_hashable, label))
    assert isinstance(label, Hashable)
    return label
