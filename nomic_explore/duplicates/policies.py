"""Keep policies: which of several duplicates is kept, by their texts, by columns, or by scores."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from nomic_explore.checks import check_choice
from nomic_explore.duplicates.evidence import Evidence
from nomic_explore.duplicates.verdicts import ResolvedVerdicts

if TYPE_CHECKING:
    import pyarrow as pa

POLICIES = ("longest", "shortest", "most_central", "first")
BY_COLUMN = ("newest", "oldest", "highest", "lowest", "most_complete", "source")
Keep = str | np.ndarray | Callable[[Any], Any]


def score_rows(keep: Keep, table: "pa.Table | None") -> str | np.ndarray:
    """Returns a policy that needs no columns as it is, any other as (n,) float64 scores, of which the highest stays.

    Args:
        keep: "longest", "shortest", "most_central", "first"; "newest:COLUMN" or "oldest:COLUMN", where without a column
            the only one of dates counts; "highest:COLUMN", "lowest:COLUMN"; "most_complete" (fewest nulls and blanks);
            "source:COLUMN=A,B,C", best first; a function that takes the rows as a DataFrame and returns n scores; or scores.
        table: the n rows with their columns; None if there are none.

    Raises:
        ValueError: there is no such policy or column, or its values cannot be ordered.
        TypeError: it is none of these.
    """
    if isinstance(keep, str) and keep in POLICIES:
        return keep
    if callable(keep):
        if table is None:
            raise ValueError("keep is a function, but these rows have no columns; give (n,) scores instead.")
        return np.asarray(keep(table.to_pandas()))
    if not isinstance(keep, str):
        return np.asarray(keep)
    name, _, column = keep.partition(":")
    check_choice(name, "keep", (*POLICIES, *BY_COLUMN))
    if table is None:
        raise ValueError(f"keep={keep!r} looks at columns, but these rows have none; give (n,) scores instead.")
    if name in POLICIES:
        raise ValueError(f"keep={keep!r}; {name!r} takes no column.")
    if name == "most_complete":
        return _count_filled(table)
    column, _, sources = column.partition("=")
    if name == "source":
        return _rank_sources(_column(table, column, keep), sources, keep)
    if not column and name in ("newest", "oldest"):
        column = _only_dates(table, keep)
    values = _as_numbers(_column(table, column, keep), keep)
    return _with_lowest(values if name in ("newest", "highest") else -values)


def check_policies(table: "pa.Table", keep: str, block_by: str | None) -> None:
    """Checks what columns decide before time is spent.

    Raises:
        ValueError: there is no such policy or column.
    """
    score_rows(keep, table)
    if block_by is not None:
        check_choice(block_by, "block_by", table.column_names)


def rank_once(
    evidence: Evidence, keep: str | np.ndarray, resolved: ResolvedVerdicts, *, is_plain: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Returns what `rank_documents` does, from the cache if only a named policy decides."""
    if not is_plain or not isinstance(keep, str):
        return rank_documents(evidence, keep, resolved)
    if keep not in evidence.rankings:
        evidence.rankings[keep] = rank_documents(evidence, keep, resolved)
    return evidence.rankings[keep]


def rank_documents(
    evidence: Evidence, keep: str | np.ndarray, resolved: ResolvedVerdicts
) -> tuple[np.ndarray, np.ndarray]:
    """Returns (d,) the row that represents each document and (d,) its rank, 0 the first to be kept.

    Rows that people keep rank first.
    """
    n_documents, n_rows = len(evidence.lengths), len(evidence.document)
    scores = np.zeros(n_rows) if isinstance(keep, str) else check_scores(keep, n_rows)
    # Of several rows with one text: one that people keep, none that they drop, the highest score, the first.
    best_first = np.lexsort((-scores, resolved.is_row_dropped, ~resolved.is_row_kept, evidence.document))
    representative = best_first[np.diff(evidence.document[best_first], prepend=-1) != 0]
    if isinstance(keep, str):
        priority = {
            "longest": _step_lengths(evidence.lengths),
            "shortest": -evidence.lengths,
            "most_central": evidence.centrality,
            "first": -representative,
        }[check_choice(keep, "keep", POLICIES)]
    else:
        priority = scores[representative]
    rank = np.empty(n_documents, dtype=np.int32)
    # Ties: the most duplicates, the longest, the tidiest, the first in sorted order.
    ties = (evidence.roughness, -evidence.lengths, -evidence.n_duplicates)
    rank[np.lexsort((*ties, -priority, ~resolved.is_kept))] = np.arange(n_documents)
    return representative.astype(np.int32), rank


def _step_lengths(lengths: np.ndarray) -> np.ndarray:
    """Returns (d,) lengths in steps of 5 %, so that not every line of boilerplate makes a text the longest of its duplicates.

    Below 20 characters each length is a step of its own.
    """
    return np.floor(np.log(np.maximum(lengths, 1)) / np.log(1.05) + 1e-9).astype(np.int64)


def check_scores(keep: np.ndarray, n_rows: int, rows: np.ndarray | None = None) -> np.ndarray:
    """Returns the scores as (n_rows,) float64, finite at `rows` (None: everywhere)."""
    scores = np.asarray(keep)
    if scores.shape != (n_rows,) or scores.dtype.kind not in "biuf":
        raise ValueError(
            f"keep has shape {scores.shape} and type {scores.dtype}; "
            f"expected one of {', '.join(map(repr, POLICIES))}, or {n_rows} numbers, a score for each row."
        )
    looked_at = np.arange(n_rows) if rows is None else rows
    unfit = looked_at[~np.isfinite(scores[looked_at])]
    if len(unfit):
        raise ValueError(
            f"keep[{unfit[0]}] is {scores[unfit[0]]}; expected a finite score. Give rows without one a low number."
        )
    return scores.astype(np.float64)


def _column(table: "pa.Table", name: str, keep: str) -> "pa.ChunkedArray":
    if name not in table.column_names:
        raise ValueError(f"keep={keep!r}: there is no column {name!r}; there are {', '.join(table.column_names)}.")
    return table[name]


def _only_dates(table: "pa.Table", keep: str) -> str:
    import pyarrow as pa

    dated = [field.name for field in table.schema if pa.types.is_temporal(field.type)]
    if len(dated) != 1:
        listed = ", ".join(dated) or "none"
        raise ValueError(f"keep={keep!r} needs a column of dates, there are {listed}; name one: '{keep}:COLUMN'.")
    return dated[0]


def _as_numbers(column: "pa.ChunkedArray", keep: str) -> np.ndarray:
    """Returns (n,) float64 that order like the values; NaN for null."""
    import pandas as pd
    import pyarrow as pa

    values = column.to_pandas()
    if _holds_strings(column):
        numbers = pd.to_numeric(values, errors="coerce")
        if not (numbers.isna() & values.notna()).any():
            return numbers.to_numpy(dtype=np.float64)
        dates = pd.to_datetime(values, errors="coerce", utc=True, format="mixed")
        unread = values[dates.isna() & values.notna()]
        if len(unread):
            raise ValueError(
                f"keep={keep!r}: row {unread.index[0]} holds {unread.iloc[0]!r}; expected numbers or dates."
            )
        values = dates
    if pa.types.is_temporal(column.type) or values.dtype.kind == "M":
        dates = pd.to_datetime(values, utc=True)
        return np.where(dates.isna(), np.nan, dates.astype("datetime64[ns, UTC]").astype(np.int64).astype(np.float64))
    try:
        return pd.to_numeric(values).to_numpy(dtype=np.float64, na_value=np.nan)
    except (ValueError, TypeError):
        raise ValueError(f"keep={keep!r}: the column is {column.type}; expected numbers or dates.") from None


def _with_lowest(values: np.ndarray) -> np.ndarray:
    """Returns ranks (n,) of the values, equal where they are; what is missing is lowest."""
    known = np.isfinite(values)
    ranks = np.full(len(values), -1.0)
    ranks[known] = np.unique(values[known], return_inverse=True)[1]
    return ranks


def _count_filled(table: "pa.Table") -> np.ndarray:
    """Returns (n,) how many columns of each row hold something."""
    import pyarrow.compute as pc

    filled = np.zeros(table.num_rows)
    for column in table.columns:
        is_filled = pc.is_valid(column)
        if _holds_strings(column):
            is_filled = pc.and_(
                is_filled, pc.fill_null(pc.greater(pc.utf8_length(pc.utf8_trim_whitespace(column)), 0), False)
            )
        filled += is_filled.to_numpy()
    return filled


def _rank_sources(column: "pa.ChunkedArray", sources: str, keep: str) -> np.ndarray:
    """Returns (n,) scores: the first source named the highest, one that is not named 0."""
    named = [name.strip() for name in sources.split(",") if name.strip()]
    values = [str(value) for value in column.to_pylist()]
    unknown = [name for name in named if name not in set(values)]
    if not named or unknown:
        found = ", ".join(sorted(set(values))[:10])
        raise ValueError(f"keep={keep!r}: expected 'source:COLUMN=A,B' with values of the column; it holds {found}.")
    priority = {name: len(named) - place for place, name in enumerate(named)}
    return np.array([priority.get(value, 0) for value in values], dtype=np.float64)


def _holds_strings(column: "pa.ChunkedArray") -> bool:
    import pyarrow as pa

    return bool(pa.types.is_string(column.type) or pa.types.is_large_string(column.type))
