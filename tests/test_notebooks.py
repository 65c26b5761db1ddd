"""The notebooks run from top to bottom."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


# 01 runs in a browser: test_browser_notebook.py
@pytest.mark.parametrize("name", ["02_the_models.ipynb", "03_explore.ipynb"])
def test_a_notebook_runs_from_top_to_bottom(name: str, tmp_path: Path) -> None:
    notebook = nbformat.read(NOTEBOOKS / name, as_version=4)
    assert all(not cell.get("outputs") for cell in notebook.cells), "commit notebooks without outputs"
    folder = tmp_path / "notebooks"
    folder.mkdir()
    (tmp_path / "data").symlink_to(NOTEBOOKS.parent / "data")
    NotebookClient(notebook, timeout=400, resources={"metadata": {"path": str(folder)}}).execute()
    streams = [
        output for cell in notebook.cells for output in cell.get("outputs", []) if output.output_type == "stream"
    ]
    assert not [stream.text for stream in streams if stream.name == "stderr"]
