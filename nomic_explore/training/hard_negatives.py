"""Hard negatives: for each query the documents that resemble the right one most and are wrong."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from nomic_explore.checks import check_fraction, check_positive
from nomic_explore.models.encoder import EncoderLike
from nomic_explore.training.filtering import Block, columns_of, embed_blocks
from nomic_explore.training.pairs import Pairs

if TYPE_CHECKING:
    import pandas as pd

_COUNTS = ("n_given", "n_mined", "n_too_similar", "n_random", "n_repeated")


def mine_hard_negatives(
    pairs: Pairs,
    embedder: EncoderLike,
    *,
    n_negatives: int = 7,
    n_candidates: int = 20,
    margin: float = 0.95,
    sample: int = 100_000,
    seed: int = 42,
    show_progress: bool | None = None,
) -> "tuple[Pairs, pd.DataFrame]":
    """Returns the pairs with as many negatives each, the hardest first, and where these come from.

    Candidates are the documents of the same source that are most similar to the query. Those nearly as similar as the right
    one are mostly right as well, so only a candidate below `margin` times the similarity of the pair is taken; random
    documents fill up. Nomic took 7 of the 20 nearest by gte-base for v1, and 10 below a margin of 0.95 for v2 (contrastors,
    get_negatives.py and mine_beir_negatives_full.py). Mine after `split_pairs`, or negatives are held-out documents.

    Args:
        pairs: n pairs; negatives they have already, such as those that people judged, stay and stand first.
        embedder: what embeds both sides; see `filter_pairs`.
        n_negatives: how many each pair gets.
        n_candidates: how many of the nearest are looked at.
        margin: 0 to 1; the share of the pair's own similarity that a negative must not reach.
        sample: how many pairs of one source are searched together at most.
        seed: deals samples and draws random negatives.
        show_progress: None shows a bar in a notebook or terminal.

    Returns:
        The pairs, of which a negative is never the pair's own document, one of an equal query, or one of the same label; a pair
        for which no document is left, because its source is too small, is dropped and counted. And a table with a row for
        each pair given: `source`; `similarity` of its two sides; and of its negatives `n_given` with the pair, `n_mined`,
        `n_random`, `n_repeated` where too few were there; `n_too_similar` candidates were refused.

    Raises:
        ValueError: a number is out of range.

    Example:
        >>> from nomic_explore.testing import HashEmbedder
        >>> from nomic_explore.training.pairs import make_pairs
        >>> pairs = make_pairs(["red cat", "red dog", "old train"], ["a red cat", "a red dog", "an old train"], "words")
        >>> mined, report = mine_hard_negatives(pairs, HashEmbedder(), n_negatives=1)
        >>> mined.negatives
        [['a red dog'], ['a red cat'], ['a red dog']]
    """
    import pandas as pd

    check_positive(n_negatives, "n_negatives")
    check_positive(n_candidates, "n_candidates")
    check_fraction(margin, "margin")
    rng = np.random.default_rng(seed)
    negatives: list[list[str]] = [given[:n_negatives] for given in pairs.negatives or [[] for _ in range(len(pairs))]]
    counts = np.zeros((len(pairs), len(_COUNTS)), dtype=np.int64)
    similarities = np.zeros(len(pairs), dtype=np.float32)
    for block in embed_blocks(
        pairs, embedder, sample=sample, seed=seed, title="negatives", show_progress=show_progress
    ):
        excluded = _find_excluded(pairs, block)
        for places, scores in block.score():
            own = scores[np.arange(len(places)), block.own[places]]  # (b,)
            similarities[block.rows[places]] = own
            limits = own - (1.0 - margin) * np.abs(own)  # margin * own, and below it also where that is negative
            for at, place in enumerate(places.tolist()):
                row = int(block.rows[place])
                scores[at, excluded[place]] = -np.inf
                mined, n_refused, drawn = _choose(
                    scores[at], limits[at], n_negatives - len(negatives[row]), n_candidates, rng
                )
                found = negatives[row] + [block.texts[column] for column in [*mined, *drawn]]
                n_repeated = n_negatives - len(found) if found else 0
                counts[row] = len(negatives[row]), len(mined), n_refused, len(drawn), n_repeated
                negatives[row] = [found[at % len(found)] for at in range(n_negatives)] if found else []
    has_any = np.array([bool(found) for found in negatives], dtype=bool)
    report = pd.DataFrame(counts, columns=list(_COUNTS))
    report = pd.DataFrame({"source": pairs.sources, "similarity": similarities}).join(report)
    counted = {"without a negative": int((~has_any).sum())} if not has_any.all() else {}
    mined_pairs = replace(pairs, negatives=negatives).take(has_any)
    return replace(mined_pairs, dropped={**pairs.dropped, **counted}), report


def _find_excluded(pairs: Pairs, block: Block) -> list[np.ndarray]:
    """Returns for each pair of a block the documents that are right for its query, or are its negatives already."""
    of_query = columns_of([pairs.queries[row] for row in block.rows.tolist()], block.own)
    of_label = columns_of(None if pairs.labels is None else pairs.labels[block.rows], block.own)
    column_of = {text: column for column, text in enumerate(block.texts)}
    given = [pairs.negatives[row] if pairs.negatives else [] for row in block.rows.tolist()]
    known = [np.array([column_of[text] for text in texts if text in column_of], dtype=np.int64) for texts in given]
    return [np.concatenate(each) for each in zip(of_query, of_label, known, strict=True)]


def _choose(
    scores: np.ndarray, limit: float, n_wanted: int, n_candidates: int, rng: np.random.Generator
) -> tuple[list[int], int, list[int]]:
    """Returns columns of hard negatives, hardest first, how many candidates were refused, and columns drawn at random.

    Args:
        scores: (m,) cosines of the documents to one query; -inf for those that must not be chosen.
        limit: what a hard negative must stay below.
        n_wanted: how many negatives are needed.
        n_candidates: how many of the best are looked at.
        rng: draws the random ones, among all but the candidates.
    """
    best = np.argpartition(-scores, min(n_candidates, len(scores)) - 1)[:n_candidates]
    best = best[np.lexsort((best, -scores[best]))]
    best = best[scores[best] > -np.inf]
    is_hard = scores[best] < limit
    mined = best[is_hard][:n_wanted]
    n_missing = n_wanted - len(mined)
    drawn = np.zeros(0, dtype=np.int64)
    if n_missing > 0:
        others = scores > -np.inf
        others[best] = False
        pool = np.flatnonzero(others)
        drawn = rng.choice(pool, min(n_missing, len(pool)), replace=False)
    return mined.tolist(), int((~is_hard).sum()), drawn.tolist()
