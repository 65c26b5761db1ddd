"""A server on this machine that speaks the protocols of Nomic's API, Ollama and OpenAI, and fails as it is told."""

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from nomic_explore.models import services
from nomic_explore.models.catalog import find_model
from nomic_explore.models.pooling import post_process

TOO_LONG = "the input length exceeds the context length"


def raw_vector(text: str, width: int = 768) -> np.ndarray:
    """What the server's model makes of a text."""
    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")
    return np.random.default_rng(seed).standard_normal(width).astype(np.float32)


class Server:
    """Answers as the services do; `troubles` are used up first, one a request.

    Attributes:
        faults: for a part of a text, what goes wrong with each request that has such a text.
        max_characters: texts longer than that are answered with the fault `too_long`, whatever else is asked.
        limit: Ollama refuses texts longer than that, or cuts them where it may.
        n_until_down: requests until every other is answered 401; None is never.
    """

    def __init__(self) -> None:
        self.requests: list[tuple[str, Any]] = []
        self.troubles: list[Any] = []
        self.faults: dict[str, Any] = {}
        self.max_characters, self.too_long = 10_000, (400, TOO_LONG)
        self.n_until_down: int | None = None
        self.limit, self.width, self.lock = 10_000, 768, threading.Lock()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: Any) -> None: ...

            def do_GET(self) -> None:
                self.answer(200, {})

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                content = json.loads(body) if self.headers["content-type"].startswith("application/json") else body
                with server.lock:
                    server.requests.append((self.path, content))
                    trouble = server.troubles.pop(0) if server.troubles else server.fault_of(content)
                    if server.n_until_down is not None and len(server.requests) > server.n_until_down:
                        trouble = 401
                if isinstance(trouble, int):
                    trouble = (trouble, f"trouble {trouble}")
                if isinstance(trouble, tuple):
                    status, message = trouble
                    return self.answer(status, {"error": message, "detail": message} if message else {})
                if trouble == "silence":
                    time.sleep(3)
                return self.answer(*server.embed(self.path, content, trouble), trouble=trouble)

            def answer(self, status: int, content: Any, trouble: Any = None) -> None:
                body = json.dumps(content).encode()
                sent = {"cut JSON": body[: len(body) // 2], "no JSON": b"<html>", "a list": b"[1]"}.get(trouble, body)
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(sent)))
                self.end_headers()
                self.wfile.write(sent[: len(sent) // 2] if trouble == "cut connection" else sent)

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True).start()

    def fault_of(self, content: Any) -> Any:
        """What goes wrong with a request because of its texts."""
        texts = [] if isinstance(content, bytes) else content.get("texts", content.get("input"))
        if any(len(text) > self.max_characters for text in texts):
            return self.too_long
        return next((fault for part, fault in self.faults.items() if any(part in text for text in texts)), None)

    def embed(self, path: str, content: Any, trouble: Any) -> tuple[int, Any]:
        if path == "/v1/embedding/image":
            n = content.count(b'; name="images"')
            return 200, {
                "embeddings": [raw_vector("image").tolist()] * n,
                "usage": {},
                "model": "nomic-embed-vision-v1.5",
            }
        texts = content.get("texts", content.get("input"))
        if path == "/api/embed" and not content["truncate"] and any(len(text) > self.limit for text in texts):
            return 400, {"error": TOO_LONG}
        width = content.get("dimensionality") or self.width
        vectors: list[Any] = [raw_vector(text[: self.limit], width).tolist() for text in texts]
        if path == "/api/embed":
            vectors = [(np.array(vector) / np.linalg.norm(vector)).tolist() for vector in vectors]
        place = next((at for at, text in enumerate(texts) if any(part in text for part in self.faults)), 0)
        if trouble == "short":
            vectors.pop()
        elif trouble == "NaN":
            vectors[place][3] = float("nan")
        elif trouble == "null entry":
            vectors[place][3] = None
        elif trouble == "null":
            vectors[place] = None
        elif trouble == "zeros":
            vectors[place] = [0.0] * width
        elif trouble == "ragged":
            vectors[place].append(1.0)
        elif trouble == "empty":
            vectors[place] = []
        elif trouble == "no vectors":
            vectors = []
        if path == "/v1/embedding/text":
            return 200, {"embeddings": vectors, "usage": {"total_tokens": 1}, "model": content["model"]}
        if path == "/api/embed":
            return 200, {"model": content["model"], "embeddings": vectors}
        data = [{"index": number, "embedding": vector} for number, vector in enumerate(vectors)]
        return 200, {"data": data[::-1] if trouble == "wrong order" else data}

    @property
    def sent(self) -> list[list[str]]:
        """The texts of each request."""
        return [content.get("texts", content.get("input")) for _, content in self.requests]


@contextmanager
def serving(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Iterator[Server]:
    """Yields a server to which all three services lead, without waits."""
    import nomic
    from nomic import embed

    server = Server()
    (folder / "nomic").mkdir()
    monkeypatch.setattr(nomic.cli, "nomic_base_path", folder / "nomic")
    monkeypatch.setattr(embed, "atlas_class", None)
    monkeypatch.setattr(embed.time, "sleep", lambda seconds: None)
    monkeypatch.setattr(services, "_WAITS", (0.0, 0.0))
    monkeypatch.setattr(services, "_TIMEOUT", 30.0)
    monkeypatch.setenv("NOMIC_API_KEY", "nk-test")
    monkeypatch.setenv("ATLAS_API_PATH", server.url)
    monkeypatch.setenv("OLLAMA_HOST", server.url)
    yield server
    server.http.shutdown()
    server.http.server_close()


def names(server: Server) -> dict[str, str]:
    return {
        "nomic-api": "nomic-api:nomic-embed-text-v1.5",
        "ollama": "ollama:nomic-embed-text",
        "openai": f"openai:nomic-ai/nomic-embed-text-v1.5@{server.url}/v1",
    }


def finished(text: str, dimensions: int) -> np.ndarray:
    """The published way from the model's mean vector to a short one."""
    steps = find_model("nomic-embed-text-v1.5").post_processing
    return post_process(torch.from_numpy(raw_vector(text)[None]), steps, dimensions)[0].numpy()
