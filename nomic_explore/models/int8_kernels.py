"""What lies between two 8-bit products, each in one pass: steps, GELU or gate, sum and layer norm, rounding.

Compiled by numba at the first use and kept on disk; a row's result depends on that row alone. Shapes: T rows, N entries.
`scales` (T, 6) float32 of rows in 8 bits: step, least value, and the 4 entries that stay in float32 (`int8.Int8Linear`);
`added` (6, N) is what a layer adds to the integer product for them.
"""

# numba reads no annotations, so the shapes stand in the descriptions.
# mypy: disable-error-code="no-untyped-def,no-untyped-call,untyped-decorator"

import llvmlite.ir as llvm
import numpy as np
from numba import njit, types
from numba.extending import intrinsic

_compiled = njit(nogil=True, fastmath=True, cache=True, error_model="numpy")
_inlined = njit(inline="always", fastmath=True)
_f32, _i32 = np.float32, np.int32
_SIGN_AWAY = _i32(0x7FFFFFFF)
_LEAST_STEP = _f32(1e-12 / 255)


@intrinsic
def _bits_of(context, number):
    """Returns the bits of a float32 as an int32."""
    return types.int32(types.float32), lambda _, builder, __, args: builder.bitcast(args[0], llvm.IntType(32))


@intrinsic
def _from_bits(context, bits):
    """Returns the float32 with the bits of an int32."""
    return types.float32(types.int32), lambda _, builder, __, args: builder.bitcast(args[0], llvm.FloatType())


@_inlined
def _exp_of_negative(x):
    """Returns exp(x) within 4e-5 of itself for x <= 0, in operations that compile to vector instructions."""
    power = x * _f32(1.44269504)
    power = power if power > _f32(-126) else _f32(-126)
    whole = _i32(power - _f32(0.5))
    rest = power - _f32(whole)
    value = _f32(0.00961813) * rest + _f32(0.05550411)
    value = value * rest + _f32(0.24022651)
    value = value * rest + _f32(0.69314718)
    value = value * rest + _f32(1)
    return _from_bits((whole + _i32(127)) << _i32(23)) * value


@_inlined
def _gelu(x):
    """Returns x Phi(x); the error function after Abramowitz and Stegun 7.1.26."""
    scaled = abs(x) * _f32(0.70710678)
    t = _f32(1) / (_f32(1) + _f32(0.3275911) * scaled)
    tail = _f32(1.061405429) * t - _f32(1.453152027)
    tail = tail * t + _f32(1.421413741)
    tail = tail * t - _f32(0.284496736)
    tail = (tail * t + _f32(0.254829592)) * t * _exp_of_negative(-scaled * scaled)
    return _f32(0.5) * (x + abs(x) * (_f32(1) - tail))


@_inlined
def _silu(x):
    """Returns x / (1 + exp(-x))."""
    small = _exp_of_negative(-abs(x))
    return x * (_f32(1) if x > _f32(0) else small) / (_f32(1) + small)


@_inlined
def _finish_row(product, scale, added, out):
    """Writes what a product stands for, (N) each."""
    step, least, a, b, c, d = scale[0], scale[1], scale[2], scale[3], scale[4], scale[5]
    sums, bias, of_a, of_b, of_c, of_d = added[0], added[1], added[2], added[3], added[4], added[5]
    for j in range(len(out)):
        out[j] = step * product[j] + least * sums[j] + bias[j] + a * of_a[j] + b * of_b[j] + c * of_c[j] + d * of_d[j]


@_inlined
def _round_row(row, kept, codes, scale):
    """Rounds a row (N) to 255 steps between its least and largest entry, 0 among them; `kept` entries become 0 in it."""
    for i in range(len(kept)):
        scale[2 + i] = row[kept[i]]
        row[kept[i]] = _f32(0)
    least, largest = _i32(0), _i32(0)
    for j in range(
        len(row)
    ):  # as integers in the order of the numbers: their least and largest are vector instructions
        bits = _bits_of(row[j])
        bits = bits ^ ((bits >> _i32(31)) & _SIGN_AWAY)
        least, largest = min(least, bits), max(largest, bits)
    low, high = _from_bits(least ^ ((least >> _i32(31)) & _SIGN_AWAY)), _from_bits(largest)
    step = max((high - low) / _f32(255), _LEAST_STEP)
    per_step = _f32(1) / step
    half = _f32(0.5) - low * per_step
    for j in range(len(row)):
        codes[j] = np.uint8(_i32(row[j] * per_step + half))
    scale[0], scale[1] = step, low


@_compiled
def round_rows(x, kept, codes, scales):
    """Rounds x (T, N) float32, which stays as it is, into codes (T, N) uint8 and scales."""
    row = np.empty(x.shape[1], _f32)
    for r in range(len(x)):
        row[:] = x[r]
        _round_row(row, kept, codes[r], scales[r])


@_compiled
def finish_product(product, scales, added, out):
    """Writes what a product (T, N) float32 stands for into out (T, N) float32."""
    for r in range(len(product)):
        _finish_row(product[r], scales[r], added, out[r])


@_compiled
def gelu_and_round(product, scales, added, kept, codes, next_scales):
    """Rounds GELU of what a product (T, N) float32 stands for."""
    row = np.empty(product.shape[1], _f32)
    for r in range(len(product)):
        _finish_row(product[r], scales[r], added, row)
        for j in range(len(row)):
            row[j] = _gelu(row[j])
        _round_row(row, kept, codes[r], next_scales[r])


@_compiled
def gate_and_round(values, gates, scales, added_values, added_gates, kept, codes, next_scales):
    """Rounds values times SiLU of gates, both products (T, N) float32 of the same rows."""
    row, gate = np.empty(values.shape[1], _f32), np.empty(values.shape[1], _f32)
    for r in range(len(values)):
        _finish_row(values[r], scales[r], added_values, row)
        _finish_row(gates[r], scales[r], added_gates, gate)
        for j in range(len(row)):
            row[j] = row[j] * _silu(gate[j])
        _round_row(row, kept, codes[r], next_scales[r])


@_compiled
def add_norm_and_round(product, scales, added, x, weight, bias, eps, kept, codes, next_scales):
    """Adds a product (T, N) float32 to x, normalizes x (T, N) float32 in place, and rounds it."""
    n = product.shape[1]
    row = np.empty(n, _f32)
    for r in range(len(product)):
        _finish_row(product[r], scales[r], added, row)
        own = x[r]
        total = _f32(0)
        for j in range(n):
            row[j] += own[j]
            total += row[j]
        mean = total / _f32(n)
        squares = _f32(0)
        for j in range(n):
            squares += (row[j] - mean) * (row[j] - mean)
        per_deviation = _f32(1) / np.sqrt(squares / _f32(n) + eps)
        for j in range(n):
            row[j] = (row[j] - mean) * per_deviation * weight[j] + bias[j]
            own[j] = row[j]
        _round_row(row, kept, codes[r], next_scales[r])
