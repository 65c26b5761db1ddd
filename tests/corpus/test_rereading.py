from pathlib import Path

import pandas as pd
import pytest

from nomic_explore import Corpus, deduplicate, explore, open_exploration, read_corpus
from nomic_explore.testing import HashEmbedder

LONG = "Daily weather report for the northern region, issued by the harbor office at six in the morning, valid for all ships"
FRAME = pd.DataFrame(
    {
        "title": [LONG, LONG, *(f"title number {row} on subject {row % 5}" for row in range(12))],
        "body": ["fog", "gale", *(f"body {row} has other words" for row in range(12))],
        "key": [f"k{row}" for row in range(14)],
    }
)


def built(source: object, folder: Path, **options: object) -> Corpus:
    explore(source, model=HashEmbedder(), folder=folder, show_progress=False, **options)  # type: ignore[arg-type]
    return open_exploration(folder).corpus


@pytest.mark.parametrize("text", ["title", "body", ["title", "body"], "{title}: {body}"])
@pytest.mark.parametrize("id", [None, "key"])
def test_a_corpus_is_explored_as_its_source_would_be(text: str | list[str], id: str | None, tmp_path: Path) -> None:
    corpus = read_corpus(FRAME, text="body")
    direct = built(FRAME, tmp_path / "a", text=text, id=id, limit=9, name="mine")
    through = built(corpus, tmp_path / "b", text=text, id=id, limit=9, name="mine")
    for part in ("texts", "ids", "name", "text_columns"):
        assert getattr(through, part) == getattr(direct, part)
    assert through.table.equals(direct.table)


def test_a_corpus_keeps_its_own_ids_when_its_texts_change() -> None:
    corpus = read_corpus(FRAME, text="title", id="key")
    from nomic_explore.corpus.rereading import reread

    assert reread(corpus, text="body").ids == list(FRAME.key)
    assert reread(read_corpus(FRAME, text="title"), text="body").ids == read_corpus(FRAME, text="body").ids


@pytest.mark.parametrize("argument", [{"text": "no_such_column"}, {"id": "no_such_column"}])
def test_a_column_that_a_corpus_lacks_is_an_error(argument: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no column 'no_such_column'"):
        built(read_corpus(FRAME, text="title"), tmp_path / "a", **argument)
    with pytest.raises(ValueError, match="no column 'no_such_column'"):
        deduplicate(read_corpus(FRAME, text="title"), exact_only=True, show_progress=False, **argument)  # type: ignore[arg-type]


def test_the_columns_of_a_text_are_compared_whether_they_are_named_in_the_corpus_or_in_the_call(tmp_path: Path) -> None:
    text = ["title", "body"]
    roles = [
        explore(FRAME, text, HashEmbedder(), tmp_path / "a", show_progress=False).duplicates.current.roles,
        explore(
            read_corpus(FRAME, text), None, HashEmbedder(), tmp_path / "b", show_progress=False
        ).duplicates.current.roles,
        deduplicate(FRAME, text, HashEmbedder(), show_progress=False).duplicates.roles,
        deduplicate(read_corpus(FRAME, text), model=HashEmbedder(), show_progress=False).duplicates.roles,
        deduplicate(
            open_exploration(tmp_path / "a").corpus, model=HashEmbedder(), show_progress=False
        ).duplicates.roles,
    ]
    assert {tuple(own[:2]) for own in roles} == {("keep", "review")} or {tuple(own[:2]) for own in roles} == {
        ("review", "keep")
    }
