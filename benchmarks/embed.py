"""Our encoders beside other ways to run the same weights, on texts of mixed lengths.

    python benchmarks/embed.py FILE --text title,abstract [--models minilm,dense,experts] [--documents 400]

FILE is Parquet. "dense" is nomic-bert with 137 M random weights in the published layout (speed does not depend on their values),
"experts" nomic-embed-text-v2-moe likewise; both with the tokenizer of MiniLM. Everything runs in one process after a warm-up,
each alternative on the same texts: ours in every number format the processor has, sentence-transformers in float32 and bfloat16, the
native class of transformers, OpenVINO where it is installed. Rates of plain matrix products are measured in the same run.
"""

import argparse
import json
import shutil
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file

from nomic_explore import Embedder, read_corpus
from nomic_explore.models.catalog import find_model
from nomic_explore.models.weights import locate_weights

DENSE = {
    "model_type": "nomic_bert",
    "activation_function": "swiglu",
    "vocab_size": 30528,
    "n_embd": 768,
    "n_layer": 12,
    "n_head": 12,
    "n_inner": 3072,
    "type_vocab_size": 2,
    "layer_norm_epsilon": 1e-12,
    "rotary_emb_base": 1000,
    "n_positions": 8192,
    "qkv_proj_bias": False,
    "mlp_fc1_bias": False,
    "mlp_fc2_bias": False,
    # The same in the words of transformers' own class.
    "hidden_size": 768,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "intermediate_size": 3072,
    "hidden_act": "silu",
    "layer_norm_eps": 1e-12,
    "rope_parameters": {"rope_theta": 1000, "rope_type": "default"},
    "max_position_embeddings": 2048,
}
EXPERTS = {
    name: value for name, value in DENSE.items() if name not in ("hidden_act", "layer_norm_eps", "rope_parameters")
} | {
    "activation_function": "gelu",
    "type_vocab_size": 1,
    "layer_norm_epsilon": 1e-5,
    "rotary_emb_base": 10000,
    "qkv_proj_bias": True,
    "mlp_fc1_bias": True,
    "mlp_fc2_bias": True,
    "num_experts": 8,
    "moe_every_n_layers": 2,
    "moe_top_k": 2,
}


def main() -> None:
    """Measures and prints tables in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--text", default="title,abstract")
    parser.add_argument("--models", default="minilm,dense,experts")
    parser.add_argument("--documents", type=int, default=400, help="for MiniLM; the large models get an eighth")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    corpus = read_corpus(options.file, text=options.text.split(","))
    texts = [text for text in corpus.take(range(options.documents)).texts if text]
    products = {dtype: _product_rate(dtype) for dtype in ("float32", "bfloat16", "int8")}
    print(
        "matrix products (2048 x 768 by 768 x 3072): "
        + ", ".join(f"{d} {r:.0f} G/s" for d, r in products.items())
        + "\n"
    )
    with tempfile.TemporaryDirectory() as scratch:
        for name in options.models.split(","):
            folder = _folder(name, Path(scratch))
            _measure(name, folder, texts if name == "minilm" else texts[: len(texts) // 8], products)
            if name != "minilm":
                shutil.rmtree(folder)


def _measure(name: str, folder: Path, texts: list[str], products: dict[str, float]) -> None:
    catalogue = {"minilm": "minilm", "dense": "nomic-embed-text-v1", "experts": "nomic-embed-text-v2-moe"}[name]
    n_tokens = int(
        np.minimum(Embedder(catalogue, folder=folder).count_tokens(texts), 512 if name != "minilm" else 256).sum()
    )
    work = {"minilm": 10.6e6, "dense": 113.2e6, "experts": 113.2e6}[name] * 2  # operations per token in matrix products
    print(
        f"**{name}**, {len(texts)} documents, {n_tokens:,} tokens\n\n| how | documents/s | tokens/s | share of product rate |\n|---|---|---|---|"
    )
    for how, dtype, run in _ways(name, catalogue, folder):
        try:
            run(texts[:8])
            began = time.perf_counter()
            run(texts)
            seconds = time.perf_counter() - began
        except Exception as error:  # a peer that cannot run is reported, not hidden
            print(f"| {how} | {type(error).__name__}: {str(error)[:80]} | | |", flush=True)
            continue
        share = n_tokens * work / seconds / 1e9 / products[dtype]
        print(f"| {how} | {len(texts) / seconds:.1f} | {n_tokens / seconds:,.0f} | {share:.0%} |", flush=True)
    print()


def _ways(name: str, catalogue: str, folder: Path) -> Iterator[tuple[str, str, Callable[[list[str]], Any]]]:
    for dtype in ("int8", "bfloat16", "float32"):
        embedder = Embedder(catalogue, folder=folder, dtype=dtype)
        yield f"nomic_explore {dtype}", dtype, embedder.encode
    if name == "experts":
        yield (
            "nomic_explore float32, all experts for all tokens",
            "float32",
            _every_expert(Embedder(catalogue, folder=folder, dtype="float32")),
        )
        return  # no other library reads these weights without remote code
    for dtype in ("float32", "bfloat16"):
        yield f"sentence-transformers {dtype}", dtype, _sentence_transformers(folder, name, dtype)
    yield "OpenVINO (its own choice of format)", "float32", _openvino(catalogue, folder)


def _sentence_transformers(folder: Path, name: str, dtype: str) -> Callable[[list[str]], Any]:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Pooling, Transformer

    transformer = Transformer(
        str(folder), max_seq_length=256 if name == "minilm" else 512, model_kwargs={"torch_dtype": dtype}
    )
    model = SentenceTransformer(modules=[transformer, Pooling(384 if name == "minilm" else 768)], device="cpu")
    prefix = "" if name == "minilm" else "clustering: "
    return lambda texts: model.encode([prefix + text for text in texts], show_progress_bar=False)


def _openvino(catalogue: str, folder: Path) -> Callable[[list[str]], Any]:
    def run(texts: list[str]) -> None:
        import openvino

        if "compiled" not in made:
            encoder: Any = Embedder(catalogue, folder=folder, dtype="float32")._backend.encoder
            example = {
                "input_ids": torch.ones(2, 9, dtype=torch.long),
                "attention_mask": torch.ones(2, 9, dtype=torch.long),
            }
            made["compiled"] = openvino.Core().compile_model(
                openvino.convert_model(encoder, example_input=example), "CPU"
            )
            made["tokenizer"] = Embedder(catalogue, folder=folder)._backend.tokenizer
        limit = 256 if catalogue == "minilm" else 512
        tokens = sorted((e.ids[:limit] for e in made["tokenizer"].encode_batch(texts)), key=len, reverse=True)
        for start in range(0, len(tokens), 16):
            rows = tokens[start : start + 16]
            ids = np.zeros((len(rows), len(rows[0])), dtype=np.int64)
            for number, row in enumerate(rows):
                ids[number, : len(row)] = row
            made["compiled"]({"input_ids": ids, "attention_mask": (ids != 0).astype(np.int64)})

    made: dict[str, Any] = {}
    return run


def _every_expert(embedder: Embedder) -> Callable[[list[str]], Any]:
    """The plain way: every expert reads every token, and what was not chosen is multiplied by zero."""
    from nomic_explore.models.text_encoder import MixtureOfExperts

    def forward(self: Any, x: torch.Tensor) -> torch.Tensor:
        tokens = x.flatten(0, 1)
        shares, chosen = self.route(tokens)
        weights = torch.zeros(len(tokens), len(self.experts)).scatter_(1, chosen, shares)
        return (self.bias + sum(expert(tokens) * weights[:, [n]] for n, expert in enumerate(self.experts))).view_as(x)

    def run(texts: list[str]) -> np.ndarray:
        usual = MixtureOfExperts.forward
        MixtureOfExperts.forward = forward  # type: ignore[method-assign]
        try:
            return embedder.encode(texts)
        finally:
            MixtureOfExperts.forward = usual  # type: ignore[method-assign]

    return run


def _product_rate(dtype: str) -> float:
    """Returns 10^9 operations a second of one matrix product, best of 20."""
    x, w = torch.randn(2048, 768), torch.randn(768, 3072)
    if dtype == "int8":
        a, b = (x * 20).to(torch.int8), (w * 20).to(torch.int8)
        product: Callable[[], Any] = lambda: torch._int_mm(a, b)  # noqa: E731
    else:
        a, b = x.to(getattr(torch, dtype)), w.to(getattr(torch, dtype))
        product = lambda: a @ b  # noqa: E731
    seconds = []
    for _ in range(20):
        began = time.perf_counter()
        product()
        seconds.append(time.perf_counter() - began)
    return 2 * 2048 * 768 * 3072 / min(seconds) / 1e9


def _folder(name: str, scratch: Path) -> Path:
    """Returns a folder with the weights; random ones are written in the published layout."""
    minilm = locate_weights(find_model("minilm"))
    if name == "minilm":
        return minilm
    folder = scratch / name
    folder.mkdir()
    settings = DENSE if name == "dense" else EXPERTS
    (folder / "config.json").write_text(json.dumps(settings), encoding="utf-8")
    for file in ("tokenizer.json", "tokenizer_config.json", "vocab.txt", "special_tokens_map.json"):
        if (minilm / file).is_file():
            shutil.copy(minilm / file, folder / file)
    draw = torch.Generator().manual_seed(0)
    save_file({n: 0.02 * torch.randn(s, generator=draw) for n, s in _shapes(name)}, folder / "model.safetensors")
    return folder


def _shapes(name: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield "embeddings.word_embeddings.weight", (30528, 768)
    yield "embeddings.token_type_embeddings.weight", (2 if name == "dense" else 1, 768)
    norms = ["emb_ln", *(f"encoder.layers.{layer}.norm{n}" for layer in range(12) for n in (1, 2))]
    linears = {}
    for layer in range(12):
        start = f"encoder.layers.{layer}"
        linears |= {f"{start}.attn.Wqkv": (2304, 768), f"{start}.attn.out_proj": (768, 768)}
        if name == "dense":
            linears |= {
                f"{start}.mlp.fc11": (3072, 768),
                f"{start}.mlp.fc12": (3072, 768),
                f"{start}.mlp.fc2": (768, 3072),
            }
        elif layer % 2:
            yield f"{start}.mlp.router.layer.weight", (8, 768)
            yield f"{start}.mlp.experts.bias", (768,)
            yield f"{start}.mlp.experts.mlp.w1", (8 * 3072, 768)
            yield f"{start}.mlp.experts.mlp.w2", (8 * 3072, 768)
        else:
            linears |= {f"{start}.mlp.fc1": (3072, 768), f"{start}.mlp.fc2": (768, 3072)}
    for norm in norms:
        yield from ((f"{norm}.weight", (768,)), (f"{norm}.bias", (768,)))
    for linear, shape in linears.items():
        yield f"{linear}.weight", shape
        if name == "experts":
            yield f"{linear}.bias", shape[:1]


if __name__ == "__main__":
    main()
