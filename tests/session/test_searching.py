from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from nomic_explore import Exploration, explore
from nomic_explore.search.conditions import meets
from nomic_explore.search.query import Condition, Query, parse_query

COLUMNS = ["year", "kind", "a column", "tags"]
TEXTS = [
    "The cat slept on the warm windowsill.",
    "A kitten chased its own tail.",
    "The dog barked at the postman.",
    "Puppies learn to walk on a lead.",
    "Interest rates rose by half a percent.",
    "The bank lowered its rates again.",
    "Кошка спит на окне.",
    "",
]


@pytest.fixture(scope="module")
def animals(tmp_path_factory: pytest.TempPathFactory) -> Exploration:
    table = {
        "text": TEXTS,
        "kind": ["pet", "pet", "pet", "pet", "money", "money", "pet", "money"],
        "year": [2009, 2010, 2011, 2012, 2013, None, 2015, 2016],
        "day": [f"20{10 + at}-03-0{at + 1}" for at in range(8)],
    }
    folder = tmp_path_factory.mktemp("animals") / "x"
    return explore(pd.DataFrame(table), "text", folder=folder, show_progress=False)


@pytest.mark.parametrize(
    ("query", "words", "conditions"),
    [
        ("two words", "two words", []),
        ("year:2010", "", [Condition("year", value="2010")]),
        ("cats YEAR:>=2010 dogs", "cats dogs", [Condition("year", low="2010")]),
        ("year:<2010", "", [Condition("year", high="2010", strict=True)]),
        ("year:2010..2015", "", [Condition("year", low="2010", high="2015")]),
        ("year:..2015", "", [Condition("year", high="2015")]),
        ('-"a column":"two words"', "", [Condition("a column", value="two words", negated=True)]),
        ("http://x.org at 10:30 what:ever", "http://x.org at 10:30 what:ever", []),
        ('kind:"10..20"', "", [Condition("kind", value="10..20")]),
    ],
)
def test_a_query_is_words_and_conditions(query: str, words: str, conditions: list[Condition]) -> None:
    assert parse_query(query, COLUMNS) == Query(words, tuple(conditions))


def test_a_query_names_the_columns_that_it_needs() -> None:
    assert parse_query("cats year:>2010 -kind:pet year:2015", COLUMNS).columns == ("year", "kind")
    assert parse_query("cats", COLUMNS).columns == ()


def fits(query: str, values: object) -> list[int]:
    (condition,) = parse_query(query, ["c"]).conditions
    return np.flatnonzero(meets(condition, pa.array(values))).tolist()


def test_numbers_dates_strings_and_lists_are_compared_as_what_they_are() -> None:
    assert fits("c:2", [1, 2, None, 20]) == [1]
    assert fits("c:>1.5", [1.0, 2.0, None, float("nan"), 20.0]) == [1, 4]
    assert fits("-c:2", [1, 2, None]) == [0, 2]
    days = ["2014-12-31", "2015-01-01", "2015-12-31", "2016-01-01", None]
    assert fits("c:2015", days) == [1, 2]
    assert fits("c:..2015", days) == [0, 1, 2]
    assert fits("c:>2015", days) == [3]
    assert fits("c:>=2015-12", days) == [2, 3]
    assert fits("c:CAT", ["Cat", "cats", "dog", None]) == [0]  # an equal value is meant
    assert fits("c:ca", ["Cat", "cats", "dog", None]) == [0, 1]  # without one, what holds it
    assert fits("c:a", [["a", "b"], ["ab"], [], None]) == [0]
    assert fits("c:true", [True, False, None]) == [0]
    assert fits("c:x", pa.array(["x", "y", "x"]).dictionary_encode()) == [0, 2]
    with pytest.raises(ValueError, match="column 'c' holds numbers; expected a number or a range"):
        fits("c:soon", [1, 2])


def test_conditions_narrow_a_search(animals: Exploration) -> None:
    assert animals.search("rates year:2013", mode="keyword")["row"].tolist() == [4]
    assert set(animals.search("animal kind:money", mode="semantic")["row"]) == {4, 5}
    found = animals.search("kind:pet year:<=2011")
    assert found["row"].tolist() == [0, 1, 2]
    assert set(found["found_by"]) == {"column"}
    assert found["similarity"].isna().all()
    assert animals.search("id:nothing-like-this").empty


def test_all_words_must_be_in_the_rows_that_match(animals: Exploration) -> None:
    assert animals.query("the rates").tolist() == [5]
    assert animals.query("the kind:pet").tolist() == [0, 2]
    assert animals.query("кошка").tolist() == [6]
    assert animals.query("topic:>=0").tolist() == np.flatnonzero(animals.topics.layers[-1] >= 0).tolist()
    with pytest.raises(ValueError, match="expected words or conditions"):
        animals.query("  ")


def test_tags_can_be_searched_for(tmp_path: Path) -> None:
    exploration = explore(TEXTS[:5], folder=tmp_path / "x", show_progress=False)
    exploration.tags.add([1, 3], "young")
    assert exploration.query("tags:young").tolist() == [1, 3]
    assert exploration.query("-tags:young").tolist() == [0, 2, 4]


def test_more_like_these_are_near_the_examples_and_not_among_them(animals: Exploration) -> None:
    found = animals.more_like([4], n=3)
    assert found["row"][0] == 5
    assert 4 not in set(found["row"])
    assert found["similarity"][0] == pytest.approx(float(animals.vectors[4] @ animals.vectors[5]), abs=1e-5)
    pets = animals.more_like([0, 2], n=2)["row"].tolist()
    assert set(pets) == {1, 3}


def test_examples_to_stay_away_from_fall_back(animals: Exploration) -> None:
    plain = animals.search("an animal", mode="semantic")["row"].tolist()
    away = animals.search("an animal", mode="semantic", negative=[plain[0]])["row"].tolist()
    assert plain[0] not in away
    near = animals.neighbors(plain[0], n=1)["row"][0]
    similarity = {row: at for at, row in enumerate(away)}
    assert similarity[near] >= plain.index(near) - 1
    assert 3 not in set(animals.more_like([1], negative=[3])["row"])


def test_examples_must_have_text_and_be_rows(animals: Exploration) -> None:
    with pytest.raises(ValueError, match="at least one example with text"):
        animals.more_like([7])
    with pytest.raises(ValueError, match="at least one example with text"):
        animals.more_like([])
    with pytest.raises(IndexError, match="expected 0 to 7"):
        animals.more_like([99])
