"""Figures of topics over time and by category, on an exploration small enough to count again."""

import numpy as np
import pytest

from nomic_explore import Exploration, explore
from nomic_explore.testing import HashEmbedder
from nomic_explore.view.data.map_data import make_map_data

WORDS = ("cats", "dogs", "birds", "soup", "bread", "tea", "trains", "ships", "bikes", "roads")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Exploration:
    import pandas as pd

    numbers = np.arange(60)
    table = pd.DataFrame({"text": [f"{verb} {word}" for word in WORDS for verb in "abcdef"]})
    table["year"] = 2000 + numbers % 7
    table["day"] = pd.Timestamp("2020-01-30") + pd.to_timedelta(numbers // 2, unit="D")
    table["kind"] = pd.Series([("pet", "food", "way")[at // 20] for at in numbers]).where(numbers > 2)
    table["grade"] = [float(at % 4) for at in numbers]
    table["weight"] = numbers / 7
    return explore(
        table,
        "text",
        folder=tmp_path_factory.mktemp("made") / "made",
        n_topics=5,
        model=HashEmbedder(),
        show_progress=False,
    )


def test_areas_count_the_documents_of_each_topic_by_year(made: Exploration) -> None:
    figure, years = made.topics_over_time("year", layer=-1), made.to_pandas()["year"].to_numpy()
    assert len(figure.data) == 5
    for trace in figure.data:
        members = made.to_pandas()["topic_name"].to_numpy() == trace.name
        assert dict(zip(trace.x, trace.y, strict=True)) == {
            str(year): (members & (years == year)).sum() for year in range(2000, 2007)
        }
    assert [sum(trace.y) for trace in figure.data] == sorted((sum(trace.y) for trace in figure.data), reverse=True)


def test_the_first_date_is_taken_and_the_rest_of_the_topics_is_one_area(made: Exploration) -> None:
    figure = made.topics_over_time(layer=-1, n_topics=2, relative=True)
    assert figure.layout.xaxis.title.text == "day"
    assert figure.data[0].x[:2] == ("2020-01-30", "2020-01-31")
    assert figure.data[-1].name == "other topics"
    assert np.sum([trace.y for trace in figure.data], axis=0) == pytest.approx(100)


def test_topics_have_the_colours_of_the_map(made: Exploration) -> None:
    channel = make_map_data(made).channels["topic"]
    colors = dict(zip(channel.names, channel.palettes["light"][1:], strict=True))
    figure = made.topics_over_time("year", layer=-1)
    assert {trace.name: trace.fillcolor for trace in figure.data} == colors


def test_the_heatmap_shows_the_share_of_each_category_in_each_topic(made: Exploration) -> None:
    figure, frame = made.topics_per("kind", layer=-1), made.to_pandas()
    (heat,) = figure.data
    assert set(heat.x) == {"pet", "food", "way"}
    for at, kind in enumerate(heat.x):
        own = frame[frame["kind"] == kind]
        shares = (100 * own["topic_name"].value_counts(normalize=True)).to_dict()
        assert {name: line[at] for name, line in zip(heat.y, heat.z, strict=True) if line[at]} == pytest.approx(shares)
    assert np.array(heat.customdata).sum() == (frame["kind"].notna() & (frame["topic"] >= 0)).sum() < len(frame)


def test_only_the_largest_topics_and_the_most_frequent_categories_are_shown(made: Exploration) -> None:
    (heat,) = made.topics_per("year", layer=-1, n_topics=2, n_values=3).data
    sizes = made.to_pandas()["topic_name"].value_counts()
    assert sizes[list(heat.y)].tolist() == sizes.tolist()[:2]
    assert heat.x == ("2000", "2001", "2002")
    assert made.topics_per("grade").data[0].x == ("0", "1", "2", "3")


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ("nothing", "There is no column 'nothing'; there are text, year"),
        ("text", "Column 'text' holds free text; expected dates, numbers or categories"),
        ("weight", "'weight' holds numbers; expected categories. Make classes of it first"),
        ("day", "'day' holds dates; expected categories. topics_over_time"),
    ],
)
def test_a_column_that_holds_no_categories_is_refused(made: Exploration, column: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        made.topics_per(column)


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ("kind", "'kind' holds categories; expected dates or years"),
        ("weight", "'weight' holds numbers; expected dates"),
    ],
)
def test_a_column_that_holds_no_times_is_refused(made: Exploration, column: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        made.topics_over_time(column)


def test_a_corpus_without_times_says_so(lesson: Exploration) -> None:
    with pytest.raises(ValueError, match="No column holds dates or is called a year; there are"):
        lesson.topics_over_time()


def test_layers_and_numbers_that_cannot_be_are_refused(made: Exploration) -> None:
    with pytest.raises(IndexError, match="layer=9; expected 0 to"):
        made.topics_over_time("year", layer=9)
    with pytest.raises(ValueError, match="n_topics=0; expected a whole number"):
        made.topics_per("kind", n_topics=0)
    with pytest.raises(ValueError, match="n_values=0; expected a whole number"):
        made.topics_per("kind", n_values=0)
