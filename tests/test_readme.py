"""The Python in README.md runs as it is written, from top to bottom, beside a small corpus of reviews."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import nomic_explore
from nomic_explore import Embedder, build_graph, explore

README = Path(__file__).parent.parent / "README.md"
N = 240
GOODS = {"toys": "toy train", "games": "board game", "books": "cookery book", "garden": "garden hose"}
PARTS = ("wheel", "lid", "manual", "box", "handle", "cover", "spring", "screw", "label", "hinge")
OPINIONS = (
    "arrived broken, the {part} was cracked and I asked for a refund",
    "works well, my children love the {part} and play with it every day",
    "came three weeks late and the {part} was missing from the parcel",
    "is good value, though the {part} feels cheap in the hand",
)


@pytest.fixture(scope="module")
def reviews() -> pd.DataFrame:
    """Reviews with columns of every kind; each sixth repeats the one before, and the split cuts through repeats."""
    rows = np.arange(N) - (np.arange(N) % 6 == 5)
    goods, parts = list(GOODS), [*PARTS]
    body = [f"This {GOODS[goods[n % 4]]} {OPINIONS[n // 4 % 4].format(part=parts[n // 16 % 10])}." for n in rows]
    table = pd.DataFrame({"id": [f"r{n}" for n in range(N)], "title": [GOODS[goods[n % 4]].title() for n in rows]})
    table["body"], table["text"] = body, body
    table["category"] = [goods[n % 4] for n in rows]
    table["stars"], table["year"] = 1 + 7 * rows % 41 / 10, 2004 + rows % 12
    table["date"] = pd.Timestamp("2015-01-01") + pd.to_timedelta(9 * rows, unit="D")
    table["label"] = np.where(rows % 2, "good", "bad")
    table["split"] = np.where(np.arange(N) % 5, "train", "test")
    return table


@pytest.fixture
def names(reviews: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What a reader is taken to have: files, arrays and a second exploration."""
    monkeypatch.chdir(tmp_path)
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
        "rows": list(range(0, N, 2)),
    }


def python_blocks() -> list[tuple[int, str]]:
    """The fenced blocks of Python with the number of the line where each begins."""
    readme = README.read_text(encoding="utf-8")
    found = re.finditer(r"^```python\n(.*?)^```", readme, re.DOTALL | re.MULTILINE)
    return [(readme[: block.start(1)].count("\n"), block.group(1)) for block in found]


@pytest.mark.slow
def test_the_python_in_the_readme_runs_as_it_is_written(names: dict[str, Any]) -> None:
    blocks = python_blocks()
    assert len(blocks) >= 3
    for line, block in blocks:
        exec(compile("\n" * line + block, str(README), "exec"), names)  # a traceback shows the line of the README
