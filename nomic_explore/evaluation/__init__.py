"""How good an embedder is: tasks on one's own texts, measured with confidence intervals, and a door to `mteb`."""

from nomic_explore.evaluation.evaluation import Evaluation, Score, evaluate
from nomic_explore.evaluation.mteb_adapter import MtebModel, for_mteb
from nomic_explore.evaluation.tasks import (
    Clustering,
    PairClassification,
    Reranking,
    Retrieval,
    SentenceSimilarity,
)

__all__ = [
    "Clustering",
    "Evaluation",
    "MtebModel",
    "PairClassification",
    "Reranking",
    "Retrieval",
    "Score",
    "SentenceSimilarity",
    "evaluate",
    "for_mteb",
]
