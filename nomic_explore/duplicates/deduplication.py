"""`Deduplication`: what stays of a corpus without its duplicates, what went, and why."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nomic_explore.duplicates.decide import DROP, REVIEW, ROLES
from nomic_explore.duplicates.describe import describe_reasons
from nomic_explore.duplicates.duplicates import Duplicates
from nomic_explore.duplicates.matches import KIND_NAMES

if TYPE_CHECKING:
    import pandas as pd

    from nomic_explore.corpus import Corpus

REMOVED_COLUMNS = ("row", "duplicate_of", "duplicate_of_id", "duplicate_kind", "duplicate_similarity", "reason")


@dataclass(frozen=True, eq=False, repr=False)
class Deduplication:
    """A corpus and what becomes of each row.

    Attributes:
        corpus: all rows.
        duplicates: the decisions.
        made_by: what they were made from and with, ready for JSON; no time of day, so that the same run gives the same.
    """

    corpus: "Corpus"
    duplicates: Duplicates
    made_by: dict[str, Any]

    def __repr__(self) -> str:
        counts = self.summary()
        return (
            f"Deduplication({self.corpus.name!r}, {counts['rows']:,} rows: {counts['kept']:,} kept, "
            f"{counts['dropped']:,} dropped, {counts['review']:,} of the kept ones to review)"
        )

    def at(self, min_similarity: float | None = None, **changes: Any) -> "Deduplication":
        """Returns the deduplication by another threshold, other kinds, another keeper or size; see `Duplicates.at`."""
        found = self.duplicates.at(min_similarity, **changes)
        asked = {name: changes[name] for name in ("keep_n", "keep_fraction") if changes.get(name) is not None}
        made_by = {**self.made_by, **asked, **describe_decisions(found)}
        if min_similarity is not None:
            made_by["min_similarity_asked"] = min_similarity
            made_by.pop("background", None)  # it speaks of the other threshold
        return replace(self, duplicates=found, made_by=made_by)

    def kept(self) -> "Corpus":
        """Returns the rows that are not dropped, in order; rows without text and those to be reviewed stay."""
        return self.corpus.take(self.duplicates.role_codes != DROP)

    def removed(self) -> "pd.DataFrame":
        """Returns the dropped rows: their columns, `row` (its number), and what each went for and why.

        That is `duplicate_of` (row number of the kept row), `duplicate_of_id`, `duplicate_kind`, `duplicate_similarity` (the
        cosine, 1 for equal texts) and `reason`, a sentence. An input column of such a name is kept as `<name>_input`.
        """
        import pyarrow as pa

        return pa.table(self.removed_columns()).to_pandas()

    def removed_columns(self) -> dict[str, Any]:
        """Returns the columns of `removed()` as Arrow columns, the input's with their own types."""
        import pyarrow as pa

        found, table = self.duplicates, self.corpus.table
        rows = np.flatnonzero(found.role_codes == DROP)
        keepers = found.keepers[rows].astype(np.int64)
        columns = dict(zip(_rename(table.column_names), table.take(pa.array(rows)).columns, strict=True))
        results = (
            pa.array(rows),
            pa.array(keepers),
            pa.array([self.corpus.ids[keeper] for keeper in keepers], pa.string()),
            pa.array(found.kinds[rows].tolist(), pa.string()),
            pa.array(found.similarities[rows]),
            pa.array(describe_reasons(found, rows), pa.string()),
        )
        return columns | dict(zip(REMOVED_COLUMNS, results, strict=True))

    def summary(self) -> dict[str, Any]:
        """Returns counts: rows, without_text, kept, dropped, share_dropped (of rows with text), review, groups, by kind."""
        roles, kinds = self.duplicates.role_codes, self.duplicates.kind_codes
        n_rows, n_with_text, n_dropped = len(self.corpus), len(self.corpus.rows), int((roles == DROP).sum())
        return {
            "rows": n_rows,
            "without_text": n_rows - n_with_text,
            "kept": n_rows - n_dropped,
            "dropped": n_dropped,
            "share_dropped": round(n_dropped / n_with_text, 6) if n_with_text else 0.0,
            "review": int((roles == REVIEW).sum()),
            "groups": self.duplicates.n_groups,
            "roles": {name: int((roles == code).sum()) for code, name in enumerate(ROLES)},
            "dropped_by_kind": _count_kinds(kinds[roles == DROP]),
            "review_by_kind": _count_kinds(kinds[roles == REVIEW]),
        }

    def save(self, path: str | Path) -> Path:
        """Writes the rows of `kept()` as .parquet, .csv or .jsonl, with the columns and types of the input; returns the path.

        Raises:
            ValueError: the path ends in something else.
            FileNotFoundError: its folder does not exist.
        """
        import pyarrow as pa

        from nomic_explore.files import write_table

        kept = self.corpus.table.filter(pa.array(self.duplicates.role_codes != DROP))
        return write_table(dict(zip(kept.column_names, kept.columns, strict=True)), path)

    def save_removed(self, path: str | Path) -> Path:
        """Writes the rows of `removed()` in the same way; returns the path."""
        from nomic_explore.files import write_table

        return write_table(self.removed_columns(), path)

    def report(self, path: str | Path) -> Path:
        """Writes what was asked, found and removed, and why; returns the path.

        A page (.html) that needs nothing but itself, or all of it as data (.json). The same run writes the same bytes.

        Raises:
            ValueError: the path ends in something else.
            FileNotFoundError: its folder does not exist.
        """
        from nomic_explore.duplicates.report.report import write_report

        return write_report(self, path)


def describe_decisions(found: Duplicates) -> dict[str, Any]:
    """Returns by what rule rows were dropped, ready for JSON."""
    verdicts = found.verdicts
    keep = (
        found.keep
        if isinstance(found.keep, str)
        else f"function {found.keep.__name__}"
        if callable(found.keep)
        else "scores"
    )
    return {
        "min_similarity": round(found.min_similarity, 6),
        "kinds": list(found.drop_kinds),
        "keep": keep,
        "n_verdicts": len(verdicts.keep) + len(verdicts.drop) + len(verdicts.distinct),
    }


def _rename(names: Sequence[str]) -> list[str]:
    """Returns the names of the input columns, those that a result takes with "_input" behind them."""
    renamed = []
    for name in names:
        while name in REMOVED_COLUMNS or (name not in names and name in renamed):
            name += "_input"
        renamed.append(name)
    return renamed


def _count_kinds(codes: np.ndarray) -> dict[str, int]:
    counts = np.bincount(codes, minlength=len(KIND_NAMES))
    return {name: int(counts[code]) for code, name in enumerate(KIND_NAMES) if name}
