"""The built-in corpus: real docstrings, read without running anything."""

import subprocess
import sys
import warnings
from pathlib import Path
from time import process_time

import pytest

from nomic_explore.corpus import docstring_corpus
from nomic_explore.corpus import docstrings as room

SOURCE = '''"""Module docstring, not a document."""
def plain(a):
    """Returns what it got, unchanged.

        Indented further.
    """
def short():
    """See base."""
def _private():
    """Nobody is meant to read this at all."""
if True:
    async def nested():
        """Stands in a branch of the module."""
class Cat:
    """An animal that sleeps most of the day."""
    @property
    def name(self):
        """What the animal is called by people."""
    @name.setter
    def name(self, value):
        """What the animal is called by people."""
    class Paw:
        """One of the four feet of the animal."""
    pattern = "\\d"
'''


@pytest.fixture
def zoo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "zoo_of_tests"
    for name in ("", "tests", "inner", "_vendor"):
        (folder / name).mkdir()
        (folder / name / "__init__.py").write_text('raise RuntimeError("was imported")\n')
    (folder / "cats.py").write_text(SOURCE)
    (folder / "inner" / "copies.py").write_text(SOURCE)
    (folder / "inner" / "broken.py").write_text('def f(:\n    """Not valid Python in any version."""\n')
    for name in ("tests/test_cats.py", "_vendor/cats.py", "conftest.py"):
        (folder / name).write_text(SOURCE)
    monkeypatch.syspath_prepend(tmp_path)
    return folder


def test_functions_classes_and_methods_are_documents(zoo: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        corpus = docstring_corpus(["zoo_of_tests"])
    rows = [row for row in corpus.table.to_pylist() if row["module"] == "zoo_of_tests.cats"]
    assert sorted((row["kind"], row["name"]) for row in rows) == [
        ("class", "Cat"),
        ("class", "Cat.Paw"),
        ("function", "nested"),
        ("function", "plain"),
        ("method", "Cat.name"),
        ("method", "Cat.name"),
    ]
    plain = next(row for row in rows if row["name"] == "plain")
    assert plain["text"] == "Returns what it got, unchanged.\n\nIndented further."
    assert (plain["first_line"], plain["length"]) == ("Returns what it got, unchanged.", len(plain["text"]))
    assert corpus.table.column_names == ["package", "module", "kind", "name", "length", "first_line", "text"]
    assert corpus.name == "docstrings"


def test_copies_stay_in_and_ids_are_unique(zoo: Path) -> None:
    corpus = docstring_corpus(["zoo_of_tests"])
    assert corpus.audit["repeated text"].count == len(corpus) - 5
    assert len(set(corpus.ids)) == len(corpus) == 12
    assert "zoo_of_tests.cats:Cat.name-2" in corpus.ids
    assert corpus.audit["duplicate id"].count == 0


def test_tests_vendored_copies_and_broken_files_are_left_out(zoo: Path) -> None:
    modules = set(docstring_corpus(["zoo_of_tests"]).table["module"].to_pylist())
    assert modules == {"zoo_of_tests.cats", "zoo_of_tests.inner.copies"}


def test_the_same_environment_gives_the_same_corpus() -> None:
    first, second = docstring_corpus(["rich", "typer"], limit=60), docstring_corpus(["typer", "rich"], limit=60)
    assert first.table.equals(second.table)
    assert first.ids == second.ids


@pytest.mark.parametrize("limit", [1, 5, 100])
def test_as_many_come_as_are_asked_for_from_all_packages(limit: int) -> None:
    packages = ["rich", "typer", "networkx", "yaml"]
    corpus = docstring_corpus(packages, limit=limit)
    assert len(corpus) == limit
    if limit == 100:
        assert set(corpus.table["package"].to_pylist()) == set(packages)


def test_a_package_that_has_too_few_leaves_its_share_to_the_others(zoo: Path) -> None:
    counts = (
        docstring_corpus(["rich", "zoo_of_tests"], limit=500).table.group_by("package").aggregate([([], "count_all")])
    )
    assert dict(zip(*counts.to_pydict().values(), strict=True)) == {"rich": 488, "zoo_of_tests": 12}


@pytest.mark.slow
def test_the_built_in_corpus_is_large_mixed_and_quick() -> None:
    began = process_time()
    corpus = docstring_corpus()
    assert process_time() - began < 60  # 4 s; of the processor, so that neighbors do not count
    assert len(corpus) == len(corpus.rows) == 8000
    packages = corpus.table["package"].value_counts().to_pylist()
    assert len(packages) > 40
    assert max(package["counts"] for package in packages) < 800
    assert corpus.audit["repeated text"].count > 100
    assert set(corpus.table["kind"].unique().to_pylist()) == {"function", "class", "method"}
    assert min(corpus.table["length"].to_pylist()) >= room.MIN_CHARACTERS


def test_no_package_is_imported() -> None:
    code = (
        "import sys; from nomic_explore.corpus import docstring_corpus; docstring_corpus(['sympy', 'torch'], 30); "
        "print([name for name in ('sympy', 'torch') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


@pytest.mark.parametrize("name", ["no_such_package", "scikit-learn", "numpy.linalg", ""])
def test_a_package_that_is_not_there_is_named(name: str) -> None:
    with pytest.raises(ValueError, match=f"package '{name}' is not installed"):
        docstring_corpus([name])


def test_a_package_without_docstrings_is_told(zoo: Path) -> None:
    (zoo / "cats.py").unlink()
    (zoo / "inner" / "copies.py").unlink()
    with pytest.raises(ValueError, match="No docstrings in zoo_of_tests"):
        docstring_corpus("zoo_of_tests")
    with pytest.raises(ValueError, match="limit=0"):
        docstring_corpus(limit=0)
