"""Two texts word by word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nomic_explore.view.data.word_diff import diff_words

TEXTS = st.text(alphabet="ab1 .,Ä\u0301\u200d👍\n", max_size=60)


def joined(segments: list[list[str]], *ops: str) -> str:
    return "".join(text for op, text in segments if not ops or op in ops)


@given(TEXTS, TEXTS)
def test_the_segments_of_short_texts_join_to_the_texts(text: str, other: str) -> None:
    found = diff_words(text, other)
    assert [joined(side) for side in found.sides] == [text, other]
    assert (found.n_before, found.n_after) == (0, (0, 0))


@given(TEXTS, TEXTS)
def test_both_sides_share_the_same_words_in_the_same_order(text: str, other: str) -> None:
    one, two = diff_words(text, other).sides
    assert joined(one, "same").split() == [] or "".join(joined(one, "same").split()) == "".join(
        joined(two, "same").split()
    )


@given(TEXTS, TEXTS)
def test_a_long_text_is_told_to_the_last_character(text: str, other: str) -> None:
    found = diff_words(text, other, max_words=3)
    for side, whole, n_after in zip(found.sides, (text, other), found.n_after, strict=True):
        assert whole.startswith(joined(side))
        assert len(joined(side)) + n_after == len(whole)


def test_equal_texts_have_nothing_of_their_own() -> None:
    assert diff_words("A cat sat.", "A cat sat.").sides == ([["same", "A cat sat."]],) * 2
    assert diff_words("", "").sides == ([], [])


@pytest.mark.parametrize(
    ("text", "other", "own"),
    [
        ("It costs 12 euro.", "It costs 15 euro.", ["number", "12"]),
        ("Open at 22:40 daily", "Open at 21:10 daily", ["number", "22:40"]),
        ("We met in Rome then", "We met in Paris then", ["name", "Rome"]),
        ("Cats sleep", "Dogs sleep", ["own", "Cats"]),  # a capital at the start of a sentence says nothing
        ("the cat slept", "the dog slept", ["own", "cat"]),
        ("call NASA now", "call ESA now", ["own", "NASA"]),
        ("a b c", "a c", ["own", "b"]),
    ],
)
def test_what_one_text_says_alone_is_marked_with_its_kind(text: str, other: str, own: list[str]) -> None:
    marked = [segment for segment in diff_words(text, other).sides[0] if segment[0] != "same"]
    assert [[op, part.strip()] for op, part in marked] == [own]


def test_spaces_make_no_difference_but_capitals_and_signs_do() -> None:
    assert {op for op, _ in diff_words("a  cat\n", "a cat").sides[0]} == {"same"}
    assert joined(diff_words("A cat", "a cat").sides[0], "own") == "A"
    assert joined(diff_words("a cat!", "a cat").sides[0], "own") == "!"


def test_accents_and_emoji_are_not_torn_apart() -> None:
    one, two = diff_words("x e\u0301 👩🏽\u200d🚀 y", "x e 👩🏻\u200d🚀 y").sides
    assert joined(one, "own") == "e\u0301 👩🏽\u200d🚀"
    assert joined(two, "own") == "e 👩🏻\u200d🚀"


def test_a_script_without_spaces_is_compared_sign_by_sign() -> None:
    assert joined(diff_words("東京は晴れ", "東京は雨").sides[0], "own") == "晴れ"


def test_a_short_word_amid_what_differs_is_no_agreement() -> None:
    one, _ = diff_words("red green the blue black", "one two three the four five six").sides
    assert [op for op, _ in one] == ["own"]


def test_a_megabyte_is_shown_round_its_first_difference() -> None:
    words = [f"w{number % 977}" for number in range(200_000)]
    changed = [*words[:100_000], "changed", *words[100_001:]]
    text, other = " ".join(words), " ".join(changed)
    found = diff_words(text, other)
    assert len(text) > 900_000
    assert joined(found.sides[1], "own") == "changed"
    assert 0 < text.index(joined(found.sides[0])[:200]) <= found.n_before
    assert found.n_before + len(joined(found.sides[0])) + found.n_after[0] == len(text)
    assert max(len(joined(side)) for side in found.sides) < 20_000


def test_words_beyond_the_cut_are_not_called_different() -> None:
    words = [f"w{number}" for number in range(900)]
    found = diff_words(" ".join(words), " ".join(["new"] * 300 + words))
    assert joined(found.sides[0], "own", "number") == ""
    assert found.n_after[0] > 0


@pytest.mark.parametrize("word", ["the ", "x", ".", "\0", "5"])
def test_one_word_again_and_again_ends(word: str) -> None:
    found = diff_words(word * 300_000, word * 300_000 + "end")
    assert found.sides[0]
