"""Decisions: at one threshold and by one keep policy, which rows are kept, dropped or flagged for review."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Self

import numpy as np

from nomic_explore.checks import check_fraction, check_positive
from nomic_explore.duplicates.evidence import Evidence
from nomic_explore.duplicates.greedy import drop_greedily, group_linked
from nomic_explore.duplicates.links import Links, link_documents, link_to_target
from nomic_explore.duplicates.matches import KIND_NAMES, Matches, find_matches
from nomic_explore.duplicates.pairs import DROPPING, KINDS, MIN_SIMILARITY
from nomic_explore.duplicates.policies import Keep, rank_once
from nomic_explore.duplicates.roles import DROP, ROLES, UNIQUE, assign_roles
from nomic_explore.duplicates.verdicts import Verdicts, resolve

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, eq=False, repr=False)
class Decisions:
    """What becomes of each of n rows, decided at one threshold by one keep policy.

    Attributes:
        role_codes: (n,) int8: indexes into ROLES; `roles` has the words.
        matches: (n,) int32: index of the row it duplicates, certainly or possibly; its own index if there is none. A kept row
            may have one too: others duplicate it, and it is itself similar to another.
        kind_codes: (n,) int8: the kind of the match, indexes into KIND_NAMES; `kinds` has the words.
        similarities: (n,) float32: cosine to the match, 1 for exact and normalized duplicates; NaN where there is none.
        evidence: what was decided from.
        rows: (m,) int64: the rows that the evidence is about; the others have no text.
        min_similarity: cosine from which meaning alone flags a row for review, or drops it.
        drop_kinds: the kinds of evidence that drop a row; others flag it for review.
        keep: the keep policy, or (n,) scores.
        verdicts: what people decided.
        table: the n rows with their columns, for policies that read them.
    """

    role_codes: np.ndarray
    matches: np.ndarray
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
        return len(self.matches)

    @cached_property
    def groups(self) -> np.ndarray:
        """(n,) int32: duplicate group of each row, dropped and flagged rows with what they match; largest first, -1 alone."""
        order = np.zeros(len(self), dtype=np.int64)
        order[self.rows] = self.evidence.document
        return group_linked(self.matches, order)

    @property
    def n_groups(self) -> int:
        """Number of duplicate groups."""
        rows = np.arange(len(self), dtype=self.matches.dtype)
        is_root = np.zeros(len(self), dtype=bool)
        is_root[self.matches[self.matches != rows]] = True
        return int((is_root & (self.matches == rows)).sum())

    @cached_property
    def roles(self) -> np.ndarray:
        """(n,) "unique", "keep", "drop" (duplicates a kept row) or "review" (stays, but may duplicate another row)."""
        return np.array(ROLES)[self.role_codes]

    @cached_property
    def kinds(self) -> np.ndarray:
        """(n,) "exact", "normalised", "lexical", "semantic", "verdict" or "": how a row resembles its match."""
        return np.array(KIND_NAMES)[self.kind_codes]

    @cached_property
    def keepers(self) -> np.ndarray:
        """(n,) int32: the kept row that a dropped row duplicates; its own index for a row that stays."""
        rows = np.arange(len(self.matches), dtype=np.int32)
        return np.where(self.role_codes == DROP, self.matches, rows).astype(np.int32)

    def _to_rows(self, rows: np.ndarray, n_rows: int) -> Self:
        """Returns the decisions for `n_rows` rows of which only `rows` (m,) were looked at; the others are unique."""
        at = np.asarray(rows, dtype=np.int64)
        if len(at) == n_rows and np.array_equal(at, np.arange(n_rows)):
            return self

        def fill(values: np.ndarray, missing: float) -> np.ndarray:
            filled = np.full(n_rows, missing, dtype=values.dtype)
            filled[at] = values
            return filled

        matches = np.arange(n_rows, dtype=np.int32)
        matches[at] = at[self.matches]
        return replace(
            self,
            role_codes=fill(self.role_codes, UNIQUE),
            matches=matches,
            kind_codes=fill(self.kind_codes, 0),
            similarities=fill(self.similarities, np.nan),
            rows=at[self.rows],
            keep=fill(self.keep.astype(np.float64), np.nan) if isinstance(self.keep, np.ndarray) else self.keep,
            verdicts=self.verdicts.to_rows(at),
        )


def decide(
    evidence: Evidence,
    *,
    min_similarity: float = 0.9,
    kinds: Collection[str] = DROPPING,
    keep: str | np.ndarray = "longest",
    verdicts: Verdicts | None = None,
    keep_n: int | None = None,
) -> Decisions:
    """Returns the decisions: documents are visited in the order of the keep policy, and each kept one drops what it matches.

    Args:
        evidence: of n rows.
        min_similarity: cosine from which meaning alone flags a row for review, 0.80 to 1.
        kinds: the evidence that drops a row.
        keep: "longest", "shortest", "most_central", "first", or (n,) scores of which the highest stays.
        verdicts: what people decided.
        keep_n: drop just as many rows, the most certain duplicates first, as leave so many.

    Raises:
        ValueError: the threshold lies below 0.80, a kind or the policy is unknown, the scores do not fit, or too few rows are
            duplicates to leave only `keep_n`.

    Example:
        >>> from nomic_explore.duplicates import collect_equal
        >>> decide(collect_equal(["a cat", "a dog", "a cat"])).roles.tolist()
        ['keep', 'unique', 'drop']
    """
    _check(min_similarity, kinds)
    given = verdicts or Verdicts()
    resolved = resolve(given, evidence.document, len(evidence.lengths))
    representative, rank = rank_once(evidence, keep, resolved, is_plain=not given)
    least = min_similarity if keep_n is None else MIN_SIMILARITY
    matches = find_matches(evidence, rank, least, kinds, resolved.distinct, is_sorted=keep_n is not None)

    def link(matches: Matches) -> Links:
        worse, better = matches.worse[matches.is_duplicate], matches.better[matches.is_duplicate]
        is_kept, is_gone = resolved.is_kept, resolved.duplicate_of >= 0
        dropped = drop_greedily(matches.codes, matches.alike, rank, worse, better, is_kept=is_kept, is_gone=is_gone)
        return link_documents(matches, dropped, rank, resolved)

    if keep_n is None:
        links, restored = link(matches), np.zeros(len(rank), dtype=bool)
    else:
        wanted = check_positive(keep_n, "keep_n")
        links, restored = link_to_target(matches, link, resolved, evidence.document, wanted, min_similarity)
    role_codes, match, kind_codes, similarities = assign_roles(
        evidence, resolved, representative, links, restored, drops_exact="exact" in kinds, keep_n=keep_n
    )
    return Decisions(
        role_codes=role_codes,
        matches=match,
        kind_codes=kind_codes,
        similarities=similarities,
        evidence=evidence,
        rows=np.arange(len(evidence.document)),
        min_similarity=float(min_similarity),
        drop_kinds=tuple(kind for kind in KINDS if kind in kinds),
        keep=keep,
        verdicts=given,
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
