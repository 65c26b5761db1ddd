"""Pairs from an exploration: what people decided about its duplicates and topics, as material to tune a model with."""

from collections import Counter
from dataclasses import replace

import numpy as np

from nomic_explore.session import Session
from nomic_explore.training.pairs import MIN_CHARACTERS, Pairs
from nomic_explore.training.related_pairs import pairs_from_labels


def pairs_from_duplicates(
    exploration: Session, *, n_each: int = 1, min_characters: int = MIN_CHARACTERS, seed: int = 42
) -> Pairs:
    """Returns pairs of documents that are duplicates; those that people marked as distinct are their hard negatives.

    Rows that are dropped, by evidence or by a verdict, belong together with the row that is kept for them; rows that are only
    flagged for review do not. A pair that was marked as distinct is never made.

    Args:
        exploration: an open exploration.
        n_each: of how many others of its group each document is the query.
        min_characters: as in `make_pairs`, which says what is dropped.
        seed: draws who is paired with whom.

    Returns:
        pairs of the source "duplicates", labeled with the id of the kept row. `dropped` also counts pairs of a group that were
        marked as distinct, and verdicts "distinct" that concern no query.

    Example:
        >>> exploration.duplicates.label([0, 1], "drop", other=2)
        >>> exploration.duplicates.label(0, "distinct", other=5)
        >>> pairs = pairs_from_duplicates(exploration)
        >>> texts = exploration.corpus.texts
        >>> pairs.negatives[pairs.queries.index(texts[0])] == [texts[5]]
        True
    """
    texts, ids = exploration.corpus.texts, exploration.corpus.ids
    keepers = exploration.duplicates.keepers
    rows = np.flatnonzero(np.bincount(keepers, minlength=len(keepers))[keepers] > 1).tolist()
    made = pairs_from_labels(
        [texts[row] for row in rows],
        [ids[keepers[row]] for row in rows],
        source="duplicates",
        n_each=n_each,
        min_characters=min_characters,
        seed=seed,
    )
    distinct = _read_distinct(exploration)
    sides = list(zip(made.queries, made.documents, strict=True))
    is_right = np.array([document not in distinct.get(query, ()) for query, document in sides], dtype=bool)
    kept = made.take(is_right)
    n_unused = sum(len(others) for text, others in distinct.items() if text not in set(kept.queries))
    dropped = Counter(made.dropped) + Counter(
        {"marked as distinct": int((~is_right).sum()), "distinct from a document without duplicates": n_unused}
    )
    negatives = [list(distinct.get(query, ())) for query in kept.queries]
    return replace(kept, negatives=negatives if any(negatives) else None, dropped=dict(dropped))


def _read_distinct(exploration: Session) -> dict[str, dict[str, None]]:
    """Returns for each text those that the last verdict on the two marked as distinct from it."""
    texts = exploration.corpus.texts
    distinct: dict[str, dict[str, None]] = {}
    for row, other, verdict in exploration.duplicates.labels[["row", "other", "verdict"]].itertuples(index=False):
        one, two = (texts[row] or "").strip(), (texts[other] or "").strip()
        if verdict == "keep" or one == two:  # "keep" is about one row and says nothing of the two
            continue
        for text, its_other in ((one, two), (two, one)):
            distinct.setdefault(text, {}).pop(its_other, None)
            if verdict == "distinct":
                distinct[text][its_other] = None
    return distinct


def pairs_from_topics(
    exploration: Session, layer: int = -1, *, n_each: int = 1, min_characters: int = MIN_CHARACTERS, seed: int = 42
) -> Pairs:
    """Returns pairs of documents of the same topic, as people merged, split and moved the topics.

    Args:
        exploration: an open exploration.
        layer: of the topics, 0 is the coarsest; -1 is the finest.
        n_each: of how many others of its topic each document is the query.
        min_characters: as in `make_pairs`, which says what is dropped.
        seed: draws who is paired with whom.

    Returns:
        pairs of the source "topics", labeled with the number and the name of their topic.

    Raises:
        IndexError: there is no such layer.

    Example:
        >>> exploration.topics.merge(0, [0, 1], name="Both")
        >>> pairs = pairs_from_topics(exploration, layer=0)
        >>> sum(label.endswith("Both") for label in pairs.labels) == len(exploration.topics.documents("Both", layer=0))
        True
    """
    layers, names = exploration.topics.layers, exploration.topics.names
    if not -len(layers) <= layer < len(layers):
        raise IndexError(f"layer={layer}; there are {len(layers)} layers of topics, 0 is the coarsest.")
    named = [f"{number}: {name}" for number, name in enumerate(names[layer])]
    labels = [named[number] if number >= 0 else None for number in layers[layer].tolist()]
    return pairs_from_labels(
        exploration.corpus.texts, labels, source="topics", n_each=n_each, min_characters=min_characters, seed=seed
    )
