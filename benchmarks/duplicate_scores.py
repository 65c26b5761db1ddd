"""How well what was found agrees with planted duplicates; see duplicates.py."""

from dataclasses import dataclass

import numpy as np

from nomic_explore import Duplicates

CORE = (
    "exact", "case_space", "punct", "no_title", "boiler", "sent_shuffle", "sent_drop1", "trunc70", "worddrop10", "ocr2",
)  # fmt: skip


@dataclass(frozen=True)
class Planted:
    """Rows of which is known which are duplicates.

    Attributes:
        texts: n strings.
        clusters: (n,) int: rows of one are duplicates of one another.
        kinds: (n,) str: "original", how a duplicate was made of it, or "neg_…": made of one or two, but no duplicate.
    """

    texts: list[str]
    clusters: np.ndarray
    kinds: np.ndarray

    @property
    def is_negative(self) -> np.ndarray:
        return np.char.startswith(self.kinds.astype(str), "neg_")

    @property
    def originals(self) -> np.ndarray:
        """(n,) the row that each was made of; -1 where there is none."""
        rows = np.flatnonzero(self.kinds == "original")
        row_of = {cluster: row for cluster, row in zip(self.clusters[rows].tolist(), rows.tolist(), strict=True)}
        return np.array([row_of.get(cluster, -1) for cluster in self.clusters.tolist()])


@dataclass(frozen=True)
class Found:
    """What a method found.

    Attributes:
        method, setting: words for the table.
        groups: (n,) int: rows with one number are taken for duplicates.
        dropped: (n,) bool.
        seconds: that it took.
    """

    method: str
    setting: str
    groups: np.ndarray
    dropped: np.ndarray
    seconds: float = 0.0


@dataclass(frozen=True)
class Score:
    """Of pairs of rows in one group, against pairs of one cluster; `n_lost` clusters have no row that stays."""

    precision: float
    recall: float
    n_wrong_pairs: int
    n_dropped: int
    n_negatives_dropped: int
    n_lost: int
    core_recall: float

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def score(found: Found, planted: Planted) -> Score:
    """Returns pairwise precision and recall, and the share of core duplicates found in one group with their original."""
    both = np.stack([found.groups, planted.clusters], axis=1)
    n_found, n_right = count_pairs(found.groups), count_pairs(both)
    kinds = recall_by_kind(found, planted)
    counts = {kind: int((planted.kinds == kind).sum()) for kind in CORE if kind in kinds}
    return Score(
        precision=n_right / n_found if n_found else 1.0,
        recall=n_right / count_pairs(planted.clusters),
        n_wrong_pairs=n_found - n_right,
        n_dropped=int(found.dropped.sum()),
        n_negatives_dropped=int((found.dropped & planted.is_negative).sum()),
        n_lost=len(np.setdiff1d(planted.clusters, planted.clusters[~found.dropped])),
        core_recall=sum(kinds[kind] * count for kind, count in counts.items()) / max(1, sum(counts.values())),
    )


def recall_by_kind(found: Found, planted: Planted) -> dict[str, float]:
    """Returns for each kind of duplicate the share of its rows that are in one group with their original."""
    originals = planted.originals
    is_duplicate = (originals >= 0) & (planted.kinds != "original")
    is_joined = found.groups == found.groups[originals]
    kinds = sorted(set(planted.kinds[is_duplicate].tolist()))
    return {kind: float(is_joined[is_duplicate & (planted.kinds == kind)].mean()) for kind in kinds}


def list_ours(found: Duplicates, seconds: float = 0.0) -> list[Found]:
    """Returns what was dropped, and that with what is to be reviewed."""
    is_dropped = found.roles == "drop"
    drops = Found("nomic_explore, drops", "defaults", found.keepers.astype(np.int64), is_dropped, seconds)
    return [drops, Found("drops and review", "defaults", group_alone(found.groups), is_dropped, seconds)]


def count_pairs(labels: np.ndarray) -> int:
    """Returns how many pairs of rows have the same label; (n,) or (n, 2)."""
    _, counts = np.unique(labels, axis=0, return_counts=True)
    return int((counts * (counts - 1) // 2).sum())


def group_alone(groups: np.ndarray) -> np.ndarray:
    """Returns groups in which each row that was in none (-1) has one of its own."""
    alone = np.flatnonzero(groups < 0)
    placed = groups.astype(np.int64)
    placed[alone] = groups.max(initial=-1) + 1 + np.arange(len(alone))
    return placed
