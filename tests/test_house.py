"""The rules of the house: who imports what, what agrees with what, what must not be committed."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "nomic_explore"
MODULES = sorted(PACKAGE.rglob("*.py"))

# A package and the places that may import it, anywhere in their code.
OWNERS = {
    "torch": ("models/", "training/", "graph.py"),
    "transformers": ("models/", "training/"),
    "tokenizers": ("models/", "training/"),
    "pynndescent": ("graph.py",),
    "umap": ("projection.py",),
    "lancedb": ("store/connection.py", "store/database.py"),
    "plotly": ("view/export/",),
    "ipywidgets": ("view/", "lab/"),
    "anywidget": ("view/", "lab/"),
}
# How many parameters and returns may be anything at all; this may only fall.
MAX_ANY = 60
MAX_SELF_ANY = 0
MIN_LINES = 30
SHORT_FILES: set[str] = set()  # must become empty
SHORT_BY_NATURE = {  # one package or format each
    *("cli/check.py", "corpus/hub.py", "view/data/bitmask.py"),
    "view/export/templates.py",
}
HEAVY = (
    "torch",
    "transformers",
    "pandas",
    "pyarrow",
    "sklearn",
    "scipy",
    "umap",
    "lancedb",
    "plotly",
    "ipywidgets",
    "rich",
)


def room_of(path: Path) -> str:
    inside = path.relative_to(PACKAGE)
    return inside.parts[0].removesuffix(".py")


def imports_of(path: Path) -> list[str]:
    """All modules a file imports, also inside functions, but not those only for type checkers."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            node.body = []
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [name.name for name in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [f"{node.module}.{name.name}" for name in node.names]
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_heavy_packages_stay_in_their_rooms(path: Path) -> None:
    place = path.relative_to(PACKAGE).as_posix()
    for name in imports_of(path):
        owners = OWNERS.get(name.split(".")[0])
        assert owners is None or place.startswith(owners), f"{place} imports {name}; only {owners} may"


def test_files_import_one_another_in_no_circle() -> None:
    import grimp
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = grimp.build_graph("nomic_explore", exclude_type_checking_imports=False)
    names = sorted(graph.modules)
    place = {name: at for at, name in enumerate(names)}
    pairs = [(place[a], place[b]) for a in names for b in graph.find_modules_directly_imported_by(a)]
    first, second = zip(*pairs, strict=True)
    matrix = coo_array(([1] * len(pairs), (first, second)), shape=(len(names), len(names)))
    n_circles, circle = connected_components(matrix, directed=True, connection="strong")
    circles = [[name for name in names if circle[place[name]] == at] for at in range(n_circles)]
    assert [members for members in circles if len(members) > 1] == []


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = f"import sys, nomic_explore; print([name for name in {HEAVY} if name in sys.modules])"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "[]"


def test_every_public_name_can_be_imported() -> None:
    import nomic_explore

    for name in nomic_explore.__all__:
        assert getattr(nomic_explore, name).__doc__, name
    assert set(nomic_explore.__all__) <= set(dir(nomic_explore))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = nomic_explore.nothing


def read_lock() -> dict[str, str]:
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    pinned = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in pinned}


def read_project() -> dict[str, Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["test"], *extras["docs"]]
    return {canonicalize_name(Requirement(line).name): Requirement(line) for line in wanted}


def test_the_lock_satisfies_pyproject() -> None:
    lock = read_lock()
    assert lock["torch"] == "2.13.0"
    for name, requirement in read_project().items():
        assert name in lock, f"{name} is not in requirements.lock"
        assert requirement.specifier.contains(lock[name]), f"{name}: {lock[name]} is outside {requirement.specifier}"


def test_the_conda_environment_agrees_with_the_lock() -> None:
    import yaml

    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    pip = next(entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict))
    pinned = {canonicalize_name(line.split("==")[0]): line.split("==")[1] for line in pip if "==" in line}
    assert pinned == {name: read_lock()[name] for name in read_project()}


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_no_file_names_a_registry_or_a_machine() -> None:
    forbidden = re.compile(
        r"pypi\.org|registry\.npmjs|files\.pythonhosted|--(extra-)?index-url|/work/(main|shared)|lilacai/lilac"
    )
    for path in tracked_files():
        if path.suffix in {".png", ".ico"} or path == Path(__file__):
            continue
        match = forbidden.search(path.read_text(encoding="utf-8", errors="replace"))
        assert match is None, f"{path.relative_to(ROOT)} holds {match.group(0)!r}"


def test_no_committed_file_is_large_but_the_weights_of_nano() -> None:
    large = {
        path.relative_to(ROOT).as_posix(): path.stat().st_size for path in tracked_files() if path.stat().st_size > 2e6
    }
    assert list(large) == ["nomic_explore/models/nano/model.safetensors"]
    assert sum(path.stat().st_size for path in (PACKAGE / "models" / "nano").iterdir()) < 8e6


def test_the_readme_shows_the_two_commands_and_every_room() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "make demo" in readme
    assert "make test" in readme
    for place in {path.relative_to(PACKAGE).parts[0] for path in MODULES if room_of(path) != "__init__"}:
        assert place in readme, f"the file tree in README.md does not show {place}"


def annotations_of(path: Path) -> list[tuple[str, ast.expr]]:
    """The names of all parameters, and "return", with what is written behind them."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            given = node.args
            parameters = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
            found += [(one.arg, one.annotation) for one in parameters if one and one.annotation]
            found += [("return", node.returns)] if node.returns else []
    return found


def test_no_method_hides_what_its_self_is() -> None:
    found = [
        f"{path.relative_to(PACKAGE)}"
        for path in MODULES
        for name, annotation in annotations_of(path)
        if name == "self" and "Any" in ast.unparse(annotation)
    ]
    assert len(found) <= MAX_SELF_ANY, found


def test_few_signatures_take_anything() -> None:
    counts = {
        str(path.relative_to(PACKAGE)): sum(
            len(re.findall(r"\bAny\b", ast.unparse(annotation)))
            for name, annotation in annotations_of(path)
            if name != "self"
        )
        for path in MODULES
    }
    most = sorted(counts.items(), key=lambda each: -each[1])[:12]
    assert sum(counts.values()) <= MAX_ANY, f"{sum(counts.values())}: {most}"


def n_lines_of_code(path: Path) -> int:
    text = path.read_text(encoding="utf-8")
    comments = [line for line in text.splitlines() if line.strip().startswith("#")]
    return sum(map(bool, map(str.strip, text.splitlines()))) - len(comments) - _docstring_lines(text)


def _docstring_lines(text: str) -> int:
    return sum(map(bool, map(str.strip, (ast.get_docstring(ast.parse(text)) or "").splitlines())))


def test_no_file_of_one_noun_is_so_short_that_it_belongs_into_another() -> None:
    places = {path.relative_to(PACKAGE).as_posix(): path for path in MODULES if "_" not in path.name}
    short = {place for place, path in places.items() if n_lines_of_code(path) < MIN_LINES}
    assert short <= SHORT_FILES | SHORT_BY_NATURE, short - SHORT_FILES - SHORT_BY_NATURE


def test_the_citation_names_the_version_of_the_package() -> None:
    import yaml

    import nomic_explore

    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == nomic_explore.__version__
    assert citation["license"] == "Apache-2.0"
