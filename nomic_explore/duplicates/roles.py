"""Roles: what becomes of each row, given what becomes of its text."""

import numpy as np

from nomic_explore.duplicates.deciding import EXACT, Links
from nomic_explore.duplicates.evidence import Evidence
from nomic_explore.duplicates.verdicts import Rulings

UNIQUE, KEEP, DROP, REVIEW = range(4)
ROLES = ("unique", "keep", "drop", "review")  # by code


def tell_rows(
    evidence: Evidence, rulings: Rulings, stand_in: np.ndarray, links: Links, back: np.ndarray, drops_exact: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Returns (n,) the role of each row, the row it resembles, how, and the cosine; a row that resembles none has KEEP."""
    document = evidence.document
    n_rows = len(document)
    is_told = (links.partner >= 0)[document]
    is_told[evidence.repeated] = True
    rows = np.flatnonzero(is_told)
    of_row = document[rows]
    is_gone = (links.dropped & ~back)[of_row]
    is_repeat = ~is_gone & (stand_in[of_row] != rows)  # another row holds the same text and stands for it
    is_linked = (links.partner[of_row] >= 0) & ~is_repeat
    other = np.where(is_linked, stand_in[links.partner[of_row]], np.where(is_repeat, stand_in[of_row], rows))
    is_kept = rulings.is_row_kept[rows]
    goes = is_gone | (is_repeat & ~is_kept & drops_exact)
    # A row that others were dropped for says "keep", though it may be near another itself.
    has_copies = np.zeros(n_rows, dtype=bool)
    has_copies[other[goes]] = True
    is_review = ((is_linked & ~is_gone & ~has_copies[rows]) | (is_repeat & ~goes)) & ~is_kept
    speaks = is_linked | is_repeat
    roles, how = np.full(n_rows, KEEP, dtype=np.int8), np.zeros(n_rows, dtype=np.int8)
    partners, near = np.arange(n_rows, dtype=np.int32), np.full(n_rows, np.nan, dtype=np.float32)
    roles[rows] = np.where(goes, DROP, np.where(is_review, REVIEW, KEEP))
    partners[rows[speaks]] = other[speaks]
    how[rows[speaks]] = np.where(is_repeat, EXACT, links.kinds[of_row])[speaks]
    near[rows[speaks]] = np.where(is_repeat, np.float32(1.0), links.similarities[of_row])[speaks]
    return roles, partners, how, near


def bring_back(roles: np.ndarray, how: np.ndarray, document: np.ndarray, keep_n: int) -> None:
    """Lets so many equal copies stay as a target asks for, those of the last texts first."""
    n_missing = keep_n - int((roles != DROP).sum())
    repeats = np.flatnonzero((roles == DROP) & (how == EXACT))
    if n_missing > 0:
        roles[repeats[np.lexsort((-repeats, -document[repeats]))][:n_missing]] = REVIEW
