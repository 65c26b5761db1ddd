"""A corpus gives the same exploration however it came to be: built at once, grown, and with any number of threads."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nomic_explore import Exploration, explore, open_exploration
from nomic_explore.corpus.docstrings import docstring_corpus

ROOT = Path(__file__).parent.parent
N_BEFORE, N = 250, 300
BUILD = f"""
import sys
from nomic_explore import explore
from nomic_explore.corpus.docstrings import docstring_corpus
explore(docstring_corpus(limit={N}), folder=sys.argv[1], show_progress=False)
"""


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Exploration:
    return explore(docstring_corpus(limit=N), folder=tmp_path_factory.mktemp("fresh") / "map", show_progress=False)


def assert_same(found: Exploration, expected: Exploration) -> None:
    np.testing.assert_array_equal(found.vectors, expected.vectors)
    np.testing.assert_array_equal(found.graph.neighbors, expected.graph.neighbors)
    np.testing.assert_array_equal(found.graph.similarities, expected.graph.similarities)
    np.testing.assert_array_equal(found.positions, expected.positions)
    for layer, other in zip(found.topics.layers, expected.topics.layers, strict=True):
        np.testing.assert_array_equal(layer, other)
    assert found.topics.names == expected.topics.names


def test_a_corpus_that_grew_is_one_that_was_built_at_once(fresh: Exploration, tmp_path: Path) -> None:
    corpus = docstring_corpus(limit=N)
    explore(corpus.take(range(N_BEFORE)), folder=tmp_path / "map", show_progress=False)
    assert_same(explore(corpus, folder=tmp_path / "map", show_progress=False), fresh)


@pytest.mark.parametrize("n_threads", [1, 3])
def test_another_number_of_threads_builds_the_same(n_threads: int, fresh: Exploration, tmp_path: Path) -> None:
    limits = {"OMP_NUM_THREADS": str(n_threads), "NUMBA_NUM_THREADS": str(n_threads), "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", BUILD, tmp_path / "map"], env={**os.environ, **limits}, check=True)
    assert_same(open_exploration(tmp_path / "map"), fresh)
