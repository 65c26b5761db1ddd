"""Requests that review duplicates: lists of pairs, two documents word by word, verdicts on one pair or on many."""

from typing import TYPE_CHECKING

import numpy as np

from nomic_explore.checks import check_choice
from nomic_explore.duplicates.describe import FLAGS
from nomic_explore.duplicates.review_pairs import ReviewPairs, find_related, key_texts, list_pairs, list_undecided
from nomic_explore.duplicates.roles import DROP, KEEP, REVIEW, UNIQUE
from nomic_explore.view.data.duplicate_roles import PairTable, round_share
from nomic_explore.view.data.review_lists import ReviewList, make_list
from nomic_explore.view.data.summaries import cell_text, shorten
from nomic_explore.view.data.word_diff import diff_words
from nomic_explore.view.requests.context import MapContext
from nomic_explore.view.requests.protocol.documents import NoteResponse
from nomic_explore.view.requests.protocol.duplicates import (
    BatchResponse,
    ColumnPair,
    DuplicatePairRequest,
    DuplicatePairResponse,
    JudgeBatchRequest,
    JudgeRequest,
    ListRequest,
    Pair,
    PairExample,
    PairSide,
    QueuedPair,
    ReviewFilter,
    ReviewProgress,
    ReviewQueueResponse,
)

if TYPE_CHECKING:
    from nomic_explore.duplicates import Duplicates

_N_PAIRS = 200  # in one answer
_N_EXAMPLES = 5
_ROLES_SHOWN = {"review": (REVIEW,), "drop": (DROP,), "all": (UNIQUE, KEEP, DROP, REVIEW)}
_OUTCOMES = {"keep": "kept", "drop": "dropped", "distinct": "marked as distinct"}
_MAX_WORDS = 4_000  # of each text that are compared: about 50 ms
_MAX_EXAMPLE_WORDS = 60
_MAX_TEXT = 200_000  # characters of a text that are shown
_MAX_CELL = 300


class ReviewRequests:
    """Answers about pairs of documents, and takes verdicts on them.

    Args:
        context: the exploration and its map.
    """

    def __init__(self, context: MapContext) -> None:
        self._context = context
        self._table: tuple[object, PairTable] | None = None
        self._pairs: dict[str, tuple[object, ReviewPairs]] = {}

    def queue(self, request: ListRequest) -> ReviewQueueResponse:
        """Returns pairs without a verdict."""
        found, start, near = (
            self.list_pairs(request, is_undecided=True).pairs,
            request.get("start", 0),
            request.get("near"),
        )
        if near is not None:
            group = self._context.exploration.duplicates.groups[self._context.check_row(near)]
            found = found.take(np.argsort(found.groups != group, kind="stable"))
        shown = found.take(np.arange(len(found))[start : start + _N_PAIRS])
        columns = zip(shown.rows.tolist(), shown.others.tolist(), shown.groups.tolist(), strict=True)
        pairs: list[QueuedPair] = [{"row": row, "other": other, "group": group} for row, other, group in columns]
        return {"pairs": pairs, "nLeft": len(found)}

    def list_pairs(self, wanted: ReviewFilter, *, is_undecided: bool) -> ReviewList:
        """Returns the pairs that a filter finds; with `is_undecided` those without a verdict alone."""
        exploration = self._context.exploration
        duplicates, show = exploration.duplicates.current, wanted.get("show", "review")
        search = wanted.get("search", "").strip()
        topics = exploration.topics.current
        return make_list(
            duplicates,
            self._undecided(duplicates, show) if is_undecided else list_pairs(duplicates, _shown_roles(show)),
            wanted,
            found=exploration.query(search) if search else None,
            topics=topics.layers[0],
            names=topics.names[0],
        )

    def pair(self, request: DuplicatePairRequest) -> DuplicatePairResponse:
        """Returns two documents word by word, with the evidence of the pair and the last verdict on it."""
        duplicates = self._context.exploration.duplicates.current
        row, wanted = self._context.check_row(request["row"]), request.get("other")
        match = int(duplicates.matches[row])
        other = match if wanted is None else self._context.check_row(wanted)
        evidence = self.pair_table(duplicates).find(row, other)
        if match == other and evidence["similarity"] is None:
            evidence["similarity"] = round_share(duplicates.similarities[row])
        columns, n_same = self._columns(row, other)
        return {
            **evidence,
            **self.progress(duplicates, request.get("show", "review")),
            "differences": [flag for flag in evidence["flags"] if flag in FLAGS.values()],
            "kind": str(duplicates.kinds[row]) if match == other else "",
            "group": int(duplicates.groups[row]),
            "groupPairs": self._group_pairs(duplicates, row, other, request.get("show", "review")),
            "verdict": self._last_verdict(duplicates, row, other),
            "sides": self._sides(duplicates, row, other),
            "columns": columns,
            "nSameColumns": n_same,
        }

    def _group_pairs(self, duplicates: "Duplicates", row: int, other: int, show: str) -> list[Pair]:
        """Returns the other pairs without a verdict in the group of two rows."""
        pairs = self._undecided(duplicates, show)
        in_group = pairs.take((pairs.groups == duplicates.groups[row]) & (duplicates.groups[row] >= 0))
        own = key_texts(duplicates, np.array([row]), np.array([other]))
        in_group = in_group.take(key_texts(duplicates, in_group.rows, in_group.others) != own)
        return [{"row": one, "other": two} for one, two in in_group.to_rows().tolist()]

    # --- verdicts ---

    def judge(self, request: JudgeRequest) -> NoteResponse:
        """Takes a verdict on some pairs, which is one edit."""
        rows = [
            (self._context.check_row(pair["row"]), self._context.check_row(pair["other"])) for pair in request["pairs"]
        ]
        pairs = np.array(rows, dtype=np.int64).reshape(-1, 2)
        if request.get("isGroup", False) and request["verdict"] == "distinct":
            duplicates = self._context.exploration.duplicates.current
            listed = list_pairs(duplicates, _shown_roles("all"))
            at = np.isin(key_texts(duplicates, listed.rows, listed.others), key_texts(duplicates, *pairs.T))
            pairs = np.concatenate([pairs, find_related(duplicates, listed.take(at), same_difference=False)])
        return self._label(pairs, request["verdict"])

    def batch(self, request: ReviewFilter) -> BatchResponse:
        """Returns what one verdict on all pairs of a filter would be about."""
        pairs = self.list_pairs(request, is_undecided=True).pairs
        related = find_related(self._context.exploration.duplicates.current, pairs, same_difference=True)
        n_shown = min(len(pairs), _N_EXAMPLES)
        chosen = np.linspace(0, len(pairs) - 1, n_shown).astype(np.int64).tolist()
        return {
            "nPairs": len(pairs),
            "nGroups": len(np.unique(pairs.groups)),
            "nRelated": len(related),
            "examples": [self._example(int(pairs.rows[at]), int(pairs.others[at])) for at in chosen],
        }

    def judge_batch(self, request: JudgeBatchRequest) -> NoteResponse:
        """Takes one verdict on all pairs of a filter, which is one edit.

        Raises:
            ValueError: they are not as many as were shown.
        """
        duplicates = self._context.exploration.duplicates.current
        pairs = self.list_pairs(request, is_undecided=True).pairs
        if len(pairs) != request["nPairs"]:
            raise ValueError(f"There are {len(pairs):,} pairs now, not {request['nPairs']:,}; look at them again.")
        rows = pairs.to_rows()
        if request["verdict"] == "distinct":
            rows = np.concatenate([rows, find_related(duplicates, pairs, same_difference=True)])
        return self._label(rows, request["verdict"])

    def _label(self, pairs: np.ndarray, verdict: str) -> NoteResponse:
        check_choice(verdict, "verdict", tuple(_OUTCOMES))
        both = np.concatenate([pairs, pairs[:, ::-1]]) if verdict == "keep" else pairs  # "keep" is about both
        self._context.exploration.duplicates.label(both[:, 0], verdict, both[:, 1])
        what = f"row {pairs[0, 0]}" if len(pairs) == 1 else f"{len(pairs):,} pairs"
        return {"note": f"{what} {_OUTCOMES[verdict]}; U or Ctrl+Z undoes it"}

    def progress(self, duplicates: "Duplicates", show: str) -> ReviewProgress:
        """Returns how many pairs have a verdict and how many do not, and the precision that verdicts suggest."""
        labels = self._context.exploration.duplicates
        judged = self._judged()
        estimate = labels.precision()
        precision = {name: round_share(share) for name, share in estimate.items()} if estimate else None
        return {
            "nJudged": len(np.unique(key_texts(duplicates, *judged.T))),
            "nLeft": len(self._undecided(duplicates, show)),
            "precision": precision,
        }

    def pair_table(self, duplicates: "Duplicates") -> PairTable:
        """Returns the evidence of all pairs, by their rows."""
        if self._table is None or self._table[0] is not duplicates.evidence:
            self._table = duplicates.evidence, PairTable(duplicates.pairs, len(duplicates))
        return self._table[1]

    # --- two documents ---

    def _sides(self, duplicates: "Duplicates", row: int, other: int) -> list[PairSide]:
        corpus, rows = self._context.exploration.corpus, (row, other)
        texts = [corpus.texts[one] or "" for one in rows]
        diff = diff_words(*texts, max_words=_MAX_WORDS)
        same = self._context.exploration._state.distinct.inverse
        sides: list[PairSide] = []
        for one, text, segments, n_after in zip(rows, texts, diff.sides, diff.n_after, strict=True):
            rest = text[len(text) - n_after :][: max(0, _MAX_TEXT - len(text) + n_after)] if n_after else ""
            whole = [["same", text[: diff.n_before]], *segments, ["rest", rest]]
            sides.append(
                {
                    **self._context.line(one),
                    "role": str(duplicates.roles[one]),
                    "id": corpus.ids[one],
                    "length": len(text),
                    "segments": [segment for segment in whole if segment[1]],
                    "nAfter": n_after - len(rest),
                    "nRows": int((same == same[one]).sum()) if same[one] >= 0 else 1,
                }
            )
        return sides

    def _columns(self, row: int, other: int) -> tuple[list[ColumnPair], int]:
        """Returns the columns beside the text in which two rows differ, and how many columns hold the same."""
        corpus = self._context.exploration.corpus
        texts = [corpus.text_columns] if isinstance(corpus.text_columns, str) else corpus.text_columns or []
        names = [name for name in corpus.table.column_names if name not in texts]
        cells = [(name, *(cell_text(corpus.table[name][one]) for one in (row, other))) for name in names]
        differing: list[ColumnPair] = [
            {"name": name, "left": shorten(left, _MAX_CELL), "right": shorten(right, _MAX_CELL)}
            for name, left, right in cells
            if left != right and (left, right) != (corpus.texts[row], corpus.texts[other])
        ]
        return differing, sum(left == right for _, left, right in cells)

    def _example(self, row: int, other: int) -> PairExample:
        texts = [self._context.exploration.corpus.texts[one] or "" for one in (row, other)]
        return {"row": row, "other": other, "sides": list(diff_words(*texts, max_words=_MAX_EXAMPLE_WORDS).sides)}

    def _judged(self) -> np.ndarray:
        """Returns (m, 2) the rows of all pairs that have a verdict."""
        judged = self._context.exploration._state.judged_pairs
        return np.array([(pair.row, pair.other) for pair in judged], dtype=np.int64).reshape(-1, 2)

    def _undecided(self, duplicates: "Duplicates", show: str) -> ReviewPairs:
        """Returns the pairs without a verdict, listed once for each state of the decisions."""
        if show not in self._pairs or self._pairs[show][0] is not duplicates:
            self._pairs[show] = duplicates, list_undecided(duplicates, _shown_roles(show), self._judged())
        return self._pairs[show][1]

    def _last_verdict(self, duplicates: "Duplicates", row: int, other: int) -> str:
        """Returns the last verdict on two texts; "" for none."""
        judged = self._judged()
        key = key_texts(duplicates, np.array([row]), np.array([other]))
        at = np.flatnonzero(key_texts(duplicates, *judged.T) == key)
        return self._context.exploration._state.judged_pairs[at[-1]].verdict if len(at) else ""


def _shown_roles(show: str) -> tuple[int, ...]:
    if show not in _ROLES_SHOWN:
        raise ValueError(f"show={show!r}; expected one of {', '.join(_ROLES_SHOWN)}.")
    return _ROLES_SHOWN[show]
