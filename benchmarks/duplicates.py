"""Duplicates beside other tools on planted duplicates; other corpora; how fast decisions are; growth.

    python benchmarks/duplicates.py FOLDER [--peer-python VENV/bin/python] [--planted] [--others] [--decide] [--sizes N N]

FOLDER holds NAME.parquet and NAME.minilm.npy (vectors row by row). The peers' interpreter has to have semhash,
datasketch and scikit-learn (the first two are no dependencies of this project); each peer runs in a process of its
own (duplicate_peers.py), on the same texts and vectors; without it only ours is measured.

* --planted: planted_duplicates, where dup_cluster says what is a duplicate and kind how it was made. All pairs of rows in
  one group against all pairs in one cluster: precision, recall, F1. A dropped row and the row it duplicates are one
  group ("drops"); what is to be reviewed and what it resembles too ("drops and review"). Changed rows (neg_...) are
  no duplicates. Core duplicates, and by kind: duplicates in one group with their original. Lost: texts of which no duplicate stays.
  Peers at each threshold and at their best by F1. Seconds include the graph, not the vectors;
* --others: duplicate_others.py;
* --decide: duplicate_deciding.py;
* --sizes: duplicate_growth.py.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as parquet
from duplicate_deciding import print_deciding
from duplicate_growth import print_growth
from duplicate_others import print_others
from duplicate_scores import CORE, Found, Planted, Score, list_ours, recall_by_kind, score

from nomic_explore import Duplicates, build_graph, find_duplicates

CORPUS = "planted_duplicates"
PEERS = ("semhash", "minhash", "semdedup")
PEER_TIMEOUT_S = 3600
CHAIN_ENDS = ("chain4", "chain5", "chain6")


def main() -> None:
    """Measures and prints tables in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--peer-python", type=Path, help="interpreter that has the peers")
    parser.add_argument("--planted", action="store_true", help="planted duplicates, beside the peers")
    parser.add_argument(
        "--others", action="store_true", help="real duplicates, and duplicates planted into other corpora"
    )
    parser.add_argument("--seeds", type=int, default=2, help="of the planting into other corpora")
    parser.add_argument("--decide", action="store_true", help="seconds of decisions on a million pairs")
    parser.add_argument("--sizes", type=int, nargs="*", default=[], help="growth at these numbers of rows")
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores", flush=True)
    if options.sizes:
        print_growth(options.folder, options.sizes)
    if options.planted:
        print_planted(options.folder, options.peer_python)
    if options.others:
        print_others(options.folder, options.seeds)
    if options.decide:
        print_deciding()


def print_planted(folder: Path, python: Path | None) -> None:
    """Prints how well ours and the peers agree with the planted duplicates."""
    planted, vectors = read_planted(folder)
    began = time.perf_counter()
    found = find_duplicates(planted.texts, vectors, build_graph(vectors, 30))
    ours = list_ours(found, time.perf_counter() - began)
    peers = run_peers(planted.texts, vectors, python) if python else []
    scores = {(one.method, one.setting): score(one, planted) for one in [*ours, *peers]}
    best = [_best_of(method, peers, scores) for method in dict.fromkeys(one.method for one in peers)]
    n_negative = int(planted.is_negative.sum())
    print(f"\n### Planted duplicates: {len(planted.texts):,} rows, {n_negative} changed rows that are no duplicates\n")
    print(
        "| | threshold | F1 | precision | recall | core duplicates found | rows dropped | changed rows dropped | lost | seconds |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    for one in [*ours, *peers]:
        summary, name = scores[one.method, one.setting], f"**{one.method}**" if one in best else one.method
        print(f"| {name} | {one.setting} | {summary.f1:.3f} | {summary.precision:.4f} | {summary.recall:.3f} ", end="")
        print(
            f"| {summary.core_recall:.3f} | {summary.n_dropped:,} | {summary.n_negatives_dropped} | {summary.n_lost} | {one.seconds:.1f} |"
        )
    print("\nBold: each peer at its best F1.\n")
    _print_kinds(planted, found, [*ours, *best])
    _print_verdict(planted, ours, [scores[one.method, one.setting] for one in ours])


def read_planted(folder: Path) -> tuple[Planted, np.ndarray]:
    """Returns the corpus with its truth, and (n, d) vectors."""
    table = parquet.read_table(folder / f"{CORPUS}.parquet", columns=["text", "dup_cluster", "kind"]).to_pydict()
    vectors = np.load(folder / f"{CORPUS}.minilm.npy").astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return Planted(table["text"], np.array(table["dup_cluster"]), np.array(table["kind"])), vectors


def run_peers(texts: list[str], vectors: np.ndarray, python: Path) -> list[Found]:
    """Returns what each peer that ended well found at each threshold."""
    found, versions = [], []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "texts.json").write_text(json.dumps(texts))
        np.save(folder / "vectors.npy", vectors)
        for method in PEERS:
            print(f"{method} …", file=sys.stderr, flush=True)
            command = [str(python), str(Path(__file__).with_name("duplicate_peers.py")), method, str(folder)]
            try:
                subprocess.run(command, check=True, stdout=sys.stderr, timeout=PEER_TIMEOUT_S)
            except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
                print(f"* {method} ended with {type(error).__name__}; its own words are on the error stream.\n")
                continue
            summary = json.loads((folder / f"{method}.json").read_text())
            versions.append(summary["version"])
            found += [
                Found(one["method"], one["setting"], np.array(one["groups"]), np.array(one["dropped"]), one["seconds"])
                for one in summary["runs"]
            ]
    print(f"\n{', '.join(versions)}", flush=True)
    return found


def _best_of(method: str, peers: list[Found], scores: dict[tuple[str, str], Score]) -> Found:
    return max((one for one in peers if one.method == method), key=lambda one: scores[one.method, one.setting].f1)


def _print_kinds(planted: Planted, found: Duplicates, compared: list[Found]) -> None:
    """Prints for each kind the share found in one group with its original; of changed rows how many were dropped."""
    recalls = [recall_by_kind(one, planted) for one in compared]
    print("| found with their original | rows |", *(f" {one.method} |" for one in compared), sep="")
    print("|---|---|", "---|" * len(compared), sep="")
    for kind in sorted(recalls[0], key=lambda kind: (kind not in CORE, kind)):
        n = int((planted.kinds == kind).sum())
        print(f"| {kind} | {n} |", *(f" {recall[kind]:.3f} |" for recall in recalls), sep="")
    for kind in sorted(set(planted.kinds[planted.is_negative].tolist())):
        rows = planted.kinds == kind
        print(f"| {kind}: dropped | {rows.sum()} |", *(f" {one.dropped[rows].sum()} |" for one in compared), sep="")
    n_asked = int((found.roles[planted.is_negative] == "review").sum())
    n_review = int((found.roles == "review").sum())
    print(f"\n{n_review:,} rows are to be reviewed, {n_asked} of them changed rows.")
    gone = np.flatnonzero((planted.kinds == "original") & (found.roles == "drop"))
    kinds, counts = np.unique(planted.kinds[found.keepers[gone]], return_counts=True)
    summary = ", ".join(f"{count} {kind}" for kind, count in zip(kinds, counts, strict=True))
    print(f"{len(gone)} originals are dropped for a duplicate of themselves: {summary}.\n")


def _print_verdict(planted: Planted, ours: list[Found], scores: list[Score]) -> None:
    """Prints what was asked for, and whether it is met."""
    drops, both = scores
    ends = {kind: share for kind, share in recall_by_kind(ours[1], planted).items() if kind not in CHAIN_ENDS}
    least = min(ends, key=lambda kind: ends[kind])
    print("| asked for | at least | measured |\n|---|---|---|")
    for words, wish, value in (
        ("precision of drops, pairs", 0.99, drops.precision),
        ("core duplicates found by drops", 0.97, drops.core_recall),
        (f"least of a kind with review, chain ends apart: {least}", 0.9, ends[least]),
        ("F1 of drops and review", 0.95, both.f1),
    ):
        print(f"| {words} | {wish} | {value:.4f}{'' if value >= wish else ' **missed**'} |")
    n = drops.n_negatives_dropped
    print(f"| changed rows dropped | none | {n}{' **missed**' if n else ''} |", flush=True)


if __name__ == "__main__":
    main()
