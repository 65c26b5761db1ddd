"""Reasons: why a row is, or may be, a copy of another, in plain sentences."""

from typing import TYPE_CHECKING

import numpy as np

from nomic_explore.duplicates.matches import EXACT, LEXICAL, NORMALISED, SEMANTIC
from nomic_explore.duplicates.pairs import Pairs

if TYPE_CHECKING:
    from nomic_explore.duplicates.duplicates import Duplicates

FLAGS = {
    "numbers_differ": "numbers differ",
    "names_differ": "names differ",
    "words_differ": "words differ",
    "negation_differs": "negation differs",
    "passages_differ": "passages differ",
    "languages_differ": "languages differ",
    "columns_differ": "columns differ",
}


def tell_reasons(found: "Duplicates", rows: np.ndarray) -> list[str]:
    """Returns for each of some rows (m,) a sentence about it and the row it resembles; "" where it resembles none."""
    judged = set(found.verdicts.drop[:, 0].tolist())
    places = find_places(found, rows)
    reasons = []
    for row, place in zip(rows.tolist(), places.tolist(), strict=True):
        reason = _tell_reason(found, row, place)
        reasons.append(f"{reason}; somebody judged so" if reason and row in judged else reason)
    return reasons


def tell_flags(pairs: Pairs, places: np.ndarray) -> list[str]:
    """Returns for each place (m,) what the two texts of the pair differ in, joined by commas; "" where it is -1."""
    told: list[list[str]] = [[] for _ in places]
    for name, words in FLAGS.items():
        values = getattr(pairs, name)
        for at in np.flatnonzero(places >= 0).tolist():
            if values[places[at]]:
                told[at].append(words)
    return [", ".join(words) for words in told]


def find_places(found: "Duplicates", rows: np.ndarray) -> np.ndarray:
    """Returns (m,) where the pair of each row and its partner stands in the evidence; -1 where no pair is stored."""
    evidence = found.evidence
    document = np.full(len(found.partners), -1, dtype=np.int64)
    document[found.rows] = evidence.document
    return find_pairs(evidence.pairs, document[rows], document[found.partners[rows]])


def find_pairs(pairs: Pairs, one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """Returns (m,) where the pairs of documents (m,) and (m,) stand, -1 where they do not; -1 for a document is none."""
    if not len(pairs):
        return np.full(len(one), -1, dtype=np.int64)
    keys = pairs.first.astype(np.int64) << 32 | pairs.second
    asked = np.minimum(one, two).astype(np.int64) << 32 | np.maximum(one, two)
    at = np.minimum(np.searchsorted(keys, asked), len(keys) - 1)
    return np.where(keys[at] == asked, at, -1)


def _tell_reason(found: "Duplicates", row: int, place: int) -> str:
    partner, kind = int(found.partners[row]), int(found.kind_codes[row])
    if kind == EXACT:
        return f"the same text as row {partner}"
    if kind == NORMALISED:
        return f"equal to row {partner} but for case, space and punctuation"
    if kind == LEXICAL and place >= 0:
        held, held_by = _tell_shares(found, row, place)
        return f"{held} of its text stands in row {partner}, {held_by} of row {partner}'s text in it"
    if kind == SEMANTIC:
        return f"means nearly the same as row {partner} (cosine {found.similarities[row]:.3f})"
    return f"goes for row {partner}" if kind else ""


def _tell_shares(found: "Duplicates", row: int, place: int) -> tuple[str, str]:
    """Returns how much of a row's text its partner holds, and the other way round; never rounded up to all of it."""
    pairs, place_of_row = found.evidence.pairs, int(np.searchsorted(found.rows, row))
    shares = [float(pairs.held_first[place]), float(pairs.held_second[place])]
    if int(found.evidence.document[place_of_row]) == int(pairs.second[place]):
        shares.reverse()
    held, held_by = ("all" if share >= 1 else f"{int(100 * share + 1e-4)} %" for share in shares)
    return held, held_by
