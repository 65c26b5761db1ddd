"""Evidence: which rows hold the same text, the same words, much of the same text, or nearly the same meaning."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from nomic_explore.arrays import find_shared
from nomic_explore.checks import check_texts
from nomic_explore.duplicates.crowds import find_crowded_pairs
from nomic_explore.duplicates.flags import list_numbers
from nomic_explore.duplicates.pairs import MIN_NEAR, MIN_SIMILARITY, Pairs
from nomic_explore.duplicates.scoring import score_pairs
from nomic_explore.graph import NeighborGraph, check_stage_input

_TELLING = "#%&@"  # punctuation to Unicode, but "C#" is not "C", nor "5 %" five


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
        roughness: (d,) int32: spaces too many, and 1,000 more where all letters are large or all are small.
        centrality: (d,) float32: mean similarity to its neighbors, copies of itself left out; 0 without any.
        pairs: of documents, scored on every channel.
        column_overlaps: for each column that the texts are made of, (p,) float32 the Jaccard similarity of its shingles; NaN
            where one of a pair has nothing in it.
    """

    document: np.ndarray
    normalised: np.ndarray
    lengths: np.ndarray
    roughness: np.ndarray
    centrality: np.ndarray
    pairs: Pairs
    column_overlaps: dict[str, np.ndarray] = field(default_factory=dict)

    @cached_property
    def is_apart(self) -> np.ndarray:
        """(p,) bool: whether the documents of a pair differ once normalised."""
        return self.normalised[self.pairs.first] != self.normalised[self.pairs.second]

    @cached_property
    def alike(self) -> np.ndarray:
        """The documents (a,) that share their normalised text with others."""
        return find_shared(self.normalised)

    @cached_property
    def repeated(self) -> np.ndarray:
        """The rows (r,) that share their text with others."""
        return find_shared(self.document)

    @cached_property
    def n_copies(self) -> np.ndarray:
        """(d,) int64: strong lexical copies of each document."""
        strong = np.flatnonzero(self.pairs.is_lexical_copy)
        return np.bincount(np.append(self.pairs.first[strong], self.pairs.second[strong]), minlength=len(self.lengths))

    @cached_property
    def rankings(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """What the policies make of the documents, kept from one decision to the next."""
        return {}


def collect_evidence(
    texts: Sequence[str],
    vectors: np.ndarray,
    graph: NeighborGraph,
    *,
    columns: Mapping[str, Sequence[str | None]] | None = None,
    blocks: Sequence[Any] | None = None,
) -> Evidence:
    """Returns the evidence for copies among n texts.

    Equal texts and equal normalised texts are found by hashing. Texts that share much of what they say are found by their
    uncommon character sequences, and those near in meaning by the graph: where a document has more near ones than the graph
    lists neighbors, all of them are looked for. All in nearly linear time.

    Args:
        texts: n strings.
        vectors: (n, d); rows with the same text have the same.
        graph: of the same rows, from `build_graph`.
        columns: parts that the texts are made of, n strings or None each.
        blocks: (n,) values; only rows with equal ones are compared.

    Raises:
        TypeError: a text is not a string.
        ValueError: texts, vectors, graph, columns and blocks do not fit together.
    """
    listed = check_texts(texts)
    check_stage_input(listed, vectors, graph)
    parts = columns or {}
    for name, values in (*parts.items(), ("blocks", listed if blocks is None else blocks)):
        if len(values) != len(listed):
            raise ValueError(
                f"{name} has {len(values)} rows, texts have {len(listed)}; row i must be document i in both."
            )
    block_names = [""] * len(listed) if blocks is None else [str(value) for value in blocks]
    document, rows = number_documents(listed, block_names)
    distinct = [listed[row] for row in rows]
    normalised = [normalise(text) for text in distinct]
    block_of = {name: code for code, name in enumerate(sorted(set(block_names)))}
    block = np.array([block_of[block_names[row]] for row in rows], dtype=np.int64)
    near = _near_documents(document, graph)
    crowded = find_crowded_pairs(document, graph, vectors, rows, MIN_SIMILARITY)
    pairs, overlaps = score_pairs(
        distinct,
        [spell(said) for said in normalised],
        np.asarray(vectors),
        rows,
        (np.concatenate([near[0], crowded[0]]), np.concatenate([near[1], crowded[1]])),
        block,
        {name: [spell(normalise(values[row] or "")) for row in rows] for name, values in parts.items()},
    )
    return Evidence(
        document=document,
        normalised=code_normalised(distinct, normalised, block),
        lengths=np.array([len(" ".join(text.split())) for text in distinct], dtype=np.int32),
        roughness=np.array([measure_roughness(text) for text in distinct], dtype=np.int32),
        centrality=_measure_centrality(document, graph, len(distinct)),
        pairs=pairs,
        column_overlaps=overlaps,
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


def spell(normalised: str) -> str:
    """Returns a normalised text without the symbols of a keyboard, which go with the punctuation where that is lost.

    Example:
        >>> spell(normalise("C# at $5"))
        'cat5'
    """
    return normalised.translate(_SYMBOLS)


class _Signs(dict[int, int | None]):
    """What `str.translate` makes of each character, looked up once: itself if it says something, else nothing."""

    def __missing__(self, code: int) -> int | None:
        sign = chr(code)
        self[code] = code if unicodedata.category(sign)[0] in "LMNS" or sign in _TELLING else None
        return self[code]


_SIGNS = _Signs()
_SYMBOLS = str.maketrans("", "", "#%&@$+<=>^`|~")


def measure_roughness(text: str) -> int:
    """Returns how many spaces a text has too many, and 1,000 more if all its letters are large or all are small.

    Example:
        >>> measure_roughness("Two  words"), measure_roughness("TWO WORDS")
        (1, 1000)
    """
    return len(text) - len(" ".join(text.split())) + 1000 * (text.isupper() or text.islower())


def number_documents(texts: list[str], blocks: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Returns (n,) the document of each row, numbered by text and block, and (d,) the first row of each."""
    first: dict[tuple[str, str], int] = {}
    for row, named in enumerate(zip(texts, blocks, strict=True)):
        first.setdefault(named, row)
    number_of = {named: number for number, named in enumerate(sorted(first))}
    document = np.array([number_of[named] for named in zip(texts, blocks, strict=True)], dtype=np.int32)
    return document, np.array([first[named] for named in number_of], dtype=np.int64)


def code_normalised(distinct: list[str], normalised: list[str], blocks: np.ndarray) -> np.ndarray:
    """Returns (d,) codes: equal where normalised texts are equal, not empty, in one block, and hold the same numbers."""
    sharing: dict[tuple[str, int], list[int]] = {}
    for number, named in enumerate(zip(normalised, blocks.tolist(), strict=True)):
        sharing.setdefault(named, []).append(number)
    codes = np.arange(len(distinct), dtype=np.int32)
    for (said, _), documents in sharing.items():
        if said and len(documents) > 1:
            # Without its signs "1.5" is "15" and "-5" is "5".
            first_with: dict[tuple[str, ...], int] = {}
            for number in documents:
                codes[number] = first_with.setdefault(tuple(list_numbers(distinct[number])), number)
    return codes


def _measure_centrality(document: np.ndarray, graph: NeighborGraph, n_documents: int) -> np.ndarray:
    """Returns (d,) the mean similarity of each document to the neighbors of its rows that hold another text."""
    is_other = (graph.neighbors >= 0) & (document[graph.neighbors] != document[:, None])
    total = np.where(is_other, graph.similarities, 0.0).sum(axis=1, dtype=np.float64)
    central = np.zeros(n_documents, dtype=np.float32)
    np.maximum.at(central, document, (total / np.maximum(is_other.sum(axis=1), 1)).astype(np.float32))
    return central


def _near_documents(document: np.ndarray, graph: NeighborGraph) -> tuple[np.ndarray, np.ndarray]:
    """Returns the documents (m,) and (m,) that the graph joins closely enough to be compared."""
    rows, places = np.nonzero((graph.neighbors >= 0) & (graph.similarities >= MIN_NEAR))
    return document[rows], document[graph.neighbors[rows, places]]
