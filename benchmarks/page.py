"""Size of the exported page, and how soon it can be used.

    python benchmarks/page.py --corpus arxiv_20k.parquet --vectors arxiv_20k.minilm.npy --text title,abstract [--points 200000] [--keep FOLDER]

Builds an exploration from the ready vectors (and one of random points in groups, without text), exports both, opens each file in
headless Chromium with software rendering, and times from opening to the map being whole (the first time in a new browser, and the
median of three later times), and to the first answer of a search.
"""

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as parquet

from nomic_explore import Exploration, explore, open_exploration, read_corpus

sys.path.insert(0, str(Path(__file__).parent.parent / "docs"))
import jupyter_session

READY = "[data-testid=atlas-canvas][data-ready=true]"


class ReadyVectors:
    """A model that has met its texts before: what `explore` asks of an Embedder, from vectors that are there."""

    source = "ready"
    max_tokens = 256

    def __init__(self, texts: Sequence[str], vectors: np.ndarray) -> None:
        self.place = {text: at for at, text in enumerate(texts)}
        self.vectors = vectors
        self.dimensions = vectors.shape[1]

    def provenance(self, task: str = "clustering") -> dict[str, Any]:
        return {"model": "ready vectors", "task": task, "dimensions": self.dimensions}

    def count_tokens(self, texts: Sequence[str], task: str = "clustering") -> np.ndarray:
        return np.array([len(text) // 4 for text in texts])

    def encode_chunks(
        self, texts: Sequence[str], task: str, *, done: np.ndarray
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        rows = np.flatnonzero(~done)
        for begin in range(0, len(rows), 20_000):
            chunk = rows[begin : begin + 20_000]
            yield chunk, self.vectors[[self.place[texts[row]] for row in chunk]].astype(np.float32)


def main() -> None:
    """Measures and prints a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--vectors", type=Path)
    parser.add_argument("--text", default="title,abstract")
    parser.add_argument("--points", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="keep the explorations here, and use them if they are there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.keep or Path(scratch)
        print(
            "| page | MB | made in | map whole after, new browser | later | search answers after |\n|---|---|---|---|---|---|"
        )
        if options.corpus:
            measure(_with_vectors(options, folder / "corpus"), Path(scratch), None, "abstract")
        if options.points:
            measure(_random_points(options.points, folder / f"points_{options.points}"), Path(scratch), [], None)


def measure(exploration: Exploration, scratch: Path, text_columns: list[str] | None, word: str | None) -> None:
    """Prints one line of the table."""
    began = time.perf_counter()
    page_file = exploration.save_html(scratch / "map.html", text_columns=text_columns)
    made = time.perf_counter() - began
    chromium = shutil.which("chromium") or "chromium"
    with jupyter_session.open_browser(chromium) as page:
        ready, *later = (_open(page, page_file) for _ in range(4))
        answer = "none: no text"
        if word:
            began = time.perf_counter()
            page.get_by_test_id("atlas-search").fill(word)
            page.wait_for_selector("[data-testid=atlas-hits] li", timeout=60_000)
            answer = f"{time.perf_counter() - began:.2f} s"
    what = f"{len(exploration):,} documents{'' if word else ' without text'}"
    print(
        f"| {what} | {page_file.stat().st_size / 1e6:.1f} | {made:.1f} s | {ready:.2f} s | {statistics.median(later):.2f} s | {answer} |",
        flush=True,
    )


def _open(page: Any, file: Path) -> float:
    """Returns after how many seconds the map is whole."""
    began = time.perf_counter()
    page.goto(file.as_uri())
    page.wait_for_selector(READY, timeout=60_000)
    return time.perf_counter() - began


def _with_vectors(options: argparse.Namespace, folder: Path) -> Exploration:
    if (folder / "manifest.json").exists():
        return open_exploration(folder)
    corpus = read_corpus(parquet.read_table(options.corpus), options.text.split(","), name=options.corpus.stem)
    model = ReadyVectors([str(text) for text in corpus.texts], np.load(options.vectors))
    return explore(corpus, model=model, folder=folder, show_progress=False)


def _random_points(n: int, folder: Path) -> Exploration:
    if (folder / "manifest.json").exists():
        return open_exploration(folder)
    random = np.random.default_rng(0)
    group = random.integers(0, 60, n)
    vectors = random.normal(size=(60, 16))[group] + 0.35 * random.normal(size=(n, 16))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    texts = [f"document {row} of group{number}" for row, number in enumerate(group)]
    return explore(texts, model=ReadyVectors(texts, vectors), folder=folder, name="points", show_progress=False)


if __name__ == "__main__":
    main()
