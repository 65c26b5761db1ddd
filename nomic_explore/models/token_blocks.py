"""Packs token sequences into blocks of a fixed number of rows.

What a CPU computes for a row of a matrix product can depend, in its last bits, on how many rows are multiplied at once. So
every product has as many rows as the length of a text alone says, whatever other texts are computed with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_STEP = 16  # rows of a text are rounded up to a multiple of this: what AMX multiplies at once
_SHORT, _SHORT_ROWS = 64, 256  # rows of a short text, as of most questions, and of the blocks they are computed in
_NARROW = 384
_ROWS, _NARROW_ROWS = 512, 2048  # measured: a narrow model multiplies fastest by many rows, a wide one by few


@dataclass(frozen=True)
class Group:
    """Texts of a block that take the same number of rows each.

    Attributes:
        first_row: that of the first text.
        lengths: (n,) int64, tokens of each text.
        n_rows: rows of each text; those after its tokens are padding.
    """

    first_row: int
    lengths: np.ndarray
    n_rows: int

    @property
    def rows(self) -> slice:
        """The rows of all its texts."""
        return slice(self.first_row, self.first_row + len(self.lengths) * self.n_rows)


@dataclass(frozen=True)
class TokenBlock:
    """Tokens that go through the encoder at once.

    Attributes:
        places: (n,) int64, the sequences in it, as places among those wanted.
        ids: (T,) int64 tokens, 0 where there is none.
        positions: (T,) int64, the place of each token in its sequence.
        groups: its sequences in order, in runs that take the same number of rows.
    """

    places: np.ndarray
    ids: np.ndarray
    positions: np.ndarray
    groups: tuple[Group, ...]


def pack_blocks(ids: np.ndarray, starts: np.ndarray, numbers: np.ndarray, width: int) -> list[TokenBlock]:
    """Returns blocks that hold some sequences, long ones first.

    Args:
        ids: (t,) tokens of all sequences.
        starts: (p + 1,); sequence i is `ids[starts[i]:starts[i + 1]]`.
        numbers: (n,) sequences wanted.
        width: entries of a token vector of the model, on which the rows of a block depend.

    Example:
        >>> ids, starts = np.arange(300), np.array([0, 3, 100, 300])
        >>> [(len(block.ids), block.places.tolist()) for block in pack_blocks(ids, starts, np.array([0, 1, 2]), 768)]
        [(512, [2, 1]), (256, [0])]
    """
    lengths = starts[numbers + 1] - starts[numbers]
    rows = -(-lengths // _STEP) * _STEP
    order = np.argsort(-lengths, kind="stable")
    most = _NARROW_ROWS if width <= _NARROW else _ROWS
    return [
        _make_block(ids, starts, numbers, order[members], n_rows)
        for n_rows, members in _fill(rows[order].tolist(), most)
    ]


def _fill(rows: Sequence[int], most: int) -> list[tuple[int, list[int]]]:
    """Returns the rows of each block and the places of its sequences, whose rows fall.

    A block takes the next sequence while it fits, then the longest later ones that still do.
    """
    ends: dict[int, list[int]] = {}  # by rows of a sequence: the place of the next one that is in no block, and the end
    for place, n in enumerate(rows):
        ends.setdefault(n, [place, place])[1] = place + 1
    blocks: list[tuple[int, list[int]]] = []
    for is_short in (False, True):
        kinds = [n for n in ends if (n <= _SHORT) == is_short]  # falling, as rows do
        while kinds:
            capacity = _SHORT_ROWS if is_short else max(most, kinds[0])
            left = capacity
            members: list[int] = []
            for n in kinds:
                place, end = ends[n]
                taken = min(end - place, left // n)
                members += range(place, place + taken)
                ends[n][0] += taken
                left -= taken * n
            kinds = [n for n in kinds if ends[n][0] < ends[n][1]]
            blocks.append((capacity, members))
    return blocks


def _make_block(ids: np.ndarray, starts: np.ndarray, wanted: np.ndarray, places: np.ndarray, n_rows: int) -> TokenBlock:
    numbers = wanted[places]
    block_ids, positions = np.zeros(n_rows, dtype=np.int64), np.zeros(n_rows, dtype=np.int64)
    lengths = starts[numbers + 1] - starts[numbers]
    sizes = -(-lengths // _STEP) * _STEP
    first = np.cumsum(sizes) - sizes
    for row, size, start, length in zip(first, sizes, starts[numbers], lengths, strict=True):
        block_ids[row : row + length] = ids[start : start + length]
        positions[row : row + size] = np.arange(size)
    borders = np.flatnonzero(np.diff(sizes)) + 1
    runs = np.split(np.arange(len(numbers)), borders)
    groups = tuple(Group(int(first[run[0]]), lengths[run], int(sizes[run[0]])) for run in runs)
    return TokenBlock(places, block_ids, positions, groups)
