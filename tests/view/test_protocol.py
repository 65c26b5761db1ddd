"""That the protocol of the map, its handlers in Python and the questions in its JavaScript agree."""

import re
from typing import Any, get_type_hints

import pytest

from nomic_explore import Exploration
from nomic_explore.view.data.map_data import make_map_data
from nomic_explore.view.export.templates import STATIC
from nomic_explore.view.requests.answers import Answers
from nomic_explore.view.requests.protocol import QUESTIONS, check_request
from nomic_explore.view.requests.protocol.typescript import PATH, typescript


def test_every_question_has_a_handler_of_its_types(lesson: Exploration) -> None:
    handlers = Answers(lesson, make_map_data(lesson)).handlers
    assert list(handlers) == list(QUESTIONS)
    for name, question in QUESTIONS.items():
        hints = get_type_hints(handlers[name])
        assert (hints["request"], hints["return"]) == (question.request, question.response), name


def test_the_javascript_asks_nothing_else() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (STATIC.parent / "js").rglob("*.ts")]
    asked = {name for text in sources for name in re.findall(r"\b(?:request|ask|edit|requestNote)\(\s*\"(\w+)\"", text)}
    assert len(asked) > 20
    assert asked <= set(QUESTIONS)


def test_the_types_in_typescript_are_those_of_the_protocol() -> None:
    assert PATH.read_text(encoding="utf-8") == typescript(), "js/protocol.ts is old: run make protocol"


@pytest.mark.parametrize(
    ("question", "request_", "message"),
    [
        ("copy", {}, "This map cannot answer 'copy'"),
        ("read", {}, "read without point; expected point"),
        ("undo", {"point": 1}, "undo with point; expected nothing"),
        ("search", {"query": "a", "mode": "x"}, "search with mode; expected query, by, minus"),
    ],
)
def test_a_request_that_does_not_fit_its_question_says_why(
    question: str, request_: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        check_request(question, request_)
