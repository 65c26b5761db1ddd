"""Time of the stages after the embedding that have no benchmark of their own, on ready vectors: the graph and the map.

    python benchmarks/stages.py FOLDER

FOLDER holds NAME.minilm.npy (vectors row by row) for arxiv_20k, bbc_news and banking77; those that are missing are left out.
Topics are measured in topics.py, duplicates in duplicates.py.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np

from nomic_explore import build_graph, project

Made = TypeVar("Made")
CORPORA = ("arxiv_20k", "bbc_news", "banking77")


def main() -> None:
    """Measures and prints a table in Markdown."""
    folder = Path(sys.argv[1])
    few = np.eye(20, dtype=np.float32)
    project(few, build_graph(few))  # numba compiles: not counted below
    print("| corpus | rows | graph | positions |\n|---|---|---|---|")
    for name in CORPORA:
        path = folder / f"{name}.minilm.npy"
        if path.is_file():
            vectors = np.load(path).astype(np.float32)
            graph, graph_seconds = _time(lambda vectors=vectors: build_graph(vectors))
            _, position_seconds = _time(lambda vectors=vectors, graph=graph: project(vectors, graph))
            print(f"| {name} | {len(vectors):,} | {graph_seconds:.1f} s | {position_seconds:.1f} s |")


def _time(run: Callable[[], Made]) -> tuple[Made, float]:
    began = time.perf_counter()
    made = run()
    return made, time.perf_counter() - began


if __name__ == "__main__":
    main()
