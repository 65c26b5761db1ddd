"""Numbers are compared as Python's own exact numbers are."""

from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nomic_explore.search.exact_numbers import parse_number, read_numbers

INTEGERS = {
    "int64": st.integers(-(2**63), 2**63 - 1),
    "uint64": st.integers(0, 2**64 - 1),
    "int8": st.integers(-128, 127),
}
BOUNDS = st.one_of(
    st.integers(-(2**66), 2**66).map(str),
    st.decimals(-(2**65), 2**65, places=3).map(str),
    st.sampled_from(["inf", "-inf", "0", "-0.0", "1e25", "9007199254740992", "9007199254740993"]),
)


def expected(values: list[Fraction | None], low: str | None, high: str | None, *, strict: bool) -> list[bool]:
    ends = [None if end is None else parse_number(end) for end in (low, high)]
    if strict:
        return [v is not None and (ends[0] is None or v > ends[0]) and (ends[1] is None or v < ends[1]) for v in values]
    return [v is not None and (ends[0] is None or v >= ends[0]) and (ends[1] is None or v <= ends[1]) for v in values]


@pytest.mark.parametrize("kind", INTEGERS)
@given(data=st.data(), low=st.none() | BOUNDS, high=st.none() | BOUNDS, strict=st.booleans())
def test_integers_are_within_a_range_as_python_says(
    kind: str, data: st.DataObject, low: str | None, high: str | None, strict: bool
) -> None:
    values = data.draw(st.lists(st.none() | INTEGERS[kind], min_size=1, max_size=8))
    numbers = read_numbers(pa.array(values, kind))
    found = numbers.within(low and parse_number(low), high and parse_number(high), strict=strict)
    exact = [None if value is None else Fraction(value) for value in values]
    assert found.tolist() == expected(exact, low, high, strict=strict)


@given(st.lists(st.none() | st.decimals(-(10**20), 10**20, places=4), min_size=1, max_size=8), BOUNDS, st.booleans())
def test_decimals_are_within_a_range_as_python_says(values: list[Decimal | None], low: str, strict: bool) -> None:
    with localcontext(prec=60):
        numbers = read_numbers(pa.array(values, pa.decimal128(38, 4)))
    found = numbers.within(parse_number(low), None, strict=strict)
    exact = [None if value is None else Fraction(value) for value in values]
    assert found.tolist() == expected(exact, low, None, strict=strict)
    named = [numbers.text(value) for value, known in zip(numbers.values, numbers.is_known, strict=True) if known]
    assert [Fraction(name) for name in named] == [value for value in exact if value is not None]


@given(st.decimals(0, 10**6, places=2))
def test_a_decimal_that_fits_is_the_float_that_it_is_written_as(value: Decimal) -> None:
    numbers = read_numbers(pa.array([value, None], pa.decimal128(12, 2)))
    assert numbers.fits_float64
    assert numbers.as_floats()[0] == float(str(value))
    assert np.isnan(numbers.as_floats()[1])


@pytest.mark.parametrize(
    "written", ["", "1,5", "0x10", "1_000", "1.", "١", "1e", "--1", "nan", "1 000", "5%", "$5", "1..2"]
)
def test_what_is_no_number_is_none(written: str) -> None:
    assert parse_number(written) is None
