import shutil
from pathlib import Path

import numpy as np
import pytest

from nomic_explore import Exploration, explore, open_exploration
from nomic_explore.testing import HashEmbedder
from nomic_explore.topics.assign import vote


def by_hand(vectors: np.ndarray, known: np.ndarray, labels: np.ndarray, n_neighbors: int) -> list[tuple[int, float]]:
    won = []
    for vector in vectors:
        ranked = sorted((row for row in range(len(known)) if labels[row] >= 0), key=lambda row: -(known[row] @ vector))
        votes: dict[int, float] = {}
        for row in ranked[:n_neighbors]:
            votes[int(labels[row])] = votes.get(int(labels[row]), 0.0) + max(0.0, float(known[row] @ vector))
        best = max(votes, key=votes.__getitem__)
        won.append((best, votes[best] / sum(votes.values())))
    return won


def test_the_vote_is_that_of_the_nearest_weighted_by_similarity(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    known, vectors = (np.abs(random.normal(size=(n, 5))) for n in (60, 20))
    known, vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in (known, vectors))
    labels = random.integers(-1, 4, size=60)
    monkeypatch.setattr("nomic_explore.topics.assign._BLOCK", 180)  # three vectors at a time
    won, share, nearest, similarity = vote(vectors, known, labels, n_neighbors=7)
    expected = by_hand(vectors, known, labels, 7)
    assert won.tolist() == [label for label, _ in expected]
    np.testing.assert_allclose(share, [part for _, part in expected], rtol=1e-5)
    assert nearest.tolist() == (vectors @ known.T).argmax(axis=1).tolist()
    np.testing.assert_allclose(similarity, (vectors @ known.T).max(axis=1), rtol=1e-6)


def test_nobody_votes_where_no_document_has_a_topic() -> None:
    won, share, nearest, _ = vote(np.eye(2), np.eye(2), np.array([-1, -1]), n_neighbors=3)
    assert (won.tolist(), share.tolist(), nearest.tolist()) == ([-1, -1], [0, 0], [0, 1])


def test_of_equal_votes_that_of_the_nearest_wins() -> None:
    known = np.array([[1.0, 0.0], [0.8, 0.6], [0.8, -0.6]])
    assert vote(np.array([[0.8, -0.6]]), known[1:], np.array([3, 9]), n_neighbors=1)[0].tolist() == [9]
    assert vote(known[:1], known[[1, 2]], np.array([9, 3]), n_neighbors=2)[0].tolist() == [9]


def test_documents_of_the_corpus_mostly_come_back_to_their_own_topic(lesson: Exploration) -> None:
    rows = np.arange(0, 300, 7)
    before = lesson.manifest, lesson.folder.stat().st_mtime_ns
    found = lesson.topics.predict([lesson.corpus.texts[row] for row in rows])
    assert list(found.columns) == [
        *("text", "topic", "topic_name", "path", "assignment", "strength", "nearest", "similarity")
    ]
    is_first = lesson._state.distinct.first[lesson._state.distinct.inverse[rows]] == rows
    assert (found["nearest"] == rows)[is_first].all()
    np.testing.assert_allclose(found["similarity"], 1.0, atol=1e-3)
    is_core = lesson.topics.assignment[rows] == "core"
    assert (found["topic"] == lesson.topics.layers[-1][rows])[is_core].mean() > 0.8
    assert (lesson.manifest, lesson.folder.stat().st_mtime_ns) == before


def test_a_path_leads_from_the_coarsest_topic_to_the_one_assigned(lesson: Exploration) -> None:
    topics = lesson.topics.current
    for one in lesson.topics.predict(["a telescope looks at distant galaxies", "onions boil in the soup"]).itertuples():
        assert (one.topic_name, len(one.path)) == (topics.names[-1][one.topic], len(topics.layers))
        row = int(topics.documents(one.topic)[0])
        assert one.path == [names[layer[row]] for names, layer in zip(topics.names, topics.layers, strict=True)]
        assert one.path[-1] == one.topic_name
        assert one.assignment == ("core" if one.strength >= 0.5 else "soft")


def test_a_text_unlike_all_others_is_in_no_topic(lesson: Exploration) -> None:
    found = lesson.topics.predict(["xq zzv 0000 ##"]).iloc[0]
    assert found["similarity"] < 0.5
    assert (found["assignment"], found["topic"], found["topic_name"], found["path"]) == ("none", -1, None, [])


def test_new_texts_follow_what_people_changed(lesson: Exploration, tmp_path: Path) -> None:
    exploration = open_exploration(shutil.copytree(lesson.folder, tmp_path / "x"))
    text = "a telescope looks at distant galaxies"
    topic = int(exploration.topics.predict([text])["topic"][0])
    exploration.topics.rename(len(exploration.topics.layers) - 1, topic, "Sky")
    assert exploration.topics.predict([text])["path"][0][-1] == "Sky"
    exploration.topics.merge(0, range(len(exploration.topics.names[0])), "All")
    assert exploration.topics.predict([text])["path"][0][0] == "All"


def test_no_texts_give_an_empty_frame(lesson: Exploration) -> None:
    assert lesson.topics.predict([]).shape == (0, 8)


def test_one_document_is_enough_to_assign_to(tmp_path: Path) -> None:
    exploration = explore(["soup boils", None], folder=tmp_path / "x", model=HashEmbedder(), show_progress=False)
    found = exploration.topics.predict(["onions boil"])
    assert (found["topic"][0], found["strength"][0], found["nearest"][0]) == (0, 1.0, 0)


@pytest.mark.parametrize(
    ("texts", "error", "words"),
    [
        ("one text", TypeError, "texts is one string; expected a list"),
        (["a", None], TypeError, r"texts\[1\] is None; expected a string"),
        (["a", "b", " \n"], ValueError, r"texts\[2\] is ' \\n'; expected some words. Leave it out"),
    ],
)
def test_what_is_no_text_is_refused(lesson: Exploration, texts: list[str], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        lesson.topics.predict(texts)
    with pytest.raises(ValueError, match="n_neighbors=0; expected"):
        lesson.topics.predict(["a"], n_neighbors=0)


def test_another_model_than_that_of_the_vectors_is_refused(lesson: Exploration) -> None:
    exploration = open_exploration(lesson.folder)
    exploration.manifest["stages"]["vectors"]["provenance"]["weights"] = "of another model"
    with pytest.raises(ValueError, match="is not what made the vectors"):
        exploration.topics.predict(["a"])
