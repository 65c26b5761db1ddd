"""The encoder for CPUs computes what the reference encoder does, and a text has the same bits in any company."""

import threading
from pathlib import Path

import numpy as np
import pytest
import torch

from nomic_explore import Embedder
from nomic_explore.models.hardware import choose_dtype
from nomic_explore.models.pooling import pool, post_process
from nomic_explore.models.random_models import random_embedder
from nomic_explore.models.workers import map_alone

MODELS = ["minilm", "nomic-embed-text-v1", "nomic-embed-text-v1.5", "nomic-embed-text-v2-moe"]
WORDS = "map of words and topics near each other in vectors of a text that nobody wrote for it".split()


def texts_of_all_lengths() -> list[str]:
    random = np.random.default_rng(0)
    sizes = [1, 2, 30, 31, 60, 61, 62, 63, 64, 90, 126, 127, 128, 254, 255, 256, 400, *random.integers(1, 120, 60)]
    return [" ".join(random.choice(WORDS, size)) for size in sizes]


TEXTS = texts_of_all_lengths()


def formats() -> list[str]:
    """The number formats that this processor computes in."""
    possible = []
    for dtype in ("float32", "bfloat16", "int8"):
        try:
            choose_dtype(dtype, torch.device("cpu"))
        except ValueError:
            continue
        possible.append(dtype)
    return possible


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("random")


def open_model(name: str, dtype: str, folder: Path) -> Embedder:
    if name == "minilm":
        return Embedder(name, dtype=dtype, device="cpu")
    return Embedder(name, folder=random_embedder(name, folder)._backend.folder, dtype=dtype, device="cpu")


def reference(embedder: Embedder, texts: list[str]) -> np.ndarray:
    """Each text alone through `TextEncoder`, without packing."""
    backend = embedder._backend
    tokens = embedder._make_plan(texts, "clustering").tokens
    vectors = []
    for number in range(len(tokens.lengths)):
        ids, lengths = tokens.padded(np.array([number]))
        with torch.inference_mode():
            pooled = pool(backend.encoder, ids, lengths, backend.device)
            vectors.append(post_process(pooled, backend.model.post_processing, embedder.dimensions)[0].numpy())
    return np.array(vectors)


@pytest.mark.parametrize("name", MODELS)
def test_vectors_are_those_of_the_reference(name: str, folder: Path) -> None:
    texts = list(dict.fromkeys(TEXTS))
    exact = open_model(name, "float32", folder)
    expected = reference(exact, texts)
    np.testing.assert_allclose(exact.encode(texts), expected, atol=2e-6)
    for dtype in formats()[1:]:
        cosines = (open_model(name, dtype, folder).encode(texts) * expected).sum(axis=1)
        assert cosines.min() > 0.99


def test_long_texts_have_the_rotation_of_their_own_length(folder: Path) -> None:
    embedder = open_model("nomic-embed-text-v1", "float32", folder)
    lengths = (2030, 2060, 2500, 3000)  # trained on 2048: beyond, the rotation is slower
    texts = [" ".join(np.random.default_rng(n).choice(WORDS, n)) for n in lengths]
    vectors = embedder.encode(texts)
    np.testing.assert_allclose(vectors, reference(embedder, texts), atol=5e-6)
    for text, vector in zip(texts, vectors, strict=True):
        np.testing.assert_array_equal(embedder.encode([text])[0], vector)


@pytest.mark.parametrize("dtype", formats())
@pytest.mark.parametrize("name", MODELS)
def test_a_text_has_the_same_bits_in_any_company(name: str, dtype: str, folder: Path) -> None:
    embedder = open_model(name, dtype, folder)
    whole = embedder.encode(TEXTS)
    order = np.random.default_rng(3).permutation(len(TEXTS))
    np.testing.assert_array_equal(embedder.encode([TEXTS[n] for n in order]), whole[order])
    for size in (2, 7, 40):
        for start in range(0, len(TEXTS), size):
            np.testing.assert_array_equal(embedder.encode(TEXTS[start : start + size]), whole[start : start + size])
    for number in range(0, len(TEXTS), 5):
        np.testing.assert_array_equal(embedder.encode([TEXTS[number]])[0], whole[number])


@pytest.mark.parametrize("dtype", formats())
def test_a_text_has_the_same_bits_with_any_number_of_threads_and_under_load(dtype: str) -> None:
    embedder = Embedder("minilm", dtype=dtype, device="cpu")
    whole, n_threads = embedder.encode(TEXTS), torch.get_num_threads()
    stop = threading.Event()

    def work() -> None:
        square = torch.randn(300, 300)
        while not stop.is_set():
            square = (square @ square).clamp(-1, 1)

    other = threading.Thread(target=work)
    try:
        for n in (1, 2, 3):
            torch.set_num_threads(n)
            np.testing.assert_array_equal(embedder.encode(TEXTS), whole)
        other.start()
        np.testing.assert_array_equal(embedder.encode(TEXTS), whole)
    finally:
        torch.set_num_threads(n_threads)
        stop.set()
        other.join()


def test_the_threads_of_the_caller_stay_as_they_are() -> None:
    before = torch.get_num_threads()
    seen = set(map_alone(lambda _: (torch.get_num_threads(), threading.current_thread().name), range(40)))
    assert {n for n, _ in seen} == {1}
    assert threading.current_thread().name not in {name for _, name in seen}
    assert torch.get_num_threads() == before


def test_an_error_in_one_task_reaches_the_caller() -> None:
    with pytest.raises(ZeroDivisionError):
        list(map_alone(lambda number: 1 // number, [1, 0, 2]))
