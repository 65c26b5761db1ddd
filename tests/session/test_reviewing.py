import shutil
from pathlib import Path

import numpy as np
import pytest
from manifests import edit_manifest

from nomic_explore import Exploration, explore, open_exploration
from nomic_explore.testing import HashEmbedder

TEXTS = [
    "The engine of this aircraft needs less fuel on long flights",
    "the engine of this aircraft needs less fuel on long flights!",
    "A recipe for bread with olives and rosemary",
    "A recipe for bread with olives and thyme",
    "Nothing like the others at all",
    "A recipe for bread with olives and rosemary",
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reviewing") / "made"
    explore(TEXTS, folder=folder, model=HashEmbedder(), show_progress=False)
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "copy"))


@pytest.fixture
def exploration(folder: Path) -> Exploration:
    return open_exploration(folder)


def test_verdicts_are_kept_and_hold_when_the_folder_is_opened_again(exploration: Exploration, folder: Path) -> None:
    dropped = int(np.flatnonzero(exploration.duplicates.roles == "drop")[0])
    keeper = int(exploration.duplicates.keepers[dropped])
    exploration.duplicates.label(dropped, "distinct")
    assert exploration.duplicates.keepers[dropped] == dropped
    again = open_exploration(folder)
    assert again.duplicates.roles.tolist() == exploration.duplicates.roles.tolist()
    assert again.duplicates.labels[["row", "other", "verdict"]].to_numpy().tolist() == [[dropped, keeper, "distinct"]]
    assert again.to_pandas()["duplicate_role"].tolist() == again.duplicates.roles.tolist()


def test_verdicts_can_be_undone_and_redone(exploration: Exploration) -> None:
    before = exploration.duplicates.roles.tolist()
    exploration.duplicates.label(4, "drop", other=2)
    assert exploration.duplicates.keepers[4] == 2
    assert exploration.undo() == "dropped a duplicate"
    assert exploration.duplicates.roles.tolist() == before
    exploration.redo()
    assert exploration.duplicates.roles[4] == "drop"


def test_settings_are_kept_too(exploration: Exploration, folder: Path) -> None:
    exploration.duplicates.configure(kinds=["exact"], keep="shortest")
    again = open_exploration(folder).duplicates.current
    assert (again.drop_kinds, again.keep) == (("exact",), "shortest")
    assert (again.roles == "drop").sum() == 1
    assert "decided on duplicates by kinds" in (exploration.undo() or "")


def test_verdicts_survive_other_documents_in_another_order(tmp_path: Path) -> None:
    rows = [{"id": str(at), "text": text} for at, text in enumerate(TEXTS)]
    made = explore(rows, "text", folder=tmp_path / "made", id="id", model=HashEmbedder(), show_progress=False)
    made.duplicates.label(0, "keep")
    made.duplicates.label(1, "keep")
    more = [{"id": "new", "text": "A text that came later"}, *reversed(rows)]
    again = explore(more, "text", folder=tmp_path / "made", id="id", model=HashEmbedder(), show_progress=False)
    assert again.duplicates.labels["row"].tolist() == [6, 5]
    assert (again.duplicates.roles[[5, 6]] == "keep").all()


def test_precision_is_estimated_from_the_last_verdict_on_each_pair(exploration: Exploration) -> None:
    assert exploration.duplicates.precision() is None
    with pytest.raises(ValueError, match="no pair has been labeled yet"):
        exploration.duplicates.calibrate()
    exploration.duplicates.label(2, "drop", other=3)
    exploration.duplicates.label(0, "drop", other=1)
    exploration.duplicates.label(3, "distinct", other=2)
    told = exploration.duplicates.precision()
    assert told is not None
    assert (told["n"], told["n_right"]) == (2, 1)
    assert told["low"] < 0.5 < told["high"]
    assert exploration.duplicates.calibrate().precision(0.8)[0] == pytest.approx(0.5)


def test_the_background_is_of_documents_that_are_no_copies(exploration: Exploration) -> None:
    background = exploration.duplicates.background()
    assert background.n == len(set(TEXTS))
    assert background.share_below(0.999) == 1.0


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((4, "distinct"), ValueError, "row 4 resembles no other row; say which one"),
        ((4, "burn"), ValueError, "verdict='burn'; expected one of 'keep', 'drop', 'distinct'"),
        ((99, "keep"), IndexError, "99"),
    ],
)
def test_a_verdict_that_makes_no_sense_is_refused(
    exploration: Exploration, arguments: tuple[int, str], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        exploration.duplicates.label(*arguments)


def test_settings_that_make_no_sense_change_nothing(exploration: Exploration) -> None:
    with pytest.raises(ValueError, match="expected at least 0.8"):
        exploration.duplicates.configure(0.5)
    with pytest.raises(TypeError, match="keep is a builtin_function_or_method; expected the name of a policy"):
        exploration.duplicates.configure(keep=len)  # type: ignore[arg-type]
    assert not exploration._state.edits.duplicate_settings


def test_a_policy_or_block_that_cannot_be_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    for options in ({"keep": "newest:when"}, {"block_by": "when"}):
        with pytest.raises(ValueError, match="when"):
            explore(
                [{"text": "a"}], "text", folder=tmp_path / "made", model=HashEmbedder(), show_progress=False, **options
            )  # type: ignore[arg-type]
    assert not (tmp_path / "made").exists()


def test_the_parts_of_a_text_and_blocks_are_heeded(tmp_path: Path) -> None:
    rows = [
        {"title": "Engines", "body": TEXTS[0], "lang": "en"},
        {"title": "Engines", "body": TEXTS[1], "lang": "fr"},
        {"title": "Engines!", "body": TEXTS[1], "lang": "en"},
    ]
    made = explore(
        rows, ["title", "body"], folder=tmp_path / "made", block_by="lang", model=HashEmbedder(), show_progress=False
    )
    assert sorted(made.duplicates.roles[[0, 2]]) == ["drop", "keep"]
    assert made.duplicates.roles[1] == "unique"
    assert open_exploration(tmp_path / "made").duplicates.pairs.equals(made.duplicates.pairs)


def test_a_letter_that_many_repeat_does_not_become_a_topic(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    themes = ["bread olives oven flour yeast", "engine wing airport pilot fuel", "river fish boat lake water"]
    texts = [
        " ".join([*rng.permutation(theme.split())[:4], "with", *rng.permutation(theme.split())[:3], f"part {row}"])
        for theme in themes
        for row in range(20)
    ]
    letter = "Please note that the offices of this company remain closed on all public holidays of the year"
    texts += [letter + "." * (1 + row) for row in range(60)]
    made = explore(texts, folder=tmp_path / "made", n_topics=3, model=HashEmbedder(), show_progress=False)
    finest = made.topics.layers[-1]
    assert len(set(finest[60:].tolist())) == 1
    assert np.bincount(finest[:60][finest[:60] >= 0]).min() > 10
    kept = np.flatnonzero(made.duplicates.roles[60:] != "drop") + 60
    assert len(kept) == 1
    shown = {row for layer in made.topics.current.exemplars for rows in layer for row in rows}
    assert not shown & ({*range(60, 120)} - set(kept.tolist()))


def test_copies_that_an_earlier_version_found_are_not_misread(folder: Path) -> None:
    edit_manifest(folder, lambda stages: stages["duplicates"].update(format=1))
    with pytest.raises(ValueError, match="were found by an earlier version. Run the command that builds it again"):
        _ = open_exploration(folder).duplicates.current
