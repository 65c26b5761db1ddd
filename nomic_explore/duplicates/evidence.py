"""Evidence: which rows share a text, a normalized text, much of their text, or nearly the same meaning."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property

import numpy as np

from nomic_explore.arrays import find_shared
from nomic_explore.checks import check_texts
from nomic_explore.duplicates.documents import Documents, code_normalized, find_documents, pair_alike
from nomic_explore.duplicates.normalize import measure_roughness, normalize, strip_symbols
from nomic_explore.duplicates.pairs import Pairs
from nomic_explore.duplicates.scoring import find_near_pairs, score_pairs
from nomic_explore.duplicates.signs import compare_signs
from nomic_explore.graph import NeighborGraph, check_stage_input
from nomic_explore.html_table import html_table


@dataclass(frozen=True, eq=False, repr=False)
class Evidence:
    """Scored pairs and all else that decisions are made from; arrays only, so that tables can hold it.

    Rows with the same text form one *document*. Documents are numbered in the order of their texts, so the order of the rows
    decides nothing here. Equal texts and equal normalized texts are codes, not pairs: ten thousand of them cost ten thousand
    numbers.

    Attributes:
        document: (n,) int32: the document of each row.
        normalized: (d,) int32: documents with the same normalized text, numbers and signs share a code below d.
        lengths: (d,) int32: characters of each document, a run of spaces counted as one.
        roughness: (d,) int32: superfluous spaces, plus 1,000 for a text all in upper or all in lower case.
        centrality: (d,) float32: mean similarity to its neighbors with another text; 0 without any.
        pairs: of documents, scored on every channel.
        column_overlaps: for each column that the texts are made of, (p,) float32 the Jaccard similarity of its shingles; NaN
            where one of a pair has nothing in it.
    """

    document: np.ndarray
    normalized: np.ndarray
    lengths: np.ndarray
    roughness: np.ndarray
    centrality: np.ndarray
    pairs: Pairs
    column_overlaps: dict[str, np.ndarray] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Evidence({len(self.document):,} rows, {len(self.lengths):,} distinct texts, {len(self.pairs):,} scored pairs)"

    def _repr_html_(self) -> str:
        pairs = self.pairs
        n_lexical, n_flagged = int(pairs.is_lexical.sum()), int((pairs.is_lexical & pairs.is_flagged).sum())
        rows = {
            "distinct texts": len(self.lengths),
            "texts equal to another once normalized": len(self.alike),
            "scored pairs": len(pairs),
            "pairs that share text": n_lexical,
            "of these with a difference in content": n_flagged,
        }
        return html_table(f"Evidence on {len(self.document):,} rows", rows.items())

    @cached_property
    def differs(self) -> np.ndarray:
        """(p,) bool: whether the texts of a pair still differ once normalized."""
        return self.normalized[self.pairs.first] != self.normalized[self.pairs.second]

    @cached_property
    def alike(self) -> np.ndarray:
        """The documents (a,) that share their normalized text with others."""
        return find_shared(self.normalized)

    @cached_property
    def repeated(self) -> np.ndarray:
        """The rows (r,) that share their text with others."""
        return find_shared(self.document)

    @cached_property
    def n_duplicates(self) -> np.ndarray:
        """(d,) int64: number of certain lexical duplicates of each document."""
        strong = np.flatnonzero(self.pairs.is_lexical_duplicate)
        return np.bincount(np.append(self.pairs.first[strong], self.pairs.second[strong]), minlength=len(self.lengths))

    @cached_property
    def rankings(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """The ranking of the documents by each keep policy used so far; a cache."""
        return {}


def collect_evidence(
    texts: Sequence[str],
    vectors: object,
    graph: NeighborGraph,
    *,
    columns: Mapping[str, Sequence[str | None]] | None = None,
    blocks: Sequence[object] | None = None,
) -> Evidence:
    """Returns the evidence for duplicates among n texts.

    Equal texts and equal normalized texts are found by hashing, texts that share much of their wording by uncommon character
    sequences, and texts similar in meaning by the graph; where a document has more similar ones than the graph lists
    neighbors, all of them are searched for. All in nearly linear time.

    Args:
        texts: n strings.
        vectors: (n, d), of any kind that `build_graph` reads; rows with the same text have the same.
        graph: of the same rows, from `build_graph`.
        columns: the columns that the texts are made of, n strings or None each.
        blocks: (n,) values; only rows with equal values are compared.

    Raises:
        TypeError: a text is not a string.
        ValueError: texts, vectors, graph, columns and blocks do not fit together.

    Example:
        >>> from nomic_explore import build_graph
        >>> vectors = np.eye(2)[[0, 0, 1]]
        >>> collect_evidence(["a cat", "A cat!", "a dog"], vectors, build_graph(vectors))
        Evidence(3 rows, 3 distinct texts, 1 scored pairs)
    """
    listed = check_texts(texts)
    unit = check_stage_input(listed, vectors, graph)
    parts = columns or {}
    for name, values in (*parts.items(), ("blocks", listed if blocks is None else blocks)):
        if len(values) != len(listed):
            raise ValueError(
                f"{name} has {len(values)} rows, texts have {len(listed)}; row i must be document i in both."
            )
    documents = find_documents(listed, blocks)
    codes = code_normalized(documents)
    near = find_near_pairs(documents.of_rows, graph, unit, documents.rows)
    alike = pair_alike(documents, codes)
    pairs, overlaps = score_pairs(
        documents.texts,
        documents.stripped,
        unit,
        documents.rows,
        (np.append(near[0], alike[0]), np.append(near[1], alike[1])),
        documents.blocks,
        {
            name: [strip_symbols(normalize(values[row] or "")) for row in documents.rows]
            for name, values in parts.items()
        },
    )
    centrality = _measure_centrality(documents.of_rows, graph, len(documents.texts))
    return _make_evidence(documents, codes, centrality, pairs, overlaps)


def collect_equal(texts: Sequence[str], *, blocks: Sequence[object] | None = None) -> Evidence:
    """Returns the evidence that needs no vectors: which of n texts are equal, or equal once normalized.

    Args:
        texts: n strings.
        blocks: (n,) values; only rows with equal values are compared.

    Raises:
        TypeError: a text is not a string.

    Example:
        >>> collect_equal(["a cat", "A cat!", "a cat"]).document.tolist()
        [1, 0, 1]
    """
    documents = find_documents(check_texts(texts), blocks)
    codes = code_normalized(documents)
    return _make_evidence(
        documents, codes, np.zeros(len(documents.texts), dtype=np.float32), _score_alike(documents, codes), {}
    )


_INTEGERS = ("first", "second", "n_shared", "unmatched_first", "unmatched_second")  # columns of pairs
_FRACTIONS = ("similarities", "containment_first", "containment_second")


def _score_alike(documents: Documents, codes: np.ndarray) -> Pairs:
    """Returns the pairs of documents that are equal but for signs or numbers, scored as if all else were equal."""
    first, second = pair_alike(documents, codes)
    order = np.lexsort((second, first))
    first, second = first[order].astype(np.int32), second[order].astype(np.int32)
    dtypes: dict[str, type] = dict.fromkeys(_INTEGERS, np.int32) | dict.fromkeys(_FRACTIONS, np.float32)
    scores: dict[str, np.ndarray] = {
        each.name: np.zeros(len(first), dtype=dtypes.get(each.name, bool)) for each in fields(Pairs)
    }
    scores |= {name: np.ones(len(first), dtype=np.float32) for name in _FRACTIONS}
    scores["signs_differ"] = compare_signs(documents.texts, first, second, np.ones(len(first), dtype=bool))
    scores["numbers_differ"] = ~scores["signs_differ"]
    return Pairs(**(scores | {"first": first, "second": second}))


def _make_evidence(
    documents: Documents, codes: np.ndarray, centrality: np.ndarray, pairs: Pairs, overlaps: dict[str, np.ndarray]
) -> Evidence:
    return Evidence(
        document=documents.of_rows,
        normalized=codes,
        lengths=np.array([len(" ".join(text.split())) for text in documents.texts], dtype=np.int32),
        roughness=np.array([measure_roughness(text) for text in documents.texts], dtype=np.int32),
        centrality=centrality,
        pairs=pairs,
        column_overlaps=overlaps,
    )


def _measure_centrality(document: np.ndarray, graph: NeighborGraph, n_documents: int) -> np.ndarray:
    """Returns (d,) the mean similarity of each document to the neighbors of its rows that hold another text."""
    is_other = (graph.neighbors >= 0) & (document[graph.neighbors] != document[:, None])
    total = np.where(is_other, graph.similarities, 0.0).sum(axis=1, dtype=np.float64)
    central = np.zeros(n_documents, dtype=np.float32)
    np.maximum.at(central, document, (total / np.maximum(is_other.sum(axis=1), 1)).astype(np.float32))
    return central
