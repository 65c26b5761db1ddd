"""The code in README.md runs as it is written, from top to bottom, beside a small corpus of reviews; and it stays short."""

from pathlib import Path

import page_code
import pytest

README = Path(__file__).parent.parent / "README.md"


@pytest.mark.slow
def test_the_code_of_the_readme_runs_as_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    reviews = page_code.make_reviews()
    reviews.to_parquet("reviews.parquet")
    reviews.to_csv("reviews.csv", index=False)
    assert page_code.code_blocks(README, "python")
    page_code.run_page(README, {})


def test_the_readme_leaves_details_to_the_site() -> None:
    text = README.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 120
    assert len(text.encode()) <= 8_000
