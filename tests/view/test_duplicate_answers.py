"""What the pane of duplicates asks and is answered, and that maps follow when decisions change."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
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
    assert (told["nDropped"], told["nReview"]) == (count(copied, "drop"), count(copied, "review"))
    assert told["nGroups"] == len(copied.duplicates.to_pandas())
    assert sum(told[name] for name in ("nUnique", "nKept", "nDropped", "nReview")) == told["nDocuments"] == len(copied)
    assert (told["minSimilarity"], told["floor"], told["keep"]) == (0.9, 0.8, "longest")
    assert told["kinds"] == ["exact", "normalised", "lexical"]
    assert 0.9 < told["background"] <= 1
    assert (told["nJudged"], told["nLeft"], told["precision"]) == (0, told["nReview"], None)


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
    assert told["nDropped"] == (wanted.roles == "drop").sum() > count(copied, "drop")
    assert copied.duplicates.current is before
    with pytest.raises(ValueError, match=r"min_similarity=0\.5; expected at least 0\.8"):
        ask(answers, "preview_duplicates", min_similarity=0.5)


def test_the_colours_of_roles_are_those_of_the_channel(answers: Answers) -> None:
    channel = answers.context.data.channels["duplicate_role"]
    assert channel.names == ["unique", "keep", "drop", "review"]
    assert channel.palettes == role_palettes()
    assert len(set(channel.palettes["light"][1:])) == 4


def test_groups_with_the_most_pairs_to_review_stand_first(answers: Answers) -> None:
    groups = ask(answers, "groups")["groups"]
    orders = [(group["review"], group["nPairs"], group["size"]) for group in groups]
    assert orders == sorted(orders, reverse=True)


@pytest.mark.parametrize("show", ["review", "drop"])
def test_groups_are_listed_by_what_they_hold_and_further_ones_on_demand(answers: Answers, show: str) -> None:
    listed = ask(answers, "groups", show=show)
    assert all(group[show] > 0 for group in listed["groups"])
    assert listed["nListed"] == len(listed["groups"]) == listed["nGroups"][show] < listed["nGroups"]["all"]
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


def test_the_queue_has_the_order_that_is_asked_for(copied: Exploration, answers: Answers) -> None:
    duplicates = copied.duplicates.current

    def queue(sort: str, **more: Any) -> np.ndarray:
        return np.array([pair["row"] for pair in ask(answers, "review_queue", sort=sort, **more)["pairs"]])

    wanted = np.flatnonzero(duplicates.roles == "review").tolist()
    for sort in ("saved", "threshold", "size", "topic", "random"):
        assert sorted(queue(sort)) == wanted, sort
        groups = duplicates.groups[queue(sort)]
        n_runs = 1 + int((np.diff(groups) != 0).sum())
        assert n_runs == len(set(groups.tolist())) or sort in ("threshold", "random"), sort
    assert (np.diff(np.abs(duplicates.similarities[queue("threshold")] - 0.9)) >= 0).all()
    assert (np.diff(copied.topics.layers[0][queue("topic")]) >= 0).all()
    assert (
        np.diff(np.bincount(duplicates.groups[duplicates.groups >= 0])[duplicates.groups[queue("size")]]) <= 0
    ).all()
    drawn = queue("random")
    copied.duplicates.label(int(drawn[0]), "keep")
    assert queue("random").tolist() == drawn[1:].tolist()  # the sample stays the same
    assert queue("saved", start=5).tolist() == queue("saved")[5:].tolist()
    dropped = ask(answers, "review_queue", show="drop")
    assert {str(duplicates.roles[pair["row"]]) for pair in dropped["pairs"]} == {"drop"}
    for wrong in ({"show": "none"}, {"sort": "none"}, {"differences": ["size"]}, {"kind": "twin"}):
        with pytest.raises(ValueError, match="expected one of"):
            ask(answers, "review_queue", **wrong)


def test_pairs_are_filtered_and_each_filter_says_how_many_it_would_find(copied: Exploration, answers: Answers) -> None:
    found = ask(answers, "groups", show="review")
    for name, choices in (("differences", found["differences"]), ("kind", found["kinds"]), ("topic", found["topics"])):
        assert sum(one["nPairs"] for one in choices) == found["nPairs"] or name == "topic"
        for one in choices:
            value = one["differences"] if name == "differences" else one["value"]
            assert ask(answers, "review_queue", **{name: value})["nLeft"] == one["nPairs"]
    topic = found["topics"][0]["value"]
    both = ask(answers, "groups", show="review", topic=topic, differences=["numbers differ"])
    assert next(one for one in both["topics"] if one["value"] == topic)["nPairs"] == both["nPairs"]
    rows = copied.query("language:en")
    pairs = ask(answers, "review_queue", search="language:en")["pairs"]
    assert all(pair["row"] in rows or pair["other"] in rows for pair in pairs)
    assert ask(answers, "review_queue", search="nothingofthekind")["nLeft"] == 0


def test_two_documents_are_told_side_by_side(copied: Exploration, answers: Answers) -> None:
    pair = ask(answers, "review_queue", differences=["numbers differ"])["pairs"][0]
    told = ask(answers, "duplicate_pair", row=pair["row"], other=pair["other"])
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
    queue = ask(answers, "review_queue")["pairs"]
    first, second, third = ({"row": pair["row"], "other": pair["other"]} for pair in queue[:3])
    for pair, verdict in ((first, "distinct"), (second, "drop"), (third, "keep")):
        note = ask(answers, "judge", pairs=[pair], verdict=verdict)["note"]
        assert str(pair["row"]) in note
    assert copied.duplicates.labels["verdict"].to_list() == ["distinct", "drop", "keep", "keep"]  # both are kept
    assert copied.duplicates.roles[second["row"]] == "drop"
    left = ask(answers, "review_queue")
    assert not {pair["row"] for pair in left["pairs"]} & {first["row"], second["row"], third["row"]}
    told = ask(answers, "duplicate_pair", **first)
    assert (told["verdict"], told["nJudged"], told["nLeft"]) == ("distinct", 3, left["nLeft"])
    assert (told["precision"]["n"], told["precision"]["n_right"]) == (2, 1)
    ask(answers, "undo")
    assert third["row"] in [pair["row"] for pair in ask(answers, "review_queue")["pairs"]]
    with pytest.raises(ValueError, match="verdict"):
        ask(answers, "judge", pairs=[first], verdict="perhaps")


def test_one_verdict_on_all_pairs_of_a_kind_is_shown_before_it_is_given(copied: Exploration, answers: Answers) -> None:
    before = copied.duplicates.roles.tolist()
    wanted = {"differences": ["numbers differ"]}
    shown = ask(answers, "batch", **wanted)
    assert 0 < len(shown["examples"]) <= 5
    for one in shown["examples"]:
        assert {op for side in one["sides"] for op, _ in side} == {"same", "number"}
    with pytest.raises(ValueError, match=f"There are {shown['nPairs']} pairs now, not 1; look at them again"):
        ask(answers, "judge_batch", verdict="distinct", nPairs=1, **wanted)
    assert copied.duplicates.labels.empty
    note = ask(answers, "judge_batch", verdict="distinct", nPairs=shown["nPairs"], **wanted)["note"]
    assert note.startswith(f"{shown['nPairs'] + shown['nRelated']} pairs marked as distinct")
    assert ask(answers, "review_queue", **wanted)["nLeft"] == 0
    ask(answers, "undo")
    assert copied.duplicates.roles.tolist() == before


def test_a_pair_shows_whole_texts_and_the_columns_that_differ(copied: Exploration, answers: Answers) -> None:
    pair = ask(answers, "review_queue")["pairs"][0]
    told = ask(answers, "duplicate_pair", row=pair["row"], other=pair["other"])
    table = copied.corpus.table
    names = [name for name in table.column_names if name != "text"]
    differing = {name for name in names if table[name][pair["row"]] != table[name][pair["other"]]}
    assert {one["name"] for one in told["columns"]} == differing
    assert told["nSameColumns"] == len(names) - len(differing)
    assert all(one["left"] == (table[one["name"]][pair["row"]].as_py() or "") for one in told["columns"])
    assert [side["id"] for side in told["sides"]] == [copied.corpus.ids[pair[name]] for name in ("row", "other")]


def test_finish_writes_kept_removed_and_the_report_beside_the_exploration(
    copied: Exploration, answers: Answers
) -> None:
    plan = ask(answers, "finish_plan")
    assert (plan["kept"], plan["removed"]) == (len(copied) - count(copied, "drop"), count(copied, "drop"))
    assert Path(plan["folder"]) == copied.folder.resolve().with_name("lesson-deduplicated")
    files = ask(answers, "finish", folder=plan["folder"], format="csv")["files"]
    assert [Path(path).name for path in files] == ["kept.csv", "removed.csv", "report.html"]
    assert len(pd.read_csv(files[0])) == plan["kept"]
    assert pd.read_csv(files[1])["duplicate_of"].tolist() == copied.duplicates.removed()["duplicate_of"].tolist()
    assert ask(answers, "finish_plan")["folder"].endswith("lesson-deduplicated-2")
    with pytest.raises(FileExistsError, match=r"kept\.csv is there already. Choose another folder"):
        ask(answers, "finish", folder=plan["folder"], format="csv")
    with pytest.raises(ValueError, match="The folder has no name"):
        ask(answers, "finish", folder=" ", format="csv")
    (copied.folder.parent / "file").write_text("")
    with pytest.raises(OSError, match="Nothing more can be written to .*Not a directory"):
        ask(answers, "finish", folder=str(copied.folder.parent / "file" / "below"), format="parquet")


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
