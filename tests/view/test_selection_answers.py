"""What the map answers about a selection and a search: counts, shares and orders compared with ones counted here."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from nomic_explore import Exploration, explore
from nomic_explore.testing import HashEmbedder
from nomic_explore.view.widget.atlas_map import AtlasMap

SUBJECTS = {
    "garden": "roses tulips compost hedges lawns seeds soil weeds bulbs ferns",
    "kitchen": "soup bread onions ovens butter spices pastry salads stews rice",
    "railway": "trains tracks signals tickets stations engines wagons tunnels guards fares",
}
VERBS = ("Grandmother talks about", "A book explains", "Nobody forgets", "The village needs")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Exploration:
    """120 sentences of three subjects; those on railways are late."""
    rows = [
        {"text": f"{verb} {word} of the {subject}.", "subject": subject, "is_late": subject == "railway"}
        for subject, words in SUBJECTS.items()
        for word in words.split()
        for verb in VERBS
    ]
    folder = tmp_path_factory.mktemp("subjects") / "x"
    return explore(pd.DataFrame(rows), "text", folder=folder, model=HashEmbedder(), show_progress=False)


@pytest.fixture
def atlas(made: Exploration) -> AtlasMap:
    return made.map(panels=False)


def ask(atlas: AtlasMap, question: str, **request: Any) -> Any:
    assert atlas.answers is not None
    return atlas.answers.answer(question, request)


def test_a_selection_says_what_its_documents_have_in_common(made: Exploration, atlas: AtlasMap) -> None:
    rows = atlas.select("subject:railway")
    told = ask(atlas, "describe_selection")
    assert (told["size"], told["share"]) == (40, pytest.approx(40 / 120))
    words = {one["word"]: (one["share"], one["other"]) for one in told["words"]}
    assert words["railway"] == (1.0, 0.0)
    assert words["trains"] == (pytest.approx(0.1), 0.0)
    assert "railway" in told["suggested"].lower()
    assert {"column": "subject", "value": "railway", "share": 1.0, "overall": 40 / 120, "lift": 3.0} in told["values"]
    assert [one["value"] for one in told["values"] if one["column"] == "is_late"] == ["true"]
    middle = made.vectors[rows].mean(axis=0)
    nearest = rows[np.argsort(-(made.vectors[rows] @ middle), kind="stable")[:5]]
    assert [line["row"] for line in told["typical"]] == nearest.tolist()


def test_the_topics_of_a_selection_add_up(made: Exploration, atlas: AtlasMap) -> None:
    rows = atlas.select(np.arange(0, 120, 7))
    told = ask(atlas, "describe_selection")
    for topic in told["topics"]:
        labels = made.topics.layers[topic["layer"]]
        assert topic["name"] == made.topics.names[topic["layer"]][topic["topic"]]
        assert topic["count"] == (labels[rows] == topic["topic"]).sum()
        assert topic["lift"] == pytest.approx(topic["share"] / (labels == topic["topic"]).mean())
    assert sum(topic["count"] for topic in told["topics"]) + told["elsewhere"] == len(rows)
    counts = [topic["count"] for topic in told["topics"]]
    assert counts == sorted(counts, reverse=True)


def test_all_documents_have_nothing_that_sets_them_apart(made: Exploration, atlas: AtlasMap) -> None:
    atlas.select(np.arange(120))
    told = ask(atlas, "describe_selection")
    assert (told["words"], told["values"], told["suggested"]) == ([], [], "")
    atlas.select([])
    with pytest.raises(ValueError, match="Nothing is selected"):
        ask(atlas, "describe_selection")


def test_the_same_selection_is_described_once(atlas: AtlasMap) -> None:
    atlas.select([1, 2, 3])
    first = ask(atlas, "describe_selection")
    assert ask(atlas, "describe_selection") is first
    atlas.select([1, 2])
    assert ask(atlas, "describe_selection")["size"] == 2


def test_hits_show_the_words_that_were_found(made: Exploration, atlas: AtlasMap) -> None:
    told = ask(atlas, "search", query="soup subject:kitchen", by="words")
    assert told["words"] == ["soup"]
    assert (told["scored"], told["nWithAll"], told["total"]) == ("words", 4, 4)
    assert all("soup" in hit["text"] for hit in told["hits"])
    scores = [hit["score"] for hit in told["hits"]]
    assert scores == sorted(scores, reverse=True)


def test_a_search_by_conditions_alone_counts_all_that_meet_them(atlas: AtlasMap) -> None:
    told = ask(atlas, "search", query="-subject:kitchen")
    assert (told["scored"], told["total"], told["words"]) == ("", 80, [])
    assert {hit["score"] for hit in told["hits"]} == {None}


def test_a_search_by_meaning_and_words_is_scored_from_0_to_1(atlas: AtlasMap) -> None:
    told = ask(atlas, "search", query="soup")
    assert (told["scored"], told["nWithAll"]) == ("match", None)
    assert all(0 <= hit["score"] <= 1 for hit in told["hits"])
    assert "soup" in told["hits"][0]["text"]
    assert ask(atlas, "like", points=[0])["scored"] == "similarity"


def test_highlighting_from_code_is_full(atlas: AtlasMap) -> None:
    atlas.hits, atlas.strengths = b"\1\0\0\0", b"\7"
    atlas.highlight([3, 4])
    assert np.frombuffer(atlas.hits, np.uint32).tolist() == atlas.data.point_of[[3, 4]].tolist()
    assert atlas.strengths == b""
