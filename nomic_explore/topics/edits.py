"""Topics changed by hand: merged, split, or with some of their documents moved or gathered.

Each function returns new topics, whose layers nest again. A topic keeps its name, keywords and description; a new topic
is named from its texts. Rows without text are in no topic and are never given here.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, zip_longest

import numpy as np

from nomic_explore.topics.hierarchy import cut_branch
from nomic_explore.topics.relabel import RowContents, relabel
from nomic_explore.topics.topics import Topics

_N_EXEMPLARS = 3


def merge_topics(
    topics: Topics, layer: int, numbers: Sequence[int], contents: RowContents, name: str | None = None
) -> Topics:
    """Returns the topics with several of one layer merged into the largest of them.

    Their children come along; in coarser layers all documents follow the largest. A topic left without documents is
    removed.

    Args:
        topics: as they are.
        layer: 0 is the coarsest.
        numbers: which topics of the layer.
        contents: of the rows.
        name: of the merged topic; None keeps that of the largest.

    Example:
        >>> from nomic_explore import build_graph, find_topics
        >>> texts, vectors = ["star", "star", "soup"], np.eye(2)[[0, 0, 1]]
        >>> topics = find_topics(texts, vectors, build_graph(vectors), n_topics=2, n_layers=1)
        >>> contents = RowContents(np.arange(3), texts, lambda: vectors)
        >>> merge_topics(topics, 0, [0, 1], contents, name="Both").names
        (['Both'],)
    """
    labels = topics.layers[layer]
    sizes = np.bincount(labels[labels >= 0], minlength=len(topics.names[layer]))
    ranked = sorted(set(numbers), key=lambda number: (-sizes[number], number))
    rows = np.flatnonzero(np.isin(labels, ranked))
    layers = _placed_at(topics, rows, layer, ranked[0])
    named = {(layer, ranked[0]): name} if name else {}
    return relabel(_with_joined_details(topics, layer, ranked, sizes), layers, contents, named)


def split_topic(
    topics: Topics, layer: int, number: int, parts: np.ndarray, contents: RowContents, name: str | None = None
) -> Topics:
    """Returns the topics with one of them split; the largest part keeps number and name, the others come last.

    Children whose documents lie in several parts are split in the same way.

    Args:
        topics: as they are.
        layer: 0 is the coarsest.
        number: of the topic.
        parts: (m,) labels from 0 of its rows, in ascending order of the rows.
        contents: of the rows.
        name: of the largest part; None keeps that of the topic.

    Example:
        >>> from nomic_explore import build_graph, find_topics
        >>> texts, vectors = ["star", "star", "soup"], np.eye(2)[[0, 0, 1]]
        >>> topics = find_topics(texts, vectors, build_graph(vectors), n_topics=2, n_layers=1)
        >>> contents = RowContents(np.arange(3), texts, lambda: vectors)
        >>> split_topic(topics, 0, 0, np.array([0, 1]), contents).layers[0].tolist()
        [0, 2, 1]
    """
    layers = [labels.copy() for labels in topics.layers]
    sizes = np.bincount(parts)
    rank = np.empty(len(sizes), dtype=np.int64)
    rank[np.argsort(-sizes, kind="stable")] = np.arange(len(sizes))
    rows = np.flatnonzero(layers[layer] == number)
    layers[layer][rows] = np.where(rank[parts] > 0, len(topics.names[layer]) + rank[parts] - 1, number)
    for finer in range(layer + 1, len(layers)):
        strays = _strays(layers[finer - 1], layers[finer])
        layers[finer] = np.where(strays >= 0, len(topics.names[finer]) + strays, layers[finer])
    return relabel(topics, layers, contents, {(layer, number): name} if name else {})


def split_by_tree(topics: Topics, layer: int, number: int, size: int) -> np.ndarray:
    """Returns labels (m,) from 0 for the rows of a topic, split where the tree splits them first; for `split_topic`.

    Args:
        topics: as they are.
        layer: 0 is the coarsest.
        number: of the topic.
        size: how many parts; fewer where it has fewer small groups.

    Example:
        >>> from nomic_explore import build_graph, find_topics
        >>> texts, vectors = ["star", "star", "soup"], np.eye(2)[[0, 0, 1]]
        >>> topics = find_topics(texts, vectors, build_graph(vectors), n_topics=1, n_layers=1)
        >>> split_by_tree(topics, 0, 0, 2).tolist()
        [1, 1, 0]
    """
    groups, places = np.unique(topics.groups[topics.layers[layer] == number], return_inverse=True)
    parts = np.zeros(len(groups), dtype=np.int32)
    if (groups >= 0).any():
        parts[groups >= 0] = cut_branch(topics.merges, groups[groups >= 0], size)
    return parts[places]


def move_rows(topics: Topics, rows: np.ndarray, layer: int, number: int, contents: RowContents) -> Topics:
    """Returns the topics with rows moved into one of them, and there into the child whose mean vector is nearest.

    The rows become "core" with strength 1, since a person decided it. Topics left without documents are removed.

    Args:
        topics: as they are.
        rows: (m,) int64; those in the topic already stay where they are in it.
        layer: 0 is the coarsest.
        number: of the topic.
        contents: of the rows.

    Example:
        >>> from nomic_explore import build_graph, find_topics
        >>> texts, vectors = ["star", "star", "soup"], np.eye(2)[[0, 0, 1]]
        >>> topics = find_topics(texts, vectors, build_graph(vectors), n_topics=2, n_layers=1)
        >>> contents = RowContents(np.arange(3), texts, lambda: vectors)
        >>> move_rows(topics, np.array([1]), 0, 1, contents).layers[0].tolist()
        [0, 1, 1]
    """
    coming = rows[topics.layers[layer][rows] != number]
    layers = _placed_at(topics, coming, layer, number)
    for finer in range(layer + 1, len(layers)):
        layers[finer][coming] = -1
        layers[finer] = _placed_below(topics, layers, finer, coming, contents)
    return relabel(_with_core(topics, rows), layers, contents)


def gather_rows(topics: Topics, rows: np.ndarray, layer: int, name: str, contents: RowContents) -> Topics:
    """Returns the topics with exactly these rows as one topic of a layer, inside the parent that holds most of them.

    The other documents of their topic become a topic of their own, unless they are the majority. Children that lie on
    both sides stay with most of their documents; the others go to the child on their side with the nearest mean vector.

    Args:
        topics: as they are.
        rows: (m,) int64, at least one.
        layer: 0 is the coarsest.
        name: of the topic.
        contents: of the rows.

    Example:
        >>> from nomic_explore import build_graph, find_topics
        >>> texts, vectors = ["star", "star", "soup"], np.eye(2)[[0, 0, 1]]
        >>> topics = find_topics(texts, vectors, build_graph(vectors), n_topics=2, n_layers=1)
        >>> contents = RowContents(np.arange(3), texts, lambda: vectors)
        >>> gather_rows(topics, np.array([1, 2]), 0, "Mine", contents).names
        (['Star', 'Mine'],)
    """
    labels, n_topics = topics.layers[layer], len(topics.names[layer])
    number = _most_common(labels[rows])
    members = (labels == number) & (number >= 0)
    n_here, n_members = np.count_nonzero(members[rows]), np.count_nonzero(members)
    if n_here == n_members == len(rows) and topics.names[layer][number] == name:
        return topics
    if 2 * n_here <= n_members:
        number, members = n_topics, np.zeros(len(labels), dtype=bool)
    layers = [own.copy() for own in topics.layers]
    layers[layer][members] = n_topics
    layers[layer][rows] = number
    if layer:
        above = _home_above(topics, rows, layer - 1, contents)
        for at, parent in enumerate([*_path(topics, layer - 1, above), above]):
            layers[at][rows] = parent
    for finer in range(layer + 1, len(layers)):
        is_homeless = _strays(layers[finer - 1], layers[finer]) >= 0
        is_homeless[rows] |= layers[finer][rows] < 0
        layers[finer][is_homeless] = -1
        layers[finer] = _placed_below(topics, layers, finer, np.flatnonzero(is_homeless), contents)
    return relabel(_with_core(topics, rows[topics.layers[-1][rows] < 0]), layers, contents, {(layer, number): name})


def _placed_at(topics: Topics, rows: np.ndarray, layer: int, number: int) -> list[np.ndarray]:
    """Returns copies of the layers with rows in a topic and in those above it."""
    layers = [labels.copy() for labels in topics.layers]
    for at, topic in enumerate([*_path(topics, layer, number), number]):
        layers[at][rows] = topic
    return layers


def _path(topics: Topics, layer: int, number: int) -> list[int]:
    """Returns the topics above one, coarse to fine; -1 where there is none."""
    path: list[int] = []
    for at in range(layer, 0, -1):
        number = int(topics.parents[at][number]) if number >= 0 else -1
        path.insert(0, number)
    return path


def _strays(coarse: np.ndarray, fine: np.ndarray) -> np.ndarray:
    """Returns (n,) int64: -1 for rows that lie where most of their fine topic does, else a number for each other part.

    Example:
        >>> _strays(np.array([0, 0, 0, 1, 1]), np.array([5, 5, 6, 5, 7])).tolist()
        [-1, -1, -1, 0, -1]
    """
    rows = np.flatnonzero(fine >= 0)
    base = int(coarse.max(initial=-1)) + 2
    pairs, places, counts = np.unique(
        fine[rows].astype(np.int64) * base + coarse[rows] + 1, return_inverse=True, return_counts=True
    )
    ranked = np.lexsort((pairs, -counts, pairs // base))
    is_stray = np.zeros(len(pairs), dtype=bool)
    is_stray[ranked[1:]] = (pairs // base)[ranked[1:]] == (pairs // base)[ranked[:-1]]
    numbers = np.where(is_stray, np.cumsum(is_stray) - 1, -1)
    strays = np.full(len(fine), -1, dtype=np.int64)
    strays[rows] = numbers[places]
    return strays


def _placed_below(
    topics: Topics, layers: Sequence[np.ndarray], finer: int, rows: np.ndarray, contents: RowContents
) -> np.ndarray:
    """Returns a layer with rows that have no topic in it placed in the nearest child of theirs above, or a new one."""
    coarse, labels = layers[finer - 1], layers[finer].copy()
    for parent in np.unique(coarse[rows]).tolist():
        homeless = rows[coarse[rows] == parent]
        children = np.unique(labels[(coarse == parent) & (labels >= 0)]) if parent >= 0 else np.zeros(0, dtype=int)
        if len(children):
            labels[homeless] = _nearest(labels, children, homeless, contents)
        elif parent >= 0:
            labels[homeless] = max(len(topics.names[finer]), int(labels.max(initial=-1)) + 1)
    return labels


def _nearest(labels: np.ndarray, numbers: np.ndarray, rows: np.ndarray, contents: RowContents) -> np.ndarray:
    """Returns (len(rows),) which of some topics has the mean vector nearest to each row."""
    means = np.stack([contents.mean(np.flatnonzero(labels == number)) for number in numbers.tolist()])
    return numbers[(contents.vectors_of(rows) @ means.T).argmax(axis=1)]


def _home_above(topics: Topics, rows: np.ndarray, layer: int, contents: RowContents) -> int:
    """Returns the topic of a layer that holds most of some rows, or is nearest to most if none holds any."""
    labels = topics.layers[layer]
    found = _most_common(labels[rows])
    if found < 0 and (labels >= 0).any():
        found = _most_common(_nearest(labels, np.unique(labels[labels >= 0]), rows, contents))
    return found


def _most_common(labels: np.ndarray) -> int:
    """Returns the commonest label, the lowest of equals; -1 if there is none."""
    labels = labels[labels >= 0]
    return int(np.bincount(labels).argmax()) if len(labels) else -1


def _with_core(topics: Topics, rows: np.ndarray) -> Topics:
    """Returns the topics with rows that belong to theirs beyond doubt."""
    assignment, strength = topics.assignment.copy(), topics.strength.copy()
    assignment[rows], strength[rows] = "core", 1.0
    return replace(topics, assignment=assignment, strength=strength)


def _with_joined_details(topics: Topics, layer: int, numbers: Sequence[int], sizes: np.ndarray) -> Topics:
    """Returns the topics with the words and exemplars of several, the largest first, given to the first of them."""
    if len(numbers) < 2:
        return topics
    total: dict[str, float] = {}
    for number in numbers:
        for word, weight in zip(topics.keywords[layer][number], topics.weights[layer][number], strict=True):
            total[word] = total.get(word, 0.0) + weight * float(sizes[number])
    n_keywords = max(len(topics.keywords[layer][number]) for number in numbers)
    keywords = sorted(total, key=lambda word: -total[word])[:n_keywords]
    weights = [total[word] / total[keywords[0]] for word in keywords]
    in_turn = chain.from_iterable(zip_longest(*(topics.exemplars[layer][number] for number in numbers)))
    exemplars = [row for row in in_turn if row is not None][:_N_EXEMPLARS]

    def put(column: Sequence, value: object) -> tuple:
        changed = column[layer].copy()
        changed[numbers[0]] = value
        return (*column[:layer], changed, *column[layer + 1 :])

    return replace(
        topics,
        keywords=put(topics.keywords, keywords),
        weights=put(topics.weights, weights),
        exemplars=put(topics.exemplars, exemplars),
        descriptions=put(topics.descriptions, ""),
        confidence=put(topics.confidence, np.nan),
    )
