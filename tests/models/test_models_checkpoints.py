"""Published checkpoints are read strictly, and give what an independent reading of the paper gives."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from nomic_explore.models import load_text_encoder

GOLDENS = Path(__file__).parents[3] / "shared" / "goldens"
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ":", "_", "the", "cat", "sat", "on", "mat", "dog", "ran"]
VOCABULARY = [*WORDS, "clustering", "search", "query", "document", "classification", *(f"w{n}" for n in range(40))]
SETTINGS = {
    "model_type": "nomic_bert",
    "activation_function": "swiglu",
    "vocab_size": 64,
    "n_embd": 128,
    "n_layer": 2,
    "n_head": 4,
    "n_inner": 256.0,
    "type_vocab_size": 2,
    "layer_norm_epsilon": 1e-12,
    "rotary_emb_base": 1000,
    "rotary_scaling_factor": None,
    "max_trained_positions": 2048,
    "n_positions": 8192,
    "qkv_proj_bias": False,
    "mlp_fc1_bias": False,
    "mlp_fc2_bias": False,
}


def write_checkpoint(folder: Path, seed: int = 0, **changes: object) -> Path:
    """Writes a small nomic-bert with random weights, in the layout of the published ones."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = {**SETTINGS, **changes}
    width, inner = int(settings["n_embd"]), int(settings["n_inner"])
    shapes = {"embeddings.word_embeddings.weight": (settings["vocab_size"], width)}
    shapes["embeddings.token_type_embeddings.weight"] = (2, width)
    norms = ["emb_ln"]
    for layer in range(int(settings["n_layer"])):
        name = f"encoder.layers.{layer}"
        shapes |= {f"{name}.attn.Wqkv.weight": (3 * width, width), f"{name}.attn.out_proj.weight": (width, width)}
        shapes |= {f"{name}.mlp.fc11.weight": (inner, width), f"{name}.mlp.fc12.weight": (inner, width)}
        shapes |= {f"{name}.mlp.fc2.weight": (width, inner)}
        norms += [f"{name}.norm1", f"{name}.norm2"]
    draw = torch.Generator().manual_seed(seed)
    tensors = {name: torch.randn(shape, generator=draw) / shape[-1] ** 0.5 for name, shape in shapes.items()}
    for name in norms:
        tensors[f"{name}.weight"] = 1 + 0.1 * torch.randn(width, generator=draw)
        tensors[f"{name}.bias"] = 0.1 * torch.randn(width, generator=draw)
    save_file(tensors, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(settings), encoding="utf-8")
    (folder / "vocab.txt").write_text("\n".join(VOCABULARY), encoding="utf-8")
    return folder


def change_tensors(folder: Path, **changes: torch.Tensor | None) -> Path:
    tensors = load_file(folder / "model.safetensors")
    tensors = {name: tensor.clone() for name, tensor in (tensors | changes).items() if tensor is not None}
    save_file(tensors, folder / "model.safetensors")
    return folder


def hidden_by_hand(folder: Path, ids: list[int]) -> np.ndarray:
    """The last hidden state (S, W) of one text, in float64, one formula a line, from the published description."""
    w = {name: tensor.double().numpy() for name, tensor in load_file(folder / "model.safetensors").items()}
    settings = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    n_heads, width, length = settings["n_head"], settings["n_embd"], len(ids)
    size, trained = width // n_heads, settings["max_trained_positions"]
    base, factor = settings["rotary_emb_base"], settings["rotary_scaling_factor"]
    if factor and length > trained:
        base = base * (factor * length / trained - (factor - 1)) ** (size / (size - 2))

    def norm(x: np.ndarray, name: str) -> np.ndarray:
        x = x - x.mean(-1, keepdims=True)
        return x / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-12) * w[f"{name}.weight"] + w[f"{name}.bias"]

    def turn(x: np.ndarray) -> np.ndarray:
        turned = np.empty_like(x)
        for j in range(size // 2):
            angle = np.arange(length) / base ** (2 * j / size)
            turned[:, j] = x[:, j] * np.cos(angle) - x[:, j + size // 2] * np.sin(angle)
            turned[:, j + size // 2] = x[:, j + size // 2] * np.cos(angle) + x[:, j] * np.sin(angle)
        return turned

    x = norm(w["embeddings.word_embeddings.weight"][ids] + w["embeddings.token_type_embeddings.weight"][0], "emb_ln")
    for layer in range(settings["n_layer"]):
        name = f"encoder.layers.{layer}"
        q, k, v = np.split(x @ w[f"{name}.attn.Wqkv.weight"].T, 3, axis=1)
        heads = []
        for head in range(n_heads):
            part = slice(head * size, (head + 1) * size)
            scores = np.exp(turn(q[:, part]) @ turn(k[:, part]).T / np.sqrt(size))
            heads.append(scores / scores.sum(1, keepdims=True) @ v[:, part])
        x = norm(x + np.hstack(heads) @ w[f"{name}.attn.out_proj.weight"].T, f"{name}.norm1")
        gate = x @ w[f"{name}.mlp.fc12.weight"].T
        inner = x @ w[f"{name}.mlp.fc11.weight"].T * gate / (1 + np.exp(-gate))
        x = norm(x + inner @ w[f"{name}.mlp.fc2.weight"].T, f"{name}.norm2")
    return x


@pytest.mark.parametrize("seed", [1, 2])
def test_hidden_states_equal_a_float64_calculation(tmp_path: Path, seed: int) -> None:
    folder = write_checkpoint(tmp_path, seed)
    ids = list(range(2, 25))
    found = load_text_encoder(folder)(torch.tensor([ids]))[0].numpy()
    np.testing.assert_allclose(found, hidden_by_hand(folder, ids), atol=1e-5, rtol=0)


def test_padding_changes_no_token(tmp_path: Path) -> None:
    encoder = load_text_encoder(write_checkpoint(tmp_path))
    ids = torch.tensor([[2, 7, 8, 9, 3, 0, 0], [2, 7, 8, 9, 10, 11, 3]])
    together = encoder(ids, (ids != 0).long())[0, :5]
    np.testing.assert_allclose(together, encoder(ids[:1, :5])[0], atol=1e-5)


@pytest.mark.parametrize("length", [8, 16, 17, 40])
def test_long_texts_follow_dynamic_scaling(tmp_path: Path, length: int) -> None:
    folder = write_checkpoint(tmp_path, rotary_scaling_factor=2, max_trained_positions=16)
    ids = [2 + number % 50 for number in range(length)]
    found = load_text_encoder(folder)(torch.tensor([ids]))[0].numpy()
    np.testing.assert_allclose(found, hidden_by_hand(folder, ids), atol=1e-5, rtol=0)


def test_a_long_neighbor_or_an_earlier_long_text_changes_nothing(tmp_path: Path) -> None:
    encoder = load_text_encoder(write_checkpoint(tmp_path, rotary_scaling_factor=2, max_trained_positions=16))
    short, long = list(range(2, 22)), list(range(2, 50))
    alone = encoder(torch.tensor([short]))[0].numpy()
    ids = torch.tensor([long, short + [0] * 28])
    np.testing.assert_allclose(encoder(ids, (ids != 0).long())[1, :20], alone, atol=1e-5)
    np.testing.assert_allclose(encoder(torch.tensor([short]))[0], alone, atol=0)


def test_the_native_class_of_transformers_agrees(tmp_path: Path) -> None:
    modeling = pytest.importorskip("transformers.models.nomic_bert.modeling_nomic_bert")
    folder = write_checkpoint(tmp_path)
    config = modeling.NomicBertConfig(
        vocab_size=64,
        hidden_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=256,
        layer_norm_eps=1e-12,
    )
    native = modeling.NomicBertModel(config, add_pooling_layer=False).eval()
    published = load_file(folder / "model.safetensors")
    renamed = {}
    for name, tensor in published.items():
        name = name.replace("emb_ln", "embeddings.LayerNorm").replace("encoder.layers.", "layers.")
        name = name.replace(".attn.out_proj", ".self_attn.o_proj").replace("mlp.fc11", "mlp.up_proj")
        name = name.replace("mlp.fc12", "mlp.gate_proj").replace("mlp.fc2", "mlp.down_proj")
        name = name.replace("norm1", "post_attention_layernorm").replace("norm2", "post_mlp_layernorm")
        if "attn.Wqkv" in name:
            for part, rows in zip("qkv", tensor.chunk(3), strict=True):
                renamed[name.replace("attn.Wqkv", f"self_attn.{part}_proj")] = rows
        else:
            renamed[name] = tensor
    missing, extra = native.load_state_dict(renamed, strict=False)
    assert not [name for name in (*missing, *extra) if name.endswith((".weight", ".bias"))]
    ids = torch.tensor([[2, 7, 8, 9, 3, 0, 0], [2, 7, 8, 9, 10, 11, 3]])
    mask = (ids != 0).long()
    with torch.no_grad():
        expected = native(input_ids=ids, attention_mask=mask).last_hidden_state
    found = load_text_encoder(folder)(ids, mask)
    np.testing.assert_allclose(found[mask == 1], expected[mask == 1], atol=1e-5)


def test_new_spellings_of_the_settings_are_read(tmp_path: Path) -> None:
    folder = write_checkpoint(tmp_path)
    old = load_text_encoder(folder).config
    new_names = {"n_embd": "hidden_size", "n_layer": "num_hidden_layers", "n_head": "num_attention_heads"}
    new_names |= {"n_inner": "intermediate_size", "layer_norm_epsilon": "layer_norm_eps"}
    settings = {new_names.get(name, name): value for name, value in SETTINGS.items()}
    del settings["rotary_emb_base"], settings["activation_function"]
    settings |= {"rope_parameters": {"rope_type": "default", "rope_theta": 1000.0}, "hidden_act": "silu"}
    (folder / "config.json").write_text(json.dumps(settings), encoding="utf-8")
    assert load_text_encoder(folder).config == old


def test_two_spellings_that_differ_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="n_embd and hidden_size differ"):
        load_text_encoder(write_checkpoint(tmp_path, hidden_size=64))


def test_a_missing_tensor_is_named(tmp_path: Path) -> None:
    folder = change_tensors(write_checkpoint(tmp_path), **{"emb_ln.bias": None})
    with pytest.raises(ValueError, match=r"lacks tensor emb_ln\.bias"):
        load_text_encoder(folder)


def test_an_extra_tensor_is_named(tmp_path: Path) -> None:
    folder = change_tensors(write_checkpoint(tmp_path), stranger=torch.zeros(2))
    with pytest.raises(ValueError, match="holds tensor stranger, which its config.json does not describe"):
        load_text_encoder(folder)


def test_a_tensor_of_the_wrong_shape_is_named(tmp_path: Path) -> None:
    folder = change_tensors(write_checkpoint(tmp_path), **{"emb_ln.bias": torch.zeros(127)})
    with pytest.raises(ValueError, match=r"emb_ln\.bias has shape \(127,\); config.json describes \(128,\)"):
        load_text_encoder(folder)


def test_nan_weights_are_refused(tmp_path: Path) -> None:
    folder = change_tensors(write_checkpoint(tmp_path), **{"emb_ln.bias": torch.full((128,), torch.nan)})
    with pytest.raises(ValueError, match=r"emb_ln\.bias holds NaN or infinite values"):
        load_text_encoder(folder)


def test_a_truncated_file_is_refused(tmp_path: Path) -> None:
    path = write_checkpoint(tmp_path) / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ValueError, match="damaged or cut short"):
        load_text_encoder(tmp_path)


def test_a_folder_without_weights_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="config.json does not exist"):
        load_text_encoder(tmp_path)
    (write_checkpoint(tmp_path) / "model.safetensors").unlink()
    with pytest.raises(FileNotFoundError, match="model.safetensors does not exist"):
        load_text_encoder(tmp_path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"num_experts": 8, "moe_every_n_layers": 2}, "activation_function is 'swiglu'; this encoder knows 'gelu'"),
        (
            {"activation_function": "relu"},
            "activation_function is 'relu'; this encoder knows 'swiglu' or 'silu' or 'gelu'",
        ),
        ({"qkv_proj_bias": True}, "qkv_proj_bias, mlp_fc1_bias and mlp_fc2_bias differ"),
        ({"prenorm": True}, "prenorm is True"),
        ({"img_size": 224}, "is that of an image model"),
        ({"model_type": "llama"}, "model_type is 'llama'; expected 'nomic_bert' or 'bert'"),
        ({"n_head": None}, "has no n_head or num_attention_heads"),
    ],
)
def test_settings_of_another_model_are_refused(tmp_path: Path, changes: dict[str, object], message: str) -> None:
    folder = write_checkpoint(tmp_path)
    (folder / "config.json").write_text(json.dumps(SETTINGS | changes), encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        load_text_encoder(folder)


def test_both_spellings_may_stand_in_one_file(tmp_path: Path) -> None:
    folder = write_checkpoint(tmp_path)
    expected = load_text_encoder(folder)(torch.tensor([[2, 7, 8, 3]]))
    new = {"hidden_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 256}
    new |= {"hidden_act": "silu", "layer_norm_eps": 1e-12, "max_position_embeddings": 2048}
    new |= {"rope_parameters": {"rope_theta": 1000.0, "rope_type": "default"}}
    (folder / "config.json").write_text(json.dumps(SETTINGS | new), encoding="utf-8")
    torch.testing.assert_close(load_text_encoder(folder)(torch.tensor([[2, 7, 8, 3]])), expected, atol=0, rtol=0)


def test_a_config_that_is_not_json_is_refused(tmp_path: Path) -> None:
    (write_checkpoint(tmp_path) / "config.json").write_text("{", encoding="utf-8")
    with pytest.raises(ValueError, match="not valid JSON"):
        load_text_encoder(tmp_path)


needs_goldens = pytest.mark.skipif(not GOLDENS.is_dir(), reason="the reference outputs are not here")


@needs_goldens
@pytest.mark.parametrize(
    ("case", "file"),
    [("text_v1", name) for name in ("padded", "single", "token_types", "odd_masks")] + [("text_v1_5", "matryoshka")],
)
def test_the_reference_outputs_are_met(case: str, file: str) -> None:
    golden = np.load(GOLDENS / case / f"{file}.npz")
    inputs = {
        name: torch.tensor(golden[name]).long()
        for name in ("input_ids", "attention_mask", "token_type_ids")
        if name in golden
    }
    found = load_text_encoder(GOLDENS / case)(**inputs).numpy()
    real = golden["attention_mask"] == 1
    np.testing.assert_allclose(found[real], golden["last_hidden_state"][real], atol=1e-5, rtol=0)


@needs_goldens
@pytest.mark.parametrize("length", [16, 32, 33, 48, 64, 128])
def test_the_reference_outputs_of_long_texts_are_met(length: int) -> None:
    golden = np.load(GOLDENS / "text_long_ntk" / "long.npz")
    ids = torch.tensor(golden["input_ids"]).long().reshape(1, -1)[:, :length]
    found = load_text_encoder(GOLDENS / "text_long_ntk")(ids).numpy()
    np.testing.assert_allclose(found, golden[f"ntk_len{length}_last_hidden_state"].reshape(found.shape), atol=1e-5)


@needs_goldens
def test_the_reference_output_of_a_short_text_alone_holds_in_a_batch() -> None:
    golden = np.load(GOLDENS / "text_long_ntk" / "long.npz")
    ids, mask = (torch.tensor(golden[f"batch_{name}"]).long() for name in ("input_ids", "attention_mask"))
    found = load_text_encoder(GOLDENS / "text_long_ntk")(ids, mask).numpy()
    alone = golden["row1_alone_last_hidden_state"].reshape(-1, found.shape[-1])
    np.testing.assert_allclose(found[1, : len(alone)], alone, atol=1e-5)


@needs_goldens
@pytest.mark.parametrize("length", [2048, 2304])
@pytest.mark.parametrize("scaling", ["ntk", "plain"])
def test_the_reference_outputs_at_the_published_length_are_met(tmp_path: Path, length: int, scaling: str) -> None:
    golden = np.load(GOLDENS / "text_long_ntk" / "real2048.npz")
    settings = json.loads((GOLDENS / "text_long_ntk" / "config.json").read_text(encoding="utf-8"))
    settings |= {"max_trained_positions": 2048, "rotary_scaling_factor": 2 if scaling == "ntk" else None}
    (tmp_path / "config.json").write_text(json.dumps(settings), encoding="utf-8")
    (tmp_path / "model.safetensors").symlink_to(GOLDENS / "text_long_ntk" / "model.safetensors")
    ids = torch.tensor(golden["input_ids"]).long().reshape(1, -1)[:, :length]
    found = load_text_encoder(tmp_path)(ids)[0].numpy()
    key = f"{scaling}_len{length}"
    np.testing.assert_allclose(found[::128], golden[f"{key}_rows"], atol=1e-5)
