"""The built-in corpus: the docstrings of the packages installed beside this one, read without importing them."""

import ast
import gc
import inspect
import os
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from nomic_explore.checks import check_positive
from nomic_explore.corpus.corpus import Corpus, make_corpus, unique_ids

# Packages that this one brings along, directly or through another; those that are not there are left out.
PACKAGES = (
    *("IPython", "PIL", "anyio", "anywidget", "babel", "bleach", "bs4", "click", "dateutil", "filelock", "fsspec"),
    *("httpx", "huggingface_hub", "ipykernel", "ipywidgets", "jedi", "jinja2", "joblib", "jsonschema"),
    *("jupyter_client", "jupyter_events", "jupyter_server", "jupyterlab", "jupyterlab_server", "lancedb", "llvmlite"),
    *("markdown_it", "mistune", "mpmath", "nbclient", "nbconvert", "nbformat", "networkx", "nomic", "numba", "numpy"),
    *("packaging", "pandas", "parso", "pexpect", "plotly", "prompt_toolkit", "psutil", "pyarrow", "pydantic"),
    *("pygments", "pynndescent", "requests", "rich", "safetensors", "scipy", "sklearn", "sympy", "tornado", "tqdm"),
    *("torch", "traitlets", "transformers", "typer", "umap", "urllib3", "yaml", "zmq"),
)
SKIPPED_FOLDERS = {
    "tests",
    "test",
    "testing",
    "_tests",
    "_vendor",
    "vendored",
    "third_party",
    "externals",
    "benchmarks",
}
# Written by a program from a schema: tens of thousands of docstrings that differ in a word.
GENERATED = {"plotly": {"graph_objs", "validators"}, "lance_namespace_urllib3_client": {"models"}}
MIN_CHARACTERS = 20  # "See base class." says nothing about what is documented
MAX_PER_MODULE = 40  # at first, so that no long file stands for its whole package
MAX_TOGETHER = 8  # modules in a folder that is read whole, once one of them is
MAX_WEIGHED_BYTES = 6_000_000  # beyond this, more source gives a package no larger share


class _Docstring(NamedTuple):
    package: str
    module: str
    line: int
    kind: str
    name: str
    text: str


def docstring_corpus(packages: Sequence[str] | None = None, limit: int = 8000) -> Corpus:
    """Returns the docstrings of the functions, classes and methods of installed packages.

    The files are parsed, never run. Which modules are read is decided by a hash of their names, package by package with
    shares that grow with the square root of the source, so that the same environment gives the same corpus, another
    version of a package changes little, and no package crowds out the others. Duplicates stay in: an environment holds
    thousands. Left out are private names, tests, generated code, and docstrings below 20 characters.

    Args:
        packages: names as in `import`; None takes some fifty that this package brings along.
        limit: documents at most.

    Returns:
        A corpus named "docstrings" with the columns package, module, kind (function, class or method), name, length (in
        characters), first_line and text; ids such as "numpy.lib._function_base_impl:rot90".

    Raises:
        ValueError: a package is not installed, or none of them has docstrings.

    Example:
        >>> corpus = docstring_corpus(["rich"], limit=20)
        >>> len(corpus), corpus.table.column_names[:4]
        (20, ['package', 'module', 'kind', 'name'])
    """
    limit = check_positive(limit, "limit")
    if packages is None:
        names = [name for name in PACKAGES if _locate(name) is not None]
    else:
        names = sorted({packages} if isinstance(packages, str) else set(packages))
    with _quick_parsing():
        taken = sorted(_sample([_Package(name) for name in names], limit))
    if not taken:
        raise ValueError(f"No docstrings in {', '.join(names) or 'no packages'}; name packages written in Python.")
    texts = [docstring.text for docstring in taken]
    columns = {
        "package": [docstring.package for docstring in taken],
        "module": [docstring.module for docstring in taken],
        "kind": [docstring.kind for docstring in taken],
        "name": [docstring.name for docstring in taken],
        "length": pa.array(map(len, texts), pa.int32()),
        "first_line": [text.split("\n", 1)[0] for text in texts],
        "text": texts,
    }
    # A property has a getter and a setter, a function may stand in both branches of an `if`.
    ids = unique_ids([f"{docstring.module}:{docstring.name}" for docstring in taken])
    return make_corpus(pa.table(columns), pa.chunked_array([pa.array(texts, pa.large_string())]), "docstrings", ids)


class _Package:
    """The docstrings of one package, parsed as far as they are asked for."""

    def __init__(self, name: str) -> None:
        root = _locate(name)
        if root is None:
            raise ValueError(
                f"package {name!r} is not installed, or not written in Python. "
                "Give names as in `import`: 'sklearn', not 'scikit-learn'; 'numpy', not 'numpy.linalg'."
            )
        self.name = name
        files = list(_source_files(root, GENERATED.get(name, set())))
        self.weight = min(sum(size for _, _, size in files), MAX_WEIGHED_BYTES) ** 0.5
        self._docstrings = self._read(_shuffled([(module, file) for module, file, _ in files]))
        self.is_read = False

    def take(self, n: int) -> list[_Docstring]:
        """Returns the next n docstrings; fewer when there are no more."""
        taken = [docstring for docstring, _ in zip(self._docstrings, range(n), strict=False)] if n else []
        self.is_read = len(taken) < n
        return taken

    def _read(self, modules: list[tuple[str, Path]]) -> Iterator[_Docstring]:
        left: list[_Docstring] = []
        for module, file in modules:
            found = [_Docstring(self.name, module, *each) for each in _parse(file)]
            found.sort(key=lambda docstring: _hash(docstring.text))  # equal texts stay together
            yield from found[:MAX_PER_MODULE]
            left += found[MAX_PER_MODULE:]
        yield from left


def _sample(packages: list[_Package], limit: int) -> list[_Docstring]:
    """Returns up to `limit` docstrings, an equal share of each package; what one lacks is taken from the others."""
    taken: list[_Docstring] = []
    while len(taken) < limit and packages:
        missing, weights = limit - len(taken), sum(package.weight for package in packages) or 1.0
        shares = [int(missing * package.weight / weights) for package in packages]
        for place in range(missing if missing < len(packages) else 0):
            shares[place] = max(shares[place], 1)
        for package, share in zip(packages, shares, strict=True):
            taken += package.take(min(share, limit - len(taken)))
        packages = [package for package in packages if not package.is_read]
    return taken


def _locate(name: str) -> Path | None:
    """Returns the folder or the file of a top-level package, without running any of it."""
    if not name.isidentifier():
        return None
    try:
        spec = find_spec(name)
    except ValueError:  # loaded, and without a spec
        return None
    if spec is None:
        return None
    if spec.submodule_search_locations:
        return Path(next(iter(spec.submodule_search_locations)))
    return Path(spec.origin) if spec.origin and spec.origin.endswith(".py") else None


def _source_files(root: Path, generated: set[str]) -> Iterator[tuple[str, Path, int]]:
    """Yields (dotted module, file, bytes) for the Python files of a package, without tests and vendored packages."""
    if root.is_file():
        yield root.stem, root, root.stat().st_size
        return
    for folder, below, files in os.walk(root):
        below[:] = sorted(name for name in below if name.isidentifier() and name not in SKIPPED_FOLDERS | generated)
        inside = Path(folder).relative_to(root.parent).parts
        for name in sorted(files):
            stem = name.removesuffix(".py")
            if stem == name or not stem.isidentifier() or stem.startswith("test_") or stem == "conftest":
                continue
            path = Path(folder, name)
            yield ".".join(inside if stem == "__init__" else (*inside, stem)), path, path.stat().st_size


def _shuffled(modules: list[tuple[str, Path]]) -> list[tuple[str, Path]]:
    """Returns the modules in the order of their hashes; those of a small folder stand together, as do their duplicates."""
    sizes = Counter(file.parent for _, file in modules)

    def place(module: str, file: Path) -> tuple[bytes, bytes]:
        is_alone = sizes[file.parent] > MAX_TOGETHER
        return _hash(module if is_alone else module.rpartition(".")[0]), _hash(module)

    return sorted(modules, key=lambda each: place(*each))


def _parse(file: Path) -> list[tuple[int, str, str, str]]:
    """Returns (line, kind, qualified name, docstring) for what a file defines; nothing if it is not valid Python 3."""
    content = file.read_bytes()
    if b'"""' not in content and b"'''" not in content:
        return []
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError):
        return []  # templates and files for other versions of Python
    return list(_documented(tree.body, ""))


def _documented(body: list[ast.stmt], owner: str) -> Iterator[tuple[int, str, str, str]]:
    for node in body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            if node.name.startswith("_"):
                continue
            name = f"{owner}.{node.name}" if owner else node.name
            text = _docstring_of(node)
            if text is not None:
                kind = "class" if isinstance(node, ast.ClassDef) else "method" if owner else "function"
                yield node.lineno, kind, name, text
            if isinstance(node, ast.ClassDef):
                yield from _documented(node.body, name)
        elif isinstance(node, ast.If | ast.Try):
            yield from _documented(node.body, owner)
            yield from _documented(node.orelse, owner)


def _docstring_of(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> str | None:
    first = node.body[0]
    if not isinstance(first, ast.Expr) or not isinstance(first.value, ast.Constant):
        return None
    value = first.value.value
    if not isinstance(value, str) or len(value) < MIN_CHARACTERS:
        return None
    text = inspect.cleandoc(value).strip().encode("utf-8", "replace").decode()
    return text if len(text) >= MIN_CHARACTERS and " " in text else None


def _hash(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=8).digest()


@contextmanager
def _quick_parsing() -> Iterator[None]:
    """Parses without cycle collection (trees hold no cycles; it takes half the time) and without others' warnings."""
    was_enabled: Callable[[], None] = gc.enable if gc.isenabled() else gc.disable
    gc.disable()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        was_enabled()
