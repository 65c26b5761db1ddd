"""How close the fast number formats of this machine come to float32, and how much time they save.

    python benchmarks/formats.py FILE --text COLUMN

FILE is Parquet. Printed for each format that the processor has: documents a second, cosines to float32, and how many of
the 15 nearest neighbors are the same.
"""

import argparse
import time
from pathlib import Path

import numpy as np

from nomic_explore import Embedder, build_graph, read_corpus


def main() -> None:
    """Measures and prints a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--text", default="text")
    parser.add_argument("--model", default="minilm")
    options = parser.parse_args()
    texts = [text for text in read_corpus(options.file, text=options.text).texts if text]
    print("| format | documents/s | mean cosine | least cosine | 15 neighbors the same |\n|---|---|---|---|---|")
    exact: np.ndarray | None = None
    for dtype in ("float32", "bfloat16", "int8"):
        embedder = Embedder(options.model, dtype=dtype)
        try:
            embedder.encode(texts[:32])
        except ValueError as error:
            print(f"| {dtype} | {error} | | | |")
            continue
        began = time.perf_counter()
        vectors = embedder.encode(texts)
        rate = len(set(texts)) / (time.perf_counter() - began)
        exact = vectors if exact is None else exact
        cosines = (vectors * exact).sum(axis=1)
        same = _share_of_neighbors(exact, vectors)
        print(f"| {dtype} | {rate:.0f} | {cosines.mean():.5f} | {cosines.min():.5f} | {same:.3f} |")


def _share_of_neighbors(exact: np.ndarray, vectors: np.ndarray) -> float:
    pairs = zip(build_graph(exact, 15).neighbors, build_graph(vectors, 15).neighbors, strict=True)
    return float(np.mean([len(np.intersect1d(a, b)) / 15 for a, b in pairs]))


if __name__ == "__main__":
    main()
