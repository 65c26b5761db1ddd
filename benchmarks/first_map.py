"""From raw texts to a map that can be opened, beside two other tools, in one run and with the same model on the same rows.

    python benchmarks/first_map.py FILE --text title,abstract --rows 5000 [--peers DIR]

FILE is Parquet. DIR is a virtual environment with bertopic and embedding-atlas in it (they are no dependencies of this project).
Each tool runs in a process of its own from a cold start, numba's compilation included, with MiniLM from the same folder:

* ours: `nomic-explore build` and `export --html`: vectors, graph, map, topics with names, duplicates, word index, page;
* embedding-atlas: its own command with --export-application: vectors, map;
* BERTopic: fit_transform and visualize_documents: vectors, UMAP twice (5-D for topics, 2-D for the picture), HDBSCAN, names.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as parquet

from nomic_explore import read_corpus
from nomic_explore.models.catalog import find_model
from nomic_explore.models.weights import locate_weights

BERTOPIC = """
import sys
import pandas
from bertopic import BERTopic
from sentence_transformers import SentenceTransformer
from umap import UMAP
texts = pandas.read_parquet(sys.argv[1])["text"].tolist()
model = SentenceTransformer(sys.argv[2], device="cpu")
vectors = model.encode(texts, show_progress_bar=False)
topics = BERTopic(embedding_model=model)
topics.fit_transform(texts, vectors)
places = UMAP(n_neighbors=10, n_components=2, min_dist=0.0, metric="cosine").fit_transform(vectors)
topics.visualize_documents(texts, reduced_embeddings=places).write_html(sys.argv[3])
"""


def main() -> None:
    """Measures and prints a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--text", default="title,abstract")
    parser.add_argument("--rows", type=int, default=5000)
    parser.add_argument("--peers", type=Path, help="virtual environment with bertopic and embedding-atlas")
    options = parser.parse_args()
    corpus = read_corpus(options.file, text=options.text.split(","))
    texts = [text for text in corpus.take(range(options.rows)).texts if text]
    weights = str(locate_weights(find_model("minilm")))
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        source = folder / "texts.parquet"
        parquet.write_table(pa.table({"text": texts}), source)
        print(f"{len(texts):,} texts\n\n| tool | seconds | what comes out |\n|---|---|---|", flush=True)
        ours = str(Path(sys.executable).parent / "nomic-explore")
        seconds = _seconds([ours, "build", str(source), "--text", "text", "--out", str(folder / "map"), "-q"], folder)
        seconds += _seconds([ours, "export", str(folder / "map"), "--html", str(folder / "map.html")], folder)
        print(f"| nomic_explore | {seconds:.0f} | {_size(folder / 'map.html')} page |", flush=True)
        if options.peers is None:
            return
        atlas = [str(options.peers / "bin" / "embedding-atlas"), str(source), "--text", "text", "--model", weights]
        seconds = _seconds([*atlas, "--export-application", str(folder / "atlas.zip")], folder)
        print(f"| embedding-atlas | {seconds:.0f} | {_size(folder / 'atlas.zip')} archive |", flush=True)
        script = [str(options.peers / "bin" / "python"), "-c", BERTOPIC, str(source), weights, str(folder / "b.html")]
        print(f"| BERTopic | {_seconds(script, folder):.0f} | {_size(folder / 'b.html')} page |", flush=True)


def _seconds(command: list[str], folder: Path) -> float:
    """Returns the seconds a command took with empty caches."""
    caches = {"XDG_CACHE_HOME": str(folder / "cache"), "NUMBA_CACHE_DIR": str(folder / "numba"), "HF_HUB_OFFLINE": "1"}
    began = time.perf_counter()
    done = subprocess.run(command, env=os.environ | caches, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{command[0]} failed:\n{done.stderr[-2000:]}")
    return time.perf_counter() - began


def _size(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:.1f} MB"


if __name__ == "__main__":
    main()
