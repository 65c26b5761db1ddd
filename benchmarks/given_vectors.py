"""Seconds and memory of explorations whose vectors were given.

    python benchmarks/given_vectors.py abstracts arxiv_20k.parquet arxiv_20k.minilm.npy --text title,abstract
    python benchmarks/given_vectors.py million --rows 1000000

`abstracts` explores 20,000 × 384 vectors that were made elsewhere, searches them with MiniLM as the encoder, and compares hits, neighbors
and duplicates with an exploration that embedded the same texts itself. `million` explores a memory-mapped float16 array (n, 128) with
short texts; points lie round 300 centers. Both print the seconds of each stage and the peak of the resident memory.
"""

import argparse
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa

from nomic_explore import Exploration, explore, read_corpus

QUESTIONS = (
    "how fast does a star rotate",
    "learning from few labeled examples",
    "bounds on the number of primes",
    "superconductivity in thin films",
    "privacy of people in social networks",
    "the mass of a dark matter halo",
    "speech recognition for rare languages",
    "solutions of the wave equation",
)


def main() -> None:
    """Runs one of the two."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = parser.add_subparsers(dest="kind", required=True)
    abstracts = kinds.add_parser("abstracts")
    abstracts.add_argument("corpus", type=Path)
    abstracts.add_argument("vectors", type=Path)
    abstracts.add_argument("--text")
    abstracts.add_argument("--compare", action="store_true", help="embed the texts, too, and compare")
    million = kinds.add_parser("million")
    million.add_argument("--rows", type=int, default=1_000_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if options.kind == "abstracts":
            run_abstracts(options, Path(folder))
        else:
            run_million(options.rows, Path(folder))


def run_abstracts(options: argparse.Namespace, folder: Path) -> None:
    """Explores given vectors, and compares the result with that of embedding the texts."""
    corpus = read_corpus(options.corpus, options.text)
    began = time.perf_counter()
    given = explore(corpus, vectors=options.vectors, model="minilm", encoder="minilm", folder=folder / "given")
    print_stages(given, time.perf_counter() - began)
    began = time.perf_counter()
    page = given.save_html(folder / "map.html")
    print(f"page: {page.stat().st_size / 1e6:.1f} MB in {time.perf_counter() - began:.1f} s")
    print(f"by words: {given.search('dark matter', n=3, mode='keyword')['text'].str[:60].tolist()}")
    if options.compare:
        embedded = explore(corpus, model="minilm", folder=folder / "embedded")
        print_stages(embedded, float("nan"))
        for mode in ("semantic", "hybrid"):
            pairs = [[each.search(asked, mode=mode)["row"] for each in (given, embedded)] for asked in QUESTIONS]
            same = [len(set(one) & set(other)) / len(other) for one, other in pairs]
            first = np.mean([one[0] == other[0] for one, other in pairs])
            print(
                f"{mode}: {np.mean(same):.1%} of 20 hits are the same, the first hit {first:.0%}, mean of {len(pairs)} questions"
            )
        shared = [np.isin(a, b).mean() for a, b in zip(given.graph.neighbors, embedded.graph.neighbors, strict=True)]
        print(f"neighbors that are the same: {np.mean(shared):.1%}")
        print(f"roles that are the same: {(given.duplicates.roles == embedded.duplicates.roles).mean():.2%}")
        print(f"cosine of the vectors: {(given.vectors * embedded.vectors).sum(axis=1).mean():.5f}")


def run_million(n: int, folder: Path) -> None:
    """Explores a memory-mapped array of n vectors."""
    rng = np.random.default_rng(0)
    centers = rng.normal(size=(300, 128))
    centers /= np.linalg.norm(centers, axis=1, keepdims=True)
    array = np.lib.format.open_memmap(folder / "v.npy", mode="w+", dtype=np.float16, shape=(n, 128))
    group = np.empty(n, dtype=np.int32)
    for start in range(0, n, 50_000):
        rows = slice(start, min(n, start + 50_000))
        group[rows] = rng.integers(0, 300, size=rows.stop - start)
        array[rows] = centers[group[rows]] + rng.normal(size=(rows.stop - start, 128)) / 128**0.5
    array.flush()
    del array
    words = [a + b + c for a in "bdfgklmn" for b in ("ar", "el", "im", "on", "us") for c in ("ta", "ro", "li", "ne")]
    texts = [
        f"{words[group[row] % 160]} {words[(group[row] * 7 + 3) % 160]} {words[pick % 160]} {words[pick // 160 % 160]} {row}"
        for row, pick in enumerate(rng.integers(0, 25_600, size=n).tolist())
    ]
    began = time.perf_counter()
    made = explore(pa.table({"text": texts}), "text", vectors=folder / "v.npy", folder=folder / "x")
    print_stages(made, time.perf_counter() - began)


def print_stages(exploration: Exploration, seconds: float) -> None:
    """Prints the seconds of each stage and the peak of the memory so far."""
    stages = {name: stage["seconds"] for name, stage in exploration.manifest["stages"].items()}
    listed = ", ".join(f"{name} {value:.1f}" for name, value in stages.items())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"{len(exploration):,} rows in {seconds:.1f} s ({listed}); peak {peak:.2f} GB", flush=True)


if __name__ == "__main__":
    main()
