"""Requests that review duplicates: pairs without a verdict, two documents word by word, verdicts."""

from typing import TYPE_CHECKING

import numpy as np

from nomic_explore.duplicates.matches import EXACT
from nomic_explore.duplicates.roles import DROP, KEEP, REVIEW
from nomic_explore.view.data.duplicate_roles import PairTable, round_share
from nomic_explore.view.data.word_diff import diff_words
from nomic_explore.view.requests.context import MapContext
from nomic_explore.view.requests.protocol.documents import NoteResponse
from nomic_explore.view.requests.protocol.duplicates import (
    DuplicatePairRequest,
    DuplicatePairResponse,
    JudgeRequest,
    ListRequest,
    Pair,
    PairSide,
    ReviewProgress,
    ReviewQueueResponse,
)

if TYPE_CHECKING:
    from nomic_explore.duplicates import Duplicates

_N_PAIRS = 200  # in one answer
_ROLES_SHOWN = {"review": (REVIEW,), "drop": (DROP,), "all": (REVIEW, DROP)}
_VERDICTS = {"keep": "kept", "drop": "dropped", "apart": "not a duplicate"}
_LABELS = {"apart": "distinct"}  # by the word of the screen


class ReviewRequests:
    """Answers about pairs of documents, and takes verdicts on them.

    Args:
        context: the exploration and its map.
    """

    def __init__(self, context: MapContext) -> None:
        self._context = context
        self._table: tuple[object, PairTable] | None = None

    def queue(self, request: ListRequest) -> ReviewQueueResponse:
        """Returns pairs without a verdict, those nearest to the threshold first."""
        duplicates, start = self._context.exploration.duplicates.current, request.get("start", 0)
        rows = self._queued_rows(duplicates, request.get("show", "review"))
        shown = rows[start : start + _N_PAIRS].tolist()
        pairs: list[Pair] = [{"row": row, "other": int(duplicates.matches[row])} for row in shown]
        return {"pairs": pairs, "nLeft": len(rows)}

    def pair(self, request: DuplicatePairRequest) -> DuplicatePairResponse:
        """Returns two documents word by word, with the evidence of the pair and the last verdict on it."""
        duplicates = self._context.exploration.duplicates.current
        row, wanted = self._context.check_row(request["row"]), request.get("other")
        match = int(duplicates.matches[row])
        other = match if wanted is None else self._context.check_row(wanted)
        evidence = self.pair_table(duplicates).find(row, other)
        if match == other and evidence["similarity"] is None:
            evidence["similarity"] = round_share(duplicates.similarities[row])
        sides, n_before = self._sides(duplicates, row, other)
        return {
            **evidence,
            **self.progress(duplicates, request.get("show", "review")),
            "kind": str(duplicates.kinds[row]) if match == other else "",
            "verdict": self._last_verdict(row, other),
            "sides": sides,
            "nBefore": n_before,
        }

    def label(self, request: JudgeRequest) -> NoteResponse:
        """Takes a verdict on a row: it is kept, it is dropped, or it and the other are distinct."""
        row, verdict = self._context.check_row(request["row"]), request["verdict"]
        self._context.exploration.duplicates.label(row, _LABELS.get(verdict, verdict), request.get("other"))
        return {"note": f"row {row}: {_VERDICTS[verdict]}; U or Ctrl+Z takes it back"}

    def progress(self, duplicates: "Duplicates", show: str) -> ReviewProgress:
        """Returns how many pairs have a verdict and how many do not, and the precision that verdicts suggest."""
        exploration = self._context.exploration
        n_judged = len(exploration.duplicates.labels[["row", "other"]].drop_duplicates())
        estimate = exploration.duplicates.precision()
        precision = {name: round_share(share) for name, share in estimate.items()} if estimate else None
        return {"nJudged": n_judged, "nLeft": len(self._queued_rows(duplicates, show)), "precision": precision}

    def pair_table(self, duplicates: "Duplicates") -> PairTable:
        """Returns the evidence of all pairs, by their rows."""
        if self._table is None or self._table[0] is not duplicates.evidence:
            self._table = duplicates.evidence, PairTable(duplicates.pairs, len(duplicates))
        return self._table[1]

    def _sides(self, duplicates: "Duplicates", row: int, other: int) -> tuple[list[PairSide], int]:
        corpus = self._context.exploration.corpus
        texts = [corpus.texts[one] or "" for one in (row, other)]
        diff = diff_words(*texts)
        sides: list[PairSide] = [
            {
                **self._context.line(one),
                "role": str(duplicates.roles[one]),
                "id": corpus.ids[one],
                "length": len(text),
                "segments": segments,
                "nAfter": n_after,
            }
            for one, text, segments, n_after in zip((row, other), texts, diff.sides, diff.n_after, strict=True)
        ]
        return sides, diff.n_before

    def _queued_rows(self, duplicates: "Duplicates", show: str) -> np.ndarray:
        """Returns the rows (k,) whose pair has no verdict, those nearest to the threshold first."""
        if show not in _ROLES_SHOWN:
            raise ValueError(f"show={show!r}; expected one of {', '.join(_ROLES_SHOWN)}.")
        is_wanted = np.isin(duplicates.role_codes, _ROLES_SHOWN[show])
        if show != "drop":  # a row that has duplicates is kept, but may be a duplicate of another itself
            is_wanted |= (duplicates.role_codes == KEEP) & (duplicates.kind_codes > EXACT)
        rows = np.flatnonzero(is_wanted)
        verdicts, n = self._context.exploration.duplicates.labels, len(duplicates)
        judged = verdicts["row"].to_numpy(dtype=np.int64) * n + verdicts["other"].to_numpy(dtype=np.int64)
        rows = rows[~np.isin(rows * n + duplicates.matches[rows], judged)]
        return rows[np.lexsort((rows, threshold_gaps(duplicates, rows)))]

    def _last_verdict(self, row: int, other: int) -> str:
        """Returns the last verdict on two rows; "" for none."""
        verdicts = self._context.exploration.duplicates.labels
        one, two = verdicts["row"], verdicts["other"]
        on_both = verdicts[(one == row) & (two == other) | (one == other) & (two == row)]
        last = str(on_both["verdict"].iloc[-1]) if len(on_both) else ""
        return next((shown for shown, label in _LABELS.items() if label == last), last)


def threshold_gaps(duplicates: "Duplicates", rows: np.ndarray) -> np.ndarray:
    """Returns (k,) float64 how far the cosine of each row lies from the threshold; unknown ones lie farthest."""
    gaps: np.ndarray = np.abs(duplicates.similarities[rows].astype(np.float64) - duplicates.min_similarity)
    return np.where(np.isnan(gaps), 2.0, gaps)
