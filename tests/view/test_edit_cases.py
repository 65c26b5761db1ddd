"""Edits of the screen, step by step; tests/js/edit_cases.test.js runs the same cases against an exported page."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from nomic_explore import Exploration, explore, open_exploration
from nomic_explore.testing import HashEmbedder
from nomic_explore.view.data.map_data import make_map_data
from nomic_explore.view.requests.answers import Answers
from nomic_explore.view.requests.edits import collect_annotations

CASES = json.loads((Path(__file__).parents[1] / "data" / "edit_cases.json").read_text(encoding="utf-8"))["cases"]
TEXTS = [f"{subject} {row}" for row in range(10) for subject in ("trains run", "soup boils")]


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an exploration with two topics in its first layer."""
    folder = tmp_path_factory.mktemp("cases") / "x"
    made = explore(TEXTS, folder=folder, model=HashEmbedder(), n_topics=6, show_progress=False)
    assert len(made.topics.names[0]) > 1
    return made.folder


@pytest.fixture
def exploration(untouched: Path, tmp_path: Path) -> Exploration:
    return open_exploration(shutil.copytree(untouched, tmp_path / "x"))


def state_of(exploration: Exploration, answers: Answers, computed: list[str]) -> dict[str, Any]:
    """What a case says of the end, without what is empty."""
    annotations = collect_annotations(answers.context)
    tags = [
        [tag["name"], tag["color"], sorted(answers.context.points(exploration.tags[tag["name"]]).tolist())]
        for tag in annotations["tags"]
    ]
    names = {f"0-{at}": name for at, name in enumerate(exploration.topics.names[0]) if name != computed[at]}
    state = {
        "tags": tags,
        "pinned": [line["point"] for line in annotations["pinned"]],
        "views": [[view["name"], view["view"]] for view in annotations["views"]],
        "names": names,
    }
    return {name: value for name, value in state.items() if value}


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_edits_of_the_screen(case: dict[str, Any], exploration: Exploration) -> None:
    answers, computed = Answers(exploration, make_map_data(exploration)), list(exploration.topics.names[0])
    *first, (question, request) = case["steps"]
    for step in first:
        answers.answer(*step)
    if "error" in case:
        with pytest.raises(ValueError) as refused:
            answers.answer(question, request)
        assert case["error"] in str(refused.value)
        return
    answer = answers.answer(question, request)
    assert answer.get("note", "") == case.get("note", "").replace("NAME", computed[0])
    assert state_of(exploration, answers, computed) == case["after"]
