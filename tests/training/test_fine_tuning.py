"""Fine-tuning: held-out pairs choose the weights that are kept and say when to stop."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nomic_explore import Embedder
from nomic_explore.training.contrastive import ContrastiveConfig, measure_loss, read_texts
from nomic_explore.training.fine_tuning import FineTuningConfig, fine_tune
from nomic_explore.training.held_out import split_pairs
from nomic_explore.training.pairs import Pairs
from nomic_explore.training.students import load_student, new_student

CONFIG = FineTuningConfig(
    n_epochs=30,
    held_out=0.25,
    n_checks=1,
    patience=2,
    contrastive=ContrastiveConfig(batch_size=8, learning_rate=3e-3, temperature=0.05, dtype="float32"),
)


@pytest.fixture
def before(tmp_path: Path) -> Path:
    """A small model with random weights."""
    return new_student(width=32, n_layers=1, n_heads=2, name="before").save(tmp_path / "before")


@pytest.fixture
def pairs() -> Pairs:
    """Pairs of two notations of a number, which can be learned from some for all."""
    digits = "zero one two three four five six seven eight nine".split()
    numbers = [f"{number:02d}" for number in range(64)]
    spoken = [" ".join(digits[int(digit)] for digit in number) for number in numbers]
    return Pairs([" ".join(number) for number in numbers], spoken, np.array(["numbers"] * 64))


def held_out_loss(folder: Path, pairs: Pairs) -> float:
    student = load_student(folder)
    held = split_pairs(pairs, CONFIG.held_out, seed=CONFIG.contrastive.seed)[1]
    texts = read_texts(student, held, CONFIG.contrastive)
    return measure_loss(student, texts, CONFIG.contrastive, range(len(held)))


def test_the_best_state_is_kept_and_named_after_its_folder(before: Path, pairs: Pairs, tmp_path: Path) -> None:
    log = fine_tune(before, pairs, tmp_path / "after", CONFIG, show_progress=False)
    assert log["step"].iloc[0] == -1
    assert log["held_out_loss"].iloc[0] == pytest.approx(held_out_loss(before, pairs), rel=1e-4)
    assert held_out_loss(tmp_path / "after", pairs) == pytest.approx(log["held_out_loss"].min(), rel=1e-4)
    assert log["held_out_loss"].min() < 0.7 * log["held_out_loss"].iloc[0]
    assert Embedder(tmp_path / "after").model.name == "after"


def test_a_second_call_keeps_the_best_state(before: Path, pairs: Pairs, tmp_path: Path) -> None:
    config = replace(CONFIG, n_epochs=4, patience=9)
    log = fine_tune(before, pairs, tmp_path / "after", config, show_progress=False)
    weights = (tmp_path / "after" / "model.safetensors").read_bytes()
    again = fine_tune(before, pairs, tmp_path / "after", config, show_progress=False)
    assert (tmp_path / "after" / "model.safetensors").read_bytes() == weights
    assert len(again) == len(log)


def test_training_stops_when_held_out_pairs_get_worse(before: Path, pairs: Pairs, tmp_path: Path) -> None:
    shuffled = replace(pairs, documents=np.random.default_rng(0).permutation(pairs.documents).tolist())
    log = fine_tune(before, shuffled, tmp_path / "after", CONFIG, show_progress=False)
    losses = log["held_out_loss"].dropna()
    assert len(log) < 1 + 30 * 6  # pairs that can only be learned by heart
    assert (losses.iloc[-2:] > losses.min()).all()
    assert held_out_loss(tmp_path / "after", shuffled) == pytest.approx(losses.min(), rel=1e-4)


def test_a_model_of_the_catalog_is_tuned_under_another_name(pairs: Pairs, tmp_path: Path) -> None:
    config = replace(CONFIG, n_epochs=1, contrastive=replace(CONFIG.contrastive, learning_rate=1e-5))
    fine_tune("minilm", pairs, tmp_path / "numbers", config, show_progress=False)
    tuned, original = Embedder(tmp_path / "numbers"), Embedder("minilm")
    assert tuned.model.name == "numbers"
    assert tuned.max_tokens == original.max_tokens
    similarity = (tuned.encode(["three four"]) * original.encode(["three four"])).sum()
    assert 0.9 < similarity < 0.999999


def test_too_few_pairs_are_refused(before: Path, pairs: Pairs, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="3 pairs, of which held_out=0.25 leaves 2 to learn from and 1 to test with"):
        fine_tune(before, pairs.take([0, 1, 2]), tmp_path / "after", CONFIG)
