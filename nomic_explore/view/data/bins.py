"""Numbers on a scale and in bars, whatever they are: all equal, infinite, as large as numbers can be, or dates without an end."""

import numpy as np

_NO_BEGIN = float(np.datetime64("0002-01-01", "ms").astype(np.int64))  # earlier dates stand for "since ever"
_NO_END = float(np.datetime64("9000-01-01", "ms").astype(np.int64))  # later ones, such as 9999-12-31, for "no end"


def usual_ends(values: np.ndarray, kind: str) -> tuple[float, float]:
    """Returns the least and the greatest value that a scale shows; 0 and 0 without any.

    Infinities are left out, and so are dates of the year 1 and from the year 9000 on, unless there are no others.

    Args:
        values: (n,) float64; dates are milliseconds since 1970.
        kind: "dates" or "numbers".

    Example:
        >>> usual_ends(np.array([1.0, np.nan, 5.0, np.inf]), "numbers")
        (1.0, 5.0)
    """
    shown = values[np.isfinite(values)]
    if kind == "dates":
        usual = shown[(shown >= _NO_BEGIN) & (shown < _NO_END)]
        shown = usual if len(usual) else shown
    return (float(shown.min()), float(shown.max())) if len(shown) else (0.0, 0.0)


def scale_between(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Returns where values lie between two ends, 0 to 1; what lies beyond is 0 or 1, NaN stays NaN.

    Example:
        >>> scale_between(np.array([1.0, 2.0, 9.0, -np.inf]), 1.0, 3.0).tolist()
        [0.0, 0.5, 1.0, 0.0]
    """
    with np.errstate(over="ignore", invalid="ignore"):
        if high <= low:
            return np.where(np.isnan(values), np.nan, (values > high).astype(np.float64))
        part = 1.0 if np.isfinite(high - low) else 0.25  # else the difference of the ends would be infinite
        return np.clip((values * part - low * part) / (high * part - low * part), 0.0, 1.0)


def count_bins(values: np.ndarray, low: float, high: float, n_bins: int) -> np.ndarray:
    """Returns (n_bins,) int64: how many values lie in each of equal bins from `low` to `high`; one bin if they are equal.

    Example:
        >>> count_bins(np.array([0.0, 1.0, 9.0, 10.0, np.nan, 11.0]), 0.0, 10.0, 2).tolist()
        [2, 2]
    """
    inside = values[(values >= low) & (values <= high)]
    if high <= low:
        return np.array([len(inside)])
    places = np.minimum((scale_between(inside, low, high) * n_bins).astype(np.int64), n_bins - 1)
    return np.bincount(places, minlength=n_bins)


def describe_beyond(kind: str) -> str:
    """Returns what the values are that a scale of dates or numbers does not reach; see `usual_ends`.

    Example:
        >>> describe_beyond("numbers")
        'infinite'
    """
    return "dates of the year 1 or from 9000 on" if kind == "dates" else "infinite"
