"""Columns of text become numbers, booleans and dates where every cell writes back as it was."""

import re
from collections.abc import Collection, Iterator

import pyarrow as pa
import pyarrow.compute as pc

from nomic_explore.cells.writing import TRUTHS, Column, write_cells

_N_SAMPLE = 64  # cells that are tried before the whole column is
_FIXED = re.compile(r"-?\d+\.(\d+)")
_TIME = re.compile(r"\d{4}-\d\d-\d\d(?:([ T])\d\d:\d\d(:\d\d(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:?\d\d)?)?")
_UNITS = ("s", "ms", "ms", "ms", "us", "us", "us", "ns", "ns", "ns")  # by digits behind the second
NUMBERS, TRUTH, TIMES = "numbers", "truth values", "dates"
EVERYTHING = (NUMBERS, TRUTH, TIMES)


def recognize(column: Column, kinds: Collection[str] = EVERYTHING) -> tuple[Column, str | None]:
    """Returns a column of text with a type of its own, and how its cells were written; the column itself if none fits.

    Args:
        column: of strings.
        kinds: what to look for, some of `EVERYTHING`.

    Example:
        >>> recognize(pa.array(["1", "2.5"]))[1], recognize(pa.array(["1", "02"]))[0].type
        ('shortest', DataType(string))
    """
    if column.null_count == len(column):
        return (pa.nulls(len(column)) if kinds == EVERYTHING else column), None
    cells = column.drop_null()
    sample = cells.slice(0, _N_SAMPLE)
    for kind, how in _candidates(sample.to_pylist(), kinds):
        if _read_back(sample, kind, how) is not None:
            typed = _read_back(column, kind, how)
            if typed is not None:
                return typed, how
    return column, None


def _candidates(cells: list[str], kinds: Collection[str]) -> Iterator[tuple[pa.DataType, str | None]]:
    """Yields types and ways of writing that cells like these may have, the strictest first."""
    first = cells[0]
    if TRUTH in kinds:
        for how in TRUTHS:
            if first in how.split("/"):
                yield pa.bool_(), how
    if NUMBERS in kinds and first[-1:].isdigit():
        yield pa.int64(), None
        decimals = {len(found[1]) if (found := _FIXED.fullmatch(cell)) else 0 for cell in cells}
        if len(decimals) == 1 and 0 not in decimals:
            yield pa.float64(), f"fixed {decimals.pop()}"
        yield pa.float64(), "shortest"
        yield pa.float64(), "repr"
    if TIMES in kinds and (found := _TIME.fullmatch(first)):
        mark, seconds, digits, zone = found.groups()
        if mark is None:
            yield pa.date32(), "%Y-%m-%d"
        else:
            unit = _UNITS[len(digits or "")]
            pattern = (
                f"%Y-%m-%d{mark}%H:%M{':%S' if seconds else ''}{f'.%{len(digits)}f' if digits else ''}{zone or ''}"
            )
            yield pa.timestamp(unit, "UTC" if zone else None), pattern


def _read_back(cells: Column, kind: pa.DataType, how: str | None) -> Column | None:
    """Returns the cells with a type; None if one of them cannot be read or would be written in another way."""
    try:
        typed = _read_truths(cells, str(how)) if pa.types.is_boolean(kind) else cells.cast(kind)
        if pa.types.is_floating(kind) and not _are_ordinary(cells, typed):
            return None
        written = write_cells(typed, how)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None
    same = pc.all(pc.equal(written.cast(cells.type), cells), min_count=0).as_py()
    return typed if same and typed.null_count == cells.null_count else None


def _read_truths(cells: Column, how: str) -> Column:
    true, false = (pa.scalar(word, cells.type) for word in how.split("/"))
    return pc.if_else(
        pc.equal(cells, true), True, pc.if_else(pc.equal(cells, false), False, pa.scalar(None, pa.bool_()))
    )


def _are_ordinary(cells: Column, numbers: Column) -> bool:
    """Whether there is neither "nan" nor "inf", nor a "-0", which is no number for most programs."""
    minus_zero = pc.any(pc.equal(cells, pa.scalar("-0", cells.type))).as_py()
    return bool(pc.all(pc.is_finite(numbers)).as_py()) and not minus_zero
