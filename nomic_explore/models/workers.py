"""Threads that compute alone: each works with one core, so that none waits for another."""

import ctypes
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")


def map_alone(work: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
    """Yields what `work` returns for each task, in order; as many are under way as torch has threads.

    Within a task OpenMP uses one thread; the settings of the process and of the caller's thread stay as they are.

    Example:
        >>> list(map_alone(lambda number: number**2, [1, 2, 3]))
        [1, 4, 9]
    """
    import torch

    yield from _pool(torch.get_num_threads(), os.getpid()).map(work, tasks)


@cache
def _pool(n_threads: int, process: int) -> ThreadPoolExecutor:
    """The threads of this process; those of the one it was forked from did not come along."""
    from threadpoolctl import ThreadpoolController

    controller = ThreadpoolController()

    def compute_alone() -> None:
        import torch

        torch.get_num_threads()  # sets what torch sets in a new thread, which would undo the next line later
        controller.limit(limits=1, user_api="openmp")  # OpenMP keeps it for this thread alone
        limit_mkl = _find_in_torch("MKL_Set_Num_Threads_Local")
        if limit_mkl:
            limit_mkl(1)

    return ThreadPoolExecutor(n_threads, "nomic_explore", compute_alone)


def _find_in_torch(name: str) -> Any:
    """Returns a C function of the libraries that came with torch, None if they do not show one of that name."""
    import torch

    library = Path(torch.__file__).parent / "lib" / "libtorch_cpu.so"
    return getattr(ctypes.CDLL(str(library)), name, None) if library.is_file() else None
