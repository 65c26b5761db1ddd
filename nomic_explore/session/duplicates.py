"""The part of an `Exploration` that decides on copies, and hears what people say about them."""

from collections.abc import Collection
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from nomic_explore.checks import check_choice
from nomic_explore.store import tables

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from nomic_explore.corpus import Corpus
    from nomic_explore.duplicates import Duplicates, Verdicts
    from nomic_explore.duplicates.background import Background
    from nomic_explore.duplicates.calibration import Calibration
    from nomic_explore.duplicates.deduplicate import Deduplication

VERDICTS = ("keep", "drop", "apart")


class Reviewing:
    """Copies, what was said about them, and what follows.

    Verdicts and settings are edits like tags (`nomic_explore/edits.py`): kept by the documents' ids, they hold for copies that
    are found anew, and `undo()` takes them back.
    """

    @property
    def duplicates(self: Any) -> "Duplicates":
        """Copies, their groups and what to do with each, under the verdicts given; `duplicates.at(...)` decides otherwise."""
        state = self._edit_log.state
        key = (
            tuple(state.verdicts),
            tuple(sorted((name, str(value)) for name, value in state.duplicate_settings.items())),
        )
        made = self.__dict__.get("_decided_duplicates")
        if made is None or made[0] != key:
            found = replace(self._found_duplicates, verdicts=self._verdicts)
            made = self.__dict__["_decided_duplicates"] = (key, found.at(**state.duplicate_settings))
        return made[1]

    @property
    def verdicts(self: Any) -> "pd.DataFrame":
        """What people said about copies, in order: row, other, verdict, kind and similarity of the pair, time."""
        import pandas as pd

        edits = [edit for edit in self._edit_log.state.verdicts.values() if (edit.places >= 0).all()]
        told = {
            "row": [int(edit.places[0]) for edit in edits],
            "other": [int(edit.places[1]) for edit in edits],
            "verdict": [edit.details["verdict"] for edit in edits],
            "kind": [edit.details["evidence"] for edit in edits],
            "similarity": [edit.details["similarity"] for edit in edits],
            "time": [edit.time for edit in edits],
        }
        return pd.DataFrame(told).astype({"row": "int64", "other": "int64", "similarity": "float64"})

    def judge(self: Any, row: int, verdict: str, other: int | None = None) -> None:
        """Says what to do with a row that is or may be a copy of another; `undo()` takes it back.

        Args:
            row: the row.
            verdict: "keep": it always stays. "drop": it goes for the other. "apart": the two are no copies of one another.
            other: the row it was compared with; None takes the one it resembles, `duplicates.matches[row]`.

        Raises:
            ValueError: there is no such verdict, or nothing that the row could be a copy of.
            IndexError: there is no such row.
        """
        verdict = check_choice(verdict, "verdict", VERDICTS)
        found = self.duplicates
        row = int(self._rows_of([row])[0])
        other = int(found.matches[row]) if other is None else int(self._rows_of([other])[0])
        if other == row and verdict != "keep":
            raise ValueError(f"row {row} resembles no other row; say which one it is compared with: other=ROW.")
        # What the pair was like when it was judged: that is what precision is estimated from.
        is_partner = other == int(found.matches[row]) != row
        similarity = float(found.similarities[row]) if is_partner and np.isfinite(found.similarities[row]) else None
        kind = str(found.kinds[row]) if is_partner else ""
        self._edit("judge_duplicate", np.array([row, other]), verdict=verdict, evidence=kind, similarity=similarity)

    def decide_duplicates(
        self: Any,
        min_similarity: float | None = None,
        *,
        kinds: Collection[str] | None = None,
        keep: str | None = None,
    ) -> None:
        """Decides on copies by another threshold, by other evidence or for another keeper, from now on; see `Duplicates.at`.

        Raises:
            ValueError: the threshold lies below 0.80, or a kind or the policy is unknown.
            TypeError: the policy is no name; give functions and scores to `duplicates.at()`.
        """
        if keep is not None and not isinstance(keep, str):
            raise TypeError(f"keep is a {type(keep).__name__}; expected the name of a policy, which can be stored.")
        wanted = {"min_similarity": min_similarity, "kinds": None if kinds is None else list(kinds), "keep": keep}
        given = {name: value for name, value in wanted.items() if value is not None}
        self.duplicates.at(**given)
        self._edit("decide_duplicates", **given)

    @cached_property
    def duplicate_background(self: Any) -> "Background":
        """How near documents of this corpus are that are no copies: what a threshold is to be compared with."""
        from nomic_explore.duplicates.background import measure_background

        found, rows = self._found_duplicates, np.flatnonzero(self._index >= 0)
        block_by = self._record("duplicates")["block_by"]
        blocks = self.corpus.table[block_by].take(rows).to_pylist() if block_by else None
        place_of = np.full(len(self), -1, dtype=np.int64)
        place_of[rows] = np.arange(len(rows))
        graph = tables.read_graph(self._store, self._record("graph"))
        return measure_background(
            found.evidence, graph._to_rows(self._index[rows], place_of[self._first_rows]), blocks=blocks
        )

    def verdict_precision(self: Any) -> dict[str, Any] | None:
        """Returns how many of the judged pairs are copies: n, n_right, precision, low, high (95 %); None before a verdict.

        It speaks of the pairs that were judged. The workbench shows the doubtful ones first, so all pairs do better.
        """
        from nomic_explore.duplicates.calibration import estimate_precision

        judged = self._judged_pairs()
        return estimate_precision(judged["is_duplicate"].to_numpy()) if len(judged) else None

    def calibrate_duplicates(self: Any) -> "Calibration":
        """Returns what the verdicts given say about every threshold: `calibrate_duplicates().threshold(precision=0.98)`.

        Raises:
            ValueError: nothing has been judged yet.
        """
        judged = self._judged_pairs()
        if not len(judged):
            raise ValueError("no pair has been judged yet; use judge() or review_duplicates() first.")
        return self.duplicates.calibrate(judged)

    def _judged_pairs(self: Any) -> "pd.DataFrame":
        """Returns the last verdict on each pair, "keep" apart, which says nothing about the pair."""
        judged = self.verdicts.query("verdict != 'keep' and row != other")
        pair = np.sort(judged[["row", "other"]].to_numpy(), axis=1)
        judged = judged.assign(one=pair[:, 0], two=pair[:, 1], is_duplicate=judged["verdict"] == "drop")
        return judged.drop_duplicates(["one", "two"], keep="last")[["row", "other", "is_duplicate"]]

    def review_duplicates(self: Any, **look: Any) -> Any:
        """Returns the map with the duplicate workbench open: threshold, groups, pairs to decide; see `map`."""
        return self.map(pane="copies", **({"color": "duplicate_role"} | look))

    def clean(self: Any) -> "Corpus":
        """Returns the rows that are not dropped, in order; rows without text and those to be reviewed stay."""
        return self._deduplication.kept()

    def removed(self: Any) -> "pd.DataFrame":
        """Returns the dropped rows with the row that each goes for, how it resembles it, and a reason; see `Deduplication`."""
        return self._deduplication.removed()

    def report(self: Any, path: "str | Path") -> "Path":
        """Writes an account of what is dropped and why, .html to read or .json with every row; returns the path."""
        return self._deduplication.report(path)

    @property
    def _deduplication(self: Any) -> "Deduplication":
        from nomic_explore.duplicates.deduplicate import deduplicate_by

        stages = self.manifest["stages"]
        note = stages["duplicates"]
        made_by = {"columns": note["columns"], "block_by": note["block_by"], "vectors": stages["vectors"]["provenance"]}
        made_by["min_similarity_asked"] = note["min_similarity"]
        return deduplicate_by(self.corpus, self.duplicates, made_by)

    @cached_property
    def _found_duplicates(self: Any) -> "Duplicates":
        """Copies as the build decided on them."""
        rows, note = np.flatnonzero(self._index >= 0), self._record("duplicates")
        found = tables.read_duplicates(self._store, note)._to_rows(rows, len(self))
        return replace(found, table=self.corpus.table, keep=note["keep"])

    @property
    def _verdicts(self: Any) -> "Verdicts":
        from nomic_explore.duplicates import make_verdicts

        told = self.verdicts
        kinds = ["distinct" if verdict == "apart" else verdict for verdict in told["verdict"]]
        return make_verdicts(list(zip(kinds, told["row"].tolist(), told["other"].tolist(), strict=True)))
