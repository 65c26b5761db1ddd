"""The image encoder equals a plain calculation, and is read strictly from the published layout."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from test_models_checkpoints import GOLDENS, change_tensors, needs_goldens, write_checkpoint

from nomic_explore.models import load_text_encoder, load_vision_encoder

WIDTH, INNER, N_HEADS, N_LAYERS, SIZE, PATCH = 32, 256, 2, 2, 12, 4
SETTINGS = {
    "model_type": "nomic_bert",
    "activation_function": "swiglu",
    "img_size": SIZE,
    "patch_size": PATCH,
    "num_channels": 3,
    "n_embd": WIDTH,
    "n_layer": N_LAYERS,
    "n_head": N_HEADS,
    "n_inner": float(INNER),
    "layer_norm_epsilon": 1e-6,
    "prenorm": True,
    "no_last_ln": True,
    "norm_mlp": True,
    "qkv_proj_bias": True,
    "ref_feat_shape": [6, 6],
    "vocab_size": 0,
}


def write_vision(folder: Path, seed: int = 0, **changes: object) -> Path:
    """Writes a small nomic-embed-vision with random weights, in the layout of the published one."""
    folder.mkdir(parents=True, exist_ok=True)
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.cls_token": (1, 1, WIDTH),
        "embeddings.pos_embed": (1, 1 + (SIZE // PATCH) ** 2, WIDTH),
        "selector.attn.latent": (1, 1, WIDTH),
    }
    linears = {"embeddings.proj": (WIDTH, 3 * PATCH**2), "selector.attn.Wq": (WIDTH, WIDTH)}
    linears |= {"selector.attn.Wkv": (2 * WIDTH, WIDTH), "selector.attn.out_proj": (WIDTH, WIDTH)}
    norms = {"selector.norm1": WIDTH}
    for layer in range(N_LAYERS):
        linears |= {f"layers.{layer}.attn.Wqkv": (3 * WIDTH, WIDTH), f"layers.{layer}.attn.out_proj": (WIDTH, WIDTH)}
        norms |= {f"layers.{layer}.norm1": WIDTH, f"layers.{layer}.norm2": WIDTH, f"layers.{layer}.mlp.norm": INNER}
    for part in (*(f"layers.{layer}" for layer in range(N_LAYERS)), "selector"):
        linears |= {
            f"{part}.mlp.fc11": (INNER, WIDTH),
            f"{part}.mlp.fc12": (INNER, WIDTH),
            f"{part}.mlp.fc2": (WIDTH, INNER),
        }
    for name, shape in linears.items():
        shapes |= {f"{name}.weight": shape, f"{name}.bias": shape[:1]}
    draw = torch.Generator().manual_seed(seed)
    tensors = {name: torch.randn(shape, generator=draw) / shape[-1] ** 0.5 for name, shape in shapes.items()}
    for name, width in norms.items():
        tensors[f"{name}.weight"] = 1 + 0.1 * torch.randn(width, generator=draw)
        tensors[f"{name}.bias"] = 0.1 * torch.randn(width, generator=draw)
    save_file(tensors, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(SETTINGS | changes), encoding="utf-8")
    return folder


def hidden_by_hand(folder: Path, pixels: np.ndarray) -> np.ndarray:
    """The last hidden state (S, W) of one picture (3, SIZE, SIZE), in float64."""
    w = {name: tensor.double().numpy() for name, tensor in load_file(folder / "model.safetensors").items()}
    size, side = WIDTH // N_HEADS, SIZE // PATCH

    def linear(x: np.ndarray, name: str) -> np.ndarray:
        return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]

    def norm(x: np.ndarray, name: str, eps: float = 1e-6) -> np.ndarray:
        x = x - x.mean(-1, keepdims=True)
        return x / np.sqrt((x**2).mean(-1, keepdims=True) + eps) * w[f"{name}.weight"] + w[f"{name}.bias"]

    def gated(x: np.ndarray, name: str, *, has_norm: bool) -> np.ndarray:
        gate = linear(x, f"{name}.fc12")
        x = linear(x, f"{name}.fc11") * gate / (1 + np.exp(-gate))
        return linear(norm(x, f"{name}.norm", 1e-5) if has_norm else x, f"{name}.fc2")

    def turn(x: np.ndarray) -> np.ndarray:
        turned = x.copy()
        for row in range(side):
            for column in range(side):
                for j in range(size // 2):
                    place = row if j < size // 4 else column
                    angle = place / side * 6 * 10000.0 ** (-(j % (size // 4)) / (size // 4))
                    a, b = x[1 + row * side + column, 2 * j : 2 * j + 2]
                    turned[1 + row * side + column, 2 * j] = a * np.cos(angle) - b * np.sin(angle)
                    turned[1 + row * side + column, 2 * j + 1] = b * np.cos(angle) + a * np.sin(angle)
        return turned

    def attend(q: np.ndarray, k: np.ndarray, v: np.ndarray) -> np.ndarray:
        scores = np.exp(q @ k.T / np.sqrt(size))
        return scores / scores.sum(1, keepdims=True) @ v

    parts = [slice(head * size, (head + 1) * size) for head in range(N_HEADS)]
    patches = [
        pixels[:, row : row + PATCH, column : column + PATCH].ravel()
        for row in range(0, SIZE, PATCH)
        for column in range(0, SIZE, PATCH)
    ]
    x = (
        np.vstack([w["embeddings.cls_token"][0], linear(np.stack(patches), "embeddings.proj")])
        + w["embeddings.pos_embed"][0]
    )
    for layer in range(N_LAYERS):
        name = f"layers.{layer}"
        q, k, v = np.split(linear(norm(x, f"{name}.norm1"), f"{name}.attn.Wqkv"), 3, axis=1)
        heads = [attend(turn(q[:, part]), turn(k[:, part]), v[:, part]) for part in parts]
        x = x + linear(np.hstack(heads), f"{name}.attn.out_proj")
        x = x + gated(norm(x, f"{name}.norm2"), f"{name}.mlp", has_norm=True)
    q = linear(w["selector.attn.latent"][0], "selector.attn.Wq")
    k, v = np.split(linear(x, "selector.attn.Wkv"), 2, axis=1)
    seen = linear(np.hstack([attend(q[:, part], k[:, part], v[:, part]) for part in parts]), "selector.attn.out_proj")
    return x + gated(norm(seen, "selector.norm1"), "selector.mlp", has_norm=False)


@pytest.mark.parametrize("seed", [1, 2])
def test_hidden_states_equal_a_float64_calculation(tmp_path: Path, seed: int) -> None:
    folder = write_vision(tmp_path, seed)
    pixels = torch.randn(2, 3, SIZE, SIZE, generator=torch.Generator().manual_seed(seed))
    found = load_vision_encoder(folder)(pixels).numpy()
    for picture, hidden in zip(pixels.double().numpy(), found, strict=True):
        np.testing.assert_allclose(hidden, hidden_by_hand(folder, picture), atol=1e-5, rtol=0)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"norm_mlp": False}, "norm_mlp is False"),
        ({"img_size": None}, "not that of an image model"),
        ({"patch_size": 6}, "tensor embeddings.pos_embed has shape"),
    ],
)
def test_settings_that_do_not_fit_are_refused(tmp_path: Path, changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load_vision_encoder(write_vision(tmp_path, **changes))


def test_a_missing_tensor_is_named(tmp_path: Path) -> None:
    folder = change_tensors(write_vision(tmp_path), **{"selector.attn.latent": None})
    with pytest.raises(ValueError, match=r"lacks tensor selector\.attn\.latent"):
        load_vision_encoder(folder)


def test_text_and_image_models_are_not_mixed_up(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is that of an image model; load_vision_encoder reads it"):
        load_text_encoder(write_vision(tmp_path / "vision"))
    with pytest.raises(ValueError, match="not that of an image model"):
        load_vision_encoder(write_checkpoint(tmp_path / "text"))


@needs_goldens
@pytest.mark.parametrize("file", ["vision", "vision_ref7"])
def test_the_reference_outputs_are_met(tmp_path: Path, file: str) -> None:
    golden = np.load(GOLDENS / "vision_v1_5" / f"{file}.npz")
    settings = json.loads((GOLDENS / "vision_v1_5" / "config.json").read_text(encoding="utf-8"))
    if "ref_feat_shape" in golden:
        settings["ref_feat_shape"] = golden["ref_feat_shape"].tolist()
    (tmp_path / "config.json").write_text(json.dumps(settings), encoding="utf-8")
    (tmp_path / "model.safetensors").symlink_to(GOLDENS / "vision_v1_5" / "model.safetensors")
    found = load_vision_encoder(tmp_path)(torch.tensor(golden["pixel_values"])).numpy()
    np.testing.assert_allclose(found, golden["last_hidden_state"], atol=1e-5, rtol=0)
