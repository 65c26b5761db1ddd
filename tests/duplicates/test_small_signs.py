"""Small signs carry meaning: where only these differ, a text is flagged for review and never dropped."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nomic_explore import deduplicate, find_duplicates
from nomic_explore.duplicates import Duplicates
from nomic_explore.duplicates.pairs import KINDS
from nomic_explore.duplicates.signs import differ_in_signs, group_by_signs, read_signs
from nomic_explore.duplicates.wording import find_own_words, is_reordered
from nomic_explore.graph import NeighborGraph, build_graph

SIGNS = {
    "superscripts and subscripts": [
        ("we counted about 10⁶ cells in each sample", "we counted about 106 cells in each sample"),
        ("the room has 10² seats for guests", "the room has 102 seats for guests"),
        ("The value of x² is small.", "The value of x2 is small."),
        ("They measured CO₂ there.", "They measured CO2 there."),
    ],
    "other digits and Roman numerals": [
        ("Chapter Ⅳ is long.", "Chapter IV is long."),
        ("room ③ is free", "room 3 is free"),
        ("The house has ٣ doors.", "The house has 3 doors."),
        ("The house has १२ doors.", "The house has 12 doors."),
        ("He fought in World War I.", "He fought in World War II."),
        ("This is about half: ½ of it.", "This is about half: 12 of it."),
    ],
    "hyphens": [
        ("Will he re-sign next year?", "Will he resign next year?"),
        ("They re-cover the old chairs.", "They recover the old chairs."),
        ("We met at the co-op.", "We met at the coop."),
        ("She re\u2010sent it.", "She resent it."),
    ],
    "emoji": [
        ("The new update is here 😡", "The new update is here"),
        ("Great work 👍", "Great work 👎"),
        ("I saw it ❤️", "I saw it 💔"),
        ("That was fun :)", "That was fun :("),
    ],
    "sharp s": [
        ("Er misst die Maße.", "Er misst die Masse."),
        ("Sie tat Buße.", "Sie tat Busse."),
        ("In Maßen trinken", "In Massen trinken"),
    ],
    "case of units": [
        ("The plant makes 5 MW.", "The plant makes 5 mW."),
        ("What is the difference to Mb?", "What is the difference to MB?"),
        ("It runs at 10 mHz now.", "It runs at 10 MHz now."),
        ("The dose was 5 mg.", "The dose was 5 Mg."),
        ("the plant makes 5 mw", "the plant makes 5 MW"),
    ],
    "question marks": [
        ("It works?", "It works."),
        ("They have sold it?", "They have sold it!"),
        ("Is it so? It works.", "Is it so. It works."),
        ("He paid?", "He paid"),
    ],
    "strike-through": [
        ("~~The offer is valid~~", "The offer is valid"),
        ("The offer is ~~not~~ valid", "The offer is not valid"),
        ("".join(letter + "\u0336" for letter in "The offer is valid"), "The offer is valid"),
        ("<del>The offer is valid</del>", "The offer is valid"),
    ],
    "case of addresses": [
        ("see https://ex.org/AbC now", "see https://ex.org/abc now"),
        ("Watch www.site.net/v?x=Qq.", "Watch www.site.net/v?x=qQ."),
        ("Go to github.com/Foo/Bar", "Go to github.com/foo/bar"),
        ("It is at http://a.b/Doc/1", "It is at http://a.b/doc/1"),
    ],
    "currencies": [
        ("It costs $5 here.", "It costs €5 here."),
        ("It costs £5 here.", "It costs 5 here."),
        ("about ₹100 or so", "about ¥100 or so"),
    ],
    "comparisons and operators": [
        ("if x > 5 then stop", "if x < 5 then stop"),
        ("if x ≥ 5 then stop", "if x ≤ 5 then stop"),
        ("a change of ±3 is normal", "a change of 3 is normal"),
        ("It was -5 degrees.", "It was 5 degrees."),
        ("the result is -x there", "the result is x there"),
        ("it is 5 × 3 there", "it is 5 + 3 there"),
    ],
    "footnote marks": [
        ("The rate* is fixed.", "The rate is fixed."),
        ("The rate¹ is fixed.", "The rate1 is fixed."),
        ("The rate† is fixed.", "The rate is fixed."),
        ("The rate[2] is fixed.", "The rate2 is fixed."),
    ],
}
WORDS = {
    "another letter": [
        ("What is the easiest way to become a billionaire?", "What is the easiest way to become a millionaire?"),
        ("How do I stop a house fire in an old building of wood?", "How do I stop a horse fire in an old building of wood?"),
        ("How do I choose clothes for a winter in a city by the sea?", "How do I choose clothes for a winner in a city by the sea?"),
        ("Where can I see an old castle from the train to the north?", "Where can I see an old cattle from the train to the north?"),
    ],
    "powers and Roman numerals": [
        ("about 10⁶ or so", "about 10⁸ or so"),
        ("Chapter Ⅳ is long.", "Chapter Ⅵ is long."),
        ("Is a byte of 2³ bits enough?", "Is a byte of 2⁴ bits enough?"),
    ],
    "places and names": [
        ("Which firms invest in Iran?", "Which firms invest in Iraq?"),
        ("Which firms of the country invest in Austria?", "Which firms of the country invest in Australia?"),
        ("What can I see in a week in India as a tourist?", "What can I see in a week in Indiana as a tourist?"),
        ("Who was the better player of the two in 2010, Mark?", "Who was the better player of the two in 2010, Marc?"),
    ],
    "abbreviations and letters": [
        ("What is the difference between EE and ECE engineering?", "What is the difference between EE and EE engineering?"),
        ("What are some words with L?", "What are some words with O?"),
        ("How do I learn to write programs in C quickly?", "How do I learn to write programs in R quickly?"),
        ("How do I learn to write programs in C# quickly?", "How do I learn to write programs in C++ quickly?"),
    ],
    "words in other places": [
        ("Do cats chase dogs?", "Do dogs chase cats?"),
        ("Is it better to rent a house first and then to buy a flat?", "Is it better to buy a house first and then to rent a flat?"),
        ("How do I convert dollars to euros?", "How do I convert euros to dollars?"),
        ("Did the man with the dog see the woman with the cat?", "Did the woman with the cat see the man with the dog?"),
        ("It costs $5 or €6 there.", "It costs €5 or $6 there."),
    ],
    "words like another": [
        ("Does the drug increase the risk of a stroke?", "Does the drug decrease the risk of a stroke?"),
        ("How does the price of oil affect the exports of Chad?", "How does the price of oil affect the imports of Chad?"),
        ("Can I put the cat in front of the window at night?", "Can I put the car in front of the window at night?"),
    ],
}  # fmt: skip
MORE = [
    ("What should I know before I start a job as an engineer?", "What should I know before I start a job as an engineer in Mali?"),
    ("Who won the final game of the cup in Madrid?", "Who won the final game of the cup in Madrid 1998?"),
    ("How can I make bread at home from flour and water?", "How can I make bread at home from only flour and water?"),
]  # fmt: skip
SAME = [
    ("Hello,   World", "hello world"),
    ("It works.", "It works"),
    ("It works!", "It works."),
    ("Why does it work", "Why does it work?"),
    ("How do I learn it??", "How do I learn it?"),
    ("In which country is it", "In which country is it?"),
    ("“It works” – he said", "\"It works\" - he said"),
    ("It’s the ﬁrst oﬃce", "It's the first office"),
    ("caf\u00e9 society", "cafe\u0301 society"),
    ("zero\u200bwidth \ufeffcharacters", "zerowidth characters"),
    ("**It works** here", "It works here"),
    ("*It works* here", "It works here"),
    ("- one thing\n- another", "one thing another"),
    ("# A title\nA text", "A title A text"),
    ("a well-known fact", "a well known fact"),
    ("an inter-\nnational fact", "an inter- national fact"),
    ("soft hy\u00adphen here", "soft hyphen here"),
    ("Straße", "STRASSE"),
    ("THE PLANT MAKES 5 MW OF POWER", "The plant makes 5 mW of power"),
    ("What Is The Use Of It", "What is the use of it"),
    ("Do NOT touch it", "Do not touch it"),
    ("We meet at 5 PM", "We meet at 5 pm"),
    ("See HTTPS://Ex.org/abc", "see https://ex.org/abc"),
    ("the years 1990\u20131995 here", "the years 1990-1995 here"),
    ("it was \u22125 degrees", "it was -5 degrees"),
    ("I saw it ❤️", "I saw it ❤"),
    ("Fun 😀😀😀", "Fun 😀"),
    ("ＡＢＣ １２３ full width", "ABC 123 full width"),
    ("So, this: a state-of-the-art (new) thing, no?", "So this a stateoftheart new thing no"),
]  # fmt: skip


def flatten(kinds: dict[str, list[tuple[str, str]]]) -> list[object]:
    return [
        pytest.param(*pair, id=f"{kind} {number}") for kind, pairs in kinds.items() for number, pair in enumerate(pairs)
    ]


def find_by_text(texts: list[str]) -> Duplicates:
    """Duplicates by text alone: all vectors are at right angles and no row has a neighbor."""
    n = len(texts)
    graph = NeighborGraph(np.zeros((n, 0), np.int32), np.zeros((n, 0), np.float32), 1.0, True)
    return find_duplicates(texts, np.eye(n), graph)


def find_by_all(texts: list[str]) -> Duplicates:
    """Duplicates among texts that are near in meaning, where all evidence drops."""
    vectors = np.ones((len(texts), 2), dtype=np.float32)
    return find_duplicates(texts, vectors, build_graph(vectors), kinds=KINDS)


@pytest.mark.parametrize(("one", "other"), flatten(SIGNS))
def test_texts_that_differ_in_a_small_sign_are_flagged_and_never_dropped(one: str, other: str) -> None:
    for texts in ([one, other], [other, one]):
        assert sorted(find_by_text(texts).roles) == ["keep", "review"]
        assert "drop" not in find_by_all(texts).roles
        assert sorted(deduplicate(texts, exact_only=True, show_progress=False).duplicates.roles) in (
            ["keep", "review"],
            ["unique", "unique"],
        )


@pytest.mark.parametrize(("one", "other"), flatten(WORDS))
def test_texts_that_differ_in_a_word_or_its_place_are_flagged_and_never_dropped(one: str, other: str) -> None:
    for texts in ([one, other], [other, one]):
        assert "drop" not in find_by_text(texts).roles
        assert sorted(find_by_all(texts).roles) == ["keep", "review"]


@pytest.mark.parametrize(("one", "other"), MORE)
def test_a_short_text_with_a_word_more_is_flagged_and_not_dropped(one: str, other: str) -> None:
    for texts in ([one, other], [other, one]):
        assert sorted(find_by_text(texts).roles) == ["keep", "review"]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_texts_that_differ_only_in_how_they_are_written_are_dropped(one: str, other: str) -> None:
    for texts in ([one, other], [other, one]):
        assert sorted(find_by_text(texts).roles) == ["drop", "keep"]


def test_a_sign_is_seen_in_a_long_text_in_which_nothing_else_differs() -> None:
    text = "The survey of the northern coast was made in two summers and found many birds of nine kinds. " * 6
    changed = text.replace("two summers", "two summers¹", 1)
    assert sorted(find_by_text([text + "They are 10⁶.", text + "They are 106."]).roles) == ["keep", "review"]
    assert sorted(find_by_text([text + "It is so?", text + "It is so."]).roles) == ["keep", "review"]
    assert sorted(find_by_text([text, changed]).roles) == ["keep", "review"]


def test_a_name_is_seen_in_a_long_text_in_which_nothing_else_differs() -> None:
    text = "The survey of the northern coast was made in two summers and found many birds of nine kinds in Iran. " * 3
    assert sorted(find_by_text([text, text.replace("Iran", "Iraq")]).roles) == ["keep", "review"]


def test_sentences_in_another_order_are_the_same_text() -> None:
    sentences = [
        "Cats sleep in the house by day.",
        "Dogs run in the garden at night.",
        "Nobody knows why they do that.",
    ]
    assert sorted(find_by_text([" ".join(sentences), " ".join(sentences[::-1])]).roles) == ["drop", "keep"]
    assert is_reordered("Dogs sleep in the house by day. Cats run.", "Cats sleep in the house by day. Dogs run.")


def test_a_misspelled_word_is_no_other_word_and_a_name_is() -> None:
    assert find_own_words("the dataset is goverment data".split(), "the data set is government data".split()) == (
        [],
        [],
    )
    assert find_own_words("born in Austria".split(), "born in Austia".split()) == (["Austria"], ["Austia"])
    assert find_own_words("they affect it".split(), "they effect it".split()) == (["affect"], ["effect"])


def test_the_flag_says_what_differs() -> None:
    pairs = find_by_text(["It costs $5 here.", "It costs €5 here."]).pairs
    assert pairs["signs_differ"].tolist() == [True]
    pairs = find_by_all(["How do I convert dollars to euros?", "How do I convert euros to dollars?"]).pairs
    assert pairs["order_differs"].tolist() == [True]


def test_many_texts_that_are_equal_but_for_signs_are_grouped_by_them() -> None:
    marks = ["", ".", "!", "?", "??", " ?", " 😡", "."]
    texts = [f"It works{mark}" for mark in marks]
    found = find_by_text(texts)
    kept = {texts[row] for row in np.flatnonzero(found.roles != "drop")}
    assert len(kept) == 3
    assert {read_signs(text).n_questions for text in kept} == {0, 1}
    assert "It works 😡" in kept


PIECES = st.sampled_from(
    ["it", "works", "re-sign", "resign", "5", "mW", "MW", "?", ".", "²", "😡", "$", "Maße", "masse", "x", "~~x~~"]
)


@settings(deadline=None, max_examples=60)
@given(texts=st.lists(st.lists(PIECES, min_size=1, max_size=4).map(" ".join), min_size=1, max_size=8))
def test_all_texts_of_a_group_agree_in_their_signs(texts: list[str]) -> None:
    leaders = group_by_signs(texts, lambda _: ())
    signs = [read_signs(text) for text in texts]
    for place, leader in enumerate(leaders):
        assert leader <= place
        assert not differ_in_signs(signs[place], signs[leader])
        assert not any(
            differ_in_signs(signs[place], signs[other]) for other in range(len(texts)) if leaders[other] == leader
        )


@settings(deadline=None, max_examples=60)
@given(one=st.text(max_size=12), other=st.text(max_size=12))
def test_what_differs_does_not_depend_on_which_text_comes_first(one: str, other: str) -> None:
    first, second = read_signs(one), read_signs(other)
    assert differ_in_signs(first, second) == differ_in_signs(second, first)
    assert not differ_in_signs(first, first)
