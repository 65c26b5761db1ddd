"""Pairs of texts that are alike: near neighbors in a graph, and texts that people gave the same label."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from nomic_explore.checks import check_positive, check_same_rows
from nomic_explore.graph import NeighborGraph
from nomic_explore.training.held_out import shuffled
from nomic_explore.training.pairs import MIN_CHARACTERS, Pairs, make_pairs

_MAX_SIMILARITY = 0.95  # cosine; above, two texts mostly say the same, and a pair of them teaches nothing


def pairs_from_neighbors(
    texts: Sequence[str | None],
    graph: NeighborGraph,
    source: str = "neighbors",
    *,
    n_neighbors: int = 3,
    max_similarity: float = _MAX_SIMILARITY,
    min_characters: int = MIN_CHARACTERS,
) -> Pairs:
    """Returns pairs of documents each of which is among the other's nearest; near-duplicates are dropped.

    The shorter text is the query. What such pairs teach is what the model that made the graph knows already, in the words of
    this corpus; they are for corpora that offer nothing better.

    Args:
        texts: n texts; None for a row without text.
        graph: the neighbors of the n documents.
        source: what to call their source.
        n_neighbors: how many of the nearest count.
        max_similarity: cosine from which two documents are taken for duplicates.
        min_characters: as in `make_pairs`, which says what else is dropped.

    Raises:
        ValueError: texts and graph differ in length.

    Example:
        >>> from nomic_explore import build_graph
        >>> vectors = np.array([[1.0, 0.0], [0.9, 0.5], [0.0, 1.0]])
        >>> pairs = pairs_from_neighbors(["cats purr", "cats meow", "a train"], build_graph(vectors), n_neighbors=1)
        >>> pairs.queries, pairs.documents
        (['cats meow'], ['cats purr'])
    """
    check_same_rows(len(graph), texts=len(texts))
    near = graph.neighbors[:, : check_positive(n_neighbors, "n_neighbors")].astype(np.int64)  # (n, k)
    rows, places = np.nonzero(near >= 0)
    others, similarities = near[rows, places], graph.similarities[rows, places]
    keys = np.minimum(rows, others) * len(graph) + np.maximum(rows, others)
    _, first, n_listed = np.unique(keys, return_index=True, return_counts=True)
    mutual = first[n_listed == 2]
    apart = mutual[similarities[mutual] < max_similarity]
    sides = [
        sorted((texts[row] or "", texts[other] or ""), key=lambda text: (len(text), text))
        for row, other in zip(rows[apart].tolist(), others[apart].tolist(), strict=True)
    ]
    made = make_pairs([one for one, _ in sides], [two for _, two in sides], source, min_characters=min_characters)
    return _count_dropped(made, {"near-duplicates": len(mutual) - len(apart)})


def pairs_from_labels(
    texts: Sequence[str | None],
    labels: Sequence[object],
    source: str = "labels",
    *,
    n_each: int = 1,
    min_characters: int = MIN_CHARACTERS,
    seed: int = 42,
) -> Pairs:
    """Returns pairs of texts with the same label: each text is the query of some others, in an order drawn by the seed.

    The pairs carry their labels, so that texts of one label are not taken for negatives of one another.

    Args:
        texts: n texts; None for a row without text.
        labels: n labels: strings, or whatever `str` tells apart; None, NaN and "" are rows without a label.
        source: what to call their source.
        n_each: of how many other texts each one is the query.
        min_characters: as in `make_pairs`, which says what else is dropped.
        seed: draws who is paired with whom; the order of the texts does not matter.

    Returns:
        At most n * n_each pairs. `dropped` also counts texts: those without a label, alone with theirs, empty or repeated.

    Raises:
        ValueError: texts and labels differ in length.

    Example:
        >>> pairs = pairs_from_labels(["my card is lost", "where is my card", "a refund?"], ["card", "card", "money"])
        >>> pairs
        Pairs(2 pairs from 1 source; dropped: 1 alone with its label)
        >>> pairs.labels.tolist()
        ['card', 'card']
    """
    if len(texts) != len(labels):
        raise ValueError(f"{len(texts)} texts, {len(labels)} labels; expected one label for each text.")
    check_positive(n_each, "n_each")
    texts_of: dict[str, set[str]] = {}
    dropped: Counter[str] = Counter()
    for text, label in zip(texts, labels, strict=True):
        stripped = (text or "").strip()
        alike = texts_of.setdefault(str(label), set())
        if label is None or label != label or label == "":  # NaN differs from itself
            dropped["without a label"] += 1
        elif not stripped or stripped in alike:
            dropped["repeated" if stripped else "empty"] += 1
        else:
            alike.add(stripped)
    queries, documents, of_label = [], [], []
    for label in sorted(texts_of):
        ring = shuffled(texts_of[label], seed)
        dropped["alone with its label"] += len(ring) == 1
        for step in range(1, min(n_each, len(ring) - 1) + 1):
            queries += ring
            documents += ring[step:] + ring[:step]
            of_label += [label] * len(ring)
    made = make_pairs(queries, documents, source, labels=of_label, min_characters=min_characters)
    return _count_dropped(made, dropped)


def _count_dropped(pairs: Pairs, more: dict[str, int] | Counter[str]) -> Pairs:
    return replace(pairs, dropped=dict(+(Counter(pairs.dropped) + Counter(more))))
