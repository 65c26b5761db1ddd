"""`find_topics()`: one tree over the smoothed vectors, cut into nested layers."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from nomic_explore.checks import check_positive, check_stop_words, check_texts
from nomic_explore.graph import NeighborGraph, check_stage_input, distinct_vectors
from nomic_explore.topics.hierarchy import cut_tree, grow_tree
from nomic_explore.topics.keyword_names import Embed, name_layers
from nomic_explore.topics.smoothing import smooth
from nomic_explore.topics.stability import measure_confidence
from nomic_explore.topics.topics import Topics

if TYPE_CHECKING:
    from nomic_explore.topics.llm.naming import Namer

_N_EXEMPLARS = 3
_ISOLATED = (
    6.0  # median absolute deviations: a document whose neighbors are so much less similar than usual has no topic
)
_PRONOUNCED = 1.4  # where a merge lies so much higher than the one below it, the data have a gap to cut at
_REACH = 1.9  # how far a layer's number of topics is moved for such a cut: half of the way to the next layer's
_APART = 1.6  # a layer with nearly as many topics as the next adds nothing
_LIKE = 0.9  # an exemplar this similar to a chosen one adds nothing


def find_topics(
    texts: Sequence[str],
    vectors: object,
    graph: NeighborGraph,
    *,
    n_topics: int | None = None,
    n_layers: int = 3,
    seed: int = 42,
    stability: bool = False,
    embed: Embed | None = None,
    namer: "Namer | None" = None,
    stop_words: Iterable[str] | None = None,
) -> Topics:
    """Returns nested layers of topics, each with a name and keywords.

    Ward's tree over vectors smoothed along the graph (`smooth`); layers are cuts of this one tree, so each topic has one
    parent and more topics only split. Nothing in it is random: shuffled documents get the same topics.

    Args:
        texts: n strings; they name the topics.
        vectors: (n, d), of any kind that `build_graph` reads.
        graph: of the same rows.
        n_topics: topics in the finest layer; None chooses by the number of documents (about 120 for 20,000), and where the
            tree has a pronounced cut nearby, that.
        n_layers: layers, from coarse to fine; fewer where there are too few topics.
        seed: of the samples that measure stability.
        stability: also measure how well each topic is found again in samples of the documents, which takes five times as
            long.
        embed: makes vectors of phrases as those of the documents were made, for more exact names; None learns such vectors
            from the documents.
        namer: names topics, such as `OllamaNamer`; where it fails, topics are named by their keywords.
        stop_words: words or phrases that say nothing here, such as the name of the product in its reviews: they stand in no
            keyword and in no name made of keywords, in whatever case. The stop words of each document's language never do.

    Raises:
        TypeError: `texts` or `stop_words` are not strings, or vectors no numbers.
        ValueError: texts, vectors and graph do not fit together, or a count is not positive.

    Example:
        >>> from nomic_explore import build_graph
        >>> vectors = np.eye(2)[[0, 0, 1]]
        >>> find_topics(["red cat", "red cat", "blue dog"], vectors, build_graph(vectors), n_topics=2).layers[-1].tolist()
        [0, 0, 1]
    """
    texts = check_texts(texts)
    unit = check_stage_input(texts, vectors, graph)
    left_out = check_stop_words(stop_words)
    check_positive(n_layers, "n_layers")
    if n_topics is not None:
        check_positive(n_topics, "n_topics")
    first, inverse = distinct_vectors(unit)  # identical vectors are one document
    merges, heights = grow_tree(smooth(unit, graph, first, inverse))
    sizes = _layer_sizes(len(first), n_topics, n_layers, heights)
    cuts = [cut_tree(merges, size) if size else np.zeros(0, dtype=np.int32) for size in sizes]
    strength = _agreement(graph, cuts[-1][inverse])
    is_isolated = _find_isolated(graph)
    layers = [_number_by_size(labels[inverse], is_isolated) for labels in cuts]
    parents = _find_parents(layers)
    naming = name_layers(texts, layers, parents, vectors=unit, embed=embed, stop_words=left_out)
    confidence = [np.full(len(names), np.nan, dtype=np.float32) for names in naming.names]
    if stability:
        confidence = measure_confidence(unit, graph, first, inverse, layers, seed=seed)
    topics = Topics(
        layers=tuple(layers),
        names=naming.names,
        keywords=naming.keywords,
        weights=naming.weights,
        parents=tuple(parents),
        exemplars=tuple(_find_exemplars(unit, labels, inverse) for labels in layers),
        descriptions=tuple([""] * len(names) for names in naming.names),
        confidence=tuple(confidence),
        assignment=np.where(is_isolated, "none", np.where(strength >= 0.5, "core", "soft")),
        strength=strength,
        groups=inverse.astype(np.int32),
        merges=merges,
    )
    return topics if namer is None else _name_with(namer, topics, texts, unit)


def _name_with(namer: "Namer", topics: Topics, texts: Sequence[str], unit: np.ndarray) -> Topics:
    """Returns topics with the names and descriptions of a namer; those it fails on keep their keywords."""
    from nomic_explore.topics.llm.naming import name_topics_with
    from nomic_explore.topics.profile import make_profiles

    profiles = [own for layer in range(len(topics.layers)) for own in make_profiles(topics, layer, texts, unit)]
    return rename_all(topics, name_topics_with(namer, profiles).names)


def rename_all(topics: Topics, given: "dict[tuple[int, int], tuple[str, str]]") -> Topics:
    """Returns topics with other names and descriptions.

    Args:
        topics: as they are.
        given: the name and the description, by layer and topic; other topics keep theirs.

    Example:
        >>> from nomic_explore import build_graph
        >>> vectors = np.eye(2)[[0, 0, 1]]
        >>> topics = find_topics(["red cat", "red cat", "blue dog"], vectors, build_graph(vectors), n_topics=2, n_layers=1)
        >>> rename_all(topics, {(0, 0): ("Cats", "About cats.")}).names
        (['Cats', 'Blue dog'],)
    """
    names, descriptions = [list(own) for own in topics.names], [list(own) for own in topics.descriptions]
    for (layer, topic), (name, description) in given.items():
        names[layer][topic], descriptions[layer][topic] = name, description
    return replace(topics, names=tuple(names), descriptions=tuple(descriptions))


def _layer_sizes(n_documents: int, n_topics: int | None, n_layers: int, heights: np.ndarray) -> list[int]:
    """Returns how many topics each layer has, coarse to fine; about 8, 30 and 120 for 20,000 documents.

    Args:
        n_documents: distinct ones.
        n_topics: of the finest layer, if that is given.
        n_layers: at most.
        heights: (g,) of the last merges of the tree, ascending.
    """
    if not n_documents:
        return [0]
    finest = n_topics if n_topics is not None else round(0.85 * n_documents**0.5)
    finest = min(max(finest, 1 if n_documents < 6 else 2), n_documents, 2000 if n_topics is None else n_documents)
    coarsest = max(1, min(finest, round(finest**0.45)))
    sizes = np.geomspace(max(finest, 1), coarsest, n_layers).round().astype(int).tolist()
    fixed = [] if n_topics is None else [sizes.pop(0)]
    chosen = list(fixed)
    for at, size in enumerate(sizes):  # from the finest on; each stays apart from its neighbors
        least = _APART * sizes[at + 1] if at + 1 < len(sizes) else 3
        most = chosen[-1] / _APART if chosen else n_documents
        chosen.append(min(_pronounced_cut(size, heights, least, most), *chosen[-1:], n_documents))
    return sorted(set(chosen))


def _pronounced_cut(size: int, heights: np.ndarray, least: float, most: float) -> int:
    """Returns the number of topics near `size` below which the next merge lies pronouncedly higher, else `size`."""
    if size < 3:
        return size
    near = np.arange(
        np.ceil(max(3, least, size / _REACH)), np.floor(min(most, size * _REACH, len(heights) - 1)) + 1
    ).astype(int)
    ratios = heights[-(near - 1)] / np.maximum(heights[-near], 1e-12)
    return int(near[ratios.argmax()]) if len(near) and ratios.max() >= _PRONOUNCED else size


def _find_parents(layers: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Returns for each layer (t,) int32 the topic one layer up that holds each topic, -1 in the first."""
    parents = [np.full(layers[0].max(initial=-1) + 1, -1, dtype=np.int32)]
    for coarse, fine in itertools.pairwise(layers):
        parent = np.full(fine.max(initial=-1) + 1, -1, dtype=np.int32)
        parent[fine[fine >= 0]] = coarse[fine >= 0]
        parents.append(parent)
    return parents


def _number_by_size(labels: np.ndarray, is_isolated: np.ndarray) -> np.ndarray:
    """Returns the labels numbered from the largest topic on; -1 where a document is isolated, unless it is alone there."""
    sizes = np.bincount(labels)
    kept = np.bincount(labels[~is_isolated], minlength=len(sizes))
    drop = is_isolated & (kept[labels] > 0)
    counted = np.bincount(labels[~drop], minlength=len(sizes))
    number = np.empty(len(sizes), dtype=np.int32)
    number[np.argsort(-counted, kind="stable")] = np.arange(len(sizes))
    return np.where(drop, -1, number[labels]).astype(np.int32)


def _agreement(graph: NeighborGraph, labels: np.ndarray) -> np.ndarray:
    """Returns the (n,) share of each row's neighbors, weighted by similarity, that carry its label."""
    if not graph.neighbors.shape[1]:
        return np.ones(len(labels), dtype=np.float32)
    weights = np.maximum(graph.similarities, 0.0) * (graph.neighbors >= 0)
    agrees = labels[graph.neighbors] == labels[:, None]
    return ((weights * agrees).sum(axis=1) / np.maximum(weights.sum(axis=1), 1e-9)).astype(np.float32)


def _find_isolated(graph: NeighborGraph) -> np.ndarray:
    if graph.neighbors.shape[1] < 5 or len(graph) < 50:
        return np.zeros(len(graph), dtype=bool)
    nearest = graph.similarities[:, :5].mean(axis=1)
    middle = np.median(nearest)
    spread = np.median(np.abs(nearest - middle))
    limit = min(middle - _ISOLATED * max(spread, 1e-3), float(np.quantile(nearest, 0.02)))
    return nearest < limit


def _find_exemplars(unit: np.ndarray, labels: np.ndarray, inverse: np.ndarray) -> list[list[int]]:
    """Returns for each topic rows near its center and unlike each other; fewer than three where all are alike."""
    exemplars = []
    order = np.lexsort((inverse, labels))  # the order of the rows must not decide between equals
    starts = np.searchsorted(labels[order], np.arange(labels.max(initial=-1) + 2))
    for start, end in itertools.pairwise(starts.tolist()):
        rows = order[start:end]
        similarity = (unit[rows] @ unit[rows].mean(axis=0)).round(5)
        best = rows[np.argsort(-similarity, kind="stable")[:200]]
        chosen: list[int] = []
        for row in best.tolist():
            if len(chosen) < _N_EXEMPLARS and not (unit[chosen] @ unit[row] > _LIKE).any():
                chosen.append(row)
        exemplars.append(chosen)
    return exemplars
