"""What the last line of a cell prints is a few lines, however many documents there are."""

from collections.abc import Callable

import pytest

from nomic_explore import Exploration, deduplicate
from nomic_explore.session import Session

RESULTS: dict[str, Callable[[Exploration], object]] = {
    "exploration": lambda made: made,
    "duplicates": lambda made: made.duplicates,
    "duplicates.current": lambda made: made.duplicates.current,
    "duplicates.at()": lambda made: made.duplicates.at(min_similarity=0.95),
    "duplicates.deduplication()": lambda made: made.duplicates.deduplication(),
    "duplicates.background()": lambda made: made.duplicates.background(),
    "duplicates.kept()": lambda made: made.duplicates.kept(),
    "evidence": lambda made: made._state.evidence,
    "deduplicate()": lambda made: deduplicate(made.corpus, exact_only=True),
    "topics": lambda made: made.topics,
    "topics.current": lambda made: made.topics.current,
    "topics.core()": lambda made: made.topics.core(),
    "topics.describe()": lambda made: made.topics.describe(0, layer=0),
    "graph": lambda made: made.graph,
    "corpus": lambda made: made.corpus,
    "audit": lambda made: made.corpus.audit,
    "tags": lambda made: made.tags,
    "pins": lambda made: made.pins,
    "views": lambda made: made.views,
    "options": lambda made: made.options,
    "search": lambda made: made._search,
}


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_prints_in_a_few_lines(hashed_copy: Exploration, name: str) -> None:
    hashed_copy.tags.add(range(300), "all of them")
    hashed_copy.pins.add(range(300))
    hashed_copy.views["v"] = {"filters": [{"column": "id", "values": [str(at) for at in range(300)]}]}
    printed = repr(RESULTS[name](hashed_copy))
    assert len(printed) <= 700
    assert printed.count("\n") <= 12


def test_a_session_prints_in_a_line(hashed: Exploration) -> None:
    assert len(repr(Session.open(hashed.folder))) <= 300
