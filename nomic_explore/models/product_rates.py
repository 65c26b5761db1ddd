"""How fast a core of this machine multiplies matrices in each number format: measured once, then read from a file.

Flags of a processor do not tell: a virtual machine may hide a unit, and some processors have an instruction that is no faster.
"""

import json
import os
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from nomic_explore.atomic_files import write_atomically
from nomic_explore.numba_cache import user_cache

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_SHAPE = 256, 384, 1536  # rows, entries read and written: the largest product of a layer of MiniLM
_SECONDS = 0.008  # for each format; the fastest run counts, so that other programs do not change the result
_MIN_GAIN = 1.5  # below it, what lies between the products takes as long as they save


def choose_format(rates: "Mapping[str, float]") -> str:
    """Returns the number format to compute in: bfloat16 where it is worth it, else int8 where it is, else float32.

    int8 comes second although its products are often the fastest: it loses more, and rounding between products takes time.

    Args:
        rates: billions of multiplications and additions per second, by format; see `measure_rates`.

    Example:
        >>> choose_format({"float32": 100, "bfloat16": 300, "int8": 500})
        'bfloat16'
        >>> choose_format({"float32": 100, "bfloat16": 60, "int8": 300})
        'int8'
        >>> choose_format({"float32": 100, "bfloat16": 110})
        'float32'
    """
    worth_it = [name for name in ("bfloat16", "int8") if rates.get(name, 0) >= _MIN_GAIN * rates["float32"]]
    return worth_it[0] if worth_it else "float32"


@cache
def product_rates(has_int8: bool, processor: str) -> dict[str, float]:
    """Returns the rates of this machine, measured now or in an earlier process; see `measure_rates`.

    They are kept in `nomic_explore/product_rates.json` in the folder of the user's caches, for each processor and version of torch.
    Where that folder cannot be written, each process measures anew.

    Args:
        has_int8: whether the processor multiplies 8-bit integers in hardware.
        processor: its name and flags.
    """
    import torch

    limits = [f"{name}={os.environ[name]}" for name in ("ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA") if name in os.environ]
    key = sha256("\n".join([processor, str(has_int8), torch.__version__, *limits]).encode()).hexdigest()[:16]
    path = user_cache() / "nomic_explore" / "product_rates.json"
    known = _read(path)
    if key not in known:
        known[key] = measure_rates(has_int8)
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            with write_atomically(path) as part:
                part.write_text(json.dumps(known, indent=1), encoding="utf-8")
    return known[key]


def measure_rates(has_int8: bool) -> dict[str, float]:
    """Returns what one core reaches in products of matrices, in billions of operations per second, by number format.

    A multiplication and an addition count as two. It takes some 30 ms.

    Args:
        has_int8: whether to measure 8-bit integers.

    Example:
        >>> sorted(measure_rates(has_int8=False))
        ['bfloat16', 'float32']
    """
    from nomic_explore.models.workers import map_alone

    return next(map_alone(_measure, [has_int8]))


def _measure(has_int8: bool) -> dict[str, float]:
    import torch
    from torch import nn

    from nomic_explore.models.int8 import Int8Linear
    from nomic_explore.models.packed_encoder import PackedLinear

    n_rows, width, n_outputs = _SHAPE
    x, linear = torch.ones(n_rows, width), nn.Linear(width, n_outputs)
    halved, codes = x.bfloat16(), x.to(torch.uint8)
    full = PackedLinear(linear)
    half = PackedLinear(nn.Linear(width, n_outputs, dtype=torch.bfloat16))
    products: dict[str, Callable[[], object]] = {"float32": lambda: full(x), "bfloat16": lambda: half(halved)}
    if has_int8:
        rounded = Int8Linear(linear, x)
        products["int8"] = lambda: rounded.multiply(codes)
    n_operations = 2 * n_rows * width * n_outputs
    with torch.inference_mode():
        return {name: round(n_operations / _least_seconds(product) / 1e9, 1) for name, product in products.items()}


def _least_seconds(work: "Callable[[], object]") -> float:
    """Returns the seconds of the fastest run, of two at least; the first one, which prepares, does not count."""
    work()
    seconds: list[float] = []
    while len(seconds) < 2 or sum(seconds) < _SECONDS:
        began = perf_counter()
        work()
        seconds.append(perf_counter() - began)
    return min(seconds)


def _read(path: Path) -> dict[str, dict[str, float]]:
    """Returns what a file of rates holds; nothing if it is not there or was not written by this module."""
    try:
        known = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    is_whole = isinstance(known, dict) and all(
        isinstance(rates, dict) and "float32" in rates and all(isinstance(rate, float | int) for rate in rates.values())
        for rates in known.values()
    )
    return known if is_whole else {}
