"""Which pairs of short questions are dropped, flagged for review, or not seen as a pair.

    python benchmarks/short_questions.py [--labeled FILE] [--texts FILE --label COLUMN] [--kinds]

* without options: the pairs of short_question_pairs.py, each pair by itself, embedded with MiniLM;
* --labeled: the same of labeled pairs in a CSV or Parquet file with the columns question1, question2 and is_duplicate;
* --texts: a Parquet file with a column text and one that says what each is about: rows that are dropped for a row about
  something else are counted.

A pair counts as dropped if one of the two is dropped for the other, and as seen if it is dropped or flagged.
"""

import argparse
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import numpy as np
from short_question_pairs import QuestionPair, make_different, make_same

from nomic_explore import Embedder, NeighborGraph, deduplicate, find_duplicates, read_corpus

MODEL = "minilm"
ROLES = ("dropped", "flagged", "not seen")


def main() -> None:
    """Measures and prints tables in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--labeled", type=Path, help="pairs: question1, question2, is_duplicate")
    parser.add_argument("--texts", type=Path, help="texts, one a row")
    parser.add_argument("--label", default="label", help="the column of --texts that says what a text is about")
    parser.add_argument("--show", type=int, default=0, help="print so many dropped pairs that mean something else")
    options = parser.parse_args()
    if options.texts:
        print_texts(options.texts, options.label, options.show)
        return
    pairs = read_labeled(options.labeled) if options.labeled else [*make_different(), *make_same()]
    print_pairs(pairs, judge(pairs), options.show)


def read_labeled(path: Path) -> list[QuestionPair]:
    """Returns the pairs of a file."""
    table = read_corpus(path, text="question1").table.to_pydict()
    columns = zip(table["question1"], table["question2"], table["is_duplicate"], strict=True)
    return [
        QuestionPair("labeled duplicate" if int(same) else "labeled different", one or "", other or "", bool(int(same)))
        for one, other, same in columns
    ]


def judge(pairs: Sequence[QuestionPair]) -> list[str]:
    """Returns for each pair one of `ROLES`; only the two texts of a pair are compared."""
    texts = [text for pair in pairs for text in (pair.one, pair.other)]
    model = Embedder(MODEL)
    vectors = model.encode(texts).astype(np.float32)
    partner = np.arange(len(texts)) ^ 1
    cosines = np.einsum("nd,nd->n", vectors, vectors[partner])[:, None].astype(np.float32)
    graph = NeighborGraph(partner[:, None].astype(np.int32), np.clip(cosines, -1, 1), 1.0, True)
    blocks = np.arange(len(texts)) // 2
    found = find_duplicates(texts, vectors, graph, min_similarity=0.9, blocks=blocks.tolist())
    is_dropped = (found.roles == "drop").reshape(-1, 2).any(axis=1)
    is_flagged = (found.roles == "review").reshape(-1, 2).any(axis=1)
    return np.select([is_dropped, is_flagged], ROLES[:2], ROLES[2]).tolist()


def print_pairs(pairs: Sequence[QuestionPair], judged: list[str], n_shown: int) -> None:
    """Prints the counts of each kind, and of all that mean the same and all that do not."""
    both = list(zip(pairs, judged, strict=True))
    print("| kind of change | pairs | dropped | flagged | not seen |\n|---|---|---|---|---|")
    for is_same in (False, True):
        some = [(pair.kind, role) for pair, role in both if pair.is_same == is_same]
        for kind, roles in groupby(some, key=lambda each: each[0]):
            _print_row(kind, [role for _, role in roles])
        _print_row(f"**all that mean {'the same' if is_same else 'something else'}**", [role for _, role in some])
    wrong = [pair for pair, role in both if role == "dropped" and not pair.is_same]
    for pair in wrong[:n_shown]:
        print(f"* {pair.kind}: {pair.one!r} / {pair.other!r}")


def print_texts(path: Path, label: str, n_shown: int) -> None:
    """Prints how many rows of a file are dropped, and how many of them for a row about something else."""
    corpus = read_corpus(path, text="text")
    found = deduplicate(corpus, model=MODEL, show_progress=False).duplicates
    labels = corpus.table[label].to_pylist()
    dropped = np.flatnonzero(found.roles == "drop").tolist()
    wrong = [row for row in dropped if labels[row] != labels[found.keepers[row]]]
    n_review = int((found.roles == "review").sum())
    print(f"{path.stem}: {len(corpus):,} rows, {len(dropped):,} dropped, {n_review:,} flagged for review; ", end="")
    print(f"{len(wrong)} dropped for a row with another {label}")
    for row in wrong[:n_shown]:
        print(
            f"* {labels[row]}: {corpus.texts[row]!r} / {labels[found.keepers[row]]}: {corpus.texts[found.keepers[row]]!r}"
        )


def _print_row(name: str, roles: list[str]) -> None:
    counts = [roles.count(role) for role in ROLES]
    print(f"| {name} | {len(roles):,} |", *(f" {count:,} |" for count in counts), sep="", flush=True)


if __name__ == "__main__":
    main()
