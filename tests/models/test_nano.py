"""The model of our own that comes with this package: found without a network, small, and rounded without a loss."""

import json
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from nomic_explore import Embedder
from nomic_explore.models.catalog import TASKS, find_model
from nomic_explore.models.checkpoints import load_text_encoder
from nomic_explore.models.quantized_weights import WORDS, dequantize, quantize
from nomic_explore.models.saving import save_text_encoder
from nomic_explore.models.weights import has_weights, identify_folder, locate_weights

PAIRS = (
    ("how to bake bread", "Mix flour, water, salt and yeast, let the dough rise, and put the loaf into a hot oven."),
    ("cure for malaria", "The parasite is carried by mosquitoes; patients are treated with artemisinin."),
    ("stars and planets", "Astronomers observe the light of distant suns and the worlds that circle them."),
    ("sorting numbers quickly", "An algorithm that orders a list of n items in n log n comparisons."),
    ("election result", "The party won most of the seats in parliament after the votes were counted."),
    ("chess openings", "White moves the pawn before the king; the bishop and the knight follow."),
)
QUERIES, DOCUMENTS = [query for query, _ in PAIRS], [document for _, document in PAIRS]


@pytest.fixture(scope="module")
def nano() -> Embedder:
    return Embedder("nano", device="cpu", dtype="float32")


def test_nano_is_found_without_a_network_and_has_at_most_8_megabytes() -> None:
    model = find_model("nano")
    folder = locate_weights(model)
    assert has_weights(model)
    assert sum(path.stat().st_size for path in folder.iterdir()) <= 8_000_000
    assert {"config.json", "model.safetensors", "vocab.txt"} <= {path.name for path in folder.iterdir()}


def test_its_row_in_the_catalog_tells_what_the_file_holds(nano: Embedder) -> None:
    encoder = load_text_encoder(locate_weights(nano.model))
    assert nano.model.n_parameters == sum(parameter.numel() for parameter in encoder.parameters())
    assert nano.model.width == encoder.config.width
    assert (encoder.config.is_gated, encoder.config.n_positions, encoder.config.has_biases) == (True, 0, False)
    assert nano.model.size_mb == round((locate_weights(nano.model) / "model.safetensors").stat().st_size / 1e6)


@pytest.mark.parametrize("dimensions", [256, 128, 64, 32])
def test_five_of_six_questions_find_their_document_at_every_size(dimensions: int) -> None:
    nano = Embedder("nano", dimensions, device="cpu", dtype="float32")
    similarities = nano.encode(QUERIES, "search_query") @ nano.encode(DOCUMENTS, "search_document").T
    assert similarities.shape == (6, 6)
    assert (similarities.argmax(axis=1) == np.arange(6)).sum() >= 5


def test_each_task_gives_vectors_of_its_own(nano: Embedder) -> None:
    vectors = [nano.encode(DOCUMENTS, task) for task in TASKS]
    for number, one in enumerate(vectors):
        for other in vectors[:number]:
            assert not np.allclose(one, other, atol=1e-2)


def test_512_tokens_are_read(nano: Embedder) -> None:
    one, other = "word " * 505 + "cat", "word " * 505 + "star"
    assert nano.max_tokens == 512
    assert not np.array_equal(*nano.encode([one, other], "search_document"))


def test_saved_in_the_published_layout_it_gives_the_same_vectors(nano: Embedder, tmp_path: Path) -> None:
    folder = nano.save(tmp_path / "nano")
    assert identify_folder(folder).name == "nano"
    expected = nano.encode(DOCUMENTS)
    np.testing.assert_allclose(Embedder(folder, device="cpu", dtype="float32").encode(DOCUMENTS), expected, atol=1e-5)
    assert load_file(folder / "model.safetensors")[WORDS].dtype == torch.float32


def test_sentence_transformers_reads_what_it_saves(nano: Embedder, tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer

    folder = nano.save(tmp_path / "nano")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = SentenceTransformer(str(folder), device="cpu")
        found = theirs.encode(DOCUMENTS, prompt_name="document")
    np.testing.assert_allclose(found, nano.encode(DOCUMENTS, "search_document"), atol=1e-4)


def test_rounding_in_4_bits_keeps_the_mean_of_many_rows() -> None:
    table = torch.randn(1000, 256, generator=torch.Generator().manual_seed(0))
    rounded = dequantize(quantize({WORDS: table}))[WORDS]
    cosine = torch.nn.functional.cosine_similarity
    assert cosine(rounded, table).min() > 0.98
    assert cosine(rounded.view(20, 50, 256).mean(dim=1), table.view(20, 50, 256).mean(dim=1)).min() > 0.98
    assert quantize({WORDS: table})[WORDS].nbytes == 1000 * 128


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**31), st.floats(0.1, 1e3))
def test_8_bits_are_never_off_by_more_than_a_step(seed: int, size: float) -> None:
    matrix = size * torch.randn(5, 12, generator=torch.Generator().manual_seed(seed))
    stored = quantize({"fc.weight": matrix})
    off = (dequantize(stored)["fc.weight"] - matrix).abs()
    assert (off <= 0.6 * stored["fc.weight.scale"].float()).all()


def test_rows_of_zeros_stay_zero_in_8_bits() -> None:
    assert dequantize(quantize({"a": torch.zeros(3, 4)}))["a"].abs().sum() == 0


def test_tensors_of_other_models_are_left_as_they_are() -> None:
    tensors = {"a": torch.ones(2, 3), "table": torch.zeros(2, 2, dtype=torch.int8), "b.scale": torch.ones(2)}
    assert all(found is tensors[name] for name, found in dequantize(tensors).items())


def test_a_scale_that_does_not_fit_is_refused_with_the_file(tmp_path: Path) -> None:
    folder = locate_weights(find_model("nano"))
    name = "encoder.layers.0.attn.Wqkv.weight.scale"
    tensors = load_file(folder / "model.safetensors")
    save_file({**tensors, name: tensors[name][:5].clone()}, tmp_path / "model.safetensors")
    (tmp_path / "config.json").write_bytes((folder / "config.json").read_bytes())
    with pytest.raises(
        ValueError, match=r"model.safetensors: tensor .*Wqkv.weight.scale has shape \(5, 1\), which does not fit"
    ):
        load_text_encoder(tmp_path)


def test_rounding_twice_changes_nothing(tmp_path: Path) -> None:
    encoder = load_text_encoder(locate_weights(find_model("nano")))
    save_text_encoder(encoder, tmp_path / "again", in_8_bits=True)
    again = load_text_encoder(tmp_path / "again")
    vectors = [each(torch.tensor([[101, 7592, 2088, 102]])).mean(dim=1) for each in (encoder, again)]
    assert torch.nn.functional.cosine_similarity(*vectors).item() > 0.999
    assert json.loads((tmp_path / "again" / "config.json").read_text())["model_type"] == "nomic_bert"
