"""The device and the number format to compute in, chosen by the hardware of this machine."""

import ctypes
import os
import platform
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from nomic_explore.checks import check_choice
from nomic_explore.models.product_rates import choose_format, product_rates

if TYPE_CHECKING:
    import torch

DTYPES = ("auto", "float32", "bfloat16", "int8")
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # names in <malloc.h>
_KEEP_BYTES = 1 << 30


def choose_device(device: str | None) -> "torch.device":
    """Returns the device to compute on: the requested one, else a CUDA device if there is one, else the CPU.

    Raises:
        ValueError: there is no such device here.

    Example:
        >>> choose_device("cpu").type
        'cpu'
    """
    import torch

    if device in (None, "auto"):
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        chosen = torch.device(str(device))
    except RuntimeError as error:
        raise ValueError(f"device={device!r}; expected 'cpu', 'cuda', 'cuda:0' … or None.") from error
    if chosen.type == "cuda" and not torch.cuda.is_available():
        raise ValueError(f"device={device!r}, but torch sees no CUDA device here. Leave device out to use the CPU.")
    return chosen


def choose_dtype(dtype: str, device: "torch.device") -> "torch.dtype":
    """Returns the number format to compute in.

    Args:
        dtype: one of `DTYPES`. "int8" computes matrix products in 8 bits (`models/int8.py`); "auto" on a CPU is chosen by
            measured speeds (`models/product_rates.py`), on a GPU bfloat16 where it has that.
        device: where it will run.

    Raises:
        ValueError: dtype is none of these, or int8 where the hardware does not support it.
    """
    import torch

    check_choice(dtype, "dtype", DTYPES)
    if dtype == "int8" and not (device.type == "cpu" and has_int8(_processor_flags())):
        raise ValueError(
            f"dtype='int8', but {device} here cannot multiply 8-bit integers fast (it takes a CPU with VNNI). "
            "Leave dtype out for the fastest format."
        )
    if dtype != "auto":
        return {"float32": torch.float32, "bfloat16": torch.bfloat16, "int8": torch.int8}[dtype]
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float32
    if device.type != "cpu":
        return torch.float32
    return choose_dtype(choose_format(processor_rates()), device)


def tokens_that_fit(device: "torch.device", bytes_per_token: int) -> int:
    """Returns how many tokens half of a CUDA device's free memory holds, at least 2048; on other devices no limit (2^30)."""
    import torch

    if device.type != "cuda":
        return 1 << 30
    free, _ = torch.cuda.mem_get_info(device)
    return max(2048, free // 2 // bytes_per_token)


def processor_rates() -> dict[str, float]:
    """Returns what a core of this processor reaches in products of matrices, by number format; see `measure_rates`.

    Example:
        >>> processor_rates()["float32"] > 0
        True
    """
    flags = _processor_flags()
    return product_rates(has_int8(flags), " ".join([platform.machine(), *sorted(flags), *_processor_names()]))


def has_int8(flags: frozenset[str]) -> bool:
    """Returns whether a processor multiplies 8-bit integers in hardware (VNNI), four times as fast as float32.

    Example:
        >>> has_int8(frozenset({"avx512_vnni"}))
        True
    """
    return not flags.isdisjoint({"avx512_vnni", "avx_vnni"})


def _processor_flags() -> frozenset[str]:
    """Returns the flags of the processor; empty where /proc/cpuinfo is not there."""
    return frozenset(word for words in _read_processor("flags") for word in words.split())


def _processor_names() -> list[str]:
    return sorted({*_read_processor("model name"), *_read_processor("vendor_id")})


@cache
def _read_processor(key: str) -> list[str]:
    """Returns the values of an entry of /proc/cpuinfo, one per core."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    lines = [line.partition(":") for line in text.splitlines()]
    return [value.strip() for name, _, value in lines if name.strip() == key]


@cache
def compute_alone_after_fork() -> None:
    """Lets a forked process compute with one thread; with more it would wait for ever for those its parent had.

    Linux forks by default up to Python 3.13, and the threads of OpenMP do not come along (torch 2.13: the first product of
    matrices in the child does not return).
    """
    import torch

    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=lambda: torch.set_num_threads(1))


@cache
def keep_big_blocks() -> None:
    """Sets the C allocator to keep big blocks instead of returning them to the system after every use.

    A fresh big array costs more than the arithmetic on it, because the system has to clear its pages. The setting
    belongs to the process and outlives the call; at most 1 GiB of freed memory stays with the process. glibc only:
    elsewhere nothing happens.
    """
    if platform.libc_ver()[0] != "glibc":
        return
    mallopt = ctypes.CDLL(None).mallopt
    if not mallopt(_M_MMAP_THRESHOLD, _KEEP_BYTES):
        mallopt(_M_MMAP_THRESHOLD, 32 << 20)  # the most that older versions accept
    mallopt(_M_TRIM_THRESHOLD, _KEEP_BYTES)
