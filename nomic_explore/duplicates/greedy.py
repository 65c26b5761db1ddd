"""Greedy deduplication: which documents are dropped if each kept one drops what it matches; duplicate groups."""

import numpy as np

_ROUNDS = 24  # of all pairs at once; longer chains, of which there are few, are followed pair by pair


def drop_greedily(
    codes: np.ndarray,
    alike: np.ndarray,
    rank: np.ndarray,
    worse: np.ndarray,
    better: np.ndarray,
    *,
    is_kept: np.ndarray,
    is_gone: np.ndarray,
) -> np.ndarray:
    """Returns (d,) bool: the documents that are dropped, because they match a kept one of better rank.

    The result is that of visiting the documents by rank, each kept one dropping what it matches. It is computed in rounds: a
    document that no better one can drop any more is kept, and drops its worse ones. Documents equal once normalized all match
    one another; they need no pairs: of those still undecided only the best can be kept.

    Args:
        codes: (d,) a number for each normalized text.
        alike: (a,) documents that share theirs.
        rank: (d,), each once.
        worse: (p,) documents, and
        better: (p,) those of better rank that they match.
        is_kept: (d,) bool: documents that nothing drops, the best in rank.
        is_gone: (d,) bool: documents that are dropped already and drop none.
    """
    open_, dropped = ~is_kept & ~is_gone, is_gone.copy()
    classes = _Classes(codes, alike, rank)
    classes.drop_for(is_kept, open_, dropped)
    _drop(is_kept, worse, better, open_, dropped)
    for _ in range(_ROUNDS):
        alive = open_[worse] & ~dropped[better]
        worse, better = worse[alive], better[alive]
        may_be_dropped = classes.not_best(open_)
        may_be_dropped[worse] = True
        stays = open_ & ~may_be_dropped
        open_ &= ~stays
        _drop(stays, worse, better, open_, dropped)
        classes.drop_for(stays, open_, dropped)
        if not len(worse) and not classes.is_open(open_):
            return dropped
    _follow(codes, rank, worse, better, open_, dropped)
    return dropped


def group_linked(matches: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Returns (n,) int32: the duplicate group of each row, numbered from the largest; -1 for a row without a match.

    Args:
        matches: (n,) the match of each row, or itself: a forest with a tree for each group.
        order: (n,) orders groups of equal size, by their lowest value.
    """
    groups = np.full(len(matches), -1, dtype=np.int32)
    linked = np.flatnonzero(matches != np.arange(len(matches)))
    if not len(linked):
        return groups
    is_grouped = np.zeros(len(matches), dtype=bool)
    is_grouped[linked] = is_grouped[matches[linked]] = True
    grouped = np.flatnonzero(is_grouped)
    place = np.cumsum(is_grouped) - 1
    root = find_roots(place[matches[grouped]])
    sizes = np.bincount(root, minlength=len(grouped))
    roots = np.flatnonzero(sizes)
    lowest = np.full(len(grouped), np.iinfo(np.int64).max)
    np.minimum.at(lowest, root, order[grouped])
    number = np.zeros(len(grouped), dtype=np.int32)
    number[roots[np.lexsort((lowest[roots], -sizes[roots]))]] = np.arange(len(roots))
    groups[grouped] = number[root]
    return groups


def find_roots(links: np.ndarray) -> np.ndarray:
    """Returns (d,) the root that the links of each document lead to."""
    root = links
    while True:
        following = root[root]
        if np.array_equal(root, following):
            return root
        root = following


class _Classes:
    """Documents (a,) that share a code with others, in order of code and rank."""

    def __init__(self, codes: np.ndarray, alike: np.ndarray, rank: np.ndarray) -> None:
        self.members = alike[np.lexsort((rank[alike], codes[alike]))]
        self.codes = codes[self.members]
        self.n_codes = int(self.codes.max(initial=-1)) + 1

    def is_open(self, is_open: np.ndarray) -> bool:
        """Returns whether a member has not been decided on."""
        return bool(is_open[self.members].any())

    def not_best(self, is_open: np.ndarray) -> np.ndarray:
        """Returns (d,) bool: the open members that are not the first open one of their class."""
        found = np.zeros(len(is_open), dtype=bool)
        among = np.flatnonzero(is_open[self.members])
        found[self.members[among]] = np.diff(self.codes[among], prepend=-1) == 0
        return found

    def drop_for(self, stays: np.ndarray, is_open: np.ndarray, dropped: np.ndarray) -> None:
        """Drops the open members of the classes of which one stays."""
        has_kept = np.zeros(self.n_codes, dtype=bool)
        has_kept[self.codes[stays[self.members]]] = True
        goes = self.members[has_kept[self.codes] & is_open[self.members]]
        dropped[goes], is_open[goes] = True, False


def _drop(stays: np.ndarray, worse: np.ndarray, better: np.ndarray, is_open: np.ndarray, dropped: np.ndarray) -> None:
    """Drops the open documents that match one that stays."""
    goes = worse[stays[better]]
    goes = goes[is_open[goes]]
    dropped[goes], is_open[goes] = True, False


def _follow(
    codes: np.ndarray,
    rank: np.ndarray,
    worse: np.ndarray,
    better: np.ndarray,
    is_open: np.ndarray,
    dropped: np.ndarray,
) -> None:
    """Decides what is still open, by rank, one document after the other."""
    order = np.argsort(rank[better], kind="stable")
    others: dict[int, list[int]] = {}
    for lesser, document in zip(worse[order].tolist(), better[order].tolist(), strict=True):
        others.setdefault(document, []).append(lesser)
    codes_kept: set[int] = set()
    remaining = np.flatnonzero(is_open)
    for document in remaining[np.argsort(rank[remaining])].tolist():
        code = int(codes[document])
        if not dropped[document] and code not in codes_kept:
            codes_kept.add(code)
            dropped[others.get(document, [])] = True
        else:
            dropped[document] = True
