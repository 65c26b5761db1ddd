"""Pretraining: packing, masks, the head, and learning to guess words."""

from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from nomic_explore.training.pretraining import (
    MaskedBatch,
    MaskedLanguageModel,
    PretrainingConfig,
    _backward,
    mask_tokens,
    pack,
    pretrain,
)
from nomic_explore.training.students import Student, load_student, new_student


@pytest.fixture
def tiny() -> Student:
    return new_student(width=32, n_layers=1, n_heads=2, name="tiny")


def test_texts_are_packed_without_padding_and_the_rest_is_dropped(tiny: Student) -> None:
    texts = ["a cat", "a dog ran"]  # 4 and 5 tokens with [CLS] and [SEP]
    packed = pack(tiny.tokenizer, texts, 4)
    flat = [number for text in texts for number in tiny.tokenizer.encode(text).ids]
    assert packed.ravel().tolist() == flat[:8]
    with pytest.raises(ValueError, match="the texts have 9 tokens; expected at least the 10 of one sequence"):
        pack(tiny.tokenizer, texts, 10)


def test_30_percent_are_chosen_of_which_80_are_masked_and_10_swapped(tiny: Student) -> None:
    word, mask = tiny.tokenizer.token_to_id("cat"), tiny.tokenizer.token_to_id("[MASK]")
    ids = np.full((100, 200), word, dtype=np.int32)
    ids[:, 0] = tiny.tokenizer.token_to_id("[CLS]")
    masked, places = mask_tokens(ids, tiny.tokenizer, 0.3, np.random.default_rng(0))
    chosen = masked.ravel()[places]
    assert len(places) / (100 * 199) == pytest.approx(0.3, abs=0.01)
    assert (chosen == mask).mean() == pytest.approx(0.8, abs=0.02)
    assert (chosen == word).mean() == pytest.approx(0.1, abs=0.02)
    untouched = np.setdiff1d(np.arange(ids.size), places)
    np.testing.assert_array_equal(masked.ravel()[untouched], ids.ravel()[untouched])
    assert (masked[:, 0] == ids[0, 0]).all()


def test_the_head_guesses_with_the_word_table(tiny: Student) -> None:
    model = MaskedLanguageModel(tiny.encoder)
    assert {name for name in model.state_dict() if name.startswith("cls.")} == {
        "cls.predictions.transform.dense.weight",
        "cls.predictions.transform.layer_norm.weight",
        "cls.predictions.transform.layer_norm.bias",
    }
    ids, places = torch.tensor([[101, 7, 103, 102]]), torch.tensor([2])
    head = model.cls["predictions"].transform
    hidden = F.silu(tiny.encoder(ids)[0, 2] @ head["dense"].weight.T)
    expected = F.layer_norm(hidden, (32,), eps=1e-12) @ tiny.encoder.embeddings.word_embeddings.weight.T
    torch.testing.assert_close(model(ids, places)[0], expected, atol=1e-5, rtol=1e-4)


def test_a_batch_in_parts_has_the_gradients_of_the_whole(tiny: Student) -> None:
    model = MaskedLanguageModel(tiny.encoder)
    ids = torch.randint(1000, 2000, (5, 8), generator=torch.Generator().manual_seed(0))
    places = torch.tensor([0, 3, 17, 18, 19, 39])
    batch = MaskedBatch(0, ids, places, ids.flatten()[places])
    found = []
    for chunk_tokens in (1000, 16, 8):
        model.zero_grad()
        numbers = _backward(model, batch, PretrainingConfig(chunk_tokens=chunk_tokens))
        found.append((numbers["loss"], [parameter.grad.clone() for parameter in model.parameters()]))
    torch.testing.assert_close(found[1], found[0], atol=1e-6, rtol=1e-4)
    torch.testing.assert_close(found[2], found[0], atol=1e-6, rtol=1e-4)


def test_words_are_guessed_better_after_training_and_the_model_is_saved(tiny: Student, tmp_path: Path) -> None:
    texts = ["the cat sat on the mat", "the dog ran to the door", "an owl slept in the tree"] * 20
    config = PretrainingConfig(length=16, batch_size=8, n_steps=40, learning_rate=0.02, dtype="float32")
    log = pretrain(tiny, texts, config, tmp_path)
    assert log["loss"].iloc[:3].mean() > 9.0
    assert log["loss"].iloc[-3:].mean() < 4.5
    assert log["accuracy"].iloc[-3:].mean() > 0.2
    torch.testing.assert_close(load_student(tmp_path).encoder.state_dict(), tiny.encoder.state_dict())
    assert (tmp_path / "head.safetensors").is_file()
