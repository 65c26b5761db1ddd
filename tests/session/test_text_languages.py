"""The warning that most texts are in languages their model was not trained on."""

import warnings
from pathlib import Path

import numpy as np
import pytest

from nomic_explore import Exploration, explore

GERMAN = [f"Der Hund von Nummer {n} ist nicht in dem Haus und hat auch keine Katze mit sich" for n in range(40)]
ENGLISH = [f"The dog of number {n} is not in the house and it has no cat with it" for n in range(40)]
CODES = [f"X-{n}-KLM" for n in range(60)]


def build(texts: list[str], model: str, folder: Path) -> Exploration:
    """An exploration of texts whose vectors are said to come from a model."""
    vectors = np.random.default_rng(0).normal(size=(len(texts), 384 if model == "minilm" else 768))
    return explore(texts, vectors=vectors, model=model, folder=folder, show_progress=False)


def test_texts_in_a_language_the_model_was_not_trained_on_are_reported_once(tmp_path: Path) -> None:
    with pytest.warns(
        UserWarning, match=r"100% of 40 texts of a sample are in German, and minilm was trained on Engl"
    ) as told:
        exploration = build(GERMAN, "minilm", tmp_path / "german")
    assert len(told) == 1
    assert "model='nomic-embed-text-v2-moe' was trained on about 100 languages." in str(told[0].message)
    finding = exploration.corpus.audit["other language"]
    assert finding.count == 40
    assert [exploration.corpus.texts[row][:8] for row in finding.rows[:3]] == ["Der Hund"] * 3


def test_a_share_below_half_and_texts_without_a_language_are_not_reported(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        mixed = build([*GERMAN[:30], *ENGLISH], "minilm", tmp_path / "mixed")
        codes = build([*CODES, *GERMAN[:5]], "minilm", tmp_path / "codes")
    assert not mixed.corpus.audit["other language"].count
    assert not codes.corpus.audit["other language"].count


def test_a_model_of_many_languages_is_not_warned_of(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        build(GERMAN, "nomic-embed-text-v2-moe", tmp_path / "german")
