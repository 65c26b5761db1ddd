"""The public test doubles behave as what they stand for."""

from pathlib import Path

import numpy as np
import pytest

from nomic_explore import Embedder, explore, open_exploration
from nomic_explore.testing import FakeNamer, HashEmbedder

ANIMALS = [f"a {color} cat sleeps on the {place}" for color in ("black", "white") for place in ("mat", "sofa", "bed")]
SPACE = [f"a {color} star far beyond the {place}" for color in ("red", "blue") for place in ("sun", "moon", "comet")]


def test_vectors_have_unit_length_and_do_not_depend_on_company() -> None:
    embedder = HashEmbedder(16)
    vectors = embedder.encode([*ANIMALS, *SPACE, "", "!!!"])
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-6)
    np.testing.assert_array_equal(vectors[3], HashEmbedder(16).encode([ANIMALS[3]])[0])


def test_vectors_are_the_same_on_every_machine() -> None:
    np.testing.assert_allclose(HashEmbedder(4).encode(["apple"])[0], [-0.2088, 0.5676, 0.7651, -0.2209], atol=1e-3)


def test_texts_that_share_words_are_nearest() -> None:
    vectors = HashEmbedder().encode([*ANIMALS, *SPACE])
    similarities = vectors @ vectors.T
    assert similarities[:6, :6].min() > similarities[:6, 6:].max()


def test_words_beyond_the_limit_are_counted_and_not_read() -> None:
    long = " ".join(f"word{number}" for number in range(600))
    embedder = HashEmbedder()
    assert embedder.count_tokens([long]).tolist() == [602]
    np.testing.assert_array_equal(embedder.encode([long]), embedder.encode([long + " more"]))


def test_its_name_opens_the_same_model() -> None:
    np.testing.assert_array_equal(Embedder("hash:64").encode(ANIMALS), HashEmbedder(64).encode(ANIMALS))
    assert Embedder("hash:64").provenance() == HashEmbedder().provenance()


@pytest.mark.parametrize("name", ["hash:0", "hash:", "hash:many"])
def test_a_name_without_dimensions_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="unknown model 'hash:"):
        Embedder(name)


def test_pictures_are_refused() -> None:
    with pytest.raises(ValueError, match="reads text"):
        HashEmbedder().encode_images([b""])


def test_an_exploration_made_with_it_is_searched_after_reopening(tmp_path: Path) -> None:
    explore([*ANIMALS, *SPACE], model=HashEmbedder(), folder=tmp_path / "map", show_progress=False)
    opened = open_exploration(tmp_path / "map")
    assert opened.search("a blue star", 1)["text"].tolist()[0].startswith("a blue star")


def test_a_fake_namer_names_every_topic(tmp_path: Path) -> None:
    namer = FakeNamer()
    explored = explore(
        [*ANIMALS, *SPACE], model=HashEmbedder(), folder=tmp_path / "map", namer=namer, show_progress=False
    )
    n_topics = sum(len(names) for names in explored.topics.names)
    assert len(namer.asked) == n_topics
