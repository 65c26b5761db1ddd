"""What the Copies pane asks: counts and scores, groups, pairs to look at side by side, and decisions."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from nomic_explore.duplicates.decide import DROP, KEEP, REVIEW
from nomic_explore.duplicates.matches import EXACT
from nomic_explore.duplicates.pairs import MIN_SIMILARITY
from nomic_explore.view.data.bitmask import pack_mask
from nomic_explore.view.data.density import density_grid
from nomic_explore.view.data.duplicate_roles import PairTable, role_palettes, round_share
from nomic_explore.view.data.summaries import Lines
from nomic_explore.view.data.word_diff import diff_words

if TYPE_CHECKING:
    import pandas as pd

    from nomic_explore.duplicates import Duplicates

_N_GROUPS = 200  # in one answer
_N_MEMBERS = 300
_N_PAIRS = 200
_UNIT_SIZE, _FULL_SIZE, _FULL_GROUP = 26, 255, 64  # of points, 0 to 255: alone, and the kept one of so many
_WANTED = {"review": (REVIEW,), "drop": (DROP,), "all": (REVIEW, DROP)}


class DuplicateAnswers(Lines):
    """The part of `Answers` that is about duplicates; documents are given by their rows."""

    _told: "Duplicates | None" = None
    _table: tuple[object, PairTable] | None = None
    _groups: "tuple[Duplicates, pd.DataFrame] | None" = None

    def has_new_copies(self) -> bool:
        """Says whether the decisions are others than those last told to a pane."""
        return self._told is not None and self.exploration.duplicates is not self._told

    def copies(self) -> dict[str, Any]:
        """The settings, what they come to, and how the scores of all pairs are spread."""
        duplicates = self._told = self.exploration.duplicates
        return {
            **self._counts(duplicates),
            "minSimilarity": duplicates.min_similarity,
            "floor": MIN_SIMILARITY,
            "kinds": list(duplicates.drop_kinds),
            "keep": duplicates.keep if isinstance(duplicates.keep, str) else "",
            "scores": self._pair_table(duplicates).count_scores(MIN_SIMILARITY - 1e-3),
            "palettes": role_palettes(),
            **self._progress(duplicates, "review"),
        }

    def preview_duplicates(
        self, min_similarity: float, kinds: Sequence[str] | None = None, keep: str | None = None
    ) -> dict[str, Any]:
        """What other settings would come to, with a byte for each point: its role, 1 unique, 2 keep, 3 drop, 4 review."""
        duplicates = self.exploration.duplicates.at(min_similarity, kinds=kinds, keep=keep)
        return {
            **self._counts(duplicates),
            "roles": (1 + duplicates.role_codes[self.data.rows]).astype(np.uint8).tobytes(),
        }

    def decide_duplicates(
        self, min_similarity: float | None = None, kinds: Sequence[str] | None = None, keep: str | None = None
    ) -> dict[str, Any]:
        """Decides with other settings, for everybody."""
        self.exploration.decide_duplicates(min_similarity, kinds=kinds, keep=keep)
        return {}

    def _counts(self, duplicates: "Duplicates") -> dict[str, Any]:
        found = np.bincount(duplicates.role_codes, minlength=4)
        return {
            "nGroups": duplicates.n_groups,
            "drop": int(found[DROP]),
            "review": int(found[REVIEW]),
            "share": float(found[DROP] / max(len(duplicates), 1)),
            "background": round_share(self.exploration.duplicate_background.share_below(duplicates.min_similarity)),
        }

    # --- groups ---

    def groups(self, show: str = "all", start: int = 0) -> dict[str, Any]:
        """Duplicate groups, first those with what is nearest to the threshold to review, then the largest.

        Args:
            show: "all", or those with rows to "review", or with rows that "drop".
            start: how many were listed before.
        """
        duplicates = self.exploration.duplicates
        table = self._group_table(duplicates)
        listed = table if show == "all" else table[table[f"n_{show}"] > 0]
        counts = self._counts(duplicates)
        shown = listed.iloc[start : start + _N_GROUPS]
        return {
            "groups": [
                {
                    **self._line(int(one.keeper)),
                    "group": int(one.group),
                    "size": int(one.size),
                    "drop": int(one.n_drop),
                    "review": int(one.n_review),
                    "similarity": round_share(one.min_similarity),
                    "isChain": bool(getattr(one, "is_chain", False)),
                }
                for one in shown.itertuples(index=False)
            ],
            "nListed": len(listed),
            **{name: counts[name] for name in ("nGroups", "drop", "review")},
        }

    def group(self, group: int) -> dict[str, Any]:
        """The documents of a duplicate group with their roles, what each resembles and what speaks against it."""
        duplicates = self.exploration.duplicates
        rows = np.flatnonzero(duplicates.groups == group)
        rows = rows[np.argsort(duplicates.role_codes[rows] != KEEP, kind="stable")][:_N_MEMBERS]
        lines = []
        for row in rows.tolist():
            partner = int(duplicates.matches[row])
            lines.append(
                {
                    **self._line(row),
                    "role": str(duplicates.roles[row]),
                    "kind": str(duplicates.kinds[row]),
                    "similarity": round_share(duplicates.similarities[row]),
                    "partner": partner,
                    "partnerPoint": int(self._point_of[partner]),
                    "flags": self._pair_table(duplicates).find(row, partner)["flags"] if partner != row else [],
                }
            )
        return {"documents": lines}

    def _group_table(self, duplicates: "Duplicates") -> "pd.DataFrame":
        if self._groups is None or self._groups[0] is not duplicates:
            table = duplicates.to_pandas()
            rows = np.flatnonzero(duplicates.role_codes == REVIEW)
            doubts = np.full(int(table["group"].max()) + 1 if len(table) else 0, np.inf)
            np.minimum.at(doubts, duplicates.groups[rows], _distances(duplicates, rows))
            order = np.lexsort((table["group"], -table["size"], doubts[table["group"]]))
            self._groups = duplicates, table.iloc[order]
        return self._groups[1]

    # --- pairs side by side ---

    def review_queue(self, show: str = "review", start: int = 0) -> dict[str, Any]:
        """Pairs nobody looked at yet, those nearest to the threshold first.

        Args:
            show: rows to "review", those that "drop", or "all" of both.
            start: how many were listed before.
        """
        duplicates = self.exploration.duplicates
        rows = self._queue(duplicates, show)
        pairs = [{"row": int(row), "other": int(duplicates.matches[row])} for row in rows[start : start + _N_PAIRS]]
        return {"pairs": pairs, "nLeft": len(rows)}

    def duplicate_pair(self, row: int, other: int | None = None, show: str = "review") -> dict[str, Any]:
        """Two rows side by side, word by word, with what the evidence says of them.

        Args:
            row: the one in question.
            other: the one it may be a copy of; None takes what it resembles.
            show: the queue whose progress is told.
        """
        duplicates = self.exploration.duplicates
        beside = int(duplicates.matches[self._checked(row)] if other is None else self._checked(other))
        texts = [self.exploration.corpus.texts[one] or "" for one in (row, beside)]
        diff = diff_words(*texts)
        is_partner = int(duplicates.matches[row]) == beside
        found = self._pair_table(duplicates).find(row, beside)
        if is_partner and found["similarity"] is None:
            found["similarity"] = round_share(duplicates.similarities[row])
        sides = [
            {
                **self._line(one),
                "role": str(duplicates.roles[one]),
                "id": self.exploration.corpus.ids[one],
                "length": len(text),
            }
            | {"segments": segments, "nAfter": after}
            for one, text, segments, after in zip((row, beside), texts, diff.sides, diff.n_after, strict=True)
        ]
        told = {"kind": str(duplicates.kinds[row]) if is_partner else "", "verdict": self._verdict(row, beside)}
        return {**found, **told, "sides": sides, "nBefore": diff.n_before, **self._progress(duplicates, show)}

    def judge(self, row: int, verdict: str, other: int | None = None) -> dict[str, Any]:
        """Says that a row is kept ("keep"), goes for another ("drop"), or that both are no copies ("apart")."""
        self.exploration.judge(self._checked(row), verdict, other)
        said = {"keep": "kept", "drop": "dropped", "apart": "not a duplicate"}[verdict]
        return {"note": f"row {row}: {said}; U or Ctrl+Z takes it back"}

    def _queue(self, duplicates: "Duplicates", show: str) -> np.ndarray:
        """Rows (k,) whose pair nobody judged, nearest to the threshold first."""
        if show not in _WANTED:
            raise ValueError(f"show={show!r}; expected one of {', '.join(_WANTED)}.")
        is_wanted = np.isin(duplicates.role_codes, _WANTED[show])
        if show != "drop":  # one that others go for stays, but may be a copy of another itself
            is_wanted |= (duplicates.role_codes == KEEP) & (duplicates.kind_codes > EXACT)
        rows = np.flatnonzero(is_wanted)
        verdicts = self.exploration.verdicts
        n = len(duplicates)
        judged = verdicts["row"].to_numpy(dtype=np.int64) * n + verdicts["other"].to_numpy(dtype=np.int64)
        rows = rows[~np.isin(rows * n + duplicates.matches[rows], judged)]
        return rows[np.lexsort((rows, _distances(duplicates, rows)))]

    def _progress(self, duplicates: "Duplicates", show: str) -> dict[str, Any]:
        """How many pairs were looked at and how many are left, and how often a drop was right as far as people said."""
        n_judged = len(self.exploration.verdicts[["row", "other"]].drop_duplicates())
        estimate = self.exploration.verdict_precision()
        precision = {name: round_share(value) for name, value in estimate.items()} if estimate else None
        return {"nJudged": n_judged, "nLeft": len(self._queue(duplicates, show)), "precision": precision}

    def _verdict(self, row: int, other: int) -> str:
        """What was last said of two rows; "" for nothing."""
        said = self.exploration.verdicts
        found = said[(said["row"] == row) & (said["other"] == other) | (said["row"] == other) & (said["other"] == row)]
        return str(found["verdict"].iloc[-1]) if len(found) else ""

    # --- on the map ---

    def collapsed(self) -> dict[str, Any]:
        """The points that go, as a mask, and how large the others are: those kept grow with what they stand for."""
        duplicates, rows = self.exploration.duplicates, self.data.rows
        stands_for = np.bincount(duplicates.keepers, minlength=len(duplicates))[rows]
        growth = np.minimum(np.log(np.maximum(stands_for, 1)) / np.log(_FULL_GROUP), 1.0)
        sizes = _UNIT_SIZE + (_FULL_SIZE - _UNIT_SIZE) * growth
        return {"hidden": pack_mask(duplicates.role_codes[rows] == DROP), "sizes": sizes.astype(np.uint8).tobytes()}

    def density_of_kept(self) -> dict[str, Any]:
        """How densely documents lie once copies are gone."""
        is_kept = self.exploration.duplicates.role_codes[self.data.rows] != DROP
        return {"density": density_grid(self.data.positions[is_kept]).tobytes()}

    # --- inside ---

    def _pair_table(self, duplicates: "Duplicates") -> PairTable:
        if self._table is None or self._table[0] is not duplicates.evidence:
            self._table = duplicates.evidence, PairTable(duplicates.pairs, len(duplicates))
        return self._table[1]

    def _checked(self, row: int) -> int:
        if not isinstance(row, int) or not 0 <= row < len(self.exploration):
            raise IndexError(f"row {row!r}; expected 0 to {len(self.exploration) - 1}.")
        return row


def _distances(duplicates: "Duplicates", rows: np.ndarray) -> np.ndarray:
    """Returns (k,) float64 how far the cosine of each row lies from the threshold; unknown ones lie farthest."""
    return np.nan_to_num(np.abs(duplicates.similarities[rows].astype(np.float64) - duplicates.min_similarity), nan=2.0)
