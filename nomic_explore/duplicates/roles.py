"""Roles: what becomes of each row, given what becomes of its text."""

import numpy as np

from nomic_explore.duplicates.deciding import EXACT, Links
from nomic_explore.duplicates.verdicts import Rulings

UNIQUE, KEEP, DROP, REVIEW = range(4)
ROLES = ("unique", "keep", "drop", "review")  # by code


def tell_rows(
    document: np.ndarray, rulings: Rulings, stand_in: np.ndarray, links: Links, back: np.ndarray, drops_exact: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Returns (n,) the role of each row, the row it resembles, how, and the cosine."""
    rows = np.arange(len(document))
    is_gone = (links.dropped & ~back)[document]
    is_repeat = ~is_gone & (stand_in[document] != rows)  # another row holds the same text and stands for it
    is_linked = (links.partner >= 0)[document] & ~is_repeat
    partners = np.where(is_linked, stand_in[links.partner][document], np.where(is_repeat, stand_in[document], rows))
    goes = is_gone | (is_repeat & ~rulings.is_row_kept & drops_exact)
    # A row that others were dropped for says "keep", though it may be near another itself.
    has_copies = np.bincount(partners[goes], minlength=len(rows)) > 0
    is_review = ((is_linked & ~is_gone & ~has_copies) | (is_repeat & ~goes)) & ~rulings.is_row_kept
    roles = np.where(goes, DROP, np.where(is_review, REVIEW, KEEP)).astype(np.int8)
    is_told = goes | is_review | is_repeat
    how = np.where(is_repeat, EXACT, np.where(is_told, links.kinds[document], 0)).astype(np.int8)
    missing = np.float32(np.nan)
    near = np.where(is_repeat, np.float32(1.0), np.where(is_told, links.similarities[document], missing))
    return roles, np.where(is_told, partners, rows), how, near


def bring_back(roles: np.ndarray, how: np.ndarray, document: np.ndarray, keep_n: int) -> None:
    """Lets so many equal copies stay as a target asks for, those of the last texts first."""
    n_missing = keep_n - int((roles != DROP).sum())
    repeats = np.flatnonzero((roles == DROP) & (how == EXACT))
    if n_missing > 0:
        roles[repeats[np.lexsort((-repeats, -document[repeats]))][:n_missing]] = REVIEW
