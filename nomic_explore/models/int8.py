"""Matrix products in 8-bit integers, for processors that multiply these four times as fast as float32 (VNNI).

Weights are rounded in 255 steps per output, activations in 255 steps per token, between the token's own least and
largest value. A few entries of a token are many times larger than all others and would make its steps coarse: they
stay in float32 (as in LLM.int8(), Dettmers et al. 2022). Sums are exact, in 32-bit integers.
"""

import torch
from torch import Tensor, nn

from nomic_explore.models.text_encoder import TextEncoder

_N_KEPT = (
    4  # entries of a token in float32. Cosines to float32 (MiniLM, news): 0.9990 with 0, 0.9995 with 1, 0.9996 with 4
)
_N_STEPS = 255


class Int8Linear(nn.Module):
    """A linear layer computed in 8-bit integers, for CPUs.

    Args:
        linear: the layer, in float32.
        inputs: (t, K) typical inputs of the layer; they determine which entries are kept in float32.
    """

    def __init__(self, linear: nn.Linear, inputs: Tensor):
        super().__init__()
        weight = linear.weight.detach()  # (N, K)
        bias = torch.zeros(len(weight)) if linear.bias is None else linear.bias.detach()
        self.kept = inputs.abs().amax(dim=0).topk(min(_N_KEPT, weight.shape[1])).indices
        rest = weight.index_fill(1, self.kept, 0.0)
        self.steps = rest.abs().amax(dim=1).clamp(min=1e-12) / 127  # (N)
        codes = (rest / self.steps[:, None]).round()
        # What is added to the integer product: each token's least value times the sum of weights, the bias, the kept entries.
        self.added = torch.cat([(codes.sum(dim=1) * self.steps)[None], bias[None], weight[:, self.kept].T])  # (6, N)
        self.no_offsets = torch.zeros(len(weight), dtype=torch.int64)
        self.packed = torch.ops.onednn.qlinear_prepack(codes.to(torch.int8), None)
        self.kept_places, self.added_rows = self.kept.numpy(), self.added.numpy()

    def multiply(self, codes: Tensor) -> Tensor:
        """Returns the product (T, N) float32 of codes (T, K) uint8 with the weights, in the weights' steps."""
        return torch.ops.onednn.qlinear_pointwise(
            codes, 1.0, 0, self.packed, self.steps, self.no_offsets, None, 1.0, 0, torch.float32, "none", [], ""
        )

    def forward(self, x: Tensor) -> Tensor:
        """Returns (…, N) for x (…, K), both float32."""
        rows = x.flatten(0, -2)  # (T, K)
        kept = rows[:, self.kept]  # (T, 4)
        rest = rows.index_fill(1, self.kept, 0.0)
        least, largest = rest.amin(dim=1, keepdim=True), rest.amax(dim=1, keepdim=True)  # (T, 1)
        step = (largest - least).clamp(min=1e-12) / _N_STEPS
        codes = rest.sub_(least - step / 2).mul_(1 / step).to(torch.uint8)  # the half step makes cutting off a rounding
        product = self.multiply(codes)  # (T, N)
        added = torch.cat([least, torch.ones_like(least), kept], dim=1)  # (T, 6)
        return product.mul_(step).addmm_(added, self.added).unflatten(0, x.shape[:-1])


def to_int8(encoder: TextEncoder, input_ids: Tensor) -> TextEncoder:
    """Replaces every linear layer of an encoder by an `Int8Linear`, in place, and returns the encoder.

    Args:
        encoder: in float32 on a CPU.
        input_ids: (B, S) tokens of a typical text.
    """
    inputs: dict[str, Tensor] = {}
    layers = {
        name: module
        for name, module in encoder.named_modules()
        if isinstance(module, nn.Linear) and ".router." not in name  # the choice of experts stays exact
    }
    hooks = [
        layer.register_forward_pre_hook(
            lambda _, args, name=name: inputs.update({name: args[0].flatten(0, -2).clone()})
        )
        for name, layer in layers.items()
    ]
    with torch.inference_mode():
        encoder(input_ids)
        for hook in hooks:
            hook.remove()
        for name, layer in layers.items():
            parent, _, own_name = name.rpartition(".")
            read = inputs.get(name, layer.weight[:1])  # an expert may have been left out by the whole sample
            setattr(encoder.get_submodule(parent), own_name, Int8Linear(layer, read))
    return encoder
