"""Lists of pairs to review: which pairs fit a filter, in what order, and how many there are of each kind."""

from dataclasses import dataclass

import numpy as np

from nomic_explore.checks import check_choice
from nomic_explore.duplicates import Duplicates
from nomic_explore.duplicates.describe import FLAGS
from nomic_explore.duplicates.matches import KIND_NAMES
from nomic_explore.duplicates.review_pairs import ReviewPairs, key_texts, name_differences
from nomic_explore.duplicates.roles import REVIEW
from nomic_explore.view.requests.protocol.duplicates import ChoiceCount, DifferenceCount, ReviewFilter

SORTS = ("saved", "threshold", "size", "topic", "random")
_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # Knuth 1973, multiplicative hashing: 2^64 divided by the golden ratio


@dataclass(frozen=True)
class ReviewList:
    """The pairs that fit a filter, in order, and counts for each filter that leave that filter itself out.

    Attributes:
        pairs: in the order of the list.
        differences: how many pairs differ in what.
        kinds: how many pairs have which kind of match.
        topics: how many pairs lie in which topic of the coarsest layer.
    """

    pairs: ReviewPairs
    differences: list[DifferenceCount]
    kinds: list[ChoiceCount]
    topics: list[ChoiceCount]


def make_list(
    duplicates: Duplicates,
    pairs: ReviewPairs,
    wanted: ReviewFilter,
    *,
    found: np.ndarray | None,
    topics: np.ndarray,
    names: list[str],
) -> ReviewList:
    """Returns the pairs that fit a filter, in its order.

    Args:
        duplicates: the decisions.
        pairs: all pairs that may be listed.
        wanted: the filter; its `show` has been looked at already.
        found: (m,) rows that its search found; None without a search.
        topics: (n,) the topic of each row in the coarsest layer, -1 for none.
        names: of these topics.

    Raises:
        ValueError: there is no such order, difference or kind.
    """
    topic = topics[pairs.rows]
    fits = {
        "search": _holds_any(pairs, found, len(duplicates)),
        "differences": _differs_as(pairs, wanted.get("differences")),
        "kind": _is_kind(pairs, wanted.get("kind")),
        "topic": np.ones(len(pairs), dtype=bool) if wanted.get("topic") is None else topic == wanted["topic"],
    }

    def count(own: str, values: np.ndarray) -> list[tuple[int, int]]:
        """Returns (value, how many pairs) for the pairs that fit all other filters, the most frequent first."""
        others = np.all([mask for name, mask in fits.items() if name != own], axis=0)
        each, counts = np.unique(values[others], return_counts=True)
        order = np.argsort(-counts, kind="stable")
        return list(zip(each[order].tolist(), counts[order].tolist(), strict=True))

    listed = np.flatnonzero(np.all(list(fits.values()), axis=0))
    order = _order(duplicates, pairs.take(listed), topic[listed], wanted)
    return ReviewList(
        pairs.take(listed[order]),
        [{"differences": name_differences(bits), "nPairs": n} for bits, n in count("differences", pairs.differences)],
        [
            {"value": KIND_NAMES[code], "name": KIND_NAMES[code], "nPairs": n}
            for code, n in count("kind", pairs.kind_codes)
        ],
        [{"value": number, "name": names[number], "nPairs": n} for number, n in count("topic", topic) if number >= 0],
    )


def threshold_gaps(duplicates: Duplicates, similarities: np.ndarray) -> np.ndarray:
    """Returns (k,) float64 how far cosines lie from the threshold; unknown ones lie farthest."""
    gaps: np.ndarray = np.abs(similarities.astype(np.float64) - duplicates.min_similarity)
    return np.where(np.isnan(gaps), 2.0, gaps)


def _holds_any(pairs: ReviewPairs, found: np.ndarray | None, n_rows: int) -> np.ndarray:
    if found is None:
        return np.ones(len(pairs), dtype=bool)
    is_found = np.zeros(n_rows, dtype=bool)
    is_found[found] = True
    return is_found[pairs.rows] | is_found[pairs.others]


def _differs_as(pairs: ReviewPairs, differences: list[str] | None) -> np.ndarray:
    if differences is None:
        return np.ones(len(pairs), dtype=bool)
    words = list(FLAGS.values())
    for one in differences:
        check_choice(one, "differences", tuple(words))
    return pairs.differences == sum(1 << words.index(one) for one in set(differences))


def _is_kind(pairs: ReviewPairs, kind: str | None) -> np.ndarray:
    if kind is None:
        return np.ones(len(pairs), dtype=bool)
    return pairs.kind_codes == KIND_NAMES.index(check_choice(kind, "kind", KIND_NAMES))


def _order(duplicates: Duplicates, pairs: ReviewPairs, topic: np.ndarray, wanted: ReviewFilter) -> np.ndarray:
    """Returns the places (k,) of pairs in their order; the pairs of a group stand together unless pairs are ordered."""
    sort = check_choice(wanted.get("sort", "saved"), "sort", SORTS)
    gaps = threshold_gaps(duplicates, pairs.similarities)
    if sort == "threshold":
        return np.lexsort((pairs.rows, gaps))
    if sort == "random":  # the same for the pairs that are left when some have been decided
        keys = key_texts(duplicates, pairs.rows, pairs.others).astype(np.uint64)
        return np.argsort(keys * _SPREAD, kind="stable")
    n_groups = int(duplicates.groups.max(initial=-1)) + 1
    sizes = np.bincount(duplicates.groups[duplicates.groups >= 0], minlength=n_groups)[pairs.groups]
    n_listed = np.bincount(pairs.groups, minlength=n_groups)[pairs.groups]
    in_review = pairs.groups[duplicates.role_codes[pairs.rows] == REVIEW]
    n_review = np.bincount(in_review, minlength=n_groups)[pairs.groups]
    within = (pairs.rows, gaps, pairs.groups)
    if sort == "size":
        return np.lexsort((*within, -n_listed, -sizes))
    if sort == "topic":
        return np.lexsort((*within, -n_listed, topic))
    return np.lexsort((*within, -sizes, -n_listed, -n_review))
