"""Seconds and memory of duplicates on more and more short texts; see duplicates.py.

    python benchmarks/duplicate_growth.py FOLDER N

Texts are sentences of the abstracts of arxiv_pairs_100k, long ones cut, and their titles; one row in fourteen is a
duplicate of another: equal, in capitals, without a word, or with a wrong letter. Vectors have 64 dimensions: the sum of a
random direction of every word, rare words counting more, so that duplicates lie near one another. Each size is a process
of its own. Memory is the most that the process used during the stage (Linux tells it, and lets it be set back).
"""

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

Made = TypeVar("Made")
SOURCE = "arxiv_pairs_100k"
SHARE_ORIGINAL = 0.93
MIN_CHARACTERS, MAX_CHARACTERS = 30, 120
N_DIMENSIONS, N_WORDS = 64, 1 << 16  # words are hashed to so many
BLOCK = 50_000  # rows made at a time
PROCESS = Path("/proc/self")


def main() -> None:
    """Measures one size and says what was found."""
    print(json.dumps(measure(Path(sys.argv[1]), int(sys.argv[2]))))


def print_growth(folder: Path, sizes: list[int]) -> None:
    """Prints a table, each size in a process of its own."""
    print("\n### Growth, short texts with given vectors\n")
    print(
        "| rows | graph | evidence | decide | at() | all but the graph | pairs stored | dropped | to be reviewed ",
        end="",
    )
    print("| most memory: graph | evidence | decide |\n|---|---|---|---|---|---|---|---|---|---|---|---|", flush=True)
    for n in sizes:
        command = [sys.executable, __file__, str(folder), str(n)]
        summary = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        seconds, peaks = summary["seconds"], summary["peaks"]
        own = seconds["evidence"] + seconds["decide"]
        cells = [f"{summary['rows']:,}", *(f"{seconds[stage]:.1f} s" for stage in ("graph", "evidence", "decide"))]
        cells += [f"{1000 * seconds['at']:.0f} ms", f"{own:.1f} s"]
        cells += [f"{summary[what]:,}" for what in ("pairs", "dropped", "review")]
        cells += [f"{peaks[stage] / 1e9:.2f} GB" for stage in ("graph", "evidence", "decide")]
        print("|", *(f" {cell} |" for cell in cells), sep="", flush=True)


def measure(folder: Path, n: int) -> dict[str, Any]:
    """Returns seconds and peaks by stage, and what was found among n rows."""
    from nomic_explore import build_graph
    from nomic_explore.duplicates import Duplicates, collect_evidence

    texts = make_texts(folder, n)
    vectors = make_vectors(texts)
    seconds, peaks = {}, {}

    def run(stage: str, make: Callable[[], Made]) -> Made:
        reset_peak()
        began = time.perf_counter()
        made = make()
        seconds[stage], peaks[stage] = time.perf_counter() - began, read_peak()
        return made

    graph = run("graph", lambda: build_graph(vectors, 30))
    evidence = run("evidence", lambda: collect_evidence(texts, vectors, graph))
    found = run("decide", lambda: Duplicates.from_evidence(evidence))
    run("at", lambda: found.at(min_similarity=0.92))
    counts = {"pairs": len(evidence.pairs), **{role: int((found.roles == role).sum()) for role in ("drop", "review")}}
    return {"rows": len(texts), "seconds": seconds, "peaks": peaks, **counts, "dropped": counts["drop"]}


def make_texts(folder: Path, n: int) -> list[str]:
    """Returns n rows, in random order."""
    import pyarrow.parquet as parquet

    table = parquet.read_table(folder / f"{SOURCE}.parquet", columns=["title", "abstract"]).to_pydict()
    sentences = [part for text in table["abstract"] for part in re.split(r"(?<=[.!?])\s+", text)]
    whole = dict.fromkeys([*table["title"], *(piece for sentence in sentences for piece in _cut(sentence))])
    listed = [text for text in whole if len(text) >= MIN_CHARACTERS]
    random = np.random.default_rng(0)
    n_originals = int(SHARE_ORIGINAL * n)
    if len(listed) < n_originals:
        raise SystemExit(f"{SOURCE} gives {len(listed):,} texts; {n:,} rows need {n_originals:,}. Ask for fewer.")
    texts = [listed[place] for place in random.permutation(len(listed))[:n_originals]]
    texts += [_edit(texts[place], random) for place in random.integers(0, n_originals, n - n_originals)]
    return [texts[place] for place in random.permutation(n)]


def make_vectors(texts: list[str]) -> np.ndarray:
    """Returns (n, 64) float32, unit length."""
    from sklearn.feature_extraction.text import HashingVectorizer

    counts = HashingVectorizer(n_features=N_WORDS, alternate_sign=False, norm=None, binary=True).transform(texts)
    rarity = np.log(len(texts) / np.maximum(np.bincount(counts.indices, minlength=N_WORDS), 1)).astype(np.float32)
    directions = np.random.default_rng(0).standard_normal((N_WORDS, N_DIMENSIONS), dtype=np.float32) * rarity[:, None]
    vectors = np.concatenate([counts[start : start + BLOCK] @ directions for start in range(0, len(texts), BLOCK)])
    # A text of hashed words that are in every text would have length 0.
    return (vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)).astype(np.float32)


def reset_peak() -> None:
    """Resets the most memory that the process used to what it uses now."""
    (PROCESS / "clear_refs").write_text("5")


def read_peak() -> int:
    """Returns the most bytes used since the last reset."""
    line = next(line for line in (PROCESS / "status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def _cut(sentence: str) -> list[str]:
    """Returns a sentence in pieces of equal numbers of words, about `MAX_CHARACTERS` long at most."""
    words = sentence.split()
    n_pieces = -(-len(sentence) // MAX_CHARACTERS)
    return [" ".join(piece) for piece in np.array_split(np.array(words, dtype=object), max(1, n_pieces))]


def _edit(text: str, random: np.random.Generator) -> str:
    """Returns a duplicate: equal, in capitals, without a word, or with a wrong letter."""
    words, place = text.split(), int(random.integers(len(text)))
    gone = int(random.integers(len(words)))
    without = " ".join(words[:gone] + words[gone + 1 :])
    return (text, text.upper(), without, f"{text[:place]}x{text[place + 1 :]}")[random.integers(4)]


if __name__ == "__main__":
    main()
