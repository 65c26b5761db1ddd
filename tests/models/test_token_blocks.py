"""Sequences are packed into blocks whose number of rows depends on the length of a sequence alone."""

import numpy as np
import pytest

from nomic_explore.models.token_blocks import pack_blocks


def sequences(lengths: list[int]) -> tuple[np.ndarray, np.ndarray]:
    starts = np.concatenate([[0], np.cumsum(lengths)])
    return np.arange(starts[-1]) + 1, starts


MIXED = np.random.default_rng(0).integers(1, 600, 400).tolist()


@pytest.mark.parametrize(
    "lengths",
    [[1], [64], [65], [1024], [1025, 3000], [16] * 9, [32] * 9, [33] * 40 + [1], [5, 700, 20, 700], MIXED],
    ids=lambda lengths: f"{len(lengths)} of {max(lengths)}",
)
def test_every_token_lies_once_where_its_group_says(lengths: list[int]) -> None:
    ids, starts = sequences(lengths)
    wanted = np.random.default_rng(1).permutation(len(lengths))
    found = []
    for block in pack_blocks(ids, starts, wanted, 768):
        place = 0
        for group in block.groups:
            for number, length in enumerate(group.lengths):
                sequence = wanted[block.places[place]]
                row = group.first_row + number * group.n_rows
                assert length == lengths[sequence] <= group.n_rows < length + 16
                np.testing.assert_array_equal(
                    block.ids[row : row + length], ids[starts[sequence] : starts[sequence + 1]]
                )
                np.testing.assert_array_equal(block.positions[row : row + length], np.arange(length))
                place += 1
        assert place == len(block.places)
        assert block.groups[-1].rows.stop <= len(block.ids) == len(block.positions)
        assert np.count_nonzero(block.ids) == sum(int(group.lengths.sum()) for group in block.groups)
        found += block.places.tolist()
    assert sorted(found) == list(range(len(lengths)))


@pytest.mark.parametrize(("width", "most"), [(128, 2048), (384, 2048), (768, 512)])
def test_the_rows_of_a_block_depend_on_the_length_alone(width: int, most: int) -> None:
    rows: dict[int, set[int]] = {}
    for lengths in (MIXED, MIXED[:7], MIXED[::-1], [1, 64, 65, 512, 513, 2049], [64], [65, 1]):
        ids, starts = sequences(lengths)
        for block in pack_blocks(ids, starts, np.arange(len(lengths)), width):
            for length in np.asarray(lengths)[block.places].tolist():
                rows.setdefault(length, set()).add(len(block.ids))
    assert {length for length, sizes in rows.items() if len(sizes) > 1} == set()
    assert rows[64] == {256}
    assert rows[65] == rows[512] == {most}
    assert rows[513] == {max(most, 528)}
    assert rows[2049] == {2064}


def test_little_is_left_empty() -> None:
    ids, starts = sequences(np.random.default_rng(2).integers(100, 300, 3000).tolist())
    n_rows = sum(len(block.ids) for block in pack_blocks(ids, starts, np.arange(3000), 384))
    assert n_rows < 1.06 * len(ids)
