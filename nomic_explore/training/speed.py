"""What the machine can do: the faster number format, the rate of products of matrices, the memory in use."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from time import perf_counter

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel

from nomic_explore.models.hardware import processor_rates
from nomic_explore.models.product_rates import choose_format


def fastest_dtype(device: torch.device) -> torch.dtype:
    """Returns bfloat16 where products of matrices are half as fast again as in float32, else float32."""
    rates = processor_rates() if device.type == "cpu" else product_rates(device)
    return getattr(torch, choose_format({name: rates[name] for name in ("float32", "bfloat16")}))  # type: ignore[no-any-return]


@cache
def product_rates(device: torch.device) -> dict[str, float]:
    """Returns how many FLOP a second products of matrices take in each format, from a probe of some 50 ms.

    Example:
        >>> sorted(product_rates(torch.device("cpu")))
        ['bfloat16', 'float32']
    """
    n_rows, width = (8192, 4096) if device.type == "cuda" else (1024, 768)
    rates = {}
    for dtype in (torch.float32, torch.bfloat16):
        a = torch.ones(n_rows, width, device=device, dtype=dtype)
        b = torch.ones(width, width, device=device, dtype=dtype)
        seconds = []
        for _ in range(5):
            began = perf_counter()
            product = a @ b
            float(product[0, 0])  # waits for the GPU
            seconds.append(perf_counter() - began)
        rates[str(dtype).removeprefix("torch.")] = 2 * n_rows * width * width / min(seconds)
    return rates


@contextmanager
def fast_attention(device: torch.device) -> Iterator[None]:
    """On a CPU, computes attention as two products and a softmax, in the format of its inputs.

    torch's fused kernel is made to save memory; in torch 2.13 its backward pass on a CPU does not use the fast products of bfloat16.
    """
    if device.type != "cpu":
        yield
        return
    before = torch.backends.cuda.fp16_bf16_reduction_math_sdp_allowed()  # despite its name it is about the CPU, too
    torch.backends.cuda.allow_fp16_bf16_reduction_math_sdp(True)
    try:
        with sdpa_kernel(SDPBackend.MATH):
            yield
    finally:
        torch.backends.cuda.allow_fp16_bf16_reduction_math_sdp(before)


def peak_memory(device: torch.device) -> int:
    """Returns the most bytes in use so far: of the GPU's memory, or of the process on a CPU.

    Example:
        >>> peak_memory(torch.device("cpu")) > 1_000_000
        True
    """
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    if sys.platform == "win32":  # Python does not know there
        return 0
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
