import numpy as np
import pytest

from nomic_explore.topics.coarse_names import MAX_NAME, find_parts, name_by_parts
from nomic_explore.topics.keyword_names import name_layers

PARTS = [("Tensor, layer", 40), ("Plot, figure", 35), ("Table, column", 25)]


def test_a_coarse_name_has_a_phrase_of_each_large_part() -> None:
    offered = {"image": 1.0, "tensor": 0.4, "plot": 0.4, "column": 0.3}
    assert name_by_parts("Image", offered, PARTS) == "Tensor, plot, column"


def test_a_name_that_speaks_for_all_parts_stays() -> None:
    parts = [("Sea, ship", 5), ("Sea, fish", 5)]
    assert name_by_parts("Sea", {"sea": 1.0, "ship": 0.3, "fish": 0.3}, parts) == "Sea"


def test_a_name_that_speaks_for_less_than_half_says_so() -> None:
    parts = [(f"Word{number}, other{number}", 10) for number in range(10)]
    assert name_by_parts("Word1, word2", {"word1": 1.0, "word2": 0.9}, parts) == "Mixed: word1, word2"


@pytest.mark.parametrize("length", [5, 20, 60])
def test_a_name_has_room_on_a_map_and_no_word_twice(length: int) -> None:
    offered = {f"{'x' * length}{number}": 1.0 - number / 10 for number in range(5)} | {
        "tensor layer": 0.9,
        "layer": 0.9,
    }
    name = name_by_parts("Tensor", offered, PARTS)
    assert len(name) <= MAX_NAME
    assert name.lower().count("layer") <= 1


def test_a_taken_name_is_not_given_again() -> None:
    offered = {"tensor": 1.0, "plot": 0.5, "column": 0.5}
    assert name_by_parts("Image", offered, PARTS, avoided={"Tensor, plot, column"}) != "Tensor, plot, column"


def test_a_topic_without_documents_keeps_its_name() -> None:
    assert name_by_parts("Image", {"tensor": 1.0}, []) == "Image"


def test_parts_are_counted_in_documents() -> None:
    inside = np.array([True, True, False, True])
    assert find_parts(inside, np.array([2, 0, 0, -1]), ["a", "b", "c"]) == [("a", 1), ("c", 1)]


def test_no_topic_is_called_as_the_one_above_it_or_beside_it() -> None:
    subjects = ["red cat", "blue sea", "green tree", "old train"]
    texts = [f"{subject} number {row}" for row in range(10) for subject in subjects]
    finest = np.array([at for _ in range(10) for at in range(4)])
    naming = name_layers(texts, [finest // 2, finest], [np.array([-1, -1]), np.array([0, 0, 1, 1])])
    assert len({*naming.names[0], *naming.names[1]}) == 6
    for topic, name in enumerate(naming.names[0]):
        below = " ".join(naming.names[1][2 * topic : 2 * topic + 2]).lower()
        assert any(word in below for word in name.lower().replace(",", "").split())
