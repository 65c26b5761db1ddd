"""Evidence: which rows hold the same text, the same words, or nearly the same meaning."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nomic_explore.checks import check_stage_input, check_texts
from nomic_explore.graph import NeighborGraph

FLOOR = 0.80  # semantic pairs below this cosine are not kept, so no threshold can go lower
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True)
class Evidence:
    """All that decisions are made from; arrays only, so that it can lie in a table.

    Rows with the same text form one *document*; document numbers are sorted by text, so nothing here depends on the order of the
    rows but which row stands where.

    Attributes:
        document: (n,) int32: the document of each row.
        normalised: (d,) int32: documents with the same normalised text share a number.
        lengths: (d,) int32: characters of each document.
        centrality: (d,) float32: mean similarity to its neighbors.
        first, second: (p,) int32: semantic pairs of documents, first < second.
        similarities: (p,) float32: cosine of each pair, at least 0.80.
        numbers_differ: (p,) bool: whether the two texts hold different numbers.
    """

    document: np.ndarray
    normalised: np.ndarray
    lengths: np.ndarray
    centrality: np.ndarray
    first: np.ndarray
    second: np.ndarray
    similarities: np.ndarray
    numbers_differ: np.ndarray


def collect_evidence(texts: Sequence[str], vectors: np.ndarray, graph: NeighborGraph) -> Evidence:
    """Returns the evidence for copies among n texts.

    Equal texts and equal normalised texts (Unicode NFKC, case, spacing and punctuation aside) are found by hashing, in linear
    time; pairs near in meaning are the edges of the graph with a cosine of at least 0.80.

    Args:
        texts: n strings.
        vectors: (n, d).
        graph: of the same rows, from `build_graph`.

    Raises:
        ValueError: texts, vectors and graph do not fit together.
    """
    texts = check_texts(texts)
    check_stage_input(texts, vectors, graph)
    distinct = sorted(set(texts))
    numbers = {text: number for number, text in enumerate(distinct)}
    document = np.array([numbers[text] for text in texts], dtype=np.int32)
    words = [normalise(text) for text in distinct]
    # A text without letters and digits equals only itself.
    named = [normal or f"\x00{number}" for number, normal in enumerate(words)]
    codes = {normal: code for code, normal in enumerate(sorted(set(named)))}
    first, second, similarities = _semantic_pairs(document, graph)
    figures = [frozenset(_NUMBER.findall(unicodedata.normalize("NFKC", text))) for text in distinct]
    differ = [figures[a] != figures[b] for a, b in zip(first.tolist(), second.tolist(), strict=True)]
    centrality = np.zeros(len(distinct), dtype=np.float32)
    if graph.neighbors.shape[1]:
        np.maximum.at(centrality, document, graph.similarities.mean(axis=1))
    return Evidence(
        document=document,
        normalised=np.array([codes[normal] for normal in named], dtype=np.int32),
        lengths=np.array([len(text) for text in distinct], dtype=np.int32),
        centrality=centrality,
        first=first,
        second=second,
        similarities=similarities,
        numbers_differ=np.array(differ, dtype=bool),
    )


def normalise(text: str) -> str:
    """Returns the words of a text: NFKC, case folded, everything but letters, marks and digits as one space.

    Example:
        >>> normalise("Ｈello,   WORLD!")
        'hello world'
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join("".join(sign if unicodedata.category(sign)[0] in "LMNS" else " " for sign in folded).split())


def _semantic_pairs(document: np.ndarray, graph: NeighborGraph) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns each pair of different documents that the graph joins, once, with its cosine."""
    rows = np.repeat(np.arange(len(document)), graph.neighbors.shape[1])
    others, scores = graph.neighbors.ravel(), graph.similarities.ravel()
    is_near = (others >= 0) & (scores >= FLOOR)
    a, b, scores = document[rows[is_near]], document[others[is_near]], scores[is_near]
    low, high = np.minimum(a, b), np.maximum(a, b)
    differ = low != high
    low, high, scores = low[differ], high[differ], scores[differ]
    order = np.lexsort((-scores, high, low))
    low, high, scores = low[order], high[order], scores[order]
    is_new = np.ones(len(low), dtype=bool)
    is_new[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
    return low[is_new].astype(np.int32), high[is_new].astype(np.int32), scores[is_new].astype(np.float32)
