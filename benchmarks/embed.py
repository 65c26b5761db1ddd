"""Our encoders beside every other way to run the same weights on a CPU that installs from the package index.

    python benchmarks/embed.py FILE --text title,abstract [--models minilm,dense,experts] [--documents 320] [--peers PYTHON]

FILE is Parquet. "dense" is nomic-bert with 137 M random weights in the published layout (speed does not depend on their values),
"experts" nomic-embed-text-v2-moe likewise; both with the tokenizer of MiniLM. Each way runs in a process of its own on the same
texts, with all cores and then with one core taken by another process; the best of three runs counts, cosines are those to our
float32. PYTHON is one that also has openvino, nncf, onnx, onnxscript, onnxruntime and ctranslate2.

Peers run as well as we could make them: texts sorted by length, in batches of 2,048 tokens; OpenVINO with a stream for each
core, which was its fastest setting; onnxruntime's int8 is its dynamic quantization, OpenVINO's NNCF with 100 of the
texts themselves.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

BATCH_TOKENS = 2048
CATALOG = {"minilm": "minilm", "dense": "nomic-embed-text-v1", "experts": "nomic-embed-text-v2-moe"}
LIMIT = {"minilm": 256, "dense": 512, "experts": 512}
WAYS = (
    "nomic_explore bfloat16",
    "nomic_explore int8",
    "nomic_explore float32",
    "sentence-transformers float32",
    "sentence-transformers bfloat16",
    "OpenVINO bfloat16",
    "OpenVINO int8",
    "onnxruntime float32",
    "onnxruntime int8",
    "ctranslate2 float32",
    "ctranslate2 int8",
)
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


Embed = Callable[[list[str]], np.ndarray]


def main() -> None:
    """Measures and prints tables in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--text", default="title,abstract")
    parser.add_argument("--models", default="minilm,dense,experts")
    parser.add_argument("--documents", type=int, default=320, help="for MiniLM; the large models get an eighth")
    parser.add_argument("--peers", default=sys.executable)
    parser.add_argument("--one", nargs=3, metavar=("WAY", "MODEL", "FOLDER"), help="measure one way, and print JSON")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    if options.one:
        return print(json.dumps(_measure(options, *options.one)))
    with tempfile.TemporaryDirectory() as scratch:
        for name in options.models.split(","):
            _print_table(options, name, _folder(name, Path(scratch)))
    return None


def _print_table(options: argparse.Namespace, name: str, folder: Path) -> None:
    print(
        f"**{name}**\n\n| how | documents/s | with one core taken | cosine: mean, least | first vector after | peak memory |"
    )
    print("|---|---|---|---|---|---|", flush=True)
    for way in WAYS:
        command = [options.peers, __file__, str(options.file), "--text", options.text]
        command += ["--documents", str(options.documents), "--one", way, name, str(folder)]
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        lines = done.stdout.strip().splitlines()
        if done.returncode or not lines:
            reason = (done.stderr.strip().splitlines() or [f"it ended with code {done.returncode}"])[-1]
            print(f"| {way} | {reason[:90]} | | | | |", flush=True)
            continue
        one = json.loads(lines[-1])
        print(
            f"| {way} | {one['quiet']:.1f} | {one['loaded']:.1f} | {one['mean']:.5f}, {one['least']:.4f} "
            f"| {one['first']:.1f} s | {one['memory']:.2f} GB |",
            flush=True,
        )
    print()


def _measure(options: argparse.Namespace, way: str, name: str, folder: str) -> dict[str, float]:
    from nomic_explore import Embedder, read_corpus

    n = options.documents if name == "minilm" else options.documents // 8
    texts = list(read_corpus(options.file, text=options.text.split(",")).take(range(n)).texts)
    began = time.perf_counter()
    embed = _open(way, name, Path(folder), texts)
    embed(["a first text"])
    first = time.perf_counter() - began
    quiet = _rate(embed, texts)
    memory = _peak_memory()
    code = "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\nwhile True: pass"
    with subprocess.Popen([sys.executable, "-c", code]) as other:
        loaded = _rate(embed, texts)
        other.kill()
    vectors, exact = embed(texts), Embedder(CATALOG[name], folder=folder, dtype="float32").encode(texts)
    cosines = (vectors * exact).sum(axis=1) / np.linalg.norm(vectors, axis=1)
    return {
        "quiet": quiet,
        "loaded": loaded,
        "mean": float(cosines.mean()),
        "least": float(cosines.min()),
        "first": first,
        "memory": memory,
    }


def _rate(embed: Embed, texts: list[str]) -> float:
    """Returns documents a second, the best of three runs after one that does not count."""
    seconds = []
    for _ in range(4):
        began = time.perf_counter()
        embed(texts)
        seconds.append(time.perf_counter() - began)
    return len(texts) / min(seconds[1:])


def _peak_memory() -> float:
    """Returns the most memory that this process held, in GB."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def _open(way: str, name: str, folder: Path, texts: list[str]) -> Embed:
    from nomic_explore import Embedder

    tool, dtype = way.split()
    if tool == "nomic_explore":
        return Embedder(CATALOG[name], folder=folder, dtype=dtype).encode
    if name == "experts":
        raise ValueError("does not read these weights without remote code")
    if tool == "sentence-transformers":
        return _sentence_transformers(folder, name, dtype)
    backend = Embedder(CATALOG[name], folder=folder, dtype="float32")._backend
    if tool == "OpenVINO":
        return _openvino(backend, name, dtype, texts[:100])
    if tool == "onnxruntime":
        return _onnxruntime(backend, name, dtype)
    return _ctranslate2(backend, folder, name, dtype)


def _sentence_transformers(folder: Path, name: str, dtype: str) -> Embed:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Pooling, Transformer

    transformer = Transformer(str(folder), max_seq_length=LIMIT[name], model_kwargs={"torch_dtype": dtype})
    model = SentenceTransformer(modules=[transformer, Pooling(384 if name == "minilm" else 768)], device="cpu")
    prefix = _prefix(name)
    return lambda texts: model.encode([prefix + text for text in texts], show_progress_bar=False)


def _openvino(backend: Any, name: str, dtype: str, typical: list[str]) -> Embed:
    import openvino
    import openvino.properties as properties
    import torch

    example = {"input_ids": torch.ones(2, 9, dtype=torch.long), "attention_mask": torch.ones(2, 9, dtype=torch.long)}
    model = openvino.convert_model(backend.encoder, example_input=example)
    n_cores = len(os.sched_getaffinity(0))
    settings = {properties.inference_num_threads: n_cores, properties.streams.num: n_cores}
    if dtype == "bfloat16":
        settings[properties.hint.inference_precision] = openvino.Type.bf16
    else:
        import nncf

        sample = [np.array([row]) for row in _tokens(backend, name, typical)]
        data = nncf.Dataset([{"input_ids": row, "attention_mask": np.ones_like(row)} for row in sample])
        model = nncf.quantize(model, data, model_type=nncf.ModelType.TRANSFORMER, subset_size=len(sample))
    compiled = openvino.Core().compile_model(model, "CPU", settings)

    def embed(texts: list[str]) -> np.ndarray:
        vectors = np.zeros((len(texts), backend.model.width), np.float32)
        queue = openvino.AsyncInferQueue(compiled, n_cores)
        queue.set_callback(lambda request, batch: _pool(request.get_output_tensor(0).data, *batch, vectors))
        for rows, ids, mask in _batches(_tokens(backend, name, texts)):
            queue.start_async({"input_ids": ids, "attention_mask": mask}, (rows, mask))
        queue.wait_all()
        return vectors

    return embed


def _onnxruntime(backend: Any, name: str, dtype: str) -> Embed:
    import onnxruntime
    import torch

    folder = Path(tempfile.mkdtemp(prefix="onnx-"))
    example = (torch.ones(2, 9, dtype=torch.long), torch.ones(2, 9, dtype=torch.long))
    axes = {0: torch.export.Dim.AUTO, 1: torch.export.Dim.AUTO}
    file = folder / "model.onnx"
    torch.onnx.export(
        backend.encoder,
        example,
        file,
        input_names=["ids", "mask"],
        dynamo=True,
        verbose=False,
        dynamic_shapes={"input_ids": axes, "attention_mask": axes},
    )
    if dtype == "int8":
        from onnxruntime.quantization import QuantType, quantize_dynamic

        quantize_dynamic(file, folder / "int8.onnx", weight_type=QuantType.QInt8)
        file = folder / "int8.onnx"
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    shutil.rmtree(folder)

    def embed(texts: list[str]) -> np.ndarray:
        vectors = np.zeros((len(texts), backend.model.width), np.float32)
        for rows, ids, mask in _batches(_tokens(backend, name, texts)):
            _pool(session.run(None, {"ids": ids, "mask": mask})[0], rows, mask, vectors)
        return vectors

    return embed


def _ctranslate2(backend: Any, folder: Path, name: str, dtype: str) -> Embed:
    import ctranslate2

    if name != "minilm":
        raise ValueError("does not know this kind of model")
    with tempfile.TemporaryDirectory() as scratch:
        converted = f"{scratch}/model"
        ctranslate2.converters.TransformersConverter(str(folder)).convert(converted)
        n_cores = len(os.sched_getaffinity(0))
        encoder = ctranslate2.Encoder(converted, compute_type=dtype, inter_threads=n_cores, intra_threads=1)

    def embed(texts: list[str]) -> np.ndarray:
        vectors = np.zeros((len(texts), backend.model.width), np.float32)
        tokens = _tokens(backend, name, texts)
        for rows, _, mask in _batches(tokens):
            _pool(np.array(encoder.forward_batch([tokens[row] for row in rows]).last_hidden_state), rows, mask, vectors)
        return vectors

    return embed


def _prefix(name: str) -> str:
    return "" if name == "minilm" else "clustering: "


def _tokens(backend: Any, name: str, texts: list[str]) -> list[list[int]]:
    """Returns the tokens of each text, cut to what the model reads."""
    limit = LIMIT[name]
    encodings = backend.tokenizer.encode_batch([_prefix(name) + text for text in texts])
    return [one.ids if len(one.ids) <= limit else [*one.ids[: limit - 1], one.ids[-1]] for one in encodings]


def _batches(tokens: list[list[int]]) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Yields the rows, padded tokens and masks of batches, long texts first."""
    order = np.argsort([-len(row) for row in tokens], kind="stable")
    while len(order):
        longest = len(tokens[order[0]])
        rows, order = np.split(order, [max(1, BATCH_TOKENS // longest)])
        ids, mask = np.zeros((len(rows), longest), np.int64), np.zeros((len(rows), longest), np.int64)
        for number, row in enumerate(rows):
            ids[number, : len(tokens[row])] = tokens[row]
            mask[number, : len(tokens[row])] = 1
        yield rows, ids, mask


def _pool(hidden: np.ndarray, rows: np.ndarray, mask: np.ndarray, vectors: np.ndarray) -> None:
    """Writes the means of token vectors (b, s, W) into the rows of vectors."""
    weights = mask.astype(np.float32)
    vectors[rows] = np.einsum("bsw,bs->bw", np.asarray(hidden, np.float32), weights) / weights.sum(axis=1)[:, None]


def _folder(name: str, scratch: Path) -> Path:
    """Returns a folder with the weights; random ones are written in the published layout."""
    import torch
    from safetensors.torch import save_file

    from nomic_explore.models.catalog import find_model
    from nomic_explore.models.weights import locate_weights

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
