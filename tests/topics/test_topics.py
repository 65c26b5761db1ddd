import pickle
from dataclasses import replace

import numpy as np
import pytest

from nomic_explore import Topics, build_graph, find_topics
from nomic_explore.topics import TopicProfile
from nomic_explore.topics.keyword_names import name_layers

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
    naming = name_layers([*about, *other], [labels], [np.array([-1, -1])])
    assert "Tony Blair" in naming.keywords[0][0]
    assert not {"Tony", "Blair"} & set(naming.keywords[0][0])
    assert naming.names[0][1] in ("Hills, rain", "Rain, hills")
    assert naming.weights[0][0][0] == 1.0
    assert naming.weights[0][0] == sorted(naming.weights[0][0], reverse=True)


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
    assert topics.to_pandas().query("layer == 0")["size"].sum() == (topics.layers[0] >= 0).sum()
    same = np.tile(documents(1)[1], (n, 1))
    assert len(np.unique(find_topics(["same"] * n, same, build_graph(same)).layers[-1])) == 1


def test_coverage_and_assignment_agree() -> None:
    topics = find(300)
    assert ((topics.assignment == "none") == (topics.layers[-1] < 0)).mean() > 0.99
    assert (topics.assignment != "none").mean() >= 0.95
    assert set(topics.assignment.tolist()) <= {"core", "soft", "none"}


def test_rows_without_a_document_have_no_topic() -> None:
    topics = find(20)._to_rows(np.array([3, -1, 3, 7]), 4)
    assert topics.layers[-1][1] == -1
    assert topics.assignment.tolist()[1] == "none"
    assert topics.layers[-1][0] == topics.layers[-1][2]


def test_bad_counts_are_refused() -> None:
    for options in ({"n_topics": 0}, {"n_layers": 0}):
        with pytest.raises(ValueError, match="expected a whole number"):
            find(20, **options)


def test_another_seed_finds_the_same_topics() -> None:
    for a, b in zip(find(300).layers, find(300, seed=7).layers, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_pronounced_number_of_topics_near_the_usual_one_is_taken() -> None:
    random = np.random.default_rng(3)
    centres = random.normal(size=(9, 40))
    vectors = (centres[np.arange(270) % 9] + 0.05 * random.normal(size=(270, 40))).astype(np.float32)
    topics = find_topics([f"word{row % 9}" for row in range(270)], vectors, build_graph(vectors), n_layers=1)
    assert len(topics.names[0]) == 9  # 14 is usual for 270 documents


def test_confidence_tells_true_topics_from_parts_of_one() -> None:
    texts, vectors = documents(240)
    graph = build_graph(vectors)
    sure = find_topics(texts, vectors, graph, n_topics=4, n_layers=1, stability=True).confidence[0]
    torn = find_topics(texts, vectors, graph, n_topics=40, n_layers=1, stability=True).confidence[0]
    assert (sure > 0.9).all()
    assert torn.mean() < 0.7
    assert np.isnan(find_topics(texts, vectors, graph, n_topics=4).confidence[0]).all()


def test_lone_documents_have_no_topic() -> None:
    texts, vectors = documents(300)
    random = np.random.default_rng(5)
    noise = random.normal(size=(6, 12)).astype(np.float32)
    both = np.concatenate([vectors, noise / np.linalg.norm(noise, axis=1, keepdims=True)])
    topics = find_topics([*texts, *["noise"] * 6], both, build_graph(both))
    assert (topics.assignment[300:] != "core").mean() > (topics.assignment[:300] != "core").mean()
    assert (topics.core().layers[0] >= 0).sum() == (topics.assignment == "core").sum()
    assert sum(topics.assignment_shares().values()) == pytest.approx(1.0)


def test_a_topic_is_found_by_number_and_by_name() -> None:
    topics = find(200, n_topics=4)
    name = topics.names[-1][2]
    np.testing.assert_array_equal(np.sort(topics.documents(name)), np.flatnonzero(topics.layers[-1] == 2))
    np.testing.assert_array_equal(topics.documents(2), topics.documents(name))
    assert (np.diff(topics.strength[topics.documents(2)]) <= 0).all()
    with pytest.raises(KeyError, match="no topic named 'Chess'"):
        topics.documents("Chess")
    with pytest.raises(IndexError, match="topic=9; expected 0 to 3"):
        topics.documents(9)
    with pytest.raises(IndexError, match="layer=5; expected 0 to"):
        topics.documents(0, layer=5)


def test_the_tree_holds_every_document_once_in_each_layer() -> None:
    topics = find(400)
    root = topics.tree()
    for layer, labels in enumerate(topics.layers):
        assert sum(node.size for node in root.walk() if node.layer == layer) == (labels >= 0).sum()
    for node in root.walk():
        assert not node.children or sum(child.size for child in node.children) == node.size or node is root
    assert str(root).splitlines()[0] == "all documents (400)"


def test_exemplars_are_unlike_each_other() -> None:
    texts, vectors = documents(40)
    vectors = np.concatenate([vectors, vectors])
    topics = find_topics([*texts, *texts], vectors, build_graph(vectors), n_topics=4)
    for rows in topics.exemplars[-1]:
        assert rows
        assert len({row % 40 for row in rows}) == len(rows)


def test_a_namer_names_topics_and_keywords_stay_where_it_fails() -> None:
    texts, vectors = documents(80)
    graph = build_graph(vectors)

    def name(profile: TopicProfile) -> tuple[str, str]:
        if "soup" in " ".join(profile.exemplars):
            raise RuntimeError("out of ideas")
        return f"About {profile.keywords[0]}", "A description."

    plain = find_topics(texts, vectors, graph, n_topics=4, n_layers=1)
    named = find_topics(texts, vectors, graph, n_topics=4, n_layers=1, namer=name)
    kept = [old for old, new in zip(plain.names[0], named.names[0], strict=True) if old == new]
    assert len(kept) == 1
    assert sorted(named.descriptions[0]) == ["", *["A description."] * 3]


def test_topics_show_themselves_in_one_line_and_as_an_escaped_tree() -> None:
    topics = find(200)
    topics.names[0][0] = "<b>stars & soup</b>"
    assert repr(topics).startswith(f"Topics(200 documents, {len(topics.names)} layers of ")
    assert len(repr(topics)) < 200
    assert "\n" not in repr(topics)
    html = topics._repr_html_()
    assert "&lt;b&gt;stars &amp; soup&lt;/b&gt;" in html
    assert "<b>" not in html
    assert html.count("<ul>") == html.count("</ul>") > 1


def test_a_notebook_shows_at_most_the_layers_that_hold_200_topics() -> None:
    labels = np.arange(300, dtype=np.int32)
    topics = replace(
        find(300),
        layers=(np.zeros(300, dtype=np.int32), labels),
        names=(["all"], [f"topic {topic}" for topic in labels]),
        parents=(np.array([-1]), np.zeros(300, dtype=np.int32)),
    )
    assert "1 finer layer is not shown; see to_pandas()." in topics._repr_html_()
    assert "topic 7" not in topics._repr_html_()


def test_pickled_topics_are_the_same() -> None:
    topics = find(50)
    again = pickle.loads(pickle.dumps(topics))
    assert again.names == topics.names
    for one, other in zip(again.layers, topics.layers, strict=True):
        np.testing.assert_array_equal(one, other)


def test_topics_without_documents_can_be_shown() -> None:
    topics = find_topics([], np.zeros((0, 4)), build_graph(np.zeros((0, 4))))
    assert repr(topics).startswith("Topics(0 documents, ")
    assert topics._repr_html_()
    assert len(topics.to_pandas()) == 0
