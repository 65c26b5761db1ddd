"""Pairs -> batches of one source each, and the tokens of their texts.

A batch of one source is harder: its other documents are like the right one, and no document can be told by its style alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from nomic_explore.models.tokens import Tokens, tokenize
from nomic_explore.training.pairs import Pairs
from nomic_explore.training.students import Student


@dataclass(frozen=True)
class PairBatch:
    """The pairs of one step: their row numbers, all of one source."""

    source: str
    rows: list[int]


@dataclass(frozen=True)
class PairTexts:
    """The distinct texts of n pairs.

    Attributes:
        tokens: of the m distinct texts.
        queries: (n) int64, the text that is each pair's query.
        documents: (n, 1 + k) int64, the texts that are each pair's document and hard negatives.
        groups: (m) int64; no text is a negative of a query whose own document is in the same group.
    """

    tokens: Tokens
    queries: np.ndarray
    documents: np.ndarray
    groups: np.ndarray


def plan_batches(sources: np.ndarray, batch_size: int, seed: int) -> Callable[[int], list[PairBatch]]:
    """Returns a function that gives the batches of an epoch (0, 1, …): each of one source, in random order.

    In an epoch a source has as many batches as it fills, so that sources come by their size; pairs that fill none are left
    out, other ones each time. A source smaller than a batch gives one batch of all its pairs.

    Example:
        >>> plan = plan_batches(np.array(["a", "a", "b", "a", "a"]), 2, seed=0)
        >>> [(batch.source, len(batch.rows)) for batch in plan(0)]
        [('a', 2), ('a', 2)]
    """

    @lru_cache(maxsize=2)
    def batches(epoch: int) -> list[PairBatch]:
        draw = np.random.default_rng([seed, epoch])
        found: list[PairBatch] = []
        for source in np.unique(sources):
            rows = draw.permutation(np.flatnonzero(sources == source))
            size = min(batch_size, len(rows))
            starts = range(0, len(rows) - size + 1, size) if size > 1 else ()
            found += [PairBatch(str(source), rows[start : start + size].tolist()) for start in starts]
        return [found[number] for number in draw.permutation(len(found))]

    return batches


def read_pair_texts(
    student: Student,
    pairs: Pairs,
    *,
    tasks: Sequence[tuple[str, str]],
    max_tokens: tuple[int, int],
    n_negatives: int = 0,
    seed: int = 42,
) -> PairTexts:
    """Returns the tokens of every distinct text of the pairs.

    Args:
        student: whose tokenizer and prefixes are used.
        pairs: n pairs.
        tasks: n tasks of a query and its document, whose prefixes are put before them.
        max_tokens: of a query and of a document; longer texts lose their end.
        n_negatives: hard negatives of each pair; missing ones are drawn from the other documents of its source.
        seed: of that.

    Raises:
        ValueError: a task that the student does not know.
    """
    prefixes = student.model.prefixes
    unknown = {task for both in tasks for task in both} - prefixes.keys()
    if unknown:
        raise ValueError(f"unknown task {min(unknown)!r}; expected one of {', '.join(prefixes)}.")
    negatives = _choose_negatives(pairs, n_negatives, seed)
    queries: dict[str, int] = {}
    documents: dict[str, int] = {}
    of_query, of_document = np.zeros(len(pairs), np.int64), np.zeros((len(pairs), 1 + n_negatives), np.int64)
    for row, (query_task, document_task) in enumerate(tasks):
        of_query[row] = queries.setdefault(prefixes[query_task] + pairs.queries[row], len(queries))
        texts = (prefixes[document_task] + text for text in (pairs.documents[row], *negatives[row]))
        of_document[row] = [documents.setdefault(text, len(documents)) for text in texts]
    parts = [
        tokenize(student.tokenizer, list(texts), "", limit)
        for texts, limit in zip((queries, documents), max_tokens, strict=True)
    ]
    of_document += len(queries)
    n_texts = len(queries) + len(documents)
    return PairTexts(_join(*parts), of_query, of_document, _find_groups(of_document[:, 0], pairs.labels, n_texts))


def _choose_negatives(pairs: Pairs, n_negatives: int, seed: int) -> list[list[str]]:
    """Returns so many hard negatives for each pair; random documents of its source where it has too few."""
    if not n_negatives:
        return [[]] * len(pairs)
    draw = np.random.default_rng(seed)
    of_source = {source: np.flatnonzero(pairs.sources == source) for source in np.unique(pairs.sources)}
    chosen = []
    for row, source in enumerate(pairs.sources):
        own = [] if pairs.negatives is None else pairs.negatives[row][:n_negatives]
        others = draw.choice(of_source[source], n_negatives - len(own)).tolist()  # its own is excluded by its group
        chosen.append([*own, *(pairs.documents[other] for other in others)])
    return chosen


def _find_groups(own: np.ndarray, labels: np.ndarray | None, n_texts: int) -> np.ndarray:
    """Returns the group of each text (m): that of its label, or one of its own."""
    groups = np.arange(n_texts)
    if labels is not None:
        named, numbers = np.unique(labels, return_inverse=True)
        has_label = named[numbers] != ""
        groups[own[has_label]] = n_texts + numbers[has_label]
    return groups


def _join(first: Tokens, second: Tokens) -> Tokens:
    """Returns the tokens of the texts of both, each of one piece."""
    return Tokens(
        np.concatenate([first.ids, second.ids]),
        np.concatenate([first.starts, second.starts[1:] + first.starts[-1]]),
        np.concatenate([first.first_pieces, second.first_pieces[1:] + first.first_pieces[-1]]),
        np.concatenate([first.full_lengths, second.full_lengths]),
    )
