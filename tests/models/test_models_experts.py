"""The mixture of experts equals a plain calculation, token by token, and is read from the published layout."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.special import erf
from test_models_checkpoints import GOLDENS, change_tensors, needs_goldens, write_checkpoint

from nomic_explore.models import find_model, load_text_encoder
from nomic_explore.models.pooling import post_process

WIDTH, INNER, N_HEADS, N_LAYERS, N_EXPERTS = 32, 48, 4, 4, 8
SETTINGS = {
    "model_type": "nomic_bert",
    "activation_function": "gelu",
    "vocab_size": 60,
    "pad_vocab_size_multiple": 64,
    "n_embd": WIDTH,
    "n_layer": N_LAYERS,
    "n_head": N_HEADS,
    "n_inner": INNER,
    "type_vocab_size": 1,
    "layer_norm_epsilon": 1e-5,
    "rotary_emb_base": 10000,
    "qkv_proj_bias": True,
    "mlp_fc1_bias": True,
    "mlp_fc2_bias": True,
    "num_experts": N_EXPERTS,
    "moe_every_n_layers": 2,
    "moe_top_k": 2,
    "moe_normalize_expert_weights": False,
}


def write_experts(folder: Path, seed: int = 0, **changes: object) -> Path:
    """Writes a small nomic-embed-text-v2-moe with random weights, in the layout of the published one."""
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (64, WIDTH),
        "embeddings.token_type_embeddings.weight": (1, WIDTH),
    }
    norms = ["emb_ln"]
    for layer in range(N_LAYERS):
        name = f"encoder.layers.{layer}"
        shapes |= {f"{name}.attn.Wqkv.weight": (3 * WIDTH, WIDTH), f"{name}.attn.Wqkv.bias": (3 * WIDTH,)}
        shapes |= {f"{name}.attn.out_proj.weight": (WIDTH, WIDTH), f"{name}.attn.out_proj.bias": (WIDTH,)}
        if layer % 2:
            shapes |= {f"{name}.mlp.router.layer.weight": (N_EXPERTS, WIDTH), f"{name}.mlp.experts.bias": (WIDTH,)}
            shapes |= {f"{name}.mlp.experts.mlp.w{matrix}": (N_EXPERTS * INNER, WIDTH) for matrix in (1, 2)}
        else:
            shapes |= {f"{name}.mlp.fc1.weight": (INNER, WIDTH), f"{name}.mlp.fc1.bias": (INNER,)}
            shapes |= {f"{name}.mlp.fc2.weight": (WIDTH, INNER), f"{name}.mlp.fc2.bias": (WIDTH,)}
        norms += [f"{name}.norm1", f"{name}.norm2"]
    draw = torch.Generator().manual_seed(seed)
    tensors = {name: torch.randn(shape, generator=draw) / shape[-1] ** 0.5 for name, shape in shapes.items()}
    for name in norms:
        tensors[f"{name}.weight"] = 1 + 0.1 * torch.randn(WIDTH, generator=draw)
        tensors[f"{name}.bias"] = 0.1 * torch.randn(WIDTH, generator=draw)
    save_file(tensors, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(SETTINGS | changes), encoding="utf-8")
    return folder


def hidden_by_hand(folder: Path, ids: list[int]) -> np.ndarray:
    """The last hidden state (S, W) of one text, in float64, one token and one expert after the other."""
    from safetensors.torch import load_file

    w = {name: tensor.double().numpy() for name, tensor in load_file(folder / "model.safetensors").items()}
    size, length = WIDTH // N_HEADS, len(ids)

    def linear(x: np.ndarray, name: str) -> np.ndarray:
        return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]

    def norm(x: np.ndarray, name: str) -> np.ndarray:
        x = x - x.mean(-1, keepdims=True)
        return x / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-5) * w[f"{name}.weight"] + w[f"{name}.bias"]

    def gelu(x: np.ndarray) -> np.ndarray:
        return x * (1 + erf(x / np.sqrt(2))) / 2

    def turn(x: np.ndarray) -> np.ndarray:
        pairs = x[:, : size // 2] + 1j * x[:, size // 2 :]
        pairs = pairs * np.exp(1j * np.outer(np.arange(length), 10000.0 ** (-2 * np.arange(size // 2) / size)))
        return np.hstack([pairs.real, pairs.imag])

    def experts(token: np.ndarray, name: str) -> np.ndarray:
        shares = np.exp(w[f"{name}.router.layer.weight"] @ token)
        shares /= shares.sum()
        answer = w[f"{name}.experts.bias"].copy()
        for expert in np.argsort(-shares)[:2]:
            rows = slice(expert * INNER, (expert + 1) * INNER)
            inner = gelu(w[f"{name}.experts.mlp.w1"][rows] @ token)
            answer += shares[expert] * (inner @ w[f"{name}.experts.mlp.w2"][rows])
        return answer

    x = norm(w["embeddings.word_embeddings.weight"][ids] + w["embeddings.token_type_embeddings.weight"][0], "emb_ln")
    for layer in range(N_LAYERS):
        name = f"encoder.layers.{layer}"
        q, k, v = np.split(linear(x, f"{name}.attn.Wqkv"), 3, axis=1)
        heads = []
        for head in range(N_HEADS):
            part = slice(head * size, (head + 1) * size)
            scores = np.exp(turn(q[:, part]) @ turn(k[:, part]).T / np.sqrt(size))
            heads.append(scores / scores.sum(1, keepdims=True) @ v[:, part])
        x = norm(x + linear(np.hstack(heads), f"{name}.attn.out_proj"), f"{name}.norm1")
        if layer % 2:
            answers = np.stack([experts(token, f"{name}.mlp") for token in x])
        else:
            answers = linear(gelu(linear(x, f"{name}.mlp.fc1")), f"{name}.mlp.fc2")
        x = norm(x + answers, f"{name}.norm2")
    return x


@pytest.mark.parametrize("seed", [1, 2])
def test_hidden_states_equal_a_float64_calculation(tmp_path: Path, seed: int) -> None:
    folder = write_experts(tmp_path, seed)
    ids = list(range(2, 30))
    found = load_text_encoder(folder)(torch.tensor([ids]))[0].numpy()
    np.testing.assert_allclose(found, hidden_by_hand(folder, ids), atol=1e-5, rtol=0)


def test_padding_and_neighbors_change_no_token(tmp_path: Path) -> None:
    encoder = load_text_encoder(write_experts(tmp_path))
    ids = torch.tensor([[0, 7, 8, 9, 2, 1, 1], [0, 7, 8, 9, 10, 11, 2]])
    together = encoder(ids, (ids != 1).long())[0, :5]
    np.testing.assert_allclose(together, encoder(ids[:1, :5])[0], atol=1e-5)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"moe_normalize_expert_weights": True}, "moe_normalize_expert_weights is True; this encoder knows False"),
        ({"moe_every_n_layers": 3}, "moe_every_n_layers is 3; this encoder knows 2"),
        ({"num_experts": 4}, r"router.layer.weight has shape \(8, 32\); config.json describes \(4, 32\)"),
        ({"num_experts": 0}, "lacks tensors .*mlp.fc1.* and holds .*experts"),
    ],
)
def test_settings_that_do_not_fit_are_refused(tmp_path: Path, changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load_text_encoder(write_experts(tmp_path, **changes))


def test_a_missing_expert_matrix_is_named_as_published(tmp_path: Path) -> None:
    folder = change_tensors(write_experts(tmp_path), **{"encoder.layers.3.mlp.experts.mlp.w2": None})
    with pytest.raises(ValueError, match=r"lacks tensor encoder\.layers\.3\.mlp\.experts\.mlp\.w2"):
        load_text_encoder(folder)


@needs_goldens
@pytest.mark.parametrize("file", ["moe", "single"])
def test_the_reference_outputs_are_met(file: str) -> None:
    golden = np.load(GOLDENS / "text_v2_moe" / f"{file}.npz")
    encoder = load_text_encoder(GOLDENS / "text_v2_moe")
    ids, mask = (torch.tensor(golden[name]).long() for name in ("input_ids", "attention_mask"))
    real = golden["attention_mask"] == 1
    np.testing.assert_allclose(encoder(ids, mask).numpy()[real], golden["last_hidden_state"][real], atol=1e-5, rtol=0)


@needs_goldens
@pytest.mark.parametrize("size", [64, 48, 32, 16])
def test_the_reference_vectors_are_met(size: int) -> None:
    golden = np.load(GOLDENS / "text_v2_moe" / "moe.npz")
    encoder = load_text_encoder(GOLDENS / "text_v2_moe")
    ids, mask = (torch.tensor(golden[name]).long() for name in ("input_ids", "attention_mask"))
    hidden = encoder(ids, mask).masked_fill(mask[:, :, None] == 0, 0)
    pooled = hidden.sum(dim=1) / mask.sum(dim=1, keepdim=True)
    found = post_process(pooled, find_model("nomic-embed-text-v2-moe").post_processing, size).numpy()
    np.testing.assert_allclose(found, golden[f"truncate_then_l2_{size}"], atol=1e-6, rtol=0)


def test_weights_of_another_build_are_refused(tmp_path: Path) -> None:
    folder = write_checkpoint(tmp_path)
    (folder / "config.json").write_text(json.dumps(SETTINGS), encoding="utf-8")
    with pytest.raises(
        ValueError, match="lacks tensors .* and holds tensors .*Take config.json and model.safetensors from one"
    ):
        load_text_encoder(folder)


@needs_goldens
@pytest.mark.parametrize("layer", [1, 3])
def test_the_reference_router_choices_are_met(layer: int) -> None:
    golden = np.load(GOLDENS / "text_v2_moe" / "moe.npz")
    mixture = load_text_encoder(GOLDENS / "text_v2_moe").encoder["layers"][layer].mlp
    tokens = torch.tensor(golden[f"moe_in_layer{layer}"]).reshape(-1, golden[f"moe_in_layer{layer}"].shape[-1])
    shares, chosen = mixture.route(tokens)
    np.testing.assert_array_equal(chosen, golden[f"top_experts_layer{layer}"].reshape(chosen.shape))
    np.testing.assert_allclose(shares, golden[f"top_weights_layer{layer}"].reshape(shares.shape), atol=1e-6)
