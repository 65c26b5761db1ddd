"""`exploration.duplicates`: duplicate review, with verdicts, threshold, kinds of evidence and keep policy."""

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from nomic_explore.arrays import inverse_index
from nomic_explore.checks import Rows, check_choice
from nomic_explore.duplicates.describe import FLAGS
from nomic_explore.duplicates.matches import KIND_NAMES
from nomic_explore.duplicates.review_pairs import key_texts, list_undecided, name_differences
from nomic_explore.duplicates.roles import REVIEW
from nomic_explore.html_table import html_table
from nomic_explore.session.edits import STORED_VERDICTS
from nomic_explore.session.judged_pairs import describe_verdicts
from nomic_explore.store import tables

if TYPE_CHECKING:
    import pandas as pd

    from nomic_explore.corpus import Corpus
    from nomic_explore.duplicates import Duplicates
    from nomic_explore.duplicates.background import Background
    from nomic_explore.duplicates.calibration import Calibration
    from nomic_explore.duplicates.deduplication import Deduplication
    from nomic_explore.duplicates.duplicates import DecisionOptions
    from nomic_explore.duplicates.report.report import MadeBy
    from nomic_explore.session.state import State


class DuplicatesNamespace:
    """The duplicates of an exploration, under the verdicts and settings that people gave.

    Verdicts and settings are edits: kept by the documents' ids, they hold for duplicates that are found again, and
    `exploration.undo()` undoes them.
    """

    def __init__(self, state: "State") -> None:
        self._state = state
        self._background: Background | None = None

    @property
    def current(self) -> "Duplicates":
        """The duplicates as a value: groups, roles and evidence; `current.at(...)` decides again.

        Example:
            >>> len(exploration.duplicates.current)
            300
        """
        return self._state.duplicates

    @property
    def groups(self) -> np.ndarray:
        """(n,) int32: the duplicate group of each row, -1 for a row without duplicates."""
        return self._state.duplicates.groups

    @property
    def roles(self) -> np.ndarray:
        """(n,) "unique", "keep", "drop" (a duplicate of a kept row) or "review" (stays, but may be a duplicate)."""
        return self._state.duplicates.roles

    @property
    def kinds(self) -> np.ndarray:
        """(n,) "exact", "normalised", "lexical", "semantic", "verdict" or "": how a row resembles its match."""
        return self._state.duplicates.kinds

    @property
    def keepers(self) -> np.ndarray:
        """(n,) int32: the kept row that a dropped row is a duplicate of; the row itself if it stays."""
        return self._state.duplicates.keepers

    @property
    def pairs(self) -> "pd.DataFrame":
        """All evidence, whatever the threshold: row, other, kind, scores and flags."""
        return self._state.duplicates.pairs

    @property
    def n_groups(self) -> int:
        """How many duplicate groups there are."""
        return self._state.duplicates.n_groups

    def __repr__(self) -> str:
        roles = self.roles
        n_drop, n_review = int((roles == "drop").sum()), int((roles == "review").sum())
        name = self._state.record("documents")["name"]
        return f"<duplicates of {name!r:.80}: {self.n_groups:,} groups, {n_drop:,} dropped, {n_review:,} to review>"

    def _repr_html_(self) -> str:
        kinds, roles = np.unique(self.kinds[self.roles != "unique"], return_counts=True)
        return html_table(repr(self), zip(kinds.tolist(), roles.tolist(), strict=True), ("kind", "rows"))

    def to_pandas(self) -> "pd.DataFrame":
        """Returns one row per duplicate group: group, keeper, size, how many are dropped and to review; see `Duplicates`.

        Example:
            >>> list(exploration.duplicates.to_pandas().columns[:3])
            ['group', 'keeper', 'size']
        """
        return self._state.duplicates.to_pandas()

    def at(self, min_similarity: float | None = None, **settings: "Unpack[DecisionOptions]") -> "Duplicates":
        """Returns the decisions at another threshold, by other kinds or another policy; changes nothing.

        Args:
            min_similarity: cosine similarity, 0.80 to 1; None leaves it.
            settings: kinds, keep, protect, keep_n, keep_fraction; see `Duplicates.at`.

        Example:
            >>> exploration.duplicates.at(0.95).min_similarity
            0.95
        """
        if settings.get("protect") is not None:
            settings["protect"] = self._state.rows_of(settings["protect"])
        return self._state.duplicates.at(min_similarity, **settings)

    # --- verdicts ---

    @property
    def labels(self) -> "pd.DataFrame":
        """The verdicts in the order given: row, other, verdict, kind and similarity of the pair, time."""
        import pandas as pd

        judged = self._state.judged_pairs
        columns = {
            "row": [pair.row for pair in judged],
            "other": [pair.other for pair in judged],
            "verdict": [pair.verdict for pair in judged],
            "kind": [pair.kind for pair in judged],
            "similarity": [pair.similarity for pair in judged],
            "time": [pair.time for pair in judged],
        }
        return pd.DataFrame(columns).astype({"row": "int64", "other": "int64", "similarity": "float64"})

    def label(self, rows: Rows, verdict: str, other: Rows | None = None) -> None:
        """Decides on rows that are or may be duplicates of others, and on all rows with the same texts.

        Several verdicts at once are one edit, which one `exploration.undo()` undoes.

        Args:
            rows: a row or several, by numbers or ids.
            verdict: "keep": it always stays. "drop": it is a duplicate of the other. "distinct": the two are no duplicates
                of one another.
            other: what each row was compared with: one row, or as many as `rows`; None takes the one it resembles.

        Raises:
            ValueError: there is no such verdict, no row that it could be a duplicate of, or `other` does not fit `rows`.
            IndexError: there is no such row.

        Example:
            >>> exploration.duplicates.label(0, "drop", other=1)
            >>> exploration.duplicates.labels["verdict"].tolist()
            ['drop']
            >>> pairs = exploration.duplicates.undecided(differ_in="numbers differ")
            >>> exploration.duplicates.label(pairs["row"], "distinct", other=pairs["other"])
            >>> len(exploration.duplicates.labels) == 1 + len(pairs)
            True
        """
        verdict = check_choice(verdict, "verdict", tuple(STORED_VERDICTS))
        found, row = self._state.duplicates, self._each_row(rows)
        if not len(row):
            return
        other_rows = found.matches[row].astype(np.int64) if other is None else self._each_row(other)
        if len(other_rows) not in (1, len(row)):
            raise ValueError(f"other has {len(other_rows)} rows, rows has {len(row)}; expected one, or as many.")
        pairs = np.stack(np.broadcast_arrays(row, other_rows), axis=1)
        alone = pairs[pairs[:, 0] == pairs[:, 1], 0]
        if len(alone) and verdict != "keep":
            raise ValueError(f"row {alone[0]} resembles no other row; say which one it is compared with: other=ROW.")
        # What a pair was like when it was judged: that is what precision is estimated from.
        is_match = (pairs[:, 1] == found.matches[row]) & (pairs[:, 0] != pairs[:, 1])
        kinds = np.where(is_match, found.kinds[row], "").tolist()
        known = is_match & np.isfinite(found.similarities[row])
        cosines = [
            float(cosine) if is_known else None for cosine, is_known in zip(found.similarities[row], known, strict=True)
        ]
        kind, details = describe_verdicts(pairs, verdict, kinds, cosines, self._state.documents.keys)
        self._state.edit(kind, pairs.ravel(), **details)

    def undecided(self, differ_in: str | Collection[str] | None = None) -> "pd.DataFrame":
        """Returns the pairs flagged for review that have no verdict: row, other, group, kind, similarity, differ_in.

        Each pair of texts is listed once, however many rows have them; `differ_in` lists what the two texts differ in.

        Args:
            differ_in: only pairs that differ in just that, such as "numbers differ"; an empty list for pairs without a
                flag; None lists all.

        Raises:
            ValueError: there is no such difference.

        Example:
            >>> exploration.duplicates.undecided().columns.tolist()
            ['row', 'other', 'group', 'kind', 'similarity', 'differ_in']
        """
        import pandas as pd

        found = self._state.duplicates
        pairs = list_undecided(found, (REVIEW,), self.labels[["row", "other"]].to_numpy())
        if differ_in is not None:
            wanted = {differ_in} if isinstance(differ_in, str) else set(differ_in)
            for words in wanted:
                check_choice(words, "differ_in", tuple(FLAGS.values()))
            bits = sum(1 << at for at, words in enumerate(FLAGS.values()) if words in wanted)
            pairs = pairs.take(pairs.differences == bits)
        columns = {"row": pairs.rows, "other": pairs.others, "group": pairs.groups}
        columns |= {"kind": np.array(KIND_NAMES)[pairs.kind_codes], "similarity": pairs.similarities}
        return pd.DataFrame(columns).assign(differ_in=[name_differences(bits) for bits in pairs.differences.tolist()])

    def _each_row(self, rows: Rows) -> np.ndarray:
        """Returns row numbers (m,) int64 in the order given, those that are given twice twice."""
        values = np.atleast_1d(np.asarray(rows))
        if values.dtype == bool or values.ndim > 1:
            return self._state.rows_of(rows)
        each, place = np.unique(values, return_inverse=True)
        return self._state.rows_of(each.tolist())[place]

    def configure(
        self,
        min_similarity: float | None = None,
        *,
        kinds: Collection[str] | None = None,
        keep: str | None = None,
    ) -> None:
        """Sets the threshold, the kinds of evidence that drop a row, or the keep policy, from now on.

        Args:
            min_similarity: cosine similarity above which a semantic match is flagged for review, 0.80 to 1; None leaves it.
            kinds: the evidence that drops a row; None leaves it.
            keep: the name of a policy; None leaves it. See `Duplicates.at`.

        Raises:
            ValueError: the threshold lies below 0.80, or a kind or the policy is unknown.
            TypeError: the policy is no name; give functions and scores to `duplicates.at()`.

        Example:
            >>> exploration.duplicates.configure(0.95, keep="shortest")
            >>> exploration.duplicates.current.keep
            'shortest'
        """
        if keep is not None and not isinstance(keep, str):
            raise TypeError(f"keep is a {type(keep).__name__}; expected the name of a policy, which can be stored.")
        wanted = {"min_similarity": min_similarity, "kinds": None if kinds is None else list(kinds), "keep": keep}
        given: dict[str, Any] = {name: value for name, value in wanted.items() if value is not None}
        self._state.duplicates.at(**given)
        self._state.edit("decide_duplicates", **given)

    # --- thresholds ---

    def background(self) -> "Background":
        """Returns how similar documents of this corpus are that are no duplicates, to compare a threshold with.

        Example:
            >>> exploration.duplicates.background().share_below(1.0)
            1.0
        """
        if self._background is None:
            from nomic_explore.duplicates.background import measure_background

            state = self._state
            rows = np.flatnonzero(state.distinct.has_text)
            block_by = state.record("duplicates")["block_by"]
            blocks = state.corpus.table[block_by].take(rows).to_pylist() if block_by else None
            place_of = inverse_index(rows, len(state))
            graph = tables.read_graph(state.tables("graph"))
            of_rows = graph._to_rows(state.distinct.inverse[rows], place_of[state.distinct.first])
            self._background = measure_background(state.evidence, of_rows, blocks=blocks)
        return self._background

    def precision(self) -> dict[str, float] | None:
        """Returns how many of the labeled pairs are duplicates: n, n_right, precision, low, high (95 %).

        It is estimated from the labeled pairs alone; the review shows doubtful pairs first, so over all pairs it is higher.
        None before the first verdict.

        Example:
            >>> exploration.duplicates.label(0, "drop", other=1)
            >>> exploration.duplicates.precision()["precision"]
            1.0
        """
        from nomic_explore.duplicates.calibration import estimate_precision

        judged = self._last_verdicts()
        return estimate_precision(judged["is_duplicate"].to_numpy()) if len(judged) else None

    def calibrate(self) -> "Calibration":
        """Returns what the verdicts say about every threshold: `calibrate().threshold(precision=0.98)`.

        Raises:
            ValueError: no pair has been labeled yet.

        Example:
            >>> exploration.duplicates.label(0, "drop", other=1)
            >>> type(exploration.duplicates.calibrate()).__name__
            'Calibration'
        """
        judged = self._last_verdicts()
        if not len(judged):
            raise ValueError("no pair has been labeled yet; use duplicates.label() or duplicates.review() first.")
        return self._state.duplicates.calibrate(judged)

    def _last_verdicts(self) -> "pd.DataFrame":
        """Returns the last verdict on each pair of texts, without "keep", which says nothing about the pair."""
        judged = self.labels.query("verdict != 'keep' and row != other")
        keys = key_texts(self._state.duplicates, judged["row"].to_numpy(), judged["other"].to_numpy())
        judged = judged.assign(texts=keys, is_duplicate=judged["verdict"] == "drop")
        return judged.drop_duplicates("texts", keep="last")[["row", "other", "is_duplicate"]]

    # --- what stays ---

    def kept(self) -> "Corpus":
        """Returns the rows that are not dropped, in order; rows without text and those to be reviewed stay.

        Example:
            >>> len(exploration.duplicates.kept()) <= 300
            True
        """
        return self.deduplication().kept()

    def removed(self) -> "pd.DataFrame":
        """Returns the dropped rows with the row each is a duplicate of, how similar they are, and a reason.

        Example:
            >>> "reason" in exploration.duplicates.removed().columns
            True
        """
        return self.deduplication().removed()

    def report(self, path: str | Path) -> Path:
        """Writes what is dropped and why, as .html to read or .json with every row; returns the path.

        Example:
            >>> exploration.duplicates.report("dedup.json").name
            'dedup.json'
        """
        return self.deduplication().report(path)

    def deduplication(self) -> "Deduplication":
        """Returns what stays, what is dropped and why as a value, as `deduplicate()` does for a source without a map.

        Example:
            >>> exploration.duplicates.deduplication().summary()["rows"]
            300
        """
        from nomic_explore.duplicates.deduplicate import deduplicate_by

        record = self._state.record("duplicates")
        made_by: MadeBy = {
            "columns": record["columns"],
            "block_by": record["block_by"],
            "vectors": self._state.record("vectors")["provenance"],
            "min_similarity_asked": record["min_similarity"],
        }
        return deduplicate_by(self._state.corpus, self._state.duplicates, made_by)
