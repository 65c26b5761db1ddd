"""What several test files share: one small exploration, and where Chromium is."""

import os
import shutil
from pathlib import Path

import pytest

from nomic_explore import Exploration, explore

ROOT = Path(__file__).parent.parent
LESSON = ROOT / "data" / "lesson_sentences.csv"


@pytest.fixture(scope="session")
def lesson(tmp_path_factory: pytest.TempPathFactory) -> Exploration:
    """An exploration of the lesson sentences; tests must not change its folder."""
    folder = tmp_path_factory.mktemp("lesson") / "exploration"
    return explore(LESSON, "text", folder=folder, id="id", show_progress=False)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Chromium; tests that ask for it are skipped where there is none."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no Chromium; install it or set CHROMIUM to its path")
    return path
