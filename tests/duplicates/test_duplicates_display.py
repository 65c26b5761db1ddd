"""How results show themselves: one short line in a terminal, a small escaped table in a notebook, and pickled whole."""

import pickle
from typing import Any

import numpy as np
import pytest

from nomic_explore import build_graph, deduplicate, find_duplicates, find_leakage
from nomic_explore.duplicates.background import measure_background

TEXTS = ["<b>a cat</b>", "<b>A cat</b>", "a dog", "a dog", "a bird in the tree"]
VECTORS = np.eye(3)[[0, 0, 1, 1, 2]]
SPLIT = {"text": TEXTS, "split": ["train", "test", "train", "test", "train"]}
GRAPH = build_graph(VECTORS)
DUPLICATES = find_duplicates(TEXTS, VECTORS, GRAPH)
RESULTS = {
    "Duplicates": DUPLICATES,
    "Evidence": DUPLICATES.evidence,
    "Calibration": DUPLICATES.calibrate([(0, 1, True), (0, 2, False)]),
    "Background": measure_background(DUPLICATES.evidence, GRAPH),
    "Deduplication": deduplicate(TEXTS, vectors=VECTORS, show_progress=False),
    "Leakage": find_leakage(SPLIT, text="text", vectors=VECTORS, show_progress=False),
}


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_is_one_short_line(name: str) -> None:
    line = repr(RESULTS[name])
    assert line.startswith(f"{name}(")
    assert len(line) < 500
    assert "\n" not in line


@pytest.mark.parametrize("result", RESULTS.values(), ids=RESULTS)
def test_a_result_is_a_table_in_a_notebook_and_no_text_becomes_markup(result: Any) -> None:
    table = result._repr_html_()
    assert table.startswith("<table>")
    assert "<b>" not in table


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_survives_pickling(name: str) -> None:
    assert repr(pickle.loads(pickle.dumps(RESULTS[name]))) == repr(RESULTS[name])


def test_results_are_compared_by_identity() -> None:
    again = find_duplicates(TEXTS, VECTORS, GRAPH)
    assert again != DUPLICATES
    assert len({again, DUPLICATES}) == 2


def test_the_table_counts_what_is_dropped_by_kind() -> None:
    assert "<tr><th>exact</th><td>1</td><td>0</td></tr>" in DUPLICATES._repr_html_()
