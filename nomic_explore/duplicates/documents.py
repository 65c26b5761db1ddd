"""Documents: the distinct texts of rows, and which of them are equal but for case, spaces and punctuation, or for signs."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, pairwise

import numpy as np

from nomic_explore.duplicates.flags import list_numbers
from nomic_explore.duplicates.normalize import normalize, strip_symbols
from nomic_explore.duplicates.signs import group_by_signs

_MAX_ALIKE = 32  # documents that are equal but for signs and are all compared with one another


@dataclass(frozen=True)
class Documents:
    """The d distinct texts of n rows, in sorted order; in two blocks the same text is two documents.

    Attributes:
        of_rows: (n,) int32: the document of each row.
        rows: (d,) int64: the first row of each document.
        texts: d strings.
        normalized: d strings.
        blocks: (d,) int64 codes.
    """

    of_rows: np.ndarray
    rows: np.ndarray
    texts: list[str]
    normalized: list[str]
    blocks: np.ndarray

    @cached_property
    def stripped(self) -> list[str]:
        """The normalized texts without symbols."""
        return [strip_symbols(text) for text in self.normalized]


def find_documents(texts: list[str], blocks: Sequence[object] | None) -> Documents:
    """Returns the distinct texts of n rows; `blocks` (n,) are values, and in two of them the same text is two documents."""
    block_names = [""] * len(texts) if blocks is None else [str(value) for value in blocks]
    first: dict[tuple[str, str], int] = {}
    for row, key in enumerate(zip(texts, block_names, strict=True)):
        first.setdefault(key, row)
    number_of = {key: number for number, key in enumerate(sorted(first))}
    code_of = {name: code for code, name in enumerate(sorted(set(block_names)))}
    return Documents(
        of_rows=np.array([number_of[key] for key in zip(texts, block_names, strict=True)], dtype=np.int32),
        rows=np.array([first[key] for key in number_of], dtype=np.int64),
        texts=[text for text, _ in number_of],
        normalized=[normalize(text) for text, _ in number_of],
        blocks=np.array([code_of[name] for _, name in number_of], dtype=np.int64),
    )


def code_normalized(documents: Documents) -> np.ndarray:
    """Returns (d,) codes: equal where normalized texts are equal, not empty, in one block, and contain the same numbers and signs."""
    codes = np.arange(len(documents.texts), dtype=np.int32)
    for numbers in _find_sharing(documents.normalized, documents.blocks):
        # Without its punctuation "1.5" is "15" and "-5" is "5", and in lower case "5 MW" is "5 mW".
        leaders = group_by_signs([documents.texts[number] for number in numbers], list_numbers)
        codes[numbers] = [numbers[leader] for leader in leaders]
    return codes


def pair_alike(documents: Documents, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns pairs of documents (m,) and (m,) that are equal but for signs or numbers, so that none of them is overlooked.

    Of many equal ones only the first of each code and its neighbors are paired.
    """
    pairs: list[tuple[int, int]] = []
    for numbers in _find_sharing(documents.stripped, documents.blocks):
        coded = [int(codes[number]) for number in numbers]
        if len(set(coded)) == 1:
            continue
        listed = numbers if len(numbers) <= _MAX_ALIKE else sorted(set(coded))
        chosen = combinations(listed, 2) if len(listed) <= _MAX_ALIKE else pairwise(listed)
        pairs += [(one, other) for one, other in chosen if codes[one] != codes[other]]
    first, second = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return first, second


def _find_sharing(texts: list[str], blocks: np.ndarray) -> list[list[int]]:
    """Returns the numbers of the documents that share their text, not empty, and their block with others."""
    sharing: dict[tuple[str, int], list[int]] = {}
    for number, key in enumerate(zip(texts, blocks.tolist(), strict=True)):
        if key[0]:
            sharing.setdefault(key, []).append(number)
    return [numbers for numbers in sharing.values() if len(numbers) > 1]
