"""Saves a model to a folder that this package, transformers and sentence-transformers can read."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from nomic_explore.models.catalog import ModelRow
from nomic_explore.models.checkpoints import find_pieces
from nomic_explore.models.int8 import Int8Linear
from nomic_explore.models.quantized_weights import quantize
from nomic_explore.models.text_encoder import TextConfig, TextEncoder
from nomic_explore.models.tokens import FileTokenizer
from nomic_explore.models.vision_encoder import VisionEncoder

_MODULES = "sentence_transformers.models."
_POOLINGS = ("cls_token", "mean_tokens", "max_tokens", "mean_sqrt_len_tokens")


def save_text_encoder(encoder: TextEncoder, folder: str | Path, *, in_8_bits: bool = False) -> None:
    """Writes `config.json` and `model.safetensors` in the published layout.

    Args:
        encoder: a dense nomic-bert, one with experts, or a BERT; in a floating-point format.
        folder: made if it is not there.
        in_8_bits: round weights as `quantized_weights` does; only this package reads such a file.

    Raises:
        ValueError: the encoder computes in int8.
    """
    from safetensors.torch import save_file

    state = encoder.state_dict()
    if any(isinstance(module, Int8Linear) for module in encoder.modules()):
        raise ValueError("an encoder in int8 cannot be saved; load its weights again in float32.")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    find = find_pieces(encoder.config)
    published: dict[str, torch.Tensor] = {}
    for name, tensor in state.items():
        pieces = find(name, tensor)
        for piece, part in zip(pieces, tensor.cpu().float().chunk(len(pieces)), strict=True):
            target = published.setdefault(piece.name, torch.empty(piece.shape))
            target[slice(*piece.rows)] = part.T if piece.is_transposed else part
    if in_8_bits:
        published = quantize(published)
    save_file(
        {name: tensor.contiguous() for name, tensor in published.items()},
        folder / "model.safetensors",
        {"format": "pt"},
    )
    _write(folder / "config.json", _settings(encoder.config))


def save_vision_encoder(encoder: VisionEncoder, folder: str | Path) -> None:
    """Writes `config.json` and `model.safetensors` of an image encoder in the published layout.

    Args:
        encoder: in a floating-point format.
        folder: made if it is not there.
    """
    from safetensors.torch import save_file

    folder, config = Path(folder), encoder.config
    folder.mkdir(parents=True, exist_ok=True)
    state = {name: tensor.cpu().float().contiguous() for name, tensor in encoder.state_dict().items()}
    save_file(state, folder / "model.safetensors", {"format": "pt"})
    settings = {
        "model_type": "nomic_bert",
        "activation_function": "swiglu",
        "img_size": config.image_size,
        "patch_size": config.patch_size,
        "num_channels": config.n_channels,
        "n_embd": config.width,
        "n_layer": config.n_layers,
        "n_head": config.n_heads,
        "n_inner": config.inner_width,
        "layer_norm_epsilon": config.norm_eps,
        "ref_feat_shape": list(config.reference_grid),
        **dict.fromkeys(("prenorm", "no_last_ln", "norm_mlp", "use_pos_embed", "use_rotary_pos_emb"), True),
        **dict.fromkeys(("qkv_proj_bias", "mlp_fc1_bias", "mlp_fc2_bias", "patch_embed_bias"), True),
    }
    _write(folder / "config.json", settings)


def save_sentence_files(folder: Path, model: ModelRow, tokenizer: FileTokenizer) -> None:
    """Writes the tokenizer and the files of sentence-transformers: pooling, post-processing, prompts."""
    tokenizer.save(str(folder / "tokenizer.json"))
    special = {
        "unk_token": "[UNK]",
        "sep_token": "[SEP]",
        "pad_token": "[PAD]",
        "cls_token": "[CLS]",
        "mask_token": "[MASK]",
    }
    known = {role: token for role, token in special.items() if tokenizer.token_to_id(token) is not None}
    _write(
        folder / "tokenizer_config.json",
        {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": model.max_tokens, **known},
    )
    names = {"layer_norm": "LayerNorm", "l2": "Normalize"}
    steps = ["Transformer", "Pooling", *(names[step] for step in model.post_processing if step in names)]
    paths = ["", *(f"{number}_{step}" for number, step in enumerate(steps) if number)]
    modules = [
        {"idx": number, "name": str(number), "path": path, "type": _MODULES + step}
        for number, (step, path) in enumerate(zip(steps, paths, strict=True))
    ]
    _write(folder / "modules.json", modules)
    _write(folder / "sentence_bert_config.json", {"max_seq_length": model.max_tokens, "do_lower_case": False})
    prompts = {
        name: model.prefixes[task] for name, task in (("query", "search_query"), ("document", "search_document"))
    }
    prompts |= {"clustering": model.prefixes["clustering"], "classification": model.prefixes["classification"]}
    _write(folder / "config_sentence_transformers.json", {"prompts": prompts, "default_prompt_name": None})
    for path, step in zip(paths, steps, strict=True):
        if not path:
            continue
        (folder / path).mkdir(exist_ok=True)
        if step == "Pooling":
            modes = {f"pooling_mode_{mode}": mode == "mean_tokens" for mode in _POOLINGS}
            _write(folder / path / "config.json", {"word_embedding_dimension": model.width, **modes})
        if step == "LayerNorm":
            from safetensors.torch import save_file

            _write(folder / path / "config.json", {"dimension": model.width})
            weights = {"norm.weight": torch.ones(model.width), "norm.bias": torch.zeros(model.width)}
            save_file(weights, folder / path / "model.safetensors")


def _settings(config: TextConfig) -> Mapping[str, object]:
    """Returns the config.json: for nomic-bert in the old spelling and, where transformers supports it, in the new one too."""
    shared: dict[str, Any] = {
        "vocab_size": config.n_tokens,
        "type_vocab_size": config.n_segments,
        "hidden_size": config.width,
        "num_hidden_layers": config.n_layers,
        "num_attention_heads": config.n_heads,
        "intermediate_size": config.inner_width,
        "layer_norm_eps": config.norm_eps,
    }
    if config.n_positions:
        named = {"model_type": "bert", "architectures": ["BertModel"], "hidden_act": "gelu"}
        return {**named, **shared, "max_position_embeddings": config.n_positions}
    old = {
        "model_type": "nomic_bert",
        "architectures": ["NomicBertModel"],
        "activation_function": "swiglu" if config.is_gated else "gelu",
        "vocab_size": config.n_tokens,
        "type_vocab_size": config.n_segments,
        "n_embd": config.width,
        "n_layer": config.n_layers,
        "n_head": config.n_heads,
        "n_inner": config.inner_width,
        "layer_norm_epsilon": config.norm_eps,
        "rotary_emb_base": config.rotary_base,
        "rotary_scaling_factor": config.rotary_factor,
        "max_trained_positions": config.trained_length,
        **dict.fromkeys(("qkv_proj_bias", "mlp_fc1_bias", "mlp_fc2_bias"), config.has_biases),
    }
    if config.n_experts:
        return old | {"num_experts": config.n_experts, "moe_top_k": config.n_active_experts, "moe_every_n_layers": 2}
    rope: dict[str, Any] = {"rope_theta": config.rotary_base, "rope_type": "default"}
    if config.rotary_factor is not None:
        rope |= {"rope_type": "dynamic", "factor": config.rotary_factor}
    new = {"hidden_act": "silu", "max_position_embeddings": config.trained_length, "rope_parameters": rope}
    return old | shared | new


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
