"""Loads published weights into our encoders; every tensor of the file must be used, and none may be missing."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from nomic_explore.models.configs import text_config, vision_config
from nomic_explore.models.quantized_weights import dequantize
from nomic_explore.models.settings import read_settings
from nomic_explore.models.text_encoder import TextConfig, TextEncoder
from nomic_explore.models.vision_encoder import VisionEncoder

_Encoder = TypeVar("_Encoder", bound=nn.Module)
# The file may hold these although the encoder does not use them: BERT's classification head and a table of 0, 1, 2 …
_UNUSED_BY_BERT = ("embeddings.position_ids", "pooler.dense.weight", "pooler.dense.bias")


def load_text_encoder(folder: str | Path) -> TextEncoder:
    """Returns the text encoder of a folder with `config.json` and `model.safetensors`, in float32, ready to run.

    Args:
        folder: a checkpoint in the published layout of nomic-bert (v1, v1.5, v2-moe) or BERT. Code in the folder is not run.

    Raises:
        FileNotFoundError: one of the two files is not there.
        ValueError: a setting is not supported; a tensor is missing, unknown, of the wrong shape or not finite; a file
            is damaged.

    Example:
        >>> from nomic_explore.models.catalog import find_model
        >>> from nomic_explore.models.weights import locate_weights
        >>> encoder = load_text_encoder(locate_weights(find_model("minilm")))
        >>> encoder(torch.tensor([[101, 7592, 102]])).shape
        torch.Size([1, 3, 384])
    """
    folder = Path(folder)
    settings = read_settings(folder / "config.json")
    with _WithoutDrawing():
        encoder = TextEncoder(text_config(settings))
    tensors = _read_tensors(folder / "model.safetensors")
    if settings["model_type"] == "bert":
        tensors = {name.removeprefix("bert."): tensor for name, tensor in tensors.items()}
        tensors = {name: tensor for name, tensor in tensors.items() if name not in _UNUSED_BY_BERT}
    return _fill(encoder, tensors, find_pieces(encoder.config), folder / "model.safetensors")


def load_vision_encoder(folder: str | Path) -> VisionEncoder:
    """Returns the image encoder of a folder with `config.json` and `model.safetensors`, in float32, ready to run.

    Args:
        folder: a checkpoint in the published layout of nomic-embed-vision-v1 or -v1.5. Code in the folder is not run.

    Raises:
        FileNotFoundError, ValueError: as `load_text_encoder`.
    """
    folder = Path(folder)
    with _WithoutDrawing():
        encoder = VisionEncoder(vision_config(read_settings(folder / "config.json")))
    return _fill(encoder, _read_tensors(folder / "model.safetensors"), _nomic_pieces(0), folder / "model.safetensors")


@dataclass(frozen=True)
class Piece:
    """The location of one of our tensors, or of a part of it, in the published file: some rows of a tensor there."""

    name: str
    shape: tuple[int, ...]
    rows: tuple[int | None, int | None] = (None, None)
    is_transposed: bool = False


def find_pieces(config: TextConfig) -> Callable[[str, Tensor], list[Piece]]:
    """Returns a function that locates one of our tensors, given its name and the tensor, in the published file."""
    return _bert_pieces if config.n_positions else _nomic_pieces(config.n_experts)


def _fill(
    encoder: _Encoder, tensors: dict[str, Tensor], find: Callable[[str, Tensor], list[Piece]], path: Path
) -> _Encoder:
    """Returns the encoder with all its weights from the file, in float32, ready to run."""
    pieces = {name: find(name, tensor) for name, tensor in encoder.state_dict().items()}
    _check_tensors(tensors, {piece.name: piece.shape for found in pieces.values() for piece in found}, path)
    state = {}
    for name, found in pieces.items():
        parts = [tensors[piece.name][slice(*piece.rows)] for piece in found]
        parts = [part.T if piece.is_transposed else part for part, piece in zip(parts, found, strict=True)]
        state[name] = torch.cat(parts).float().contiguous()
    encoder.load_state_dict(state, strict=True, assign=True)
    return encoder.eval().requires_grad_(False)


class _WithoutDrawing(TorchFunctionMode):
    """Skips the random initialization of weights, since every one of them is replaced from the file.

    The usual way, the meta device, imports 800 modules (torch 2.13: 1 to 2 s).
    """

    def __torch_function__(
        self,
        func: Callable[..., object],
        types: object,
        args: Sequence[object] = (),
        kwargs: Mapping[str, object] | None = None,
    ) -> object:
        if func in (Tensor.uniform_, Tensor.normal_):
            return args[0]
        return func(*args, **(kwargs or {}))


def _check_tensors(tensors: dict[str, Tensor], shapes: dict[str, tuple[int, ...]], path: Path) -> None:
    """Raises ValueError, naming the tensor, unless the file holds exactly what the module needs."""
    missing, extra = sorted(shapes.keys() - tensors.keys()), sorted(tensors.keys() - shapes.keys())
    if missing or extra:
        found = [f"lacks {_some(missing)}"] if missing else []
        found += [f"holds {_some(extra)}, which its config.json does not describe"] if extra else []
        raise ValueError(f"{path} {' and '.join(found)}. Take config.json and model.safetensors from one model.")
    for name, shape in shapes.items():
        tensor = tensors[name]
        if tuple(tensor.shape) != shape:
            raise ValueError(
                f"{path}: tensor {name} has shape {tuple(tensor.shape)}; config.json describes {shape}. "
                "Take both files from one model."
            )
        if not torch.isfinite(tensor).all():
            raise ValueError(f"{path}: tensor {name} holds NaN or infinite values. Download the weights again.")


def _some(names: list[str]) -> str:
    """Returns the first three names, and how many more there are."""
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"tensor{'s' if len(names) > 1 else ''} {', '.join(names[:3])}{more}"


def _read_tensors(path: Path) -> dict[str, Tensor]:
    """Returns every tensor of a safetensors file by name; of a file in 8 bits, what it stands for."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    if not path.is_file():
        raise FileNotFoundError(f"{path} does not exist; a model folder needs config.json and model.safetensors.")
    try:
        stored = load_file(path)
    except SafetensorError as error:
        raise ValueError(f"{path} is damaged or cut short ({error}). Download the weights again.") from error
    try:
        return dequantize(stored)
    except ValueError as error:
        raise ValueError(f"{path}: {error} Download the weights again.") from error


def _nomic_pieces(n_experts: int) -> Callable[[str, Tensor], list[Piece]]:
    """Returns a function that locates our tensors in a Nomic file: under their own names, except those of experts.

    Those of a block lie one below the other in two matrices (E F, W), the second of them transposed.
    """

    def find(name: str, tensor: Tensor) -> list[Piece]:
        expert = re.fullmatch(r"(.+\.experts)\.(\d+)\.fc([12])\.weight", name)
        if expert is None:
            return [Piece(re.sub(r"\.mlp\.bias$", ".mlp.experts.bias", name), tuple(tensor.shape))]
        block, number, matrix = expert[1], int(expert[2]), expert[3]
        inner_width, width = tensor.shape if matrix == "1" else tensor.T.shape
        rows = (number * inner_width, (number + 1) * inner_width)
        return [Piece(f"{block}.mlp.w{matrix}", (n_experts * inner_width, width), rows, matrix == "2")]

    return find


def _bert_pieces(name: str, tensor: Tensor) -> list[Piece]:
    """Returns where one of our tensors lies in a BERT file; queries, keys and values lie apart there."""
    name = name.replace("emb_ln.", "embeddings.LayerNorm.").replace("encoder.layers.", "encoder.layer.")
    name = name.replace(".norm1.", ".attention.output.LayerNorm.").replace(".norm2.", ".output.LayerNorm.")
    name = name.replace(".attn.out_proj.", ".attention.output.dense.")
    name = name.replace(".mlp.fc1.", ".intermediate.dense.").replace(".mlp.fc2.", ".output.dense.")
    if ".attn.Wqkv." not in name:
        return [Piece(name, tuple(tensor.shape))]
    shape = (tensor.shape[0] // 3, *tensor.shape[1:])
    return [Piece(name.replace(".attn.Wqkv.", f".attention.self.{part}."), shape) for part in ("query", "key", "value")]
