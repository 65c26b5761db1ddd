"""The notebooks run from top to bottom."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
# The notebooks explore 2,500 docstrings, of which the model alone takes more than a minute on two cores. The tests run
# the same cells on fewer; the first notebook embeds them, and the others find its folder, as they do for a reader.
LIMIT, LIMIT_IN_TESTS = "docstring_corpus(limit=2500)", "docstring_corpus(limit=1250)"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the notebooks run: beside the lesson corpus, and one finds what another has explored."""
    root = tmp_path_factory.mktemp("lessons")
    (root / "data").symlink_to(NOTEBOOKS.parent / "data")
    (root / "notebooks").mkdir()
    return root / "notebooks"


def read_notebook(path: Path) -> nbformat.NotebookNode:
    """Returns a notebook whose corpus is smaller, and nothing else another."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        cell.source = cell.source.replace(LIMIT, LIMIT_IN_TESTS)
    return notebook


@pytest.mark.notebook
@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.name)
def test_a_notebook_runs_from_top_to_bottom(path: Path, folder: Path) -> None:
    notebook = read_notebook(path)
    assert all(not cell.get("outputs") for cell in notebook.cells), "commit notebooks without outputs"
    NotebookClient(notebook, timeout=400, resources={"metadata": {"path": str(folder)}}).execute()
    streams = [
        output for cell in notebook.cells for output in cell.get("outputs", []) if output.output_type == "stream"
    ]
    assert not [stream.text for stream in streams if stream.name == "stderr"]


def test_the_notebooks_explore_the_same_documents() -> None:
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        sources = "".join(cell.source for cell in nbformat.read(path, as_version=4).cells)
        assert sources.count("docstring_corpus(") == sources.count(LIMIT), f"{path.name}: write {LIMIT}"
