"""Served models: the real clients against a server on this machine that speaks the three protocols."""

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from nomic_explore import explore, open_exploration
from nomic_explore.models import Embedder, services
from nomic_explore.models.catalog import find_model
from nomic_explore.models.pooling import post_process

TEXTS = [f"text number {number}" for number in range(25)]


def raw_vector(text: str, width: int = 768) -> np.ndarray:
    """What the server's model makes of a text."""
    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")
    return np.random.default_rng(seed).standard_normal(width).astype(np.float32)


class Server:
    """Answers as the services do; `troubles` are used up first, one a request."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, Any]] = []
        self.troubles: list[Any] = []
        self.bad_text = ""
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
                    trouble = server.troubles.pop(0) if server.troubles else None
                if isinstance(trouble, int):
                    return self.answer(trouble, {"error": f"trouble {trouble}", "detail": f"trouble {trouble}"})
                if trouble == "silence":
                    time.sleep(3)
                return self.answer(*server.embed(self.path, content, trouble))

            def answer(self, status: int, content: Any) -> None:
                body = json.dumps(content).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True).start()

    def embed(self, path: str, content: Any, trouble: Any) -> tuple[int, Any]:
        if path == "/v1/embedding/image":
            n = content.count(b'; name="images"')
            return 200, {
                "embeddings": [raw_vector("image").tolist()] * n,
                "usage": {},
                "model": "nomic-embed-vision-v1.5",
            }
        texts = content.get("texts", content.get("input"))
        if self.bad_text and any(self.bad_text in text for text in texts):
            return 400, {"error": "bad text", "detail": "bad text"}
        if path == "/api/embed" and not content["truncate"] and any(len(text) > self.limit for text in texts):
            return 400, {"error": "the input length exceeds the context length"}
        vectors = [
            raw_vector(text[: self.limit], content.get("dimensionality") or self.width).tolist() for text in texts
        ]
        if trouble == "short":
            vectors.pop()
        if trouble == "NaN":
            vectors[0][3] = float("nan")
        if trouble == "ragged":
            vectors[0].append(1.0)
        if path == "/v1/embedding/text":
            return 200, {"embeddings": vectors, "usage": {"total_tokens": 1}, "model": content["model"]}
        if path == "/api/embed":
            unit = [(np.array(v) / np.linalg.norm(v)).tolist() for v in vectors]
            return 200, {"model": content["model"], "embeddings": unit}
        data = [{"index": number, "embedding": vector} for number, vector in enumerate(vectors)]
        return 200, {"data": data[::-1] if trouble == "wrong order" else data}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Server]:
    import nomic
    from nomic import embed

    server = Server()
    (tmp_path / "nomic").mkdir()
    monkeypatch.setattr(nomic.cli, "nomic_base_path", tmp_path / "nomic")
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


@pytest.mark.parametrize("service", ["ollama", "openai"])
@pytest.mark.parametrize("dimensions", [768, 64])
def test_prefixes_and_short_vectors_are_those_of_the_published_model(
    server: Server, service: str, dimensions: int
) -> None:
    embedder = Embedder(names(server)[service], dimensions)
    vectors = embedder.encode(TEXTS, "search_query")
    expected = np.stack([finished(f"search_query: {text}", dimensions) for text in TEXTS])
    np.testing.assert_allclose(vectors, expected, atol=1e-5)


def test_nomics_api_adds_the_prefix_and_cuts_itself(server: Server) -> None:
    vectors = Embedder(names(server)["nomic-api"], 64).encode(TEXTS, "clustering")
    sent = [content for path, content in server.requests if path == "/v1/embedding/text"]
    assert sorted(text for content in sent for text in content["texts"]) == sorted(TEXTS)
    assert {(c["model"], c["task_type"], c["dimensionality"]) for c in sent} == {
        ("nomic-embed-text-v1.5", "clustering", 64)
    }
    assert max(len(content["texts"]) for content in sent) == 10
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


@pytest.mark.parametrize("service", ["nomic-api", "ollama", "openai"])
@pytest.mark.parametrize("trouble", [429, 500])
def test_an_overloaded_server_is_asked_again(server: Server, service: str, trouble: int) -> None:
    server.width = 768
    embedder = Embedder(names(server)[service])
    calm = embedder.encode(TEXTS)
    server.troubles = [trouble, trouble]
    np.testing.assert_array_equal(embedder.encode(TEXTS), calm)


@pytest.mark.parametrize("service", ["ollama", "openai"])
def test_a_silent_server_is_asked_again(server: Server, service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "_TIMEOUT", 1.0)
    server.troubles = ["silence"]
    assert Embedder(names(server)[service]).encode(TEXTS).shape == (25, 768)


@pytest.mark.parametrize("service", ["nomic-api", "ollama", "openai"])
@pytest.mark.parametrize(
    ("trouble", "message"),
    [(400, "400"), ("short", "vectors for"), ("NaN", "NaN"), ("ragged", r"entries; expected one length")],
)
def test_answers_that_cannot_be_used_are_refused(server: Server, service: str, trouble: Any, message: str) -> None:
    server.troubles = [trouble]
    with pytest.raises(services.ServiceError, match=message):
        Embedder(names(server)[service]).encode(TEXTS[:8])


def test_answers_in_another_order_are_put_right(server: Server) -> None:
    embedder = Embedder(names(server)["openai"])
    calm = embedder.encode(TEXTS)
    server.troubles = ["wrong order"]
    np.testing.assert_array_equal(embedder.encode(TEXTS), calm)


@pytest.mark.parametrize("service", ["ollama", "openai"])
def test_a_server_that_fails_for_good_is_named(server: Server, service: str) -> None:
    server.troubles = [503] * 9
    with pytest.raises(services.ServiceError, match=f"{service}:.* answered 503"):
        Embedder(names(server)[service]).encode(TEXTS)


@pytest.mark.parametrize("service", ["ollama", "openai"])
def test_a_server_that_is_not_there_is_named(server: Server, monkeypatch: pytest.MonkeyPatch, service: str) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "http://127.0.0.1:9")
    name = names(server)[service].replace(server.url, "http://127.0.0.1:9")
    with pytest.raises(services.ServiceError, match="cannot be reached.*Does the server run"):
        Embedder(name).encode(TEXTS)


@pytest.mark.parametrize("service", ["nomic-api", "ollama", "openai"])
def test_what_was_paid_for_is_kept(
    server: Server, service: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "_REQUEST_TEXTS", dict.fromkeys(services._REQUEST_TEXTS, 5))
    server.bad_text = "number 7"
    with pytest.raises(services.ServiceError):
        explore(TEXTS, model=names(server)[service], folder=tmp_path / "map", show_progress=False)
    server.bad_text, asked_before = "", len(server.requests)
    explore(TEXTS, model=names(server)[service], folder=tmp_path / "map", show_progress=False)
    sent = [c.get("texts", c.get("input")) for _, c in server.requests[asked_before:]]
    assert sum(map(len, sent)) < 25


def test_texts_beyond_ollamas_context_are_cut_and_counted(server: Server) -> None:
    server.limit = 60
    long = "word " * 30
    with pytest.warns(UserWarning, match="lost the end of 1 texts"):
        vectors = Embedder(names(server)["ollama"]).encode([*TEXTS, long])
    np.testing.assert_allclose(vectors[-1], finished(f"clustering: {long}"[:60], 768), atol=1e-5)
    np.testing.assert_allclose(vectors[0], finished(f"clustering: {TEXTS[0]}", 768), atol=1e-5)


def test_a_served_model_that_is_not_in_the_catalog_is_asked_for_its_size(server: Server) -> None:
    server.width = 96
    embedder = Embedder("ollama:all-minilm:33m")
    assert embedder.dimensions == 96
    vector = raw_vector("a cat", 96)
    np.testing.assert_allclose(embedder.encode(["a cat"])[0], vector / np.linalg.norm(vector), atol=1e-6)


def test_another_model_behind_a_known_name_is_noticed(server: Server) -> None:
    server.width = 96
    with pytest.raises(services.ServiceError, match="answered vectors of 96 entries"):
        Embedder(names(server)["ollama"]).encode(TEXTS)


def test_an_exploration_of_a_served_model_is_searched_through_it(server: Server, tmp_path: Path) -> None:
    explore(TEXTS, model=names(server)["ollama"], folder=tmp_path / "map", show_progress=False)
    exploration = open_exploration(tmp_path / "map")
    exploration.search("text", mode="semantic")
    assert server.requests[-1][1]["input"] == ["clustering: text"]
    assert exploration.manifest["stages"]["vectors"]["provenance"]["backend"] == "ollama"


def test_pictures_are_embedded_by_nomics_api(server: Server) -> None:
    vectors = Embedder("nomic-api:nomic-embed-vision-v1.5").encode_images([np.zeros((9, 9, 3), np.uint8)] * 3)
    expected = raw_vector("image") / np.linalg.norm(raw_vector("image"))
    np.testing.assert_allclose(vectors, np.tile(expected, (3, 1)), atol=1e-6)


def test_without_a_key_the_way_out_is_told(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOMIC_API_KEY")
    with pytest.raises(services.ServiceError, match="Run `nomic login` or set NOMIC_API_KEY"):
        Embedder(names(server)["nomic-api"]).encode(TEXTS)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("ollama:", "names no model"),
        ("openai:bge-m3", "names no server; expected 'openai:MODEL@http://HOST:PORT'"),
        ("nomic-api:nomic-embed-text-v2-moe", "Nomic's API has no nomic-embed-text-v2-moe"),
        ("nomic-api:gpt", "unknown model 'gpt'"),
    ],
)
def test_names_that_are_not_whole_are_refused(name: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Embedder(name)
