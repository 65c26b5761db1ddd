"""Which rows other tools take for duplicates; runs in an interpreter of theirs, without this project. See duplicates.py.

    python benchmarks/duplicate_peers.py METHOD FOLDER

FOLDER holds texts.json and vectors.npy (n, d). METHOD.json comes to lie beside them: for each threshold the groups,
the rows dropped and the seconds.

* semhash: its `self_deduplicate` on the given vectors; a row is a duplicate of the one named beside it.
* minhash: datasketch's MinHash of the distinct 5-grams of letters and digits, lower case, 256 permutations;
  candidates from its MinHashLSH whose estimated Jaccard similarity reaches the threshold. Joined in two ways:
  chained, as text-dedup and NeMo do (all that hang together are duplicates, the first stays), and direct (in order of
  rows, each is a duplicate of the nearest kept row).
* semdedup: k-means cells of the vectors; within a cell, from the farthest from its center on, a row goes if one
  before it has at least this cosine (Abbas et al., SemDeDup, 2023); all that hang together are one group.
"""

import json
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

COSINES = (0.70, 0.75, 0.80, 0.85, 0.90, 0.95)
JACCARDS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
N_PERMUTATIONS, WIDTH = 256, 5
ROWS_IN_CELL = 100


def main() -> None:
    """Runs one method and writes what it found."""
    method, folder = sys.argv[1], Path(sys.argv[2])
    run, package = METHODS[method]
    texts, vectors = json.loads((folder / "texts.json").read_text()), np.load(folder / "vectors.npy")
    summary = {"version": f"{package} {version(package)}", "runs": run(texts, vectors)}
    (folder / f"{method}.json").write_text(json.dumps(summary))


def run_semhash(texts: list[str], vectors: np.ndarray) -> list[dict[str, Any]]:
    """Returns semhash's groups at each threshold."""
    from semhash import SemHash

    records = [{"text": text, "row": row} for row, text in enumerate(texts)]
    runs = []
    for threshold in COSINES:
        began = time.perf_counter()
        # The model would only be asked for vectors of further records.
        index = SemHash.from_embeddings(vectors, records, model=None, columns=["text"])
        found = index.self_deduplicate(threshold)
        seconds = time.perf_counter() - began
        groups, dropped = np.arange(len(texts)), np.zeros(len(texts), dtype=bool)
        for duplicate in found.filtered:
            groups[duplicate.record["row"]] = duplicate.duplicate_of["row"]
            dropped[duplicate.record["row"]] = True
        runs.append(_tell("semhash", threshold, groups, dropped, seconds))
    return runs


def run_minhash(texts: list[str], vectors: np.ndarray) -> list[dict[str, Any]]:
    """Returns the groups of MinHash at each Jaccard similarity, joined in both ways."""
    from datasketch import MinHash, MinHashLSH

    began = time.perf_counter()
    signatures = []
    for text in texts:
        normalized = "".join(character for character in text.casefold() if character.isalnum())
        signature = MinHash(num_perm=N_PERMUTATIONS)
        signature.update_batch(
            sorted({normalized[at : at + WIDTH].encode() for at in range(max(1, len(normalized) - WIDTH + 1))})
        )
        signatures.append(signature)
    signing = time.perf_counter() - began
    runs = []
    for least in JACCARDS:
        began = time.perf_counter()
        index = MinHashLSH(threshold=least, num_perm=N_PERMUTATIONS)
        pairs, nearness = [], []
        for row, signature in enumerate(signatures):
            for other in index.query(signature):
                jaccard = signature.jaccard(signatures[other])
                if jaccard >= least:
                    pairs.append((row, other))
                    nearness.append(jaccard)
            index.insert(row, signature)
        seconds = signing + time.perf_counter() - began
        chained, direct = chain(len(texts), pairs), take_direct(len(texts), pairs, nearness)
        runs.append(_tell("MinHash, chained", least, chained, chained != np.arange(len(texts)), seconds))
        runs.append(_tell("MinHash, direct", least, direct, direct != np.arange(len(texts)), seconds))
    return runs


def run_semdedup(texts: list[str], vectors: np.ndarray) -> list[dict[str, Any]]:
    """Returns the groups of a cosine threshold within cells."""
    from sklearn.cluster import KMeans

    began = time.perf_counter()
    n_cells = max(1, len(vectors) // ROWS_IN_CELL)
    model = KMeans(n_cells, n_init=1, random_state=0).fit(vectors)
    centers = model.cluster_centers_ / np.linalg.norm(model.cluster_centers_, axis=1, keepdims=True)
    nearness = np.einsum("nd,nd->n", vectors, centers[model.labels_])
    clustering = time.perf_counter() - began
    runs = []
    for threshold in COSINES:
        began = time.perf_counter()
        dropped, pairs = np.zeros(len(vectors), dtype=bool), []
        for cell in range(n_cells):
            rows = np.flatnonzero(model.labels_ == cell)
            rows = rows[np.argsort(nearness[rows], kind="stable")]
            near = np.triu(vectors[rows] @ vectors[rows].T >= threshold, 1)
            dropped[rows] = near.any(axis=0)
            pairs += [(int(rows[one]), int(rows[two])) for one, two in zip(*np.nonzero(near), strict=True)]
        groups = chain(len(vectors), pairs)
        runs.append(_tell("SemDeDup's way", threshold, groups, dropped, clustering + time.perf_counter() - began))
    return runs


def chain(n: int, pairs: list[tuple[int, int]]) -> np.ndarray:
    """Returns (n,) the first row of all that hang together."""
    first = list(range(n))

    def find(row: int) -> int:
        while first[row] != row:
            first[row] = row = first[first[row]]
        return row

    for one, two in pairs:
        low, high = sorted((find(one), find(two)))
        first[high] = low
    return np.array([find(row) for row in range(n)])


def take_direct(n: int, pairs: list[tuple[int, int]], nearness: list[float]) -> np.ndarray:
    """Returns (n,) for each row the nearest earlier one that stays and that it matches; itself where there is none."""
    earlier: dict[int, list[tuple[float, int]]] = {}
    for (row, other), near in zip(pairs, nearness, strict=True):
        earlier.setdefault(row, []).append((near, -other))
    keepers = np.arange(n)
    for row in sorted(earlier):
        staying = [(near, other) for near, other in earlier[row] if keepers[-other] == -other]
        if staying:
            keepers[row] = -max(staying)[1]
    return keepers


def _tell(method: str, setting: float, groups: np.ndarray, dropped: np.ndarray, seconds: float) -> dict[str, Any]:
    summary = {"method": method, "setting": f"{setting:.2f}", "seconds": seconds}
    return summary | {"groups": groups.tolist(), "dropped": dropped.tolist()}


METHODS: dict[str, tuple[Callable[[list[str], np.ndarray], list[dict[str, Any]]], str]] = {
    "semhash": (run_semhash, "semhash"),
    "minhash": (run_minhash, "datasketch"),
    "semdedup": (run_semdedup, "scikit-learn"),
}

if __name__ == "__main__":
    main()
