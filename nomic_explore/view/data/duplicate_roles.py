"""What the map shows of duplicates: a color for each role, and for a pair of rows the evidence that there is."""

from typing import TYPE_CHECKING, TypedDict

import numpy as np

from nomic_explore.duplicates.describe import FLAGS
from nomic_explore.duplicates.roles import ROLES
from nomic_explore.view.data.channels import Channel, category_channel
from nomic_explore.view.data.colors import NO_TOPIC
from nomic_explore.view.requests.protocol.duplicates import ScoreCounts

if TYPE_CHECKING:
    import pandas as pd

    from nomic_explore.duplicates import Duplicates

# Okabe and Ito 2008: blue stays, vermilion goes, orange waits; made lighter for a dark map. A document without duplicates is gray.
_COLORS = {"light": ("#a3a8b3", "#0072b2", "#d55e00", "#e69f00"), "dark": ("#656c7a", "#56b4e9", "#ff7f32", "#f5c451")}
_FLAGS = {**FLAGS, "is_contained": "one contains the other"}
_N_BINS = 40
_KINDS = ("exact", "lexical", "semantic")  # as bars are stacked; normalised duplicates count as exact


class PairEvidence(TypedDict):
    """What is known of two documents: shares from 0 to 1, None where unknown, and flags in words.

    `held` is the share of the first document's shingles that the second holds, `held_by` the reverse.
    """

    similarity: float | None
    overlap: float | None
    held: float | None
    held_by: float | None
    flags: list[str]


def role_palettes() -> dict[str, list[str]]:
    """Returns the colors of no role and of each of ROLES, for a light and a dark map."""
    return {theme: [NO_TOPIC[theme], *colors] for theme, colors in _COLORS.items()}


def role_channel(duplicates: "Duplicates") -> Channel:
    """Returns what colors points by their role."""
    return category_channel("duplicate_role", 1 + duplicates.role_codes, list(ROLES), role_palettes())


class PairTable:
    """The evidence of all pairs, found by their rows.

    Args:
        pairs: as `Duplicates.pairs`.
        n_rows: of the exploration.
    """

    def __init__(self, pairs: "pd.DataFrame", n_rows: int) -> None:
        self._pairs, self._n = pairs, n_rows
        row, other = (pairs[name].to_numpy(dtype=np.int64) for name in ("row", "other"))
        kinds = pairs["kind"].to_numpy()
        self._first_alike = np.arange(n_rows)  # pairs speak of the first of several rows with one text
        self._first_alike[row[kinds == "exact"]] = other[kinds == "exact"]
        keys = self._keys(row, other)
        self._order = np.argsort(keys, kind="stable")
        self._sorted = keys[self._order]
        self._is_kind = {
            "exact": np.isin(kinds, ("exact", "normalised")),
            "lexical": kinds == "lexical",
            "semantic": kinds == "semantic",
        }

    def find(self, row: int, other: int) -> PairEvidence:
        """Returns what is known of two rows."""
        first, second = int(self._first_alike[row]), int(self._first_alike[other])
        key = self._keys(np.array([first]), np.array([second]))[0]
        place = int(np.searchsorted(self._sorted, key))
        if first == second or place == len(self._sorted) or self._sorted[place] != key:
            return {"similarity": None, "overlap": None, "held": None, "held_by": None, "flags": []}
        pair = self._pairs.iloc[int(self._order[place])]
        held, held_by = round_share(pair["containment"]), round_share(pair["containment_other"])
        if int(pair["row"]) != first:
            held, held_by = held_by, held
        return {
            "similarity": round_share(pair["similarity"]),
            "overlap": round_share(pair["overlap"]),
            "held": held,
            "held_by": held_by,
            "flags": [words for name, words in _FLAGS.items() if bool(pair[name])],
        }

    def count_scores(self, lowest: float) -> ScoreCounts:
        """Returns how many pairs of each kind have which cosine, from 0.6, or 0.8 where evidence begins there, to 1."""
        similarities = self._pairs["similarity"].to_numpy(dtype=np.float64)
        low = 0.8 if not len(similarities) or float(np.nanmin(similarities)) >= lowest else 0.6
        bins = np.clip(((similarities - low) / (1 - low) * _N_BINS + 1e-6).astype(np.int64), 0, _N_BINS - 1)
        counts = {kind: np.bincount(bins[self._is_kind[kind]], minlength=_N_BINS).tolist() for kind in _KINDS}
        return {"low": low, "high": 1.0, "counts": counts}

    def _keys(self, row: np.ndarray, other: np.ndarray) -> np.ndarray:
        return np.minimum(row, other) * self._n + np.maximum(row, other)


def round_share(value: float) -> float | None:
    """Returns a number with four places, None for NaN."""
    return round(float(value), 4) if np.isfinite(value) else None
