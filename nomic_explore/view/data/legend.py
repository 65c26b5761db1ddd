"""The entries of a legend: one for each value, or, of ordered values that are many, one for each step of the scale."""

from collections.abc import Sequence
from itertools import groupby
from typing import TypedDict

from nomic_explore.view.data.bins import round_steps

MAX_STEPS = 12


class LegendEntry(TypedDict):
    """A name, the first and the last of its codes, and how many documents there are; codes of 0 are no value."""

    name: str
    codes: list[int]
    size: int


def legend_steps(names: Sequence[str]) -> list[tuple[str, int, int]]:
    """Returns steps of ordered values: what each is called, and its first and last code; a dozen at most.

    Args:
        names: of the codes from 1 on, ascending; more than a dozen only if they are whole numbers.

    Example:
        >>> legend_steps(["1", "2", "5"])
        [('1', 1, 1), ('2', 2, 2), ('5', 3, 3)]
        >>> legend_steps([str(year) for year in range(2000, 2013)])[-2:]
        [('2010–2011', 11, 12), ('2012', 13, 13)]
    """
    if len(names) <= MAX_STEPS:
        return [(name, code, code) for code, name in enumerate(names, 1)]
    numbers = [int(name) for name in names]
    step = next(step for step in round_steps() if numbers[-1] // step - numbers[0] // step < MAX_STEPS)
    steps = []
    for _, members in groupby(enumerate(numbers, 1), key=lambda one: one[1] // step):
        codes = [code for code, _ in members]
        first, last = names[codes[0] - 1], names[codes[-1] - 1]
        steps.append((first if first == last else f"{first}–{last}", codes[0], codes[-1]))
    return steps
