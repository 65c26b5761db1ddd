"""A small model learns the vectors of a large one."""

from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from nomic_explore.models.tokens import load_tokenizer, tokenize
from nomic_explore.training.batches import embed_texts
from nomic_explore.training.distillation import (
    DistillationConfig,
    batches,
    copying_loss,
    distill,
    embed,
    group_similar,
    matching_loss,
    prefix_tokens,
    with_prefix,
)
from nomic_explore.training.students import Student, new_student

WORDS = "cat dog owl fox map sea sun ice oak fir red tea".split()
SPECIAL = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "[MASK]",
    "search",
    "_",
    "query",
    "document",
    "clustering",
    "classification",
    ":",
]
CONFIG = DistillationConfig(
    n_steps=60,
    n_pairs=8,
    n_singles=8,
    group_size=4,
    max_tokens=16,
    n_warmup=5,
    learning_rate=1e-2,
    dtype="float32",
)


@pytest.fixture
def student(tmp_path: Path) -> Student:
    (tmp_path / "vocab.txt").write_text("\n".join([*SPECIAL, *WORDS]), encoding="utf-8")
    tokenizer = load_tokenizer(tmp_path)
    return new_student(width=16, n_layers=1, n_heads=2, inner_width=256, tokenizer=tokenizer).with_dimensions((16, 8))


def make_texts() -> tuple[list[str], np.ndarray, np.ndarray]:
    """Returns 60 short texts, teacher vectors (60, 12) that count words, and pairs of texts with the same words."""
    draw = np.random.default_rng(0)
    words = np.array([draw.choice(len(WORDS), 3, replace=False) for _ in range(40)])
    words = np.concatenate([words[:20], words[:20, ::-1], words[20:]])
    vectors = np.eye(len(WORDS))[words].sum(axis=1)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    texts = [" ".join(WORDS[word] for word in row) for row in words]
    return texts, vectors.astype(np.float16), np.stack([np.arange(20), np.arange(20) + 20], axis=1)


def test_a_student_learns_the_vectors_of_its_teacher(student: Student, tmp_path: Path) -> None:
    texts, vectors, pairs = make_texts()
    log, head = distill(student, texts, vectors, CONFIG, tmp_path / "run", pairs=pairs, show_progress=False)
    assert {"copying", "matching", "contrast"} <= set(log.columns)
    assert log["copying"].iloc[-5:].mean() < 0.1
    for name in ("matching", "contrast"):
        assert log[name].iloc[-5:].mean() < 0.5 * log[name].iloc[0]
    assert not student.encoder.training
    assert not any(weight.requires_grad for weight in student.encoder.parameters())
    tokens = tokenize(student.tokenizer, texts, "search_query: ", 16)
    read = torch.from_numpy(embed_texts(student.encoder, tokens, range(len(texts))))
    asked = F.normalize(F.layer_norm(read, (16,)) @ head.T, dim=-1).numpy()  # asked of the teacher's vectors
    best = (asked @ vectors.astype(np.float32).T).argmax(axis=1)
    assert np.mean([set(texts[row].split()) == set(texts[found].split()) for row, found in enumerate(best)]) > 0.7


def test_texts_and_vectors_that_differ_in_number_are_refused(student: Student, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="2 texts, but 3 teacher vectors; expected one for each"):
        distill(student, ["cat", "dog"], np.eye(3), CONFIG, tmp_path / "run")


def test_texts_without_pairs_have_no_contrast(student: Student, tmp_path: Path) -> None:
    texts, vectors, _ = make_texts()
    config = DistillationConfig(**{**vars(CONFIG), "n_steps": 2})
    log, _ = distill(student, texts, vectors, config, tmp_path / "run", show_progress=False)
    assert "contrast" not in log.columns
    assert "matching" in log.columns


def test_a_batch_depends_on_its_step_alone(student: Student) -> None:
    texts, vectors, pairs = make_texts()
    forth = batches(student, texts, vectors, CONFIG, pairs)
    back = batches(student, texts, vectors, CONFIG, pairs)
    seen = {step: forth(step) for step in range(6)}
    for step in (5, 0, 3):
        again = back(step)
        np.testing.assert_array_equal(again.rows, seen[step].rows)
        assert all(map(np.array_equal, again.sequences, seen[step].sequences))


def test_every_pair_comes_once_in_an_epoch(student: Student) -> None:
    texts, vectors, pairs = make_texts()
    make_batch = batches(student, texts, vectors, DistillationConfig(**{**vars(CONFIG), "n_pairs": 5}), pairs)
    for epoch in (0, 1):
        drawn = [make_batch(4 * epoch + step) for step in range(4)]
        assert sorted(np.concatenate([batch.rows[:5] for batch in drawn]).tolist()) == list(range(20))
        assert all((batch.rows[5:10] == batch.rows[:5] + 20).all() for batch in drawn)


def test_dropped_tokens_are_never_those_of_the_prefix(student: Student) -> None:
    texts, vectors, pairs = make_texts()
    config = DistillationConfig(**{**vars(CONFIG), "dropped_tokens": 0.5})
    whole = batches(student, texts, vectors, CONFIG, pairs)(0).sequences
    dropped = batches(student, texts, vectors, config, pairs)(0).sequences
    assert sum(map(len, dropped)) < sum(map(len, whole))
    for one, other in zip(dropped, whole, strict=True):
        before = int(np.flatnonzero(other == SPECIAL.index(":"))[0]) + 1
        np.testing.assert_array_equal(one[:before], other[:before])
        assert set(one.tolist()) <= set(other.tolist())


def test_similar_texts_come_into_a_batch_together() -> None:
    vectors = np.repeat(np.eye(4), 8, axis=0)
    groups = group_similar(np.repeat(np.eye(4), 8, axis=0), 4, seed=1).reshape(-1, 4)
    apart = np.random.default_rng(1).permutation(32).reshape(-1, 4)
    n_kinds = [[len(np.unique(vectors[group].argmax(axis=1))) for group in some] for some in (groups, apart)]
    assert sum(n_kinds[0]) < sum(n_kinds[1])


def test_a_prefix_is_put_before_a_text_as_the_tokenizer_does(student: Student) -> None:
    texts = ["cat dog", "owl", " ".join(WORDS)]
    bare, whole = tokenize(student.tokenizer, texts, "", 16), tokenize(student.tokenizer, texts, "search_query: ", 10)
    for row in range(len(texts)):
        found = with_prefix(bare, row, prefix_tokens(student.tokenizer, "search_query: "), 10)
        np.testing.assert_array_equal(found, whole.ids[whole.starts[row] : whole.starts[row + 1]])


def test_vectors_and_gradients_are_those_of_each_text_read_alone(student: Student) -> None:
    sequences = [np.arange(2, size, dtype=np.int32) for size in (9, 4, 20, 4)]
    weights = torch.randn(4, 16, generator=torch.Generator().manual_seed(0))
    found, carry_back = embed(student.encoder, sequences)
    (found * weights).sum().backward()
    carry_back()
    gradients = [parameter.grad for parameter in student.encoder.parameters()]
    student.encoder.zero_grad()
    alone = [student.encoder(torch.from_numpy(ids.astype(np.int64))[None]).mean(dim=1) for ids in sequences]
    (torch.cat(alone) * weights).sum().backward()
    torch.testing.assert_close(found, torch.cat(alone), atol=1e-5, rtol=1e-5)
    for one, other in zip(gradients, student.encoder.parameters(), strict=True):
        torch.testing.assert_close(one, other.grad, atol=1e-5, rtol=1e-5)


def test_a_student_equal_to_its_teacher_has_no_loss() -> None:
    vectors = F.layer_norm(torch.randn(10, 16, generator=torch.Generator().manual_seed(0)), (16,))
    teacher = F.normalize(vectors, dim=-1)
    assert float(matching_loss(vectors, teacher, (16,), 0.05)) == pytest.approx(0, abs=1e-5)
    assert float(copying_loss(torch.nn.Identity(), vectors, teacher)) == pytest.approx(0, abs=1e-5)
    assert float(matching_loss(vectors, teacher, (8,), 0.05)) > 0.01


def test_matching_is_the_divergence_of_shares_of_similarity() -> None:
    draw = torch.Generator().manual_seed(0)
    vectors, teacher = torch.randn(4, 16, generator=draw), F.normalize(torch.randn(4, 6, generator=draw), dim=-1)

    def shares(unit: torch.Tensor, row: int) -> torch.Tensor:
        others = [other for other in range(4) if other != row]
        return torch.stack([unit[row] @ unit[other] / 0.1 for other in others]).softmax(dim=0)

    student = F.normalize(F.layer_norm(vectors, (16,)), dim=-1)
    by_hand = [(shares(teacher, row) * (shares(teacher, row) / shares(student, row)).log()).sum() for row in range(4)]
    expected = float(torch.stack(by_hand).mean())
    assert float(matching_loss(vectors, teacher, (16,), 0.1)) == pytest.approx(expected, rel=1e-4)
