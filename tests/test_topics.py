import numpy as np
import pytest

from nomic_explore import Topics, build_graph, find_topics
from nomic_explore.topics.naming import name_layers

SUBJECTS = (
    "trains and railway stations",
    "soup and cooking onions",
    "galaxies and telescopes",
    "violin and piano music",
)


def documents(n: int, seed: int = 0) -> tuple[list[str], np.ndarray]:
    random = np.random.default_rng(seed)
    centres = np.eye(4, 12)
    vectors = centres[np.arange(n) % 4] + 0.12 * random.normal(size=(n, 12))
    texts = [f"This is a note about {SUBJECTS[row % 4]} number {row}" for row in range(n)]
    return texts, (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def find(n: int, **options: int) -> Topics:
    texts, vectors = documents(n)
    return find_topics(texts, vectors, build_graph(vectors), **options)


def test_each_topic_lies_inside_one_parent() -> None:
    topics = find(400)
    assert len(topics.layers) > 1
    for coarse, fine, parents in zip(topics.layers, topics.layers[1:], topics.parents[1:], strict=False):
        has_topic = fine >= 0
        np.testing.assert_array_equal(parents[fine[has_topic]], coarse[has_topic])


def test_the_number_of_topics_is_met_and_more_topics_only_split() -> None:
    few, many = find(200, n_topics=4).layers[-1], find(200, n_topics=9).layers[-1]
    assert (len(np.unique(few)), len(np.unique(many))) == (4, 9)
    for topic in np.unique(many):
        assert len(np.unique(few[many == topic])) == 1
    np.testing.assert_array_equal(
        np.sort([len(np.unique(np.arange(200)[few == topic] % 4)) for topic in range(4)]), [1] * 4
    )


def test_names_say_what_the_documents_are_about() -> None:
    topics = find(200, n_topics=4, n_layers=1)
    for topic, name in enumerate(topics.names[-1]):
        row = topics.exemplars[-1][topic][0]
        assert any(word in SUBJECTS[row % 4] for word in name.lower().replace(",", "").split()), name
    assert len(set(topics.names[-1])) == 4


def test_a_word_that_stands_in_one_phrase_is_said_as_that_phrase() -> None:
    about = ["Tony Blair met voters", "Voters heard Tony Blair", "Tony Blair and the voters"]
    other = ["rain over the hills", "hills in the rain", "more rain and hills"]
    labels = np.array([0, 0, 0, 1, 1, 1], dtype=np.int32)
    names, keywords = name_layers([*about, *other], [labels], [np.array([-1, -1])])
    assert "Tony Blair" in keywords[0][0]
    assert not {"Tony", "Blair"} & set(keywords[0][0])
    assert names[0][1] in ("Hills, rain", "Rain, hills")


def test_shuffled_documents_get_the_permuted_topics() -> None:
    texts, vectors = documents(150)
    order = np.random.default_rng(2).permutation(150)
    straight = find_topics(texts, vectors, build_graph(vectors))
    shuffled = find_topics([texts[row] for row in order], vectors[order], build_graph(vectors[order]))
    for a, b in zip(straight.layers, shuffled.layers, strict=True):
        np.testing.assert_array_equal(b, a[order])
    assert shuffled.names == straight.names


@pytest.mark.parametrize("n", [1, 2, 10, 100])
def test_small_corpora_have_topics_too(n: int) -> None:
    topics = find(n)
    assert (topics.layers[-1] >= 0).mean() >= 0.95
    assert topics.frame().query("layer == 0")["size"].sum() == (topics.layers[0] >= 0).sum()
    same = np.tile(documents(1)[1], (n, 1))
    assert len(np.unique(find_topics(["same"] * n, same, build_graph(same)).layers[-1])) == 1


def test_coverage_and_assignment_agree() -> None:
    topics = find(300)
    assert ((topics.assignment == "none") == (topics.layers[-1] < 0)).mean() > 0.99
    assert (topics.assignment != "none").mean() >= 0.95
    assert set(topics.assignment.tolist()) <= {"core", "soft", "none"}


def test_rows_without_a_document_have_no_topic() -> None:
    topics = find(20).spread(np.array([3, -1, 3, 7]), 4)
    assert topics.layers[-1][1] == -1
    assert topics.assignment.tolist()[1] == "none"
    assert topics.layers[-1][0] == topics.layers[-1][2]


def test_bad_counts_are_refused() -> None:
    for options in ({"n_topics": 0}, {"n_layers": 0}):
        with pytest.raises(ValueError, match="expected a whole number"):
            find(20, **options)
