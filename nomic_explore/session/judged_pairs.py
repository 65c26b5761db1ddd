"""Judged pairs: what the log of edits says about pairs of rows, and how verdicts are written to it."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np

from nomic_explore.session.edits import STORED_VERDICTS, VERDICTS, Edit


class JudgedPair(NamedTuple):
    """A verdict on a row, and the row it was compared with.

    Attributes:
        row: the row.
        other: what it was compared with.
        verdict: "keep", "drop" or "distinct".
        kind: how the two resembled one another when they were judged; "" where that was not known.
        similarity: their cosine then; None where that was not known.
        time: ISO 8601.
    """

    row: int
    other: int
    verdict: str
    kind: str
    similarity: float | None
    time: str


def read_judged(edits: Iterable[Edit], row_of_text: Callable[[str], int]) -> list[JudgedPair]:
    """Returns the verdicts of edits whose texts are still in the corpus, in order.

    Args:
        edits: of the kinds "judge_duplicate" and "judge_duplicates".
        row_of_text: returns a row with a text, by its content key; -1 if there is none.
    """
    judged = []
    for edit in edits:
        details, rows = edit.details, edit.places.tolist()
        for at, text in enumerate(details.get("texts", ())):
            if rows[at] < 0 and text:  # another row may have the text of one that is gone
                rows[at] = row_of_text(text)
        is_batch = edit.kind == "judge_duplicates"
        kinds = details["evidence"] if is_batch else [details["evidence"]]
        similarities = details["similarity"] if is_batch else [details["similarity"]]
        verdict = VERDICTS[details["verdict"]]
        judged += [
            JudgedPair(row, other, verdict, kind, similarity, edit.time)
            for row, other, kind, similarity in zip(rows[::2], rows[1::2], kinds, similarities, strict=True)
            if row >= 0 and other >= 0
        ]
    return judged


def describe_verdicts(
    pairs: np.ndarray, verdict: str, kinds: list[str], similarities: list[float | None], keys: list[str | None]
) -> tuple[str, dict[str, Any]]:
    """Returns the kind and the details of the edit that stores one verdict on one or several pairs.

    Args:
        pairs: (k, 2) rows.
        verdict: "keep", "drop" or "distinct".
        kinds: of each pair.
        similarities: of each pair.
        keys: the content key of each row of the corpus; None for a row without text.
    """
    texts = [keys[row] or "" for row in pairs.ravel().tolist()]
    stored = {"verdict": STORED_VERDICTS[verdict], "texts": texts}
    if len(pairs) == 1:
        return "judge_duplicate", {**stored, "evidence": kinds[0], "similarity": similarities[0]}
    return "judge_duplicates", {**stored, "evidence": kinds, "similarity": similarities}
