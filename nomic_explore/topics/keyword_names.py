"""Topic names without a language model: phrases that set a topic apart and lie near its documents."""

import zlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations

import numpy as np

from nomic_explore.arrays import unit
from nomic_explore.topics.coarse_names import MAX_NAME, N_IN_NAME, find_parts, name_by_parts
from nomic_explore.topics.keyness import Candidates, find_candidates, find_even, stems
from nomic_explore.topics.phrase_vectors import PhraseVectors, learn_vectors
from nomic_explore.topics.phrases import Phrases, count_phrases

_N_KEYWORDS = 8
_N_TRIED = 6  # keywords that names are put together from
_N_EMBEDDED = 14  # of a topic's candidates
_MAX_READ, _READ_OF_EACH = 15_000, 50  # documents in all, or of each topic if that is more; the same number of each
_BLOCK = 65_536  # rows whose vectors are copied at a time
_SAFE = 0.02  # a name so much nearer to its own topic than to any other finds it

Embed = Callable[[Sequence[str]], np.ndarray]


@dataclass(frozen=True)
class Naming:
    """For each layer and topic: its name, its keywords and their weights, 1.0 for the first."""

    names: tuple[list[str], ...]
    keywords: tuple[list[list[str]], ...]
    weights: tuple[list[list[float]], ...]


def name_layers(
    texts: Sequence[str | None],
    layers: Sequence[np.ndarray],
    parents: Sequence[np.ndarray],
    *,
    vectors: np.ndarray | None = None,
    embed: Embed | None = None,
    stop_words: Collection[str] = (),
) -> Naming:
    """Returns the names and the keywords of each layer's topics.

    Keywords are phrases of one to three words: see `find_candidates` for how they set a topic apart; of these, what lies
    nearer to another topic's center counts less. A name joins up to three that together lie nearest to their own topic.

    Args:
        texts: n strings; None for a row without a topic.
        layers: coarse to fine, each (n,) topic or -1.
        parents: for each layer the parent of each topic.
        vectors: (n, d) of the documents; None ranks phrases without vectors.
        embed: makes vectors of phrases as those of the documents were made; None learns them from the documents.
        stop_words: words that stand in no name and no keyword, besides those of each document's language.

    Example:
        >>> texts = ["this is the red cat", "here is a red cat", "that was the blue sea", "this is the blue sea"]
        >>> name_layers(texts, [np.array([0, 0, 1, 1])], [np.array([-1, -1])]).names
        (['Red cat', 'Blue sea'],)
    """
    rows = _sample(texts, layers[-1])
    phrases = count_phrases([texts[row] for row in rows], stop_words)
    is_even = find_even(phrases, layers[-1][rows])
    found = [
        find_candidates(phrases, labels[rows], above, is_even) for labels, above in zip(layers, parents, strict=True)
    ]
    centers: list[np.ndarray] = []
    phrase_vectors = None
    if vectors is not None and len(phrases.shown):
        chosen = np.unique(np.concatenate([own.phrases for layer in found for own in layer]))
        phrase_vectors = learn_vectors(phrases, chosen, vectors[rows])
        centers = [_centers(vectors, labels, vectors[rows].mean(axis=0)) for labels in layers]
        found = _weigh(found, phrase_vectors, centers)
        if embed is not None:
            found = [
                [Candidates(own.phrases[:_N_EMBEDDED], own.scores[:_N_EMBEDDED]) for own in layer] for layer in found
            ]
            phrase_vectors = _embed_phrases(phrases, found, embed)
            centers = [_centers(vectors, labels, np.zeros(vectors.shape[1])) for labels in layers]
            found = _weigh(found, phrase_vectors, centers)
    return _name_all(phrases, found, [own[rows] for own in layers], parents, phrase_vectors, centers)


def _sample(texts: Sequence[str | None], labels: np.ndarray) -> np.ndarray:
    """Returns the rows that are read: all, or equally many of each finest topic, chosen by their text.

    They come in the order of their texts, so that the rounding of sums does not depend on the order of the input.
    """
    rows = np.flatnonzero(labels >= 0)
    most_read = max(_MAX_READ, _READ_OF_EACH * (int(labels.max(initial=-1)) + 1))
    if len(rows) <= most_read:
        return np.array(sorted(rows.tolist(), key=lambda row: texts[row] or ""), dtype=np.int64)
    key = np.array([zlib.crc32((texts[row] or "")[:2000].encode(errors="replace")) for row in rows.tolist()])
    order = np.lexsort((key, labels[rows]))
    ranked = labels[rows][order]
    place = np.arange(len(order)) - np.searchsorted(ranked, ranked)
    sizes = np.sort(np.bincount(ranked))
    # The largest number of each topic's documents that makes no more than that in all.
    reach = np.cumsum(sizes) + sizes * (len(sizes) - 1 - np.arange(len(sizes)))
    at = int(np.searchsorted(reach, most_read))
    most = (most_read - int(np.cumsum(sizes)[at - 1] if at else 0)) // (len(sizes) - at)
    return rows[order[place < max(most, 1)]]


def _centers(vectors: np.ndarray, labels: np.ndarray, middle: np.ndarray) -> np.ndarray:
    """Returns (t, d) the mean vectors of topics, less a middle, of unit length."""
    from scipy.sparse import csr_matrix

    n_topics = int(labels.max(initial=-1)) + 1
    rows = np.flatnonzero(labels >= 0)
    sums = np.zeros((n_topics, vectors.shape[1]))
    for start in range(0, len(rows), _BLOCK):
        block = rows[start : start + _BLOCK]
        shape = (n_topics, len(block))
        member = csr_matrix((np.ones(len(block)), (labels[block], np.arange(len(block)))), shape=shape)
        sums += member @ vectors[block].astype(np.float64)
    sizes = np.maximum(np.bincount(labels[rows], minlength=n_topics), 1)
    return unit(sums / sizes[:, None] - middle).astype(np.float32)


def _weigh(
    found: list[list[Candidates]], phrase_vectors: PhraseVectors, centers: list[np.ndarray]
) -> list[list[Candidates]]:
    """Returns the candidates with scores that count where they point, best first."""
    weighed: list[list[Candidates]] = []
    for layer, middle in zip(found, centers, strict=True):
        weighed.append([])
        for topic, own in enumerate(layer):
            scores = own.scores * (0.1 + phrase_vectors.match_scores(own.phrases, middle, topic))
            order = np.lexsort((own.phrases, -scores.round(6)))
            weighed[-1].append(Candidates(own.phrases[order], scores[order]))
    return weighed


def _embed_phrases(phrases: Phrases, found: list[list[Candidates]], embed: Embed) -> PhraseVectors:
    chosen = np.unique(np.concatenate([own.phrases for layer in found for own in layer]))
    place = np.full(len(phrases.shown), -1)
    place[chosen] = np.arange(len(chosen))
    return PhraseVectors(place, unit(np.asarray(embed([phrases.shown[at] for at in chosen]), dtype=np.float32)))


def _name_all(
    phrases: Phrases,
    found: list[list[Candidates]],
    labels: Sequence[np.ndarray],
    parents: Sequence[np.ndarray],
    phrase_vectors: PhraseVectors | None,
    centers: list[np.ndarray],
) -> Naming:
    """Names the finest topics first, then each coarser layer by what its finest topics are called."""
    kept = [[_keep_distinct(phrases, own) for own in layer] for layer in found]
    names: list[list[str]] = [[] for _ in found]
    for layer in range(len(found) - 1, -1, -1):
        taken: set[str] = set()
        for topic, own in enumerate(kept[layer]):
            margin = partial(phrase_vectors.margin, centers=centers[layer], topic=topic) if phrase_vectors else None
            name = _put_together(phrases, own, margin, taken, topic)
            if layer < len(found) - 1:
                below = np.flatnonzero(parents[layer + 1] == topic).tolist()
                offered = dict.fromkeys(_shown(phrases, *(kept[layer + 1][child] for child in below)), 0.0)
                offered |= dict(zip(_shown(phrases, own), _relative(own.scores), strict=True))
                inside = labels[layer] == topic
                children = (
                    [part for part in find_parts(inside, labels[layer + 1], names[layer + 1])]
                    if layer + 2 < len(found)
                    else []
                )
                avoided = {*taken, *(names[layer + 1][child] for child in below)}
                name = name_by_parts(name, offered, find_parts(inside, labels[-1], names[-1]), children, avoided)
            names[layer].append(name)
            taken.add(name)
    keywords = tuple([[phrases.shown[at] for at in own.phrases] for own in layer] for layer in kept)
    return Naming(tuple(names), keywords, tuple([_relative(own.scores) for own in layer] for layer in kept))


def _shown(phrases: Phrases, *several: Candidates) -> list[str]:
    """Returns the best candidates of topics as they are written."""
    return [phrases.shown[at] for own in several for at in own.phrases[: N_IN_NAME if len(several) > 1 else None]]


def _relative(scores: np.ndarray) -> list[float]:
    """Returns scores as shares of the first."""
    best = scores[0] if len(scores) and scores[0] > 0 else 1.0
    return [round(float(max(score, 0.0) / best), 4) for score in scores]


def _keep_distinct(phrases: Phrases, own: Candidates) -> Candidates:
    """Returns up to eight candidates, none of which repeats words of a better one."""
    chosen: list[int] = []
    used: list[frozenset[str]] = []
    for at, phrase in enumerate(own.phrases.tolist()):
        words = stems(phrases.shown[phrase])
        if not any(words & other for other in used):
            chosen.append(at)
            used.append(words)
        if len(chosen) == _N_KEYWORDS:
            break
    return Candidates(own.phrases[chosen], own.scores[chosen])


def _put_together(
    phrases: Phrases, kept: Candidates, margin: Callable[[list[int]], float] | None, taken: set[str], topic: int
) -> str:
    """Returns the name of the best phrases that finds its topic; unlike all that are taken."""
    tried = list(range(min(_N_TRIED, len(kept.phrases))))
    sets = [chosen for count in range(1, N_IN_NAME + 1) for chosen in combinations(tried, count)]
    # The more of the best keywords a name contains the better.
    priority = np.array([kept.scores[list(chosen)].sum() for chosen in sets])
    best: tuple[bool, float, float, str] | None = None
    for at in np.argsort(-priority, kind="stable").tolist():
        chosen = [int(kept.phrases[place]) for place in sets[at]]
        name = ", ".join(phrases.shown[phrase] for phrase in chosen)
        name = name[:1].upper() + name[1:]
        if name in taken or (len(name) > MAX_NAME and len(chosen) > 1):
            continue
        gap = margin(chosen) if margin else 1.0
        candidate = (gap >= _SAFE, priority[at] if gap >= _SAFE else gap, gap, name)
        if best is None or candidate[:3] > best[:3]:
            best = candidate
        if gap >= _SAFE:
            break  # what follows has a lower priority
    if best is not None:
        return best[3]
    number, words = topic + 1, [phrases.shown[phrase] for phrase in kept.phrases[:N_IN_NAME]]
    name = f"{', '.join(words) or 'Topic'} ({number})"
    return name[:1].upper() + name[1:]
