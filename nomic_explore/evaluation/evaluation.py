"""`evaluate()`: how good an embedder is at tasks of one's own, with a confidence interval for each number."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

import numpy as np

from nomic_explore.checks import check_positive
from nomic_explore.evaluation.group_agreement import agreement_measure, kmeans_groups, topic_groups
from nomic_explore.evaluation.task_measures import (
    Measure,
    bootstrap,
    find_top,
    means_of,
    measure_candidates,
    measure_ranking,
    order_measure,
    pair_measure,
)
from nomic_explore.evaluation.tasks import (
    Clustering,
    PairClassification,
    Reranking,
    Retrieval,
    SentenceSimilarity,
    Task,
)
from nomic_explore.html_table import html_table
from nomic_explore.models.user_encoder import open_encoder
from nomic_explore.vectors import check_vectors

if TYPE_CHECKING:
    import pandas as pd

    from nomic_explore.models.encoder import EncoderLike, TextModel

_KINDS = (Retrieval, Reranking, Clustering, PairClassification, SentenceSimilarity)
_N_SHOWN = 3  # digits


@dataclass(frozen=True)
class Score:
    """One number of an evaluation.

    Attributes:
        task: the name of the task.
        metric: such as `nDCG@10`.
        value: at most 1, which is best.
        low: lower end of the 95 % confidence interval; NaN where there were no bootstrap samples.
        high: its upper end.
        size: the queries, texts or pairs of the task, of which samples were drawn.
    """

    task: str
    metric: str
    value: float
    low: float
    high: float
    size: int


@dataclass(frozen=True, eq=False, repr=False)
class Evaluation:
    """How good an embedder is at some tasks; `evaluate` makes one.

    Attributes:
        model: its name.
        dimensions: entries of the vectors that were compared.
        scores: in the order of the tasks.
    """

    model: str
    dimensions: int
    scores: tuple[Score, ...]

    def __repr__(self) -> str:
        tasks = dict.fromkeys(score.task for score in self.scores)
        listed = (
            f"{task}: " + ", ".join(f"{one.metric} {one.value:.{_N_SHOWN}f}" for one in self.scores if one.task == task)
            for task in tasks
        )
        return f"Evaluation({self.model!r}, {self.dimensions} dimensions; {'; '.join(listed)})"

    def _repr_html_(self) -> str:
        rows = [
            (one.task, one.metric, *(f"{number:.{_N_SHOWN}f}" for number in (one.value, one.low, one.high)), one.size)
            for one in self.scores
        ]
        caption = f"{self.model}, {self.dimensions} dimensions; low and high: 95 % confidence interval"
        return html_table(caption, rows, ("task", "metric", "value", "low", "high", "size"))

    def to_pandas(self) -> "pd.DataFrame":
        """Returns a row for each task and metric: `model, dimensions, task, metric, value, low, high, size`.

        Example:
            >>> score = Score("retrieval", "recall@1", 0.9, 0.85, 0.94, 200)
            >>> Evaluation("minilm", 384, (score,)).to_pandas()[["metric", "value", "size"]].values.tolist()
            [['recall@1', 0.9, 200]]
        """
        import pandas as pd

        table = pd.DataFrame([asdict(score) for score in self.scores])
        table.insert(0, "dimensions", self.dimensions)
        table.insert(0, "model", self.model)
        return table


def evaluate(
    embedder: "EncoderLike",
    tasks: Task | Sequence[Task],
    *,
    n_bootstrap: int = 1000,
    dimensions: int | None = None,
    seed: int = 42,
) -> Evaluation:
    """Returns how good an embedder is at some tasks.

    Texts get the prefix that belongs to the task: queries `search_query`, the documents and candidates they are compared with
    `search_document`, texts to be grouped `clustering`, pairs `classification`. An encoder of one's own has no prefixes; its
    `encode_query`, if there is one, embeds the queries.

    Args:
        embedder: a name of the catalog, a folder, an `Embedder`, a `SentenceTransformer`, an object with `encode`, or a function.
        tasks: one or several of `Retrieval`, `Reranking`, `Clustering`, `PairClassification` and `SentenceSimilarity`.
        n_bootstrap: samples of the queries, texts or pairs, drawn with replacement, whose values give the 95 % confidence
            interval (percentiles); 0 computes none. The interval says how far other texts of the same kind might change a value;
            the same seed draws the same samples for each model.
        dimensions: keep so many entries of each vector, the first ones, and compare those; None keeps all. Good for models that were
            trained for it (Matryoshka), and a way to see what others lose.
        seed: of the samples, of k-means, and of the order of documents that are equally similar.

    Returns:
        The scores: `recall@1`, `recall@10`, `nDCG@10` and `MRR@10` of a retrieval; `MAP`, `nDCG@10` and `MRR@10` of a reranking; AMI and V-measure of
        k-means at the number of labels, mean of three starts, and "topics AMI" where topics were asked for; average precision
        and ROC AUC of pairs; Spearman's correlation of similarities with scores.

    Raises:
        TypeError: the embedder or a task is of another kind.
        ValueError: two tasks share a name, there are none, or `dimensions` is more than the vectors have.
        OSError: the weights cannot be reached.

    Example:
        >>> from nomic_explore.testing import HashEmbedder
        >>> pairs = Retrieval(["red apple", "old bicycle"], ["an apple that is red", "my bicycle is old"])
        >>> evaluate(HashEmbedder(), pairs)
        Evaluation('hash:64', 64 dimensions; retrieval: recall@1 1.000, recall@10 1.000, nDCG@10 1.000, MRR@10 1.000)
    """
    listed = _check_tasks(tasks)
    check_positive(n_bootstrap, "n_bootstrap", at_least=0)
    encoder = _Cut(open_encoder(embedder, name="embedder"), dimensions)
    scores: list[Score] = []
    for task in listed:
        measures = _measure(task, encoder, seed)
        for prefix, measure in measures.items():
            found = bootstrap(measure, len(task), n_bootstrap, seed)
            scores += [Score(task.name, f"{prefix}{metric}", *values, len(task)) for metric, values in found.items()]
    return Evaluation(str(encoder.model.provenance()["model"]), encoder.dimensions, tuple(scores))


@dataclass(frozen=True)
class _Cut:
    """An encoder whose vectors are cut to their first entries.

    The result equals that of models that cut before they normalize: what they cut differs from these vectors by its length alone.
    """

    model: "TextModel"
    asked: int | None

    @property
    def dimensions(self) -> int:
        return self.model.dimensions if self.asked is None else self.asked

    def encode(self, texts: Sequence[str], task: str) -> np.ndarray:
        """Returns (n, dimensions) float32, each row of unit length."""
        vectors = self.model.encode(texts, task)
        if self.asked is None:
            return vectors
        if not 0 < self.asked <= vectors.shape[1]:
            raise ValueError(f"dimensions={self.asked}; expected 1 to {vectors.shape[1]}, the entries of the vectors.")
        return check_vectors(vectors[:, : self.asked], "vectors cut to dimensions")


def _check_tasks(tasks: Task | Sequence[Task]) -> list[Task]:
    """Returns the tasks as a list."""
    listed = [tasks] if isinstance(tasks, _KINDS) else list(tasks)
    if not listed:
        raise ValueError("there are no tasks; expected at least one, such as Retrieval(queries, documents).")
    for place, task in enumerate(listed):
        if not isinstance(task, _KINDS):
            kinds = ", ".join(kind.__name__ for kind in _KINDS)
            raise TypeError(f"tasks[{place}] is {task!r:.60}; expected one of {kinds}.")
    name, count = Counter(task.name for task in listed).most_common(1)[0]
    if count > 1:
        raise ValueError(f"{count} tasks are called {name!r}; give each a name of its own: name='titles'.")
    return listed


def _measure(task: Task, encoder: _Cut, seed: int) -> dict[str, Measure]:
    """Returns what is measured on a task, with what stands before the names of its metrics."""
    match task:
        case Retrieval():
            queries, documents = (
                encoder.encode(task.queries, "search_query"),
                encoder.encode(task.documents, "search_document"),
            )
            top = find_top(queries, documents, seed)
            return {"": means_of(measure_ranking(list(top), task.grades))}
        case Reranking():
            queries = encoder.encode(task.queries, "search_query")
            vectors = encoder.encode([text for own in task.candidates for text in own], "search_document")
            ends = accumulate(map(len, task.candidates), initial=0)
            candidates = [vectors[start:end] for start, end in pairwise(ends)]
            return {"": means_of(measure_candidates(queries, candidates, task.grades, seed))}
        case Clustering():
            return _measure_groups(task, encoder.encode(task.texts, "clustering"), seed)
        case PairClassification():
            return {"": pair_measure(_similarities(task, encoder), task.is_same)}
        case SentenceSimilarity():
            return {"": order_measure(_similarities(task, encoder), task.scores)}


def _measure_groups(task: Clustering, vectors: np.ndarray, seed: int) -> dict[str, Measure]:
    measures = {"": agreement_measure(task.labels, kmeans_groups(vectors, int(task.labels.max()) + 1, seed))}
    if task.topics:
        own = agreement_measure(task.labels, [topic_groups(task.texts, vectors, task.labels)])
        measures["topics "] = lambda counts: {"AMI": own(counts)["AMI"]}
    return measures


def _similarities(task: PairClassification | SentenceSimilarity, encoder: _Cut) -> np.ndarray:
    """Returns the cosine of each pair, (n,) float32."""
    left, right = encoder.encode(task.left, "classification"), encoder.encode(task.right, "classification")
    cosines: np.ndarray = np.einsum("nd,nd->n", left, right)
    return cosines
