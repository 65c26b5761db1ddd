"""Upcycling a dense encoder into experts."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from nomic_explore import Embedder
from nomic_explore.models.text_encoder import MixtureOfExperts, TextConfig, TextEncoder
from nomic_explore.training.contrastive import ContrastiveConfig, _backward, read_texts
from nomic_explore.training.experts import recorded_routes, upcycle
from nomic_explore.training.pair_batches import PairBatch
from nomic_explore.training.pairs import Pairs
from nomic_explore.training.pretraining import PretrainingConfig, pretrain
from nomic_explore.training.students import Student, load_student, new_student

DENSE = TextConfig(200, 1, 0, 64, 4, 4, 128, is_gated=False, has_biases=True, norm_eps=1e-5)


def replace_encoder(student: Student) -> Student:
    """The student with experts."""
    return replace(student, encoder=upcycle(student.encoder))


@pytest.fixture
def dense() -> TextEncoder:
    """A dense encoder with random weights; the biases of its inner layers, which experts lack, are 0."""
    torch.manual_seed(0)
    encoder = TextEncoder(DENSE)
    for name, parameter in encoder.named_parameters():
        if ".mlp." in name and name.endswith("bias"):
            torch.nn.init.zeros_(parameter)
    return encoder


@pytest.fixture
def tokens() -> torch.Tensor:
    """Eight texts of twenty tokens."""
    return torch.randint(0, 200, (8, 20), generator=torch.Generator().manual_seed(1))


def test_an_upcycled_encoder_computes_nearly_what_the_dense_one_does(dense: TextEncoder, tokens: torch.Tensor) -> None:
    with torch.inference_mode():
        expected, found = dense(tokens), upcycle(dense)(tokens)
    assert torch.cosine_similarity(expected, found, dim=-1).min() > 0.99


def test_every_second_block_gets_equal_experts_and_the_dense_encoder_stays(dense: TextEncoder) -> None:
    before = {name: tensor.clone() for name, tensor in dense.state_dict().items()}
    grown = upcycle(dense, n_experts=4)
    assert [isinstance(block.mlp, MixtureOfExperts) for block in grown.encoder["layers"]] == [False, True, False, True]
    experts = grown.encoder["layers"][1].mlp.experts
    assert len(experts) == 4
    assert all(torch.equal(expert.fc1.weight, experts[0].fc1.weight) for expert in experts)
    assert all(torch.equal(tensor, before[name]) for name, tensor in dense.state_dict().items())


def test_training_with_the_router_loss_uses_all_experts(dense: TextEncoder, tokens: torch.Tensor) -> None:
    grown = upcycle(dense)
    mixture = grown.encoder["layers"][1].mlp
    with torch.no_grad():  # a router that prefers one expert
        mixture.router["layer"].weight[0] += 0.3 * grown(tokens).mean(dim=(0, 1))
    optimizer = torch.optim.Adam(grown.parameters(), lr=3e-3)
    losses = []
    for _ in range(30):
        with recorded_routes(grown) as routes:
            grown(tokens)
        loss = routes.loss()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < losses[0]
    assert losses[-1] == pytest.approx(1, abs=0.1)
    assert routes.use().min() > 0.05


def test_routes_are_recorded_inside_the_block_alone(dense: TextEncoder, tokens: torch.Tensor) -> None:
    grown = upcycle(dense)
    with recorded_routes(grown) as routes:
        grown(tokens)
    grown(tokens)
    assert [tuple(shares.shape) for shares in routes.shares] == [(160, 8), (160, 8)]


def test_the_routers_loss_has_the_same_gradients_whether_cached_or_not() -> None:
    student = replace_encoder(new_student(width=32, n_layers=2, n_heads=2, is_gated=False))
    pairs = Pairs([f"number {row}" for row in range(8)], [f"the row {row}" for row in range(8)], np.array(["rows"] * 8))
    gradients = []
    for graph_tokens in (0, 100_000):
        config = ContrastiveConfig(chunk_tokens=64, graph_tokens=graph_tokens, router_weight=0.5, dtype="float32")
        student.encoder.zero_grad()
        torch.manual_seed(0)
        numbers = _backward(student, read_texts(student, pairs, config), config, PairBatch("rows", list(range(8))))
        router = student.encoder.get_submodule("encoder.layers.1.mlp.router.layer")
        gradients.append((numbers["loss"], router.weight.grad.clone()))
    assert gradients[0][0] == pytest.approx(gradients[1][0], abs=1e-5)
    torch.testing.assert_close(gradients[0][1], gradients[1][1], atol=1e-5, rtol=1e-4)
    assert gradients[0][1].abs().max() > 0


def test_an_upcycled_student_is_pretrained_and_opened_again(tmp_path: Path) -> None:
    student = replace_encoder(new_student(width=32, n_layers=2, n_heads=2, is_gated=False, name="experts"))
    config = PretrainingConfig(length=16, batch_size=4, n_steps=6, router_weight=0.1, dtype="float32")
    log = pretrain(student, ["the cat sat on the mat"] * 20, config, tmp_path / "experts", show_progress=False)
    assert log["loss"].notna().all()
    opened = load_student(tmp_path / "experts")
    assert opened.encoder.config.n_experts == 8
    assert Embedder(tmp_path / "experts").encode(["a cat"]).shape == (1, 32)


def test_a_weight_without_experts_is_refused(tmp_path: Path) -> None:
    student = new_student(width=32, n_layers=1, n_heads=2)
    config = PretrainingConfig(length=16, n_steps=1, router_weight=0.1)
    with pytest.raises(ValueError, match="router_weight=0.1, but the encoder has no experts"):
        pretrain(student, ["a cat"] * 20, config, tmp_path)


@pytest.mark.parametrize("change", [{"is_gated": True}, {"n_layers": 1}])
def test_encoders_that_cannot_be_upcycled_are_refused(change: dict[str, bool | int]) -> None:
    with pytest.raises(ValueError, match="cannot be upcycled; expected plain"):
        upcycle(TextEncoder(replace(DENSE, **change)))
