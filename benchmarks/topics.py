"""Topics beside other tools, on corpora with labels and ready vectors: agreement, the same every time, names, cuts, growth.

    python benchmarks/topics.py FOLDER [--peer-python VENV/bin/python] [--cuts] [--names] [--sizes 20000,100000,1000000]

FOLDER holds NAME.parquet and NAME.minilm.npy (vectors row by row) for each of --corpora. The peers' interpreter has to have bertopic,
evoc and fast-plscan, for --cuts also fast-hdbscan, leidenalg and igraph (they are no dependencies of this project); each peer
runs on each corpus in a process of its own (topic_peers.py), one after the other; without it only ours is measured.

* agreement: AMI and ARI with the labels over all rows; rows without a topic are one group of their own. Where a method has
  several layers: the best, then all from coarse to fine (of more than six the first and the last). Oracle: k-means and Ward
  at the true number in umap-learn's UMAP of 5 dimensions, on which PLSCAN and the cuts work too. Seconds: of ours without the
  graph; of those on that UMAP with it; numba compiled before;
* the same every time: ours on shuffled rows and with other seeds against the first run (the least of --seeds); the peers on two
  shuffles against each other;
* --names: the share of names whose vector is nearest to the mean vector of their own topic, names of stop words, names given
  twice, and how near the best name comes to the titles of the classes; names in ten languages if FOLDER has them;
* --cuts: other ways to cut: k-means and Ward at half, once and twice the true number, HDBSCAN, PLSCAN, Leiden; the best of each;
* --sizes: topic_growth.py.
"""

import argparse
import os
import signal
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from topic_growth import print_growth
from topic_methods import (
    Case,
    Found,
    Space,
    count_topics,
    find_oracles,
    lay_out,
    measure,
    read_case,
    read_found,
    run_peers,
    score,
)
from topic_names import print_languages, print_names

from nomic_explore import Topics, build_graph, find_topics

PEERS, CUTTERS = ("bertopic", "evoc", "plscan"), ("hdbscan", "leiden")
OURS = "nomic_explore"


def main() -> None:
    """Measures and prints tables in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--corpora", default="bbc_news,banking77,stackoverflow_stc,arxiv_20k", help="with commas")
    parser.add_argument("--peer-python", type=Path, help="interpreter that has the peers")
    parser.add_argument("--seeds", type=int, default=1, help="other seeds that ours is tried with")
    parser.add_argument("--names", action="store_true", help="also measure the names")
    parser.add_argument("--cuts", action="store_true", help="also compare ways to cut")
    parser.add_argument("--sizes", default="", help="also measure growth at these numbers of documents, with commas")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    find_topics([f"word {row}" for row in range(20)], np.eye(20), build_graph(np.eye(20)))  # numba compiles
    memory = f"{psutil.virtual_memory().total / 2**30:.0f} GiB"
    print(
        f"{os.cpu_count()} cores, {memory}; umap-learn {version('umap-learn')}, scikit-learn {version('scikit-learn')}"
    )
    verdicts = [line for name in options.corpora.split(",") for line in measure_corpus(name, options)]
    print(
        "\n### Against what was asked for\n\n| corpus, label | AMI | the best peer | of the oracle's AMI (0.95)", end=""
    )
    print(" | rows with a topic (95 %) | ARI at the true number, of the oracle's (0.95) |\n|---|---|---|---|---|---|")
    print("\n".join(verdicts), flush=True)
    if options.names:
        print_languages(options.folder, _open_embedder())
    if options.sizes:
        print_growth([int(size) for size in options.sizes.split(",")])


def measure_corpus(name: str, options: argparse.Namespace) -> list[str]:
    """Prints the tables of one corpus; returns the lines of the table at the end."""
    case = read_case(options.folder, name)
    print(f"\n### {name}, {len(case.texts):,} rows\n", flush=True)
    topics, seconds = measure(lambda: find_topics(case.texts, case.vectors, case.graph))
    ours = [Found(OURS, list(topics.layers), seconds), *(_find_true_number(case, column) for column in case.labels)]
    space = lay_out(case.vectors)
    oracles = [found for column in case.labels for found in find_oracles(case, space, column)]
    methods = PEERS + (CUTTERS if options.cuts else ())
    runs = run_peers(case, space, options.peer_python, methods) if options.peer_python else {}
    peers_found = [read_found(one, space) for method in methods for one in runs.get(method, [[]])[0]]
    peers = [found for found in peers_found if found.method not in ("HDBSCAN", "Leiden")]
    scores = {
        (found.method, column): [score(labels, layer) for layer in found.layers]
        for found in [*ours, *oracles, *peers_found]
        for column, labels in case.labels.items()
        if found.column in ("", column)
    }
    print_agreement(case, [*oracles, *ours, *peers], scores)
    print_sameness(case, topics, runs, options.seeds)
    if options.names:
        peer = runs["bertopic"][0][0] if "bertopic" in runs else None
        print_names(name, case.vectors, topics, peer, _open_embedder())
    if options.cuts:
        print_cuts(case, space, [ours[0], *peers_found])
    return [_judge(case, column, topics, peers, scores) for column in case.labels]


def print_agreement(case: Case, found: list[Found], scores: dict[tuple[str, str], list[tuple[float, float]]]) -> None:
    """Prints a row a method."""
    columns = [f" AMI with {column} | ARI with {column} |" for column in case.labels]
    print("| | topics | without a topic | seconds |", *columns, sep="")
    print("|---|---|---|---|", "---|---|" * len(columns), sep="")
    for one in found:
        topics = _tell_all([f"{count_topics(labels)}" for labels in one.layers])
        outside = _tell_all([f"{(labels < 0).mean():.1%}" for labels in one.layers])
        print(f"| {one.method} | {topics} | {outside} | {one.seconds:.1f} |", end="")
        for column in case.labels:
            values = scores.get((one.method, column), [])
            print(*(f" {_tell_best([value[at] for value in values])} |" for at in (0, 1)), sep="", end="")
        print(flush=True)


def print_sameness(case: Case, topics: Topics, runs: dict[str, list[list[dict[str, Any]]]], n_seeds: int) -> None:
    """Prints whether other orders and seeds give the same."""
    order = case.orders[1]
    texts, vectors = [case.texts[row] for row in order], case.vectors[order]
    shuffled = find_topics(texts, vectors, build_graph(vectors))
    back = [_put_back(labels, order) for labels in shuffled.layers]
    is_equal = all(map(np.array_equal, back, topics.layers)) and shuffled.names == topics.names
    seeds = [find_topics(case.texts, case.vectors, case.graph, seed=43 + at) for at in range(n_seeds)]
    others = [min(values) for values in zip(*(_compare(topics.layers, other.layers) for other in seeds), strict=True)]
    equal = "the same labels and names" if is_equal else "labels or names differ"
    print("\n| | AMI between two runs, of each layer |\n|---|---|")
    print(f"| {OURS}, rows shuffled | {_tell(_compare(topics.layers, back))}; {equal} |")
    print(f"| {OURS}, another seed (the least of {n_seeds}) | {_tell(others)} |")
    print(f"| {OURS}, layers nest | {'yes' if _is_nested(topics) else 'no'} |")
    for method in ("bertopic", "evoc"):
        if method in runs:
            first, second = (np.array(run[0]["layers"][0]) for run in runs[method][1:])
            name, counts = runs[method][0][0]["method"], f"{count_topics(first)} and {count_topics(second)} topics"
            print(f"| {name}, rows shuffled twice | {_tell(_compare([first], [second]))}; {counts} |")
    sys.stdout.flush()


def print_cuts(case: Case, space: Space, found: list[Found]) -> None:
    """Prints the best of each way to cut, chosen by its AMI with the labels."""
    print(
        "\n| ways to cut, the best AMI of each |",
        *(f" {column} | topics | without |" for column in case.labels),
        sep="",
    )
    print("|---|", "---|---|---|" * len(case.labels), sep="")
    rows: dict[str, list[str]] = {}
    for column, labels in case.labels.items():
        tried = [*find_oracles(case, space, column, (0.5, 1.0, 2.0)), *found]
        for one in tried:
            best, layer = max(((score(labels, layer)[0], layer) for layer in one.layers), key=lambda pair: pair[0])
            name = one.method.removeprefix("oracle: ").split(",")[0] if one.column else one.method
            rows.setdefault(name, []).append(f" {best:.3f} | {count_topics(layer)} | {(layer < 0).mean():.1%} |")
    for name, cells in rows.items():
        print(f"| {name} |", *cells, sep="", flush=True)


def _judge(case: Case, column: str, topics: Topics, peers: list[Found], scores: dict) -> str:
    """Returns the line that tells whether what was asked for is met."""
    true = int(case.labels[column].max()) + 1
    oracle = [scores[f"oracle: {how}, {true}", column][0] for how in ("k-means", "Ward")]
    ami = max(value[0] for value in scores[OURS, column])
    share = scores[f"{OURS}, n_topics={true}", column][0][1] / max(value[1] for value in oracle)
    best = max(((max(scores[one.method, column])[0], one.method) for one in peers), default=None)
    beside = "—" if best is None else f"{best[0]:.3f} ({best[1]}){'' if ami > best[0] else ' **missed**'}"
    coverage = min((labels >= 0).mean() for labels in topics.layers)
    return (
        f"| {case.name}, {column} | {ami:.3f} | {beside} "
        f"| {_format_met(ami / max(value[0] for value in oracle), 0.95)} "
        f"| {_format_met(coverage, 0.95)} | {_format_met(share, 0.95)} |"
    )


def _find_true_number(case: Case, column: str) -> Found:
    true = int(case.labels[column].max()) + 1
    topics, seconds = measure(lambda: find_topics(case.texts, case.vectors, case.graph, n_topics=true))
    return Found(f"{OURS}, n_topics={true}", [topics.layers[-1]], seconds, column)


def _compare(layers: Any, others: Any) -> list[float]:
    """Returns the AMI of each pair of layers; of those that both have, from the finest up."""
    pairs = list(zip(reversed(layers), reversed(others), strict=False))
    return [score(one, other)[0] for one, other in reversed(pairs)]


def _put_back(labels: np.ndarray, order: np.ndarray) -> np.ndarray:
    placed = np.empty_like(labels)
    placed[order] = labels
    return placed


def _is_nested(topics: Topics) -> bool:
    """Returns whether every document of a topic is in the topic's parent."""
    return all(
        np.array_equal(coarse[fine >= 0], parents[fine[fine >= 0]])
        for coarse, fine, parents in zip(topics.layers, topics.layers[1:], topics.parents[1:], strict=False)
    )


def _tell(values: list[float]) -> str:
    return " / ".join(f"{value:.3f}" for value in values)


def _tell_all(words: list[str]) -> str:
    """Returns what is printed of each layer, of many only of the first and the last."""
    return " / ".join(words) if len(words) < 7 else f"{words[0]} … {words[-1]}"


def _tell_best(values: list[float]) -> str:
    if len(values) < 2:
        return _tell(values)
    return f"{max(values):.3f} ({_tell_all([f'{value:.2f}' for value in values])})"


def _format_met(value: float, least: float) -> str:
    return f"{value:.3f}{'' if value >= least else ' **missed**'}"


def _open_embedder() -> Callable[[Any], np.ndarray]:
    from nomic_explore import Embedder

    return Embedder("minilm").encode


if __name__ == "__main__":
    main()
