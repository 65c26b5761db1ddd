"""`Deduplication`: what stays of a corpus without its duplicates, what is removed, and why."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import numpy as np

from nomic_explore.checks import check_rows
from nomic_explore.duplicates.describe import OutcomeCounts, count_outcomes, describe_reasons, draw_duplicates
from nomic_explore.duplicates.duplicates import DecisionOptions, Duplicates
from nomic_explore.duplicates.report.report import MadeBy, write_report
from nomic_explore.duplicates.roles import DROP
from nomic_explore.files import write_table

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from nomic_explore.cells.key_layouts import KeyLayouts
    from nomic_explore.corpus import Corpus

REMOVED_COLUMNS = ("row", "duplicate_of", "duplicate_of_id", "duplicate_kind", "duplicate_similarity", "reason")


@dataclass(frozen=True, eq=False, repr=False)
class Deduplication:
    """A corpus and what becomes of each of its rows.

    Attributes:
        corpus: all rows.
        duplicates: the decisions.
        made_by: what they were made from and with, ready for JSON; no time of day, so that equal runs give equal results.

    Example:
        >>> from nomic_explore import deduplicate
        >>> deduplicate(["a cat", "a dog", "a cat"], exact_only=True)
        Deduplication('texts', 3 rows: 2 kept, 1 dropped, 0 of the kept ones flagged for review)
    """

    corpus: "Corpus"
    duplicates: Duplicates
    made_by: MadeBy

    def __repr__(self) -> str:
        counts, name = self.summary(), self.corpus.name
        short = name if len(name) <= 80 else f"{name[:79]}…"
        return (
            f"Deduplication({short!r}, {counts['rows']:,} rows: {counts['kept']:,} kept, "
            f"{counts['dropped']:,} dropped, {counts['review']:,} of the kept ones flagged for review)"
        )

    def _repr_html_(self) -> str:
        return draw_duplicates(self.duplicates)

    def at(self, min_similarity: float | None = None, **changes: Unpack[DecisionOptions]) -> "Deduplication":
        """Returns the deduplication at another threshold, with other kinds, another keep policy or size.

        Args:
            min_similarity: see `Duplicates.at`.
            **changes: the keywords of `Duplicates.at`: kinds, keep, protect, keep_n, keep_fraction.

        Example:
            >>> from nomic_explore import deduplicate
            >>> result = deduplicate(["a cat", "A cat!"], exact_only=True)
            >>> len(result.kept()), len(result.at(kinds=["exact", "normalised"]).kept())
            (2, 1)
        """
        if changes.get("protect") is not None:
            index = None if self.corpus.origin is None else self.corpus.origin.index
            changes["protect"] = check_rows(changes["protect"], len(self.corpus), index, lambda: self.corpus.ids)
        duplicates = self.duplicates.at(min_similarity, **changes)
        made_by: MadeBy = {**self.made_by}
        if (keep_n := changes.get("keep_n")) is not None:
            made_by["keep_n"] = keep_n
        if (keep_fraction := changes.get("keep_fraction")) is not None:
            made_by["keep_fraction"] = keep_fraction
        made_by |= describe_settings(duplicates)
        if min_similarity is not None:
            made_by["min_similarity_asked"] = min_similarity
            made_by.pop("background", None)  # it is about the other threshold
        return replace(self, duplicates=duplicates, made_by=made_by)

    def kept(self) -> "Corpus":
        """Returns the rows that are not dropped, in order; rows without text and those flagged for review stay.

        Example:
            >>> from nomic_explore import deduplicate
            >>> deduplicate(["a cat", "a dog", "a cat"], exact_only=True).kept().texts
            ['a cat', 'a dog']
        """
        return self.corpus.take(self.duplicates.role_codes != DROP)

    def removed(self) -> "pd.DataFrame":
        """Returns the dropped rows: their columns, `row` (the row number), the row each duplicates, and a reason.

        The added columns are `duplicate_of` (row number of the kept row), `duplicate_of_id`, `duplicate_kind`,
        `duplicate_similarity` (cosine, 1 for equal texts) and `reason`, a sentence. An input column with one of these names is
        kept as `<name>_input`.

        Example:
            >>> from nomic_explore import deduplicate
            >>> deduplicate(["a cat", "a dog", "a cat"], exact_only=True).removed()["reason"].tolist()
            ['the same text as row 0']
        """
        import pyarrow as pa

        return pa.table(self._removed_columns()).to_pandas()

    def _removed_columns(self) -> "dict[str, pa.Array | pa.ChunkedArray]":
        """Returns the columns of `removed()` as Arrow columns, the input's with their own types."""
        import pyarrow as pa

        duplicates, table = self.duplicates, self.corpus.table
        rows = np.flatnonzero(duplicates.role_codes == DROP)
        keepers = duplicates.keepers[rows].astype(np.int64)
        columns = dict(zip(_rename(table.column_names), table.take(pa.array(rows)).columns, strict=True))
        results = (
            pa.array(rows),
            pa.array(keepers),
            pa.array([self.corpus.ids[keeper] for keeper in keepers], pa.string()),
            pa.array(duplicates.kinds[rows].tolist(), pa.string()),
            pa.array(duplicates.similarities[rows]),
            pa.array(describe_reasons(duplicates, rows), pa.string()),
        )
        return columns | dict(zip(REMOVED_COLUMNS, results, strict=True))

    def summary(self) -> OutcomeCounts:
        """Returns counts: rows, without_text, kept, dropped, share_dropped (of rows with text), review, groups, by kind.

        Example:
            >>> from nomic_explore import deduplicate
            >>> deduplicate(["a cat", "a dog", "a cat"], exact_only=True).summary()["dropped"]
            1
        """
        return count_outcomes(self.duplicates, len(self.corpus.rows))

    def save(self, path: str | Path) -> Path:
        """Writes the rows of `kept()` as .parquet, .csv or .jsonl; returns the path.

        Columns and types are those of the input, and CSV and JSON Lines give back each cell as it was written in the file.

        Raises:
            ValueError: the path ends in something else.
            FileNotFoundError: its folder does not exist.

        Example:
            >>> from nomic_explore import deduplicate
            >>> folder = getfixture("tmp_path")
            >>> deduplicate(["a cat", "a cat"], exact_only=True).save(folder / "kept.csv").name
            'kept.csv'
        """
        import pyarrow as pa

        is_kept = self.duplicates.role_codes != DROP
        return write_table(self.corpus.table.filter(pa.array(is_kept)), path, layouts=self._layouts(is_kept))

    def save_removed(self, path: str | Path) -> Path:
        """Writes the rows of `removed()` as .parquet, .csv or .jsonl; returns the path.

        Raises:
            ValueError: the path ends in something else.
            FileNotFoundError: its folder does not exist.

        Example:
            >>> from nomic_explore import deduplicate
            >>> folder = getfixture("tmp_path")
            >>> deduplicate(["a cat", "a cat"], exact_only=True).save_removed(folder / "removed.jsonl").name
            'removed.jsonl'
        """
        from nomic_explore.cells.writing import carry_notes

        columns = self._removed_columns()
        layouts = self._layouts(self.duplicates.role_codes == DROP)
        names = self.corpus.table.column_names
        renamed = layouts and layouts.renamed(dict(zip(names, columns, strict=False)))
        return write_table(carry_notes(columns, self.corpus.table.schema), path, layouts=renamed)

    def _layouts(self, is_chosen: np.ndarray) -> "KeyLayouts | None":
        """Returns the keys that some rows, by a mask (n,), had in the file; None if there are none to keep."""
        origin = self.corpus.origin
        return origin.keys.take(np.flatnonzero(is_chosen)) if origin is not None and origin.keys is not None else None

    def report(self, path: str | Path) -> Path:
        """Writes a report of the settings, the result, and each removed row with its reason; returns the path.

        A page (.html) that loads nothing else, or all rows as data (.json). Equal runs write equal bytes.

        Raises:
            ValueError: the path ends in something else.
            FileNotFoundError: its folder does not exist.

        Example:
            >>> from nomic_explore import deduplicate
            >>> folder = getfixture("tmp_path")
            >>> deduplicate(["a cat", "a cat"], exact_only=True).report(folder / "report.html").name
            'report.html'
        """
        return write_report(self.corpus, self.duplicates, self.made_by, path)


def describe_settings(duplicates: Duplicates) -> MadeBy:
    """Returns the settings by which rows were dropped, ready for JSON: min_similarity, kinds, keep, n_verdicts."""
    keep, verdicts = duplicates.keep, duplicates.verdicts
    if callable(keep):
        keep = f"function {keep.__name__}"
    return {
        "min_similarity": round(duplicates.min_similarity, 6),
        "kinds": list(duplicates.drop_kinds),
        "keep": keep if isinstance(keep, str) else "scores",
        "n_verdicts": len(verdicts.keep) + len(verdicts.drop) + len(verdicts.distinct),
    }


def _rename(names: Sequence[str]) -> list[str]:
    """Returns the names of the input columns, "_input" appended where a result column has the same name."""
    renamed = []
    for name in names:
        while name in REMOVED_COLUMNS or (name not in names and name in renamed):
            name += "_input"
        renamed.append(name)
    return renamed
