"""Background: how similar unrelated documents of a corpus are, and what a threshold means compared with that."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nomic_explore.checks import check_fraction, check_same_rows
from nomic_explore.duplicates.evidence import Evidence
from nomic_explore.duplicates.pairs import MIN_OVERLAP, MIN_SIMILARITY
from nomic_explore.graph import NeighborGraph
from nomic_explore.html_table import html_table

# Of the quantiles: in steps of 0.2 % at the bottom and of a millionth at the top, where the duplicates are.
SHARES = 1 - np.linspace(1.0, 0.0, 1_001) ** 2
# `auto_threshold` flags what is exceptional, not what is usual: at most this share or number. See benchmarks/thresholds.py.
MAX_ABOVE, N_ABOVE = 0.001, 20
_UNMEASURED = 0.9  # no model default, no background


@dataclass(frozen=True, eq=False, repr=False)
class Background:
    """Cosines of documents to their nearest unrelated neighbor: one that is no duplicate and shares little of the text.

    Attributes:
        quantiles: (1,001,) float32, rising: the cosine that each of `SHARES` of them does not exceed; NaN where n is 0.
        n: documents with such a neighbor in the graph.

    Example:
        >>> background = Background(0.5 + 0.4 * SHARES, n=400)
        >>> f"0.88 is above {background.share_below(0.88):.0%} of {background.n} unrelated neighbors"
        '0.88 is above 95% of 400 unrelated neighbors'
    """

    quantiles: np.ndarray
    n: int

    def __repr__(self) -> str:
        if self.n == 0:
            return "Background(no unrelated neighbors)"
        middle, high = self.similarity_at(0.5), self.similarity_at(0.99)
        return f"Background({self.n:,} unrelated neighbors: 50 % below cosine {middle:.3f}, 99 % below {high:.3f})"

    def _repr_html_(self) -> str:
        levels = (0.5, 0.9, 0.99, 0.999) if self.n else ()
        rows = [(f"{share:.1%} lie below", f"{self.similarity_at(share):.3f}") for share in levels]
        return html_table(f"Cosine of {self.n:,} documents to their nearest unrelated neighbor", rows)

    def share_below(self, similarity: float) -> float:
        """Returns the share, 0 to 1, of unrelated neighbors whose cosine is less; NaN where n is 0.

        Example:
            >>> background = Background(0.5 + 0.4 * SHARES, n=400)
            >>> round(background.share_below(0.88), 2)
            0.95
        """
        if self.n == 0:
            return math.nan
        levels = self.quantiles.astype(np.float64)
        place = int(np.searchsorted(levels, similarity))
        if place in (0, len(levels)):
            return float(place > 0)
        at = slice(place - 1, place + 1)
        return float(np.interp(similarity, levels[at], SHARES[at]))

    def similarity_at(self, share: float) -> float:
        """Returns the cosine below which this share of unrelated neighbors lies; NaN where n is 0.

        Raises:
            ValueError: the share does not lie between 0 and 1.

        Example:
            >>> background = Background(0.5 + 0.4 * SHARES, n=400)
            >>> round(background.similarity_at(0.95), 2)
            0.88
        """
        return float(np.interp(check_fraction(share, "share"), SHARES, self.quantiles.astype(np.float64)))


def measure_background(
    evidence: Evidence, graph: NeighborGraph, *, blocks: Sequence[object] | None = None
) -> Background:
    """Returns the similarity of documents to their nearest neighbor that is no duplicate and shares little of the text.

    Left out are neighbors with the same text, the same normalized text, and those of which either text contains 0.40 of the
    other's character sequences. Rewordings that share no more than that stay in: the evidence cannot tell them from documents
    on one subject. Equal texts count once. A document all of whose listed neighbors are duplicates is not counted.

    Args:
        evidence: of n rows, from `collect_evidence`.
        graph: of the same rows, nearest first.
        blocks: (n,) values that the evidence was collected with; neighbors in another block are passed over.

    Raises:
        ValueError: evidence, graph and blocks have not the same rows.

    Example:
        >>> from nomic_explore import build_graph
        >>> from nomic_explore.duplicates import collect_evidence
        >>> vectors = np.array([[1.0, 0.0], [1.0, 0.0], [0.6, 0.8]])
        >>> graph = build_graph(vectors)
        >>> round(measure_background(collect_evidence(["a cat", "A cat!", "a dog"], vectors, graph), graph).similarity_at(1), 2)
        0.6
    """
    n_rows = len(evidence.document)
    check_same_rows(n_rows, graph=len(graph), blocks=n_rows if blocks is None else len(blocks))
    block = np.zeros(n_rows, dtype=np.int64)
    if blocks is not None:
        block = np.unique([str(value) for value in blocks], return_inverse=True)[1]
    alike = _key_lexical(evidence)
    nearest = np.full(len(evidence.lengths), -np.inf, dtype=np.float32)
    waiting = np.arange(n_rows)
    for place in range(graph.neighbors.shape[1]):
        other = graph.neighbors[waiting, place]
        waiting, other = waiting[other >= 0], other[other >= 0]
        one, two = evidence.document[waiting], evidence.document[other]
        is_unrelated = (evidence.normalized[one] != evidence.normalized[two]) & (block[waiting] == block[other])
        is_unrelated &= ~_holds(alike, _key(one, two))
        found = waiting[is_unrelated]
        np.maximum.at(nearest, one[is_unrelated], graph.similarities[found, place])
        waiting = waiting[~is_unrelated]
    cosines = nearest[np.isfinite(nearest)]
    if not len(cosines):
        return Background(np.full(len(SHARES), np.nan, dtype=np.float32), 0)
    levels = np.quantile(cosines.astype(np.float64), SHARES)
    return Background(levels.astype(np.float32), len(cosines))


def auto_threshold(background: Background, default: float | None = 0.9) -> float:
    """Returns the cosine from which meaning alone flags a row for review, suited to this corpus: the threshold "auto".

    It is the model's default, raised until about 0.1 % of the unrelated neighbors lie above it, or 20 of them where that is
    more: in a corpus of short questions to one bank (banking77, MiniLM) 35 % of the documents have one at 0.9. It is never
    lowered: of abstracts, the pairs between that quantile (0.86) and the default were siblings, not duplicates. Where many
    documents are rewordings of others they are taken for background and the threshold comes out high: 0.983 of those
    questions, where 2.6 % of them are flagged, most of them because they share words too. Then label some pairs and
    use `calibrate`.

    Args:
        background: of the corpus.
        default: of the model, `find_model(name).duplicate_similarity`; None where it was not measured: the quantile alone.

    Returns:
        A cosine from 0.80, below which no evidence is kept, to 1, rounded up to three digits.

    Raises:
        ValueError: the default does not lie between 0 and 1.

    Example:
        >>> auto_threshold(Background(0.5 + 0.45 * SHARES, n=40_000), default=0.9)
        0.95
    """
    if default is None:
        default = MIN_SIMILARITY if background.n else _UNMEASURED
    least = max(check_fraction(default, "default"), MIN_SIMILARITY)
    share = 1 - max(MAX_ABOVE, N_ABOVE / max(background.n, 1))
    if share <= 0:
        return least
    raised = math.ceil(1_000 * background.similarity_at(share) - 1e-3) / 1_000  # float32 is a little off
    return max(least, min(1.0, raised))


def _key_lexical(evidence: Evidence) -> np.ndarray:
    """Returns the sorted keys (m,) int64 of the pairs of documents that share much of their text."""
    pairs = evidence.pairs
    is_alike = np.maximum(pairs.containment_first, pairs.containment_second) >= MIN_OVERLAP
    return np.sort(_key(pairs.first[is_alike], pairs.second[is_alike]))


def _key(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """Returns one int64 for each pair, whichever comes first."""
    return np.minimum(one, two).astype(np.int64) << 32 | np.maximum(one, two).astype(np.int64)


def _holds(keys: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Returns (m,) bool: which of the asked are among the sorted keys."""
    if not len(keys):
        return np.zeros(len(asked), dtype=bool)
    return keys[np.minimum(np.searchsorted(keys, asked), len(keys) - 1)] == asked
