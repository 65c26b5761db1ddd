"""Names without a language model: the words and phrases that set a topic apart from the others."""

import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

_N_KEYWORDS = 8
_N_IN_NAME = 3
_MAX_WORDS = 220  # words read of each document: its beginning says what it is about
_URL = re.compile(r"https?://\S+|www\.\S+|\S+@\S+\.\w+")
_MARKUP = re.compile(
    r"\$[^$]{0,400}\$|\\[a-zA-Z]+|:[a-z]+:`|`+|^\s*(?:>>>|\.\.\.).*$|^\s*[-=~^]{3,}\s*$|<[^>]{1,80}>", re.MULTILINE
)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f]+")
# Words of every docstring, letter and abstract, which say how a text is written and not what it is about.
_FORM_WORDS = frozenset(
    "also based can could default defaults e.g eg et al etc example examples false i.e ie its it's may more most must new none note notes null "
    "one optional other param parameter parameters paper raise raises return returned returning returns see show shows since such than that "
    "these this those thus true two type types use used uses using via well whether which will with within without would you your self "
    "str int bool float dict kwargs args cls obj array_like ndarray object objects instance instances class classes function functions "
    "method methods value values list given call called calls specified provided".split()
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
            best = _choose(phrases, scores[topic], inside[topic], sizes[topic])
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


def _choose(phrases: Sequence[str], scores: np.ndarray, inside: np.ndarray, size: int) -> list[str]:
    """Returns the best phrases, without those that say the same as a better one."""
    least = 1 if size < 8 else 2
    chosen: list[str] = []
    for at in np.argsort(-scores, kind="stable")[:80]:
        if inside[at] < least or (scores[at] <= 0 and chosen):
            continue
        words = {_stem(word) for word in phrases[at].split()}
        clash = next((other for other in chosen if words & {_stem(word) for word in other.split()}), None)
        if clash is None:
            chosen.append(phrases[at])
        elif (
            len(words) > len(clash.split())
            and chosen.index(clash) == len(chosen) - 1
            and scores[at] > 0.85 * scores[list(phrases).index(clash)]
        ):
            chosen[-1] = phrases[at]
        if len(chosen) == _N_KEYWORDS:
            break
    return chosen


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
    for ending in ("ies", "es", "s", "ing", "ed"):
        if len(word) > len(ending) + 3 and word.endswith(ending):
            return word[: -len(ending)]
    return word


def _count_phrases(texts: Sequence[str]) -> tuple[list[str], "object"]:
    """Returns the phrases of one and two words and (n, phrases) which texts hold them."""
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
        return [], None
    usual = {low: max(sorted(forms), key=lambda form: forms[form]) for low, forms in surface.items()}
    phrases = [
        " ".join(
            usual[word] if usual[word].isupper() or word != low else low
            for word, low in zip(p.split(), p.split(), strict=True)
        )
        for p in counter.get_feature_names_out()
    ]
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
