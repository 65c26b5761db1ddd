"""Argument checks, and the wording of every argument error.

Each check says what was expected, what came, and what to do. They return the argument in the shape the stages use.
"""

import codecs
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from os import PathLike
from typing import TYPE_CHECKING, Any, TypeAlias, Union

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

# What an argument called `rows` takes: row numbers or ids, or one of them, a mask with one value per row, rows of
# `to_pandas()` or their index, or hits of a search. `check_rows` reads it.
Rows: TypeAlias = Union[
    int, str, Sequence[int | str], AbstractSet[int | str], np.ndarray, "pd.Series", "pd.Index", "pd.DataFrame"
]

MAX_NAME = 80  # characters; what a legend can show
_ROWS_ARE = "expected row numbers, ids, a mask with one value per row, or rows of to_pandas()"
# A Path has lost the second slash; one letter before the colon is a drive.
_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/")


def check_texts(texts: Sequence[str], name: str = "texts") -> list[str]:
    """Returns the texts as a list of strings.

    Raises:
        TypeError: a single string came, or an element is not a string; the message holds its row number.

    Example:
        >>> check_texts(("a cat", "a dog"))
        ['a cat', 'a dog']
    """
    if isinstance(texts, str):
        raise TypeError(f"{name} is one string; expected a list of strings. Wrap it: [{name}].")
    listed = list(texts)
    for row, text in enumerate(listed):
        if not isinstance(text, str):
            raise TypeError(
                f"{name}[{row}] is {text!r:.60}; expected a string. "
                "read_corpus() sets empty rows aside and turns other types into text."
            )
    return listed


def check_stop_words(stop_words: Iterable[str] | None, name: str = "stop_words") -> list[str]:
    """Returns stop words as a list: each once, in lower case, sorted; an empty one for None.

    Raises:
        TypeError: they are a single string, or one is not a string.

    Example:
        >>> check_stop_words(["Film", "movie", "film "])
        ['film', 'movie']
    """
    if isinstance(stop_words, str):
        raise TypeError(
            f"{name} is the string {stop_words!r:.60}; expected a list of words, such as [{stop_words!r:.60}]. "
            "The common words of English and 56 other languages are left out already."
        )
    listed = [] if stop_words is None else list(stop_words)
    for place, word in enumerate(listed):
        if not isinstance(word, str):
            raise TypeError(f"{name}[{place}] is {word!r:.60}; expected a word as a string.")
    return sorted({word.strip().lower() for word in listed} - {""})


def check_positive(value: int, name: str, *, at_least: int = 1) -> int:
    """Returns the value if it is a whole number of at least `at_least`.

    Raises:
        ValueError: it is not.

    Example:
        >>> check_positive(30, "n_neighbors")
        30
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < at_least:
        raise ValueError(f"{name}={value!r}; expected a whole number of at least {at_least}.")
    return int(value)


def check_fraction(value: float, name: str) -> float:
    """Returns the value if it lies between 0 and 1.

    Raises:
        ValueError: it does not.

    Example:
        >>> check_fraction(0.9, "min_similarity")
        0.9
    """
    if isinstance(value, bool) or not isinstance(value, int | float | np.floating) or not 0.0 <= value <= 1.0:
        raise ValueError(f"{name}={value!r}; expected a number from 0 to 1.")
    return float(value)


def check_choice(value: object, name: str, choices: Sequence[str]) -> str:
    """Returns the value if it is one of the choices.

    Raises:
        ValueError: it is not; the message lists them.

    Example:
        >>> check_choice("longest", "keep", ("longest", "first"))
        'longest'
    """
    if value not in choices:
        raise ValueError(f"{name}={value!r}; expected one of {', '.join(map(repr, choices))}.")
    return str(value)


def check_columns(columns: str | Sequence[str] | None, name: str, known: Sequence[str]) -> list[str]:
    """Returns names of columns as a list; a single string is one name, None is none.

    Raises:
        ValueError: there is no such column; the message lists those that there are.

    Example:
        >>> check_columns("title", "hover", ["title", "body"])
        ['title']
    """
    listed = [columns] if isinstance(columns, str) else list(columns or ())
    for column in listed:
        if column not in known:
            raise ValueError(f"{name}={column!r}: there is no such column; there are {', '.join(known)}.")
    return listed


def check_local(path: str | PathLike[str]) -> None:
    """Raises ValueError if a path is an address, such as that of a bucket.

    Example:
        >>> check_local("s3://bucket/reviews")
        Traceback (most recent call last):
        ...
        ValueError: s3://bucket/reviews is an address; expected a path on this machine. Write there, then copy it.
    """
    if found := _ADDRESS.match(str(path)):
        address = f"{found[1]}://{str(path)[found.end() :].lstrip('/')}"
        raise ValueError(f"{address:.200} is an address; expected a path on this machine. Write there, then copy it.")


def check_encoding(encoding: str) -> str:
    """Returns the name of a text encoding that Python knows.

    Raises:
        ValueError: there is no such encoding.

    Example:
        >>> check_encoding("latin-1")
        'latin-1'
    """
    try:
        codecs.lookup(encoding)
    except (LookupError, TypeError):
        raise ValueError(f"encoding={encoding!r}; expected one such as 'utf-8', 'utf-16' or 'cp1252'.") from None
    return encoding


def check_same_rows(n_rows: int, **others: int) -> None:
    """Raises ValueError unless every named count equals `n_rows`.

    Example:
        >>> check_same_rows(3, texts=3, graph=2)
        Traceback (most recent call last):
        ...
        ValueError: graph has 2 rows, vectors have 3; row i must be document i in both.
    """
    for name, count in others.items():
        if count != n_rows:
            raise ValueError(f"{name} has {count} rows, vectors have {n_rows}; row i must be document i in both.")


def check_rows(
    rows: Rows, n_rows: int, index: "pd.Index | None" = None, ids: Callable[[], Sequence[str]] | None = None
) -> np.ndarray:
    """Returns row numbers (m,) int64, each once, in the order given; those of a mask ascending.

    Args:
        rows: row numbers or ids, or one of them; a mask (n_rows,); rows of `to_pandas()`, or their index; hits of a search.
            Labels are looked up in the index, and a mask that is a Series is aligned with it; in a list, an array or a
            Series whole numbers are row numbers, and strings are ids, or labels if no row has such an id.
        n_rows: rows of the corpus.
        index: (n_rows,) the labels of the rows; None: they count from 0.
        ids: returns the id of each row; None: there are none.

    Raises:
        TypeError: they are neither whole numbers, nor strings, nor booleans.
        IndexError: a number lies outside the corpus, no row has such a label or id, or a mask has another length.
        ValueError: a label or an id names several rows.

    Example:
        >>> check_rows([3, 1, 3], 5).tolist(), check_rows([True, False, True], 3).tolist()
        ([3, 1], [0, 2])
    """
    if index is not None and (labels := _labels_in(rows)) is not None:
        return _find_labels(labels, index)
    numbers = np.atleast_1d(_as_array(rows))
    if ids is not None and numbers.size and all(isinstance(value, str) for value in numbers.ravel()):
        return _find_ids(numbers.ravel().tolist(), ids(), index)
    if numbers.dtype == object and all(isinstance(value, bool | np.bool_) for value in numbers.ravel()):
        numbers = numbers.astype(bool)
    if numbers.dtype == bool and numbers.size:
        if numbers.shape != (n_rows,):
            raise IndexError(f"the mask has shape {numbers.shape}; expected ({n_rows},): one value per row.")
        return np.flatnonzero(_in_row_order(numbers, rows, index))
    if not numbers.size:
        return np.zeros(0, dtype=np.int64)
    if numbers.ndim != 1 or not np.issubdtype(numbers.dtype, np.integer):
        first_value = numbers.ravel()[:1].tolist()[0]
        raise TypeError(f"rows hold {first_value!r:.60} ({numbers.dtype} of shape {numbers.shape}); {_ROWS_ARE}.")
    outside = numbers[(numbers < 0) | (numbers >= n_rows)]
    if len(outside):
        raise IndexError(f"row {int(outside[0])} is outside the corpus; expected 0 to {n_rows - 1}.")
    _, first = np.unique(numbers, return_index=True)
    return numbers[np.sort(first)].astype(np.int64)


def check_name(name: object, what: str, *, can_be_empty: bool = False) -> str:
    """Returns a name without surrounding white space.

    Args:
        name: what should be a name.
        what: what it names, for the message.
        can_be_empty: accept an empty one.

    Raises:
        ValueError: it is no string, is empty or longer than 80 characters, or holds a line break or control character.

    Example:
        >>> check_name(" spam ", "tag")
        'spam'
    """
    least = 0 if can_be_empty else 1
    stripped = name.strip() if isinstance(name, str) else ""
    if not isinstance(name, str) or not least <= len(stripped) <= MAX_NAME:
        raise ValueError(f"{name!r:.100} is not a valid name of a {what}; expected {least} to {MAX_NAME} characters.")
    if any(unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} for character in stripped):
        raise ValueError(f"{name!r} holds a line break or control character; a {what}'s name is one line of text.")
    return stripped


def check_color(color: object) -> str:
    """Returns a color such as "#e69f00" in lower case.

    Raises:
        ValueError: it is not of the form "#rrggbb".

    Example:
        >>> check_color("#E69F00")
        '#e69f00'
    """
    if not isinstance(color, str) or not re.fullmatch(r"#[0-9a-fA-F]{6}", color):
        raise ValueError(f"color={color!r:.60}; expected one like '#e69f00': #rrggbb in hexadecimal digits.")
    return color.lower()


def check_view(view: object) -> dict[str, Any]:
    """Returns a view as it will be read back from JSON.

    Raises:
        ValueError: it is no dict, or JSON cannot hold it.

    Example:
        >>> check_view({"zoom": 2, "center": (0.5, 0.5)})
        {'zoom': 2, 'center': [0.5, 0.5]}
    """
    try:
        copied = json.loads(json.dumps(view, allow_nan=False))
        json.dumps(copied, ensure_ascii=False).encode()
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"the view cannot be saved as JSON ({error}); use strings, numbers, lists and dicts."
        ) from None
    if not isinstance(copied, dict):
        raise ValueError(f"the view is {view!r:.60}; expected a dict.")
    return copied


def check_known(name: object, what: str, known: Iterable[str]) -> str:
    """Returns a name, without surrounding white space, if it is among the known ones.

    Raises:
        ValueError: it is not; the message lists those that are.

    Example:
        >>> check_known("spam", "tag", ["ham"])
        Traceback (most recent call last):
        ...
        ValueError: There is no tag 'spam'; there are: 'ham'.
    """
    known = list(known)
    stripped = name.strip() if isinstance(name, str) else name
    if stripped not in known:
        there_are = f"there are: {', '.join(map(repr, known))}" if known else "there is none yet"
        raise ValueError(f"There is no {what} {stripped!r:.100}; {there_are}.")
    return stripped


def _labels_in(rows: object) -> "pd.Index | None":
    """Returns the labels that say which rows are meant; None if numbers or a mask say it."""
    if hasattr(rows, "columns") and hasattr(rows, "index"):
        return None if _are_hits(rows) else rows.index
    is_mask = str(getattr(rows, "dtype", "")) in {"bool", "boolean"}
    return rows if hasattr(rows, "get_indexer") and not is_mask else None


def _find_labels(labels: "pd.Index", index: "pd.Index") -> np.ndarray:
    """Returns the row numbers (m,) of labels, each once, in the order given."""
    if labels.equals(index):
        return np.arange(len(index))
    labels = labels.unique()
    is_repeated = index.duplicated(keep=False)
    with_own_label = np.flatnonzero(~is_repeated)
    places = index[with_own_label].get_indexer(labels) if len(labels) else np.zeros(0, dtype=np.int64)
    if (places < 0).any():
        label = labels[int(np.flatnonzero(places < 0)[0])]
        if label in index:
            raise ValueError(
                f"the label {label!r:.60} names several rows, so that it cannot tell which is meant; "
                "pass row numbers, or a mask with one value per row."
            )
        raise IndexError(
            f"there is no row with the label {label!r:.60}; expected labels of to_pandas().index. "
            "Row numbers come as a list or an array."
        )
    return with_own_label[places]


def _find_ids(wanted: Sequence[str], ids: Sequence[str], index: "pd.Index | None") -> np.ndarray:
    """Returns the row numbers (m,) of ids, or, where all of them are labels and not all are ids, of labels."""
    rows_of: dict[str, list[int]] = {name: [] for name in wanted}
    for row, name in enumerate(ids):
        if name in rows_of:
            rows_of[name].append(row)
    if index is not None and not all(rows_of.values()) and index.isin(wanted).sum() >= len(rows_of):
        return _find_labels(type(index)(wanted), index)
    for name, rows in rows_of.items():
        if not rows:
            raise IndexError(f"no row has the id {name!r:.60}; expected ids such as {ids[0]!r:.60}, or row numbers.")
        if len(rows) > 1:
            raise ValueError(f"the id {name!r:.60} names several rows, {rows[0]} and {rows[1]}; pass row numbers.")
    return np.array([rows[0] for rows in rows_of.values()], dtype=np.int64)


def _are_hits(frame: "pd.DataFrame") -> bool:
    columns = set(frame.columns)
    return {"row", "id", "similarity"} <= columns and "duplicate_role" not in columns


def _as_array(rows: Rows) -> np.ndarray:
    if hasattr(rows, "columns") and hasattr(rows, "index"):
        rows = rows["row"] if _are_hits(rows) else rows.index  # type: ignore[index,call-overload]
    if isinstance(rows, set | frozenset | range):
        rows = sorted(rows)
    is_mixed = isinstance(rows, list | tuple) and len({isinstance(value, str) for value in rows}) > 1
    array = np.asarray(rows, dtype=object if is_mixed else None)
    if array.dtype == object and array.ndim == 1 and all(map(_is_whole, array)):
        return array.astype(np.int64)  # a pandas column that could hold missing numbers and holds none
    return array


def _is_whole(value: object) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def _in_row_order(mask: np.ndarray, rows: Rows, index: "pd.Index | None") -> np.ndarray:
    """Returns a mask in the order of the rows, also if it is a column of a sorted data frame.

    Raises:
        ValueError: the labels of a Series are not those of the rows, or repeat in another order.
    """
    if not hasattr(rows, "iloc"):
        return mask
    labels: pd.Index = rows.index  # type: ignore[union-attr,assignment]
    if index is None:
        numbers = np.asarray(labels)
        is_order = np.issubdtype(numbers.dtype, np.integer) and np.array_equal(np.sort(numbers), np.arange(len(mask)))
        return mask[np.argsort(numbers)] if is_order else mask
    if labels.equals(index):
        return mask
    if index.is_unique and labels.is_unique and (places := index.get_indexer(labels)).min() >= 0:
        return mask[np.argsort(places)]
    if np.array_equal(np.asarray(labels), np.arange(len(mask))):  # a Series made from a plain mask
        return mask
    raise ValueError(
        "the labels of the mask cannot be aligned with those of the rows: they repeat or are others. "
        "Pass its values, mask.to_numpy(), if they are in the order of the rows."
    )
