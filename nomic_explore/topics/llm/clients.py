"""Namers that ask a language model: clients of Ollama and of servers with OpenAI's protocol."""

import os
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from nomic_explore.checks import check_positive
from nomic_explore.http import (
    ServiceError,
    StatusError,
    ask,
    body_text,
    bounds,
    find_login,
    post_json,
    without_credentials,
)
from nomic_explore.topics.llm.prompts import SCHEMA, Answer, read_answer, write_messages
from nomic_explore.topics.profile import TopicProfile

_WAITS = (0.5, 2.0)  # seconds before an overloaded, failing or silent server is asked again
_MAX_WAIT = 10.0  # seconds, whatever the server asks for
_CONTEXT = 8192  # tokens: Ollama cuts longer prompts without a word


class _Chat(ABC):
    """What both clients share: topics sent in groups, retries, and lenient parsing of answers."""

    _kind = ""

    def __init__(self, model: str, place: str, instruction: str, language: str | None, batch: int, timeout: float):
        if not model:
            raise ValueError("model=''; expected the name of a model that the server has.")
        if not timeout > 0:
            raise ValueError(f"timeout={timeout!r}; expected seconds above 0.")
        self.model, self.instruction, self.language = model, instruction, language
        self.batch, self.timeout = check_positive(batch, "batch"), timeout
        self._place = without_credentials(place)

    @property
    def identity(self) -> dict[str, object]:
        """What a name depends on besides the topic; names cached for another identity are not used.

        Example:
            >>> OpenAINamer("small", url="http://localhost:8000").identity["server"]
            'http://localhost:8000'
        """
        return {
            "kind": self._kind,
            "model": self.model,
            "server": self._place,
            "instruction": self.instruction,
            "language": self.language,
        }

    def __call__(self, profile: TopicProfile) -> tuple[str, str]:
        """Returns the name and the description of one topic.

        Raises:
            ServiceError: the server cannot be reached, or refuses.
            ValueError: its answer contains no name.

        Example:
            >>> from nomic_explore import TopicProfile
            >>> stars = TopicProfile(0, 0, "star, planet", 9, 0.5, ["star", "planet"], [1.0, 0.8])
            >>> OpenAINamer("small", url="http://127.0.0.1:9")(stars)
            Traceback (most recent call last):
            nomic_explore.http.ServiceError: openai:small@http://127.0.0.1:9 cannot be reached ...
        """
        answer = self.name_many([profile])[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def name_many(self, profiles: Sequence[TopicProfile]) -> list[Answer]:
        """Returns for each topic its name and description, or the error; `batch` topics share a request.

        Example:
            >>> OpenAINamer("small", url="http://localhost:8000").name_many([])
            []
        """
        answers: list[Answer] = []
        for start in range(0, len(profiles), self.batch):
            part = profiles[start : start + self.batch]
            send = partial(self._ask, write_messages(part, self.instruction, self.language))
            try:
                answer = ask(send, str(self), waits=_WAITS, max_wait=_MAX_WAIT, retry_unreachable=False)
                answers += read_answer(answer, len(part))
            except ServiceError as error:
                answers += [error] * len(part)
        return answers

    def __repr__(self) -> str:
        return f"{self._kind}:{self.model}@{self._place}"

    @abstractmethod
    def _ask(self, messages: list[dict[str, str]]) -> str:
        """Returns the model's answer to one request."""


class OllamaNamer(_Chat):
    """Names from a model of an Ollama server.

    Args:
        model: its name there, as in "llama3.2".
        host: of the server; None is OLLAMA_HOST, or this machine.
        instruction: steers the names, as in "at most three words, for surgeons".
        language: that names and descriptions are written in; None is that of the documents.
        batch: topics in one request.
        timeout: seconds for one answer.

    Raises:
        ImportError: the client `ollama` is not installed.
    """

    _kind = "ollama"

    # Part of the key of remembered names: these strings stay, wherever the class moves, or names are asked for again.
    stored_as = ("nomic_explore.topics.chat", "OllamaNamer")

    def __init__(
        self,
        model: str,
        *,
        host: str | None = None,
        instruction: str = "",
        language: str | None = None,
        batch: int = 8,
        timeout: float = 60.0,
    ):
        place = host or os.environ.get("OLLAMA_HOST") or "http://127.0.0.1:11434"
        super().__init__(model, place, instruction, language, batch, timeout)
        try:
            import ollama
        except ImportError as error:
            raise ImportError("names from Ollama need its client: pip install nomic-explore[ollama]") from error
        self._client = ollama.Client(host=place, timeout=timeout, **bounds(timeout))
        self._refusal = ollama.ResponseError

    def _ask(self, messages: list[dict[str, str]]) -> str:
        options = {"temperature": 0.0, "seed": 42, "num_ctx": _CONTEXT}
        try:
            answer = self._client.chat(model=self.model, messages=messages, format=SCHEMA, options=options)
        except self._refusal as error:
            way_out = f" Run: ollama pull {self.model}" if error.status_code == 404 else ""
            raise StatusError(error.status_code, f"{str(error.error)[:300]}{way_out}") from error
        except (ValueError, TypeError, AttributeError, RecursionError) as error:  # the client reads any JSON as its own
            raise ServiceError(f"{self} answered something else than a chat message: {str(error)[:200]}") from error
        return answer.message.content or ""


class OpenAINamer(_Chat):
    """Names from a model of a server that speaks OpenAI's `/chat/completions`.

    Args:
        model: its name there.
        url: of the server, as in "http://localhost:8000" or "https://api.openai.com/v1".
        key: sent as a bearer token; None is OPENAI_API_KEY, if that is set.
        instruction: steers the names, as in "at most three words, for surgeons".
        language: that names and descriptions are written in; None is that of the documents.
        batch: topics in one request.
        timeout: seconds for one answer.
    """

    _kind = "openai"

    # Part of the key of remembered names: these strings stay, wherever the class moves, or names are asked for again.
    stored_as = ("nomic_explore.topics.chat", "OpenAINamer")

    def __init__(
        self,
        model: str,
        *,
        url: str,
        key: str | None = None,
        instruction: str = "",
        language: str | None = None,
        batch: int = 8,
        timeout: float = 60.0,
    ):
        if not url.startswith(("http://", "https://")):
            raise ValueError(f"url={without_credentials(url)!r}; expected one like 'http://localhost:8000/v1'.")
        super().__init__(model, url, instruction, language, batch, timeout)
        self._url, self._key, self._is_plain = _endpoint(url), key, False

    def _ask(self, messages: list[dict[str, str]]) -> str:
        body: dict[str, Any] = {"model": self.model, "messages": messages}
        form = {"temperature": 0, "response_format": {"type": "json_object"}}
        if self._is_plain:
            return self._post(body)
        try:
            return self._post(body | form)
        except StatusError as refusal:  # some servers know no response_format, some models no temperature
            if refusal.status not in (400, 422):
                raise
        answer = self._post(body)
        self._is_plain = True
        return answer

    def _post(self, body: Mapping[str, object]) -> str:
        key = self._key or os.environ.get("OPENAI_API_KEY")
        response = post_json(self._url, body, key=key, timeout=self.timeout)
        try:
            content = response.json()["choices"][0]["message"]["content"] or ""
        except (ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
            text = body_text(response, key, find_login(self._url))[:200]
            raise ServiceError(f"{self} answered something else than a chat message: {text}") from error
        return str(content)


def _endpoint(url: str) -> str:
    """Returns the address that takes chats: a bare server gets OpenAI's path, and a path what it lacks."""
    parts = urlsplit(url)
    path = parts.path.rstrip("/") or "/v1"
    return urlunsplit(parts._replace(path=path.removesuffix("/chat/completions") + "/chat/completions"))


def open_namer(source: str) -> OllamaNamer | OpenAINamer:
    """Returns the namer that a source names: "ollama:MODEL" or "openai:MODEL@URL".

    Raises:
        ValueError: it is neither.

    Example:
        >>> open_namer("openai:small@http://localhost:8000/v1").model
        'small'
    """
    kind, _, rest = source.partition(":")
    model, _, url = rest.partition("@")
    if kind == "ollama" and rest:
        return OllamaNamer(rest)
    if kind == "openai" and model and url:
        return OpenAINamer(model, url=url)
    shown = f"{kind}:{model}@{without_credentials(url)}" if url else source
    raise ValueError(f"namer={shown!r}; expected ollama:MODEL or openai:MODEL@URL.")
