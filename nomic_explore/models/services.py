"""Models that run on a server: Nomic's API, Ollama, and servers with an OpenAI-compatible API.

They are named SERVICE:MODEL, as in "nomic-api:nomic-embed-text-v1.5", "ollama:nomic-embed-text" and
"openai:BAAI/bge-m3@http://localhost:8000". Only Nomic's API adds prefixes and finishes vectors itself; for the other two both
are done here, so that the vectors of a Nomic model equal those of its weights on this machine.
"""

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import numpy as np

from nomic_explore.http import (
    RefusedError,
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
from nomic_explore.models.service import Service

if TYPE_CHECKING:
    from types import ModuleType

    import httpx
    from nomic.dataset import AtlasClass
    from ollama import Client

_SERVICES = ("nomic-api", "ollama", "openai")
_REQUEST_TEXTS = {"nomic-api": 10, "ollama": 32, "openai": 64}  # 10 is what Nomic's own client sends
_WAITS = (1.0, 2.0, 4.0, 8.0, 16.0)  # seconds before an overloaded or silent server is asked again
_TIMEOUT = 120.0  # seconds for one answer
_LOGGING_IN = Lock()
_REASON_CHARACTERS = 300  # of a server's message
_NO_PREFIX = dict.fromkeys(TASKS, "")
_Answer = TypeVar("_Answer")


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
        return _open_ollama(name, model)
    model, _, url = model.partition("@")
    shown = f"openai:{model}@{without_credentials(url)}" if url else name
    if not url.startswith(("http://", "https://")):
        raise ValueError(f"{shown!r} names no server; expected 'openai:MODEL@http://HOST:PORT'.")
    if urlsplit(url).query:
        raise ValueError(f"the address of {shown!r} has a query; expected none. A key belongs into OPENAI_API_KEY.")
    remember_login(url)
    return OpenAi(shown, model, without_credentials(url), _row_of(model))


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
        super().__init__(source, row.name, row, _REQUEST_TEXTS["nomic-api"])

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

    def _ask(
        self, texts: list[str], task: str, dimensions: int, *, cut: bool = False, retry_failed: bool = True
    ) -> list[list[float]]:
        atlas = self._log_in()
        url = f"{atlas.atlas_api_path}/v1/embedding/text"
        token = str(atlas.header["Authorization"]).removeprefix("Bearer ")
        body = {
            "texts": texts,
            "model": self.model_name,
            "task_type": task,
            "dimensionality": None if dimensions == self.model.width else dimensions,
            "long_text_mode": "truncate",
        }

        def send() -> list[list[float]]:
            answer = _read_json(post_json(url, body, key=token, timeout=_TIMEOUT), self.source, token)
            if answer.get("model", self.model_name) != self.model_name:
                raise ServiceError(f"{self.source} answered with the model {answer['model']!r:.60}.")
            return answer.get("embeddings", [])

        return ask(send, self.source, waits=_WAITS, retry_failed=retry_failed)

    def _finish(self, vectors: np.ndarray, dimensions: int) -> np.ndarray:
        if vectors.shape[1] != dimensions:
            raise RefusedError(
                f"{self.source} answered vectors of {vectors.shape[1]} entries; expected {dimensions}, as requested."
            )
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def _log_in(self) -> "AtlasClass":
        """Logs in to the client, once per process."""
        import nomic
        from nomic import embed

        key = os.environ.get("NOMIC_API_KEY")
        try:
            with _LOGGING_IN:
                if embed.atlas_class is not None:
                    return embed.atlas_class
                if key:
                    nomic.login(key)  # the client keeps it in ~/.nomic/credentials
                embed.atlas_class = embed.AtlasClass()
                return embed.atlas_class
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
    """An Ollama server through the client `ollama`; OLLAMA_HOST is its address.

    Args:
        source: the full name.
        model_name: the model's name at the server.
        row: its row of the catalog, or a row with only the name.
        num_ctx: the tokens of its context; None leaves that to the server.
    """

    _can_cut = True

    def __init__(self, source: str, model_name: str, row: ModelRow, num_ctx: int | None = None):
        self._num_ctx = num_ctx
        super().__init__(source, model_name, row, _REQUEST_TEXTS["ollama"])

    def provenance(self) -> dict[str, object]:
        """Returns the service, the model and its context, ready for JSON."""
        return {**super().provenance(), "num_ctx": self._num_ctx}

    def _ask(
        self, texts: list[str], task: str, dimensions: int, *, cut: bool = False, retry_failed: bool = True
    ) -> list[list[float]]:
        ollama, client = self._client
        options = {"num_ctx": self._num_ctx} if self._num_ctx else None

        def send() -> list[list[float]]:
            try:
                answer = client.embed(model=self.model_name, input=texts, truncate=cut, options=options)
            except ollama.ResponseError as error:
                way_out = f" Run: ollama pull {self.model_name}" if error.status_code == 404 else ""
                message = error.error[:_REASON_CHARACTERS] + way_out
                raise StatusError(error.status_code, message) from error
            except (
                ValueError,
                TypeError,
                AttributeError,
                RecursionError,
            ) as error:  # the client reads any JSON as its own
                reason = str(error)[:_REASON_CHARACTERS]
                raise RefusedError(f"{self.source} answered something else than embeddings: {reason}") from error
            return [list(vector) for vector in answer.embeddings]

        return ask(send, self.source, waits=_WAITS, retry_failed=retry_failed)

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
        super().__init__(source, model_name, row, _REQUEST_TEXTS["openai"])

    def _ask(
        self, texts: list[str], task: str, dimensions: int, *, cut: bool = False, retry_failed: bool = True
    ) -> list[list[float]]:
        key = os.environ.get("OPENAI_API_KEY")
        body = {"model": self.model_name, "input": texts, "encoding_format": "float"}

        def send() -> list[list[float]]:
            response = post_json(self._url, body, key=key, timeout=_TIMEOUT)
            try:
                items = _read_json(response, self.source, key)["data"]
                numbers = [int(item.get("index", number)) for number, item in enumerate(items)]
                vectors = [item["embedding"] for item in items]
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise _unreadable(response, self.source, key) from error
            if sorted(numbers) != list(range(len(texts))):
                raise RefusedError(f"{self.source} answered {len(numbers)} vectors for {len(texts)} texts.")
            return [vectors[place] for place in np.argsort(numbers)]

        return ask(send, self.source, waits=_WAITS, retry_failed=retry_failed)


def _read_json(response: "httpx.Response", source: str, key: str | None) -> Mapping[str, Any]:
    """Returns the JSON object of an answer."""
    try:
        content = response.json()
    except (ValueError, RecursionError) as error:
        raise _unreadable(response, source, key) from error
    if not isinstance(content, dict):
        raise _unreadable(response, source, key)
    return content


def _unreadable(response: "httpx.Response", source: str, key: str | None) -> RefusedError:
    text = body_text(response, key, find_login(str(response.request.url)))[:200]
    return RefusedError(f"{source} answered something else than embeddings: {text}")


def _open_ollama(name: str, model: str) -> Ollama:
    """Returns the model of a name like "ollama:nomic-embed-text?num_ctx=8192"."""
    model, _, options = model.partition("?")
    if not options:
        return Ollama(name, model, _row_of(model))
    found = re.fullmatch(r"num_ctx=([1-9][0-9]{0,8})", options)
    if found is None or not model:
        raise ValueError(
            f"{name!r} has the options {options!r}; expected num_ctx and a number of tokens, as in "
            "'ollama:nomic-embed-text?num_ctx=8192'."
        )
    num_ctx, row = int(found[1]), _row_of(model)
    max_tokens = min(num_ctx, row.max_tokens) if row.width else num_ctx
    return Ollama(name, model, replace(row, max_tokens=max_tokens), num_ctx)


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
