"""Keyness: which phrases set a topic apart from all other documents and from those of its siblings."""

import re
from dataclasses import dataclass

import numpy as np

from nomic_explore.topics.phrases import Phrases

_N_CANDIDATES = 40
_PRIOR = 20.0  # documents: the weight of a phrase's share in the corpus against its share in the topic
_BLOCK = 128  # topics scored at a time
_MIN_DOCUMENTS, _MIN_TOPICS, _MIN_SIZE, _MIN_SHARE, _EVEN = 100, 4, 10, 0.01, 0.4  # see find_even
_LONGER = 1.2  # a phrase of two or three words is more specific than a word


@dataclass(frozen=True)
class Candidates:
    """The phrases that may name a topic, best first.

    Attributes:
        phrases: (k,) int64: their numbers among all phrases.
        scores: (k,) float64: how much each sets the topic apart.
    """

    phrases: np.ndarray
    scores: np.ndarray


def find_candidates(
    phrases: Phrases, labels: np.ndarray, parents: np.ndarray, is_even: np.ndarray | None = None
) -> list[Candidates]:
    """Returns for each topic up to 40 phrases that set it apart, best first.

    The score is the z-score of the log-odds of a phrase's share of the documents, shrunk towards its share in the corpus
    (Monroe et al. 2008, "Fightin' words"), against all others and against the siblings, times the root of that share. A word
    that mostly stands in one phrase ("machine" in "machine learning") is that phrase.

    Args:
        phrases: of n documents.
        labels: (n,) topic or -1.
        parents: (t,) the topic above each; siblings share it.
        is_even: (p,) which words are equally common in all topics, from `find_even`.

    Example:
        >>> from nomic_explore.topics.phrases import count_phrases
        >>> phrases = count_phrases(["The red cats", "a red cat", "the sea"])
        >>> cats, seas = find_candidates(phrases, np.array([0, 0, 1]), np.array([-1, -1]))
        >>> [phrases.shown[at] for at in seas.phrases]
        ['sea']
    """
    from scipy.sparse import csr_matrix

    n_topics, n = len(parents), len(labels)
    rows = np.flatnonzero(labels >= 0)
    if not len(phrases.shown):
        return [Candidates(np.zeros(0, dtype=np.int64), np.zeros(0)) for _ in parents]
    member = csr_matrix((np.ones(len(rows), np.float32), (labels[rows], rows)), shape=(n_topics, n))
    inside = member @ phrases.counts  # (topics, phrases), sparse
    sizes = np.bincount(labels[rows], minlength=n_topics).astype(np.float64)
    families = np.unique(parents, return_inverse=True)[1]
    family = csr_matrix((np.ones(n_topics, np.float32), (families, np.arange(n_topics))))
    in_family, family_sizes = (family @ inside).toarray(), family @ sizes
    total = np.asarray(phrases.counts.sum(axis=0), dtype=np.float64).ravel()
    prior = _PRIOR * (total + 0.5) / (n + 1.0)
    longer = np.where(phrases.length > 1, _LONGER, 1.0)
    by_word = _Holders(phrases)
    candidates = []
    for start in range(0, n_topics, _BLOCK):
        block = inside[start : start + _BLOCK].toarray().astype(np.float64)
        for topic, own in enumerate(block, start=start):
            size, above = sizes[topic], families[topic]
            scores = _z(own, size, total - own, n - size, prior)
            if family_sizes[above] > size:
                scores = (scores + _z(own, size, in_family[above] - own, family_sizes[above] - size, prior)) / 2
            scores *= np.sqrt(own / max(size, 1.0)) * longer if n > size else own / max(size, 1.0) * longer
            if is_even is not None:
                scores[is_even] = -np.inf
            candidates.append(_best(phrases, own, scores, 1 if size < 8 else 2, by_word))
    return candidates


def find_even(phrases: Phrases, labels: np.ndarray) -> np.ndarray:
    """Returns a mask (p,) of the words that are equally common in all topics of their language: unlisted stop words.

    Considered are languages with 100 documents and four topics, and words in a hundredth of these documents. A word is
    even if its shares in the topics differ, beyond what chance explains, by less than two fifths of their mean.

    Args:
        phrases: of n documents.
        labels: (n,) topic or -1, of the finest layer.

    Example:
        >>> from nomic_explore.topics.phrases import count_phrases
        >>> find_even(count_phrases(["red cat", "blue dog"]), np.array([0, 1])).any()
        np.False_
    """
    from scipy.sparse import csr_matrix

    is_even = np.zeros(len(phrases.shown), dtype=bool)
    single = np.flatnonzero(phrases.length == 1)
    for language in np.unique(phrases.language):
        rows = np.flatnonzero((phrases.language == language) & (labels >= 0))
        sizes = np.bincount(labels[rows], minlength=int(labels.max(initial=-1)) + 1)
        topics = np.flatnonzero(sizes >= _MIN_SIZE)
        if len(rows) < _MIN_DOCUMENTS or len(topics) < _MIN_TOPICS:
            continue
        member = csr_matrix((np.ones(len(rows)), (labels[rows], rows)), shape=(len(sizes), len(labels)))
        contained = (member @ phrases.counts[:, single]).tocsr()[topics].toarray()
        weight = sizes[topics] / sizes[topics].sum()
        shares = contained / sizes[topics][:, None]
        mean = weight @ shares
        chance = len(topics) * mean * (1 - mean) / sizes[topics].sum()
        spread = np.sqrt(np.maximum(weight @ (shares - mean) ** 2 - chance, 0.0)) / np.maximum(mean, 1e-9)
        is_even[single[(mean >= _MIN_SHARE) & (spread < _EVEN)]] = True
    return is_even


def _z(inside: np.ndarray, n_inside: float, outside: np.ndarray, n_outside: float, prior: np.ndarray) -> np.ndarray:
    """Returns the z-scores of the log-odds of shares inside against outside."""
    a, b = inside + prior, np.maximum(outside, 0.0) + prior
    left = np.maximum(n_inside + _PRIOR - a, 1.0)
    right = np.maximum(n_outside + _PRIOR - b, 1.0)
    return (np.log(a / left) - np.log(b / right)) / np.sqrt(1.0 / a + 1.0 / b)


def _best(phrases: Phrases, inside: np.ndarray, scores: np.ndarray, least: int, holders: "_Holders") -> Candidates:
    usable = np.isfinite(scores) & (inside > 0)
    eligible = np.flatnonzero(usable & (inside >= least) if (usable & (inside >= least)).any() else usable)
    if len(eligible) > 4 * _N_CANDIDATES:
        eligible = eligible[np.argpartition(-scores[eligible], 4 * _N_CANDIDATES)[: 4 * _N_CANDIDATES]]
    order = eligible[np.lexsort((eligible, -scores[eligible]))]
    longer = holders.usual(order, inside)
    chosen: list[int] = []
    best: list[float] = []
    for at in order.tolist():
        phrase = longer.get(at, at)
        if phrase not in chosen and (scores[at] > 0 or not chosen):
            chosen.append(phrase)
            best.append(float(max(scores[at], scores[phrase])))
        if len(chosen) == _N_CANDIDATES:
            break
    return Candidates(np.array(chosen, dtype=np.int64), np.array(best))


class _Holders:
    """Which phrases of two or three words hold a word."""

    def __init__(self, phrases: Phrases) -> None:
        long = np.flatnonzero(phrases.length > 1)
        words = phrases.words[long]
        flat = [(words[:, step], long) for step in range(3)]
        word = np.concatenate([one for one, _ in flat])
        holder = np.concatenate([other for _, other in flat])
        order = np.argsort(word, kind="stable")
        self._word, self._holder = word[order], holder[order]
        self._own = np.where(phrases.length == 1, phrases.words[:, 0], -1)

    def usual(self, candidates: np.ndarray, inside: np.ndarray) -> dict[int, int]:
        """Returns for each single word among the candidates the phrase that contains it at least half of the time, if any."""
        singles = candidates[self._own[candidates] >= 0]
        starts = np.searchsorted(self._word, self._own[singles])
        ends = np.searchsorted(self._word, self._own[singles], side="right")
        found = {}
        for single, start, end in zip(singles.tolist(), starts, ends, strict=True):
            holders = self._holder[start:end]
            if not len(holders):
                continue
            best = holders[inside[holders].argmax()]
            if inside[best] >= max(0.5 * inside[single], 2):
                found[single] = int(best)
        return found


def stems(phrase: str) -> frozenset[str]:
    """Returns the stems of the words of a phrase, which inflected forms of the same words share.

    Example:
        >>> stems("Linear algebras") == stems("linear algebra")
        True
    """
    return frozenset(_stem(word) for word in re.split(r"[\s-]+", phrase.lower()))


def _stem(word: str) -> str:
    for ending in ("ations", "ation", "ies", "ical", "ing", "es", "ed", "ic", "al", "s", "y", "e"):
        if len(word) > len(ending) + 3 and word.endswith(ending):
            return word[: -len(ending)]
    return word
