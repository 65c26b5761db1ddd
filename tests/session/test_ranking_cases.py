"""What a search by words finds and shows: the cases that Python and the JavaScript of the exported page share."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nomic_explore import Exploration, explore
from nomic_explore.search.ranking import Matches, rank_matches
from nomic_explore.testing import HashEmbedder
from nomic_explore.view.data.text_snippets import cut_snippet

SHARED = json.loads((Path(__file__).parents[1] / "data" / "ranking_cases.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Exploration:
    folder = tmp_path_factory.mktemp("ranking") / "x"
    return explore(SHARED["texts"], folder=folder, model=HashEmbedder(), show_progress=False)


@pytest.mark.parametrize("case", SHARED["searches"], ids=lambda case: case["query"])
def test_words_are_ranked_as_in_the_page(searched: Exploration, case: dict[str, Any]) -> None:
    found = searched.search(case["query"], n=50, mode="keyword")
    scores = {str(row): score for row, score in zip(found["row"], found["score"], strict=True)}
    assert scores == pytest.approx(case["scores"], abs=2e-3)
    assert found["score"].is_monotonic_decreasing
    assert len(searched.query(case["query"])) == case["n_with_all"]


@pytest.mark.parametrize("case", SHARED["snippets"], ids=lambda case: case["text"][:12])
def test_a_text_is_cut_as_in_the_page(case: dict[str, Any]) -> None:
    snippet = cut_snippet(case["text"], case["words"], case["length"])
    assert snippet == case["snippet"]
    assert len(snippet) <= case["length"] + len("…  …")


def test_hits_are_sorted_by_their_score_in_every_mode(searched: Exploration) -> None:
    for mode, column in (("hybrid", None), ("semantic", "similarity"), ("keyword", None)):
        found = searched.search("random elements", n=50, mode=mode)
        assert found["score"].is_monotonic_decreasing
        assert column is None or found["score"].tolist() == found[column].tolist()
        assert mode != "hybrid" or found["score"].between(0, 1).all()


def test_a_match_score_weighs_meaning_and_words() -> None:
    similarities, bm25 = np.array([0.9, 0.5, 0.1, 0.1, 0.1]), np.array([0.0, 2.0, 4.0, 0.0, 0.0])
    matches = Matches(similarities, bm25, semantic=np.array([0, 1, 2]), keyword=np.array([2, 1]))
    found = rank_matches(matches, "hybrid", 5)
    assert found["document"].tolist() == [0, 1, 2]
    assert found["score"].tolist() == pytest.approx([0.6, 0.6 * 0.5 + 0.4 * 0.5, 0.4])
    assert found["found_by"].tolist() == ["semantic", "hybrid", "hybrid"]
