"""Calibration: from pairs that somebody labelled, how precise a threshold is, and which one is precise enough."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nomic_explore.checks import check_fraction
from nomic_explore.duplicates.labels import check_truths, read_column

if TYPE_CHECKING:
    import pandas as pd

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Calibration:
    """What labelled pairs say of each threshold; a pair is found at a threshold if its cosine is at least that.

    Attributes:
        thresholds: (m,) float64, rising: the cosines that occur.
        n_found: (m,) int64: labelled pairs found at each.
        n_right: (m,) int64: duplicates among them.
        n_pairs: labelled pairs, those below every threshold too.
        n_duplicates: duplicates among these.
    """

    thresholds: np.ndarray
    n_found: np.ndarray
    n_right: np.ndarray
    n_pairs: int
    n_duplicates: int

    def threshold(self, precision: float = 0.98, *, confidence: float | None = None) -> float:
        """Returns the lowest threshold with this precision among the labelled pairs it finds.

        Args:
            precision: share of the found pairs that are duplicates, 0 to 1.
            confidence: None asks for the estimate; 0.95 for the lower end of its 95 % interval, which takes far more pairs:
                183 without a mistake for 98 %.

        Raises:
            ValueError: none reaches it; the message tells the best.
        """
        wish = check_fraction(precision, "precision")
        told = self.n_right / np.maximum(self.n_found, 1)
        if confidence is not None:
            told, _ = _bound(self.n_right, self.n_found, confidence)
        enough = np.flatnonzero(told >= wish)
        if len(enough):
            return float(self.thresholds[enough[0]])
        sure = "" if confidence is None else f" with {_percent(confidence)} confidence"
        best = "none has a known similarity."
        if len(told):
            place = int(np.argmax(told))
            best = f"the best is {_percent(told[place])} at {self.thresholds[place]:.3f}."
        raise ValueError(
            f"no threshold reaches {_percent(wish)} precision{sure} on {self.n_pairs} labelled pairs; {best} "
            "Ask for less, label more pairs, or let signs other than the cosine decide (kinds)."
        )

    def precision(self, similarity: float, *, confidence: float = CONFIDENCE) -> tuple[float, float, float]:
        """Returns the precision of a threshold, and the ends of its interval; (NaN, 0, 1) where it finds no labelled pair."""
        place = int(np.searchsorted(self.thresholds, similarity))
        if place == len(self.thresholds):
            return math.nan, 0.0, 1.0
        low, high = _bound(self.n_right[place], self.n_found[place], confidence)
        return float(self.n_right[place] / self.n_found[place]), float(low), float(high)

    def frame(self) -> "pd.DataFrame":
        """Returns one row per threshold, rising: threshold, n, n_right, precision, low, high (95 %), recall of the labelled."""
        import pandas as pd

        low, high = _bound(self.n_right, self.n_found, CONFIDENCE)
        return pd.DataFrame(
            {
                "threshold": self.thresholds,
                "n": self.n_found,
                "n_right": self.n_right,
                "precision": self.n_right / self.n_found,
                "low": low,
                "high": high,
                "recall": self.n_right / self.n_duplicates if self.n_duplicates else np.nan,
            }
        )


def calibrate(pairs: "pd.DataFrame") -> Calibration:
    """Returns what labelled pairs say of each threshold.

    They speak for pairs chosen as they were: precision comes out too low where only doubtful pairs were labelled, and too high
    where only those that somebody had found to be copies were. Best is a random draw of `pairs`, of one kind.

    Args:
        pairs: columns similarity (cosine; NaN: below all that was kept) and is_duplicate (bool); others are not read.

    Raises:
        ValueError: a column is missing, or a value is no cosine or neither true nor false; the message has the row.

    Example:
        >>> import pandas as pd
        >>> pairs = pd.DataFrame({"similarity": [0.8, 0.9, 0.95], "is_duplicate": [False, True, True]})
        >>> calibrate(pairs).threshold(1.0)
        0.9
    """
    similarities, truths = read_column(pairs, "similarity"), check_truths(read_column(pairs, "is_duplicate"))
    if len(similarities) and similarities.dtype.kind not in "fiu":
        raise ValueError(f"pairs.similarity has type {similarities.dtype}; expected cosines, NaN where not known.")
    cosines = similarities.astype(np.float64)
    unfit = np.flatnonzero(np.abs(cosines) > 1.0 + 1e-6)
    if len(unfit):
        raise ValueError(
            f"pairs.similarity[{unfit[0]}] is {cosines[unfit[0]]}; expected a cosine from -1 to 1, or NaN."
        )
    is_known = ~np.isnan(cosines)
    thresholds, code = np.unique(cosines[is_known], return_inverse=True)
    found = np.bincount(code, minlength=len(thresholds))
    right = np.bincount(code[truths[is_known]], minlength=len(thresholds))
    n_found, n_right = (counts[::-1].cumsum()[::-1].astype(np.int64) for counts in (found, right))
    return Calibration(thresholds, n_found, n_right, len(cosines), int(truths.sum()))


def estimate_precision(is_right: Sequence[bool] | np.ndarray, *, confidence: float = CONFIDENCE) -> dict[str, float]:
    """Returns n, n_right, precision, low, high: the share of verdicts that were right and its interval (NaN, 0, 1 of none).

    The interval is Clopper and Pearson's (1934): it holds the true share in at least `confidence` of all random draws.

    Example:
        >>> {name: round(value, 2) for name, value in estimate_precision([True, True, True, False]).items()}
        {'n': 4, 'n_right': 3, 'precision': 0.75, 'low': 0.19, 'high': 0.99}
    """
    truths = check_truths(np.asarray(is_right), "is_right")
    n, n_right = len(truths), int(truths.sum())
    low, high = _bound(n_right, n, confidence)
    precision = n_right / n if n else math.nan
    return {"n": n, "n_right": n_right, "precision": precision, "low": float(low), "high": float(high)}


def _bound(n_right: Any, n: Any, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    """Returns the lower and upper ends of the Clopper-Pearson intervals, of the shape of the counts; 0 and 1 of nothing."""
    from scipy.special import betaincinv

    if check_fraction(confidence, "confidence") == 1.0:
        raise ValueError(
            "confidence=1.0; expected less than 1, such as 0.95: only the interval from 0 to 1 is certain."
        )
    outside = (1 - confidence) / 2
    right, wrong = np.asarray(n_right, dtype=np.float64), np.asarray(n, dtype=np.float64) - n_right
    low = np.where(right > 0, betaincinv(np.maximum(right, 1), wrong + 1, outside), 0.0)
    high = np.where(wrong > 0, betaincinv(right + 1, np.maximum(wrong, 1), 1 - outside), 1.0)
    return low, high


def _percent(share: float) -> str:
    """Returns a share in words, rounded down, so that what falls short of 98 % is not called 98 %."""
    return f"{math.floor(share * 1_000 + 1e-9) / 10:g} %"
