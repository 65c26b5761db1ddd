"""Consistency filtering: a pair stays if a model finds its document again from its query among many others."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from nomic_explore.checks import check_positive
from nomic_explore.corpus.distinct import index_texts
from nomic_explore.models.encoder import EncoderLike, TextModel
from nomic_explore.models.user_encoder import open_encoder
from nomic_explore.progress import open_progress
from nomic_explore.training.pairs import Pairs

if TYPE_CHECKING:
    import pandas as pd

_BLOCK = 2**24  # similarities in memory at a time: 64 MiB in float32


def filter_pairs(
    pairs: Pairs,
    embedder: EncoderLike,
    *,
    n_best: int = 2,
    sample: int = 100_000,
    seed: int = 42,
    show_progress: bool | None = None,
) -> "tuple[Pairs, pd.DataFrame]":
    """Returns the pairs whose document is among those most similar to their query, and what was found of every pair.

    Nomic kept a pair if its document was among the 2 best of up to 1,000,000 by gte-base, which left 235 of 470 million pairs
    (arXiv:2402.01613; contrastors, scripts/text/index_filtering.py). A sample of a tenth is searched in a tenth of the time
    and is a little less strict.

    Args:
        pairs: n pairs.
        embedder: what embeds both sides: the name of a model, an `Embedder`, or an encoder of your own. Queries get the prefix
            of "search_query", documents that of "search_document", where the model has prefixes.
        n_best: the last rank that stays, from 1. A source of no more documents than that keeps all its pairs.
        sample: how many pairs of one source are searched together at most.
        seed: deals a larger source into samples.
        show_progress: None shows a bar in a notebook or terminal.

    Returns:
        The pairs that stay, in order (`dropped` counts the others), and a table with a row for each pair given: `source`;
        `similarity` of its two sides; `rank` of its document among the `n_documents` distinct ones, from 1; `is_kept`.
        Documents of the same label do not count as others.

    Raises:
        ValueError: n_best or sample is not a positive number.

    Example:
        >>> from nomic_explore.testing import HashEmbedder
        >>> from nomic_explore.training.pairs import make_pairs
        >>> pairs = make_pairs(["red cat", "red dog"], ["a red cat", "my cat"], "words")
        >>> kept, report = filter_pairs(pairs, HashEmbedder(), n_best=1)
        >>> kept.queries, report["rank"].tolist()
        (['red cat'], [1, 2])
    """
    import pandas as pd

    check_positive(n_best, "n_best")
    ranks, n_documents = np.ones(len(pairs), dtype=np.int64), np.zeros(len(pairs), dtype=np.int64)
    similarities = np.zeros(len(pairs), dtype=np.float32)
    for block in embed_blocks(
        pairs, embedder, sample=sample, seed=seed, title="filtering", show_progress=show_progress
    ):
        n_documents[block.rows] = len(block.texts)
        alike = columns_of(None if pairs.labels is None else pairs.labels[block.rows], block.own)
        for places, scores in block.score():
            own = scores[np.arange(len(places)), block.own[places]]  # (b,)
            for at, place in enumerate(places.tolist()):
                scores[at, alike[place]] = -np.inf
            ranks[block.rows[places]] = 1 + (scores > own[:, None]).sum(axis=1)
            similarities[block.rows[places]] = own
    is_kept = ranks <= n_best
    report = pd.DataFrame({"source": pairs.sources, "similarity": similarities, "rank": ranks})
    report = report.assign(n_documents=n_documents, is_kept=is_kept)
    counted = {f"beyond rank {n_best}": int((~is_kept).sum())} if not is_kept.all() else {}
    return replace(pairs.take(is_kept), dropped={**pairs.dropped, **counted}), report


@dataclass(frozen=True, eq=False)
class Block:
    """Pairs of one source that are compared with one another: b queries, m distinct documents.

    Attributes:
        rows: (b,) int64, their row numbers.
        queries: (b, d) float32, unit length.
        documents: (m, d) float32, unit length.
        texts: the m documents.
        own: (b,) int64, the document of each pair.
    """

    rows: np.ndarray
    queries: np.ndarray
    documents: np.ndarray
    texts: list[str]
    own: np.ndarray

    def score(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yields places (k,) of pairs in the block and the cosines (k, m) of their queries to all documents."""
        step = max(1, _BLOCK // len(self.texts))
        for start in range(0, len(self.rows), step):
            places = np.arange(start, min(start + step, len(self.rows)))
            yield places, self.queries[places] @ self.documents.T  # (k, m)


def embed_blocks(
    pairs: Pairs, embedder: EncoderLike, *, sample: int, seed: int, title: str, show_progress: bool | None
) -> Iterator[Block]:
    """Yields all pairs in blocks of at most `sample` of one source, embedded; each only when the one before is done with."""
    model = open_encoder(embedder, name="embedder")
    bar = open_progress(show_progress)
    try:
        bar.start(title, 2 * len(pairs))
        n_done = 0

        def advance(n: int) -> None:
            nonlocal n_done
            n_done += n
            bar.advance(n_done)

        for rows in deal_blocks(pairs.sources, check_positive(sample, "sample"), seed):
            given = [pairs.documents[row] for row in rows.tolist()]
            distinct = index_texts(given)
            texts = [given[place] for place in distinct.first.tolist()]
            queries = _embed(model, [pairs.queries[row] for row in rows.tolist()], "search_query", advance)
            yield Block(rows, queries, _embed(model, texts, "search_document", advance), texts, distinct.inverse)
            advance(len(given) - len(texts))
        bar.finish(f"{len(pairs):,} pairs")
    finally:
        bar.close()


def _embed(model: TextModel, texts: list[str], task: str, advance: Callable[[int], None]) -> np.ndarray:
    """Returns the vectors (n, d) float32 of n texts."""
    vectors = np.zeros((len(texts), model.dimensions), dtype=np.float32)
    for rows, chunk in model.encode_chunks(texts, task):
        vectors[rows] = chunk
        advance(len(rows))
    return vectors


def deal_blocks(sources: np.ndarray, size: int, seed: int) -> list[np.ndarray]:
    """Returns the row numbers of blocks: those of one source, dealt at random into equal blocks if it has more than `size`.

    Example:
        >>> [rows.tolist() for rows in deal_blocks(np.array(["b", "a", "b"]), size=2, seed=42)]
        [[1], [0, 2]]
    """
    rng = np.random.default_rng(seed)
    blocks: list[np.ndarray] = []
    for source in sorted(set(sources.tolist())):
        rows = np.flatnonzero(sources == source)
        n_blocks = -(-len(rows) // size)
        dealt = rng.permutation(rows) if n_blocks > 1 else rows
        blocks += [np.sort(part) for part in np.array_split(dealt, n_blocks)]
    return blocks


def columns_of(keys: np.ndarray | list[str] | None, own: np.ndarray) -> list[np.ndarray]:
    """Returns for each pair the documents of all pairs with its key; none for the key "", or without keys.

    Args:
        keys: (b,) str: labels, or queries.
        own: (b,) int64, the document of each pair.

    Example:
        >>> [columns.tolist() for columns in columns_of(["a", "", "a"], np.array([0, 1, 2]))]
        [[0, 2], [], [0, 2]]
    """
    none = np.zeros(0, dtype=np.int64)
    if keys is None:
        return [none] * len(own)
    columns: dict[str, list[int]] = {}
    for key, column in zip(keys, own.tolist(), strict=True):
        columns.setdefault(str(key), []).append(column)
    found = {key: np.unique(listed) for key, listed in columns.items()} | {"": none}
    return [found[str(key)] for key in keys]
