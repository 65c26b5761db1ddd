"""`Duplicates`: which rows duplicate which, and what to do with each; `find_duplicates()`."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Self, TypedDict

import numpy as np

from nomic_explore.arrays import inverse_index
from nomic_explore.checks import Rows, check_fraction, check_rows
from nomic_explore.duplicates.decide import Decisions, decide
from nomic_explore.duplicates.describe import describe_groups, describe_pairs, draw_duplicates
from nomic_explore.duplicates.evidence import Evidence, collect_evidence
from nomic_explore.duplicates.pairs import DROPPING
from nomic_explore.duplicates.policies import Keep, check_scores, score_rows
from nomic_explore.duplicates.roles import DROP, REVIEW
from nomic_explore.duplicates.verdicts import Verdicts
from nomic_explore.graph import NeighborGraph

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from nomic_explore.duplicates.calibration import Calibration


class DecisionOptions(TypedDict, total=False):
    """How decisions are made, besides the threshold; see `Duplicates.at`."""

    kinds: Collection[str] | None
    keep: Keep | None
    protect: Rows | None
    keep_n: int | None
    keep_fraction: float | None


class Duplicates(Decisions):
    """Which rows duplicate which, decided at one threshold; `at()` decides again at another.

    The attributes are those of `Decisions`: `roles`, `matches`, `kinds`, `similarities`, `groups`, `keepers`, one value per row.

    Example:
        >>> from nomic_explore import build_graph, find_duplicates
        >>> vectors = np.eye(2)[[0, 0, 1]]
        >>> find_duplicates(["a cat", "A cat!", "a dog"], vectors, build_graph(vectors))
        Duplicates(3 rows: 1 dropped, 0 flagged for review, 1 group; min_similarity=0.9)
    """

    def __repr__(self) -> str:
        n_dropped, n_flagged = (int((self.role_codes == role).sum()) for role in (DROP, REVIEW))
        groups = "1 group" if self.n_groups == 1 else f"{self.n_groups:,} groups"
        return (
            f"Duplicates({len(self):,} rows: {n_dropped:,} dropped, {n_flagged:,} flagged for review, {groups}; "
            f"min_similarity={self.min_similarity:g})"
        )

    def _repr_html_(self) -> str:
        return draw_duplicates(self)

    @classmethod
    def from_evidence(
        cls,
        evidence: Evidence,
        *,
        min_similarity: float = 0.9,
        kinds: Collection[str] = DROPPING,
        keep: Keep = "longest",
        verdicts: Verdicts | None = None,
        protect: Rows | None = None,
        keep_n: int | None = None,
        keep_fraction: float | None = None,
        rows: np.ndarray | None = None,
        n_rows: int | None = None,
        table: "pa.Table | None" = None,
    ) -> Self:
        """Returns the decisions that follow from evidence, all settings given at once.

        Args:
            evidence: of m rows, from `collect_evidence`.
            min_similarity: as in `find_duplicates`.
            kinds: as in `find_duplicates`.
            keep: as in `at`.
            verdicts: what people decided, by row number out of `n_rows`.
            protect: as in `at`.
            keep_n: as in `at`.
            keep_fraction: as in `at`.
            rows: (m,) the row numbers that the evidence is about; None: 0 to m - 1.
            n_rows: number of rows of the result; None: m. Rows without evidence are unique.
            table: the `n_rows` rows with their columns, for keep policies that read them.

        Raises:
            ValueError: a setting is out of range or unknown, or does not fit the rows.

        Example:
            >>> from nomic_explore.duplicates import collect_equal
            >>> evidence = collect_equal(["a cat", "a cat"])
            >>> Duplicates.from_evidence(evidence, rows=np.array([0, 2]), n_rows=3).roles.tolist()
            ['keep', 'unique', 'drop']
        """
        of_rows = np.arange(len(evidence.document)) if rows is None else np.asarray(rows, dtype=np.int64)
        n = len(of_rows) if n_rows is None else n_rows
        priority = score_rows(keep, table)
        if not isinstance(priority, str):
            priority = check_scores(priority, n, of_rows)[of_rows]
        of_places = (verdicts or Verdicts()).among(of_rows, n)
        if protect is not None:
            places = inverse_index(of_rows, n)[check_rows(protect, n)]
            of_places = of_places.protecting(places[places >= 0])
        if keep_fraction is not None:
            if keep_n is not None:
                raise ValueError("keep_n and keep_fraction are both given; expected one of them.")
            keep_n = max(1, round(check_fraction(keep_fraction, "keep_fraction") * len(of_rows)))
        decided = decide(
            evidence, min_similarity=min_similarity, kinds=kinds, keep=priority, verdicts=of_places, keep_n=keep_n
        )
        return replace(
            cls(**{each.name: getattr(decided, each.name) for each in fields(Decisions)})._to_rows(of_rows, n),
            keep=keep,
            table=table,
        )

    def at(
        self,
        min_similarity: float | None = None,
        *,
        kinds: Collection[str] | None = None,
        keep: Keep | None = None,
        protect: Rows | None = None,
        keep_n: int | None = None,
        keep_fraction: float | None = None,
    ) -> "Duplicates":
        """Returns the decisions at another threshold, keep policy or size, from the same evidence and verdicts.

        The threshold is the cosine above which a semantic match is flagged for review; it only drops rows if "semantic" is
        among the kinds. A stricter one matches fewer rows. Rarely it drops a row that a looser one kept: when the row's keeper,
        no longer a duplicate of a better row, is kept again.

        Args:
            min_similarity: cosine, 0.80 to 1; None leaves it.
            kinds: the evidence that drops a row, some of "exact", "normalised", "lexical", "semantic"; the rest flags for
                review. None leaves it.
            keep: which of several duplicates is kept: see `find_duplicates`, and by columns "newest:COLUMN", "oldest:COLUMN",
                "highest:COLUMN", "lowest:COLUMN", "most_complete", "source:COLUMN=A,B", or a function that takes the rows
                as a DataFrame and returns (n,) scores. None leaves it.
            protect: rows that are never dropped: row numbers or a mask.
            keep_n: drop just as many rows, the most certain duplicates first, as leave so many rows with text. Pairs with a
                flag (numbers or names differ ...) are never dropped.
            keep_fraction: the same as a fraction of the rows with text, 0 to 1.

        Raises:
            ValueError: the threshold lies below 0.80, a kind or policy is unknown, the scores do not fit, or there is not
                enough evidence for so few rows.

        Example:
            >>> from nomic_explore import build_graph, find_duplicates
            >>> vectors = np.eye(2)[[0, 0, 1]]
            >>> duplicates = find_duplicates(["a cat", "A cat!", "a dog"], vectors, build_graph(vectors))
            >>> duplicates.at(keep="first", kinds=["exact"]).roles.tolist()
            ['keep', 'review', 'unique']
        """
        return self.from_evidence(
            self.evidence,
            min_similarity=self.min_similarity if min_similarity is None else min_similarity,
            kinds=self.drop_kinds if kinds is None else kinds,
            keep=self.keep if keep is None else keep,
            verdicts=self.verdicts,
            protect=protect,
            keep_n=keep_n,
            keep_fraction=keep_fraction,
            rows=self.rows,
            n_rows=len(self),
            table=self.table,
        )

    def calibrate(self, pairs: "pd.DataFrame | Iterable[tuple[int, int, bool]]") -> "Calibration":
        """Returns precision and recall at every threshold, measured on labeled pairs.

        Args:
            pairs: a DataFrame with columns row, other and is_duplicate, or such triples.

        Raises:
            ValueError: there are no pairs, a column is missing, or row and other are not two different rows.

        Example:
            >>> from nomic_explore import build_graph, find_duplicates
            >>> vectors = np.eye(2)[[0, 0, 1]]
            >>> duplicates = find_duplicates(["a cat", "A cat!", "a dog"], vectors, build_graph(vectors))
            >>> duplicates.calibrate([(0, 1, True), (0, 2, False)]).threshold(precision=0.98)
            1.0
        """
        from nomic_explore.duplicates.calibration import calibrate, label_pairs

        return calibrate(label_pairs(self, pairs))

    @cached_property
    def pairs(self) -> "pd.DataFrame":
        """All scored pairs, whatever the threshold: row, other, kind, similarity, overlap, containment and flags."""
        return describe_pairs(self)

    def to_pandas(self) -> "pd.DataFrame":
        """Returns one row per duplicate group: group, keeper (its first kept row), size, n_drop, n_review, and its cohesion.

        `min_similarity` and `weakest_kind` are those of the weakest link, `diameter` is the largest number of links between two
        members (equal texts count as one), and `is_chain` says that a member is linked to the keeper only through others.

        Example:
            >>> from nomic_explore import build_graph, find_duplicates
            >>> vectors = np.eye(2)[[0, 0, 1]]
            >>> duplicates = find_duplicates(["a cat", "A cat!", "a dog"], vectors, build_graph(vectors))
            >>> duplicates.to_pandas()[["keeper", "size", "n_drop"]].values.tolist()
            [[1, 2, 1]]
        """
        return describe_groups(self)


def find_duplicates(
    texts: Sequence[str],
    vectors: object,
    graph: NeighborGraph,
    *,
    min_similarity: float = 0.9,
    kinds: Collection[str] = DROPPING,
    keep: str | np.ndarray = "longest",
    columns: Mapping[str, Sequence[str | None]] | None = None,
    blocks: Sequence[object] | None = None,
) -> Duplicates:
    """Returns the duplicates among texts: equal, equal but for case, space and punctuation, or nearly the same wording.

    Every dropped row points to a kept row that matches it directly and ranks at least as high under the keep policy; no two
    kept rows match. Texts whose numbers, names, negations or subject words differ, or that each have an unmatched passage, are
    never dropped for one another but flagged for review, as are texts that differ in a small sign, such as a superscript, an
    emoji, a unit or a question mark, in the order of their words, that share less, or only their meaning. The order of the rows
    decides only which of several identical rows is kept: the first.

    Args:
        texts: n strings.
        vectors: (n, d), of any kind that `build_graph` reads.
        graph: of the same rows, from `build_graph`.
        min_similarity: cosine from which meaning alone flags a row for review, 0.80 to 1.
        kinds: the evidence that drops a row; "semantic" is not among it unless you say so.
        keep: which of several duplicates is kept: "longest" (within 5 % the one with the most duplicates), "shortest",
            "most_central" (nearest to its neighbors on average), "first", or (n,) scores of which the highest is kept, such as
            dates. Ties go to the row with the most duplicates, then the longest, then one that is not all in capitals.
        columns: the columns that the texts are made of, n strings each, such as title and body: rows that differ entirely in
            one of them are never dropped for one another.
        blocks: (n,) values; only rows with equal values are compared.

    Raises:
        TypeError: a text is not a string.
        ValueError: the arguments do not fit together, the threshold lies below 0.80, or the policy is unknown.

    Example:
        >>> from nomic_explore import build_graph
        >>> vectors = np.eye(2)[[0, 0, 1]]
        >>> find_duplicates(["a cat", "A cat!", "a dog"], vectors, build_graph(vectors)).roles.tolist()
        ['drop', 'keep', 'unique']
    """
    evidence = collect_evidence(texts, vectors, graph, columns=columns, blocks=blocks)
    decided = decide(evidence, min_similarity=min_similarity, kinds=kinds, keep=score_rows(keep, None))
    return Duplicates(**{each.name: getattr(decided, each.name) for each in fields(Decisions)})
