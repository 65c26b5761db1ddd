"""Parts: the columns that texts are made of, as evidence of their own."""

from typing import TYPE_CHECKING

import numpy as np

from nomic_explore.checks import check_choice

if TYPE_CHECKING:
    import pyarrow as pa


def column_texts(table: "pa.Table", columns: list[str], rows: np.ndarray) -> dict[str, list[str | None]]:
    """Returns what some rows (m,) hold in each of several columns, as strings; None for null."""
    texts = {}
    for name in columns:
        values = table[check_choice(name, "columns", table.column_names)].take(rows).to_pylist()
        texts[name] = [None if value is None else str(value) for value in values]
    return texts
