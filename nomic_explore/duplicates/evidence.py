"""Evidence: which rows hold the same text, the same words, or nearly the same meaning."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nomic_explore.checks import check_stage_input, check_texts
from nomic_explore.graph import NeighborGraph

FLOOR = 0.80  # semantic pairs below this cosine are not kept, so no threshold can go lower
_TELLING = "#%&@"  # punctuation to Unicode, but "C#" is not "C", nor "5 %" five
# A minus belongs to its number unless what stands before makes it a hyphen: "-5", but "COVID-19" and "2019-2020".
_NUMBER = re.compile(r"(?<![\w.,)\]])[-\u2212]\d+(?:[.,]\d+)*|\d+(?:[.,]\d+)*")


@dataclass(frozen=True)
class Evidence:
    """All that decisions are made from; arrays only, so that it can lie in tables.

    Rows with the same text form one *document*; document numbers are sorted by text, so nothing here depends on the order of
    the rows but which row stands where. Equal texts and equal normalised texts are codes, not pairs: ten thousand of them cost
    ten thousand numbers.

    Attributes:
        document: (n,) int32: the document of each row.
        normalised: (d,) int32: documents with the same normalised text and the same numbers share a code below d.
        lengths: (d,) int32: characters of each document, a run of spaces counted as one.
        centrality: (d,) float32: mean similarity to its neighbors, copies of itself left out; 0 without any.
        first, second: (p,) int32: semantic pairs of documents, first < second, sorted, each once.
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

    Equal texts and equal normalised texts are found by hashing, in linear time. Pairs near in meaning are the edges of the
    graph with a cosine of at least 0.80: where a document has more near ones than the graph lists neighbors, some pairs are
    not seen.

    Args:
        texts: n strings.
        vectors: (n, d); only checked, for the graph holds their similarities.
        graph: of the same rows, from `build_graph`.

    Raises:
        TypeError: a text is not a string.
        ValueError: texts, vectors and graph do not fit together.
    """
    listed = check_texts(texts)
    check_stage_input(listed, vectors, graph)
    distinct = sorted(set(listed))
    number_of = {text: number for number, text in enumerate(distinct)}
    document = np.array([number_of[text] for text in listed], dtype=np.int32)
    first, second, similarities = _semantic_pairs(document, graph)
    paired = np.unique(np.concatenate([first, second])).tolist()
    figures = {number: find_numbers(distinct[number]) for number in paired}
    differ = [figures[a] != figures[b] for a, b in zip(first.tolist(), second.tolist(), strict=True)]
    return Evidence(
        document=document,
        normalised=_code_normalised(distinct),
        lengths=np.array([len(" ".join(text.split())) for text in distinct], dtype=np.int32),
        centrality=_measure_centrality(document, graph, len(distinct)),
        first=first,
        second=second,
        similarities=similarities,
        numbers_differ=np.array(differ, dtype=bool),
    )


def normalise(text: str) -> str:
    """Returns what a text says apart from how it is set: NFKC, case folded, without spaces and punctuation.

    Letters, marks, digits and symbols (emoji, currencies, operators, # % & @) stay. Spaces go too, because a copy that lost
    its hyphens or the space after a comma is still a copy.

    Example:
        >>> normalise("Hello,   state-of-the-art WORLD!")
        'hellostateoftheartworld'
    """
    return unicodedata.normalize("NFKC", text).casefold().translate(_SIGNS)


def find_numbers(text: str) -> frozenset[str]:
    """Returns the numbers written in a text as digits.

    Example:
        >>> sorted(find_numbers("From 1,200 to -5 in 2019-2020, COVID-19"))
        ['-5', '1,200', '19', '2019', '2020']
    """
    found = _NUMBER.findall(unicodedata.normalize("NFKC", text))
    return frozenset(number.replace("\u2212", "-") for number in found)


class _Signs(dict[int, int | None]):
    """What `str.translate` makes of each character, looked up once: itself if it says something, else nothing."""

    def __missing__(self, code: int) -> int | None:
        sign = chr(code)
        self[code] = code if unicodedata.category(sign)[0] in "LMNS" or sign in _TELLING else None
        return self[code]


_SIGNS = _Signs()


def _code_normalised(distinct: list[str]) -> np.ndarray:
    """Returns (d,) codes: equal where normalised texts are equal, not empty, and hold the same numbers."""
    sharing: dict[str, list[int]] = {}
    for number, text in enumerate(distinct):
        sharing.setdefault(normalise(text), []).append(number)
    codes = np.arange(len(distinct), dtype=np.int32)
    for said, documents in sharing.items():
        if said and len(documents) > 1:
            # Without its signs "1.5" is "15" and "-5" is "5".
            first_with: dict[frozenset[str], int] = {}
            for number in documents:
                codes[number] = first_with.setdefault(find_numbers(distinct[number]), number)
    return codes


def _measure_centrality(document: np.ndarray, graph: NeighborGraph, n_documents: int) -> np.ndarray:
    """Returns (d,) the mean similarity of each document to the neighbors of its rows that hold another text."""
    is_other = (graph.neighbors >= 0) & (document[graph.neighbors] != document[:, None])
    total = np.where(is_other, graph.similarities, 0.0).sum(axis=1, dtype=np.float64)
    central = np.zeros(n_documents, dtype=np.float32)
    np.maximum.at(central, document, (total / np.maximum(is_other.sum(axis=1), 1)).astype(np.float32))
    return central


def _semantic_pairs(document: np.ndarray, graph: NeighborGraph) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns each pair of different documents that the graph joins, once, with its cosine."""
    near_rows, places = np.nonzero((graph.neighbors >= 0) & (graph.similarities >= FLOOR))
    a, b = document[near_rows], document[graph.neighbors[near_rows, places]]
    scores = graph.similarities[near_rows, places]
    differ = a != b
    low, high, scores = np.minimum(a, b)[differ], np.maximum(a, b)[differ], scores[differ]
    order = np.lexsort((-scores, high, low))
    low, high, scores = low[order], high[order], scores[order]
    is_new = np.ones(len(low), dtype=bool)
    is_new[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
    return low[is_new].astype(np.int32), high[is_new].astype(np.int32), scores[is_new].astype(np.float32)
