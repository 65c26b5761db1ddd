"""What topics are measured with: the corpora, the oracle on a UMAP of them, and the peers; see topics.py."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pyarrow.parquet as parquet

from nomic_explore import NeighborGraph, build_graph

Made = TypeVar("Made")
COLUMNS = {"arxiv_20k": ("label", "archive")}  # of the labels; "label" elsewhere
PEER_TIMEOUT_S = 3600


@dataclass(frozen=True)
class Case:
    """A corpus: n texts, (n, d) vectors, columns of (n,) labels as numbers, their graph, (2 + 1, n) orders: as it is and shuffled."""

    name: str
    texts: list[str]
    vectors: np.ndarray
    labels: dict[str, np.ndarray]
    graph: NeighborGraph
    orders: np.ndarray


@dataclass(frozen=True)
class Space:
    """umap-learn's UMAP of a corpus: (n, 5) points, (n, n) sparse weights, and the seconds it took."""

    points: np.ndarray
    fuzzy: Any
    seconds: float


@dataclass(frozen=True)
class Found:
    """What a method found: layers of (n,) labels, coarse to fine; `column`: the labels whose number it was given."""

    method: str
    layers: list[np.ndarray]
    seconds: float
    column: str = ""


def read_case(folder: Path, name: str) -> Case:
    """Returns a corpus with its graph."""
    table = parquet.read_table(folder / f"{name}.parquet")
    columns = ["title", "abstract"] if "abstract" in table.column_names else ["text"]
    texts = [". ".join(parts) for parts in zip(*(table.column(c).to_pylist() for c in columns), strict=True)]
    vectors = np.load(folder / f"{name}.minilm.npy").astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    known = {column: np.array(table.column(column).to_pylist()) for column in COLUMNS.get(name, ("label",))}
    labels = {column: np.unique(values, return_inverse=True)[1] for column, values in known.items()}
    random = np.random.default_rng(0)
    orders = np.stack([np.arange(len(texts)), random.permutation(len(texts)), random.permutation(len(texts))])
    return Case(name, texts, vectors, labels, build_graph(vectors), orders)


def lay_out(vectors: np.ndarray) -> Space:
    """Returns the space of the oracle; one process, as umap-learn does with a seed."""
    from umap import UMAP

    model = UMAP(n_components=5, n_neighbors=15, min_dist=0.0, metric="cosine", random_state=42, n_jobs=1)
    model.fit(vectors[:5_000])  # numba compiles; pynndescent only above 4,096 rows
    points, seconds = measure(lambda: model.fit_transform(vectors))
    return Space(points, model.graph_, seconds)


def find_oracles(case: Case, space: Space, column: str, factors: tuple[float, ...] = (1.0,)) -> list[Found]:
    """Returns k-means and Ward in the space at these times the true number; a layer a number."""
    from scipy.cluster.hierarchy import fcluster, ward
    from sklearn.cluster import KMeans

    true = int(case.labels[column].max()) + 1
    counts = [max(2, round(factor * true)) for factor in factors]
    means, mean_seconds = measure(
        lambda: [KMeans(count, n_init=10, random_state=0).fit_predict(space.points) for count in counts]
    )
    tree, seconds = measure(lambda: ward(space.points))
    cuts = [fcluster(tree, count, "maxclust") - 1 for count in counts]
    return [
        Found(f"oracle: k-means, {true}", means, space.seconds + mean_seconds, column),
        Found(f"oracle: Ward, {true}", cuts, space.seconds + seconds, column),
    ]


def run_peers(
    case: Case, space: Space, python: Path, methods: tuple[str, ...]
) -> dict[str, list[list[dict[str, Any]]]]:
    """Returns for each method that ended well what it found on each order."""
    from scipy.sparse import save_npz

    # BERTopic imports LiteLLM (1.106), which looks for a list of prices in the network at every start.
    environment = os.environ | {"LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    runs, versions = {}, []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "texts.json").write_text(json.dumps(case.texts))
        for name, array in {"vectors": case.vectors, "space": space.points, "orders": case.orders}.items():
            np.save(folder / f"{name}.npy", array)
        save_npz(folder / "fuzzy.npz", space.fuzzy.tocsr())
        for method in methods:
            print(f"{method} on {case.name} …", file=sys.stderr, flush=True)
            command = [str(python), str(Path(__file__).with_name("topic_peers.py")), method, str(folder)]
            try:
                subprocess.run(command, check=True, stdout=sys.stderr, timeout=PEER_TIMEOUT_S, env=environment)
            except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
                print(f"* {method} ended with {type(error).__name__}; its own words are on the error stream.\n")
                continue
            summary = json.loads((folder / f"{method}.json").read_text())
            versions.append(summary["version"])
            runs[method] = summary["runs"]
    print(f"{', '.join(versions)}\n", flush=True)
    return runs


def read_found(summary: dict[str, Any], space: Space) -> Found:
    layers = sorted((np.array(labels) for labels in summary["layers"]), key=count_topics)
    is_on_space = summary["method"].startswith(("PLSCAN", "HDBSCAN", "Leiden"))
    return Found(summary["method"], layers, summary["seconds"] + is_on_space * space.seconds)


def score(labels: np.ndarray, layer: np.ndarray) -> tuple[float, float]:
    """Returns AMI and ARI over all rows."""
    from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

    return float(adjusted_mutual_info_score(labels, layer)), float(adjusted_rand_score(labels, layer))


def count_topics(labels: np.ndarray) -> int:
    return len(np.unique(labels[labels >= 0]))


def measure(run: Callable[[], Made]) -> tuple[Made, float]:
    began = time.perf_counter()
    made = run()
    return made, time.perf_counter() - began
