"""What other tools find on a corpus; runs in an interpreter of theirs, which need not have this project. See topics.py.

    python benchmarks/topic_peers.py METHOD FOLDER

FOLDER holds texts.json, vectors.npy, space.npy (a UMAP in five dimensions), fuzzy.npz (the weights between neighbors that this UMAP
was laid out from) and orders.npy (m, n): the orders the rows are put in. METHOD.json comes to lie beside them: for each
order what was found, the labels always in the order of the files. A first run on a part of the rows is not counted: numba compiles.
"""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

N_WARM = 5_000  # rows; pynndescent compiles only above 4,096
MIN_SIZES = (5, 15, 50)
RESOLUTIONS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)


@dataclass(frozen=True)
class Task:
    """A corpus as the tools want it: (n,) texts, (n, d) vectors, (n, 5) space, (n, n) sparse weights."""

    texts: list[str]
    vectors: np.ndarray
    space: np.ndarray
    fuzzy: Any

    def take(self, rows: np.ndarray) -> "Task":
        """Returns the task of these rows."""
        texts = [self.texts[row] for row in rows]
        return Task(texts, self.vectors[rows], self.space[rows], self.fuzzy[rows][:, rows])


def main() -> None:
    """Runs one method on each order and writes what it found."""
    method, folder = sys.argv[1], Path(sys.argv[2])
    run, package, is_random = METHODS[method]
    orders = np.load(folder / "orders.npy")
    task = read_task(folder)
    run(task.take(orders[0][:N_WARM]))
    runs = [in_order(run, task, order) for order in (orders if is_random else orders[:1])]
    (folder / f"{method}.json").write_text(json.dumps({"version": f"{package} {version(package)}", "runs": runs}))


def read_task(folder: Path) -> Task:
    """Returns what the folder holds."""
    from scipy.sparse import load_npz

    texts = json.loads((folder / "texts.json").read_text())
    fuzzy = load_npz(folder / "fuzzy.npz").tocsr()
    return Task(texts, np.load(folder / "vectors.npy"), np.load(folder / "space.npy"), fuzzy)


def in_order(run: Callable[[Task], list[dict[str, Any]]], task: Task, order: np.ndarray) -> list[dict[str, Any]]:
    """Returns what a method finds on the rows in this order, with the labels put back in the order of the task."""
    found = run(task.take(order))
    for one in found:
        placed = np.empty((len(one["layers"]), len(order)), dtype=np.int64)
        placed[:, order] = np.array(one["layers"])
        one["layers"] = placed.tolist()
    return found


def run_bertopic(task: Task) -> list[dict[str, Any]]:
    """Returns BERTopic's default on given vectors, and the same with its outliers put into the topic nearest by vector."""
    from bertopic import BERTopic

    began = time.perf_counter()
    model = BERTopic(language="english")
    topics, _ = model.fit_transform(task.texts, task.vectors)
    seconds = time.perf_counter() - began
    about = model.get_topic_info()
    names = [name.split("_", 1)[1].replace("_", " ") for name in about.Name[about.Topic >= 0]]
    reduced = topics
    if -1 in topics:
        reduced = model.reduce_outliers(task.texts, topics, strategy="embeddings", embeddings=task.vectors)
    return [
        _tell("BERTopic", [topics], seconds) | {"names": names},
        _tell("BERTopic, outliers reduced", [reduced], time.perf_counter() - began),
    ]


def run_evoc(task: Task) -> list[dict[str, Any]]:
    """Returns EVoC's default labels, and all its layers."""
    from evoc import EVoC

    began = time.perf_counter()
    model = EVoC()
    labels = model.fit_predict(task.vectors)
    seconds = time.perf_counter() - began
    return [_tell("EVoC", [labels], seconds), _tell("EVoC, all layers", model.cluster_layers_, seconds)]


def run_plscan(task: Task) -> list[dict[str, Any]]:
    """Returns PLSCAN's default labels on the space, and all its layers."""
    from fast_plscan import PLSCAN

    began = time.perf_counter()
    model = PLSCAN().fit(task.space)
    seconds = time.perf_counter() - began
    layers = [layer[1] for layer in model.cluster_layers()] or [model.labels_]
    return [_tell("PLSCAN", [model.labels_], seconds), _tell("PLSCAN, all layers", layers, seconds)]


def run_hdbscan(task: Task) -> list[dict[str, Any]]:
    """Returns HDBSCAN on the space with several least sizes of a topic."""
    from fast_hdbscan import HDBSCAN

    began = time.perf_counter()
    layers = [HDBSCAN(min_cluster_size=size).fit_predict(task.space) for size in MIN_SIZES]
    return [_tell("HDBSCAN", layers, time.perf_counter() - began)]


def run_leiden(task: Task) -> list[dict[str, Any]]:
    """Returns Leiden's communities of the weighted graph at several resolutions."""
    import igraph
    import leidenalg
    from scipy.sparse import triu

    began = time.perf_counter()
    pairs = triu(task.fuzzy, 1).tocoo()
    graph = igraph.Graph(n=len(task.texts), edges=np.stack([pairs.row, pairs.col], axis=1).tolist())
    kind, weights = leidenalg.RBConfigurationVertexPartition, pairs.data.tolist()
    layers = [
        leidenalg.find_partition(graph, kind, weights=weights, resolution_parameter=resolution, seed=0).membership
        for resolution in RESOLUTIONS
    ]
    return [_tell("Leiden", layers, time.perf_counter() - began)]


def _tell(method: str, layers: Any, seconds: float) -> dict[str, Any]:
    return {"method": method, "layers": [np.asarray(labels).tolist() for labels in layers], "seconds": seconds}


# How to run it, the package, and whether it is tried on all orders of the rows or on the first alone.
METHODS: dict[str, tuple[Callable[[Task], list[dict[str, Any]]], str, bool]] = {
    "bertopic": (run_bertopic, "bertopic", True),
    "evoc": (run_evoc, "evoc", True),
    "plscan": (run_plscan, "fast-plscan", False),
    "hdbscan": (run_hdbscan, "fast-hdbscan", False),
    "leiden": (run_leiden, "leidenalg", False),
}

if __name__ == "__main__":
    main()
