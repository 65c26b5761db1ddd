from collections.abc import Sequence

import numpy as np
import pytest

from nomic_explore import build_graph, find_topics
from nomic_explore.topics.edits import split_topic
from nomic_explore.topics.keyness import find_candidates
from nomic_explore.topics.keyword_names import name_layers
from nomic_explore.topics.phrase_vectors import learn_vectors
from nomic_explore.topics.phrases import count_phrases
from nomic_explore.topics.relabel import RowContents
from nomic_explore.topics.tokenize import read_words


def content(text: str, stop_words: Sequence[str] = ()) -> list[str]:
    words = read_words([text], stop_words)
    return [
        words.forms[token]
        for token, is_stop in zip(words.tokens, words.is_stop, strict=True)
        if token >= 0 and not is_stop
    ]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Let $x^2 + \\alpha$ be convex, see \\cite{Smith99}", ["convex"]),
        ('H\\"older spaces', ["Hölder", "spaces"]),
        ("Visit https://example.org/cats or mail cat@example.org about whales", ["Visit", "mail", "whales"]),
        (
            "From: someone@host\nNNTP-Posting-Host: host.edu\nSubject: Re: Engines\n\nEngines roar",
            ["Engines", "Engines", "roar"],
        ),
        ("jones wrote:\nrockets fly", ["rockets", "fly"]),
        ("```\nrocket = fly()\n```\nrockets", ["rockets"]),
        (">>> rocket = 1\nrockets", ["rockets"]),
        ("import numpy as np\nclass Rocket:\nrockets fly", ["rockets", "fly"]),
        ("<b>bold</b> rockets &amp; planes", ["bold", "rockets", "planes"]),
        ("call read_csv and obj.to_numpy() on tables", ["tables"]),
    ],
)
def test_markup_code_and_mail_are_no_words(text: str, left: list[str]) -> None:
    found = content(text)
    assert [word.replace("o\u0308", "ö") for word in found] == left or found == [
        word.replace("ö", "o") for word in left
    ]


@pytest.mark.parametrize(
    ("text", "stop", "kept"),
    [
        (
            "Die Hunde und die Katzen sind nicht in dem Garten mit der Mauer",
            {"Die", "und", "nicht"},
            {"Hunde", "Garten"},
        ),
        ("Los perros y los gatos no están en el jardín de la casa", {"Los", "en", "la"}, {"perros", "jardín"}),
        ("Собаки и кошки не были в саду, но они были на улице", {"и", "не", "на"}, {"Собаки", "саду"}),
        ("الكلاب في الحديقة من أجل القطط على الجدار", {"في", "من", "على"}, {"الكلاب", "الحديقة"}),
        ("科学家的研究在大学里", {"的", "在"}, {"研究", "大学"}),
    ],
)
def test_stop_words_are_those_of_the_language(text: str, stop: set[str], kept: set[str]) -> None:
    words = read_words([text])
    is_stop = {
        words.forms[token]: bool(flag) for token, flag in zip(words.tokens, words.is_stop, strict=True) if token >= 0
    }
    assert all(is_stop[word] for word in stop)
    assert not any(is_stop[word] for word in kept)


def test_each_document_has_the_stop_words_of_its_own_language() -> None:
    german = "Die Hunde und die Katzen sind nicht in dem Garten mit der hohen Mauer"
    english = "The dogs and the cats that die are not in the garden with a high wall"
    words = read_words([german, english] * 5)
    place = {
        (words.forms[t].lower(), int(d)): bool(s)
        for t, d, s in zip(words.tokens, words.document, words.is_stop, strict=True)
        if t >= 0
    }
    assert place["die", 0]
    assert not place["die", 1]


def test_plural_and_case_are_one_word_shown_as_it_is_usually_written() -> None:
    phrases = count_phrases(["Neural Networks", "neural networks learn", "the neural network", "neural networks"])
    assert "neural networks" in phrases.shown
    assert not {"neural network", "Neural Networks"} & set(phrases.shown)
    at = phrases.shown.index("neural networks")
    assert phrases.counts[:, at].toarray().ravel().tolist() == [1, 1, 1, 1]


def test_a_phrase_ends_at_a_stop_word_and_at_a_sign() -> None:
    shown = count_phrases(["red cat, blue sea and green hill", "quality of life"]).shown
    assert {"red cat", "blue sea", "green hill", "quality of life"} <= set(shown)
    assert not {"cat blue", "sea green", "of life"} & set(shown)


def test_unspaced_scripts_make_words_and_phrases_without_spaces() -> None:
    shown = count_phrases(["机器学习模型", "机器学习方法", "人工智能"]).shown
    assert any(phrase.startswith("机器") for phrase in shown)
    assert not any(" " in phrase for phrase in shown)


def test_a_learned_vector_is_that_of_the_phrase_and_not_of_its_company() -> None:
    # "cell" stands with "phone" and with "tissue": these carry the direction, not the word they share.
    random = np.random.default_rng(0)
    texts, vectors = [], []
    for row in range(600):
        field = row % 6
        word = ("phone", "tissue", "chess", "rain", "bread", "coal")[field]
        texts.append(f"{word}, {'cell' if field < 2 and random.random() < 0.5 else 'thing'}")
        vectors.append(np.eye(6)[field] + 0.05 * random.normal(size=6))
    phrases = count_phrases(texts)
    chosen = np.sort([phrases.shown.index(word) for word in ("cell", "phone", "tissue")])
    made = learn_vectors(phrases, chosen, np.array(vectors, dtype=np.float32))
    cell, phone, tissue = (made.vectors[made.place[phrases.shown.index(word)]] for word in ("cell", "phone", "tissue"))
    assert phone[0] > 0.7
    assert tissue[1] > 0.7
    assert abs(cell[0] - cell[1]) < 0.3


def test_candidates_of_a_topic_set_it_apart_from_its_siblings() -> None:
    texts = ["animal cat purrs"] * 10 + ["animal dog barks"] * 10 + ["engine oil leaks"] * 10
    labels = np.repeat([0, 1, 2], 10)
    phrases = count_phrases(texts)
    own = find_candidates(phrases, labels, np.array([0, 0, 1]))[0]
    ranked = [phrases.shown[at] for at in own.phrases]
    assert "animal" not in ranked[:1]
    assert "cat" in ranked[0] or "purrs" in ranked[0]


def test_names_are_unique_and_say_more_than_stop_words() -> None:
    texts = ["the and of"] * 6 + ["a the in"] * 6
    naming = name_layers(texts, [np.repeat([0, 1], 6)], [np.array([-1, -1])])
    assert len(set(naming.names[0])) == 2
    assert naming.names[0] == ["Topic (1)", "Topic (2)"]


def test_a_name_that_points_elsewhere_gives_way() -> None:
    # Of topic 0's two words one points to topic 1, as a model sees it.
    texts = ["sharp, knife"] * 8 + ["green, field"] * 8
    labels = np.repeat([0, 1], 8)
    vectors = np.eye(2, dtype=np.float32)[labels]

    def embed(shown: "list[str]") -> np.ndarray:
        return np.array(
            [[0.0, 1.0] if "sharp" in text or "green" in text or "field" in text else [1.0, 0.0] for text in shown]
        )

    naming = name_layers(texts, [labels], [np.array([-1, -1])], vectors=vectors, embed=embed)
    assert naming.names[0][0] == "Knife"


def test_names_do_not_depend_on_the_order_of_the_documents() -> None:
    texts = [f"{word} number {row}" for row in range(40) for word in ("cats purr", "dogs bark")]
    labels = np.tile([0, 1], 40)
    random = np.random.default_rng(2)
    vectors = (np.eye(2, 8)[labels] + 0.1 * random.normal(size=(80, 8))).astype(np.float32)
    order = random.permutation(80)
    straight = name_layers(texts, [labels], [np.array([-1, -1])], vectors=vectors)
    shuffled = name_layers([texts[row] for row in order], [labels[order]], [np.array([-1, -1])], vectors=vectors[order])
    assert straight.names == shuffled.names
    assert straight.keywords == shuffled.keywords


def test_a_small_topic_of_unlike_documents_has_a_name_of_their_words() -> None:
    small = [
        "Zebra crossing",
        "Quartz mine",
        "Violin bow",
        "Harbour crane",
        "Cactus bloom",
        "Glacier melt",
        "Falcon nest",
        "Tin roof",
    ]
    texts = [*small, *["zebra quartz violin harbour cactus glacier falcon tin"] * 2, *["bread and butter"] * 60]
    labels = np.array([0] * 8 + [1] * 62)
    naming = name_layers(texts, [labels], [np.array([-1, -1])])
    assert not naming.names[0][0].startswith("Topic")


@pytest.mark.parametrize(
    ("stop_words", "text", "left"),
    [
        (["cat"], "this is a red cat with the Cats and a CAT's tail", ["red", "tail"]),
        (["cat"], "only cats here", []),
        (["cats"], "this is a cat and these are the cats", ["cat"]),
        (["New York"], "new york and New York, York new", ["York"]),
        (["Hund"], "der Hund und die Maus sind in dem Haus", ["Maus", "Haus"]),
        (["homme"], "l'homme et le chien dans la maison", ["chien", "maison"]),
        (["СОБАКИ"], "Собаки и кошки не были в саду", ["кошки", "саду"]),
        (["研究"], "科学家的研究在大学里", ["科学家", "大学"]),
        (["123", "?", ""], "this is the red cat", ["red", "cat"]),
        (["whale"], "this is the red cat", ["red", "cat"]),
    ],
)
def test_given_stop_words_are_left_out_in_any_language_and_case(
    stop_words: list[str], text: str, left: list[str]
) -> None:
    assert content(text, stop_words) == left


def test_no_phrase_reaches_over_a_given_stop_word() -> None:
    texts = ["this is the bank of china", "that was the red bank of china"]
    assert "bank of china" in count_phrases(texts).shown
    assert count_phrases(texts, ["of"]).shown == ["bank", "china", "red", "red bank"]


def test_many_stop_words_equal_one_after_the_other() -> None:
    text = "red cats sleep while blue whales swim in cold deep water"
    one_by_one = set(content(text))
    for word in ("cat", "Whales", "cold deep"):
        one_by_one &= set(content(text, [word]))
    assert set(content(text, ["cat", "Whales", "cold deep"])) == one_by_one == {"red", "sleep", "blue", "swim", "water"}


CATS = ["the film of a red cat", "a film of the red cat", "the film of a blue sea", "film of the blue sea"]
SIDES = np.eye(2)[[0, 0, 1, 1]]


def test_topics_are_found_as_before_but_named_without_the_stop_words() -> None:
    graph = build_graph(SIDES)
    plain = find_topics(CATS, SIDES, graph, n_topics=2, n_layers=1)
    named = find_topics(CATS, SIDES, graph, n_topics=2, n_layers=1, stop_words=["RED", "sea"])
    np.testing.assert_array_equal(named.layers[0], plain.layers[0])
    assert sorted(plain.names[0]) == ["Blue sea", "Red cat"]
    assert sorted(named.names[0]) == ["Blue", "Cat"]
    assert not {"red", "sea"} & {
        word for layer in named.keywords for own in layer for key in own for word in key.split()
    }


def test_topics_split_by_hand_are_named_without_the_stop_words() -> None:
    topics = find_topics(CATS, SIDES, build_graph(SIDES), n_topics=1, n_layers=1)
    contents = RowContents(np.arange(4), CATS, lambda: SIDES, stop_words=["sea"])
    assert split_topic(topics, 0, 0, np.array([0, 0, 1, 1]), contents).names[0][1] == "Blue"


@pytest.mark.parametrize(
    ("stop_words", "words"),
    [
        ("film", r"stop_words is the string 'film'; expected a list of words, such as \['film'\]. The common words"),
        (["film", 3], r"stop_words\[1\] is 3; expected a word as a string"),
        ([None], r"stop_words\[0\] is None"),
    ],
)
def test_stop_words_that_are_no_list_of_words_are_refused(stop_words: list[str], words: str) -> None:
    with pytest.raises(TypeError, match=words):
        find_topics(CATS, SIDES, build_graph(SIDES), stop_words=stop_words)
