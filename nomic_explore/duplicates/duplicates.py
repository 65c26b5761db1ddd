"""Decisions: a threshold and a keeper policy make of the evidence what is kept, dropped or to be looked at, and why."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from nomic_explore.checks import check_fraction, check_positive, check_rows
from nomic_explore.duplicates.evidence import Evidence, collect_evidence
from nomic_explore.duplicates.grades import DROPPING, KINDS
from nomic_explore.duplicates.greedy import group_linked
from nomic_explore.duplicates.keepers import check_scores, rank_once
from nomic_explore.duplicates.matches import KIND_NAMES, find_matches, link_documents, without_distant
from nomic_explore.duplicates.pairs import MIN_SIMILARITY
from nomic_explore.duplicates.policies import Keep, score_rows
from nomic_explore.duplicates.roles import DROP, ROLES, UNIQUE, bring_back, tell_rows
from nomic_explore.duplicates.targets import reach_target
from nomic_explore.duplicates.verdicts import Verdicts, rule
from nomic_explore.graph import NeighborGraph

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from nomic_explore.duplicates.calibration import Calibration


@dataclass(frozen=True)
class Duplicates:
    """Which rows are copies of which, decided at one threshold; `at()` decides again.

    Attributes:
        role_codes: (n,) int8: places in ROLES; `roles` has the words.
        partners: (n,) int32: the row that a row goes for, or may be a copy of; the row itself where there is none. A kept row
            may have one, too: its own copies go for it, and it is near another.
        kind_codes: (n,) int8: how, places in KIND_NAMES; `kinds` has the words.
        similarities: (n,) float32: cosine to the partner, 1 for exact and normalised copies; NaN where there is none.
        evidence: what was decided from.
        rows: (m,) int64: the row numbers the evidence speaks of.
        min_similarity: the cosine from which meaning alone asks for a look, or drops.
        drop_kinds: the kinds of evidence that drop a row; others ask for a look.
        keep: the policy, or (n,) scores.
        verdicts: what people decided.
        table: the n rows with their columns, for policies that look at them.
    """

    role_codes: np.ndarray
    partners: np.ndarray
    kind_codes: np.ndarray
    similarities: np.ndarray
    evidence: Evidence
    rows: np.ndarray
    min_similarity: float
    drop_kinds: tuple[str, ...]
    keep: Keep
    verdicts: Verdicts = field(default_factory=Verdicts)
    table: "pa.Table | None" = None

    def __len__(self) -> int:
        return len(self.partners)

    @cached_property
    def groups(self) -> np.ndarray:
        """(n,) int32: rows joined by what was dropped or is to be reviewed, largest group first, ties by text; -1 alone."""
        order = np.zeros(len(self), dtype=np.int64)
        order[self.rows] = self.evidence.document
        return group_linked(self.partners, order)

    @property
    def n_groups(self) -> int:
        """How many groups there are."""
        rows = np.arange(len(self), dtype=self.partners.dtype)
        is_root = np.zeros(len(self), dtype=bool)
        is_root[self.partners[self.partners != rows]] = True
        return int((is_root & (self.partners == rows)).sum())

    @cached_property
    def roles(self) -> np.ndarray:
        """(n,) "unique", "keep", "drop" (a copy of a kept row) or "review" (stays, but may be a copy of another)."""
        return np.array(ROLES)[self.role_codes]

    @cached_property
    def kinds(self) -> np.ndarray:
        """(n,) "exact", "normalised", "lexical", "semantic", "verdict" or "": how a row resembles its partner."""
        return np.array(KIND_NAMES)[self.kind_codes]

    @cached_property
    def keepers(self) -> np.ndarray:
        """(n,) int32: the kept row that a dropped row goes for; the row itself if it stays."""
        rows = np.arange(len(self.partners), dtype=np.int32)
        return np.where(self.role_codes == DROP, self.partners, rows).astype(np.int32)

    def at(
        self,
        min_similarity: float | None = None,
        *,
        kinds: Collection[str] | None = None,
        keep: Keep | None = None,
        protect: Any = None,
        keep_n: int | None = None,
        keep_fraction: float | None = None,
    ) -> "Duplicates":
        """Returns the decisions at another threshold, policy or size, from the same evidence and verdicts.

        The threshold says from where meaning alone asks for a look; it only drops if "semantic" is among the kinds. A stricter
        one matches fewer rows. Now and then it drops one that a looser one kept: where its keeper, no longer a copy of a better
        row itself, has come back.

        Args:
            min_similarity: cosine, 0.80 to 1; None leaves it.
            kinds: the evidence that drops a row, some of "exact", "normalised", "lexical", "semantic"; the rest asks for a
                look. None leaves it.
            keep: which of several copies stays: see `find_duplicates`, and by columns "newest:COLUMN", "oldest:COLUMN",
                "highest:COLUMN", "lowest:COLUMN", "most_complete", "source:COLUMN=A,B", or a function that takes the rows
                as a DataFrame and returns (n,) scores. None leaves it.
            protect: rows that are never dropped: row numbers or a mask.
            keep_n: drop just as many, the surest copies first, as leave so many rows with text. What is flagged (numbers or
                names differ ...) is never dropped.
            keep_fraction: the same as a share of the rows with text, 0 to 1.

        Raises:
            ValueError: the threshold lies below 0.80, a kind or policy is unknown, the scores do not fit, or there is not
                enough evidence for so few rows.
        """
        policy = self.keep if keep is None else keep
        worth = score_rows(policy, self.table)
        if not isinstance(worth, str):
            worth = check_scores(worth, len(self), self.rows)[self.rows]
        verdicts = self.verdicts.among(self.rows, len(self))
        if protect is not None:
            place_of = np.full(len(self), -1, dtype=np.int64)
            place_of[self.rows] = np.arange(len(self.rows))
            places = place_of[check_rows(protect, len(self))]
            verdicts = verdicts.protecting(places[places >= 0])
        if keep_fraction is not None:
            if keep_n is not None:
                raise ValueError("keep_n and keep_fraction are both given; expected one of them.")
            keep_n = max(1, round(check_fraction(keep_fraction, "keep_fraction") * len(self.rows)))
        found = decide(
            self.evidence,
            min_similarity=self.min_similarity if min_similarity is None else min_similarity,
            kinds=self.drop_kinds if kinds is None else kinds,
            keep=worth,
            verdicts=verdicts,
            keep_n=keep_n,
        )
        placed = found.place(self.rows, len(self))
        return replace(placed, keep=policy, table=self.table, verdicts=verdicts.at_rows(self.rows))

    def judged(self, verdicts: Verdicts) -> "Duplicates":
        """Returns the decisions under other verdicts."""
        return replace(self, verdicts=verdicts).at()

    def calibrate(self, pairs: Any) -> "Calibration":
        """Returns precision and recall at every cosine, from pairs that somebody labelled.

        Args:
            pairs: a DataFrame with columns row, other and is_duplicate, or such triples.

        Raises:
            ValueError: there are no pairs, a column is missing, or row and other are not two different rows.

        Example:
            `found.calibrate(labelled).threshold(precision=0.98)`
        """
        from nomic_explore.duplicates.calibration import calibrate
        from nomic_explore.duplicates.labels import label_pairs

        return calibrate(label_pairs(self, pairs))

    def place(self, rows: np.ndarray, n_rows: int) -> "Duplicates":
        """Returns the decisions for `n_rows` rows of which only `rows` (m,) were looked at; the others are unique."""
        placed = np.asarray(rows, dtype=np.int64)
        if len(placed) == n_rows and np.array_equal(placed, np.arange(n_rows)):
            return self

        def spread(values: np.ndarray, missing: Any) -> np.ndarray:
            filled = np.full(n_rows, missing, dtype=values.dtype)
            filled[placed] = values
            return filled

        partners = np.arange(n_rows, dtype=np.int32)
        partners[placed] = placed[self.partners]
        return replace(
            self,
            role_codes=spread(self.role_codes, UNIQUE),
            partners=partners,
            kind_codes=spread(self.kind_codes, 0),
            similarities=spread(self.similarities, np.nan),
            rows=placed[self.rows],
            keep=spread(self.keep.astype(np.float64), np.nan) if isinstance(self.keep, np.ndarray) else self.keep,
            verdicts=self.verdicts.at_rows(placed),
        )

    @cached_property
    def pairs(self) -> "pd.DataFrame":
        """All evidence, whatever the threshold: row, other, kind, how alike they are on each channel, and the flags."""
        from nomic_explore.duplicates.tables import tell_pairs

        return tell_pairs(self)

    def frame(self) -> "pd.DataFrame":
        """Returns one row per group: group, keeper (its first kept row), size, n_drop, n_review, and how it holds together.

        That is `min_similarity` and `weakest_kind` of its weakest link, `diameter` (most links between two members, where
        equal texts are one), and `is_chain`: a member is linked to the keeper only through others.
        """
        from nomic_explore.duplicates.tables import tell_groups

        return tell_groups(self)


def find_duplicates(
    texts: Sequence[str],
    vectors: np.ndarray,
    graph: NeighborGraph,
    *,
    min_similarity: float = 0.9,
    kinds: Collection[str] = DROPPING,
    keep: str | np.ndarray = "longest",
    columns: Mapping[str, Sequence[str | None]] | None = None,
    blocks: Sequence[Any] | None = None,
) -> Duplicates:
    """Returns the copies among texts: equal, equal but for case, space and punctuation, or nearly the same letters.

    Every dropped row names a kept row that it matches directly and that is worth at least as much by the policy; no two kept
    rows match. Texts whose numbers, names, negations or words for their subject differ, or of which each has a passage of its
    own, are never dropped for one another but marked for review, as are those that share less, or only their meaning. The order of the rows decides
    nothing but which of several identical rows is kept: the first.

    Args:
        texts: n strings.
        vectors: (n, d).
        graph: of the same rows, from `build_graph`.
        min_similarity: cosine from which meaning alone asks for a look, 0.80 to 1.
        kinds: the evidence that drops a row; "semantic" is not among it unless you say so.
        keep: which of several rows stays: "longest" (within 5 % the one with the most copies), "shortest", "most_central"
            (nearest to its neighbors on average), "first", or (n,) scores of which the highest stays, such as dates. Of equals
            the one with the most copies stays, then the longest, then one that is not all in capitals.
        columns: parts that the texts are made of, n strings each, such as title and body: rows in which one of them differs
            wholly are never dropped for one another.
        blocks: (n,) values; only rows of equal ones are compared.

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
    return decide(evidence, min_similarity=min_similarity, kinds=kinds, keep=keep)


def decide(
    evidence: Evidence,
    *,
    min_similarity: float = 0.9,
    kinds: Collection[str] = DROPPING,
    keep: str | np.ndarray = "longest",
    verdicts: Verdicts | None = None,
    keep_n: int | None = None,
) -> Duplicates:
    """Returns the decisions: documents are visited from the most worth keeping on, and each kept one drops what it matches.

    Raises:
        ValueError: the threshold lies below the floor of the evidence, a kind or the policy is unknown, or the scores do not
            fit.
    """
    _check(min_similarity, kinds)
    said = verdicts or Verdicts()
    rulings = rule(said, evidence.document, len(evidence.lengths))
    stand_in, rank = rank_once(evidence, keep, rulings, is_plain=not said)
    back = np.zeros(len(rank), dtype=bool)
    if keep_n is None:
        links = link_documents(find_matches(evidence, min_similarity, kinds, rulings.apart), rank, rulings)
    else:
        matches = find_matches(evidence, MIN_SIMILARITY, kinds, rulings.apart, is_sorted=True)
        kept_rows = np.flatnonzero(rulings.is_row_kept)
        n_more = len(kept_rows) - len(np.unique(evidence.document[kept_rows]))  # copies of one text that people keep
        wanted = check_positive(keep_n, "keep_n") - n_more
        links, back = reach_target(
            matches, lambda graded: link_documents(graded, rank, rulings), evidence.document, wanted
        )
        links = without_distant(links, min_similarity)
    roles, partners, how, near = tell_rows(evidence, rulings, stand_in, links, back, "exact" in kinds)
    if keep_n is not None:
        bring_back(roles, how, evidence.document, keep_n)
    return Duplicates(
        role_codes=roles,
        partners=partners,
        kind_codes=how,
        similarities=near,
        evidence=evidence,
        rows=np.arange(len(evidence.document)),
        min_similarity=float(min_similarity),
        drop_kinds=tuple(kind for kind in KINDS if kind in kinds),
        keep=keep,
        verdicts=said,
    )


def _check(min_similarity: float, kinds: Collection[str]) -> None:
    check_fraction(min_similarity, "min_similarity")
    if min_similarity < MIN_SIMILARITY:
        raise ValueError(
            f"min_similarity={min_similarity}; expected at least {MIN_SIMILARITY}: pairs below were not kept."
        )
    unknown = [kind for kind in kinds if kind not in KINDS] if not isinstance(kinds, str) else [kinds]
    if unknown:
        raise ValueError(f"kinds={kinds!r}; expected some of {', '.join(map(repr, KINDS))}.")
