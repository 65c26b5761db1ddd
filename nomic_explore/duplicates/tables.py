"""Tables: the pairs and the groups of `Duplicates`, told as DataFrames."""

from typing import TYPE_CHECKING

import numpy as np

from nomic_explore.arrays import first_of, starts_of
from nomic_explore.duplicates.grades import grade_pairs
from nomic_explore.duplicates.matches import EXACT, KIND_NAMES, LEXICAL, NORMALISED, SEMANTIC
from nomic_explore.duplicates.reasons import FLAGS

if TYPE_CHECKING:
    import pandas as pd

    from nomic_explore.duplicates.duplicates import Duplicates

_CONTAINED = 0.95  # of a text's shingles in the other


def tell_pairs(found: "Duplicates") -> "pd.DataFrame":
    """Returns one row per stored pair: row, other, kind, similarity, overlap, held, held_by, flags, is_contained, is_copy.

    Equal texts are paired with the first row that holds the text, normalised ones with the first such text in sorted order,
    so that their number stays linear.
    """
    import pandas as pd

    evidence, scored = found.evidence, found.evidence.pairs
    row_of = first_of(evidence.document, len(evidence.lengths))
    copies = np.flatnonzero(row_of[evidence.document] != np.arange(len(evidence.document)))
    first_alike = first_of(evidence.normalised, len(evidence.lengths))[evidence.normalised]
    alike = np.flatnonzero(first_alike != np.arange(len(first_alike)))
    apart = evidence.normalised[scored.first] != evidence.normalised[scored.second]
    pairs = scored.take(apart)
    grades = grade_pairs(pairs, min_similarity=found.min_similarity, kinds=found.drop_kinds)
    row = [copies, row_of[alike], row_of[pairs.first]]
    other = [row_of[evidence.document[copies]], row_of[first_alike[alike]], row_of[pairs.second]]
    codes = [np.full(len(copies), EXACT), np.full(len(alike), NORMALISED)]
    codes.append(np.where(pairs.is_lexical, LEXICAL, SEMANTIC))
    n_same = len(copies) + len(alike)

    def tell(same: float | bool, values: np.ndarray) -> np.ndarray:
        return np.append(np.full(n_same, same, dtype=values.dtype), values)

    told = {"row": found.rows[np.concatenate(row)], "other": found.rows[np.concatenate(other)]}
    told["kind"] = np.array(KIND_NAMES, dtype=object)[np.concatenate(codes)]
    told["similarity"] = tell(1.0, pairs.similarities)
    told["overlap"] = tell(1.0, pairs.overlaps)
    told["held"] = tell(1.0, pairs.held_first)
    told["held_by"] = tell(1.0, pairs.held_second)
    for flag in FLAGS:
        told[flag] = tell(False, getattr(pairs, flag))
    told["is_contained"] = tell(True, np.maximum(pairs.held_first, pairs.held_second) >= _CONTAINED)
    told["is_copy"] = tell(True, grades.is_copy)
    for name, overlap in evidence.column_overlaps.items():
        told[f"overlap {name}"] = tell(1.0, overlap[apart])
    return pd.DataFrame(told)


def tell_groups(found: "Duplicates") -> "pd.DataFrame":
    """Returns one row per group; see `Duplicates.frame`."""
    import pandas as pd

    groups = found.groups
    member = np.flatnonzero(groups >= 0)
    is_kept = found.roles[member] == "keep"
    length, diameter = _measure_links(found)
    rows = pd.DataFrame(
        {
            "group": groups[member],
            "keeper": np.where(is_kept, member, len(groups)),
            "size": 1,
            "n_drop": found.roles[member] == "drop",
            "n_review": found.roles[member] == "review",
            "min_similarity": found.similarities[member],
            "diameter": diameter[member],
            "is_chain": length[member] > 1,
        }
    )
    summed = {"keeper": "min", "size": "sum", "n_drop": "sum", "n_review": "sum", "min_similarity": "min"}
    table = rows.groupby("group").agg({**summed, "diameter": "max", "is_chain": "max"}).reset_index()
    table.insert(6, "weakest_kind", _weakest_kinds(found, member))
    return table


def _weakest_kinds(found: "Duplicates", member: np.ndarray) -> np.ndarray:
    """Returns for each group the kind of the link with the lowest cosine."""
    linked = member[found.kind_codes[member] > 0]
    near = np.nan_to_num(found.similarities[linked], nan=2.0)  # what people said has no cosine
    weakest_first = linked[np.lexsort((-found.kind_codes[linked], near, found.groups[linked]))]
    first = starts_of(found.groups[weakest_first])
    kinds = np.full(int(found.groups.max(initial=-1)) + 1, "", dtype=object)
    kinds[found.groups[weakest_first[first]]] = found.kinds[weakest_first[first]]
    return kinds


def _measure_links(found: "Duplicates") -> tuple[np.ndarray, np.ndarray]:
    """Returns (n,) links from each row to the end of its chain, and (n,) most links between two rows that meet in it.

    Links between texts that are equal, or equal once normalised, are not counted.
    """
    partners, counted = found.partners, found.kind_codes > NORMALISED
    steps = np.zeros(len(partners), dtype=np.int64)
    length = np.zeros(len(partners), dtype=np.int64)
    at, moving = np.arange(len(partners)), partners != np.arange(len(partners))
    while moving.any():
        length[moving] += counted[at[moving]]
        steps[moving] += 1
        at = np.where(moving, partners[at], at)
        moving = partners[at] != at
    height, diameter = np.zeros((2, len(partners)), dtype=np.int64)
    for depth in range(int(steps.max(initial=0)), 0, -1):
        children = np.flatnonzero(steps == depth)
        reach = height[children] + counted[children]
        parents = partners[children]
        order = np.lexsort((-reach, parents))
        begin = starts_of(parents[order])
        best = reach[order][begin]
        sizes = np.diff(begin, append=len(order))
        second = np.where(sizes > 1, reach[order][np.minimum(begin + 1, len(order) - 1)], 0)
        height[parents[order][begin]] = best
        diameter[parents[order][begin]] = best + second
    return length, diameter
