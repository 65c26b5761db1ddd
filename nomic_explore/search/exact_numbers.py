"""Columns of numbers compared without rounding: 64-bit ids and decimals never pass through float64."""

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa

Bound: TypeAlias = Fraction | float  # a float is infinite

_WRITTEN = re.compile(r"[+-]?([0-9]+(\.[0-9]+)?|\.[0-9]+)([eE][+-]?[0-9]{1,9})?")
_INFINITE = re.compile(r"([+-]?)inf(inity)?", re.IGNORECASE)
_MAX_EXPONENT = 400  # beyond, a number is larger than all that a column can hold
_EXACT_INTEGERS = 2**53  # up to here float64 holds every whole number
_EXACT_DECIMALS = 10**15  # up to here, without its point, every decimal has a float64 of its own


def parse_number(written: str) -> Bound | None:
    """Returns what a number is that somebody wrote, exactly; None if it is no number.

    Example:
        >>> parse_number("1600000000000000006"), parse_number("1e3"), parse_number("-inf"), parse_number("2010-2012")
        (Fraction(1600000000000000006, 1), Fraction(1000, 1), -inf, None)
    """
    if sign := _INFINITE.fullmatch(written):
        return -math.inf if sign[1] == "-" else math.inf
    if not _WRITTEN.fullmatch(written):
        return None
    number = Decimal(written)
    if number.is_zero():
        return Fraction(0)
    if number.adjusted() > _MAX_EXPONENT:
        return math.copysign(math.inf, number)
    if number.adjusted() < -_MAX_EXPONENT:
        number = Decimal((number.is_signed(), (1,), -_MAX_EXPONENT))
    return Fraction(number)


def is_number(kind: "pa.DataType") -> bool:
    """Returns whether an Arrow type is one of numbers.

    Example:
        >>> import pyarrow as pa
        >>> is_number(pa.uint64()), is_number(pa.string())
        (True, False)
    """
    import pyarrow as pa

    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


@dataclass(frozen=True, eq=False)
class ExactNumbers:
    """A column of numbers as they are.

    Attributes:
        values: (n,) floats; or int64, uint64 or Python integers: the numbers times 10 ** scale.
        is_known: (n,) bool: the rows that have a number; NaN is none.
        scale: decimal places of whole `values`.
    """

    values: np.ndarray
    is_known: np.ndarray
    scale: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether `values` are whole numbers, which are compared exactly."""
        return self.values.dtype.kind != "f"

    @property
    def fits_float64(self) -> bool:
        """Whether float64 tells all of the numbers apart and holds each as it was written."""
        if not self.is_whole:
            return True
        known = self.values[self.is_known]
        most = max(abs(int(known.min())), abs(int(known.max()))) if len(known) else 0
        return most <= (_EXACT_DECIMALS if self.scale else _EXACT_INTEGERS) and 0 <= self.scale <= 22

    def as_floats(self) -> np.ndarray:
        """Returns (n,) float64: the float64 next to each number, NaN where there is none."""
        if not self.is_whole:
            return np.where(self.is_known, self.values.astype(np.float64), np.nan)
        if self.scale <= 22 and self.values.dtype != object:
            floats = self.values.astype(np.float64) / 10.0**self.scale
        else:
            floats = np.array([float(Fraction(int(value), 10**self.scale)) for value in self.values])
        return np.where(self.is_known, floats, np.nan)

    def within(self, low: Bound | None, high: Bound | None, *, strict: bool = False) -> np.ndarray:
        """Returns a mask (n,) of the numbers from `low` to `high`, None for an open end; strict leaves the ends out."""
        fits = self.is_known.copy()
        if low is not None:
            fits &= self._is_above(low, strict)
        if high is not None:
            fits &= ~self._is_above(high, not strict)
        return fits

    def text(self, value: int) -> str:
        """Returns one of the whole `values` as the number that it stands for.

        Example:
            >>> ExactNumbers(np.zeros(0), np.zeros(0, dtype=bool), scale=2).text(-105)
            '-1.05'
        """
        if not self.scale:
            return str(int(value))
        digits = str(abs(int(value))).rjust(self.scale + 1, "0")
        return f"{'-' if value < 0 else ''}{digits[: -self.scale]}.{digits[-self.scale :]}"

    def _is_above(self, bound: Bound, strict: bool) -> np.ndarray:
        """Returns whether each number is above a bound, or is the bound itself where that is not strict."""
        if isinstance(bound, float) or not self.is_whole:
            if self.is_whole:
                return np.full(len(self.values), bound == -math.inf)
            with np.errstate(over="ignore", invalid="ignore"):
                limit = self.values.dtype.type(_nearest_float(bound))  # 0.1 means the 0.1 that the column can hold
                above: np.ndarray = self.values > limit if strict else self.values >= limit
            return above
        scaled = bound * 10**self.scale
        return np.asarray(self.values > math.floor(scaled) if strict else self.values >= math.ceil(scaled), dtype=bool)


def read_numbers(column: "pa.ChunkedArray | pa.Array") -> ExactNumbers:
    """Returns a column of integers, floats or decimals as exact numbers.

    Example:
        >>> import pyarrow as pa
        >>> numbers = read_numbers(pa.array([2**60, 2**60 + 1, None]))
        >>> numbers.within(Fraction(2**60 + 1), None).tolist(), numbers.fits_float64
        ([False, True, False], False)
    """
    import pyarrow as pa

    kind = column.type
    is_known = np.asarray(column.is_valid().to_numpy(zero_copy_only=False), dtype=bool)
    if pa.types.is_decimal(kind):
        return ExactNumbers(_unscaled(column, kind), is_known, max(kind.scale, 0))
    if pa.types.is_null(kind) or not len(column):
        return ExactNumbers(np.zeros(len(column)), is_known)
    values = np.asarray(column.fill_null(0).to_numpy(zero_copy_only=False))
    if pa.types.is_floating(kind):
        return ExactNumbers(values, is_known & ~np.isnan(values))
    return ExactNumbers(values.astype(np.uint64 if values.dtype.kind == "u" else np.int64), is_known)


def _unscaled(column: "pa.ChunkedArray | pa.Array", kind: "pa.DataType") -> np.ndarray:
    """Returns decimals times 10 ** scale, as int64 where they fit; 0 where there is none."""
    wide = [0 if value is None else _whole(value, max(kind.scale, 0)) for value in column.to_pylist()]
    if all(-(2**63) <= value < 2**63 for value in wide):
        return np.array(wide, dtype=np.int64)
    return np.array(wide, dtype=object)


def _whole(value: Decimal, scale: int) -> int:
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    number = int("".join(map(str, digits))) * 10 ** (exponent + scale)
    return -number if sign else number


def _nearest_float(bound: Bound) -> float:
    try:
        return float(bound)
    except OverflowError:
        return math.copysign(math.inf, bound)
