"""Names without a language model: the words and phrases that set a topic apart from the others."""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

_N_KEYWORDS = 8
_N_IN_NAME = 3
_MAX_WORDS = 220  # words read of each document: its beginning says what it is about
_URL = re.compile(r"https?://\S+|www\.\S+|\S+@\S+\.\w+")
_MARKUP = re.compile(
    r"\$[^$]{0,400}\$|\\[a-zA-Z]+|:[a-z]+:`|`+|^\s*(?:>>>|\.\.\.).*$|^\s*[-=~^]{3,}\s*$|^\s*\.\. [\w-]+::.*$|<[^>]{1,80}>",
    re.MULTILINE,
)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f]+")
# Words of every docstring, letter and abstract, which say how a text is written and not what it is about.
_FORM_WORDS = frozenset(
    "also based can could default defaults e.g eg et al etc example examples false i.e ie its it's may more most must new none note notes null "
    "one optional other param parameter parameters paper raise raises return returned returning returns see show shows since such than that "
    "these this those thus true two type types use used uses using via well whether which will with within without would you your self "
    "str int bool float dict kwargs args cls obj array_like ndarray object objects instance instances class classes function functions "
    "method methods value values list given call called calls specified provided versionadded versionchanged deprecated "
    "let prove proved denote obtain obtained consider considered study studied propose proposed proposes introduce introduced "
    "present presents presented demonstrate demonstrated approach approaches novel result results like want just said says".split()
)


def name_layers(
    texts: Sequence[str], layers: Sequence[np.ndarray], parents: Sequence[np.ndarray]
) -> tuple[tuple[list[str], ...], tuple[list[list[str]], ...]]:
    """Returns the names and the keywords of each layer's topics.

    A phrase scores by the log-odds of its share of documents in the topic against all others, shrunk towards its share in the
    corpus (Monroe et al. 2008). A child's name avoids the words that its parent is named by.

    Args:
        texts: n strings.
        layers: coarse to fine, each (n,) topic or -1.
        parents: for each layer the parent of each topic.
    """
    from scipy.sparse import csr_matrix

    phrases, counts = _count_phrases(texts)
    pairs = _find_pairs(phrases)
    shown = list(phrases.values())
    all_names: list[list[str]] = []
    all_keywords: list[list[list[str]]] = []
    for layer, labels in enumerate(layers):
        n_topics = int(labels.max(initial=-1)) + 1
        rows = np.flatnonzero(labels >= 0)
        member = csr_matrix((np.ones(len(rows)), (labels[rows], rows)), shape=(n_topics, len(texts)))
        inside = np.asarray((member @ counts).todense()) if len(phrases) else np.zeros((n_topics, 0))
        sizes = np.bincount(labels[rows], minlength=n_topics)
        scores = _score(inside, sizes, len(texts))
        taken: set[str] = set()
        names, keywords = [], []
        for topic in range(n_topics):
            parent = int(parents[layer][topic])
            avoided = set(all_keywords[layer - 1][parent][:_N_IN_NAME]) if layer and parent >= 0 else set()
            best = [shown[at] for at in _choose(list(phrases), pairs, scores[topic], inside[topic], sizes[topic])]
            keywords.append(best)
            names.append(_unique_name(best, avoided, taken, topic))
        all_names.append(names)
        all_keywords.append(keywords)
    return tuple(all_names), tuple(all_keywords)


def _score(inside: np.ndarray, sizes: np.ndarray, n_texts: int) -> np.ndarray:
    """Returns (topics, phrases): z-scores of the log-odds against the rest, times how much of the topic a phrase covers."""
    total = inside.sum(axis=0, keepdims=True)
    prior = 20.0 * (total + 0.5) / (n_texts + 1.0)
    outside = total - inside
    n_inside, n_outside = sizes[:, None], n_texts - sizes[:, None]
    log_odds = np.log((inside + prior) / (n_inside + 20.0 - np.minimum(inside + prior, n_inside + 19.0))) - np.log(
        (outside + prior) / (n_outside + 20.0 - np.minimum(outside + prior, n_outside + 19.0))
    )
    deviation = np.sqrt(1.0 / (inside + prior) + 1.0 / (outside + prior))
    coverage = inside / np.maximum(n_inside, 1)
    return log_odds / deviation * np.sqrt(coverage) if len(sizes) > 1 else coverage


def _find_pairs(phrases: Mapping[str, str]) -> np.ndarray:
    """Returns (p, 3) int: each phrase of two words, and the places of its words among the phrases, -1 if they are not there."""
    place = {phrase: at for at, phrase in enumerate(phrases)}
    pairs = [(at, *(place.get(word, -1) for word in phrase.split())) for phrase, at in place.items() if " " in phrase]
    return np.array(pairs, dtype=np.int64).reshape(-1, 3)


def _choose(phrases: Sequence[str], pairs: np.ndarray, scores: np.ndarray, inside: np.ndarray, size: int) -> list[int]:
    """Returns the places of the best phrases, without those that say the same as a better one.

    A word that stands half of the time or more in one phrase ("machine" in "machine learning") is said as that phrase.
    """
    least = 1 if size < 8 else 2
    candidates = [int(at) for at in np.argsort(-scores, kind="stable")[:80] if inside[at] >= least]
    longer = _phrases_of(candidates, pairs, inside)
    chosen: list[int] = []
    stems: list[set[str]] = []
    for at in candidates:
        if scores[at] <= 0 and chosen:
            break
        said = longer.get(at, at)
        words = {_stem(word) for word in phrases[said].split()}
        clashes = [number for number, other in enumerate(stems) if words & other]
        if not clashes:
            chosen.append(said)
            stems.append(words)
        elif len(clashes) == 1 and stems[clashes[0]] < words:
            chosen[clashes[0]], stems[clashes[0]] = said, words
        if len(chosen) == _N_KEYWORDS:
            break
    return chosen


def _phrases_of(words: Sequence[int], pairs: np.ndarray, inside: np.ndarray) -> dict[int, int]:
    """Returns for each word the commonest phrase it mostly stands in, if there is one."""
    found: dict[int, int] = {}
    for column in (1, 2):
        candidates = pairs[np.isin(pairs[:, column], words)]
        is_usual = inside[candidates[:, 0]] >= np.maximum(0.5 * inside[candidates[:, column]], 2)
        for at, *both in candidates[is_usual].tolist():
            word = both[column - 1]
            if word not in found or inside[at] > inside[found[word]]:
                found[word] = at
    return found


def _unique_name(keywords: Sequence[str], avoided: set[str], taken: set[str], topic: int) -> str:
    pool = [word for word in keywords if word not in avoided] or list(keywords)
    for count in range(min(_N_IN_NAME, len(pool)), len(pool) + 1):
        name = ", ".join(pool[:count])
        name = name[:1].upper() + name[1:]
        if name and name not in taken:
            taken.add(name)
            return name
    name = f"{', '.join(pool[:_N_IN_NAME]) or 'Topic'} ({topic + 1})"
    taken.add(name)
    return name


def _stem(word: str) -> str:
    word = word.lower()
    for ending in ("ies", "es", "s", "ing", "ed", "ic", "y"):
        if len(word) > len(ending) + 3 and word.endswith(ending):
            return word[: -len(ending)]
    return word


def _count_phrases(texts: Sequence[str]) -> tuple[dict[str, str], "object"]:
    """Returns the phrases of one and two words in lower case, how each is usually written, and (n, phrases) which texts hold them."""
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, CountVectorizer

    stop = ENGLISH_STOP_WORDS | _FORM_WORDS
    surface: dict[str, dict[str, int]] = {}

    def analyse(text: str) -> list[str]:
        words = _words(text)
        lowered = [word.lower() for word in words]
        for word, low in zip(words, lowered, strict=True):
            forms = surface.setdefault(low, {})
            forms[word] = forms.get(word, 0) + 1
        kept = [low if len(low) > 1 and low not in stop and len(low) < 30 else "" for low in lowered]
        pairs = [f"{a} {b}" for a, b in pairwise(kept) if a and b and a != b]
        return [word for word in kept if len(word) > 2 or (word and not word.isascii())] + pairs

    least = 1 if len(texts) < 60 else 2 if len(texts) < 500 else 4
    counter = CountVectorizer(
        analyzer=analyse,
        min_df=least,
        max_df=1.0 if len(texts) < 60 else 0.35,
        max_features=60_000,
        binary=True,
        dtype=np.float32,
    )
    try:
        counts = counter.fit_transform(texts)
    except ValueError:  # no word is left
        return {}, None
    usual = {low: max(sorted(forms), key=lambda form: forms[form]) for low, forms in surface.items()}
    phrases = {str(p): " ".join(usual[word] for word in p.split()) for p in counter.get_feature_names_out()}
    return phrases, counts


def _words(text: str) -> list[str]:
    cleaned = _MARKUP.sub(" ", _URL.sub(" ", text[:6000]))
    words: list[str] = []
    for word in _WORD.findall(cleaned):
        unspaced = _UNSPACED.findall(word)
        if unspaced:
            words += [run[at : at + 2] for run in unspaced for at in range(max(1, len(run) - 1))]
        else:
            words.append(word)
        if len(words) >= _MAX_WORDS:
            break
    return words
