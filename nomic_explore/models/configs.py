"""The config.json of a published model -> the configuration of our encoder; unknown settings are refused."""

from collections.abc import Mapping
from typing import Any

from nomic_explore.models.settings import is_vision, setting
from nomic_explore.models.text_encoder import TextConfig
from nomic_explore.models.vision_encoder import VisionConfig

_GATED = ("swiglu", "silu")
# What every text model of the family has in common; anything else would be computed wrongly.
_TEXT_REQUIRES: dict[str, tuple[object, ...]] = {
    "prenorm": (False,),
    "parallel_block": (False,),
    "use_rms_norm": (False,),
    "rotary_emb_fraction": (1.0,),
    "rotary_emb_interleaved": (False,),
    "rotary_emb_scale_base": (None,),
    "scale_attn_by_inverse_layer_idx": (False,),
}
_EXPERTS_REQUIRE: dict[str, tuple[object, ...]] = {
    "activation_function": ("gelu",),
    "moe_every_n_layers": (2,),
    "moe_normalize_expert_weights": (False,),
    "num_shared_experts": (0,),
    "expert_choice_router": (False,),
    "ffn_div": (1,),
}
_VISION_REQUIRES: dict[str, tuple[object, ...]] = {
    "activation_function": _GATED,
    "prenorm": (True,),
    "no_last_ln": (True,),
    "norm_mlp": (True,),
    "layer_scale": (False,),
    "no_cls_token": (False,),
    "no_embed_class": (False,),
    "register_tokens": (0,),
    "learned_pos_embedding": (False,),
    "use_pos_embed": (True,),
    "use_rotary_pos_emb": (True,),
    "rotary_emb_fraction": (0, 0.0),
    "prepre_layernom": (False,),
    "parallel_block": (False,),
    "use_rms_norm": (False,),
    "qkv_proj_bias": (True,),
    "mlp_fc1_bias": (True,),
    "mlp_fc2_bias": (True,),
    "patch_embed_bias": (True,),
}


def text_config(settings: Mapping[str, Any]) -> TextConfig:
    """Returns the shape of a text encoder.

    Args:
        settings: of nomic-bert, dense or with experts, in the old (GPT-2 style) or new spelling, or of BERT.

    Raises:
        ValueError: a setting that this encoder does not know; the message names it.
    """
    if settings["model_type"] == "bert":
        return _bert_config(settings)
    if is_vision(settings):
        raise ValueError("config.json is that of an image model; load_vision_encoder reads it.")
    _require(settings, _TEXT_REQUIRES)
    activation = settings.get("activation_function") or settings.get("hidden_act") or "swiglu"  # transformers says silu
    _require({"activation_function": activation}, {"activation_function": (*_GATED, "gelu")})
    is_gated = activation in _GATED
    biases = {bool(settings.get(name, not is_gated)) for name in ("qkv_proj_bias", "mlp_fc1_bias", "mlp_fc2_bias")}
    if len(biases) > 1:
        raise ValueError(
            "config.json: qkv_proj_bias, mlp_fc1_bias and mlp_fc2_bias differ; expected all or none of them."
        )
    n_experts = int(setting(settings, "num_experts", default=0)) if settings.get("moe_every_n_layers") else 0
    if n_experts:
        _require(settings, _EXPERTS_REQUIRE)
    width = int(setting(settings, "n_embd", "hidden_size"))
    n_layers = int(setting(settings, "n_layer", "num_hidden_layers"))
    inner_width = int(setting(settings, "n_inner", "intermediate_size", default=4 * width))
    if is_gated and "n_inner" in settings:
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
        n_layers=n_layers,
        n_heads=int(setting(settings, "n_head", "num_attention_heads")),
        inner_width=inner_width,
        is_gated=is_gated,
        has_biases=biases.pop(),
        norm_eps=float(setting(settings, "layer_norm_epsilon", "layer_norm_eps", default=1e-12)),
        rotary_base=float(base),
        rotary_factor=None if factor is None else float(factor),
        trained_length=trained_length,
        n_experts=n_experts,
        n_active_experts=int(setting(settings, "moe_top_k")) if n_experts else 0,
        expert_layers=tuple(range(1, n_layers, 2)) if n_experts else (),
    )


def vision_config(settings: Mapping[str, Any]) -> VisionConfig:
    """Returns the shape of an image encoder.

    Raises:
        ValueError: a setting that this encoder does not know; the message names it.
    """
    if not is_vision(settings):
        raise ValueError(
            "config.json is not that of an image model (it has no img_size); load_text_encoder reads text models."
        )
    _require(settings, _VISION_REQUIRES)
    n_inner = int(setting(settings, "n_inner", "intermediate_size"))
    size, patch = int(setting(settings, "img_size")), int(setting(settings, "patch_size"))
    rows, columns = settings.get("ref_feat_shape") or (size // patch, size // patch)
    return VisionConfig(
        image_size=size,
        patch_size=patch,
        n_channels=int(setting(settings, "num_channels", default=3)),
        width=int(setting(settings, "n_embd", "hidden_size")),
        n_layers=int(setting(settings, "n_layer", "num_hidden_layers")),
        n_heads=int(setting(settings, "n_head", "num_attention_heads")),
        inner_width=-(-n_inner // 256) * 256,
        norm_eps=float(setting(settings, "layer_norm_epsilon", "layer_norm_eps")),
        reference_grid=(int(rows), int(columns)),
    )


def _require(settings: Mapping[str, object], required: Mapping[str, tuple[object, ...]]) -> None:
    """Raises ValueError, naming the setting, where one is given and is none of the values known here."""
    for name, values in required.items():
        if settings.get(name) is not None and settings[name] not in values:
            raise ValueError(
                f"config.json: {name} is {settings[name]!r}; this encoder knows {' or '.join(map(repr, values))}."
            )


def _bert_config(settings: Mapping[str, object]) -> TextConfig:
    """Reads a BERT configuration."""
    _require(settings, {"hidden_act": ("gelu",), "position_embedding_type": ("absolute",)})
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
