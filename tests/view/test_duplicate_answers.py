"""What the Copies pane asks and is answered, and that maps follow when decisions change."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nomic_explore import Exploration, open_exploration
from nomic_explore.view import show_map
from nomic_explore.view.data.bitmask import unpack_mask
from nomic_explore.view.data.duplicate_roles import role_palettes
from nomic_explore.view.data.map_data import make_map_data
from nomic_explore.view.requests.answers import Answers
from nomic_explore.view.widget.atlas_map import AtlasMap

ALL_KINDS = ["exact", "normalised", "lexical", "semantic"]


@pytest.fixture
def copied(lesson: Exploration, tmp_path: Path) -> Exploration:
    """The lesson sentences, to be changed."""
    shutil.copytree(lesson.folder, tmp_path / "lesson")
    return open_exploration(tmp_path / "lesson")


@pytest.fixture
def answers(copied: Exploration) -> Answers:
    """Answers about it."""
    return Answers(copied, make_map_data(copied))


def ask(answers: Answers, question: str, **request: Any) -> Any:
    return answers.answer(question, request)


def count(exploration: Exploration, role: str) -> int:
    return int((exploration.duplicates.roles == role).sum())


def test_the_settings_are_told_with_what_they_come_to(copied: Exploration, answers: Answers) -> None:
    told = ask(answers, "copies")
    assert (told["drop"], told["review"]) == (count(copied, "drop"), count(copied, "review"))
    assert told["nGroups"] == len(copied.duplicates.to_pandas())
    assert told["share"] == told["drop"] / len(copied)
    assert (told["minSimilarity"], told["floor"], told["keep"]) == (0.9, 0.8, "longest")
    assert told["kinds"] == ["exact", "normalised", "lexical"]
    assert 0.9 < told["background"] <= 1
    assert (told["nJudged"], told["nLeft"], told["precision"]) == (0, told["review"], None)


def test_every_stored_pair_is_in_a_bar_of_its_kind(copied: Exploration, answers: Answers) -> None:
    scores, pairs = ask(answers, "copies")["scores"], copied.duplicates.pairs
    kinds = pairs["kind"].replace("normalised", "exact").value_counts()
    assert {kind: sum(counts) for kind, counts in scores["counts"].items()} == {
        kind: int(kinds.get(kind, 0)) for kind in ("exact", "lexical", "semantic")
    }
    width = (scores["high"] - scores["low"]) / 40
    at = int((0.835 - scores["low"]) / width)
    inside = pairs["similarity"].between(scores["low"] + at * width, scores["low"] + (at + 1) * width)
    assert sum(counts[at] for counts in scores["counts"].values()) == inside.sum()


def test_a_preview_changes_nothing_and_tells_every_role(copied: Exploration, answers: Answers) -> None:
    before = copied.duplicates.current
    told = ask(answers, "preview_duplicates", min_similarity=0.8, kinds=ALL_KINDS, keep="shortest")
    wanted = before.at(0.8, kinds=ALL_KINDS, keep="shortest")
    assert (
        np.frombuffer(told["roles"], np.uint8).tolist() == (1 + wanted.role_codes[answers.context.data.rows]).tolist()
    )
    assert told["drop"] == (wanted.roles == "drop").sum() > count(copied, "drop")
    assert copied.duplicates.current is before
    with pytest.raises(ValueError, match=r"min_similarity=0\.5; expected at least 0\.8"):
        ask(answers, "preview_duplicates", min_similarity=0.5)


def test_the_colours_of_roles_are_those_of_the_channel(answers: Answers) -> None:
    channel = answers.context.data.channels["duplicate_role"]
    assert channel.names == ["unique", "keep", "drop", "review"]
    assert channel.palettes == role_palettes()
    assert len(set(channel.palettes["light"][1:])) == 4


def test_groups_with_the_most_doubtful_pair_stand_first(copied: Exploration, answers: Answers) -> None:
    groups = ask(answers, "groups")["groups"]
    has_review = [group["review"] > 0 for group in groups]
    assert has_review == sorted(has_review, reverse=True)
    duplicates = copied.duplicates.current
    doubts = [
        np.abs(
            duplicates.similarities[(duplicates.groups == group["group"]) & (duplicates.roles == "review")] - 0.9
        ).min()
        for group in groups
        if group["review"]
    ]
    assert doubts == sorted(doubts)
    sizes = [group["size"] for group in groups if not group["review"]]
    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.parametrize("show", ["review", "drop"])
def test_groups_are_listed_by_what_they_hold_and_further_ones_on_demand(answers: Answers, show: str) -> None:
    listed = ask(answers, "groups", show=show)
    assert all(group[show] > 0 for group in listed["groups"])
    assert listed["nListed"] == len(listed["groups"]) < listed["nGroups"]
    assert ask(answers, "groups", show=show, start=3)["groups"] == listed["groups"][3:]


def test_a_group_tells_why_each_document_is_in_it(copied: Exploration, answers: Answers) -> None:
    duplicates = copied.duplicates.current
    row = int(np.flatnonzero(duplicates.roles == "review")[0])
    documents = ask(answers, "group", group=int(duplicates.groups[row]))["documents"]
    assert documents[0]["role"] == "keep"
    told = next(one for one in documents if one["row"] == row)
    assert (told["partner"], told["kind"]) == (duplicates.matches[row], "lexical")
    assert told["flags"] == ["numbers differ"]
    assert answers.context.data.rows[told["partnerPoint"]] == told["partner"]


def test_the_queue_begins_with_what_is_nearest_to_the_threshold(copied: Exploration, answers: Answers) -> None:
    queue = ask(answers, "review_queue")
    rows = np.array([pair["row"] for pair in queue["pairs"]])
    duplicates = copied.duplicates.current
    assert sorted(rows) == np.flatnonzero(duplicates.roles == "review").tolist()
    assert (np.diff(np.abs(duplicates.similarities[rows] - 0.9)) >= 0).all()
    assert ask(answers, "review_queue", start=5)["pairs"] == queue["pairs"][5:]
    dropped = ask(answers, "review_queue", show="drop")
    assert {str(duplicates.roles[pair["row"]]) for pair in dropped["pairs"]} == {"drop"}
    with pytest.raises(ValueError, match="show='none'; expected one of review, drop, all"):
        ask(answers, "review_queue", show="none")


def test_two_documents_are_told_side_by_side(copied: Exploration, answers: Answers) -> None:
    pair = ask(answers, "review_queue")["pairs"][0]
    told = ask(answers, "duplicate_pair", **pair)
    assert ["".join(text for _, text in side["segments"]) for side in told["sides"]] == [
        copied.corpus.texts[pair["row"]],
        copied.corpus.texts[pair["other"]],
    ]
    assert {op for op, _ in told["sides"][0]["segments"]} == {"same", "number"}
    assert (told["flags"], told["kind"], told["verdict"]) == (["numbers differ"], "lexical", "")
    assert told["similarity"] == pytest.approx(copied.duplicates.current.similarities[pair["row"]], abs=1e-4)
    swapped = ask(answers, "duplicate_pair", row=pair["other"], other=pair["row"])
    assert (swapped["held"], swapped["held_by"]) == (told["held_by"], told["held"])
    with pytest.raises(IndexError, match="row 300; expected 0 to 299"):
        ask(answers, "duplicate_pair", row=300)


def test_texts_that_are_equal_once_normalised_are_as_similar_as_can_be(copied: Exploration, answers: Answers) -> None:
    row = int(np.flatnonzero(copied.duplicates.kinds == "normalised")[0])
    told = ask(answers, "duplicate_pair", row=row)
    assert (told["kind"], told["similarity"]) == ("normalised", 1.0)


def test_a_verdict_leaves_the_queue_and_an_undo_brings_it_back(copied: Exploration, answers: Answers) -> None:
    first, second, third = ask(answers, "review_queue")["pairs"][:3]
    for pair, verdict in ((first, "apart"), (second, "drop"), (third, "keep")):
        note = ask(answers, "judge", **pair, verdict=verdict)["note"]
        assert str(pair["row"]) in note
    assert copied.duplicates.labels["verdict"].to_list() == ["distinct", "drop", "keep"]
    assert copied.duplicates.roles[second["row"]] == "drop"
    left = ask(answers, "review_queue")
    assert not {pair["row"] for pair in left["pairs"]} & {first["row"], second["row"], third["row"]}
    told = ask(answers, "duplicate_pair", **first)
    assert (told["verdict"], told["nJudged"], told["nLeft"]) == ("apart", 3, left["nLeft"])
    assert (told["precision"]["n"], told["precision"]["n_right"]) == (2, 1)
    ask(answers, "undo")
    assert third in ask(answers, "review_queue")["pairs"]
    with pytest.raises(ValueError, match="verdict"):
        ask(answers, "judge", row=first["row"], verdict="perhaps")


def test_collapsed_points_are_the_dropped_ones_and_keepers_grow(copied: Exploration, answers: Answers) -> None:
    told, rows = ask(answers, "collapsed"), answers.context.data.rows
    roles = copied.duplicates.roles[rows]
    assert (unpack_mask(told["hidden"], len(rows)) == (roles == "drop")).all()
    sizes = np.frombuffer(told["sizes"], np.uint8)
    stands_for = np.bincount(copied.duplicates.keepers, minlength=len(copied))[rows]
    assert len(set(sizes[stands_for == 1])) == 1
    assert (sizes[stands_for == 2] > sizes[stands_for == 1][0]).all()


def test_the_density_without_copies_is_another(answers: Answers) -> None:
    atlas = AtlasMap(answers.context.data, answers)
    thin = ask(answers, "density_of_kept")["density"]
    assert len(thin) == len(atlas.density)
    assert thin != atlas.density
    atlas.close()


def test_a_map_follows_settings_and_verdicts(copied: Exploration, answers: Answers) -> None:
    atlas = AtlasMap(answers.context.data, answers)
    atlas.color_by = "duplicate_role"
    atlas.filter(duplicate_role="drop")
    n_dropped = count(copied, "drop")
    ask(answers, "copies")
    copied.duplicates.configure(0.82, kinds=ALL_KINDS)
    assert count(copied, "drop") > n_dropped
    assert atlas.copies_version == 1
    assert (np.frombuffer(atlas.colors, np.uint8) == 3).sum() == count(copied, "drop") == len(atlas.marked_rows())
    ask(answers, "copies")
    copied.tags.add([1], "seen")
    assert atlas.copies_version == 1  # a tag decides nothing
    copied.duplicates.label(ask(answers, "review_queue")["pairs"][0]["row"], "drop")
    assert atlas.copies_version == 2
    atlas.close()


def test_a_map_whose_pane_was_never_opened_asks_for_nothing(copied: Exploration, answers: Answers) -> None:
    atlas = AtlasMap(answers.context.data, answers)
    copied.duplicates.configure(0.82)
    assert atlas.copies_version == 0
    atlas.close()


def test_a_map_opens_with_the_pane_that_is_asked_for(copied: Exploration) -> None:
    shown: Any = copied.duplicates.review()
    assert (shown.atlas.pane, shown.atlas.color_by) == ("copies", "duplicate_role")
    assert show_map(copied, panels=False).pane == "topics"  # type: ignore[union-attr]
    with pytest.raises(ValueError, match="pane='copy'; expected one of 'topics', 'filters', 'tags', 'copies'"):
        show_map(copied, pane="copy")
