"""Finds the files of a source and reads them into one Arrow table."""

import glob as globbing
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

import pyarrow as pa

from nomic_explore.corpus.audit import Finding
from nomic_explore.corpus.formats import ReadOptions, read_arrow, read_csv, read_parquet, read_text
from nomic_explore.corpus.frames import with_plain_columns
from nomic_explore.corpus.json_files import read_json, read_json_lines
from nomic_explore.corpus.plain_types import with_plain_types
from nomic_explore.corpus.stacking import stack_tables

Reader = Callable[[Path, ReadOptions], tuple[pa.Table, list[Finding]]]

READERS: dict[str, Reader] = {
    ".csv": read_csv,
    ".tsv": read_csv,
    ".tab": read_csv,
    ".json": read_json,
    ".jsonl": read_json_lines,
    ".ndjson": read_json_lines,
    ".parquet": read_parquet,
    ".pq": read_parquet,
    ".feather": read_arrow,
    ".arrow": read_arrow,
    ".ipc": read_arrow,
    ".arrows": read_arrow,
}
ATLAS_EXPORT = "data/dataset.parquet"  # in what `embedding-atlas --export-application` writes
TEXT_SUFFIXES = (".txt", ".md")
COMPRESSED = (".gz", ".zst")
NOT_COMPRESSED = (".parquet", ".pq", ".feather", ".arrow", ".ipc", ".arrows")


def find_files(source: str | Path) -> tuple[list[Path], str]:
    """Returns the files of a path, folder or glob, sorted, and what to call them.

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
        return _files_of_folder(path), path.resolve().name
    if exists:
        if suffix_of(path) is None:
            hint = (
                f" Unpack it and pass the file inside ({ATLAS_EXPORT} of embedding-atlas)."
                if path.suffix == ".zip"
                else ""
            )
            raise ValueError(f"{path} is of no known format; expected one of {_known_suffixes()}.{hint}")
        return [path], _stem(path)
    if globbing.has_magic(str(path)):
        found = sorted(Path(match) for match in globbing.glob(str(path), recursive=True) if Path(match).is_file())
        if not found:
            raise FileNotFoundError(f"No file matches {source!r}; paths are relative to {Path.cwd()}.")
        return _readable(found, str(source)), Path(found[0]).resolve().parent.name
    raise FileNotFoundError(_missing(source, path))


def looks_like_file(text: str) -> bool:
    """Returns whether a string could be the path of a file in a supported format.

    Example:
        >>> looks_like_file("news.csv"), looks_like_file("a cat")
        (True, False)
    """
    return len(text) < 1024 and "\n" not in text and suffix_of(Path(text)) is not None


def read_files(files: Sequence[Path], name: str, options: ReadOptions) -> tuple[pa.Table, str, list[Finding]]:
    """Returns the rows of all files in their order, the name, and findings about how they were read.

    Args:
        files: at least one; data files, or .txt and .md files, each of which is one document.
        name: what messages and the corpus call them.
        options: how they are read; the limit is that of all files together.

    Raises:
        ValueError: a file cannot be read.
    """
    limit = options.limit
    if all(suffix_of(file) in TEXT_SUFFIXES for file in files):
        return _read_documents(files if limit is None else files[:limit], options.encoding), name, []
    tables: list[pa.Table] = []
    notes: list[Finding] = []
    for file in files:
        left = None if limit is None else limit - sum(table.num_rows for table in tables)
        if left == 0:
            break
        table, file_notes = _read_file(file, replace(options, limit=left))
        tables.append(table)
        notes += file_notes
    table, stacking_notes = stack_tables(tables, [file.name for file in files])
    table, type_notes = with_plain_types(table)
    return table, name, notes + stacking_notes + type_notes


def _read_file(file: Path, options: ReadOptions) -> tuple[pa.Table, list[Finding]]:
    if file.stat().st_size == 0:
        raise ValueError(f"{file} is empty (0 bytes); expected at least one row.")
    suffix = str(suffix_of(file))
    if suffix in TEXT_SUFFIXES:
        return _read_documents([file], options.encoding), []
    with _naming_wrong_encoding(file, options.encoding):
        table, notes = READERS[suffix](file, options)
    if not table.num_columns:
        raise ValueError(f"{file} holds no rows; expected at least one.")
    table = with_plain_columns(table)
    _check_strings(table, file)
    return (table if options.limit is None else table.slice(0, options.limit)), notes


@contextmanager
def _naming_wrong_encoding(file: Path, encoding: str | None) -> Iterator[None]:
    """Turns the error of a file that is not in the encoding given into one that names the file."""
    try:
        yield
    except UnicodeDecodeError as error:
        if encoding is None:
            raise
        byte = error.object[error.start]
        raise ValueError(
            f"{file} is not in the encoding {encoding!r}: byte 0x{byte:02x} has no meaning in it. "
            "Name another encoding=, or leave it out for UTF-8."
        ) from None


def _files_of_folder(folder: Path) -> list[Path]:
    if (folder / ATLAS_EXPORT).is_file() and (folder / "data" / "metadata.json").is_file():
        return [folder / ATLAS_EXPORT]  # beside it lie the settings of its page
    found = sorted(
        file
        for file in folder.rglob("*")
        if file.is_file() and not any(part.startswith((".", "_")) for part in file.relative_to(folder).parts)
    )
    return _readable(found, str(folder))


def _readable(found: list[Path], source: str) -> list[Path]:
    """Returns the data files among the files; without any, the text files."""
    data = [file for file in found if suffix_of(file) in READERS]
    texts = [file for file in found if suffix_of(file) in TEXT_SUFFIXES]
    if not (data or texts):
        raise ValueError(f"{source} holds no file that can be read; expected {_known_suffixes()}.")
    return data or texts


def _read_documents(files: Sequence[Path], encoding: str | None) -> pa.Table:
    root = Path(os.path.commonpath([file.resolve().parent for file in files]))
    names = [file.resolve().relative_to(root).as_posix() for file in files]
    texts = []
    for file in files:
        with _naming_wrong_encoding(file, encoding):
            texts.append(read_text(file, encoding))
    return pa.table({"file": names, "text": pa.array(texts, pa.string())})


def _check_strings(table: pa.Table, file: Path) -> None:
    """Raises ValueError if a column holds strings that are not UTF-8, which the binary formats do not check."""
    for name, column in zip(table.column_names, table.columns, strict=True):
        try:
            column.validate(full=True)
        except pa.ArrowInvalid as error:
            raise ValueError(
                f"column {name!r} of {file} is damaged or not valid UTF-8 ({error}). Write the file anew."
            ) from None


def suffix_of(path: Path) -> str | None:
    """Returns the suffix that identifies the format, in lower case, or None if there is no reader for it.

    Example:
        >>> suffix_of(Path("news.CSV.gz")), suffix_of(Path("news.pdf"))
        ('.csv', None)
    """
    suffixes = [suffix.lower() for suffix in path.suffixes]
    is_compressed = bool(suffixes) and suffixes[-1] in COMPRESSED
    inner = suffixes[-2:-1] if is_compressed else suffixes[-1:]
    if not inner or (inner[0] not in READERS and inner[0] not in TEXT_SUFFIXES):
        return None
    return None if is_compressed and inner[0] in NOT_COMPRESSED else inner[0]


def _stem(path: Path) -> str:
    name = path.name
    while Path(name).suffix.lower() in (*READERS, *TEXT_SUFFIXES, *COMPRESSED):
        name = Path(name).stem
    return name


def _known_suffixes() -> str:
    return f"{', '.join((*READERS, *TEXT_SUFFIXES))}, text formats also with .gz or .zst"


def _missing(source: str | Path, path: Path) -> str:
    problem = f"{str(source)[:200]!r} does not exist; paths are relative to {Path.cwd()}."
    if "\n" in str(source) or len(str(source)) > 200:
        return f"{problem} To read texts themselves, pass a list of strings."
    parent = path.parent
    siblings = [file.name for file in parent.iterdir()] if parent.is_dir() and os.access(parent, os.R_OK) else []
    close = get_close_matches(path.name, siblings, n=1)
    return f"{problem} Did you mean {str(parent / close[0])!r}?" if close else problem
