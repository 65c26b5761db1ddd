"""The ladder that trained models have to climb: from TF-IDF to MiniLM, on search and on topics, at full width and at 64.

    python benchmarks/training.py ../shared/corpora [--rungs TF-IDF,BM25] [--model nano=FOLDER] [--model "class=FOLDER=15"]

The folder holds arxiv_20k, arxiv_pairs_100k, cranfield_docs, cranfield_queries, cranfield_qrels, bbc_news, stackoverflow_stc and banking77
as Parquet files, and NAME.minilm.npy of arxiv_20k and of the last three.

* title -> abstract: the abstract of each of the first 2,000 titles of arxiv_20k among the 2,000; none of these papers is in
  arxiv_pairs_100k. Cranfield: nDCG@10 of the judgments above 0;
* topics: AMI with the labels of the layer of `find_topics` that agrees best, as in topics.py;
* 64: the first 64 entries of each vector, also of models that were not trained for it; of TF-IDF the first 64 components of its SVD;
* after ±: half of the 95 % confidence interval, from 1,000 samples of the queries or texts;
* CPU-minutes: what it took to make the rung here, without reading files; of a folder what is given behind the second "=". MiniLM's
  vectors of the 18,000 papers that "solved" learns from, and of the corpora with labels, are read;
* abstracts per CPU-second: embedding those 2,000 and their titles, all cores together.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import scipy.sparse as sparse

from nomic_explore import Embedder
from nomic_explore.evaluation import Retrieval
from nomic_explore.evaluation.group_agreement import agreement_measure, topic_groups
from nomic_explore.evaluation.task_measures import Measure, bootstrap, find_top, means_of, measure_ranking
from nomic_explore.models import find_model
from nomic_explore.models.weights import locate_weights
from nomic_explore.vectors import check_vectors

N_PAPERS = 2_000  # held out: the first of arxiv_20k
N_COUNTED = 20_000  # training pairs in which the frequency of tokens is counted
WIDTH, SHORT = 384, 64
MIN_SEEN = 5  # a token seen less often says nothing about what tokens share
RARITY = (
    1e-3  # a token that makes up this share of all tokens counts half (Arora et al. 2017, smooth inverse frequency)
)
LABELED = ("bbc_news", "stackoverflow_stc", "banking77")
NONE = "—"

Encode = Callable[[list[str], str], np.ndarray]  # texts and the task -> (n, d) float32 of unit length
Rank = Callable[[list[str], list[str]], np.ndarray]  # queries and documents -> similarities (q, d)


@dataclass(frozen=True)
class Rung:
    """A way to compare texts: by vectors, or, for search at full width, by similarities of its own."""

    encode: Encode | None = None
    rank: Rank | None = None


def main() -> None:
    """Measures the rungs one after the other, and prints a row for each as soon as it is known."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--rungs", default=",".join(RUNGS), help="with commas; empty for none")
    parser.add_argument("--model", action="append", default=[], metavar="NAME=FOLDER[=CPU-MINUTES]")
    options = parser.parse_args()
    print(
        "| date | rung | width | CPU-minutes | abstracts per CPU-second | title -> abstract recall@1 | recall@10",
        end="",
    )
    print(" | Cranfield nDCG@10 |", *(f" AMI {name} |" for name in LABELED), sep="")
    print("|", "---|" * (8 + len(LABELED)), sep="")
    for name in filter(None, options.rungs.split(",")):
        began = time.process_time()
        rung = RUNGS[name](options.folder)
        minutes = (time.process_time() - began) / 60
        print_rung(name, rung, options.folder, NONE if name == "MiniLM" else f"{minutes:.1f}")
    for given in options.model:
        name, folder, *minutes = given.split("=")
        print_rung(name, Rung(Embedder(Path(folder)).encode), options.folder, minutes[0] if minutes else NONE)


def print_rung(name: str, rung: Rung, folder: Path, minutes: str) -> None:
    """Prints one row at full width and, where there are vectors, one at 64."""
    searches = [read_papers(folder), read_cranfield(folder)]
    began = time.process_time()
    vectors = [embed(rung, task) for task in searches[:1]]
    seconds = time.process_time() - began
    speed = NONE if rung.rank else f"{N_PAPERS / seconds:,.0f}"
    vectors += [embed(rung, task) for task in searches[1:]]
    labeled = [embed_labeled(name, rung, folder, corpus) for corpus in LABELED] if rung.encode else []
    for width in (None, SHORT) if rung.encode else (None,):
        cells: list[str] = []
        for task, made, metrics in zip(searches, vectors, (("recall@1", "recall@10"), ("nDCG@10",)), strict=True):
            if width is None and rung.rank is not None:
                top = np.argsort(-rung.rank(task.queries, task.documents), axis=1, kind="stable")[:, :10]
            else:
                top = find_top(*(cut(each, width) for each in made))
            cells += show(means_of(measure_ranking(list(top), task.grades)), len(task), metrics)
        for texts, labels, made in labeled:
            groups = topic_groups(texts, cut(made, width), labels)
            cells += show(agreement_measure(labels, [groups]), len(texts), ("AMI",))
        cells += [NONE] * (3 + len(LABELED) - len(cells))
        shown = "all words" if rung.rank and width is None else str(width or vectors[0][0].shape[1])
        print(
            f"| {date.today()} | {name} | {shown} | {minutes} | {speed} |",
            *(f" {c} |" for c in cells),
            sep="",
            flush=True,
        )


def embed(rung: Rung, task: Retrieval) -> list[np.ndarray]:
    """Returns the vectors of queries and documents; none where the rung makes none."""
    if rung.encode is None:
        return []
    documents = rung.encode(task.documents, "search_document")  # first: TF-IDF learns its components from them
    return [rung.encode(task.queries, "search_query"), documents]


def embed_labeled(name: str, rung: Rung, folder: Path, corpus: str) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Returns the texts of a corpus, their labels (n,) int64 and vectors (n, d); those of MiniLM are read."""
    table = pd.read_parquet(folder / f"{corpus}.parquet")
    texts = table["text"].tolist()
    vectors = read_minilm(folder, corpus) if name == "MiniLM" else rung.encode(texts, "clustering")
    return texts, pd.factorize(table["label"])[0], vectors


def cut(vectors: np.ndarray, width: int | None) -> np.ndarray:
    """Returns the first entries of vectors, at unit length; those of texts of which nothing is known stay 0."""
    kept = vectors[:, :width]
    return kept / np.maximum(np.linalg.norm(kept, axis=1, keepdims=True), 1e-9)


def show(measure: Measure, n: int, metrics: Sequence[str]) -> list[str]:
    """Returns the value of each metric with half of its interval."""
    found = bootstrap(measure, n, 1000, seed=42)
    return [f"{value:.3f} ±{(high - low) / 2:.3f}" for value, low, high in map(found.get, metrics)]


# ---- the tasks


def read_papers(folder: Path) -> Retrieval:
    """Returns titles and abstracts of the papers that no training pair holds."""
    papers = pd.read_parquet(folder / "arxiv_20k.parquet").head(N_PAPERS)
    return Retrieval(papers["title"], papers["abstract"], range(len(papers)))


def read_cranfield(folder: Path) -> Retrieval:
    """Returns the questions with a right document, and all documents."""
    judged = pd.read_parquet(folder / "cranfield_qrels.parquet").query("rel > 0")
    queries = pd.read_parquet(folder / "cranfield_queries.parquet").set_index("query_id")["text"]
    documents = pd.read_parquet(folder / "cranfield_docs.parquet").set_index("doc_id")["text"]
    return Retrieval(queries[queries.index.isin(judged["query_id"])], documents, judged[["query_id", "doc_id", "rel"]])


def read_minilm(folder: Path, corpus: str) -> np.ndarray:
    """Returns the vectors of MiniLM that lie beside a corpus, (n, 384) float32."""
    return check_vectors(np.load(folder / f"{corpus}.minilm.npy").astype(np.float32))


# ---- rungs without training


def make_tfidf(folder: Path) -> Rung:
    """Returns cosines of TF-IDF; as vectors, its first 384 components (latent semantic analysis)."""
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(TfidfVectorizer(sublinear_tf=True), TruncatedSVD(WIDTH, random_state=42))

    def rank(queries: list[str], documents: list[str]) -> np.ndarray:
        words = TfidfVectorizer(sublinear_tf=True)
        found = words.fit_transform(documents)
        return (words.transform(queries) @ found.T).toarray()

    def encode(texts: list[str], task: str) -> np.ndarray:
        made = model.transform(texts) if task == "search_query" else model.fit_transform(texts)
        return cut(made.astype(np.float32) + 1e-9, None)  # no text is 0, even without a known word

    return Rung(encode, rank)


def make_bm25(folder: Path) -> Rung:
    """Returns BM25 with its usual constants, over words without stop words."""
    from sklearn.feature_extraction.text import CountVectorizer

    def rank(queries: list[str], documents: list[str], k1: float = 1.2, b: float = 0.75) -> np.ndarray:
        words = CountVectorizer(stop_words="english")
        counts = words.fit_transform(documents).tocoo()
        lengths = np.bincount(counts.row, weights=counts.data, minlength=len(documents))
        n_with = np.bincount(counts.col, minlength=counts.shape[1])
        rarity = np.log(1 + (len(documents) - n_with + 0.5) / (n_with + 0.5))
        norm = k1 * (1 - b + b * lengths / lengths.mean())
        weights = rarity[counts.col] * counts.data * (k1 + 1) / (counts.data + norm[counts.row])
        found = sparse.csr_array((weights, (counts.row, counts.col)), shape=counts.shape)
        return (words.transform(queries) @ found.T).toarray()

    return Rung(rank=rank)


# ---- rungs of one vector a token


def count_tokens(texts: list[str]) -> sparse.csr_array:
    """Returns how often each token of MiniLM's vocabulary stands in each text, (n, 30522) float32."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(locate_weights(find_model("minilm")) / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    ids = [each.ids for each in tokenizer.encode_batch(texts, add_special_tokens=False)]
    rows = np.repeat(np.arange(len(ids)), list(map(len, ids)))
    ones = np.ones(len(rows), dtype=np.float32)
    return sparse.csr_array((ones, (rows, np.concatenate(ids))), shape=(len(ids), tokenizer.get_vocab_size()))


def rarity_of_tokens(folder: Path) -> np.ndarray:
    """Returns the weight of each token, (30522,) float32, from 0 for what stands everywhere to 1 for the rarest."""
    pairs = pd.read_parquet(folder / "arxiv_pairs_100k.parquet").head(N_COUNTED)
    counts = count_tokens([*pairs["title"], *pairs["abstract"]]).sum(axis=0)
    return (RARITY / (RARITY + counts / counts.sum())).astype(np.float32)


def teacher_table() -> np.ndarray:
    """Returns the vectors of tokens in the first layer of MiniLM, (30522, 384) float32."""
    from safetensors.numpy import load_file

    tensors = load_file(locate_weights(find_model("minilm")) / "model.safetensors")
    return next(tensor for name, tensor in tensors.items() if name.endswith("word_embeddings.weight")).astype(
        np.float32
    )


def static(table: np.ndarray, weights: np.ndarray | None = None) -> Rung:
    """Returns the rung whose vector of a text is the (weighted) sum of the vectors of its tokens, at unit length."""
    weighted = table if weights is None else weights[:, None] * table
    return Rung(lambda texts, task: cut(count_tokens(texts) @ weighted + 1e-9, None))


def make_random(folder: Path) -> Rung:
    """Returns random vectors of tokens, weighted by rarity: what counting words alone gives."""
    table = np.random.default_rng(42).normal(size=(len(teacher_table()), WIDTH)).astype(np.float32)
    return static(table, rarity_of_tokens(folder))


def make_solved(folder: Path) -> Rung:
    """Returns the table whose texts come nearest to MiniLM's vectors of 18,000 papers (ridge), from each token's own vector."""
    from sklearn.linear_model import Ridge
    from sklearn.preprocessing import normalize
    from tokenizers import Tokenizer

    weights = rarity_of_tokens(folder)
    vocabulary = Tokenizer.from_file(str(locate_weights(find_model("minilm")) / "tokenizer.json"))
    tokens = [vocabulary.id_to_token(number).removeprefix("##") for number in range(len(weights))]
    alone = Embedder("minilm").encode(tokens)  # (30522, 384)
    papers = pd.read_parquet(folder / "arxiv_20k.parquet").iloc[N_PAPERS:]
    wanted = read_minilm(folder, "arxiv_20k")[N_PAPERS:]
    counts = count_tokens((papers["title"] + ". " + papers["abstract"]).tolist())
    shares = normalize(counts * weights[None, :]).astype(np.float32)  # (18000, 30522), rows of unit length
    # What all tokens share makes every text alike: recall@1 .829 and Cranfield .276 with it, .850 and .311 without.
    alone -= alone[counts.sum(axis=0) > MIN_SEEN].mean(axis=0)
    start = shares @ alone
    scale = float((start * wanted).sum() / (start * start).sum())
    solver = Ridge(alpha=1.0, fit_intercept=False, solver="sparse_cg", max_iter=10)
    change = solver.fit(sparse.csr_matrix(shares), wanted - scale * start).coef_.T  # (30522, 384)
    return static((scale * alone + change).astype(np.float32), weights)


RUNGS: dict[str, Callable[[Path], Rung]] = {
    "TF-IDF": make_tfidf,
    "BM25": make_bm25,
    "static random": make_random,
    "static MiniLM table": lambda folder: static(teacher_table()),
    "static MiniLM table weighted": lambda folder: static(teacher_table(), rarity_of_tokens(folder)),
    "static solved": make_solved,
    "MiniLM": lambda folder: Rung(Embedder("minilm").encode),
}

if __name__ == "__main__":
    main()
