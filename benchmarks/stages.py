"""Time and quality of the stages after the embedding, on corpora with labels and ready vectors.

    python benchmarks/stages.py FOLDER

FOLDER holds NAME.parquet and NAME.minilm.npy (vectors row by row) for arxiv_20k, bbc_news, banking77 and planted_duplicates; those that
are missing are left out. Topics are compared with labels by the adjusted mutual information (AMI); dropped rows with the truth
about planted copies (column dup_cluster; kind neg_* marks rows that look like copies and are none).
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet

from nomic_explore import NeighborGraph, build_graph, find_duplicates, find_topics, project

Made = TypeVar("Made")
LABELLED = ("arxiv_20k", "bbc_news", "banking77")


def main() -> None:
    """Measures and prints tables in Markdown."""
    folder = Path(sys.argv[1])
    project(
        np.eye(20, dtype=np.float32), build_graph(np.eye(20, dtype=np.float32))
    )  # numba compiles: not counted below
    print("| corpus | rows | graph | positions | topics | sizes | AMI of each layer |\n|---|---|---|---|---|---|---|")
    for name in LABELLED:
        if (folder / f"{name}.minilm.npy").is_file():
            _measure_topics(folder, name)
    if (folder / "planted_duplicates.minilm.npy").is_file():
        _measure_duplicates(folder)


def _measure_topics(folder: Path, name: str) -> None:
    from sklearn.metrics import adjusted_mutual_info_score

    table, texts, vectors = _read(folder, name)
    graph, graph_seconds = _time(lambda: build_graph(vectors))
    _, position_seconds = _time(lambda: project(vectors, graph))
    topics, topic_seconds = _time(lambda: find_topics(texts, vectors, graph))
    labels = table.column("label").to_pylist()
    agreement = " / ".join(f"{adjusted_mutual_info_score(labels, layer):.2f}" for layer in topics.layers)
    sizes = " / ".join(str(len(names)) for names in topics.names)
    print(
        f"| {name} | {len(texts):,} | {graph_seconds:.1f} s | {position_seconds:.1f} s | {topic_seconds:.1f} s | {sizes} | {agreement} |"
    )


def _measure_duplicates(folder: Path) -> None:
    table, texts, vectors = _read(folder, "planted_duplicates")
    cluster, kind = np.array(table.column("dup_cluster").to_pylist()), table.column("kind").to_pylist()
    is_negative = np.array([text.startswith("neg_") for text in kind])
    graph: NeighborGraph = build_graph(vectors)
    print(
        "\n| semantic threshold | rows dropped | right | negatives dropped | copies found | seconds |\n|---|---|---|---|---|---|"
    )
    n_copies = len(cluster) - len(set(cluster))
    for threshold in (0.95, 0.90):
        found, seconds = _time(lambda limit=threshold: find_duplicates(texts, vectors, graph, min_similarity=limit))
        rows = np.flatnonzero(found.roles == "drop")
        is_right = cluster[rows] == cluster[found.keepers[rows]]
        print(
            f"| {threshold} | {len(rows):,} | {is_right.mean():.1%} | {is_negative[rows].sum()} | {is_right.sum() / n_copies:.1%} | {seconds:.1f} s |"
        )


def _read(folder: Path, name: str) -> tuple[pa.Table, list[str], np.ndarray]:
    table = parquet.read_table(folder / f"{name}.parquet")
    columns = ["title", "abstract"] if "abstract" in table.column_names else ["text"]
    texts = [". ".join(parts) for parts in zip(*(table.column(c).to_pylist() for c in columns), strict=True)]
    vectors = np.load(folder / f"{name}.minilm.npy").astype(np.float32)
    return table, texts, vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def _time(run: Callable[[], Made]) -> tuple[Made, float]:
    began = time.perf_counter()
    made = run()
    return made, time.perf_counter() - began


if __name__ == "__main__":
    main()
