"""The file in which a trained model says how it is used."""

import json
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest

from nomic_explore import Embedder
from nomic_explore.models.catalog import TASKS, find_model
from nomic_explore.models.descriptions import DESCRIPTION, read_description, write_description
from nomic_explore.models.random_models import random_embedder


@pytest.fixture
def trained(tmp_path: Path) -> Path:
    """A folder of small random weights whose name says nothing, with a description of its own."""
    folder = tmp_path / "mine"
    random_embedder("nomic-embed-text-v1.5", tmp_path / "random").save(folder)
    prefixes = MappingProxyType({task: f"{task} > " for task in TASKS})
    row = replace(
        find_model("nomic-embed-text-v1.5"),
        **{"name": "mine", "width": 128, "dimensions": (128, 32), "max_tokens": 64, "prefixes": prefixes},
    )
    write_description(row, folder)
    return folder


def test_a_folder_says_how_its_model_is_used(trained: Path) -> None:
    embedder = Embedder(trained)
    assert embedder.model.name == "mine"
    assert embedder.model.dimensions == (128, 32)
    assert embedder.max_tokens == 64
    assert embedder.prefix("search_query") == "search_query > "
    assert Embedder(trained, 32).encode(["a cat"]).shape == (1, 32)


def test_a_described_model_is_opened_again_by_its_source(trained: Path) -> None:
    embedder = Embedder(trained)
    again = Embedder(embedder.source)
    assert again.model == embedder.model
    assert np.array_equal(again.encode(["a cat"]), embedder.encode(["a cat"]))


def test_a_saved_model_needs_no_telling_name(tmp_path: Path) -> None:
    made = random_embedder("nomic-embed-text-v1.5", tmp_path / "random")
    made.save(tmp_path / "copy")
    assert Embedder(tmp_path / "copy").model.name == "nomic-embed-text-v1.5"
    assert np.array_equal(Embedder(tmp_path / "copy").encode(["a cat"]), made.encode(["a cat"]))


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("width", None, "width is None"),
        ("width", True, "width is True"),
        ("prefixes", {"search_query": ""}, "that this version does not know"),
        ("prefixes", dict.fromkeys(TASKS, 3), "that this version does not know"),
        ("dimensions", [], "that this version does not know"),
        ("dimensions", [4096], "that this version does not know"),
        ("dimensions", [[]], "that this version does not know"),
        ("post_processing", ["whiten", "l2"], "that this version does not know"),
        ("post_processing", [{}], "that this version does not know"),
        ("pooling", "max", "that this version does not know"),
        ("reads", "sound", "that this version does not know"),
    ],
)
def test_a_description_that_cannot_be_used_is_refused(trained: Path, key: str, value: object, told: str) -> None:
    path = trained / DESCRIPTION
    path.write_text(json.dumps(json.loads(path.read_text()) | {key: value}))
    with pytest.raises(ValueError, match=told):
        Embedder(trained)


def test_a_description_that_lacks_an_entry_is_refused(trained: Path) -> None:
    path = trained / DESCRIPTION
    path.write_text(json.dumps({"name": "mine"}))
    with pytest.raises(ValueError, match="description is missing"):
        read_description(trained)
