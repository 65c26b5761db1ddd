"""Whether three other tools read what `Exploration.save_parquet` writes: prints what each of them loaded.

    python benchmarks/peers_read_ours.py FOLDER --atlas PYTHON --datamapplot PYTHON --bertopic PYTHON

FOLDER is an exploration. Each PYTHON belongs to a virtual environment (they are no dependencies of this project): one with
embedding-atlas, one with datamapplot, one with bertopic and pyarrow. embedding-atlas serves the file and is asked as its page
would ask; datamapplot makes its page; BERTopic gets the vectors too, finds topics of its own, and then takes our topics as they
are and draws our map. Without an option, that tool is left out.
"""

import argparse
import json
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from nomic_explore import open_exploration

DATAMAPPLOT = """
import base64
import gzip
import json
import re
import sys
import datamapplot
import pandas
frame = pandas.read_parquet(sys.argv[1])
placed = frame[frame["x"].notna()]
layers = [placed[name].to_numpy() for name in placed.columns if name.startswith("topic_layer_")]
plot = datamapplot.create_interactive_plot(
    placed[["x", "y"]].to_numpy(), *layers, hover_text=placed[sys.argv[3]].astype(str).to_numpy(), enable_topic_tree=True
)
plot.save(sys.argv[2])
page = open(sys.argv[2], encoding="utf-8").read()
# the page holds its tables as base64 of gzip; the names in it are wrapped
tables = [gzip.decompress(base64.b64decode(block)) for block in re.findall('"(H4sI[A-Za-z0-9+/=]+)"', page)]
held = b" ".join(tables).decode("utf-8", "replace").replace("\\\\n", "").replace(" ", "")
names = [sorted(set(layer) - {"Unlabelled"}) for layer in layers]
found = [sum(json.dumps(name)[1:-1].replace(" ", "") in held for name in own) for own in names]
print(f"datamapplot {datamapplot.__version__}: {len(placed):,} of {len(frame):,} rows; its page of {len(page) / 1e6:.1f} MB holds "
      f"{found} of {[len(own) for own in names]} labels of the layers, the finest first")
"""

BERTOPIC = """
import sys
import bertopic
import numpy
import pandas
from bertopic import BERTopic
from bertopic.backend import BaseEmbedder
from bertopic.cluster import BaseCluster
from bertopic.dimensionality import BaseDimensionalityReduction
frame, vectors = pandas.read_parquet(sys.argv[1]), numpy.load(sys.argv[2])
has_text = frame["x"].notna().to_numpy()
frame, vectors = frame[has_text], vectors[has_text]
texts, ours = frame[sys.argv[3]].tolist(), frame["topic"].tolist()
own = BERTopic(embedding_model=BaseEmbedder()).fit(texts, vectors)
model = BERTopic(embedding_model=BaseEmbedder(), umap_model=BaseDimensionalityReduction(), hdbscan_model=BaseCluster())
taken, _ = model.fit_transform(texts, embeddings=vectors, y=ours)
assert len(set(zip(ours, taken))) == len(set(ours)) == len(set(taken)), "topics were split or merged"
model.set_topic_labels({topic: name for topic, name in zip(taken, frame["topic_name"]) if isinstance(name, str)})
figure = model.visualize_documents(texts, reduced_embeddings=frame[["x", "y"]].to_numpy(), custom_labels=True)
print(f"BERTopic {bertopic.__version__}: {len(texts):,} texts with our vectors; {len(own.get_topic_info())} topics of its own; "
      f"of ours it takes all {len(set(taken))} as they are, and draws our map in {len(figure.data)} traces")
"""


def main() -> None:
    """Writes the file and lets each tool read it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--text", default="text", help="column that the tools show")
    parser.add_argument("--atlas", type=Path, help="python of an environment with embedding-atlas")
    parser.add_argument("--datamapplot", type=Path, help="python of an environment with datamapplot")
    parser.add_argument("--bertopic", type=Path, help="python of an environment with bertopic")
    options = parser.parse_args()
    exploration = open_exploration(options.folder)
    with tempfile.TemporaryDirectory() as scratch:
        path = exploration.save_parquet(Path(scratch) / "map.parquet")
        print(f"{exploration!r}: {path.stat().st_size / 1e6:.1f} MB of Parquet", flush=True)
        if options.atlas is not None:
            _read_with_atlas(options.atlas, path, options.text, exploration)
        if options.datamapplot is not None:
            page = str(Path(scratch) / "map.html")
            subprocess.run([options.datamapplot, "-c", DATAMAPPLOT, path, page, options.text], check=True)
        if options.bertopic is not None:
            vectors = Path(scratch) / "vectors.npy"
            np.save(vectors, exploration.vectors)
            command = [options.bertopic, "-W", "ignore", "-c", BERTOPIC, path, vectors, options.text]
            subprocess.run(command, check=True)


def _read_with_atlas(python: Path, path: Path, text: str, exploration: Any) -> None:
    """Serves the file with embedding-atlas, its graph metrics computed, and asks for what its page asks."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    columns = ["--x", "x", "--y", "y", "--neighbors", "neighbors", "--text", text, "--duckdb", "server", "--degree"]
    command = [str(python), "-m", "embedding_atlas.cli", str(path), *columns, "--port", str(port), "--no-auto-port"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        site = httpx.Client(base_url=f"http://localhost:{port}", timeout=60)
        _wait(site, server)
        props = site.get("/data/metadata.json").json()["props"]["data"]
        facts = _ask(site, "SELECT count(*) AS n, count(x) AS placed, max(in_degree) AS degree FROM dataset")[0]
        row = int(exploration.to_pandas()["x"].first_valid_index())
        found = _ask(site, f"SELECT neighbors FROM dataset WHERE {props['id']} = {row}")[0]["neighbors"]
    finally:
        server.terminate()
        server.wait()
    ours = [row, *exploration.graph.neighbors[row].tolist()]
    assert found["ids"] == ours, (found["ids"], ours)
    print(
        f"embedding-atlas: {facts['n']:,} rows, {facts['placed']:,} with a place; it reads {props['neighbors']!r} as "
        f"neighbors, of row {row} the {len(ours) - 1} of our graph; most often named: {facts['degree']} times"
    )


def _wait(site: httpx.Client, server: "subprocess.Popen[str]") -> None:
    began = time.perf_counter()
    while time.perf_counter() - began < 300:
        if server.poll() is not None:
            raise SystemExit(f"embedding-atlas ended:\n{server.stderr.read()[-3000:] if server.stderr else ''}")
        try:
            site.get("/").raise_for_status()
            return
        except httpx.TransportError:
            time.sleep(0.5)
    raise SystemExit("embedding-atlas did not answer within 5 minutes.")


def _ask(site: httpx.Client, sql: str) -> list[dict[str, Any]]:
    answer = site.get("/data/query", params={"query": json.dumps({"type": "json", "sql": sql})})
    answer.raise_for_status()
    rows: list[dict[str, Any]] = answer.json()
    return rows


if __name__ == "__main__":
    main()
