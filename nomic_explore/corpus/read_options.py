"""How a source is read: the options of `read_corpus` that `explore`, `deduplicate` and `find_leakage` take as well."""

import codecs
import inspect
from collections.abc import Callable, Collection, Mapping
from difflib import get_close_matches
from typing import TypedDict

from nomic_explore.cells import KINDS
from nomic_explore.checks import check_choice, check_encoding
from nomic_explore.corpus.formats import ReadOptions
from nomic_explore.corpus.found_files import CSV_SUFFIXES, FORMATS, JSON_SUFFIXES, TEXT_SUFFIXES, FoundFiles, suffix_of

ON_BAD_ROWS = ("error", "skip")


class ReadingOptions(TypedDict, total=False):
    """How files are read; see `read_corpus`.

    Attributes:
        encoding: of CSV, JSON and text files.
        sep: what separates the fields of CSV files.
        dtype: the kind of columns, by name.
        on_bad_rows: what happens to rows of CSV files that cannot be read: "error" or "skip".
        format: as which a file is read, whatever its name ends in.
    """

    encoding: str | None
    sep: str | None
    dtype: Mapping[str, str] | None
    on_bad_rows: str
    format: str | None


def make_options(limit: int | None, id: str | None, reading: ReadingOptions) -> ReadOptions:
    """Returns checked options of readers.

    Args:
        limit: rows at most.
        id: the column that names a document, which stays as written.
        reading: as they were given.

    Raises:
        ValueError: one of them has no meaning.
        TypeError: `dtype` is no mapping.

    Example:
        >>> make_options(None, "key", {"sep": ";", "on_bad_rows": "skip"}).sep
        ';'
    """
    encoding, format = reading.get("encoding"), reading.get("format")
    if encoding is not None and codecs.lookup(check_encoding(encoding)).name in ("utf-8", "utf-8-sig"):
        encoding = None
    if format is not None:
        format = check_choice(str(format).lower().removeprefix("."), "format", FORMATS)
    dtype = reading.get("dtype") or {}
    if not isinstance(dtype, Mapping):
        raise TypeError(f"dtype={dtype!r}; expected the kind of columns by name, such as {{'price': 'number'}}.")
    for column, kind in dtype.items():
        check_choice(kind, f"dtype[{column!r}]", KINDS)
    return ReadOptions(
        limit,
        frozenset() if id is None else frozenset({id}),
        encoding,
        _check_sep(reading.get("sep")),
        dtype,
        check_choice(reading.get("on_bad_rows", "error"), "on_bad_rows", ON_BAD_ROWS) == "skip",
        format,
    )


def _check_sep(sep: str | None) -> str | None:
    if sep is None:
        return None
    given = {"tab": "\t", "\\t": "\t"}.get(sep, sep)
    if not isinstance(given, str) or len(given) != 1 or not given.isascii() or given in '"\r\n\\':
        raise ValueError(f"sep={sep!r}; expected one character such as ';', '|' or 'tab'.")
    return given


def refuse_unused(options: ReadOptions, reading: ReadingOptions, found: FoundFiles | None, label: str) -> None:
    """Raises ValueError if an option was given that has no effect on a source.

    Args:
        options: as they are used.
        reading: as they were given.
        found: the files; None if the source is no file.
        label: what messages call the source.
    """
    suffixes = (
        set() if found is None else {suffix_of(file, options.format) for file in (*found.files, *found.documents)}
    )
    has_csv, has_text = suffixes & {*CSV_SUFFIXES}, suffixes & {*CSV_SUFFIXES, *JSON_SUFFIXES, *TEXT_SUFFIXES}
    if reading.get("sep") is not None and not has_csv:
        raise ValueError(f"{label} holds no CSV file, so that sep= has no effect; leave it out.")
    if options.skip_bad_rows and not has_csv:
        raise ValueError(f"{label} holds no CSV file, so that on_bad_rows= has no effect; leave it out.")
    if reading.get("encoding") is not None and not has_text:
        raise ValueError(f"{label} holds no text format, so that encoding= has no effect; leave it out.")
    if options.format is not None and found is None:
        raise ValueError(f"{label} is no file, so that format= has no effect; leave it out.")


def check_reading(reading: Collection[str], function: Callable[..., object]) -> None:
    """Raises TypeError for names that are no options of reading, in the words of the function they were given to."""
    known = ReadingOptions.__annotations__
    for name in reading:
        if name not in known:
            parameters = [parameter for parameter in inspect.signature(function).parameters if parameter != "reading"]
            close = get_close_matches(name, [*parameters, *known], n=1)
            hint = f" Did you mean {close[0]!r}?" if close else ""
            raise TypeError(f"{function.__name__}() got an unexpected keyword argument {name!r}.{hint}")
