"""An embedder and a corpus travel to other processes."""

import pickle
from collections.abc import Callable
from typing import Any

import cloudpickle
import numpy as np
import pandas as pd
import pytest

from nomic_explore import Embedder, read_corpus
from nomic_explore.testing import HashEmbedder


@pytest.mark.parametrize("dumps", [pickle.dumps, cloudpickle.dumps])
@pytest.mark.parametrize("make", [lambda: Embedder("minilm", dtype="float32", long_text="mean"), HashEmbedder])
def test_an_unpickled_embedder_makes_the_same_vectors(
    make: Callable[[], Embedder], dumps: Callable[[Any], bytes]
) -> None:
    embedder = make()
    vectors = embedder.encode(["a cat", "a dog"])
    packed = dumps(embedder)
    assert len(packed) < 1000  # the weights stay where they are
    unpacked = pickle.loads(packed)
    assert type(unpacked) is type(embedder)
    assert unpacked.provenance() == embedder.provenance()
    np.testing.assert_array_equal(unpacked.encode(["a cat", "a dog"]), vectors)


def test_an_unpickled_corpus_is_the_same() -> None:
    corpus = read_corpus(pd.DataFrame({"text": ["a", None]}, index=["x", "y"]), drop_empty=False)
    unpacked = pickle.loads(pickle.dumps(corpus))
    assert (unpacked.texts, unpacked.ids, repr(unpacked)) == (corpus.texts, corpus.ids, repr(corpus))
    pd.testing.assert_frame_equal(unpacked.to_native(), corpus.to_native())
