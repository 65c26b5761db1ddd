"""Served models: the real clients against a server on this machine that speaks the three protocols."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from model_server import Server, finished, names, raw_vector, serving

from nomic_explore import explore, open_exploration
from nomic_explore.models import Embedder, services

TEXTS = [f"text number {number}" for number in range(25)]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Server]:
    with serving(monkeypatch, tmp_path) as server:
        yield server


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
    [
        (400, "400"),
        ("short", "vectors for"),
        ("NaN", "NaN"),
        ("ragged", r"entries; expected one length|vectors of 769"),
    ],
)
def test_a_service_that_answers_all_texts_so_is_given_up_at_once(
    server: Server, service: str, trouble: Any, message: str
) -> None:
    server.faults = {"": trouble}
    with pytest.raises(services.ServiceError, match=message):
        Embedder(names(server)[service]).encode(TEXTS[:8])
    assert len(server.requests) <= 4


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
    server.n_until_down = 2
    with pytest.raises(services.ServiceError, match="401"):
        explore(TEXTS, model=names(server)[service], folder=tmp_path / "map", show_progress=False)
    server.n_until_down, asked_before = None, len(server.requests)
    explore(TEXTS, model=names(server)[service], folder=tmp_path / "map", show_progress=False)
    assert sum(map(len, server.sent[asked_before:])) == 15


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
