"""Any other model, through the library sentence-transformers, with the model's own prompts."""

import json
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

from nomic_explore.models.catalog import TASKS, ModelRow, find_model
from nomic_explore.models.images import Picture
from nomic_explore.models.tokens import Plan, Tokenizer
from nomic_explore.models.weights import weights_sha256

_CHUNK_TOKENS = 16384
# Names under which sentence-transformers models keep the prompt of a task.
_PROMPTS = {
    "search_query": ("query", "search_query"),
    "search_document": ("document", "passage", "search_document"),
    "clustering": ("clustering", "Clustering"),
    "classification": ("classification", "Classification"),
}


class SentenceModel:
    """A model of the library sentence-transformers. It is loaded at once; remote code is never run.

    Args:
        name_or_folder: hub id or folder.
        device: as for `Embedder`.
        dtype: "auto" and "float32" compute in float32, "bfloat16" in that.
    """

    chunk_tokens = _CHUNK_TOKENS

    def __init__(self, name_or_folder: str | Path, device: str | None, dtype: str):
        if dtype == "int8":
            raise ValueError(
                f"dtype='int8' is for models of the catalog; {name_or_folder} is run by sentence-transformers."
            )
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise ImportError(
                f"{name_or_folder} needs sentence-transformers: pip install sentence-transformers"
            ) from error
        self.source = str(Path(name_or_folder).resolve()) if Path(name_or_folder).is_dir() else str(name_or_folder)
        self._dtype = "bfloat16" if dtype == "bfloat16" else "float32"
        try:
            self._module = SentenceTransformer(
                str(name_or_folder), device=device, trust_remote_code=False, model_kwargs={"torch_dtype": self._dtype}
            )
        except Exception as error:  # the library raises what hub, transformers and torch raise
            raise OSError(
                f"cannot load {str(name_or_folder)!r} with sentence-transformers ({error}). It is neither in the catalog "
                "(nomic-explore models) nor a model that can be reached."
            ) from error
        width = int(self._module.get_embedding_dimension() or 0)
        prompts = self._module.prompts
        self.model = ModelRow(
            name=Path(self.source).name if Path(self.source).is_dir() else self.source,
            hub_id=self.source,
            description="run by sentence-transformers",
            width=width,
            dimensions=(width,),
            max_tokens=int(self._module.max_seq_length or 512),
            prefixes={task: next((str(prompts[n]) for n in _PROMPTS[task] if prompts.get(n)), "") for task in TASKS},
            pooling="the model's own",
            post_processing=("l2",),
            n_parameters=sum(parameter.numel() for parameter in self._module.parameters()),
            size_mb=0,
            license="unknown",
        )

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """The tokenizer of the model."""
        return self._module.tokenizer.backend_tokenizer

    def embed(
        self, plan: Plan, numbers: np.ndarray, task: str, dimensions: int
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yields once: the numbers of distinct texts as given and their vectors (k, d)."""
        texts = [self.model.prefixes[task] + plan.texts[number] for number in numbers]
        vectors = self._module.encode(texts, prompt="", normalize_embeddings=True, show_progress_bar=False)
        yield numbers, np.asarray(vectors, dtype=np.float32)

    def embed_images(self, pictures: Sequence[Picture], dimensions: int) -> Iterator[np.ndarray]:
        """Yields the vectors (k, d) of pictures, for models that read them."""
        raise ValueError(f"{self.model.name} is used for text only; pictures are read by nomic-embed-vision-v1.5.")

    def provenance(self) -> dict[str, object]:
        """Returns how the vectors were made, ready for JSON."""
        from importlib.metadata import version

        return {"dtype": self._dtype, "backend": "sentence-transformers", "versions": version("sentence-transformers")}


def is_foreign_folder(folder: Path) -> bool:
    """Returns whether a folder holds a sentence-transformers model that our own encoders do not read."""
    if not (folder / "modules.json").is_file() or not (folder / "config.json").is_file():
        return False
    kind = json.loads((folder / "config.json").read_text(encoding="utf-8")).get("model_type")
    if kind == "bert" and (folder / "model.safetensors").is_file():
        return weights_sha256(folder) != find_model("minilm").weights_sha256
    return kind != "nomic_bert"
