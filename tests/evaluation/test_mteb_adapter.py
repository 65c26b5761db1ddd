"""What mteb relies on: batches in, one array out, the prefix by type of task, and a name that follows the weights.

mteb is no dependency of the tests; stand-ins take the place of its two modules that the adapter imports.
"""

import sys
from enum import Enum
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from nomic_explore.evaluation import for_mteb
from nomic_explore.evaluation.mteb_adapter import task_of
from nomic_explore.testing import HashEmbedder


class PromptType(Enum):
    query = "query"
    document = "document"


class ScoringFunction(Enum):
    COSINE = "cosine"


class ModelMeta(SimpleNamespace):
    @classmethod
    def create_empty(cls, overwrites: dict[str, object]) -> "ModelMeta":
        return cls(**overwrites)


@pytest.fixture
def mteb(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand-ins for mteb 2."""
    for name in ("mteb", "mteb.models"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    meta, functions = ModuleType("mteb.models.model_meta"), ModuleType("mteb.similarity_functions")
    vars(meta).update(ModelMeta=ModelMeta, ScoringFunction=ScoringFunction)
    vars(functions).update(cos_sim=lambda a, b: a @ b.T, pairwise_cos_sim=lambda a, b: (a * b).sum(axis=1))
    monkeypatch.setitem(sys.modules, "mteb.models.model_meta", meta)
    monkeypatch.setitem(sys.modules, "mteb.similarity_functions", functions)


class Prefixed(HashEmbedder):
    """A `HashEmbedder` that puts the name of the task before each text."""

    def encode(self, texts: list[str], task: str = "clustering", **options: object) -> np.ndarray:  # type: ignore[override]
        return super().encode([f"{task}: {text}" for text in texts])


@pytest.mark.parametrize(
    ("kind", "prompt_type", "task"),
    [
        ("Retrieval", PromptType.query, "search_query"),
        ("Retrieval", PromptType.document, "search_document"),
        ("InstructionRetrieval", PromptType.query, "search_query"),
        ("Clustering", None, "clustering"),
        ("Reranking", PromptType.query, "classification"),
        ("STS", None, "classification"),
        ("PairClassification", None, "classification"),
        ("Classification", None, "classification"),
        ("BitextMining", None, "classification"),
    ],
)
@pytest.mark.usefixtures("mteb")
def test_each_type_of_task_gets_the_prefix_of_the_reference_runs(
    kind: str, prompt_type: PromptType | None, task: str
) -> None:
    batches = [{"text": ["a cat", "a dog"]}, {"text": ["a lamp"]}]
    vectors = for_mteb(Prefixed()).encode(
        batches,
        task_metadata=SimpleNamespace(type=kind, name="Any"),
        hf_split="test",
        hf_subset="default",
        prompt_type=prompt_type,
        batch_size=32,
    )
    assert vectors.shape == (3, 64)
    assert np.array_equal(vectors, Prefixed().encode(["a cat", "a dog", "a lamp"], task))
    assert task_of(kind, prompt_type and prompt_type.value) == task


@pytest.mark.usefixtures("mteb")
def test_similarities_are_those_of_mteb() -> None:
    model, vectors = for_mteb(HashEmbedder()), np.eye(3)
    assert np.array_equal(model.similarity(vectors, vectors), np.eye(3))
    assert np.array_equal(model.similarity_pairwise(vectors, vectors), np.ones(3))


@pytest.mark.usefixtures("mteb")
def test_results_are_stored_under_a_name_and_a_revision_that_follow_the_model() -> None:
    one, other = for_mteb("hash:64").mteb_model_meta, for_mteb("hash:32").mteb_model_meta
    assert (one.name, one.embed_dim) == ("nomic-explore/hash:64", 64)
    assert one.revision == for_mteb("hash:64").mteb_model_meta.revision != other.revision
    assert for_mteb("hash:64", name="acme/words").mteb_model_meta.name == "acme/words"


def test_a_missing_mteb_is_reported_with_its_install_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mteb", None)
    with pytest.raises(ImportError, match=r"needs the package mteb. Install it: pip install 'nomic-explore\[mteb\]'"):
        for_mteb("hash:64")
