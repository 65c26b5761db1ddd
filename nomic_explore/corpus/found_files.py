"""Which files a path, folder, glob or .zip file means, and which of them are left out."""

import glob as globbing
import os
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path, PurePosixPath

from nomic_explore.corpus.formats import COMPRESSED, damaged

CSV_SUFFIXES = (".csv", ".tsv", ".tab")
JSON_SUFFIXES = (".json", ".jsonl", ".ndjson")
EXCEL_SUFFIXES = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
BINARY_SUFFIXES = (".parquet", ".pq", ".feather", ".arrow", ".ipc", ".arrows", *EXCEL_SUFFIXES)
DATA_SUFFIXES = (*CSV_SUFFIXES, *JSON_SUFFIXES, *BINARY_SUFFIXES)
TEXT_SUFFIXES = (".txt", ".md")
ARCHIVE = ".zip"
FORMATS = tuple(suffix[1:] for suffix in (*DATA_SUFFIXES, *TEXT_SUFFIXES))
_ATLAS_EXPORT = "data/dataset.parquet"  # in what `embedding-atlas --export-application` writes
_ATLAS_SETTINGS = "data/metadata.json"
_N_LISTED = 20  # files that a finding names

LeftOut = tuple[str, str]  # the name of a file below its folder, and why it is not read


@dataclass(frozen=True)
class FoundFiles:
    """The files of a source.

    Attributes:
        files: those to read, sorted: tables, or documents.
        name: what to call the source.
        root: the folder or archive they were found in; None if they were named one by one.
        documents: .txt and .md files beside tables, one of which may describe them.
        left_out: what else lies there.
    """

    files: list[Path]
    name: str
    root: Path | None = None
    documents: tuple[Path, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


def find_files(source: str | Path, format: str | None = None) -> FoundFiles:
    """Returns the files of a path, folder, glob or .zip file.

    Args:
        source: the path.
        format: as which a file is read, whatever its name ends in; None goes by the names.

    Raises:
        FileNotFoundError: nothing is there.
        ValueError: nothing there can be read.
    """
    path = Path(source).expanduser()
    if "://" in str(source):
        raise ValueError(
            f"{source} is an address; expected a local file or hf://datasets/owner/name. Download it first."
        )
    try:
        is_folder, exists = path.is_dir(), path.exists()
    except (OSError, ValueError):  # longer than a path may be, or with a NUL inside
        is_folder = exists = False
    if is_folder:
        return _choose(path, path.resolve().name, *_walk(path), format)
    if exists and path.suffix.lower() == ARCHIVE:
        return _choose(path, _stem(path), *_list_archive(path), format)
    if exists:
        if suffix_of(path, format) is None:
            raise ValueError(
                f"{path} is of no known format; expected one of {_known_suffixes()}. If it is one of these under another "
                'name, pass format="csv" or the like.'
            )
        return FoundFiles([path], _stem(path))
    if globbing.has_magic(str(path)):
        matches = sorted(Path(match) for match in globbing.glob(str(path), recursive=True) if Path(match).is_file())
        if not matches:
            raise FileNotFoundError(f"No file matches {source!r}; paths are relative to {Path.cwd()}.")
        root = next(each for each in path.parents if not globbing.has_magic(str(each)))
        return _choose(root, matches[0].resolve().parent.name, matches, [], format, str(source))
    raise FileNotFoundError(_missing(source, path))


def looks_like_file(text: str) -> bool:
    """Returns whether a string could be the path of a file in a supported format.

    Example:
        >>> looks_like_file("news.csv"), looks_like_file("a cat")
        (True, False)
    """
    if len(text) >= 1024 or "\n" in text:
        return False
    return suffix_of(Path(text)) is not None or Path(text).suffix.lower() == ARCHIVE


def suffix_of(path: Path, format: str | None = None) -> str | None:
    """Returns the suffix that identifies the format, in lower case, or None if there is no reader for it.

    Example:
        >>> suffix_of(Path("news.CSV.gz")), suffix_of(Path("news.pdf")), suffix_of(Path("news.dat"), "csv")
        ('.csv', None, '.csv')
    """
    if format is not None:
        return f".{format}"
    suffixes = [suffix.lower() for suffix in path.suffixes]
    is_compressed = bool(suffixes) and suffixes[-1] in COMPRESSED
    inner = suffixes[-2:-1] if is_compressed else suffixes[-1:]
    if not inner or inner[0] not in (*DATA_SUFFIXES, *TEXT_SUFFIXES):
        return None
    return None if is_compressed and inner[0] in BINARY_SUFFIXES else inner[0]


def describe_left_out(left_out: Sequence[LeftOut]) -> str:
    """Returns a sentence that names files and says why they are not read.

    Example:
        >>> describe_left_out([("logo.png", "of no known format")])
        '1 file was left out: logo.png (of no known format)'
    """
    listed = ", ".join(f"{name} ({why})" for name, why in left_out[:_N_LISTED])
    more = " …" if len(left_out) > _N_LISTED else ""
    n_files = len(left_out)
    return f"{n_files:,} file{' was' if n_files == 1 else 's were'} left out: {listed}{more}"


def _walk(folder: Path) -> tuple[list[Path], list[LeftOut]]:
    """Returns the files below a folder, sorted, and those that are hidden."""
    found: list[Path] = []
    hidden: list[LeftOut] = []
    for place, folders, names in os.walk(folder):
        inner = Path(place)
        hidden += [(f"{_below(folder, inner / name)}/", "hidden") for name in folders if _is_hidden(name)]
        hidden += [(_below(folder, inner / name), "hidden") for name in names if _is_hidden(name)]
        folders[:] = [name for name in folders if not _is_hidden(name)]
        found += [inner / name for name in names if not _is_hidden(name) and (inner / name).is_file()]
    return sorted(found), sorted(hidden)


def _list_archive(archive: Path) -> tuple[list[Path], list[LeftOut]]:
    """Returns the files in a .zip file, sorted, as paths behind its own, and those that are not read."""
    try:
        with zipfile.ZipFile(archive) as opened:
            entries = [entry for entry in opened.infolist() if not entry.is_dir()]
    except (zipfile.BadZipFile, OSError) as error:
        raise damaged(archive, error) from None
    found: list[Path] = []
    left_out: list[LeftOut] = []
    for entry in entries:
        inner = PurePosixPath(entry.filename)
        if inner.is_absolute() or ".." in inner.parts:
            left_out.append((entry.filename, "outside of the archive"))
        elif any(map(_is_hidden, inner.parts)):
            left_out.append((entry.filename, "hidden"))
        elif not entry.file_size and suffix_of(Path(inner)) in DATA_SUFFIXES:
            left_out.append((entry.filename, "empty"))
        else:
            found.append(archive / inner)
    return sorted(found), left_out


def _choose(
    root: Path, name: str, found: list[Path], left_out: list[LeftOut], format: str | None, source: str | None = None
) -> FoundFiles:
    """Returns the tables among the files, with the documents that one of them may describe; without tables the documents."""
    if all(root / part in found for part in (_ATLAS_EXPORT, _ATLAS_SETTINGS)):
        return FoundFiles([root / _ATLAS_EXPORT], name)  # beside it lie its page and the settings of that
    wanted = DATA_SUFFIXES if format is None else (f".{format}",)
    data = [file for file in found if suffix_of(file) in wanted]
    empty = [file for file in data if file.is_file() and not file.stat().st_size]
    data = [file for file in data if file not in empty]
    documents = [file for file in found if suffix_of(file) in TEXT_SUFFIXES and (format is None or file in data)]
    readmes = [file for file in documents if _is_readme(file, root)]
    if data or len(readmes) < len(documents):
        documents = [file for file in documents if file not in readmes]
    if not (data or documents):
        raise ValueError(
            f"{source or root} holds no file that can be read; expected {_known_suffixes()}."
            + (f" {len(empty)} files are empty (0 bytes)." if empty else "")
        )
    taken = {*data, *documents}
    reasons = {file: "of no known format" for file in found if file not in taken}
    reasons |= dict.fromkeys(empty, "empty") | dict.fromkeys(
        (file for file in readmes if file not in taken), "no document"
    )
    left_out = [*left_out, *((_below(root, file), why) for file, why in reasons.items())]
    if data and documents and len(data) > 1 and not any(map(_is_metadata, data)):
        left_out += [(_below(root, file), "text beside tables") for file in documents]
        documents = []
    if not data or set(data) == set(documents):
        data, documents = documents, []
    return FoundFiles(data, name, root, tuple(documents), tuple(left_out))


def _is_hidden(name: str) -> bool:
    return name.startswith((".", "_"))


def _is_readme(file: Path, root: Path) -> bool:
    return file.parent == root and file.stem.lower() in ("readme", "license", "licence", "changelog")


def _is_metadata(file: Path) -> bool:
    return "metadata" in file.name.lower()


def _below(root: Path, file: Path) -> str:
    return file.relative_to(root).as_posix() if file.is_relative_to(root) else str(file)


def _stem(path: Path) -> str:
    name = path.name
    while Path(name).suffix.lower() in (*DATA_SUFFIXES, *TEXT_SUFFIXES, *COMPRESSED, ARCHIVE):
        name = Path(name).stem
    return name


def _known_suffixes() -> str:
    known = ", ".join((*DATA_SUFFIXES, *TEXT_SUFFIXES))
    return f"{known}, text formats also with {', '.join(COMPRESSED)}, or a .zip file of them"


def _missing(source: str | Path, path: Path) -> str:
    problem = f"{str(source)[:200]!r} does not exist; paths are relative to {Path.cwd()}."
    if "\n" in str(source) or len(str(source)) > 200:
        return f"{problem} To read texts themselves, pass a list of strings."
    if str(source) == "-":
        return f"{problem} For standard input pass sys.stdin.buffer."
    parent = path.parent
    siblings = [file.name for file in parent.iterdir()] if parent.is_dir() and os.access(parent, os.R_OK) else []
    close = get_close_matches(path.name, siblings, n=1)
    return f"{problem} Did you mean {str(parent / close[0])!r}?" if close else problem
