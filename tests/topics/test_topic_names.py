"""Topic names from a language model, kept with an exploration."""

import shutil
from concurrent.futures import Future
from pathlib import Path

import pytest

from nomic_explore import Exploration, TopicProfile, explore, open_exploration
from nomic_explore.testing import HashEmbedder

SUBJECTS = ("trains and rails", "soup and onions", "stars and galaxies", "violins and pianos")
TEXTS = [f"A note about {SUBJECTS[row % 4]}, the {row}th of them" for row in range(80)]


class Namer:
    """Names topics by their first keyword and counts how often it is asked."""

    identity = "first keyword"

    def __init__(self, fails_on: str = "") -> None:
        self.fails_on, self.asked = fails_on, 0

    def __call__(self, profile: TopicProfile) -> tuple[str, str]:
        self.asked += 1
        if self.fails_on and self.fails_on in profile.name.lower():
            raise RuntimeError("out of ideas")
        return f"On {profile.keywords[0]} {profile.layer}", f"{profile.size} notes."


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return explore(
        TEXTS, folder=tmp_path_factory.mktemp("named") / "x", n_topics=4, model=HashEmbedder(), show_progress=False
    ).folder


@pytest.fixture
def small(folder: Path, tmp_path: Path) -> Exploration:
    return open_exploration(shutil.copytree(folder, tmp_path / "x"))


def test_names_are_kept_and_none_brings_the_computed_ones_back(small: Exploration) -> None:
    computed = [list(names) for names in small.topics.names]
    report = small.topics.name_with(Namer())
    assert report.n_failed == 0
    assert all(name.startswith("On ") for names in small.topics.names for name in names)
    assert all(text.endswith("notes.") for texts in small.topics.current.descriptions for text in texts)
    assert open_exploration(small.folder).topics.names == small.topics.names
    assert set(small.to_pandas()["topic_name"]) == set(small.topics.names[-1])
    assert small.topics.name_with(None) is None
    assert list(small.topics.names) == computed
    assert list(open_exploration(small.folder).topics.names) == computed


def test_a_topic_that_did_not_change_is_not_asked_for_again(small: Exploration) -> None:
    first, again = Namer(), Namer()
    small.topics.name_with(first)
    small.topics.name_with(None)
    report = small.topics.name_with(again)
    assert first.asked == sum(map(len, small.topics.names))
    assert again.asked == 0
    assert report.n_cached == report.n_named == first.asked


def test_where_the_namer_fails_the_keywords_stay(small: Exploration) -> None:
    computed = list(small.topics.names[-1])
    failing = next(name for name in computed if "soup" in name.lower() or "onion" in name.lower())
    report = small.topics.name_with(Namer(fails_on=failing.lower()))
    assert report.n_failed >= 1
    assert failing in small.topics.names[-1]
    assert any("out of ideas" in error for error in report.errors)


def test_names_of_people_stand_above_those_of_a_model(small: Exploration) -> None:
    small.topics.rename(len(small.topics.layers) - 1, 0, "Mine")
    small.topics.name_with(Namer())
    assert small.topics.names[-1][0] == "Mine"
    small.undo()
    assert small.topics.names[-1][0].startswith("On ")


def test_naming_in_the_background_tells_maps_when_all_names_are_there(small: Exploration) -> None:
    heard = []
    small.on_change(lambda: heard.append(small.topics.names[-1][0]))
    naming = small.topics.name_with(Namer(), wait=False)
    assert isinstance(naming, Future)
    assert naming.result(timeout=60).n_failed == 0
    assert heard
    assert heard[-1].startswith("On ")


def test_topics_made_anew_have_computed_names(small: Exploration) -> None:
    small.topics.name_with(Namer())
    anew = explore(TEXTS, folder=small.folder, n_topics=3, model=HashEmbedder(), show_progress=False)
    assert not any(name.startswith("On ") for names in anew.topics.names for name in names)
    named = explore(TEXTS, folder=small.folder, n_topics=3, namer=Namer(), model=HashEmbedder(), show_progress=False)
    assert all(name.startswith("On ") for name in named.topics.names[-1])


def test_what_cannot_be_called_is_no_namer(small: Exploration, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="namer is a str; expected a callable"):
        small.topics.name_with("llama3.2")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="namer is a str"):
        explore(TEXTS, folder=tmp_path / "y", namer="llama3.2")  # type: ignore[arg-type]
    assert not (tmp_path / "y").exists()


def test_profile_of_a_topic_names_what_it_is_about(small: Exploration) -> None:
    layer = len(small.topics.layers) - 1
    profile = small.topics.describe(0)
    assert (profile.layer, profile.topic, profile.name) == (layer, 0, small.topics.names[-1][0])
    assert profile.size == 20
    assert profile.exemplars
    assert set(profile.siblings) <= set(small.topics.names[-1])
    assert small.topics.describe(profile.name).rows == profile.rows
    with pytest.raises(KeyError, match="no topic named 'Chess'"):
        small.topics.describe("Chess")
