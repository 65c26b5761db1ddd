"""Calibration: the precision of every threshold, measured on labeled pairs, and the threshold that is precise enough."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nomic_explore.checks import check_fraction
from nomic_explore.duplicates.describe import describe_pairs
from nomic_explore.html_table import html_table

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike

    from nomic_explore.duplicates.decide import Decisions

CONFIDENCE = 0.95


@dataclass(frozen=True, eq=False, repr=False)
class Calibration:
    """Precision and recall of each threshold on labeled pairs; a pair is found if its cosine is at least the threshold.

    Attributes:
        thresholds: (m,) float64, rising: the cosines that occur.
        n_found: (m,) int64: labeled pairs found at each.
        n_right: (m,) int64: duplicates among them.
        n_pairs: labeled pairs, those below every threshold too.
        n_duplicates: duplicates among these.
    """

    thresholds: np.ndarray
    n_found: np.ndarray
    n_right: np.ndarray
    n_pairs: int
    n_duplicates: int

    def __repr__(self) -> str:
        return (
            f"Calibration({self.n_pairs:,} labeled pairs, {self.n_duplicates:,} of them duplicates, "
            f"{len(self.thresholds):,} thresholds)"
        )

    def _repr_html_(self) -> str:
        rows: list[tuple[object, ...]] = []
        for similarity in (0.80, 0.85, 0.90, 0.95, 0.98):
            precision, low, high = self.precision(similarity)
            found = int(self.n_found[np.searchsorted(self.thresholds, similarity) :][:1].sum())
            if found:
                rows.append((f"from {similarity:.2f}", found, f"{precision:.1%}", f"{low:.1%} to {high:.1%}"))
        return html_table(repr(self), rows, ("", "labeled pairs", "precision", "95 % interval"))

    def threshold(self, precision: float = 0.98, *, confidence: float | None = None) -> float:
        """Returns the lowest threshold with this precision among the labeled pairs it finds.

        Args:
            precision: share of the found pairs that are duplicates, 0 to 1.
            confidence: None asks for the estimate; 0.95 for the lower end of its 95 % interval, which takes far more pairs:
                183 without a mistake for 98 %.

        Raises:
            ValueError: none reaches it; the message names the best.

        Example:
            >>> import pandas as pd
            >>> labeled = pd.DataFrame({"similarity": [0.8, 0.9, 0.95], "is_duplicate": [False, True, True]})
            >>> calibrate(labeled).threshold(precision=0.98)
            0.9
        """
        wish = check_fraction(precision, "precision")
        precisions = self.n_right / np.maximum(self.n_found, 1)
        if confidence is not None:
            precisions, _ = _bound(self.n_right, self.n_found, confidence)
        enough = np.flatnonzero(precisions >= wish)
        if len(enough):
            return float(self.thresholds[enough[0]])
        sure = "" if confidence is None else f" with {_percent(confidence)} confidence"
        best = "none has a known similarity."
        if len(precisions):
            place = int(np.argmax(precisions))
            best = f"the best is {_percent(precisions[place])} at {self.thresholds[place]:.3f}."
        raise ValueError(
            f"no threshold reaches {_percent(wish)} precision{sure} on {self.n_pairs} labeled pairs; {best} "
            "Ask for less, label more pairs, or drop by other evidence than the cosine (kinds)."
        )

    def precision(self, similarity: float, *, confidence: float = CONFIDENCE) -> tuple[float, float, float]:
        """Returns the precision of a threshold, and the ends of its interval; (NaN, 0, 1) where it finds no labeled pair.

        Example:
            >>> import pandas as pd
            >>> labeled = pd.DataFrame({"similarity": [0.8, 0.9, 0.95], "is_duplicate": [False, True, True]})
            >>> [round(number, 2) for number in calibrate(labeled).precision(0.8)]
            [0.67, 0.09, 0.99]
        """
        place = int(np.searchsorted(self.thresholds, similarity))
        if place == len(self.thresholds):
            return math.nan, 0.0, 1.0
        low, high = _bound(self.n_right[place], self.n_found[place], confidence)
        return float(self.n_right[place] / self.n_found[place]), float(low), float(high)

    def to_pandas(self) -> "pd.DataFrame":
        """Returns one row per threshold, rising: threshold, n, n_right, precision, low, high (95 %), recall of the labeled.

        Example:
            >>> import pandas as pd
            >>> labeled = pd.DataFrame({"similarity": [0.8, 0.9, 0.95], "is_duplicate": [False, True, True]})
            >>> calibrate(labeled).to_pandas()[["threshold", "precision"]].round(2).values.tolist()
            [[0.8, 0.67], [0.9, 1.0], [0.95, 1.0]]
        """
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
    """Returns precision and recall at each threshold, from labeled pairs.

    The result holds for pairs chosen in the same way: precision is too low where only doubtful pairs were labeled, and too high
    where only known duplicates were. Best is a random sample of `Duplicates.pairs`, of one kind.

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
    similarities, truths = _read_column(pairs, "similarity"), _check_truths(_read_column(pairs, "is_duplicate"))
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
    """Returns n, n_right, precision, low, high: the fraction of verdicts that were right and its interval (NaN, 0, 1 of none).

    The interval is Clopper and Pearson's (1934): it contains the true share in at least `confidence` of all random draws.

    Example:
        >>> {name: round(value, 2) for name, value in estimate_precision([True, True, True, False]).items()}
        {'n': 4, 'n_right': 3, 'precision': 0.75, 'low': 0.19, 'high': 0.99}
    """
    truths = _check_truths(np.asarray(is_right), "is_right")
    n, n_right = len(truths), int(truths.sum())
    low, high = _bound(n_right, n, confidence)
    precision = n_right / n if n else math.nan
    return {"n": n, "n_right": n_right, "precision": precision, "low": float(low), "high": float(high)}


def label_pairs(duplicates: "Decisions", pairs: "pd.DataFrame | Iterable[tuple[int, int, bool]]") -> "pd.DataFrame":
    """Returns the labeled pairs with similarity, overlap and kind of each from the evidence, ready for `calibrate`.

    A pair that was not scored, because neither meaning nor text is similar, has kind "" and NaN for both numbers: if it is a
    duplicate, no threshold finds it.

    Args:
        duplicates: of n rows.
        pairs: columns row, other, is_duplicate, or a list of such triples; further columns stay.

    Raises:
        ValueError: a column is missing, or row and other are not two different rows; the message has the place.
    """
    import pandas as pd

    names = ["row", "other", "is_duplicate"]
    table = pairs if isinstance(pairs, pd.DataFrame) else pd.DataFrame(list(pairs), columns=names)
    n_rows = len(duplicates)
    _check_truths(_read_column(table, "is_duplicate"))
    row, other = (_check_rows(_read_column(table, name), f"pairs.{name}", n_rows) for name in ("row", "other"))
    same = np.flatnonzero(row == other)
    if len(same):
        raise ValueError(f"pairs.row[{same[0]}] and pairs.other[{same[0]}] are both {row[same[0]]}; expected two rows.")
    evidence = describe_pairs(duplicates)
    text = _find_first(evidence[evidence["kind"] == "exact"], np.arange(n_rows))
    equal = _find_first(evidence[evidence["kind"] == "normalised"], np.arange(n_rows))[text]
    scored = evidence[~evidence["kind"].isin(("exact", "normalised"))]
    of_key = pd.Series(np.arange(len(scored)), index=_pair_key(text[scored["row"]], text[scored["other"]], n_rows))
    place = of_key.reindex(_pair_key(text[row], text[other], n_rows), fill_value=-1).to_numpy()
    is_exact, is_normalised, is_scored = text[row] == text[other], equal[row] == equal[other], place >= 0
    columns = {}
    for name, unknown, normalized, exact in (
        ("similarity", np.nan, 1.0, 1.0),
        ("overlap", np.nan, 1.0, 1.0),
        ("kind", "", "normalised", "exact"),
    ):
        columns[name] = np.full(len(table), unknown, dtype=object if name == "kind" else np.float64)
        columns[name][is_scored] = scored[name].to_numpy()[place[is_scored]]
        columns[name][is_normalised] = normalized
        columns[name][is_exact] = exact
    return table.assign(**columns)


def _read_column(pairs: "pd.DataFrame", name: str) -> np.ndarray:
    """Returns the values of a column; raises ValueError if there is none."""
    if name not in pairs.columns:
        raise ValueError(f"pairs has columns {', '.join(map(str, pairs.columns))}; expected one named {name}.")
    return np.asarray(pairs[name])


def _check_truths(values: np.ndarray, name: str = "pairs.is_duplicate") -> np.ndarray:
    """Returns (m,) bool of what is True or False, or 1 or 0, throughout."""
    for row, value in enumerate(values.tolist()):
        if value is None or value not in (0, 1):
            raise ValueError(f"{name}[{row}] is {value!r}; expected True or False. Leave pairs without a verdict out.")
    return values.astype(bool)


def _find_first(alike: "pd.DataFrame", rows: np.ndarray) -> np.ndarray:
    """Returns (n,) the row that each stands behind, itself where `alike` does not name it."""
    first = rows.copy()
    first[alike["row"]] = alike["other"]
    return first


def _pair_key(one: np.ndarray, two: np.ndarray, n_rows: int) -> np.ndarray:
    """Returns one number for each pair of rows, whichever comes first."""
    return np.minimum(one, two).astype(np.int64) * n_rows + np.maximum(one, two)


def _check_rows(values: np.ndarray, name: str, n_rows: int) -> np.ndarray:
    """Returns (m,) int64 of what is a row number throughout."""
    for place, value in enumerate(values.tolist()):
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < n_rows:
            raise ValueError(f"{name}[{place}] is {value!r}; expected a row number from 0 to {n_rows - 1}.")
    return values.astype(np.int64)


def _bound(n_right: "ArrayLike", n: "ArrayLike", confidence: float) -> tuple[np.ndarray, np.ndarray]:
    """Returns the lower and upper ends of the Clopper-Pearson intervals, of the shape of the counts; 0 and 1 of nothing."""
    from scipy.special import betaincinv

    if check_fraction(confidence, "confidence") == 1.0:
        raise ValueError(
            "confidence=1.0; expected less than 1, such as 0.95: only the interval from 0 to 1 is certain."
        )
    outside = (1 - confidence) / 2
    right = np.asarray(n_right, dtype=np.float64)
    wrong = np.asarray(n, dtype=np.float64) - right
    low = np.where(right > 0, betaincinv(np.maximum(right, 1), wrong + 1, outside), 0.0)
    high = np.where(wrong > 0, betaincinv(right + 1, np.maximum(wrong, 1), 1 - outside), 1.0)
    return low, high


def _percent(share: float) -> str:
    """Returns a share in words, rounded down, so that what falls short of 98 % is not called 98 %."""
    return f"{math.floor(share * 1_000 + 1e-9) / 10:g} %"
