"""Published weights -> module, strictly: every tensor is used, none is missing, none is made up."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from nomic_explore.models.settings import read_settings, setting
from nomic_explore.models.text_encoder import TextConfig, TextEncoder

# The file may hold these although the encoder does not use them: BERT's classification head and a table of 0, 1, 2 …
_UNUSED_BY_BERT = ("embeddings.position_ids", "pooler.dense.weight", "pooler.dense.bias")


def load_text_encoder(folder: str | Path) -> TextEncoder:
    """Returns the text encoder of a folder with `config.json` and `model.safetensors`, in float32, ready to run.

    Args:
        folder: a checkpoint in the published layout of nomic-bert (v1, v1.5) or BERT. Code in the folder is not run.

    Raises:
        FileNotFoundError: one of the two files is not there.
        ValueError: a setting is not supported; a tensor is missing, unknown, of the wrong shape or not finite; a file
            is damaged.

    Example:
        >>> encoder = load_text_encoder("models/nomic-embed-text-v1.5")  # doctest: +SKIP
        >>> encoder(torch.tensor([[101, 7592, 102]])).shape  # doctest: +SKIP
        torch.Size([1, 3, 768])
    """
    folder = Path(folder)
    settings = read_settings(folder / "config.json")
    is_bert = settings.get("model_type") == "bert"
    config = _bert_config(settings) if is_bert else _nomic_config(settings)
    with _WithoutDrawing():
        encoder = TextEncoder(config)
    expected = {name: tuple(tensor.shape) for name, tensor in encoder.state_dict().items()}
    parts = {name: _bert_names(name) if is_bert else [name] for name in expected}
    tensors = _read_tensors(folder / "model.safetensors")
    if is_bert:
        tensors = {name.removeprefix("bert."): tensor for name, tensor in tensors.items()}
        tensors = {name: tensor for name, tensor in tensors.items() if name not in _UNUSED_BY_BERT}
    _check_tensors(tensors, expected, parts, folder / "model.safetensors")
    state = {name: torch.cat([tensors[part] for part in names]).float() for name, names in parts.items()}
    encoder.load_state_dict(state, strict=True, assign=True)
    return encoder.eval().requires_grad_(False)


class _WithoutDrawing(TorchFunctionMode):
    """Leaves new weights as they lie in memory: every one of them is replaced from the file.

    The usual way, the meta device, imports 800 modules (torch 2.13: 1 to 2 s).
    """

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func in (Tensor.uniform_, Tensor.normal_):
            return args[0]
        return func(*args, **(kwargs or {}))


def _check_tensors(
    tensors: dict[str, Tensor], expected: dict[str, tuple[int, ...]], parts: dict[str, list[str]], path: Path
) -> None:
    """Raises ValueError, naming the tensor, unless the file holds exactly what the module needs."""
    shapes = {
        part: (expected[name][0] // len(names), *expected[name][1:]) for name, names in parts.items() for part in names
    }
    missing, extra = sorted(shapes.keys() - tensors.keys()), sorted(tensors.keys() - shapes.keys())
    if missing or extra:
        found = [f"lacks {_some(missing)}"] if missing else []
        found += [f"holds {_some(extra)}, which its config.json does not ask for"] if extra else []
        raise ValueError(f"{path} {' and '.join(found)}. Take config.json and model.safetensors from one model.")
    for name, shape in shapes.items():
        tensor = tensors[name]
        if tuple(tensor.shape) != shape:
            raise ValueError(
                f"{path}: tensor {name} has shape {tuple(tensor.shape)}; config.json asks for {shape}. "
                "Take both files from one model."
            )
        if not torch.isfinite(tensor).all():
            raise ValueError(f"{path}: tensor {name} holds NaN or infinite values. Download the weights again.")


def _some(names: list[str]) -> str:
    """Returns the first three names, and how many more there are."""
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"tensor{'s' if len(names) > 1 else ''} {', '.join(names[:3])}{more}"


def _read_tensors(path: Path) -> dict[str, Tensor]:
    """Returns every tensor of a safetensors file by name."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    if not path.is_file():
        raise FileNotFoundError(f"{path} does not exist; a model folder needs config.json and model.safetensors.")
    try:
        return load_file(path)
    except SafetensorError as error:
        raise ValueError(f"{path} is damaged or cut short ({error}). Download the weights again.") from error


def _nomic_config(settings: dict[str, Any]) -> TextConfig:
    """Reads a dense nomic-bert configuration, in both spellings."""
    _refuse_unsupported(settings)
    width = int(setting(settings, "n_embd", "hidden_size"))
    inner_width = int(setting(settings, "n_inner", "intermediate_size", default=4 * width))
    if "n_inner" in settings:
        inner_width = -(-inner_width // 256) * 256  # the reference code rounds gated layers up to a multiple of 256
    multiple = int(setting(settings, "pad_vocab_size_multiple", default=1))
    rope = settings.get("rope_parameters") or {}
    factor = setting(settings, "rotary_scaling_factor", default=None) or None
    trained_length = int(setting(settings, "max_trained_positions", default=2048))
    if factor is None and rope.get("rope_type") == "dynamic":
        factor, trained_length = rope.get("factor"), int(setting(settings, "max_position_embeddings"))
    base = setting({**rope, **settings}, "rotary_emb_base", "rope_theta", default=1000.0)
    return TextConfig(
        n_tokens=-(-int(setting(settings, "vocab_size")) // multiple) * multiple,
        n_segments=int(setting(settings, "type_vocab_size", default=2)),
        n_positions=0,
        width=width,
        n_layers=int(setting(settings, "n_layer", "num_hidden_layers")),
        n_heads=int(setting(settings, "n_head", "num_attention_heads")),
        inner_width=inner_width,
        is_gated=True,
        has_biases=False,
        norm_eps=float(setting(settings, "layer_norm_epsilon", "layer_norm_eps", default=1e-12)),
        rotary_base=float(base),
        rotary_factor=None if factor is None else float(factor),
        trained_length=trained_length,
    )


def _refuse_unsupported(settings: dict[str, Any]) -> None:
    """Raises ValueError, naming the setting, for relatives of nomic-bert that this encoder is not."""
    if settings.get("num_experts") or settings.get("moe_every_n_layers"):
        raise ValueError(
            "config.json describes a mixture of experts (num_experts); only the dense nomic-embed-text-v1 and -v1.5 "
            "can be read so far."
        )
    required: dict[str, tuple[Any, ...]] = {
        "activation_function": ("swiglu",),
        "hidden_act": ("silu", "swiglu"),
        "prenorm": (False,),
        "parallel_block": (False,),
        "use_rms_norm": (False,),
        "qkv_proj_bias": (False,),
        "mlp_fc1_bias": (False,),
        "mlp_fc2_bias": (False,),
        "rotary_emb_fraction": (1.0,),
        "rotary_emb_interleaved": (False,),
        "rotary_emb_scale_base": (None,),
        "scale_attn_by_inverse_layer_idx": (False,),
    }
    for name, values in required.items():
        if name in settings and settings[name] is not None and settings[name] not in values:
            raise ValueError(
                f"config.json: {name} is {settings[name]!r}; this encoder knows {' or '.join(map(repr, values))}."
            )


def _bert_config(settings: dict[str, Any]) -> TextConfig:
    """Reads a BERT configuration."""
    for name, expected in (("hidden_act", "gelu"), ("position_embedding_type", "absolute")):
        if settings.get(name, expected) != expected:
            raise ValueError(f"config.json: {name} is {settings[name]!r}; this encoder knows {expected!r}.")
    return TextConfig(
        n_tokens=int(setting(settings, "vocab_size")),
        n_segments=int(setting(settings, "type_vocab_size")),
        n_positions=int(setting(settings, "max_position_embeddings")),
        width=int(setting(settings, "hidden_size")),
        n_layers=int(setting(settings, "num_hidden_layers")),
        n_heads=int(setting(settings, "num_attention_heads")),
        inner_width=int(setting(settings, "intermediate_size")),
        is_gated=False,
        has_biases=True,
        norm_eps=float(setting(settings, "layer_norm_eps")),
    )


def _bert_names(name: str) -> list[str]:
    """Returns the name or names that BERT gives to one of our tensors; queries, keys and values lie apart there."""
    name = name.replace("emb_ln.", "embeddings.LayerNorm.").replace("encoder.layers.", "encoder.layer.")
    name = name.replace(".norm1.", ".attention.output.LayerNorm.").replace(".norm2.", ".output.LayerNorm.")
    name = name.replace(".attn.out_proj.", ".attention.output.dense.")
    name = name.replace(".mlp.fc1.", ".intermediate.dense.").replace(".mlp.fc2.", ".output.dense.")
    if ".attn.Wqkv." not in name:
        return [name]
    return [name.replace(".attn.Wqkv.", f".attention.self.{part}.") for part in ("query", "key", "value")]
