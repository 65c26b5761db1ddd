r"""Whether the files of other map tools open in one line: lets each tool write what its users have, and explores it.

    python benchmarks/peers_files.py --peers DIR [--keep FOLDER]

DIR holds a virtual environment for each tool (they are no dependencies of this project); one that is missing is left out:

    python -m venv DIR/embedding-atlas && DIR/embedding-atlas/bin/pip install embedding-atlas==0.26.0
    python -m venv DIR/datamapplot && DIR/datamapplot/bin/pip install datamapplot==0.7.3 umap-learn pyarrow
    python -m venv DIR/bertopic && DIR/bertopic/bin/pip install bertopic==0.17.4 pyarrow
    python -m venv DIR/latentscope && DIR/latentscope/bin/pip install --no-deps latentscope==1.0.0
    DIR/latentscope/bin/pip install "pandas<3" "lancedb<0.31" "pylance<0.40" h5py umap-learn hdbscan matplotlib \
        python-dotenv tqdm scikit-learn flask flask-cors tiktoken

The documents are 500 docstrings with vectors of MiniLM, so that no tool needs a model. Nomic Atlas needs an account: its files
are laid out as its client, which is a dependency, expects them, and read by that client. --keep writes the files there and
leaves them; a tool whose files are there is not run again. The opposite way, our files in their tools, is peers_read_ours.py.
"""

import argparse
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather

from nomic_explore import Embedder, docstring_corpus, explore

MODEL = "all-MiniLM-L6-v2"
HEAD = """
import os, sys
import numpy as np
import pandas as pd
docs, vectors, out = pd.read_parquet(sys.argv[1]), np.load(sys.argv[2]), sys.argv[3]
"""
# What is run in the environment of each tool, behind HEAD.
WRITERS = {
    "embedding-atlas": """
from embedding_atlas.projection import compute_projection
docs["embedding"] = list(vectors)
made = compute_projection(docs, inputs="embedding", modality="vector", umap_args={"random_state": 1})
made.to_parquet(out + "/compute_projection.parquet", index=False)
docs.to_parquet(out + "/vectors.parquet", index=False)
from embedding_atlas.cli import main
main([out + "/vectors.parquet", "--text", "text", "--vector", "embedding", "--export-application", out + "/export"])
""",
    "datamapplot": """
import datamapplot
from sklearn.cluster import KMeans
from umap import UMAP
coords = UMAP(random_state=1).fit_transform(vectors)
layers = [np.array([f"topic {topic}" for topic in KMeans(k, random_state=0).fit_predict(coords)]) for k in (12, 4)]
plot = datamapplot.create_interactive_plot(coords, *layers, hover_text=docs["text"].to_numpy())
plot.save(out + "/map.html")
np.save(out + "/coords.npy", coords)
np.save(out + "/vectors.npy", vectors)
docs.assign(topic_fine=layers[0], topic_coarse=layers[1]).to_parquet(out + "/docs.parquet", index=False)
""",
    "bertopic": """
from bertopic import BERTopic
from umap import UMAP
texts = docs["text"].tolist()
model = BERTopic(min_topic_size=8)
model.fit_transform(texts, vectors)
reduced = UMAP(n_components=2, min_dist=0.0, metric="cosine", random_state=1).fit_transform(vectors)
np.save(out + "/embeddings.npy", vectors)
np.save(out + "/reduced_embeddings.npy", reduced)
model.get_document_info(texts).to_parquet(out + "/document_info.parquet")
model.get_document_info(texts).to_csv(out + "/document_info.csv", index=False)
placed = model.get_document_info(texts, metadata={"x": reduced[:, 0], "y": reduced[:, 1]})
placed.to_parquet(out + "/document_info_placed.parquet")
""",
    "latentscope": """
os.environ["LATENT_SCOPE_DATA"] = out
from latentscope.scripts.cluster import clusterer
from latentscope.scripts.embed import append_to_hdf5, import_embeddings
from latentscope.scripts.ingest import ingest
from latentscope.scripts.scope import scope
from latentscope.scripts.umapper import umapper
ingest("docs", docs, "text")
import_embeddings("docs", vectors, model_id="all-MiniLM-L6-v2", text_column="text")
umapper("docs", "embedding-001", 15, 0.1, seed=1)
clusterer("docs", "umap-001", 8, 5, 0, None, method="hdbscan")
scope("docs", "embedding-001", "umap-001", "cluster-001", "default", "all", "docstrings")
append_to_hdf5(out + "/docs/embeddings/embedding-001.h5", vectors)
""",
}


@dataclass(frozen=True)
class Case:
    """One line: `explore(source, text, vectors=..., positions=...)`, paths relative to the folder of the tool.

    Attributes:
        tool: that wrote the files.
        source: what is opened.
        text: the column of texts.
        given: `vectors` and `positions`, names of columns or paths.
        places: where the tool's own positions are, to compare with: a file, or a file and two columns.
    """

    tool: str
    source: str
    text: str = "text"
    given: Mapping[str, str] = field(default_factory=dict)
    places: tuple[str, ...] = ()


CASES = (
    Case(
        *("embedding-atlas", "export", "text", {"vectors": "embedding"}),
        places=("export/data/dataset.parquet", "projection_x", "projection_y"),
    ),
    Case(
        *("embedding-atlas", "compute_projection.parquet", "text", {"vectors": "embedding"}),
        places=("compute_projection.parquet", "projection_x", "projection_y"),
    ),
    Case("embedding-atlas", "vectors.parquet", "text", {"vectors": "embedding"}),
    Case(
        *("datamapplot", "docs.parquet", "text", {"vectors": "vectors.npy", "positions": "coords.npy"}),
        places=("coords.npy",),
    ),
    Case(
        *("bertopic", "document_info.parquet", "Document"),
        {"vectors": "embeddings.npy", "positions": "reduced_embeddings.npy"},
        places=("reduced_embeddings.npy",),
    ),
    Case("bertopic", "document_info.csv", "Document", {"vectors": "embeddings.npy"}),
    Case(
        *("bertopic", "document_info_placed.parquet", "Document", {"vectors": "embeddings.npy"}),
        places=("reduced_embeddings.npy",),
    ),
    Case(
        *("latentscope", "docs/scopes/scopes-001-input.parquet", "text"),
        {"vectors": "docs/embeddings/embedding-001.h5"},
        places=("docs/umaps/umap-001.parquet", "x", "y"),
    ),
    Case(
        *("latentscope", "docs/input.parquet", "text"),
        {"vectors": "docs/embeddings/embedding-001.h5", "positions": "docs/umaps/umap-001.parquet"},
        places=("docs/umaps/umap-001.parquet", "x", "y"),
    ),
    Case(
        *("nomic", "map.parquet", "text", {"vectors": "latent.npy"}),
        places=("map.parquet", "x", "y"),
    ),
)


def main() -> None:
    """Lets the tools write, opens what they wrote, and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", type=Path, required=True, help="folder with an environment for each tool")
    parser.add_argument("--keep", type=Path, help="where the files stay; without it they are deleted")
    parser.add_argument("--rows", type=int, default=500, help="how many docstrings")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.keep or Path(scratch)
        tools = write_files(options.peers, folder, options.rows)
        print("| tool | what is opened | given | positions kept | vectors kept | topics |\n|---|---|---|---|---|---|")
        for number, case in enumerate(case for case in CASES if case.tool in tools):
            row = open_case(case, folder, Path(scratch) / f"exploration{number}")
            print(f"| {' | '.join(row)} |", flush=True)


def write_files(peers: Path, folder: Path, n_rows: int) -> list[str]:
    """Writes documents and vectors, and lets every tool that is there write its files; returns the names of these tools."""
    folder.mkdir(parents=True, exist_ok=True)
    corpus = docstring_corpus(limit=n_rows)
    documents, vectors = folder / "documents.parquet", folder / "vectors.npy"
    corpus.table.to_pandas().to_parquet(documents, index=False)
    np.save(vectors, Embedder(MODEL).encode([text or "" for text in corpus.texts]))
    tools = [tool for tool in WRITERS if (peers / tool / "bin" / "python").exists()]
    for tool in tools:
        out = folder / tool
        if out.exists():
            continue
        out.mkdir()
        command = [str(peers / tool / "bin" / "python"), "-W", "ignore", "-c", HEAD + WRITERS[tool]]
        done = subprocess.run([*command, str(documents), str(vectors), str(out)], capture_output=True, text=True)
        if done.returncode:
            shutil.rmtree(out)
            raise SystemExit(f"{tool} failed:\n{done.stderr[-3000:]}")
        print(f"{tool}: {', '.join(sorted(path.name for path in out.iterdir()))}", flush=True)
    _write_as_atlas(documents, vectors, folder / "nomic")
    return [*tools, "nomic"]


def open_case(case: Case, folder: Path, target: Path) -> list[str]:
    """Opens what a tool wrote and returns a row of the table."""
    own = folder / case.tool
    given = {name: value if "." not in value else str(own / value) for name, value in case.given.items()}
    exploration = explore(str(own / case.source), case.text, model=MODEL, folder=target, show_progress=False, **given)
    vectors = np.load(folder / "vectors.npy")
    cosines = (exploration.vectors * (vectors / np.linalg.norm(vectors, axis=1, keepdims=True))).sum(axis=1)
    kept = "computed" if not case.places else _verdict(np.abs(exploration.positions - _places(own, case.places)) < 1e-4)
    said = ", ".join(f"{name}={value}" for name, value in case.given.items())
    topics = " / ".join(str(len(names)) for names in exploration.topics.current.names)
    return [case.tool, case.source, said, kept, _verdict(cosines > 0.999), topics]


def _verdict(is_right: np.ndarray) -> str:
    share = np.mean(np.atleast_2d(is_right.T).all(axis=0))
    return "all" if share == 1 else f"{share:.1%}"


def _places(own: Path, places: tuple[str, ...]) -> np.ndarray:
    """Returns (n, 2) the positions as the tool wrote them."""
    path, *columns = places
    return np.load(own / path) if not columns else pd.read_parquet(own / path)[columns].to_numpy()


def _write_as_atlas(documents: Path, vectors: Path, out: Path) -> None:
    """Writes two tiles of a map as Atlas serves them, and what its client makes of them: projected, latent, data."""
    from loguru import logger
    from nomic.data_operations import AtlasMapData, AtlasMapEmbeddings

    logger.disable("nomic")
    shutil.rmtree(out, ignore_errors=True)
    frame, latent = pd.read_parquet(documents), np.load(vectors)
    places = np.random.default_rng(1).normal(size=(len(frame), 2)).astype(np.float32)
    tiles = {"0/0/0": slice(0, len(frame) // 2), "1/0/0": slice(len(frame) // 2, None)}
    for key, rows in tiles.items():
        tile = out / "tiles" / key
        tile.parent.mkdir(parents=True)
        lists = pa.FixedSizeListArray.from_arrays(pa.array(latent[rows].ravel()), latent.shape[1])
        write = pa.feather.write_feather
        write(pa.table({"x": places[rows, 0], "y": places[rows, 1]}), str(tile.with_suffix(".feather")))
        write(pa.Table.from_pandas(frame[rows], preserve_index=False), str(tile.with_suffix(".data.feather")))
        write(pa.table({"_embeddings": lists}), str(tile.with_suffix(".vectors.feather")))
    projection = SimpleNamespace(
        dataset=SimpleNamespace(meta={}, dataset_fields=list(frame.columns)),
        tile_destination=out / "tiles",
        _manifest=pa.table({"key": list(tiles)}),
        _registered_columns=[*[(name, "data") for name in frame.columns], ("_embeddings", "vectors"), ("x", "")],
        _get_sidecar_from_field=lambda name: "",
        _download_sidecar=lambda name, overwrite=False: [
            (out / "tiles" / key).with_suffix(f".{name}.feather" if name else ".feather") for key in tiles
        ],
    )
    embeddings, data = AtlasMapEmbeddings(projection), AtlasMapData(projection)
    np.save(out / "latent.npy", embeddings.latent)
    beside = data.df.drop(columns="_position_index")
    pd.concat([embeddings.projected, beside], axis=1).to_parquet(out / "map.parquet", index=False)


if __name__ == "__main__":
    main()
