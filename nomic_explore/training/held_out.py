"""Held-out pairs: what a model is measured with and never trained on."""

from collections.abc import Iterable
from dataclasses import replace
from hashlib import blake2b

import numpy as np

from nomic_explore.checks import check_fraction
from nomic_explore.training.pairs import Pairs


def split_pairs(pairs: Pairs, held_out: float = 0.1, *, seed: int = 42) -> tuple[Pairs, Pairs]:
    """Returns pairs to train on and pairs to measure with; no text is in both.

    Of each source's documents a share is held out, with every pair that has one; further pairs that share a text with these
    are in neither part (`dropped` of the first counts them). Whether a document is held out hardly depends on the others,
    so that a corpus that has grown does not move the measured documents into the training. Negatives are not looked at: mine
    them after the split.

    Args:
        pairs: n pairs.
        held_out: the share of documents, 0 to 1.
        seed: draws the documents.

    Example:
        >>> from nomic_explore.training.pairs import make_pairs
        >>> pairs = make_pairs([f"title {i}" for i in range(9)], [f"body {i}" for i in range(9)], "numbers")
        >>> split_pairs(pairs, 1 / 3)
        (Pairs(6 pairs from 1 source), Pairs(3 pairs from 1 source))
    """
    check_fraction(held_out, "held_out")
    drawn: set[str] = set()
    for source in sorted(set(pairs.sources.tolist())):
        documents = shuffled({pairs.documents[row] for row in np.flatnonzero(pairs.sources == source)}, seed)
        drawn |= set(documents[: round(held_out * len(documents))])
    is_held = np.array([document in drawn for document in pairs.documents], dtype=bool)
    held = pairs.take(is_held)
    texts = {*held.queries, *held.documents}
    is_free = np.array(
        [not {query, document} & texts for query, document in zip(pairs.queries, pairs.documents, strict=True)],
        dtype=bool,
    )
    n_between = int((~is_held & ~is_free).sum())
    between = {"share a text with the held-out": n_between} if n_between else {}
    return replace(pairs.take(is_free), dropped={**pairs.dropped, **between}), replace(held, dropped={})


def shuffled(texts: Iterable[str], seed: int) -> list[str]:
    """Returns texts in an order that follows from the seed and each text alone, whatever order they came in.

    Example:
        >>> shuffled(["a", "b", "c"], seed=1) == shuffled(["c", "a", "b"], seed=1)
        True
    """
    key = str(seed).encode()
    return sorted(
        texts, key=lambda text: blake2b(text.encode("utf-8", "surrogatepass"), key=key, digest_size=8).digest()
    )
