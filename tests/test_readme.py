"""The Python in README.md runs as it is written, from top to bottom, beside a small corpus of reviews."""

from pathlib import Path
from typing import Any

import page_code
import pytest

import nomic_explore
from nomic_explore import Embedder, build_graph, explore

README = Path(__file__).parent.parent / "README.md"


@pytest.fixture
def names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What a reader is taken to have: files, arrays and a second exploration."""
    monkeypatch.chdir(tmp_path)
    reviews = page_code.make_reviews()
    reviews.to_parquet("reviews.parquet")
    reviews.to_csv("reviews.csv", index=False)
    texts = reviews["text"].tolist()
    vectors = Embedder("minilm").encode(texts)
    return {
        "texts": texts,
        "vectors": vectors,
        "graph": build_graph(vectors),
        "table": reviews,
        "corpus": nomic_explore.read_corpus(reviews, "text", id="id"),
        "other": explore(reviews, "text", folder=tmp_path / "other", show_progress=False),
        "rows": list(range(0, page_code.N_REVIEWS, 2)),
    }


@pytest.mark.slow
def test_the_python_in_the_readme_runs_as_it_is_written(names: dict[str, Any]) -> None:
    assert len(page_code.code_blocks(README, "python")) >= 3
    blocks = [block for block in page_code.code_blocks(README) if block.language == "python"]
    for block in blocks:
        exec(compile("\n" * block.line + block.text, str(README), "exec"), names)
