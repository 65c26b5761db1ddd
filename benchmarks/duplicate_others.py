"""Duplicates in other corpora: real ones, and planted ones of several seeds; see duplicates.py.

* bbc_news: rows whose text another row holds too, and which row every dropped row is reported to duplicate;
* arxiv_same_title: papers that share a title, some resubmitted, some other papers; embedded with MiniLM here. How
  alike two abstracts are is measured by difflib on their words, which nothing in the package looks at. With title and
  abstract as columns, and without;
* planting: duplicate_planting.py into texts of which no two are alike, without vectors or neighbors: text alone.
"""

import time
from difflib import SequenceMatcher
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pyarrow.parquet as parquet
from duplicate_planting import plant, take_distinct
from duplicate_scores import group_alone, list_ours, score

from nomic_explore import Duplicates, Embedder, NeighborGraph, build_graph, find_duplicates

N_SOURCE, MAX_CHARACTERS, MIN_CHARACTERS = 10_000, 1_500, 30
SOURCES = {
    "arxiv_20k": ("title", "abstract"),
    "arxiv_pairs_100k": ("title", "abstract"),
    "cranfield_docs": ("text",),
    "bbc_news": ("text",),
    "state_of_union": ("text",),
    "banking77": ("text",),
}
RATIOS = (0.0, 0.3, 0.5, 0.7, 0.9, 1.01)  # of words in the same order, two abstracts


def print_others(folder: Path, n_seeds: int) -> None:
    """Prints the tables."""
    print_news(folder)
    print_same_title(folder)
    print("\n### Planted into other texts, by text alone\n")
    print("| texts | seed | rows | precision of drops | wrong pairs | core duplicates found | F1 with review ", end="")
    print("| changed rows dropped | lost | seconds |\n|---|---|---|---|---|---|---|---|---|---|", flush=True)
    for name in SOURCES:
        texts = take_distinct(_read(folder, name))
        for seed in range(1, n_seeds + 1):
            planted = plant(texts, seed)
            began = time.perf_counter()
            found = find_without_vectors(planted.texts)
            seconds = time.perf_counter() - began
            drops, both = (score(one, planted) for one in list_ours(found))
            print(
                f"| {name} | {seed} | {len(planted.texts):,} | {drops.precision:.4f} | {drops.n_wrong_pairs} ", end=""
            )
            print(f"| {drops.core_recall:.3f} | {both.f1:.3f} ", end="")
            print(
                f"| {drops.n_negatives_dropped} of {planted.is_negative.sum()} | {drops.n_lost} | {seconds:.1f} |",
                flush=True,
            )


def find_without_vectors(texts: list[str]) -> Duplicates:
    """Returns what text alone say: no document has a neighbor."""
    n = len(texts)
    graph = NeighborGraph(np.zeros((n, 0), dtype=np.int32), np.zeros((n, 0), dtype=np.float32), 1.0, True)
    # Random directions in 32 dimensions have cosines far below what counts as near.
    vectors = np.random.default_rng(0).standard_normal((n, 32), dtype=np.float32)
    return find_duplicates(texts, vectors, graph)


def print_news(folder: Path) -> None:
    """Prints what becomes of the rows of bbc_news that are there twice."""
    texts = parquet.read_table(folder / "bbc_news.parquet").column("text").to_pylist()
    vectors = np.load(folder / "bbc_news.minilm.npy").astype(np.float32)
    found = find_duplicates(texts, vectors, build_graph(vectors, 30))
    _, inverse, counts = np.unique(np.array(texts, dtype=object), return_inverse=True, return_counts=True)
    n_twice = int((counts - 1).sum())
    dropped = np.flatnonzero(found.roles == "drop")
    exact = dropped[found.kinds[dropped] == "exact"]
    is_equal = inverse[found.matches[exact]] == inverse[exact]
    is_explained = (found.roles[found.keepers[dropped]] == "keep") & (found.kinds[dropped] != "")
    print(f"\n### bbc_news: {len(texts):,} rows, {n_twice} of them the second of an exact pair\n")
    print(f"* dropped as exact duplicates: {len(exact)}, of which {is_equal.sum()} hold the text of the row they name;")
    print(f"* rows dropped that name a kept row and how they resemble it: {is_explained.sum()} of {len(dropped)};")
    rest = dropped[found.kinds[dropped] != "exact"]
    by_kind = {str(kind): int((found.kinds[rest] == kind).sum()) for kind in np.unique(found.kinds[rest])}
    ratios = [_compare(texts[row], texts[found.keepers[row]]) for row in rest]
    summary = ", ".join(f"{count} {kind}" for kind, count in by_kind.items())
    print(
        f"* other rows dropped: {summary}; words in the same order as in the kept row: {min(ratios, default=1):.2f} at least;"
    )
    print(f"* to be reviewed: {(found.roles == 'review').sum()}.", flush=True)


def print_same_title(folder: Path) -> None:
    """Prints what becomes of papers that share a title, by how alike their abstracts are."""
    table = parquet.read_table(folder / "arxiv_same_title.parquet").to_pydict()
    parts = {name: table[name] for name in ("title", "abstract")}
    texts = [f"{title}. {abstract}" for title, abstract in zip(*parts.values(), strict=True)]
    vectors = Embedder("minilm").encode(texts)
    graph = build_graph(vectors, 30)
    titles: dict[str, list[int]] = {}
    for row, title in enumerate(table["norm_title"]):
        titles.setdefault(title, []).append(row)
    pairs = np.array([pair for rows in titles.values() for pair in combinations(rows, 2)])
    ratios = np.array([_compare(parts["abstract"][one], parts["abstract"][two]) for one, two in pairs])
    print(f"\n### arxiv_same_title: {len(texts):,} papers, {len(pairs):,} pairs with one title\n")
    print("| words of the abstracts in the same order | pairs | dropped for one another | reviewed together ", end="")
    print("| the same with columns | |\n|---|---|---|---|---|---|")
    joins = [_join(find_duplicates(texts, vectors, graph, columns=columns), pairs) for columns in (None, parts)]
    for low, high in pairwise(RATIOS):
        among = (ratios >= low) & (ratios < high)
        cells = [f"{among.sum()}", *(f"{(mask & among).sum()}" for join in joins for mask in join)]
        print(f"| {low:.1f} to {min(high, 1.0):.1f} |", *(f" {cell} |" for cell in cells), sep="")
    least = [f"{ratios[dropped].min():.2f}" if dropped.any() else "none" for dropped, _ in joins]
    print(f"\nLeast alike of those dropped: {least[0]}; with columns {least[1]}.", flush=True)


def _join(found: Duplicates, pairs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns (p,) bool which pairs are dropped for one row, and which are only in one group by a review."""
    goes = found.keepers[pairs[:, 0]] == found.keepers[pairs[:, 1]]
    groups = group_alone(found.groups)
    return goes, (groups[pairs[:, 0]] == groups[pairs[:, 1]]) & ~goes


def _compare(one: str, two: str) -> float:
    return SequenceMatcher(None, one.split(), two.split(), autojunk=False).ratio()


def _read(folder: Path, name: str) -> list[str]:
    """Returns up to `N_SOURCE` texts, the long ones cut."""
    table = parquet.read_table(folder / f"{name}.parquet", columns=list(SOURCES[name])).to_pydict()
    texts = [". ".join(parts) for parts in zip(*table.values(), strict=True) if all(parts)]
    return [text[:MAX_CHARACTERS] for text in texts if len(text) > MIN_CHARACTERS][:N_SOURCE]
