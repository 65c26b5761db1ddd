"""Decisions as people read them: tables of pairs and groups, a reason for each row, counts in a notebook."""

from typing import TYPE_CHECKING, TypedDict

import numpy as np

from nomic_explore.arrays import first_of, starts_of
from nomic_explore.duplicates.decide import Decisions
from nomic_explore.duplicates.matches import EXACT, KIND_NAMES, LEXICAL, NORMALIZED, SEMANTIC
from nomic_explore.duplicates.pairs import Pairs, grade_pairs
from nomic_explore.duplicates.roles import DROP, KEEP, REVIEW, ROLES, UNIQUE
from nomic_explore.html_table import html_table

if TYPE_CHECKING:
    import pandas as pd

FLAGS = {
    "numbers_differ": "numbers differ",
    "names_differ": "names differ",
    "words_differ": "words differ",
    "negation_differs": "negation differs",
    "passages_differ": "passages differ",
    "languages_differ": "languages differ",
    "columns_differ": "columns differ",
    "signs_differ": "signs differ",
    "order_differs": "word order differs",
}
_CONTAINED = 0.95  # of a text's shingles in the other


def describe_pairs(duplicates: Decisions) -> "pd.DataFrame":
    """Returns one row per scored pair: row, other, kind, scores, flags, is_contained, is_duplicate.

    The scores are `similarity` (cosine), `overlap` (Jaccard similarity of the character 5-grams), `containment` (fraction of the
    row's 5-grams that also occur in the other) and `containment_other` (the reverse). Equal texts are paired with the first row
    of the text, normalized ones with the first such text in sorted order, so that their number stays linear.
    """
    import pandas as pd

    evidence, scored = duplicates.evidence, duplicates.evidence.pairs
    row_of = first_of(evidence.document, len(evidence.lengths))
    equal = np.flatnonzero(row_of[evidence.document] != np.arange(len(evidence.document)))
    first_alike = first_of(evidence.normalized, len(evidence.lengths))[evidence.normalized]
    alike = np.flatnonzero(first_alike != np.arange(len(first_alike)))
    pairs = scored.take(evidence.differs)
    grades = grade_pairs(pairs, min_similarity=duplicates.min_similarity, kinds=duplicates.drop_kinds)
    row = np.concatenate([equal, row_of[alike], row_of[pairs.first]])
    other = np.concatenate([row_of[evidence.document[equal]], row_of[first_alike[alike]], row_of[pairs.second]])
    codes = [np.full(len(equal), EXACT), np.full(len(alike), NORMALIZED)]
    codes.append(np.where(pairs.is_lexical, LEXICAL, SEMANTIC))
    n_equal = len(equal) + len(alike)

    def after(value_if_equal: float | bool, values: np.ndarray) -> np.ndarray:
        return np.append(np.full(n_equal, value_if_equal, dtype=values.dtype), values)

    columns = {"row": duplicates.rows[row], "other": duplicates.rows[other]}
    columns["kind"] = np.array(KIND_NAMES, dtype=object)[np.concatenate(codes)]
    columns["similarity"] = after(1.0, pairs.similarities)
    columns["overlap"] = after(1.0, pairs.overlaps)
    columns["containment"] = after(1.0, pairs.containment_first)
    columns["containment_other"] = after(1.0, pairs.containment_second)
    for flag in FLAGS:
        columns[flag] = after(False, getattr(pairs, flag))
    columns["is_contained"] = after(True, np.maximum(pairs.containment_first, pairs.containment_second) >= _CONTAINED)
    columns["is_duplicate"] = after(True, grades.is_duplicate)
    for name, overlap in evidence.column_overlaps.items():
        columns[f"overlap {name}"] = after(1.0, overlap[evidence.differs])
    return pd.DataFrame(columns)


def describe_groups(duplicates: Decisions) -> "pd.DataFrame":
    """Returns one row per group; see `Duplicates.to_pandas`."""
    import pandas as pd

    groups = duplicates.groups
    member = np.flatnonzero(groups >= 0)
    is_kept = duplicates.roles[member] == "keep"
    length, diameter = _measure_links(duplicates)
    rows = pd.DataFrame(
        {
            "group": groups[member],
            "keeper": np.where(is_kept, member, len(groups)),
            "size": 1,
            "n_drop": duplicates.roles[member] == "drop",
            "n_review": duplicates.roles[member] == "review",
            "min_similarity": duplicates.similarities[member],
            "diameter": diameter[member],
            "is_chain": length[member] > 1,
        }
    )
    summed = {"keeper": "min", "size": "sum", "n_drop": "sum", "n_review": "sum", "min_similarity": "min"}
    table = rows.groupby("group").agg({**summed, "diameter": "max", "is_chain": "max"}).reset_index()
    table.insert(6, "weakest_kind", _weakest_kinds(duplicates, member))
    return table


def _weakest_kinds(duplicates: Decisions, member: np.ndarray) -> np.ndarray:
    """Returns for each group the kind of the link with the lowest cosine."""
    linked = member[duplicates.kind_codes[member] > 0]
    near = np.nan_to_num(duplicates.similarities[linked], nan=2.0)  # verdicts of people have no cosine
    weakest_first = linked[np.lexsort((-duplicates.kind_codes[linked], near, duplicates.groups[linked]))]
    first = starts_of(duplicates.groups[weakest_first])
    kinds = np.full(int(duplicates.groups.max(initial=-1)) + 1, "", dtype=object)
    kinds[duplicates.groups[weakest_first[first]]] = duplicates.kinds[weakest_first[first]]
    return kinds


def _measure_links(duplicates: Decisions) -> tuple[np.ndarray, np.ndarray]:
    """Returns (n,) links from each row to the end of its chain, and (n,) most links between two rows that meet in it.

    Links between texts that are equal, or equal once normalized, are not counted.
    """
    matches, counted = duplicates.matches, duplicates.kind_codes > NORMALIZED
    steps = np.zeros(len(matches), dtype=np.int64)
    length = np.zeros(len(matches), dtype=np.int64)
    at, moving = np.arange(len(matches)), matches != np.arange(len(matches))
    while moving.any():
        length[moving] += counted[at[moving]]
        steps[moving] += 1
        at = np.where(moving, matches[at], at)
        moving = matches[at] != at
    height, diameter = np.zeros((2, len(matches)), dtype=np.int64)
    for depth in range(int(steps.max(initial=0)), 0, -1):
        children = np.flatnonzero(steps == depth)
        reach = height[children] + counted[children]
        parents = matches[children]
        order = np.lexsort((-reach, parents))
        begin = starts_of(parents[order])
        best = reach[order][begin]
        sizes = np.diff(begin, append=len(order))
        second = np.where(sizes > 1, reach[order][np.minimum(begin + 1, len(order) - 1)], 0)
        height[parents[order][begin]] = best
        diameter[parents[order][begin]] = best + second
    return length, diameter


def describe_reasons(duplicates: Decisions, rows: np.ndarray) -> list[str]:
    """Returns for each of some rows (m,) why it is or may be a duplicate, in a sentence; "" for a row without a match."""
    is_labeled = _is_labeled(duplicates)
    places = find_places(duplicates, rows)
    reasons = []
    for row, place in zip(rows.tolist(), places.tolist(), strict=True):
        reason = _describe_reason(duplicates, row, place)
        reasons.append(f"{reason}; labeled by a person" if reason and is_labeled[row] else reason)
    return reasons


def _is_labeled(duplicates: Decisions) -> np.ndarray:
    """Returns (n,) bool: rows that a person dropped, with all rows of the same text if the kept row has another."""
    text = np.full(len(duplicates), -1, dtype=np.int64)
    text[duplicates.rows] = duplicates.evidence.document
    row, other = duplicates.verdicts.drop.T
    is_labeled = np.isin(text, text[row[text[row] != text[other]]])
    is_labeled[row] = True
    return is_labeled


def format_flags(pairs: Pairs, places: np.ndarray) -> list[str]:
    """Returns for each pair, given by its index (m,), what its texts differ in, joined by commas; "" for index -1."""
    flags: list[list[str]] = [[] for _ in places]
    for name, words in FLAGS.items():
        values = getattr(pairs, name)
        for at in np.flatnonzero(places >= 0).tolist():
            if values[places[at]]:
                flags[at].append(words)
    return [", ".join(words) for words in flags]


class OutcomeCounts(TypedDict):
    """How many rows became what; see `count_outcomes`."""

    rows: int
    without_text: int
    kept: int
    dropped: int
    share_dropped: float
    review: int
    groups: int
    roles: dict[str, int]
    dropped_by_kind: dict[str, int]
    review_by_kind: dict[str, int]


def count_outcomes(duplicates: Decisions, n_with_text: int) -> OutcomeCounts:
    """Returns counts: rows, without_text, kept, dropped, share_dropped (of rows with text), review, groups, by role and kind."""
    roles, kinds = duplicates.role_codes, duplicates.kind_codes
    n_rows, n_dropped = len(duplicates), int((roles == DROP).sum())
    return {
        "rows": n_rows,
        "without_text": n_rows - n_with_text,
        "kept": n_rows - n_dropped,
        "dropped": n_dropped,
        "share_dropped": round(n_dropped / n_with_text, 6) if n_with_text else 0.0,
        "review": int((roles == REVIEW).sum()),
        "groups": duplicates.n_groups,
        "roles": {name: int((roles == code).sum()) for code, name in enumerate(ROLES)},
        "dropped_by_kind": _count_kinds(kinds[roles == DROP]),
        "review_by_kind": _count_kinds(kinds[roles == REVIEW]),
    }


def _count_kinds(codes: np.ndarray) -> dict[str, int]:
    counts = np.bincount(codes, minlength=len(KIND_NAMES))
    return {name: int(counts[code]) for code, name in enumerate(KIND_NAMES) if name}


def draw_duplicates(duplicates: Decisions) -> str:
    """Returns the counts by kind of match and role as an HTML table."""
    counts = np.zeros((len(KIND_NAMES), 4), dtype=np.int64)
    np.add.at(counts, (duplicates.kind_codes, duplicates.role_codes), 1)
    rows = [(name, int(counts[code, DROP]), int(counts[code, REVIEW])) for code, name in enumerate(KIND_NAMES) if name]
    rows = [row for row in rows if row[0] != "verdict" or any(row[1:])]
    totals = counts.sum(axis=0)
    rows.append(("all kinds", int(totals[DROP]), int(totals[REVIEW])))
    caption = (
        f"{len(duplicates):,} rows: {totals[UNIQUE]:,} unique, {totals[KEEP]:,} kept of {duplicates.n_groups:,} duplicate groups; "
        f"min_similarity={duplicates.min_similarity:g}"
    )
    return html_table(caption, rows, ("", "dropped", "flagged for review"))


def find_places(duplicates: Decisions, rows: np.ndarray) -> np.ndarray:
    """Returns (m,) the index in the evidence of the pair of each row and its match; -1 where no pair is stored."""
    evidence = duplicates.evidence
    document = np.full(len(duplicates), -1, dtype=np.int64)
    document[duplicates.rows] = evidence.document
    return find_pairs(evidence.pairs, document[rows], document[duplicates.matches[rows]])


def find_pairs(pairs: Pairs, one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """Returns (m,) the index of each pair of documents (m,) and (m,), -1 if it is not stored; document -1 is none."""
    if not len(pairs):
        return np.full(len(one), -1, dtype=np.int64)
    keys = pairs.first.astype(np.int64) << 32 | pairs.second
    asked = np.minimum(one, two).astype(np.int64) << 32 | np.maximum(one, two)
    at = np.minimum(np.searchsorted(keys, asked), len(keys) - 1)
    return np.where(keys[at] == asked, at, -1)


def _describe_reason(duplicates: Decisions, row: int, place: int) -> str:
    match, kind = int(duplicates.matches[row]), int(duplicates.kind_codes[row])
    if kind == EXACT:
        return f"the same text as row {match}"
    if kind == NORMALIZED:
        return f"equal to row {match} but for case, space and punctuation"
    if kind == LEXICAL and place >= 0:
        own, others = _format_containment(duplicates, row, place)
        return f"{own} of its text occurs in row {match}, {others} of row {match}'s text in it"
    if kind == SEMANTIC:
        return f"means nearly the same as row {match} (cosine {duplicates.similarities[row]:.3f})"
    return f"is a duplicate of row {match}" if kind else ""


def _format_containment(duplicates: Decisions, row: int, place: int) -> tuple[str, str]:
    """Returns how much of a row's text occurs in its match, and the reverse; never rounded up to all of it."""
    pairs, place_of_row = duplicates.evidence.pairs, int(np.searchsorted(duplicates.rows, row))
    fractions = [float(pairs.containment_first[place]), float(pairs.containment_second[place])]
    if int(duplicates.evidence.document[place_of_row]) == int(pairs.second[place]):
        fractions.reverse()
    own, others = ("all" if fraction >= 1 else f"{int(100 * fraction + 1e-4)} %" for fraction in fractions)
    return own, others
