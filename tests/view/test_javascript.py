"""The map's JavaScript modules and their own tests, run by Node."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("path", sorted((ROOT / "tests" / "js").glob("*.test.*")), ids=lambda path: path.name)
def test_the_javascript_modules_pass_their_own_tests(path: Path, node: str) -> None:
    ended = subprocess.run([node, "--test", str(path)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout[-3000:]
