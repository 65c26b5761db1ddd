"""The code on every page of docs/ runs as it is written, from top to bottom, in a folder with the files that it reads."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import page_code
import pytest

from nomic_explore import Embedder

if TYPE_CHECKING:
    from nomic_explore import Exploration

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
MADE_BY_THE_BUILD = {"tutorial.md", "gallery.md"}  # test_site.py builds the site, which runs them
NOT_PAGES = {"_build", "_maps", "_generated"}


def page_names() -> list[str]:
    """The pages of docs/ that have code, by their place in docs/."""
    pages = [path for path in sorted(DOCS.rglob("*.md")) if path.relative_to(DOCS).parts[0] not in NOT_PAGES]
    with_code = [path.relative_to(DOCS).as_posix() for path in pages if page_code.code_blocks(path)]
    return [name for name in with_code if name not in MADE_BY_THE_BUILD]


@pytest.fixture(scope="module")
def reader_files(
    build_once: "Callable[..., Exploration]", lesson: "Exploration", tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A folder with what a reader is taken to have: tables, vectors, models, and explorations of the reviews and of the sentences."""
    from nomic_explore.models import random_embedder

    folder = tmp_path_factory.mktemp("reader")
    reviews = page_code.make_reviews()
    reviews.to_parquet(folder / "reviews.parquet")
    reviews.to_csv(folder / "reviews.csv", index=False)
    papers = reviews.rename(columns={"body": "abstract"})[["id", "title", "abstract"]]
    papers.to_json(folder / "papers.jsonl.gz", orient="records", lines=True)
    shutil.copy(ROOT / "data" / "lesson_sentences.csv", folder)
    for name in ("nomic-embed-text-v1.5", "nomic-embed-text-v2-moe"):
        random_embedder(name, folder)
    vectors = Embedder("minilm").encode(reviews["body"].tolist())
    np.save(folder / "embeddings.npy", vectors)
    reviews.assign(embedding=list(vectors)).to_parquet(folder / "reviews-with-vectors.parquet")
    (folder / "my-model").symlink_to(Embedder("minilm").save(tmp_path_factory.mktemp("saved") / "my-model"))
    built = build_once("pages", folder / "reviews.parquet", "body")
    shutil.copytree(built.folder, folder / "reviews")
    shutil.copytree(lesson.folder, folder / "sentences")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("name", page_names())
def test_the_code_of_a_page_runs_as_it_is_written(
    name: str, reader_files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shutil.copytree(reader_files, tmp_path / "here", symlinks=True))
    names: dict[str, Any] = {}
    page_code.run_page(DOCS / name, names)


def test_every_command_of_a_page_is_recognized() -> None:
    page = DOCS / "how-to" / "nightly-dashboard.md"
    found = [command[0] for block in page_code.code_blocks(page, "sh") for command in page_code.commands(block)]
    assert found == ["build", "export", "dedup"]
