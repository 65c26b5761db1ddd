"""What a cosine means: unrelated neighbors of each corpus, the automatic threshold, and what cosine alone gets wrong.

    python benchmarks/thresholds.py FOLDER [--corpora NAME,NAME] [--planted NAME]

FOLDER holds NAME.parquet and NAME.minilm.npy (vectors row by row) for each of --corpora. The planted corpus has dup_cluster (rows of
one are duplicates) and kind (neg_...: rows changed so that they are no duplicates: numbers changed, halves of two texts joined).

* background: the cosine of documents to their nearest neighbor that is neither a duplicate nor lexically like them: quantiles and the
  share at or above three thresholds; "auto" for MiniLM's default and for a model that has none, and how many documents have a
  pair of kind "semantic" from there on: what meaning alone asks people to look at;
* cosine alone: all pairs of the planted corpus from a threshold on, taken for duplicates: precision with its 95 % interval, recall of
  the planted pairs, F1, and how many changed rows would be merged; then the thresholds that `calibrate` finds for three precisions.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as parquet
from topic_methods import read_case

from nomic_explore.duplicates import Duplicates, Evidence, collect_evidence
from nomic_explore.duplicates.background import auto_threshold, measure_background
from nomic_explore.duplicates.calibration import Calibration, calibrate
from nomic_explore.models.catalog import find_model

QUANTILES = (0.5, 0.9, 0.99, 0.999)
ABOVE = (0.85, 0.9, 0.95)
THRESHOLDS = (0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.92, 0.95, 0.97, 0.99)
WISHES = (0.95, 0.98, 0.99)
BLOCK = 1_024  # rows compared with all others at a time
LEAST = 0.5  # cosines below are not looked at


def main() -> None:
    """Measures and prints tables in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument(
        "--corpora", default="planted_duplicates,arxiv_20k,bbc_news,stackoverflow_stc,banking77", help="with commas"
    )
    parser.add_argument(
        "--planted", default="planted_duplicates", help="the corpus with known duplicates; empty for none"
    )
    options = parser.parse_args()
    print("### Nearest unrelated neighbors\n")
    print("| corpus | documents |", *(f" {share:.1%} |" for share in QUANTILES), sep="", end="")
    print(*(f" from {least:.2f} on |" for least in ABOVE), " auto | asks for | auto without a default |", sep="")
    print("|---|" + "---|" * (len(QUANTILES) + len(ABOVE) + 4))
    for name in options.corpora.split(","):
        print_background(options.folder, name)
    if options.planted:
        print_cosine_alone(options.folder, options.planted)


def print_background(folder: Path, name: str) -> None:
    """Prints the row of a corpus."""
    case = read_case(folder, name)
    evidence = collect_evidence(case.texts, case.vectors, case.graph)
    measured = measure_background(evidence, case.graph)
    auto = auto_threshold(measured, find_model("minilm").duplicate_similarity)
    cells = [f"{measured.n:,}", *(f"{measured.similarity_at(share):.3f}" for share in QUANTILES)]
    cells += [f"{1 - measured.share_below(least):.2%}" for least in ABOVE]
    n_asked = _count_asked(evidence, auto)
    cells += [f"{auto:.3f}", f"{n_asked:,} ({n_asked / len(evidence.lengths):.2%})"]
    print(
        f"| {name} |", *(f" {cell} |" for cell in [*cells, f"{auto_threshold(measured, None):.3f}"]), sep="", flush=True
    )


def print_cosine_alone(folder: Path, name: str) -> None:
    """Prints what each threshold finds of the planted pairs, and the thresholds for three precisions."""
    case = read_case(folder, name)
    table = parquet.read_table(folder / f"{name}.parquet", columns=["dup_cluster", "kind"]).to_pandas()
    row, other, cosines = _list_near(case.vectors)
    cluster = table["dup_cluster"].to_numpy()
    is_changed = table["kind"].str.startswith("neg").to_numpy()
    sizes = table["dup_cluster"].value_counts().to_numpy()
    n_planted = int((sizes * (sizes - 1) // 2).sum())
    is_right = cluster[row] == cluster[other]
    found = calibrate(pd.DataFrame({"similarity": cosines, "is_duplicate": is_right}))
    print(f"\n### Cosine alone on {name}: {n_planted:,} planted pairs, {is_changed.sum()} changed rows\n")
    print("| from | pairs | precision | recall | F1 | changed rows merged |\n|---|---|---|---|---|---|")
    for least in THRESHOLDS:
        is_wrong = (cosines >= least) & ~is_right
        n_changed = int(is_changed[np.union1d(row[is_wrong], other[is_wrong])].sum())
        _print_threshold(found, least, n_planted, n_changed)
    print()
    for wish in WISHES:
        try:
            print(f"* for {wish:.0%} precision: {found.threshold(wish):.3f}")
        except ValueError as reason:
            print(f"* {reason}")


def _print_threshold(found: Calibration, least: float, n_planted: int, n_changed: int) -> None:
    place = int(np.searchsorted(found.thresholds, least))
    precision, low, high = found.precision(least)
    recall = found.n_right[place] / n_planted
    print(
        f"| {least:.2f} | {found.n_found[place]:,} | {precision:.3f} ({low:.3f} to {high:.3f}) | {recall:.3f}", end=""
    )
    print(f" | {2 * precision * recall / (precision + recall):.3f} | {n_changed} |", flush=True)


def _count_asked(evidence: Evidence, least: float) -> int:
    """Returns how many documents have a pair of at least this cosine that is of kind "semantic"."""
    pairs = Duplicates.from_evidence(evidence, min_similarity=least).pairs
    asked = pairs[(pairs["kind"] == "semantic") & (pairs["similarity"] >= least)]
    return len(np.union1d(asked["row"], asked["other"]))


def _list_near(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns all pairs of rows from a cosine of `LEAST` on, and it."""
    found = []
    for start in range(0, len(vectors), BLOCK):
        cosines = vectors[start : start + BLOCK] @ vectors.T
        row, other = np.nonzero(cosines >= LEAST)
        is_first = row + start < other
        row, other = row[is_first], other[is_first]
        found.append((row + start, other, np.clip(cosines[row, other], -1.0, 1.0)))
    row, other, cosines = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return row, other, cosines


if __name__ == "__main__":
    main()
