"""Any other model, through the library sentence-transformers, with the model's own prompts."""

import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from nomic_explore.debug_log import get_log
from nomic_explore.hub_access import why_unreachable
from nomic_explore.models.catalog import TASKS, ModelRow, find_model
from nomic_explore.models.descriptions import DESCRIPTION
from nomic_explore.models.file_hashes import Stamp, combined_sha256, sentence_files, stamp
from nomic_explore.models.hardware import compute_alone_after_fork
from nomic_explore.models.images import Picture
from nomic_explore.models.settings import read_json_object
from nomic_explore.models.tokens import Plan, Tokenizer, is_panic
from nomic_explore.models.weights import listed_folder, ways_out, weights_sha256

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
        place, is_local = _find(self.source)
        self._files = _files_of(place)
        self._place = place
        compute_alone_after_fork()
        try:
            with _loading_quietly():
                self._module = SentenceTransformer(
                    place,
                    device=device,
                    trust_remote_code=False,
                    local_files_only=is_local,
                    model_kwargs={"torch_dtype": self._dtype},
                )
        except BaseException as error:  # the library raises what hub, transformers, torch and tokenizers raise
            if not isinstance(error, Exception) and not is_panic(error):
                raise
            raise OSError(
                f"cannot load {str(name_or_folder)!r} with sentence-transformers ({error}). It is neither in the catalog "
                "(nomic-explore models) nor a model that can be reached."
            ) from error
        get_log().debug("%s: opened by sentence-transformers, %s on %s", self.source, self._dtype, self._module.device)
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
        """Returns how the vectors were made, ready for JSON; the files are those that were loaded."""
        from importlib.metadata import version

        return {
            **self._file_hashes,
            "dtype": self._dtype,
            "backend": "sentence-transformers",
            "versions": version("sentence-transformers"),
        }

    @cached_property
    def _file_hashes(self) -> dict[str, str]:
        """What the vectors depend on: the contents of weights, settings and tokenizer.

        Raises:
            ValueError: a file is another than the one that was loaded.
        """
        found = _files_of(self._place)
        if self._files is not None and found != self._files:
            raise ValueError(f"the files of {self.source} changed while the model was open. Open it again.")
        if found is None:
            return {}
        weights, tokenizer = sentence_files(found.folder)
        return {
            "weights_sha256": combined_sha256(weights, found.folder),
            "tokenizer_sha256": combined_sha256(tokenizer, found.folder),
        }


@contextmanager
def _loading_quietly() -> Iterator[None]:
    """Keeps the progress bar and the report of transformers from standard error, unless our own log is turned up."""
    from transformers.utils import logging as their_log

    if get_log().isEnabledFor(logging.DEBUG):
        yield
        return
    level, shows_progress = their_log.get_verbosity(), their_log.is_progress_bar_enabled()
    their_log.set_verbosity_error()
    their_log.disable_progress_bar()
    try:
        yield
    finally:
        their_log.set_verbosity(level)
        if shows_progress:
            their_log.enable_progress_bar()


def _find(source: str) -> tuple[str, bool]:
    """Returns what the library opens, a folder or a hub id, and whether all of it is on this machine.

    Raises:
        OSError: it is a hub id, nothing of it is here, and the hub cannot be reached.
    """
    if Path(source).is_dir():
        return source, True
    if listed := listed_folder(source):
        return str(listed), True
    if cached := _cached_whole(source):
        return cached, True
    if not (tried := why_unreachable()):
        return source, False
    if _files_of(source) is None:
        raise OSError(
            f"cannot load {source!r} with sentence-transformers: it is not in the catalog (nomic-explore models), not in the Hugging Face cache, and "
            f"{tried}. {ways_out(source, source)}"
        )
    return source, True


def _cached_whole(source: str) -> str:
    """Returns the folder of a model in the Hugging Face cache that has all its modules; "" if there is none.

    The library opens a folder without asking the hub anything; for a hub id it asks even with `local_files_only` (huggingface_hub
    2.4: for a list of agents).
    """
    from huggingface_hub import constants, try_to_load_from_cache

    listed = try_to_load_from_cache(source, "modules.json", cache_dir=constants.HF_HUB_CACHE)
    if not isinstance(listed, str) or _files_of(source) is None:
        return ""
    folder = Path(listed).parent
    try:
        modules = json.loads(Path(listed).read_text(encoding="utf-8"))
        kinds = {str(module["path"]): str(module["type"]) for module in modules}
    except (ValueError, TypeError, KeyError):
        return ""
    has_all = all(kind.endswith("Normalize") or (folder / path).is_dir() for path, kind in kinds.items())
    return str(folder) if has_all and sentence_files(folder)[0] else ""


@dataclass(frozen=True)
class _Files:
    """Where the files of a model lie, and a stamp of each."""

    folder: Path
    stamps: tuple[Stamp, ...]


def _files_of(source: str) -> _Files | None:
    """Returns the files of a folder, or of a hub id in the cache; None if they are not there yet."""
    folder = Path(source)
    if not folder.is_dir():
        from huggingface_hub import constants, try_to_load_from_cache

        found = try_to_load_from_cache(source, "config.json", cache_dir=constants.HF_HUB_CACHE)
        if not isinstance(found, str):
            return None
        folder = Path(found).parent
    weights, tokenizer = sentence_files(folder)
    return _Files(folder, tuple(stamp(file) for file in (*weights, *tokenizer)))


def is_foreign_folder(folder: Path) -> bool:
    """Returns whether a folder holds a sentence-transformers model that our own encoders do not read."""
    if not (folder / "modules.json").is_file() or not (folder / "config.json").is_file():
        return False
    if (folder / DESCRIPTION).is_file():
        return False
    kind = read_json_object(folder / "config.json").get("model_type")
    if kind == "bert" and (folder / "model.safetensors").is_file():
        return weights_sha256(folder) != find_model("minilm").weights_sha256
    return kind != "nomic_bert"
