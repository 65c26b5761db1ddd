"""Models that run on a server: Nomic's API, Ollama, and servers with an OpenAI-compatible API.

They are named SERVICE:MODEL, as in "nomic-api:nomic-embed-text-v1.5", "ollama:nomic-embed-text" and
"openai:BAAI/bge-m3@http://localhost:8000". Only Nomic's API adds prefixes and finishes vectors itself; for the other two both
are done here, so that the vectors of a Nomic model equal those of its weights on this machine.
"""

import os
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

import numpy as np

from nomic_explore.http import (
    ServiceError,
    StatusError,
    ask,
    body_text,
    bounds,
    find_login,
    post_json,
    remember_login,
    without_credentials,
)
from nomic_explore.models.catalog import TASKS, ModelRow, find_model
from nomic_explore.models.images import Picture
from nomic_explore.models.tokens import Plan, Tokenizer, load_tokenizer
from nomic_explore.models.weights import locate_weights

if TYPE_CHECKING:
    from types import ModuleType

    from ollama import Client

_SERVICES = ("nomic-api", "ollama", "openai")
_CHUNK_TOKENS = 65536
_REQUEST_TEXTS = {"nomic-api": 10, "ollama": 32, "openai": 64}  # 10 is what Nomic's own client sends
_WAITS = (1.0, 2.0, 4.0, 8.0, 16.0)  # seconds before an overloaded or silent server is asked again
_TIMEOUT = 120.0  # seconds for one answer
_LOGGING_IN = Lock()
_NO_PREFIX = dict.fromkeys(TASKS, "")
_Answer = TypeVar("_Answer")


class _Overflow(Exception):  # noqa: N818
    """A text in the request is longer than the context of the served model."""


def is_served(name: object) -> bool:
    """Returns whether a name stands for a served model, such as "ollama:nomic-embed-text".

    Example:
        >>> is_served("ollama:nomic-embed-text"), is_served("minilm")
        (True, False)
    """
    return isinstance(name, str) and name.partition(":")[0] in _SERVICES


def open_service(name: str) -> "Service":
    """Returns the service and model of a name like "ollama:nomic-embed-text".

    Raises:
        ValueError: the service does not have the model, or part of the name is missing.
        ServiceError: the model is not in the catalog, and the request for one vector, to learn its size, failed.
        ImportError: the client of the service is not installed.
    """
    service, _, model = name.partition(":")
    if not model:
        raise ValueError(f"{name!r} names no model; expected for example '{service}:nomic-embed-text-v1.5'.")
    if service == "nomic-api":
        return NomicApi(name, find_model(model))
    if service == "ollama":
        return Ollama(name, model, _row_of(model))
    model, _, url = model.partition("@")
    shown = f"openai:{model}@{without_credentials(url)}" if url else name
    if not url.startswith(("http://", "https://")):
        raise ValueError(f"{shown!r} names no server; expected 'openai:MODEL@http://HOST:PORT'.")
    if urlsplit(url).query:
        raise ValueError(f"the address of {shown!r} has a query; expected none. A key belongs into OPENAI_API_KEY.")
    remember_login(url)
    return OpenAi(shown, model, without_credentials(url), _row_of(model))


class Service(ABC):
    """Base class of the services: groups requests, retries them, and checks the answers.

    Args:
        source: the full name.
        model_name: the model's name at the service.
        row: its row of the catalog, or a row with only the name.
    """

    _n_requests = 1  # at a time
    _adds_prefix = False

    def __init__(self, source: str, model_name: str, row: ModelRow):
        self.source, self.model_name, self.model = source, model_name, row
        if not row.width:
            width = len(self._ask(["size"], "clustering", 0)[0])
            self.model = replace(row, width=width, dimensions=(width,))

    @property
    def chunk_tokens(self) -> int:
        """How many tokens of texts are sent before their vectors are yielded."""
        return _CHUNK_TOKENS

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """BERT's English tokenizer: exact for the Nomic v1 models, an estimate for all others."""
        return load_tokenizer(locate_weights(find_model("minilm")))

    def embed(
        self, plan: Plan, numbers: np.ndarray, task: str, dimensions: int
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yields numbers of distinct texts and their vectors (k, d), request by request.

        Raises:
            ServiceError: a request failed for good; the others of its group have been yielded before.
        """
        prefix = "" if self._adds_prefix else self.model.prefixes[task]
        size = _REQUEST_TEXTS[self.source.partition(":")[0]]
        parts = [numbers[start : start + size] for start in range(0, len(numbers), size)]
        texts = [[prefix + plan.texts[number] for number in part] for part in parts]
        failure: ServiceError | None = None
        pool = ThreadPoolExecutor(self._n_requests)
        try:
            answers = [pool.submit(self._ask, part, task, dimensions) for part in texts]
            for part, answer in zip(parts, answers, strict=True):
                try:
                    yield part, self._finish(self._check(answer.result(), len(part)), dimensions)
                except ServiceError as error:
                    failure = failure or error
                    pool.shutdown(wait=False, cancel_futures=True)  # requests under way are still used
                except CancelledError:
                    continue
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        if failure is not None:
            raise failure

    def embed_images(self, pictures: Sequence[Picture], dimensions: int) -> Iterator[np.ndarray]:
        """Yields the vectors of pictures; only Nomic's API has an image model."""
        raise ValueError(
            f"{self.source} reads no pictures; nomic-embed-vision-v1.5 and nomic-api:nomic-embed-vision-v1.5 do."
        )

    def provenance(self) -> dict[str, object]:
        """Returns the service and the model that made the vectors, ready for JSON."""
        return {"backend": self.source.partition(":")[0], "served_model": self.model_name}

    @abstractmethod
    def _ask(self, texts: list[str], task: str, dimensions: int) -> list[list[float]]:
        """Returns the service's answer to one request."""

    def _check(self, answer: Sequence[Sequence[float]], n: int) -> np.ndarray:
        """Returns (n, w) float32 vectors."""
        if len(answer) != n:
            raise ServiceError(f"{self.source} answered {len(answer)} vectors for {n} texts.")
        if not all(isinstance(vector, Sequence) and not isinstance(vector, str) for vector in answer):
            raise ServiceError(f"{self.source} answered something else than lists of numbers as vectors.")
        widths = {len(vector) for vector in answer}
        if len(widths) > 1 or 0 in widths:
            raise ServiceError(f"{self.source} answered vectors of {sorted(widths)} entries; expected one length.")
        try:
            vectors = np.array(answer, dtype=np.float64)
        except (TypeError, ValueError, OverflowError) as error:
            raise ServiceError(f"{self.source} answered vectors with entries that are no numbers ({error}).") from error
        with np.errstate(over="ignore"):
            vectors = vectors.astype(np.float32)
        is_bad = ~np.isfinite(vectors).all(axis=1) | ~vectors.any(axis=1)
        if is_bad.any():
            raise ServiceError(
                f"{self.source} answered {is_bad.sum()} of {n} vectors with NaN, infinite or only zero entries."
            )
        return vectors

    def _finish(self, vectors: np.ndarray, dimensions: int) -> np.ndarray:
        """Returns (n, d) vectors of length 1, after the post-processing of the model."""
        import torch

        from nomic_explore.models.pooling import post_process

        if vectors.shape[1] != self.model.width:
            raise ServiceError(
                f"{self.source} answered vectors of {vectors.shape[1]} entries; {self.model.name} makes {self.model.width}."
            )
        return post_process(torch.from_numpy(vectors), self.model.post_processing, dimensions).numpy()


class NomicApi(Service):
    """Nomic's own API through the client `nomic`; the key comes from `nomic login` or NOMIC_API_KEY."""

    _n_requests = 10  # as its own client
    _adds_prefix = True

    def __init__(self, source: str, row: ModelRow):
        if row.name not in (
            "nomic-embed-text-v1",
            "nomic-embed-text-v1.5",
            "nomic-embed-vision-v1",
            "nomic-embed-vision-v1.5",
        ):
            raise ValueError(
                f"Nomic's API has no {row.name}; it has nomic-embed-text-v1 and -v1.5, nomic-embed-vision-v1 and -v1.5."
            )
        super().__init__(source, row.name, row)

    def embed_images(self, pictures: Sequence[Picture], dimensions: int) -> Iterator[np.ndarray]:
        """Yields the vectors (k, d) of pictures, request by request."""
        from nomic_explore.models.images import open_image

        self._log_in()
        from nomic import embed

        for start in range(0, len(pictures), _REQUEST_TEXTS["nomic-api"]):
            part = [
                open_image(p, start + n) for n, p in enumerate(pictures[start : start + _REQUEST_TEXTS["nomic-api"]])
            ]
            answer = self._call(partial(embed.image, part, model=self.model_name))
            yield self._finish(self._check(answer["embeddings"], len(part)), dimensions)

    def _ask(self, texts: list[str], task: str, dimensions: int) -> list[list[float]]:
        self._log_in()
        from nomic import embed

        size = None if dimensions == self.model.width else dimensions
        answer = self._call(partial(embed.text_api_request, texts, self.model_name, task, size, "truncate"))
        if answer.get("model", self.model_name) != self.model_name:
            raise ServiceError(f"{self.source} answered with the model {answer['model']!r}.")
        return answer["embeddings"]

    def _finish(self, vectors: np.ndarray, dimensions: int) -> np.ndarray:
        if vectors.shape[1] != dimensions:
            raise ServiceError(
                f"{self.source} answered vectors of {vectors.shape[1]} entries; expected {dimensions}, as requested."
            )
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def _log_in(self) -> None:
        """Logs in to the client, once per process."""
        import nomic
        from nomic import embed

        key = os.environ.get("NOMIC_API_KEY")
        try:
            with _LOGGING_IN:
                if embed.atlas_class is not None:
                    return
                if key:
                    nomic.login(key)  # the client keeps it in ~/.nomic/credentials
                embed.atlas_class = embed.AtlasClass()
        except Exception as error:  # the client raises bare Exception
            raise ServiceError(
                f"cannot log in to Nomic's API ({error}). Run `nomic login` or set NOMIC_API_KEY; or use a model on this "
                "machine: --model minilm."
            ) from error

    def _call(self, request: Callable[[], _Answer]) -> _Answer:
        """Returns what the client returns; the client itself waits and retries when the server is overloaded."""
        try:
            return request()
        except Exception as error:  # the client raises Exception((status, body)), AssertionError and requests' errors
            key = os.environ.get("NOMIC_API_KEY")
            message = str(error).replace(key, "[key]") if key else str(error)
            raise ServiceError(f"{self.source} failed: {message[:1000]}") from error


class Ollama(Service):
    """An Ollama server through the client `ollama`; OLLAMA_HOST is its address."""

    def _ask(self, texts: list[str], task: str, dimensions: int) -> list[list[float]]:
        try:
            return self._request(texts, truncate=False)
        except _Overflow:
            pass
        answers, n_cut = [], 0
        for text in texts:
            try:
                answers += self._request([text], truncate=False)
            except _Overflow:
                answers += self._request([text], truncate=True)
                n_cut += 1
        warnings.warn(f"{self.source} lost the end of {n_cut} texts: they are longer than its context.", stacklevel=2)
        return answers

    def _request(self, texts: list[str], *, truncate: bool) -> list[list[float]]:
        ollama = self._client[0]

        def send() -> list[list[float]]:
            try:
                answer = self._client[1].embed(model=self.model_name, input=texts, truncate=truncate)
            except ollama.ResponseError as error:
                if "context length" in error.error:
                    raise _Overflow from error
                way_out = f" Run: ollama pull {self.model_name}" if error.status_code == 404 else ""
                raise StatusError(error.status_code, error.error + way_out) from error
            return [list(vector) for vector in answer.embeddings]

        return ask(send, self.source, waits=_WAITS)

    @cached_property
    def _client(self) -> "tuple[ModuleType, Client]":
        try:
            import ollama
        except ImportError as error:
            raise ImportError("models served by Ollama need its client: pip install nomic-explore[ollama]") from error
        return ollama, ollama.Client(timeout=_TIMEOUT, **bounds(_TIMEOUT))


class OpenAi(Service):
    """A server with OpenAI's `/v1/embeddings`; OPENAI_API_KEY is sent if it is set, else its user and password if known."""

    def __init__(self, source: str, model_name: str, url: str, row: ModelRow):
        base = url.rstrip("/").removesuffix("/embeddings").removesuffix("/v1")
        self._url = f"{base}/v1/embeddings"
        super().__init__(source, model_name, row)

    def _ask(self, texts: list[str], task: str, dimensions: int) -> list[list[float]]:
        key = os.environ.get("OPENAI_API_KEY")
        body = {"model": self.model_name, "input": texts, "encoding_format": "float"}

        def send() -> list[list[float]]:
            response = post_json(self._url, body, key=key, timeout=_TIMEOUT)
            try:
                items = response.json()["data"]
                numbers = [int(item.get("index", number)) for number, item in enumerate(items)]
                vectors = [item["embedding"] for item in items]
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
                answer = body_text(response, key, find_login(self._url))[:200]
                raise ServiceError(f"{self.source} answered something else than embeddings: {answer}") from error
            if sorted(numbers) != list(range(len(texts))):
                raise ServiceError(f"{self.source} answered {len(numbers)} vectors for {len(texts)} texts.")
            return [vectors[place] for place in np.argsort(numbers)]

        return ask(send, self.source, waits=_WAITS)


def _row_of(name: str) -> ModelRow:
    """Returns the catalog row of a served model; for an unknown one, a row without prefixes and with normalization only."""
    own_name = Path(name.partition(":")[0]).name  # without the publisher, and without Ollama's tag
    try:
        return find_model("nomic-embed-text-v1.5" if own_name == "nomic-embed-text" else own_name)
    except ValueError:
        return ModelRow(
            name=name,
            hub_id=name,
            description="a served model",
            width=0,
            dimensions=(),
            max_tokens=8192,
            prefixes=_NO_PREFIX,
            pooling="unknown",
            post_processing=("l2",),
            n_parameters=0,
            size_mb=0,
            license="unknown",
        )
