"""Roles: what becomes of each row, given what was decided for its text."""

import numpy as np

from nomic_explore.duplicates.evidence import Evidence
from nomic_explore.duplicates.links import Links
from nomic_explore.duplicates.matches import EXACT
from nomic_explore.duplicates.verdicts import ResolvedVerdicts

UNIQUE, KEEP, DROP, REVIEW = range(4)
ROLES = ("unique", "keep", "drop", "review")  # by code
_KEEP, _DROP, _REVIEW = np.int8(KEEP), np.int8(DROP), np.int8(REVIEW)


def assign_roles(
    evidence: Evidence,
    resolved: ResolvedVerdicts,
    representative: np.ndarray,
    links: Links,
    restored: np.ndarray,
    *,
    drops_exact: bool,
    keep_n: int | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Returns (n,) the role of each row, its match, the kind of the match, and the cosine.

    Each row takes what was decided for its document; rows that share their text with others are then corrected.

    Args:
        evidence: of n rows and d documents.
        resolved: what people decided.
        representative: (d,) the row that represents each document.
        links: of the documents.
        restored: (d,) bool: documents that stay after all.
        drops_exact: whether rows with equal texts are dropped, or flagged for review.
        keep_n: rows that are to be left; as many rows with equal texts stay as are missing.
    """
    document, repeated = evidence.document, evidence.repeated
    is_dropped, is_linked = links.dropped & ~restored, links.match >= 0
    repeats = repeated[representative[document[repeated]] != repeated]
    repeats = repeats[~is_dropped[document[repeats]]]  # another row with the same text stays and represents it
    drops = ~resolved.is_row_kept[repeats] & drops_exact
    has_duplicates = np.zeros(len(is_dropped), dtype=bool)
    has_duplicates[links.match[is_dropped]] = True
    has_duplicates[document[repeats[drops]]] = True
    # A row for which others were dropped has the role "keep", though it may itself be similar to another.
    of_document = np.where(is_dropped, _DROP, np.where(is_linked & ~has_duplicates, _REVIEW, _KEEP))
    role_codes = of_document[document]
    matches = np.where(is_linked, representative[links.match], representative)[document]
    kind_codes, similarities = links.kinds[document], links.similarities[document]
    role_codes[repeats] = np.where(drops, _DROP, np.where(resolved.is_row_kept[repeats], _KEEP, _REVIEW))
    matches[repeats], kind_codes[repeats], similarities[repeats] = representative[document[repeats]], EXACT, 1.0
    role_codes[resolved.is_row_kept] = KEEP
    is_alone = matches == np.arange(len(document), dtype=matches.dtype)
    is_alone[matches[~is_alone]] = False
    role_codes[is_alone] = UNIQUE
    if keep_n is not None:
        _restore_exact(role_codes, kind_codes, document, keep_n)
    return role_codes, matches, kind_codes, similarities


def _restore_exact(role_codes: np.ndarray, kind_codes: np.ndarray, document: np.ndarray, keep_n: int) -> None:
    """Keeps as many rows with equal texts as a target still asks for, those of the last texts first."""
    n_missing = keep_n - int((role_codes != DROP).sum())
    repeats = np.flatnonzero((role_codes == DROP) & (kind_codes == EXACT))
    if n_missing > 0:
        role_codes[repeats[np.lexsort((-repeats, -document[repeats]))][:n_missing]] = REVIEW
