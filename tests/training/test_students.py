"""Students start as asked, and what is saved is read by three libraries."""

from pathlib import Path

import numpy as np
import pytest
import torch

from nomic_explore import Embedder
from nomic_explore.models.tokens import tokenize
from nomic_explore.training.batches import chunks_by_length, embed_texts
from nomic_explore.training.matryoshka import cut, halvings, recall_by_size
from nomic_explore.training.students import Student, load_student, new_encoder, new_student, start_table

TEXTS = ["The cat sat on the mat.", "A dog ran.", "Reading takes time, and so does writing; both are worth it."]


@pytest.fixture
def tiny() -> Student:
    return new_student(width=32, n_layers=2, n_heads=2, name="tiny")


def test_new_weights_are_drawn_by_their_seed(tiny: Student) -> None:
    state = tiny.encoder.state_dict()
    assert float(state["encoder.layers.1.attn.Wqkv.weight"].std()) == pytest.approx(0.02, rel=0.1)
    assert state["emb_ln.weight"].tolist() == [1.0] * 32
    again = new_student(width=32, n_layers=2, n_heads=2).encoder.state_dict()
    other = new_student(width=32, n_layers=2, n_heads=2, seed=1).encoder.state_dict()
    torch.testing.assert_close(again, state, atol=0, rtol=0)
    assert not torch.equal(other["encoder.layers.1.attn.Wqkv.weight"], state["encoder.layers.1.attn.Wqkv.weight"])
    assert all(parameter.requires_grad for parameter in tiny.encoder.parameters())


def test_shapes_that_cannot_be_saved_are_refused(tiny: Student) -> None:
    with pytest.raises(ValueError, match="width=30; expected a multiple of 2 n_heads, 8"):
        new_student(width=30)
    with pytest.raises(ValueError, match="inner_width=300; expected a multiple of 256"):
        new_student(width=32, inner_width=300)
    with pytest.raises(ValueError, match=r"table has shape \(5, 16\); expected at most \(30528, 32\)"):
        new_student(width=32, table=torch.zeros(5, 16))
    from dataclasses import replace

    with pytest.raises(ValueError, match="n_tokens=64, but the tokenizer has 30522 tokens"):
        new_encoder(replace(tiny.encoder.config, n_tokens=64), tiny.tokenizer)


def test_a_projected_table_keeps_which_words_are_alike() -> None:
    with pytest.raises(ValueError, match="width=512; expected at most 384"):
        start_table("minilm", 512)
    table = start_table("minilm", 128)
    student = new_student(width=128, n_layers=1, table=table)
    words = student.encoder.embeddings.word_embeddings.weight[:30522].detach()
    torch.testing.assert_close(words, table, atol=0, rtol=0)
    numbers = [student.tokenizer.token_to_id(word) for word in ("paris", "london", "seven")]
    paris, london, seven = torch.nn.functional.normalize(table[numbers], dim=1)
    assert float(paris @ london) > 2 * float(paris @ seven)


def test_a_saved_student_is_read_by_three_libraries(tiny: Student, tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer
    from transformers import AutoModel

    student = tiny.with_dimensions(halvings(32, 8))
    folder = student.save(tmp_path / "tiny-v1.5")
    tokens = tokenize(student.tokenizer, TEXTS, "clustering: ", 64)
    means = embed_texts(student.encoder, tokens, range(3))
    expected = cut(means, 32)
    ours = Embedder(folder, dtype="float32", device="cpu")
    np.testing.assert_allclose(ours.encode(TEXTS, "clustering"), expected, atol=2e-6)
    peer = SentenceTransformer(str(folder), device="cpu", trust_remote_code=False)
    np.testing.assert_allclose(peer.encode(TEXTS, prompt_name="clustering"), expected, atol=2e-6)
    native = AutoModel.from_pretrained(folder, trust_remote_code=False).eval()
    assert type(native).__module__.startswith("transformers.models.nomic_bert")
    ids = torch.tensor(student.tokenizer.encode("clustering: " + TEXTS[1]).ids)[None]
    with torch.inference_mode():
        mean = native(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state.mean(dim=1)
    np.testing.assert_allclose(mean[0], means[1], atol=2e-6)


def test_a_saved_student_is_loaded_as_it_was(tiny: Student, tmp_path: Path) -> None:
    again = load_student(tiny.with_dimensions((32, 16)).save(tmp_path / "any name"))
    torch.testing.assert_close(again.encoder.state_dict(), tiny.encoder.state_dict(), atol=0, rtol=0)
    assert again.model == tiny.with_dimensions((32, 16)).model
    assert all(parameter.requires_grad for parameter in again.encoder.parameters())


def test_minilm_is_a_student_too(tmp_path: Path) -> None:
    student = load_student("minilm")
    assert (student.model.name, student.model.max_tokens, student.n_parameters) == ("minilm", 256, 22_565_376)
    assert student.model.weights_sha256 is None  # the published weights are about to change
    with torch.no_grad():
        student.encoder.emb_ln.weight.mul_(1.5)
    folder = student.save(tmp_path / "tuned")
    expected = embed_texts(student.encoder, tokenize(student.tokenizer, TEXTS, "", 256), range(3))
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(Embedder(folder, dtype="float32", device="cpu").encode(TEXTS), expected, atol=2e-6)
    assert load_student(folder).model == student.model


def test_texts_of_like_length_are_padded_together() -> None:
    lengths = np.random.default_rng(0).integers(2, 100, 50)
    chunks = list(chunks_by_length(lengths, 256))
    assert sorted(np.concatenate(chunks).tolist()) == list(range(50))
    assert all(-(-int(lengths[chunk].max()) // 16) * 16 * len(chunk) <= 256 for chunk in chunks)


def test_sizes_are_halved_to_the_smallest() -> None:
    assert halvings(192) == (192, 96, 48)
    assert halvings(32, 32) == (32,)


def test_recall_falls_where_vectors_are_cut_that_were_not_trained_for_it() -> None:
    draw = np.random.default_rng(0)
    documents = draw.normal(size=(200, 64))
    queries = documents + draw.normal(size=(200, 64))
    table = recall_by_size(queries, documents, (64, 4))
    assert table["recall_at_1"][0] > 0.95 > 0.3 > table["recall_at_1"][1]
    assert (table["recall_at_10"] >= table["recall_at_1"]).all()
