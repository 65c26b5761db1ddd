"""Machines without a network: nothing waits for it, and what needs it says at once what to do."""

import shutil
import socket
import subprocess
import sys
import types
from collections.abc import Iterator
from pathlib import Path

import huggingface_hub
import numpy as np
import pytest
from huggingface_hub import constants

from nomic_explore import Embedder, read_corpus
from nomic_explore.models import find_model, has_weights, sentence_transformers
from nomic_explore.models.random_models import random_embedder

ROOT = Path(__file__).parents[2]
HUB_IDS = ("nomic-embed-text-v1.5", "sentence-transformers/all-mpnet-base-v2", "BAAI/bge-small-en-v1.5")


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


@pytest.fixture
def no_hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty cache, a hub that refuses, and a client of the hub that must not be used; returns the cache."""

    def fail(*arguments: object, **options: object) -> None:
        raise AssertionError("the client of the hub was used")

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr(huggingface_hub, "snapshot_download", fail)
    monkeypatch.delenv("NOMIC_EXPLORE_MODELS", raising=False)
    return tmp_path / "cache"


@pytest.mark.parametrize("name", HUB_IDS)
@pytest.mark.parametrize("hub", ["refuses", "is silent"])
def test_a_model_that_is_not_here_fails_with_the_ways_out(
    no_hub: Path, silent_port: int, name: str, hub: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if hub == "is silent":
        monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{silent_port}")
    with pytest.raises(OSError, match=r"a download from http://127.0.0.1:\d+ is not possible") as failed:
        Embedder(name).encode(["a cat"])
    for words in ("give a folder", "NOMIC_EXPLORE_MODELS", f"call that folder {Path(name).name}", "HF_HUB_OFFLINE=1"):
        assert words in str(failed.value)
    assert "--model minilm" in str(failed.value)


def test_offline_by_choice_nothing_is_asked(no_hub: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(OSError, match="HF_HUB_OFFLINE is set, so nothing was downloaded"):
        Embedder("sentence-transformers/all-mpnet-base-v2")


def test_a_data_set_of_the_hub_fails_with_the_ways_out(no_hub: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def load_dataset(*arguments: object, **options: object) -> None:
        raise AssertionError("the hub was asked")

    monkeypatch.setitem(sys.modules, "datasets", types.SimpleNamespace(load_dataset=load_dataset))  # type: ignore[arg-type]
    with pytest.raises(OSError, match=r"hf://datasets/acme/news cannot be read: a download .*pass its files"):
        read_corpus("hf://datasets/acme/news")


def test_models_lie_in_the_folders_that_a_variable_lists(
    no_hub: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    random_embedder("nomic-embed-text-v1.5", tmp_path / "made")
    folder = next(path.parent for path in (tmp_path / "made").rglob("model.safetensors"))
    shutil.copytree(folder, tmp_path / "models" / "nomic-embed-text-v1.5")
    Embedder("minilm").save(tmp_path / "models" / "all-mpnet-base-v2")
    assert not has_weights(find_model("nomic-embed-text-v1.5"))
    monkeypatch.setenv("NOMIC_EXPLORE_MODELS", f"/nowhere:{tmp_path / 'models'}")
    assert has_weights(find_model("nomic-embed-text-v1.5"))
    listed = Embedder("sentence-transformers/all-mpnet-base-v2")
    assert listed.source == "sentence-transformers/all-mpnet-base-v2"
    assert "weights_sha256" in listed.provenance()
    expected = Embedder("minilm", dtype="float32").encode(["a cat"])
    np.testing.assert_allclose(listed.encode(["a cat"]), expected, atol=1e-4)


def test_a_cached_model_is_opened_without_the_hub_and_quietly(
    no_hub: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    repository = no_hub / "models--acme--small"
    Embedder("minilm").save(repository / "snapshots" / ("a" * 40))
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("a" * 40, encoding="utf-8")
    monkeypatch.setenv("HF_HUB_CACHE", str(no_hub))
    opened = []
    connect = socket.socket.connect
    monkeypatch.setattr(socket.socket, "connect", lambda own, place: (opened.append(place), connect(own, place)))
    assert Embedder("acme/small").encode(["a cat"]).shape == (1, 384)
    assert opened == []
    assert capfd.readouterr().err == ""


def test_a_cached_model_that_lacks_a_module_is_not_taken_for_whole(no_hub: Path) -> None:
    repository = no_hub / "models--acme--small"
    folder = Embedder("minilm").save(repository / "snapshots" / ("a" * 40))
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("a" * 40, encoding="utf-8")
    assert sentence_transformers._cached_whole("acme/small") == str(folder)
    shutil.rmtree(folder / "1_Pooling")
    assert sentence_transformers._cached_whole("acme/small") == ""


USE_ALL = """
import socket, sys

def allow(place):
    assert isinstance(place, (str, bytes)) or place[0] in ("127.0.0.1", "::1", "localhost"), f"asked for {place}"

def guard(name):
    own = getattr(socket.socket, name)
    def call(self, place):
        allow(place)
        return own(self, place)
    setattr(socket.socket, name, call)

guard("connect"); guard("connect_ex")
look_up = socket.getaddrinfo
def looking_up(host, *rest, **options):
    allow((host,))
    return look_up(host, *rest, **options)
socket.getaddrinfo = looking_up

import importlib, pkgutil, nomic_explore
for module in pkgutil.walk_packages(nomic_explore.__path__, "nomic_explore."):
    importlib.import_module(module.name)
from nomic_explore import explore, deduplicate, compare
texts = [f"note {n} about {('owls', 'ships', 'stars')[n % 3]} and the {n % 7}th day" for n in range(60)]
exploration = explore(texts, folder="map", show_progress=False)
exploration.search("birds"); exploration.map(); exploration.topics.predict(["an owl"])
exploration.save_html("map.html"); exploration.save_png("map.png"); exploration.save_parquet("map.parquet")
deduplicate(texts, show_progress=False).save("kept.parquet")
print("done", file=sys.stdout)
"""


def test_the_default_way_opens_no_connection_and_prints_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", USE_ALL],
        cwd=tmp_path,
        env={"PATH": "", "PYTHONPATH": str(ROOT), "HOME": str(tmp_path), "HF_HOME": str(tmp_path / "hub")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("done\n", "")
