"""Matching: which documents go for which kept one, and what belongs together."""

import numpy as np

from nomic_explore.duplicates.keepers import first_of, starts_of

_ROUNDS = 24  # of all pairs at once; longer chains, of which there are few, are followed pair by pair


def drop_greedily(
    normalised: np.ndarray,
    rank: np.ndarray,
    worse: np.ndarray,
    better: np.ndarray,
    is_kept: np.ndarray,
    is_gone: np.ndarray,
) -> np.ndarray:
    """Returns (d,) bool: the documents that match a kept one of better rank.

    That is what visiting the documents by rank gives, each kept one dropping what it matches. It is done in rounds: a document
    that none of its better ones can drop any more stays, and drops its worse ones. Documents alike once normalised all match
    one another; so many pairs are not needed: of those still open only the best can stay.

    Args:
        normalised: (d,) codes of what each says.
        rank: (d,), each once.
        worse: (p,) documents, and
        better: (p,) those of better rank that they match.
        is_kept: (d,) bool: documents that nothing drops, the best in rank.
        is_gone: (d,) bool: documents that are dropped already and drop none.
    """
    open_, dropped = ~is_kept & ~is_gone, is_gone.copy()
    classes = _Classes(normalised, rank)
    classes.drop_for(is_kept, open_, dropped)
    _drop(is_kept, worse, better, open_, dropped)
    for _ in range(_ROUNDS):
        alive = open_[worse] & ~dropped[better]
        worse, better = worse[alive], better[alive]
        may_be_dropped = classes.not_best(open_)
        may_be_dropped[worse] = True
        stays = open_ & ~may_be_dropped
        if not stays.any():
            break
        open_ &= ~stays
        _drop(stays, worse, better, open_, dropped)
        classes.drop_for(stays, open_, dropped)
    if open_.any():
        _follow(normalised, rank, worse, better, open_, dropped)
    return dropped


def find_kept_alike(normalised: np.ndarray, dropped: np.ndarray, rank: np.ndarray) -> np.ndarray:
    """Returns (d,) the best kept document with the same normalised text, -1 if there is none."""
    kept = np.full(int(normalised.max(initial=-1)) + 1, -1, dtype=np.int64)
    staying = np.flatnonzero(~dropped)
    shared = staying[np.bincount(normalised, minlength=len(kept))[normalised[staying]] > 1]
    shared = shared[np.argsort(-rank[shared])]
    kept[normalised[shared]] = shared  # the last one written is the best
    return kept[normalised]


def find_nearest(
    worse: np.ndarray, better: np.ndarray, closeness: np.ndarray, n_documents: int
) -> tuple[np.ndarray, np.ndarray]:
    """Returns (d,) the closest better document of each, ties by number, -1 where there is none, and its pair (d,)."""
    best = np.full(n_documents, -np.inf, dtype=np.float32)
    np.maximum.at(best, worse, closeness)
    among = np.flatnonzero(closeness == best[worse])
    nearest = np.full(n_documents, n_documents, dtype=np.int64)
    np.minimum.at(nearest, worse[among], better[among])
    pair = np.full(n_documents, -1, dtype=np.int64)
    chosen = among[better[among] == nearest[worse[among]]]
    pair[worse[chosen]] = chosen
    return np.where(nearest < n_documents, nearest, -1), pair


def group_linked(links: np.ndarray, document: np.ndarray) -> np.ndarray:
    """Returns (n,) int32 the group of each row, the largest first, ties by text; -1 alone.

    Args:
        links: (d,) a document of better rank for each, or itself: a forest whose roots stand for the groups.
        document: (n,) the document of each row.
    """
    root = find_roots(links)
    sizes = np.bincount(root[document], minlength=len(links))
    shared = np.flatnonzero(sizes > 1)
    lowest = first_of(root, len(links))[shared]
    number = np.full(len(links), -1, dtype=np.int32)
    number[shared[np.lexsort((lowest, -sizes[shared]))]] = np.arange(len(shared))
    return number[root[document]]


def find_roots(links: np.ndarray) -> np.ndarray:
    """Returns (d,) where the links of each document end."""
    root = links
    while True:
        following = root[root]
        if np.array_equal(root, following):
            return root
        root = following


class _Classes:
    """Documents that share a normalised text, in order of class and rank."""

    def __init__(self, normalised: np.ndarray, rank: np.ndarray) -> None:
        shared = np.flatnonzero(np.bincount(normalised)[normalised] > 1) if len(normalised) else _NONE
        self.members = shared[np.lexsort((rank[shared], normalised[shared]))]
        self.codes = normalised[self.members]
        self.n_codes = int(self.codes.max(initial=-1)) + 1

    def not_best(self, is_open: np.ndarray) -> np.ndarray:
        """Returns (d,) bool: the open members that are not the first open one of their class."""
        found = np.zeros(len(is_open), dtype=bool)
        among = np.flatnonzero(is_open[self.members])
        if len(among):
            found[self.members[among]] = True
            found[self.members[among[starts_of(self.codes[among])]]] = False
        return found

    def drop_for(self, stays: np.ndarray, is_open: np.ndarray, dropped: np.ndarray) -> None:
        """Drops the open members of the classes of which one stays."""
        has_kept = np.zeros(self.n_codes, dtype=bool)
        has_kept[self.codes[stays[self.members]]] = True
        goes = self.members[has_kept[self.codes] & is_open[self.members]]
        dropped[goes], is_open[goes] = True, False


_NONE = np.zeros(0, dtype=np.int64)


def _drop(stays: np.ndarray, worse: np.ndarray, better: np.ndarray, is_open: np.ndarray, dropped: np.ndarray) -> None:
    """Drops the open documents that match one that stays."""
    goes = worse[stays[better]]
    goes = goes[is_open[goes]]
    dropped[goes], is_open[goes] = True, False


def _follow(
    normalised: np.ndarray,
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
        code = int(normalised[document])
        if not dropped[document] and code not in codes_kept:
            codes_kept.add(code)
            dropped[others.get(document, [])] = True
        else:
            dropped[document] = True
