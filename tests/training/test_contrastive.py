"""Contrastive training: cached gradients, batches of one source, negatives, and two processes."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor, nn

from nomic_explore.training.cached_gradients import cached_backward
from nomic_explore.training.contrastive import ContrastiveConfig, train_contrastive
from nomic_explore.training.losses import info_nce
from nomic_explore.training.pair_batches import plan_batches, read_pair_texts
from nomic_explore.training.pairs import Pairs
from nomic_explore.training.students import Student, load_student, new_student

ROOT = Path(__file__).parents[2]
ANIMALS = ["cat", "dog", "owl", "cow", "pig", "hen", "fox", "bee"]
SOUNDS = ["meow", "bark", "hoot", "moo", "oink", "cluck", "yelp", "buzz"]
CONFIG = ContrastiveConfig(batch_size=4, n_steps=30, learning_rate=3e-3, dtype="float32")


def make_student() -> Student:
    return new_student(width=32, n_layers=1, n_heads=2, name="tiny")


def make_pairs(**more: object) -> Pairs:
    queries, documents = [f"a {name}" for name in ANIMALS], [f"it says {sound} all day" for sound in SOUNDS]
    return Pairs(queries, documents, np.array(["farm", "wild"] * 4), **more)


def gradients(module: nn.Module) -> dict[str, Tensor]:
    return {name: each.grad.clone() for name, each in module.named_parameters() if each.grad is not None}


@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_cached_gradients_equal_plain_ones(dropout: float) -> None:
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(6, 16), nn.GELU(), nn.Dropout(dropout), nn.Linear(16, 8))
    inputs = torch.randn(12, 6)
    chunks = [np.array([3, 0, 7, 9]), np.array([1, 2, 11]), np.array([10, 4, 5, 6, 8])]
    found = []
    for keeps_graph in (True, False):
        module.zero_grad()
        torch.manual_seed(1)
        loss = cached_backward(
            lambda chunk: module(inputs[torch.from_numpy(chunk)]),
            chunks,
            lambda vectors: info_nce(vectors[:4], vectors[4:]),
            keeps_graph=keeps_graph,
        )
        found.append((loss, gradients(module)))
    torch.testing.assert_close(found[0], found[1], atol=1e-5, rtol=1e-5)
    if not dropout:
        module.zero_grad()
        vectors = module(inputs)
        info_nce(vectors[:4], vectors[4:]).backward()
        torch.testing.assert_close(found[1][1], gradients(module), atol=1e-5, rtol=1e-5)


def test_cached_gradients_are_there_under_autocast() -> None:
    module, inputs = nn.Linear(6, 8), torch.randn(4, 6)
    with torch.autocast("cpu", torch.bfloat16):
        cached_backward(
            lambda chunk: module(inputs[torch.from_numpy(chunk)]).float(),
            [np.arange(2), np.arange(2, 4)],
            lambda vectors: info_nce(vectors[:2], vectors[2:]),
        )
    assert float(module.weight.grad.abs().sum()) > 0


def test_every_batch_is_of_one_source_and_sources_come_by_their_size() -> None:
    sources = np.array(["large"] * 64 + ["small"] * 17 + ["tiny"] * 3 + ["single"])
    plan = plan_batches(sources, 8, seed=0)
    batches = plan(0)
    assert sorted(batch.source for batch in batches) == ["large"] * 8 + ["small"] * 2 + ["tiny"]
    for batch in batches:
        assert {str(source) for source in sources[batch.rows]} == {batch.source}
        assert len(batch.rows) == (3 if batch.source == "tiny" else 8)
    rows = [row for batch in batches for row in batch.rows]
    assert len(set(rows)) == len(rows)
    assert plan(0) == plan_batches(sources, 8, seed=0)(0) != plan(1)


def test_prefixes_are_those_of_the_task_of_each_source() -> None:
    student, pairs = make_student(), make_pairs()
    tasks = [("search_query", "search_document") if s == "farm" else ("clustering",) * 2 for s in pairs.sources]
    texts = read_pair_texts(student, pairs, tasks=tasks, max_tokens=(32, 64))

    def words(number: int) -> list[int]:
        return texts.tokens.ids[slice(*texts.tokens.starts[number : number + 2])].tolist()

    assert words(texts.queries[0]) == student.tokenizer.encode("search_query: a cat").ids
    assert words(texts.documents[1, 0]) == student.tokenizer.encode("clustering: it says bark all day").ids
    with pytest.raises(ValueError, match="unknown task 'translation'"):
        read_pair_texts(student, pairs, tasks=[("translation", "clustering")] * 8, max_tokens=(32, 64))


def test_missing_hard_negatives_are_documents_of_the_same_source() -> None:
    negatives = [["it says nothing"] if row == 0 else [] for row in range(8)]
    pairs = make_pairs(negatives=negatives)
    tasks = [("search_query", "search_document")] * 8
    texts = read_pair_texts(make_student(), pairs, tasks=tasks, max_tokens=(32, 64), n_negatives=2)
    assert texts.documents.shape == (8, 3)
    assert texts.documents[0, 1] not in texts.documents[:, 0]
    for row in range(1, 8):
        drawn = [int(np.flatnonzero(texts.documents[:, 0] == number)[0]) for number in texts.documents[row, 1:]]
        assert {str(pairs.sources[other]) for other in drawn} == {str(pairs.sources[row])}


def test_texts_of_one_label_are_one_group() -> None:
    pairs = make_pairs(labels=np.array(["pet", "pet", *[""] * 6]))
    tasks = [("search_query", "search_document")] * 8
    texts = read_pair_texts(make_student(), pairs, tasks=tasks, max_tokens=(32, 64))
    groups = texts.groups[texts.documents[:, 0]]
    assert groups[0] == groups[1]
    assert len(set(groups.tolist())) == 7


def test_a_student_learns_its_pairs_also_with_cached_gradients(tmp_path: Path) -> None:
    logs = {}
    for graph_tokens in (0, 32768):
        config = ContrastiveConfig(
            batch_size=4, n_steps=30, learning_rate=3e-3, dtype="float32", graph_tokens=graph_tokens, chunk_tokens=64
        )
        logs[graph_tokens] = train_contrastive(make_student(), make_pairs(), config, tmp_path / str(graph_tokens))
    losses = logs[0]["loss"].to_numpy()
    assert losses[:5].mean() > 5 * losses[-5:].mean()
    np.testing.assert_allclose(losses[:10], logs[32768]["loss"][:10], atol=1e-3)


def test_matryoshka_sizes_and_negatives_are_trained_and_saved(tmp_path: Path) -> None:
    student, pairs = make_student(), make_pairs(negatives=[["it says nothing at all"]] * 8)
    config = ContrastiveConfig(
        batch_size=4, n_steps=4, n_negatives=1, matryoshka_dimensions=(32, 8), dtype="float32", graph_tokens=0
    )
    log = train_contrastive(student, pairs, config, tmp_path)
    assert log["loss"].iloc[0] > 2.0
    again = load_student(tmp_path)
    assert again.model.dimensions == (32, 8)
    assert again.model.post_processing == ("layer_norm", "slice", "l2")
    torch.testing.assert_close(again.encoder.state_dict(), student.encoder.state_dict())
    with pytest.raises(ValueError, match=r"matryoshka_dimensions=\(64,\); expected sizes of at most 32"):
        train_contrastive(student, pairs, ContrastiveConfig(matryoshka_dimensions=(64,)), tmp_path / "other")
    with pytest.raises(ValueError, match="no source has two pairs"):
        train_contrastive(student, pairs.take([0]), ContrastiveConfig(), tmp_path / "other")


def train_animals(folder: Path) -> None:
    """Trains in this process its share; also run by other processes."""
    config = ContrastiveConfig(batch_size=4, n_steps=6, n_negatives=1, dtype="float32", graph_tokens=0)
    pairs = make_pairs(negatives=[["it says nothing at all"]] * 8)
    train_contrastive(make_student(), pairs, config, folder, show_progress=False)


def test_two_processes_gather_their_documents_and_have_the_losses_of_one(tmp_path: Path) -> None:
    train_animals(tmp_path / "one")
    script = tmp_path / "script.py"
    script.write_text(
        f"from test_contrastive import *\ntrain_animals(Path({str(tmp_path / 'two')!r}))\n", encoding="utf-8"
    )
    paths = os.pathsep.join(map(str, (ROOT, Path(__file__).parent)))
    environment = {**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1"}
    torchrun = (sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")
    subprocess.run([*torchrun, str(script)], env=environment, check=True, timeout=180)
    one, two = (pd.read_csv(tmp_path / name / "log.csv")["loss"] for name in ("one", "two"))
    np.testing.assert_allclose(two, one, atol=1e-4)
    np.testing.assert_allclose(two[0], one[0], atol=1e-5)
