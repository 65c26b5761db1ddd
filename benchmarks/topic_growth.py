"""Seconds and memory of find_topics on more and more synthetic documents; see topics.py.

    python benchmarks/topic_growth.py prepare|measure N FOLDER

Documents lie round 300 centers in 384 dimensions; about 60 words each, two thirds of them drawn from the center's 400 words and one third
from stop words and 1,700 others, each by Zipf's law. Vectors, texts and graph are made in a process of their own and read from FOLDER by another, whose
memory is what the system says that it holds (resident), asked 20 times a second from the start of find_topics on.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil

N_CENTERS, N_DIMENSIONS = 300, 384
N_WORDS, N_OWN_WORDS, N_SHARED_WORDS = 20_000, 400, 2_000
N_IN_TEXT, N_SHARED_IN_TEXT = 60, 20
SPREAD = 1.0  # length of what is added to a center of length 1: documents round one center have a cosine of 0.5
BLOCK = 50_000  # documents made at a time
SYLLABLES = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]


def main() -> None:
    """Does one of the two steps."""
    {"prepare": prepare, "measure": measure}[sys.argv[1]](int(sys.argv[2]), Path(sys.argv[3]))


def print_growth(sizes: list[int]) -> None:
    """Prints a table, each size in processes of its own."""
    print("\n### Growth\n\n| documents | graph (before) | find_topics | memory, peak | topics | rows with a topic |")
    print("|---|---|---|---|---|---|", flush=True)
    for n in sizes:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            script = [sys.executable, __file__]
            made = subprocess.run([*script, "prepare", str(n), folder], check=True, stdout=subprocess.PIPE)
            found, peak = _watch([*script, "measure", str(n), folder])
        before = json.loads(made.stdout)["seconds"]
        cells = f"{found['seconds']:.1f} s | {peak / 1e9:.2f} GB | {found['sizes']} | {found['coverage']:.1%}"
        print(f"| {n:,} | {before:.0f} s | {cells} |", flush=True)


def _watch(command: list[str]) -> tuple[dict, int]:
    """Returns the last output of the process, and the most bytes it used after its first output."""
    process, peak = psutil.Popen(command, stdout=subprocess.PIPE, text=True), 0
    try:
        process.stdout.readline()
        while process.poll() is None:
            try:
                peak = max(peak, process.memory_info().rss)
            except psutil.NoSuchProcess:
                break
            time.sleep(0.05)
        printed = process.stdout.read()
    finally:
        if process.poll() is None:
            process.kill()
    if process.wait():
        raise SystemExit(f"{command} ended with code {process.returncode}; expected 0. Its own words are above.")
    return json.loads(printed), peak


def prepare(n: int, folder: Path) -> None:
    """Writes documents and graph; says how long the graph took."""
    from nomic_explore import build_graph

    random = np.random.default_rng(0)
    centers = _unit(random.standard_normal((N_CENTERS, N_DIMENSIONS), dtype=np.float32))
    words = _make_words(random)
    own = random.permuted(np.tile(np.arange(N_SHARED_WORDS, N_WORDS), (N_CENTERS, 1)), axis=1)[:, :N_OWN_WORDS]
    vectors = np.empty((n, N_DIMENSIONS), dtype=np.float32)
    with (folder / "texts.txt").open("w") as file:
        for start in range(0, n, BLOCK):
            group = random.integers(0, N_CENTERS, min(BLOCK, n - start))
            noise = random.standard_normal((len(group), N_DIMENSIONS), dtype=np.float32)
            vectors[start : start + BLOCK] = _unit(centers[group] + SPREAD * N_DIMENSIONS**-0.5 * noise)
            shared = _draw(random, N_SHARED_WORDS, (len(group), N_SHARED_IN_TEXT))
            special = _draw(random, N_OWN_WORDS, (len(group), N_IN_TEXT - N_SHARED_IN_TEXT))
            drawn = random.permuted(np.concatenate([shared, own[group[:, None], special]], axis=1), axis=1)
            file.writelines(" ".join(row) + "\n" for row in words[drawn].tolist())
    np.save(folder / "vectors.npy", vectors)
    began = time.perf_counter()
    graph = build_graph(vectors)
    print(json.dumps({"seconds": time.perf_counter() - began}))
    np.savez(folder / "graph.npz", **vars(graph))


def measure(n: int, folder: Path) -> None:
    """Says when it is ready, finds topics and says how long that took."""
    from nomic_explore import NeighborGraph, build_graph, find_topics, project

    texts = (folder / "texts.txt").read_text().splitlines()
    vectors = np.load(folder / "vectors.npy")
    kept = np.load(folder / "graph.npz")
    graph = NeighborGraph(kept["neighbors"], kept["similarities"], float(kept["recall"]), bool(kept["is_exact"]))
    project(np.eye(20), build_graph(np.eye(20)))  # numba compiles: not counted below
    print("ready", flush=True)
    began = time.perf_counter()
    topics = find_topics(texts, vectors, graph)
    seconds = time.perf_counter() - began
    sizes = " / ".join(f"{len(names):,}" for names in topics.names)
    coverage = float(min((labels >= 0).mean() for labels in topics.layers))
    print(json.dumps({"seconds": seconds, "sizes": sizes, "coverage": coverage}))


def _make_words(random: np.random.Generator) -> np.ndarray:
    """Returns N_WORDS different words, stop words first, which Zipf's law draws most."""
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    words = dict.fromkeys(sorted(word for word in ENGLISH_STOP_WORDS if len(word) > 1))
    while len(words) < N_WORDS:
        words["".join(random.choice(SYLLABLES, random.integers(2, 5)))] = None
    return np.array(list(words), dtype=object)


def _draw(random: np.random.Generator, n: int, shape: tuple[int, int]) -> np.ndarray:
    """Returns numbers below n, each as often as Zipf's law says."""
    shares = 1 / np.arange(1, n + 1)
    return np.searchsorted(np.cumsum(shares / shares.sum()), random.random(shape)).clip(max=n - 1)


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


if __name__ == "__main__":
    main()
