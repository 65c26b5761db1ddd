"""Labels: pairs of rows that somebody called duplicates or not, beside what the evidence says of them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from nomic_explore.duplicates.duplicates import Duplicates


def label_pairs(found: "Duplicates", pairs: "pd.DataFrame | Sequence[tuple[int, int, bool]]") -> "pd.DataFrame":
    """Returns the labelled pairs with what the evidence says of each: similarity, overlap and kind, ready for `calibrate`.

    A pair that the evidence does not hold, neither near in meaning nor in letters, has no kind ("") and NaN for both numbers:
    a duplicate that no threshold finds.

    Args:
        found: of n rows.
        pairs: columns row, other, is_duplicate, or a list of such triples; further columns stay.

    Raises:
        ValueError: a column is missing, or row and other are not two different rows; the message has the place.
    """
    import pandas as pd

    columns = ["row", "other", "is_duplicate"]
    table = pairs if isinstance(pairs, pd.DataFrame) else pd.DataFrame(list(pairs), columns=columns)
    n_rows = len(found)
    check_truths(read_column(table, "is_duplicate"))
    row, other = (_check_rows(read_column(table, name), f"pairs.{name}", n_rows) for name in ("row", "other"))
    same = np.flatnonzero(row == other)
    if len(same):
        raise ValueError(f"pairs.row[{same[0]}] and pairs.other[{same[0]}] are both {row[same[0]]}; expected two rows.")
    evidence = found.pairs
    text = _find_first(evidence[evidence["kind"] == "exact"], np.arange(n_rows))
    said = _find_first(evidence[evidence["kind"] == "normalised"], np.arange(n_rows))[text]
    scored = evidence[~evidence["kind"].isin(("exact", "normalised"))]
    of_key = pd.Series(np.arange(len(scored)), index=_key(text[scored["row"]], text[scored["other"]], n_rows))
    place = of_key.reindex(_key(text[row], text[other], n_rows), fill_value=-1).to_numpy()
    is_exact, is_normalised, is_scored = text[row] == text[other], said[row] == said[other], place >= 0
    told = {}
    for name, unknown, normalised, exact in (
        ("similarity", np.nan, 1.0, 1.0),
        ("overlap", np.nan, 1.0, 1.0),
        ("kind", "", "normalised", "exact"),
    ):
        told[name] = np.full(len(table), unknown, dtype=object if name == "kind" else np.float64)
        told[name][is_scored] = scored[name].to_numpy()[place[is_scored]]
        told[name][is_normalised] = normalised
        told[name][is_exact] = exact
    return table.assign(**told)


def read_column(pairs: "pd.DataFrame", name: str) -> np.ndarray:
    """Returns the values of a column; raises ValueError if there is none."""
    if name not in pairs.columns:
        raise ValueError(f"pairs has columns {', '.join(map(str, pairs.columns))}; expected one named {name}.")
    return np.asarray(pairs[name])


def check_truths(values: np.ndarray, name: str = "pairs.is_duplicate") -> np.ndarray:
    """Returns (m,) bool of what is True or False, or 1 or 0, throughout."""
    for row, value in enumerate(values.tolist()):
        if value is None or value not in (0, 1):
            raise ValueError(f"{name}[{row}] is {value!r}; expected True or False. Leave pairs without a verdict out.")
    return values.astype(bool)


def _find_first(alike: "pd.DataFrame", rows: np.ndarray) -> np.ndarray:
    """Returns (n,) the row that each stands behind, itself where `alike` does not name it."""
    first = rows.copy()
    first[alike["row"]] = alike["other"]
    return first


def _key(one: np.ndarray, two: np.ndarray, n_rows: int) -> np.ndarray:
    """Returns one number for each pair of rows, whichever comes first."""
    return np.minimum(one, two).astype(np.int64) * n_rows + np.maximum(one, two)


def _check_rows(values: np.ndarray, name: str, n_rows: int) -> np.ndarray:
    """Returns (m,) int64 of what is a row number throughout."""
    for place, value in enumerate(values.tolist()):
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < n_rows:
            raise ValueError(f"{name}[{place}] is {value!r}; expected a row number from 0 to {n_rows - 1}.")
    return values.astype(np.int64)
