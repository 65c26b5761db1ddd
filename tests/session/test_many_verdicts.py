"""Verdicts on many pairs at once, and on all rows with the same texts."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from nomic_explore import Exploration, explore, open_exploration
from nomic_explore.testing import HashEmbedder

PARTS = ["engine", "wing", "wheel", "door", "light", "pump"]
TEXTS = [
    *(f"The {part} of this aircraft was checked on all flights in {year}" for part in PARTS for year in (2001, 2002)),
    "A recipe for bread with olives and rosemary from the garden",
    "A recipe for bread with olives and thyme from the garden",
    "A recipe for bread with olives and rosemary from the garden",
    "Nothing like the others at all",
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("many") / "made"
    explore(TEXTS, folder=folder, model=HashEmbedder(), show_progress=False)
    return folder


@pytest.fixture
def exploration(made: Path, tmp_path: Path) -> Exploration:
    return open_exploration(shutil.copytree(made, tmp_path / "made"))


def test_a_pair_of_texts_is_undecided_once_and_says_what_differs(exploration: Exploration) -> None:
    pairs = exploration.duplicates.undecided()
    assert len(pairs) == (exploration.duplicates.roles == "review").sum()
    by_numbers = exploration.duplicates.undecided(differ_in="numbers differ")
    assert 0 < len(by_numbers) < len(pairs)
    for row, other in zip(by_numbers["row"], by_numbers["other"], strict=True):
        assert TEXTS[row].replace("2001", "2002") == TEXTS[other].replace("2001", "2002")
    with pytest.raises(ValueError, match="differ_in='size'; expected one of 'numbers differ'"):
        exploration.duplicates.undecided(differ_in="size")


def test_many_verdicts_are_one_edit_that_one_undo_undoes(exploration: Exploration) -> None:
    before = exploration.duplicates.roles.tolist()
    pairs = exploration.duplicates.undecided(differ_in="numbers differ")
    exploration.duplicates.label(pairs["row"], "distinct", other=pairs["other"])
    lines = (exploration.folder / "edits.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 1
    stored = json.loads(lines[0])
    assert (stored["kind"], len(stored["ids"]), stored["details"]["verdict"]) == (
        "judge_duplicates",
        2 * len(pairs),
        "apart",
    )
    assert exploration.duplicates.undecided(differ_in="numbers differ").empty
    again = open_exploration(exploration.folder)
    assert again.duplicates.roles.tolist() == exploration.duplicates.roles.tolist()
    assert again.duplicates.labels.equals(exploration.duplicates.labels)
    assert exploration.undo() == f"marked {len(pairs)} pairs of documents as distinct"
    assert exploration.duplicates.roles.tolist() == before


def test_a_verdict_holds_for_every_row_with_that_text(exploration: Exploration) -> None:
    exploration.duplicates.label(14, "drop", other=13)
    assert exploration.duplicates.roles[[12, 14]].tolist() == ["drop", "drop"]
    assert exploration.duplicates.keepers[[12, 14]].tolist() == [13, 13]
    assert "labeled by a person" in exploration.duplicates.removed().set_index("row")["reason"][12]
    exploration.duplicates.label(12, "distinct", other=13)
    assert exploration.duplicates.roles[13] != "drop"
    told = exploration.duplicates.precision()
    assert told is not None
    assert (told["n"], told["n_right"]) == (1, 0)


def test_verdicts_find_their_texts_again_when_ids_have_changed(tmp_path: Path) -> None:
    rows = [{"id": f"a{at}", "text": text} for at, text in enumerate(TEXTS)]
    made = explore(rows, "text", folder=tmp_path / "made", id="id", model=HashEmbedder(), show_progress=False)
    made.duplicates.label([13, 0], "drop", other=[14, 1])
    new = [{"id": f"b{at}", "text": text} for at, text in enumerate(reversed(TEXTS))]
    again = explore(new, "text", folder=tmp_path / "made", id="id", model=HashEmbedder(), show_progress=False)
    n = len(TEXTS)
    assert again.duplicates.labels["row"].tolist() == [n - 1 - 13, n - 1 - 0]
    assert again.duplicates.roles[[n - 1 - 13, n - 1]].tolist() == ["drop", "drop"]


def test_rows_and_others_that_do_not_fit_are_refused(exploration: Exploration) -> None:
    with pytest.raises(ValueError, match="other has 3 rows, rows has 2; expected one, or as many"):
        exploration.duplicates.label([0, 1], "drop", other=[2, 3, 4])
    with pytest.raises(ValueError, match="row 15 resembles no other row"):
        exploration.duplicates.label([15], "distinct")
    exploration.duplicates.label(np.zeros(0, dtype=np.int64), "drop")
    assert exploration.duplicates.labels.empty
