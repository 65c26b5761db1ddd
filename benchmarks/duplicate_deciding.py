"""Seconds of `Duplicates.at()` on a million stored pairs; see duplicates.py.

The evidence is made of arrays directly: as many rows as documents, no two texts equal.

* chains: pairs of consecutive documents, all lexical duplicates: chains of `N_IN_CHAIN`, so that what is dropped depends
  on what stays;
* random: pairs of any two documents: a third duplicates, a third to be reviewed, a third flagged;
* semantic: pairs of any two documents with a cosine from 0.80 on and nothing else.

Each with about a million documents, and with a tenth of that. `at` is asked for another threshold every time, as by a
slider.
"""

import cProfile
import pstats
import statistics
import time
from dataclasses import fields

import numpy as np

from nomic_explore.duplicates import Duplicates, Evidence, Pairs

N_PAIRS = 1_000_000
N_RUNS = 20
N_IN_CHAIN = 10
TARGET_S = 0.1
N_SHOWN = 8  # functions of a profile


def print_deciding(n_pairs: int = N_PAIRS) -> None:
    """Prints a table, and where the time goes."""
    rng = np.random.default_rng(0)
    n_few = n_pairs // 10
    cases = {
        "chains": make_evidence(*link_chains(n_pairs), rng, "lexical"),
        "random": make_evidence(*link_randomly(n_pairs, n_pairs, rng), rng, "mixed"),
        "random, a tenth of the documents": make_evidence(*link_randomly(n_pairs, n_few, rng), rng, "mixed"),
        "semantic": make_evidence(*link_randomly(n_pairs, n_pairs, rng), rng, "semantic"),
        "semantic, a tenth of the documents": make_evidence(*link_randomly(n_pairs, n_few, rng), rng, "semantic"),
    }
    print(f"\n### Deciding again, {n_pairs:,} stored pairs\n")
    print("| pairs | documents | dropped | to be reviewed | first decision | at(), median | slowest | asked for |")
    print("|---|---|---|---|---|---|---|---|", flush=True)
    profiles = {}
    for name, evidence in cases.items():
        began = time.perf_counter()
        found = Duplicates.from_evidence(evidence)
        first = time.perf_counter() - began
        seconds = time_decisions(found)
        median = statistics.median(seconds)
        n_drop, n_review = ((found.roles == role).sum() for role in ("drop", "review"))
        print(f"| {name} | {len(found.groups):,} | {n_drop:,} | {n_review:,} | {1000 * first:.0f} ms ", end="")
        is_met = median <= TARGET_S
        print(
            f"| {1000 * median:.0f} ms | {1000 * max(seconds):.0f} ms | 100 ms{'' if is_met else ' **missed**'} |",
            flush=True,
        )
        profiles[name] = profile(found)
    print("\nWhere the time goes (own seconds of functions, under the profiler):\n")
    for name, printed in profiles.items():
        print(f"* {name}: {printed}")


def time_decisions(found: Duplicates) -> list[float]:
    """Returns the seconds of each of `N_RUNS`."""
    seconds = []
    for threshold in np.linspace(0.85, 0.99, N_RUNS):
        began = time.perf_counter()
        found.at(min_similarity=float(threshold))
        seconds.append(time.perf_counter() - began)
    return seconds


def profile(found: Duplicates) -> str:
    """Returns the functions that take most of one decision."""
    profiler = cProfile.Profile()
    profiler.runcall(found.at, 0.92)
    measured = pstats.Stats(profiler).stats  # type: ignore[attr-defined]
    own = sorted(((summary[2], place) for place, summary in measured.items()), reverse=True)[:N_SHOWN]
    return ", ".join(f"{place[2].strip('<>')} {1000 * seconds:.0f} ms" for seconds, place in own)


def link_chains(n_pairs: int) -> tuple[np.ndarray, np.ndarray, int]:
    """Returns documents (p,) and (p,) that follow one another, and how many documents there are."""
    n_chains = -(-n_pairs // (N_IN_CHAIN - 1))
    first = np.arange(n_chains * N_IN_CHAIN)
    first = first[first % N_IN_CHAIN != N_IN_CHAIN - 1][:n_pairs]
    return first, first + 1, n_chains * N_IN_CHAIN


def link_randomly(n_pairs: int, n_documents: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, int]:
    """Returns distinct pairs of documents, lower number first, sorted, and how many documents there are."""
    one, two = rng.integers(0, n_documents, (2, n_pairs + n_pairs // 50))
    keys = np.unique(np.minimum(one, two) * n_documents + np.maximum(one, two))
    first, second = keys // n_documents, keys % n_documents
    places = np.sort(rng.permutation(np.flatnonzero(first != second))[:n_pairs])
    return first[places], second[places], n_documents


def make_evidence(
    first: np.ndarray, second: np.ndarray, n_documents: int, rng: np.random.Generator, kind: str
) -> Evidence:
    """Returns evidence of which all pairs are lexical duplicates, or near in meaning only, or mixed."""
    n = len(first)
    third = {"lexical": np.zeros(n, dtype=np.int64), "semantic": np.full(n, 3)}.get(kind, rng.integers(0, 3, n))
    # By third: strong letters; letters shared in part; strong letters but other numbers; none.
    held = np.choose(third, [0.95, 0.60, 0.95, 0.10]).astype(np.float32) + rng.uniform(0, 0.05, n).astype(np.float32)
    measured = {
        "first": first.astype(np.int32),
        "second": second.astype(np.int32),
        "similarities": rng.uniform(0.80, 1.0, n).astype(np.float32),
        "n_shared": np.full(n, 400, dtype=np.int32),
        "containment_first": held,
        "containment_second": held,
        "unmatched_first": np.zeros(n, dtype=np.int32),
        "unmatched_second": np.zeros(n, dtype=np.int32),
        "numbers_differ": third == 2,
    }
    other_flags = {each.name: np.zeros(n, dtype=bool) for each in fields(Pairs) if each.name not in measured}
    return Evidence(
        document=rng.permutation(n_documents).astype(np.int32),
        normalized=np.arange(n_documents, dtype=np.int32),
        lengths=rng.integers(50, 2_000, n_documents).astype(np.int32),
        roughness=np.zeros(n_documents, dtype=np.int32),
        centrality=rng.uniform(0, 1, n_documents).astype(np.float32),
        pairs=Pairs(**measured, **other_flags),
    )
