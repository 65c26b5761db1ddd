"""What the names of topics say, measured with the model that made the vectors; see topics.py."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pyarrow.parquet as parquet

from nomic_explore import Topics, build_graph, find_topics

Embed = Callable[[Sequence[str]], np.ndarray]
TITLES = {"bbc_news": ("business", "entertainment", "politics", "sport", "tech")}
LANGUAGES = "sib200_10_languages"
_UNSPACED = re.compile(
    r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]"
)  # Thai, Japanese and Chinese: no spaces between words


def print_names(corpus: str, vectors: np.ndarray, topics: Topics, peer: dict | None, embed: Embed) -> None:
    """Prints how well the names of each layer, and those of BERTopic if there are any, name their topics.

    Args:
        corpus: its name; for those in TITLES the names are compared with the titles of the classes.
        vectors: (n, d) unit length.
        topics: of the same rows.
        peer: with one list of labels in "layers" and the "names" of its topics; None is left out.
        embed: makes vectors of names.
    """
    named = {
        f"nomic_explore, layer {at}": (labels, names)
        for at, (labels, names) in enumerate(zip(topics.layers, topics.names, strict=True))
    }
    if peer:
        named["BERTopic"] = np.array(peer["layers"][0]), peer["names"]
    print(f"\nNames of {corpus}:\n\n| | topics | name finds its topic | only stop words | double | the three largest |")
    print("|---|---|---|---|---|---|")
    for how, (labels, names) in named.items():
        share = _share_that_finds(vectors, labels, embed(names))
        counts = f"{sum(map(_is_only_stop_words, names))} | {len(names) - len(set(names))}"
        print(f"| {how} | {len(names)} | {share:.1%} | {counts} | {'; '.join(names[:3])} |", flush=True)
    if corpus in TITLES:
        _print_titles(TITLES[corpus], {how: names for how, (_, names) in named.items()}, topics, embed)


def _print_titles(titles: Sequence[str], named: dict[str, list[str]], topics: Topics, embed: Embed) -> None:
    """Prints for each title of a class its cosine to the name most like it."""
    named = {"nomic_explore, all layers": [name for names in topics.names for name in names]} | named
    print("\n| cosine of the best name to |", *(f" {title} |" for title in titles), " mean |", sep="")
    print("|---|", "---|" * (len(titles) + 1), sep="")
    wanted = embed(titles)
    for how, names in named.items():
        best = (wanted @ embed(names).T).max(axis=1)
        print(f"| {how} |", *(f" {value:.2f} |" for value in best), f" {best.mean():.3f} |", sep="", flush=True)


def _share_that_finds(vectors: np.ndarray, labels: np.ndarray, names: np.ndarray) -> float:
    """Returns the share of topics whose name's vector is nearest to their own mean vector among all topics'."""
    means = np.stack([vectors[labels == topic].mean(axis=0) for topic in range(len(names))])  # (t, d)
    nearest = (names @ (means / np.linalg.norm(means, axis=1, keepdims=True)).T).argmax(axis=1)
    return float((nearest == np.arange(len(names))).mean())


def _is_only_stop_words(name: str) -> bool:
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    return all(word in ENGLISH_STOP_WORDS for word in _split_words(name))


def print_languages(folder: Path, embed: Embed) -> None:
    """Prints for each language how many of the topics that it leads have a name with a word from their documents in it."""
    file = folder / f"{LANGUAGES}.parquet"
    if not file.is_file():
        return
    table = parquet.read_table(file)
    texts, languages = table.column("text").to_pylist(), np.array(table.column("lang").to_pylist())
    vectors = embed(texts)
    topics = find_topics(texts, vectors, build_graph(vectors))
    folded = np.array([text.casefold() for text in texts], dtype=object)
    led, own, shown = Counter[str](), Counter[str](), dict[str, str]()
    for labels, names in zip(topics.layers, topics.names, strict=True):
        for topic, name in enumerate(names):
            rows = np.flatnonzero(labels == topic)
            language = Counter(languages[rows].tolist()).most_common(1)[0][0]
            words = "\n".join(folded[rows[languages[rows] == language]])
            led[language] += 1
            own[language] += any(_occurs(word, words) for word in _split_words(name))
            shown[language] = name
    print(
        f"\nNames of {LANGUAGES}, topics of all layers:\n\n| language | topics it leads | named in it | the last one |"
    )
    print("|---|---|---|---|")
    for language in sorted(set(languages.tolist())):
        share = f"{own[language] / led[language]:.0%}" if led[language] else "—"
        print(f"| {language} | {led[language]} | {share} | {shown.get(language, '—')} |", flush=True)


def _split_words(name: str) -> list[str]:
    return [word for word in re.split(r"[\s,;:/·&()|]+", name.casefold()) if word]


def _occurs(word: str, text: str) -> bool:
    """Returns whether a word is in a text; in scripts without spaces, anywhere inside."""
    if _UNSPACED.search(word):
        return word in text
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None
