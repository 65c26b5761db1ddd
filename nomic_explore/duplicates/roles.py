"""Roles: what becomes of each row, given what becomes of its text."""

import numpy as np

from nomic_explore.duplicates.evidence import Evidence
from nomic_explore.duplicates.matches import EXACT, Links
from nomic_explore.duplicates.verdicts import Rulings

UNIQUE, KEEP, DROP, REVIEW = range(4)
ROLES = ("unique", "keep", "drop", "review")  # by code
_KEEP, _DROP, _REVIEW = np.int8(KEEP), np.int8(DROP), np.int8(REVIEW)


def tell_rows(
    evidence: Evidence, rulings: Rulings, stand_in: np.ndarray, links: Links, back: np.ndarray, drops_exact: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Returns (n,) the role of each row, the row it resembles, how, and the cosine.

    It is told of documents first; then rows that share their text with others, of which one stands for it, are mended.
    """
    document, repeated = evidence.document, evidence.repeated
    is_gone, is_linked = links.dropped & ~back, links.partner >= 0
    repeats = repeated[stand_in[document[repeated]] != repeated]
    repeats = repeats[~is_gone[document[repeats]]]  # another row holds the same text, stays, and stands for it
    goes = ~rulings.is_row_kept[repeats] & drops_exact
    has_copies = np.zeros(len(is_gone), dtype=bool)
    has_copies[links.partner[is_gone]] = True
    has_copies[document[repeats[goes]]] = True
    # One that others were dropped for says "keep", though it may be near another itself.
    roles = np.where(is_gone, _DROP, np.where(is_linked & ~has_copies, _REVIEW, _KEEP))[document]
    partners = np.where(is_linked, stand_in[links.partner], stand_in)[document]
    how, near = links.kinds[document], links.similarities[document]
    roles[repeats] = np.where(goes, _DROP, np.where(rulings.is_row_kept[repeats], _KEEP, _REVIEW))
    partners[repeats], how[repeats], near[repeats] = stand_in[document[repeats]], EXACT, 1.0
    roles[rulings.is_row_kept] = KEEP
    is_alone = partners == np.arange(len(document), dtype=partners.dtype)
    is_alone[partners[~is_alone]] = False
    roles[is_alone] = UNIQUE
    return roles, partners, how, near


def bring_back(roles: np.ndarray, how: np.ndarray, document: np.ndarray, keep_n: int) -> None:
    """Lets so many equal copies stay as a target asks for, those of the last texts first."""
    n_missing = keep_n - int((roles != DROP).sum())
    repeats = np.flatnonzero((roles == DROP) & (how == EXACT))
    if n_missing > 0:
        roles[repeats[np.lexsort((-repeats, -document[repeats]))][:n_missing]] = REVIEW
