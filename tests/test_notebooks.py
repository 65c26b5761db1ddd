"""The notebooks run from top to bottom."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the notebooks run: beside the lesson corpus, and one finds what another has explored."""
    root = tmp_path_factory.mktemp("lessons")
    (root / "data").symlink_to(NOTEBOOKS.parent / "data")
    (root / "notebooks").mkdir()
    return root / "notebooks"


@pytest.mark.parametrize(
    "name", ["01_first_map.ipynb", "02_the_models.ipynb", "03_explore.ipynb", "04_topics.ipynb", "05_duplicates.ipynb"]
)
def test_a_notebook_runs_from_top_to_bottom(name: str, folder: Path) -> None:
    notebook = nbformat.read(NOTEBOOKS / name, as_version=4)
    assert all(not cell.get("outputs") for cell in notebook.cells), "commit notebooks without outputs"
    NotebookClient(notebook, timeout=400, resources={"metadata": {"path": str(folder)}}).execute()
    streams = [
        output for cell in notebook.cells for output in cell.get("outputs", []) if output.output_type == "stream"
    ]
    assert not [stream.text for stream in streams if stream.name == "stderr"]
