"""The losses equal small cases computed by hand, and those of Nomic's own code."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from nomic_explore.training import losses

GOLDENS = Path(__file__).parents[3] / "shared" / "goldens" / "losses" / "losses.npz"


def draw(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_each_hard_negative_is_one_more_wrong_answer() -> None:
    query = torch.tensor([[2.0, 0.0]])
    documents = torch.tensor([[3.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])  # cosine 1, 0, -1
    expected = -1 + math.log(math.e + 1 + 1 / math.e)
    assert float(losses.info_nce(query, documents, temperature=1.0)) == pytest.approx(expected, abs=1e-6)


def test_documents_of_other_queries_are_negatives_with_their_own_negatives() -> None:
    queries, documents = draw(3, 8), draw(6, 8, seed=1)
    cosine = F.normalize(queries, dim=1) @ F.normalize(documents, dim=1).T / 0.02
    expected = torch.stack([cosine[row].logsumexp(0) - cosine[row, 2 * row] for row in range(3)]).mean()
    torch.testing.assert_close(losses.info_nce(queries, documents), expected)


def test_the_mean_over_two_processes_is_the_loss_of_one() -> None:
    queries, documents = draw(4, 8), draw(8, 8, seed=1)
    halves = [losses.info_nce(queries[at : at + 2], documents, n_per_query=2, offset=at) for at in (0, 2)]
    torch.testing.assert_close(torch.stack(halves).mean(), losses.info_nce(queries, documents))


def test_the_matryoshka_loss_is_a_sum_over_cut_vectors() -> None:
    queries, documents = draw(4, 8), draw(4, 8, seed=1)
    normed = [
        (x - x.mean(1, keepdim=True)) / (x.var(1, keepdim=True, correction=0) + 1e-5).sqrt()
        for x in (queries, documents)
    ]
    expected = sum(losses.info_nce(*(x[:, :size] for x in normed)) for size in (8, 4, 2))
    torch.testing.assert_close(losses.matryoshka_loss(queries, documents, (8, 4, 2)), expected)


def test_losses_are_float32_under_autocast() -> None:
    queries, documents = draw(4, 8), draw(4, 8, seed=1)
    expected = losses.info_nce(queries, documents)
    with torch.autocast("cpu", torch.bfloat16):
        torch.testing.assert_close(losses.info_nce(queries, documents), expected, atol=0, rtol=0)
        assert losses.matryoshka_loss(queries.bfloat16(), documents.bfloat16(), (4,)).dtype == torch.float32


def test_a_router_that_sends_all_to_one_expert_costs_the_number_of_experts() -> None:
    shares = torch.tensor([[1.0, 0.0, 0.0, 0.0]]).expand(5, 4)
    chosen = torch.zeros(5, 1, dtype=torch.int64)
    assert float(losses.router_loss(shares, chosen, 4)) == 4.0
    assert float(losses.router_loss(torch.full((5, 4), 0.25), chosen, 4)) == 1.0


def test_padding_does_not_count_for_the_pooled_router_loss() -> None:
    shares, chosen = draw(2, 6, 4).softmax(-1), draw(2, 6, 4, seed=1).topk(2).indices
    mask = torch.tensor([1, 1, 0, 1, 0, 1])
    kept = mask.bool()
    masked = losses.pooled_router_loss(shares, chosen, 4, mask=mask)
    torch.testing.assert_close(masked, losses.pooled_router_loss(shares[:, kept], chosen[:, kept], 4))


def test_masked_tokens_cost_the_logarithm_of_their_share() -> None:
    logits = torch.tensor([[math.log(3.0), 0.0], [0.0, 0.0]])
    expected = (math.log(4 / 3) + math.log(2)) / 2
    assert float(losses.masked_token_loss(logits, torch.tensor([0, 1]))) == pytest.approx(expected)


def test_losses_and_gradients_equal_those_of_contrastors() -> None:
    if not GOLDENS.is_file():
        return
    golden = {name: torch.from_numpy(np.asarray(array)) for name, array in np.load(GOLDENS).items()}
    cases = {
        "infonce_inbatch": (losses.info_nce, "qd"),
        "infonce_bidirectional": (losses.bidirectional_info_nce, "qd"),
        "infonce_3_hard_negatives": (losses.info_nce, "qd"),
        "matryoshka_4_8_16_layer_normed": (lambda q, d: losses.matryoshka_loss(q, d, (4, 8, 16)), "qd"),
        "lit": (lambda i, t, s: losses.symmetric_info_nce(i, t, temperature=torch.exp(-s)), "its"),
    }
    for name, (loss, letters) in cases.items():
        given = [golden[f"{name}_{letter}"].requires_grad_() for letter in letters]
        made = loss(*given)
        made.backward()
        torch.testing.assert_close(made, golden[f"{name}_loss"], atol=1e-5, rtol=1e-6)
        for letter, tensor in zip(letters, given, strict=True):
            expected = golden[f"{name}_grad_{letter}"]
            if name.startswith("infonce"):  # theirs is that of vectors normalized before; ours goes through the norm
                expected = expected - (expected * tensor).sum(1, keepdim=True) * tensor
            torch.testing.assert_close(tensor.grad, expected.detach(), atol=1e-5, rtol=1e-5)


def test_router_losses_equal_the_published_formulas() -> None:
    if not GOLDENS.is_file():
        return
    golden = {name: torch.from_numpy(np.asarray(array)) for name, array in np.load(GOLDENS).items()}
    shares = golden["router_logits"].softmax(-1)
    chosen, mask = shares.topk(2).indices, golden["router_attention_mask"].flatten()
    torch.testing.assert_close(losses.router_loss(shares, chosen, 8), golden["aux_megablocks_formula_weight1"])
    torch.testing.assert_close(losses.pooled_router_loss(shares, chosen, 8), golden["aux_contrastors_nomask"])
    masked = losses.pooled_router_loss(shares, chosen, 8, mask=mask)
    torch.testing.assert_close(masked, golden["aux_contrastors_mask"])
